"""What runs are tested with: a landscape that needs every kind of step, and ways to cancel it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, TypeVar

import anyio
from anyio import CancelScope, create_task_group, sleep
from attrs import define, field

from aiodockmap import (
    ContainerMap,
    Event,
    RunFinished,
    RunReport,
    RunStarted,
    StepFinished,
    StepStarted,
)
from aiodockmap.engine import ApiRequest, ApiResponse, ApiStream, Transport
from aiodockmap.state import HELPER_LABEL
from aiodockmap.testing import EmbeddedEngine, VirtualTimeLoop

READS = frozenset({"GET", "HEAD"})
T = TypeVar("T")


def full_map(name: str, *, image: str, pulled: str | None, grace: int = 1) -> ContainerMap:
    """A map whose startup has each kind of step: pull, create, prepare, connect, start, delay, exec.

    `pulled` is an image that the engine does not have; None leaves the pull out.
    """
    return ContainerMap.from_dict(
        name,
        {
            "containers": {
                "store": {
                    "image": image,
                    "attaches": ["data"],
                    "user": "1000:1000",
                    "start_delay": 0.01,
                    "stop_timeout": grace,
                },
                "web": {
                    "image": image,
                    "uses": ["data"],
                    "networks": ["front", "back"],
                    "exec_commands": ["/bin/true"],
                    "stop_timeout": grace,
                },
                "top": {
                    "image": pulled or image,
                    "create_options": {"command": ["/bin/sleep", "1000"]},
                    "networks": [{"back": {"links": ["web"]}}],
                    "stop_timeout": grace,
                },
            },
            "volumes": {"data": "/data"},
            "networks": {"front": {}, "back": {}},
        },
    )


@define(eq=False)
class WatchedTransport:
    """A way to an engine that counts the calls, and tells of each before it goes out and after."""

    inner: Transport
    calls: list[ApiRequest] = field(factory=list)
    open: Counter[str] = field(factory=Counter)
    """Calls and streams that are under way, by what they are."""
    before: Callable[[ApiRequest], Awaitable[None]] | None = None
    opened: Callable[[ApiRequest], Awaitable[None]] | None = None
    """Told of streams when their headers are there."""
    after: Callable[[ApiRequest], Awaitable[None]] | None = None

    @property
    def api_version(self) -> str | None:
        return self.inner.api_version

    @api_version.setter
    def api_version(self, version: str | None) -> None:
        self.inner.api_version = version

    @property
    def changes(self) -> list[str]:
        """The calls that were no mere looking."""
        return [str(call) for call in self.calls if call.method not in READS]

    @property
    def is_idle(self) -> bool:
        return not +self.open

    async def request(self, request: ApiRequest) -> ApiResponse:
        async with self._under_way(request):
            return await self.inner.request(request)

    @asynccontextmanager
    async def stream(self, request: ApiRequest) -> AsyncIterator[ApiStream]:
        async with self._under_way(request), self.inner.stream(request) as stream:
            if self.opened is not None:
                await self.opened(request)
            yield stream

    async def aclose(self) -> None:
        await self.inner.aclose()

    @asynccontextmanager
    async def _under_way(self, request: ApiRequest) -> AsyncIterator[None]:
        self.calls.append(request)
        self.open[str(request)] += 1
        try:
            if self.before is not None:
                await self.before(request)
            yield
            if self.after is not None:
                await self.after(request)
        finally:
            self.open[str(request)] -= 1


@define(eq=False)
class Log:
    """The events of runs, in order."""

    events: list[Event] = field(factory=list)
    on_event: Callable[[Event], None] | None = None

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        if self.on_event is not None:
            self.on_event(event)

    def of(self, kind: type[Event] | Any) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def report(self) -> RunReport:
        """Of the run that is over; the only one."""
        [finished] = self.of(RunFinished)
        report: RunReport = finished.report
        return report

    @property
    def begun(self) -> list[str]:
        """The steps that were begun, in words without numbers."""
        return [words(event.step) for event in self.of(StepStarted)]

    def check_rounds(self) -> RunReport | None:
        """Check the shape of each run of an action; gives the report of the last, if one was begun."""
        report = None
        rounds: list[Log] = []
        for event in self.events:
            if isinstance(event, RunStarted):
                rounds.append(Log())
            rounds[-1].events.append(event)
        for each in rounds:
            each.check_shape()
            report = each.report
        return report

    def check_shape(self) -> None:
        """A run begins and ends once, and every step that was begun has an outcome."""
        assert isinstance(self.events[0], RunStarted)
        assert isinstance(self.events[-1], RunFinished)
        rescues = {rescue.step.id for rescue in self.report.plan.rescues}
        begun = {event.step.id for event in self.of(StepStarted)}
        finished = {event.step.id for event in self.of(StepFinished)}
        assert begun == finished
        assert begun - rescues == set(self.report.outcomes)


def words(step: object) -> str:
    """What a step does, without its number."""
    return str(step).partition(" ")[2]


class CountedLoop(VirtualTimeLoop):
    """A loop on which something can be made to happen at the n-th turn."""

    def __init__(self) -> None:
        super().__init__()
        self.turn = 0
        self._at: tuple[int, Callable[[], None]] | None = None

    def in_turns(self, turns: int, do: Callable[[], None]) -> None:
        """Do something when the loop has turned so often from now on."""
        self._at = (self.turn + turns, do)

    def disarm(self) -> None:
        """Let it not happen any more."""
        self._at = None

    def _run_once(self) -> None:  # every suspension of a task is followed by a turn of the loop
        self.turn += 1
        if self._at is not None and self.turn == self._at[0]:
            self.call_soon(self._at[1])
        super()._run_once()  # type: ignore[misc]  # asyncio's own, which is not in its stubs


def loop() -> CountedLoop:
    """The loop that runs."""
    running = asyncio.get_running_loop()
    assert isinstance(running, CountedLoop)
    return running


VIRTUAL_TIME: Final = "asyncio", {"loop_factory": CountedLoop, "debug": False}
"""For anyio: a loop whose clock nobody has to wait for.

