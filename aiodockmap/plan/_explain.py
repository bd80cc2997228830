"""Why an update would change a container, or would not: the same verdicts as in the plan, by container."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import frozen

from ..model import ResourceId
from ._actions import (
    BringBack,
    ConnectNetwork,
    CreateContainer,
    LeaveNetwork,
    RunExec,
    StartContainer,
    TakeOver,
    UpdateContainer,
)
from ._plan import Plan, Step

_REMEDIES: Final = (
    (TakeOver, "would be replaced"),
    (CreateContainer, "would be created"),
    (BringBack, "would be brought back"),
    (StartContainer, "would be started"),
    (UpdateContainer, "would be changed as it runs"),
    (ConnectNetwork, "would be connected again"),
    (LeaveNetwork, "would be disconnected"),
    (RunExec, "would have commands run in it"),
)
"""What is said of a container, the most intrusive first; of those that go together, the first says all."""


@frozen(kw_only=True)
class ContainerExplanation:
    """What an update would do to one container, and why."""

    id: ResourceId
    remedy: str
    """The most intrusive of what would be done, in words: `would be replaced`."""
    reasons: tuple[str, ...] = ()
    """What differs, field by field; names only, never values of variables."""
    notes: tuple[str, ...] = ()
    """What differs, too, and would be left alone, with the reason."""

    @property
    def would_change(self) -> bool:
        """Whether an update would do anything to it."""
        return bool(self.reasons)

    def render(self) -> str:
        """A line for the container, and one for each reason and note."""
        return "\n".join(
            [
                f"{self.id} {self.remedy}",
                *(f"  because: {reason}" for reason in self.reasons),
                *(f"  left alone: {note}" for note in self.notes),
            ]
        )


@frozen
class Explanation:
    """What an update would do to the selected containers, and why."""

    containers: tuple[ContainerExplanation, ...]

    def render(self) -> str:
        """The explanations of all containers, in their order."""
        return "\n".join(each.render() for each in self.containers)


def explain(plan: Plan, containers: Iterable[ResourceId]) -> Explanation:
    """Tell by container what is in the plan of an update."""
    return Explanation(tuple(_of(plan, container) for container in containers))


def _of(plan: Plan, container: ResourceId) -> ContainerExplanation:
    for engine in plan.left_out:
        if container.engine == engine.engine:
            return ContainerExplanation(
                id=container,
                remedy="cannot be told",
                notes=tuple(str(error) for error in engine.errors),
            )
    steps = [step for step in plan.steps if step.resource == container]
    start = f"{container}: "
    notes = tuple(note.removeprefix(start) for note in plan.notes if note.startswith(start))
    return ContainerExplanation(
        id=container,
        remedy=_remedy(steps) if steps or not notes else "would be left alone",
        reasons=_reasons(steps),
        notes=notes,
    )


def _remedy(steps: list[Step]) -> str:
    for kind, words in _REMEDIES:
        if any(isinstance(step.action, kind) for step in steps):
            return words
    return "is as it should be" if not steps else "would be changed"


def _reasons(steps: list[Step]) -> tuple[str, ...]:
    """The reasons of what comes first; those of the steps behind follow from it."""
    replacing = [step for step in steps if isinstance(step.action, TakeOver | CreateContainer)]
    found = replacing[:1] or steps
    return tuple(dict.fromkeys(str(reason) for step in found for reason in step.reasons))
