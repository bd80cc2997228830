"""Time, and what will happen by itself when it has come.

Nothing here runs in the background. What is due happens when somebody looks: a call that comes in, or
one that waits. So no task needs an owner, and what has happened at a moment does not depend on luck.
Time is that of the event loop; a `VirtualTimeLoop` makes all waiting take no time.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from anyio import Event, current_time, move_on_after
from attrs import Factory, define, field

from ._answers import Dropped

NEVER = "0001-01-01T00:00:00Z"
"""How engines write a moment that has not come."""

TICK = 1e-6
"""Seconds that a timer may be early, as sums of floats are."""


def _nothing() -> None:
    """What happens at an appointment that was called off."""


@define(eq=False)
class Appointment:
    """Something that will happen, unless it is called off."""

    due: float
    order: int
    happen: Callable[[], None]
    is_off: bool = False

    def call_off(self) -> None:
        """See that it does not happen, and that nothing is kept for it."""
        self.is_off = True
        self.happen = _nothing

    def __lt__(self, other: Appointment) -> bool:
        return (self.due, self.order) < (other.due, other.order)


@define(eq=False)
class Timeline:
    """The present, and the appointments of the future."""

    started_at: datetime | None = None
    """What the clock says at first; None for what the wall clock does."""
    epoch: datetime = field(init=False)
    """The wall clock when the time of the loop was first looked at; until then, when this was made."""
    now: float = 0.0
    """Seconds since then. While an appointment happens, the moment it was made for."""
    _start: float | None = None
    _appointments: list[Appointment] = field(factory=list)
    _count: int = 0
    _changed: Event = Factory(Event)
    interruptions: int = 0
    """How often everybody had to give up waiting."""

    @epoch.default
    def _wall_clock(self) -> datetime:
        return self.started_at or datetime.now(UTC)

    def after(self, seconds: float, happen: Callable[[], None]) -> Appointment:
        """Make an appointment."""
        self._count += 1
        appointment = Appointment(self.now + max(0.0, seconds), self._count, happen)
        heapq.heappush(self._appointments, appointment)
        return appointment

    def settle(self) -> None:
        """Let everything happen that is due."""
        present = self._present()
        while (appointment := self._next()) and appointment.due <= present + TICK:
            heapq.heappop(self._appointments)
            self.now = max(self.now, appointment.due)
            appointment.happen()
        self.now = max(self.now, present)

    def tell(self) -> None:
        """Wake everybody who waits for something, so that they look whether it is there."""
        self._changed.set()
        self._changed = Event()

    def interrupt(self) -> None:
        """Have everybody give up who waits for what is not there by now."""
        self.interruptions += 1
        self.tell()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait, without end if need be, until `condition` holds.

        Raises:
            Dropped: if the wait is interrupted.
        """
        before = self.interruptions
        while True:
            self.settle()
            if condition():
                return
            if self.interruptions != before:
                raise Dropped("the engine went away")
            upcoming = self._next()
            with move_on_after(None if upcoming is None else upcoming.due - self.now):
                await self._changed.wait()

    async def sleep(self, seconds: float) -> None:
        """Wait for a time."""
        end = self.now + seconds
        self.after(seconds, lambda: None)
        await self.until(lambda: self.now >= end)

    def moment(self) -> datetime:
        """The wall clock."""
        return self.epoch + timedelta(seconds=self.now)

    def stamp(self) -> str:
        """The wall clock, as engines write it."""
        return self.moment().strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".") + "Z"

    def nanoseconds(self) -> int:
        """The wall clock in nanoseconds since 1970."""
        return (
            int(self.epoch.timestamp()) * 10**9
            + self.epoch.microsecond * 1000
            + int(self.now * 1e9)
        )

    def seconds(self) -> int:
        """The wall clock in whole seconds since 1970."""
        return int(self.moment().timestamp())

    def _present(self) -> float:
        try:
            loop_time = current_time()
        except RuntimeError:  # no loop runs, as before a test and after it: time stands still
            return self.now
        if self._start is None:
            self._start = loop_time - self.now
            self.epoch = self._wall_clock()
        return max(self.now, loop_time - self._start)

    def _next(self) -> Appointment | None:
        while self._appointments and self._appointments[0].is_off:
            heapq.heappop(self._appointments)
        return self._appointments[0] if self._appointments else None
