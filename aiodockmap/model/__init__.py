"""The vocabulary: plain data that every stage shares."""

from ._dependency import DependencyKind
from ._ids import DEFAULT_ENGINE, PRESET_NETWORKS, MapItem, ResourceId, ResourceKind
from ._json import JsonObject
from ._unset import UNSET, Unset, UnsetType

__all__ = [
    "DEFAULT_ENGINE",
    "PRESET_NETWORKS",
    "UNSET",
    "DependencyKind",
    "JsonObject",
    "MapItem",
    "ResourceId",
    "ResourceKind",
    "Unset",
    "UnsetType",
]
