"""Places for calls: limited per engine and class of work, given to the most urgent step first."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from itertools import count
from typing import Final

import anyio
from attrs import define, field

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
        await self._take(work, urgency)
        is_held = True

        def leave() -> None:
            nonlocal is_held
            if is_held:
                is_held = False
                self._give_back(work)

        try:
            yield leave
        finally:
            leave()

    async def _take(self, work: Work, urgency: float) -> None:
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
                self._give_back(work)
            else:
                queue.remove(entry)
                heapq.heapify(queue)
            raise

    def _give_back(self, work: Work) -> None:
        self._taken[work] -= 1
        queue = self._waiting.get(work)
        while queue and self._taken[work] < self.limits.of(work, self.cpus):
            _, _, granted = heapq.heappop(queue)
            self._taken[work] += 1
            granted.set()


_HELD: Final[ContextVar[frozenset[object]]] = ContextVar("aiodockmap held", default=frozenset())
"""The resources that the current task, or a task that waits for it, works on."""


@define(eq=False)
class ResourceLocks:
    """One step at a time on each resource, across all runs of a client."""

    _locks: dict[object, tuple[anyio.Lock, int]] = field(factory=dict, init=False)

    @asynccontextmanager
    async def only(self, resource: object) -> AsyncIterator[None]:
        """Wait until nobody else works on the resource, and keep others off until the end.

        A run that is begun from within a step may work on the step's own resource: the step waits for it.
        """
        held, key = _HELD.get(), (id(self), resource)
        if key in held:
            yield
            return
        lock, users = self._locks.get(resource, (anyio.Lock(), 0))
        self._locks[resource] = (lock, users + 1)
        try:
            async with lock:
                token = _HELD.set(held | {key})
                try:
                    yield
                finally:
                    _HELD.reset(token)
        finally:
            lock, users = self._locks[resource]
            if users == 1:
                del self._locks[resource]
            else:
                self._locks[resource] = (lock, users - 1)


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
