"""What an engine knows of each of its resources."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final, TypeAlias

from attrs import define, field, frozen

from ._answers import JsonDict
from ._behaviour import Behaviour
from ._commands import Print, Written
from ._running import Running
from ._timeline import NEVER, Appointment

Address: TypeAlias = IPv4Address | IPv6Address
Block: TypeAlias = IPv4Network | IPv6Network
IPV4: Final = 4
IPV6: Final = 6
PREDEFINED_NETWORKS: Final = ("bridge", "host", "none")


@define(eq=False, kw_only=True)
class Process:
    """What runs in a container."""

    pid: int
    command: list[str]
    behaviour: Behaviour
    """What it was told to do, as far as that is more than its steps."""
    running: Running
    begin: Callable[[], None]
    """Has it run until its first pause."""
    appointments: list[Appointment] = field(factory=list)
    """Its end, its health checks, the end of somebody's patience: off when it ends."""
    pending_signals: list[int] = field(factory=list)
    """Those that came while it was paused."""

    def keep_no_appointment(self) -> None:
        """Have nothing happen to it any more."""
        self.running.stop()
        for appointment in self.appointments:
            appointment.call_off()


@define(eq=False, kw_only=True)
class ContainerState:
    """`State` of an inspected container."""

    is_running: bool = False
    """Also true while it is paused, or waits to be restarted."""
    is_paused: bool = False
    is_restarting: bool = False
    is_removing: bool = False
    is_oom_killed: bool = False
    pid: int = 0
    exit_code: int = 0
    error: str = ""
    started_at: str = NEVER
    finished_at: str = NEVER
    finished: float = 0.0
    """Time of the timeline, as is `started`."""
    started: float = 0.0
    health: JsonDict | None = None

    @property
    def status(self) -> str:
        """The one word for it."""
        if self.is_running:
            if self.is_paused:
                return "paused"
            return "restarting" if self.is_restarting else "running"
        if self.is_removing:
            return "removing"
        return "created" if self.started_at == NEVER else "exited"


@define(eq=False, kw_only=True)
class LogEntry:
    """One line that a container printed."""

    stream: int
    """1 for stdout, 2 for stderr."""
    stamp: str
    moment: int
    """The same in nanoseconds since 1970."""
    text: str


@define(eq=False, kw_only=True)
class Container:
    """One container."""

    id: str
    name: str
    image_id: str
    created: str
    created_seconds: int
    order: int
    config: JsonDict
    host_config: JsonDict
    path: str
    arguments: list[str]
    endpoints: dict[str, JsonDict]
    """`NetworkSettings.Networks`."""
    mac_addresses: dict[str, str] = field(factory=dict)
    """Those that were asked for, by the name of the network."""
    mounts: list[JsonDict] = field(factory=list)
    anonymous_volumes: set[str] = field(factory=set)
    """Volumes that go with it if that is asked for."""
    volumes_by_path: set[str] = field(factory=set)
    """Those of them that are there for a path of `Volumes`."""
    state: ContainerState = field(factory=ContainerState)
    process: Process | None = None
    ports: JsonDict = field(factory=dict)
    """`NetworkSettings.Ports`."""
    sandbox: str = ""
    is_in_sandbox: bool = False
    """Whether the sandbox is in use, and not only still shown."""
    files: set[str] = field(factory=set)
    """What an engine wrote for it so far: files of its `network`, of its `hostname`, its `log`."""
    restart_count: int = 0
    is_stopped_by_hand: bool = False
    is_to_be_started: bool = False
    """Whether a restart that somebody asked for waits for its end."""
    is_being_stopped: bool = False
    """Whether somebody asked for its end, and is told of it."""
    exits: int = 0
    """How often its process has ended."""
    last_exit_code: int = 0
    """What it ended with, even when it runs again."""
    has_forgotten_networks: bool = False
    """Whether it was written down before it had any; that of its mode is added as it starts."""
    has_lost_process: bool = False
    """Whether its daemon was killed while it started it, and cannot any more (Docker 20.10)."""
    missed_exit: int | None = None
    """What its process ended with while the daemon was away."""
    logs: list[LogEntry] = field(factory=list)
    unfinished: dict[int, str] = field(factory=dict)
    """Lines that are not complete yet, by stream."""
    written: Written = field(factory=Written)
    """What commands have changed in its files."""
    guesses: set[str] = field(factory=set)
    """What was only assumed about its commands, and told."""
    unpacked: list[str] = field(factory=list)
    """Paths of what was copied into it."""
    exec_ids: list[str] = field(factory=list)
    strays: list[Exec] = field(factory=list)
    """Commands that the daemon does not know of any more, as it was away since; their processes run on."""
    restart: Appointment | None = None


@frozen(kw_only=True)
class Pool:
    """The addresses of one version of IP that a network gives to its containers."""

    subnet: Block
    span: Block
    """The part of it that those are from that nobody asked for."""
    gateway: Address
    reserved: frozenset[Address]
    """Those that no container gets, the gateway among them."""


@define(eq=False, kw_only=True)
class Network:
    """One network."""

    id: str
    name: str
    driver: str
    created: str
    order: int
    versions: tuple[int, ...] = (IPV4,)
    """Of IP: one or both."""
    own_subnets: dict[int, Block] = field(factory=dict)
    """Those that were asked for, by version of IP: there alone one may ask for an address."""
    pools: dict[int, Pool] = field(factory=dict)
    """By version of IP."""
    ipam: JsonDict = field(factory=dict)
    options: JsonDict = field(factory=dict)
    labels: dict[str, str] = field(factory=dict)
    is_internal: bool = False
    is_attachable: bool = False
    members: dict[str, dict[int, Address]] = field(factory=dict)
    """Ids of the running containers, and their addresses by version of IP."""

    @property
    def is_predefined(self) -> bool:
        """Whether it cannot be removed."""
        return self.name in PREDEFINED_NETWORKS


@define(eq=False, kw_only=True)
class Volume:
    """One volume."""

    name: str
    created: str
    driver: str = "local"
    labels: dict[str, str] | None = None
    options: dict[str, str] | None = None


@define(eq=False, kw_only=True)
class Exec:
    """A command beside the main process of a container."""

    id: str
    container_id: str
    command: list[str]
    user: str = ""
    environment: Sequence[str] = ()
    directory: str = ""
    has_stdin: bool = False
    has_stdout: bool = False
    has_stderr: bool = False
    has_tty: bool = False
    is_privileged: bool = False
    is_running: bool = False
    has_run: bool = False
    pid: int = 0
    exit_code: int | None = None
    running: Running | None = None
    output: list[Print] = field(factory=list)
    """What it has printed, and nobody has read."""
