"""One snapshot of an engine: everything that one plan looks at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, TypeVar

from anyio import CapacityLimiter, create_task_group
from attrs import evolve, frozen

from ..errors import EngineError
from ..model import ResourceId, ResourceKind
from ..state import (
    EngineState,
    ImageDetails,
    ObservedContainer,
    ObservedNetwork,
    ObservedVolume,
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
    container in `inspect` that exists; two more calls if the engine was not connected yet. Where a mark says
    that commands are still to be run in one of them, one call for each that goes on in it.
    Containers that go away meanwhile are absent (CACHE-4).

    Args:
        engine: The engine to look at.
        inspect: Names of the containers whose details are wanted.
        interest: For comparisons: also the configuration of each image that those containers were made
            from (one call an image), and what it names.

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
        networks.extend(await engine.list_networks())

    async def list_volumes() -> None:
        volumes.extend(await engine.list_volumes())

    async def list_images() -> None:
        images.update(await engine.list_images())

    lists = (list_containers, list_networks, list_volumes, list_images)
    await _all(lists, at_once=len(lists))
    by_name = {container.name: container for container in containers}
    wanted = [by_name[name] for name in sorted(set(inspect) & by_name.keys())]

    async def inspect_container(listed: ObservedContainer) -> None:
        resource = ResourceId(engine.name, ResourceKind.CONTAINER, listed.name)
        found = await engine.inspect_container(resource, listed.id)
        if found is None:
            del by_name[listed.name]
        else:
            # Renamed between list and inspect: the list is the moment that counts.
            by_name[listed.name] = evolve(found, name=listed.name)

    await _all(
        [_bind(inspect_container, container) for container in wanted], at_once=INSPECTS_AT_ONCE
    )
    by_network: dict[str, list[ObservedNetwork]] = {}
    for network in networks:
        by_network.setdefault(network.name, []).append(network)
    state = EngineState(
        info=info,
        containers=by_name,
        networks={name: tuple(namesakes) for name, namesakes in by_network.items()},
        volumes={volume.name: volume for volume in volumes},
        images=images,
    )
    state = await _look_at_commands(engine, state)
    return state if interest is None else await _look_closer(engine, state, interest)


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


async def _look_closer(engine: Engine, state: EngineState, interest: Interest) -> EngineState:
    """Add what only comparisons need."""
    images: dict[str, ImageDetails] = {}
    endpoints: dict[str, dict[str, str]] = {}
    containers = dict(state.containers)

    async def read_image(image: str) -> None:
        resource = ResourceId(engine.name, ResourceKind.IMAGE, image)
        details = await engine.image_details(resource, image)
        if details is not None:
            images[image] = details

    async def read_network(network: ObservedNetwork) -> None:
        resource = ResourceId(engine.name, ResourceKind.NETWORK, network.name)
        found = await engine.inspect_network(resource, network.id)
        attached = found.details.get("Containers") if found else None
        if isinstance(attached, dict):
            endpoints[network.id] = {
                container: str(end.get("EndpointID", ""))
                for container, end in attached.items()
                if isinstance(end, dict)
            }

    async def read_processes(container: ObservedContainer) -> None:
        resource = ResourceId(engine.name, ResourceKind.CONTAINER, container.name)
        processes = await engine.list_processes(resource, container.id)
        containers[container.name] = evolve(container, processes=processes)

    inspected = [each for each in containers.values() if each.details is not None]
    calls = [
        *(_bind(read_image, each) for each in sorted({each.image_id for each in inspected})),
        *(
            _bind(read_network, each)
            for name in sorted(interest.networks)
            for each in state.networks.get(name, ())
        ),
        *(
            _bind(read_processes, containers[name])
            for name in sorted(interest.processes & containers.keys())
            if containers[name].state is RunState.RUNNING
        ),
    ]
    await _all(calls, at_once=INSPECTS_AT_ONCE)
    return evolve(state, containers=containers, image_details=images, endpoints=endpoints)


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
