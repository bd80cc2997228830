"""What the options of a container are called, by docker-py and by the Engine API (OPT)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

HOST_CONFIG: Final = "HostConfig"
QUERY: Final = "?"
"""First part of the path of what is no part of the body."""

NESTED_OPTIONS: Final = frozenset({"host_config", HOST_CONFIG})
"""What those of the host may be called where they are a mapping among the others (KW-6)."""


@frozen
class OptionName:
    """The names of one option, and its place."""

    keyword: str
    """Its one name in here: docker-py's, or the Engine API's where docker-py has none."""
    path: tuple[str, ...]
    """Where the Engine API has it: `("HostConfig", "Memory")`; empty: there is no such field."""
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

_OPTIONS: Final[tuple[OptionName, ...]] = (
    # Not in the body.
    OptionName("name", ("?", "name")),
    OptionName("platform", ("?", "platform")),
    # Of the container.
    OptionName("image", ("Image",)),
    OptionName("command", ("Cmd",)),
    OptionName("entrypoint", ("Entrypoint",)),
    OptionName("hostname", ("Hostname",)),
    OptionName("domainname", ("Domainname",)),
    OptionName("user", ("User",)),
    OptionName("working_dir", ("WorkingDir",)),
    OptionName("environment", ("Env",)),
    OptionName("ports", ("ExposedPorts",)),
    OptionName("volumes", ("Volumes",)),
    OptionName("labels", ("Labels",)),
    OptionName("stop_signal", ("StopSignal",)),
    OptionName("stop_timeout", ("StopTimeout",)),
    OptionName("healthcheck", ("Healthcheck",)),
    OptionName("tty", ("Tty",)),
    OptionName("OpenStdin", ("OpenStdin",)),
    OptionName("StdinOnce", ("StdinOnce",)),
    OptionName("AttachStdin", ("AttachStdin",)),
    OptionName("AttachStdout", ("AttachStdout",)),
    OptionName("AttachStderr", ("AttachStderr",)),
    OptionName("network_disabled", ("NetworkDisabled",)),
    OptionName("mac_address", ("MacAddress",)),
    OptionName("Shell", ("Shell",)),
    OptionName("OnBuild", ("OnBuild",)),
    OptionName("ArgsEscaped", ("ArgsEscaped",)),
    OptionName("networking_config", ("NetworkingConfig", "EndpointsConfig")),
    # Of the host: mounts.
    OptionName("binds", ("HostConfig", "Binds")),
    OptionName("mounts", ("HostConfig", "Mounts")),
    OptionName("tmpfs", ("HostConfig", "Tmpfs")),
    OptionName("volumes_from", ("HostConfig", "VolumesFrom")),
    OptionName("volume_driver", ("HostConfig", "VolumeDriver")),
    OptionName("storage_opt", ("HostConfig", "StorageOpt")),
    OptionName("shm_size", ("HostConfig", "ShmSize")),
    OptionName("read_only", ("HostConfig", "ReadonlyRootfs")),
    OptionName("MaskedPaths", ("HostConfig", "MaskedPaths"), aliases=("masked_paths",)),
    OptionName("ReadonlyPaths", ("HostConfig", "ReadonlyPaths"), aliases=("readonly_paths",)),
    # Of the host: network.
    OptionName("network_mode", ("HostConfig", "NetworkMode")),
    OptionName("port_bindings", ("HostConfig", "PortBindings")),
    OptionName("publish_all_ports", ("HostConfig", "PublishAllPorts")),
    OptionName("links", ("HostConfig", "Links")),
    OptionName("dns", ("HostConfig", "Dns")),
    OptionName("dns_search", ("HostConfig", "DnsSearch")),
    OptionName("dns_opt", ("HostConfig", "DnsOptions")),
    OptionName("extra_hosts", ("HostConfig", "ExtraHosts")),
    # Of the host: life cycle.
    OptionName("restart_policy", ("HostConfig", "RestartPolicy")),
    OptionName("auto_remove", ("HostConfig", "AutoRemove")),
    OptionName("init", ("HostConfig", "Init")),
    OptionName("log_config", ("HostConfig", "LogConfig")),
    OptionName("runtime", ("HostConfig", "Runtime")),
    OptionName("isolation", ("HostConfig", "Isolation")),
    OptionName("Annotations", ("HostConfig", "Annotations"), aliases=("annotations",)),
    OptionName("ConsoleSize", ("HostConfig", "ConsoleSize"), aliases=("console_size",)),
    OptionName("ContainerIDFile", ("HostConfig", "ContainerIDFile")),
    # Of the host: namespaces and rights.
    OptionName("pid_mode", ("HostConfig", "PidMode")),
    OptionName("ipc_mode", ("HostConfig", "IpcMode")),
    OptionName("uts_mode", ("HostConfig", "UTSMode")),
    OptionName("userns_mode", ("HostConfig", "UsernsMode")),
    OptionName("cgroupns", ("HostConfig", "CgroupnsMode"), aliases=("cgroupns_mode",)),
    OptionName("cgroup_parent", ("HostConfig", "CgroupParent")),
    OptionName("Cgroup", ("HostConfig", "Cgroup")),
    OptionName("privileged", ("HostConfig", "Privileged")),
    OptionName("cap_add", ("HostConfig", "CapAdd")),
    OptionName("cap_drop", ("HostConfig", "CapDrop")),
    OptionName("security_opt", ("HostConfig", "SecurityOpt")),
    OptionName("group_add", ("HostConfig", "GroupAdd")),
    OptionName("sysctls", ("HostConfig", "Sysctls")),
    # Of the host: devices.
    OptionName("devices", ("HostConfig", "Devices")),
    OptionName("device_cgroup_rules", ("HostConfig", "DeviceCgroupRules")),
    OptionName("device_requests", ("HostConfig", "DeviceRequests")),
    # Of the host: limits.
    OptionName("mem_limit", ("HostConfig", "Memory")),
    OptionName("memswap_limit", ("HostConfig", "MemorySwap")),
    OptionName("mem_reservation", ("HostConfig", "MemoryReservation")),
    OptionName("mem_swappiness", ("HostConfig", "MemorySwappiness")),
    OptionName("kernel_memory", ("HostConfig", "KernelMemory")),
    OptionName(
        "KernelMemoryTCP", ("HostConfig", "KernelMemoryTCP"), aliases=("kernel_memory_tcp",)
    ),
    OptionName("oom_kill_disable", ("HostConfig", "OomKillDisable")),
    OptionName("oom_score_adj", ("HostConfig", "OomScoreAdj")),
    OptionName("pids_limit", ("HostConfig", "PidsLimit")),
    OptionName("ulimits", ("HostConfig", "Ulimits")),
    OptionName("cpu_shares", ("HostConfig", "CpuShares")),
    OptionName("cpu_period", ("HostConfig", "CpuPeriod")),
    OptionName("cpu_quota", ("HostConfig", "CpuQuota")),
    OptionName(
        "cpu_rt_period", ("HostConfig", "CpuRealtimePeriod"), aliases=("CPURealtimePeriod",)
    ),
    OptionName(
        "cpu_rt_runtime", ("HostConfig", "CpuRealtimeRuntime"), aliases=("CPURealtimeRuntime",)
    ),
    OptionName("cpuset_cpus", ("HostConfig", "CpusetCpus"), aliases=("cpuset",)),
    OptionName("cpuset_mems", ("HostConfig", "CpusetMems")),
    OptionName("nano_cpus", ("HostConfig", "NanoCpus"), aliases=("NanoCPUs",)),
    OptionName("cpu_count", ("HostConfig", "CpuCount")),
    OptionName("cpu_percent", ("HostConfig", "CpuPercent")),
    OptionName("blkio_weight", ("HostConfig", "BlkioWeight")),
    OptionName("blkio_weight_device", ("HostConfig", "BlkioWeightDevice")),
    OptionName("device_read_bps", ("HostConfig", "BlkioDeviceReadBps")),
    OptionName("device_write_bps", ("HostConfig", "BlkioDeviceWriteBps")),
    OptionName("device_read_iops", ("HostConfig", "BlkioDeviceReadIOps")),
    OptionName("device_write_iops", ("HostConfig", "BlkioDeviceWriteIOps")),
    OptionName("IOMaximumIOps", ("HostConfig", "IOMaximumIOps")),
    OptionName("IOMaximumBandwidth", ("HostConfig", "IOMaximumBandwidth")),
    # Stand for several fields, or for none.
    OptionName("stdin_open", ()),
    OptionName("detach", ()),
    OptionName("use_config_proxy", ()),
    # No engine knows these any more (LEG-13).
    OptionName("lxc_conf", ()),
    OptionName("init_path", ()),
)

OPTION_NAMES: Final[Mapping[str, OptionName]] = {
    name: option for option in _OPTIONS for name in option.names
}
"""What each name means that an option may be called by."""
