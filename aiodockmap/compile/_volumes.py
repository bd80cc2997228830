"""Volumes: what they are made from, and whose files they hold (VOL)."""

from __future__ import annotations

from ..config import ContainerMap, volume_configuration
from ..errors import Problem
from ..model import UNSET, LazyOr, MapItem
from ..options import (
    BadValue,
    is_sequence,
    late_part_of,
    option_map,
    text,
    texts,
    volume_options,
)
from ..state import VolumeOwnership, volume_fields
from ._labels import labelled
from ._placement import Placement


def volume_body(placement: Placement, item: MapItem, problems: list[Problem]) -> dict[str, object]:
    """The body of `POST /volumes/create` (VOL-2, OPT-6)."""
    owner, alias = item.name, item.instance or ""
    settings = volume_configuration(placement.map, owner, alias)
    resource = placement.volume(owner, alias)
    place = f"$.volumes.{alias}"
    try:
        options = late_part_of(".create_options", volume_options, settings.create_options)
        driver_options = late_part_of(".driver_options", option_map, settings.driver_options)
        driver = late_part_of(".driver", text, settings.driver)
    except BadValue as problem:
        problems += problem.at(place)
        return {}
    further = options.pop("DriverOpts", {})
    driver_options |= further if isinstance(further, dict) else {}
    body = {"Name": resource.name, "Driver": driver, **options}
    if driver_options:
        body["DriverOpts"] = driver_options
    return labelled(body, volume_fields(body), item, resource)


def volume_ownership(
    container_map: ContainerMap, owner: str, alias: str, problems: list[Problem]
) -> VolumeOwnership | None:
    """Who owns the files of a new volume, and their mode; None if nobody says (VOL-20, VOL-21)."""
    settings = volume_configuration(container_map, owner, alias)
    configuration = container_map.containers[owner]
    user = _first_set(settings.user, configuration.user)
    mode = _first_set(settings.permissions, configuration.permissions)
    try:
        who = late_part_of(".user", _owner, user)
        how = late_part_of(".permissions", _mode, mode)
    except BadValue as problem:
        problems += problem.at(f"$.volumes.{alias}")
        return None
    return VolumeOwnership(owner=who, mode=how) if who or how else None


def _first_set(*values: LazyOr[object]) -> LazyOr[object]:
    return next((value for value in values if value is not UNSET and value is not None), None)


def _owner(user: object) -> str | None:
    if user is None or user in (0, ""):
        return None
    if is_sequence(user):
        return ":".join(texts(user))
    name = text(user)
    return name if ":" in name else f"{name}:{name}"


def _mode(mode: object) -> str | None:
    if isinstance(mode, int | float):  # nobody can tell 0750 from 488
        raise BadValue(
            "must be a mode in the notation of chmod, not a number", hint="make it a text"
        )
    return text(mode) if mode else None
