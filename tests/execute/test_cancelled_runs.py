"""Cancelling a run at any moment: nothing is left behind, and a second run finishes the job (ERR-11).

On the embedded engine, whose clock is virtual, so that every moment can be had.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import TypeVar

import pytest
from anyio import sleep
from attrs import define, field
from run_partners import (
    Cancel,
    Canceller,
    CountedLoop,
    Log,
    WatchedTransport,
    by_scope,
    by_task,
    by_task_repeatedly,
    by_timeout,
    full_map,
    helpers,
    landscape,
    stray_tasks,
    words,
)

from aiodockmap import Event, MapClient, StepStarted
from aiodockmap.engine import ApiRequest
from aiodockmap.testing import EmbeddedEngine

T = TypeVar("T")

LATENCY = 0.001
"""Seconds that a call takes each way: it can be cancelled before the engine has it, and after."""

PULLED = "pulled:1"

TURNS_TO_ARRIVE = 3
"""Turns of the loop until a cancellation has reached every task."""

UNDISTURBED_TURNS = 1_000
"""More than any of these runs takes."""

everywhere = pytest.mark.parametrize(
    ("cancel", "stride"),
    [
        pytest.param(by_task, 1, id="task"),
        pytest.param(by_task_repeatedly, 5, id="task_repeatedly"),
        pytest.param(by_scope, 5, id="scope"),
        pytest.param(by_timeout, 5, id="timeout"),
    ],
)


async def travel(_: ApiRequest) -> None:
    await sleep(LATENCY)


@define(eq=False)
class World:
    """An engine with latency, a client of it, and an eye on both."""

    engine: EmbeddedEngine = field(factory=EmbeddedEngine)
    log: Log = field(factory=Log)
    way: WatchedTransport = field(init=False)
    client: MapClient = field(init=False)
    begun_at: list[int] = field(factory=list, init=False)
    """The turn of the loop in which each step was begun."""

    def __attrs_post_init__(self) -> None:
        self.engine.registry.publish(PULLED, seconds=0.01)
        self.way = WatchedTransport(self.engine.transport(), before=travel, after=travel)
        site = full_map("m", image="site-example:latest", pulled=PULLED)
        self.client = MapClient(site, default_client=self.way, on_event=self.log)
        self.log.on_event = self.note_turn

    def note_turn(self, event: Event) -> None:
        if isinstance(event, StepStarted):
            self.begun_at.append(loop().turn)

    async def startup(self) -> None:
        await self.client.startup("__all__")

    async def shutdown(self) -> None:
        await self.client.shutdown("__all__", remove_attached=True)

    async def cancelled(
        self, run: Callable[[], Coroutine[object, object, None]], cancel: Canceller, turns: int
    ) -> bool:
        """Cancel a run after so many turns of the loop, and look at what it left behind."""
        struck = 0

        def arm(strike: Cancel) -> None:
            def note_and_strike() -> None:
                nonlocal struck
                struck = loop().turn
                strike()

            loop().in_turns(turns, note_and_strike)

        self.log.events.clear()
        was_cancelled = await cancel(run, arm)
        loop().disarm()
        assert helpers(self.engine) == []
        assert stray_tasks() == set()
        assert self.way.is_idle, self.way.open
        if was_cancelled and self.log.events:  # otherwise it was still looking
            self.log.check_shape()
            assert all(turn <= struck + TURNS_TO_ARRIVE for turn in self.begun_at)
        return was_cancelled


def loop() -> CountedLoop:
    running = asyncio.get_running_loop()
    assert isinstance(running, CountedLoop)
    return running


def in_virtual_time(main: Callable[[], Coroutine[object, object, T]]) -> T:
    with asyncio.Runner(loop_factory=CountedLoop) as runner:
        return runner.run(main())


def every(stride: int) -> Iterator[int]:
    return iter(range(1, UNDISTURBED_TURNS, stride))


async def landscape_after_startup() -> object:
    world = World()
    async with world.client:
        await world.startup()
    return landscape(world.engine)


@everywhere
def test_a_second_startup_finishes_what_a_cancelled_one_began(
    cancel: Canceller, stride: int
) -> None:
    expected = in_virtual_time(landscape_after_startup)
    interrupted: set[str] = set()

    async def startup_twice(turns: int) -> bool:
        world = World()
        async with world.client as client:
            was_cancelled = await world.cancelled(world.startup, cancel, turns)
            if world.log.events:
                report = world.log.report
                interrupted.update(words(step).partition(" ")[0] for step in report.interrupted)

            await world.startup()

            assert (await client.plan("startup", "__all__")).is_empty
            assert landscape(world.engine) == expected, f"cancelled after {turns} turns"
        assert stray_tasks() == set()
        return was_cancelled

    for turns in every(stride):
        if not in_virtual_time(lambda turns=turns: startup_twice(turns)):  # type: ignore[misc]
            break
    else:
        pytest.fail("no run came to its end")
    assert interrupted == {"pull", "prepare", "exec", "wait"}


@pytest.mark.parametrize(
    ("cancel", "stride"),
    [pytest.param(by_task, 3, id="task"), pytest.param(by_scope, 5, id="scope")],
)
def test_a_second_shutdown_finishes_what_a_cancelled_one_began(
    cancel: Canceller, stride: int
) -> None:
    interrupted: set[str] = set()

    async def shutdown_twice(turns: int) -> bool:
        world = World()
        async with world.client as client:
            await world.startup()
            world.begun_at.clear()
            was_cancelled = await world.cancelled(world.shutdown, cancel, turns)
            if world.log.events:
                report = world.log.report
                interrupted.update(words(step).partition(" ")[0] for step in report.interrupted)

            await world.shutdown()

            assert (await client.plan("shutdown", "__all__", remove_attached=True)).is_empty
            assert world.engine.container_names() == []
            assert world.engine.volume_names() == []
        assert stray_tasks() == set()
        return was_cancelled

    for turns in every(stride):
        if not in_virtual_time(lambda turns=turns: shutdown_twice(turns)):  # type: ignore[misc]
            break
    else:
        pytest.fail("no run came to its end")
    assert interrupted == {"stop"}
