"""Every option of a container: what it is called, which forms it has, and how it combines (OPT).

One row serves docker-py's keyword and the Engine API's own name of the field, in `create_options`, in
`host_config` and among the keyword arguments of `create`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from ..model import hint_in_style
from ._combine import (
    Combine,
    combined,
    combined_endpoints,
    combined_links,
    combined_sources,
    replaced,
)
from ._container_forms import (
    device,
    device_request,
    device_value,
    environment,
    healthcheck,
    log_config,
    own_labels,
    restart_policy,
    ulimits,
    user,
)
from ._conversions import (
    Converter,
    byte_count,
    flag,
    integer,
    list_of,
    map_of,
    option_map,
    plain,
    text,
    texts,
    words,
)
from ._mount_forms import binds, mount, tmpfs, volume_sources, volumes
from ._network_forms import extra_hosts, link_pairs, links, networking_config
from ._port_forms import exposed_ports, port_bindings, port_key

HOST_CONFIG: Final = "HostConfig"
QUERY: Final = "?"
"""First part of the path of what is no part of the body."""

NESTED_OPTIONS: Final = frozenset({"host_config", HOST_CONFIG})
"""What those of the host may be called where they are a mapping among the others (KW-6)."""


def _as_it_is(value: object) -> object:
    return value


@frozen
class Option:
    """One option of a container: its names, its place, and the forms of its values."""

    keyword: str
    """Its one name in here: docker-py's, or the Engine API's where docker-py has none."""
    path: tuple[str, ...]
    """Where the Engine API has it: `("HostConfig", "Memory")`; empty: there is no such field."""
    convert: Converter[object]
    """From what authors write, with layers combined, to what is sent."""
    combine: Combine = combined
    prepare: Converter[object] = _as_it_is
    """What brings a value into the form in which layers combine."""
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that it may be called."""
        field = self.path[1:] if self.path[:1] == (HOST_CONFIG,) else self.path[:1]
        return tuple(dict.fromkeys((self.keyword, *(set(field) - {QUERY}), *self.aliases)))

    @property
    def is_host_config(self) -> bool:
        """Whether it belongs to `host_config` rather than `create_options`."""
        return self.path[:1] == (HOST_CONFIG,) or self.keyword in _FORMER_HOST_CONFIG


_FORMER_HOST_CONFIG: Final = frozenset({"lxc_conf", "init_path"})


