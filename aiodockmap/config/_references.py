"""What the names in configurations refer to, and what depends on what because of it (DEP)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

from ..errors import MapIntegrityError, Problem
from ..model import (
    PRESET_NETWORKS,
    DependencyKind,
    LazyOr,
    MapItem,
    ResourceKind,
    SharedVolume,
    UsedVolume,
)
from ._resources import VolumeConfiguration
from ._short_forms import ContainerReference

if TYPE_CHECKING:
    from ._container import ContainerConfiguration
    from ._map import ContainerMap


@frozen(kw_only=True)
class AttachedVolume:
    """A volume that a configuration owns."""

    owner: str
    alias: str
    path: LazyOr[str] | None = None
    """The path that `attaches` gives."""


@frozen(kw_only=True)
class VolumeUse:
    """An entry of `uses` that means a volume."""

    owner: str
    """The configuration that attaches it."""
    alias: str
    path: LazyOr[str] | None
    """Where it is mounted: as given, else where the owner mounts it (VOL-5); None if nobody says."""
    readonly: bool


@frozen(kw_only=True)
class ContainerUse:
    """An entry of `uses` that means all volumes of a container (VOL-7)."""

    container: ContainerReference
    readonly: bool


ResolvedUse: TypeAlias = VolumeUse | ContainerUse


@frozen(kw_only=True)
class ConfigDependency:
    """A direct dependency of all containers of a configuration."""

    kind: DependencyKind
    target: MapItem
    """A container by its instance, a volume by owner and alias, or a network."""


def attached_volumes(expanded: ContainerMap) -> Mapping[str, tuple[AttachedVolume, ...]]:
    """The attached volumes by the names that `uses` calls them by; see `ContainerMap.attached`."""
    found: dict[str, tuple[AttachedVolume, ...]] = {}
    for owner, configuration in expanded.containers.items():
        for volume in configuration.attaches:
            name = attached_name(expanded, owner, volume.name)
            path = volume.path if isinstance(volume, UsedVolume) else None
            attached = AttachedVolume(owner=owner, alias=volume.name, path=path)
            found[name] = (*found.get(name, ()), attached)
    return found


def attached_name(container_map: ContainerMap, owner: str, alias: str) -> str:
    """What `uses` calls an attached volume: the alias, or `owner.alias` in parent-name mode."""
    return f"{owner}.{alias}" if container_map.use_attached_parent_name else alias


def volume_configuration(
    container_map: ContainerMap, owner: str, alias: str
) -> VolumeConfiguration:
    """The configuration of an attached volume; all defaults if there is none (VOL-3, VOL-6)."""
    if container_map.use_attached_parent_name:
        found = container_map.volumes.get(f"{owner}.{alias}")
        if found is not None:
            return found
    return container_map.volumes.get(alias) or VolumeConfiguration()


def attached_path(container_map: ContainerMap, volume: AttachedVolume) -> LazyOr[str] | None:
    """Where the owner mounts a volume of its own; None if nothing says so (VOL-4)."""
    if volume.path is not None:
        return volume.path
    return volume_configuration(container_map, volume.owner, volume.alias).default_path or None


def find_container(container_map: ContainerMap, name: str) -> ContainerReference | None:
    """The configuration, and perhaps the instance, that `c` or `c.i` means in a map.

    Whether there is such an instance is another question.
    """
    containers = container_map.expanded().containers
    if name in containers:
        return ContainerReference(name)
    dot = name.find(".")
    while dot >= 0:
        if name[:dot] in containers:
            return ContainerReference(name[:dot], name[dot + 1 :] or None)
        dot = name.find(".", dot + 1)
    return None


def resolve_use(container_map: ContainerMap, used: SharedVolume | UsedVolume) -> ResolvedUse | None:
    """What an entry of `uses` means; None if its name means nothing.

    An attached volume goes before a container (DEP-4, DEP-5). Of several owners it is the first.
    """
    owners = container_map.attached.get(used.name)
    if owners:
        given = used.path if isinstance(used, UsedVolume) else None
        return VolumeUse(
            owner=owners[0].owner,
            alias=owners[0].alias,
            path=given if given is not None else attached_path(container_map, owners[0]),
            readonly=used.readonly,
        )
    container = find_container(container_map, used.name)
    if container is None:
        return None
    return ContainerUse(container=container, readonly=used.readonly)


def resolve_uses(
    container_map: ContainerMap, configuration: ContainerConfiguration
) -> tuple[ResolvedUse, ...]:
    """What the entries of `uses` mean, in their order.

    Raises:
        MapIntegrityError: if a name means nothing; maps that passed the checks have none.

    """
    resolved = tuple(resolve_use(container_map, used) for used in configuration.uses)
    unknown = [
        Problem("$.containers", f"'{used.name}' is used, but nothing has that name")
        for used, found in zip(configuration.uses, resolved, strict=True)
        if found is None
    ]
    if unknown:
        raise MapIntegrityError(f"map '{container_map.name}'", unknown)
    return tuple(found for found in resolved if found is not None)


def config_dependencies(
    container_map: ContainerMap,
) -> Mapping[str, tuple[ConfigDependency, ...]]:
    """The direct dependencies of each configuration, in the order of DEP-10, each once.

    Images are not among them. Names that mean nothing are passed over; the checks report them.
    """
    expanded = container_map.expanded()
    return {
        name: tuple(dict.fromkeys(_dependencies(expanded, name, configuration)))
        for name, configuration in expanded.containers.items()
    }


def _dependencies(
    expanded: ContainerMap, name: str, configuration: ContainerConfiguration
) -> Iterator[ConfigDependency]:
    if isinstance(configuration.network_mode, ContainerReference):
        yield from _on_container(
            expanded, str(configuration.network_mode), DependencyKind.NETWORK_STACK
        )
    for endpoint in configuration.networks:
        if endpoint.network_name not in PRESET_NETWORKS:
            yield ConfigDependency(
                kind=DependencyKind.NETWORK,
                target=MapItem(ResourceKind.NETWORK, expanded.name, endpoint.network_name),
            )
        for link in endpoint.links:
            yield from _on_container(expanded, link.container, DependencyKind.ENDPOINT_LINK)
    for used in configuration.uses:
        yield from _on_used(expanded, used)
    for link in configuration.links:
        yield from _on_container(expanded, link.container, DependencyKind.LINK)
    for volume in configuration.attaches:
        yield _on_volume(expanded, name, volume.name)


def _on_used(expanded: ContainerMap, used: SharedVolume | UsedVolume) -> Iterator[ConfigDependency]:
    owners = expanded.attached.get(used.name)
    if not owners:
        yield from _on_container(expanded, used.name, DependencyKind.VOLUMES_FROM)
        return
    for volume in owners:
        for target in container_items(expanded, ContainerReference(volume.owner)):
            yield ConfigDependency(kind=DependencyKind.VOLUME_OWNER, target=target)
    for volume in owners:
        yield _on_volume(expanded, volume.owner, volume.alias)


def _on_volume(expanded: ContainerMap, owner: str, alias: str) -> ConfigDependency:
    item = MapItem(ResourceKind.VOLUME, expanded.name, owner, alias)
    return ConfigDependency(kind=DependencyKind.VOLUME, target=item)


def _on_container(
    expanded: ContainerMap, name: str, kind: DependencyKind
) -> Iterator[ConfigDependency]:
    found = find_container(expanded, name)
    if found is not None:
        for target in container_items(expanded, found):
            yield ConfigDependency(kind=kind, target=target)


def container_items(
    container_map: ContainerMap, reference: ContainerReference
) -> tuple[MapItem, ...]:
    """The container of an instance, if there is such an instance; otherwise all of the configuration."""
    instances = container_map.expanded().containers[reference.config].instances
    chosen: tuple[str | None, ...] = instances or (None,)
    if reference.instance in instances:
        chosen = (reference.instance,)
    return tuple(
        MapItem(ResourceKind.CONTAINER, container_map.name, reference.config, instance)
        for instance in chosen
    )
