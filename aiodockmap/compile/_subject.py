"""The container that is being compiled."""

from __future__ import annotations

from functools import cached_property

from attrs import field, frozen

from ..config import ContainerConfiguration
from ..errors import Problem
from ..model import MapItem, ResourceId, ResourceKind
from ._placement import Placement


@frozen(kw_only=True)
class Subject:
    """One container of a map on one engine."""

    placement: Placement
    name: str
    """Of its configuration."""
    instance: str | None
    configuration: ContainerConfiguration
    problems: list[Problem] = field(repr=False, eq=False)
    """Where complaints about it go."""

    @cached_property
    def id(self) -> ResourceId:
        """What it is called on the engine."""
        return self.placement.container(self.name, self.instance)

    @cached_property
    def item(self) -> MapItem:
        """What the map calls it."""
        return MapItem(ResourceKind.CONTAINER, self.placement.map.name, self.name, self.instance)

    @property
    def place(self) -> str:
        """Where the map describes it."""
        return f"$.containers.{self.name}"

    def complain(self, attribute: str, message: str, hint: str | None = None) -> None:
        """Add a complaint about one of its attributes."""
        self.problems.append(Problem(f"{self.place}.{attribute}", message, hint))
