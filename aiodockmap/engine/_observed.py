"""From the documents of the Engine API to what plans look at."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from ..state import HostPort, ObservedContainer, ObservedNetwork, ObservedVolume, RunState

_NEVER: Final = "0001-01-01T00:00:00"
"""How engines write that a container was never started."""

_STATE_BY_WORD: Final = {
    "created": RunState.INITIAL,
    "configured": RunState.INITIAL,
    "initialized": RunState.INITIAL,
    "running": RunState.RUNNING,
    "stopping": RunState.RUNNING,
    "paused": RunState.PAUSED,
    "restarting": RunState.RESTARTING,
}
"""The words of lists, Podman's included; all others are kinds of having ended (STATE-8)."""

_LOST_PROCESS: Final = re.compile(r"task \w+: already exists|id already in use")
"""What an engine says that was killed while it started the container, and has a process of it that it
does not know of (Docker 20.10)."""

_EXIT_STATUS: Final = re.compile(r"\((-?\d+)\)")


def container_from_entry(entry: dict[str, Any]) -> ObservedContainer:
    """A container from its entry in `GET /containers/json`."""
    state = _STATE_BY_WORD.get(str(entry.get("State", "")), RunState.EXITED)
    networks = (entry.get("NetworkSettings") or {}).get("Networks") or {}
    return ObservedContainer(
        id=str(entry["Id"]),
        name=_own_name(entry.get("Names") or ()),
        state=state,
        exit_code=_code_in(str(entry.get("Status", ""))) if state is RunState.EXITED else None,
        image_id=str(entry.get("ImageID", "")),
        networks=_network_ids(networks),
        volumes=_volume_names(entry.get("Mounts") or ()),
        host_ports=_listed_ports(entry.get("Ports") or ()) if state.is_up else frozenset(),
        labels=dict(entry.get("Labels") or {}),
    )


def container_from_details(details: dict[str, Any]) -> ObservedContainer:
    """A container from `GET /containers/{id}/json`."""
    reported = details.get("State") or {}
    state = _state(reported)
    pid = reported.get("Pid")
    attached = details.get("NetworkSettings") or {}
    return ObservedContainer(
        id=str(details["Id"]),
        name=str(details["Name"]).lstrip("/"),
        state=state,
        exit_code=reported.get("ExitCode") if state is RunState.EXITED else None,
        is_stuck=not state.is_up and is_about_lost_process(str(reported.get("Error", ""))),
        pid=pid if pid and state.is_up else None,
        image_id=str(details.get("Image", "")),
        networks=_network_ids(attached.get("Networks") or {}),
        volumes=_volume_names(details.get("Mounts") or ()),
        host_ports=_bound_ports(attached.get("Ports") or {}) if state.is_up else frozenset(),
        labels=dict((details.get("Config") or {}).get("Labels") or {}),
        details=details,
    )


def is_about_lost_process(error: str) -> bool:
    """Whether a start failed for good, since the engine has lost a process of the container."""
    return _LOST_PROCESS.search(error) is not None


def network_from_entry(entry: dict[str, Any]) -> ObservedNetwork:
    """A network from its entry in `GET /networks`, or from `GET /networks/{id}`."""
    return ObservedNetwork(
        id=str(entry["Id"]),
        name=str(entry["Name"]),
        driver=str(entry.get("Driver", "")),
        labels=dict(entry.get("Labels") or {}),
        details=entry,
    )


def volume_from_entry(entry: dict[str, Any]) -> ObservedVolume:
    """A volume from its entry in `GET /volumes`, or from `GET /volumes/{name}`."""
    return ObservedVolume(
        name=str(entry["Name"]),
        driver=str(entry.get("Driver", "")),
        labels=dict(entry.get("Labels") or {}),
        details=entry,
    )


def _state(reported: dict[str, Any]) -> RunState:
    # A restarting or paused container is reported as running, too (STATE-6, STATE-7).
    if reported.get("Restarting"):
        return RunState.RESTARTING
    if reported.get("Paused"):
        return RunState.PAUSED
    if reported.get("Running"):
        return RunState.RUNNING
    if str(reported.get("StartedAt", "")).startswith(_NEVER):
        return RunState.INITIAL
    return RunState.EXITED


def _own_name(names: Iterable[str]) -> str:
    # Links to a container are listed as further names of it: `/other/alias`.
    names = list(names)
    own = next((name for name in names if name.count("/") == 1), names[0] if names else "")
    return own.lstrip("/")


def _code_in(status: str) -> int | None:
    found = _EXIT_STATUS.search(status)
    return int(found[1]) if found else None


def _network_ids(networks: dict[str, Any]) -> dict[str, str]:
    return {name: str((end or {}).get("NetworkID") or "") for name, end in networks.items()}


def _listed_ports(ports: Iterable[dict[str, Any]]) -> frozenset[HostPort]:
    return frozenset(
        HostPort(
            address=str(port.get("IP") or ""),
            port=int(port["PublicPort"]),
            protocol=str(port.get("Type", "tcp")),
        )
        for port in ports
        if port.get("PublicPort")
    )


def _bound_ports(ports: dict[str, Any]) -> frozenset[HostPort]:
    return frozenset(
        HostPort(
            address=str(binding.get("HostIp") or ""),
            port=int(binding["HostPort"]),
            protocol=inner.partition("/")[2] or "tcp",
        )
        for inner, bindings in ports.items()
        for binding in bindings or ()
        if binding.get("HostPort")
    )


def _volume_names(mounts: Iterable[dict[str, Any]]) -> frozenset[str]:
    return frozenset(
        str(mount["Name"])
        for mount in mounts
        if mount.get("Type") == "volume" and mount.get("Name")
    )
