"""execute(): carries a plan out. It decides nothing but when a step may start."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

import anyio
from anyio.abc import TaskGroup
from anyio.lowlevel import checkpoint_if_cancelled
from attrs import define, field

from ..engine import settled
from ..errors import ActionRunnerError, EngineError
from ..model import ResourceId
from ..plan import (
    Action,
    ConnectNetwork,
    CreateContainer,
    Plan,
    Rescue,
    RunExec,
    StartContainer,
    Step,
    StepId,
    StopContainer,
    TakeOver,
)
from ._deaths import later_deaths
from ._duties import Duties
from ._events import Emit, RunFinished, RunStarted, StepFinished, StepProgressed, StepStarted
from ._frontier import Frontier, urgencies
from ._limits import OnFailure, Patience, Work
from ._perform import Performance, Target
from ._report import Failed, Interrupted, Outcome, RunReport, StepTiming, Succeeded
from ._scripts import Output
from ._slots import Concurrency, EngineSlots, place_lent


async def execute(
    plan: Plan,
    targets: Mapping[str, Target],
    *,
    concurrency: Concurrency,
    emit: Emit,
    patience: Patience | None = None,
    on_failure: OnFailure = OnFailure.CONTINUE,
    output: Output | None = None,
) -> RunReport:
    """Carry out a plan: every step as soon as those that it waits for have succeeded.

    A failed step blocks the steps behind it and nothing else. Cancelling launches nothing more, waits for
    the outcome of short changes under way for a bounded time, ends long calls at once, and leaves as the
    cancellation; the report is in the last event, `RunFinished`, in every case.

    Raises:
        ActionRunnerError: if steps failed, or the plan leaves an engine out; it holds the root causes and
            carries the report.
    """
    async with place_lent():
        cpus = {name: await _processors(target) for name, target in targets.items()}
        run = _Run(
            plan=plan,
            targets=targets,
            concurrency=concurrency,
            slots=concurrency.slots(cpus),
            emit=emit,
            patience=patience or Patience(),
            on_failure=on_failure,
            output=output,
        )
        emit(RunStarted(plan=plan))
        try:
            try:
                await run.run()
            finally:
                await run.tidy_up()
            await run.look_again()
        finally:
            report = run.report()
            emit(RunFinished(report=report))
        return _or_raise(report)


async def _processors(target: Target) -> int | None:
    """How many the engine has; None if it does not answer any more, as its steps will tell."""
    try:
        return (await target.engine.connect()).cpus
    except EngineError:
        return None


def _or_raise(report: RunReport) -> RunReport:
    if not report.errors:
        return report
    total = len(report.plan.steps)
    blocked = f", {len(report.blocked)} blocked by that" if report.blocked else ""
    names = ", ".join(engine.engine for engine in report.plan.left_out)
    left_out = f"; left out: {names}" if names else ""
    back = [
        str(resource)
        for resource, outcome in report.rescues.items()
        if isinstance(outcome, Succeeded)
    ]
    rescued = f"; the old {', '.join(back)} is in its place again" if back else ""
    failed = f"{len(report.failed)} of {total} steps failed{blocked}{left_out}{rescued}"
    raise ActionRunnerError(f"{report.plan.action}: {failed}", report.errors, report)


_MOST_URGENT: Final = math.inf


def _comes_with(action: Action) -> tuple[type[Action], ...]:
    """The steps of a container that whoever did this one does as well."""
    match action:
        case CreateContainer(name=str()):
            return (ConnectNetwork, StopContainer, TakeOver)
        case StartContainer():
            return (RunExec,)
        case _:
            return ()


class _Withdrawn(Exception):
    """The run launches nothing more, and this step had not begun."""


@define(eq=False)
class _Run:
    """One run while it lasts."""

    plan: Plan
    targets: Mapping[str, Target]
    concurrency: Concurrency
    slots: Mapping[str, EngineSlots]
    emit: Emit
    patience: Patience
    on_failure: OnFailure
    output: Output | None = None
    outcomes: dict[StepId, Outcome] = field(factory=dict, init=False)
    timings: dict[StepId, StepTiming] = field(factory=dict, init=False)
    rescues: dict[ResourceId, Outcome] = field(factory=dict, init=False)
    _begun: dict[StepId, float] = field(factory=dict, init=False)
    _done_by_others: set[tuple[ResourceId, type[Action]]] = field(factory=set, init=False)
    _stops: set[str] = field(factory=set, init=False)
    """The ids of the containers that an engine may have been asked to stop."""
    _frontier: Frontier = field(init=False)
    _duties: Duties = field(init=False)
    _urgency: Mapping[StepId, float] = field(init=False)
    _rescued: Mapping[StepId, anyio.Event] = field(init=False)
    """Set when a way back was taken, however that ended."""
    _began: float = field(factory=anyio.current_time, init=False)
    _is_stopping: bool = field(default=False, init=False)
    _has_failed: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        self._frontier = Frontier(self.plan)
        self._duties = Duties(self.plan, self.outcomes, self._begun, self._frontier.blocked)
        self._urgency = urgencies(self.plan)
        self._rescued = {rescue.step.id: anyio.Event() for rescue in self.plan.rescues}

    async def run(self) -> None:
        """Launch what may start, and what becomes ready, until nothing is under way."""
        async with anyio.create_task_group() as tasks:
            self._launch(tasks, self._frontier.start())

    def _launch(self, tasks: TaskGroup, steps: list[Step]) -> None:
        if self._is_stopping:
            return
        for step in sorted(steps, key=lambda step: (-self._urgency[step.id], step.id)):
            tasks.start_soon(self._run_step, tasks, step, name=str(step))

    async def _run_step(self, tasks: TaskGroup, step: Step) -> None:
        performance = self._performance(step)
        try:
            async with self.concurrency.locks.only(step.resource) as performance.lend:
                if self._is_stopping:
                    return
                if (step.resource, type(step.action)) in self._done_by_others:
                    outcome: Outcome = await performance.leave_to_others()
                else:
                    outcome = await performance.perform()
        except _Withdrawn:
            return
        except EngineError as error:
            outcome = Failed(error=error)
        except BaseException:
            if step.id in self._begun:
                self._finish(step, performance.known or Interrupted())
            raise
        self._begin(step)
        self._finish(step, outcome)
        if isinstance(outcome, Succeeded):
            ready = self._frontier.succeeded(step.id)
        else:
            ready = self._frontier.failed(step.id)
            self._has_failed = True
            if self.on_failure is OnFailure.STOP:
                self._is_stopping = True
        for rescue in self._needed_rescues():
            tasks.start_soon(self._bring_back, rescue, name=str(rescue.step))
        self._launch(tasks, ready)

    def _performance(self, step: Step) -> Performance:
        return Performance(
            step=step,
            target=self.targets[step.resource.engine],
            patience=self.patience,
            place=self._place_for(step),
            begin=lambda: self._begin(step),
            progress=lambda text: self.emit(StepProgressed(step=step, text=text)),
            earlier=tuple(
                (self.plan.steps[before - 1], self.outcomes[before])
                for before in step.before
                if before in self.outcomes
            ),
            output=self.output,
        )

    def _place_for(
        self, step: Step
    ) -> Callable[[Work], AbstractAsyncContextManager[Callable[[], None]]]:
        slots = self.slots[step.resource.engine]
        urgency = self._urgency.get(step.id, _MOST_URGENT)

        @asynccontextmanager
        async def place(work: Work) -> AsyncIterator[Callable[[], None]]:
            async with slots.place(work, urgency) as leave:
                # The place may have become free in the very turn of the loop in which the run was cancelled.
                await checkpoint_if_cancelled()
                if self._is_stopping and step.id not in self._begun:
                    raise _Withdrawn
                self._begin(step)
                if isinstance(step.action, StopContainer):
                    # Whoever is told of the beginning may cancel: then there is no stop to wait for.
                    await checkpoint_if_cancelled()
                    self._stops.add(step.action.id)
                yield leave

        return place

    def _begin(self, step: Step) -> None:
        if step.id not in self._begun:
            self._begun[step.id] = anyio.current_time() - self._began
            self.emit(StepStarted(step=step))

    def _finish(self, step: Step, outcome: Outcome) -> None:
        self.timings[step.id] = StepTiming(
            started=self._begun[step.id], finished=anyio.current_time() - self._began
        )
        self._conclude(step, outcome)

    def _conclude(self, step: Step, outcome: Outcome) -> None:
        self.outcomes[step.id] = outcome
        if isinstance(outcome, Succeeded) and outcome.by_others:
            self._done_by_others |= {(step.resource, kind) for kind in _comes_with(step.action)}
        seconds = self.timings[step.id].seconds
        self.emit(StepFinished(step=step, outcome=outcome, seconds=seconds))

    def _needed_rescues(self, *, is_over: bool = False) -> list[Rescue]:
        """The ways back that have to be taken; each is named once."""
        if not self._has_failed and not is_over:
            return []
        needed = self._duties.rescues(is_over=is_over)
        for rescue in needed:
            self._begun[rescue.step.id] = anyio.current_time() - self._began
        return needed

    async def _bring_back(self, rescue: Rescue) -> None:
        step = rescue.step
        self.emit(StepStarted(step=step))
        performance = self._performance(step)
        try:
            for other in rescue.follows:
                if other in self._begun:
                    await self._rescued[other].wait()
            async with self.concurrency.locks.only(step.resource):
                await self._outwait_stops(step.resource)
                outcome: Outcome = await performance.perform()
        except EngineError as error:
            outcome = Failed(error=error)
        except BaseException:
            self._conclude_rescue(step, performance.known or Interrupted())
            raise
        finally:
            self._rescued[step.id].set()
        self._conclude_rescue(step, outcome)

    async def _outwait_stops(self, resource: ResourceId) -> None:
        """Let a stop that was cancelled come to its end: the engine goes on with it.

        What still runs is brought back by leaving it alone, and would end a moment later.
        """
        engine = self.targets[resource.engine].engine
        for stop in self._duties.interrupted_stops(resource):
            if stop.id in self._stops:
                await engine.outwait_stop(resource, stop.id, stop.policy)

    def _conclude_rescue(self, step: Step, outcome: Outcome) -> None:
        self.rescues[step.resource] = outcome
        seconds = anyio.current_time() - self._began - self._begun[step.id]
        self.emit(StepFinished(step=step, outcome=outcome, seconds=seconds))

    async def tidy_up(self) -> None:
        """After the run, also a cancelled one: nothing stays half done that the plan promises to end.

        A replacement that did not succeed is undone; one that did loses the old container; what cannot be
        undone is finished; what exists for a while only is removed. Cancellation waits for that, for a
        bounded time.
        """

        async def end_all() -> None:
            for step in self._duties.unstoppable():
                if all(isinstance(self.outcomes.get(each), Succeeded) for each in step.requires):
                    await self._do_at_last(step)
            async with anyio.create_task_group() as tasks:
                for rescue in self._needed_rescues(is_over=True):
                    tasks.start_soon(self._bring_back, rescue, name=str(rescue.step))
                for step in (*self._duties.removals(), *self._duties.cleanups()):
                    tasks.start_soon(self._do_at_last, step, name=str(step))

        if len(self.outcomes) < len(self.plan.steps):
            await settled(end_all, within=self.patience.interrupted_replacement)

    async def _do_at_last(self, step: Step) -> None:
        self._begin(step)
        performance = self._performance(step)
        try:
            async with self.concurrency.locks.only(step.resource):
                outcome: Outcome = await performance.perform()
        except EngineError as error:
            outcome = Failed(error=error)
        except BaseException:
            self._finish(step, performance.known or Interrupted())
            raise
        self._finish(step, outcome)

    async def look_again(self) -> None:
        """At the end, find the containers that died after their start, while the run went on."""
        started = {
            step.resource: step
            for step in self.plan.steps
            if isinstance(step.action, StartContainer)
            and not step.action.runs_to_end
            and isinstance(self.outcomes.get(step.id), Succeeded)
        }
        engines = {name: target.engine for name, target in self.targets.items()}
        deaths = await later_deaths(engines, started, doubt=self.patience.settle)
        for resource, death in deaths.items():
            self._conclude(started[resource], Failed(error=death))

    def report(self) -> RunReport:
        """What became of the plan so far."""
        return RunReport(
            plan=self.plan,
            outcomes=dict(self.outcomes),
            timings=dict(self.timings),
            rescues=dict(self.rescues),
            blocked=dict(self._frontier.blocked),
            seconds=anyio.current_time() - self._began,
        )
