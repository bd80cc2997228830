"""The way to a real engine: the HTTP session of an aiodocker client.

aiodocker knows how an engine is reached. Its calls are not used: they leave connections of abandoned
streams open, add requests of their own, drop parts of the answers, and read refusals of any length.
The version of the API is put into the path here, as aiodocker would ask for it once per concurrent first
call, and adopt the newest.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Final

import aiodocker
import aiohttp
from anyio import Semaphore, fail_after
from attrs import define, field, frozen

from ..model import JsonObject
from ._ssh import SshTunnel
from ._tls import tls_trouble
from ._transport import ApiRequest, ApiResponse, ConnectionBroken, Refused

CONNECT_TIMEOUT: Final = 10.0
"""Seconds until an engine that does not accept connections counts as absent."""

ERROR_STATUS: Final = 400

LARGEST_ANSWER: Final = 128 * 2**20
"""Bytes. The list of ten thousand containers has some 20 MiB; what has more is no answer of an engine."""

LARGEST_REFUSAL: Final = 2**16
"""Bytes; refusals are a sentence, or the page of a proxy."""


@frozen
class Lanes:
    """How many connections calls may have; those that wait, or follow, never hold up the others."""

    short: int = 32
    waiting: int = 256
    """Bounded by the number of files that a process may open, often 1,024."""
    following: int = 256
    """Reading on where an engine stopped too early takes a second one for a moment."""

    @classmethod
    def within(cls, connections: int) -> Lanes:
        """Share a number of connections that is given; 0 means no limit."""
        if connections <= 0:
            return cls()
        waiting, following = max(1, connections // 3), max(1, connections // 3)
        short = max(1, connections - waiting - following)
        return cls(short=short, waiting=waiting, following=following)


@frozen(kw_only=True)
class AiodockerStream:
    """An answer whose body is read in pieces."""

    status: int
    headers: Mapping[str, str]
    _response: aiohttp.ClientResponse = field(repr=False, alias="response")
    _address: str = field(alias="address")

    async def chunks(self) -> AsyncIterator[bytes]:
        """See `ApiStream.chunks`."""
        pieces = self._response.content.iter_any()
        while True:
            try:
                piece = await anext(pieces, None)
            except (aiohttp.ClientError, OSError) as problem:
                raise ConnectionBroken(_lost(self._address, problem)) from problem
            if piece is None:
                return
            yield piece


@define(eq=False)
class AiodockerTransport:
    """A `Transport` over an `aiodocker.Docker`."""

    address: str
    """Where the engine is, for messages."""
    _docker: aiodocker.Docker = field(repr=False)
    _owns_docker: bool = field(repr=False)
    _short: Semaphore = field(repr=False)
    _waiting: Semaphore = field(repr=False)
    _following: Semaphore = field(repr=False)
    _tunnel: SshTunnel | None = field(default=None, repr=False)
    api_version: str | None = field(default=None, init=False)

    @classmethod
    def owning(
        cls,
        docker: aiodocker.Docker,
        address: str,
        lanes: Lanes | None = None,
        *,
        tunnel: SshTunnel | None = None,
    ) -> AiodockerTransport:
        """A transport that closes the client, its session, its connector and its tunnel in the end."""
        return cls._over(docker, address, lanes or Lanes(), owns_docker=True, tunnel=tunnel)

    @classmethod
    def wrapping(cls, docker: aiodocker.Docker) -> AiodockerTransport:
        """A transport over a caller's client, which stays the caller's to close.

        It takes no more connections than the client allows, and leaves half of them to short calls.
        """
        connector = docker.session.connector
        limit = 0 if connector is None else connector.limit
        return cls._over(docker, _shown(docker), Lanes.within(limit), owns_docker=False)

    @classmethod
    def _over(
        cls,
        docker: aiodocker.Docker,
        address: str,
        lanes: Lanes,
        *,
        owns_docker: bool,
        tunnel: SshTunnel | None = None,
    ) -> AiodockerTransport:
        return cls(
            address,
            docker,
            owns_docker,
            short=Semaphore(lanes.short),
            waiting=Semaphore(lanes.waiting),
            following=Semaphore(lanes.following),
            tunnel=tunnel,
        )

    async def request(self, request: ApiRequest) -> ApiResponse:
        """See `Transport.request`."""
        with fail_after(request.timeout):
            async with self._lane(request):
                response = await self._send(request)
                try:
                    body, is_whole = await self._read(response, LARGEST_ANSWER)
                finally:
                    # Keeps the connection if all has been read, and drops it otherwise.
                    response.close()
                if not is_whole:
                    raise Refused(None, f"the answer has more than {LARGEST_ANSWER:,} bytes")
                return ApiResponse(status=response.status, headers=_headers(response), body=body)

    @asynccontextmanager
    async def stream(self, request: ApiRequest) -> AsyncIterator[AiodockerStream]:
        """See `Transport.stream`."""
        with fail_after(request.timeout):
            await self._lane(request).acquire()
            try:
                response = await self._send(request)
            except BaseException:
                self._lane(request).release()
                raise
        try:
            yield AiodockerStream(
                status=response.status,
                headers=_headers(response),
                response=response,
                address=self.address,
            )
        finally:
            response.close()
            self._lane(request).release()

    async def aclose(self) -> None:
        """See `Transport.aclose`."""
        if not self._owns_docker:
            return
        # Which of them aiodocker closes depends on its release; closing twice does no harm.
        async with AsyncExitStack() as closing:
            if self._tunnel is not None:
                closing.push_async_callback(self._tunnel.aclose)
            closing.push_async_callback(self._docker.connector.close)
            closing.push_async_callback(self._docker.session.close)
            closing.push_async_callback(self._docker.close)

    def _lane(self, request: ApiRequest) -> Semaphore:
        if request.follows:
            return self._following
        return self._waiting if request.waits else self._short

    async def _send(self, request: ApiRequest) -> aiohttp.ClientResponse:
        """The answer with its headers; it is the caller's to close."""
        if self._tunnel is None:
            return await self._ask(request)
        if not self._docker.session.closed:
            await self._tunnel.open()
        mark = self._tunnel.mark()
        try:
            return await self._ask(request)
        except ConnectionBroken as broken:
            raise self._tunnel.explained(broken, mark) from broken

    async def _ask(self, request: ApiRequest) -> aiohttp.ClientResponse:
        if self._docker.session.closed:
            raise ConnectionBroken(_closed(self.address), connected=False)
        version = f"v{self.api_version}/" if request.versioned else ""
        data, content_type = _encode(request.body)
        with self._failures():
            response = await self._docker.session.request(
                request.method,
                f"{self._docker.docker_host}/{version}{request.path}",
                params=dict(request.query),
                data=data,
                headers={"Content-Type": content_type, **request.headers},
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT),
            )
        if response.status < ERROR_STATUS:
            return response
        try:
            said, _ = await self._read(response, LARGEST_REFUSAL)
        finally:
            response.close()
        raise Refused(response.status, _said(said))

    async def _read(self, response: aiohttp.ClientResponse, most: int) -> tuple[bytes, bool]:
        """The body up to so many bytes, and whether that is all of it."""
        pieces, size = [], 0
        try:
            async for piece in response.content.iter_any():
                pieces.append(piece[: most - size])
                size += len(piece)
                if size > most:
                    return b"".join(pieces), False
        except (aiohttp.ClientError, OSError) as problem:
            raise ConnectionBroken(_lost(self.address, problem)) from problem
        return b"".join(pieces), True

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except aiohttp.ServerTimeoutError as timeout:
            raise ConnectionBroken(
                f"cannot reach the engine at {self.address}: it does not accept the connection"
                f" within {CONNECT_TIMEOUT:g} s",
                connected=False,
            ) from timeout
        except TimeoutError:
            raise
        except (aiohttp.ClientError, OSError) as problem:
            raise self._broken(problem) from problem
        except (AssertionError, RuntimeError) as problem:
            # What aiohttp raises if its session is closed while a call is under way.
            if not self._docker.session.closed:
                raise
            raise ConnectionBroken(_closed(self.address)) from problem

    def _broken(self, problem: aiohttp.ClientError | OSError) -> ConnectionBroken:
        unreachable = f"cannot reach the engine at {self.address}: "
        trouble = tls_trouble(problem)
        if trouble is not None:
            return ConnectionBroken(
                unreachable + trouble.reason, connected=False, advice=trouble.advice
            )
        match problem:
            case aiohttp.ClientConnectorError(os_error=reason):
                return ConnectionBroken(
                    unreachable + (reason.strerror or str(reason)), connected=False
                )
            case aiohttp.ClientResponseError():
                return ConnectionBroken(
                    f"what answers at {self.address} does not speak HTTP", connected=False
                )
            case _:
                return ConnectionBroken(_lost(self.address, problem))


def _shown(docker: aiodocker.Docker) -> str:
    """The address of a client, without user and password."""
    return _CREDENTIALS.sub("", str(docker.docker_host))


_CREDENTIALS: Final = re.compile(r"(?<=://)[^/]*@")


def _encode(
    body: JsonObject | bytes | AsyncIterator[bytes] | None,
) -> tuple[bytes | AsyncIterator[bytes] | None, str]:
    if isinstance(body, bytes | AsyncIterator):
        return body, "application/x-tar"
    if body is None:
        return None, "application/json"
    return json.dumps(body, default=_plain).encode(), "application/json"


def _plain(value: object) -> object:
    """What `json` can write for a value of an immutable body."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, AbstractSet):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def _headers(response: aiohttp.ClientResponse) -> Mapping[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _said(body: bytes) -> str:
    """The words of a refusal."""
    text = body.decode(errors="replace")
    try:
        decoded = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(decoded, dict) and isinstance(decoded.get("message"), str):
        return str(decoded["message"])
    return text


def _closed(address: str) -> str:
    return f"the client for {address} has been closed"


def _lost(address: str, problem: Exception) -> str:
    return (
        f"lost the connection to the engine at {address}: {str(problem) or type(problem).__name__}"
    )
