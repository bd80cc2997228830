"""Which exec commands of a running container are still to be run (behaviour 7.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..model import CmdCheck
from ..state import ExecSpec, Process

_ROOT: Final = frozenset({"root", "0"})


def missing_commands(
    commands: Sequence[ExecSpec], processes: Sequence[Process] | None, check: CmdCheck
) -> tuple[ExecSpec, ...]:
    """The commands that no process of the container belongs to; never those with policy `initial`.

    None at all where nothing is to be checked (UPD-64), or the processes are not known.
    """
    if check is CmdCheck.NONE or processes is None:
        return ()
    return tuple(
        command
        for command in commands
        if not command.only_initially
        and not any(_is_process_of(command, process, check) for process in processes)
    )


def _is_process_of(command: ExecSpec, process: Process, check: CmdCheck) -> bool:
    line = " ".join(command.argv)
    found = line == process.command if check is CmdCheck.FULL else line in process.command
    return found and _is_same_user(command.user, process.user)


def _is_same_user(wanted: str | None, seen: str) -> bool:
    """Compare users as far as the host's process list allows it (UPD-62).

    It shows names of the host, or numbers. A name of the container that the host does not have is shown as
    the number that it stands for, which nobody outside knows: then the command line alone has to do.
    """
    user = (wanted or "root").partition(":")[0]
    if user in _ROOT or seen in _ROOT:
        return user in _ROOT and seen in _ROOT
    return user == seen or seen.isdigit() != user.isdigit()
