"""Ports of the host: which container has which."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from ._answers import ApiError, JsonDict
from ._records import Container
from ._world import World

FIRST_EPHEMERAL: Final = 32_768
LAST_EPHEMERAL: Final = 60_999
EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 (nothing is bound)


@frozen
class TakenPort:
    """A port of the host that is in use."""

    protocol: str
    address: str
    number: int

    def stands_in_the_way(self, other: TakenPort) -> bool:
        """Whether both cannot be had at a time."""
        if (self.protocol, self.number) != (other.protocol, other.number):
            return False
        return self.address == other.address or EVERYWHERE in (self.address, other.address)


def publish_ports(world: World, container: Container) -> None:
    """Give a container that is being started the ports that it publishes.

    Raises:
        ApiError: 500 if somebody has one of them.
    """
    container.ports = {}
    mode: str = container.host_config["NetworkMode"]
    if mode.startswith("container:") or mode in ("host", "none") or not container.endpoints:
        return
    taken = taken_ports(world)
    ports: JsonDict = {}
    bindings = {
        _full(port): entries
        for port, entries in (container.host_config["PortBindings"] or {}).items()
    }
    # Engines publish what is exposed; a binding of any other port is not looked at.
    for port in sorted(map(_full, container.config.get("ExposedPorts") or ()), key=_order):
        wanted = bindings.get(port) or []
        if not wanted and container.host_config["PublishAllPorts"]:
            wanted = [{"HostIp": "", "HostPort": ""}]
        published = [_publish(world, container, port, entry, taken) for entry in wanted]
        ports[port] = [entry for entries in published for entry in entries] or None
    container.ports = ports


def taken_ports(world: World) -> list[TakenPort]:
    """All ports of the host that are in use."""
    taken = [TakenPort(protocol, EVERYWHERE, port) for protocol, port in world.occupied_ports]
    running = [known for known in world.containers.values() if known.state.is_running]
    for container in running:
        for port, entries in container.ports.items():
            taken += [
                TakenPort(port.partition("/")[2], entry["HostIp"], int(entry["HostPort"]))
                for entry in entries or ()
                if entry["HostIp"] != "::"
            ]
    return taken


def _publish(
    world: World, container: Container, port: str, binding: JsonDict, taken: list[TakenPort]
) -> list[JsonDict]:
    protocol = port.partition("/")[2]
    address = binding["HostIp"] or EVERYWHERE
    first, _, last = (binding["HostPort"] or "0").partition("-")
    candidates = (
        range(FIRST_EPHEMERAL, LAST_EPHEMERAL)
        if first == "0"
        else range(int(first), int(last or first) + 1)
    )
    for number in candidates:
        wanted = TakenPort(protocol, address, number)
        if not any(wanted.stands_in_the_way(other) for other in taken):
            taken.append(wanted)
            entry = {"HostIp": address, "HostPort": str(number)}
            # Where no address is named, IPv6 gets the same port.
            return [entry] if binding["HostIp"] else [entry, {**entry, "HostIp": "::"}]
    raise _port_error(world, container, wanted, taken)


def _port_error(
    world: World, container: Container, wanted: TakenPort, taken: list[TakenPort]
) -> ApiError:
    by_container = wanted in taken and (wanted.protocol, wanted.number) not in world.occupied_ports
    place = f"{wanted.address}:{wanted.number}"
    reason = (
        f"Bind for {place} failed: port is already allocated"
        if by_container
        else f"Error starting userland proxy: listen {wanted.protocol}4 {place}: "
        "bind: address already in use"
    )
    return ApiError(
        500,
        "driver failed programming external connectivity on endpoint "
        f"{container.name} ({world.new_id()}): {reason}",
    )


def _full(port: str) -> str:
    number, slash, protocol = port.partition("/")
    return f"{number}/{protocol.lower() if slash else 'tcp'}"


def _order(port: str) -> tuple[str, int]:
    number = re.match(r"\d+", port)
    return port.partition("/")[2], int(number[0]) if number else 0
