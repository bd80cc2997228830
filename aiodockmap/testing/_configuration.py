"""What is stored of a create body: defaults filled in, the image's configuration merged in."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Final

from ._answers import JsonDict
from ._releases import Release

SHARED_MEMORY: Final = 64 * 2**20
READ_ONLY_PATHS: Final = (
    "/proc/bus",
    "/proc/fs",
    "/proc/irq",
    "/proc/sys",
    "/proc/sysrq-trigger",
)
HOST_CONFIG_DEFAULTS: Final[Mapping[str, object]] = {
    "Binds": None,
    "ContainerIDFile": "",
    "LogConfig": None,
    "NetworkMode": "",
    "PortBindings": None,
    "RestartPolicy": None,
    "AutoRemove": False,
    "VolumeDriver": "",
    "VolumesFrom": None,
    "CapAdd": None,
    "CapDrop": None,
    "CgroupnsMode": "host",
    "Dns": None,
    "DnsOptions": None,
    "DnsSearch": None,
    "ExtraHosts": None,
    "GroupAdd": None,
    "IpcMode": "private",
    "Cgroup": "",
    "Links": None,
    "OomScoreAdj": 0,
    "PidMode": "",
    "Privileged": False,
    "PublishAllPorts": False,
    "ReadonlyRootfs": False,
    "SecurityOpt": None,
    "UTSMode": "",
    "UsernsMode": "",
    "ShmSize": SHARED_MEMORY,
    "ConsoleSize": (0, 0),
    "Isolation": "",
    "CpuShares": 0,
    "Memory": 0,
    "NanoCpus": 0,
    "CgroupParent": "",
    "BlkioWeight": 0,
    "BlkioWeightDevice": None,
    "BlkioDeviceReadBps": None,
    "BlkioDeviceWriteBps": None,
    "BlkioDeviceReadIOps": None,
    "BlkioDeviceWriteIOps": None,
    "CpuPeriod": 0,
    "CpuQuota": 0,
    "CpuRealtimePeriod": 0,
    "CpuRealtimeRuntime": 0,
    "CpusetCpus": "",
    "CpusetMems": "",
    "Devices": None,
    "DeviceCgroupRules": None,
    "DeviceRequests": None,
    "MemoryReservation": 0,
    "MemorySwap": 0,
    "MemorySwappiness": None,
    "OomKillDisable": False,
    "PidsLimit": None,
    "Ulimits": None,
    "CpuCount": 0,
    "CpuPercent": 0,
    "IOMaximumIOps": 0,
    "IOMaximumBandwidth": 0,
    "MaskedPaths": None,
    "ReadonlyPaths": None,
}
KERNEL_MEMORY: Final = ("KernelMemory", "KernelMemoryTCP")
SHOWN_IF_SET: Final = (
    *("Annotations", "Mounts", "Tmpfs", "Sysctls", "StorageOpt", "Runtime"),
    *KERNEL_MEMORY,
)
"""Fields of `HostConfig` that are absent while they are empty."""
NONE_IF_NEGATIVE: Final = ("MemorySwappiness",)
NONE_IF_NOT_POSITIVE: Final = ("PidsLimit",)

CONFIG_DEFAULTS: Final[Mapping[str, object]] = {
    "Hostname": "",
    "Domainname": "",
    "User": "",
    "AttachStdin": False,
    "AttachStdout": False,
    "AttachStderr": False,
    "Tty": False,
    "OpenStdin": False,
    "StdinOnce": False,
    "Env": None,
    "Cmd": None,
    "Image": "",
    "Volumes": None,
    "WorkingDir": "",
    "Entrypoint": None,
    "OnBuild": None,
    "Labels": None,
}
CONFIG_SHOWN_IF_SET: Final = (
    "ArgsEscaped",
    "ExposedPorts",
    "Healthcheck",
    "MacAddress",
    "NetworkDisabled",
    "StopSignal",
    "Shell",
)
HEALTHCHECK_NUMBERS: Final = ("Interval", "Timeout", "StartPeriod", "StartInterval", "Retries")


def stored_host_config(sent: JsonDict | None, release: Release) -> JsonDict:
    """`HostConfig` as inspect shows it."""
    given = sent or {}
    stored = dict(HOST_CONFIG_DEFAULTS)
    if release.shows_kernel_memory:
        stored |= dict.fromkeys(KERNEL_MEMORY, 0)
    for key, default in HOST_CONFIG_DEFAULTS.items():
        if key in given and (given[key] is not None or default is None):
            stored[key] = given[key]
    stored["ConsoleSize"] = list(stored["ConsoleSize"] or (0, 0))  # type: ignore[call-overload]
    stored |= {key: given[key] for key in SHOWN_IF_SET if given.get(key)}
    if given.get("Init") is not None:
        stored["Init"] = given["Init"]
    if sent is not None or release.names_runtime_at_creation:
        stored.setdefault("Runtime", "runc")
    if stored["NetworkMode"] in ("", "default"):
        stored["NetworkMode"] = release.default_network_mode
    for key in ("IpcMode", "CgroupnsMode", "ShmSize"):
        stored[key] = stored[key] or HOST_CONFIG_DEFAULTS[key]
    stored["Links"] = stored["Links"] or None
    log = given.get("LogConfig") or {}
    log_config = {"Type": log.get("Type") or "json-file", "Config": log.get("Config") or {}}
    policy = given.get("RestartPolicy") or {}
    stored["LogConfig"] = log_config
    stored["RestartPolicy"] = {
        "Name": policy.get("Name") or release.default_restart_policy,
        "MaximumRetryCount": policy.get("MaximumRetryCount") or 0,
    }
    stored["PortBindings"] = _stored_bindings(given.get("PortBindings"))
    _store_limits(stored)
    if stored["Privileged"] or "host" in (stored["PidMode"], stored["IpcMode"]):
        stored["SecurityOpt"] = [*(given.get("SecurityOpt") or ()), "label=disable"]
    if not stored["Privileged"]:
        stored["MaskedPaths"] = given.get("MaskedPaths") or list(release.masked_paths)
        stored["ReadonlyPaths"] = given.get("ReadonlyPaths") or list(READ_ONLY_PATHS)
    return stored


def _store_limits(stored: JsonDict) -> None:
    if stored["Memory"] > 0 and not stored["MemorySwap"]:
        stored["MemorySwap"] = 2 * stored["Memory"]
    if (stored["MemorySwappiness"] or 0) < 0:
        stored["MemorySwappiness"] = None
    if (stored["PidsLimit"] or 0) <= 0:
        stored["PidsLimit"] = None


def _stored_bindings(bindings: JsonDict | None) -> JsonDict | None:
    if bindings is None:
        return None
    return {
        port: entries
        and [
            {"HostIp": entry.get("HostIp") or "", "HostPort": entry.get("HostPort") or ""}
            for entry in entries
        ]
        for port, entries in bindings.items()
    }


def stored_config(sent: JsonDict, image: JsonDict, *, reference: str) -> JsonDict:
    """`Config` as inspect shows it: what was sent, and what the image adds."""
    stored = dict(CONFIG_DEFAULTS)
    for key, default in CONFIG_DEFAULTS.items():
        if key in sent and (sent[key] is not None or default is None):
            stored[key] = sent[key]
    stored |= {key: sent[key] for key in CONFIG_SHOWN_IF_SET if sent.get(key)}
    if sent.get("StopTimeout") is not None:
        stored["StopTimeout"] = sent["StopTimeout"]
    stored["Image"] = reference
    _merge_command(stored, sent, image)
    _merge_inherited(stored, sent, image)
    if stored["WorkingDir"]:
        stored["WorkingDir"] = posixpath.normpath(str(stored["WorkingDir"]))
    return stored


def _merge_inherited(stored: JsonDict, sent: JsonDict, image: JsonDict) -> None:
    stored["Env"] = _merged_environment(sent.get("Env"), image.get("Env"))
    stored["Labels"] = {**(image.get("Labels") or {}), **(sent.get("Labels") or {})}
    for key in ("ExposedPorts", "Volumes"):
        union = {**(image.get(key) or {}), **(sent.get(key) or {})}
        if union:
            stored[key] = union
        elif key in stored:
            stored[key] = None
    for key in ("User", "WorkingDir", "StopSignal"):
        if not sent.get(key) and image.get(key):
            stored[key] = image[key]
    healthcheck = _merged_healthcheck(sent.get("Healthcheck"), image.get("Healthcheck"))
    if healthcheck:
        stored["Healthcheck"] = healthcheck


def words(value: object) -> list[str] | None:
    """A command as a list; a text is one word, whatever is in it."""
    if value is None:
        return None
    return [value] if isinstance(value, str) else list(value)  # type: ignore[call-overload]


def _merge_command(stored: JsonDict, sent: JsonDict, image: JsonDict) -> None:
    command, entrypoint = words(sent.get("Cmd")), words(sent.get("Entrypoint"))
    if not entrypoint and not command:
        command = image.get("Cmd")
    if entrypoint is None:
        entrypoint = image.get("Entrypoint")
    # One empty word says that there is no entrypoint, the image's included.
    stored["Entrypoint"] = None if entrypoint == [""] else entrypoint
    stored["Cmd"] = command


def _merged_environment(own: list[str] | None, inherited: list[str] | None) -> list[str] | None:
    names = {entry.partition("=")[0] for entry in own or ()}
    added = [entry for entry in inherited or () if entry.partition("=")[0] not in names]
    return [*(own or ()), *added] or None


def _merged_healthcheck(own: JsonDict | None, inherited: JsonDict | None) -> JsonDict:
    merged: JsonDict = {}
    for key in ("Test", *HEALTHCHECK_NUMBERS):
        value = (own or {}).get(key) or (inherited or {}).get(key)
        if value:
            merged[key] = value
    return merged
