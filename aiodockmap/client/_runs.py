"""From a plan to its report: rounds, engines, and what the caller wants to hear."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, evolve, field

from ..errors import ActionRunnerError, EngineError
from ..execute import (
    Concurrency,
    Emit,
    Event,
    Failed,
    OnFailure,
    Patience,
    RunFinished,
    RunReport,
    RunStarted,
    execute,
)
from ..plan import Plan, Verb, only_pulls
from ._connections import Connections
from ._pipeline import Chosen, Pipeline
from ._settings import RunSettings


@define(eq=False, kw_only=True)
class Runs:
    """The runs of one client: what they share, and how one is made."""

    pipeline: Pipeline
    connections: Connections
    concurrency: Concurrency
    patience: Patience
    on_event: Emit | None = field(default=None, repr=False)

    async def act(
        self,
        verb: Verb,
        chosen: Chosen,
        options: Mapping[str, object],
        emit: Emit | None = None,
    ) -> RunReport:
        """Plan an action and carry it out; `emit` hears its events besides `on_event`."""
        settings, rest = RunSettings.split(options)
        plan = await self.pipeline.plan(verb, chosen, rest)
        rounds: tuple[RunReport, ...] = ()
        pulls = only_pulls(plan) if verb is Verb.UPDATE else None
        if pulls is not None:
            # A pull may change an image: pull, then look, then plan; on engines where no pull has failed.
            left_out = {engine.engine: engine.errors for engine in plan.left_out}
            try:
                pulled = await self.carry_out(pulls, evolve(settings, raise_on_error=True), emit)
            except ActionRunnerError as error:
                pulled, failed = error.report, _failures_by_engine(error.report)
                is_over = settings.on_failure is OnFailure.STOP or failed.keys() >= set(
                    plan.engines
                )
                if failed and is_over:
                    if settings.raise_on_error:
                        raise
                    return pulled
                left_out |= failed
            rounds = (pulled,)
            rest["pull_before_update"] = False
            plan = await self.pipeline.plan(verb, chosen, rest, left_out)
        try:
            return evolve(await self.carry_out(plan, settings, emit), rounds=rounds)
        except ActionRunnerError as error:
            if rounds:
                error.report = evolve(error.report, rounds=rounds)
            raise

    async def carry_out(
        self, plan: Plan, settings: RunSettings, emit: Emit | None = None
    ) -> RunReport:
        """Carry out a plan; an empty one makes no call."""

        def tell(event: Event) -> None:
            for listener in (self.on_event, emit):
                if listener is not None:
                    listener(event)

        if plan.is_empty:
            report = RunReport(plan=plan)
            tell(RunStarted(plan=plan))
            tell(RunFinished(report=report))
            return report
        targets = {name: self.connections.target(name) for name in plan.engines}
        try:
            return await execute(
                plan,
                targets,
                concurrency=self.concurrency,
                emit=tell,
                patience=self.patience,
                on_failure=settings.on_failure,
            )
        except ActionRunnerError as error:
            if settings.raise_on_error:
                raise
            return error.report


def _failures_by_engine(report: RunReport) -> dict[str, tuple[EngineError, ...]]:
    found: dict[str, tuple[EngineError, ...]] = {}
    for step in report.failed:
        outcome = report.outcomes[step.id]
        if isinstance(outcome, Failed):
            engine = step.resource.engine
            found[engine] = (*found.get(engine, ()), outcome.error)
    return found
