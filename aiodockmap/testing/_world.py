"""Everything that an engine knows, and how its things are found."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import Final

from attrs import define, field

from ._answers import ApiError
from ._behaviour import Behaviour, BehaviourRule
from ._events import EventLog
from ._images import SHORT_ID, ImageStore, Registry
from ._records import IPV4, IPV6, Block, Container, Exec, Network, Volume
from ._releases import DOCKER_20_10, Release
from ._timeline import Appointment, Timeline

DATA_ROOT: Final = "/var/lib/docker"
FIRST_PID: Final = 1000


@define(eq=False, kw_only=True)
class World:
    """One engine's state."""

    name: str = "embedded"
    """Host name of the machine that it pretends to run on."""
    release: Release = DOCKER_20_10
    cpus: int = 2
    memory: int = 8 * 2**30
    timeline: Timeline = field(factory=Timeline)
    images: ImageStore = field(factory=ImageStore)
    registry: Registry = field(factory=Registry)
    containers: dict[str, Container] = field(factory=dict)
    networks: dict[str, Network] = field(factory=dict)
    volumes: dict[str, Volume] = field(factory=dict)
    execs: dict[str, Exec] = field(factory=dict)
    links: dict[str, dict[str, str]] = field(factory=dict)
    """By id of the container that has them: alias to id of the container that is meant."""
    gone_names: dict[str, str] = field(factory=dict)
    """Names of containers that were removed, but not the links to them."""
    occupied_ports: set[tuple[str, int]] = field(factory=set)
    """Protocol and port, taken by somebody outside the engine."""
    host_paths: set[str] = field(
        factory=lambda: {"/", "/dev", "/etc", "/proc", "/sys", "/tmp", "/usr"}  # noqa: S108
    )
    """Folders of the machine; binds that mount others make them."""
    is_down: bool = False
    """Whether the daemon does not run."""
    comeback: Appointment | None = None
    """When it runs again."""
    is_disk_full: bool = False
    rules: list[BehaviourRule] = field(factory=list)
    events: EventLog = field(init=False)
    ids_made: int = 0
    pids_made: int = FIRST_PID

    def __attrs_post_init__(self) -> None:
        self.events = EventLog(self.timeline)

    def new_id(self) -> str:
        """64 hex digits that no other thing here has; the same in each run."""
        self.ids_made += 1
        return hashlib.sha256(f"{self.name}/{self.ids_made}".encode()).hexdigest()

    def write(self, path: str) -> None:
        """Write a file below the data root, if there is space.

        Raises:
            ApiError: 500.
        """
        if self.is_disk_full:
            raise ApiError(500, f"write {DATA_ROOT}/{path}: no space left on device")

    def new_pid(self) -> int:
        """The number of one more process."""
        self.pids_made += 1
        return self.pids_made

    def find_container(self, ref: str) -> Container | None:
        """The container of an id, a name, a link (`web/db`), or the start of an id."""
        if ref in self.containers:
            return self.containers[ref]
        name = ref.removeprefix("/")
        parent_name, slash, alias = name.partition("/")
        for container in self.containers.values():
            if slash and container.name == parent_name:
                return self.containers.get(self.links.get(container.id, {}).get(alias, ""))
            if container.name == name:
                return container
        found = [known for known in self.containers if ref and known.startswith(ref)]
        return self.containers[found[0]] if len(found) == 1 else None

    def container(self, ref: str) -> Container:
        """Like `find_container`.

        Raises:
            ApiError: 404 if there is none.
        """
        container = self.find_container(ref)
        if container is None:
            raise ApiError(404, f"No such container: {ref}")
        return container

    def linked_name(self, container_id: str) -> str:
        """The name of a container that there is a link to, even if it was removed."""
        container = self.containers.get(container_id)
        return container.name if container else self.gone_names[container_id]

    def find_networks(self, ref: str) -> list[Network]:
        """The networks of an id, of a name, or of the start of an id; the first of these that is any."""
        if ref in self.networks:
            return [self.networks[ref]]
        named = [network for network in self.networks.values() if network.name == ref]
        if named or not ref:
            return named
        return [network for known, network in self.networks.items() if known.startswith(ref)]

    def find_network(self, ref: str) -> Network | None:
        """The only network of that name or id."""
        found = self.find_networks(ref)
        return found[0] if len(found) == 1 else None

    def network(self, ref: str) -> Network:
        """The only network of that name or id.

        Raises:
            ApiError: 404 if there is none, 400 if there are several.
        """
        found = self.find_networks(ref)
        if not found:
            raise ApiError(404, f"network {ref} not found")
        if len(found) > 1:
            message = f"network {ref} is ambiguous ({len(found)} matches found based on name)"
            raise ApiError(400, message)
        return found[0]

    def told_behaviour(self, container: Container, command: Sequence[str]) -> Behaviour | None:
        """What a process of a container was told to do: by the latest rule that matches, or its image."""
        image_name = container.config["Image"]
        for rule in reversed(self.rules):
            if rule.matches(image=image_name, command=command, container=container.name):
                return rule.behaviour
        image = self.images.images.get(container.image_id)
        if image is None or list(command) != [*image.entrypoint, *image.command]:
            return None
        return image.behaviour

    def users_of(self, volume: str) -> list[str]:
        """Ids of the containers that mount a volume."""
        return [
            container.id
            for container in self.containers.values()
            if any(it["Type"] == "volume" and it["Name"] == volume for it in container.mounts)
        ]

    def add_volume(
        self,
        name: str,
        *,
        labels: dict[str, str] | None = None,
        options: dict[str, str] | None = None,
    ) -> Volume:
        """Have a volume of that name; one that is there stays as it is."""
        is_new = name not in self.volumes
        if is_new:
            self.volumes[name] = Volume(
                name=name,
                created=self.timeline.moment().strftime("%Y-%m-%dT%H:%M:%SZ"),
                labels=labels,
                options=options,
            )
        if is_new or self.release.tells_of_known_volumes:
            self.events.of_volume(name, "create")
        return self.volumes[name]

    def add_anonymous_volume(
        self,
        name: str,
        *,
        labels: dict[str, str] | None = None,
        options: dict[str, str] | None = None,
    ) -> Volume:
        """Have a volume that nobody named."""
        own = self.release.anonymous_volume_labels
        all_labels = labels if own is None else {**(labels or {}), **own}
        return self.add_volume(name, labels=all_labels, options=options)


def short(full_id: str) -> str:
    """The short form of an id."""
    return full_id.removeprefix("sha256:")[:SHORT_ID]


def default_pools(release: Release, version: int) -> Iterable[Block]:
    """Subnets of a version of IP that networks without one of their own get, in this order."""
    pool = release.ipv6_pool
    newer = IPv6Network(pool).subnets(new_prefix=64) if pool else ()
    large = [IPv4Network(f"172.{second}.0.0/16") for second in range(17, 32)]
    small = [IPv4Network(f"192.168.{third}.0/20") for third in range(0, 256, 16)]
    older = [*large, *small]
    return {IPV4: older, IPV6: newer}[version]
