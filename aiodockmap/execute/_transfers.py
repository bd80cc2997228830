"""Images on their way, with the credentials for their registries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from ..engine import Credentials, Engine
from ..errors import ImagePushError
from ..model import ImageReference, ResourceId

Progress: TypeAlias = Callable[[str], None]

Transfer: TypeAlias = Callable[
    [Engine, Credentials, ResourceId, str, Progress], Awaitable[bool | str | None]
]
"""Takes the image, how it was written, and who hears of progress; gives the result of the step."""


async def pull(
    engine: Engine,
    credentials: Credentials,
    image: ResourceId,
    reference: str,
    on_progress: Progress,
    platform: str | None = None,
) -> bool:
    """Pull an image (PULL-1, PULL-3), for a platform or for that of the engine."""
    shown = await credentials.find(ImageReference.parse(reference).registry, image)
    await engine.pull_image(
        image, reference, platform=platform, credentials=shown, on_progress=on_progress
    )
    return True


async def push(
    engine: Engine,
    credentials: Credentials,
    image: ResourceId,
    reference: str,
    on_progress: Progress,
) -> str | None:
    """Push an image, and give its digest (UTL-1)."""
    registry = ImageReference.parse(reference).registry
    shown = await credentials.find(registry, image, ImagePushError)
    return await engine.push_image(image, reference, credentials=shown, on_progress=on_progress)
