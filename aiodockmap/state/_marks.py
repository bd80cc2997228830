"""Marks of commands: empty volumes beside a container that say what is still to be run in it.

Engines keep no trace of what was run in a container, its labels cannot change, and a process can be killed
between the start of a container and its commands.
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


def marks_by_container(volumes: Iterable[ObservedVolume]) -> Mapping[str, frozenset[str]]:
    """The names of containers that commands are still to be run in, with their marks."""
    found: dict[str, set[str]] = {}
    for volume in volumes:
        if FIRST_COMMAND in volume.name and HELPER_LABEL in volume.labels:
            container = volume.name.rpartition(FIRST_COMMAND)[0]
            found.setdefault(container, set()).add(volume.name)
    return {container: frozenset(marks) for container, marks in found.items()}
