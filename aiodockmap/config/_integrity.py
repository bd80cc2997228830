"""Whether everything that a map mentions is there, once, and can go together (INT)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from attrs import frozen

from ..errors import Problem
from ..model import (
    PRESET_NETWORKS,
    UNSET,
    DependencyKind,
    HostVolume,
    MapItem,
    ResourceKind,
    UsedVolume,
    suggest,
)
from ._container import ContainerConfiguration
from ._cycles import describe_cycle, find_cycles
from ._host_paths import relative_host_paths, volume_name_doubt
from ._merge import report_inheritance
from ._place import Place
from ._references import attached_name, config_dependencies
from ._short_forms import ContainerReference

if TYPE_CHECKING:
    from ._map import ContainerMap

_log: Final = logging.getLogger("aiodockmap")


@frozen
class Findings:
    """What the checks found."""

    problems: tuple[Problem, ...] = ()
    cycle: tuple[str, ...] = ()
    """The first circle of containers that need each other, if there is one."""


def check(container_map: ContainerMap, *, check_duplicates: bool = True) -> Findings:
    """Check the whole map; a map without containers is not checked (INT-11)."""
    if not container_map.containers:
        return Findings()
    place = Place()
    view = _View(container_map, container_map.expanded(), _container_names(container_map))
    circles = report_inheritance(container_map.containers, place)
    _check_groups(view, place)
    if check_duplicates:
        _check_duplicates(view, place)
    _check_network_names(view, place)
    for name, configuration in view.expanded.containers.items():
        if configuration.clients:
            _log.warning(
                "map '%s': the clients of '%s' have no effect, those of the map decide",
                container_map.name,
                name,
            )
        at = partial(_Spot, view, place, name)
        _check_uses(view, configuration, at)
        _check_binds(view, configuration, at)
        _check_attaches(view, name, configuration, at)
        _check_links(view, configuration, at)
        _check_networks(view, configuration, at)
        _check_network_mode(view, configuration, at)
    for where, path in relative_host_paths(container_map):
        _log.warning("map '%s': %s: %s", container_map.name, where, volume_name_doubt(path))
    circles = (*circles, *_check_dependencies(view, place))
    return Findings(tuple(dict.fromkeys(place.problems)), circles[0] if circles else ())


@frozen
class _View:
    """What all checks look at."""

    written: ContainerMap
    expanded: ContainerMap
    names: Mapping[str, str]
    """All containers, as `c` or `c.i`, and their configurations."""


def _container_names(container_map: ContainerMap) -> Mapping[str, str]:
    return {
        str(ContainerReference(name, instance)): name
        for name, configuration in container_map.expanded().containers.items()
        for instance in configuration.instances or (None,)
    }


class _Reports(Protocol):
    """A place, or something that knows one."""

    def report(self, message: str, hint: str | None = None) -> None: ...


@frozen
class _Spot:
    """An attribute of an effective configuration, or an entry of it; found only if needed."""

    view: _View
    place: Place
    name: str
    attribute: str
    entry: object = None

    def report(self, message: str, hint: str | None = None) -> None:
        """Note a problem where the entry is written, be it in a base."""
        self.find().report(message, hint)

    def find(self) -> Place:
        """The place in the configuration that it is written in."""
        containers = self.view.written.containers
        pending = [self.name]
        seen: set[str] = set()
        while pending:
            name = pending.pop()
            if name in seen or name not in containers:
                continue
            seen.add(name)
            value = getattr(containers[name], self.attribute)
            found = self.place.at("containers").at(name).at(self.attribute)
            if self.entry is None and value is not UNSET:
                return found
            if self.entry is not None:
                for index, each in enumerate(value):
                    if each is self.entry:
                        return found.index(index)
            pending += containers[name].extends
        return self.place.at("containers").at(self.name).at(self.attribute)


class _SpotOf(Protocol):
    """Gives an attribute of one configuration, or an entry of it."""

    def __call__(self, attribute: str, entry: object = None) -> _Spot: ...


def _check_groups(view: _View, place: Place) -> None:
    containers = view.expanded.containers
    for group, entries in view.written.groups.items():
        at = place.at("groups").at(group)
        if group in containers or group in view.names:
            at.report(f"the group '{group}' has the name of a container")
        for index, entry in enumerate(entries):
            reference = _group_reference(view, entry)
            if reference is not None and reference not in containers:
                _report_container(view, at.index(index), reference, "the group contains")


def _group_reference(view: _View, entry: object) -> str | None:
    """The container on this map that an entry of a group means; None for those of other maps."""
    match entry:
        case str():
            return entry.removesuffix(".")
        case MapItem(kind=ResourceKind.CONTAINER, map_name=map_name, name=name, instance=instance):
            return (
                str(ContainerReference(name, instance)) if map_name == view.written.name else None
            )
        case (map_name, str() as name, *_) if map_name in (None, view.written.name):
            return name
        case _:
            return None


def _report_container(view: _View, place: _Reports, name: str, what: str) -> None:
    """Report a name that is not the one of a container, unless it is."""
    if name in view.names:
        return
    configuration = view.expanded.containers.get(name)
    if configuration is not None:
        place.report(
            f"{what} '{name}', which has instances",
            "write " + " or ".join(f"'{name}.{instance}'" for instance in configuration.instances),
        )
    elif name in view.written.containers:
        place.report(f"{what} '{name}', which is abstract")
    else:
        place.report(f"{what} '{name}', which is not there", suggest(name, view.names))


def _check_duplicates(view: _View, place: Place) -> None:
    """No name may mean two things in `uses` (INT-3)."""
    found: dict[str, list[tuple[str, object]]] = {}
    for owner, configuration in view.expanded.containers.items():
        for volume in configuration.attaches:
            name = attached_name(view.expanded, owner, volume.name)
            found.setdefault(name, []).append((owner, volume))
    for name, ((first, entry), *others) in found.items():
        also = [f"'{each}' attaches it" for each, _ in others]
        if name in view.names and _shares(view, view.names[name]):
            also.append("a container that shares volumes is called so")
        if also:
            _Spot(view, place, first, "attaches", entry).report(
                f"the volume name '{name}' occurs twice: {' and '.join(also)}, too"
            )


def _check_network_names(view: _View, place: Place) -> None:
    for name in view.written.networks:
        if name in PRESET_NETWORKS:
            place.at("networks").at(name).report(
                f"'{name}' is a network that every engine has; it cannot be configured"
            )


def _check_uses(view: _View, configuration: ContainerConfiguration, at: _SpotOf) -> None:
    for used in configuration.uses:
        if used.name in view.expanded.attached:
            continue
        owner = view.names.get(used.name)
        if owner is None:
            if used.name in view.expanded.containers:
                _report_container(view, at("uses", used), used.name, "this uses")
            else:
                sharing = (name for name, each in view.names.items() if _shares(view, each))
                at("uses", used).report(
                    f"'{used.name}' is neither an attached volume nor a container",
                    suggest(used.name, [*view.expanded.attached, *sharing]),
                )
        elif not _shares(view, owner):
            at("uses", used).report(
                f"the container '{used.name}' has no shares, binds or uses to take over",
                "use its attached volumes by their names"
                if view.expanded.containers[owner].attaches
                else None,
            )


def _shares(view: _View, name: str) -> bool:
    configuration = view.expanded.containers[name]
    return bool(configuration.shares or configuration.binds or configuration.uses)


def _check_binds(view: _View, configuration: ContainerConfiguration, at: _SpotOf) -> None:
    for bind in configuration.binds:
        if isinstance(bind, HostVolume):
            continue
        if bind.name not in view.written.host:
            at("binds", bind).report(
                f"'{bind.name}' is no host volume", suggest(bind.name, view.written.host)
            )
        else:
            for instance in configuration.instances or (None,):
                _check_host_path(view, bind.name, instance, at("binds", bind))
        _check_path(view, bind.name, (bind.name,), at("binds", bind))


def _check_host_path(view: _View, alias: str, instance: str | None, place: _Reports) -> None:
    try:
        view.written.host.path_of(alias, instance)
    except ValueError as missing:
        place.report(str(missing))


def _check_path(view: _View, alias: str, keys: Iterable[str], place: _Reports) -> None:
    """A path is to be found in `volumes` (INT-6, INT-13)."""
    found = [view.written.volumes[key] for key in keys if key in view.written.volumes]
    if not found:
        place.report(
            f"'{alias}' is not in the volumes of the map, so it has no path",
            suggest(alias, view.written.volumes),
        )
    elif not found[0].default_path:
        place.report(f"'{alias}' has no path: the volume of the map has no default_path")


def _check_attaches(
    view: _View, name: str, configuration: ContainerConfiguration, at: _SpotOf
) -> None:
    for volume in configuration.attaches:
        if isinstance(volume, UsedVolume):
            continue
        keys = [volume.name]
        if view.expanded.use_attached_parent_name:
            keys.insert(0, attached_name(view.expanded, name, volume.name))
        _check_path(view, volume.name, keys, at("attaches", volume))


def _check_links(view: _View, configuration: ContainerConfiguration, at: _SpotOf) -> None:
    for link in configuration.links:
        _report_container(view, at("links", link), link.container, "this links to")


def _check_networks(view: _View, configuration: ContainerConfiguration, at: _SpotOf) -> None:
    connected: set[str] = set()
    for endpoint in configuration.networks:
        name, place = endpoint.network_name, at("networks", endpoint)
        if name not in PRESET_NETWORKS and name not in view.written.networks:
            place.report(
                f"the network '{name}' is not there",
                suggest(name, [*view.written.networks, *PRESET_NETWORKS]),
            )
        if name in connected:
            place.report(f"the network '{name}' occurs twice")
        connected.add(name)
        for index, link in enumerate(endpoint.links):
            if link.container not in view.names:
                at_link = place.find().at("links").index(index)
                _report_container(view, at_link, link.container, "this links to")


def _check_network_mode(view: _View, configuration: ContainerConfiguration, at: _SpotOf) -> None:
    mode = configuration.network_mode
    place = at("network_mode")
    if isinstance(mode, ContainerReference):
        _report_container(view, place, str(mode), "this shares the network of")
    if mode is UNSET or mode == "bridge":
        return
    if configuration.networks:
        place.report(f"with the network mode '{mode}', there can be no networks")
    if mode == "none":
        return
    if any(port.host_port is not None for port in configuration.exposes):
        place.report(f"with the network mode '{mode}', no ports can be published")
    if mode != "host" and configuration.links:
        place.report(f"with the network mode '{mode}', there can be no links")


def _check_dependencies(view: _View, place: Place) -> tuple[tuple[str, ...], ...]:
    """Containers must not need each other (INT-15, DEP-20); gives the circles."""
    needs: dict[str, dict[str, DependencyKind]] = {}
    for name, dependencies in config_dependencies(view.expanded).items():
        kinds = needs.setdefault(name, {})
        for each in dependencies:
            if each.target.kind is ResourceKind.CONTAINER:
                kinds.setdefault(each.target.name, each.kind)
    cycles = find_cycles({name: tuple(kinds) for name, kinds in needs.items()})
    for cycle in cycles:
        place.at("containers").at(cycle[0]).report(
            f"containers need each other in a circle: {describe_cycle(cycle)}"
            if len(cycle) > 1
            else f"'{cycle[0]}' needs itself",
            _way_out(view, place, cycle, needs),
        )
    return cycles


_SHOWN_PLACES: Final = 5

_ATTRIBUTES: Final[Mapping[DependencyKind, str]] = {
    DependencyKind.NETWORK_STACK: "network_mode",
    DependencyKind.ENDPOINT_LINK: "networks",
    DependencyKind.VOLUME_OWNER: "uses",
    DependencyKind.VOLUMES_FROM: "uses",
    DependencyKind.LINK: "links",
}
"""Where a dependency on a container is written."""


def _way_out(
    view: _View,
    place: Place,
    cycle: Sequence[str],
    needs: Mapping[str, Mapping[str, DependencyKind]],
) -> str:
    """Where the entries are that make the circle; of a long one, the first few."""
    following = (*cycle[1:], cycle[0])
    places = [
        _Spot(view, place, name, _ATTRIBUTES[needs[name][needed]]).find().path
        for name, needed in zip(cycle, following, strict=True)
    ]
    if len(places) == 1:
        return f"look at {places[0]}"
    more = ", …" if len(places) > _SHOWN_PLACES else ""
    return f"take away one of {', '.join(places[:_SHOWN_PLACES])}{more}"
