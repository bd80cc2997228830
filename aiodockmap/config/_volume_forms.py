"""The short forms of `binds`, `attaches` and `uses` (SHP-20 to SHP-44)."""

from __future__ import annotations

from typing import Final

from ..model import HostVolume, LazyOr, SharedVolume, UsedVolume, is_late
from ._place import Place, kind_of
from ._scalars import check_engine_name
from ._shapes import (
    Fields,
    Positions,
    Shape,
    flattened,
    is_flag,
    named_positions,
    read_entries,
    readonly,
)


def read_binds(value: object, place: Place) -> tuple[SharedVolume | HostVolume, ...]:
    """Host volumes, by alias or by path."""
    return read_entries(value, place, _BINDS)


def read_attaches(value: object, place: Place) -> tuple[SharedVolume | UsedVolume, ...]:
    """Volumes that the configuration owns; those with a path of their own are `UsedVolume`."""
    return read_entries(value, place, _ATTACHES)


def read_uses(value: object, place: Place) -> tuple[SharedVolume | UsedVolume, ...]:
    """Volumes of others; those with a path of their own are `UsedVolume`."""
    return read_entries(value, place, _USES)


def _bind_fields(positions: Positions) -> Fields:
    positions = flattened(positions, range(1, 3))
    match positions:
        case (name, flag) if is_flag(flag):
            return {"name": name, "readonly": flag}
        case (name,):
            return {"name": name}
        case _:
            return named_positions(positions, ("path", "host_path", "readonly"))


def _bind(fields: Fields, place: Place) -> SharedVolume | HostVolume | None:
    is_read_only = readonly(fields.get("readonly"), place)
    if "name" in fields:
        if "path" in fields or "host_path" in fields:
            place.report("a bind has either a name, or a path and a host_path")
            return None
        name = _alias(fields["name"], place)
        return None if name is None else SharedVolume(name, is_read_only)
    path = _path(fields.get("path"), place, "path of the container")
    host_path = _path(fields.get("host_path"), place, "path of the host")
    if path is None or host_path is None:
        return None
    if isinstance(path, str) and not path.startswith(("/", "./")):
        place.report(f"the path of the container, {path!r}, is to begin with '/' or './'")
        return None
    return HostVolume(path, host_path, is_read_only)


def _attached_fields(positions: Positions) -> Fields:
    positions = flattened(positions, range(1, 2))
    match positions:
        case (name, flag) if is_flag(flag):
            return {"name": name, "readonly": flag}
        case _:
            return named_positions(positions, ("name", "path"))


def _attached(fields: Fields, place: Place) -> SharedVolume | UsedVolume | None:
    if readonly(fields.get("readonly"), place):
        place.report(
            "an attached volume cannot be read-only for its owner",
            "others can use it read-only: uses: {alias: ro}",
        )
        return None
    found = _volume(fields, place)
    if found is not None:
        check_engine_name(found.name, place, "a volume")
    return found


def _used_fields(positions: Positions) -> Fields:
    positions = flattened(positions, range(1, 3))
    match positions:
        case (name, flag) if is_flag(flag):
            return {"name": name, "readonly": flag}
        case _:
            return named_positions(positions, ("name", "path", "readonly"))


def _volume(fields: Fields, place: Place) -> SharedVolume | UsedVolume | None:
    name = _alias(fields.get("name"), place)
    if name is None:
        return None
    is_read_only = readonly(fields.get("readonly"), place)
    if fields.get("path") is None:
        return SharedVolume(name, is_read_only)
    path = _path(fields["path"], place, "path")
    return None if path is None else UsedVolume(name, path, is_read_only)


def _alias(value: object, place: Place) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and value:
        return value
    place.report(
        "the name is missing"
        if value is None or (isinstance(value, str) and not value)
        else f"the name is to be a text, not {kind_of(value)}"
    )
    return None


def _path(value: object, place: Place, what: str) -> LazyOr[str] | None:
    if is_late(value) or (isinstance(value, str) and value):
        return value  # type: ignore[return-value]  # a registered type counts as lazy
    place.report(
        f"the {what} is missing"
        if value is None or (isinstance(value, str) and not value)
        else f"the {what} is to be a text, not {kind_of(value)}"
    )
    return None


_BINDS: Final = Shape[SharedVolume | HostVolume](
    fields=("name", "path", "host_path", "readonly"),
    types=(SharedVolume, HostVolume),
    fields_of=_bind_fields,
    build=_bind,
)
_ATTACHES: Final = Shape[SharedVolume | UsedVolume](
    fields=("name", "path", "readonly"),
    types=(SharedVolume, UsedVolume),
    fields_of=_attached_fields,
    build=_attached,
)
_USES: Final = Shape[SharedVolume | UsedVolume](
    fields=("name", "path", "readonly"),
    types=(SharedVolume, UsedVolume),
    fields_of=_used_fields,
    build=_volume,
)
