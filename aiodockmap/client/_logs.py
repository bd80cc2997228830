"""What containers print: of all that are selected, as one stream."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Final, Self

import anyio
from anyio import CapacityLimiter
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from attrs import define, field, frozen

from ..engine import Engine, LogLine, OutputStream
from ..errors import EngineError, EngineUnreachable, OptionError, ResourceNotFound
from ..model import MapItem, ResourceId
from ..state import DesiredContainer, ObservedContainer
from ._fan_out import each_of, nobody

FOLLOWED_AT_ONCE: Final = 128
"""Containers of one engine; each takes a connection for as long as it is followed."""

READ_AT_ONCE: Final = 8
"""The same, of those that are not followed: more would only wait for the reader."""

BACKLOG: Final = 64
"""Lines that are read ahead of the reader, of all containers together."""

_BETWEEN_LOOKS: Final = 1.0
_OUT_OF_ORDER: Final = 16
"""Lines among which an engine may have written an earlier one after a later one."""


@frozen(kw_only=True)
class ContainerLine:
    """One line that a container printed, or a piece of a very long one."""

    id: ResourceId
    """The container, and its engine."""
    item: MapItem
    stream: OutputStream
    """`stdout` or `stderr`; always `stdout` for containers with a terminal."""
    text: str = field(repr=False)
    """Without the line break. Not shown: programs print secrets."""
    timestamp: str | None = None
    """When it was printed, as the engine writes it (RFC 3339), if that was asked for."""
    ends_line: bool = True
    """Whether a line break follows; false within lines of more than 65,536 characters."""


@frozen(kw_only=True)
class LogOptions:
    """Which part of the output is wanted."""

    follow: bool
    tail: int | None
    since: str | None
    timestamps: bool

    @classmethod
    def of(cls, *, follow: object, tail: object, since: object, timestamps: object) -> Self:
        """Check what a caller says.

        Raises:
            OptionError: for a value that means nothing.
        """
        if not isinstance(follow, bool) or not isinstance(timestamps, bool):
            raise OptionError("logs: follow and timestamps are True or False")
        if tail is not None and (isinstance(tail, bool) or not isinstance(tail, int) or tail < 0):
            raise OptionError(f"logs: tail is a number of lines, or None for all, not {tail!r}")
        return cls(follow=follow, tail=tail, since=_moment(since), timestamps=timestamps)


def _moment(since: object) -> str | None:
    """Seconds since 1970, as engines want it."""
    match since:
        case None:
            return None
        case datetime():
            seconds = since.timestamp()
        case timedelta():
            seconds = time.time() - since.total_seconds()
        case int() | float() if not isinstance(since, bool):
            seconds = float(since)
        case _:
            raise OptionError(
                f"logs: since is a datetime, a timedelta back from now, or seconds, not {since!r}"
            )
    return f"{max(0.0, seconds):.6f}"


class ContainerLines:
    """The lines of all selected containers, as they come; those of each container in their order.

    Iterate over it once. It reads only a little ahead: who reads slowly slows the connections down.
    """

    def __init__(
        self,
        containers: tuple[ResourceId, ...],
        lines: MemoryObjectReceiveStream[ContainerLine],
    ) -> None:
        self._lines = lines
        self.containers = containers
        """All that were selected, whether they exist or not."""
        self.errors: dict[str, EngineError] = {}
        """What could not be read, by engine or container; while following, an engine that is back is
        taken out again."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ContainerLine:
        try:
            # Waiting takes a turn of the loop even where there is nothing to wait for.
            with suppress(anyio.WouldBlock):
                return self._lines.receive_nowait()
            return await self._lines.receive()
        except anyio.EndOfStream:
            if self.errors:
                raise nobody(self.errors) from None
            raise StopAsyncIteration from None


@asynccontextmanager
async def merged_logs(
    engines: Mapping[str, Engine], containers: Sequence[DesiredContainer], wanted: LogOptions
) -> AsyncIterator[ContainerLines]:
    """Read the output of containers on several engines; leaving the context closes all connections."""
    by_engine: dict[str, dict[str, DesiredContainer]] = {name: {} for name in engines}
    for container in containers:
        by_engine[container.id.engine][container.id.name] = container
    if wanted.follow:
        _check_number(by_engine)
    present: dict[str, Mapping[str, ObservedContainer]] = {}

    async def look(name: str) -> None:
        present[name] = await _present(engines[name])

    failures = await each_of(engines, look)
    if failures and not present:
        raise nobody(failures)
    send, receive = anyio.create_memory_object_stream[ContainerLine](BACKLOG)
    lines = ContainerLines(tuple(container.id for container in containers), receive)
    lines.errors.update(failures)
    problems: list[Exception] = []
    async with anyio.create_task_group() as tasks:
        with receive:
            for name, engine in engines.items():
                reader = _EngineReader(
                    engine=engine,
                    containers=by_engine[name],
                    wanted=wanted,
                    lines=send.clone(),
                    errors=lines.errors,
                )
                tasks.start_soon(reader.run, present.get(name), name=f"aiodockmap logs {name}")
            send.close()
            try:
                yield lines
            except Exception as problem:  # noqa: BLE001 (raised below: the group would wrap it)
                problems.append(problem)
            tasks.cancel_scope.cancel()
    if problems:
        raise problems[0]


