"""Several runs at once, and others who change the engine meanwhile: one landscape, and no guessing."""

from __future__ import annotations

from typing import Any

import pytest
from anyio import sleep
from attrs import evolve
from raw_engine import RawEngine
from run_partners import (
    LATENCY,
    WatchedTransport,
    at_once,
    full_map,
    helpers,
    landscape,
    travel,
    words,
)

from aiodockmap import (
    ActionRunnerError,
    ClientConfiguration,
    ContainerMap,
    MapClient,
    Patience,
    ResourceConflict,
    ResourceNotFound,
    RunReport,
    Succeeded,
)
from aiodockmap.engine import ApiRequest
from aiodockmap.testing import EmbeddedEngine, Reject

pytestmark = pytest.mark.virtual_time

IMAGE = "site-example:latest"
PULLED = "pulled:1"


@pytest.fixture
def engine() -> EmbeddedEngine:
    engine = EmbeddedEngine()
    engine.registry.publish(PULLED, seconds=0.01)
    return engine


def way_to(engine: EmbeddedEngine) -> WatchedTransport:
    """A way that takes time, so that runs meet each other everywhere."""
    return WatchedTransport(engine.transport(), before=travel, after=travel)


def site(name: str = "m") -> ContainerMap:
    return full_map(name, image=IMAGE, pulled=PULLED)


async def landscape_of_one_run() -> object:
    engine = EmbeddedEngine()
    engine.registry.publish(PULLED)
    async with MapClient(site(), default_client=engine.transport()) as client:
        await client.startup("__all__")
    return landscape(engine)


@pytest.mark.parametrize("runs", [2, 5])
async def test_runs_of_one_client_on_one_map_make_one_landscape(
    engine: EmbeddedEngine, runs: int
) -> None:
    expected = await landscape_of_one_run()

    async with MapClient(site(), default_client=way_to(engine)) as client:
        reports = await at_once(*[lambda: client.startup("__all__")] * runs)
        plan = await client.plan("startup", "__all__")

    assert all(report.ok for report in reports)
    assert plan.is_empty
    assert landscape(engine) == expected
    assert helpers(engine) == []


@pytest.mark.parametrize("lag", [0, 1, 3, 10, 30, 100])
async def test_two_clients_that_start_one_map_make_one_landscape(
    engine: EmbeddedEngine, lag: int
) -> None:
    """Whichever is ahead, by however much: as two processes would."""
    expected = await landscape_of_one_run()

    async with (
        MapClient(site(), default_client=way_to(engine)) as first,
        MapClient(site(), default_client=way_to(engine)) as second,
    ):

        async def later() -> RunReport:
            await sleep(lag * LATENCY)
            return await second.startup("__all__")

        reports = await at_once(lambda: first.startup("__all__"), later)
        plan = await first.plan("startup", "__all__")

    assert all(report.ok for report in reports)
    assert plan.is_empty
    assert landscape(engine) == expected


async def test_a_network_that_somebody_was_quicker_to_connect_is_accepted(
    engine: EmbeddedEngine,
) -> None:
    """Engines refuse it for containers that run, and only then."""
    way = way_to(engine)
    async with MapClient(changing("same"), default_client=engine.transport()) as other:

        async def be_first(request: ApiRequest) -> None:
            if request.path.endswith("/connect"):
                await other.startup("__all__")

        way.before = be_first
        async with MapClient(changing("same"), default_client=way) as client:
            report = await client.startup("__all__")
            plan = await client.plan("update", "__all__")

    assert report.ok
    assert plan.is_empty, plan.render()


def changing(level: str) -> ContainerMap:
    return ContainerMap.from_dict(
        "m",
        {
            "containers": {
                "store": {"image": IMAGE, "stop_timeout": 0},
                "web": {
                    "image": IMAGE,
                    "links": ["store"],
                    "networks": ["front", "back"],
                    "create_options": {"environment": {"LEVEL": level}},
                    "exec_commands": [("/bin/touch /started", "root", "initial")],
                    "stop_timeout": 0,
                },
            },
            "networks": {"front": {}, "back": {}},
        },
    )


