"""The calls of a replacement that belong together: the change of names, and the way back."""

from __future__ import annotations

from ..engine import Engine
from ..errors import ResourceNotFound
from ..model import ResourceId
from ._report import Succeeded


async def take_over(
    engine: Engine, resource: ResourceId, old_id: str, aside: str, replacement: str
) -> Succeeded:
    """Give the old container another name, and its replacement the old one's."""
    try:
        await engine.rename_container(resource, old_id, aside)
    except ResourceNotFound:
        # A container that removes itself when it stops is gone by now, as it was meant to be.
        if await engine.inspect_container(resource, old_id) is not None:
            raise
    await engine.rename_container(resource, replacement, resource.name)
    return Succeeded()


async def bring_back(
    engine: Engine, resource: ResourceId, old_id: str, replacement: str, *, was_up: bool
) -> Succeeded:
    """Remove the new container, give the old one its name back, and start it if it ran.

    Looks before each call: whatever of it is done already is left alone.

    Raises:
        ResourceNotFound: if the old container is gone; the new one is left alone then.
    """
    old = await engine.inspect_container(resource, old_id)
    if old is None:
        raise ResourceNotFound(
            "the container that was to be brought back is gone",
            resource=resource,
            advice="the next run creates it anew",
        )
    for name in (replacement, resource.name):
        new = await engine.inspect_container(resource, name)
        if new is not None and new.id != old_id:
            # Its own anonymous volumes go with it; those that it took over are named in its binds.
            await engine.remove_container(resource, new.id, force=True, volumes=True)
    if old.name != resource.name:
        await engine.rename_container(resource, old_id, resource.name)
    if was_up and not old.state.is_up:
        await engine.start_container(resource, old_id)
    return Succeeded(note="the old container is back")
