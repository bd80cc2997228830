"""One snapshot of an engine: everything that one plan looks at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, TypeVar

from anyio import CapacityLimiter, create_task_group
from attrs import define, evolve, field, frozen

from ..errors import EngineError
from ..model import ResourceId, ResourceKind
from ..state import (
    EngineState,
    ImageDetails,
    ObservedContainer,
    ObservedNetwork,
    ObservedVolume,
    Process,
    RunState,
)
from ._engine import Engine

INSPECTS_AT_ONCE: Final = 8
"""Engines answer most inspects a second at this number; more of them only wait for each other."""

T = TypeVar("T")


@frozen(kw_only=True)
class Interest:
    """What a comparison wants to know besides (behaviour 7)."""

    networks: frozenset[str] = frozenset()
    """Names of networks whose live endpoints are asked for; one call for each that exists."""
    processes: frozenset[str] = frozenset()
    """Names of containers whose processes are asked for; one call for each that runs."""


async def observe(
    engine: Engine, inspect: Iterable[str], interest: Interest | None = None
) -> EngineState:
    """Take one snapshot of an engine.

    Four lists (containers, networks, volumes, images), at the same time, then one inspect for each
    container in `inspect` that exists, together with what `interest` adds; two more calls if the engine was
    not connected yet. Where a mark says that commands are still to be run in one of them, one call for each
    that goes on in it.
    Containers that go away meanwhile are absent (CACHE-4). What a container uses and no list has was made
    between two of them, and is listed again. Where a network does not know a container that runs, one of them
    may have been seen before it was started, and both are asked again: two calls. What is running when it is
    inspected is asked for its processes, however it was listed.

    Args:
        engine: The engine to look at.
        inspect: Names of the containers whose details are wanted.
        interest: For comparisons: also the configuration of each image that those containers were made
            from (one call an image that this client has not seen), and what it names.

    Raises:
        EngineError: the first failure; the other calls are given up.
    """
    info = await engine.connect()
    containers: list[ObservedContainer] = []
    networks: list[ObservedNetwork] = []
    volumes: list[ObservedVolume] = []
    images: dict[str, str] = {}

    async def list_containers() -> None:
        containers.extend(await engine.list_containers())

    async def list_networks() -> None:
        networks[:] = await engine.list_networks()

    async def list_volumes() -> None:
        volumes[:] = await engine.list_volumes()

    async def list_images() -> None:
        images.update(await engine.list_images())

    lists = (list_containers, list_networks, list_volumes, list_images)
    await _all(lists, at_once=len(lists))
    # A volume that is mounted exists, and so does a network with a container that runs.
    used = {volume for container in containers for volume in container.volumes}
    joined = {each for it in containers if it.state.is_up for each in it.networks.values() if each}
    if used - {volume.name for volume in volumes}:
        await list_volumes()
    if joined - {network.id for network in networks}:
        await list_networks()
    listed = {container.name: container for container in containers}
    by_network: dict[str, list[ObservedNetwork]] = {}
    for network in networks:
        by_network.setdefault(network.name, []).append(network)
    look = _CloserLook(
        engine,
        EngineState(
            info=info,
            containers=listed,
            networks={name: tuple(namesakes) for name, namesakes in by_network.items()},
            volumes={volume.name: volume for volume in volumes},
            images=images,
        ),
    )
    wanted = [listed[name] for name in sorted(set(inspect) & listed.keys())]
    return await _look_at_commands(engine, await look.at(wanted, interest))


async def _look_at_commands(engine: Engine, state: EngineState) -> EngineState:
    """Add what is being run in the containers whose commands an interrupted run may have left out."""
    containers = dict(state.containers)

    async def read_commands(container: ObservedContainer, exec_ids: Sequence[str]) -> None:
        resource = ResourceId(engine.name, ResourceKind.CONTAINER, container.name)
        commands = await engine.running_commands(resource, exec_ids)
        containers[container.name] = evolve(container, commands=commands)

    for name in sorted(state.marks.keys() & containers.keys()):
        begun = (containers[name].details or {}).get("ExecIDs")
        if isinstance(begun, list) and begun:
            await read_commands(containers[name], [str(each) for each in begun])
    return evolve(state, containers=containers)


@define(eq=False)
class _CloserLook:
    """What single calls tell about what the lists have."""

    engine: Engine
    listed: EngineState
    containers: dict[str, ObservedContainer] = field(init=False)
    images: dict[str, ImageDetails] = field(factory=dict)
    endpoints: dict[str, dict[str, str]] = field(factory=dict)
    processes: dict[str, tuple[Process, ...] | None] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.containers = dict(self.listed.containers)

    async def at(
        self, wanted: Sequence[ObservedContainer], interest: Interest | None
    ) -> EngineState:
        """Look at some containers, and at what a comparison of them needs, all at the same time."""
        calls = [_bind(self._container, each) for each in wanted]
        if interest is not None:
            calls += [
                *(_bind(self._image, each) for each in sorted({each.image_id for each in wanted})),
                *(
                    _bind(self._network, each)
                    for name in sorted(interest.networks)
                    for each in self.listed.networks.get(name, ())
                ),
                *self._processes_of(wanted, interest),
            ]
        await _all(calls, at_once=INSPECTS_AT_ONCE)
        if interest is not None:
            await self._endpoints_again(wanted)
            await self._images_by_other_ids(wanted)
            # What was started after it had been listed.
            late = self._processes_of(self._inspected(wanted), interest)
            await _all(late, at_once=INSPECTS_AT_ONCE)
        for name, processes in self.processes.items():
            if name in self.containers:
                self.containers[name] = evolve(self.containers[name], processes=processes)
        return self._seen()

    def _processes_of(
        self, containers: Iterable[ObservedContainer], interest: Interest
    ) -> list[Callable[[], Awaitable[None]]]:
        """The calls for the processes of those that run and were not asked yet."""
        wanted = interest.processes - self.processes.keys()
        return [
            _bind(self._processes, each)
            for each in containers
            if each.name in wanted and each.state is RunState.RUNNING
        ]

    def _inspected(self, wanted: Iterable[ObservedContainer]) -> list[ObservedContainer]:
        """Those that are still there, as single calls have shown them."""
        return [self.containers[each.name] for each in wanted if each.name in self.containers]

    def _seen(self) -> EngineState:
        return evolve(
            self.listed,
            containers=self.containers,
            image_details=self.images,
            endpoints=self.endpoints,
        )

    async def _container(self, listed: ObservedContainer) -> None:
        resource = ResourceId(self.engine.name, ResourceKind.CONTAINER, listed.name)
        found = await self.engine.inspect_container(resource, listed.id)
        if found is None:
            del self.containers[listed.name]
        else:
            # Renamed between list and inspect: the list is the moment that counts.
            self.containers[listed.name] = evolve(found, name=listed.name)

    async def _image(self, image: str) -> None:
        resource = ResourceId(self.engine.name, ResourceKind.IMAGE, image)
        details = await self.engine.image_details(resource, image)
        if details is not None:
            self.images[image] = details

    async def _endpoints_again(self, wanted: Iterable[ObservedContainer]) -> None:
        """Look again where a network does not know a container: one of them was seen before it started.

        The container first, as what runs is known to its networks.
        """
        seen, doubtful, networks = self._seen(), [], set[str]()
        for current in self._inspected(wanted):
            lost = seen.lost_endpoints(current)
            if lost:
                doubtful.append(_bind(self._container, current))
                networks |= lost
        await _all(doubtful, at_once=INSPECTS_AT_ONCE)
        again = [
            _bind(self._network, each)
            for namesakes in self.listed.networks.values()
            for each in namesakes
            if each.id in networks
        ]
        await _all(again, at_once=INSPECTS_AT_ONCE)

    async def _images_by_other_ids(self, wanted: Iterable[ObservedContainer]) -> None:
        """Look at images again that a list calls otherwise than an inspection does."""
        inspected = {each.image_id for each in self._inspected(wanted)}
        further = sorted(inspected - {each.image_id for each in wanted})
        await _all([_bind(self._image, each) for each in further], at_once=INSPECTS_AT_ONCE)

    async def _network(self, network: ObservedNetwork) -> None:
        resource = ResourceId(self.engine.name, ResourceKind.NETWORK, network.name)
        found = await self.engine.inspect_network(resource, network.id)
        attached = found.details.get("Containers") if found else None
        if isinstance(attached, dict):
            self.endpoints[network.id] = {
                container: str(end.get("EndpointID", ""))
                for container, end in attached.items()
                if isinstance(end, dict)
            }

    async def _processes(self, container: ObservedContainer) -> None:
        resource = ResourceId(self.engine.name, ResourceKind.CONTAINER, container.name)
        self.processes[container.name] = await self.engine.list_processes(resource, container.id)


def _bind(call: Callable[[T], Awaitable[None]], argument: T) -> Callable[[], Awaitable[None]]:
    return lambda: call(argument)


async def _all(calls: Sequence[Callable[[], Awaitable[None]]], *, at_once: int) -> None:
    """Make all calls; the first that an engine fails ends them, and is raised by itself."""
    failures: list[EngineError] = []
    limiter = CapacityLimiter(at_once)

    async with create_task_group() as tasks:

        async def make(call: Callable[[], Awaitable[None]]) -> None:
            try:
                async with limiter:
                    await call()
            except EngineError as failure:
                failures.append(failure)
                tasks.cancel_scope.cancel()

        for number, call in enumerate(calls):
            tasks.start_soon(make, call, name=f"observing, call {number}")
    if failures:
        raise failures[0]
