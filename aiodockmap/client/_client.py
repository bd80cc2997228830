"""MapClient: the verbs, each a few lines over the stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import Self

from attrs import evolve

from ..compile import CompileRequest, NamingPolicy, Scope, compile_maps
from ..config import ContainerMap, select_items
from ..engine import Engine, EngineSource, Interest, observe, open_engine
from ..errors import ActionRunnerError, OptionError, PlanOutdated
from ..execute import (
    Concurrency,
    Emit,
    Event,
    Limits,
    Patience,
    RunFinished,
    RunReport,
    RunStarted,
    Target,
    execute,
)
from ..model import DEFAULT_ENGINE, ResourceId, ResourceKind, nearest
from ..plan import (
    OPTIONS,
    Plan,
    PlanRequest,
    Verb,
    affected,
    make_plan,
    names_of,
    only_pulls,
    parse_options,
)
from ..state import DesiredState, ObservedState
from ._credentials import by_registry
from ._fan_out import each_of
from ._maps import (
    ClientsInput,
    Instances,
    KnownEngines,
    KnownMaps,
    MapsInput,
    Selection,
)
from ._outdated import outdated
from ._settings import RunSettings, Settings
from ._status import ContainerStatus, container_statuses
from ._stream import RunStream, streamed


class MapClient:
    """Carries out actions on container maps, on one or many engines.

    Use it as an async context manager, in the event loop in which it is used: engines are connected to
    when they are needed first, and connections are closed at the end. What was handed in (an
    `aiodocker.Docker`) stays the caller's to close.

    Every action takes the selection of behaviour 2.11 (`"web"`, `"map.web.instance"`, groups,
    `"__all__"`, sequences of these), `instances` for selections that name none, `map_name` for those that
    name no map, and the options of behaviour 6.2. Besides, all take `on_failure` (`"continue"`, the
    default, or `"stop"`) and `raise_on_error` (True by default; False returns the report of a failed
    run instead).

    Actions return a `RunReport`. They raise

    - `SelectionError`, `OptionError`, `MapError`, `PlanningError` before anything is changed,
    - `EngineUnreachable` if an engine cannot even be looked at,
    - `ActionRunnerError`, with the report, if steps failed.

    Cancelling an action launches nothing more, waits for the outcome of short changes under way for a
    bounded time, and ends long calls at once; a second run of the same action finishes the job.
    """

    def __init__(  # the constructor of API-1
        self,
        maps: MapsInput = None,
        clients: ClientsInput = None,
        *,
        default_client: EngineSource | None = None,
        map_defaults: Mapping[str, object] | None = None,
        option_defaults: Mapping[str, object] | None = None,
        limits: Limits | None = None,
        patience: Patience | None = None,
        naming: NamingPolicy | None = None,
        on_event: Emit | None = None,
    ) -> None:
        """Make a client; nothing is connected yet.

        Args:
            maps: One map, which becomes the default map, or several as sequence or dict (API-2).
            clients: Where each engine is that maps list in `clients`, by name.
            default_client: The engine of maps that list none; without it, `DOCKER_HOST` or the default
                socket (API-3).
            map_defaults: Properties of maps that do not set them: `repository`, `default_tag` … (API-10).
            option_defaults: Options for every action that takes them, and the settings `core_image`,
                `hostname_replace`, `default_client_name` (API-11).
            limits: How many calls of each class may be under way on one engine.
            patience: How long to wait after a start, and after a cancellation.
            naming: How things are called on engines (NAME-15).
            on_event: Called with every `Event` of every run; must neither block nor raise.
        """
        self._maps = KnownMaps.of(maps)
        self._engines = KnownEngines.of(clients, default_client)
        self._map_defaults = dict(map_defaults or {})
        self._settings = Settings.of(option_defaults or {}, naming)
        self._patience = patience or Patience()
        self._concurrency = Concurrency(limits or Limits())
        self._on_event = on_event
        self._open: dict[str, Engine] = {}
        self._closing: AsyncExitStack | None = None

    async def __aenter__(self) -> Self:
        if self._closing is not None:
            raise RuntimeError("this MapClient is entered already; make one for each use")
        self._closing = AsyncExitStack()
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        closing, self._closing = self._closing, None
        self._open.clear()
        if closing is not None:
            await closing.aclose()

    @property
    def maps(self) -> Mapping[str, ContainerMap]:
        """The maps by name (API-14)."""
        return dict(self._maps.by_name)

    @property
    def clients(self) -> Mapping[str, EngineSource]:
        """Where the engines are, by name (API-14)."""
        return dict(self._engines.sources)

    @property
    def map_defaults(self) -> Mapping[str, object]:
        """The map defaults (API-9)."""
        return dict(self._map_defaults)

    @property
    def option_defaults(self) -> Mapping[str, object]:
        """The option defaults (API-9)."""
        return dict(self._settings.option_defaults)

    @property
    def default_map(self) -> str | None:
        """The name of the map that is meant when nobody names one; may be set to a known name."""
        return self._maps.default

    @default_map.setter
    def default_map(self, name: str) -> None:
        self._maps = self._maps.with_default(name)

    # The verbs

    async def create(
        self,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> RunReport:
        """Create what is missing on the way to the selected containers, and them; start nothing.

        Besides `prepare_local`, every keyword of `create_options` and `host_config` is taken; they win
        over the map, for the selected containers only (KW-5, KW-6).
        """
        return await self._act(Verb.CREATE, containers, instances, map_name, options)

    async def start(
        self,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> RunReport:
        """Start the selected containers, their dependencies first; create nothing (ACT-2, ACT-22)."""
        return await self._act(Verb.START, containers, instances, map_name, options)

    async def restart(
        self,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> RunReport:
        """Stop and start the selected containers only (ACT-3); `timeout`, `restart_exec_commands`."""
        return await self._act(Verb.RESTART, containers, instances, map_name, options)

    async def stop(
        self,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> RunReport:
        """Stop the selected containers, those that depend on them first (ACT-4); `timeout`."""
        return await self._act(Verb.STOP, containers, instances, map_name, options)

    async def remove(
        self,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> RunReport:
        """Remove the selected containers and those that depend on them; running ones stay (ACT-5).

        Options: `remove_persistent`, `remove_attached`, `v`, `link`, `force`.
        """
        return await self._act(Verb.REMOVE, containers, instances, map_name, options)

    async def startup(
        self,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> RunReport:
        """Bring the selected containers and all that they need up (ACT-6, ACT-7).

        Options: `prepare_local`, `nonrecoverable_exit_codes`.
        """
        return await self._act(Verb.STARTUP, containers, instances, map_name, options)

    async def shutdown(
        self,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> RunReport:
        """Stop and remove the selected containers and those that depend on them (ACT-8).

        Options: `remove_persistent`, `remove_attached`.
        """
        return await self._act(Verb.SHUTDOWN, containers, instances, map_name, options)

    async def update(
        self,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> RunReport:
        """Make the selected containers and all that they need as the map has them, by the least means.

        What is as it should be is not touched; limits are changed live, connections renewed, and only what
        cannot be mended otherwise is replaced, the old container coming back if the new one does not come
        up. Images that are absent (or all, with `pull_before_update`) are pulled in a round of its own,
        whose report is `report.rounds[0]`.

        Options: `force_update` (a selection that is re-created without comparing), `pull_before_update`,
        `skip_limit_reset`, `update_persistent`, `check_exec_commands`, `nonrecoverable_exit_codes`,
        `prepare_local`.
        """
        return await self._act(Verb.UPDATE, containers, instances, map_name, options)

    async def signal(
        self,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> RunReport:
        """Send a signal to the selected containers that run (SIG-1); `signal`, SIGKILL by default."""
        return await self._act(Verb.SIGNAL, containers, instances, map_name, options)

    async def pull_images(
        self,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> RunReport:
        """Pull the images of the selected containers and of what they need (PUL-1).

        Options: `pull_all_images` (True; False pulls absent ones only), `pull_insecure_registry`.
        """
        return await self._act(Verb.PULL_IMAGES, containers, instances, map_name, options)

    # Plans

    async def plan(
        self,
        action: str,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> Plan:
        """Look at the engines, change nothing, and say what the action would do.

        Raises:
            OptionError: for an unknown action or option.
        """
        verb = _verb(action)
        _, rest = RunSettings.split(options)
        return await self._plan(verb, containers, instances, map_name, rest)

    async def apply(self, plan: Plan, **options: object) -> RunReport:
        """Carry out a plan that was made before; an empty one makes no call.

        Raises:
            PlanOutdated: if a resource that the plan changes is not the one that it was made for;
                nothing was changed.
            ActionRunnerError: if steps failed.
        """
        settings, rest = RunSettings.split(options)
        if rest:
            raise OptionError(f"apply() takes no option {next(iter(rest))!r}; plan() does")
        if not plan.is_empty:
            await self._verify(plan)
        return await self._carry_out(plan, settings, self._emit)

    def stream(
        self,
        action: str,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> AbstractAsyncContextManager[RunStream]:
        """Run an action and watch it: `async with client.stream(...) as run: async for event in run`.

        Leaving the context before the end cancels the run. `run.report` is there afterwards; the errors
        of the action are raised on leaving.
        """
        verb = _verb(action)

        async def run(emit: Emit) -> RunReport:
            def tell(event: Event) -> None:
                self._emit(event)
                emit(event)

            return await self._act(verb, containers, instances, map_name, options, tell)

        return streamed(run)

    async def status(
        self,
        containers: Selection = "__all__",
        instances: Instances = None,
        map_name: str | None = None,
    ) -> tuple[ContainerStatus, ...]:
        """How the selected containers are, in the order of SEL-13; looks, changes nothing."""
        desired, selected = self._compile(Scope.NAMES, containers, instances, map_name, {})
        observed = await self._observe(selected)
        chosen = [desired.containers[each] for each in selected if each in desired.containers]
        return container_statuses(chosen, observed)

    # The pipeline

    async def _act(
        self,
        verb: Verb,
        containers: Selection,
        instances: Instances,
        map_name: str | None,
        options: Mapping[str, object],
        emit: Emit | None = None,
    ) -> RunReport:
        settings, rest = RunSettings.split(options)
        plan = await self._plan(verb, containers, instances, map_name, rest)
        rounds: tuple[RunReport, ...] = ()
        pulls = only_pulls(plan) if verb is Verb.UPDATE else None
        if pulls is not None:
            # A pull may change an image: pull, then look, then plan.
            rounds = (await self._carry_out(pulls, settings, emit or self._emit),)
            if not rounds[0].ok:
                return rounds[0]
            rest.pop("pull_before_update", None)
            plan = await self._plan(verb, containers, instances, map_name, rest)
        report = await self._carry_out(plan, settings, emit or self._emit)
        return evolve(report, rounds=rounds)

    async def _plan(
        self,
        verb: Verb,
        containers: Selection,
        instances: Instances,
        map_name: str | None,
        options: Mapping[str, object],
    ) -> Plan:
        options = dict(options)
        force = options.pop("force_update", None) if verb is Verb.UPDATE else None
        overrides: dict[str, object] = {}
        if verb is Verb.CREATE:
            overrides = {
                name: value for name, value in options.items() if name not in OPTIONS[verb]
            }
        keywords = {name: value for name, value in options.items() if name not in overrides}
        chosen = parse_options(verb, keywords, self._settings.option_defaults)
        scope = Scope.FULL if chosen.need_specs(verb) else Scope.NAMES
        desired, selected = self._compile(scope, containers, instances, map_name, overrides)
        forced = self._forced(desired, force, instances, map_name)
        request = PlanRequest(verb=verb, selected=selected, options=chosen, forced=forced)
        path = affected(desired, request)
        observed = await self._observe(path, desired if verb is Verb.UPDATE else None)
        return make_plan(desired, observed, request)

    def _forced(
        self,
        desired: DesiredState,
        force: object,
        instances: Instances,
        map_name: str | None,
    ) -> frozenset[ResourceId]:
        """What `force_update` names, in any form of a selection (OPTN-10)."""
        if force is None:
            return frozenset()
        items = select_items(self._maps.by_name, force, instances, map_name, self._maps.default)
        return frozenset(desired.named(items))

    def _compile(
        self,
        scope: Scope,
        containers: Selection,
        instances: Instances,
        map_name: str | None,
        overrides: Mapping[str, object],
    ) -> tuple[DesiredState, tuple[ResourceId, ...]]:
        items = select_items(
            self._maps.by_name, containers, instances, map_name, self._maps.default
        )
        involved = {item.map_name for item in items}
        request = CompileRequest(
            selected=items,
            scope=scope,
            overrides=overrides,
            map_defaults=self._map_defaults,
            core_image=self._settings.core_image,
            naming=self._settings.naming,
            default_engine=DEFAULT_ENGINE,
        )
        maps = {name: each for name, each in self._maps.by_name.items() if name in involved}
        desired = compile_maps(maps, self._engines.configurations(), request)
        return desired, desired.named(items)

    async def _observe(
        self, path: Iterable[ResourceId], compared: DesiredState | None = None
    ) -> ObservedState:
        """Look at every engine of a path, all at once; closer if it is compared with what is desired."""
        names: dict[str, set[str]] = {}
        for resource in path:
            inspected = names.setdefault(resource.engine, set())
            if resource.kind is ResourceKind.CONTAINER:
                inspected |= names_of(resource)
        engines = {name: self._engine(name) for name in names}
        states = {}

        async def look(name: str) -> None:
            interest = None if compared is None else _interest(compared, name)
            states[name] = await observe(engines[name], names[name], interest)

        await each_of(names, look)
        return ObservedState(engines={name: states[name] for name in names})

    async def _verify(self, plan: Plan) -> None:
        """Make sure that what the plan changes is still what it was made for."""
        observed = await self._observe(
            ResourceId(name, ResourceKind.IMAGE, "") for name in plan.engines
        )
        changes = outdated(plan, observed)
        if changes:
            raise PlanOutdated(changes)

    async def _carry_out(self, plan: Plan, settings: RunSettings, emit: Emit) -> RunReport:
        if plan.is_empty:
            report = RunReport(plan=plan)
            emit(RunStarted(plan=plan))
            emit(RunFinished(report=report))
            return report
        targets = {name: self._target(name) for name in plan.engines}
        try:
            return await execute(
                plan,
                targets,
                concurrency=self._concurrency,
                emit=emit,
                patience=self._patience,
                on_failure=settings.on_failure,
            )
        except ActionRunnerError as error:
            if settings.raise_on_error:
                raise
            return error.report

    def _engine(self, name: str) -> Engine:
        if self._closing is None:
            raise RuntimeError("use the client inside `async with MapClient(...) as client:`")
        engine = self._open.get(name)
        if engine is None:
            engine = self._open[name] = open_engine(name, self._engines.source(name))
            self._closing.push_async_exit(engine)
        return engine

    def _target(self, name: str) -> Target:
        configuration = self._engines.configurations()[name]
        return Target(
            engine=self._engine(name),
            credentials=by_registry(configuration.auth_configs),
            command_runner=configuration.command_runner,
            wait_timeout=configuration.wait_timeout or None,
        )

    def _emit(self, event: Event) -> None:
        if self._on_event is not None:
            self._on_event(event)


def _interest(desired: DesiredState, engine: str) -> Interest:
    """What a comparison on one engine needs besides the inspections."""
    containers = [
        each for each in desired.containers.values() if each.spec and each.id.engine == engine
    ]
    networks = {
        dependency.on.name
        for each in containers
        for dependency in each.dependencies
        if dependency.on.kind is ResourceKind.NETWORK
    }
    with_commands = {each.id.name for each in containers if each.spec and each.spec.exec_commands}
    return Interest(networks=frozenset(networks), processes=frozenset(with_commands))


def _verb(action: str) -> Verb:
    try:
        return Verb(action)
    except ValueError:
        known = [verb.value for verb in Verb]
        guess = nearest(action, known)
        hint = f"did you mean {guess!r}?" if guess else f"known: {', '.join(known)}"
        raise OptionError(f"no action is named {action!r}; {hint}") from None
