"""What the map asks for, per engine, with nothing left to look up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from attrs import field, frozen

from ..model import (
    DependencyKind,
    ImageReference,
    JsonObject,
    MapItem,
    ResourceId,
    ResourceKind,
    post_order,
)
from ._labels import container_fields
from ._ports import HostPort


@frozen
class Dependency:
    """One edge of the graph: what is needed, and which attribute of the map says so."""

    on: ResourceId
    kind: DependencyKind


@frozen(kw_only=True)
class ExecSpec:
    """A command to run inside a started container, ready for the engine (EXEC-3)."""

    argv: tuple[str, ...] = field(repr=False)
    """Not shown: people pass passwords to commands."""
    user: str | None = None
    only_initially: bool = False
    """Policy `initial`: only at the first start after creation (EXEC-10)."""
    detach: bool = False
    """Do not wait for the command's end."""


@frozen(kw_only=True)
class EndpointSpec:
    """A connection of a container to a network (NET-4)."""

    network: ResourceId
    settings: JsonObject = field(repr=False)
    """`EndpointSettings` of the Engine API; empty for all defaults."""


DEFAULT_GRACE: Final = 10
"""Seconds that engines give a container to stop, where nobody says otherwise."""


@frozen(kw_only=True)
class StopPolicy:
    """How a container is asked to stop (STOP-1 to STOP-3)."""

    signal: str | None = None
    """`SIGxxx`; None for the engine's own choice, which is SIGTERM."""
    grace: int | None = None
    """Seconds until it is killed; None for the engine's own choice."""

    @property
    def longer_than_usual(self) -> float:
        """By how many seconds more than engines give by themselves."""
        return max(0.0, (self.grace or 0) - DEFAULT_GRACE)


@frozen(kw_only=True)
class ContainerSpec:
    """How a container is created: `POST /containers/create`, and what follows it."""

    image: ResourceId
    body: JsonObject = field(repr=False)
    platform: str | None = None
    fields: Mapping[str, object] = field(repr=False, eq=False)
    """Body and platform, taken apart (`container_fields`)."""
    further_endpoints: tuple[EndpointSpec, ...] = ()
    """Networks to connect after creation, in order; the first one is part of the body (NET-3)."""
    exec_commands: tuple[ExecSpec, ...] = ()
    volumes: tuple[ResourceId, ...] = ()
    """Every named volume that the body mounts, attached or used."""
    host_ports: tuple[HostPort, ...] = ()
    """The fixed ports of the host that the body publishes; not those that the engine chooses."""

    @fields.default
    def _take_apart(self) -> Mapping[str, object]:
        return container_fields(self.body, None, self.platform)


@frozen(kw_only=True)
class DesiredContainer:
    """One container of a map on one engine."""

    id: ResourceId
    item: MapItem
    dependencies: tuple[Dependency, ...] = ()
    """In the order of DEP-10: containers, volumes, networks, and the image if there is a spec."""
    attached: tuple[ResourceId, ...] = ()
    """The volumes that its configuration owns."""
    persistent: bool = False
    start_delay: float = 0.0
    stop: StopPolicy = StopPolicy()
    spec: ContainerSpec | None = None
    """None where the verb needs none (teardown), so that no late value is evaluated for it."""


@frozen(kw_only=True)
class VolumeOwnership:
    """Who owns the files of a new volume, and what they may do (VOL-20, VOL-21)."""

    owner: str | None = None
    """`user:group` as chown takes it."""
    mode: str | None = None
    """As chmod takes it."""


@frozen(kw_only=True)
class DesiredVolume:
    """One named volume: it belongs to a configuration and is shared by its instances (VOL-1)."""

    id: ResourceId
    item: MapItem
    body: JsonObject | None = field(default=None, repr=False)
    """`POST /volumes/create`; None where the verb creates nothing."""
    ownership: VolumeOwnership | None = None
    core_image: ResourceId | None = None
    """The image for preparing it, if the engine has it (VOL-23)."""
    owner_image: ResourceId | None = None
    """The image of its owner, for preparing it otherwise."""


@frozen(kw_only=True)
class DesiredNetwork:
    """One configured network."""

    id: ResourceId
    item: MapItem
    body: JsonObject | None = field(default=None, repr=False)
    """`POST /networks/create`; None where the verb creates nothing."""


