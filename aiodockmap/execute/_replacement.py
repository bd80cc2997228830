"""The calls of a replacement that belong together: the change of names, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from anyio import move_on_after, sleep

from ..engine import Engine
from ..errors import EngineError, ResourceNotFound
from ..model import JsonObject, ResourceId
from ..plan import BringBack, is_same_replacement, replaced_id
from ..state import SCRIPT_LABEL, read_ownership
from ._renewal import clear_mark
from ._report import Succeeded

SOMEBODY_ELSE: Final = "somebody else did the same at the same time"
_PAUSE: Final = 0.1
_LOOKS_FOR_THE_ABSENT: Final = 10
_NAME_RACE_PAUSES: Final = (0.02, 0.05, 0.1, 0.2, 0.4)


async def winner_of_the_name(engine: Engine, resource: ResourceId) -> Mapping[str, str] | None:
    """The labels of the container that has a name which was refused.

    An engine reserves a name some milliseconds before anybody can look at its owner.
    """
    for pause in _NAME_RACE_PAUSES:
        existing = await engine.inspect_container(resource, resource.name)
        if existing is not None:
            return existing.labels
        await sleep(pause)
    return None


async def _makes_way(engine: Engine, resource: ResourceId, ref: str, aside: str) -> bool:
    """Whether a container is gone, or is about to be, or has the name that it was to have."""
    for pause in _NAME_RACE_PAUSES:
        found = await engine.inspect_container(resource, ref)
        if found is None or found.name == aside:
            return True
        await sleep(pause)
    return False


async def take_over(
    engine: Engine, resource: ResourceId, old_id: str, aside: str, replacement: str
) -> Succeeded:
    """Give the old container another name, and its replacement the old one's.

    If somebody else has given it that meanwhile, it is left there; if they have put an equal one into its
    place, our own is removed.
    """
    try:
        try:
            await engine.rename_container(resource, old_id, aside)
        except EngineError:
            # One that removes itself when it stops is gone by now, as it was meant to be, or going; and one
            # that somebody else has put aside needs it no more.
            if not await _makes_way(engine, resource, old_id, aside):
                raise
        await engine.rename_container(resource, replacement, resource.name)
    except EngineError:
        current = await engine.inspect_container(resource, resource.name)
        own = await engine.inspect_container(resource, replacement)
        if current is None or current.id == old_id:
            raise
        if own is None:
            if replaced_id(current.labels) != old_id:
                raise
        elif SCRIPT_LABEL in current.labels or (
            read_ownership(current.labels) != read_ownership(own.labels)
        ):
            raise
        else:
            await engine.remove_container(resource, own.id, force=True, volumes=True)
        return Succeeded(note=SOMEBODY_ELSE, by_others=True)
    return Succeeded()


async def is_replaced_by_others(
    engine: Engine, resource: ResourceId, body: JsonObject, name: str, *, within: float
) -> bool:
    """Wait for another process that is making the same replacement, and tell whether it has.

    Args:
        engine: Where they are.
        resource: The container that is replaced.
        body: What the new one is created from.
        name: What the new one is called until it takes over.
        within: Seconds for it to do so.
    """
    absent = 0
    with move_on_after(within):
        # An engine reserves a name some milliseconds before anybody can look at its owner.
        while absent < _LOOKS_FOR_THE_ABSENT:
            new = await engine.inspect_container(resource, name)
            if new is not None and not is_same_replacement(body, new.labels):
                return False
            if new is None:
                absent += 1
                current = await engine.inspect_container(resource, resource.name)
                if current is not None and is_same_replacement(body, current.labels):
                    return True
            await sleep(_PAUSE)
    return False


async def bring_back(engine: Engine, resource: ResourceId, way_back: BringBack) -> Succeeded:
    """Remove the new container, give the old one its name back, and start it if it ran.

    Looks before each call: whatever of it is done already is left alone.

    Raises:
        ResourceNotFound: if the old container is gone; the new one goes then unless it is in its place.
    """
    old_id = way_back.old_id
    old = await engine.inspect_container(resource, old_id)
    if old is None:
        new = await engine.inspect_container(resource, way_back.replacement)
        if new is not None:
            await engine.remove_container(resource, new.id, force=True, volumes=True)
        raise ResourceNotFound(
            "the container that was to be brought back is gone",
            resource=resource,
            advice="the next run creates it anew",
        )
    for name in (way_back.replacement, resource.name):
        new = await engine.inspect_container(resource, name)
        if new is not None and new.id != old_id and SCRIPT_LABEL not in new.labels:
            # Its own anonymous volumes go with it; those that it took over are named in its binds.
            await engine.remove_container(resource, new.id, force=True, volumes=True)
    if old.name != resource.name:
        await engine.rename_container(resource, old_id, resource.name)
    if way_back.was_up and not old.state.is_up:
        await engine.start_container(resource, old_id)
    for mark in way_back.marks:
        await clear_mark(engine, resource, mark)
    return Succeeded(note="the old container is back")
