"""One container: its state and the verb give its steps."""

from __future__ import annotations

from collections.abc import Container, Iterable

import attrs

from ..model import UNSET, JsonObject, ResourceId
from ..state import (
    SCRIPT_LABEL,
    ContainerSpec,
    DesiredContainer,
    EndpointSpec,
    EngineInfo,
    ExecSpec,
    ObservedContainer,
    RunState,
    StopPolicy,
)
from ._actions import (
    BringBack,
    ConnectNetwork,
    CreateContainer,
    Delay,
    RemoveContainer,
    SignalContainer,
    StartContainer,
    StopContainer,
    UpdateContainer,
)
from ._away import Away, clear_mark, take_away
from ._default_networks import endpoints_of
from ._drafts import ContainerDrafts, Draft
from ._first_commands import FIRST_INCARNATION, FirstCommands, first_commands, incarnation
from ._holds import holds_on_containers
from ._marks import forget
from ._reasons import Cause, Reason
from ._replacement import replace, with_binds
from ._request import Direction, PlanOptions, PlanRequest, Verb
from ._scripts import is_for_script, run_script, runs_script
from ._tables import (
    REMOVES,
    REPAIRS,
    ContainerState,
    Move,
    Situation,
    container_row,
    container_state,
)
from ._update import Verdict, requested_limits


@attrs.frozen(kw_only=True)
class ContainerCase:
    """Everything that decides about one container."""

    desired: DesiredContainer
    observed: ObservedContainer | None
    engine: EngineInfo
    request: PlanRequest
    new_volume: ResourceId | None
    """A volume of its own that the same plan creates."""
    involved_by: ResourceId | None
    """What made it part of the plan; None if it was selected itself."""
    repairs: tuple[Draft, ...] = ()
    """What has to be done first; `observed` is the state after that."""
    image_config: JsonObject | None = None
    """Of the image that it was made from, where that was asked for."""
    mending: Mending | None = None
    """For `update`, of containers that exist."""
    stranded: tuple[Reason, ...] = ()
    """Why it can never be started again as it is."""
    renewed: tuple[ResourceId, ...] = ()
    """Volumes that it mounts, and that the same plan removes and creates anew."""
    away: Away | None = None
    """What an interrupted run was to give back of it."""
    marked: frozenset[str] = frozenset()
    """Marks of its commands that are still to be run."""

    @property
    def is_script(self) -> bool:
        """Whether a script is run in it."""
        return is_for_script(self.desired.id, self.request)

    @property
    def is_left_by_script(self) -> bool:
        """Whether what has its name was made for a script."""
        return self.observed is not None and SCRIPT_LABEL in self.observed.labels

    @property
    def runs_script(self) -> bool:
        """Whether what has its name runs a script of somebody else, and nobody forces its replacement."""
        return runs_script(self.desired.id, self.observed, self.request)


@attrs.frozen(kw_only=True)
class Mending:
    """What `update` found out about a container that exists (behaviour 7)."""

    verdict: Verdict
    connections: tuple[Draft, ...] = ()
    commands: tuple[ExecSpec, ...] = ()
    """Exec commands whose process was not found."""


def plan_container(case: ContainerCase) -> ContainerDrafts:
    """Make the steps of one container; none if it is as it should be."""
    options = case.request.options
    state = container_state(
        case.observed,
        options.nonrecoverable_exit_codes,
        is_persistent=case.desired.persistent,
        is_stranded=bool(case.stranded),
    )
    row = container_row(
        case.request.verb,
        options,
        Situation(
            is_persistent=case.desired.persistent,
            has_new_volume=case.new_volume is not None,
            differs=case.mending is not None and bool(case.mending.verdict.replace),
            is_script=case.is_script,
            is_left_by_script=case.is_left_by_script,
            runs_script=case.runs_script,
        ),
    )
    drafts = ContainerDrafts(case.desired.id, repairs=list(case.repairs))
    for move in row[state]:
        _add(drafts, move, case, state)
    if case.is_script:
        run_script(drafts, case.desired, _spec(case), case.request)
    elif drafts.remove is not None and drafts.create is not None:
        if case.renewed:
            take_away(drafts, _observed(case), case.renewed, case.image_config, case.away)
            if holds_on_containers(case.desired):
                drafts.trial = None
        else:
            replace(drafts, _observed(case), case.image_config)
        _leave_down(drafts)
    elif case.mending is not None and case.observed is not None and not case.runs_script:
        _mend(drafts, case, case.mending, case.observed)
    if Move.EXEC in row[state]:
        _exec(drafts, case)
    _run_what_is_missing(drafts, case)
    _give_back(drafts, case)
    _forget_commands(drafts, case)
    return drafts


def _run_what_is_missing(drafts: ContainerDrafts, case: ContainerCase) -> None:
    """Run the commands that a container which runs, and goes on to, has been left without."""
    observed, verb = case.observed, case.request.verb
    if (
        observed is None
        or observed.state is not RunState.RUNNING
        or verb not in REPAIRS
        or verb is Verb.CREATE
        or case.is_script
        or case.is_left_by_script
        or (drafts.create or drafts.start) is not None
    ):
        return
    missing = case.mending.commands if case.mending is not None else ()
    _commands(drafts, case).of_a_running(drafts, observed, missing, case.marked)


