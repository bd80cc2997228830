"""A container engine in memory, to test against: it refuses what a real one refuses."""

from ._answers import ApiError, Call
from ._behaviour import Behaviour
from ._core import ReceivedCall
from ._engine import EmbeddedEngine
from ._faults import (
    CutPower,
    Delay,
    DropAfter,
    DropBefore,
    Fault,
    KillDaemon,
    PlannedFault,
    Reject,
    RestartDaemon,
)
from ._images import EmbeddedImage, Registry
from ._transport import EmbeddedTransport
from ._virtual_time import VirtualTimeLoop

__all__ = [
    "ApiError",
    "Behaviour",
    "Call",
    "CutPower",
    "Delay",
    "DropAfter",
    "DropBefore",
    "EmbeddedEngine",
    "EmbeddedImage",
    "EmbeddedTransport",
    "Fault",
    "KillDaemon",
    "PlannedFault",
    "ReceivedCall",
    "Registry",
    "Reject",
    "RestartDaemon",
    "VirtualTimeLoop",
]
