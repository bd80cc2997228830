"""Networks: their addresses, and who is attached to them."""

from __future__ import annotations

from typing import Final

from ._addresses import (
    UNATTACHED,
    choose_addresses,
    endpoint_problems,
    mac_address_of,
    malformed_addresses,
    show_addresses,
    wanted_addresses,
)
from ._answers import ApiError, JsonDict
from ._records import PREDEFINED_NETWORKS, Container, Network
from ._releases import Release
from ._world import World, short

HOST_ONLY: Final = "container cannot be disconnected from host network or connected to host network"
CONNECTED: Final = {"doing": "connect container to", "being": "container must be created"}
DISCONNECTED: Final = {"doing": "disconnect container from", "being": "container was created"}
SHARED: Final = (
    "container sharing network namespace with another container or host "
    "cannot be connected to any other network"
)
PRIVATE: Final = (
    "container cannot be connected to multiple networks with one of the networks "
    "in private (none) mode"
)


def empty_endpoint(release: Release, settings: JsonDict | None = None) -> JsonDict:
    """Settings of an endpoint that has no address yet."""
    given = settings or {}
    return {
        **{key: given.get(key) or value for key, value in release.endpoint_fields.items()},
        "IPAMConfig": given.get("IPAMConfig") or None,
        "Links": given.get("Links"),
        "Aliases": list(given["Aliases"]) if given.get("Aliases") is not None else None,
        **UNATTACHED,
        "MacAddress": given.get("MacAddress") or "",
        "DriverOpts": given.get("DriverOpts"),
    }


def check_shared_network(world: World, container: Container) -> None:
    """Look whether the container is there whose network is to be shared.

    Raises:
        ApiError: if it is not, or does not run.
    """
    mode: str = container.host_config["NetworkMode"]
    if not mode.startswith("container:"):
        return
    target_id = mode.removeprefix("container:")
    target = world.find_container(target_id)
    if target is None:
        raise ApiError(404, f"No such container: {target_id}", shared=target_id)
    if not target.state.is_running:
        raise ApiError(
            409,
            f"cannot join network of a non running container: {target_id}",
            name=target.name,
            state=target.state.status,
        )


def open_sandbox(world: World, container: Container) -> None:
    """Give a container that is being started a network namespace, and the files that go with it."""
    if container.config.get("NetworkDisabled"):
        return
    container.files.add("network")
    if not container.host_config["NetworkMode"].startswith("container:"):
        _enter_sandbox(world, container)


def _enter_sandbox(world: World, container: Container) -> None:
    container.sandbox = container.sandbox or world.new_id()
    container.is_in_sandbox = True


def main_network(world: World, container: Container) -> str:
    """The name of the network that the mode of a container puts it into."""
    mode: str = container.host_config["NetworkMode"]
    network = world.find_network(mode)
    return "bridge" if mode == "default" else network.name if network else mode


def join_networks(world: World, container: Container) -> None:
    """Attach a container that is being started to its networks.

    Raises:
        ApiError: for a network or an address that cannot be had.
    """
    if container.host_config["NetworkMode"].startswith("container:"):
        return
    if container.has_forgotten_networks and not container.endpoints:
        container.endpoints[main_network(world, container)] = empty_endpoint(world.release, {})
    for name, endpoint in list(container.endpoints.items()):
        network = _network_of(world, name, endpoint)
        if network is None:
            raise ApiError(404, f"network {endpoint['NetworkID'] or name} not found")
        prepare_endpoint(world, container, network, endpoint)
        attach(world, container, network, endpoint)
        _enter_sandbox(world, container)


def tell_of_networks(world: World, container: Container) -> None:
    """Tell that a container has joined its networks."""
    for network in world.networks.values():
        if container.id in network.members:
            world.events.of_network(network, "connect", container.id)


def _network_of(world: World, name: str, endpoint: JsonDict) -> Network | None:
    known_id = endpoint["NetworkID"]
    return world.networks.get(known_id) if known_id else world.find_network(name)


def leave_networks(world: World, container: Container) -> None:
    """Give back the addresses of a container that has ended, or was not started after all."""
    endpoints = container.endpoints.items() if container.is_in_sandbox else ()
    for network in [_network_of(world, name, endpoint) for name, endpoint in endpoints]:
        if network is not None:
            # Also if it had not joined yet: engines do not look.
            network.members.pop(container.id, None)
            world.events.of_network(network, "disconnect", container.id)
    container.is_in_sandbox = False
    if not world.release.keeps_sandbox:
        container.sandbox = ""
    for endpoint in container.endpoints.values():
        endpoint.update({key: value for key, value in UNATTACHED.items() if key != "NetworkID"})


