"""Which containers a list has."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Final, TypeAlias

from ._answers import ApiError
from ._documents import names_of, shown_ports
from ._filters import has_labels, has_name, truth
from ._records import Container
from ._timeline import NEVER
from ._world import World

Filters: TypeAlias = dict[str, list[str]]
STATES: Final = ("created", "running", "paused", "restarting", "removing", "exited", "dead")
HEALTHS: Final = ("none", "starting", "healthy", "unhealthy")


def chosen_containers(world: World, filters: Filters, *, shows_all: bool) -> list[Container]:
    """Those that filters choose, the newest first; of those that do not run only with `shows_all`.

    Raises:
        ApiError: for filters that mean nothing.
    """
    for value in filters.get("status", []):
        if value not in STATES:
            raise ApiError(400, f"Invalid filter 'status={value}'")
    for value in filters.get("health", []):
        if value not in HEALTHS:
            raise ApiError(400, f"Unrecognised filter value for health: {value}")
    if truth(filters, "is-task"):
        return []
    after = max(_orders(world, filters.get("since", [])), default=-1)
    before = min(_orders(world, filters.get("before", [])), default=sys.maxsize)
    codes = {_code(text) for text in filters.get("exited", [])}
    ports = {
        field: [_ports(name, text) for text in filters.get(name, [])]
        for name, field in (("publish", "PublicPort"), ("expose", "PrivatePort"))
    }
    return [
        container
        for container in sorted(world.containers.values(), key=lambda it: -it.order)
        if (shows_all or container.state.is_running)
        and after < container.order < before
        and (not codes or _exit_code(container) in codes)
        and (not any(ports.values()) or _has_port(container, ports))
        and _is_wanted(world, container, filters)
    ]


def _orders(world: World, refs: list[str]) -> list[int]:
    found = {ref: world.find_container(ref) for ref in refs}
    for ref, container in found.items():
        if container is None:
            raise ApiError(500, f"no such container {ref}")
    return [container.order for container in found.values() if container is not None]


def _code(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        message = f'strconv.Atoi: parsing "{text}": invalid syntax'
        raise ApiError(500, message, exited=text) from None


def _exit_code(container: Container) -> int | None:
    state = container.state
    return None if state.is_running or state.started_at == NEVER else state.exit_code


def _has_port(container: Container, wanted: Mapping[str, list[tuple[str, range]]]) -> bool:
    return any(
        port["Type"] == protocol and port.get(field, 0) in numbers
        for field, ranges in wanted.items()
        for protocol, numbers in ranges
        for port in shown_ports(container)
    )


def _ports(name: str, text: str) -> tuple[str, range]:
    if ":" in text:
        raise ApiError(500, f"filter for '{name}' should not contain ':': {text}")
    numbers, _, protocol = text.partition("/")
    first, dash, last = numbers.partition("-")
    try:
        return protocol or "tcp", range(int(first), int(last if dash else first) + 1)
    except ValueError:
        problem = f'strconv.ParseUint: parsing "{numbers}": invalid syntax'
        message = f"error while looking up for {name} {text}: {problem}"
        raise ApiError(500, message) from None


def _is_wanted(world: World, container: Container, filters: Filters) -> bool:
    names = [name.removeprefix("/") for name in names_of(world, container)]
    networks = [*container.endpoints, *(it["NetworkID"] for it in container.endpoints.values())]
    volumes: list[str] = [mount.get("Name") or mount["Source"] for mount in container.mounts]
    places = [mount["Destination"] for mount in container.mounts]
    ids = filters.get("id", [])
    health = (container.state.health or {}).get("Status", "none")
    return (
        has_name(names, filters.get("name", []))
        and has_labels(container.config["Labels"], filters.get("label", []))
        and (not ids or any(container.id.startswith(start) for start in ids))
        and _is_among(filters.get("status"), [container.state.status])
        and _is_among(filters.get("health"), [health])
        and _is_among(filters.get("network"), networks)
        and _is_among(filters.get("volume"), [*volumes, *places])
        and _is_among(filters.get("ancestor"), _ancestors(world, container))
    )


def _ancestors(world: World, container: Container) -> list[str]:
    names = world.images.names_of(container.image_id)
    shortened = [name.removesuffix(":latest") for name in names]
    return [container.image_id, *names, *shortened]


def _is_among(wanted: list[str] | None, values: list[str]) -> bool:
    return wanted is None or any(value in wanted for value in values)
