"""What a container prints, line by line, no faster than it is read."""

from __future__ import annotations

from codecs import IncrementalDecoder, getincrementaldecoder
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import Final, Literal, TypeAlias

from attrs import define, evolve, field, frozen

from ..errors import EngineError, ResourceNotFound
from ..model import ResourceId
from ._connection import AnswerStream, Connection
from ._containers import container_details, container_path
from ._transport import ApiRequest

LONGEST_LINE: Final = 65_536
"""Characters of a line that are kept until its end comes; a longer line is handed out in pieces."""

LAST_WORDS_FOLLOWED: Final = (1, 42)
"""The version of the Engine API from which on followers get everything up to the end: older engines leave
out a last line without a line break, and hang up on followers that are behind (seen on 20.10)."""

OutputStream: TypeAlias = Literal["stdout", "stderr"]

_STREAMS: Final[dict[int, OutputStream]] = {0: "stdout", 1: "stdout", 2: "stderr"}
_ENGINE_SPEAKS: Final = 3
"""The stream by which an engine says that it cannot read on."""
_HEADER: Final = 8
_LONGEST_STAMP: Final = 64
"""Bytes, with the space behind; whatever is longer is no moment."""


@frozen(kw_only=True)
class LogLine:
    """One line that a container printed, or a piece of a very long one."""

    stream: OutputStream
    """Always `stdout` for containers with a terminal, which has one stream only."""
    text: str
    """Without the line break. Decoded as UTF-8; what is none is replaced."""
    timestamp: str | None = None
    """When it was printed, as the engine writes it (RFC 3339, nanoseconds), if that was asked for."""
    ends_line: bool = True
    """Whether a line break follows: false for all but the last piece of a line of more than 65,536
    characters, and for output that ends without one."""


@frozen(kw_only=True)
class LogQuery:
    """Which part of a container's output is wanted."""

    stdout: bool = True
    stderr: bool = True
    follow: bool = False
    since: str | None = None
    tail: int | None = None
    timestamps: bool = False

    def parameters(self) -> dict[str, str]:
        """The query of `GET /containers/{id}/logs`."""
        switches = {
            "stdout": self.stdout,
            "stderr": self.stderr,
            "follow": self.follow,
            "timestamps": self.timestamps,
        }
        parameters = {name: "1" for name, is_on in switches.items() if is_on}
        if self.since is not None:
            parameters["since"] = self.since
        if self.tail is not None:
            parameters["tail"] = str(self.tail)
        return parameters


@asynccontextmanager
async def follow_logs(
    connection: Connection, resource: ResourceId, ref: str, query: LogQuery
) -> AsyncIterator[AsyncGenerator[LogLine]]:
    """See `Engine.follow_logs`."""
    details = await container_details(connection, resource, ref)
    if details is None:
        raise ResourceNotFound(
            f"there is no container {ref}", resource=resource, call=f"GET /{container_path(ref)}"
        )
    # Older engines do not tell it with the output itself.
    is_raw = bool((details.get("Config") or {}).get("Tty"))
    async with open_log(connection, resource, ref, query, is_raw=is_raw, follows=True) as lines:
        info = await connection.connect()
        if not query.follow or info.api_version >= LAST_WORDS_FOLLOWED:
            yield lines
            return
        if query.tail is None:
            again = evolve(query, follow=False)
            whole = open_log(connection, resource, ref, again, is_raw=is_raw, follows=True)
            completing = _with_what_was_missed(lines, whole)
        else:
            again = evolve(query, follow=False, tail=len(set(_STREAMS.values())))
            rest = open_log(connection, resource, ref, again, is_raw=is_raw, follows=True)
            completing = _with_last_words(lines, rest)
        async with aclosing(completing) as completed:
            yield completed


