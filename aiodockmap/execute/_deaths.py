"""Containers that do not live long."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from anyio import create_task_group, sleep

from ..engine import Engine
from ..errors import ContainerFailed, EngineError
from ..model import ResourceId
from ..state import ObservedContainer, RunState

logger = logging.getLogger(__name__)


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


async def later_deaths(
    engines: Mapping[str, Engine], started: Iterable[ResourceId], *, doubt: float
) -> Mapping[ResourceId, ContainerFailed]:
    """Why those of the started containers that do not run any more ended badly: one list for each engine.

    An engine that cannot be asked is told of in the log: what has been started stays started.
    """
    deaths: dict[ResourceId, ContainerFailed] = {}

    async def look_for_death(resource: ResourceId) -> None:
        with _warning_if_unseen(resource.engine):
            death = await early_death(
                engines[resource.engine], resource, resource.name, doubt=doubt
            )
            if death is not None:
                deaths[resource] = death

    async def look_at(engine: str, here: Iterable[ResourceId]) -> None:
        with _warning_if_unseen(engine):
            listed = await engines[engine].list_containers()
            alive = {container.name for container in listed if container.state.is_up}
            for resource in here:
                if resource.name not in alive:
                    tasks.start_soon(look_for_death, resource, name=f"look at {resource}")

    by_engine: dict[str, list[ResourceId]] = {}
    for resource in started:
        by_engine.setdefault(resource.engine, []).append(resource)
    async with create_task_group() as tasks:
        for engine, here in by_engine.items():
            tasks.start_soon(look_at, engine, here, name=f"look at {engine}")
    return deaths


@contextmanager
def _warning_if_unseen(engine: str) -> Iterator[None]:
    try:
        yield
    except EngineError as error:
        logger.warning("Cannot see whether all that was started on %s lives: %s", engine, error)


def _is_dead(observed: ObservedContainer | None) -> bool:
    return observed is not None and observed.state is RunState.EXITED and bool(observed.exit_code)
