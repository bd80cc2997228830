"""Places for calls: limited per engine and class of work, given to the most urgent step first.

A coroutine of a registered action may begin runs of its own. It holds a place and its container, and waits
for what that run needs, so both could be missed for ever: its place is given back meanwhile, and a circle of
containers is an error.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from contextvars import ContextVar
from itertools import count
from types import TracebackType
from typing import Final

import anyio
from attrs import define, field

from ..errors import ResourceConflict
from ..model import ResourceId
from ._limits import Limits, Work


@define(eq=False)
class EngineSlots:
    """The places of one engine, shared by all runs of a client.

    Everything but the waiting is synchronous, so no lock is needed: nothing is awaited between looking
    and taking.
    """

    limits: Limits
    cpus: int | None = None
    _taken: Counter[Work] = field(factory=Counter, init=False)
    _waiting: dict[Work, list[tuple[float, int, anyio.Event]]] = field(factory=dict, init=False)
    _tickets: count[int] = field(factory=count, init=False)

    @asynccontextmanager
    async def place(self, work: Work, urgency: float) -> AsyncIterator[Callable[[], None]]:
        """Hold one place; the highest urgency is served first, then whoever came first.

        Gives a function that returns the place before the end, for steps that go on waiting.
        """
        await self.take(work, urgency)
        place = _Place(self, work, urgency)
        token = _PLACE.set(place)
        try:
            yield place.leave
        finally:
            _PLACE.reset(token)
            place.leave()

    async def take(self, work: Work, urgency: float) -> None:
        """Wait for a place; cancelling takes none."""
        queue = self._waiting.setdefault(work, [])
        if not queue and self._taken[work] < self.limits.of(work, self.cpus):
            self._taken[work] += 1
            return
        granted = anyio.Event()
        entry = (-urgency, next(self._tickets), granted)
        heapq.heappush(queue, entry)
        try:
            await granted.wait()
        except BaseException:
            if granted.is_set():
                self.give_back(work)
            else:
                queue.remove(entry)
                heapq.heapify(queue)
            raise

    def give_back(self, work: Work) -> None:
        """Let the next one have a place."""
        self._taken[work] -= 1
        queue = self._waiting.get(work)
        while queue and self._taken[work] < self.limits.of(work, self.cpus):
            _, _, granted = heapq.heappop(queue)
            self._taken[work] += 1
            granted.set()


@define(eq=False)
class _Place:
    """A place that a step holds; entering it lends it to others, for as long as a run lasts."""

    slots: EngineSlots
    work: Work
    urgency: float
    _is_held: bool = field(default=True, init=False)
    _is_over: bool = field(default=False, init=False)
    _runs: int = field(default=0, init=False)
    """How many runs its holder waits for."""

    def leave(self) -> None:
        """Return it for good; twice does nothing more."""
        self._is_over = True
        self._return()

    def _return(self) -> None:
        if self._is_held:
            self._is_held = False
            self.slots.give_back(self.work)

    async def __aenter__(self) -> None:
        self._runs += 1
        self._return()

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._runs -= 1
        # Whoever is being cancelled waits for nothing more.
        if (error is None or isinstance(error, Exception)) and self._is_wanted():
            await self.slots.take(self.work, self.urgency)
            if self._is_wanted():
                self._is_held = True
            else:
                self.slots.give_back(self.work)

    def _is_wanted(self) -> bool:
        return not (self._is_held or self._is_over or self._runs)


_PLACE: Final[ContextVar[_Place | None]] = ContextVar("aiodockmap place", default=None)
"""What the current task, or a task that waits for it, holds."""


def place_lent() -> AbstractAsyncContextManager[None]:
    """Have others use the place of whoever begins a run, until the run is over and a place is free again."""
    return _PLACE.get() or nullcontext()


_HELD: Final[ContextVar[frozenset[tuple[int, ResourceId]]]] = ContextVar(
    "aiodockmap held", default=frozenset()
)
"""The resources that the current task, or a task that waits for it, works on."""


Lend = Callable[[], AbstractAsyncContextManager[None]]
"""Lets others work on a resource until the context is left."""


@define(eq=False)
class ResourceLocks:
    """One step at a time on each resource, across all runs of a client."""

    _locks: dict[ResourceId, tuple[anyio.Lock, int]] = field(factory=dict, init=False)
    _waiting: dict[ResourceId, list[ResourceId]] = field(factory=dict, init=False)
    """What those wait for who hold a resource."""

    @asynccontextmanager
    async def only(self, resource: ResourceId) -> AsyncIterator[Lend]:
        """Wait until nobody else works on the resource, and keep others off until the end.

        A run that is begun from within a step may work on the step's own resource: the step waits for it.
        Gives what lets others work on it for a while, for a step that waits for what they do.

        Raises:
            ResourceConflict: if whoever works on it waits for what this task works on.
        """
        held, key = _HELD.get(), (id(self), resource)
        if key in held:
            yield nullcontext
            return
        lock, users = self._locks.get(resource, (anyio.Lock(), 0))
        self._locks[resource] = (lock, users + 1)
        mine = [each for owner, each in held if owner == id(self)]
        is_held = False

        async def take() -> None:
            nonlocal is_held
            with self._wait(mine, resource):
                await lock.acquire()
            is_held = True

        @asynccontextmanager
        async def lend() -> AsyncIterator[None]:
            nonlocal is_held
            lock.release()
            is_held = False
            yield
            # Whoever is being cancelled, or has failed, does nothing more to it.
            await take()

        try:
            await take()
            token = _HELD.set(held | {key})
            try:
                yield lend
            finally:
                _HELD.reset(token)
                if is_held:
                    lock.release()
        finally:
            lock, users = self._locks[resource]
            if users == 1:
                del self._locks[resource]
            else:
                self._locks[resource] = (lock, users - 1)

    @contextmanager
    def _wait(self, held: Collection[ResourceId], resource: ResourceId) -> Iterator[None]:
        """Note who waits for whom; all of it has to come, so that a circle lasts for ever."""
        waited_for = self._reachable(resource)
        for mine in held:
            if mine in waited_for:
                raise ResourceConflict(
                    f"an action that is working on it waits for {mine}, and the action on that one for it",
                    resource=resource,
                    advice="let only one of the two act on the other's container, or one after the other",
                )
        for mine in held:
            self._waiting.setdefault(mine, []).append(resource)
        try:
            yield
        finally:
            for mine in held:
                self._waiting[mine].remove(resource)
                if not self._waiting[mine]:
                    del self._waiting[mine]

    def _reachable(self, start: ResourceId) -> set[ResourceId]:
        pending, seen = [start], set[ResourceId]()
        while pending:
            for each in self._waiting.get(pending.pop(), ()):
                if each not in seen:
                    seen.add(each)
                    pending.append(each)
        return seen


@define(eq=False)
class Concurrency:
    """What the runs of one client share: places per engine, and locks on resources."""

    limits: Limits = field(factory=Limits)
    locks: ResourceLocks = field(factory=ResourceLocks)
    _engines: dict[str, EngineSlots] = field(factory=dict, init=False)

    def slots(self, cpus: Mapping[str, int | None]) -> dict[str, EngineSlots]:
        """The places of the named engines; their number of processors is noted at first sight."""
        for engine, number in cpus.items():
            slots = self._engines.setdefault(engine, EngineSlots(self.limits))
            slots.cpus = slots.cpus or number
        return {engine: self._engines[engine] for engine in cpus}
