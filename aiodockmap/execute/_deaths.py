"""Containers that do not live long."""

from __future__ import annotations

from ..engine import Engine
from ..errors import ContainerFailed
from ..model import ResourceId
from ..state import RunState


async def early_death(engine: Engine, resource: ResourceId, ref: str) -> ContainerFailed | None:
    """Why a container that was just started is not running; None if it runs, or ended well.

    Ending with exit code 0 is what jobs do; it is no failure.
    """
    observed = await engine.inspect_container(resource, ref)
    if observed is None:
        return None
    restarts = (observed.details or {}).get("RestartCount")
    if observed.state is RunState.RESTARTING or (isinstance(restarts, int) and restarts > 0):
        return await engine.diagnose(
            resource, ref, "it keeps dying after its start; the engine goes on restarting it"
        )
    if observed.state is RunState.EXITED and observed.exit_code:
        return await engine.diagnose(
            resource, ref, f"it ended with exit code {observed.exit_code} right after its start"
        )
    return None
