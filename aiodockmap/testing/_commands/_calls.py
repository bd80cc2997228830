"""How programs are called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from attrs import frozen

from ._place import CANNOT_RUN, Place, start_problem
from ._session import Run
from ._steps import FOREVER, Guess, Pause, Signals, Steps, failing, printing


@frozen(kw_only=True)
class Call:
    """A program that is run."""

    place: Place
    name: str
    """What it calls itself when it complains."""
    arguments: Sequence[str]
    run: Run
    signals: Signals | None
    """Those of the process, if it is the process."""

    def start(self, command: Sequence[str], place: Place | None = None) -> Steps:
        """Become another program, or say that it is not there."""
        found = place or self.place
        problem = start_problem(command[0], found)
        if problem is None:
            return self.run(found, command, self.signals)
        _, code = problem
        why = "Permission denied" if code == CANNOT_RUN else "No such file or directory"
        return failing(code, f"{self.name}: can't execute '{command[0]}': {why}")


Program: TypeAlias = Callable[[Call], Steps]


def guess(call: Call) -> Steps:
    """Do what most programs do."""
    yield Guess(f"`{call.name}` is taken to succeed at once and to print nothing")
    return 0


def input_of(call: Call) -> Steps:
    """Read what never comes, until it ends."""
    if call.place.piped is not None:
        return (yield from printing(call.place.piped.read()))
    if call.place.has_input and not call.place.is_exec:
        yield Pause(FOREVER)
    return 0
