"""Putting labels of ownership on what is created."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import Problem
from ..model import MapItem, ResourceId
from ..state import LABEL_PREFIX, ownership_labels


def labelled(
    body: Mapping[str, object],
    fields: Mapping[str, object],
    item: MapItem,
    resource: ResourceId,
) -> dict[str, object]:
    """The body with the labels that say whose it is, and what was asked for."""
    given = body.get("Labels")
    labels = dict(given) if isinstance(given, Mapping) else {}
    return {**body, "Labels": {**labels, **ownership_labels(item, resource.name, fields)}}


def reserved_labels(body: Mapping[str, object], place: str) -> list[Problem]:
    """The complaints about labels of the map that would pass for this library's own."""
    given = body.get("Labels")
    return [
        Problem(
            f"{place}.{name}",
            f"labels that start with {LABEL_PREFIX!r} are written by this library",
            "choose another prefix",
        )
        for name in (given if isinstance(given, Mapping) else ())
        if name.startswith(LABEL_PREFIX)
    ]
