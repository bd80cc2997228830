"""Reading the top level of a map: its properties and sections (LOAD-1 to LOAD-4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias, TypeVar

from attrs import define, field

from ..model import UNSET, MapItem, did_you_mean, nearest
from ._attributes import attributes_of, read_configuration
from ._container import START_OPTIONS, ContainerConfiguration
from ._frozen import Entries, FrozenMapping
from ._other_words import SERVICES, elsewhere, is_compose
from ._place import Place, kind_of
from ._resources import (
    HostVolumeConfiguration,
    NetworkConfiguration,
    VolumeConfiguration,
    host_from,
    read_host,
    read_network,
    read_volume,
)
from ._scalars import (
    check_engine_name,
    read_distinct_names,
    read_flag,
    read_late_text,
)

T = TypeVar("T")

Group: TypeAlias = tuple[str | MapItem | tuple[object, ...], ...]
"""References: `c`, `c.i`, or selections by position: map, configuration, instances."""

_SECTIONS: Final = ("groups", "containers", "volumes", "networks", "host")


def read_groups(value: object, place: Place) -> FrozenMapping[str, Group]:
    """Groups by name; a single reference is a list of it (SEL-22)."""
    if value is None:
        return FrozenMapping()
    if not isinstance(value, Mapping):
        place.report(f"groups are a mapping of names to lists, not {kind_of(value)}")
        return FrozenMapping()
    return FrozenMapping(
        {str(name): _read_group(entries, place.at(name)) for name, entries in value.items()}
    )


def _read_group(value: object, place: Place) -> Group:
    if value is None:
        return ()
    if isinstance(value, str | MapItem):
        return (value,)
    if not isinstance(value, list | tuple):
        place.report(f"a group is a list of containers, not {kind_of(value)}")
        return ()
    read: list[str | MapItem | tuple[object, ...]] = []
    for index, entry in enumerate(value):
        match entry:
            case str() | MapItem() if entry:
                read.append(entry)
            case [(None | str()), str(), *_]:
                read.append(
                    tuple(tuple(part) if isinstance(part, list) else part for part in entry)
                )
            case _:
                place.index(index).report(
                    f"this is to be a container, not {kind_of(entry)}",
                    "write CONFIGURATION or CONFIGURATION.INSTANCE",
                )
    return tuple(read)


PROPERTIES: Final[Mapping[str, Callable[[object, Place], object]]] = {
    "repository": read_late_text,
    "default_tag": read_late_text,
    "clients": read_distinct_names,
    "groups": read_groups,
    "default_domain": read_late_text,
    "set_hostname": read_flag,
    "use_attached_parent_name": read_flag,
}
"""The properties of a map, and how they are read."""

RESERVED: Final = frozenset({"name", *PROPERTIES, *_SECTIONS, "host_root"})
"""Top-level keys that are no containers (LOAD-1, YAML-3)."""

_ATTRIBUTES: Final = frozenset({*attributes_of(ContainerConfiguration), *START_OPTIONS})


@define(eq=False)
class Sections:
    """The parts of a map as far as they were given; only used while one is read."""

    properties: dict[str, object] = field(factory=dict)
    containers: dict[str, ContainerConfiguration] = field(factory=dict)
    volumes: dict[str, VolumeConfiguration] = field(factory=dict)
    networks: dict[str, NetworkConfiguration] = field(factory=dict)
    host: HostVolumeConfiguration = field(factory=HostVolumeConfiguration)

    def read(self, given: Mapping[str, object], place: Place) -> None:
        """Read a document over what is there already: what has the same name is replaced."""
        named = _with_meant_sections(given, place)
        for key, read in PROPERTIES.items():
            if named.get(key, UNSET) is not UNSET:
                self.properties[key] = read(named[key], place.at(key))
        at = place.at("containers")
        containers = _read_section(named.get("containers"), at, read_container)
        if is_compose(given.get(SERVICES), _ATTRIBUTES):
            place.at(SERVICES).report(
                "this is a file for Docker Compose, and no map",
                "write its services at the top level, or below 'containers'",
            )
            # What else has to be written otherwise is told along.
            services = named.pop(SERVICES)
            self.containers |= _read_section(services, place.at(SERVICES), read_container)
        for key, value in named.items():
            if key not in RESERVED:
                if key in containers:
                    at.at(key).report(
                        f"the container '{key}' is described twice, once without 'containers'"
                    )
                containers[key] = _read_top_level(key, value, place)
        self.containers |= containers
        self.volumes |= _read_section(named.get("volumes"), place.at("volumes"), read_volume)
        networks = _read_section(named.get("networks"), place.at("networks"), read_network)
        self.networks |= networks
        self._add_host(read_host(named.get("host"), place.at("host")))
        self._read_host_root(named, place)
        for name in containers:
            check_engine_name(name, at.at(name), "a container")
        for name in networks:
            check_engine_name(name, place.at("networks").at(name), "a network")

    def _add_host(self, host: HostVolumeConfiguration) -> None:
        root = host.root if host.root is not UNSET else self.host.root
        self.host = host_from(root, {**self.host.paths, **host.paths})

    def _read_host_root(self, given: Mapping[str, object], place: Place) -> None:
        root = given.get("host_root", UNSET)
        if root is UNSET:
            return
        host = given.get("host")
        if isinstance(host, Mapping) and "root" in host:
            place.at("host_root").report("the root of host volumes is also given as 'host.root'")
            return
        self.host = host_from(read_late_text(root, place.at("host_root")), self.host.paths)

    def values(self) -> dict[str, object]:
        """The fields of a map."""
        return {
            **self.properties,
            "containers": Entries(self.containers),
            "volumes": Entries(self.volumes),
            "networks": Entries(self.networks),
            "host": self.host,
        }


def read_container(value: object, place: Place) -> ContainerConfiguration:
    """A container configuration; nothing is an empty one (LOAD-3)."""
    if isinstance(value, ContainerConfiguration):
        return value
    if value is None:
        return ContainerConfiguration()
    if isinstance(value, Mapping):
        return read_configuration(ContainerConfiguration, value, place, START_OPTIONS, elsewhere)
    place.report(f"a container is a mapping, not {kind_of(value)}")
    return ContainerConfiguration()


def _read_section(value: object, place: Place, read: Callable[[object, Place], T]) -> dict[str, T]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        place.report(f"this is to be a mapping of names, not {kind_of(value)}")
        return {}
    return {str(name): read(entry, place.at(name)) for name, entry in value.items()}


def _read_top_level(key: str, value: object, place: Place) -> ContainerConfiguration:
    if value is None or isinstance(value, Mapping | ContainerConfiguration):
        return read_container(value, place.at("containers").at(key))
    place.at(key).report(
        f"'{key}' is no property of a map, and a container is a mapping, not {kind_of(value)}",
        did_you_mean(key, RESERVED),
    )
    return ContainerConfiguration()


def _with_meant_sections(given: Mapping[str, object], place: Place) -> dict[str, object]:
    """The top level, where a section that is misspelt is reported once and then read as meant."""
    entries: dict[str, object] = {}
    for raw, value in given.items():
        key = str(raw)  # YAML reads 1: as a number
        meant = None
        if (
            key not in RESERVED
            and isinstance(value, Mapping)
            and value
            and not any(name in _ATTRIBUTES for name in value)
        ):
            meant = nearest(key, _SECTIONS)
        if meant is None:
            entries[key] = value
        else:
            place.at(key).report(f"unknown section '{key}'", f"did you mean '{meant}'?")
            if meant not in given:
                entries[meant] = value
    return entries
