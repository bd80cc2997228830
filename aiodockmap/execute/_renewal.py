"""The calls of a volume that is created, or created anew, and of the marks that tell the next run."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from ..engine import Engine
from ..model import JsonObject, ResourceId, ResourceKind
from ..state import HELPER_LABEL
from ._report import Succeeded
from ._restoration import created_or_restored


async def create_volume(
    engine: Engine, resource: ResourceId, body: JsonObject, marker: str | None
) -> Succeeded:
    """Create a volume; before that, mark that it is to be prepared."""
    if marker is not None:
        await set_mark(engine, resource, marker, {HELPER_LABEL: "unprepared"})
    return Succeeded(result=await engine.create_volume(resource, body))


async def renew_volume(
    engine: Engine, resource: ResourceId, body: JsonObject, former: JsonObject, marker: str | None
) -> Succeeded:
    """Remove a volume with its data, and create it anew; one as the old one if that is refused.

    That one is as empty as a new one, and to be prepared like that: the mark stays.

    Raises:
        EngineError: if the old one cannot be removed, and is there; or if the new one cannot be created,
            and then it says what there is now.
    """
    await engine.remove_volume(resource)
    return await created_or_restored(
        lambda: create_volume(engine, resource, body, marker),
        lambda: engine.create_volume(resource, former),
        but=", without data",
    )


async def try_container(
    engine: Engine, resource: ResourceId, body: JsonObject, platform: str | None, name: str
) -> Succeeded:
    """Create a container, and remove it: an engine looks at most of a configuration when it creates."""
    created = await engine.create_container(resource, body, platform=platform, name=name)
    # Its own anonymous volumes go with it; those that it took over are named in its binds.
    await engine.remove_container(resource, created.id, force=True, volumes=True)
    return Succeeded()


async def set_mark(
    engine: Engine,
    resource: ResourceId,
    mark: str,
    labels: Mapping[str, str],
    *,
    is_unchanging: bool = True,
) -> Succeeded:
    """Create an empty volume that says something of a resource; an older one may have to go first."""
    volume = _volume(resource, mark)
    if not is_unchanging:
        await engine.remove_volume(volume)  # what it says cannot change
    await engine.create_volume(volume, {"Name": mark, "Labels": dict(labels)})
    return Succeeded()


async def clear_mark(engine: Engine, resource: ResourceId, mark: str) -> bool:
    """Remove a mark; tells whether it was there."""
    return await engine.remove_volume(_volume(resource, mark))


async def is_marked(engine: Engine, resource: ResourceId, mark: str) -> bool:
    """Whether a mark is there."""
    return await engine.inspect_volume(_volume(resource, mark)) is not None


def _volume(resource: ResourceId, name: str) -> ResourceId:
    return evolve(resource, kind=ResourceKind.VOLUME, name=name)
