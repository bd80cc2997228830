"""One engine, as all calls see it: negotiated once, bounded in time, failures translated."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final, TypeVar

from anyio import Lock
from attrs import define, evolve, field, frozen

from ..errors import EngineError, InvalidRequest
from ..model import CAPABILITIES, JsonObject, ResourceId
from ..state import EngineInfo, ImageDetails
from ._errors import engine_errors, silent, unreadable
from ._pulse import PULSE, while_alive
from ._transport import ApiRequest, ApiResponse, ApiStream, Transport

A = TypeVar("A")
T = TypeVar("T")

NEWEST_API: Final = (1, 51)
"""The newest version of the Engine API that this library was tried with."""

CALL_TIMEOUT: Final = 60.0
"""Seconds; the slowest short call on record (a volume of an unknown driver) takes 15."""

MOST_IMAGES: Final = 500
"""As many are remembered; each is a few kilobytes."""


LONGEST_LINE: Final = 2**20
"""Bytes; what engines say of their progress, or of what happens, has some hundred a line."""


@frozen(kw_only=True, eq=False)
class AnswerStream:
    """An answer that is still coming."""

    stream: ApiStream
    request: ApiRequest
    resource: ResourceId | None
    connection: Connection

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body in pieces of any size.

        Raises:
            EngineUnreachable: if the connection breaks before the end, or the engine is silent and does
                not answer other calls either.
        """
        chunks = aiter(self.stream.chunks())

        async def next_chunk() -> bytes | None:
            return await anext(chunks, None)

        # Only the transport's failures are translated, not those of whoever consumes the chunks.
        while (
            chunk := await self.connection.waited(next_chunk, self.request, self.resource)
        ) is not None:
            yield chunk

    async def lines(self) -> AsyncIterator[bytes]:
        """The body line by line, the empty ones left out.

        Raises:
            EngineError: as with `chunks`; or if a line has more than `LONGEST_LINE` bytes.
        """
        pending = b""
        async for chunk in self.chunks():
            *lines, pending = (pending + chunk).split(b"\n")
            if any(len(line) > LONGEST_LINE for line in (*lines, pending)):
                raise unreadable(self.request, self.resource, engine=self.connection.name)
            for line in lines:
                if line.strip():
                    yield line
        if pending.strip():
            yield pending

    async def read(self) -> bytes:
        """The body up to its end."""
        return b"".join([chunk async for chunk in self.chunks()])


