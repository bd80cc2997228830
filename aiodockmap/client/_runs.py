"""From a plan to its report: rounds, engines, and what the caller wants to hear."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from attrs import define, evolve, field

from ..errors import ActionRunnerError, AioDockMapError, EngineError
from ..execute import (
    Concurrency,
    Emit,
    Event,
    Failed,
    OnFailure,
    Output,
    Patience,
    RunFinished,
    RunReport,
    RunStarted,
    execute,
)
from ..plan import Plan, Verb, only_pulls
from ._actions import CompositeAction, KnownActions, bind_options
from ._connections import Connections
from ._pipeline import Chosen, Pipeline
from ._registered import plan_registered
from ._settings import RunSettings

logger = logging.getLogger(__name__)
# Whoever has not set up logging has the report: Python must not print these by itself.
logger.addHandler(logging.NullHandler())


@define(eq=False, kw_only=True)
class Runs:
    """The runs of one client: what they share, and how one is made."""

    pipeline: Pipeline
    actions: KnownActions
    connections: Connections
    concurrency: Concurrency
    patience: Patience
    on_event: Emit | None = field(default=None, repr=False)

    async def plan(
        self,
        action: str,
        chosen: Chosen,
        keywords: Mapping[str, object],
        without: Mapping[str, tuple[EngineError, ...]] | None = None,
    ) -> Plan:
        """Look at the engines and say what a built-in or registered action would do.

        Raises:
            OptionError: for an unknown action, or a composition of several.
        """
        found = self.actions.find(action)
        if isinstance(found, Verb):
            return await self.pipeline.plan(found, chosen, keywords, without)
        return await plan_registered(self.pipeline, action, found, chosen, keywords)

    async def act(
        self,
        action: str,
        chosen: Chosen,
        options: Mapping[str, object],
        emit: Emit | None = None,
        output: Output | None = None,
    ) -> RunReport:
        """Plan an action and carry it out; `emit` hears its events besides `on_event`."""
        settings, rest = RunSettings.split(options)
        found = self.actions.find(action)
        if isinstance(found, CompositeAction):
            bind_options(action, found, rest)
            return await self._act_in_turn(found, chosen, settings, emit)
        plan = await self.plan(action, chosen, rest)
        rounds: tuple[RunReport, ...] = ()
        pulls = only_pulls(plan) if found is Verb.UPDATE else None
        if pulls is not None:
            # A pull may change an image: pull, then look, then plan; on engines where no pull has failed.
            left_out = {engine.engine: engine.errors for engine in plan.left_out}
            try:
                pulled = await self.carry_out(pulls, evolve(settings, raise_on_error=True), emit)
            except ActionRunnerError as error:
                pulled, failures = error.report, _failures_by_engine(error.report)
                is_over = settings.on_failure is OnFailure.STOP or failures.keys() >= set(
                    plan.engines
                )
                if failures and is_over:
                    if settings.raise_on_error:
                        raise
                    return _logged(pulled)
                left_out |= failures
            rounds = (pulled,)
            rest["pull_before_update"] = False
            with _after(rounds):
                plan = await self.plan(action, chosen, rest, left_out)
        with _after(rounds):
            return _with_earlier(await self.carry_out(plan, settings, emit, output), rounds)

    async def _act_in_turn(
        self, composite: CompositeAction, chosen: Chosen, settings: RunSettings, emit: Emit | None
    ) -> RunReport:
        """Carry out the parts one after the other; the report is that of the last, with its `rounds`."""
        common = {"on_failure": settings.on_failure, "raise_on_error": settings.raise_on_error}
        (first, options), *others = composite.parts
        report = await self.act(first, chosen, {**options, **common}, emit)
        for part, options in others:
            if not report.ok:
                break
            rounds = (*report.rounds, evolve(report, rounds=()))
            with _after(rounds):
                following = await self.act(part, chosen, {**options, **common}, emit)
            report = _with_earlier(following, rounds)
        return report

    async def carry_out(
        self,
        plan: Plan,
        settings: RunSettings,
        emit: Emit | None = None,
        output: Output | None = None,
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
                output=output,
            )
        except ActionRunnerError as error:
            if settings.raise_on_error:
                raise
            return _logged(error.report)


def _logged(report: RunReport) -> RunReport:
    """A report that says alone what has failed, as nothing is raised; the log says it, too (ERR-12)."""
    for error in report.errors:
        logger.error("%s: %s", report.plan.action, error)
    return report


def _failures_by_engine(report: RunReport) -> dict[str, tuple[EngineError, ...]]:
    found: dict[str, tuple[EngineError, ...]] = {}
    for step in report.failed:
        outcome = report.outcomes[step.id]
        if isinstance(outcome, Failed):
            engine = step.resource.engine
            found[engine] = (*found.get(engine, ()), outcome.error)
    return found


@contextmanager
def _after(rounds: tuple[RunReport, ...]) -> Iterator[None]:
    """Let a failure say what was done before, too (ERR-1, ERR-3)."""
    try:
        yield
    except AioDockMapError as error:
        error.rounds = (*rounds, *error.rounds)
        if isinstance(error, ActionRunnerError):
            error.report = _with_earlier(error.report, rounds)
        raise


def _with_earlier(report: RunReport, rounds: tuple[RunReport, ...]) -> RunReport:
    return evolve(report, rounds=(*rounds, *report.rounds)) if rounds else report
