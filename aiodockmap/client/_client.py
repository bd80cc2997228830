"""MapClient: what a caller holds, each method a few lines over the stages."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from ..compile import NamingPolicy
from ..config import ClientConfiguration, ContainerMap
from ..engine import EngineSource
from ..errors import OptionError
from ..execute import Concurrency, Emit, Limits, Patience, RunReport
from ..model import DEFAULT_ENGINE, ResourceId, ResourceKind
from ..plan import Explanation, Plan
from ._actions import CustomAction, KnownActions
from ._connections import Connections
from ._housekeeping import Housekeeping
from ._images import EngineImages
from ._logs import ContainerLines, LogOptions
from ._maps import (
    ClientsInput,
    Instances,
    KnownEngines,
    KnownMaps,
    MapsInput,
    Selection,
)
from ._pipeline import Chosen, Pipeline
from ._runs import Runs
from ._script_stream import ScriptStream, script_stream
from ._scripts import one_instance
from ._settings import RunSettings, Settings, listener_of, mapping_of, of_type
from ._status import ContainerStatus
from ._stream import RunStream, streamed
from ._verbs import ActionMethods


class MapClient(ActionMethods):
    """Carries out actions on container maps, on one or many engines.

    Use it as an async context manager, in the event loop in which it is used: engines are connected to
    when they are needed first, and connections are closed at the end. What was handed in (an
    `aiodocker.Docker`) stays the caller's to close.

    Every action takes the selection of behaviour 2.11 (`"web"`, `"map.web.instance"`, groups,
    `"__all__"`, sequences of these), `instances` for selections that name none, `map_name` for those that
    name no map, and the options of behaviour 6.2. Besides, all take `on_failure` (`"continue"`, the
    default, or `"stop"`) and `raise_on_error` (True by default; False logs the failures of
    a run, to loggers below `aiodockmap`, and returns its report instead).

    Actions return a `RunReport`. They raise

    - `SelectionError`, `OptionError`, `MapError`, `PlanningError` before anything is changed,
    - `InvalidRequest` if the settings of the connection mean nothing: an address, a file of TLS, a version,
    - `EngineUnreachable` if no engine can even be looked at,
    - `ActionRunnerError`, with the report, if steps failed, or one of several engines could not be looked at.

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
        actions: Mapping[str, CustomAction] | None = None,
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
                `hostname_replace`, `default_client_name`, and `default_network_names`: the networks, by
                their names on engines, in which containers are that name none, of those that an engine has
                (API-11, OPTN-17).
            limits: How many calls of each class may be under way on one engine.
            patience: How long to wait after a start, after a cancellation, and for others.
            naming: How things are called on engines (NAME-15).
            actions: Actions of your own, by name, for `call`, `plan` and `stream` (CALL-2): each a
                `PlannedAction`, `ContainerAction` or `CompositeAction`.
            on_event: Called with every `Event` of every run; must neither block nor raise.

        Raises:
            OptionError: for an argument that means nothing.
        """
        self._connections = Connections(KnownEngines.of(clients, default_client))
        self._pipeline = Pipeline(
            maps=KnownMaps.of(maps),
            map_defaults=dict(mapping_of("map_defaults", map_defaults or {})),
            settings=Settings.of(option_defaults or {}, naming),
            connections=self._connections,
            patience=of_type("patience", patience or Patience(), Patience),
        )
        self._runs = Runs(
            pipeline=self._pipeline,
            actions=KnownActions.of(actions),
            connections=self._connections,
            concurrency=Concurrency(of_type("limits", limits or Limits(), Limits)),
            patience=self._pipeline.patience,
            on_event=listener_of("on_event", on_event),
        )

    async def __aenter__(self) -> Self:
        self._connections.enter()
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._connections.aclose()

    @property
    def maps(self) -> Mapping[str, ContainerMap]:
        """The maps by name (API-14)."""
        return dict(self._pipeline.maps.by_name)

    def set_map(self, container_map: ContainerMap) -> None:
        """Add a map, or replace the one of its name; runs under way go on with what they planned (API-15).

        Raises:
            OptionError: if it is no map.
        """
        self._pipeline.maps = self._pipeline.maps.with_map(container_map)

    @property
    def clients(self) -> Mapping[str, EngineSource]:
        """Where the engines are, by name (API-14)."""
        return dict(self._connections.known.sources)

    def set_client(self, configuration: ClientConfiguration, name: str = DEFAULT_ENGINE) -> None:
        """Have other settings for an engine from now on, or know one more (CLI-1).

        `attrs.evolve(client.clients["backup"], timeout=5)` makes one of what is there. A `timeout` holds from
        the next call on, also in runs under way; all else for what is planned from now on.

        Args:
            configuration: All settings of the engine.
            name: What the maps call it; the default engine, unless given.

        Raises:
            OptionError: if it is no `ClientConfiguration`, or if the engine is connected to, and `base_url`,
                `version`, `tls`, `client` or `constraints` differ; nothing was changed then.
        """
        self._connections.configure(name, configuration)

    @property
    def map_defaults(self) -> Mapping[str, object]:
        """The map defaults (API-9)."""
        return dict(self._pipeline.map_defaults)

    @property
    def option_defaults(self) -> Mapping[str, object]:
        """The option defaults (API-9)."""
        return dict(self._pipeline.settings.option_defaults)

    @property
    def default_map(self) -> str | None:
        """The name of the map that is meant when nobody names one; may be set to a known name.

        Setting it raises a `SelectionError` for a name that no map has.
        """
        return self._pipeline.maps.default

    @default_map.setter
    def default_map(self, name: str) -> None:
        self._pipeline.maps = self._pipeline.maps.with_default(name)

    def persistent_resources(self, map_name: str | None = None) -> tuple[ResourceId, ...]:
        """What is meant to outlive the others, on one map or on all of them (API-13, ACT-73).

        First the attached volumes, then the containers of persistent configurations, each as the engine
        calls it (`name`), whether or not it exists: no engine is asked.

        Raises:
            SelectionError: if there is no such map.
            MapError: if the map cannot be compiled.
        """
        names = sorted(self.maps) if map_name is None else [map_name]
        found = [each for name in names for each in self._pipeline.persistent(name)]
        return tuple(sorted(found, key=lambda each: each.kind is ResourceKind.CONTAINER))

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
            OptionError: for an unknown action or option, and for a `CompositeAction`: what its later parts
                have to do shows when the earlier ones are done.
        """
        _, rest = RunSettings.split(options)
        return await self._runs.plan(action, Chosen(containers, instances, map_name), rest)

    async def explain(
        self,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> Explanation:
        """Say why `update`, with these options, would change each selected container, or why not."""
        _, rest = RunSettings.split(options)
        return await self._pipeline.explain(Chosen(containers, instances, map_name), rest)

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
        if not of_type("plan", plan, Plan).is_empty:
            await self._pipeline.verify(plan)
        return await self._runs.carry_out(plan, settings)

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
        self._runs.actions.find(action)
        chosen = Chosen(containers, instances, map_name)
        return streamed(lambda emit: self._runs.act(action, chosen, options, emit))

    def housekeeping(self, client_name: str = DEFAULT_ENGINE) -> Housekeeping:
        """What plans to clean up on one engine: stopped containers, unused images.

        Raises:
            SelectionError: if no client has that name.
        """
        return Housekeeping(
            engine_name=client_name,
            engine=self._connections.engine(client_name),
            pipeline=self._pipeline,
        )

    def images(self, client_name: str = DEFAULT_ENGINE) -> EngineImages:
        """What pulls and pushes images of one engine, whether or not a map names them.

        Raises:
            SelectionError: if no client has that name.
        """
        engine = self._connections.engine(client_name)
        credentials = self._connections.target(client_name).credentials
        return EngineImages(engine_name=client_name, engine=engine, credentials=credentials)

    def stream_script(
        self,
        container: Selection,
        instance: str | None = None,
        map_name: str | None = None,
        **options: object,
    ) -> AbstractAsyncContextManager[ScriptStream]:
        """Run a script and read its output meanwhile: `async with … as script: async for line in script`.

        Takes what `run_script` takes. A reader that is slow slows the reading down, so that the output takes
        no memory, however much it is. Leaving the context before the end stops and removes the script's
        container. `script.results` and `script.report` are there afterwards; errors are raised on leaving.
        """
        chosen = Chosen(container, one_instance(instance), map_name)
        return script_stream(
            lambda emit, output: self._runs.act("script", chosen, options, emit, output)
        )

    async def status(
        self,
        containers: Selection | None = None,
        instances: Instances = None,
        map_name: str | None = None,
        *,
        compare: bool = False,
    ) -> tuple[ContainerStatus, ...]:
        """How the selected containers are, in the order of SEL-13; looks, changes nothing.

        Without `containers` it is all of them: on `map_name`, else the default map, else every map.

        Without `compare` that is four lists for each engine, and one call for each container. With it, each
        status also has the relation of the container to its configuration, judged as by `update`: that looks
        at what the containers need as well, evaluates late values, and takes one more call for each
        image, network and container with exec commands. Differences of persistent containers count, too.

        Containers on an engine that cannot be looked at have an `error`.

        Raises:
            SelectionError: for what no map describes.
            MapError: with `compare`, for maps that cannot be compiled.
            EngineUnreachable: if no engine can be looked at.
        """
        chosen = self._looked_at(containers, instances, map_name)
        return await self._pipeline.status(chosen, compare=of_type("compare", compare, bool))

    def logs(
        self,
        containers: Selection | None = None,
        instances: Instances = None,
        map_name: str | None = None,
        *,
        follow: bool = False,
        tail: int | None = None,
        since: datetime | timedelta | float | None = None,
        timestamps: bool = False,
    ) -> AbstractAsyncContextManager[ContainerLines]:
        """Read what the selected containers print: `async with … as lines: async for line in lines`.

        Lines of one container come in their order, those of several as they arrive. A reader that is slow
        slows the connections down; no more than 64 lines are read ahead. Leaving the context, or
        cancelling, closes all connections.

        With `follow`, it goes on until it is left: containers that are absent or have ended are waited for,
        and read on when they are started again or replaced, within a second or so. An engine that does not
        answer is tried again; `lines.errors` tells of it meanwhile. Without `follow`, the iteration ends with
        the last line, or with the error of what could not be read.

        Args:
            containers: What to read, in any form of a selection (behaviour 2.11); without it, all: on
                `map_name`, else the default map, else every map.
            instances: For selections that name none.
            map_name: For selections that name no map.
            follow: Go on with what is printed from now on. At most 128 containers of an engine.
            tail: Only so many of the last lines of each container; None for all.
            since: Only what was printed from a moment on, a time back from now, or seconds since 1970.
            timestamps: Have each line say when it was printed.

        Raises:
            SelectionError: for what no map describes.
            OptionError: for a value that means nothing, or too many containers to follow.
            EngineUnreachable: if no engine answers.
        """
        wanted = LogOptions.of(follow=follow, tail=tail, since=since, timestamps=timestamps)
        return self._pipeline.logs(self._looked_at(containers, instances, map_name), wanted)

    def _looked_at(
        self, containers: Selection | None, instances: Instances, map_name: str | None
    ) -> Chosen:
        if containers is None:
            containers = self._pipeline.maps.everything(map_name)
        return Chosen(containers, instances, map_name)

    async def _act(self, action: str, chosen: Chosen, options: Mapping[str, object]) -> RunReport:
        return await self._runs.act(action, chosen, options)
