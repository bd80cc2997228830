"""What a run owes at its end, decided from what became of its steps.

No replacement stays half done: one that cannot succeed is undone, and one that did loses the old
container. What exists for a while only is removed.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

from attrs import define

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
        return all(last in self.outcomes or last in self.blocked for last in rescue.last)
