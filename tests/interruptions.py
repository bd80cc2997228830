"""What is asked of every run, and of runs that are cancelled at a certain moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

from anyio import sleep
from attrs import define, field, frozen
from claims import (
    assert_anonymous_data_is_carried_over,
    assert_data_stays,
    assert_dependants_stop_first,
    assert_dependencies_start_first,
    assert_first_commands_have_run,
    assert_never_fewer,
    assert_nothing_foreign_was_touched,
    assert_nothing_temporary,
    assert_within_limits,
)
from run_partners import loop
from strategies import Absence, Story
from trials import Ending, Trial, assert_tidy, ends_a_replacement, landscape, run, what_is_left

from aiodockmap import Event, MapClient, RunStarted, StepStarted
from aiodockmap.testing import EmbeddedEngine, PlannedFault
from aiodockmap.testing._daemon import befall
from aiodockmap.testing._faults import DaemonFault

T = TypeVar("T")

ALWAYS_AGAIN: Final = frozenset({"restart", "signal"})
"""What is done as often as it is asked for."""
MOMENT: Final = 0.01
"""Seconds."""
TURNS_TO_ARRIVE: Final = 3
"""Turns of the loop until a cancellation has reached every task."""


def assert_claims(trial: Trial, ending: Ending) -> None:
    """Whatever happened."""
    assert_nothing_foreign_was_touched(trial)
    assert_data_stays(trial)
    assert_dependencies_start_first(trial, ending.report)
    assert_dependants_stop_first(trial)
    assert_never_fewer(trial, ending.report)
    assert_within_limits(trial, ending.report)
    assert_anonymous_data_is_carried_over(trial)
    assert_tidy(trial)


@define(eq=False)
class _Interruption:
    """When a task was cancelled, and when steps were begun; in turns of the loop."""

    task: asyncio.Task[None]
    again: int | None
    struck: int = 0
    begun: list[int] = field(factory=list)
    _unstoppable: set[int] = field(factory=set)

    def strike_at(self, moment: int | PlannedFault) -> None:
        if isinstance(moment, int):
            loop().in_turns(moment, self._strike)
        elif moment.hits:
            self._strike()
        elif not self.task.done():
            loop().call_later(MOMENT, self.strike_at, moment)

    def _strike(self) -> None:
        self.struck = loop().turn
        self._cancel()
        if self.again is not None:
            loop().in_turns(self.again, self._cancel)

    def _cancel(self) -> None:
        self.task.cancel()

    def note(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            unstoppable = event.plan.unstoppable
            self._unstoppable = {number for each in unstoppable for number in each.steps}
        if isinstance(event, StepStarted) and not (
            ends_a_replacement(event.step) or event.step.id in self._unstoppable
        ):
            self.begun.append(loop().turn)


async def interrupt(
    trial: Trial,
    doing: Callable[[], Awaitable[object]],
    *,
    at: int | PlannedFault,
    again: int | None = None,
) -> bool:
    """Cancel something after so many turns of the loop, and once more some turns later.

    Or as a planned fault strikes. Checks that nothing was begun after that but what cannot stay half done,
    that every step that was begun has an outcome in a report, and that no task, connection or helper is left.
    Tells whether it was cancelled.
    """

    async def main() -> None:
        await doing()

    task = asyncio.get_running_loop().create_task(main())
    interruption = _Interruption(task, again)
    trial.log.events.clear()
    trial.log.on_event = interruption.note
    interruption.strike_at(at)
    await asyncio.wait([task])
    loop().disarm()
    trial.log.on_event = None
    if task.cancelled():
        assert all(turn <= interruption.struck + TURNS_TO_ARRIVE for turn in interruption.begun)
    else:
        task.result()
    assert_claims(trial, Ending(trial.log.check_rounds()))
    if isinstance(at, int):  # else the engine may be late with the removal of one
        assert trial.helpers == []
    return task.cancelled()


def go_away(engine: EmbeddedEngine, fault: DaemonFault) -> None:
    """Let it happen to an engine that it goes away."""
    engine.world.timeline.settle()
    befall(engine.world, fault)


async def outlived(story: Story, absence: Absence) -> tuple[Ending, Mapping[str, Any]]:
    """What there is when the engine has gone away after a story, and its request was made again."""
    trial = Trial(story, absence)
    await trial.prepare()
    async with trial.client() as client:
        await run(client, story.request)
        go_away(trial.engine, absence.fault)
        await sleep(absence.fault.seconds + MOMENT)
        return await run(client, story.request), landscape(trial)


@frozen
class Course:
    """How a story goes if nobody interferes."""

    ending: Ending
    goal: Mapping[str, Any]
    turns: int
    """Of the loop."""
    changes: int
    """Calls that were no mere looking."""


async def lived_through(story: Story, absence: Absence | None = None) -> Course:
    """Let a story happen, with an engine that stays; what an absence decides is not looked at."""
    trial = Trial(story, absence)
    await trial.prepare()
    async with trial.client() as client:
        began = loop().turn
        ending = await run(client, story.request)
        turns = loop().turn - began
        return Course(ending, landscape(trial), turns, len([*trial.changes]))


async def assert_a_further_run_reaches_the_goal(
    trial: Trial,
    client: MapClient,
    goal: Mapping[str, Any],
    seen: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict,
) -> None:
    """After whatever happened: the same request again, and all that is seen is as if nothing had happened."""
    request = trial.story.request
    ending = await run(client, request)
    assert ending.error is None, ending.error
    assert_nothing_foreign_was_touched(trial)
    assert_data_stays(trial)
    assert_anonymous_data_is_carried_over(trial)
    assert_first_commands_have_run(trial)
    assert_nothing_temporary(trial)
    assert_tidy(trial)
    if request.verb not in ALWAYS_AGAIN:
        left = await what_is_left(client, request)
        assert left.is_empty, left.render()
    assert seen(landscape(trial)) == seen(goal)
