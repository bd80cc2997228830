"""Why a step is in a plan: a closed set of causes that explain, and never steer."""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from ..model import ResourceId


class Cause(Enum):
    """What made a step necessary."""

    ABSENT = "does not exist"
    CREATED = "was just created"
    NEW_VOLUME = "is new, and has no owner or mode yet"
    UNPREPARED = "was never given its owner and mode"
    NEVER_STARTED = "was never started"
    EXITED = "has exited"
    STOPPED = "was just stopped"
    NONRECOVERABLE = "has exited beyond recovery"
    VOLUME_CREATED = "its volume is new"
    NEEDED_BY = "needed by"
    DEPENDS_ON = "depends on"
    REQUESTED = "requested"
    EXEC_ON_CREATION = "runs at the first start only"
    EXEC_ON_START = "runs at every start"
    START_DELAY = "start delay"
    FORCED = "update was forced"
    IMAGE_CHANGED = "its image is another one by now"
    DIFFERS = "differs"
    LIMITS_DIFFER = "limits differ"
    OWNER_REPLACED = "what it holds on to is replaced"
    STALE_LINK = "its link leads nowhere"
    NOT_CONNECTED = "is not connected"
    CONNECTION_DIFFERS = "its connection differs"
    NOT_IN_MAP = "is not in the map"
    NETWORK_DIFFERS = "network differs"
    NOT_RUN_YET = "an interrupted run did not come to it"
    RUNS_ALREADY = "its command was begun, and goes on"
    NOTHING_OWED = "there is nothing left that it stands for"
    NOT_FOUND = "its process was not found"
    CONNECTED_AGAIN = "everybody is connected again"
    REPLACED = "was replaced"
    VOLUME_RENEWED = "a volume that it mounts is created anew"
    REMEMBERED = "for the next run, if this one is killed"
    INTERRUPTED_PREPARATION = "an earlier preparation was interrupted"
    BACK = "everything is back in its place"
    REPLACEMENT_FAILED = "its replacement did not come up"
    INTERRUPTED = "an earlier replacement was interrupted"
    CONFIGURED = "configured"
    STILL_ATTACHED = "is still connected to"
    LEFT_BY_SCRIPT = "was left by a script"
    SCRIPT_STARTED = "its script was started"
    SCRIPT_OVER = "it exists for its script only"
    OWNER_REMOVED = "its owner is removed, and that was asked for"
    CLEANED_UP = "is not needed"
    REGISTERED = "a registered action asks for it"


@frozen
class Reason:
    """One cause, with what it is about."""

    cause: Cause
    about: ResourceId | None = None
    """The other resource, where there is one."""
    detail: str = ""
    """What was seen: `exit code 137`."""

    def __str__(self) -> str:
        match self.cause:
            case Cause.VOLUME_CREATED:
                return f"its {self.about} is new"
            case Cause.NEEDED_BY | Cause.DEPENDS_ON | Cause.STILL_ATTACHED:
                return f"{self.cause.value} {self.about}"
            case (
                Cause.DIFFERS
                | Cause.LIMITS_DIFFER
                | Cause.CONNECTION_DIFFERS
                | Cause.REGISTERED
                | Cause.CLEANED_UP
            ):
                return self.detail or self.cause.value
            case Cause.VOLUME_RENEWED:
                return f"it mounts {self.about}, which is created anew"
            case Cause.OWNER_REPLACED:
                return f"{self.about} is replaced, and this one holds on to it"
            case Cause.STALE_LINK:
                return f"it is linked to a {self.about} that is gone or was replaced"
            case Cause.REQUESTED:
                return f"{self.detail} requested" if self.detail else "requested"
            case _:
                return f"{self.cause.value} ({self.detail})" if self.detail else self.cause.value
