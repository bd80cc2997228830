"""Calls about volumes."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ..errors import ResourceNotFound
from ..model import JsonObject, ResourceId
from ..state import ObservedVolume
from ._connection import Connection
from ._observed import volume_from_entry


def volume_path(name: str) -> str:
    """The path of a volume."""
    return f"volumes/{quote(name, safe='')}"


async def create_volume(
    connection: Connection, resource: ResourceId, body: JsonObject
) -> JsonObject:
    """See `Engine.create_volume`."""
    return await connection.read_object(
        connection.short_call("POST", "volumes/create", body=body), resource
    )


async def remove_volume(connection: Connection, resource: ResourceId) -> bool:
    """See `Engine.remove_volume`."""
    request = connection.short_call("DELETE", volume_path(resource.name))
    try:
        await connection.call(request, resource)
    except ResourceNotFound:
        return False
    return True


async def inspect_volume(connection: Connection, resource: ResourceId) -> ObservedVolume | None:
    """See `Engine.inspect_volume`."""
    request = connection.short_call("GET", volume_path(resource.name))
    try:
        details = await connection.read_object(request, resource)
    except ResourceNotFound:
        return None
    return connection.interpret(details, volume_from_entry, request, resource)


async def list_volumes(connection: Connection) -> list[ObservedVolume]:
    """See `Engine.list_volumes`."""
    request = connection.short_call("GET", "volumes")
    answer = await connection.read_object(request)
    return connection.interpret(answer, _volumes, request)


def _volumes(answer: dict[str, Any]) -> list[ObservedVolume]:
    return [volume_from_entry(entry) for entry in answer.get("Volumes") or ()]
