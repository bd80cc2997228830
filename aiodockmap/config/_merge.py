"""Inheritance between configurations (CFG-100 to CFG-110)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeVar

from ..model import UNSET, post_order, suggest
from ._attributes import Merge, evolved, merged, union
from ._container import ContainerConfiguration
from ._cycles import describe_cycle, find_cycles
from ._place import Place
from ._resources import NetworkConfiguration, VolumeConfiguration
from ._short_forms import ContainerReference

C = TypeVar("C", ContainerConfiguration, VolumeConfiguration, NetworkConfiguration)


def effective_configurations(
    containers: Mapping[str, ContainerConfiguration],
) -> Mapping[str, ContainerConfiguration]:
    """What each configuration is with all that it extends; abstract ones are left out (CFG-110).

    Unknown bases, and those that close a circle, are passed over: see `inheritance_problems`.
    """

    def known_bases(name: str) -> Iterator[str]:
        return (base for base in containers[name].extends if base in containers)

    effective: dict[str, ContainerConfiguration] = {}
    for name in post_order(containers, known_bases):
        own = containers[name]
        if not own.extends and not own.abstract:
            effective[name] = own
            continue
        found = ContainerConfiguration()
        for base in known_bases(name):
            if base in effective:
                found = merged(found, effective[base])
        effective[name] = merged(found, own)
    return {
        name: _with_known_mode(effective[name], containers)
        for name, own in containers.items()
        if not own.abstract
    }


def _with_known_mode(
    configuration: ContainerConfiguration, containers: Mapping[str, ContainerConfiguration]
) -> ContainerConfiguration:
    """`network_mode: default` means nothing, unless there is a container of that name (SHP-106)."""
    mode = configuration.network_mode
    if mode == _DEFAULT_MODE and _DEFAULT_MODE.config not in containers:
        return evolved(configuration, network_mode=UNSET)
    return configuration


_DEFAULT_MODE: Final = ContainerReference("default")


def overlaid(base: C, other: C, rules: Iterable[Merge]) -> C:
    """One configuration of a map with that of the same name in another map (CFG-111)."""
    result = merged(base, other, rules)
    if isinstance(result, ContainerConfiguration):
        replaces = Merge.REPLACE in rules
        return evolved(
            result,
            abstract=result.abstract or (replaces and other.abstract),
            extends=union(result.extends, other.extends),
        )
    return result


def report_inheritance(
    containers: Mapping[str, ContainerConfiguration], place: Place
) -> tuple[tuple[str, ...], ...]:
    """Report unknown bases and circles (CFG-109, INT-10); give the circles."""
    for name, configuration in containers.items():
        for index, base in enumerate(configuration.extends):
            if base not in containers:
                place.at("containers").at(name).at("extends").index(index).report(
                    f"'{name}' extends '{base}', which is not there", suggest(base, containers)
                )
    cycles = find_cycles({name: each.extends for name, each in containers.items()})
    for cycle in cycles:
        place.at("containers").at(cycle[0]).at("extends").report(
            f"configurations extend each other in a circle: {describe_cycle(cycle)}"
            if len(cycle) > 1
            else f"'{cycle[0]}' extends itself"
        )
    return cycles
