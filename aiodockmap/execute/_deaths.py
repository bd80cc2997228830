"""Containers that do not live long."""

from __future__ import annotations

from anyio import sleep

from ..engine import Engine
from ..errors import ContainerFailed
from ..model import ResourceId
from ..state import ObservedContainer, RunState


async def early_death(
    engine: Engine, resource: ResourceId, ref: str, *, doubt: float
) -> ContainerFailed | None:
    """Why a container that was just started is not running; None if it runs, or ended well.

    Ending with exit code 0 is what jobs do; it is no failure. One that is seen dead is looked at again
    after `doubt` seconds: Docker 28.5, if it was killed within an earlier start, hears of the end of that
    process after the next one, and takes it for the new one's for a moment.
    """
    observed = await engine.inspect_container(resource, ref)
    if _is_dead(observed):
        await sleep(doubt)
        observed = await engine.inspect_container(resource, ref)
    if observed is None:
        return None
    restarts = (observed.details or {}).get("RestartCount")
    if observed.state is RunState.RESTARTING or (isinstance(restarts, int) and restarts > 0):
        return await engine.diagnose(
            resource, ref, "it keeps dying after its start; the engine goes on restarting it"
        )
    if _is_dead(observed):
        return await engine.diagnose(
            resource, ref, f"it ended with exit code {observed.exit_code} right after its start"
        )
    return None


def _is_dead(observed: ObservedContainer | None) -> bool:
    return observed is not None and observed.state is RunState.EXITED and bool(observed.exit_code)
