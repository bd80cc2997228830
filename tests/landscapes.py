"""Builders for desired and observed states, with defaults that keep a test to what it is about.

Everything is on the default engine and on map `m`; an image is called as its container.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import evolve

from aiodockmap.model import (
    DEFAULT_ENGINE,
    DependencyKind,
    ImageReference,
    JsonObject,
    MapItem,
    ResourceId,
    ResourceKind,
)
from aiodockmap.plan import Plan, PlanOptions, PlanRequest, Verb, make_plan
from aiodockmap.state import (
    ContainerSpec,
    Dependency,
    DesiredContainer,
    DesiredImage,
    DesiredNetwork,
    DesiredState,
    DesiredVolume,
    EndpointSpec,
    EngineInfo,
    EngineState,
    ExecSpec,
    HostPort,
    ObservedContainer,
    ObservedNetwork,
    ObservedState,
    ObservedVolume,
    RunState,
    StopPolicy,
    VolumeOwnership,
)

API = EngineInfo(api_version=(1, 41), cpus=2)


def container_id(name: str) -> ResourceId:
    return ResourceId(DEFAULT_ENGINE, ResourceKind.CONTAINER, f"m.{name}")


def volume_id(name: str) -> ResourceId:
    return ResourceId(DEFAULT_ENGINE, ResourceKind.VOLUME, f"m.{name}")


def network_id(name: str) -> ResourceId:
    return ResourceId(DEFAULT_ENGINE, ResourceKind.NETWORK, f"m.{name}")


def image_id(name: str) -> ResourceId:
    return ResourceId(DEFAULT_ENGINE, ResourceKind.IMAGE, f"{name}:latest")


def container(
    name: str,
    *,
    starts_after: Iterable[str] = (),
    links: Iterable[str] = (),
    attaches: Iterable[str] = (),
    uses: Mapping[str, Sequence[str]] | None = None,
    networks: Iterable[str] = (),
    persistent: bool = False,
    start_delay: float = 0.0,
    execs: Iterable[ExecSpec] = (),
    stop: StopPolicy | None = None,
    host_ports: Iterable[HostPort] = (),
    body: JsonObject | None = None,
) -> DesiredContainer:
    """A container with its dependencies in the order of DEP-10.

    `uses` maps a volume to the containers of its owner; `starts_after` are links on a network, which are
    needed to start only.
    """
    networks, uses = list(networks), dict(uses or {})
    mounts = [*uses, *attaches]
    dependencies = [
        *(Dependency(network_id(each), DependencyKind.NETWORK) for each in networks),
        *(Dependency(container_id(each), DependencyKind.ENDPOINT_LINK) for each in starts_after),
        *(
            Dependency(container_id(owner), DependencyKind.VOLUME_OWNER)
            for owners in uses.values()
            for owner in owners
        ),
        *(Dependency(container_id(each), DependencyKind.LINK) for each in links),
        *(Dependency(volume_id(each), DependencyKind.VOLUME) for each in mounts),
        Dependency(image_id(name), DependencyKind.IMAGE),
    ]
    spec = ContainerSpec(
        image=image_id(name),
        body=body or {"Image": f"{name}:latest"},
        further_endpoints=tuple(
            EndpointSpec(network=network_id(each), settings={}) for each in networks[1:]
        ),
        exec_commands=tuple(execs),
        volumes=tuple(volume_id(each) for each in mounts),
        host_ports=tuple(host_ports),
    )
    config, _, instance = name.partition(".")
    return DesiredContainer(
        id=container_id(name),
        item=MapItem(ResourceKind.CONTAINER, "m", config, instance or None),
        dependencies=tuple(dict.fromkeys(dependencies)),
        attached=tuple(volume_id(each) for each in attaches),
        persistent=persistent,
        start_delay=start_delay,
        stop=stop or StopPolicy(),
        spec=spec,
    )


def desired(
    *containers: DesiredContainer,
    owners: Mapping[str, VolumeOwnership] | None = None,
    network_bodies: Mapping[str, JsonObject] | None = None,
) -> DesiredState:
    """The containers with everything that they need; `owners` says who owns the files of a volume."""
    volumes: dict[ResourceId, DesiredVolume] = {}
    networks: dict[ResourceId, DesiredNetwork] = {}
    images: dict[ResourceId, DesiredImage] = {}
    for each in containers:
        assert each.spec is not None
        images[each.spec.image] = DesiredImage(
            id=each.spec.image,
            item=MapItem(ResourceKind.IMAGE, "m", *each.spec.image.name.split(":")),
        )
        for volume in each.attached:
            alias = volume.name.removeprefix("m.")
            described = DesiredVolume(
                id=volume,
                item=MapItem(ResourceKind.VOLUME, "m", each.item.name, alias),
                body={"Name": volume.name},
                ownership=(owners or {}).get(alias),
                core_image=ResourceId(DEFAULT_ENGINE, ResourceKind.IMAGE, "busybox:latest"),
                owner_image=each.spec.image,
            )
            volumes.setdefault(volume, described)
        for dependency in each.dependencies:
            if dependency.kind is DependencyKind.NETWORK:
                name = dependency.on.name.removeprefix("m.")
                body = {"Name": dependency.on.name, **(network_bodies or {}).get(name, {})}
                networks[dependency.on] = DesiredNetwork(
                    id=dependency.on,
                    item=MapItem(ResourceKind.NETWORK, "m", name),
                    body=body,
                )
    return DesiredState(
        containers={each.id: each for each in containers},
        volumes=volumes,
        networks=networks,
        images=images,
    )


def running(
    name: str,
    state: RunState = RunState.RUNNING,
    *,
    exit_code: int | None = None,
    volumes: Iterable[str] = (),
    networks: Iterable[str] = (),
    host_ports: Iterable[HostPort] = (),
) -> ObservedContainer:
    """A container that exists; running unless another state is named."""
    return ObservedContainer(
        id=f"id-of-m.{name}",
        name=f"m.{name}",
        state=state,
        exit_code=exit_code,
        volumes=frozenset(f"m.{volume}" for volume in volumes),
        networks={f"m.{network}": f"id-of-m.{network}" for network in networks},
        host_ports=frozenset(host_ports),
    )


def exited(name: str, exit_code: int = 0, **properties: Iterable[str]) -> ObservedContainer:
    return evolve(running(name, RunState.EXITED, **properties), exit_code=exit_code)  # type: ignore[arg-type]  # only names are passed


def initial(name: str) -> ObservedContainer:
    return running(name, RunState.INITIAL)


def observed(
    *containers: ObservedContainer,
    images: Iterable[str] = (),
    volumes: Iterable[str] = (),
    networks: Iterable[str] = (),
    other_networks: Iterable[ObservedNetwork] = (),
) -> ObservedState:
    """An engine that has these things; images are named without tag."""
    by_network = {
        f"m.{name}": (ObservedNetwork(id=f"id-of-m.{name}", name=f"m.{name}", driver="bridge"),)
        for name in networks
    }
    by_network |= {network.name: (network,) for network in other_networks}
    state = EngineState(
        info=API,
        containers={each.name: each for each in containers},
        networks=by_network,
        volumes={f"m.{name}": ObservedVolume(name=f"m.{name}", driver="local") for name in volumes},
        images={ImageReference.parse(name).canonical: f"sha256:{name}" for name in images},
    )
    return ObservedState(engines={DEFAULT_ENGINE: state})


def plan(
    verb: Verb,
    described: DesiredState,
    seen: ObservedState,
    *selected: str | ResourceId,
    **options: object,
) -> Plan:
    """Make a plan for the named containers, or the given resources."""
    request = PlanRequest(
        verb=verb,
        selected=tuple(container_id(each) if isinstance(each, str) else each for each in selected),
        options=PlanOptions(**options),  # type: ignore[arg-type]  # a test's options are right or the test
    )
    return make_plan(described, seen, request)