@asynccontextmanager
async def open_log(
    connection: Connection,
    resource: ResourceId,
    ref: str,
    query: LogQuery,
    *,
    is_raw: bool,
    follows: bool = False,
) -> AsyncIterator[AsyncGenerator[LogLine]]:
    """The same, as the engine has it, for a container of which is known whether it has a terminal."""
    request = ApiRequest(
        method="GET",
        path=container_path(ref, "logs"),
        query=query.parameters(),
        timeout=connection.call_timeout,
        waits=query.follow,
        follows=follows,
    )
    async with (
        connection.stream(request, resource) as answer,
        aclosing(output_lines(answer, is_raw=is_raw, has_stamps=query.timestamps)) as lines,
    ):
        yield lines


async def _with_what_was_missed(
    lines: AsyncGenerator[LogLine], again: AbstractAsyncContextManager[AsyncGenerator[LogLine]]
) -> AsyncGenerator[LogLine]:
    """Go on where older engines stop: they leave followers that are behind when the container ends."""
    seen: Counter[OutputStream] = Counter()
    held: dict[OutputStream, LogLine] = {}
    async for line in lines:
        piece = held.pop(line.stream, None)
        if piece is not None:
            seen[line.stream] += 1
            yield piece
        if not line.ends_line:
            # It may be the start of a line that broke off.
            held[line.stream] = line
            continue
        seen[line.stream] += 1
        yield line
    try:
        async with again as whole:
            async for line in whole:
                if seen[line.stream]:
                    seen[line.stream] -= 1
                    continue
                held.pop(line.stream, None)
                yield line
    except ResourceNotFound:
        pass
    for line in held.values():
        yield line


async def _with_last_words(
    lines: AsyncGenerator[LogLine], again: AbstractAsyncContextManager[AsyncGenerator[LogLine]]
) -> AsyncGenerator[LogLine]:
    """Add what a container said last without a line break, which older engines keep from followers."""
    unfinished: set[OutputStream] = set()
    async for line in lines:
        if not line.ends_line:
            unfinished.add(line.stream)
        else:
            unfinished.discard(line.stream)
        yield line
    try:
        async with again as last:
            words = [line async for line in last if not line.ends_line]
    except ResourceNotFound:
        return
    for line in words:
        if line.stream not in unfinished:
            yield line


async def output_lines(
    answer: AnswerStream, *, is_raw: bool = False, has_stamps: bool = False
) -> AsyncGenerator[LogLine]:
    """The lines of an answer that is the output of a container, or of a command in one."""
    cutter = RawOutput(has_stamps) if is_raw else FramedOutput(has_stamps)
    try:
        async for chunk in answer.chunks():
            for line in cutter.feed(chunk):
                yield line
    except NotReadable as problem:
        raise EngineError(
            f"the output cannot be read any further: {problem}",
            resource=answer.resource,
            call=str(answer.request),
        ) from None
    for line in cutter.end():
        yield line


class NotReadable(Exception):
    """Amid the output an engine says that it cannot read on, or what comes makes no sense."""


@define(eq=False)
class FramedOutput:
    """Frames of the Engine API in, lines out; keeps no more than one line of each stream."""

    has_stamps: bool
    """Whether each frame starts with the moment at which its content was printed."""
    _header: bytes = field(default=b"", init=False)
    _left: int = field(default=0, init=False)
    """Bytes until the end of the frame."""
    _stream: int = field(default=1, init=False)
    _lines: dict[OutputStream, _Lines] = field(factory=dict, init=False)

    def feed(self, chunk: bytes) -> Iterator[LogLine]:
        """The lines that are complete with these bytes.

        Raises:
            NotReadable: if the engine says so, or these are no frames.
        """
        start = 0
        while start < len(chunk):
            if not self._left:
                taken = chunk[start : start + _HEADER - len(self._header)]
                start += len(taken)
                self._take_header(self._header + taken)
                continue
            content = chunk[start : start + self._left]
            start += len(content)
            self._left -= len(content)
            if self._stream == _ENGINE_SPEAKS:
                raise NotReadable(content.decode("utf-8", "replace").strip())
            yield from self._lines[_STREAMS[self._stream]].feed(content)

    def end(self) -> Iterator[LogLine]:
        """What is left when there are no more bytes."""
        for lines in self._lines.values():
            yield from lines.end()

    def _take_header(self, header: bytes) -> None:
        if header[0] > _ENGINE_SPEAKS or any(header[1:4]):
            raise NotReadable("these are no frames of the Engine API")
        self._header = header
        if len(header) < _HEADER:
            return
        self._header = b""
        self._stream = header[0]
        self._left = int.from_bytes(header[4:], "big")
        if self._stream != _ENGINE_SPEAKS:
            name = _STREAMS[self._stream]
            if name not in self._lines:
                self._lines[name] = _Lines(name)
            if self.has_stamps:
                self._lines[name].expect_stamp()


