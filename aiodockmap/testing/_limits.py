"""What a container may use: which limits engines refuse, and what they make of an update."""

from __future__ import annotations

import re

from ._answers import ApiError, JsonDict
from ._records import Container
from ._world import World

MEGABYTE = 2**20
MINIMUM_MEMORY = 6 * MEGABYTE
NO_BLKIO = (
    "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded."
)
KERNEL_MEMORY = (
    "Specifying a kernel memory limit is deprecated and will be removed in a future release."
)
NO_MEMORY_LIMIT = (
    "OOM killer is disabled for the container, but no memory limit is set, this can result in the "
    "system running out of resources."
)
NUMBERS = (
    "CpuShares",
    "CpuPeriod",
    "CpuQuota",
    "CpuRealtimePeriod",
    "CpuRealtimeRuntime",
    "NanoCpus",
    "Memory",
    "MemorySwap",
    "MemoryReservation",
    "KernelMemory",
    "BlkioWeight",
)
"""Limits of which zero means that nothing is said about them."""
TEXTS = ("CpusetCpus", "CpusetMems")


def check_limits(world: World, limits: JsonDict, *, is_update: bool) -> list[str]:
    """Refuse what engines refuse; drop what the kernel cannot do, with a warning for each.

    Raises:
        ApiError: 400.
    """
    warnings: list[str] = []
    _check_memory(limits, is_update=is_update)
    if limits.get("KernelMemory") and world.release.warns_of_kernel_memory:
        warnings.append(KERNEL_MEMORY)
    if limits.get("OomKillDisable") and not limits.get("Memory"):
        warnings.append(NO_MEMORY_LIMIT)
    _check_cpus(limits, world.cpus)
    _check_set(limits.get("CpusetCpus") or "", "cpus", "CPUs", world.cpus)
    _check_set(limits.get("CpusetMems") or "", "mems", "memory nodes", 1)
    if limits.get("BlkioWeight"):
        limits["BlkioWeight"] = 0
        warnings.append(NO_BLKIO)
    return warnings


def _check_memory(limits: JsonDict, *, is_update: bool) -> None:
    memory = limits.get("Memory") or 0
    swap = limits.get("MemorySwap") or 0
    reservation = limits.get("MemoryReservation") or 0
    if memory and memory < MINIMUM_MEMORY:
        raise ApiError(400, "Minimum memory limit allowed is 6MB")
    if memory > 0 and 0 < swap < memory:
        message = "Minimum memoryswap limit should be larger than memory limit, see usage"
        raise ApiError(400, message)
    if memory == 0 and swap > 0 and not is_update:
        message = "You should always set the Memory limit when using Memoryswap limit, see usage"
        raise ApiError(400, message)
    swappiness = limits.get("MemorySwappiness")
    if swappiness is not None and not -1 <= swappiness <= 100:  # noqa: PLR2004 (percent)
        message = f"Invalid value: {swappiness}, valid memory swappiness range is 0-100"
        raise ApiError(400, message)
    if 0 < reservation < MINIMUM_MEMORY:
        raise ApiError(400, "Minimum memory reservation allowed is 6MB")
    if 0 < memory < reservation:
        message = "Minimum memory limit can not be less than memory reservation limit, see usage"
        raise ApiError(400, message)


def _check_cpus(limits: JsonDict, cpus: int) -> None:
    nano = limits.get("NanoCpus") or 0
    period = limits.get("CpuPeriod") or 0
    quota = limits.get("CpuQuota") or 0
    if nano > 0 and period > 0:
        message = "Conflicting options: Nano CPUs and CPU Period cannot both be set"
        raise ApiError(400, message)
    if nano > 0 and quota > 0:
        message = "Conflicting options: Nano CPUs and CPU Quota cannot both be set"
        raise ApiError(400, message)
    if nano < 0 or nano > cpus * 10**9:
        message = (
            f"Range of CPUs is from 0.01 to {cpus}.00, as there are only {cpus} CPUs available"
        )
        raise ApiError(400, message)
    if period and not 1000 <= period <= 1_000_000:  # noqa: PLR2004 (microseconds, as the message says)
        message = (
            "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)"
        )
        raise ApiError(400, message)
    if 0 < quota < 1000:  # noqa: PLR2004
        raise ApiError(400, "CPU cfs quota can not be less than 1ms (i.e. 1000)")


