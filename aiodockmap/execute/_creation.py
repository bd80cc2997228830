"""The creation of a container, and what it means that something has its name already."""

from __future__ import annotations

from ..engine import Engine
from ..errors import ResourceConflict
from ..model import ResourceId
from ..plan import CreateContainer
from ..state import SCRIPT_LABEL, labels_match
from ._namesakes import created
from ._replacement import SOMEBODY_ELSE, winner_of_the_name
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