@pytest.mark.parametrize("lag", range(0, 80, 2))
async def test_two_clients_that_make_the_same_change_replace_once(
    engine: EmbeddedEngine, lag: int
) -> None:
    """Whichever is ahead, by however much; whoever starts the new container runs its commands."""
    async with MapClient(changing("old"), default_client=engine.transport()) as client:
        await client.startup("__all__")
    execs = sum(call.call.endswith("/exec") for call in engine.calls)

    async with (
        MapClient(changing("new"), default_client=way_to(engine)) as first,
        MapClient(changing("new"), default_client=way_to(engine)) as second,
    ):

        async def later() -> RunReport:
            await sleep(lag * LATENCY)
            return await second.update("__all__")

        reports = await at_once(lambda: first.update("__all__"), later)
        plan = await first.plan("update", "__all__")

    assert all(report.ok for report in reports)
    assert plan.is_empty, plan.render()
    assert engine.container_names() == ["m.store", "m.web"]
    assert "LEVEL=new" in (engine.container("m.web") or {})["Config"]["Env"]
    assert sum(call.call.endswith("/exec") for call in engine.calls) == execs + 1


@pytest.mark.parametrize("is_equal", [True, False], ids=["equal", "stranger"])
async def test_what_somebody_else_has_put_in_the_place_of_a_replaced_container_is_kept(
    engine: EmbeddedEngine,
    *,
    is_equal: bool,
) -> None:
    """Between the stop of the old container, and the change of names."""
    async with MapClient(changing("old"), default_client=engine.transport()) as client:
        await client.startup("web")
    way, theirs = WatchedTransport(engine.transport()), engine.transport()
    winners = list[str]()

    async def win(request: ApiRequest) -> None:
        if winners or not request.path.endswith("/rename"):
            return
        [creation] = [call for call in way.calls if call.path == "containers/create"]
        name = "containers/m.web"
        await theirs.request(ApiRequest(method="DELETE", path=name, query={"force": "1"}))
        sent = creation.body if is_equal else {"Image": IMAGE}
        await theirs.request(evolve(creation, query={"name": "m.web"}, body=sent))
        winners.append((engine.container("m.web") or {})["Id"])

    way.before = win
    async with MapClient(changing("new"), default_client=way) as client:
        report = await client.update("web", raise_on_error=False)

    found = engine.container("m.web") or {}
    assert [found["Id"]] == winners
    assert found["State"]["Running"] is is_equal
    assert report.ok is is_equal
    if is_equal:
        assert engine.container_names() == ["m.store", "m.web"]


async def test_a_replacement_that_somebody_else_has_started_is_left_to_them(
    engine: EmbeddedEngine,
) -> None:
    """Even if nobody goes on with it for now."""
    async with MapClient(changing("old"), default_client=engine.transport()) as client:
        await client.startup("web")
    before = (engine.container("m.web") or {})["Id"]
    way, theirs = WatchedTransport(engine.transport()), engine.transport()
    started = list[str]()

    async def be_first(request: ApiRequest) -> None:
        if request.path == "containers/create" and not started:
            started.append(request.query["name"])
            await theirs.request(request)
            await theirs.request(ApiRequest(method="POST", path=f"containers/{started[0]}/start"))

    way.before = be_first
    patience = Patience(others=0)
    async with MapClient(changing("new"), default_client=way, patience=patience) as client:
        report = await client.update("web", raise_on_error=False)

    assert [type(error) for error in report.errors] == [ResourceConflict]
    assert engine.container_names() == sorted(["m.store", "m.web", *started])
    found = engine.container("m.web") or {}
    assert (found["Id"], found["State"]["Running"]) == (before, True)


async def test_two_scripts_of_one_name_do_not_share_a_container(engine: EmbeddedEngine) -> None:
    """Whoever comes second neither gets the output of the first, nor removes its container."""
    job = ContainerMap("m", {"job": {"image": IMAGE}})
    way, theirs = WatchedTransport(engine.transport()), engine.transport()

    async def be_first(request: ApiRequest) -> None:
        if request.path == "containers/create":
            await theirs.request(request)

    way.before = be_first
    async with MapClient(job, default_client=way) as client:
        with pytest.raises(ActionRunnerError) as failure:
            await client.run_script("job", command_format="/bin/true")

    assert [type(error) for error in failure.value.exceptions] == [ResourceConflict]
    assert len(engine.container_names()) == 1


async def test_an_old_container_that_keeps_its_name_is_nobody_elses(
    engine: EmbeddedEngine,
) -> None:
    """By force, both are made from the same description."""
    async with MapClient(changing("old"), default_client=engine.transport()) as client:
        await client.startup("web")
        old = (engine.container("m.web") or {})["Id"]
        engine.fail("POST /containers/*/rename", Reject(500, "it sticks"), at=1)

        report = await client.update("web", force_update="web", raise_on_error=False)

    assert [str(error.message) for error in report.errors] == ["it sticks"]
    assert engine.container_names() == ["m.store", "m.web"]
    found = engine.container("m.web") or {}
    assert (found["Id"], found["State"]["Running"]) == (old, True)


