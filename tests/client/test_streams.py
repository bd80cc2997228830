"""Watching a run: events while it goes on, its report, its errors, and leaving early."""

from __future__ import annotations

import asyncio

import pytest
from anyio import fail_after, get_cancelled_exc_class, move_on_after, sleep
from run_partners import Log, WatchedTransport, stray_tasks, words

from aiodockmap import (
    ActionRunnerError,
    ContainerMap,
    EngineUnreachable,
    MapClient,
    OptionError,
    RunFinished,
    RunStarted,
    SelectionError,
    StepFinished,
    StepProgressed,
    StepStarted,
)
from aiodockmap.client._stream import PROGRESS_BACKLOG, RunStream
from aiodockmap.engine import ApiRequest, ConnectionBroken
from aiodockmap.testing import Delay, EmbeddedEngine, Reject

pytestmark = pytest.mark.virtual_time

IMAGE = "site-example:latest"
CHAIN = ContainerMap.from_dict(
    "m",
    {
        "containers": {
            "a": {"image": IMAGE},
            "b": {"image": IMAGE, "links": ["a"]},
            "c": {"image": IMAGE, "links": ["b"]},
        }
    },
)


@pytest.fixture
def engine() -> EmbeddedEngine:
    engine = EmbeddedEngine()
    engine.fail("POST /containers/*/start", Delay(1))
    return engine


async def test_events_arrive_while_the_run_goes_on(engine: EmbeddedEngine) -> None:
    started: dict[str, int] = {}

    async with (
        MapClient(CHAIN, default_client=engine.transport()) as client,
        client.stream("startup", "c") as run,
    ):
        assert run.report is None
        async for event in run:
            if isinstance(event, StepFinished) and "start" in str(event.step):
                names = engine.container_names()
                running = [
                    name for name in names if (engine.container(name) or {})["State"]["Running"]
                ]
                started[event.step.resource.name] = len(running)
        assert run.report is not None
        assert run.report.ok

    assert started == {"m.a": 1, "m.b": 2, "m.c": 3}


async def test_events_come_in_order_and_to_everybody(engine: EmbeddedEngine) -> None:
    log = Log()

    async with (
        MapClient(CHAIN, default_client=engine.transport(), on_event=log) as client,
        client.stream("startup", "c") as run,
    ):
        events = [event async for event in run]

    assert events == log.events
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunFinished)
    assert run.report is events[-1].report


async def test_an_empty_plan_has_a_beginning_and_an_end(engine: EmbeddedEngine) -> None:
    async with (
        MapClient(CHAIN, default_client=engine.transport()) as client,
        client.stream("stop", "c") as run,
    ):
        events = [type(event) async for event in run]

    assert events == [RunStarted, RunFinished]
    assert run.report is not None


async def test_leaving_early_cancels_the_run(engine: EmbeddedEngine) -> None:
    way = WatchedTransport(engine.transport())

    async with MapClient(CHAIN, default_client=way) as client:
        async with client.stream("startup", "c") as run:
            async for event in run:
                if isinstance(event, StepStarted) and "start container m.a" in str(event.step):
                    break

        assert way.is_idle
        assert stray_tasks() == set()
        assert run.report is not None
        assert {"start container m.b", "start container m.c"} <= {
            words(step) for step in run.report.not_run
        }
        assert not (engine.container("m.b") or {})["State"]["Running"]
        assert (await client.startup("c")).ok


async def test_leaving_without_looking_cancels_the_run(engine: EmbeddedEngine) -> None:
    async with MapClient(CHAIN, default_client=engine.transport()) as client:
        async with client.stream("startup", "c"):
            pass

        assert engine.container_names() == []


async def test_an_error_of_the_reader_leaves_as_it_is(engine: EmbeddedEngine) -> None:
    async with MapClient(CHAIN, default_client=engine.transport()) as client:
        with pytest.raises(KeyError, match="mine"):  # noqa: PT012  # it leaves the context
            async with client.stream("startup", "c") as run:
                async for _ in run:
                    raise KeyError("mine")

        assert run.report is not None
        assert not run.report.ok


async def test_errors_of_the_run_are_raised_on_leaving(engine: EmbeddedEngine) -> None:
    engine.fail("POST /containers/create", Reject(500, "no"), name="m.b")
    seen = []

    async with MapClient(CHAIN, default_client=engine.transport()) as client:
        with pytest.raises(ActionRunnerError) as raised:
            async with client.stream("startup", "c") as run:
                seen = [event async for event in run]

    assert isinstance(seen[-1], RunFinished)
    assert run.report is raised.value.report
    assert run.error is raised.value


async def test_errors_are_not_raised_if_that_was_asked_for(engine: EmbeddedEngine) -> None:
    engine.fail("POST /containers/create", Reject(500, "no"), name="m.b")

    async with (
        MapClient(CHAIN, default_client=engine.transport()) as client,
        client.stream("startup", "c", raise_on_error=False) as run,
    ):
        async for _ in run:
            pass

    assert run.report is not None
    assert not run.report.ok


async def test_the_readers_error_wins_over_that_of_the_run(engine: EmbeddedEngine) -> None:
    engine.fail("POST /containers/create", Reject(500, "no"), name="m.b")

    async with MapClient(CHAIN, default_client=engine.transport()) as client:
        with pytest.raises(KeyError, match="mine"):  # noqa: PT012  # it leaves the context
            async with client.stream("startup", "c") as run:
                async for event in run:
                    if isinstance(event, RunFinished):
                        raise KeyError("mine")


