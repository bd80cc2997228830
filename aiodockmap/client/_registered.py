"""From a registered action to a plan, and through several of them one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from ..compile import Scope
from ..errors import ActionTypeError, OptionError
from ..model import MapItem, ResourceId
from ..plan import ContainerHandle, Direction, Plan, ProposedStep, plan_of
from ..state import DesiredState, ObservedState
from ._actions import (
    CompositeAction,
    ConfigurationAction,
    ContainerAction,
    CustomAction,
    PlannedAction,
    bind_options,
    by_configuration,
)
from ._landscape import Landscape, only_containers
from ._pipeline import Chosen, Pipeline
from ._status import container_statuses


async def plan_registered(
    pipeline: Pipeline,
    name: str,
    action: CustomAction,
    chosen: Chosen,
    options: Mapping[str, object],
) -> Plan:
    """Look at the engines, and have the action say what is to be done.

    Raises:
        OptionError: for keyword arguments that it does not take, and for a composition: what its later
            parts have to do shows when the earlier ones are done.
        ActionTypeError: if anything else than containers is selected.
    """
    if isinstance(action, CompositeAction):
        parts = ", ".join(part for part, _ in action.parts)
        raise OptionError(f"{name!r} is several actions, each with a plan of its own: {parts}")
    bind_options(name, action, options)
    desired, selected = pipeline.compile(Scope.NAMES, chosen)
    only_containers(name, selected)
    path = _path(action, desired, selected)
    observed = await pipeline.observe(path)
    return propose(name, action, Sight(desired, observed, path, selected), options)


def _path(
    action: CustomAction, desired: DesiredState, selected: Sequence[ResourceId]
) -> tuple[ResourceId, ...]:
    match action:
        case PlannedAction(direction=Direction.FORWARD):
            path = desired.forward(selected)
        case PlannedAction(direction=Direction.REVERSE):
            path = desired.reverse(selected)
        case _:
            path = desired.forward_order(selected)
    return tuple(resource for resource in path if resource in desired.containers)


@frozen
class Sight:
    """What is asked for, what there is, and which of it the action is about."""

    desired: DesiredState
    observed: ObservedState
    path: tuple[ResourceId, ...]
    selected: tuple[ResourceId, ...]


def propose(name: str, action: CustomAction, sight: Sight, options: Mapping[str, object]) -> Plan:
    """Make the plan; pure as far as the action's own function is."""
    desired, observed = sight.desired, sight.observed
    statuses = container_statuses(
        [desired.containers[each] for each in sight.path if each.engine in observed.engines],
        observed,
    )
    landscape = Landscape(
        action=name,
        containers=statuses,
        selected=tuple(each for each in statuses if each.id in sight.selected),
        desired=desired,
    )
    notes: list[str] = []
    match action:
        case PlannedAction(propose=function):
            steps = _checked(name, function(landscape, **options))
        case ContainerAction(run=run):
            steps = [
                landscape.run(each, "requested", run, options=options)
                for each in landscape.selected
                if each.container_id is not None
            ]
            notes = [
                f"{each.id} does not exist: nothing to do"
                for each in landscape.selected
                if each.container_id is None
            ]
        case ConfigurationAction():
            steps = list(_method_steps(landscape, action, options))
        case CompositeAction():
            raise AssertionError("a composition has no plan of its own")
    return plan_of(name, steps, desired, observed, sight.path, notes)


def _checked(name: str, proposed: object) -> list[ProposedStep]:
    if not isinstance(proposed, Iterable):
        raise ActionTypeError(f"{name!r} returns steps, not a {type(proposed).__name__}")
    steps = list(proposed)
    for each in steps:
        if not isinstance(each, ProposedStep):
            raise ActionTypeError(f"{name!r} returns steps, not a {type(each).__name__}")
    return steps


@frozen
class _MethodCall:
    """Calls a method in docker-map's form."""

    action: ConfigurationAction
    map_name: str
    configuration: str
    instances: tuple[str, ...] | None

    async def __call__(self, _: ContainerHandle, /, **options: object) -> object:
        called = self.action.run(self.map_name, self.configuration, self.instances, **options)
        return await called


def _method_steps(
    landscape: Landscape, action: ConfigurationAction, options: Mapping[str, object]
) -> Iterable[ProposedStep]:
    """One step for each configuration; it belongs to the first of its containers."""
    items: dict[MapItem, None] = {each.item: None for each in landscape.selected}
    for (map_name, configuration), instances in by_configuration(items).items():
        first = next(
            each
            for each in landscape.selected
            if (each.item.map_name, each.item.name) == (map_name, configuration)
        )
        call = _MethodCall(action, map_name, configuration, instances)
        yield landscape.run(first, "requested", call, options=options)
