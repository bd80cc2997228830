"""Everything that maps describe, put together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

import attrs
from attrs import field, frozen

from ..config import ClientConfiguration, ContainerMap
from ..errors import OptionError, Problem, SelectionError
from ..model import DependencyKind, ImageReference, MapItem, ResourceId, ResourceKind, suggest
from ..options import Layer, Section, check_values, read_layers
from ..state import (
    ContainerSpec,
    Dependency,
    DesiredContainer,
    DesiredImage,
    DesiredState,
    DesiredVolume,
    HostPort,
)
from ._complaints import Complaints
from ._container import container_spec
from ._description import Description, describe
from ._networks import network_body
from ._placement import Placement
from ._placements import place_map
from ._request import CompileRequest, Scope
from ._rivals import check_names, describe_others, written_ports
from ._subject import Subject
from ._volumes import volume_body, volume_ownership


def compile_maps(
    maps: Mapping[str, ContainerMap],
    clients: Mapping[str, ClientConfiguration],
    request: CompileRequest,
    others: Iterable[ContainerMap] = (),
) -> DesiredState:
    """Everything that the maps describe on their engines, with nothing left to look up.

    Names, dependencies and the like are there for all of it; bodies only in full scope, and for
    what the selected items need, themselves included; to find an image that is selected, the late values of
    all containers of its map are evaluated. Equal input gives an equal result.

    `others` are maps that the action is not about: names that both claim are a problem of `maps`, and the
    ports that they publish are told along.

    Raises:
        MapError: with everything in the maps that cannot mean anything.
        OptionError: for arguments of the call that cannot.
        SelectionError: in full scope, for selected images that no container of their map is made from.
    """
    complaints = Complaints()
    placements = [
        placement
        for container_map in maps.values()
        for placement in place_map(
            container_map, clients, request, complaints.about(container_map.name)
        )
    ]
    description = describe(placements, request.selected, complaints)
    rivals = describe_others(others, clients, request)
    check_names(description, rivals)
    complete = request.scope is Scope.FULL
    state = _completed(description, request, rivals) if complete else description.state
    complaints.raise_any()
    if complete:
        _check_images(state, request.selected)
    return state


def _check_images(state: DesiredState, selected: Iterable[MapItem]) -> None:
    unknown = []
    for item in selected:
        if item.kind is ResourceKind.IMAGE and not state.named([item]):
            known = [each.id.name for each in state.images.values() if item.map_name in each.maps]
            name = ":".join(part for part in (item.name, item.instance) if part)
            hint = suggest(name, known) or "none of its containers is made from it"
            unknown.append(f"no image '{name}' on map '{item.map_name}'; {hint}")
    if unknown:
        raise SelectionError("; ".join(unknown))


def _completed(
    description: Description, request: CompileRequest, rivals: Description
) -> DesiredState:
    """The state, with bodies and images for all that the selected items need."""
    described, places, complaints = description.state, description.places, description.complaints
    selected = frozenset(described.named(request.selected))
    needed = frozenset(described.forward(selected))
    overrides = _overrides(request)
    images = Images()
    asked_for_images = {
        item.map_name for item in request.selected if item.kind is ResourceKind.IMAGE
    }
    containers = dict(described.containers)
    for resource, container in described.containers.items():
        if resource in needed:
            layers = overrides if resource in selected else ()
            containers[resource] = _with_spec(
                container, places[resource], layers, images, complaints
            )
        elif container.item.map_name in asked_for_images:
            # Nothing but its image is of interest.
            _with_spec(container, places[resource], (), images, complaints)
    _check_ports(containers, complaints)
    return DesiredState(
        containers=containers,
        volumes={
            resource: _with_volume_body(volume, places[resource], request, containers, complaints)
            if resource in needed
            else volume
            for resource, volume in described.volumes.items()
        },
        networks={
            resource: attrs.evolve(
                network,
                body=network_body(
                    places[resource], network.item, complaints.about(network.item.map_name)
                ),
            )
            if resource in needed
            else network
            for resource, network in described.networks.items()
        },
        images=images.desired,
        further_ports={
            **dict(
                written_ports(
                    description, (id_ for id_ in described.containers if id_ not in needed)
                )
            ),
            **dict(written_ports(rivals, rivals.containers)),
        },
    )


def _overrides(request: CompileRequest) -> tuple[Layer, ...]:
    problems: list[Problem] = []
    layers = read_layers(request.overrides, "", Section.CREATE, problems)
    check_values(layers, problems)
    if problems:
        cause = next((problem.cause for problem in problems if problem.cause), None)
        raise OptionError("; ".join(str(problem) for problem in problems)) from cause
    return layers


@frozen
class Images:
    """The images that containers are made from; spellings of the same image share one."""

    desired: dict[ResourceId, DesiredImage] = field(factory=dict)
    by_canonical_name: dict[tuple[str, str], ResourceId] = field(factory=dict)

    def add(self, map_name: str, image: ResourceId, platform: str | None) -> ResourceId:
        """The one identity of an image on an engine; note that it is wanted for a platform."""
        reference = ImageReference.parse(image.name)
        known = self.by_canonical_name.setdefault((image.engine, reference.canonical), image)
        described = self.desired.get(known)
        if described is None:
            version = reference.digest or reference.tag
            item = MapItem(ResourceKind.IMAGE, map_name, reference.repository, version)
            described = DesiredImage(id=known, item=item, platforms=())
        self.desired[known] = attrs.evolve(
            described,
            platforms=tuple(dict.fromkeys((*described.platforms, platform))),
            maps=tuple(dict.fromkeys((*described.maps, map_name))),
        )
        return known


def _with_spec(
    container: DesiredContainer,
    placement: Placement,
    overrides: Iterable[Layer],
    images: Images,
    complaints: Complaints,
) -> DesiredContainer:
    item = container.item
    subject = Subject(
        placement=placement,
        name=item.name,
        instance=item.instance,
        configuration=placement.map.containers[item.name],
        problems=complaints.about(item.map_name),
    )
    spec = container_spec(subject, overrides)
    if spec is None:
        return container
    image = images.add(item.map_name, spec.image, spec.platform)
    return attrs.evolve(
        container,
        spec=attrs.evolve(spec, image=image),
        dependencies=(*container.dependencies, Dependency(image, DependencyKind.IMAGE)),
    )


def _with_volume_body(
    volume: DesiredVolume,
    placement: Placement,
    request: CompileRequest,
    containers: Mapping[ResourceId, DesiredContainer],
    complaints: Complaints,
) -> DesiredVolume:
    owner, alias = volume.item.name, volume.item.instance or ""
    problems = complaints.about(volume.item.map_name)
    return attrs.evolve(
        volume,
        body=volume_body(placement, volume.item, problems),
        ownership=volume_ownership(placement.map, owner, alias, problems),
        core_image=ResourceId(placement.engine, ResourceKind.IMAGE, request.core_image),
        owner_image=_image_of_owner(placement, owner, containers),
    )


def _image_of_owner(
    placement: Placement, owner: str, containers: Mapping[ResourceId, DesiredContainer]
) -> ResourceId | None:
    configuration = placement.map.containers[owner]
    first = containers.get(placement.container(owner, next(iter(configuration.instances), None)))
    if first is not None and first.spec is not None:
        return first.spec.image
    try:
        name = str(placement.image(owner, configuration))
    except ValueError:
        return None
    return ResourceId(placement.engine, ResourceKind.IMAGE, name)


def _check_ports(containers: Mapping[ResourceId, DesiredContainer], complaints: Complaints) -> None:
    """Complain about containers that can never run side by side."""
    for first, second, port in _collisions(containers.values()):
        complaints.about(second.item.map_name).append(
            Problem(
                f"$.containers.{second.item.name}",
                f"{second.item} and {first.item} are both published on port {port} of the host",
                "choose another port, or another interface",
            )
        )


def _collisions(
    containers: Iterable[DesiredContainer],
) -> Iterator[tuple[DesiredContainer, DesiredContainer, HostPort]]:
    by_port: dict[tuple[str, int, str], list[tuple[DesiredContainer, HostPort]]] = {}
    for container in containers:
        for port in _ports(container.spec):
            key = (container.id.engine, port.port, port.protocol)
            by_port.setdefault(key, []).append((container, port))
    for published in by_port.values():
        for (first, port), (second, other) in combinations(published, 2):
            if first.id != second.id and port.collides_with(other):
                yield first, second, other


def _ports(spec: ContainerSpec | None) -> tuple[HostPort, ...]:
    return spec.host_ports if spec else ()