async def test_two_clients_that_take_one_map_down_take_it_down(engine: EmbeddedEngine) -> None:
    async with (
        MapClient(site(), default_client=way_to(engine)) as first,
        MapClient(site(), default_client=way_to(engine)) as second,
    ):
        await first.startup("__all__")

        reports = await at_once(
            lambda: first.shutdown("__all__", remove_attached=True),
            lambda: second.shutdown("__all__", remove_attached=True),
        )

    assert all(report.ok for report in reports)
    assert engine.container_names() == []
    assert engine.volume_names() == []


async def test_runs_of_one_client_on_different_maps_go_side_by_side(
    engine: EmbeddedEngine,
) -> None:
    async with MapClient([site("one"), site("two")], default_client=way_to(engine)) as client:
        alone = await client.startup("__all__", map_name="one")
        await client.shutdown("__all__", map_name="one", remove_attached=True)

        reports = await at_once(
            lambda: client.startup("__all__", map_name="one"),
            lambda: client.startup("__all__", map_name="two"),
        )

    assert all(report.ok for report in reports)
    assert all(report.seconds < 1.5 * alone.seconds for report in reports)
    assert len(engine.container_names()) == 6


async def test_steps_of_two_runs_on_one_resource_take_turns(engine: EmbeddedEngine) -> None:
    way = way_to(engine)
    most = 0

    async def count(_: ApiRequest) -> None:
        nonlocal most
        changes = (number for call, number in way.open.items() if call.startswith("POST"))
        most = max(most, sum(changes))
        await sleep(LATENCY)

    way.before = count
    lonely = ContainerMap.from_dict("m", {"containers": {"web": {"image": IMAGE}}})

    async with MapClient(lonely, default_client=way) as client:
        await at_once(*[lambda: client.startup("web")] * 3)

    assert most == 1


async def test_a_container_that_vanished_before_its_start_is_reported(
    engine: EmbeddedEngine,
) -> None:
    lonely = ContainerMap.from_dict("m", {"containers": {"web": {"image": IMAGE}}})
    async with MapClient(lonely, default_client=engine.transport()) as other:
        await other.create("web")
        way = way_to(engine)

        async def steal(request: ApiRequest) -> None:
            if request.path.endswith("/start"):
                await other.remove("web")

        way.before = steal
        async with MapClient(lonely, default_client=way) as client:
            with pytest.raises(ActionRunnerError) as raised:
                await client.startup("web")
            way.before = None

            [cause] = raised.value.exceptions
            assert isinstance(cause, ResourceNotFound)
            assert "m.web" in str(cause)
            assert (await client.startup("web")).ok


async def test_a_container_that_vanished_before_it_was_to_be_taken_down_is_as_wanted(
    engine: EmbeddedEngine,
) -> None:
    lonely = ContainerMap.from_dict("m", {"containers": {"web": {"image": IMAGE}}})
    async with MapClient(lonely, default_client=engine.transport()) as other:
        await other.startup("web")
        way = way_to(engine)

        async def steal(request: ApiRequest) -> None:
            if request.path.endswith("/stop"):
                await other.remove("web", force=True)

        way.before = steal
        async with MapClient(lonely, default_client=way) as client:
            report = await client.shutdown("web")

    assert report.ok


@pytest.mark.parametrize("action", ["stop", "remove"])
@pytest.mark.parametrize("has_to_exist", [False, True])
async def test_what_vanished_before_it_was_stopped_or_removed_is_an_error_on_request_only(
    engine: EmbeddedEngine, action: str, *, has_to_exist: bool
) -> None:
    """ERR-12, KW-13, REM-2, Q-21; what depends on it is not touched then."""
    landscape = ContainerMap("m", {"db": {"image": IMAGE}, "web": {"image": IMAGE, "links": "db"}})
    async with MapClient(landscape, default_client=engine.transport()) as other:
        await other.startup("web")
        if action == "remove":
            await other.stop("db")
        way = way_to(engine)

        async def steal(request: ApiRequest) -> None:
            if request.method in {"POST", "DELETE"}:
                await other.remove("web", force=True)

        way.before = steal
        async with MapClient(landscape, default_client=way) as client:
            options: dict[str, Any] = {"raise_not_found": True} if has_to_exist else {}
            plan = await client.plan(action, "db", **options)
            report = await client.call(action, "db", raise_on_error=False, **options)

    assert ("container m.web, which has to exist" in plan.render()) is has_to_exist
    assert report.ok is not has_to_exist
    assert ("m.db" in engine.container_names()) is (has_to_exist or action == "stop")
    if has_to_exist:
        [error] = report.errors
        assert isinstance(error, ResourceNotFound)
        assert error.resource is not None
        assert error.resource.name == "m.web"
        assert "somebody else removed it" in str(error)
        assert [str(step.resource) for step in report.not_run] == ["container m.db"]


