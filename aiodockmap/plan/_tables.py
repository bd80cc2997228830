"""The decision tables of behaviour 6.3 and 6.4, as data: verb and state to moves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum
from typing import Final

from attrs import frozen

from ..state import SCRIPT_LABEL, ObservedContainer, RunState
from ._request import PlanOptions, Verb


class ContainerState(Enum):
    """The columns of the table (STATE-1 to STATE-8)."""

    ABSENT = "absent"
    INITIAL = "initial"
    EXITED = "exited"
    NONRECOVERABLE = "non-recoverable"
    RUNNING = "running"
    """Also paused and restarting."""


class Move(Enum):
    """One letter of a table's cell."""

    CREATE = "C"
    START = "S"
    EXEC = "E"
    STOP = "T"
    REMOVE = "R"
    KILL = "K"


Row = Mapping[ContainerState, tuple[Move, ...]]


def container_state(
    observed: ObservedContainer | None,
    nonrecoverable: Collection[int],
    *,
    is_persistent: bool = False,
    is_stranded: bool = False,
) -> ContainerState:
    """Find the column of a container; what is in a persistent one stays, even if it cannot be started.

    What was to be up by then, and cannot be started, is as it ended.
    """
    if observed is None:
        return ContainerState.ABSENT
    if observed.state.is_up and not is_stranded:
        return ContainerState.RUNNING
    if SCRIPT_LABEL in observed.labels:
        return ContainerState.NONRECOVERABLE
    has_run = observed.state is not RunState.INITIAL
    is_beyond = observed.is_stuck or is_stranded
    if observed.is_half_made or (is_beyond and not (is_persistent and has_run)):
        return ContainerState.NONRECOVERABLE
    if not has_run:
        return ContainerState.INITIAL
    if observed.exit_code in nonrecoverable:
        return ContainerState.NONRECOVERABLE
    return ContainerState.EXITED


def _row(absent: str, initial: str, exited: str, nonrecoverable: str, running: str) -> Row:
    cells = (absent, initial, exited, nonrecoverable, running)
    return {
        state: tuple(Move(letter) for letter in cell if letter != "-")
        for state, cell in zip(ContainerState, cells, strict=True)
    }


# fmt: off
#                                absent initial exited nonrec. running
_ROWS: Final[Mapping[Verb, Row]] = {
    Verb.CREATE:      _row("C",   "-",    "-",    "-",    "-"),      # ACT-1
    Verb.START:       _row("-",   "SE",   "SE",   "SE",   "-"),      # ACT-2
    Verb.RESTART:     _row("-",   "-",    "S",    "S",    "TS"),     # ACT-3
    Verb.STOP:        _row("-",   "-",    "-",    "-",    "T"),      # ACT-4
    Verb.REMOVE:      _row("-",   "R",    "R",    "R",    "-"),      # ACT-5
    Verb.STARTUP:     _row("CSE", "SE",   "SE",   "RCSE", "-"),      # ACT-6
    Verb.SHUTDOWN:    _row("-",   "R",    "R",    "R",    "TR"),     # ACT-8
    Verb.UPDATE:      _row("CSE", "SE",   "SE",   "RCSE", "-"),      # ACT-9
    Verb.SIGNAL:      _row("-",   "-",    "-",    "-",    "K"),      # ACT-13
    Verb.PULL_IMAGES: _row("-",   "-",    "-",    "-",    "-"),      # ACT-14
    Verb.SCRIPT:      _row("CSE", "SE",   "SE",   "RCSE", "-"),      # ACT-12, for dependencies
}
_STARTUP_NEW_VOLUME: Final = \
                      _row("CSE", "RCSE", "RCSE", "RCSE", "TRCSE")   # ACT-7
_START_PERSISTENT: Final = \
                      _row("-",   "SE",   "-",    "-",    "-")       # ACT-15
_STARTUP_PERSISTENT: Final = \
                      _row("CSE", "SE",   "-",    "RCSE", "-")       # ACT-16
_UPDATE_DIFFERS: Final = \
                      _row("CSE", "RCSE", "RCSE", "RCSE", "TRCSE")   # ACT-10
_UPDATE_PERSISTENT: Final = \
                      _row("CSE", "SE",   "-",    "RCSE", "-")       # ACT-17
_KEEP: Final =        _row("-",   "-",    "-",    "-",    "-")       # ACT-18
_STOP_ONLY: Final =   _row("-",   "-",    "-",    "-",    "T")       # ACT-19
_RESTART_EXEC: Final = \
                      _row("-",   "-",    "SE",   "SE",   "TSE")     # ACT-3 with OPTN-14
_SCRIPT_SELECTED: Final = \
                      _row("CS",  "RCS",  "RCS",  "RCS",  "TRCS")    # ACT-11
_REMOVE_FORCED: Final = \
                      _row("-",   "R",    "R",    "R",    "R")       # ACT-28
# fmt: on


@frozen(kw_only=True)
class Situation:
    """What the choice of a row depends on, besides the verb and its options."""

    is_persistent: bool
    has_new_volume: bool
    """One of the volumes that it owns is created by the same plan."""
    differs: bool = False
    """It is not as it should be in a way that only replacing it mends."""
    is_script: bool = False
    """It is the one that a script is run in."""
    is_left_by_script: bool = False
    """What has its name was made for a script: starting it would run the script again."""
    runs_script: bool = False
    """What has its name runs a script, and nobody forces its replacement."""


def container_row(  # noqa: C901, PLR0912  # one case per row
    verb: Verb, options: PlanOptions, situation: Situation
) -> Row:
    """Choose the row of the table for one container."""
    match verb:
        case Verb.SCRIPT if situation.is_script:
            return _SCRIPT_SELECTED
        case Verb.START | Verb.RESTART if situation.is_left_by_script:
            return _KEEP
        case Verb.UPDATE if situation.runs_script:
            return _KEEP
        case Verb.STARTUP | Verb.SCRIPT if situation.has_new_volume:
            return _STARTUP_NEW_VOLUME
        case Verb.STARTUP | Verb.SCRIPT if situation.is_persistent:
            return _STARTUP_PERSISTENT
        case Verb.UPDATE if situation.differs:
            return _UPDATE_DIFFERS
        case Verb.UPDATE if situation.is_persistent:
            return _UPDATE_PERSISTENT
        case Verb.START if situation.is_persistent:
            return _START_PERSISTENT
        case Verb.REMOVE if situation.is_persistent and not options.remove_persistent:
            return _KEEP
        case Verb.SHUTDOWN if situation.is_persistent and not options.remove_persistent:
            return _STOP_ONLY
        case Verb.REMOVE if options.force:
            return _REMOVE_FORCED
        case Verb.RESTART if options.restart_exec_commands:
            return _RESTART_EXEC
        case _:
            return _ROWS[verb]


CREATES_WHAT_IS_MISSING: Final = frozenset({Verb.CREATE, Verb.STARTUP, Verb.UPDATE, Verb.SCRIPT})
"""The verbs that create absent networks and volumes, and pull absent images (ACT-40, ACT-42)."""

REPAIRS: Final = frozenset({Verb.CREATE, Verb.START, Verb.STARTUP, Verb.UPDATE, Verb.SCRIPT})
"""The verbs that finish or undo interrupted replacements first."""

REMOVES: Final = frozenset({Verb.REMOVE, Verb.SHUTDOWN})
"""The verbs that may remove networks and volumes (ACT-46 to ACT-49)."""
