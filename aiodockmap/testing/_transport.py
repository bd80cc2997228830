"""The embedded engine as one that is reached like any other."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from urllib.parse import unquote

from anyio import fail_after
from attrs import define, field

from ..engine import ApiRequest, ApiResponse, ApiStream, ConnectionBroken, Refused
from ._answers import Answer, ApiError, Call, Dropped, Streaming, chunks_of
from ._core import Core, whole


@define(eq=False)
class EmbeddedTransport:
    """A way to an embedded engine, without sockets and without leaving the process."""

    _core: Core
    api_version: str | None = None
    is_closed: bool = field(default=False, init=False)

    async def request(self, request: ApiRequest) -> ApiResponse:
        """See `Transport.request`."""
        with fail_after(request.timeout):
            reply = await self._send(request)
            try:
                answer = await whole(reply)
            except Dropped as dropped:
                raise ConnectionBroken(dropped.message) from None
        return ApiResponse(status=answer.status, headers=answer.headers, body=answer.body)

    @asynccontextmanager
    async def stream(self, request: ApiRequest) -> AsyncIterator[ApiStream]:
        """See `Transport.stream`."""
        with fail_after(request.timeout):
            reply = await self._send(request)
        stream = EmbeddedStream(reply)
        try:
            yield stream
        finally:
            await stream.aclose()

    async def aclose(self) -> None:
        """Nothing is open; calls are refused from now on."""
        self.is_closed = True

    async def _send(self, request: ApiRequest) -> Answer | Streaming:
        if self.is_closed:
            raise ConnectionBroken("the transport is closed", connected=False)
        try:
            return await self._core.handle(await self._call(request))
        except ApiError as error:
            raise Refused(error.status, error.message) from None
        except Dropped as dropped:
            raise ConnectionBroken(dropped.message, connected=dropped.connected) from None

    async def _call(self, request: ApiRequest) -> Call:
        return await _call(request, version=self.api_version if request.versioned else None)


@define(eq=False)
class EmbeddedStream:
    """The answer to a call, as it comes."""

    _reply: Answer | Streaming
    _open: list[AsyncGenerator[bytes]] = field(factory=list)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._reply.status

    @property
    def headers(self) -> Mapping[str, str]:
        """Lower-case names."""
        return self._reply.headers

    def chunks(self) -> AsyncIterator[bytes]:
        """See `ApiStream.chunks`."""
        generator = _chunks(self._reply)
        self._open.append(generator)
        return generator

    async def aclose(self) -> None:
        """Hang up."""
        for generator in self._open:
            await generator.aclose()


async def _chunks(reply: Answer | Streaming) -> AsyncGenerator[bytes]:
    async with aclosing(chunks_of(reply)) as chunks:
        try:
            async for chunk in chunks:
                yield chunk
        except Dropped as dropped:
            raise ConnectionBroken(dropped.message) from None


async def _call(request: ApiRequest, *, version: str | None) -> Call:
    body = request.body
    content_type = "application/json"
    if body is None:
        content = b""
    elif isinstance(body, bytes | AsyncIterator):
        content_type = "application/x-tar"
        content = body if isinstance(body, bytes) else b"".join([piece async for piece in body])
    else:
        content = json.dumps(body, default=_plain).encode()
    said = {name.lower(): value for name, value in request.headers.items()}
    return Call(
        method=request.method,
        path=unquote(request.path),
        query=dict(request.query),
        body=content,
        headers={"content-type": content_type, **said},
        version=version,
    )


def _plain(value: object) -> object:
    """Mappings and sequences of other types than JSON's own."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple | frozenset | set):
        return list(value)
    raise TypeError(f"{type(value).__name__} is no JSON")
