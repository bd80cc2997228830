"""Addresses of engines, as they are written."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from attrs import field, frozen

DEFAULT_SOCKET: Final = "/var/run/docker.sock"

_SSH_SOCKET: Final = re.compile(r"/[\w./@+-]*")
"""Paths without what the syntax of `ssh -L` gives a meaning to."""


@frozen(kw_only=True)
class EngineUrl:
    """The parts of an address, which says where an engine is and nothing about keys (CLI-1)."""

    scheme: str
    """`unix`, `tcp`, `http`, `https` or `ssh`."""
    host: str = ""
    port: int | None = None
    user: str | None = None
    path: str = field(default="")
    """Of the socket, for `unix` and `ssh`."""

    @classmethod
    def parse(cls, text: str) -> EngineUrl:
        """Read an address in any of the forms that docker-py takes.

        Raises:
            ValueError: if it means nothing; passwords are not shown.
        """
        if text.startswith("/"):
            return cls(scheme="unix", path=text)
        try:
            parts = urlsplit(text if "://" in text else f"tcp://{text}")
        except ValueError:  # may quote it
            raise ValueError("this is no address") from None
        match parts.scheme:
            case "unix" | "http+unix":
                # docker-py takes `unix://var/run/docker.sock`, too.
                path = "/" + (parts.netloc + parts.path).strip("/")
                if path == "/":
                    raise ValueError("there is no path of a socket")
                return cls(scheme="unix", path=path)
            case "ssh":
                return cls._ssh(parts)
            case "tcp" | "http" | "https":
                if parts.path.strip("/"):
                    raise ValueError("a path after the port has no meaning")
                return cls(scheme=parts.scheme, host=_host(parts), port=_port(parts))
            case scheme:
                raise ValueError(f"engines cannot be reached by {scheme!r}")

    @classmethod
    def _ssh(cls, parts: SplitResult) -> EngineUrl:
        lowered = _host(parts)
        if parts.password is not None:
            raise ValueError("ssh takes no password from an address: let it use a key or an agent")
        # A `Host` of ssh's configuration may have capitals, which `hostname` has lost.
        place = parts.netloc.rpartition("@")[2]
        start = place.lower().index(lowered)
        host, user = place[start : start + len(lowered)], parts.username or None
        if host.startswith("-") or (user or "").startswith("-"):
            raise ValueError("neither host nor user can begin with '-'")
        path = parts.path.rstrip("/") or DEFAULT_SOCKET
        if not _SSH_SOCKET.fullmatch(path):
            raise ValueError("the path of the socket has characters that ssh cannot forward to")
        return cls(scheme="ssh", host=host, port=_port(parts), user=user, path=path)


def _host(parts: SplitResult) -> str:
    if not parts.hostname:
        raise ValueError("there is no host name")
    return parts.hostname


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:  # quotes it, and it may be a part of a password
        raise ValueError("the port is no number up to 65535") from None
