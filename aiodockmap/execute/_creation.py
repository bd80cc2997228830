"""The creation of a container, and what it means that something has its name already."""

from __future__ import annotations

from ..engine import Engine
from ..errors import ResourceConflict
from ..model import JsonObject, ResourceId
from ..plan import CreateContainer
from ..state import SCRIPT_LABEL, RunState, labels_match
from ._namesakes import created
from ._replacement import SOMEBODY_ELSE, is_replaced_by_others, winner_of_the_name
from ._report import Succeeded


async def create_container(
    engine: Engine, resource: ResourceId, action: CreateContainer
) -> Succeeded:
    """Create a container, or accept an equal one that somebody else was quicker to create.

    Raises:
        ResourceConflict: if something else has its name; for a script, if anything has.
    """
    try:
        return created(
            await engine.create_container(
                resource, action.body, platform=action.platform, name=action.name
            )
        )
    except ResourceConflict as refusal:
        existing = await winner_of_the_name(engine, resource)
        if action.is_exclusive and existing is not None:
            other = "another script runs" if SCRIPT_LABEL in existing else "somebody else put one"
            raise ResourceConflict(
                f"{other} in its place at the same time, so that the script was not run",
                resource=resource,
                call=refusal.call,
                status=refusal.status,
                advice="run it again; remove_existing_before=True removes what is there",
            ) from refusal
        if (
            action.is_exclusive
            or action.name is not None
            or existing is None
            or not labels_match(action.body, existing)
        ):
            raise
        return Succeeded(note=SOMEBODY_ELSE, by_others=True)


async def made_meanwhile(
    engine: Engine, resource: ResourceId, body: JsonObject, name: str, *, within: float
) -> Succeeded | None:
    """What comes of a replacement whose name is taken; None if that is by something else.

    Args:
        engine: Where they are.
        resource: The container that is replaced.
        body: What the new one is created from.
        name: What the new one is called until it takes over.
        within: Seconds for somebody else to make the same replacement.
    """
    if await is_replaced_by_others(engine, resource, body, name, within=within):
        return Succeeded(note=SOMEBODY_ELSE, by_others=True)
    existing = await engine.inspect_container(resource, name)
    if (
        existing is None
        or existing.state is not RunState.INITIAL
        or not labels_match(body, existing.labels)
    ):
        return None
    # Nobody goes on with it: an engine may make what it was asked for by a run that had given up.
    return Succeeded(note=SOMEBODY_ELSE)
