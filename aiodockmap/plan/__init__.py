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
    LeaveNetwork,
    PrepareVolume,
    PullImage,
    RemoveContainer,
    RemoveImage,
    RemoveNetwork,
    RemoveVolume,
    RunCoroutine,
    RunExec,
    SignalContainer,
    StartContainer,
    StopContainer,
    TakeOver,
    UpdateContainer,
)
from ._connections import DEFAULT_NETWORKS
from ._explain import ContainerExplanation, Explanation, Relation, explain
from ._handle import CommandOutput, ContainerCoroutine, ContainerHandle
from ._housekeeping import plan_container_cleanup, plan_full_removal, plan_image_cleanup
from ._make import affected, make_plan, only_pulls
from ._plan import LeftOut, Plan, Rescue, Step, StepId
from ._proposed import ProposedStep, plan_of
from ._reasons import Cause, Reason
from ._render import describe, verb_of
from ._renewal import bystanders
from ._replacement import names_of, replacements_under_way
from ._request import OPTIONS, Direction, PlanOptions, PlanRequest, Verb, parse_options
from ._tables import REPAIRS

__all__ = [
    "DEFAULT_NETWORKS",
    "OPTIONS",
    "REPAIRS",
    "Action",
    "BringBack",
    "Cause",
    "CommandOutput",
    "ConnectNetwork",
    "ContainerCoroutine",
    "ContainerExplanation",
    "ContainerHandle",
    "CreateContainer",
    "CreateNetwork",
    "CreateVolume",
    "Delay",
    "Direction",
    "Explanation",
    "DisconnectNetwork",
    "LeaveNetwork",
    "LeftOut",
    "Plan",
    "PlanOptions",
    "PlanRequest",
    "PrepareVolume",
    "ProposedStep",
    "PullImage",
    "Reason",
    "Relation",
    "RemoveContainer",
    "RemoveImage",
    "RemoveNetwork",
    "RemoveVolume",
    "Rescue",
    "RunCoroutine",
    "RunExec",
    "SignalContainer",
    "StartContainer",
    "Step",
    "StepId",
    "StopContainer",
    "TakeOver",
    "UpdateContainer",
    "Verb",
    "affected",
    "bystanders",
    "describe",
    "explain",
    "make_plan",
    "names_of",
    "only_pulls",
    "parse_options",
    "plan_container_cleanup",
    "plan_full_removal",
    "plan_image_cleanup",
    "plan_of",
    "replacements_under_way",
    "verb_of",
]
