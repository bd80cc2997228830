"""make_plan(): desired state, observed state and a request give a plan. Pure, and deterministic."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from ..errors import PlanningError
from ..model import JsonObject, ResourceId, ResourceKind
from ..state import (
    DesiredContainer,
    DesiredState,
    ObservedContainer,
    ObservedState,
    RunState,
)
from ._actions import PullImage
from ._away import drawn_in as find_drawn_in
from ._away import read_mark
from ._commands import missing_commands
from ._conflicts import contested_ports, find_conflicts
from ._connections import plan_connections
from ._containers import ContainerCase, Mending, plan_container
from ._default_networks import in_default_networks, without_default_networks
from ._drafts import PlanDrafts
from ._holds import lost_ground
from ._network_update import plan_network_update
from ._numbering import number, rescues, unstoppable
from ._order import order
from ._plan import Plan, StepId, left_out_of
from ._pulls import plan_pulls
from ._reasons import Cause, Reason
from ._reconnection import plan_forgetting, plan_reconnections
from ._replacement import Repaired, leftovers, repair
from ._request import Direction, PlanRequest, Verb
from ._resources import (
    plan_network_removal,
    plan_new_network,
    plan_new_volume,
    plan_volume_removal,
)
from ._scripts import check_names, is_for_script, is_left_to_script, script_notes
from ._tables import CREATES_WHAT_IS_MISSING, REMOVES, REPAIRS
from ._update import judge, renewed_mounts
from ._volume_update import plan_volume_update, renewed_volumes


def affected(desired: DesiredState, request: PlanRequest) -> tuple[ResourceId, ...]:
    """The path of a request: all resources that it may look at or change (ACT-65 to ACT-68)."""
    match request.verb.direction:
        case Direction.FORWARD:
            return desired.forward(request.selected)
        case Direction.REVERSE:
            return desired.reverse(request.selected)
        case Direction.ITEM:
            return desired.forward_order(request.selected)


def drawn_in(
    desired: DesiredState, observed: ObservedState, request: PlanRequest
) -> tuple[ResourceId, ...]:
    """The containers off the path that an update or a startup has to re-create with it (UPD-86).

    They have to be part of the request, and compiled with it, before it can be planned.
    """
    if request.verb not in {Verb.UPDATE, Verb.STARTUP}:
        return ()
    request = request.within(observed)
    path = affected(desired, request)
    return find_drawn_in(desired, observed, path, renewed_volumes(desired, observed, path, request))


def make_plan(desired: DesiredState, observed: ObservedState, request: PlanRequest) -> Plan:
    """Decide what has to be done, and in which order; on engines that were looked at.

    Raises:
        PlanningError: if the engine has something that makes the plan impossible: a host port or a
            range of addresses that is taken, a circle among the steps. Nothing was changed.
    """
    left_out = left_out_of(affected(desired, request), observed)
    request = request.within(observed)
    desired = in_default_networks(desired, observed, request)
    path = affected(desired, request)
    drafts = PlanDrafts()
    drafts.notes += without_default_networks(observed, request)
    if request.options.pull_insecure_registry:
        drafts.notes.append(
            "pull_insecure_registry has no effect: engines know their insecure registries themselves"
        )
    if request.verb is Verb.PULL_IMAGES:
        plan_pulls(drafts, _images(path), desired, observed, always=request.options.pull_all_images)
    if request.verb is Verb.UPDATE:
        _plan_renewals(drafts, path, desired, observed, request)
    if request.verb is Verb.SCRIPT:
        check_names(
            [(each, repair(each, observed).container) for each in request.selected], request
        )
    if request.verb in CREATES_WHAT_IS_MISSING:
        _plan_missing(drafts, path, desired, observed, request)
    _plan_containers(drafts, path, desired, observed, request)
    if request.verb in REMOVES:
        _plan_removals(drafts, path, desired, observed, request)
        plan_forgetting(drafts, desired, observed)
    plan_reconnections(drafts, path, observed, request)
    order(drafts, desired)
    conflicts = find_conflicts(drafts, desired, observed)
    if request.is_question:
        drafts.notes += conflicts
    elif conflicts:
        raise PlanningError("\n".join(conflicts))
    drafts.notes += contested_ports(drafts, desired)
    steps, numbers = number(drafts.all(), path)
    return Plan(
        action=request.verb.value,
        steps=steps,
        rescues=rescues(drafts, numbers, desired),
        unstoppable=unstoppable(drafts, numbers, observed),
        desired=desired,
        notes=tuple(drafts.notes),
        scripts=tuple(drafts.scripts),
        engines=tuple(observed.engines),
        left_out=left_out,
        expected=_expected(drafts, observed),
    )


def _images(path: tuple[ResourceId, ...]) -> tuple[ResourceId, ...]:
    return tuple(resource for resource in path if resource.kind is ResourceKind.IMAGE)


def _plan_renewals(
    drafts: PlanDrafts,
    path: tuple[ResourceId, ...],
    desired: DesiredState,
    observed: ObservedState,
    request: PlanRequest,
) -> None:
    """What `update` does to images, networks and volumes that exist."""
    plan_pulls(drafts, _images(path), desired, observed, always=request.options.pull_before_update)
    if drafts.pulls:
        drafts.notes.append("containers of pulled images are looked at again after the pull")
    for resource in path:
        if resource.kind is ResourceKind.NETWORK:
            plan_network_update(drafts, resource, desired, observed, request)
        elif resource.kind is ResourceKind.VOLUME:
            plan_volume_update(drafts, resource, desired, observed, request)


def _plan_removals(
    drafts: PlanDrafts,
    path: tuple[ResourceId, ...],
    desired: DesiredState,
    observed: ObservedState,
    request: PlanRequest,
) -> None:
    """Selected networks, and volumes where that was asked for."""
    for resource in path:
        if resource.kind is ResourceKind.NETWORK:
            plan_network_removal(drafts, resource, desired, observed)
    plan_volume_removal(drafts, path, desired, observed, request)


def _plan_missing(
    drafts: PlanDrafts,
    path: tuple[ResourceId, ...],
    desired: DesiredState,
    observed: ObservedState,
    request: PlanRequest,
) -> None:
    plan_pulls(drafts, _images(path), desired, observed, always=False)
    for resource in path:
        if resource.kind is ResourceKind.NETWORK:
            plan_new_network(drafts, resource, desired, observed)
        elif resource.kind is ResourceKind.VOLUME:
            plan_new_volume(drafts, resource, desired, observed, request.options)


def _plan_containers(
    drafts: PlanDrafts,
    path: tuple[ResourceId, ...],
    desired: DesiredState,
    observed: ObservedState,
    request: PlanRequest,
) -> None:
    involved_by = _involvement(path, desired, request)
    repairs = {
        resource: _repaired(resource, observed, request)
        for resource in path
        if resource in desired.containers
    }
    after_repairs = _after(repairs, observed)
    for resource, repaired in repairs.items():
        container = desired.containers[resource]
        steps = plan_container(
            ContainerCase(
                desired=container,
                observed=repaired.container,
                engine=observed.engines[resource.engine].info,
                repairs=repaired.steps,
                mending=_mending(container, repaired, after_repairs, request, drafts),
                stranded=_stranded(container, repaired, after_repairs, request, drafts),
                image_config=_image_config(repaired.container, resource, observed),
                request=request,
                renewed=(
                    renewed_mounts(repaired.container, resource.engine, drafts)
                    if repaired.container is not None
                    else ()
                ),
                away=read_mark(resource, observed),
                marked=observed.engines[resource.engine].marks.get(resource.name, frozenset()),
                new_volume=next(
                    (volume for volume in container.attached if drafts.creates_volume(volume)),
                    None,
                ),
                involved_by=involved_by.get(resource),
            )
        )
        drafts.notes += steps.notes
        if steps.all():
            drafts.containers[resource] = steps
        if request.live_fields and resource in request.selected and steps.start is None:
            drafts.notes.append(f"{resource} is not started: what start() sets is not set on it")
        if is_left_to_script(resource, repaired.container, request):
            drafts.scripts.append(resource)
        drafts.notes += script_notes(resource, repaired.container, request)


def _image_config(
    current: ObservedContainer | None, resource: ResourceId, observed: ObservedState
) -> JsonObject | None:
    if current is None:
        return None
    details = observed.engines[resource.engine].image_details.get(current.image_id)
    return None if details is None else details.config


def _mending(
    container: DesiredContainer,
    repaired: Repaired,
    observed: ObservedState,
    request: PlanRequest,
    drafts: PlanDrafts,
) -> Mending | None:
    """What `update` has to do to a container that exists."""
    current = repaired.container
    if request.verb is not Verb.UPDATE or current is None or container.spec is None:
        return None
    verdict = judge(container, current, observed, request, drafts)
    drafts.notes += verdict.notes
    renewed = frozenset(
        network for network, steps in drafts.networks.items() if steps.create is not None
    )
    # What was stopped until it is brought back has no endpoints, and nothing runs in it.
    connected = evolve(current, state=RunState.EXITED) if repaired.is_down else current
    processes = () if repaired.is_down else current.processes
    return Mending(
        verdict=verdict,
        connections=tuple(
            plan_connections(container.id, container.spec, connected, observed, renewed)
        ),
        commands=missing_commands(
            container.spec.exec_commands,
            processes if current.state is RunState.RUNNING else None,
            request.options.check_exec_commands,
        ),
    )


def _stranded(
    container: DesiredContainer,
    repaired: Repaired,
    observed: ObservedState,
    request: PlanRequest,
    drafts: PlanDrafts,
) -> tuple[Reason, ...]:
    """Why a container that exists cannot be started, or is not to be, also by what brings it back.

    `update` finds that among its differences, which it leaves alone where they are persistent.
    """
    current = repaired.container
    if current is None or (current.state.is_up and not repaired.is_started):
        return ()
    if request.verb not in {Verb.STARTUP, Verb.SCRIPT, Verb.UPDATE}:
        return ()
    code = current.exit_code
    if repaired.is_guess and code in request.options.nonrecoverable_exit_codes:
        return (Reason(Cause.NONRECOVERABLE, detail=f"exit code {code}"),)
    if request.verb is Verb.UPDATE and not (container.persistent and repaired.is_started):
        return ()
    return tuple(lost_ground(container, current, observed, drafts))


def _repaired(resource: ResourceId, observed: ObservedState, request: PlanRequest) -> Repaired:
    if request.verb in REMOVES or is_for_script(resource, request):
        steps = leftovers(resource, observed)
        return Repaired(container=observed.container(resource), steps=steps)
    if request.verb in REPAIRS:
        return repair(resource, observed)
    return Repaired(container=observed.container(resource))


def _after(repairs: Mapping[ResourceId, Repaired], observed: ObservedState) -> ObservedState:
    """What will be there when interrupted replacements are undone; others are compared with that."""
    brought_back: dict[str, dict[str, ObservedContainer]] = {}
    for resource, repaired in repairs.items():
        if repaired.container is not None and repaired.is_brought_back:
            brought_back.setdefault(resource.engine, {})[resource.name] = repaired.container
    if not brought_back:
        return observed
    engines = {
        name: evolve(engine, containers={**engine.containers, **brought_back.get(name, {})})
        for name, engine in observed.engines.items()
    }
    return evolve(observed, engines=engines)


def _involvement(
    path: tuple[ResourceId, ...], desired: DesiredState, request: PlanRequest
) -> Mapping[ResourceId, ResourceId]:
    """For each resource that was not selected itself: the neighbour that made it part of the plan."""
    selected, on_path = frozenset(request.selected), frozenset(path)
    above = desired.dependants()
    found: dict[ResourceId, ResourceId] = {}
    for resource in path:
        if resource in selected:
            continue
        if request.verb.direction is Direction.REVERSE:
            neighbours = tuple(dependency.on for dependency in desired.dependencies(resource))
        else:
            neighbours = above.get(resource, ())
        account = next((other for other in neighbours if other in on_path), None)
        if account is not None:
            found[resource] = account
    return found


def _expected(drafts: PlanDrafts, observed: ObservedState) -> dict[ResourceId, str | None]:
    expected: dict[ResourceId, str | None] = {}
    for resource in drafts.containers:
        container = observed.container(resource)
        expected[resource] = container.id if container else None
    for resource in drafts.networks:
        networks = observed.networks(resource)
        expected[resource] = networks[0].id if networks else None
    for resource in drafts.volumes:
        volume = observed.volume(resource)
        expected[resource] = volume.name if volume else None
    return expected


def only_pulls(plan: Plan) -> Plan | None:
    """The pulls of a plan as a plan of their own; None if it has none."""
    pulls = tuple(step for step in plan.steps if isinstance(step.action, PullImage))
    if not pulls:
        return None
    numbers = {step.id: StepId(number) for number, step in enumerate(pulls, start=1)}
    steps = tuple(
        evolve(
            step,
            id=numbers[step.id],
            requires=(),
            follows=tuple(numbers[before] for before in step.follows),
        )
        for step in pulls
    )
    return evolve(plan, steps=steps, rescues=(), unstoppable=(), expected={}, notes=())
