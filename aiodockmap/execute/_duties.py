"""What a run owes at its end, decided from what became of its steps.

No replacement stays half done: one that cannot succeed is undone, and one that did loses the old
container. What cannot be undone once it was begun is finished. What exists for a while only is removed.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

from attrs import define, field

from ..model import ResourceId
from ..plan import BringBack, Plan, RemoveContainer, Rescue, Step, StepId, StopContainer
from ._report import Failed, Interrupted, Outcome, Succeeded


@define(eq=False)
class Duties:
    """A view of one run; what it looks at changes while the run goes on."""

    plan: Plan
    outcomes: Mapping[StepId, Outcome]
    begun: Container[StepId]
    blocked: Container[StepId]
    _steps_of: Mapping[ResourceId, list[StepId]] = field(init=False)
    """The steps of each resource that has a way back."""

    def __attrs_post_init__(self) -> None:
        self._steps_of = {rescue.step.resource: [] for rescue in self.plan.rescues}
        for step in self.plan.steps:
            if step.resource in self._steps_of:
                self._steps_of[step.resource].append(step.id)

    def rescues(self, *, is_over: bool = False) -> list[Rescue]:
        """The replacements that were begun, cannot succeed any more, and are not being undone."""
        return [
            rescue
            for rescue in self.plan.rescues
            if rescue.step.id not in self.begun
            and self._has_begun(rescue)
            and not self._has_succeeded(rescue)
            and (is_over or self._is_hopeless(rescue))
        ]

    def unstoppable(self) -> list[Step]:
        """The steps that were not begun or not ended, of what has to be finished once it was begun."""
        return [
            self.plan.steps[number - 1]
            for unstoppable in self.plan.unstoppable
            if any(number in self.begun for number in unstoppable.begun_by)
            for number in unstoppable.steps
            if number not in self.begun or isinstance(self.outcomes.get(number), Interrupted)
        ]

    def removals(self) -> list[Step]:
        """The removals of old containers whose successors are in place, and that were not begun."""
        replaced = {
            rescue.step.action.old_id
            for rescue in self.plan.rescues
            if isinstance(rescue.step.action, BringBack) and self._has_succeeded(rescue)
        }
        return [
            step
            for step in self.plan.steps
            if isinstance(step.action, RemoveContainer)
            and step.action.id in replaced
            and step.id not in self.begun
        ]

    def cleanups(self) -> list[Step]:
        """The steps that end the effect of others which have begun, and were not begun themselves."""
        return [
            step
            for step in self.plan.steps
            if step.cleans_up is not None
            and step.id not in self.begun
            and isinstance(self.outcomes.get(step.cleans_up), Succeeded | Interrupted)
        ]

    def interrupted_stops(self, resource: ResourceId) -> list[StopContainer]:
        """The stops of a container that the engine goes on with, though nobody waits for them."""
        return [
            step.action
            for step in self.plan.steps
            if step.resource == resource
            and isinstance(step.action, StopContainer)
            and isinstance(self.outcomes.get(step.id), Interrupted)
        ]

    def _has_begun(self, rescue: Rescue) -> bool:
        """Whether there is anything to take back: a refused creation leaves nothing."""
        outcome = self.outcomes.get(rescue.first)
        if isinstance(outcome, Failed):
            return isinstance(self.plan.steps[rescue.first - 1].action, StopContainer)
        return isinstance(outcome, Succeeded | Interrupted)

    def _has_succeeded(self, rescue: Rescue) -> bool:
        return all(isinstance(self.outcomes.get(last), Succeeded) for last in rescue.last)

    def _is_hopeless(self, rescue: Rescue) -> bool:
        # As long as a step of the container goes on, the way back would get in its way.
        steps = (*rescue.last, *self._steps_of[rescue.step.resource])
        return all(step in self.outcomes or step in self.blocked for step in steps)
