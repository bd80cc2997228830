"""Why an update would change a container, or would not: the same verdicts as in the plan, by container."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
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
from ._reasons import Cause
from ._scripts import RUNS_A_SCRIPT

_OF_A_START: Final = frozenset({Cause.CONFIGURED, Cause.EXEC_ON_CREATION, Cause.EXEC_ON_START})

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


class Relation(Enum):
    """How a container is related to its configuration, whether it runs or not."""

    ABSENT = "absent"
    CURRENT = "current"
    """As the map has it."""
    OUTDATED = "outdated"
    """An update would change or replace it; the reasons say why."""
    SCRIPT = "script"
    """A script's container, in place of the one of the map; an update replaces it when it has ended."""
    UNKNOWN = "unknown"
    """Its engine could not be looked at."""


@frozen(kw_only=True)
class ContainerExplanation:
    """What an update would do to one container, and why."""

    id: ResourceId
    remedy: str
    """The most intrusive of what would be done, in words: `would be replaced`."""
    relation: Relation = Relation.CURRENT
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
                relation=Relation.UNKNOWN,
                notes=tuple(str(error) for error in engine.errors),
            )
    steps = [step for step in plan.steps if step.resource == container]
    if container in plan.scripts:
        return ContainerExplanation(
            id=container,
            remedy="would be left alone",
            relation=Relation.SCRIPT,
            notes=(RUNS_A_SCRIPT,),
        )
    start = f"{container}: "
    notes = tuple(note.removeprefix(start) for note in plan.notes if note.startswith(start))
    return ContainerExplanation(
        id=container,
        remedy=_remedy(steps) if steps or not notes else "would be left alone",
        relation=_relation(steps),
        reasons=_reasons(steps),
        notes=notes,
    )


def _remedy(steps: list[Step]) -> str:
    for kind, words in _REMEDIES:
        if any(isinstance(step.action, kind) for step in steps):
            return words
    return "is as it should be" if not steps else "would be changed"


def _relation(steps: list[Step]) -> Relation:
    """What has to be done to it besides starting it, and what a start brings along."""
    if any(reason.cause is Cause.LEFT_BY_SCRIPT for step in steps for reason in step.reasons):
        return Relation.SCRIPT
    if any(isinstance(step.action, TakeOver) for step in steps):
        return Relation.OUTDATED
    if any(isinstance(step.action, CreateContainer) for step in steps):
        return Relation.ABSENT
    is_changed = any(
        isinstance(step.action, BringBack | UpdateContainer | LeaveNetwork)
        or (isinstance(step.action, ConnectNetwork | RunExec) and not _comes_with_start(step))
        for step in steps
    )
    return Relation.OUTDATED if is_changed else Relation.CURRENT


def _comes_with_start(step: Step) -> bool:
    return all(reason.cause in _OF_A_START for reason in step.reasons)


def _reasons(steps: list[Step]) -> tuple[str, ...]:
    """The reasons of what comes first; those of the steps behind follow from it."""
    replacing = [step for step in steps if isinstance(step.action, TakeOver | CreateContainer)]
    found = replacing[:1] or steps
    return tuple(dict.fromkeys(str(reason) for step in found for reason in step.reasons))
