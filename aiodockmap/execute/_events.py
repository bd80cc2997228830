"""Facts about a run, as they happen: one frozen class each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from attrs import frozen

from ..plan import Plan, Step
from ._report import Outcome, RunReport


@frozen(kw_only=True)
class RunStarted:
    """A plan is about to be carried out."""

    plan: Plan


@frozen(kw_only=True)
class StepStarted:
    """A step has its place, and its first call is being made."""

    step: Step


@frozen(kw_only=True)
class StepProgressed:
    """A line of progress of a long step: a layer of a pull."""

    step: Step
    text: str


@frozen(kw_only=True)
class StepFinished:
    """A step has ended, one way or another."""

    step: Step
    outcome: Outcome
    seconds: float


@frozen(kw_only=True)
class RunFinished:
    """The run is over, also after a failure or a cancellation: here is its report."""

    report: RunReport


Event: TypeAlias = RunStarted | StepStarted | StepProgressed | StepFinished | RunFinished

Emit: TypeAlias = Callable[[Event], None]
"""Takes each event as it happens; must neither block nor raise."""
