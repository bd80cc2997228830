"""The calls by which a network is made anew, and its connections are given back."""

from __future__ import annotations

from ..engine import Engine
from ..errors import ResourceConflict, ResourceNotFound
from ..model import ResourceId
from ..plan import ConnectNetwork, CreateNetwork
from ._namesakes import create_network
from ._replacement import SOMEBODY_ELSE
from ._report import Succeeded
from ._restoration import created_or_restored


async def create_or_restore(
    engine: Engine, resource: ResourceId, creation: CreateNetwork
) -> Succeeded:
    """Create a network; if that is refused, one like that whose place it was to take.

    Raises:
        EngineError: in either case; it says what there is now.
    """
    former = creation.former
    if former is None:
        return await create_network(engine, resource, creation.body)
    return await created_or_restored(
        lambda: create_network(engine, resource, creation.body),
        lambda: create_network(engine, resource, former),
    )


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
