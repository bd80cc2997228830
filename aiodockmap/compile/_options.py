"""Every option of a container: what it is called, where it goes, and which forms it has (OPT).

One row serves docker-py's keyword and the Engine API's own name of the field, in `create_options`, in
`host_config` and among the keyword arguments of `create`. A field that only the Engine API has goes
by that name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from ._combine import (
    Combine,
    combined,
    combined_endpoints,
    combined_links,
    combined_sources,
    replaced,
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
from ._option_forms import (
    device,
    device_request,
    device_value,
    environment,
    healthcheck,
    labels,
    log_config,
    restart_policy,
    ulimits,
    user,
)
from ._port_forms import exposed_ports, port_bindings, port_key

HOST_CONFIG: Final = "HostConfig"
QUERY: Final = "?"
"""First part of the path of what is no part of the body."""


def _as_it_is(value: object) -> object:
    return value


@frozen
class Option:
    """One option of a container."""

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


def _config(keyword: str, field: str, convert: Converter[object], *aliases: str) -> Option:
    return Option(keyword, (field,), convert, aliases=aliases)


def _host(keyword: str, field: str, convert: Converter[object], *aliases: str) -> Option:
    return Option(keyword, (HOST_CONFIG, field), convert, aliases=aliases)


OPTIONS: Final[tuple[Option, ...]] = (
    # Not in the body.
    Option("name", (QUERY, "name"), text),
    Option("platform", (QUERY, "platform"), text),
    # Of the container.
    _config("image", "Image", text),
    Option("command", ("Cmd",), words, replaced),
    Option("entrypoint", ("Entrypoint",), words, replaced),
    _config("hostname", "Hostname", text),
    _config("domainname", "Domainname", text),
    _config("user", "User", user),
    _config("working_dir", "WorkingDir", text),
    _config("environment", "Env", environment),
    _config("ports", "ExposedPorts", exposed_ports),
    _config("volumes", "Volumes", volumes),
    _config("labels", "Labels", labels),
    _config("stop_signal", "StopSignal", text),
    _config("stop_timeout", "StopTimeout", integer),
    Option("healthcheck", ("Healthcheck",), healthcheck, prepare=healthcheck),
    _config("tty", "Tty", flag),
    _config("OpenStdin", "OpenStdin", flag),
    _config("StdinOnce", "StdinOnce", flag),
    _config("AttachStdin", "AttachStdin", flag),
    _config("AttachStdout", "AttachStdout", flag),
    _config("AttachStderr", "AttachStderr", flag),
    _config("network_disabled", "NetworkDisabled", flag),
    _config("mac_address", "MacAddress", text),
    _config("Shell", "Shell", words),
    _config("OnBuild", "OnBuild", texts),
    _config("ArgsEscaped", "ArgsEscaped", flag),
    Option(
        "networking_config",
        ("NetworkingConfig", "EndpointsConfig"),
        plain,
        combined_endpoints,
        networking_config,
    ),
    # Of the host: mounts.
    _host("binds", "Binds", binds),
    _host("mounts", "Mounts", list_of(mount)),
    _host("tmpfs", "Tmpfs", tmpfs),
    Option(
        "volumes_from",
        (HOST_CONFIG, "VolumesFrom"),
        texts,
        combined_sources,
        volume_sources,
    ),
    _host("volume_driver", "VolumeDriver", text),
    _host("storage_opt", "StorageOpt", option_map),
    _host("shm_size", "ShmSize", byte_count),
    _host("read_only", "ReadonlyRootfs", flag),
    _host("MaskedPaths", "MaskedPaths", texts, "masked_paths"),
    _host("ReadonlyPaths", "ReadonlyPaths", texts, "readonly_paths"),
    # Of the host: network.
    _host("network_mode", "NetworkMode", text),
    Option("port_bindings", (HOST_CONFIG, "PortBindings"), port_bindings, prepare=_prepared_ports),
    _host("publish_all_ports", "PublishAllPorts", flag),
    Option("links", (HOST_CONFIG, "Links"), links, combined_links, _prepared_links),
    _host("dns", "Dns", texts),
    _host("dns_search", "DnsSearch", texts),
    _host("dns_opt", "DnsOptions", texts),
    _host("extra_hosts", "ExtraHosts", extra_hosts),
    # Of the host: life cycle.
    _host("restart_policy", "RestartPolicy", restart_policy),
    _host("auto_remove", "AutoRemove", flag),
    _host("init", "Init", flag),
    _host("log_config", "LogConfig", log_config),
    _host("runtime", "Runtime", text),
    _host("isolation", "Isolation", text),
    _host("Annotations", "Annotations", option_map, "annotations"),
    _host("ConsoleSize", "ConsoleSize", list_of(integer), "console_size"),
    _host("ContainerIDFile", "ContainerIDFile", text),
    # Of the host: namespaces and rights.
    _host("pid_mode", "PidMode", text),
    _host("ipc_mode", "IpcMode", text),
    _host("uts_mode", "UTSMode", text),
    _host("userns_mode", "UsernsMode", text),
    _host("cgroupns", "CgroupnsMode", text, "cgroupns_mode"),
    _host("cgroup_parent", "CgroupParent", text),
    _host("Cgroup", "Cgroup", text),
    _host("privileged", "Privileged", flag),
    _host("cap_add", "CapAdd", texts),
    _host("cap_drop", "CapDrop", texts),
    _host("security_opt", "SecurityOpt", texts),
    _host("group_add", "GroupAdd", texts),
    _host("sysctls", "Sysctls", map_of(text)),
    # Of the host: devices.
    _host("devices", "Devices", list_of(device)),
    _host("device_cgroup_rules", "DeviceCgroupRules", texts),
    _host("device_requests", "DeviceRequests", list_of(device_request)),
    # Of the host: limits.
    _host("mem_limit", "Memory", byte_count),
    _host("memswap_limit", "MemorySwap", byte_count),
    _host("mem_reservation", "MemoryReservation", byte_count),
    _host("mem_swappiness", "MemorySwappiness", integer),
    _host("kernel_memory", "KernelMemory", byte_count),
    _host("KernelMemoryTCP", "KernelMemoryTCP", byte_count, "kernel_memory_tcp"),
    _host("oom_kill_disable", "OomKillDisable", flag),
    _host("oom_score_adj", "OomScoreAdj", integer),
    _host("pids_limit", "PidsLimit", integer),
    _host("ulimits", "Ulimits", ulimits),
    _host("cpu_shares", "CpuShares", integer),
    _host("cpu_period", "CpuPeriod", integer),
    _host("cpu_quota", "CpuQuota", integer),
    _host("cpu_rt_period", "CpuRealtimePeriod", integer, "CPURealtimePeriod"),
    _host("cpu_rt_runtime", "CpuRealtimeRuntime", integer, "CPURealtimeRuntime"),
    _host("cpuset_cpus", "CpusetCpus", text, "cpuset"),
    _host("cpuset_mems", "CpusetMems", text),
    _host("nano_cpus", "NanoCpus", integer, "NanoCPUs"),
    _host("cpu_count", "CpuCount", integer),
    _host("cpu_percent", "CpuPercent", integer),
    _host("blkio_weight", "BlkioWeight", integer),
    _host("blkio_weight_device", "BlkioWeightDevice", list_of(device_value("Weight", integer))),
    _host("device_read_bps", "BlkioDeviceReadBps", list_of(device_value("Rate", byte_count))),
    _host("device_write_bps", "BlkioDeviceWriteBps", list_of(device_value("Rate", byte_count))),
    _host("device_read_iops", "BlkioDeviceReadIOps", list_of(device_value("Rate", integer))),
    _host("device_write_iops", "BlkioDeviceWriteIOps", list_of(device_value("Rate", integer))),
    _host("IOMaximumIOps", "IOMaximumIOps", integer),
    _host("IOMaximumBandwidth", "IOMaximumBandwidth", byte_count),
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
