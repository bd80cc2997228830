"""The value of an attribute that was never assigned: falsy, and distinct from None."""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal, TypeAlias


class Unset(Enum):
    """The type of `UNSET`; an enum, so that type checkers can tell it apart."""

    UNSET = "UNSET"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET

UnsetType: TypeAlias = Literal[Unset.UNSET]
