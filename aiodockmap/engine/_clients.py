"""From what a client file says to an engine that can be talked to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

import aiodocker
import aiohttp

from ..config import ClientConfiguration
from ..errors import InvalidRequest
from ..model import resolve
from ._aiodocker import AiodockerTransport
from ._connection import CALL_TIMEOUT
from ._engine import Engine
from ._hosts import Address, SshAddress, TcpAddress, UnixAddress, resolve_address
from ._ssh import SshTunnel
from ._transport import Transport

EngineSource: TypeAlias = ClientConfiguration | aiodocker.Docker | Transport
"""How to reach an engine, or a client or a transport that reaches it already."""

_SOCKET_URL: Final = "unix://localhost"
"""What aiodocker makes request URLs of where the connector knows the way."""


def open_engine(name: str, source: EngineSource) -> Engine:
    """An engine that is ready to be asked; nothing is sent yet. Needs a running event loop.

    Args:
        name: What the maps call it.
        source: How to reach it. A client or a transport that is there already stays the caller's to
            close.

    Raises:
        InvalidRequest: for an address or a setting of TLS that means nothing.
    """
    if not isinstance(source, ClientConfiguration):
        return Engine.over(name, _ready_transport(name, source), owns_transport=False)
    if source.client is not None:
        transport = _ready_transport(name, source.client)
    else:
        transport = connect_to(resolve_address(source.base_url, source.tls, engine=name))
    return Engine.over(
        name,
        transport,
        call_timeout=CALL_TIMEOUT if source.timeout is None else float(source.timeout),
        pinned_version=source.pinned_version,
        constraints=_constraints(source),
        owns_transport=source.client is None,
    )


def uses_socket(source: EngineSource) -> bool:
    """Whether an engine is reached by a socket file; it may be passed on to another machine's all the same.

    Raises:
        InvalidRequest: for an address or a setting of TLS that means nothing.
    """
    client = source.client if isinstance(source, ClientConfiguration) else source
    if isinstance(source, ClientConfiguration) and client is None:
        return isinstance(resolve_address(source.base_url, source.tls), UnixAddress)
    return isinstance(client, aiodocker.Docker) and isinstance(
        client.session.connector, aiohttp.UnixConnector
    )


def _constraints(source: ClientConfiguration) -> Mapping[str, object]:
    """The constraints under the keys of `GET /info`."""
    named = {name: resolve(value) for name, value in source.constraints.items()}
    return {"NCPU" if name == "cpus" else name: value for name, value in named.items()}


def _ready_transport(name: str, client: object) -> Transport:
    if isinstance(client, aiodocker.Docker):
        return AiodockerTransport.wrapping(client)
    if isinstance(client, Transport):
        return client
    raise InvalidRequest(
        f"the client of engine {name} is a {type(client).__name__}",
        advice="an aiodocker.Docker, or a transport, is what can be used",
    )


def connect_to(address: Address) -> AiodockerTransport:
    """A transport of our own to an address; nothing is sent yet. Needs a running event loop."""
    tunnel: SshTunnel | None = None
    # The transport limits connections; the connector must not, or waits would hold up what ends them.
    match address:
        case UnixAddress(path=path):
            connector: aiohttp.BaseConnector = aiohttp.UnixConnector(path, limit=0)
            url = _SOCKET_URL
        case TcpAddress(url=url, tls=tls):
            connector = aiohttp.TCPConnector(limit=0, ssl=True if tls is None else tls)
        case SshAddress():
            tunnel = SshTunnel(address)
            connector, url = aiohttp.UnixConnector(tunnel.socket, limit=0), _SOCKET_URL
    # The version is put into the path by the transport; any will do here.
    docker = aiodocker.Docker(url=url, connector=connector, api_version="v1.41")
    return AiodockerTransport.owning(docker, str(address), tunnel=tunnel)