@define(eq=False)
class Connection:
    """A transport that knows which engine is behind it."""

    name: str
    """What the maps call this engine."""
    transport: Transport = field(repr=False)
    call_timeout: float = CALL_TIMEOUT
    """Seconds until a short call fails."""
    pulse: float = PULSE
    """Seconds of waiting after which the engine is asked whether it is still there."""
    pinned_version: tuple[int, int] | None = None
    """The version to speak instead of the negotiated one."""
    constraints: Mapping[str, object] = field(factory=dict)
    """What counts instead of the same keys of `GET /info` (CLI-9)."""
    info: EngineInfo | None = field(default=None, init=False)
    images: dict[str, ImageDetails] = field(factory=dict, init=False, repr=False)
    """Images that were looked at, by id; never more than `MOST_IMAGES`."""
    _connecting: Lock = field(factory=Lock, init=False, repr=False)

    async def connect(self) -> EngineInfo:
        """Ask the engine who it is, once; concurrent callers share the question.

        Two calls: `HEAD /_ping` (`GET` where that is not known) and `GET /info`.

        Raises:
            EngineUnreachable: if nobody answers.
            InvalidRequest: if the engine is older than the pinned version.
        """
        async with self._connecting:
            if self.info is None:
                self.info = await self._introduce()
            return self.info

    def learn_from(self, warnings: Iterable[str]) -> None:
        """Remember what the host cannot do and only a warning says; `GET /info` says the rest."""
        if self.info is not None and any(_NO_WEIGHTS in warning for warning in warnings):
            self.info = evolve(self.info, unsupported=self.info.unsupported | {"BlkioWeight"})

    def remember_image(self, image_id: str, details: ImageDetails) -> None:
        """Keep what can never change, in place of the oldest if there are too many."""
        while len(self.images) >= MOST_IMAGES:
            del self.images[next(iter(self.images))]
        self.images[image_id] = details

    async def call(self, request: ApiRequest, resource: ResourceId | None = None) -> ApiResponse:
        """Make one call and read its answer.

        Raises:
            EngineError: translated; see `errors.py`.
        """
        if self.info is None:
            await self.connect()
        return await self.waited(lambda: self.transport.request(request), request, resource)

    async def waited(
        self, call: Callable[[], Awaitable[T]], request: ApiRequest, resource: ResourceId | None
    ) -> T:
        """Let the transport do something; what may take its time is waited for while the engine lives.

        Raises:
            EngineError: translated.
        """

        async def translated() -> T:
            with engine_errors(request, resource, engine=self.name):
                return await call()

        async def look_for_life() -> None:
            try:
                await self._unversioned("HEAD", "_ping")
            except EngineError as error:
                if error.status is None:
                    raise silent(request, resource, engine=self.name) from error

        if not request.waits:
            return await translated()
        return await while_alive(translated, look_for_life, every=self.pulse)

    @asynccontextmanager
    async def stream(
        self, request: ApiRequest, resource: ResourceId | None = None
    ) -> AsyncIterator[AnswerStream]:
        """Make one call and hand out its answer once the headers are there.

        Leaving the context closes the connection, however much has been read.

        Raises:
            EngineError: translated; also while reading.
        """
        if self.info is None:
            await self.connect()
        async with AsyncExitStack() as stack:
            stream = await self.waited(
                lambda: stack.enter_async_context(self.transport.stream(request)), request, resource
            )
            yield AnswerStream(stream=stream, request=request, resource=resource, connection=self)

    async def read_object(
        self, request: ApiRequest, resource: ResourceId | None = None
    ) -> dict[str, Any]:
        """Make one call that answers with a JSON object."""
        answer = self._decode(request, resource, await self.call(request, resource))
        if not isinstance(answer, dict):
            raise unreadable(request, resource, engine=self.name)
        return answer

    async def read_list(
        self, request: ApiRequest, resource: ResourceId | None = None
    ) -> list[dict[str, Any]]:
        """Make one call that answers with a JSON list of objects."""
        answer = self._decode(request, resource, await self.call(request, resource))
        if not isinstance(answer, list) or not all(isinstance(entry, dict) for entry in answer):
            raise unreadable(request, resource, engine=self.name)
        return answer

    def interpret(
        self,
        answer: A,
        convert: Callable[[A], T],
        request: ApiRequest,
        resource: ResourceId | None = None,
    ) -> T:
        """What an answer means; one that lacks what the Engine API promises is an error of its own.

        Raises:
            EngineError: if `convert` cannot do with it.
        """
        try:
            return convert(answer)
        except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as problem:
            raise unreadable(request, resource, engine=self.name) from problem

    def short_call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: JsonObject | None = None,
    ) -> ApiRequest:
        """A call that is answered at once, or fails after `call_timeout`."""
        return ApiRequest(
            method=method, path=path, query=query or {}, body=body, timeout=self.call_timeout
        )

    async def _introduce(self) -> EngineInfo:
        headers = await self._ping()
        offered = _version(headers.get("api-version", ""))
        if offered is None:
            answer = await self._unversioned("GET", "version")
            offered = _version(str(self._decode_object("version", answer).get("ApiVersion")))
        if offered is None:
            raise unreadable(self._unversioned_request("GET", "version"), engine=self.name)
        spoken = min(offered, NEWEST_API)
        if self.pinned_version is not None:
            if self.pinned_version > offered:
                raise InvalidRequest(
                    f"engine {self.name} speaks up to version {_dotted(offered)} of the Engine API,"
                    f" not {_dotted(self.pinned_version)}",
                    call="HEAD /_ping",
                    advice="leave the version of the client unset, so that it is negotiated",
                )
            spoken = self.pinned_version
        self.transport.api_version = _dotted(spoken)
        request = self.short_call("GET", "info")
        with engine_errors(request, engine=self.name):
            answer = await self.transport.request(request)
        details = {**self._decode_object("info", answer), **self.constraints}
        cpus = details.get("NCPU")
        return EngineInfo(
            api_version=spoken,
            engine_version=str(details.get("ServerVersion", "")),
            flavour=_flavour(headers),
            host=str(details.get("Name", "")),
            cpus=cpus if isinstance(cpus, int) and cpus > 0 else None,
            unsupported=frozenset(key for key in CAPABILITIES if details.get(key) is False),
            platform="/".join(
                str(details[key]) for key in ("OSType", "Architecture") if details.get(key)
            ),
            first_user=_first_user(details),
        )

    async def _ping(self) -> Mapping[str, str]:
        try:
            answer = await self._unversioned("HEAD", "_ping")
        except EngineError as error:
            if error.status is None:
                raise
            answer = await self._unversioned("GET", "_ping")
        return answer.headers

    async def _unversioned(self, method: str, path: str) -> ApiResponse:
        request = self._unversioned_request(method, path)
        with engine_errors(request, engine=self.name):
            return await self.transport.request(request)

    def _unversioned_request(self, method: str, path: str) -> ApiRequest:
        return ApiRequest(method=method, path=path, versioned=False, timeout=self.call_timeout)

    def _decode_object(self, path: str, answer: ApiResponse) -> dict[str, Any]:
        request = self.short_call("GET", path)
        decoded = self._decode(request, None, answer)
        if not isinstance(decoded, dict):
            raise unreadable(request, engine=self.name)
        return decoded

    def _decode(
        self, request: ApiRequest, resource: ResourceId | None, answer: ApiResponse
    ) -> object:
        try:
            decoded: object = json.loads(answer.body)
        except (ValueError, RecursionError) as problem:
            raise unreadable(request, resource, engine=self.name) from problem
        return decoded


def _version(text: str) -> tuple[int, int] | None:
    major, dot, minor = text.partition(".")
    return (int(major), int(minor)) if dot and major.isdigit() and minor.isdigit() else None


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


_REMAPPED_ROOT: Final = re.compile(r"/(\d+)\.\d+/?$")
"""How Docker with `userns-remap` calls its folder: by the users and groups that it begins with."""


def _first_user(info: Mapping[str, object]) -> int:
    options = info.get("SecurityOptions")
    if not isinstance(options, list) or "name=userns" not in options:
        return 0
    found = _REMAPPED_ROOT.search(str(info.get("DockerRootDir", "")))
    return int(found[1]) if found else 0


_NO_WEIGHTS: Final = "Weight discarded"


def _flavour(headers: Mapping[str, str]) -> str:
    if "libpod-api-version" in headers:
        return "podman"
    return "embedded" if headers.get("server", "").lower().startswith("aiodockmap") else "docker"
