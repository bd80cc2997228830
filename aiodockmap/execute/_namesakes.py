"""Networks of one name, which engines before API 1.44 let two clients make at the same moment.

Such an engine looks for a namesake before it makes a network, and not again: whoever starts the same
map at the same moment gets a network, too, and from then on the engine refuses the name as ambiguous.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from anyio import sleep

from ..engine import Created, Engine
from ..errors import EngineError, ResourceConflict
from ..model import JsonObject, ResourceId
from ..state import ObservedNetwork, labels_match
from ._replacement import SOMEBODY_ELSE
from ._report import Succeeded

UNIQUE_NAMES: Final = (1, 44)
"""The version of the Engine API from which on engines never make two networks of one name."""

_PAUSES: Final = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 0.8)
"""Seconds between two looks; making a network, and seeing that it is one too many, takes less."""

_MORE_PAUSES: Final = (0.8, 0.8, 0.8)
"""For those who did not make one: they wait for somebody who looks as often as that."""

_BETWEEN_ATTEMPTS: Final = (0.05, 0.2, 0.5)

T = TypeVar("T")


async def agree_on_network(
    engine: Engine, resource: ResourceId, own: str | None
) -> ObservedNetwork | None:
    """Have one network of a name, whoever made it: of several the oldest stays.

    Args:
        engine: Where they are.
        resource: Which name it is about.
        own: The id of the one that was made just now, which is removed if another one stays.

    Returns:
        The one that stays; None if there is none.

    Raises:
        EngineError: if the own one cannot be removed.
    """
    for pause in _PAUSES:
        namesakes = await _namesakes(engine, resource.name)
        if len(namesakes) <= 1:
            return namesakes[0] if namesakes else None
        if own is not None and namesakes[0].id != own:
            await engine.remove_network(resource, own)
            own = None
            continue
        # The others are not the oldest, and somebody is about to see that.
        await sleep(pause)
    if own is not None:
        # Nobody saw it: theirs was there, and in use, before ours could be seen.
        await engine.remove_network(resource, own)
    return next(each for each in namesakes if each.id != own)


async def despite_namesakes(engine: Engine, change: Callable[[], Awaitable[T]]) -> T:
    """Make a change, again while it fails for a name that is ambiguous for a moment.

    Several moments may follow each other: every process that comes second makes one.

    Raises:
        EngineError: what the change raises, if that is another reason, or the name stays ambiguous.
    """
    for pause in _BETWEEN_ATTEMPTS:
        try:
            return await change()
        except EngineError as error:
            if not await is_clear_again(engine, error):
                raise
        # What the list does not show any more, the engine may still find by name.
        await sleep(pause)
    return await change()


async def is_clear_again(engine: Engine, error: EngineError) -> bool:
    """Whether a call failed for a name that was ambiguous for a moment, and is not any more."""
    if "is ambiguous" not in error.message:
        return False
    for pause in (*_PAUSES, *_MORE_PAUSES):
        names = Counter(network.name for network in await engine.list_networks())
        if not any(number > 1 and name in error.message for name, number in names.items()):
            return True
        await sleep(pause)
    return False


async def _namesakes(engine: Engine, name: str) -> list[ObservedNetwork]:
    return [network for network in await engine.list_networks() if network.name == name]


async def create_network(engine: Engine, resource: ResourceId, body: JsonObject) -> Succeeded:
    """Create a network; older engines allow several of one name, of which one has to win.

    Raises:
        ResourceConflict: if somebody else made another network of that name.
    """
    own: Created | None = None
    conflict = ResourceConflict(
        "somebody else made another network of this name at the same time", resource=resource
    )
    try:
        own = await engine.create_network(resource, body)
    except ResourceConflict as refusal:
        conflict = refusal
    if own is not None and (await engine.connect()).api_version >= UNIQUE_NAMES:
        return created(own)
    existing = await agree_on_network(engine, resource, own.id if own else None)
    if own is not None and existing is not None and existing.id == own.id:
        return created(own)
    if existing is None or not labels_match(body, existing.labels):
        raise conflict
    return Succeeded(note=SOMEBODY_ELSE, by_others=True)


def created(answer: Created) -> Succeeded:
    """What the engine answered to a creation, as an outcome."""
    return Succeeded(result=answer.id, note="; ".join(answer.warnings) if answer.warnings else None)
