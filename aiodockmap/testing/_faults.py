"""Things that go wrong because a test wants to see what happens then."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import TypeAlias

from attrs import define, frozen


@frozen
class Reject:
    """The engine answers with an error, and does nothing."""

    status: int
    message: str = "this was planned to fail"


@frozen
class Delay:
    """The engine does it, but later. If the caller hangs up before, it does it all the same."""

    seconds: float


@frozen
class DropBefore:
    """The connection breaks, and nothing has been done."""


@frozen
class DropAfter:
    """The connection breaks, after it has been done."""


Fault: TypeAlias = Reject | Delay | DropBefore | DropAfter


@define(eq=False, kw_only=True)
class PlannedFault:
    """A fault, and the calls that it is for."""

    fault: Fault
    call: str
    """`POST /containers/*/start`."""
    name: str | None = None
    at: int | None = None
    matched: int = 0
    """How many calls were of the kind that is meant."""
    hits: int = 0
    """How often it has happened."""

    def strikes(self, call: str, names: Sequence[str]) -> bool:
        """Whether it happens to a call about something of these names; counts them."""
        if not fnmatchcase(call, self.call):
            return False
        if self.name is not None and not any(fnmatchcase(name, self.name) for name in names):
            return False
        self.matched += 1
        if self.at is not None and self.matched != self.at:
            return False
        self.hits += 1
        return True
