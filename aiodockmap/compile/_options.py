"""Every option of a container: which forms it has, and how it combines (OPT).

One row serves docker-py's keyword and the Engine API's own name of the field, as `model` has them, in
`create_options`, in `host_config` and among the keyword arguments of `create`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from ..model import OPTION_NAMES, OptionName
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


def _as_it_is(value: object) -> object:
    return value


@frozen
class Option:
    """One option of a container."""

    name: OptionName
    convert: Converter[object]
    """From what authors write, with layers combined, to what is sent."""
    combine: Combine = combined
    prepare: Converter[object] = _as_it_is
    """What brings a value into the form in which layers combine."""

    @property
    def keyword(self) -> str:
        """Its one name in here."""
        return self.name.keyword

    @property
    def path(self) -> tuple[str, ...]:
        """Where the Engine API has it."""
        return self.name.path


def _prepared_ports(value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    return {port_key(port): bindings for port, bindings in value.items()}


def _prepared_links(value: object) -> object:
    pairs = link_pairs(value)
    return dict(pairs) if isinstance(value, Mapping) else [list(pair) for pair in pairs]


def _row(
    keyword: str,
    convert: Converter[object],
    combine: Combine = combined,
    prepare: Converter[object] = _as_it_is,
) -> Option:
    return Option(OPTION_NAMES[keyword], convert, combine, prepare)


OPTIONS: Final[tuple[Option, ...]] = (
    # Not in the body.
    _row("name", text),
    _row("platform", text),
    # Of the container.
    _row("image", text),
    _row("command", words, replaced),
    _row("entrypoint", words, replaced),
    _row("hostname", text),
    _row("domainname", text),
    _row("user", user),
    _row("working_dir", text),
    _row("environment", environment),
    _row("ports", exposed_ports),
    _row("volumes", volumes),
    _row("labels", labels),
    _row("stop_signal", text),
    _row("stop_timeout", integer),
    _row("healthcheck", healthcheck, prepare=healthcheck),
    _row("tty", flag),
    _row("OpenStdin", flag),
    _row("StdinOnce", flag),
    _row("AttachStdin", flag),
    _row("AttachStdout", flag),
    _row("AttachStderr", flag),
    _row("network_disabled", flag),
    _row("mac_address", text),
    _row("Shell", words),
    _row("OnBuild", texts),
    _row("ArgsEscaped", flag),
    _row(
        "networking_config",
        plain,
        combined_endpoints,
        networking_config,
    ),
    # Of the host: mounts.
    _row("binds", binds),
    _row("mounts", list_of(mount)),
    _row("tmpfs", tmpfs),
    _row(
        "volumes_from",
        texts,
        combined_sources,
        volume_sources,
    ),
    _row("volume_driver", text),
    _row("storage_opt", option_map),
    _row("shm_size", byte_count),
    _row("read_only", flag),
    _row("MaskedPaths", texts),
    _row("ReadonlyPaths", texts),
    # Of the host: network.
    _row("network_mode", text),
    _row("port_bindings", port_bindings, prepare=_prepared_ports),
    _row("publish_all_ports", flag),
    _row("links", links, combined_links, _prepared_links),
    _row("dns", texts),
    _row("dns_search", texts),
    _row("dns_opt", texts),
    _row("extra_hosts", extra_hosts),
    # Of the host: life cycle.
    _row("restart_policy", restart_policy),
    _row("auto_remove", flag),
    _row("init", flag),
    _row("log_config", log_config),
    _row("runtime", text),
    _row("isolation", text),
    _row("Annotations", option_map),
    _row("ConsoleSize", list_of(integer)),
    _row("ContainerIDFile", text),
    # Of the host: namespaces and rights.
    _row("pid_mode", text),
    _row("ipc_mode", text),
    _row("uts_mode", text),
    _row("userns_mode", text),
    _row("cgroupns", text),
    _row("cgroup_parent", text),
    _row("Cgroup", text),
    _row("privileged", flag),
    _row("cap_add", texts),
    _row("cap_drop", texts),
    _row("security_opt", texts),
    _row("group_add", texts),
    _row("sysctls", map_of(text)),
    # Of the host: devices.
    _row("devices", list_of(device)),
    _row("device_cgroup_rules", texts),
    _row("device_requests", list_of(device_request)),
    # Of the host: limits.
    _row("mem_limit", byte_count),
    _row("memswap_limit", byte_count),
    _row("mem_reservation", byte_count),
    _row("mem_swappiness", integer),
    _row("kernel_memory", byte_count),
    _row("KernelMemoryTCP", byte_count),
    _row("oom_kill_disable", flag),
    _row("oom_score_adj", integer),
    _row("pids_limit", integer),
    _row("ulimits", ulimits),
    _row("cpu_shares", integer),
    _row("cpu_period", integer),
    _row("cpu_quota", integer),
    _row("cpu_rt_period", integer),
    _row("cpu_rt_runtime", integer),
    _row("cpuset_cpus", text),
    _row("cpuset_mems", text),
    _row("nano_cpus", integer),
    _row("cpu_count", integer),
    _row("cpu_percent", integer),
    _row("blkio_weight", integer),
    _row("blkio_weight_device", list_of(device_value("Weight", integer))),
    _row("device_read_bps", list_of(device_value("Rate", byte_count))),
    _row("device_write_bps", list_of(device_value("Rate", byte_count))),
    _row("device_read_iops", list_of(device_value("Rate", integer))),
    _row("device_write_iops", list_of(device_value("Rate", integer))),
    _row("IOMaximumIOps", integer),
    _row("IOMaximumBandwidth", byte_count),
    # Stand for several fields, or for none.
    _row("stdin_open", flag),
    _row("detach", flag),
    _row("use_config_proxy", flag),
    # No engine knows these any more (LEG-13).
    _row("lxc_conf", plain),
    _row("init_path", text),
)

OPTION_BY_NAME: Final[Mapping[str, Option]] = {
    name: option for option in OPTIONS for name in option.name.names
}
"""The row of each name that an option may be called by."""