def _prepared_ports(value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    return {port_key(port): bindings for port, bindings in value.items()}


def _prepared_links(value: object) -> object:
    pairs = link_pairs(value)
    return dict(pairs) if isinstance(value, Mapping) else [list(pair) for pair in pairs]


OPTIONS: Final[tuple[Option, ...]] = (
    # Not in the body.
    Option("name", (QUERY, "name"), text),
    Option("platform", (QUERY, "platform"), text),
    # Of the container.
    Option("image", ("Image",), text),
    Option("command", ("Cmd",), words, combine=replaced),
    Option("entrypoint", ("Entrypoint",), words, combine=replaced),
    Option("hostname", ("Hostname",), text),
    Option("domainname", ("Domainname",), text),
    Option("user", ("User",), user),
    Option("working_dir", ("WorkingDir",), text),
    Option("environment", ("Env",), environment),
    Option("ports", ("ExposedPorts",), exposed_ports),
    Option("volumes", ("Volumes",), volumes),
    Option("labels", ("Labels",), own_labels),
    Option("stop_signal", ("StopSignal",), text),
    Option("stop_timeout", ("StopTimeout",), integer),
    Option("healthcheck", ("Healthcheck",), healthcheck, prepare=healthcheck),
    Option("tty", ("Tty",), flag),
    Option("OpenStdin", ("OpenStdin",), flag),
    Option("StdinOnce", ("StdinOnce",), flag),
    Option("AttachStdin", ("AttachStdin",), flag),
    Option("AttachStdout", ("AttachStdout",), flag),
    Option("AttachStderr", ("AttachStderr",), flag),
    Option("network_disabled", ("NetworkDisabled",), flag),
    Option("mac_address", ("MacAddress",), text),
    Option("Shell", ("Shell",), words),
    Option("OnBuild", ("OnBuild",), texts),
    Option("ArgsEscaped", ("ArgsEscaped",), flag),
    Option(
        "networking_config",
        ("NetworkingConfig", "EndpointsConfig"),
        plain,
        combine=combined_endpoints,
        prepare=networking_config,
    ),
    # Of the host: mounts.
    Option("binds", (HOST_CONFIG, "Binds"), binds),
    Option("mounts", (HOST_CONFIG, "Mounts"), list_of(mount)),
    Option("tmpfs", (HOST_CONFIG, "Tmpfs"), tmpfs),
    Option(
        "volumes_from",
        (HOST_CONFIG, "VolumesFrom"),
        texts,
        combine=combined_sources,
        prepare=volume_sources,
    ),
    Option("volume_driver", (HOST_CONFIG, "VolumeDriver"), text),
    Option("storage_opt", (HOST_CONFIG, "StorageOpt"), option_map),
    Option("shm_size", (HOST_CONFIG, "ShmSize"), byte_count),
    Option("read_only", (HOST_CONFIG, "ReadonlyRootfs"), flag),
    Option("MaskedPaths", (HOST_CONFIG, "MaskedPaths"), texts, aliases=("masked_paths",)),
    Option("ReadonlyPaths", (HOST_CONFIG, "ReadonlyPaths"), texts, aliases=("readonly_paths",)),
    # Of the host: network.
    Option("network_mode", (HOST_CONFIG, "NetworkMode"), text),
    Option("port_bindings", (HOST_CONFIG, "PortBindings"), port_bindings, prepare=_prepared_ports),
    Option("publish_all_ports", (HOST_CONFIG, "PublishAllPorts"), flag),
    Option("links", (HOST_CONFIG, "Links"), links, combine=combined_links, prepare=_prepared_links),
    Option("dns", (HOST_CONFIG, "Dns"), texts),
    Option("dns_search", (HOST_CONFIG, "DnsSearch"), texts),
    Option("dns_opt", (HOST_CONFIG, "DnsOptions"), texts),
    Option("extra_hosts", (HOST_CONFIG, "ExtraHosts"), extra_hosts),
    # Of the host: life cycle.
    Option("restart_policy", (HOST_CONFIG, "RestartPolicy"), restart_policy),
    Option("auto_remove", (HOST_CONFIG, "AutoRemove"), flag),
    Option("init", (HOST_CONFIG, "Init"), flag),
    Option("log_config", (HOST_CONFIG, "LogConfig"), log_config),
    Option("runtime", (HOST_CONFIG, "Runtime"), text),
    Option("isolation", (HOST_CONFIG, "Isolation"), text),
    Option("Annotations", (HOST_CONFIG, "Annotations"), option_map, aliases=("annotations",)),
    Option(
        "ConsoleSize", (HOST_CONFIG, "ConsoleSize"), list_of(integer), aliases=("console_size",)
    ),
    Option("ContainerIDFile", (HOST_CONFIG, "ContainerIDFile"), text),
    # Of the host: namespaces and rights.
    Option("pid_mode", (HOST_CONFIG, "PidMode"), text),
    Option("ipc_mode", (HOST_CONFIG, "IpcMode"), text),
    Option("uts_mode", (HOST_CONFIG, "UTSMode"), text),
    Option("userns_mode", (HOST_CONFIG, "UsernsMode"), text),
    Option("cgroupns", (HOST_CONFIG, "CgroupnsMode"), text, aliases=("cgroupns_mode",)),
    Option("cgroup_parent", (HOST_CONFIG, "CgroupParent"), text),
    Option("Cgroup", (HOST_CONFIG, "Cgroup"), text),
    Option("privileged", (HOST_CONFIG, "Privileged"), flag),
    Option("cap_add", (HOST_CONFIG, "CapAdd"), texts),
    Option("cap_drop", (HOST_CONFIG, "CapDrop"), texts),
    Option("security_opt", (HOST_CONFIG, "SecurityOpt"), texts),
    Option("group_add", (HOST_CONFIG, "GroupAdd"), texts),
    Option("sysctls", (HOST_CONFIG, "Sysctls"), map_of(text)),
    # Of the host: devices.
    Option("devices", (HOST_CONFIG, "Devices"), list_of(device)),
    Option("device_cgroup_rules", (HOST_CONFIG, "DeviceCgroupRules"), texts),
    Option("device_requests", (HOST_CONFIG, "DeviceRequests"), list_of(device_request)),
    # Of the host: limits.
    Option("mem_limit", (HOST_CONFIG, "Memory"), byte_count),
    Option("memswap_limit", (HOST_CONFIG, "MemorySwap"), byte_count),
    Option("mem_reservation", (HOST_CONFIG, "MemoryReservation"), byte_count),
    Option("mem_swappiness", (HOST_CONFIG, "MemorySwappiness"), integer),
    Option("kernel_memory", (HOST_CONFIG, "KernelMemory"), byte_count),
    Option(
        "KernelMemoryTCP",
        (HOST_CONFIG, "KernelMemoryTCP"),
        byte_count,
        aliases=("kernel_memory_tcp",),
    ),
    Option("oom_kill_disable", (HOST_CONFIG, "OomKillDisable"), flag),
    Option("oom_score_adj", (HOST_CONFIG, "OomScoreAdj"), integer),
    Option("pids_limit", (HOST_CONFIG, "PidsLimit"), integer),
    Option("ulimits", (HOST_CONFIG, "Ulimits"), ulimits),
    Option("cpu_shares", (HOST_CONFIG, "CpuShares"), integer),
    Option("cpu_period", (HOST_CONFIG, "CpuPeriod"), integer),
    Option("cpu_quota", (HOST_CONFIG, "CpuQuota"), integer),
    Option(
        "cpu_rt_period", (HOST_CONFIG, "CpuRealtimePeriod"), integer, aliases=("CPURealtimePeriod",)
    ),
    Option(
        "cpu_rt_runtime",
        (HOST_CONFIG, "CpuRealtimeRuntime"),
        integer,
        aliases=("CPURealtimeRuntime",),
    ),
    Option("cpuset_cpus", (HOST_CONFIG, "CpusetCpus"), text, aliases=("cpuset",)),
    Option("cpuset_mems", (HOST_CONFIG, "CpusetMems"), text),
    Option("nano_cpus", (HOST_CONFIG, "NanoCpus"), integer, aliases=("NanoCPUs",)),
    Option("cpu_count", (HOST_CONFIG, "CpuCount"), integer),
    Option("cpu_percent", (HOST_CONFIG, "CpuPercent"), integer),
    Option("blkio_weight", (HOST_CONFIG, "BlkioWeight"), integer),
    Option(
        "blkio_weight_device",
        (HOST_CONFIG, "BlkioWeightDevice"),
        list_of(device_value("Weight", integer)),
    ),
    Option(
        "device_read_bps",
        (HOST_CONFIG, "BlkioDeviceReadBps"),
        list_of(device_value("Rate", byte_count)),
    ),
    Option(
        "device_write_bps",
        (HOST_CONFIG, "BlkioDeviceWriteBps"),
        list_of(device_value("Rate", byte_count)),
    ),
    Option(
        "device_read_iops",
        (HOST_CONFIG, "BlkioDeviceReadIOps"),
        list_of(device_value("Rate", integer)),
    ),
    Option(
        "device_write_iops",
        (HOST_CONFIG, "BlkioDeviceWriteIOps"),
        list_of(device_value("Rate", integer)),
    ),
    Option("IOMaximumIOps", (HOST_CONFIG, "IOMaximumIOps"), integer),
    Option("IOMaximumBandwidth", (HOST_CONFIG, "IOMaximumBandwidth"), byte_count),
    # Stand for several fields, or for none.
    Option("stdin_open", (), flag),
    Option("detach", (), flag),
    Option("use_config_proxy", (), flag),
    # No engine knows these any more (LEG-13).
    Option("lxc_conf", (), plain),
    Option("init_path", (), text),
)

OPTION_BY_NAME: Final[Mapping[str, Option]] = {
    name: option for option in OPTIONS for name in option.names
}
"""The row of each name that an option may be called by."""

_HOST_NAMES: Final = tuple(name for name, option in OPTION_BY_NAME.items() if option.is_host_config)
_ALL_NAMES: Final = (*OPTION_BY_NAME, *NESTED_OPTIONS)


def one_name(name: object) -> object:
    """The same name for all that an option may be called by; others stay as they are."""
    if name in NESTED_OPTIONS:
        return HOST_CONFIG
    option = OPTION_BY_NAME.get(name) if isinstance(name, str) else None
    return name if option is None else option.keyword


def unknown_option(name: object, *, is_host_config: bool) -> tuple[str, str | None] | None:
    """What is wrong with the name of an option, and the way out; None if nothing is (OPT-4)."""
    option = OPTION_BY_NAME.get(name) if isinstance(name, str) else None
    if option is not None and (option.is_host_config or not is_host_config):
        return None
    if option is not None:
        return "is no option of the host", "it belongs in create_options"
    known = _HOST_NAMES if is_host_config else _ALL_NAMES
    return "there is no such option", hint_in_style(str(name), known)