def attach(world: World, container: Container, network: Network, endpoint: JsonDict) -> None:
    """Attach a container that runs, or is being started, to one network.

    Raises:
        ApiError: if the network cannot give what the endpoint asks for.
    """
    addresses = choose_addresses(network, endpoint)
    endpoint["NetworkID"] = network.id
    network.members[container.id] = addresses
    endpoint["EndpointID"] = world.new_id()
    if addresses:
        show_addresses(world.release, network, endpoint, addresses)
        asked = container.mac_addresses.get(network.name)
        endpoint["MacAddress"] = asked or mac_address_of(addresses)


def prepare_endpoint(
    world: World, container: Container, network: Network, endpoint: JsonDict
) -> None:
    """Make an endpoint one of a container; refuse what its network does not do for endpoints.

    Raises:
        ApiError: 400.
    """
    add_own_names(world, container, network, endpoint)
    problems = endpoint_problems(world.release, network.name, network, endpoint)
    if problems and world.release.says_all_about_endpoints:
        raise ApiError(400, f"invalid endpoint settings:\n{_listed(problems)}")
    if problems:
        raise ApiError(400, problems[0])


def check_sent_endpoint(world: World, name: str, settings: JsonDict) -> None:
    """Refuse what cannot be asked for where a container is created.

    Raises:
        ApiError: 400.
    """
    if not world.release.says_all_about_endpoints:
        if malformed := malformed_addresses(wanted_addresses(settings)):
            raise ApiError(400, malformed[0])
        return
    problems = endpoint_problems(world.release, name, world.find_network(name), settings)
    if problems:
        message = f"invalid config for network {name}: invalid endpoint settings:\n"
        raise ApiError(400, message + _listed(problems))


def _listed(problems: list[str]) -> str:
    return problems[0] if len(problems) == 1 else "* " + "\n* ".join(problems)


def add_own_names(world: World, container: Container, network: Network, endpoint: JsonDict) -> None:
    """Make a container known by its own names, as networks that somebody made do."""
    if network.is_predefined:
        return
    own = [short(container.id), container.config["Hostname"]]
    if world.release.has_dns_names:
        names = [container.name, *(endpoint["Aliases"] or ()), *own]
        endpoint["DNSNames"] = list(dict.fromkeys(filter(None, names)))
        return
    if container.name == own[-1]:
        own.pop()
    endpoint["Aliases"] = list(dict.fromkeys([*(endpoint["Aliases"] or ()), *own]))


def with_own_aliases(container: Container, name: str, endpoint: JsonDict) -> JsonDict:
    """An endpoint as it is shown to callers who expect the own names of its container as aliases."""
    if name in PREDEFINED_NETWORKS:
        return endpoint
    aliases = [*(endpoint["Aliases"] or ()), short(container.id), container.config["Hostname"]]
    return {**endpoint, "Aliases": list(dict.fromkeys(aliases))}


def check_connection(container: Container, network: Network) -> None:
    """Refuse a connection that the network mode of a container does not allow.

    Raises:
        ApiError: 400.
    """
    mode: str = container.host_config["NetworkMode"]
    # That it shares somebody's network an engine only minds while it does.
    if (mode.startswith("container:") and container.state.is_running) or mode == "host":
        if network.name != "host":
            raise ApiError(400, SHARED)
        raise ApiError(400, HOST_ONLY, **CONNECTED)
    if network.name == "host":
        raise ApiError(400, HOST_ONLY, **CONNECTED)
    others = [name for name in container.endpoints if name != network.name]
    if (network.name == "none" and others) or "none" in others:
        raise ApiError(400, PRIVATE)


def connect(world: World, ref: str, container: Container, settings: JsonDict | None) -> None:
    """Answer `POST /networks/{id}/connect`.

    Raises:
        ApiError: if the network is missing, or does not take the container.
    """
    endpoint = empty_endpoint(world.release, settings)
    if not container.state.is_running:
        container.has_forgotten_networks = False
        network = world.find_network(ref)
        if network is None:
            # Engines find out at the start that there is no such network.
            container.endpoints.setdefault(ref, endpoint)
            return
        check_connection(container, network)
        prepare_endpoint(world, container, network, endpoint)
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
    prepare_endpoint(world, container, network, endpoint)
    # It stays there even if the network has no address for it.
    container.endpoints[network.name] = endpoint
    attach(world, container, network, endpoint)
    world.events.of_network(network, "connect", container.id)


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
            raise ApiError(400, HOST_ONLY, **DISCONNECTED)
        if container.id not in network.members:
            message = f"container {container.id} is not connected to network {network.name}"
            raise ApiError(500, message)
        del network.members[container.id]
        del container.endpoints[network.name]
        for _ in range(world.release.disconnects_told):
            world.events.of_network(network, "disconnect", container.id)
        return
    found = world.find_network(ref)
    name = found.name if found else ref
    if name not in container.endpoints:
        message = f"container {container.id} is not connected to the network {name}"
        raise ApiError(500, message)
    del container.endpoints[name]
