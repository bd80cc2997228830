"""Cancelling a run at any moment: nothing is left behind, and a second run finishes the job (ERR-11).

On the embedded engine, whose clock is virtual, so that every moment can be had.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from typing import TypeVar

import pytest
from attrs import define, field
from run_partners import (
    Cancel,
    Canceller,
    Log,
    WatchedTransport,
    by_scope,
    by_task,
    by_task_repeatedly,
    by_timeout,
    full_map,
    helpers,
    in_virtual_time,
    landscape,
    loop,
    stray_tasks,
    travel,
    words,
)
from trials import ends_a_replacement

from aiodockmap import ContainerMap, Event, MapClient, StepStarted
from aiodockmap.testing import EmbeddedEngine

T = TypeVar("T")


PULLED = "pulled:1"

STARTED = 204

TURNS_TO_ARRIVE = 3
"""Turns of the loop until a cancellation has reached every task."""

UNDISTURBED_TURNS = 1_000
"""More than any of these runs takes."""

MOMENTS = pytest.mark.parametrize(
    ("cancel", "stride"),
    [
        pytest.param(by_task, 1, id="task"),
        pytest.param(by_task_repeatedly, 11, id="task_repeatedly"),
        pytest.param(by_scope, 11, id="scope"),
        pytest.param(by_timeout, 11, id="timeout"),
    ],
)


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
        # The end of a replacement is the only thing that may begin after a cancellation.
        if isinstance(event, StepStarted) and not ends_a_replacement(event.step):
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


def every(stride: int) -> Iterator[int]:
    return iter(range(1, UNDISTURBED_TURNS, stride))


async def landscape_after_startup() -> object:
    world = World()
    async with world.client:
        await world.startup()
    return landscape(world.engine)


def was_prepared(engine: EmbeddedEngine) -> bool:
    """Whether a helper container has run."""
    return any(
        ".aiodockmap-prepare" in call.call
        and call.call.endswith("/start")
        and call.status == STARTED
        for call in engine.calls
    )


@MOMENTS
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
            assert was_prepared(world.engine), f"cancelled after {turns} turns"
        assert stray_tasks() == set()
        return was_cancelled

    for turns in every(stride):
        if not in_virtual_time(lambda turns=turns: startup_twice(turns)):  # type: ignore[misc]
            break
    else:
        pytest.fail("no run came to its end")
    everything = {"pull", "prepare", "exec", "wait"}
    assert interrupted == everything if stride == 1 else interrupted <= everything


@pytest.mark.parametrize(
    ("cancel", "stride"),
    [pytest.param(by_task, 4, id="task"), pytest.param(by_scope, 11, id="scope")],
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


SITE_BEFORE = {"containers": {"web": {"image": "site-example:latest", "stop_timeout": 0}}}
SITE_AFTER = {
    "containers": {
        "web": {
            "image": "site-example:latest",
            "stop_timeout": 0,
            "create_options": {"environment": {"COLOUR": "blue"}},
        }
    }
}


@pytest.mark.parametrize(
    ("cancel", "stride"),
    [
        pytest.param(by_task, 2, id="task"),
        pytest.param(by_task_repeatedly, 5, id="task_repeatedly"),
        pytest.param(by_scope, 5, id="scope"),
    ],
)
def test_a_cancelled_replacement_leaves_the_old_one_or_the_new_one_running(
    cancel: Canceller, stride: int
) -> None:
    """And a second update finishes it, if it is not finished."""
    colours = set()

    async def update_twice(turns: int) -> bool:
        world = World()
        before = ContainerMap.from_dict("m", SITE_BEFORE)
        async with MapClient(before, default_client=world.engine.transport()) as client:
            await client.startup("web")
        after = ContainerMap.from_dict("m", SITE_AFTER)
        async with MapClient(after, default_client=world.way, on_event=world.log) as client:

            async def update() -> None:
                await client.update("web")

            was_cancelled = await world.cancelled(update, cancel, turns)
            found = world.engine.container("m.web")
            assert found is not None, f"cancelled after {turns} turns"
            assert found["State"]["Running"], f"cancelled after {turns} turns"
            assert world.engine.container_names() == ["m.web"], f"cancelled after {turns} turns"
            colours.add("COLOUR=blue" in (found["Config"]["Env"] or ()))

            await client.update("web")

            assert (await client.plan("update", "web")).is_empty
            found = world.engine.container("m.web")
            assert found is not None
            assert "COLOUR=blue" in found["Config"]["Env"]
            assert world.engine.container_names() == ["m.web"]
        return was_cancelled

    for turns in every(stride):
        if not in_virtual_time(lambda turns=turns: update_twice(turns)):  # type: ignore[misc]
            break
    else:
        pytest.fail("no run came to its end")
    assert colours == {False, True}
