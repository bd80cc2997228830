"""Calls about networks."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ..errors import EngineError, ResourceNotFound
from ..model import JsonObject, ResourceId
from ..state import ObservedNetwork
from ._connection import Connection
from ._containers import Created
from ._observed import network_from_entry


def network_path(ref: str, call: str = "") -> str:
    """The path of a network, or of a call on it."""
    path = f"networks/{quote(ref, safe='')}"
    return f"{path}/{call}" if call else path


async def create_network(connection: Connection, resource: ResourceId, body: JsonObject) -> Created:
    """See `Engine.create_network`."""
    # Engines before API 1.44 make namesakes otherwise; later ones ignore it.
    checked = {"CheckDuplicate": True, **body}
    request = connection.short_call("POST", "networks/create", body=checked)
    answer = await connection.read_object(request, resource)
    return connection.interpret(answer, _created, request, resource)


def _created(answer: dict[str, Any]) -> Created:
    warning = answer.get("Warning")
    return Created(id=str(answer["Id"]), warnings=(str(warning),) if warning else ())


async def remove_network(connection: Connection, resource: ResourceId, ref: str) -> bool:
    """See `Engine.remove_network`."""
    try:
        await connection.call(connection.short_call("DELETE", network_path(ref)), resource)
    except ResourceNotFound:
        return False
    return True


async def connect_network(
    connection: Connection,
    resource: ResourceId,
    network_ref: str,
    container_ref: str,
    settings: JsonObject,
) -> None:
    """See `Engine.connect_network`."""
    body: dict[str, object] = {"Container": container_ref}
    if settings:
        body["EndpointConfig"] = settings
    await connection.call(
        connection.short_call("POST", network_path(network_ref, "connect"), body=body), resource
    )


async def disconnect_network(
    connection: Connection,
    resource: ResourceId,
    network_ref: str,
    container_ref: str,
    *,
    force: bool,
) -> bool:
    """See `Engine.disconnect_network`."""
    body = {"Container": container_ref, "Force": force}
    request = connection.short_call("POST", network_path(network_ref, "disconnect"), body=body)
    try:
        await connection.call(request, resource)
    except ResourceNotFound:
        return False
    except EngineError as error:
        # Not an answer that engines give with a status of its own: it is a 500.
        if "is not connected to" not in error.message:
            raise
        return False
    return True


async def inspect_network(
    connection: Connection, resource: ResourceId, ref: str
) -> ObservedNetwork | None:
    """See `Engine.inspect_network`."""
    request = connection.short_call("GET", network_path(ref))
    try:
        details = await connection.read_object(request, resource)
    except ResourceNotFound:
        return None
    return connection.interpret(details, network_from_entry, request, resource)


async def list_networks(connection: Connection) -> list[ObservedNetwork]:
    """See `Engine.list_networks`."""
    request = connection.short_call("GET", "networks")
    entries = await connection.read_list(request)
    # The text of the time sorts like the time: one zone, and the same number of leading digits.
    entries.sort(key=lambda entry: str(entry.get("Created", "")))
    return [connection.interpret(entry, network_from_entry, request) for entry in entries]