The debug mode of asyncio, which minds the real clock, would take four fifths of the time.
"""


def in_virtual_time(main: Callable[[], Coroutine[object, object, T]]) -> T:
    """Run something on a loop of its own, as tests are that are marked with `virtual_time`."""
    backend, options = VIRTUAL_TIME
    return anyio.run(main, backend=backend, backend_options=options)


LATENCY = 0.001


async def travel(_: ApiRequest) -> None:
    """Have a call take its time, so that it can be cancelled before it arrives."""
    await sleep(LATENCY)


async def at_once(*runs: Callable[[], Awaitable[RunReport]], lag: int = 0) -> list[RunReport]:
    """Make several runs, each so many moments of travel after the one before; their reports as they end."""
    reports: list[RunReport] = []

    async def run(number: int, one: Callable[[], Awaitable[RunReport]]) -> None:
        await sleep(number * lag * LATENCY)
        reports.append(await one())

    async with create_task_group() as tasks:
        for number, one in enumerate(runs):
            tasks.start_soon(run, number, one)
    return reports


Cancel = Callable[[], None]
Canceller = Callable[[Callable[[], Awaitable[object]], Callable[[Cancel], None]], Awaitable[bool]]
"""Runs something, hands out what cancels it, and tells whether it was cancelled.

Fails if the cancellation did not leave as what it was.
"""


async def by_task(
    run: Callable[[], Awaitable[object]], arm: Callable[[Cancel], None], *, times: int = 1
) -> bool:
    """Cancel as `asyncio.Task.cancel` does; several times with a turn of the loop between."""

    async def main() -> None:
        await run()

    task = asyncio.get_running_loop().create_task(main())

    def cancel() -> None:
        nonlocal times
        task.cancel()
        times -= 1
        if times > 0:
            asyncio.get_running_loop().call_soon(cancel)

    arm(cancel)
    await asyncio.wait([task])
    if task.cancelled():
        return True
    task.result()
    return False


async def by_task_repeatedly(
    run: Callable[[], Awaitable[object]], arm: Callable[[Cancel], None]
) -> bool:
    """Cancel the task, and again and again while it cleans up."""
    return await by_task(run, arm, times=5)


async def by_scope(run: Callable[[], Awaitable[object]], arm: Callable[[Cancel], None]) -> bool:
    """Cancel as task groups of anyio do."""
    with CancelScope() as scope:
        arm(scope.cancel)
        await run()
    return scope.cancelled_caught


async def by_timeout(run: Callable[[], Awaitable[object]], arm: Callable[[Cancel], None]) -> bool:
    """Cancel as `asyncio.timeout` does."""
    with suppress(TimeoutError):
        async with asyncio.timeout(None) as timeout:

            def cancel() -> None:
                # In its last moments the context does not let itself be cancelled any more.
                with suppress(RuntimeError):
                    timeout.reschedule(asyncio.get_running_loop().time())

            arm(cancel)
            await run()
    return timeout.expired()


def helpers(engine: EmbeddedEngine) -> list[str]:
    """The temporary containers that are there."""
    return [
        name
        for name in engine.container_names()
        if HELPER_LABEL in ((engine.container(name) or {})["Config"]["Labels"] or {})
    ]


def landscape(engine: EmbeddedEngine) -> dict[str, object]:
    """What matters of an engine's containers, networks and volumes; equal for equal landscapes."""
    containers = {}
    for name in engine.container_names():
        found = engine.container(name) or {}
        containers[name] = {
            "running": found["State"]["Running"],
            "image": found["Config"]["Image"],
            "networks": sorted(found["NetworkSettings"]["Networks"]),
            "mounts": sorted(mount["Destination"] for mount in found["Mounts"]),
        }
    return {
        "containers": containers,
        "networks": engine.network_names(),
        "volumes": engine.volume_names(),
    }


def stray_tasks() -> set[asyncio.Task[Any]]:
    """All tasks but the current one, and the one in which anyio runs the phases of a test."""
    return {
        task
        for task in asyncio.all_tasks()
        if task is not asyncio.current_task() and "TestRunner." not in str(task.get_coro())
    }
