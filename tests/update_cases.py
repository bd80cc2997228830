"""What `update` is to do about each option and attribute of a container: the tables of its tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen
from option_examples import FRIEND, GIVEN, NETWORK

from aiodockmap.drift import RULES, Remedy
from aiodockmap.options import OPTION_BY_NAME
from aiodockmap.testing import Behaviour, EmbeddedImage

__all__ = [
    "DOCUMENTED",
    "UNCERTAIN",
    "ATTRIBUTES",
    "CASES",
    "CHANGES",
    "MAY_BE_DISCARDED",
    "NOT_HERE",
    "NO_FIELDS",
    "EMBEDDED_OWN_IMAGE",
    "OWN_CONFIG",
    "OWN_IMAGE",
    "SPELLINGS",
    "UNSET",
    "Case",
]

UNSET = object()


@frozen(kw_only=True)
class Case:
    """One option or attribute: what becomes of it, and what has to be done then."""

    name: str
    """Of the option or attribute, and so of the container."""
    place: str | None
    """`create_options` or `host_config`; None for an attribute."""
    before: object
    after: object = UNSET
    """Another value; unset: there is no other that this engine would take."""
    words: tuple[str, ...] = ()
    """What a plan calls it, and no others; what the words begin with."""
    changed: Remedy | None = Remedy.REPLACE
    """What a change needs; None: nothing, and nothing is said."""
    removed: Remedy | None = Remedy.REPLACE
    """What its removal needs."""
    means_nothing: bool = field()
    """Whether the value after the change is the same as none at all."""
    beside: Mapping[str, object] = {}
    """What else the configuration has."""
    starts: bool | None = True
    """Whether the machines that this is tested on can start it; if not, it is created and compared only.

    None: it is tried.
    """
    variant: str = ""
    """Why there is another case of the same name."""

    @means_nothing.default
    def _is_switched_off(self) -> bool:
        return self.after is False

    @property
    def container(self) -> str:
        kind = self.variant or ("" if self.place else "attribute")
        return f"{kind}_{self.name}".lower().lstrip("_")

    @property
    def is_documented(self) -> bool:
        """Whether it is among the checks of UPD-10 to UPD-57 that every container is subject to."""
        return self.container in DOCUMENTED or (
            self.changed is Remedy.LIVE and self.name not in MAY_BE_DISCARDED
        )

    @property
    def is_uncertain(self) -> bool:
        """Whether a difference is not acted on in a container of somebody else."""
        return self.container in UNCERTAIN

    def configuration(self, value: object) -> dict[str, object]:
        base: dict[str, object] = {"image": "/aiodockmap-test:prompt", "stop_signal": "SIGKILL"}
        result = {**base, **self.beside}
        if value is UNSET:
            return result
        if self.place is None:
            return {**result, self.name: value}
        section = result.get(self.place, {})
        assert isinstance(section, Mapping)
        return {**result, self.place: {**section, self.name: value}}


NOTE, LIVE, RECONNECT, REPLACE = Remedy.NOTE, Remedy.LIVE, Remedy.RECONNECT, Remedy.REPLACE
MEMORY = {"host_config": {"mem_limit": "64m"}}
# Any block device does, but there has to be one.
_BLOCK_DEVICES = sorted(str(path) for path in Path("/dev").iterdir() if path.is_block_device())
DEVICE = next(iter(_BLOCK_DEVICES), "/dev/null")
RATES = {"starts": bool(_BLOCK_DEVICES)}
RUN = {"create_options": {"command": ["/bin/sleep", "1000"]}}

# What becomes of each option: the value after the change, and what differs from replacing the container.
CHANGES: Mapping[str, Mapping[str, object]] = {
    "command": {"before": "/bin/sleep '999'", "after": "/bin/sleep 1001"},
    "entrypoint": {
        "before": ["/bin/busybox", "env"],
        "after": ["/bin/env"],
        "beside": {"create_options": {"command": ["/bin/sleep", "1000"]}},
    },
    "hostname": {"after": "www"},
    "domainname": {"after": "example.com"},
    "user": {"after": "1001"},
    "working_dir": {"after": "/opt"},
    "environment": {"after": {"A": 2, "B": "x y", "C": None}},
    "ports": {"after": [81, "53/udp"]},
    "volumes": {"after": ["/other"]},
    "labels": {"after": {"role": "db", "level": 2}},
    "stop_signal": {"after": "SIGTERM", "beside": {"stop_signal": None}},
    "stop_timeout": {"after": 4, "changed": NOTE, "removed": NOTE},
    "healthcheck": {"after": {"test": "true", "interval": "6s", "timeout": "2s", "retries": 3}},
    "tty": {"after": False},
    "OpenStdin": {"after": False},
    "StdinOnce": {"after": False},
    "AttachStdin": {"after": False},
    "AttachStdout": {"after": False},
    "AttachStderr": {"after": False},
    "network_disabled": {"after": False},
    "mac_address": {"after": "02:42:ac:11:00:03"},
    "Shell": {"after": ["/bin/sh", "-e", "-c"]},
    "OnBuild": {"after": ["RUN false"]},
    "ArgsEscaped": {"after": False},
    "networking_config": {
        "after": {"EndpointsConfig": {NETWORK: {"aliases": ["sql"], "links": {FRIEND: "f"}}}},
        "words": ("network ", "is not in the map", "is not connected"),
        "changed": RECONNECT,
        "removed": RECONNECT,
    },
    "binds": {"after": {"/tmp": {"bind": "/c", "mode": "rw"}}},
    "mounts": {"after": [{"target": "/t", "type": "tmpfs", "tmpfs_size": "32m"}]},
    "tmpfs": {"after": ["/t:size=32m"]},
    "volumes_from": {"after": [FRIEND]},
    "volume_driver": {"after": "other"},
    "shm_size": {"after": "16m"},
    "read_only": {"after": False},
    "MaskedPaths": {"after": ["/proc/keys"]},
    "ReadonlyPaths": {"after": ["/proc/irq"]},
    "network_mode": {
        "after": "host",
        "words": ("network mode", "network disabled"),
        "beside": {"create_options": {"hostname": "x"}},
    },
    "port_bindings": {"after": {80: ("127.0.0.1", 18081), "53/udp": None}},
    "publish_all_ports": {"after": False},
    "links": {"after": {FRIEND: "g"}},
    "dns": {"after": "10.0.0.54"},
    "dns_search": {"after": ["example.com"]},
    "dns_opt": {"after": ["ndots:3"]},
    "extra_hosts": {"after": {"db": "10.0.0.2"}},
    "restart_policy": {
        "after": {"Name": "on-failure", "MaximumRetryCount": 4},
        "changed": LIVE,
        "removed": LIVE,
    },
    "auto_remove": {"after": False},
    "init": {"after": False},
    "log_config": {"after": {"type": "json-file", "config": {"max-file": 4}}},
    "runtime": {"after": "io.containerd.runc.v2"},
    "isolation": {"removed": None},
    "Annotations": {"after": {"a": 2}},
    "ConsoleSize": {"after": [25, 80]},
    "ContainerIDFile": {"after": "/run/other"},
    "pid_mode": {"after": "container:" + FRIEND},
    "ipc_mode": {"after": "private"},
    "uts_mode": {
        "words": ("UTS mode", "host name"),
        "beside": {"create_options": {"hostname": ""}},
    },
    "userns_mode": {},
    "cgroupns": {"after": "private"},
    "cgroup_parent": {"after": "/others"},
    "Cgroup": {"before": "", "removed": None},
    "privileged": {"after": False, "starts": None},
    "cap_add": {"after": ["SYS_ADMIN"]},
    "cap_drop": {"after": "CHOWN"},
    "security_opt": {"after": ["seccomp=unconfined"]},
    "group_add": {"after": [1001]},
    "sysctls": {"after": {"net.ipv4.ip_forward": 0}},
    "devices": {"after": ["/dev/null:/dev/x:rw", "/dev/zero"]},
    "device_cgroup_rules": {"after": ["c 1:5 mr"]},
    "device_requests": {
        "after": [{"driver": "x", "count": 2, "capabilities": [["gpu"]]}],
        "starts": False,
    },
    "mem_limit": {
        "after": "128m",
        "words": ("memory limit", "swap limit"),
        "changed": LIVE,
        "removed": LIVE,
    },
    "memswap_limit": {
        "before": "96m",
        "after": "256m",
        "changed": LIVE,
        "removed": LIVE,
        "beside": MEMORY,
    },
    "mem_reservation": {"after": "32m", "changed": LIVE, "removed": LIVE},
    "mem_swappiness": {"after": 20},
    "kernel_memory": {"after": "64m", "changed": NOTE, "removed": NOTE},
    "KernelMemoryTCP": {"after": "64m"},
    "oom_kill_disable": {"after": False, "beside": MEMORY},
    "oom_score_adj": {"after": 400},
    "pids_limit": {"after": 200, "changed": LIVE, "removed": LIVE},
    "ulimits": {"after": [{"name": "nofile", "soft": 1000, "hard": 2048}]},
    "cpu_shares": {"after": 256, "changed": LIVE, "removed": LIVE},
    "cpu_period": {"after": 60000, "changed": LIVE, "removed": LIVE},
    "cpu_quota": {"after": 50000, "changed": LIVE, "removed": LIVE},
    "cpu_rt_period": {"removed": None},
    "cpu_rt_runtime": {"removed": None},
    "cpuset_cpus": {"after": "0-1", "changed": LIVE},
    "cpuset_mems": {},
    "nano_cpus": {"after": 1_000_000_000, "changed": LIVE},
    "cpu_count": {"after": 2},
    "cpu_percent": {"after": 60},
    "blkio_weight": {"after": 400, "changed": LIVE},
    "blkio_weight_device": {"after": ["/dev/null:500"]},
    "device_read_bps": {"before": [f"{DEVICE}:1m"], "after": [f"{DEVICE}:2m"], **RATES},
    "device_write_bps": {"before": [f"{DEVICE}:1m"], "after": [f"{DEVICE}:2m"], **RATES},
    "device_read_iops": {"before": [f"{DEVICE}:100"], "after": [f"{DEVICE}:200"], **RATES},
    "device_write_iops": {"before": [f"{DEVICE}:100"], "after": [f"{DEVICE}:200"], **RATES},
    # All the same to this engine; tests/client/test_update_platforms.py has what is not.
    "platform": {"after": "linux", "changed": None, "removed": None},
    "stdin_open": {"after": False, "words": ("standard input", "StdinOnce", "AttachStdin")},
    "detach": {"before": False, "after": True, "words": ("Attach",), "means_nothing": True},
    # No engine knows these.
    "use_config_proxy": {"changed": None, "removed": None, "after": True},
    "lxc_conf": {"changed": None, "removed": None, "after": {"a": "c"}},
    "init_path": {"changed": None, "removed": None, "after": "/sbin/other"},
}
# What cannot be compared: another name is another container; what an engine on Linux refuses is not there.
NOT_HERE = {"name", "image", "storage_opt", "IOMaximumIOps", "IOMaximumBandwidth"}

ATTRIBUTES: Mapping[str, Mapping[str, object]] = {
    "image": {
        "before": "/aiodockmap-test:latest",
        "after": "/aiodockmap-test:prompt",
        "means_nothing": True,
        "words": ("its image",),
    },
    "shares": {"before": "/s", "after": "/t", "words": ("volumes",)},
    "binds": {"before": {"/c": "/tmp"}, "after": {"/c": ["/tmp", True]}, "words": ("binds",)},
    "attaches": {"before": "data", "after": "more", "words": ("binds",)},
    "uses": {"before": "shared", "after": {"shared": True}, "words": ("binds",)},
    "links": {"before": {"friend": "f"}, "after": {"friend": "g"}, "words": ("links",)},
    "exposes": {
        "before": {80: 18090},
        "after": {80: 18091},
        "words": ("published ports", "exposed ports"),
    },
    "user": {"before": 1000, "after": 1001, "words": ("user",)},
    "permissions": {"before": "u=rwX", "after": "u=rX", "changed": None, "removed": None},
    "stop_signal": {"before": "SIGTERM", "after": "SIGINT", "words": ("stop signal",)},
    "stop_timeout": {
        "before": 3,
        "after": 4,
        "words": ("stop timeout",),
        "changed": NOTE,
        "removed": NOTE,
    },
    "start_delay": {"before": 0.01, "after": 0.02, "changed": None, "removed": None},
    "network_mode": {
        "before": "none",
        "after": "host",
        "words": ("network mode", "network disabled"),
    },
    "networks": {
        "before": "back",
        "after": "front",
        "words": ("is not connected", "is not in the map"),
        "changed": RECONNECT,
        "removed": RECONNECT,
    },
    "healthcheck": {"before": ["true", "5s"], "after": ["true", "6s"], "words": ("health check",)},
}
# No fields of a container: templates, selections, other steps than creating it.
NO_FIELDS = {
    "abstract",
    "extends",
    "instances",
    "clients",
    "exec_commands",
    "persistent",
    "create_options",
    "host_config",
}


# Options that may also be written elsewhere, or in other words (behaviour 5.2, CFG-43).
SPELLINGS: Mapping[str, Mapping[str, object]] = {
    "mem_limit": {**CHANGES["mem_limit"], "before": "64m"},
    "memswap_limit": {**CHANGES["memswap_limit"], "words": ("swap limit",)},
    "cpu_shares": {**CHANGES["cpu_shares"], "before": 512, "words": ("CPU shares",)},
    "cpuset": {"before": 0, "after": "0-1", "changed": LIVE, "words": ("CPU set",)},
    "dns": {**CHANGES["dns"], "before": "10.0.0.53", "words": ("DNS servers",)},
    "volumes_from": {"before": [FRIEND + ":ro"], "after": [FRIEND], "words": ("volumes from",)},
    "volume_driver": {"before": "local", "after": "other", "words": ("VolumeDriver",)},
    "host_config": {
        "before": {"mem_limit": "64m", "init": True},
        "after": {"mem_limit": "128m", "init": True},
        "words": ("memory limit", "swap limit", "init process"),
        "changed": LIVE,
    },
    "start_options": {
        "place": None,
        "before": {"pids_limit": 100},
        "after": {"pids_limit": 200},
        "words": ("process limit",),
        "changed": LIVE,
        "removed": LIVE,
    },
}

# An image that sets by itself everything that an image can set.
OWN_IMAGE = "aiodockmap-test:own"
EMBEDDED_OWN_IMAGE = EmbeddedImage(
    entrypoint=(
        "/bin/sh",
        "-c",
        "trap 'exit 0' TERM INT; while :; do sleep 1000 & wait $!; done",
    ),
    command=("image",),
    environment=("A=image",),
    labels={"a": "image"},
    exposed_ports=("80/tcp",),
    volumes=("/data",),
    user="1",
    working_directory="/tmp",
    stop_signal="SIGINT",
    healthcheck={"Test": ["CMD-SHELL", "true"], "Interval": 60_000_000_000, "Retries": 5},
    behaviour=Behaviour(handles={"SIGTERM": 0, "SIGINT": 0}),
)
OWN_CONFIG: Mapping[str, object] = EMBEDDED_OWN_IMAGE.config()
OF_IMAGE: Mapping[str, Mapping[str, object]] = {
    "environment": {"given": {"A": "image"}, "before": {"A": "1"}, "after": {"A": "2"}},
    "command": {"given": ["image"], "before": ["one"], "after": ["two"]},
    "entrypoint": {
        "before": ["/bin/sleep", "999"],
        "after": ["/bin/sleep", "1000"],
        "words": ("entrypoint", "command"),
    },
    "labels": {"given": {"a": "image"}, "before": {"a": "1"}, "after": {"a": "2"}},
    "ports": {"given": [80], "before": [81], "after": [82]},
    "volumes": {"given": ["/data"], "before": ["/srv"], "after": ["/opt"]},
    "user": {"given": 1, "before": 2, "after": 3},
    "working_dir": {"given": "/tmp/", "before": "/srv", "after": "/opt"},
    "stop_signal": {"given": 2, "before": "SIGTERM", "after": "SIGKILL"},
    "healthcheck": {
        "given": {"test": "true", "interval": "60s", "retries": 5},
        "before": {"test": "true", "interval": "30s"},
        "after": {"test": ["NONE"]},
    },
}


def _spelled_cases() -> Iterator[Case]:
    for name, change in SPELLINGS.items():
        details: dict[str, Any] = {"place": "create_options", **change}
        yield Case(name=name, variant="spelled", **details)


def _cases_of_image() -> Iterator[Case]:
    """Each option on an image that sets it, too: to another value, to the same one, and not at all."""
    own: dict[str, object] = {"image": f"/{OWN_IMAGE}"}
    for name, change in OF_IMAGE.items():
        beside = {**own, "stop_signal": None} if name == "stop_signal" else own
        words = (RULES[".".join(OPTION_BY_NAME[name].path)].words,)
        details: dict[str, Any] = {"words": words, "place": "create_options", **change}
        given = details.pop("given", UNSET)
        yield Case(name=name, variant="image", beside=beside, **details)
        if given is not UNSET:
            same = {**details, "before": given, "after": UNSET}
            yield Case(name=name, variant="as_image", beside=beside, **same, removed=None)
    yield Case(
        name="start_delay",
        place=None,
        variant="plain_image",
        before=0.01,
        after=0.02,
        changed=None,
        removed=None,
        beside={**own, "stop_signal": None},
    )


def _option_cases() -> Iterator[Case]:
    for keyword, change in CHANGES.items():
        option = OPTION_BY_NAME[keyword]
        name = ".".join(option.path)
        words = (RULES[name].words if name in RULES else option.path[-1],) if option.path else ()
        place = "host_config" if option.is_host_config else "create_options"
        details: dict[str, Any] = {"before": GIVEN[keyword], "words": words, **change}
        yield Case(name=keyword, place=place, **details)


def _attribute_cases() -> Iterator[Case]:
    for name, change in ATTRIBUTES.items():
        details: dict[str, Any] = dict(change)
        yield Case(name=name, place=None, **details)


CASES = (*_option_cases(), *_attribute_cases(), *_spelled_cases(), *_cases_of_image())


# What an engine on Linux, or one before a version, or a kernel may go on without.
MAY_BE_DISCARDED = frozenset(
    {
        "Annotations",
        "blkio_weight",
        "blkio_weight_device",
        "cpu_percent",
        "kernel_memory",
        "mem_swappiness",
    }
)

DOCUMENTED = frozenset(
    {
        "command",
        "entrypoint",
        "environment",
        "binds",
        "port_bindings",
        "links",
        "network_mode",
        "attribute_image",
        "attribute_binds",
        "attribute_attaches",
        "attribute_uses",
        "attribute_links",
        "attribute_exposes",
        "attribute_network_mode",
        "attribute_networks",
    }
)
UNCERTAIN = frozenset(
    {
        "hostname",
        "tmpfs",
        "mounts",
        "log_config",
        "runtime",
        "ipc_mode",
        "pid_mode",
        "cgroup_parent",
        "cap_drop",
        "security_opt",
        "shell",
    }
)
