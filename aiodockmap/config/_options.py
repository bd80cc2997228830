"""Options: what is wrong with them is told when they are read, what is late when it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias, cast

from attrs import frozen

from ..errors import Problem
from ..model import is_late, lazy, resolve
from ..options import (
    Section,
    container_problems,
    network_options,
    one_name,
    option_map,
    record_problems,
    volume_options,
)
from ._frozen import FrozenMapping
from ._place import Place
from ._scalars import read_late_mapping

Options: TypeAlias = FrozenMapping[str, object] | Callable[[], Mapping[str, object]]
"""Options by keyword, or a callable that gives them at use."""


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
    if callable(value):
        return value
    if is_late(value):
        return lazy(lambda: cast("Mapping[str, object]", resolve(value)))
    read = read_late_mapping(value, place)
    _check(lambda: container_problems(read, place.path, section), place)
    return read


def _check(find: Callable[[], Iterable[Problem]], place: Place) -> None:
    try:
        place.problems.extend(find())
    except RecursionError:
        place.report("this is nested too deeply")


@frozen
class LateOptions:
    """Options of which at least one layer is a callable: calling it evaluates and merges them (OPT-7)."""

    layers: tuple[Mapping[str, object] | Callable[[], Mapping[str, object]], ...]

    def __call__(self) -> Mapping[str, object]:
        """The options, with every layer evaluated now."""
        merged: Mapping[str, object] = {}
        for layer in self.layers:
            merged = _updated(merged, (layer() if callable(layer) else layer) or {})
        return merged


def merged_options(base: Options, derived: Options) -> Options:
    """Options of a container, of which the derived win one by one; nested values are replaced (CFG-108)."""
    if not callable(base) and not callable(derived):
        return FrozenMapping(_updated(base, derived))
    layers = [
        layer
        for options in (base, derived)
        for layer in (options.layers if isinstance(options, LateOptions) else (options,))
        if callable(layer) or layer
    ]
    return layers[0] if len(layers) == 1 and callable(layers[0]) else LateOptions(tuple(layers))


def _updated(base: Mapping[str, object], derived: Mapping[str, object]) -> Mapping[str, object]:
    """One option stays one, whether it is called `mem_limit` or `Memory`."""
    replaced = {one_name(name) for name in derived}
    kept = {name: value for name, value in base.items() if one_name(name) not in replaced}
    return {**kept, **derived}
