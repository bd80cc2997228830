"""From a question to a plan: select, compile, observe, decide."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

from anyio import current_time, sleep
from attrs import define, evolve, field, frozen

from ..compile import CompileRequest, Scope, compile_maps, live_fields
from ..config import select_items
from ..engine import Interest, observe
from ..errors import EngineError, PlanOutdated
from ..execute import Patience
from ..model import DEFAULT_ENGINE, MapItem, ResourceId, ResourceKind
from ..plan import (
    ENGINE_DEFAULTS,
    OPTIONS,
    REPAIRS,
    Explanation,
    Plan,
    PlanRequest,
    Verb,
    affected,
    bystanders,
    commands_under_way,
    connections_under_way,
    drawn_in,
    explain,
    make_plan,
    names_of,
    parse_options,
    replacements_under_way,
    scripts_under_way,
)
from ..state import DesiredState, EngineState, ObservedState
from ._connections import Connections
from ._fan_out import each_of, nobody
from ._landscape import only_containers
from ._logs import ContainerLines, LogOptions, merged_logs
from ._maps import Instances, KnownMaps, Selection
from ._outdated import outdated
from ._scripts import Script, check_mounted, one_configuration, read_script
from ._settings import Settings
from ._status import ContainerStatus, container_statuses

_BETWEEN_LOOKS: Final = 0.25


@frozen
class Chosen:
    """What an action is about, as its caller says it."""

    containers: Selection
    instances: Instances = None
    map_name: str | None = None


@define(eq=False, kw_only=True)
class Pipeline:
    """The stages before execution, over the maps and engines of one client."""

    maps: KnownMaps
    map_defaults: Mapping[str, object]
    settings: Settings
    connections: Connections = field(repr=False)
    patience: Patience

    async def plan(
        self,
        verb: Verb,
        chosen: Chosen,
        keywords: Mapping[str, object],
        without: Mapping[str, tuple[EngineError, ...]] | None = None,
    ) -> Plan:
        """Look at the engines and decide; changes nothing.

        `without` are engines to leave out, and why.
        """
        keywords = dict(keywords)
        force = keywords.pop("force_update", None) if verb is Verb.UPDATE else None
        overrides = _container_options(verb, keywords)
        set_live = live_fields(overrides) if verb is Verb.START else frozenset[str]()
        options = parse_options(
            verb,
            {name: value for name, value in keywords.items() if name not in overrides},
            self.settings.option_defaults,
        )
        script = Script()
        if verb is Verb.SCRIPT:
            script = read_script({**self.settings.option_defaults, **keywords})
            overrides = dict(script.overrides)
        scope = Scope.FULL if options.need_specs(verb) else Scope.NAMES
        desired, selected = self.compile(scope, chosen, overrides)
        if verb is Verb.SCRIPT:
            only_containers("run_script", selected)
            one_configuration(desired.item(each) for each in selected)
        request = PlanRequest(
            verb=verb,
            selected=selected,
            options=options,
            forced=self._forced(desired, force, chosen),
            default_networks=self.settings.default_networks,
            live_fields=set_live,
            files=script.files,
            patience=self.connections.known.patience() if verb is Verb.SCRIPT else {},
        )
        compared = verb is Verb.UPDATE
        path = affected(desired, request)
        observed = await self.observe(path, desired if compared else None, without)
        if script.mounted:
            check_mounted(script, self._hosts_by_socket(observed))
        if verb in REPAIRS:
            observed = await self._undisturbed(path, desired, observed, compared=compared)
        while further := drawn_in(desired, observed, request):
            request = evolve(
                request,
                selected=(*request.selected, *further),
                drawn_in=request.drawn_in.union(further),
            )
            items = (desired.containers[each].item for each in request.selected[len(selected) :])
            desired, _ = self.compile(scope, chosen, overrides, tuple(items))
            path = affected(desired, request)
            observed = await self.observe(path, desired if compared else None, without)
        unknown = bystanders(desired, observed, request) if compared else None
        if unknown:
            observed = await self.observe((*path, *unknown), desired, observed.left_out)
        return make_plan(desired, observed, request)

    async def explain(self, chosen: Chosen, keywords: Mapping[str, object]) -> Explanation:
        """Why an update would change what is selected; values of variables are never told."""
        plan = await self.plan(Verb.UPDATE, chosen, keywords)
        desired, selected = self.compile(Scope.NAMES, chosen)
        return explain(plan, [each for each in selected if each in desired.containers])

    async def status(self, chosen: Chosen, *, compare: bool) -> tuple[ContainerStatus, ...]:
        """How the selected containers are; compared by the plan of an update that nobody carries out."""
        desired, selected = self.compile(Scope.FULL if compare else Scope.NAMES, chosen)
        containers = [desired.containers[each] for each in selected if each in desired.containers]
        if not compare:
            return container_statuses(containers, await self.observe(selected))
        defaults = {**self.settings.option_defaults, "update_persistent": True}
        request = PlanRequest(
            verb=Verb.UPDATE,
            selected=selected,
            options=parse_options(Verb.UPDATE, {}, defaults),
            default_networks=self.settings.default_networks,
            is_question=True,
        )
        observed = await self.observe(affected(desired, request), desired)
        plan = make_plan(desired, observed, request)
        return container_statuses(
            containers, observed, explain(plan, [each.id for each in containers])
        )

    def persistent(self, map_name: str) -> tuple[ResourceId, ...]:
        """The attached volumes of a map, then its persistent containers, on all its engines."""
        desired, _ = self.compile(Scope.NAMES, Chosen("__all__", None, map_name))
        containers = [each.id for each in desired.containers.values() if each.persistent]
        return tuple(
            sorted(desired.volumes, key=ResourceId.sort_key)
            + sorted(containers, key=ResourceId.sort_key)
        )

    @asynccontextmanager
    async def logs(self, chosen: Chosen, wanted: LogOptions) -> AsyncIterator[ContainerLines]:
        """The output of the selected containers."""
        desired, selected = self.compile(Scope.NAMES, chosen)
        containers = [desired.containers[each] for each in selected if each in desired.containers]
        names = dict.fromkeys(each.id.engine for each in containers)
        engines = {name: self.connections.engine(name) for name in names}
        async with merged_logs(engines, containers, wanted) as lines:
            yield lines

    def _forced(
        self, desired: DesiredState, force: object, chosen: Chosen
    ) -> frozenset[ResourceId]:
        """What `force_update` names, in any form of a selection (OPTN-10)."""
        if force is None:
            return frozenset()
        items = select_items(
            self.maps.by_name, force, chosen.instances, chosen.map_name, self.maps.default
        )
        return frozenset(desired.named(items))

    def compile(
        self,
        scope: Scope,
        chosen: Chosen,
        overrides: Mapping[str, object] | None = None,
        further: tuple[MapItem, ...] = (),
    ) -> tuple[DesiredState, tuple[ResourceId, ...]]:
        """What the maps describe, also for `further` items, and the resources that are chosen."""
        items = select_items(
            self.maps.by_name,
            chosen.containers,
            chosen.instances,
            chosen.map_name,
            self.maps.default,
        )
        involved = {item.map_name for item in items}
        request = CompileRequest(
            selected=(*items, *further),
            scope=scope,
            overrides=overrides or {},
            map_defaults=self.map_defaults,
            core_image=self.settings.core_image,
            naming=self.settings.naming,
            default_engine=DEFAULT_ENGINE,
        )
        maps = {name: each for name, each in self.maps.by_name.items() if name in involved}
        others = [each for name, each in self.maps.by_name.items() if name not in involved]
        desired = compile_maps(maps, self.connections.known.configurations(), request, others)
        return desired, desired.named(items)

    async def observe(
        self,
        path: Iterable[ResourceId],
        compared: DesiredState | None = None,
        without: Mapping[str, tuple[EngineError, ...]] | None = None,
    ) -> ObservedState:
        """Look at every engine of a path, all at once; closer if it is compared with what is desired.

        An engine that cannot be looked at is left out, as are those of `without`.

        Raises:
            EngineError: if no engine is left.
        """
        without = without or {}
        names: dict[str, set[str]] = {}
        for resource in path:
            inspected = names.setdefault(resource.engine, set())
            if resource.kind is ResourceKind.CONTAINER:
                inspected |= names_of(resource)
        engines = {name: self.connections.engine(name) for name in names if name not in without}
        states: dict[str, EngineState] = {}

        async def look(name: str) -> None:
            interest = None if compared is None else self._interest(compared, name)
            states[name] = await observe(engines[name], names[name], interest)

        failures = await each_of(engines, look)
        if failures and not states:
            raise nobody(failures)
        left_out = {**without, **{name: (failure,) for name, failure in failures.items()}}
        return ObservedState(
            engines={name: states[name] for name in engines if name in states},
            left_out={name: left_out[name] for name in names if name in left_out},
        )

    def _hosts_by_socket(self, observed: ObservedState) -> frozenset[str]:
        known = self.connections.known
        engines = observed.engines.items()
        return frozenset(each.info.host for name, each in engines if known.by_socket(name))

    def _interest(self, desired: DesiredState, engine: str) -> Interest:
        """What a comparison on one engine needs besides the inspections."""
        containers = [
            each for each in desired.containers.values() if each.spec and each.id.engine == engine
        ]
        defaults = (*self.settings.default_networks, *ENGINE_DEFAULTS)
        networks = {
            name
            for each in containers
            for name in (
                [on.on.name for on in each.dependencies if on.on.kind is ResourceKind.NETWORK]
                or defaults
            )
        }
        with_commands = {
            name
            for each in containers
            if each.spec and each.spec.exec_commands
            for name in names_of(each.id)
        }
        return Interest(networks=frozenset(networks), processes=frozenset(with_commands))

    async def _undisturbed(
        self,
        path: Sequence[ResourceId],
        desired: DesiredState,
        observed: ObservedState,
        *,
        compared: bool,
    ) -> ObservedState:
        """Look again until nobody replaces containers, begins scripts or commands, or makes networks anew.

        What stands still for as long as `Patience.others`, and a start delay or a long stop, was interrupted.
        """
        found, delay = _under_way(path, desired, observed)
        since = current_time()
        while found and current_time() - since < self.patience.others + delay:
            await sleep(_BETWEEN_LOOKS)
            observed = await self.observe(path, desired if compared else None, observed.left_out)
            by_now, delay = _under_way(path, desired, observed)
            if by_now != found:
                found, since = by_now, current_time()
        return observed

    async def verify(self, plan: Plan) -> None:
        """Make sure that what a plan changes is still what it was made for.

        Raises:
            PlanOutdated: if it is not.
        """
        observed = await self.observe(
            ResourceId(name, ResourceKind.IMAGE, "") for name in plan.engines
        )
        changes = outdated(plan, observed)
        if changes:
            raise PlanOutdated(changes)


def _under_way(
    path: Sequence[ResourceId], desired: DesiredState, observed: ObservedState
) -> tuple[frozenset[tuple[object, ...]], float]:
    """What somebody else may be in the middle of; and how long it may stand still by itself, in seconds."""
    commands, delay = commands_under_way(path, desired, observed)
    replacements, grace = replacements_under_way(path, desired, observed)
    scripts = scripts_under_way(path, observed)
    others = (replacements, scripts, connections_under_way(path, observed))
    return commands.union(*others), max(delay, grace)


def _container_options(verb: Verb, keywords: Mapping[str, object]) -> dict[str, object]:
    """The keywords that are options of containers, and not of the action (KW-6, KW-7)."""
    match verb:
        case Verb.CREATE:
            of_actions = OPTIONS[verb]
        case Verb.START:
            of_actions = frozenset[str]().union(*OPTIONS.values())
        case _:
            return {}
    return {name: value for name, value in keywords.items() if name not in of_actions}
