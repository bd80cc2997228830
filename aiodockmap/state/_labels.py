"""What is written on a resource so that the next run knows what was asked for.

Each resource carries labels with the item of the map that it belongs to, and one digest per field
that the map set. A digest tells whether a field was set, and whether to the same value; it never
tells the value. It is keyed with the resource's name on its engine, so that equal values on two
resources do not look equal. Labels decide nothing about adoption: identity is by name (GEN-5).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from attrs import frozen

from ..model import JsonObject, MapItem

LABEL_PREFIX: Final = "io.aiodockmap."
SCHEMA: Final = "1"
SCRIPT_LABEL: Final = LABEL_PREFIX + "script"
"""On containers that run a script, and are not what the map describes under their name."""

HELPER_LABEL: Final = LABEL_PREFIX + "helper"
"""On everything that only exists while something is under way: containers of a step, and marks."""


def preparing_container(volume: str) -> str:
    """The name of the container that prepares a volume: one name, so that two runs meet there."""
    return volume + ".aiodockmap-prepare"


_SCHEMA = LABEL_PREFIX + "schema"
_MAP = LABEL_PREFIX + "map"
_NAME = LABEL_PREFIX + "name"
_INSTANCE = LABEL_PREFIX + "instance"
_DIGESTS = LABEL_PREFIX + "digests"

_DIGEST_BYTES = 6
_as_text = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


@frozen(kw_only=True)
class Ownership:
    """What the labels of a resource say about it."""

    schema: str
    map_name: str
    name: str
    instance: str | None = None
    digests: Mapping[str, str] | None = None
    """Field path to digest; None if another version of this library wrote them another way."""


def container_fields(
    body: JsonObject,
    endpoints: Mapping[str, JsonObject] | None = None,
    platform: str | None = None,
) -> dict[str, object]:
    """Take a container apart into the fields that a map can set one by one.

    Paths are those of the Engine API, with the key of an entry as last part where entries stand for
    themselves: `Env.LEVEL`, `Labels.role`, `ExposedPorts.80/tcp`, `HostConfig.Memory`,
    `HostConfig.PortBindings.80/tcp`, `HostConfig.Binds./etc/app` (by mount target),
    `HostConfig.VolumesFrom.site.app`, `Networks.site.backend`.

    Args:
        body: of `POST /containers/create`; labels of this library's own are left out.
        endpoints: settings of the networks that are connected after creation, by name.
        platform: of the image, where the map asks for one.
    """
    fields: dict[str, object] = {}
    for key, value in body.items():
        if key == "HostConfig":
            for host_key, host_value in _object(value).items():
                entries = _HOST_ENTRIES.get(host_key)
                if entries is None:
                    fields[f"HostConfig.{host_key}"] = host_value
                else:
                    fields.update(_split(f"HostConfig.{host_key}", host_value, entries))
        elif key == "NetworkingConfig":
            for name, settings in _object(_object(value).get("EndpointsConfig", {})).items():
                fields[f"Networks.{name}"] = settings
        elif key in _ENTRIES:
            fields.update(_split(key, value, _ENTRIES[key]))
        else:
            fields[key] = value
    for name, settings in (endpoints or {}).items():
        fields[f"Networks.{name}"] = settings
    if platform:
        fields["Platform"] = platform
    return fields


def volume_fields(body: JsonObject) -> dict[str, object]:
    """Take the body of `POST /volumes/create` apart: `Driver`, `DriverOpts.type`, `Labels.role`."""
    return _plain_fields(body, {"DriverOpts", "Labels"})


def network_fields(body: JsonObject) -> dict[str, object]:
    """Take the body of `POST /networks/create` apart: `Driver`, `Options.mtu`, `Labels.role`."""
    return _plain_fields(body, {"Options", "Labels"})


def digests(fields: Mapping[str, object], resource_name: str) -> dict[str, str]:
    """One short digest per field, keyed with the resource's name on its engine."""
    # The key of the hash is limited to 64 bytes, names are not.
    key = hashlib.blake2b(resource_name.encode(), digest_size=32).digest()
    return {path: _digest(path, value, key) for path, value in sorted(fields.items())}


def ownership_labels(
    item: MapItem, resource_name: str, fields: Mapping[str, object]
) -> dict[str, str]:
    """The labels that a resource gets when it is created."""
    labels = {
        _SCHEMA: SCHEMA,
        _MAP: item.map_name,
        _NAME: item.name,
        _DIGESTS: _as_text(digests(fields, resource_name)),
    }
    if item.instance is not None:
        labels[_INSTANCE] = item.instance
    return dict(sorted(labels.items()))