def _forget_commands(drafts: ContainerDrafts, case: ContainerCase) -> None:
    """Keep the marks of what is still to be run, and end all others, those of a way back included."""
    verb, going = case.request.verb, drafts.remove is not None and not case.request.options.link
    if case.is_script or case.is_left_by_script:
        return
    if verb in REMOVES:
        if going or case.observed is None:
            drafts.forget = forget(case.desired.id, case.marked, Cause.OWNER_REMOVED)
        return
    if verb not in REPAIRS:
        return
    marks: tuple[str, ...] = ()
    if drafts.start is not None or (case.observed is not None and drafts.create is None):
        marks = _commands(drafts, case).marks
    drafts.forget = forget(case.desired.id, case.marked.difference(marks), Cause.NOTHING_OWED)
    if drafts.take_over is not None and drafts.bring_back is not None:
        drafts.bring_back = attrs.evolve(drafts.bring_back, marks=marks)


def _commands(drafts: ContainerDrafts, case: ContainerCase) -> FirstCommands:
    """The commands of the container that there will be; if there are none, it is all the same which."""
    if drafts.create is None and _spec(case).exec_commands:
        which = incarnation(_observed(case))
    elif drafts.take_over is not None:
        which = _observed(case).id
    else:
        which = FIRST_INCARNATION
    return first_commands(case.desired.id, _spec(case).exec_commands, which)


def _give_back(drafts: ContainerDrafts, case: ContainerCase) -> None:
    """End what an interrupted run left; who is only here for its volume stays down if it was down."""
    away = case.away
    if away is not None and drafts.away is None and case.request.verb in REPAIRS:
        if drafts.create is not None and isinstance(drafts.create.action, CreateContainer):
            action = drafts.create.action
            body = with_binds(action.body, away.carried)
            drafts.create.action = attrs.evolve(action, body=body)
        if case.request.verb is not Verb.CREATE or not away.was_up:
            drafts.back = clear_mark(case.desired.id, Cause.BACK)
    elif away is not None and case.request.verb in REMOVES and drafts.remove is not None:
        drafts.back = clear_mark(case.desired.id, Cause.OWNER_REMOVED)
    was_up = case.observed is not None and case.observed.state.is_up
    if case.desired.id in case.request.drawn_in and not was_up and not (away and away.was_up):
        drafts.start = None
        drafts.after_start = []


def _leave_down(drafts: ContainerDrafts) -> None:
    """Do not start what is brought back only to be replaced; the way back still does, if need be."""
    for repair in drafts.repairs:
        if isinstance(repair.action, BringBack):
            drafts.stop = drafts.stop if repair.action.is_up else None
            repair.action = attrs.evolve(repair.action, was_up=False)


def _add(drafts: ContainerDrafts, move: Move, case: ContainerCase, state: ContainerState) -> None:
    match move:
        case Move.STOP:
            drafts.stop = _stop(case)
        case Move.REMOVE:
            drafts.remove = _remove(case, state)
        case Move.CREATE:
            _create(drafts, case, state)
        case Move.START:
            _start(drafts, case, state)
        case Move.EXEC:
            pass  # when it is known which incarnation it will be
        case Move.KILL:
            drafts.signal = Draft(
                case.desired.id,
                SignalContainer(id=_observed(case).id, signal=case.request.options.signal),
                (Reason(Cause.REQUESTED),),
            )


def _mend(
    drafts: ContainerDrafts, case: ContainerCase, mending: Mending, current: ObservedContainer
) -> None:
    """Change what can be changed on the container itself, in the order of UPD-4."""
    container = case.desired.id
    drafts.connects = list(mending.connections)
    drafts.notes += mending.verdict.stays
    if mending.verdict.live is not None:
        drafts.update = Draft(
            container,
            UpdateContainer(id=current.id, body=mending.verdict.live),
            mending.verdict.live_reasons,
        )


def _observed(case: ContainerCase) -> ObservedContainer:
    assert case.observed is not None  # noqa: S101  # the table has these moves for existing ones only
    return case.observed


def _spec(case: ContainerCase) -> ContainerSpec:
    assert case.desired.spec is not None  # noqa: S101  # forward verbs are compiled with specs
    return case.desired.spec


def _why_down(case: ContainerCase) -> tuple[Reason, ...]:
    if case.is_script:
        return (Reason(Cause.REQUESTED, detail="remove_existing_before"),)
    if case.mending is not None and case.mending.verdict.replace:
        return case.mending.verdict.replace
    if case.new_volume is not None:
        return (Reason(Cause.VOLUME_CREATED, case.new_volume),)
    if case.involved_by is not None:
        return (Reason(Cause.DEPENDS_ON, case.involved_by),)
    return (Reason(Cause.REQUESTED, detail=case.request.verb.value),)


