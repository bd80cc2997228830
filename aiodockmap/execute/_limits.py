"""How much may be under way at once, and for how long we wait: small values, set from measurement."""

from __future__ import annotations

from enum import Enum

from attrs import field, frozen, validators


class Work(Enum):
    """The classes of calls that are limited apart, for each engine."""

    PULL = "pull"
    CREATE = "create"
    START = "start"
    STOP = "stop"
    REMOVE = "remove"
    EXEC = "exec"
    NETWORK = "network"
    VOLUME = "volume"
    CUSTOM = "custom"
    """Coroutines of registered actions."""


_POSITIVE = validators.and_(validators.instance_of(int), validators.ge(1))


@frozen(kw_only=True)
class Limits:
    """How many calls of each class may be under way on one engine at the same time.

    The defaults come from measurement: starts saturate at twice the engine's processors, networks are
    created one after the other by the engine whatever we do, and stops are all waiting, so that a low
    limit would multiply the grace period. A step that only waits (a start delay, the time that a
    command takes, the moments after a start) holds no place.
    """

    pull: int = field(default=4, validator=_POSITIVE)
    """Pulls and pushes together."""
    create: int = field(default=8, validator=_POSITIVE)
    start: int | None = field(default=None, validator=validators.optional(_POSITIVE))
    """None for twice the engine's processors, at least 4, at most 16."""
    stop: int = field(default=64, validator=_POSITIVE)
    """Bounds the connections, not the load: the engine waits, we do not."""
    remove: int = field(default=8, validator=_POSITIVE)
    exec: int = field(default=4, validator=_POSITIVE)
    network: int = field(default=2, validator=_POSITIVE)
    volume: int = field(default=8, validator=_POSITIVE)
    custom: int = field(default=8, validator=_POSITIVE)
    """Coroutines of registered actions; they hold their places to the end, except while they wait for runs
    that they have begun."""

    def of(self, work: Work, cpus: int | None) -> int:
        """The limit of one class on an engine with so many processors."""
        match work:
            case Work.PULL:
                return self.pull
            case Work.CREATE:
                return self.create
            case Work.START:
                return self.start or min(16, max(4, 2 * (cpus or 2)))
            case Work.STOP:
                return self.stop
            case Work.REMOVE:
                return self.remove
            case Work.EXEC:
                return self.exec
            case Work.NETWORK:
                return self.network
            case Work.VOLUME:
                return self.volume
            case Work.CUSTOM:
                return self.custom


_SECONDS = validators.ge(0.0)


@frozen(kw_only=True)
class Patience:
    """How long we wait where nobody else says so; in seconds."""

    settle: float = field(default=0.15, validator=_SECONDS)
    """After a start, before the container counts as up: one that dies within is a failed step.

    One that is seen dead is looked at once more, after as long again.
    """
    interrupted_call: float = field(default=10.0, validator=_SECONDS)
    """After a cancellation, for the outcome of short changing calls that are under way."""
    interrupted_replacement: float = field(default=30.0, validator=_SECONDS)
    """After a cancellation, for old containers to be brought back whose replacement was under way."""
    others: float = field(default=12.0, validator=_SECONDS)
    """For another process that is in the middle of replacing a container: as long as nothing happens there.

    After that, the replacement counts as interrupted, and is finished or undone. A bit more than the ten
    seconds that engines give a container to stop; where the map gives it more, that much is added.
    As long is waited for somebody else who has started a container to begin its commands; then they are run.
    And for a script that has the name of a container to begin, or to end, if it was not there at planning.
    """


class OnFailure(Enum):
    """What a run does after a step has failed."""

    CONTINUE = "continue"
    """Finish everything that does not depend on the failed step."""
    STOP = "stop"
    """Launch nothing more; what is under way is finished."""
