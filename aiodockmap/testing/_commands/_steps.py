"""What a process does, one step after the other, as a generator; nobody runs anything."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Final, TypeAlias

from attrs import define, field, frozen

FOREVER: Final = float("inf")
OUT: Final = 1
ERR: Final = 2


@frozen
class Print:
    """Text goes to one of its streams."""

    text: str
    stream: int = OUT


@frozen
class Pause:
    """Time passes."""

    seconds: float
    is_interruptible: bool = False
    """Whether a signal that it looks after ends the pause; otherwise the signal waits for its end."""


@frozen
class Begin:
    """A job begins beside it."""

    job: Job


@frozen
class Await:
    """Jobs are waited for; a signal that it looks after ends that."""

    jobs: tuple[Job, ...]


@frozen
class Kill:
    """A job is ended."""

    job: Job
    code: int


@frozen
class Guess:
    """From here on something is only assumed."""

    about: str


@frozen
class Turn:
    """A command is run, however little it does."""


Step: TypeAlias = Print | Pause | Begin | Await | Kill | Guess | Turn
Steps: TypeAlias = Generator[Step, None, int]
"""The steps of a process or of a part of it; what it returns is an exit status."""


@define(eq=False)
class Job:
    """A part of a process that goes on beside the rest of it, or the process itself."""

    steps: Steps
    code: int | None = None
    """Its exit status once it has ended."""


@define(eq=False)
class Signals:
    """What a process makes of signals."""

    traps: dict[int, str] = field(factory=dict)
    """Scripts by number; empty for those that are ignored."""
    pending: list[int] = field(factory=list)
    """Those that have come, and that nothing was done about."""

    def take(self, number: int) -> bool:
        """Have a signal come; whether it is looked after."""
        if number not in self.traps:
            return False
        if self.traps[number]:
            self.pending.append(number)
        return True


class Unclear(Exception):
    """Something of a command is not understood, so that nobody can say what comes next."""


def ending(code: int) -> Steps:
    """Do nothing but end."""
    yield from ()
    return code


def failing(code: int, message: str) -> Steps:
    """Say what is wrong, and end."""
    yield Print(f"{message}\n", ERR)
    return code


def printing(text: str) -> Steps:
    """Print something, if there is something, and end well."""
    if text:
        yield Print(text)
    return 0


def unclear(problem: Unclear, *, is_exec: bool) -> Steps:
    """Go on as what nobody knows does, but let signals through; as an exec command, end."""
    end = "end there" if is_exec else "go on"
    yield Guess(f"{problem} is not understood, so that it is taken to {end}")
    while not is_exec:
        yield Pause(FOREVER, is_interruptible=True)
    return 0


def understood(follow: Callable[[], Steps], *, is_exec: bool) -> Steps:
    """Follow something as far as it is understood."""
    try:
        return (yield from follow())
    except Unclear as problem:
        reason = problem
    except RecursionError:
        reason = Unclear("a script of this depth")
    return (yield from unclear(reason, is_exec=is_exec))


def altered(steps: Steps, alter: Callable[[Step], Step | None]) -> Steps:
    """The same steps with each of them replaced, or left out."""
    while True:
        try:
            step = alter(next(steps))
        except StopIteration as end:
            code: int = end.value
            return code
        if step is not None:
            yield step
