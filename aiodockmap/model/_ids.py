"""Identities: what a map calls a thing, and what an engine calls it."""

from __future__ import annotations

from enum import Enum
from typing import Final

from attrs import frozen

DEFAULT_ENGINE: Final = "__default__"
"""The engine of every map that lists no clients (API-3)."""

PRESET_NETWORKS: Final = frozenset({"bridge", "host", "none", "default"})
"""Networks that every engine brings along: never created, never removed (NAME-6)."""


class ResourceKind(Enum):
    """The kinds of things on an engine that a map describes."""

    IMAGE = "image"
    NETWORK = "network"
    VOLUME = "volume"
    CONTAINER = "container"


@frozen(cache_hash=True)
class MapItem:
    """What a map calls a thing: the item of API-7.

    For a container, `name` is the configuration and `instance` its instance or None; for an attached
    volume, `name` is the owning configuration and `instance` the alias; for a network `instance` is
    None; for an image, `name` is the repository and `instance` the tag.
    """

    kind: ResourceKind
    map_name: str
    name: str
    instance: str | None = None

    def __str__(self) -> str:
        return ".".join(part for part in (self.map_name, self.name, self.instance) if part)

    def sort_key(self) -> tuple[str, str, str, str]:
        """Order by map, kind, name, instance; for deterministic results (SEL-13)."""
        return (self.map_name, self.kind.value, self.name, self.instance or "")


@frozen(cache_hash=True)
class ResourceId:
    """One resource on one engine, by its name there (GEN-5): the identity that plans work with."""

    engine: str
    kind: ResourceKind
    name: str

    def __str__(self) -> str:
        where = "" if self.engine == DEFAULT_ENGINE else f" on {self.engine}"
        return f"{self.kind.value} {self.name}{where}"

    def sort_key(self) -> tuple[str, str, str]:
        """Order by engine, then kind, then name; for deterministic plans (GEN-6)."""
        return (self.engine, self.kind.value, self.name)
