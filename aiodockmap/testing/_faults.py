"""Things that go wrong because a test wants to see what happens then."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Literal, TypeAlias

from attrs import define, field, frozen
from attrs.validators import and_, ge, in_, instance_of, le, optional

Moment: TypeAlias = Literal["before", "within", "after"]
"""When something happens to the daemon, seen from the call at which it does.

`before`: nothing has been done. `within`: what takes its time has been begun, as a stop, a pull, a command.
`after`: it has been done. Whichever it is, the caller is cut off.
"""
_is_moment = in_(("before", "within", "after"))
_is_duration = ge(0.0)


@frozen
class Reject:
    """The engine answers with an error, and does nothing."""

    status: int = field(validator=and_(instance_of(int), ge(400), le(599)))
    message: str = field(default="this was planned to fail", validator=instance_of(str))


@frozen
class Delay:
    """The engine does it, but later.

    If the caller hangs up before, it does it all the same when it is time, unless it is what nobody does for
    who is gone: a pull, a wait, a command whose output was asked for, and on Docker 28.5 a start.
    """

    seconds: float = field(validator=_is_duration)


@frozen
class DropBefore:
    """The connection breaks, and nothing has been done."""


@frozen
class DropAfter:
    """The connection breaks, after it has been done."""


@frozen
class RestartDaemon:
    """The daemon is restarted at this call, as by `EmbeddedEngine.restart_daemon`."""

    seconds: float = field(default=1.0, validator=_is_duration)
    when: Moment = field(default="after", validator=_is_moment)
    keeps_containers: bool = False


@frozen
class KillDaemon:
    """The daemon is killed at this call, as by `EmbeddedEngine.kill_daemon`.

    Docker 20.10, killed `within` a start, cannot start that container any more: it does not know of the
    process, and refuses each start because of it (`task …: already exists`). Killed `within` a creation, it
    knows the container, which has neither its endpoints nor its anonymous volumes.
    """

    seconds: float = field(default=1.0, validator=_is_duration)
    when: Moment = field(default="after", validator=_is_moment)
    keeps_containers: bool = False


@frozen
class CutPower:
    """The machine loses its power at this call, as by `EmbeddedEngine.cut_power`."""

    seconds: float = field(default=1.0, validator=_is_duration)
    when: Moment = field(default="after", validator=_is_moment)


DaemonFault: TypeAlias = RestartDaemon | KillDaemon | CutPower
Fault: TypeAlias = Reject | Delay | DropBefore | DropAfter | DaemonFault


@define(eq=False, kw_only=True)
class PlannedFault:
    """A fault, and the calls that it is for."""

    fault: Fault = field(validator=instance_of(Fault))
    call: str = field(validator=instance_of(str))
    """`POST /containers/*/start`."""
    name: str | None = field(default=None, validator=optional(instance_of(str)))
    at: int | None = field(default=None, validator=optional(and_(instance_of(int), ge(1))))
    matched: int = 0
    """How many calls were of the kind that is meant."""
    hits: int = 0
    """How often it has happened; not where one that was planned later struck instead."""

    def is_due(self, call: str, names: Sequence[str]) -> bool:
        """Whether it is meant for a call about something of these names; counts those of its kind."""
        if not fnmatchcase(call, self.call):
            return False
        if self.name is not None and not any(fnmatchcase(name, self.name) for name in names):
            return False
        self.matched += 1
        return self.at is None or self.matched == self.at

    def strike(self) -> Fault:
        """Happen."""
        self.hits += 1
        return self.fault
