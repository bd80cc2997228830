"""What is to be compiled, and how far."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from attrs import field, frozen

from ..model import DEFAULT_ENGINE, MapItem
from ._names import NamingPolicy


class Scope(Enum):
    """How much of the desired state an action needs."""

    FULL = "full"
    """Bodies of everything that the selected items need, themselves included."""
    NAMES = "names"
    """Names and dependencies only; nothing late is evaluated."""


@frozen(kw_only=True)
class CompileRequest:
    """What an action wants to know about the maps."""

    selected: tuple[MapItem, ...] = ()
    """What the action is about; instances that no map configures are added (SEL-11)."""
    scope: Scope = Scope.FULL
    overrides: Mapping[str, object] = field(factory=dict, repr=False)
    """Keyword arguments of `create` and `start`, for the selected containers only (KW-5, KW-7)."""
    map_defaults: Mapping[str, object] = field(factory=dict)
    """Properties of maps that do not set them (API-10)."""
    core_image: str = "busybox:latest"
    """What prepares volumes, where the engine has it (VOL-23)."""
    naming: NamingPolicy = field(factory=NamingPolicy)
    default_engine: str = DEFAULT_ENGINE
    """The client of maps that list none (API-3)."""
