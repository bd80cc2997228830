"""What the exit code of the command says to a script."""

from __future__ import annotations

from enum import IntEnum

from ..errors import (
    ActionRunnerError,
    AioDockMapError,
    EngineUnreachable,
    InvalidRequest,
    MapError,
    OptionError,
    PlanningError,
    SelectionError,
)


class ExitCode(IntEnum):
    """How a command ended."""

    OK = 0
    """Done, or nothing to do."""
    FAILED = 1
    """At least one step failed; the others that could be done are done."""
    USAGE = 2
    """The command, the map, or how to reach an engine cannot be understood; nothing was changed."""
    UNREACHABLE = 3
    """There is no engine, or it did not answer."""
    CHANGES = 4
    """`plan --exit-code`, `status --exit-code`: there is something to do."""
    SCRIPT = 5
    """`run-script`: the script ended with another code than 0, or did not end in time."""
    OUTPUT = 6
    """Standard output could not be written, and no step has failed; an action is done, a script was ended."""
    INTERRUPTED = 130
    """Ended from the keyboard."""
    TERMINATED = 143
    """Ended by SIGTERM."""


def exit_code(error: AioDockMapError) -> ExitCode:
    """Return what a command ends with that could not do its work because of `error`."""
    match error:
        case MapError() | SelectionError() | OptionError() | PlanningError():
            return ExitCode.USAGE
        case InvalidRequest():  # a setting of a connection: what a step is refused is in its run's error
            return ExitCode.USAGE
        case EngineUnreachable():
            return ExitCode.UNREACHABLE
        case ActionRunnerError(exceptions=causes) if all(
            isinstance(cause, EngineUnreachable) for cause in causes
        ):
            return ExitCode.UNREACHABLE
        case _:
            return ExitCode.FAILED
