"""Which steps may start now: bookkeeping, without tasks and without clocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ..plan import (
    CreateContainer,
    CreateNetwork,
    Delay,
    Plan,
    PrepareVolume,
    PullImage,
    RunExec,
    StartContainer,
    Step,
    StepId,
    StopContainer,
)

_TYPICAL_SECONDS: Final[Mapping[type, float]] = {
    PullImage: 10.0,
    StartContainer: 0.2,
    StopContainer: 1.0,
    CreateNetwork: 0.1,
    PrepareVolume: 0.4,
    RunExec: 0.1,
    CreateContainer: 0.02,
}
_ANY_OTHER_CALL: Final = 0.01


def _typical_seconds(step: Step) -> float:
    if isinstance(step.action, Delay):
        return step.action.seconds
    return _TYPICAL_SECONDS.get(type(step.action), _ANY_OTHER_CALL)


def urgencies(plan: Plan) -> dict[StepId, float]:
    """For each step the length, in seconds, of the longest way from it to the end of the plan."""
    longest: dict[StepId, float] = {}
    for step in reversed(plan.steps):
        own = longest.get(step.id, 0.0) + _typical_seconds(step)
        longest[step.id] = own
        for before in step.requires:
            longest[before] = max(longest.get(before, 0.0), own)
    return longest


class Frontier:
    """Counts for each step the successes that it still waits for.

    *Finished* and *succeeded* are two facts: only a success makes others ready; a failure blocks all
    that come after, for good.
    """

    def __init__(self, plan: Plan) -> None:
        self._steps = {step.id: step for step in plan.steps}
        self._missing = {step.id: len(step.requires) for step in plan.steps}
        self._followers: dict[StepId, list[StepId]] = {step.id: [] for step in plan.steps}
        for step in plan.steps:
            for before in step.requires:
                self._followers[before].append(step.id)

    def start(self) -> list[Step]:
        """The steps that wait for nothing."""
        return [self._steps[step] for step, missing in self._missing.items() if not missing]

    def succeeded(self, step: StepId) -> list[Step]:
        """Note a success; gives the steps that became ready by it."""
        ready = []
        for follower in self._followers[step]:
            self._missing[follower] -= 1
            if not self._missing[follower]:
                ready.append(self._steps[follower])
        return ready

    def behind(self, failed: Iterable[StepId]) -> dict[StepId, tuple[StepId, ...]]:
        """All steps that cannot run any more, each with the failed steps that it waits for."""
        causes: dict[StepId, dict[StepId, None]] = {}
        roots = set(failed)
        for step in self._steps.values():
            for before in step.requires:
                if before in roots:
                    causes.setdefault(step.id, {}).setdefault(before)
                causes.setdefault(step.id, {}).update(causes.get(before, {}))
        return {step: tuple(found) for step, found in causes.items() if found}
