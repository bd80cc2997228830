"""Commands of containers: a first start is remembered until they have run, and others may run them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from anyio import move_on_after, sleep

from ..engine import Engine, ExecResult
from ..model import ResourceId
from ..state import FIRST_COMMAND_LABELS, RunState
from ._renewal import set_mark

_PAUSE: Final = 0.1
"""Seconds between two looks at a container that somebody else works on."""


async def mark_commands(
    engine: Engine, resource: ResourceId, ref: str, marks: Iterable[str]
) -> None:
    """Mark the commands of a container that is about to be started for the first time.

    Whoever has started it meanwhile has marked them, and may have run them by now.
    """
    found = await engine.inspect_container(resource, ref)
    if found is None or found.state.is_up:
        return
    for mark in marks:
        await set_mark(engine, resource, mark, FIRST_COMMAND_LABELS)


def has_run(ran: ExecResult, *, detach: bool) -> bool:
    """Whether it is certain that a command has ended, or, if nobody waits for that, begun."""
    return detach or ran.exit_code is not None


async def comes_up_again(engine: Engine, resource: ResourceId, *, within: float) -> bool:
    """Wait for a container that was up, and that somebody else has stopped or replaces, to run again.

    Args:
        engine: Where it is.
        resource: The container.
        within: Seconds for that. One that is paused, or restarted by its engine, is not waited for.
    """
    with move_on_after(within):
        while True:
            found = await engine.inspect_container(resource, resource.name)
            if found is not None and found.state not in (RunState.EXITED, RunState.INITIAL):
                return found.state is RunState.RUNNING
            await sleep(_PAUSE)
    return False
