"""Which steps may start now: bookkeeping, without tasks and without clocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ..plan import (
    AwaitScript,
    CreateContainer,
    CreateNetwork,
    Delay,
    Plan,
    PrepareVolume,
    PullImage,
    PushImage,
    RenewVolume,
    RunCoroutine,
    RunExec,
    StartContainer,
    Step,
    StepId,
    StopContainer,
)

_TYPICAL_SECONDS: Final[Mapping[type, float]] = {
    PullImage: 10.0,
    PushImage: 10.0,
    StartContainer: 0.2,
    StopContainer: 1.0,
    CreateNetwork: 0.1,
    PrepareVolume: 0.4,
    RenewVolume: 0.05,
    RunExec: 0.1,
    RunCoroutine: 1.0,
    AwaitScript: 1.0,
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
        for before in step.before:
            longest[before] = max(longest.get(before, 0.0), own)
    return longest


class Frontier:
    """Counts for each step the earlier ones that it still waits for.

    *Over* and *succeeded* are two facts: a failure blocks all steps that require it, for good, and they
    are over by that; steps that merely follow go on.
    """

    def __init__(self, plan: Plan) -> None:
        self._steps = {step.id: step for step in plan.steps}
        self._missing = {step.id: len(step.before) for step in plan.steps}
        self._requiring: dict[StepId, list[StepId]] = {step.id: [] for step in plan.steps}
        self._following: dict[StepId, list[StepId]] = {step.id: [] for step in plan.steps}
        for step in plan.steps:
            for before in step.requires:
                self._requiring[before].append(step.id)
            for before in step.follows:
                self._following[before].append(step.id)
        self.blocked: dict[StepId, tuple[StepId, ...]] = {}
        """Steps that cannot run any more, each with the failed steps that it was waiting for."""

    def start(self) -> list[Step]:
        """The steps that wait for nothing."""
        return [self._steps[step] for step, missing in self._missing.items() if not missing]

    def succeeded(self, step: StepId) -> list[Step]:
        """Note a success; gives the steps that became ready by it."""
        return self._count_down([*self._requiring[step], *self._following[step]])

    def failed(self, step: StepId) -> list[Step]:
        """Note a failure; gives the steps that merely followed and became ready by it."""
        over = [step]
        pending = list(self._requiring[step])
        while pending:
            behind = pending.pop()
            causes = self.blocked.get(behind, ())
            if step in causes:
                continue
            if not causes:
                over.append(behind)
            self.blocked[behind] = (*causes, step)
            pending += self._requiring[behind]
        return self._count_down([follower for each in over for follower in self._following[each]])

    def _count_down(self, waiting: Iterable[StepId]) -> list[Step]:
        ready = []
        for step in waiting:
            self._missing[step] -= 1
            if not self._missing[step] and step not in self.blocked:
                ready.append(self._steps[step])
        return ready
