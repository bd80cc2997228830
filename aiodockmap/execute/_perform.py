"""One step, done: its action becomes calls. Nothing is decided here but how to read an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TypeVar, assert_never

from anyio import sleep
from attrs import define

from ..engine import Credentials, Engine, settled
from ..errors import EngineError, ResourceConflict, ResourceNotFound
from ..model import CommandRunner, JsonObject
from ..plan import (
    AwaitScript,
    BringBack,
    ClearMark,
    ConnectNetwork,
    CopyIntoContainer,
    CreateContainer,
    CreateNetwork,
    CreateVolume,
    Delay,
    DiscardHelper,
    DisconnectNetwork,
    LeaveNetwork,
    PrepareVolume,
    PullImage,
    PushImage,
    RemoveContainer,
    RemoveImage,
    RemoveNetwork,
    RemoveScript,
    RemoveVolume,
    RenewVolume,
    RunCoroutine,
    RunExec,
    SetMark,
    SignalContainer,
    StartContainer,
    Step,
    StopContainer,
    TakeOver,
    TryContainer,
    UpdateContainer,
)
from ..state import VolumeOwnership
from ._commands import comes_up_again, has_run, mark_commands
from ._creation import create_container, made_meanwhile
from ._deaths import early_death
from ._handle import EngineContainer, run_coroutine
from ._limits import Patience, Work
from ._local_preparation import prepare_locally
from ._namesakes import despite_namesakes
from ._reconnection import connect, create_or_restore
from ._removal import remove_container, stop_container
from ._renewal import clear_mark, create_volume, is_marked, renew_volume, set_mark, try_container
from ._replacement import SOMEBODY_ELSE, bring_back, take_over
from ._report import Failed, Succeeded
from ._scripts import Earlier, Output, await_script, despite_scripts, made_by, remove_script
from ._slots import Lend
from ._transfers import Transfer, pull, push

T = TypeVar("T")


@define(eq=False)
class Target:
    """One engine, and what else a step needs to know about it."""

    engine: Engine
    credentials: Credentials
    """For the registries that it pulls from (PULL-3)."""
    command_runner: CommandRunner | None = None
    wait_timeout: float | None = None
    """Seconds for preparing a volume (VOL-23)."""


@define(eq=False)
class Performance:
    """One step while it is being done."""

    step: Step
    target: Target
    patience: Patience
    place: Callable[[Work], AbstractAsyncContextManager[Callable[[], None]]]
    """Hold a place for a class of work; gives a function that returns it early."""
    begin: Callable[[], None]
    """Note that the step is under way; holding a place does so by itself."""
    progress: Callable[[str], None]
    lend: Lend = nullcontext
    """Lets others work on the resource, as long as it is them that the step waits for."""
    earlier: Earlier = ()
    output: Output | None = None
    """Takes what scripts print."""
    known: Succeeded | Failed | None = None
    """The outcome, once the engine has said so; what a cancellation cannot take back."""

    async def perform(self) -> Succeeded:  # noqa: C901, PLR0912, PLR0915  # one case per action
        """Do the step.

        Raises:
            EngineError: if the engine refuses, or what was started died at once.
        """
        resource, engine = self.step.resource, self.target.engine
        match self.step.action:
            case PullImage(reference=reference, platform=platform):
                return await self._transfer(partial(pull, platform=platform), reference)
            case PushImage(reference=reference):
                return await self._transfer(push, reference)
            case RemoveImage(id=image_id, references=references, force=force):
                return await self._end(
                    Work.REMOVE,
                    lambda: engine.remove_image(resource, image_id, references, force=force),
                )
            case CreateNetwork() as creation:
                return await self._change(
                    Work.NETWORK, lambda: create_or_restore(engine, resource, creation)
                )
            case RemoveNetwork(id=network_id):
                return await self._end(
                    Work.NETWORK, lambda: engine.remove_network(resource, network_id)
                )
            case ConnectNetwork() as connection:
                return await self._change(
                    Work.CREATE, lambda: connect(engine, resource, connection)
                )
            case DisconnectNetwork(id=network_id, container_id=container):
                return await self._end(
                    Work.NETWORK,
                    lambda: engine.disconnect_network(resource, network_id, container, force=True),
                )
            case LeaveNetwork(network=network_id):
                return await self._end(
                    Work.NETWORK,
                    lambda: engine.disconnect_network(
                        resource, network_id, resource.name, force=True
                    ),
                )
            case UpdateContainer(id=container, body=body):
                return await self._change(Work.CREATE, lambda: self._update(container, body))
            case CreateVolume(body=body, marker=marker):
                return await self._change(
                    Work.VOLUME, lambda: create_volume(engine, resource, body, marker)
                )
            case PrepareVolume(if_marked=True, marker=str(marker)) if not await self._is_marked(
                marker
            ):
                self.begin()
                return Succeeded(note="the volume is the old one, and left alone")
            case PrepareVolume(ownership=ownership, image=image, local=local, marker=marker):
                outcome = await self._prepare(ownership, image, self._runner(local))
                await self._unmark(marker)
                return outcome
            case DiscardHelper():
                self.begin()
                await engine.discard_helper(resource)
                return Succeeded()
            case RenewVolume(body=body, former=former, marker=marker):
                return await self._change(
                    Work.VOLUME, lambda: renew_volume(engine, resource, body, former, marker)
                )
            case SetMark(mark=mark, labels=labels, is_unchanging=is_unchanging):
                return await self._change(
                    Work.VOLUME,
                    lambda: set_mark(engine, resource, mark, labels, is_unchanging=is_unchanging),
                )
            case ClearMark(mark=mark):
                return await self._end(Work.VOLUME, lambda: clear_mark(engine, resource, mark))
            case TryContainer(body=body, platform=platform, name=trial):
                return await self._change(
                    Work.CREATE, lambda: try_container(engine, resource, body, platform, trial)
                )
            case RemoveVolume(marker=marker):
                removed = await self._end(Work.VOLUME, lambda: engine.remove_volume(resource))
                await self._unmark(marker)
                return removed
            case CreateContainer():
                return await self._create_container(self.step.action)
            case CopyIntoContainer(source=source, target=target):
                async with self.place(Work.CREATE):
                    await engine.copy_into(resource, resource.name, Path(source), target)
                return Succeeded()
            case AwaitScript() as wait:
                self.begin()
                return await await_script(engine, self.step, wait, self.earlier, self.output)
            case RemoveScript() as removal:
                return await self._change(
                    Work.REMOVE, lambda: remove_script(engine, resource, removal, self.earlier)
                )
            case TakeOver(old_id=old_id, aside=aside, replacement=replacement):
                return await self._despite_scripts(
                    lambda: self._change(
                        Work.CREATE,
                        lambda: take_over(engine, resource, old_id, aside, replacement),
                    )
                )
            case BringBack() as way_back:
                return await self._change(
                    Work.START,
                    lambda: bring_back(engine, resource, way_back),
                )
            case StartContainer() as start:
                return await self._start(start)
            case Delay(seconds=seconds):
                self.begin()
                await sleep(seconds)
                return Succeeded()
            case RunExec(is_owed=True, mark=str(mark)) if not await self._is_marked(mark):
                self.begin()
                return Succeeded(note="somebody else has run it", by_others=True)
            case RunExec() as run:
                return await self._run_command(run)
            case StopContainer() as stop:
                async with self.place(Work.STOP):
                    stopped = await stop_container(engine, resource, stop)
                return Succeeded(note=None if stopped else "was not running any more")
            case SignalContainer(id=container, signal=signal):
                return await self._end(
                    Work.STOP, lambda: engine.kill_container(resource, container, signal)
                )
            case RemoveContainer() as going:
                return await self._end(
                    Work.REMOVE, lambda: remove_container(engine, resource, going)
                )
            case RunCoroutine():
                return await self._run_coroutine(self.step.action)
            case _:
                assert_never(self.step.action)

    async def leave_to_others(self) -> Succeeded:
        """Do the step only if whoever has done the one before it does not: they may have been killed.

        Raises:
            EngineError: as with `perform`.
        """
        action = self.step.action
        if isinstance(action, RunExec) and not await self._others_run(action):
            return await self.perform()
        return Succeeded(note=SOMEBODY_ELSE, by_others=True)

    async def _others_run(self, run: RunExec) -> bool:
        resource, within = self.step.resource, self.patience.others
        async with self.lend():
            return await self.target.engine.outwait_command(
                resource, resource.name, run.command, within=within
            )

    async def _change(self, work: Work, change: Callable[[], Awaitable[Succeeded]]) -> Succeeded:
        """Make a short change whose outcome has to be known, also if the run is cancelled."""

        async def change_and_note() -> Succeeded:
            self.known = None
            try:
                outcome = await despite_namesakes(self.target.engine, change)
            except EngineError as error:
                self.known = Failed(error=error)
                raise
            self.known = outcome
            return outcome

        async with self.place(work):
            return await settled(change_and_note, within=self.patience.interrupted_call)

    async def _despite_scripts(self, change: Callable[[], Awaitable[Succeeded]]) -> Succeeded:
        return await despite_scripts(
            self.target.engine, self.step.resource, change, self.lend, within=self.patience.others
        )

    async def _end(self, work: Work, call: Callable[[], Awaitable[bool]]) -> Succeeded:
        """Make a change whose goal may be reached already: the thing is gone, or down."""

        async def end() -> Succeeded:
            return Succeeded(note=None if await call() else "was so already")

        return await self._change(work, end)

    async def _transfer(self, transfer: Transfer, reference: str) -> Succeeded:
        target = self.target
        async with self.place(Work.PULL):
            done = await transfer(
                target.engine, target.credentials, self.step.resource, reference, self.progress
            )
        return Succeeded(result=done)

    async def _unmark(self, marker: str | None) -> None:
        if marker is not None:
            await clear_mark(self.target.engine, self.step.resource, marker)

    async def _is_marked(self, marker: str) -> bool:
        return await is_marked(self.target.engine, self.step.resource, marker)

    async def _create_container(self, action: CreateContainer) -> Succeeded:
        resource, engine = self.step.resource, self.target.engine
        body, name = action.body, action.name

        async def create() -> Succeeded:
            return await self._change(
                Work.CREATE, lambda: create_container(engine, resource, action)
            )

        if name is None:
            return await (create() if action.is_exclusive else self._despite_scripts(create))
        try:
            return await create()
        except ResourceConflict:
            # Outside of the place for the call: somebody else's replacement takes its time.
            async with self.lend():
                made = await made_meanwhile(
                    engine, resource, body, name, within=self.patience.others
                )
            if made is None:
                raise
            self.known = made
            return made

    async def _update(self, container: str, body: JsonObject) -> Succeeded:
        warnings = await self.target.engine.update_container(self.step.resource, container, body)
        return Succeeded(
            result={"Warnings": list(warnings)}, note="; ".join(warnings) if warnings else None
        )

    async def _run_coroutine(self, action: RunCoroutine) -> Succeeded:
        resource = self.step.resource
        container = EngineContainer(
            id=resource,
            item=action.item,
            engine=self.target.engine,
            stop_policy=action.stop,
            tell=self.progress,
        )
        async with self.place(Work.CUSTOM):
            return Succeeded(result=await run_coroutine(action, container))

    def _runner(self, local: bool) -> CommandRunner | None:  # noqa: FBT001  # an option of the plan
        return self.target.command_runner if local else None

    async def _prepare(
        self, ownership: VolumeOwnership, image: str, runner: CommandRunner | None
    ) -> Succeeded:
        resource, engine = self.step.resource, self.target.engine
        if runner is None:
            async with self.place(Work.START):
                await engine.prepare_volume(
                    resource, image, ownership, wait_timeout=self.target.wait_timeout
                )
            return Succeeded()
        return Succeeded(result=await prepare_locally(engine, resource, ownership, runner))

    async def _run_command(self, run: RunExec) -> Succeeded:
        resource, engine = self.step.resource, self.target.engine
        try:
            return await self._exec(run)
        except (ResourceConflict, ResourceNotFound):
            if any(step.resource == resource for step, _ in self.earlier):
                raise  # this run has begun with it
            async with self.lend():
                if not await comes_up_again(engine, resource, within=self.patience.others):
                    raise
        if await self._others_run(run):
            return Succeeded(note=SOMEBODY_ELSE, by_others=True)
        return await self._exec(run)

    async def _exec(self, run: RunExec) -> Succeeded:
        resource, engine = self.step.resource, self.target.engine
        async with self.place(Work.EXEC) as leave:
            ran = await engine.run_exec(resource, resource.name, run.command, on_started=leave)
        self.known = Succeeded(result=ran)
        if has_run(ran, detach=run.command.detach):
            # What has run must not run again because its mark was left.
            await settled(lambda: self._unmark(run.mark), within=self.patience.interrupted_call)
        return self.known

    async def _start(self, action: StartContainer) -> Succeeded:
        resource, engine = self.step.resource, self.target.engine
        ref = action.id or (made_by(self.earlier) if action.runs_to_end else None) or resource.name
        if action.marks:
            async with self.place(Work.VOLUME):
                await settled(
                    lambda: mark_commands(engine, resource, ref, action.marks),
                    within=self.patience.interrupted_call,
                )

        async def start() -> Succeeded:
            started = await engine.start_container(resource, ref)
            if started:
                return Succeeded()
            return Succeeded(note="was running already", by_others=True)

        outcome = await self._change(Work.START, start)
        if outcome.note is None and not action.runs_to_end:
            await sleep(self.patience.settle)
            death = await early_death(engine, resource, ref, doubt=self.patience.settle)
            if death is not None:
                raise death
        return outcome
