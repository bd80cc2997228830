"""What became of a plan: a value, also after a failure or a cancellation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from attrs import field, frozen

from ..errors import EngineError
from ..model import MapItem, ResourceId
from ..plan import Plan, Step, StepId, describe, verb_of


@frozen(kw_only=True)
class Succeeded:
    """The step reached what it was for."""

    result: object = field(default=None, repr=False)
    """What the engine returned, as in API-7; None for calls that return nothing.

    Not shown: it may repeat options of drivers, passwords included.
    """
    note: str | None = None
    """What was unusual: it was so already, or the engine warned."""
    by_others: bool = False
    """Whether somebody else did it, at the same time."""


@frozen(kw_only=True)
class Failed:
    """The engine refused, or the container died."""

    error: EngineError


@frozen(kw_only=True)
class Interrupted:
    """Cancelled under way: the engine may or may not have done it. The next plan will see."""


Outcome: TypeAlias = Succeeded | Failed | Interrupted


@frozen(kw_only=True)
class StepTiming:
    """When a step ran, in seconds since the run began."""

    started: float
    finished: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.finished - self.started


@frozen(kw_only=True)
class ActionResult:
    """One record of API-7."""

    client: str
    """The name of the engine."""
    item: MapItem | None
    """What the map calls the resource."""
    action: str
    """`create`, `pull`, `exec` …"""
    result: object = field(repr=False)


@frozen(kw_only=True)
class RunReport:
    """What became of each step of a plan."""

    plan: Plan
    outcomes: Mapping[StepId, Outcome] = field(factory=dict)
    """Of the steps that were begun, in the order in which they ended."""
    timings: Mapping[StepId, StepTiming] = field(factory=dict)
    blocked: Mapping[StepId, tuple[StepId, ...]] = field(factory=dict)
    """Steps that could not run, each with the failed steps that it was waiting for."""
    rescues: Mapping[ResourceId, Outcome] = field(factory=dict)
    """Containers whose replacement did not come up, and whether the old one is back."""
    rounds: tuple[RunReport, ...] = ()
    """What was done before this plan could be made: the pulls of `update`."""
    seconds: float = 0.0
    """How long the run took, without earlier rounds."""

    @property
    def ok(self) -> bool:
        """Whether every step of the plan succeeded, and no engine was left out."""
        return (
            not self.plan.left_out
            and len(self.outcomes) == len(self.plan.steps)
            and all(isinstance(outcome, Succeeded) for outcome in self.outcomes.values())
        )

    @property
    def failed(self) -> tuple[Step, ...]:
        """The steps that failed themselves, in the order of the plan."""
        return tuple(
            step for step in self.plan.steps if isinstance(self.outcomes.get(step.id), Failed)
        )

    @property
    def interrupted(self) -> tuple[Step, ...]:
        """The steps that a cancellation caught under way."""
        return tuple(
            step for step in self.plan.steps if isinstance(self.outcomes.get(step.id), Interrupted)
        )

    @property
    def errors(self) -> tuple[EngineError, ...]:
        """The root causes: of engines that were left out, then of steps, in the order of their end."""
        before = tuple(error for engine in self.plan.left_out for error in engine.errors)
        return before + tuple(
            outcome.error for outcome in self.outcomes.values() if isinstance(outcome, Failed)
        )

    @property
    def not_run(self) -> tuple[Step, ...]:
        """The steps that were never begun: blocked, or the run ended before."""
        return tuple(step for step in self.plan.steps if step.id not in self.outcomes)

    @property
    def changed(self) -> tuple[ResourceId, ...]:
        """The resources that at least one step changed, in the order of the plan; empty if none."""
        earlier = [resource for report in self.rounds for resource in report.changed]
        return tuple(
            dict.fromkeys(earlier)
            | dict.fromkeys(
                step.resource
                for step in self.plan.steps
                if isinstance(self.outcomes.get(step.id), Succeeded)
            )
        )

    @property
    def results(self) -> tuple[ActionResult, ...]:
        """The records of API-7, in the order of completion."""
        steps = {step.id: step for step in self.plan.steps}
        earlier = tuple(result for report in self.rounds for result in report.results)
        return earlier + tuple(
            ActionResult(
                client=steps[number].resource.engine,
                item=self.plan.desired.item(steps[number].resource),
                action=verb_of(steps[number].action),
                result=outcome.result,
            )
            for number, outcome in self.outcomes.items()
            if isinstance(outcome, Succeeded) and outcome.result is not None
        )

    @property
    def critical_path(self) -> tuple[Step, ...]:
        """The chain of steps that decided how long the run took, first to last."""
        steps = {step.id: step for step in self.plan.steps}
        if not self.timings:
            return ()
        current: StepId | None = max(self.timings, key=lambda step: self.timings[step].finished)
        chain: list[Step] = []
        while current is not None:
            chain.append(steps[current])
            before = [step for step in steps[current].before if step in self.timings]
            current = max(before, key=lambda step: self.timings[step].finished, default=None)
        return tuple(reversed(chain))

    def to_dict(self) -> dict[str, object]:
        """The report as plain data, ready for JSON; errors as text."""
        return {
            "action": self.plan.action,
            "ok": self.ok,
            "seconds": round(self.seconds, 3),
            "changed": [str(resource) for resource in self.changed],
            "steps": [self._step_to_dict(step) for step in self.plan.steps],
            "rescues": {
                str(resource): "brought back" if isinstance(outcome, Succeeded) else "failed"
                for resource, outcome in self.rescues.items()
            },
            "critical_path": [step.id for step in self.critical_path],
            "left_out": [engine.to_dict() for engine in self.plan.left_out],
            "notes": list(self.plan.notes),
        }

    def _step_to_dict(self, step: Step) -> dict[str, object]:
        found: dict[str, object] = {
            "id": step.id,
            "description": describe(step.action, step.resource),
            "outcome": self.outcome_name(step),
        }
        timing = self.timings.get(step.id)
        if timing is not None:
            found["seconds"] = round(timing.seconds, 3)
        match self.outcomes.get(step.id):
            case Failed(error=error):
                found["error"] = str(error)
            case Succeeded(note=str(note)):
                found["note"] = note
            case None if step.id in self.blocked:
                found["blocked_by"] = list(self.blocked[step.id])
        return found

    def outcome_name(self, step: Step) -> str:
        """`succeeded`, `failed`, `interrupted`, `blocked` or `not run`."""
        match self.outcomes.get(step.id):
            case Succeeded():
                return "succeeded"
            case Failed():
                return "failed"
            case Interrupted():
                return "interrupted"
            case _:
                return "blocked" if step.id in self.blocked else "not run"
