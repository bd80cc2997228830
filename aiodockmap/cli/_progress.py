"""What a run says while it is under way: a line for each thing that happens."""

from __future__ import annotations

import click

from ..execute import (
    Event,
    Failed,
    Interrupted,
    Outcome,
    RunFinished,
    RunReport,
    RunStarted,
    StepFinished,
    StepProgressed,
    StepStarted,
    Succeeded,
)
from ..plan import Plan
from ._options import as_typed
from ._output import remark

NOTEWORTHY_SECONDS = 0.5


def tell(event: Event) -> None:
    """Write one event to standard error."""
    line = line_of(event)
    if line:
        remark(as_typed(line))


def tell_with_notes(event: Event) -> None:
    """The same, and what a run leaves alone, and why, as soon as it begins."""
    tell(event)
    if isinstance(event, RunStarted):
        tell_notes(event.plan)


def tell_notes(plan: Plan) -> None:
    """Write to standard error what a plan leaves alone, and why; each once."""
    for note in dict.fromkeys(plan.notes):
        remark(as_typed(f"note: {note}"))


def line_of(event: Event) -> str:
    """Return an event in words; empty if it is not worth a line."""
    match event:
        case RunStarted(plan=plan):
            count = len(plan.steps)
            steps = f"{count} step{'' if count == 1 else 's'}" if count else "nothing to do"
            return "\n".join([steps, *(str(engine) for engine in plan.left_out)])
        case StepStarted(step=step):
            return f"      {step}"
        case StepProgressed(step=step, text=text):
            return f"      {step}: {text}"
        case StepFinished(step=step, outcome=outcome, seconds=seconds):
            took = f" ({seconds:.1f} s)" if seconds >= NOTEWORTHY_SECONDS else ""
            return f"{_mark(outcome)} {step}{took}{_note(outcome)}"
        case RunFinished(report=report):
            return summary(report)


def summary(report: RunReport) -> str:
    """Return how a run ended, in one line; empty if there was nothing to do."""
    if not report.plan.steps:
        return ""
    parts = [f"{sum(isinstance(each, Succeeded) for each in report.outcomes.values())} done"]
    if report.failed:
        parts.append(f"{len(report.failed)} failed")
    if report.interrupted:
        parts.append(f"{len(report.interrupted)} interrupted")
    if report.not_run:
        parts.append(f"{len(report.not_run)} not run")
    if report.plan.left_out:
        parts.append(f"{len(report.plan.left_out)} engines left out")
    return f"{', '.join(parts)} in {report.seconds:.1f} s"


def _mark(outcome: Outcome) -> str:
    match outcome:
        case Succeeded():
            return click.style("   ok", fg="green")
        case Failed():
            return click.style(" FAIL", fg="red", bold=True)
        case Interrupted():
            return click.style("  ???", fg="yellow")


def _note(outcome: Outcome) -> str:
    match outcome:
        case Succeeded(note=str(note)):
            return f" - {note}"
        case Failed(error=error):
            return f": {error.message}"
        case _:
            return ""