async def test_a_run_that_cannot_be_planned_says_so_on_leaving(engine: EmbeddedEngine) -> None:
    async with MapClient(CHAIN, default_client=engine.transport()) as client:
        with pytest.raises(SelectionError, match="nobody"):
            async with client.stream("startup", "nobody") as run:
                events = [event async for event in run]

        assert events == []
        assert run.report is None
        with pytest.raises(OptionError, match="startup"):
            client.stream("start_up", "a")


async def test_an_engine_that_is_not_there_is_an_error_of_its_own() -> None:
    way = WatchedTransport(EmbeddedEngine().transport())

    async def break_off(_: ApiRequest) -> None:
        raise ConnectionBroken("nobody there", connected=False)

    way.before = break_off
    async with MapClient(CHAIN, default_client=way) as client:
        with pytest.raises(EngineUnreachable):  # noqa: PT012  # it leaves the context
            async with client.stream("startup", "c") as run:
                async for _ in run:
                    pass


async def test_a_client_that_was_not_entered_is_a_mistake_that_is_named(
    engine: EmbeddedEngine,
) -> None:
    client = MapClient(CHAIN, default_client=engine.transport())

    with pytest.raises(RuntimeError, match="async with MapClient"):  # noqa: PT012  # it leaves the context
        async with client.stream("startup", "c") as run:
            async for _ in run:
                pass


async def test_a_slow_reader_gets_everything_and_slows_nothing_down(
    engine: EmbeddedEngine,
) -> None:
    log = Log()

    async with (
        MapClient(CHAIN, default_client=engine.transport(), on_event=log) as client,
        client.stream("startup", "c") as run,
    ):
        events = []
        async for event in run:
            events.append(event)
            await sleep(1000)

    assert events == log.events
    assert run.report is not None
    assert run.report.seconds < 10


async def test_a_slow_reader_gets_the_latest_lines_of_progress_only(
    engine: EmbeddedEngine,
) -> None:
    async with MapClient(CHAIN, default_client=engine.transport()) as client:
        plan = await client.plan("startup", "a")
    [step, *_] = plan.steps
    stream = RunStream()
    stream.put(StepStarted(step=step))
    for number in range(PROGRESS_BACKLOG + 10):
        stream.put(StepProgressed(step=step, text=str(number)))
    stream.put(RunStarted(plan=plan))
    stream.end()

    events = [event async for event in stream]

    assert isinstance(events[0], StepStarted)
    assert isinstance(events[-1], RunStarted)
    lines = [event.text for event in events if isinstance(event, StepProgressed)]
    assert lines == [str(number) for number in range(10, PROGRESS_BACKLOG + 10)]


async def test_progress_of_a_pull_is_told(engine: EmbeddedEngine) -> None:
    engine.registry.publish("pulled:1")
    pulled = ContainerMap.from_dict("m", {"containers": {"a": {"image": "pulled:1"}}})

    async with (
        MapClient(pulled, default_client=engine.transport()) as client,
        client.stream("pull_images", "a") as run,
    ):
        lines = [event.text async for event in run if isinstance(event, StepProgressed)]

    assert lines


async def test_cancelling_the_reader_cancels_the_run(engine: EmbeddedEngine) -> None:
    reports = []

    async with MapClient(CHAIN, default_client=engine.transport()) as client:
        with move_on_after(1.5) as scope:
            async with client.stream("startup", "c") as run:
                try:
                    async for _ in run:
                        pass
                except get_cancelled_exc_class():
                    reports.append(run.report)
                    raise
        assert scope.cancelled_caught
        assert reports == [None]
        assert run.report is not None
        assert len(run.report.not_run) > 0
        assert stray_tasks() == set()


async def test_cancelling_the_readers_task_leaves_as_that(engine: EmbeddedEngine) -> None:
    async with MapClient(CHAIN, default_client=engine.transport()) as client:

        async def read() -> None:
            async with client.stream("startup", "c") as run:
                async for _ in run:
                    pass

        task = asyncio.ensure_future(read())
        await sleep(1.5)
        task.cancel()
        with fail_after(30), pytest.raises(asyncio.CancelledError):
            await task
        assert stray_tasks() == set()


async def test_a_reader_may_pause_and_go_on(engine: EmbeddedEngine) -> None:
    log = Log()

    async with (
        MapClient(CHAIN, default_client=engine.transport(), on_event=log) as client,
        client.stream("startup", "c") as run,
    ):
        events = [await anext(run)]
        async for event in run:
            events.append(event)
            if isinstance(event, StepFinished):
                break
        events += [event async for event in run]

    assert events == log.events


async def test_leaving_the_loop_leaves_no_task_behind(engine: EmbeddedEngine) -> None:
    async with (
        MapClient(CHAIN, default_client=engine.transport()) as client,
        client.stream("startup", "c") as run,
    ):
        async for event in run:
            if isinstance(event, RunFinished):
                break
        assert stray_tasks() == set()


async def test_two_streams_of_one_client_do_not_mix(engine: EmbeddedEngine) -> None:
    two = ContainerMap.from_dict(
        "m", {"containers": {"a": {"image": IMAGE}, "b": {"image": IMAGE}}}
    )

    async with (
        MapClient(two, default_client=engine.transport()) as client,
        client.stream("startup", "a") as first,
        client.stream("startup", "b") as second,
    ):
        names = {
            stream: {
                event.step.resource.name
                async for event in run
                if isinstance(event, StepStarted | StepFinished)
            }
            for stream, run in (("first", first), ("second", second))
        }

    assert names == {"first": {"m.a"}, "second": {"m.b"}}
