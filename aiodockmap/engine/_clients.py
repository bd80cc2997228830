"""From what a client file says to an engine that can be talked to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import aiodocker
import aiohttp
from aiodocker.ssh import SSHConnector

from ..errors import EngineUnreachable, InvalidRequest
from ._aiodocker import AiodockerTransport, Lanes
from ._connection import CALL_TIMEOUT
from ._engine import Engine
from ._hosts import Address, SshAddress, TcpAddress, UnixAddress, resolve_address
from ._transport import Transport

if TYPE_CHECKING:
    from ..config import ClientConfiguration

_SOCKET_URL: Final = "unix://localhost"
"""What aiodocker makes request URLs of where the connector knows the way."""

SSH_LANES: Final = Lanes(short=4, waiting=4)
"""Every connection is a session of sshd, which allows ten by default."""

_VERSION: Final = re.compile(r"v?(\d+)\.(\d+)")


def open_engine(
    name: str, configuration: ClientConfiguration | aiodocker.Docker | Transport
) -> Engine:
    """An engine that is ready to be asked; nothing is sent yet. Needs a running event loop.

    Args:
        name: What the maps call it.
        configuration: How to reach it, or a client or a transport that reaches it already. A client
            of aiodocker stays the caller's to close; a transport is closed with the engine.

    Raises:
        InvalidRequest: for an address, a version or a setting of TLS that means nothing.
    """
    if isinstance(configuration, aiodocker.Docker):
        return Engine.over(name, AiodockerTransport.wrapping(configuration))
    if isinstance(configuration, Transport):
        return Engine.over(name, configuration)
    return Engine.over(
        name,
        _transport(name, configuration),
        call_timeout=float(configuration.timeout or CALL_TIMEOUT),
        pinned_version=_pinned_version(name, configuration.version),
    )


def _transport(name: str, configuration: ClientConfiguration) -> Transport:
    ready = configuration.client
    if isinstance(ready, aiodocker.Docker):
        return AiodockerTransport.wrapping(ready)
    if isinstance(ready, Transport):
        return ready
    if ready is not None:
        raise InvalidRequest(
            f"the client of engine {name} is a {type(ready).__name__}",
            advice="an aiodocker.Docker, or a transport, is what can be used",
        )
    address = resolve_address(configuration.base_url, configuration.tls, engine=name)
    return connect_to(address)


def connect_to(address: Address) -> AiodockerTransport:
    """A transport of our own to an address; nothing is sent yet. Needs a running event loop."""
    lanes = Lanes()
    # The lanes limit connections; the connector must not, or waits would hold up what ends them.
    match address:
        case UnixAddress(path=path):
            connector: aiohttp.BaseConnector = aiohttp.UnixConnector(path, limit=0)
            url = _SOCKET_URL
        case TcpAddress(url=url, tls=tls):
            connector = aiohttp.TCPConnector(limit=0, ssl=True if tls is None else tls)
        case SshAddress(url=ssh_url):
            connector, url, lanes = _ssh_connector(address, ssh_url), _SOCKET_URL, SSH_LANES
    # The version is put into the path by the transport; any will do here.
    docker = aiodocker.Docker(url=url, connector=connector, api_version="v1.41")
    return AiodockerTransport.owning(docker, str(address), lanes)


def _ssh_connector(address: SshAddress, url: str) -> aiohttp.BaseConnector:
    try:
        return SSHConnector(url)
    except aiodocker.DockerError as error:
        raise EngineUnreachable(
            f"cannot reach the engine at {address}: {error.message}",
            advice="engines behind ssh need asyncssh (pip install 'aiodocker[ssh]')"
            " and a known host key",
        ) from error


def _pinned_version(name: str, version: str | None) -> tuple[int, int] | None:
    if not version or version == "auto":
        return None
    found = _VERSION.fullmatch(str(version))
    if not found:
        raise InvalidRequest(
            f"version of engine {name}: {version!r} is no version of the Engine API",
            advice="write 1.41, or leave it unset, so that it is negotiated",
        )
    return int(found[1]), int(found[2])