def _check_number(by_engine: Mapping[str, Mapping[str, DesiredContainer]]) -> None:
    for name, containers in by_engine.items():
        if len(containers) > FOLLOWED_AT_ONCE:
            raise OptionError(
                f"logs: at most {FOLLOWED_AT_ONCE} containers of an engine can be followed at once, and "
                f"these are {len(containers)} on {name}: select fewer, or do not follow"
            )


async def _present(engine: Engine) -> Mapping[str, ObservedContainer]:
    return {container.name: container for container in await engine.list_containers()}


@frozen
class _Told:
    """What has been told of the output of a container, by when its lines were printed."""

    reached: str = ""
    """All up to here."""
    latest: frozenset[str] = frozenset()

    @property
    def since(self) -> str | None:
        """From when on there may be more; None if nothing has been told."""
        return self.reached or min(self.latest, default=None)

    def __contains__(self, stamp: str) -> bool:
        return stamp <= self.reached or stamp in self.latest


@define(eq=False)
class _Position:
    """How far the output of a container has been read.

    Engines note the moment before they write a line down: what two streams print at once is in any order.
    """

    container_id: str
    _reached: str = field(default="", init=False)
    _latest: deque[str] = field(factory=lambda: deque(maxlen=_OUT_OF_ORDER), init=False)

    def note(self, stamp: str) -> None:
        """Count a line as told."""
        if len(self._latest) == _OUT_OF_ORDER:
            self._reached = max(self._reached, self._latest[0])
        self._latest.append(stamp)

    def told(self) -> _Told:
        """All that has been told until now."""
        return _Told(self._reached, frozenset(self._latest))


@define(eq=False, kw_only=True)
class _EngineReader:
    """Reads the selected containers of one engine."""

    engine: Engine
    containers: Mapping[str, DesiredContainer]
    wanted: LogOptions
    lines: MemoryObjectSendStream[ContainerLine]
    errors: dict[str, EngineError]
    _positions: dict[str, _Position] = field(factory=dict, init=False)
    _under_way: set[str] = field(factory=set, init=False)
    _unreadable: set[str] = field(factory=set, init=False)
    _limit: CapacityLimiter = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._limit = CapacityLimiter(FOLLOWED_AT_ONCE if self.wanted.follow else READ_AT_ONCE)

    async def run(self, present: Mapping[str, ObservedContainer] | None) -> None:
        """Read what there is; while following, also of containers that come later, or come back."""
        async with self.lines, anyio.create_task_group() as tasks:
            while True:
                for name in self.containers:
                    container = (present or {}).get(name)
                    if container is not None and self._has_more(name, container):
                        self._under_way.add(name)
                        tasks.start_soon(self._read, name, container.id, name=f"logs of {name}")
                if not self.wanted.follow:
                    return
                await anyio.sleep(_BETWEEN_LOOKS)
                present = await self._look()

    async def _look(self) -> Mapping[str, ObservedContainer] | None:
        if self.containers.keys() <= self._under_way | self._unreadable:
            return None
        try:
            present = await _present(self.engine)
        except EngineError as error:
            self.errors[self.engine.name] = error
            return None
        self.errors.pop(self.engine.name, None)
        return present

    def _has_more(self, name: str, container: ObservedContainer) -> bool:
        if name in self._under_way or name in self._unreadable:
            return False
        position = self._positions.get(name)
        return position is None or position.container_id != container.id or container.state.is_up

    async def _read(self, name: str, container_id: str) -> None:
        before = self._positions.get(name)
        is_first = before is None
        if before is None or before.container_id != container_id:
            before = self._positions[name] = _Position(container_id)
        resource, told = self.containers[name].id, before.told()
        since = told.since
        try:
            async with (
                self._limit,
                self.engine.follow_logs(
                    resource,
                    container_id,
                    follow=self.wanted.follow,
                    since=self.wanted.since if since is None else _seconds(since),
                    tail=self.wanted.tail if is_first else None,
                    # They say where to go on with a container that comes back.
                    timestamps=self.wanted.timestamps or self.wanted.follow,
                ) as lines,
                aclosing(lines),
            ):
                async for line in lines:
                    if line.timestamp is not None:
                        if line.timestamp in told:
                            continue
                        before.note(line.timestamp)
                    named = self._named(name, line)
                    try:
                        self.lines.send_nowait(named)
                    except anyio.WouldBlock:
                        await self.lines.send(named)
        except ResourceNotFound:
            pass
        except EngineUnreachable as error:
            self.errors[self.engine.name] = error
        except EngineError as error:
            self.errors[str(resource)] = error
            self._unreadable.add(name)
        finally:
            self._under_way.discard(name)

    def _named(self, name: str, line: LogLine) -> ContainerLine:
        container = self.containers[name]
        return ContainerLine(
            id=container.id,
            item=container.item,
            stream=line.stream,
            text=line.text,
            timestamp=line.timestamp if self.wanted.timestamps else None,
            ends_line=line.ends_line,
        )


_STAMP: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\d*(Z|[+-]\d\d:\d\d)")


def _seconds(stamp: str) -> str | None:
    """A moment of RFC 3339 as seconds since 1970, to the nanosecond."""
    found = _STAMP.fullmatch(stamp)
    if found is None:
        return None
    seconds = datetime.fromisoformat(found[1] + found[3].replace("Z", "+00:00")).timestamp()
    return f"{int(seconds)}.{found[2] or 0}"
