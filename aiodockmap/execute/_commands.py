"""The calls by which a first start is remembered until its commands have run."""

from __future__ import annotations

from collections.abc import Iterable

from ..engine import Engine, ExecResult
from ..model import ResourceId
from ..state import FIRST_COMMAND_LABELS
from ._renewal import set_mark


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
