"""The embedded engine behind a socket, for whoever speaks HTTP: aiodocker, the `docker` command.

One connection is one task, which the server owns; when the server ends, all of them do. A caller
that hangs up cancels what waits for it, as with a transport in the process.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import re
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from attrs import define, field

from ._answers import Answer, ApiError, Call, Dropped, Streaming, chunks_of, error_answer
from ._core import Core

logger = logging.getLogger(__name__)

UNIX: Final = "unix://"
SECONDS_TO_END: Final = 1.0
"""How long a call may still take when the server ends, before it is cut off."""
_VERSIONED: Final = re.compile(r"/v(\d+\.\d+)/(.*)")
_UPGRADED: Final = (
    "HTTP/1.1 101 UPGRADED\r\nContent-Type: {}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n{}\r\n"
)
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
LARGEST_HEADER: Final = 1 << 20
"""Bytes of the first line of a request, and of each header: as in Go, which counts them together."""
BACKLOG: Final = 4096
"""How many connections may wait to be accepted; the system may allow fewer."""
SECONDS_TO_ANSWER: Final = 0.1
"""How long a call may still take whose caller sends no more, or has hung up: that looks the same."""
SECONDS_TO_FIRST_OUTPUT: Final = 0.03
"""How long an upgraded connection is silent at first, about as long as that of a real engine.