def _check_set(text: str, kind: str, words: str, count: int) -> None:
    available = "0" if count == 1 else f"0-{count - 1}"
    for part in filter(None, text.split(",")):
        bounds = re.fullmatch(r"(\d+)(?:-(\d+))?", part)
        if bounds is None:
            message = f"Invalid value {text} for cpuset {kind}: invalid format: {part}"
            raise ApiError(400, message)
        if int(bounds[2] or bounds[1]) >= count:
            message = (
                f"Requested {words} are not available - requested {text}, available: {available}"
            )
            raise ApiError(400, message)


def check_restart_policy(policy: JsonDict) -> None:
    """Refuse restart policies that engines refuse.

    Raises:
        ApiError: 400.
    """
    name = policy.get("Name") or ""
    count = policy.get("MaximumRetryCount") or 0
    match name:
        case "always" | "unless-stopped" | "no":
            if count:
                message = f"maximum retry count cannot be used with restart policy '{name}'"
                raise ApiError(400, message)
        case "on-failure":
            if count < 0:
                raise ApiError(400, "maximum retry count cannot be negative")
        case "":
            pass
        case _:
            raise ApiError(400, f"invalid restart policy '{name}'")


def update_limits(world: World, container: Container, body: JsonDict) -> list[str]:
    """Apply `POST /containers/{id}/update`; return its warnings.

    Zero and empty mean that a limit stays, except for `PidsLimit`; every other key is ignored.

    Raises:
        ApiError: 400 for what no container may have, 409 for what contradicts the container's limits.
    """
    limits = dict(body)
    warnings = check_limits(world, limits, is_update=True)
    policy = limits.get("RestartPolicy") or {}
    check_restart_policy(policy)
    host_config = container.host_config
    changed = {key: limits[key] for key in (*NUMBERS, *TEXTS) if limits.get(key)}
    if limits.get("PidsLimit") is not None:
        changed["PidsLimit"] = max(0, limits["PidsLimit"])
    if policy.get("Name"):
        if host_config["AutoRemove"] and policy["Name"] != "no":
            raise _conflict(
                container,
                "Restart policy cannot be updated because AutoRemove is enabled for the container",
            )
        changed["RestartPolicy"] = {
            "Name": policy["Name"],
            "MaximumRetryCount": policy.get("MaximumRetryCount") or 0,
        }
    _check_conflicts(container, changed)
    host_config.update(changed)
    return warnings


def _check_conflicts(container: Container, changed: JsonDict) -> None:
    stored = container.host_config
    if changed.get("NanoCpus", 0) > 0:
        for key, name in (("CpuPeriod", "Period"), ("CpuQuota", "Quota")):
            if stored[key] > 0:
                raise _conflict(
                    container,
                    "Conflicting options: Nano CPUs cannot be updated as "
                    f"CPU {name} has already been set",
                )
    for key, name in (("CpuPeriod", "Period"), ("CpuQuota", "Quota")):
        if changed.get(key, 0) > 0 and stored["NanoCpus"] > 0:
            raise _conflict(
                container,
                f"Conflicting options: CPU {name} cannot be updated as NanoCPUs has already been set",
            )
    if (
        "Memory" in changed
        and "MemorySwap" not in changed
        and changed["Memory"] > stored["MemorySwap"]
    ):
        raise _conflict(
            container,
            "Memory limit should be smaller than already set memoryswap limit, "
            "update the memoryswap at the same time",
        )


def _conflict(container: Container, reason: str) -> ApiError:
    return ApiError(409, f"Cannot update container {container.id}: {reason}")
