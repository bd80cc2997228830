"""What the processes in containers do, which nobody runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from attrs import Attribute, field, frozen
from attrs.validators import instance_of

from ..model import SIGNALS, signal_number
from ._commands import ERR, FOREVER, OUT, Pause, Print, Steps

KILL = SIGNALS["SIGKILL"]
TERM = SIGNALS["SIGTERM"]
IGNORED_BY_DEFAULT = frozenset(
    SIGNALS[f"SIG{name}"]
    for name in ("CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "WINCH")
)
"""Signals that end nobody, whoever gets them."""


@frozen(kw_only=True)
class Behaviour:
    """How a process goes about its life."""

    ends_after: float | None = None
    """Seconds from its start to its end; None if it runs until it is stopped."""
    exit_code: int = 0
    """Its status at that end."""
    handles: Mapping[str, int] = field(factory=dict)
    """Signals that end it, and its status then: `{"SIGTERM": 0}`. As process 1 it ignores all others."""
    stop_delay: float = 0.0
    """Seconds from such a signal to its end."""
    stdout: str = ""
    """What it prints when it starts."""
    stderr: str = ""
    is_oom_killed: bool = False
    """Whether its end is that of a process that needed too much memory."""
    health: Sequence[int] | None = None
    """Statuses of its health checks, one after the other; the last one goes on for ever. None for what the
    command of the check says."""
    health_output: str = ""
    start_error: str | None = None
    """What the engine says about a process that cannot be started; it answers 400 then."""
    start_exit_code: int = 127
    """The exit code of the container then."""


def handles_signals(owner: object, place: Attribute[Behaviour], value: Behaviour) -> None:
    """Check that a behaviour handles only signals that there are; a validator of attrs.

    Raises:
        ValueError: if it does not.
    """
    del owner, place
    for name in value.handles:
        if signal_number(name) is None:
            message = (
                f"there is no signal {name!r} that a process could handle; write one like 'SIGTERM'"
            )
            raise ValueError(message)


@frozen(kw_only=True)
class BehaviourRule:
    """Which processes behave in a certain way; all that is given has to match."""

    behaviour: Behaviour = field(validator=[instance_of(Behaviour), handles_signals])
    image: str | None = None
    """As the container names it, with `*` for anything."""
    command: str | None = None
    """The whole command, words separated by spaces, with `*` for anything."""
    container: str | None = None
    """Name of the container, with `*` for anything."""

    def matches(self, *, image: str, command: Sequence[str], container: str) -> bool:
        """Whether a process is meant."""
        line = " ".join(command)
        pairs = ((self.image, image), (self.command, line), (self.container, container))
        return all(pattern is None or fnmatchcase(value, pattern) for pattern, value in pairs)


def told_steps(behaviour: Behaviour) -> Steps:
    """What a process does that behaves so."""
    for stream, text in ((OUT, behaviour.stdout), (ERR, behaviour.stderr)):
        if text:
            yield Print(text, stream)
    if behaviour.ends_after != 0:
        yield Pause(FOREVER if behaviour.ends_after is None else behaviour.ends_after)
    return behaviour.exit_code
