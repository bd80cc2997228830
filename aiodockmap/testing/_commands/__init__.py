"""What commands do, which nobody runs: read from their words, step by step."""

from ._commands import steps_of
from ._files import Written
from ._place import CANNOT_RUN, FILES, MISSING, Place, start_problem
from ._steps import (
    ERR,
    FOREVER,
    OUT,
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

__all__ = [
    "CANNOT_RUN",
    "ERR",
    "FILES",
    "MISSING",
    "FOREVER",
    "OUT",
    "Await",
    "Begin",
    "Guess",
    "Job",
    "Kill",
    "Pause",
    "Place",
    "Print",
    "Signals",
    "Steps",
    "Turn",
    "Written",
    "start_problem",
    "steps_of",
]
