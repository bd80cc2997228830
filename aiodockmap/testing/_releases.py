"""What differs between the releases of Docker that the embedded engine can be, in one place.

`Release` says what can differ, and how Docker 20.10 has it; `DOCKER_28_5` says what that does otherwise.
The words of refusals are a table of their own, in `_rewordings`. Beside it are the versions of the
API from which on calls mean more than before, whichever release answers them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from attrs import field, frozen

from ._answers import ApiError, Call, JsonDict, numbers_of
from ._rewordings import DOCKER_28_5_WORDS, Rewording, reworded

PULL_FOR_PLATFORM: Final = "1.32"
SIGNAL_ON_STOP: Final = "1.42"
NO_BUILDER_SIZE: Final = "1.42"
MOUNT_OPTIONS_CHECKED: Final = "1.42"
MOUNTPOINTS_ON_DEMAND: Final = "1.42"
STREAMS_HAVE_TYPES: Final = "1.42"
PRUNES_ANONYMOUS_VOLUMES: Final = "1.42"
NAMELESS_IMAGES_HAVE_NO_NAMES: Final = "1.43"
ENDPOINT_MAC_ADDRESS: Final = "1.44"
SEVERAL_NETWORKS: Final = "1.44"
NO_VIRTUAL_SIZE: Final = "1.44"
ALIASES_AS_GIVEN: Final = "1.45"
NO_CONTAINER_OF_IMAGE: Final = "1.45"
ANNOTATIONS_IN_LISTS: Final = "1.46"
NETWORKS_WITHOUT_IPV4: Final = "1.48"
IMAGE_MOUNTS: Final = "1.48"
SHORT_IMAGE_CONFIG: Final = "1.50"
IMAGE_LIST_COUNTS: Final = "1.51"
HOST_CONFIG_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "KernelMemory": ("1.0", "1.42"),
    "Annotations": ("1.43", "99.0"),
}
"""Fields of `HostConfig` that there have not been always: from which version on, and up to which."""
MOUNT_OPTIONS_SINCE: Final[Mapping[tuple[str, str], str]] = {
    ("BindOptions", "ReadOnlyForceRecursive"): "1.44",
    ("VolumeOptions", "Subpath"): "1.45",
}
"""Options of mounts that older versions of the API refuse."""
HEALTHCHECK_FIELDS: Final[Mapping[str, tuple[str, str]]] = {"StartInterval": ("1.44", "99.0")}


class StartStep(Enum):
    """What an engine does to start a container; what fails undoes it."""

    SHARED_NETWORK = "look at whose network it shares"
    SANDBOX = "give it a network namespace, and files for names"
    NETWORKS = "attach it to its networks"
    PORTS = "publish its ports"
    JOINED = "tell that it has joined its networks"
    HOSTNAME = "write down its host name"
    LINKS = "look at what it is linked to"
    VOLUMES = "mount its volumes"
    LOG = "open its log"
    PROGRAM = "have its program run"


class EndStep(Enum):
    """What an engine does when the process of a container has ended."""

    TELL = "say that it died"
    NETWORKS = "detach it from its networks"
    VOLUMES = "unmount its volumes"


@frozen(kw_only=True)
class Release:
    """One release of Docker, as far as callers can tell it from another.

    What is not given is as Docker 20.10 has it.
    """

    version: str
    api_version: str
    oldest_api_version: str
    rewordings: tuple[Rewording, ...] = ()
    """What it refuses in other words, or with another status."""

    takes_empty_bodies: bool = False
    """Whether no body at all is as good as an empty document, except where containers are created."""

    # The engine itself.
    ping_headers: Mapping[str, str] = field(factory=dict)
    """What a ping says beyond what every answer does."""
    capabilities: tuple[str, ...] = (
        *("MemoryLimit", "SwapLimit", "KernelMemory", "KernelMemoryTCP", "CpuCfsPeriod"),
        *("CpuCfsQuota", "CPUShares", "CPUSet", "PidsLimit", "IPv4Forwarding", "OomKillDisable"),
        *("BridgeNfIptables", "BridgeNfIp6tables"),
    )
    """What `GET /info` says that it can do."""
    info: Mapping[str, object] = field(factory=dict)
    """What `GET /info` says besides, or instead."""

    # What is stored of containers, and what is refused when they are created.
    default_network_mode: str = "default"
    """What becomes of a `NetworkMode` that is empty or `default`."""
    default_restart_policy: str = ""
    names_runtime_at_creation: bool = False
    """Whether `Runtime` is always there, and not only from the first start on."""
    shows_kernel_memory: bool = True
    """Whether limits on the memory of the kernel are shown that nobody has set."""
    warns_of_kernel_memory: bool = True
    masked_paths: tuple[str, ...] = (
        *("/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats"),
        *("/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi"),
        "/sys/firmware",
    )
    mount_types: tuple[str, ...] = ("bind", "volume", "tmpfs")
    unknown_mount_fields: tuple[str, ...] = (
        *("ImageOptions", "ClusterOptions", "BindOptions.CreateMountpoint"),
        *("BindOptions.ReadOnlyNonRecursive", "BindOptions.ReadOnlyForceRecursive"),
        *("VolumeOptions.Subpath", "TmpfsOptions.Options"),
    )
    """What is not read of mounts."""
    endpoint_fields: Mapping[str, object] = field(factory=dict)
    """What is stored of an endpoint besides, and its defaults."""
    has_dns_names: bool = False
    """Whether the own names of a container are `DNSNames` of its endpoint, and not `Aliases`."""
    moves_mac_address: bool = False
    """Whether `MacAddress` of a container becomes one of its endpoint on the network of its mode."""
    says_all_about_endpoints: bool = False
    """Whether endpoints are checked when a container is created, and all that is wrong is said at once."""

    # Lives of containers.
    start_steps: tuple[StartStep, ...] = (
        *(StartStep.SHARED_NETWORK, StartStep.NETWORKS, StartStep.SANDBOX, StartStep.PORTS),
        *(StartStep.JOINED, StartStep.HOSTNAME, StartStep.LINKS, StartStep.VOLUMES),
        *(StartStep.LOG, StartStep.PROGRAM),
    )
    end_steps: tuple[EndStep, ...] = (EndStep.TELL, EndStep.NETWORKS, EndStep.VOLUMES)
    keeps_sandbox: bool = True
    """Whether the sandbox of a container that has ended is still shown."""
    has_hostname_without_network: bool = True
    networking_failed: str = "{}"
    """What is said of a start that fails on networks or ports."""
    tells_duration: bool = False
    """Whether the event of a death says how many seconds the process has run."""
    minds_wait_conditions: bool = False
    """Whether a wait for what there is not is refused."""
    wait_success: Mapping[str, object] = field(factory=lambda: {"Error": None})
    """What a wait answers beside the code if nothing is wrong."""
    names_stream_types: bool = False
    """Whether output of containers has a `Content-Type`, and which streams are in it."""
    missing_exec_code: int = 126
    """What an exec command ends with whose program is missing."""

    # A daemon that comes back without having ended what it ran.
    shows_lost_endpoints: bool = True
    """Whether what has ended meanwhile is shown with its last addresses, ports and health until its start."""
    missed_exit_code: int | None = None
    """What is taken for the exit code of what has ended meanwhile; None for its own."""
    forgets_restarts: bool = True
    """Whether what waited for its restart counts as ended well."""
    loses_processes: bool = True
    """Whether one that is killed within a start has a process then that it does not know of."""
    leaves_half_made: bool = True
    """Whether one that is killed within a creation knows the container without its networks and volumes."""
    gives_up_starts: bool = False
    """Whether a start fails whose caller hung up before."""
    ends_auto_removed: bool = True
    """Whether it ends what is to be removed at its end, even where it keeps what runs."""
    shows_output_of_slow_checks: bool = False
    """Whether the log of health checks has what one printed that took too long."""

    # Networks, volumes and images.
    has_unique_network_names: bool = False
    says_all_about_subnets: bool = False
    """Whether addresses of a network are checked first, and all that is wrong is said at once."""
    says_enable_ipv4: bool = False
    """Whether networks say `EnableIPv4`."""
    shows_own_subnets_first: bool = False
    """Whether a network shows all subnets that were asked for before those that were chosen."""
    ipv6_pool: str | None = None
    """Where networks with IPv6 get a subnet if they ask for none; None if they get none."""
    has_tiny_subnets: bool = False
    """Whether all addresses can be used of subnets that have no more than two."""
    shows_bridge_gateway: bool = False
    no_subnets: tuple[()] | None = ()
    """What is said of the subnets of a network without any."""
    isolates_internal_networks: bool = False
    """Whether endpoints of internal networks have no gateway."""
    disconnects_told: int = 2
    """How often it is told that a running container was disconnected."""
    no_subnet_left: tuple[int, str] = (
        404,
        (
            "could not find an available, non-overlapping IPv{version} address pool "
            "among the defaults to assign to the network"
        ),
    )
    tells_of_made_images: bool = False
    """Whether it is told that a commit makes an image, and not only what that is called."""
    commits_stop_signals: bool = False
    """Whether a commit may change the stop signal."""
    more_image_filters: frozenset[str] = frozenset()
    """What else images can be listed by."""
    image_fields: Mapping[str, object] = field(factory=lambda: {"Container": ""})
    """What is said of an image besides."""
    asks_for_push_credentials: bool = True
    """Whether a push without any header for credentials is refused."""
    warns_of_pulled_platform: bool = False
    """Whether a pull says that what it got is for another platform."""
    anonymous_volume_labels: Mapping[str, str] | None = None
    """Labels of volumes that nobody named."""
    tells_of_known_volumes: bool = True
    """Whether a creation is told of a volume that is there already."""

    @property
    def name(self) -> str:
        """`28.5`, as one asks for it."""
        return self.version.rpartition(".")[0]

    @property
    def headers(self) -> dict[str, str]:
        """What every answer carries."""
        return {
            "api-version": self.api_version,
            "docker-experimental": "false",
            "ostype": "linux",
            "server": f"Docker/{self.version} (linux)",
        }

    def check(self, call: Call) -> None:
        """Refuse a call of a version of the API that this release does not have.

        Raises:
            ApiError: 400.
        """
        if call.version is None:
            return
        asked = f"client version {call.version} is too"
        if numbers_of(call.version) > numbers_of(self.api_version):
            newest = f"Maximum supported API version is {self.api_version}"
            raise ApiError(400, f"{asked} new. {newest}")
        if numbers_of(call.version) < numbers_of(self.oldest_api_version):
            oldest = f"Minimum supported API version is {self.oldest_api_version}"
            raise ApiError(
                400, f"{asked} old. {oldest}, please upgrade your client to a newer version"
            )

    def worded(self, error: ApiError) -> ApiError:
        """A refusal in the words of this release."""
        return reworded(error, self.rewordings)


DOCKER_20_10: Final = Release(version="20.10.24", api_version="1.41", oldest_api_version="1.12")
DOCKER_28_5: Final = Release(
    version="28.5.2",
    api_version="1.51",
    oldest_api_version="1.24",
    rewordings=DOCKER_28_5_WORDS,
    takes_empty_bodies=True,
    ping_headers={"builder-version": "2", "swarm": "inactive"},
    capabilities=(
        *("MemoryLimit", "SwapLimit", "KernelMemoryTCP", "CpuCfsPeriod", "CpuCfsQuota"),
        *("CPUShares", "CPUSet", "PidsLimit", "IPv4Forwarding", "OomKillDisable"),
    ),
    info={
        "CDISpecDirs": ["/etc/cdi", "/var/run/cdi"],
        "FirewallBackend": {"Driver": "iptables"},
        "SecurityOptions": ["name=seccomp,profile=builtin"],
    },
    default_network_mode="bridge",
    default_restart_policy="no",
    names_runtime_at_creation=True,
    shows_kernel_memory=False,
    warns_of_kernel_memory=False,
    masked_paths=(
        *("/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys"),
        *("/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug"),
        *("/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap"),
    ),
    mount_types=("bind", "volume", "tmpfs", "image"),
    unknown_mount_fields=(),
    endpoint_fields={"GwPriority": 0, "DNSNames": None},
    has_dns_names=True,
    moves_mac_address=True,
    says_all_about_endpoints=True,
    start_steps=(
        *(StartStep.SHARED_NETWORK, StartStep.SANDBOX, StartStep.HOSTNAME, StartStep.VOLUMES),
        *(StartStep.LINKS, StartStep.LOG, StartStep.PROGRAM, StartStep.NETWORKS),
        *(StartStep.PORTS, StartStep.JOINED),
    ),
    end_steps=(EndStep.NETWORKS, EndStep.VOLUMES, EndStep.TELL),
    keeps_sandbox=False,
    has_hostname_without_network=False,
    networking_failed="failed to set up container networking: {}",
    tells_duration=True,
    minds_wait_conditions=True,
    wait_success={},
    names_stream_types=True,
    missing_exec_code=127,
    shows_lost_endpoints=False,
    missed_exit_code=255,
    forgets_restarts=False,
    loses_processes=False,
    leaves_half_made=False,
    gives_up_starts=True,
    ends_auto_removed=False,
    shows_output_of_slow_checks=True,
    has_unique_network_names=True,
    says_all_about_subnets=True,
    says_enable_ipv4=True,
    shows_own_subnets_first=True,
    ipv6_pool="fd28:5000:e3b0::/48",
    has_tiny_subnets=True,
    shows_bridge_gateway=True,
    no_subnets=None,
    isolates_internal_networks=True,
    disconnects_told=1,
    no_subnet_left=(400, "all predefined address pools have been fully subnetted"),
    tells_of_made_images=True,
    commits_stop_signals=True,
    more_image_filters=frozenset({"until"}),
    image_fields={},
    asks_for_push_credentials=False,
    warns_of_pulled_platform=True,
    anonymous_volume_labels={"com.docker.volume.anonymous": ""},
    tells_of_known_volumes=False,
)
RELEASES: Final[Mapping[str, Release]] = {
    release.name: release for release in (DOCKER_20_10, DOCKER_28_5)
}


def release_named(name: str) -> Release:
    """The release of `20.10` or `28.5`.

    Raises:
        ValueError: if there is none of that name.
    """
    if name not in RELEASES:
        known = " or ".join(RELEASES)
        raise ValueError(f"there is no embedded Docker {name}: ask for {known}")
    return RELEASES[name]


def known_fields(sent: JsonDict, fields: Mapping[str, tuple[str, str]], call: Call) -> JsonDict:
    """What was sent, without what the version of the API does not have."""
    return {
        key: value
        for key, value in sent.items()
        if key not in fields or (call.speaks(fields[key][0]) and not call.speaks(fields[key][1]))
    }