@define(eq=False)
class RawOutput:
    """The text of a terminal in, lines out; keeps no more than one line."""

    has_stamps: bool
    """Whether each line starts with the moment at which it was printed."""
    _lines: _Lines = field(factory=lambda: _Lines("stdout", is_terminal=True), init=False)
    _is_at_start: bool = field(default=True, init=False)

    def feed(self, chunk: bytes) -> Iterator[LogLine]:
        """The lines that are complete with these bytes."""
        if not self.has_stamps:
            yield from self._lines.feed(chunk)
            return
        for piece in chunk.splitlines(keepends=True):
            if self._is_at_start:
                self._lines.expect_stamp()
            self._is_at_start = piece.endswith(b"\n")
            yield from self._lines.feed(piece)

    def end(self) -> Iterator[LogLine]:
        """What is left when there are no more bytes."""
        yield from self._lines.end()


@define(eq=False)
class _Lines:
    """One stream, cut into lines of a bounded length."""

    stream: OutputStream
    is_terminal: bool = False
    """Whether it breaks lines by two characters."""
    _decoder: IncrementalDecoder = field(
        factory=lambda: getincrementaldecoder("utf-8")("replace"), init=False
    )
    _parts: list[str] = field(factory=list, init=False)
    """The line that is not complete yet."""
    _length: int = field(default=0, init=False)
    _stamp: str | None = field(default=None, init=False)
    """Of that line."""
    _message: bytes | None = field(default=None, init=False)
    """The start of a message, as long as its stamp is not complete."""

    def expect_stamp(self) -> None:
        """Take the next bytes for a moment, up to a space."""
        self._message = b""

    def feed(self, content: bytes) -> Iterator[LogLine]:
        """The lines that are complete with these bytes."""
        if self._message is not None:
            self._message += content
            if b" " not in self._message[:_LONGEST_STAMP] and len(self._message) < _LONGEST_STAMP:
                return
            content, self._message = self._without_stamp(self._message), None
        for number, text in enumerate(self._decoder.decode(content).split("\n")):
            if number:
                yield self._complete(ends_line=True)
            yield from self._keep(text)

    def end(self) -> Iterator[LogLine]:
        """What is left when there are no more bytes."""
        yield from self._keep(self._decoder.decode(self._message or b"", final=True))
        if self._length:
            yield self._complete(ends_line=False)

    def _without_stamp(self, message: bytes) -> bytes:
        stamp, space, content = message.partition(b" ")
        if not space or len(stamp) >= _LONGEST_STAMP:
            return message
        # A long line is several messages; it was printed when it began.
        if not self._length:
            self._stamp = stamp.decode("ascii", "replace")
        return content

    def _keep(self, text: str) -> Iterator[LogLine]:
        """Add to the line; what gets too long is handed out."""
        if not text:
            return
        self._parts.append(text)
        self._length += len(text)
        while self._length > LONGEST_LINE:
            line = "".join(self._parts)
            self._parts = [line[:LONGEST_LINE]]
            stamp = self._stamp
            yield self._complete(ends_line=False)
            self._parts = [line[LONGEST_LINE:]]
            self._length = len(line) - LONGEST_LINE
            self._stamp = stamp

    def _complete(self, *, ends_line: bool) -> LogLine:
        text = "".join(self._parts)
        line = LogLine(
            stream=self.stream,
            text=text.removesuffix("\r") if self.is_terminal and ends_line else text,
            timestamp=self._stamp,
            ends_line=ends_line,
        )
        self._parts.clear()
        self._length = 0
        self._stamp = None
        return line
