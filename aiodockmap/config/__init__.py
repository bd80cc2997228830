"""What people write: maps and clients, read, merged, checked and selected from."""

from ._clients import TLS_KEYS, ClientConfiguration
from ._container import ContainerConfiguration
from ._frozen import Entries, FrozenMapping
from ._host_paths import is_volume_name, volume_name_doubt
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
from ._scalars import ENGINE_NAMES, is_engine_name
from ._selection import ALL, select_items
from ._short_forms import ContainerReference
from ._sound import sound_part
from ._yaml import (
    load_clients,
    load_clients_file,
    load_map,
    load_map_file,
    load_yaml,
)
from ._yaml_loader import MapLoader, add_path_tags, expand_path

__all__ = [
    "TLS_KEYS",
    "ALL",
    "AttachedVolume",
    "ClientConfiguration",
    "ConfigDependency",
    "ContainerConfiguration",
    "ContainerMap",
    "ContainerReference",
    "ContainerUse",
    "ENGINE_NAMES",
    "Entries",
    "FrozenMapping",
    "HostVolumeConfiguration",
    "MapLoader",
    "NetworkConfiguration",
    "ResolvedUse",
    "VolumeConfiguration",
    "VolumeUse",
    "add_path_tags",
    "attached_path",
    "config_dependencies",
    "container_items",
    "expand_path",
    "find_container",
    "is_engine_name",
    "is_volume_name",
    "load_clients",
    "load_clients_file",
    "load_map",
    "load_map_file",
    "load_yaml",
    "resolve_uses",
    "select_items",
    "sound_part",
    "volume_configuration",
    "volume_name_doubt",
]
