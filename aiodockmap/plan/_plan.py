"""The plan: an ordered, comparable, printable value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NewType

from attrs import field, frozen

from ..errors import EngineError
from ..model import ResourceId, ResourceKind
from ..state import DesiredState, ObservedState
from ._actions import Action
from ._reasons import Reason
from ._render import describe, plan_to_dict, plan_to_dot, plan_to_mermaid, render_plan

StepId = NewType("StepId", int)


@frozen(kw_only=True)
class Step:
    """One operation on an engine, why it is needed, and what it waits for."""

    id: StepId
    resource: ResourceId
    action: Action
    reasons: tuple[Reason, ...]
    requires: tuple[StepId, ...] = ()
    """The steps that have to succeed first."""
    follows: tuple[StepId, ...] = ()
    """The steps that have to be over first, however they ended."""
    cleans_up: StepId | None = None
    """The step whose effect this one ends: once that has begun, this one is done in every case, also after
    failures and in a run that was cancelled."""

    @property
    def before(self) -> tuple[StepId, ...]:
        """All steps that come earlier, for either reason, in their order."""
        return tuple(sorted({*self.requires, *self.follows}))

    def __str__(self) -> str:
        return f"#{self.id} {describe(self.action, self.resource)}"


@frozen(kw_only=True)
class Rescue:
    """The way back of a replacement, planned with it."""

    step: Step
    first: StepId
    """The step that begins the replacement: it creates the new container, or stops the old one."""
    last: tuple[StepId, ...]
    """The steps by which it has succeeded; the way back is taken if they are not all reached.

    Its own start, and those of all replacements that stand or fall together: a container that shares the
    network of another one, or is linked to it, cannot run without the very container that it was made for.
    """
    follows: tuple[StepId, ...] = ()
    """The ways back of what the old container needs to start; where they are taken, they come first."""


@frozen(kw_only=True)
class LeftOut:
    """An engine that a plan has no steps for, as nobody knows how it is."""

    engine: str
    resources: tuple[ResourceId, ...]
    """What the plan would have been about there."""
    errors: tuple[EngineError, ...] = field(eq=False)
    """Why: it could not be looked at, or the pulls that come first have failed there."""

    def __str__(self) -> str:
        why = "; ".join(str(error) for error in self.errors)
        names = ", ".join(
            each.name for each in self.resources if each.kind is ResourceKind.CONTAINER
        )
        return f"engine {self.engine} is left out: {why}" + (
            f" (not touched: {names})" if names else ""
        )

    def to_dict(self) -> dict[str, object]:
        """The same as plain data; errors as text."""
        return {
            "engine": self.engine,
            "resources": [str(resource) for resource in self.resources],
            "errors": [str(error) for error in self.errors],
        }


def left_out_of(path: tuple[ResourceId, ...], observed: ObservedState) -> tuple[LeftOut, ...]:
    """The engines of a path that could not be looked at."""
    return tuple(
        LeftOut(
            engine=engine,
            resources=tuple(resource for resource in path if resource.engine == engine),
            errors=errors,
        )
        for engine, errors in observed.left_out.items()
    )


@frozen(kw_only=True)
class Unstoppable:
    """Steps between which nothing is as it should be: who begins them finishes them, cancelled or not."""

    begun_by: tuple[StepId, ...]
    """The steps that take the first things away; as long as none of them has begun, all can be stopped."""
    steps: tuple[StepId, ...]
    """Those, and all that it takes to give the things back, in their order."""


@frozen(kw_only=True)
class Plan:
    """What would be done, in an order that satisfies every dependency.

    Equal inputs give equal plans, and equal text. Values of environment variables, credentials and the
    like are in the bodies of the actions only: neither `repr` nor any rendering shows them.
    """

    action: str
    """The name of the action that was asked for: `update`, or that of a registered one."""
    steps: tuple[Step, ...]
    desired: DesiredState = field(repr=False, eq=False)
    """What the plan was made from; reports name items by it."""
    rescues: tuple[Rescue, ...] = ()
    """One for each replacement."""
    unstoppable: tuple[Unstoppable, ...] = ()
    """What is finished once it was begun: networks, and the volumes of an engine, that are made anew."""
    notes: tuple[str, ...] = ()
    """What is left alone, and why."""
    scripts: tuple[ResourceId, ...] = ()
    """The containers that are left alone as a script runs in them; the notes tell of them, too."""
    engines: tuple[str, ...] = ()
    """The engines that the plan was made for."""
    left_out: tuple[LeftOut, ...] = ()
    """Those that it should have been made for, too. Carrying the plan out does what can be done elsewhere,
    and then fails for these."""
    expected: Mapping[ResourceId, str | None] = field(factory=dict, repr=False)
    """The id of each resource that the plan changes as it was at planning; None for absent ones."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do, on any engine; applying an empty plan makes no call."""
        return not self.steps and not self.left_out

    def render(self) -> str:
        """One line a step, each with its reasons and the steps that it waits for."""
        return render_plan(self)

    def to_dict(self) -> dict[str, object]:
        """The same as plain data, ready for JSON; without the bodies of the calls."""
        return plan_to_dict(self)

    def to_mermaid(self) -> str:
        """The graph of steps as a Mermaid flowchart."""
        return plan_to_mermaid(self)

    def to_dot(self) -> str:
        """The graph of steps in Graphviz' language."""
        return plan_to_dot(self)
