"""How an engine is reached: addresses, and the keys that they need.

Resolved here, not by aiodocker, which puts the contexts of Docker's command line before
`DOCKER_HOST`. The order is: the address of the client's configuration, `DOCKER_HOST`, a socket at one
of the usual places.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeAlias

from attrs import field, frozen

from ..errors import InvalidRequest
from ..model import DEFAULT_ENGINE, DEFAULT_SOCKET, EngineUrl
from ._tls import tls_context

TLS_PORT: Final = 2376
PLAIN_PORT: Final = 2375


@frozen(kw_only=True)
class UnixAddress:
    """A socket file."""

    path: str

    def __str__(self) -> str:
        return f"unix://{self.path}"


@frozen(kw_only=True)
class TcpAddress:
    """A port, with or without TLS."""

    host: str
    port: int
    tls: ssl.SSLContext | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """What requests go to."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    def __str__(self) -> str:
        return self.url


@frozen(kw_only=True)
class SshAddress:
    """A socket file on a host that the user's own `ssh` program logs in to."""

    host: str
    """A name, an address, or a `Host` of the program's configuration."""
    user: str | None = None
    """None for the one of the configuration, or of this process."""
    port: int | None = None
    """None for the one of the configuration, or 22."""
    socket: str = DEFAULT_SOCKET

    def at(self, socket: str) -> str:
        """The address of a socket there."""
        user = f"{self.user}@" if self.user else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = f":{self.port}" if self.port else ""
        return f"ssh://{user}{host}{port}{socket if socket != DEFAULT_SOCKET else ''}"

    @property
    def command(self) -> str:
        """What logs in there by hand."""
        port = f"-p {self.port} " if self.port else ""
        user = f"{self.user}@" if self.user else ""
        return f"ssh {port}{user}{self.host}"

    def __str__(self) -> str:
        return self.at(self.socket)


Address: TypeAlias = UnixAddress | TcpAddress | SshAddress


def resolve_address(
    base_url: str | None = None,
    tls: object = None,
    *,
    engine: str = DEFAULT_ENGINE,
    environment: Mapping[str, str] = os.environ,
) -> Address:
    """Say where an engine is.

    Args:
        base_url: `unix:///path`, `tcp://host:port`, `http://…`, `https://…`, `host:port`, or
            `ssh://user@host`, with the path of the socket there if it is another than usual; None or
            empty for the environment's.
        tls: How to talk to a port: None for what address and environment say, True for verified
            against the system's authorities, False for not at all, an `ssl.SSLContext`, or a mapping
            with `ca_cert`, `client_cert` (a file, or a pair with the key), `client_key`, `verify` and
            `assert_hostname`.
        engine: What the maps call the engine, for errors.
        environment: `DOCKER_HOST`, `DOCKER_TLS_VERIFY`, `DOCKER_CERT_PATH`.

    Raises:
        InvalidRequest: for an address, or a setting of TLS, that means nothing.
    """
    url = base_url or environment.get("DOCKER_HOST")
    if not url:
        return UnixAddress(path=_default_socket(environment))
    if not base_url and tls is None and environment.get("DOCKER_TLS_VERIFY"):
        tls = _tls_files(environment)
    try:
        parsed = EngineUrl.parse(url)
    except ValueError as problem:
        place = "base_url" if base_url else "DOCKER_HOST"
        raise InvalidRequest(
            f"{place} of engine {engine}: {problem}",
            advice="write unix:///run/docker.sock, tcp://host:2375, https://host:2376 or"
            " ssh://user@host",
        ) from problem
    try:
        return _address(parsed, tls)
    except ValueError as problem:
        raise InvalidRequest(
            f"tls of engine {engine}: {problem}",
            advice="its files are PEM: ca_cert is who signed the engine's certificate, client_cert and"
            " client_key are ours",
        ) from problem


def _address(url: EngineUrl, tls: object) -> Address:
    match url.scheme:
        case "unix":
            return UnixAddress(path=url.path)
        case "ssh":
            return SshAddress(host=url.host, user=url.user, port=url.port, socket=url.path)
        case _:
            return _tcp(url, tls)


def _tcp(url: EngineUrl, tls: object) -> TcpAddress:
    if url.scheme == "https" and tls is False:
        raise ValueError("https, but tls is false")
    if url.scheme == "https" and tls is None:
        tls = True
    context = tls_context(tls)
    port = url.port or (TLS_PORT if context else PLAIN_PORT)
    return TcpAddress(host=url.host, port=port, tls=context)


def _tls_files(environment: Mapping[str, str]) -> Mapping[str, object]:
    folder = Path(environment.get("DOCKER_CERT_PATH") or Path.home() / ".docker")
    return {
        "ca_cert": folder / "ca.pem",
        "client_cert": folder / "cert.pem",
        "client_key": folder / "key.pem",
        "verify": True,
    }


def _default_socket(environment: Mapping[str, str]) -> str:
    candidates = ["/run/docker.sock", DEFAULT_SOCKET]
    runtime_folder = environment.get("XDG_RUNTIME_DIR")
    if runtime_folder:
        candidates.append(f"{runtime_folder}/docker.sock")
    candidates.append(str(Path.home() / ".docker/run/docker.sock"))
    return next((path for path in candidates if Path(path).is_socket()), candidates[1])
