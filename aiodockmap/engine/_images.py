"""Calls about images."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from ..errors import ResourceNotFound
from ..model import ImageReference, ResourceId
from ..state import ImageDetails, ObservedImage
from ._connection import Connection


def image_path(reference: str, call: str = "/json") -> str:
    """The path of a call about an image."""
    return f"images/{quote(reference, safe='/:@')}{call}"


async def inspect_image(connection: Connection, resource: ResourceId, reference: str) -> str | None:
    """See `Engine.inspect_image`."""
    request = connection.short_call("GET", image_path(reference))
    try:
        details = await connection.read_object(request, resource)
    except ResourceNotFound:
        return None
    return connection.interpret(details, _image_id, request, resource)


def _image_id(details: dict[str, Any]) -> str:
    return str(details["Id"])


async def image_details(
    connection: Connection, resource: ResourceId, image_id: str
) -> ImageDetails | None:
    """See `Engine.image_details`."""
    known = connection.images.get(image_id)
    if known is not None:
        return known
    try:
        details = await connection.read_object(
            connection.short_call("GET", image_path(image_id)), resource
        )
    except ResourceNotFound:
        return None
    config = details.get("Config")
    parts = (details.get(key) for key in ("Os", "Architecture", "Variant"))
    found = ImageDetails(
        config=config if isinstance(config, dict) else {},
        platform="/".join(str(part) for part in parts if part),
    )
    connection.remember_image(image_id, found)
    return found


async def list_images(connection: Connection) -> dict[str, str]:
    """See `Engine.list_images`."""
    request = connection.short_call("GET", "images/json")
    entries = await connection.read_list(request)
    return connection.interpret(entries, images_by_reference, request)


async def list_all_images(connection: Connection) -> list[ObservedImage]:
    """See `Engine.list_all_images`."""
    request = connection.short_call("GET", "images/json", query={"all": "1"})
    entries = await connection.read_list(request)
    return [connection.interpret(entry, _image_from_entry, request) for entry in entries]


def _image_from_entry(entry: dict[str, Any]) -> ObservedImage:
    return ObservedImage(
        id=str(entry["Id"]),
        parent=str(entry.get("ParentId") or ""),
        tags=_named(entry.get("RepoTags")),
        digests=_named(entry.get("RepoDigests")),
    )


def _named(references: list[str] | None) -> tuple[str, ...]:
    # How engines write that there is none.
    return tuple(each for each in references or () if "<none>" not in each)


async def remove_image(
    connection: Connection,
    resource: ResourceId,
    image_id: str,
    references: Iterable[str],
    *,
    force: bool,
) -> bool:
    """See `Engine.remove_image`."""
    names = tuple(references)
    if not names:
        return await _remove(connection, resource, image_id, force=force)
    was_removed = False
    for name in names:
        if await inspect_image(connection, resource, name) == image_id:
            was_removed |= await _remove(connection, resource, name, force=force)
    return was_removed


async def _remove(connection: Connection, resource: ResourceId, ref: str, *, force: bool) -> bool:
    # Without `noprune`, images without a name that it was built from would go as well.
    query = {"noprune": "1", **({"force": "1"} if force else {})}
    request = connection.short_call("DELETE", image_path(ref, ""), query=query)
    try:
        await connection.call(request, resource)
    except ResourceNotFound:
        return False
    return True


def images_by_reference(entries: list[dict[str, Any]]) -> dict[str, str]:
    """Canonical reference to id, from `GET /images/json`; tags and digests alike."""
    found: dict[str, str] = {}
    for entry in entries:
        for reference in (*_named(entry.get("RepoTags")), *_named(entry.get("RepoDigests"))):
            found[ImageReference.parse(reference).canonical] = str(entry["Id"])
    return found
