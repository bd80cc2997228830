"""What the engines reported at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import cached_property
from posixpath import normpath

from attrs import field, frozen

from ..errors import EngineError
from ..model import ImageReference, JsonObject, ResourceId, object_at
from ._labels import container_fields
from ._marks import marks_by_container, marks_by_network
from ._ports import HostPort


class RunState(Enum):
    """The life cycle of a container, as plans see it (STATE-1 to STATE-8)."""

    INITIAL = "initial"
    """Created, never started."""
    RUNNING = "running"
    PAUSED = "paused"
    RESTARTING = "restarting"
    EXITED = "exited"
    """Also dead, or on its way out."""

    @property
    def is_up(self) -> bool:
        """Whether it has to be stopped before it can be removed (STATE-6, STATE-7)."""
        return self in _UP

    @property
    def has_endpoints(self) -> bool:
        """Whether its networks know it; one that waits for its restart is not known to them for a while."""
        return self in _HAS_ENDPOINTS


_HAS_ENDPOINTS = frozenset({RunState.RUNNING, RunState.PAUSED})
_UP = _HAS_ENDPOINTS | {RunState.RESTARTING}


@frozen(kw_only=True)
class Process:
    """One process of a container, as the engine's host sees it."""

    user: str
    """Name or number; of the host, or of the container where the engine remaps users."""
    command: str


@frozen(kw_only=True)
class ObservedContainer:
    """One container that exists."""

    id: str
    """The engine's own id, 64 hex digits."""
    name: str
    state: RunState
    exit_code: int | None = None
    """Of the last run; None if it never ran, or runs."""
    is_stuck: bool = False
    """Whether the engine has said that it cannot start it any more, and has to have it made anew."""
    pid: int | None = None
    image_id: str = ""
    networks: Mapping[str, str] = field(factory=dict)
    """Name to network id ("" before the first start on some engines)."""
    volumes: frozenset[str] = frozenset()
    """Names of the volumes it mounts, anonymous ones included."""
    host_ports: frozenset[HostPort] = frozenset()
    """The ports of the host that it occupies; empty unless it runs."""
    labels: Mapping[str, str] = field(factory=dict)
    details: JsonObject | None = field(default=None, repr=False)
    """`GET /containers/{id}/json`; None for containers that no map names."""
    processes: tuple[Process, ...] | None = field(default=None, repr=False)
    """What runs in it; None where nobody asked."""
    commands: frozenset[tuple[str, ...]] = field(default=frozenset(), repr=False)
    """The argument vectors of what is being run in it (`ExecIDs`); asked for only where it has marks."""

    @property
    def is_half_made(self) -> bool:
        """Whether its engine went away while it created it, and it never ran (Docker 20.10)."""
        return self.state is RunState.INITIAL and bool(unmounted_volumes(self.details or {}))


def unmounted_volumes(details: JsonObject) -> frozenset[str]:
    """The paths at which a container was to have volumes, and has none.

    Engines make those volumes when they create the container, and never later: Docker 20.10 writes a
    container down before it has them, and comes back to that if it is killed meanwhile.
    """
    wanted = object_at(object_at(details, "Config"), "Volumes")
    mounts = details.get("Mounts")
    mounted = {
        normpath(str(path))
        for path in (
            *(each.get("Destination") for each in (mounts if isinstance(mounts, list) else ())),
            *object_at(object_at(details, "HostConfig"), "Tmpfs"),
        )
    }
    return frozenset(path for path in wanted if normpath(path) not in mounted)


@frozen(kw_only=True)
class ObservedNetwork:
    """One network that exists."""

    id: str
    name: str
    driver: str = ""
    labels: Mapping[str, str] = field(factory=dict)
    details: JsonObject = field(factory=dict, repr=False)
    """Its entry in `GET /networks`."""


@frozen(kw_only=True)
class ObservedVolume:
    """One volume that exists."""

    name: str
    driver: str = ""
    labels: Mapping[str, str] = field(factory=dict)
    details: JsonObject = field(factory=dict, repr=False)
    """Its entry in `GET /volumes`."""


@frozen(kw_only=True)
class ObservedImage:
    """One image that an engine has, with or without names."""

    id: str
    parent: str = ""
    """The id of the image that it was built from, where the engine knows; else ""."""
    tags: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()

    @property
    def references(self) -> tuple[str, ...]:
        """All its names, with tag or with digest."""
        return (*self.tags, *self.digests)


@frozen(kw_only=True)
class ImageDetails:
    """What a container gets from its image."""

    config: JsonObject = field(factory=dict, repr=False)
    """`Config` of `GET /images/{name}/json`."""
    platform: str = ""
    """What it is made for: `linux/arm64/v8`; "" where the engine does not say."""

    @cached_property
    def fields(self) -> Mapping[str, object]:
        """The configuration, taken apart as that of a container."""
        return container_fields(self.config)


