"""Every decision: what has to be done, why, and in which order."""

from ._actions import (
    Action,
    BringBack,
    ConnectNetwork,
    CreateContainer,
    CreateNetwork,
    CreateVolume,
    Delay,
    DisconnectNetwork,
    PrepareVolume,
    PullImage,
    RemoveContainer,
    RemoveNetwork,
    RemoveVolume,
    RunExec,
    SignalContainer,
    StartContainer,
    StopContainer,
    TakeOver,
)
from ._make import affected, make_plan
from ._plan import Plan, Rescue, Step, StepId
from ._reasons import Cause, Reason
from ._render import describe, verb_of
from ._replacement import names_of
from ._request import OPTIONS, Direction, PlanOptions, PlanRequest, Verb, parse_options

__all__ = [
    "OPTIONS",
    "Action",
    "BringBack",
    "Cause",
    "ConnectNetwork",
    "CreateContainer",
    "CreateNetwork",
    "CreateVolume",
    "Delay",
    "Direction",
    "DisconnectNetwork",
    "Plan",
    "PlanOptions",
    "PlanRequest",
    "PrepareVolume",
    "PullImage",
    "Reason",
    "RemoveContainer",
    "RemoveNetwork",
    "RemoveVolume",
    "Rescue",
    "RunExec",
    "SignalContainer",
    "StartContainer",
    "Step",
    "StepId",
    "StopContainer",
    "TakeOver",
    "Verb",
    "affected",
    "describe",
    "make_plan",
    "names_of",
    "parse_options",
    "verb_of",
]
