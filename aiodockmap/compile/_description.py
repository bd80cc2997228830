"""The names of everything on its engines, and what depends on what; nothing late is evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import field, frozen

from ..config import ConfigDependency, ContainerConfiguration, config_dependencies
from ..errors import Problem
from ..model import MapItem, ResourceId, ResourceKind
from ..state import Dependency, DesiredContainer, DesiredNetwork, DesiredState, DesiredVolume
from ._complaints import Complaints
from ._placement import Placement
from ._stopping import stop_policy


@frozen
class Description:
    """What there is, as far as names say it."""

    containers: dict[ResourceId, DesiredContainer] = field(factory=dict)
    volumes: dict[ResourceId, DesiredVolume] = field(factory=dict)
    networks: dict[ResourceId, DesiredNetwork] = field(factory=dict)
    places: dict[ResourceId, Placement] = field(factory=dict)
    """The map and the engine that each belongs to."""
    complaints: Complaints = field(factory=Complaints)

    @property
    def state(self) -> DesiredState:
        """The same without bodies."""
        return DesiredState(
            containers=self.containers, volumes=self.volumes, networks=self.networks, images={}
        )

    def claims(self, placement: Placement, resource: ResourceId, item: MapItem, place: str) -> bool:
        """Whether an item is the first of its name; a second one that is another is a problem."""
        tables: tuple[Mapping[ResourceId, DesiredContainer | DesiredVolume | DesiredNetwork], ...]
        tables = (self.containers, self.volumes, self.networks)
        known = next((table[resource].item for table in tables if resource in table), None)
        if known is None:
            self.places[resource] = placement
            return True
        if known != item and not _may_share(known, item):
            maps = dict.fromkeys([repr(known.map_name), repr(item.map_name)])
            whose = f" (maps {' and '.join(maps)})" if len(maps) > 1 else ""
            self.complaints.about(placement.map.name).append(
                Problem(place, f"{item} and {known}{whose} would both be the {resource}")
            )
        return False


def describe(
    placements: Iterable[Placement], selected: Iterable[MapItem], complaints: Complaints
) -> Description:
    """Name everything that the maps describe, with the instances that only a selection names."""
    description = Description(complaints=complaints)
    added = _instances_by_configuration(selected)
    dependencies: dict[str, Mapping[str, tuple[ConfigDependency, ...]]] = {}
    for placement in placements:
        map_name = placement.map.name
        if map_name not in dependencies:
            dependencies[map_name] = config_dependencies(placement.map)
        for name in placement.map.networks:
            _add_network(description, placement, name)
        for name, configuration in placement.map.containers.items():
            needs = tuple(
                Dependency(placement.resource(each.target), each.kind)
                for each in dependencies[map_name][name]
            )
            attached = _add_volumes(description, placement, name, configuration)
            instances = (*(configuration.instances or (None,)), *added.get((map_name, name), ()))
            for instance in dict.fromkeys(instances):
                _add_container(
                    description,
                    placement,
                    MapItem(ResourceKind.CONTAINER, map_name, name, instance),
                    tuple(dict.fromkeys(needs)),
                    attached,
                )
    return description


def _instances_by_configuration(
    selected: Iterable[MapItem],
) -> Mapping[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for item in selected:
        if item.kind is ResourceKind.CONTAINER and item.instance is not None:
            found.setdefault((item.map_name, item.name), []).append(item.instance)
    return found


def _add_network(description: Description, placement: Placement, name: str) -> None:
    network = placement.network(name)
    item = MapItem(ResourceKind.NETWORK, placement.map.name, name)
    if description.claims(placement, network, item, f"$.networks.{name}"):
        description.networks[network] = DesiredNetwork(id=network, item=item)


def _add_volumes(
    description: Description,
    placement: Placement,
    owner: str,
    configuration: ContainerConfiguration,
) -> tuple[ResourceId, ...]:
    attached = []
    for entry in configuration.attaches:
        volume = placement.volume(owner, entry.name)
        item = MapItem(ResourceKind.VOLUME, placement.map.name, owner, entry.name)
        if description.claims(placement, volume, item, f"$.containers.{owner}.attaches"):
            description.volumes[volume] = DesiredVolume(id=volume, item=item)
        attached.append(volume)
    return tuple(attached)


def _add_container(
    description: Description,
    placement: Placement,
    item: MapItem,
    dependencies: tuple[Dependency, ...],
    attached: tuple[ResourceId, ...],
) -> None:
    container = placement.container(item.name, item.instance)
    configuration = placement.map.containers[item.name]
    if description.claims(placement, container, item, f"$.containers.{item.name}"):
        description.containers[container] = DesiredContainer(
            id=container,
            item=item,
            dependencies=dependencies,
            attached=attached,
            persistent=bool(configuration.persistent),
            start_delay=float(configuration.start_delay or 0),
            stop=stop_policy(configuration, placement.client),
        )


def _may_share(known: MapItem, item: MapItem) -> bool:
    # The check for duplicates can be switched off (INT-3): then owners share a volume.
    return known.kind is ResourceKind.VOLUME and known.map_name == item.map_name
