"""One way in which a container is not as desired, and the least that mends it."""

from __future__ import annotations

from enum import IntEnum

from attrs import frozen


class Remedy(IntEnum):
    """What a difference needs, from the least to the most intrusive; the highest of a container counts."""

    NOTE = 0
    """Nothing: it is told, and left alone."""
    LIVE = 1
    """The engine changes it on the container as it runs (`POST /containers/{id}/update`)."""
    RECONNECT = 2
    """Connecting to a network, or disconnecting; the container runs on."""
    REPLACE = 3
    """Another container takes its place."""


@frozen(kw_only=True)
class Difference:
    """One field that differs. Says which, never what its values are."""

    field: str
    """Path in the Engine API: `Env.LEVEL`, `HostConfig.Memory`."""
    words: str
    """For people: `environment: LEVEL changed`."""
    remedy: Remedy

    def __str__(self) -> str:
        return self.words