@frozen(kw_only=True)
class EngineInfo:
    """What an engine is and can do."""

    api_version: tuple[int, int]
    """The version that is spoken: the lower of what the engine and what this library know."""
    engine_version: str = ""
    flavour: str = "docker"
    """`docker`, `podman` or `embedded`."""
    host: str = ""
    """What the machine that it runs on calls itself; "" where it does not say."""
    cpus: int | None = None
    """None where nobody has asked."""
    unsupported: frozenset[str] = frozenset()
    """What `GET /info` says that the host cannot limit: `MemoryLimit`, `PidsLimit` … (UPD-51)."""
    platform: str = ""
    """What it runs by itself: `linux/x86_64`; "" where it does not say."""
    first_user: int = 0
    """What root of a container is on the host: more than 0 where the engine remaps users."""

    @property
    def changes_limits(self) -> bool:
        """Whether it changes limits of a container that exists; Podman does not have the call."""
        return self.flavour != "podman"


@frozen(kw_only=True)
class EngineState:
    """One engine at one moment."""

    info: EngineInfo
    containers: Mapping[str, ObservedContainer] = field(factory=dict)
    """By name, without the leading slash."""
    networks: Mapping[str, tuple[ObservedNetwork, ...]] = field(factory=dict)
    """By name; engines before API 1.44 allow several of one name, the oldest first."""
    volumes: Mapping[str, ObservedVolume] = field(factory=dict)
    images: Mapping[str, str] = field(factory=dict)
    """Canonical reference (`model.ImageReference.canonical`) to image id."""
    image_details: Mapping[str, ImageDetails] = field(factory=dict, repr=False)
    """By image id, of the images that inspected containers were made from."""
    endpoints: Mapping[str, Mapping[str, str]] = field(factory=dict)
    """Network id to its live endpoints, container id to endpoint id; of networks that were asked for."""

    @cached_property
    def container_ids(self) -> Mapping[str, str]:
        """Names of containers to their ids."""
        return {name: each.id for name, each in self.containers.items()}

    @cached_property
    def marks(self) -> Mapping[str, frozenset[str]]:
        """Names of containers to the marks of the commands that are still to be run in them."""
        return marks_by_container(self.volumes.values())

    @cached_property
    def network_marks(self) -> Mapping[str, frozenset[str]]:
        """Names of networks to the marks of the containers that are still to be connected to them."""
        return marks_by_network(self.volumes.values())

    def lost_endpoints(self, container: ObservedContainer) -> frozenset[str]:
        """The ids of the networks that a container shows, and that do not know its endpoint (UPD-31).

        Only those that were asked for their endpoints are among them.
        """
        if not container.state.has_endpoints:
            return frozenset()
        shown = object_at(object_at(container.details or {}, "NetworkSettings"), "Networks")
        ends = {
            str(end.get("NetworkID")): end for end in shown.values() if isinstance(end, Mapping)
        }
        return frozenset(
            network
            for network in ends.keys() & self.endpoints.keys()
            if self.endpoints[network].get(container.id) != ends[network].get("EndpointID")
        )


@frozen(kw_only=True)
class ObservedState:
    """All engines that a plan is about."""

    engines: Mapping[str, EngineState]
    left_out: Mapping[str, tuple[EngineError, ...]] = field(factory=dict)
    """Engines that nothing is known of, and why: they could not be looked at, or what had to be done
    there first has failed."""

    def container(self, resource: ResourceId) -> ObservedContainer | None:
        """The container of that name, whoever created it (GEN-5)."""
        return self.engines[resource.engine].containers.get(resource.name)

    def volume(self, resource: ResourceId) -> ObservedVolume | None:
        """The volume of that name."""
        return self.engines[resource.engine].volumes.get(resource.name)

    def networks(self, resource: ResourceId) -> tuple[ObservedNetwork, ...]:
        """All networks of that name, the oldest first."""
        return self.engines[resource.engine].networks.get(resource.name, ())

    def image_id(self, resource: ResourceId) -> str | None:
        """The id of an image, however its name is written (IMG-6); None if it is not there."""
        canonical = ImageReference.parse(resource.name).canonical
        return self.engines[resource.engine].images.get(canonical)

    def attached_to(self, resource: ResourceId) -> tuple[ObservedContainer, ...]:
        """The containers, running or not, that are connected to a network."""
        return tuple(
            container
            for container in self.engines[resource.engine].containers.values()
            if resource.name in container.networks
        )
