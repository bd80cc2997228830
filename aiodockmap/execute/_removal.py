"""Stopping and removing a container, and what it means that it is gone already (ERR-12)."""

from __future__ import annotations

from ..engine import Engine
from ..errors import ResourceConflict, ResourceNotFound
from ..model import ResourceId
from ..plan import RemoveContainer, StopContainer


async def stop_container(engine: Engine, resource: ResourceId, stop: StopContainer) -> bool:
    """Stop a container; False if it was not running any more.

    Raises:
        ResourceNotFound: if it is gone, and has to exist.
    """
    stopped = await engine.stop_container(resource, stop.id, stop.policy)
    if stopped or not stop.has_to_exist:
        return stopped
    if await engine.inspect_container(resource, stop.id) is None:
        raise _gone("stopped", resource)
    return False


async def remove_container(engine: Engine, resource: ResourceId, removal: RemoveContainer) -> bool:
    """Remove a container; False if somebody else has done it.

    Raises:
        ResourceConflict: if it was to be removed as what a replacement left, and is in its place again; or if
            it runs again.
        ResourceNotFound: if somebody else has removed it, and it has to exist.
    """
    if removal.leftover is not None:
        found = await engine.inspect_container(resource, removal.id)
        if found is not None and found.name == resource.name:
            raise ResourceConflict(
                "somebody else has brought it back meanwhile",
                resource=resource,
                advice="the next run looks at it anew",
            )
    try:
        removed = await engine.remove_container(
            resource, removal.id, force=removal.force, volumes=removal.volumes
        )
    except ResourceConflict as refusal:
        found = await engine.inspect_container(resource, removal.id)
        if found is not None and found.state.is_up:
            refusal.advice = "somebody else has started it meanwhile: do the same again"
        raise
    if not removed and removal.has_to_exist:
        raise _gone("removed", resource)
    return removed


def _gone(what: str, resource: ResourceId) -> ResourceNotFound:
    return ResourceNotFound(
        f"somebody else removed it before it was {what}",
        resource=resource,
        advice="without raise_not_found=True this is as wanted",
    )
