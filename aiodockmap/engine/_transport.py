"""The narrowest place between us and an engine: one HTTP request, whole or as a stream.

Everything above this line (paths, bodies, what a status means) is the same for every engine;
everything below is a way to carry bytes. There are two: aiodocker, and the embedded engine.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol, runtime_checkable

from attrs import field, frozen

from ..model import JsonObject


@frozen(kw_only=True)
class ApiRequest:
    """One call of the Engine API."""

    method: str
    path: str
    """Without version and leading slash, already escaped: `containers/web/start`."""
    query: Mapping[str, str] = field(factory=dict)
    body: JsonObject | bytes | AsyncIterator[bytes] | None = field(default=None, repr=False)
    """A mapping is sent as JSON, bytes, whole or in pieces, as `application/x-tar`."""
    headers: Mapping[str, str] = field(factory=dict, repr=False)
    versioned: bool = True
    """Whether the negotiated API version is part of the path; false for `/_ping` only."""
    timeout: float | None = None
    """Seconds until the whole answer, or the headers of a stream, have to be there.

    Waiting for a free connection is part of it. None for no limit.
    """
    waits: bool = False
    """Whether the engine takes its time to answer (a stop, a wait, a pull).

    Such calls have connections of their own, so that those that could end them get through.
    """
    follows: bool = False
    """Whether the answer is read for as long as somebody likes (output of a container).

    Such streams have connections of their own as well, since neither end may hurry.
    """

    @property
    def changes_something(self) -> bool:
        """Whether the engine may be another after it, even if its answer is lost."""
        return self.method not in {"GET", "HEAD"}

    def __str__(self) -> str:
        return f"{self.method} /{self.path}"


@frozen(kw_only=True)
class ApiResponse:
    """A complete answer with a status below 400."""

    status: int
    headers: Mapping[str, str]
    """Lower-case names."""
    body: bytes = field(repr=False)


class ApiStream(Protocol):
    """An answer whose status and headers are there, and whose body is still coming."""

    @property
    def status(self) -> int:
        """Below 400."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Lower-case names."""
        ...

    def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives, in pieces of any size; ends with the answer.

        Raises:
            ConnectionBroken: if the connection breaks before the end.
        """
        ...


class Refused(Exception):
    """The engine answered with a status of 400 or more, or with more than any answer can have."""

    def __init__(self, status: int | None, message: str) -> None:
        self.status = status
        """None for an answer that has no end."""
        self.message = message
        super().__init__(status, message)


class ConnectionBroken(Exception):
    """No engine, or it went away; whether the call had an effect is unknown."""

    def __init__(self, message: str, *, connected: bool = True, advice: str | None = None) -> None:
        self.message = message
        self.connected = connected
        """False if there was never a connection, so that the call cannot have had an effect."""
        self.advice = advice
        """What to do, where more is known than that."""
        super().__init__(message)


@runtime_checkable
class Transport(Protocol):
    """A way to one engine."""

    api_version: str | None
    """`1.41`, put into the path of versioned calls; None until it has been negotiated."""

    async def request(self, request: ApiRequest) -> ApiResponse:
        """Make one call and read its whole answer.

        Cancelling it closes the connection; the engine may have acted all the same.

        Raises:
            Refused: for a status of 400 or more.
            ConnectionBroken: if there is no answer.
            TimeoutError: if `request.timeout` passed.
        """
        ...

    def stream(self, request: ApiRequest) -> AbstractAsyncContextManager[ApiStream]:
        """Make one call and hand out its answer once the headers are there.

        Leaving the context closes the connection, however much has been read.
        """
        ...

    async def aclose(self) -> None:
        """Close all connections; what was handed in by the caller stays open."""
        ...
