"""Stories, lived through on an embedded engine, and everything that the engine saw meanwhile."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from random import Random
from typing import Any, Final

from anyio import sleep
from attrs import define, field, frozen
from run_partners import Log, stray_tasks
from strategies import (
    PRESENT,
    PULLED,
    Absence,
    Request,
    Story,
    as_map,
    closure,
    needs,
    reverse,
    selected,
)

from aiodockmap import ActionRunnerError, MapClient, Plan, PlanningError, RunReport
from aiodockmap.drift._normal_forms import NO_LIMIT
from aiodockmap.engine import ApiRequest, ApiResponse, ApiStream, Transport
from aiodockmap.errors import EngineError
from aiodockmap.plan import BringBack, RemoveContainer, Step
from aiodockmap.state import FIRST_COMMAND, HELPER_LABEL
from aiodockmap.testing import EmbeddedEngine, ReceivedCall
from aiodockmap.testing._records import Exec

FORWARD: Final = frozenset({"create", "start", "startup", "update", "pull_images"})
REVERSE: Final = frozenset({"stop", "remove", "shutdown"})
STARTING: Final = frozenset({"start", "startup", "update", "restart"})

READS: Final = frozenset({"GET", "HEAD"})
FOREIGN: Final = ("other", "m-other", "m.stray")
"""Containers that no map names, whatever they are called like."""
GUEST: Final = "guest"
"""One that shares a network with those of the map."""
_OF_WHAT_RUNS: Final = ("State", "NetworkSettings", "Containers", "RestartCount")
"""What the end of a container changes in its document, and in that of its network."""
SUFFIXES: Final = (".aiodockmap-new", ".aiodockmap-old")


def own_name(name: str) -> str:
    """What a container is called when nobody is replacing it."""
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return name


@frozen
class Seen:
    """One container at one moment."""

    id: str
    is_up: bool


Snapshot = Mapping[str, Seen]


@define(eq=False)
class Span:
    """One call, from when it left until its answer was there."""

    received: ReceivedCall
    began: int
    """A count of all beginnings and ends, so that there are no two at once."""
    ended: int | None = None

    @property
    def call(self) -> str:
        return self.received.call

    @property
    def name(self) -> str:
        return self.received.name

    @property
    def is_read(self) -> bool:
        return self.call.partition(" ")[0] in READS

    @property
    def was_done(self) -> bool:
        """Whether the engine did it; what was answered 304 was so already."""
        return self.received.status is not None and self.received.status < 300

    def is_a(self, *kinds: str) -> bool:
        """Whether it is one of these: `POST /containers/…/start` is `start`."""
        method, _, path = self.call.partition(" ")
        end = path.rpartition("/")[2]
        kind = {"POST": end, "DELETE": f"remove {path.split('/')[1]}"}.get(method, "")
        if path.startswith("/exec/"):
            kind = f"exec {kind}"
        elif kind == "create":
            kind = f"create {path.split('/')[1]}"
        return kind in kinds


@define(eq=False)
class RecordedWay:
    """A way to an engine on which calls take their time, and on which the engine is looked at after each."""

    inner: Transport
    engine: EmbeddedEngine
    seed: int
    spans: list[Span] = field(factory=list)
    snapshots: list[Snapshot] = field(factory=list)
    execs: dict[str, Exec] = field(factory=dict)
    """All commands, also those that a daemon has forgotten."""
    open: int = 0
    most: dict[str, int] = field(factory=dict)
    _count: int = 0
    _random: Random = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._random = Random(self.seed)  # noqa: S311  # no secret

    @property
    def api_version(self) -> str | None:
        return self.inner.api_version

    @api_version.setter
    def api_version(self, version: str | None) -> None:
        self.inner.api_version = version

    async def request(self, request: ApiRequest) -> ApiResponse:
        async with self._under_way():
            return await self.inner.request(request)

    @asynccontextmanager
    async def stream(self, request: ApiRequest) -> AsyncIterator[ApiStream]:
        async with self._under_way(), self.inner.stream(request) as stream:
            yield stream

    async def aclose(self) -> None:
        await self.inner.aclose()

    def note(self) -> None:
        """Look at all containers, and at the commands in them."""
        self.snapshots.append(snapshot(self.engine))
        self.execs |= self.engine.world.execs

    @asynccontextmanager
    async def _under_way(self) -> AsyncIterator[None]:
        self.open += 1
        try:
            await self._travel()
            span = Span(None, self._next())  # type: ignore[arg-type]  # it comes below
            index = len(self.engine.calls)
            self.spans.append(span)
            try:
                yield
            finally:
                if index < len(self.engine.calls):
                    span.received = self.engine.calls[index]
                    span.ended = self._next()
                else:  # an engine that is away gets none
                    self.spans.remove(span)
                self.note()
            await self._travel()
        finally:
            self.open -= 1

    def _next(self) -> int:
        self._count += 1
        return self._count

    async def _travel(self) -> None:
        if self.seed:
            await sleep(self._random.choice((0.0, 0.001, 0.01, 0.2)))


def snapshot(engine: EmbeddedEngine) -> Snapshot:
    """All containers, by name."""
    return {
        each.name: Seen(each.id, each.state.is_running) for each in engine.world.containers.values()
    }


@define(eq=False)
class Trial:
    """A story up to the moment in which its request is made."""

    story: Story
    absence: Absence | None = None
    """Of the engine, in the course of the story."""
    is_late: bool = False
    """Whether the engine may do something that nobody waits for any more."""
    engine: EmbeddedEngine = field(init=False)
    way: RecordedWay = field(init=False)
    log: Log = field(factory=Log)
    start: Snapshot = field(init=False)
    volumes: frozenset[str] = field(init=False)
    foreign: Mapping[str, Any] = field(init=False)
    mounts: Mapping[str, Mapping[str, str]] = field(init=False)
    """By container: the volumes that it mounts, by path."""

    def __attrs_post_init__(self) -> None:
        self.engine = EmbeddedEngine(images=PRESENT, release=self.story.release)
        for image in (*PRESENT, PULLED):
            self.engine.registry.publish(image, seconds=0.01)
        self.way = RecordedWay(self.engine.transport(), self.engine, self.story.seed)

    async def prepare(self) -> None:
        """Let happen what has happened before."""
        await self._ask("POST", "networks/create", {"Name": "theirs"})
        await self._ask("POST", "volumes/create", {"Name": "m.their_data"})
        for name in FOREIGN:
            host = {"NetworkMode": "theirs", "Binds": ["m.their_data:/data"]}
            await self._run(name, {"Image": PRESENT[0], "HostConfig": host})
        if self.story.before:
            site = as_map(self.story.before)
            async with MapClient(site, default_client=self.engine.transport()) as client:
                await client.startup("__all__")
            if self.engine.network("m.n1") is not None:
                host = {"NetworkMode": "m.n1"}
                await self._run(GUEST, {"Image": PRESENT[0], "HostConfig": host})
        for each in self.story.by_hand:
            if each.happens_to(self.engine):
                await sleep(2)
            for method, path, body in [*each.calls(self.engine)]:
                await self._ask(method, path, body)
        self.start = snapshot(self.engine)
        self.volumes = frozenset(self.engine.volume_names())
        self.foreign = self.look_at_foreign()
        self.mounts = self.look_at_mounts()
        self.way.note()

    async def _run(self, name: str, body: Any) -> None:
        await self._ask("POST", f"containers/create?name={name}", body)
        await self._ask("POST", f"containers/{name}/start", None)

    async def _ask(self, method: str, path: str, body: Any) -> None:
        path, _, query = path.partition("?")
        pairs = dict(pair.split("=") for pair in query.split("&") if pair)
        request = ApiRequest(method=method, path=path, query=pairs, body=body)
        answer = await self.engine.transport().request(request)
        assert answer.status < 400, json.loads(answer.body)

    def look_at_foreign(self) -> Mapping[str, Any]:
        """All that the engine says about what no map names, and has not changed by itself."""
        found: dict[str, Any] = {name: self.engine.container(name) for name in FOREIGN}
        found["theirs"] = self.engine.network("theirs")
        found["their_data"] = self.engine.volume("m.their_data")
        guest = self.engine.container(GUEST)
        if guest is not None:
            networks = guest.pop("NetworkSettings")["Networks"]
            found[GUEST] = {**guest, "Joined": sorted(networks)}
        if self.ends_by_itself:
            for each in filter(None, found.values()):
                for key in _OF_WHAT_RUNS:
                    each.pop(key, None)
        return found

    def look_at_mounts(self) -> Mapping[str, Mapping[str, str]]:
        return {
            each.name: {mount["Destination"]: mount.get("Name", "") for mount in each.mounts}
            for each in self.engine.world.containers.values()
        }

    @property
    def ends_by_itself(self) -> bool:
        """Whether the engine ends containers, as it goes away itself."""
        return self.absence is not None and self.absence.ends_containers

    @property
    def path(self) -> set[str]:
        """The names of all containers that the request may touch (ACT-65 to ACT-68)."""
        now, request = self.story.now, self.story.request
        chosen, edges = selected(now, request), needs(now)
        if request.verb in FORWARD:
            chosen = closure(edges, chosen)
        elif request.verb in REVERSE:
            chosen = closure(reverse(edges), chosen)
        return {f"m.{name}" for name in chosen}

    def may_stay_down(self, name: str) -> bool:
        """Whether nobody starts it again that the engine has ended, or starts by itself: it is persistent."""
        return bool(self._service(name).get("persistent")) and (
            self.ends_by_itself or self._is_started_by_itself(name)
        )

    def is_up_to_the_engine(self, name: str) -> bool:
        """Whether it is the engine that says if it runs, as it comes back, and not the request."""
        is_started_by_request = self.story.request.verb in STARTING and name in self.path
        return self.may_stay_down(name) or (
            self._is_started_by_itself(name) and not is_started_by_request
        )

    def _is_started_by_itself(self, name: str) -> bool:
        """Whether an engine that comes back starts what was down, if all that it links to is up by then."""
        return self.absence is not None and "restart_policy" in self._service(name).get(
            "host_config", {}
        )

    def _service(self, name: str) -> Mapping[str, Any]:
        services: Mapping[str, Any] = self.story.now["containers"]
        found: Mapping[str, Any] = services.get(name.removeprefix("m.").partition(".")[0], {})
        return found

    @asynccontextmanager
    async def client(self) -> AsyncIterator[MapClient]:
        async with MapClient(
            as_map(self.story.now),
            default_client=self.way,
            limits=self.story.limits,
            on_event=self.log,
        ) as client:
            yield client

    @property
    def helpers(self) -> list[str]:
        return [
            each.name
            for each in self.engine.world.containers.values()
            if HELPER_LABEL in (each.config.get("Labels") or {})
        ]

    @property
    def changes(self) -> Iterator[Span]:
        """The calls that were no mere looking, in their order."""
        return (span for span in self.way.spans if not span.is_read)


@frozen
class Ending:
    """How a run ended."""

    report: RunReport | None = None
    error: Exception | None = None


async def run(client: MapClient, request: Request) -> Ending:
    """Make a request; gives errors that a caller has to expect instead of raising them."""
    try:
        report = await getattr(client, request.verb)(list(request.selection), **request.keywords)
    except ActionRunnerError as error:
        return Ending(error.report, error)
    except (EngineError, PlanningError) as error:
        return Ending(None, error)
    return Ending(report)


async def what_is_left(client: MapClient, request: Request) -> Plan:
    """The plan of the same request, without what it always does."""
    options = {k: v for k, v in request.keywords.items() if k != "pull_before_update"}
    if request.verb == "pull_images":
        options["pull_all_images"] = False
    return await client.plan(request.verb, list(request.selection), **options)


def landscape(trial: Trial) -> Mapping[str, Any]:
    """What matters of everything on the engine; equal where nobody could tell the difference.

    Guests are looked at by themselves. A persistent container that the engine has ended, or not started,
    stays down, with the commands that it is still to run.
    """
    engine = trial.engine
    containers = {}
    for name in engine.container_names():
        if name == GUEST:
            continue
        found = engine.container(name) or {}
        was_started = not found["State"]["StartedAt"].startswith("0001-")
        containers[name] = {
            "up": None if trial.is_up_to_the_engine(name) else found["State"]["Running"],
            "image": found["Config"]["Image"],
            "env": found["Config"]["Env"],
            "memory": found["HostConfig"]["Memory"] % NO_LIMIT,
            # What was never started is connected to all of its networks at its first start.
            "networks": was_started and sorted(found["NetworkSettings"]["Networks"]),
            "mounts": sorted(
                (mount["Destination"], _volume(mount.get("Name", ""))) for mount in found["Mounts"]
            ),
        }
    return {
        "containers": containers,
        "networks": {
            name: (engine.network(name) or {})["Internal"] for name in engine.network_names()
        },
        "volumes": sorted(
            {
                _volume(name)
                for name in engine.volume_names()
                if FIRST_COMMAND not in name or not trial.may_stay_down(name)
            }
        ),
    }


def _volume(name: str) -> str:
    return "anonymous" if len(name) == 64 else name


def ends_a_replacement(step: Step) -> bool:
    """Whether it takes a replacement back, or removes what was replaced."""
    match step.action:
        case BringBack():
            return True
        case RemoveContainer(leftover=leftover):
            return bool(leftover)
        case _:
            return False


def assert_tidy(trial: Trial) -> None:
    """No task and no connection is left."""
    assert stray_tasks() == set()
    assert trial.way.open == 0
