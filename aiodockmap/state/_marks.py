"""Marks: empty volumes beside a container or network that say what is still to be done about it.

Engines keep no trace of what was run in a container, or of who was connected to a network that is gone;
labels cannot change, and a process can be killed at any moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from ._labels import HELPER_LABEL

if TYPE_CHECKING:
    from ._observed import ObservedVolume

FIRST_COMMAND: Final = ".aiodockmap-first-"
"""Between the name of a container and what tells its commands apart, in the name of a mark."""

FIRST_COMMAND_LABELS: Final = {HELPER_LABEL: "first-command"}

CONNECTIONS: Final = ".aiodockmap-connections-"
"""Between the name of a network and a digest of who was connected, in the name of a mark."""


def marks_by_container(volumes: Iterable[ObservedVolume]) -> Mapping[str, frozenset[str]]:
    """The names of containers that commands are still to be run in, with their marks."""
    return _by_owner(volumes, FIRST_COMMAND)


def marks_by_network(volumes: Iterable[ObservedVolume]) -> Mapping[str, frozenset[str]]:
    """The names of networks that containers are still to be connected to, with their marks."""
    return _by_owner(volumes, CONNECTIONS)


def _by_owner(volumes: Iterable[ObservedVolume], kind: str) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for volume in volumes:
        if kind in volume.name and HELPER_LABEL in volume.labels:
            found.setdefault(volume.name.rpartition(kind)[0], set()).add(volume.name)
    return {owner: frozenset(marks) for owner, marks in found.items()}
