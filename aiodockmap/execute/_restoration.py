"""What takes the place of something that was removed for it, or another one like that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ..errors import EngineError
from ._report import Succeeded


async def created_or_restored(
    create: Callable[[], Awaitable[Succeeded]],
    restore: Callable[[], Awaitable[object]],
    *,
    but: str = "",
) -> Succeeded:
    """Create something; if that is refused, one like that whose place it was to take.

    Args:
        create: Creates it.
        restore: Creates one like the old one.
        but: What the old one had, and another one like it has not.

    Raises:
        EngineError: in either case; it says why, and what there is now.
    """
    try:
        return await create()
    except EngineError as refusal:
        refusal.message += await _restored(restore, but)
        raise


async def _restored(restore: Callable[[], Awaitable[object]], but: str) -> str:
    try:
        await restore()
    except EngineError as error:
        return f"; and another one like the old one cannot be created either: {error.message}"
    return f"; another one with the old driver and options is in its place{but}"
