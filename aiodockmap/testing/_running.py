"""Processes that go on: each is carried from one pause to the next."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from attrs import define, field

from ._commands import (
    FOREVER,
    Await,
    Begin,
    Guess,
    Job,
    Kill,
    Pause,
    Print,
    Signals,
    Steps,
    Turn,
)
from ._timeline import Appointment, Timeline

MOST_TURNS: Final = 10_000
"""Commands after which a process that never pauses is left alone."""
MOST_PRINTED: Final = 2**22
"""Characters after which it is."""
SHORTEST: Final = 0.001
"""Seconds; no program takes less."""
RESTLESS: Final = "a loop without a pause is taken to go on and to print nothing more"


@define(eq=False)
class _Thread:
    """A job, and what it waits for."""

    job: Job
    pause: Pause | None = None
    end: Appointment | None = None
    """Of the pause, if it has one."""
    awaited: tuple[Job, ...] = ()

    @property
    def is_resting(self) -> bool:
        """Whether it waits for something."""
        return self.pause is not None or bool(self.awaited)

    @property
    def is_interruptible(self) -> bool:
        """Whether a signal ends what it waits for."""
        return bool(self.awaited) or (self.pause is not None and self.pause.is_interruptible)

    def wake(self) -> None:
        """Wait for nothing any more."""
        if self.end is not None:
            self.end.call_off()
        self.pause, self.end, self.awaited = None, None, ()


@define(eq=False, kw_only=True)
class Running:
    """One process, with the jobs beside it."""

    timeline: Timeline
    signals: Signals
    write: Callable[[Print], None]
    """Told of what it prints."""
    guess: Callable[[str], None]
    """Told of what is only assumed about it."""
    ended: Callable[[int], None]
    """Told of its exit status."""
    _now: float = -1.0
    """When it has gone on."""
    _turns: int = 0
    """Commands at that time."""
    _printed: int = 0
    """Characters at that time."""
    _threads: list[_Thread] = field(factory=list)
    """The process itself comes first."""

    def begin(self, steps: Steps) -> None:
        """Have it go on until its first pause."""
        thread = _Thread(Job(steps))
        self._threads.append(thread)
        self._go_on(thread)

    def stop(self) -> None:
        """Have it do nothing any more."""
        for thread in self._threads:
            thread.wake()
        self._threads = []

    def signal(self, number: int) -> bool:
        """Have a signal come; whether the process looks after it, now or when its pause is over."""
        if not self.signals.take(number):
            return False
        self._begin_counting()
        if self.signals.pending and self._threads and self._threads[0].is_interruptible:
            self._go_on(self._threads[0])
        return True

    def outlived(self, number: int, patience: float) -> int | None:
        """What a process ends with that gets a signal and some seconds, which do not pass.

        None if it does not end.
        """
        if not self._threads or not self.signals.take(number):
            return None
        self._begin_counting()
        main = self._threads[0]
        waits = 0.0
        if not main.is_interruptible:
            waits = FOREVER if main.end is None else main.end.due - self.timeline.now
        while waits <= patience and self._is_moderate():
            try:
                step = next(main.job.steps)
            except StopIteration as end:
                code: int = end.value
                return code
            match step:
                case Print():
                    self._do(step)
                case Pause(seconds):
                    waits += seconds
                case Await():
                    return None
                case _:
                    pass
        return None

    def _go_on(self, thread: _Thread) -> None:
        """Carry a thread to its next pause, or to its end."""
        thread.wake()
        while self._is_moderate():
            try:
                step = next(thread.job.steps)
            except StopIteration as end:
                self._end(thread, end.value)
                return
            if isinstance(step, Pause | Await):
                self._rest(thread, step)
                if thread.is_resting:
                    return
            else:
                self._do(step)
        self.guess(RESTLESS)
        self._rest(thread, Pause(FOREVER, is_interruptible=True))

    def _begin_counting(self) -> None:
        self._now, self._turns, self._printed = self.timeline.now, 0, 0

    def _is_moderate(self) -> bool:
        """Count what it does at a time; whether that is not too much."""
        if self.timeline.now != self._now:
            self._begin_counting()
        self._turns += 1
        return self._turns <= MOST_TURNS and self._printed <= MOST_PRINTED

    def _rest(self, thread: _Thread, step: Pause | Await) -> None:
        match step:
            case Await(jobs):
                thread.awaited = jobs if any(job.code is None for job in jobs) else ()
            case Pause(seconds):
                thread.pause = step
                if seconds != FOREVER:
                    seconds = max(seconds, SHORTEST)
                    thread.end = self.timeline.after(seconds, partial(self._go_on, thread))

    def _do(self, step: Print | Guess | Begin | Kill | Turn) -> None:
        match step:
            case Print(text):
                self._printed += len(text)
                self.write(step)
            case Guess(about):
                self.guess(about)
            case Begin(job):
                # It has to be made first, so that what begins it goes on before.
                thread = _Thread(job)
                thread.end = self.timeline.after(0, partial(self._go_on, thread))
                self._threads.append(thread)
            case Kill(job, code):
                self._kill(job, code)
            case Turn():
                pass

    def _kill(self, job: Job, code: int) -> None:
        for thread in self._threads:
            if thread.job is job:
                self._end(thread, code)
                return

    def _end(self, thread: _Thread, code: int) -> None:
        thread.wake()
        thread.job.code = code
        if thread not in self._threads:
            return  # the process has ended meanwhile
        if thread is self._threads[0]:
            self.stop()
            self.ended(code)
            return
        self._threads.remove(thread)
        for other in list(self._threads):
            if other.awaited and all(job.code is not None for job in other.awaited):
                self._go_on(other)
