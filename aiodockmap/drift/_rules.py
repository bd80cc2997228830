"""The table of fields: what each is called, when two values of it mean the same, and what mends it.

Adding a field is adding a row. A field without a row is compared as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from attrs import frozen

from . import _normal_forms as normal
from ._difference import Remedy


@frozen(kw_only=True)
class Rule:
    """How one field is compared, and mended."""

    words: str
    normal: Callable[[object], object] = normal.plain
    """Brings a value of either side to the form in which they are compared."""
    remedy: Remedy = Remedy.REPLACE
    is_certain: bool = True
    """Whether engines show it plainly enough to act on a difference in a container of somebody else's.

    If not, a difference in a container without labels is a note.
    """
    is_plain: bool = False
    """Whether engines show it as it was asked for: what is not there is missing, even if it was asked for."""
    neutral: object = None
    """For limits: what to send to lift it on a running container; None if the engine has nothing for that."""
    default: object = None
    """The form of what an engine fills in where nothing was asked for."""
    is_bag: bool = False
    """Whether entries are texts without a key, so that an entry is there if any entry means the same."""
    capability: str = ""
    """Key of `GET /info` that says whether the host can do it; "" if none does."""
    may_be_discarded: bool = False
    """Whether engines go on without it, with a warning, where the host or the platform cannot do it."""


def _limit(
    words: str, form: Callable[[object], object], neutral: object = None, capability: str = ""
) -> Rule:
    return Rule(
        words=words,
        normal=form,
        remedy=Remedy.LIVE,
        neutral=neutral,
        capability=capability,
        # What nobody can lift by hand, and is not there, never was.
        may_be_discarded=neutral is None,
    )


def _dispensable(words: str, form: Callable[[object], object] = normal.plain) -> Rule:
    """A field that engines go on without where the host or the platform cannot do it."""
    return Rule(words=words, normal=form, is_certain=False, may_be_discarded=True)


def _untold(words: str, form: Callable[[object], object] = normal.plain) -> Rule:
    """A field that engines fill in or rewrite in ways of their own."""
    return Rule(words=words, normal=form, is_certain=False)


def _untold_bag(words: str, form: Callable[[object], object]) -> Rule:
    return Rule(words=words, normal=form, is_certain=False, is_bag=True)


RULES: Final[Mapping[str, Rule]] = {
    "Env": Rule(words="environment", normal=normal.text),
    "Labels": Rule(words="labels", normal=normal.text),
    "Cmd": Rule(words="command"),
    "Entrypoint": Rule(words="entrypoint"),
    "ExposedPorts": Rule(words="exposed ports", normal=lambda _: True),
    "User": Rule(words="user", normal=normal.text),
    "WorkingDir": Rule(words="working directory", normal=normal.path),
    # Maps give every container one, whether their authors thought of it or not (NAME-8).
    "Hostname": _untold("host name", normal.text),
    "Domainname": Rule(words="domain name", normal=normal.text),
    "StopSignal": Rule(words="stop signal", normal=normal.stop_signal),
    # Every stop says how long to wait, so that the container's own setting is never asked.
    "StopTimeout": Rule(words="stop timeout", remedy=Remedy.NOTE),
    "Healthcheck": Rule(words="health check"),
    "Tty": Rule(words="terminal"),
    "OpenStdin": Rule(words="standard input"),
    "NetworkDisabled": Rule(words="network disabled"),
    "MacAddress": Rule(words="MAC address", normal=normal.mac_address),
    # One that is killed while it creates a container may leave it without them (Docker 20.10).
    "Volumes": Rule(words="volumes", normal=lambda _: True, is_plain=True),
    # What is known of it is that of the image, of which an engine may have several under one id.
    "Platform": _untold("platform", normal.platform),
    "HostConfig.Binds": Rule(words="binds", normal=normal.bind),
    "HostConfig.VolumesFrom": Rule(words="volumes from", normal=normal.volume_source),
    "HostConfig.Links": Rule(is_bag=True, words="links", normal=normal.link),
    "HostConfig.PortBindings": Rule(words="published ports", normal=normal.port_bindings),
    "HostConfig.NetworkMode": Rule(words="network mode", normal=normal.network_mode),
    "HostConfig.CapAdd": Rule(is_bag=True, words="added capabilities", normal=normal.capabilities),
    "HostConfig.CapDrop": _untold_bag("dropped capabilities", normal.capabilities),
    "HostConfig.SecurityOpt": _untold_bag("security options", normal.security_option),
    "HostConfig.ExtraHosts": Rule(words="extra hosts", normal=normal.extra_host),
    "HostConfig.Devices": _untold("devices", normal.device),
    "HostConfig.Dns": Rule(words="DNS servers"),
    "HostConfig.DnsSearch": Rule(words="DNS search domains"),
    "HostConfig.DnsOptions": Rule(is_bag=True, words="DNS options", normal=normal.text),
    "HostConfig.GroupAdd": Rule(is_bag=True, words="groups", normal=normal.text),
    "HostConfig.Privileged": Rule(words="privileged"),
    "HostConfig.ReadonlyRootfs": Rule(words="read-only root"),
    "HostConfig.Init": Rule(words="init process"),
    "HostConfig.ShmSize": Rule(words="size of /dev/shm", default=normal.SHM_SIZE_DEFAULT),
    "HostConfig.Sysctls": Rule(words="sysctls", normal=normal.text),
    "HostConfig.Tmpfs": _untold("tmpfs"),
    "HostConfig.Mounts": _untold("mounts"),
    "HostConfig.Ulimits": Rule(words="ulimits"),
    "HostConfig.LogConfig": _untold("log configuration"),
    "HostConfig.StorageOpt": _untold("storage options"),
    "HostConfig.Runtime": _untold("runtime"),
    "HostConfig.PidMode": _untold("PID mode"),
    "HostConfig.IpcMode": _untold("IPC mode"),
    "HostConfig.UTSMode": _untold("UTS mode"),
    "HostConfig.UsernsMode": _untold("user namespace mode"),
    "HostConfig.CgroupnsMode": _untold("cgroup namespace mode"),
    "HostConfig.CgroupParent": _untold("cgroup parent"),
    "HostConfig.OomScoreAdj": Rule(words="OOM score"),
    "HostConfig.MemorySwappiness": _dispensable("swappiness", normal.swappiness),
    "HostConfig.Isolation": Rule(words="isolation", default="default"),
    "HostConfig.Annotations": _dispensable("annotations"),
    "HostConfig.BlkioWeightDevice": _dispensable("block I/O weights of devices"),
    "HostConfig.BlkioDeviceReadBps": _dispensable("rates of reading from devices"),
    "HostConfig.BlkioDeviceWriteBps": _dispensable("rates of writing to devices"),
    "HostConfig.BlkioDeviceReadIOps": _dispensable("reads from devices"),
    "HostConfig.BlkioDeviceWriteIOps": _dispensable("writes to devices"),
    "HostConfig.CpuCount": _dispensable("number of CPUs"),
    "HostConfig.CpuPercent": _dispensable("CPU percentage"),
    "HostConfig.CpuRealtimePeriod": _dispensable("CPU real-time period"),
    "HostConfig.CpuRealtimeRuntime": _dispensable("CPU real-time runtime"),
    "HostConfig.KernelMemoryTCP": _dispensable("kernel memory for TCP"),
    # Limits: what the engine changes on a container as it runs (UPD-50).
    "HostConfig.Memory": _limit("memory limit", normal.limit, normal.NO_LIMIT, "MemoryLimit"),
    "HostConfig.MemorySwap": _limit("swap limit", normal.limit, normal.NO_LIMIT, "SwapLimit"),
    "HostConfig.MemoryReservation": _limit("memory reservation", normal.limit, -1, "MemoryLimit"),
    "HostConfig.CpuShares": _limit(
        "CPU shares", normal.cpu_shares, normal.CPU_SHARES_DEFAULT, "CPUShares"
    ),
    "HostConfig.CpuPeriod": _limit(
        "CPU period", normal.cpu_period, normal.CPU_PERIOD_DEFAULT, "CpuCfsPeriod"
    ),
    "HostConfig.CpuQuota": _limit("CPU quota", normal.limit, -1, "CpuCfsQuota"),
    "HostConfig.NanoCpus": _limit("CPU limit", normal.limit, None, "CpuCfsQuota"),
    "HostConfig.CpusetCpus": _limit("CPU set", normal.processors, None, "CPUSet"),
    "HostConfig.CpusetMems": _limit("memory nodes", normal.processors, None, "CPUSet"),
    "HostConfig.PidsLimit": _limit("process limit", normal.limit, 0, "PidsLimit"),
    # Nothing in `/info` says this; engines learn it from the warning of a first attempt.
    "HostConfig.BlkioWeight": _limit("block I/O weight", normal.number, None, "BlkioWeight"),
    "HostConfig.RestartPolicy": _limit(
        "restart policy", normal.restart_policy, {"Name": "no", "MaximumRetryCount": 0}
    ),
    # Engines accept these in an update, and do nothing.
    "HostConfig.OomKillDisable": Rule(words="OOM killer", capability="OomKillDisable"),
    "HostConfig.KernelMemory": Rule(words="kernel memory", remedy=Remedy.NOTE),
}

LIMITS: Final = {name: rule for name, rule in RULES.items() if rule.remedy is Remedy.LIVE}
"""The fields that an engine can change on a container as it runs."""

_AS_IT_STANDS: Final = Rule(words="", is_certain=False)


def rule_of(field: str) -> Rule:
    """The rule of a field, or of the field that it is an entry of: `Env.LEVEL` is one of `Env`."""
    name = field_name(field)
    return RULES.get(name, _AS_IT_STANDS)


@lru_cache(maxsize=4096)
def field_name(field: str) -> str:
    """The field without its entry: `HostConfig.Binds` for `HostConfig.Binds./etc/app`."""
    parts = field.split(".", 2)
    return ".".join(parts[:2]) if parts[0] == "HostConfig" else parts[0]


def entry_name(field: str) -> str:
    """The entry of a field: `LEVEL` for `Env.LEVEL`; "" for a field without entries."""
    return field.removeprefix(field_name(field)).removeprefix(".")