@frozen(kw_only=True)
class DesiredImage:
    """One image that a container is made from."""

    id: ResourceId
    item: MapItem
    platforms: tuple[str | None, ...] = (None,)
    """What its containers ask for, in their order; None for the engine's own."""
    maps: tuple[str, ...] = ()
    """Those of its containers."""

    def is_meant_by(self, item: MapItem) -> bool:
        """Whether an item is this image, in any spelling; without a tag or a digest it is all of them."""
        if item.kind is not ResourceKind.IMAGE or item.map_name not in self.maps:
            return False
        known = ImageReference.parse(self.id.name)
        try:
            written = _written(item)
        except ValueError:
            return False
        if not (written.tag or written.digest):
            known = ImageReference(known.repository)
        return written.canonical == known.canonical


def _written(item: MapItem) -> ImageReference:
    if not item.instance:
        return ImageReference.parse(item.name)
    if ":" in item.instance:
        return ImageReference(item.name, digest=item.instance)
    return ImageReference(item.name, item.instance)


@frozen(kw_only=True)
class DesiredState:
    """Everything that the maps describe, on all their engines, and how it hangs together."""

    containers: Mapping[ResourceId, DesiredContainer]
    volumes: Mapping[ResourceId, DesiredVolume]
    networks: Mapping[ResourceId, DesiredNetwork]
    images: Mapping[ResourceId, DesiredImage]
    further_ports: Mapping[ResourceId, tuple[HostPort, ...]] = field(factory=dict)
    """Ports of the host that containers publish which have no spec here, those of other maps included: as
    far as maps say so without evaluating anything."""

    def item(self, resource: ResourceId) -> MapItem | None:
        """Say what a map calls a resource; None if no map describes it (a preset network)."""
        for table in (self.containers, self.volumes, self.networks, self.images):
            found = table.get(resource)
            if found is not None:
                return found.item
        return None

    def named(self, items: Iterable[MapItem]) -> tuple[ResourceId, ...]:
        """The resources of the given items on every engine of their maps, in the items' order."""
        by_item: dict[MapItem, list[ResourceId]] = {}
        for table in (self.containers, self.volumes, self.networks):
            for described in table.values():
                by_item.setdefault(described.item, []).append(described.id)
        return tuple(
            found for item in items for found in by_item.get(item, self._images_named(item))
        )

    def _images_named(self, item: MapItem) -> Iterable[ResourceId]:
        return (image.id for image in self.images.values() if image.is_meant_by(item))

    def dependencies(self, resource: ResourceId) -> tuple[Dependency, ...]:
        """The direct dependencies; only containers have any (DEP-11)."""
        container = self.containers.get(resource)
        return container.dependencies if container else ()

    def forward(self, resources: Iterable[ResourceId]) -> tuple[ResourceId, ...]:
        """The resources and everything below them, dependencies first (DEP-13, DEP-17)."""

        def containers_below(resource: ResourceId) -> tuple[ResourceId, ...]:
            return tuple(
                dependency.on
                for dependency in self.dependencies(resource)
                if dependency.on.kind is ResourceKind.CONTAINER
            )

        ordered: dict[ResourceId, None] = {}
        for resource in post_order(resources, containers_below):
            for dependency in self.dependencies(resource):
                ordered.setdefault(dependency.on)
            ordered.setdefault(resource)
        return tuple(ordered)

    def forward_order(self, resources: Iterable[ResourceId]) -> tuple[ResourceId, ...]:
        """The given resources only, dependencies first."""
        wanted = frozenset(resources)
        return tuple(resource for resource in self.forward(resources) if resource in wanted)

    def dependants(self) -> Mapping[ResourceId, tuple[ResourceId, ...]]:
        """For each resource the containers that directly need it (DEP-14, DEP-15)."""
        above: dict[ResourceId, dict[ResourceId, None]] = {}
        for container in self.containers.values():
            for dependency in container.dependencies:
                above.setdefault(dependency.on, {}).setdefault(container.id)
        return {resource: tuple(containers) for resource, containers in above.items()}

    def reverse(self, resources: Iterable[ResourceId]) -> tuple[ResourceId, ...]:
        """The resources and all containers above them, outermost first (DEP-14)."""
        above = self.dependants()
        return post_order(resources, lambda resource: above.get(resource, ()))