def read_ownership(labels: Mapping[str, str]) -> Ownership | None:
    """What the labels of an observed resource say; None if this library did not write any."""
    schema, map_name, name = labels.get(_SCHEMA), labels.get(_MAP), labels.get(_NAME)
    if schema is None or map_name is None or name is None:
        return None
    return Ownership(
        schema=schema,
        map_name=map_name,
        name=name,
        instance=labels.get(_INSTANCE),
        digests=_read_digests(labels.get(_DIGESTS, "")) if schema == SCHEMA else None,
    )


def labels_match(body: JsonObject, observed_labels: Mapping[str, str]) -> bool:
    """Whether an observed resource was created from an equal body, by this library.

    False also for bodies and resources without labels of this library: nothing is certain then.
    """
    ours = {
        key: value
        for key, value in _object(body.get("Labels", {})).items()
        if key.startswith(LABEL_PREFIX)
    }
    theirs = {key: value for key, value in observed_labels.items() if key.startswith(LABEL_PREFIX)}
    return _DIGESTS in ours and ours == theirs


_Entries = Callable[[object], Iterator[tuple[str, object]]]


def _by_key(value: object) -> Iterator[tuple[str, object]]:
    yield from _object(value).items()


def _labels(value: object) -> Iterator[tuple[str, object]]:
    for key, text in _object(value).items():
        if not key.startswith(LABEL_PREFIX):
            yield key, text


def _environment(value: object) -> Iterator[tuple[str, object]]:
    for entry in _texts(value):
        yield entry.partition("=")[0], entry


def _binds(value: object) -> Iterator[tuple[str, object]]:
    for bind in _texts(value):
        parts = bind.split(":")
        yield parts[1] if len(parts) > 1 else parts[0], bind


def _by_field(name: str) -> _Entries:
    def entries(value: object) -> Iterator[tuple[str, object]]:
        for entry in _list(value):
            yield str(_object(entry).get(name, "")), entry

    return entries


def _by_first_part(value: object) -> Iterator[tuple[str, object]]:
    for entry in _texts(value):
        yield entry.partition(":")[0], entry


def _by_text(value: object) -> Iterator[tuple[str, object]]:
    for entry in _texts(value):
        yield entry, True


_ENTRIES: Mapping[str, _Entries] = {
    "Env": _environment,
    "Labels": _labels,
    "ExposedPorts": _by_key,
    "Volumes": _by_key,
    "Healthcheck": _by_key,
}
_HOST_ENTRIES: Mapping[str, _Entries] = {
    "Annotations": _by_key,
    "Binds": _binds,
    "CapAdd": _by_text,
    "CapDrop": _by_text,
    "DeviceCgroupRules": _by_text,
    "Devices": _by_field("PathInContainer"),
    "DnsOptions": _by_text,
    "ExtraHosts": _by_first_part,
    "GroupAdd": _by_text,
    "Links": _by_text,
    "Mounts": _by_field("Target"),
    "PortBindings": _by_key,
    "SecurityOpt": _by_text,
    "StorageOpt": _by_key,
    "Sysctls": _by_key,
    "Tmpfs": _by_key,
    "Ulimits": _by_field("Name"),
    "VolumesFrom": _by_first_part,
}


def _split(path: str, value: object, entries: _Entries) -> Iterator[tuple[str, object]]:
    for key, entry in entries(value):
        yield f"{path}.{key}", entry


# What an engine does not show again: which resource it is, and how to create it.
_NOT_A_FIELD: Final = frozenset({"Name", "CheckDuplicate"})


def _plain_fields(body: JsonObject, split: set[str]) -> dict[str, object]:
    fields: dict[str, object] = {}
    for key, value in body.items():
        if key == "Labels":
            fields.update(_split(key, value, _labels))
        elif key in split:
            fields.update(_split(key, value, _by_key))
        elif key not in _NOT_A_FIELD:
            fields[key] = value
    return fields


def _digest(path: str, value: object, key: bytes) -> str:
    text = _as_text([path, value])
    return hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES, key=key).hexdigest()


def _read_digests(text: str) -> Mapping[str, str] | None:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return (
        {str(path): str(digest) for path, digest in read.items()}
        if isinstance(read, dict)
        else None
    )


def _object(value: object) -> JsonObject:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> Iterator[object]:
    if isinstance(value, list | tuple):
        yield from value


def _texts(value: object) -> Iterator[str]:
    for entry in _list(value):
        yield str(entry)
