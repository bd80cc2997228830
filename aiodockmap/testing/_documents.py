"""Containers as `inspect` and `list` show them."""

from __future__ import annotations

import shlex
from typing import Final

from ._answers import JsonDict
from ._networks import empty_endpoint
from ._records import Container
from ._world import DATA_ROOT, World

MIRRORED: Final = (
    "EndpointID",
    "Gateway",
    "GlobalIPv6Address",
    "GlobalIPv6PrefixLen",
    "IPAddress",
    "IPPrefixLen",
    "IPv6Gateway",
    "MacAddress",
)
"""What `NetworkSettings` repeats of the endpoint on the default network."""
UNLISTED: Final = frozenset({"Links", "Aliases", "DNSNames"})
"""What lists do not say of an endpoint."""
SPANS: Final = (
    (1, "Less than a second", 1),
    (2, "1 second", 1),
    (60, "{} seconds", 1),
    (120, "About a minute", 60),
    (2760, "{} minutes", 60),
    (5400, "About an hour", 3600),
    (172_800, "{} hours", 3600),
    (1_209_600, "{} days", 86_400),
)
"""Seconds up to which each wording holds, and the unit that is counted in it."""


def inspected(world: World, container: Container) -> JsonDict:
    """`GET /containers/{id}/json`."""
    state = container.state
    state_document: JsonDict = {
        "Status": state.status,
        "Running": state.is_running,
        "Paused": state.is_paused,
        "Restarting": state.is_restarting,
        "OOMKilled": state.is_oom_killed,
        "Dead": False,
        "Pid": state.pid,
        "ExitCode": state.exit_code,
        "Error": state.error,
        "StartedAt": state.started_at,
        "FinishedAt": state.finished_at,
    }
    if state.health is not None:
        state_document["Health"] = state.health
    folder = f"{DATA_ROOT}/containers/{container.id}"
    has_network, has_hostname, has_log = (
        kind in container.files for kind in ("network", "hostname", "log")
    )
    running_execs = [known for known in container.exec_ids if world.execs[known].is_running]
    return {
        "Id": container.id,
        "Created": container.created,
        "Path": container.path,
        "Args": container.arguments,
        "State": state_document,
        "Image": container.image_id,
        "ResolvConfPath": f"{folder}/resolv.conf" if has_network else "",
        "HostnamePath": f"{folder}/hostname" if has_hostname else "",
        "HostsPath": f"{folder}/hosts" if has_network else "",
        "LogPath": f"{folder}/{container.id}-json.log" if has_log else "",
        "Name": f"/{container.name}",
        "RestartCount": container.restart_count,
        "Driver": "overlay2",
        "Platform": "linux",
        "MountLabel": "",
        "ProcessLabel": "",
        "AppArmorProfile": "",
        "ExecIDs": running_execs or None,
        "HostConfig": {**container.host_config, "Links": _shown_links(world, container)},
        "GraphDriver": {"Data": None, "Name": "overlay2"},
        "Mounts": container.mounts,
        "Config": container.config,
        "NetworkSettings": _network_settings(world, container),
    }


def _shown_links(world: World, container: Container) -> list[str] | None:
    links = world.links.get(container.id, {})
    return [
        f"/{world.linked_name(target)}:/{container.name}/{alias}" for alias, target in links.items()
    ] or None


def _network_settings(world: World, container: Container) -> JsonDict:
    default = container.endpoints.get("bridge") or empty_endpoint(world.release)
    return {
        "Bridge": "",
        "SandboxID": container.sandbox,
        "HairpinMode": False,
        "LinkLocalIPv6Address": "",
        "LinkLocalIPv6PrefixLen": 0,
        "Ports": container.ports,
        "SandboxKey": container.sandbox and f"/var/run/docker/netns/{container.sandbox[:12]}",
        "SecondaryIPAddresses": None,
        "SecondaryIPv6Addresses": None,
        **{key: default[key] for key in MIRRORED},
        "Networks": container.endpoints,
    }


def listed(world: World, container: Container) -> JsonDict:
    """An entry of `GET /containers/json`."""
    return {
        "Id": container.id,
        "Names": names_of(world, container),
        "Image": _shown_image(world, container),
        "ImageID": container.image_id,
        "Command": shlex.join([container.path, *container.arguments]),
        "Created": container.created_seconds,
        "Ports": shown_ports(container),
        "Labels": container.config["Labels"],
        "State": container.state.status,
        "Status": status_text(world, container),
        "HostConfig": {
            key: value
            for key, value in container.host_config.items()
            if key in ("Annotations", "NetworkMode")
        },
        "NetworkSettings": {
            "Networks": {
                name: {**endpoint, **dict.fromkeys(UNLISTED & endpoint.keys())}
                for name, endpoint in container.endpoints.items()
            }
        },
        "Mounts": [_shown_mount(container, mount) for mount in container.mounts],
    }


def _shown_mount(container: Container, mount: JsonDict) -> JsonDict:
    # Lists do not look where volumes are that nobody named.
    return {**mount, "Source": ""} if mount.get("Name") in container.volumes_by_path else mount


def names_of(world: World, container: Container) -> list[str]:
    """All names of a container: those that links give it, and its own."""
    links = [
        f"/{world.containers[parent].name}/{alias}"
        for parent, links in world.links.items()
        for alias, target in links.items()
        if target == container.id
    ]
    return [*sorted(links), f"/{container.name}"]


def _shown_image(world: World, container: Container) -> str:
    reference: str = container.config["Image"]
    is_same = world.images.find(reference) == container.image_id if reference else True
    return reference if is_same else container.image_id


def shown_ports(container: Container) -> list[JsonDict]:
    """The ports of a container, as lists show them."""
    ports: list[JsonDict] = []
    for port, entries in container.ports.items():
        number, _, protocol = port.partition("/")
        private: JsonDict = {
            "PrivatePort": int(number) if number.isdecimal() else 0,
            "Type": protocol,
        }
        ports += [
            {"IP": entry["HostIp"], **private, "PublicPort": int(entry["HostPort"])}
            for entry in entries or ()
        ] or [private]
    return ports


def status_text(world: World, container: Container) -> str:
    """`Up 2 seconds (healthy)`, `Exited (1) About a minute ago`."""
    state = container.state
    since_end = human(world.timeline.now - state.finished)
    match state.status:
        case "created":
            return "Created"
        case "restarting":
            return f"Restarting ({state.exit_code}) {since_end} ago"
        case "exited":
            return f"Exited ({state.exit_code}) {since_end} ago"
        case "removing":
            return "Removal In Progress"
        case _:
            return _up_text(world, container)


def _up_text(world: World, container: Container) -> str:
    state = container.state
    up = f"Up {human(world.timeline.now - state.started)}"
    if state.is_paused:
        return f"{up} (Paused)"
    if state.health is not None:
        health = state.health["Status"]
        return f"{up} ({'health: starting' if health == 'starting' else health})"
    return up


def human(seconds: float) -> str:
    """A span of time as engines put it."""
    for limit, wording, unit in SPANS:
        if seconds < limit:
            return wording.format(int(seconds // unit))
    weeks = int(seconds // 604_800)
    return f"{weeks} weeks"
