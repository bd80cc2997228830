"""A plan as text, as data, as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from ..model import ResourceId
from ._actions import (
    Action,
    AwaitScript,
    BringBack,
    ClearMark,
    ConnectNetwork,
    CopyIntoContainer,
    CreateContainer,
    CreateNetwork,
    CreateVolume,
    Delay,
    DiscardHelper,
    DisconnectNetwork,
    LeaveNetwork,
    PrepareVolume,
    PullImage,
    PushImage,
    RemoveContainer,
    RemoveImage,
    RemoveNetwork,
    RemoveScript,
    RemoveVolume,
    RenewVolume,
    RunCoroutine,
    RunExec,
    SetMark,
    SignalContainer,
    StartContainer,
    StopContainer,
    TakeOver,
    TryContainer,
    UpdateContainer,
)

if TYPE_CHECKING:
    from ._plan import Plan, Step


def verb_of(action: Action) -> str:  # noqa: C901, PLR0912  # one case per action
    """The name of an action in reports and events: `create`, `pull`, `exec`."""
    match action:
        case PullImage():
            return "pull"
        case PushImage():
            return "push"
        case CreateNetwork() | CreateVolume() | CreateContainer():
            return "create"
        case RemoveImage() | RemoveNetwork() | RemoveVolume() | RemoveContainer() | RemoveScript():
            return "remove"
        case ConnectNetwork():
            return "connect"
        case DisconnectNetwork() | LeaveNetwork():
            return "disconnect"
        case UpdateContainer():
            return "update"
        case PrepareVolume():
            return "prepare"
        case DiscardHelper():
            return "discard"
        case RenewVolume():
            return "renew"
        case TryContainer():
            return "try"
        case SetMark():
            return "mark"
        case ClearMark():
            return "unmark"
        case TakeOver():
            return "rename"
        case BringBack():
            return "bring back"
        case StartContainer():
            return "start"
        case CopyIntoContainer():
            return "copy"
        case AwaitScript():
            return "script"
        case Delay():
            return "wait"
        case RunExec():
            return "exec"
        case StopContainer():
            return "stop"
        case SignalContainer():
            return "signal"
        case RunCoroutine(name=name):
            return name
        case _:
            assert_never(action)


def describe(action: Action, resource: ResourceId) -> str:  # noqa: C901, PLR0912  # a case per action
    """One action in words: `connect container site.web to network site.front`."""
    match action:
        case PullImage(platform=str(platform)):
            return f"pull {resource} for {platform}"
        case CreateNetwork(former=former) if former is not None:
            return f"create {resource}, or, if that is refused, one like the old one"
        case ConnectNetwork(network=network, is_given_back=is_given_back):
            again = " again" if is_given_back else ""
            return f"connect {resource} to network {network.name}{again}"
        case DisconnectNetwork(container=container):
            return f"disconnect {container} from network {resource.name}"
        case LeaveNetwork(network_name=name):
            return f"disconnect {resource} from network {name}"
        case UpdateContainer(body=body):
            return f"update {resource} live ({', '.join(sorted(body))})"
        case CreateContainer(name=str(name)):
            return f"create {resource} as {name}"
        case DiscardHelper():
            return f"discard what prepared {resource} for an interrupted run"
        case RenewVolume():
            return f"remove {resource} with its data, and create it anew"
        case TryContainer(name=name):
            return f"try to create {resource}, as {name}, and remove that"
        case SetMark(mark=mark):
            return f"mark {resource} by an empty volume {mark}"
        case ClearMark(mark=mark):
            return f"remove the mark {mark} of {resource}"
        case TakeOver(aside=aside):
            return f"rename {resource} to {aside}, and its replacement to {resource.name}"
        case BringBack(replacement=replacement, was_up=was_up):
            again = ", and start it" if was_up else ""
            return f"remove {replacement}, give the old {resource} its name back{again}"
        case RemoveImage(references=(_, *others), force=force) if others or force:
            also = f" ({', '.join(others)})" if others else ""
            return f"remove {resource}{also}" + (" by force" if force else "")
        case RemoveContainer(leftover=str(name)):
            return f"remove {name}"
        case RemoveContainer(has_to_exist=True):
            return f"remove {resource}, which has to exist"
        case PrepareVolume(ownership=ownership, image=image):
            parts = [
                f"owner {ownership.owner}" if ownership.owner else "",
                f"mode {ownership.mode}" if ownership.mode else "",
            ]
            return f"prepare {resource} ({', '.join(filter(None, parts))}; by {image})"
        case CopyIntoContainer(source=source, target=target):
            return f"copy {source} to {target} in {resource}"
        case AwaitScript(timeout=timeout):
            limit = "" if timeout is None else f" for {timeout:g} s at most"
            return f"wait for the end of {resource}{limit}, and read its output"
        case Delay(seconds=seconds):
            return f"wait {seconds:g} s for {resource}"
        case RunExec(command=command):
            # The arguments may carry a password: the program's name has to do.
            program = command.argv[0] if command.argv else ""
            return f"exec {program} in {resource}" + (f" as {command.user}" if command.user else "")
        case StartContainer(marks=(_, *_) as marks):
            number = "its first command" if len(marks) == 1 else f"its {len(marks)} first commands"
            return f"start {resource}, and mark {number} until run"
        case StopContainer(policy=policy, has_to_exist=has_to_exist):
            signal = f" by {policy.signal}" if policy.signal else ""
            grace = "" if policy.grace is None else f" within {policy.grace} s"
            condition = ", which has to exist" if has_to_exist else ""
            return f"stop {resource}{signal}{grace}{condition}"
        case SignalContainer(signal=signal_name):
            return f"send {signal_name or 'SIGKILL'} to {resource}"
        case _:
            return f"{verb_of(action)} {resource}"


def render_plan(plan: Plan) -> str:
    """One line a step; a plan without steps says so."""
    lines = [f"{step}: {_reasons(step)}{_after(step)}" for step in plan.steps]
    if plan.is_empty:
        lines = ["nothing to do"]
    for rescue in plan.rescues:
        action = describe(rescue.step.action, rescue.step.resource)
        last = " and ".join(f"#{number}" for number in rescue.last)
        lines.append(
            f"#{rescue.step.id}, if #{rescue.first} to {last} do not all succeed: {action}"
        )
    for unstoppable in plan.unstoppable:
        steps = " ".join(f"#{number}" for number in unstoppable.steps)
        lines.append(f"once they have begun, also if the run is cancelled: {steps}")
    lines += [str(engine) for engine in plan.left_out]
    return "\n".join([*lines, *(f"note: {note}" for note in plan.notes)])


def _reasons(step: Step) -> str:
    return "; ".join(str(reason) for reason in step.reasons)


def _after(step: Step) -> str:
    if not step.before:
        return ""
    return " [after " + " ".join(f"#{before}" for before in step.before) + "]"


def plan_to_dict(plan: Plan) -> dict[str, object]:
    """The plan without the bodies of its calls."""
    return {
        "action": plan.action,
        "engines": list(plan.engines),
        "steps": [
            {
                "id": step.id,
                "engine": step.resource.engine,
                "kind": step.resource.kind.value,
                "name": step.resource.name,
                "action": verb_of(step.action),
                "description": describe(step.action, step.resource),
                "reasons": [
                    {
                        "cause": reason.cause.name.lower(),
                        "about": None if reason.about is None else str(reason.about),
                        "text": str(reason),
                    }
                    for reason in step.reasons
                ],
                "requires": list(step.requires),
                "follows": list(step.follows),
            }
            for step in plan.steps
        ],
        "rescues": [
            {
                "id": rescue.step.id,
                "description": describe(rescue.step.action, rescue.step.resource),
                "first": rescue.first,
                "last": list(rescue.last),
            }
            for rescue in plan.rescues
        ],
        "left_out": [engine.to_dict() for engine in plan.left_out],
        "notes": list(plan.notes),
    }


def _label(step: Step) -> str:
    return str(step).replace('"', "'")


def plan_to_mermaid(plan: Plan) -> str:
    """A flowchart from top to bottom."""
    nodes = [f'    s{step.id}["{_label(step)}"]' for step in plan.steps]
    edges = [f"    s{before} --> s{step.id}" for step in plan.steps for before in step.before]
    return "\n".join(["flowchart TD", *nodes, *edges])


def plan_to_dot(plan: Plan) -> str:
    """A directed graph."""
    nodes = [f'    {step.id} [label="{_label(step)}"];' for step in plan.steps]
    edges = [f"    {before} -> {step.id};" for step in plan.steps for before in step.before]
    return "\n".join(["digraph plan {", *nodes, *edges, "}"])
