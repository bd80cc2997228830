"""Carrying out a plan: when each step starts, what became of it, and what is told meanwhile."""

from ._events import (
    Emit,
    Event,
    RunFinished,
    RunStarted,
    StepFinished,
    StepProgressed,
    StepStarted,
)
from ._limits import Limits, OnFailure, Patience, Work
from ._perform import Target
from ._report import (
    ActionResult,
    Failed,
    Interrupted,
    Outcome,
    RunReport,
    StepTiming,
    Succeeded,
)
from ._scheduler import execute
from ._scripts import Output, ScriptResult
from ._slots import Concurrency

__all__ = [
    "ActionResult",
    "Concurrency",
    "Emit",
    "Event",
    "Failed",
    "Interrupted",
    "Limits",
    "OnFailure",
    "Outcome",
    "Output",
    "Patience",
    "RunFinished",
    "RunReport",
    "RunStarted",
    "ScriptResult",
    "StepFinished",
    "StepProgressed",
    "StepStarted",
    "StepTiming",
    "Succeeded",
    "Target",
    "Work",
    "execute",
]
