"""Networks: their addresses, and who is attached to them."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Final

from ._answers import ApiError, JsonDict
from ._records import Container, Network
from ._world import World, default_pools, short

HOST_ONLY: Final = "container cannot be disconnected from host network or connected to host network"
SHARED: Final = (
    "container sharing network namespace with another container or host "
    "cannot be connected to any other network"
)
PRIVATE: Final = (
    "container cannot be connected to multiple networks with one of the networks "
    "in private (none) mode"
)


def empty_endpoint(settings: JsonDict | None = None) -> JsonDict:
    """Settings of an endpoint that has no address yet."""
    given = settings or {}
    return {
        "IPAMConfig": given.get("IPAMConfig") or None,
        "Links": given.get("Links"),
        "Aliases": list(given["Aliases"]) if given.get("Aliases") is not None else None,
        "NetworkID": "",
        "EndpointID": "",
        "Gateway": "",
        "IPAddress": "",
        "IPPrefixLen": 0,
        "IPv6Gateway": "",
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
        "MacAddress": "",
        "DriverOpts": given.get("DriverOpts"),
    }


def choose_subnet(world: World, wanted: IPv4Network | None) -> IPv4Network:
    """The wanted subnet, or one from the pools.

    Raises:
        ApiError: 403 if the wanted one overlaps another, 404 if there is none left.
    """
    used = [network.subnet for network in world.networks.values() if network.subnet]
    if wanted is not None:
        if any(wanted.overlaps(other) for other in used):
            raise ApiError(403, "Pool overlaps with other one on this address space")
        return wanted
    for pool in default_pools():
        if not any(pool.overlaps(other) for other in used):
            return pool
    message = (
        "could not find an available, non-overlapping IPv4 address pool "
        "among the defaults to assign to the network"
    )
    raise ApiError(404, message)


def join_networks(world: World, container: Container) -> None:
    """Attach a container that is being started to its networks.

    Raises:
        ApiError: for a network or an address that cannot be had; it is attached to none then.
    """
    mode: str = container.host_config["NetworkMode"]
    if mode.startswith("container:"):
        target_id = mode.removeprefix("container:")
        target = world.container(target_id)
        if not target.state.is_running:
            raise ApiError(409, f"cannot join network of a non running container: {target_id}")
        return
    if not container.endpoints and not container.config.get("NetworkDisabled"):
        container.sandbox = container.sandbox or world.new_id()
    for name, endpoint in list(container.endpoints.items()):
        known_id = endpoint["NetworkID"]
        network = world.networks.get(known_id) if known_id else world.find_network(name)
        if network is None:
            raise ApiError(404, f"network {known_id or name} not found")
        container.sandbox = container.sandbox or world.new_id()
        attach(world, container, network, endpoint)


def leave_networks(world: World, container: Container) -> None:
    """Give back the addresses of a container that has ended."""
    for network in world.networks.values():
        if container.id in network.members:
            del network.members[container.id]
            world.events.of_network(network, "disconnect", container.id)
    for endpoint in container.endpoints.values():
        detached = empty_endpoint()
        for kept in ("IPAMConfig", "Links", "Aliases", "NetworkID", "DriverOpts"):
            detached.pop(kept)
        endpoint.update(detached)


def attach(world: World, container: Container, network: Network, endpoint: JsonDict) -> None:
    """Attach a container that runs, or is being started, to one network.

    Raises:
        ApiError: if the network cannot give what the endpoint asks for.
    """
    check_endpoint(network, endpoint)
    add_short_id(container, network, endpoint)
    endpoint["NetworkID"] = network.id
    address = _choose_address(network, _wanted_address(endpoint))
    network.members[container.id] = address
    endpoint["EndpointID"] = world.new_id()
    world.events.of_network(network, "connect", container.id)
    if address is None or network.subnet is None:
        return
    endpoint["IPAddress"] = str(address)
    endpoint["IPPrefixLen"] = network.subnet.prefixlen
    endpoint["Gateway"] = str(network.gateway)
    endpoint["MacAddress"] = "02:42:" + ":".join(f"{byte:02x}" for byte in address.packed)


def check_endpoint(network: Network, endpoint: JsonDict) -> None:
    """Refuse what a network does not do for its endpoints.

    Raises:
        ApiError: 400.
    """
    wanted = _wanted_address(endpoint)
    if network.is_predefined and endpoint["Aliases"]:
        message = "network-scoped alias is supported only for containers in user defined networks"
        raise ApiError(400, message)
    if wanted and network.is_predefined:
        message = "user specified IP address is supported on user defined networks only"
        raise ApiError(400, message)
    if wanted and not network.has_own_subnet:
        message = (
            "user specified IP address is supported only when connecting to networks "
            "with user configured subnets"
        )
        raise ApiError(400, message)


def add_short_id(container: Container, network: Network, endpoint: JsonDict) -> None:
    """Make a container known by its short id, as networks that somebody made do."""
    if network.is_predefined:
        return
    aliases = endpoint["Aliases"] or []
    if short(container.id) not in aliases:
        endpoint["Aliases"] = [*aliases, short(container.id)]


def _wanted_address(endpoint: JsonDict) -> str:
    return (endpoint["IPAMConfig"] or {}).get("IPv4Address") or ""


def _choose_address(network: Network, wanted: str) -> IPv4Address | None:
    if network.subnet is None:
        return None
    used = {address for address in network.members.values() if address is not None}
    if network.gateway is not None:
        used.add(network.gateway)
    if wanted:
        try:
            address = IPv4Address(wanted)
        except AddressValueError:
            raise ApiError(500, f"Invalid IPv4 address: {wanted})") from None
        if address not in network.subnet:
            message = (
                f"Invalid address {wanted}: It does not belong to any of this network's subnets"
            )
            raise ApiError(500, message)
        if address in used:
            raise ApiError(403, "Address already in use")
        return address
    for candidate in (network.address_range or network.subnet).hosts():
        if candidate not in used:
            return candidate
    raise ApiError(403, "no available IPv4 addresses on this network's address pools")


def check_connection(container: Container, network: Network) -> None:
    """Refuse a connection that the network mode of a container does not allow.

    Raises:
        ApiError: 400.
    """
    mode: str = container.host_config["NetworkMode"]
    # That it shares somebody's network an engine only minds while it does.
    if (mode.startswith("container:") and container.state.is_running) or mode == "host":
        raise ApiError(400, SHARED if network.name != "host" else HOST_ONLY)
    if network.name == "host":
        raise ApiError(400, HOST_ONLY)
    others = [name for name in container.endpoints if name != network.name]
    if (network.name == "none" and others) or "none" in others:
        raise ApiError(400, PRIVATE)


def connect(world: World, ref: str, container: Container, settings: JsonDict | None) -> None:
    """Answer `POST /networks/{id}/connect`.

    Raises:
        ApiError: if the network is missing, or does not take the container.
    """
    endpoint = empty_endpoint(settings)
    if not container.state.is_running:
        network = world.find_network(ref)
        if network is None:
            # Engines find out at the start that there is no such network.
            container.endpoints.setdefault(ref, endpoint)
            return
        check_connection(container, network)
        check_endpoint(network, endpoint)
        add_short_id(container, network, endpoint)
        known = container.endpoints.get(network.name)
        # What it knows stays, unless that is about a namesake that is gone.
        if known is None or known["NetworkID"] not in {"", network.id}:
            container.endpoints[network.name] = endpoint
        return
    network = world.network(ref)
    check_connection(container, network)
    if container.id in network.members:
        message = f"endpoint with name {container.name} already exists in network {network.name}"
        raise ApiError(403, message)
    attach(world, container, network, endpoint)
    container.endpoints[network.name] = endpoint


def disconnect(world: World, ref: str, container_ref: str, *, force: bool) -> None:
    """Answer `POST /networks/{id}/disconnect`.

    Raises:
        ApiError: 404 or 500 if there is nothing to disconnect.
    """
    container = world.find_container(container_ref)
    if container is None:
        if not force:
            raise ApiError(404, f"No such container: {container_ref}")
        network = world.network(ref)
        raise ApiError(404, f"endpoint {container_ref} not found")
    if container.state.is_running:
        network = world.network(ref)
        if "host" in (network.name, container.host_config["NetworkMode"]):
            raise ApiError(400, HOST_ONLY)
        if container.id not in network.members:
            message = f"container {container.id} is not connected to network {network.name}"
            raise ApiError(500, message)
        del network.members[container.id]
        del container.endpoints[network.name]
        for _ in range(2):  # engines do say it twice
            world.events.of_network(network, "disconnect", container.id)
        return
    found = world.find_network(ref)
    name = found.name if found else ref
    if name not in container.endpoints:
        message = f"container {container.id} is not connected to the network {name}"
        raise ApiError(500, message)
    del container.endpoints[name]