async def test_a_container_that_has_ended_by_itself_is_stopped_even_if_it_has_to_exist(
    engine: EmbeddedEngine,
) -> None:
    """ERR-13: what is asked for, that it does not run, holds."""
    lonely = ContainerMap("m", {"web": {"image": IMAGE}})
    async with MapClient(lonely, default_client=engine.transport()) as other:
        await other.startup("web")
        way = way_to(engine)

        async def stop(request: ApiRequest) -> None:
            if request.path.endswith("/stop"):
                await other.stop("web")

        way.before = stop
        async with MapClient(lonely, default_client=way) as client:
            report = await client.stop("web", raise_not_found=True)

    assert report.ok
    assert [
        outcome.note for outcome in report.outcomes.values() if isinstance(outcome, Succeeded)
    ] == ["was not running any more"]


def stranger(image: str, name: str) -> dict[str, object]:
    return {"Image": image, "Labels": {"made.by": "somebody"}, "Cmd": [name]}


async def create_meanwhile(
    engine: EmbeddedEngine, lonely: ContainerMap, rival: ContainerMap
) -> RunReport:
    """Have a rival create the same name between our planning and our creation."""
    way = way_to(engine)
    async with MapClient(rival, default_client=engine.transport()) as other:

        async def be_first(request: ApiRequest) -> None:
            if request.path == "containers/create":
                await other.create("web")

        way.before = be_first
        async with MapClient(lonely, default_client=way) as client:
            return await client.startup("web", raise_on_error=False)


async def test_an_equal_container_that_somebody_was_quicker_to_create_is_accepted(
    engine: EmbeddedEngine,
) -> None:
    """CACHE-5."""
    lonely = ContainerMap.from_dict("m", {"containers": {"web": {"image": IMAGE}}})

    report = await create_meanwhile(engine, lonely, lonely)

    assert report.ok
    notes = {words(step): report.outcomes[step.id].note for step in report.plan.steps}  # type: ignore[union-attr]  # all succeeded
    assert "somebody else" in str(notes["create container m.web"])
    assert (engine.container("m.web") or {})["State"]["Running"]


async def test_another_container_of_the_same_name_is_reported_and_left_alone(
    engine: EmbeddedEngine,
) -> None:
    lonely = ContainerMap.from_dict("m", {"containers": {"web": {"image": IMAGE}}})
    rival = ContainerMap.from_dict(
        "m", {"containers": {"web": {"image": IMAGE, "create_options": {"user": "7"}}}}
    )

    report = await create_meanwhile(engine, lonely, rival)

    [failed] = report.failed
    outcome = report.outcomes[failed.id]
    assert words(failed) == "create container m.web"
    assert isinstance(outcome.error, ResourceConflict)  # type: ignore[union-attr]  # it failed
    assert "m.web" in str(outcome.error)  # type: ignore[union-attr]
    assert len(report.blocked) == 1
    left = engine.container("m.web") or {}
    assert left["Config"]["User"] == "7"
    assert not left["State"]["Running"]


@pytest.mark.engine
async def test_two_clients_start_one_map_on_a_real_engine(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    everything = full_map(prefix, image=test_image, pulled=None, grace=0)
    where = ClientConfiguration(base_url=docker_url)

    async with (
        MapClient(everything, default_client=where) as first,
        MapClient(everything, default_client=where) as second,
    ):
        reports = await at_once(lambda: first.startup("__all__"), lambda: second.startup("__all__"))
        plan = await first.plan("startup", "__all__")

    assert all(report.ok for report in reports)
    assert plan.is_empty
    names = [f"{prefix}.{name}" for name in ("store", "top", "web")]
    assert raw_engine.container_names(prefix) == names
    assert all((raw_engine.container(name) or {})["State"]["Running"] for name in names)
    assert raw_engine.network_names(prefix) == [f"{prefix}.back", f"{prefix}.front"]
