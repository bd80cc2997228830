"""From the steps that a registered action proposes to a plan like any other."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from ..errors import PlanningError
from ..model import ResourceId, post_order
from ..state import DesiredState, ObservedState
from ._actions import Action, RemoveContainer
from ._plan import Plan, Step, StepId, left_out_of
from ._reasons import Cause, Reason


@frozen(kw_only=True, eq=False)
class ProposedStep:
    """One step that a registered action asks for; `Landscape` makes them.

    A step can only wait for steps that were made before it, so there are no circles.
    """

    resource: ResourceId
    action: Action = field(repr=False)
    why: str
    after: tuple[ProposedStep, ...] = field(default=(), repr=False)
    """The steps that have to succeed first."""

    def __str__(self) -> str:
        return f"{type(self.action).__name__} {self.resource}"


def plan_of(
    name: str,
    proposed: Iterable[ProposedStep],
    desired: DesiredState,
    observed: ObservedState,
    path: tuple[ResourceId, ...],
    notes: Iterable[str] = (),
) -> Plan:
    """Make a plan of proposed steps.

    Those on one container happen in the order in which they were proposed; others wait for nothing but
    what they say. A step that another one waits for is part of the plan, also if it was not proposed itself.

    Raises:
        PlanningError: if something is to be done to a container after its removal.
    """
    ordered = post_order(proposed, lambda step: step.after)
    numbers: dict[ProposedStep, StepId] = {}
    last: dict[ResourceId, ProposedStep] = {}
    steps = []
    for number, step in enumerate(ordered, start=1):
        before = last.get(step.resource)
        if before is not None and isinstance(before.action, RemoveContainer):
            raise PlanningError(f"{name}: {step} comes after the removal of {step.resource}")
        waits_for = (*step.after, before) if before is not None else step.after
        numbers[step] = StepId(number)
        last[step.resource] = step
        steps.append(
            Step(
                id=numbers[step],
                resource=step.resource,
                action=step.action,
                reasons=(Reason(Cause.REGISTERED, detail=step.why),),
                requires=tuple(sorted({numbers[other] for other in waits_for})),
            )
        )
    found = {resource: observed.container(resource) for resource in last}
    return Plan(
        action=name,
        steps=tuple(steps),
        desired=desired,
        notes=tuple(notes),
        engines=tuple(observed.engines),
        left_out=left_out_of(path, observed),
        expected={resource: each.id if each else None for resource, each in found.items()},
    )
