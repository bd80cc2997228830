"""A script in its container, from its start to its removal."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Final, TypeAlias

from anyio import CancelScope, create_task_group, move_on_after, sleep
from attrs import field, frozen

from ..engine import Engine, LogLine
from ..errors import EngineError, ResourceConflict
from ..model import ResourceId
from ..plan import AwaitScript, CreateContainer, RemoveScript, Step
from ..state import SCRIPT_LABEL, RunState
from ._report import Outcome, Succeeded
from ._slots import Lend

logger = logging.getLogger(__name__)

_PAUSE: Final = 0.1


@frozen(kw_only=True)
class ScriptResult(Mapping[str, object]):
    """What became of one script (SCR-20).

    Also a mapping, as docker-map has it: `id`, `exit_code` and `log`, or `id` and `error`.
    """

    id: str
    """Of its container, which may be gone by now; empty if the run failed for it."""
    exit_code: int | None = None
    """None if it has not ended in time, or was not run to its end."""
    log: str | None = field(default=None, repr=False)
    """Its output, if it has ended and was not handed out before."""
    error: str | None = None
    """Why there is no exit code: it goes on running, or what its run failed of."""

    def __getitem__(self, key: str) -> object:
        if key not in self._keys():
            raise KeyError(key)
        return getattr(self, key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys())

    def __len__(self) -> int:
        return len(self._keys())

    def _keys(self) -> tuple[str, ...]:
        return ("id", "exit_code", "log") if self.error is None else ("id", "error")


Output: TypeAlias = Callable[[Step, LogLine], Awaitable[None]]
"""Takes each line of a script as it comes; the script's output waits for it."""

Earlier: TypeAlias = tuple[tuple[Step, Outcome], ...]
"""What became of the steps that a step has waited for."""


async def await_script(
    engine: Engine, step: Step, action: AwaitScript, earlier: Earlier, output: Output | None
) -> Succeeded:
    """Wait for the end of a script, and read what it printed, or hand it out meanwhile.

    Raises:
        EngineError: if it cannot be waited for, or its output cannot be read.
    """
    resource = step.resource
    container = made_by(earlier) or resource.name
    code: int | None = None
    failures: list[EngineError] = []

    async def hand_out(reading: CancelScope, take: Output) -> None:
        try:
            async with engine.follow_logs(
                resource, container, tail=action.tail, timestamps=action.timestamps
            ) as lines:
                async for line in lines:
                    await take(step, line)
        except EngineError as failure:
            failures.append(failure)
            reading.cancel()

    async with create_task_group() as tasks:
        if output is not None:
            tasks.start_soon(hand_out, tasks.cancel_scope, output)
        try:
            with move_on_after(action.timeout):
                code = await engine.wait_for_end(resource, container)
        except EngineError as failure:
            failures.append(failure)
        if code is None:
            tasks.cancel_scope.cancel()
    if failures:
        raise failures[0]
    if code is None:
        error = (
            f"it has not ended within {action.timeout:g} s: container {resource.name} runs on; "
            "remove_existing_before=True ends it"
        )
        return Succeeded(result=ScriptResult(id=container, error=error), note=error)
    log = None if output is not None else await _log(engine, resource, container, action)
    return Succeeded(result=ScriptResult(id=container, exit_code=code, log=log))


async def _log(engine: Engine, resource: ResourceId, container: str, action: AwaitScript) -> str:
    parts: list[str] = []
    async with engine.follow_logs(
        resource, container, follow=False, tail=action.tail, timestamps=action.timestamps
    ) as lines:
        async for line in lines:
            stamp = f"{line.timestamp} " if line.timestamp else ""
            parts.append(f"{stamp}{line.text}" + ("\n" if line.ends_line else ""))
    return "".join(parts)


async def remove_script(
    engine: Engine, resource: ResourceId, action: RemoveScript, earlier: Earlier
) -> Succeeded:
    """Remove the container of a script; after a timeout it stays.

    One whose creation was cancelled may exist all the same; it is told by its label.
    """
    ends = [outcome for step, outcome in earlier if isinstance(step.action, AwaitScript)]
    ended = ends[0].result if ends and isinstance(ends[0], Succeeded) else None
    if isinstance(ended, ScriptResult) and ended.error is not None:
        return Succeeded(note="the script runs on")
    container = made_by(earlier)
    if container is None:
        found = await engine.inspect_container(resource, resource.name)
        if found is None or SCRIPT_LABEL not in found.labels:
            return Succeeded(note="was never created")
        container = found.id
    if ended is None:
        try:
            await engine.stop_container(resource, container, action.policy)
        except EngineError as failure:
            logger.warning("%s does not stop, and is removed as it is: %s", resource, failure)
    await engine.remove_container(resource, container, force=True, volumes=True)
    return Succeeded()


async def despite_scripts(
    engine: Engine,
    resource: ResourceId,
    change: Callable[[], Awaitable[Succeeded]],
    lend: Lend,
    *,
    within: float,
) -> Succeeded:
    """Give a container its name; if a script has that, when the script's container is gone.

    Args:
        engine: Where they are.
        resource: The container.
        change: Gives it the name.
        lend: Lets the script go on meanwhile, if it is one of the same client.
        within: Seconds that are waited as long as nothing happens to the script's container.

    Raises:
        ResourceConflict: if the script goes on, or has left its container.
        EngineError: what the change raises.
    """
    seen = set[tuple[str, RunState]]()
    was_free = False
    while True:
        try:
            return await change()
        except ResourceConflict as refusal:
            found = await engine.inspect_container(resource, resource.name)
            if was_free if found is None else SCRIPT_LABEL not in found.labels:
                raise
            if found is None:
                was_free = True
                continue
            if (script := (found.id, found.state)) in seen:
                raise _in_the_way(resource, found.state, refusal) from refusal
            seen.add(script)
        async with lend():
            with move_on_after(within):
                await _outwait(engine, resource, script)


async def _outwait(engine: Engine, resource: ResourceId, script: tuple[str, RunState]) -> None:
    """Wait until something happens to the script's container that has a name."""
    while True:
        await sleep(_PAUSE)
        found = await engine.inspect_container(resource, resource.name)
        if found is None or (found.id, found.state) != script:
            return


def _in_the_way(
    resource: ResourceId, state: RunState, refusal: ResourceConflict
) -> ResourceConflict:
    return ResourceConflict(
        f"a script {'runs' if state.is_up else 'has left its container'} in its place",
        resource=resource,
        call=refusal.call,
        status=refusal.status,
        advice="do the same again when the script is over" if state.is_up else "do the same again",
    )


def made_by(earlier: Earlier) -> str | None:
    """The id of the container that one of the steps has created."""
    for step, outcome in earlier:
        if isinstance(step.action, CreateContainer) and isinstance(outcome, Succeeded):
            return str(outcome.result)
    return None
