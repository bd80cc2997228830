"""Volumes, binds and mounts in docker-py's forms and in those of the Engine API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ._container_forms import labels
from ._conversions import (
    BadValue,
    Part,
    byte_count,
    flag,
    integer,
    map_of,
    option_map,
    plain,
    record,
    text,
    texts,
)

_PROPAGATIONS: Final = frozenset({"rshared", "shared", "rslave", "slave", "rprivate", "private"})


def volumes(value: object) -> dict[str, object]:
    """Accept paths of anonymous volumes: a list, a single one, and the engine's mapping."""
    paths = list(value) if isinstance(value, Mapping) else texts(value)
    return {text(path): {} for path in paths}


def binds(value: object) -> list[str]:
    """Accept `source:target[:mode]`, and a mapping from source to target or `{bind, mode}`."""
    if not isinstance(value, Mapping):
        return texts(value)
    targets = map_of(_target)(value)
    return [f"{source}:{target}" for source, target in targets.items()]


def _target(value: object) -> str:
    if not isinstance(value, Mapping):
        return f"{text(value)}:rw"
    fields = _BIND(value)
    if "ro" in fields and "mode" in fields:
        raise BadValue("has both `ro` and `mode`; keep one")
    mode = str(fields.get("mode", "ro" if fields.get("ro") else "rw"))
    propagation = fields.get("propagation")
    if propagation is not None and propagation not in _PROPAGATIONS:
        raise BadValue(f"has an unknown propagation; there are {', '.join(sorted(_PROPAGATIONS))}")
    modes = ",".join(part for part in (mode, propagation) if isinstance(part, str) and part)
    return f"{fields['bind']}:{modes}"


_BIND: Final = record(
    Part("bind", (), text, required=True),
    Part("mode", (), text),
    Part("ro", (), flag),
    Part("propagation", (), text),
)


def volume_sources(value: object) -> list[str]:
    """Accept a list of containers with an optional mode, and a text with commas between them."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return texts(value)


def tmpfs(value: object) -> dict[str, object]:
    """Accept a mapping from path to mount options, and `path[:options]` texts."""
    if isinstance(value, Mapping):
        return dict(option_map(value))
    return {path: options for path, _, options in (entry.partition(":") for entry in texts(value))}


_DRIVER_CONFIG: Final = record(
    Part("Name", ("name",), text), Part("Options", ("options",), option_map)
)
_BIND_OPTIONS: Final = record(
    Part("Propagation", ("propagation",), text),
    Part("NonRecursive", ("non_recursive",), flag),
    Part("CreateMountpoint", ("create_mountpoint",), flag),
    Part("ReadOnlyNonRecursive", ("read_only_non_recursive",), flag),
    Part("ReadOnlyForceRecursive", ("read_only_force_recursive",), flag),
)
_VOLUME_OPTIONS: Final = record(
    Part("NoCopy", ("no_copy",), flag),
    Part("Labels", ("labels",), labels),
    Part("DriverConfig", ("driver_config",), _DRIVER_CONFIG),
    Part("Subpath", ("subpath",), text),
)
_TMPFS_OPTIONS: Final = record(
    Part("SizeBytes", ("tmpfs_size",), byte_count),
    Part("Mode", ("tmpfs_mode",), integer),
    Part("Options", ("options",), plain),
)
_MOUNT: Final = record(
    Part("Target", ("target",), text, required=True),
    Part("Source", ("source",), text),
    Part("Type", ("type",), text),
    Part("ReadOnly", ("read_only",), flag),
    Part("Consistency", ("consistency",), text),
    Part("BindOptions", ("bind_options",), _BIND_OPTIONS),
    Part("VolumeOptions", ("volume_options",), _VOLUME_OPTIONS),
    Part("TmpfsOptions", ("tmpfs_options",), _TMPFS_OPTIONS),
    Part("ImageOptions", ("image_options",), plain),
    Part("ClusterOptions", ("cluster_options",), plain),
    # docker-py gives these to the mount itself.
    Part("propagation", (), text),
    Part("no_copy", (), flag),
    Part("labels", (), labels),
    Part("driver_config", (), _DRIVER_CONFIG),
    Part("subpath", (), text),
    Part("tmpfs_size", (), byte_count),
    Part("tmpfs_mode", (), integer),
)
_OPTION_OF: Final = {
    "propagation": ("BindOptions", _BIND_OPTIONS),
    "no_copy": ("VolumeOptions", _VOLUME_OPTIONS),
    "labels": ("VolumeOptions", _VOLUME_OPTIONS),
    "driver_config": ("VolumeOptions", _VOLUME_OPTIONS),
    "subpath": ("VolumeOptions", _VOLUME_OPTIONS),
    "tmpfs_size": ("TmpfsOptions", _TMPFS_OPTIONS),
    "tmpfs_mode": ("TmpfsOptions", _TMPFS_OPTIONS),
}
_MOUNT_TYPES: Final = ("bind", "volume", "tmpfs", "npipe", "image", "cluster")


def mount(value: object) -> dict[str, object]:
    """Accept docker-py's keywords of a mount, the engine's fields, and `[source:]target[:ro]`."""
    if isinstance(value, str):
        return _mount_from_text(value)
    fields = _MOUNT(value)
    result = {key: entry for key, entry in fields.items() if key not in _OPTION_OF}
    kind = str(result.setdefault("Type", "volume"))
    if kind not in _MOUNT_TYPES:
        raise BadValue(f"has the type {kind!r}; there are {', '.join(_MOUNT_TYPES)}")
    for key, (group, convert) in _OPTION_OF.items():
        if key not in fields:
            continue
        if group.removesuffix("Options").lower() != kind:
            raise BadValue(f"is of the type {kind!r}, which has no {key!r}")
        options = result.setdefault(group, {})
        if isinstance(options, dict):
            options.update(convert({key: fields[key]}))
    return result


def _mount_from_text(value: str) -> dict[str, object]:
    source, colon, rest = value.partition(":")
    target, _, mode = rest.partition(":")
    if not colon:
        return {"Target": source, "Type": "volume"}
    if mode not in {"", "ro", "rw"}:
        raise BadValue("must be [source:]target[:ro]")
    kind = "bind" if source.startswith("/") else "volume"
    return {"Target": target, "Source": source, "Type": kind, "ReadOnly": mode == "ro"}
