"""Connections that break, engines that refuse, and hosts that cannot: what becomes of the run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from anyio import sleep
from run_partners import (
    Cancel,
    Log,
    WatchedTransport,
    by_task,
    full_map,
    landscape,
    stray_tasks,
    words,
)

from aiodockmap import (
    ActionRunnerError,
    ClientConfiguration,
    ContainerMap,
    EngineUnreachable,
    Failed,
    Interrupted,
    MapClient,
    PreparationFailed,
    StepStarted,
)
from aiodockmap.engine import ApiRequest
from aiodockmap.testing import (
    Delay,
    DropAfter,
    DropBefore,
    EmbeddedEngine,
    Fault,
    Reject,
)

pytestmark = pytest.mark.virtual_time

IMAGE = "site-example:latest"
PULLED = "pulled:1"


@pytest.fixture
def engine() -> EmbeddedEngine:
    engine = EmbeddedEngine()
    engine.registry.publish(PULLED)
    return engine


async def expected_landscape() -> object:
    engine = EmbeddedEngine()
    engine.registry.publish(PULLED)
    async with MapClient(
        full_map("m", image=IMAGE, pulled=PULLED), default_client=engine.transport()
    ) as client:
        await client.startup("__all__")
    return landscape(engine)


CHANGES = (
    "POST /images/create",
    "POST /networks/create",
    "POST /volumes/create",
    "POST /containers/create",
    "POST /networks/*/connect",
    "POST /containers/*/start",
    "POST /containers/*/exec",
    "POST /exec/*/start",
    "DELETE /containers/*",
)


@pytest.mark.parametrize("call", CHANGES)
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Reject(500, "planned"), id="refused"),
        pytest.param(DropBefore(), id="lost_before"),
        pytest.param(DropAfter(), id="lost_after"),
    ],
)
@pytest.mark.parametrize("at", [1, 2])
async def test_one_call_that_fails_stops_what_depends_on_it_and_nothing_else(
    engine: EmbeddedEngine, call: str, fault: Fault, at: int
) -> None:
    """And the next run finishes the job, whether the engine had done the call or not."""
    site = full_map("m", image=IMAGE, pulled=PULLED)
    planned = engine.fail(call, fault, at=at)
    log = Log()

    async with MapClient(site, default_client=engine.transport(), on_event=log) as client:
        report = await client.startup("__all__", raise_on_error=False)
        log.check_shape()
        assert stray_tasks() == set()
        assert bool(planned.hits) == (planned.matched >= at)
        done = {step.id for step in report.plan.steps if step.id in report.outcomes}
        assert done | set(report.blocked) == {step.id for step in report.plan.steps}
        for step in report.failed:
            outcome = report.outcomes[step.id]
            assert isinstance(outcome, Failed)
            assert str(step.resource) in str(outcome.error)
        engine.heal()

        await client.startup("__all__")

        assert (await client.plan("startup", "__all__")).is_empty
    assert landscape(engine) == await expected_landscape()


OWNED = ContainerMap.from_dict(
    "m",
    {
        "containers": {
            "db": {"image": IMAGE, "attaches": ["data"], "user": "1000", "permissions": "u=rwX"},
            "web": {"image": IMAGE},
        },
        "volumes": {"data": "/data"},
    },
)


async def test_the_command_runner_of_the_client_prepares_a_volume(engine: EmbeddedEngine) -> None:
    """VOL-26."""
    ran = []

    async def run(commands: Sequence[Sequence[str]], mountpoint: str) -> object:
        ran.append((commands, mountpoint))
        return ["done"]

    where = ClientConfiguration(client=engine.transport(), command_runner=run)
    async with MapClient(OWNED, default_client=where) as client:
        report = await client.startup("db")

    volume = engine.volume("m.data")
    assert volume is not None
    folder = volume["Mountpoint"]
    commands = [
        ["chown", "-R", "--", "1000:1000", folder],
        ["chmod", "-R", "--", "u=rwX", folder],
    ]
    assert ran == [(commands, folder)]
    assert ["done"] in [record.result for record in report.results]


async def test_a_command_runner_that_fails_is_a_step_that_failed(engine: EmbeddedEngine) -> None:
    async def fail(_: Sequence[Sequence[str]], __: str) -> object:
        raise OSError("no such program")

    log = Log()
    where = ClientConfiguration(client=engine.transport(), command_runner=fail)
    async with MapClient(OWNED, default_client=where, on_event=log) as client:
        with pytest.raises(ActionRunnerError) as raised:
            await client.startup("__all__")

    [cause] = raised.value.exceptions
    assert isinstance(cause, PreparationFailed)
    assert "no such program" in str(cause)
    assert isinstance(cause.__cause__, OSError)
    assert (engine.container("m.web") or {})["State"]["Running"]
    log.check_shape()


@pytest.mark.parametrize("verb", ["create", "startup", "update"])
async def test_what_prepared_a_volume_and_could_not_be_removed_goes_with_the_next_run(
    engine: EmbeddedEngine, verb: str
) -> None:
    """VOL-23: the volume is prepared, and not prepared again."""
    engine.fail("DELETE /containers/*", DropBefore())
    async with MapClient(OWNED, default_client=engine.transport()) as client:
        await client.startup("db")
        left = engine.container_names()
        engine.heal()
        await getattr(client, verb)("db")
        again = await client.plan(verb, "db")

    assert "m.data.aiodockmap-prepare" in left
    assert engine.container_names() == [name for name in left if "prepare" not in name]
    assert again.is_empty, again.render()
    assert [call.call for call in engine.calls if call.name == "m.data.aiodockmap-prepare"].count(
        "POST /containers/create"
    ) == 1


async def test_a_volume_whose_files_are_nowhere_is_not_prepared_somewhere_else(
    engine: EmbeddedEngine,
) -> None:
    ran = []

    async def run(commands: Sequence[Sequence[str]], _: str) -> object:
        ran.append(commands)
        return None

    engine.fail("GET /volumes/*", Reject(404, "no such volume"))
    where = ClientConfiguration(client=engine.transport(), command_runner=run)
    async with MapClient(OWNED, default_client=where) as client:
        report = await client.startup("db", raise_on_error=False)

    assert [words(step).partition(" ")[0] for step in report.failed] == ["prepare"]
    assert ran == []


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        pytest.param(None, "succeeded", id="done"),
        pytest.param(Reject(500, "planned"), "failed", id="refused"),
    ],
)
async def test_the_outcome_of_a_change_under_way_is_waited_for(
    engine: EmbeddedEngine, fault: Fault | None, expected: str
) -> None:
    """A short change is not given up with the run; a report says how it ended."""
    log = Log()
    if fault is not None:
        engine.fail("POST /containers/create", fault)
    way = WatchedTransport(engine.transport())

    async def travel(_: ApiRequest) -> None:
        await sleep(1)

    async with MapClient(OWNED, default_client=way, on_event=log) as client:
        way.before = travel

        def arm(cancel: Cancel) -> None:
            def watch(event: object) -> None:
                if isinstance(event, StepStarted):
                    asyncio.get_running_loop().call_soon(cancel)

            log.on_event = watch

        assert await by_task(lambda: client.startup("web"), arm)

    report = log.report
    assert [report.outcome_name(step) for step in report.plan.steps] == [expected, "not run"]


async def test_a_change_that_hangs_is_waited_for_no_longer_than_it_was_agreed(
    engine: EmbeddedEngine,
) -> None:
    log = Log()
    engine.fail("POST /containers/create", Delay(50), name="m.web")
    loop = asyncio.get_running_loop()

    async with MapClient(OWNED, default_client=engine.transport(), on_event=log) as client:
        began = loop.time()

        def arm(cancel: Cancel) -> None:
            loop.call_later(1, cancel)

        assert await by_task(lambda: client.startup("web"), arm)
        assert loop.time() - began < 12

        assert [type(outcome) for outcome in log.report.outcomes.values()] == [Interrupted]
        assert stray_tasks() == set()


async def test_an_engine_that_goes_away_during_a_run_is_told_once_for_each_step(
    engine: EmbeddedEngine,
) -> None:
    many = ContainerMap.from_dict(
        "m", {"containers": {f"c{number}": {"image": IMAGE} for number in range(5)}}
    )
    engine.fail("POST /containers/*/start", DropBefore())
    log = Log()

    async with MapClient(many, default_client=engine.transport(), on_event=log) as client:
        with pytest.raises(ActionRunnerError) as raised:
            await client.startup("__all__")

    assert len(raised.value.exceptions) == 5
    assert all(isinstance(cause, EngineUnreachable) for cause in raised.value.exceptions)
    log.check_shape()


async def test_the_engine_may_go_away_before_the_last_look(engine: EmbeddedEngine) -> None:
    """The report is not lost by it."""
    log = Log()
    lonely = ContainerMap.from_dict("m", {"containers": {"web": {"image": IMAGE}}})
    async with MapClient(lonely, default_client=engine.transport(), on_event=log) as client:
        engine.fail("GET /containers/json", DropBefore(), at=2)

        report = await client.startup("web")

    assert report.ok
    log.check_shape()
