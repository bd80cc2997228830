"""Putting labels of ownership on what is created."""

from __future__ import annotations

from collections.abc import Mapping

from ..model import MapItem, ResourceId
from ..state import ownership_labels


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