def _stop(case: ContainerCase) -> Draft:
    options = case.request.options
    action = StopContainer(
        id=_observed(case).id,
        policy=effective_stop_policy(case.desired.stop, options),
        has_to_exist=options.raise_not_found,
    )
    return Draft(case.desired.id, action, _why_down(case))


def effective_stop_policy(policy: StopPolicy, options: PlanOptions) -> StopPolicy:
    """Let the `timeout` keyword win over the configuration (STOP-1, KW-8)."""
    if options.timeout is UNSET:
        return policy
    return attrs.evolve(policy, grace=options.timeout)


def _remove(case: ContainerCase, state: ContainerState) -> Draft:
    observed, options = _observed(case), case.request.options
    if case.request.verb is Verb.REMOVE:
        action = RemoveContainer(
            id=observed.id,
            force=options.force,
            volumes=options.v,
            has_to_exist=options.raise_not_found,
        )
    else:
        action = RemoveContainer(id=observed.id)
    reasons = _why_down(case)
    if case.is_script:
        reasons = (Reason(Cause.REQUESTED, detail="remove_existing_before"),)
    elif case.request.verb.direction is Direction.FORWARD and case.is_left_by_script:
        reasons = (Reason(Cause.LEFT_BY_SCRIPT),)
    elif (
        state is ContainerState.NONRECOVERABLE and case.request.verb.direction is Direction.FORWARD
    ):
        beyond = case.stranded or (Reason(Cause.NONRECOVERABLE, detail=_why_beyond(observed)),)
        reasons = beyond if case.new_volume is None else (*beyond, *reasons)
    return Draft(case.desired.id, action, reasons)


def _why_beyond(observed: ObservedContainer) -> str:
    if observed.is_half_made:
        return "the engine has not finished creating it"
    return "the engine cannot start it" if observed.is_stuck else f"exit code {observed.exit_code}"


def _needed(case: ContainerCase) -> tuple[Reason, ...]:
    return () if case.involved_by is None else (Reason(Cause.NEEDED_BY, case.involved_by),)


def _create(drafts: ContainerDrafts, case: ContainerCase, state: ContainerState) -> None:
    spec, container = _spec(case), case.desired.id
    reasons = (
        (Reason(Cause.ABSENT), *_needed(case))
        if state is ContainerState.ABSENT or drafts.remove is None
        else drafts.remove.reasons
    )
    drafts.create = Draft(
        container, CreateContainer(body=spec.body, platform=spec.platform), reasons
    )
    drafts.connects = _connects(case, _spec(case).further_endpoints, already=frozenset())


def _connects(
    case: ContainerCase, endpoints: Iterable[EndpointSpec], *, already: Container[str]
) -> list[Draft]:
    return [
        Draft(
            case.desired.id,
            ConnectNetwork(network=endpoint.network, settings=endpoint.settings),
            (Reason(Cause.CONFIGURED),),
        )
        for endpoint in endpoints
        if endpoint.network.name not in already
    ]


def _start(drafts: ContainerDrafts, case: ContainerCase, state: ContainerState) -> None:
    container, observed = case.desired.id, case.observed
    if drafts.create is not None:
        reasons: tuple[Reason, ...] = (Reason(Cause.CREATED),)
    elif drafts.stop is not None:
        reasons = (Reason(Cause.STOPPED),)
    elif state is ContainerState.INITIAL:
        reasons = (Reason(Cause.NEVER_STARTED), *_needed(case))
        # Creating and connecting are several calls: a run may have ended between them.
        spec, already = _spec(case), _observed(case).networks
        # An engine that went away while it created it has not even the first one.
        wanted = spec.further_endpoints if already else endpoints_of(container, spec)
        drafts.connects = _connects(case, wanted, already=already)
    else:
        code = _observed(case).exit_code
        detail = "" if code is None else f"exit code {code}"
        reasons = (Reason(Cause.EXITED, detail=detail), *_needed(case))
    if case.request.live_fields and case.involved_by is None:
        drafts.update = requested_limits(case.desired, _observed(case), case.request, case.engine)
    known = None if drafts.create is not None or observed is None else observed.id
    drafts.start = Draft(container, StartContainer(id=known), reasons)
    if case.desired.start_delay > 0:
        drafts.after_start.append(
            Draft(container, Delay(seconds=case.desired.start_delay), (Reason(Cause.START_DELAY),))
        )


def _exec(drafts: ContainerDrafts, case: ContainerCase) -> None:
    """Add the commands of EXEC-10 to EXEC-13: those with policy `initial` at a first start only."""
    was_started = case.observed is not None and case.observed.state is not RunState.INITIAL
    is_first = drafts.create is not None or not was_started
    commands = _commands(drafts, case)
    drafts.after_start += commands.of_a_start(case.desired.id, case.marked, is_first=is_first)
    if is_first and drafts.start is not None and isinstance(drafts.start.action, StartContainer):
        drafts.start.action = attrs.evolve(drafts.start.action, marks=commands.marks)
