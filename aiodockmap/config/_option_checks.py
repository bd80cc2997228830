"""Reading options: what is wrong with them is told at once, what is late when it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ..errors import Problem
from ..options import (
    Section,
    container_problems,
    network_options,
    option_map,
    record_problems,
    volume_options,
)
from ._frozen import FrozenMapping
from ._place import Place
from ._scalars import Options, read_late_mapping, read_options


def read_create_options(value: object, place: Place) -> Options:
    """Options of a container, those of the host among them (CFG-41, OPT-1)."""
    return _container_options(value, place, Section.CREATE)


def read_host_config(value: object, place: Place) -> Options:
    """Options of a container's host (CFG-42, OPT-2)."""
    return _container_options(value, place, Section.HOST)


def read_volume_options(value: object, place: Place) -> FrozenMapping[str, object]:
    """Options of a volume (CFG-63, OPT-6)."""
    read = read_late_mapping(value, place)
    _check(lambda: record_problems(read, place.path, volume_options), place)
    return read


def read_network_options(value: object, place: Place) -> FrozenMapping[str, object]:
    """Options of a network (CFG-83, OPT-5)."""
    read = read_late_mapping(value, place)
    _check(lambda: record_problems(read, place.path, network_options), place)
    return read


def read_driver_options(value: object, place: Place) -> FrozenMapping[str, object]:
    """Options of a driver, which may have any name (CFG-62, CFG-81)."""
    read = read_late_mapping(value, place)
    _check(lambda: record_problems(read, place.path, option_map), place)
    return read


def _container_options(value: object, place: Place, section: Section) -> Options:
    read = read_options(value, place)
    if isinstance(read, Mapping):
        _check(lambda: container_problems(read, place.path, section), place)
    return read


def _check(find: Callable[[], Iterable[Problem]], place: Place) -> None:
    try:
        place.problems.extend(find())
    except RecursionError:
        place.report("this is nested too deeply")
