"""One example of each option of a container (behaviour 5.2), for tests that go through all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["FRIEND", "GIVEN", "NETWORK", "filled"]

FRIEND = "{prefix}.friend"
NETWORK = "{prefix}.back"

# What is written for each option; `{prefix}` is the name of the map.
GIVEN: Mapping[str, object] = {
    "image": "aiodockmap-test",
    "command": "sleep '10'",
    "entrypoint": ["/bin/sh", "-c"],
    "hostname": "web",
    "domainname": "example.org",
    "user": ("1000", 2000),
    "working_dir": "/srv",
    "environment": {"A": 1, "B": "x y", "C": None},
    "ports": [80, "53/udp"],
    "volumes": ["/data"],
    "labels": {"role": "web", "level": 2},
    "stop_signal": 2,
    "stop_timeout": 3,
    "healthcheck": {"test": "true", "interval": "5s", "timeout": "2s", "retries": 3},
    "tty": True,
    "OpenStdin": True,
    "StdinOnce": True,
    "AttachStdin": True,
    "AttachStdout": True,
    "AttachStderr": True,
    "network_disabled": True,
    "mac_address": "02:42:ac:11:00:02",
    "Shell": ["/bin/sh", "-c"],
    "OnBuild": ["RUN true"],
    "ArgsEscaped": True,
    "networking_config": {
        "EndpointsConfig": {NETWORK: {"aliases": ["db"], "links": {FRIEND: "f"}}}
    },
    "binds": {"/tmp": {"bind": "/c", "mode": "ro"}},
    "mounts": [{"target": "/t", "type": "tmpfs", "tmpfs_size": "64m", "tmpfs_mode": 0o1777}],
    "tmpfs": ["/t:size=64m"],
    "volumes_from": [FRIEND + ":ro"],
    "volume_driver": "local",
    "storage_opt": {"size": "1g"},
    "shm_size": "32m",
    "read_only": True,
    "MaskedPaths": ["/proc/kcore"],
    "ReadonlyPaths": ["/proc/sys"],
    "network_mode": "none",
    "port_bindings": {80: ("127.0.0.1", 18080), "53/udp": None},
    "publish_all_ports": True,
    "links": {FRIEND: "f"},
    "dns": "10.0.0.53",
    "dns_search": ["example.org"],
    "dns_opt": ["ndots:2"],
    "extra_hosts": {"db": "10.0.0.1"},
    "restart_policy": {"Name": "on-failure", "MaximumRetryCount": 3},
    "auto_remove": True,
    "init": True,
    "log_config": {"type": "json-file", "config": {"max-file": 3}},
    "runtime": "runc",
    "isolation": "default",
    "Annotations": {"a": 1},
    "ConsoleSize": [24, 80],
    "ContainerIDFile": "/run/id",
    "pid_mode": "host",
    "ipc_mode": "shareable",
    "uts_mode": "host",
    "userns_mode": "host",
    "cgroupns": "host",
    "cgroup_parent": "/apps",
    "Cgroup": "",
    "privileged": True,
    "cap_add": ["NET_ADMIN"],
    "cap_drop": "MKNOD",
    "security_opt": ["no-new-privileges"],
    "group_add": [1000],
    "sysctls": {"net.ipv4.ip_forward": 1},
    "devices": ["/dev/null:/dev/x:r", "/dev/zero"],
    "device_cgroup_rules": ["c 1:3 mr"],
    "device_requests": [{"driver": "x", "count": 1, "capabilities": [["gpu"]]}],
    "mem_limit": "64m",
    "memswap_limit": -1,
    "mem_reservation": "16m",
    "mem_swappiness": 10,
    "kernel_memory": "32m",
    "KernelMemoryTCP": "32m",
    "oom_kill_disable": True,
    "oom_score_adj": 500,
    "pids_limit": 100,
    "ulimits": [{"name": "nofile", "soft": 1024, "hard": 2048}],
    "cpu_shares": 512,
    "cpu_period": 50000,
    "cpu_quota": 25000,
    "cpu_rt_period": 0,
    "cpu_rt_runtime": 0,
    "cpuset_cpus": 0,
    "cpuset_mems": "0",
    "nano_cpus": 500_000_000,
    "cpu_count": 1,
    "cpu_percent": 50,
    "blkio_weight": 300,
    "blkio_weight_device": ["/dev/null:400"],
    "device_read_bps": ["/dev/null:1m"],
    "device_write_bps": [{"Path": "/dev/null", "Rate": "1m"}],
    "device_read_iops": ["/dev/null:100"],
    "device_write_iops": ["/dev/null:100"],
    "IOMaximumIOps": 100,
    "IOMaximumBandwidth": "1m",
    "name": "{prefix}other",
    "platform": "linux/amd64",
    "stdin_open": True,
    "detach": True,
    "use_config_proxy": False,
    "lxc_conf": {"a": "b"},
    "init_path": "/sbin/init",
}


def filled(value: Any, prefix: str) -> Any:
    """The example for a map of a certain name."""
    match value:
        case str():
            return value.replace("{prefix}", prefix)
        case dict():
            return {filled(key, prefix): filled(each, prefix) for key, each in value.items()}
        case list() | tuple():
            return [filled(each, prefix) for each in value]
        case _:
            return value
