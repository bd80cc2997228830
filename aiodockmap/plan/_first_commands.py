"""Commands of a first start, and what is remembered of them until they have run (EXEC-10, EXEC-11).

Each has a mark from before the start until it has ended. A mark is of one command in one incarnation of a
container: what is created, replaced or brought back by hand has nothing to do with the marks of others.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from attrs import frozen

from ..model import ResourceId
from ..state import (
    FIRST_COMMAND,
    DesiredState,
    ExecSpec,
    ObservedContainer,
    ObservedState,
    RunState,
    read_ownership,
)
from ._actions import ClearMark, RunExec
from ._drafts import ContainerDrafts, Draft
from ._marks import mark_name
from ._reasons import Cause, Reason
from ._replacement import replaced_id

FIRST_INCARNATION: Final = ""
"""What this library creates where there was nothing to be replaced."""


def incarnation(current: ObservedContainer) -> str:
    """What tells a container from others of its name, and is known before it is created.

    Of a replacement that is the id of what it replaced; of what somebody else created, its own id.
    """
    replaced = replaced_id(current.labels)
    if replaced is None and read_ownership(current.labels) is None:
        return current.id
    return replaced or FIRST_INCARNATION


@frozen
class FirstCommands:
    """The commands of one incarnation of a container, each with its mark."""

    commands: tuple[tuple[ExecSpec, str | None], ...]
    """None for those that run at every start, which processes tell of."""

    @property
    def marks(self) -> tuple[str, ...]:
        """All marks, in the order of the commands."""
        return tuple(mark for _, mark in self.commands if mark is not None)

    def of_a_start(
        self, container: ResourceId, marked: Collection[str], *, is_first: bool
    ) -> Iterator[Draft]:
        """The commands of EXEC-10 to EXEC-13, and those that an interrupted run left out."""
        for command, mark in self.commands:
            if mark is None:
                yield _run(container, command, Cause.EXEC_ON_START)
            elif is_first:
                yield _run(container, command, Cause.EXEC_ON_CREATION, mark)
            elif mark in marked:
                yield _run(container, command, Cause.NOT_RUN_YET, mark)

    def of_a_running(
        self,
        drafts: ContainerDrafts,
        current: ObservedContainer,
        missing: Collection[ExecSpec],
        marked: Collection[str],
    ) -> None:
        """Run what is missing in a container that runs, in order (UPD-63); each at most once at a time.

        What an interrupted run has begun, and still goes on, is not begun again; what comes behind it in
        the list waits for a later run.
        """
        for command, mark in self.commands:
            if mark is None:
                if command in missing:
                    drafts.after_start.append(_run(drafts.id, command, Cause.NOT_FOUND))
            elif mark not in marked:
                continue
            elif command.argv not in current.commands:
                drafts.after_start.append(_run(drafts.id, command, Cause.NOT_RUN_YET, mark))
            else:
                drafts.after_start.append(
                    Draft(drafts.id, ClearMark(mark=mark), (Reason(Cause.RUNS_ALREADY),))
                )
                if not command.detach:
                    drafts.notes.append(
                        f"{drafts.id}: a command that an interrupted run has begun goes on in it; what "
                        "is to be run after that is left to a later run"
                    )
                    return


def first_commands(
    container: ResourceId, commands: tuple[ExecSpec, ...], incarnation: str
) -> FirstCommands:
    """Find the marks of a container's commands; they tell no values, and equal ones apart."""
    found: list[tuple[ExecSpec, str | None]] = []
    seen = Counter[ExecSpec]()
    for command in commands:
        mark = None
        if command.only_initially:
            text = json.dumps(
                [container.name, incarnation, command.argv, command.user, seen[command]]
            )
            mark = mark_name(container, FIRST_COMMAND, text)
            seen[command] += 1
        found.append((command, mark))
    return FirstCommands(tuple(found))


def commands_under_way(
    path: Iterable[ResourceId], desired: DesiredState, observed: ObservedState
) -> tuple[frozenset[tuple[str, str, RunState]], float]:
    """The marks of containers that run, as somebody may be about to run the commands; they change then.

    And the longest start delay of these containers, in seconds.
    """
    found = set[tuple[str, str, RunState]]()
    delay = 0.0
    for resource in path:
        described, state = desired.containers.get(resource), observed.engines.get(resource.engine)
        if described is None or state is None or resource.name not in state.marks:
            continue
        current = observed.container(resource)
        if current is not None and current.state is RunState.RUNNING:
            found |= {(current.id, mark, current.state) for mark in state.marks[resource.name]}
            delay = max(delay, described.start_delay)
    return frozenset(found), delay


def _run(container: ResourceId, command: ExecSpec, cause: Cause, mark: str | None = None) -> Draft:
    action = RunExec(command=command, mark=mark, is_owed=cause is Cause.NOT_RUN_YET)
    return Draft(container, action, (Reason(cause),))