Callers lose what comes with the header if they read that with a buffer, which they then leave.
"""
_PIECE: Final = 1 << 16
"""Bytes that are written to an upgraded connection at once."""


@asynccontextmanager
async def serving(core: Core, address: str) -> AsyncIterator[str]:
    """Answer at an address as long as the context lasts; see `EmbeddedEngine.serve`."""
    server = _Server(core)
    runner = web.ServerRunner(
        _HttpServer(
            server.handle,
            access_log=None,
            handler_cancellation=True,
            max_line_size=LARGEST_HEADER,
            max_field_size=LARGEST_HEADER,
        ),
        shutdown_timeout=SECONDS_TO_END,
    )
    await runner.setup()
    try:
        url = await _listen(runner, address)
        try:
            with core.home.here():
                yield url
        finally:
            with suppress(FileNotFoundError):  # newer Pythons do it themselves
                if url.startswith(UNIX):
                    os.unlink(url.removeprefix(UNIX))  # noqa: PTH108  # as quick as listening was
    finally:
        server.hang_up()
        await runner.cleanup()


async def _listen(runner: web.ServerRunner, address: str) -> str:
    parts = urlsplit(address)
    match parts.scheme:
        case "" | "unix" if parts.path.startswith("/") and not parts.netloc:
            await _check_that_nobody_answers(parts.path)
            await web.UnixSite(runner, parts.path, backlog=BACKLOG).start()
            return f"{UNIX}{parts.path}"
        case "tcp" if parts.hostname is not None:
            await web.TCPSite(runner, parts.hostname, parts.port or 0, backlog=BACKLOG).start()
            host, port = runner.addresses[0][:2]
            return f"tcp://[{host}]:{port}" if ":" in host else f"tcp://{host}:{port}"
        case _:
            message = f"{address!r}: write /path, unix:///path or tcp://127.0.0.1:0"
            raise ValueError(message)


async def _check_that_nobody_answers(path: str) -> None:
    try:
        _, writer = await asyncio.open_unix_connection(path)
    except (FileNotFoundError, ConnectionRefusedError):
        return
    writer.close()
    raise OSError(errno.EADDRINUSE, "somebody answers there already", path)


class _HttpServer(web.Server):
    """A server of connections that can be half closed."""

    def __call__(self) -> web.RequestHandler:
        """See `web.Server`."""
        return _Connection(self, loop=self._loop, **self._kwargs)


class _Connection(web.RequestHandler):
    """A connection whose caller may say that it sends no more, and still wait for its answer."""

    def eof_received(self) -> bool:  # type: ignore[override]  # theirs lets it be closed
        """See `asyncio.Protocol`."""
        self._loop.call_later(SECONDS_TO_ANSWER, self._end)
        return True

    def _end(self) -> None:
        transport = self.transport
        if transport is not None and transport.get_protocol() is self:
            transport.close()


class _NoResponse(web.StreamResponse):
    """For a connection that has no use for one, since it is closed or no longer HTTP."""

    async def prepare(self, request: web.BaseRequest) -> None:
        """See `StreamResponse.prepare`."""
        del request
        raise ConnectionResetError


@define(eq=False)
class _Server:
    """From requests to calls, and from answers to responses."""

    _core: Core
    _transports: set[asyncio.Transport] = field(factory=set)
    """Those with a call under way."""

    def hang_up(self) -> None:
        """Break all connections that somebody waits at."""
        for transport in self._transports:
            transport.abort()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        transport = request.transport
        if not isinstance(transport, asyncio.Transport):
            return _NoResponse()
        self._transports.add(transport)
        try:
            return await self._answer(request, transport)
        except Dropped:
            transport.abort()
            return _NoResponse()
        finally:
            self._transports.discard(transport)

    def _refusal(self, error: ApiError) -> Answer:
        return error_answer(error, self._core.world.release.headers)

    async def _answer(
        self, request: web.BaseRequest, transport: asyncio.Transport
    ) -> web.StreamResponse:
        try:
            reply = await self._core.handle(await _call(request))
        except ApiError as error:
            reply = self._refusal(error)
        except Dropped:
            raise
        except Exception:
            # A mistake of this engine: whoever asked hears of it as of any refusal.
            logger.exception(
                "The embedded engine cannot answer %s %s", request.method, request.path
            )
            reply = self._refusal(ApiError(500, "the embedded engine failed; its log says at what"))
        if isinstance(reply, Answer):
            return web.Response(status=reply.status, headers=reply.headers, body=reply.body)
        if request.headers.get("Upgrade", "").lower() == "tcp" and reply.is_raw:
            await _hijack(transport, reply)
            return _NoResponse()
        response = web.StreamResponse(status=reply.status, headers=reply.headers)
        response.enable_chunked_encoding()
        await response.prepare(request)
        async with aclosing(chunks_of(reply)) as chunks:
            async for chunk in chunks:
                await response.write(chunk)
        return response


def _query(request: web.BaseRequest) -> dict[str, str]:
    """What is asked for, by name: the first of several, as engines take it, and all lines of `changes`."""
    sent = request.query
    return {
        name: "\n".join(sent.getall(name)) if name == "changes" else sent[name] for name in sent
    }


async def _call(request: web.BaseRequest) -> Call:
    path = request.path
    if request.headers.get("Expect", "").lower() == "100-continue" and request.transport:
        request.transport.write(_CONTINUE)
    versioned = _VERSIONED.fullmatch(path)
    return Call(
        method=request.method,
        path=versioned[2] if versioned else path.removeprefix("/"),
        query=_query(request),
        body=await request.content.read(),
        headers={name.lower(): value for name, value in request.headers.items()},
        version=versioned[1] if versioned else None,
    )


class _RawConnection(asyncio.Protocol):
    """A connection on which HTTP has ended: what the caller types goes nowhere, but it may hang up."""

    def __init__(self, before: asyncio.BaseProtocol) -> None:
        self._before = before
        self._has_room = asyncio.Event()
        self._has_room.set()

    def eof_received(self) -> bool:
        return True  # it has nothing more to say, but still listens

    def connection_lost(self, exc: Exception | None) -> None:
        self._before.connection_lost(exc)

    def pause_writing(self) -> None:
        self._has_room.clear()

    def resume_writing(self) -> None:
        self._has_room.set()

    async def room(self) -> None:
        """Wait until the caller has read most of what it was sent."""
        await self._has_room.wait()


async def _hijack(transport: asyncio.Transport, reply: Streaming) -> None:
    connection = _RawConnection(transport.get_protocol())
    transport.set_protocol(connection)
    transport.write(_upgrade(reply))
    await asyncio.sleep(SECONDS_TO_FIRST_OUTPUT)
    async with aclosing(chunks_of(reply)) as chunks:
        async for chunk in chunks:
            for start in range(0, len(chunk), _PIECE):
                transport.write(chunk[start : start + _PIECE])
                await connection.room()
    transport.close()


def _upgrade(reply: Streaming) -> bytes:
    said = {**reply.headers, **reply.upgraded}
    content_type = said.pop("content-type")
    others = "".join(f"{name.title()}: {value}\r\n" for name, value in sorted(said.items()))
    return _UPGRADED.format(content_type, others if reply.tells_engine else "").encode()
