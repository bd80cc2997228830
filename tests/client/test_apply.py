"""Plans that are applied later: exactly what was planned, or nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from anyio import create_task_group
from run_partners import Log, WatchedTransport, landscape

from aiodockmap import (
    ContainerMap,
    MapClient,
    OptionError,
    PlanOutdated,
    RunFinished,
    RunStarted,
)
from aiodockmap.testing import EmbeddedEngine

pytestmark = pytest.mark.virtual_time

IMAGE = "site-example:latest"
SITE = ContainerMap.from_dict(
    "m",
    {
        "containers": {
            "db": {"image": IMAGE, "attaches": ["data"]},
            "web": {"image": IMAGE, "links": ["db"], "networks": ["front"]},
        },
        "volumes": {"data": "/data"},
        "networks": {"front": {}},
    },
)


@pytest.fixture
def engine() -> EmbeddedEngine:
    return EmbeddedEngine()


@pytest.fixture
def way(engine: EmbeddedEngine) -> WatchedTransport:
    return WatchedTransport(engine.transport())


async def test_an_empty_plan_is_applied_without_a_call(way: WatchedTransport) -> None:
    log = Log()
    async with MapClient(SITE, default_client=way, on_event=log) as client:
        await client.startup("web")
        plan = await client.plan("startup", "web")
        assert plan.is_empty
        way.calls.clear()
        log.events.clear()

        report = await client.apply(plan)

        assert way.calls == []
        assert report.ok
        assert report.changed == ()
        assert [type(event) for event in log.events] == [RunStarted, RunFinished]


async def test_an_empty_plan_needs_no_engine() -> None:
    engine = EmbeddedEngine()
    async with MapClient(SITE, default_client=engine.transport()) as client:
        plan = await client.plan("stop", "web")
    elsewhere = WatchedTransport(EmbeddedEngine().transport())

    async with MapClient(SITE, default_client=elsewhere) as client:
        await client.apply(plan)

    assert elsewhere.calls == []


async def test_a_plan_that_was_kept_is_carried_out_as_it_was(
    engine: EmbeddedEngine, way: WatchedTransport
) -> None:
    async with MapClient(SITE, default_client=way) as client:
        plan = await client.plan("startup", "web")
        assert way.changes == []

        report = await client.apply(plan)

        assert report.plan == plan
        assert report.ok
        assert engine.container_names() == ["m.db", "m.web"]


async def test_a_plan_may_be_applied_by_another_client(engine: EmbeddedEngine) -> None:
    async with MapClient(SITE, default_client=engine.transport()) as planner:
        plan = await planner.plan("startup", "web")

    async with MapClient(SITE, default_client=engine.transport()) as other:
        report = await other.apply(plan)

    assert report.ok


async def remove_db(client: MapClient) -> None:
    await client.remove("db", force=True)


async def re_create_db(client: MapClient) -> None:
    await client.remove("db", force=True)
    await client.startup("db")


async def create_web(client: MapClient) -> None:
    await client.create("web")


@pytest.mark.parametrize(
    ("before", "action", "meanwhile", "complaint"),
    [
        pytest.param("db", "stop", remove_db, "container m.db: is gone", id="gone"),
        pytest.param(
            "db",
            "shutdown",
            re_create_db,
            "container m.db: was replaced by another of the same name",
            id="re_created",
        ),
        pytest.param("db", "startup", create_web, "container m.web: exists by now", id="created"),
    ],
)
async def test_a_plan_whose_world_moved_on_is_refused_and_changes_nothing(
    engine: EmbeddedEngine,
    way: WatchedTransport,
    before: str,
    action: str,
    meanwhile: Callable[[MapClient], Awaitable[None]],
    complaint: str,
) -> None:
    async with (
        MapClient(SITE, default_client=way) as client,
        MapClient(SITE, default_client=engine.transport()) as other,
    ):
        await client.startup(before)
        plan = await client.plan(action, "__all__")
        assert not plan.is_empty
        await meanwhile(other)
        world = landscape(engine)
        way.calls.clear()

        with pytest.raises(PlanOutdated, match=complaint):
            await client.apply(plan)

        assert way.changes == []
        assert landscape(engine) == world


async def test_all_that_moved_is_named(engine: EmbeddedEngine) -> None:
    async with MapClient(SITE, default_client=engine.transport()) as client:
        plan = await client.plan("startup", "web")
        await client.startup("web")

        with pytest.raises(PlanOutdated) as raised:
            await client.apply(plan)

    for name in ("container m.db", "container m.web", "network m.front", "volume m.data"):
        assert f"{name}: exists by now" in str(raised.value)


async def test_a_plan_is_not_applied_twice(way: WatchedTransport) -> None:
    async with MapClient(SITE, default_client=way) as client:
        plan = await client.plan("startup", "web")
        await client.apply(plan)
        way.calls.clear()

        with pytest.raises(PlanOutdated):
            await client.apply(plan)

        assert way.changes == []


async def test_what_the_plan_does_not_change_may_change(engine: EmbeddedEngine) -> None:
    """A stranger's container and network are none of a plan's business."""
    stranger = ContainerMap.from_dict("s", {"containers": {"x": {"image": IMAGE}}})
    async with MapClient([SITE, stranger], default_client=engine.transport()) as client:
        await client.startup("db", map_name="m")
        plan = await client.plan("startup", "web", map_name="m")
        await client.startup("x", map_name="s")

        report = await client.apply(plan)

    assert report.ok


async def test_a_plan_takes_no_options_of_planning(engine: EmbeddedEngine) -> None:
    async with MapClient(SITE, default_client=engine.transport()) as client:
        plan = await client.plan("startup", "web")

        with pytest.raises(OptionError, match="remove_attached"):
            await client.apply(plan, remove_attached=True)

    assert engine.container_names() == []


async def test_looking_takes_a_call_for_each_list_and_one_for_each_container(
    way: WatchedTransport,
) -> None:
    """Four lists, two calls to get acquainted, and nothing is changed (API-8)."""
    async with MapClient(SITE, default_client=way) as client, create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(client.plan, "startup", "web")

    acquaintance = [str(call) for call in way.calls if call.path in {"_ping", "info"}]
    assert acquaintance == ["HEAD /_ping", "GET /info"]
    assert len(way.calls) == 2 + 3 * 4
    assert way.changes == []
