"""The vocabulary: plain data that every stage shares."""

from ._capabilities import CAPABILITIES
from ._command_runner import CommandRunner
from ._dependency import DependencyKind
from ._engine_url import DEFAULT_SOCKET, EngineUrl
from ._graph import post_order
from ._ids import DEFAULT_ENGINE, PRESET_NETWORKS, MapItem, ResourceId, ResourceKind
from ._images import ImageReference
from ._json import JsonObject, object_at
from ._lazy import (
    Lazy,
    LazyOnce,
    LazyOr,
    is_late,
    lazy,
    lazy_once,
    register_type,
    resolve,
    resolve_deep,
    unregister_type,
)
from ._nearest import did_you_mean, hint_in_style, nearest, suggest
from ._paths import step_to
from ._signals import SIGNALS, signal_number
from ._units import parse_bytes, parse_duration_ns
from ._unset import UNSET, Unset, UnsetType
from ._values import (
    CmdCheck,
    ContainerLink,
    ExecCommand,
    ExecPolicy,
    HealthCheck,
    HostVolume,
    NetworkEndpoint,
    PortBinding,
    SharedVolume,
    UsedVolume,
)

__all__ = [
    "CAPABILITIES",
    "DEFAULT_ENGINE",
    "DEFAULT_SOCKET",
    "PRESET_NETWORKS",
    "SIGNALS",
    "UNSET",
    "CmdCheck",
    "CommandRunner",
    "ContainerLink",
    "DependencyKind",
    "EngineUrl",
    "ExecCommand",
    "ExecPolicy",
    "HealthCheck",
    "HostVolume",
    "ImageReference",
    "JsonObject",
    "Lazy",
    "LazyOnce",
    "LazyOr",
    "MapItem",
    "NetworkEndpoint",
    "PortBinding",
    "ResourceId",
    "ResourceKind",
    "SharedVolume",
    "Unset",
    "UnsetType",
    "UsedVolume",
    "did_you_mean",
    "hint_in_style",
    "is_late",
    "lazy",
    "lazy_once",
    "nearest",
    "parse_bytes",
    "parse_duration_ns",
    "object_at",
    "post_order",
    "register_type",
    "resolve",
    "resolve_deep",
    "signal_number",
    "step_to",
    "suggest",
    "unregister_type",
]
