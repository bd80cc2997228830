"""The calls by which a network is made anew, and its connections are given back."""

from __future__ import annotations

from ..engine import Engine
from ..errors import EngineError, ResourceConflict, ResourceNotFound
from ..model import JsonObject, ResourceId
from ..plan import ConnectNetwork, CreateNetwork
from ._namesakes import create_network
from ._replacement import SOMEBODY_ELSE
from ._report import Succeeded


async def create_or_restore(
    engine: Engine, resource: ResourceId, creation: CreateNetwork
) -> Succeeded:
    """Create a network; if that is refused, one like that whose place it was to take.

    Raises:
        EngineError: in either case; it says what there is now.
    """
    try:
        return await create_network(engine, resource, creation.body)
    except EngineError as refusal:
        if creation.former is not None:
            refusal.message += await _restored(engine, resource, creation.former)
        raise


async def _restored(engine: Engine, resource: ResourceId, former: JsonObject) -> str:
    try:
        await create_network(engine, resource, former)
    except EngineError as error:
        return f"; and another one like the old one cannot be created either: {error.message}"
    return "; another one with the old driver and options is in its place"


async def connect(engine: Engine, resource: ResourceId, connection: ConnectNetwork) -> Succeeded:
    """Connect a container to a network, or see that it is connected.

    Raises:
        EngineError: if it cannot be connected. A container that is gone needs no connection back.
    """
    container, network = connection.container or resource.name, connection.network.name
    try:
        await engine.connect_network(resource, network, container, connection.settings)
    except ResourceConflict:
        # Whoever started it has connected it before; engines refuse that for what runs only.
        connected = await engine.inspect_container(resource, container)
        if connected is None or network not in connected.networks:
            raise
        return Succeeded(note=SOMEBODY_ELSE, by_others=True)
    except ResourceNotFound:
        if (
            not connection.is_given_back
            or await engine.inspect_container(resource, container) is not None
        ):
            raise
        return Succeeded(note="it is gone by now")
    return Succeeded()
