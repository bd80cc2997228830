"""What people write: maps and clients, read, merged, checked and selected from."""

from ._clients import ClientConfiguration, CommandRunner
from ._container import ContainerConfiguration
from ._frozen import Entries, FrozenMapping
from ._map import ContainerMap
from ._references import (
    AttachedVolume,
    ConfigDependency,
    ContainerUse,
    ResolvedUse,
    VolumeUse,
    attached_path,
    config_dependencies,
    container_items,
    find_container,
    resolve_uses,
    volume_configuration,
)
from ._resources import HostVolumeConfiguration, NetworkConfiguration, VolumeConfiguration
from ._short_forms import ContainerReference

__all__ = [
    "AttachedVolume",
    "ClientConfiguration",
    "CommandRunner",
    "ConfigDependency",
    "ContainerConfiguration",
    "ContainerMap",
    "ContainerReference",
    "ContainerUse",
    "Entries",
    "FrozenMapping",
    "HostVolumeConfiguration",
    "NetworkConfiguration",
    "ResolvedUse",
    "VolumeConfiguration",
    "VolumeUse",
    "attached_path",
    "config_dependencies",
    "container_items",
    "find_container",
    "resolve_uses",
    "volume_configuration",
]
