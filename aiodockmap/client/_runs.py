"""From a plan to its report: rounds, engines, and what the caller wants to hear."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, evolve, field

from ..errors import ActionRunnerError
from ..execute import (
    Concurrency,
    Emit,
    Event,
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
            # A pull may change an image: pull, then look, then plan.
            rounds = (await self.carry_out(pulls, settings, emit),)
            if not rounds[0].ok:
                return rounds[0]
            rest["pull_before_update"] = False
            plan = await self.pipeline.plan(verb, chosen, rest)
        report = await self.carry_out(plan, settings, emit)
        return evolve(report, rounds=rounds)

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
