"""Where containers are that no configuration puts into a network (NET-5, OPTN-17)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from attrs import evolve

from ..model import PRESET_NETWORKS, DependencyKind, JsonObject, ResourceId, ResourceKind, object_at
from ..state import (
    ContainerSpec,
    Dependency,
    DesiredContainer,
    DesiredState,
    EndpointSpec,
    EngineState,
    ObservedState,
    container_fields,
)
from ._request import PlanRequest
from ._tables import CREATES_WHAT_IS_MISSING

ENGINE_DEFAULTS: Final = ("bridge", "podman")
"""What engines call their own default network: `bridge`, and Podman's name for it (UPD-32).

Podman lists it by the first, and the connections of its containers by the second.
"""


def is_renamed(engine: EngineState, connected: str) -> bool:
    """Whether the name in a connection is that of a network which Podman lists by another one."""
    return (
        engine.info.flavour == "podman"
        and connected == ENGINE_DEFAULTS[1]
        and connected not in engine.networks
    )


def endpoints_of(container: ResourceId, spec: ContainerSpec) -> tuple[EndpointSpec, ...]:
    """All networks that a container is asked to be in: the one of its creation, and the further ones."""
    endpoints = object_at(object_at(spec.body, "NetworkingConfig"), "EndpointsConfig")
    first = tuple(
        EndpointSpec(
            network=_network(container, name),
            settings=settings if isinstance(settings, Mapping) else {},
        )
        for name, settings in endpoints.items()
    )
    return (*first, *spec.further_endpoints)


def in_default_networks(
    desired: DesiredState, observed: ObservedState, request: PlanRequest
) -> DesiredState:
    """The same, with containers that name no network in those of the request that their engine has.

    Where an engine has none of them, its own default stays.
    """
    if not _matter(request):
        return desired
    placed = {
        container.id: _placed(container, container.spec, networks)
        for container in desired.containers.values()
        if container.id.engine in observed.engines
        and container.spec is not None
        and _names_no_network(container.id, container.spec)
        and (networks := tuple(_existing(container.id, observed, request)))
    }
    return evolve(desired, containers={**desired.containers, **placed})


def without_default_networks(observed: ObservedState, request: PlanRequest) -> Iterator[str]:
    """Say which engines have none of the default networks that were asked for."""
    for engine in dict.fromkeys(each.engine for each in request.selected):
        container = ResourceId(engine, ResourceKind.CONTAINER, "")
        if _matter(request) and not any(_existing(container, observed, request)):
            names = ", ".join(map(repr, request.default_networks))
            yield (
                f"engine {engine} has none of the default_network_names ({names}): containers without"
                " networks are in its own default network"
            )


def _matter(request: PlanRequest) -> bool:
    return bool(request.default_networks) and request.verb in CREATES_WHAT_IS_MISSING


def _placed(
    container: DesiredContainer, spec: ContainerSpec, networks: tuple[ResourceId, ...]
) -> DesiredContainer:
    first, *further = networks
    body: JsonObject = {**spec.body, "NetworkingConfig": {"EndpointsConfig": {first.name: {}}}}
    if body.get("MacAddress") and first.name not in PRESET_NETWORKS:
        # From API 1.44 on, the address is for the network that is the mode.
        body = {**body, "HostConfig": {**object_at(body, "HostConfig"), "NetworkMode": first.name}}
    endpoints = tuple(EndpointSpec(network=each, settings={}) for each in further)
    needed = tuple(Dependency(each, DependencyKind.NETWORK) for each in networks)
    return evolve(
        container,
        spec=evolve(
            spec,
            body=body,
            fields=container_fields(body, None, spec.platform),
            further_endpoints=endpoints,
        ),
        dependencies=(*container.dependencies, *needed),
    )


def _names_no_network(container: ResourceId, spec: ContainerSpec) -> bool:
    mode = object_at(spec.body, "HostConfig").get("NetworkMode") or "default"
    is_online = spec.body.get("NetworkDisabled") is not True
    return mode == "default" and is_online and not endpoints_of(container, spec)


def _existing(
    container: ResourceId, observed: ObservedState, request: PlanRequest
) -> Iterator[ResourceId]:
    """Those of the default networks that are there, by the names that the engine lists."""
    engine = observed.engines[container.engine]
    for name in request.default_networks:
        network = _network(container, ENGINE_DEFAULTS[0] if is_renamed(engine, name) else name)
        if observed.networks(network):
            yield network


def _network(container: ResourceId, name: str) -> ResourceId:
    return ResourceId(container.engine, ResourceKind.NETWORK, name)
