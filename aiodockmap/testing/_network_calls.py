"""Calls under `/networks`."""

from __future__ import annotations

from typing import Final

from ._answers import Answer, ApiError, Call, JsonDict, Reply, done, json_answer
from ._bodies import CONNECTION, CREATED_NETWORK, DISCONNECTION, decoded
from ._filters import has_labels, has_name, read_filters, truth
from ._networks import connect, disconnect
from ._ports import EVERYWHERE
from ._records import IPV4, IPV6, PREDEFINED_NETWORKS, Network
from ._subnets import check_subnets, enabled_versions, give_subnets
from ._world import World, short

LIST_FILTERS: Final = frozenset({"dangling", "driver", "id", "label", "name", "scope", "type"})
DRIVERS: Final = frozenset({"bridge", "ipvlan", "macvlan"})


def list_networks(world: World, call: Call) -> Reply:
    """`GET /networks`; nobody is shown as attached here."""
    filters = read_filters(call, LIST_FILTERS)
    ids = filters.get("id", [])
    kinds = filters.get("type", ["builtin", "custom"])
    for kind in kinds:
        if kind not in ("builtin", "custom"):
            raise ApiError(500, f"invalid filter: 'type'='{kind}'")
    dangling = _is_dangling_wanted(filters)
    found = [
        document(world, network, shows_members=False)
        for network in world.networks.values()
        if has_name([network.name], filters.get("name", []))
        and has_labels(network.labels, filters.get("label", []))
        and (not ids or any(network.id.startswith(start) for start in ids))
        and network.driver in filters.get("driver", [network.driver])
        and ("builtin" if network.is_predefined else "custom") in kinds
        and "local" in filters.get("scope", ["local"])
        # Lists do not look who is attached.
        and dangling in (None, not network.is_predefined)
    ]
    return json_answer(found)


def _is_dangling_wanted(filters: dict[str, list[str]]) -> bool | None:
    if len(filters.get("dangling", [])) > 1:
        raise ApiError(400, 'got more than one value for filter key "dangling"')
    try:
        return truth(filters, "dangling")
    except ApiError:
        words = 'must be "true" (or "1"), or "false" (or "0")'
        raise ApiError(400, f"invalid value for filter 'dangling', {words}") from None


def inspect_network(world: World, call: Call) -> Reply:
    """`GET /networks/{id}`."""
    found = world.find_networks(call.ref)
    if len(found) > 1:
        message = f"{len(found)} matches found based on name: network {call.ref} is ambiguous"
        raise ApiError(400, message)
    return json_answer(document(world, world.network(call.ref), shows_members=True))


def document(world: World, network: Network, *, shows_members: bool) -> JsonDict:
    """A network as inspect and list show it."""
    members: JsonDict = {}
    if shows_members:
        for container_id, addresses in network.members.items():
            container = world.containers[container_id]
            endpoint = container.endpoints.get(network.name) or {}
            shown = {
                version: f"{address}/{network.pools[version].subnet.prefixlen}"
                for version, address in addresses.items()
            }
            members[container_id] = {
                "Name": container.name,
                "EndpointID": endpoint.get("EndpointID", ""),
                "MacAddress": endpoint.get("MacAddress", ""),
                "IPv4Address": shown.get(IPV4, ""),
                "IPv6Address": shown.get(IPV6, ""),
            }
    return {
        "Name": network.name,
        "Id": network.id,
        "Created": network.created,
        "Scope": "local",
        "Driver": network.driver,
        **({"EnableIPv4": IPV4 in network.versions} if world.release.says_enable_ipv4 else {}),
        "EnableIPv6": IPV6 in network.versions,
        "IPAM": network.ipam,
        "Internal": network.is_internal,
        "Attachable": network.is_attachable,
        "Ingress": False,
        "ConfigFrom": {"Network": ""},
        "ConfigOnly": False,
        "Containers": members,
        "Options": network.options,
        "Labels": network.labels,
    }


def create_network(world: World, call: Call) -> Reply:
    """`POST /networks/create`."""
    body = decoded(call, CREATED_NETWORK)
    name = body.get("Name") or ""
    driver = body.get("Driver") or "bridge"
    if name in PREDEFINED_NETWORKS:
        message = f"operation is not permitted on predefined {name} network "
        raise ApiError(403, message)
    ipam = body.get("IPAM") or {}
    versions = enabled_versions(body, call)
    if world.release.says_all_about_subnets:
        check_subnets(ipam)
    namesakes = [network for network in world.networks.values() if network.name == name]
    if namesakes and (body.get("CheckDuplicate") or world.release.has_unique_network_names):
        raise ApiError(409, f"network with name {name} already exists")
    if not name:
        raise ApiError(500, "invalid name: ")
    if driver in ("host", "null"):
        raise ApiError(403, f'only one instance of "{driver}" network is allowed')
    for plugin in (driver, ipam.get("Driver") or "default"):
        if plugin not in DRIVERS | {"default"}:
            raise ApiError(404, f'plugin "{plugin}" not found')
    network = Network(
        id=world.new_id(),
        name=name,
        driver=driver,
        created=world.timeline.stamp(),
        order=world.ids_made,
        options=dict(body.get("Options") or {}),
        labels=dict(body.get("Labels") or {}),
        is_internal=bool(body.get("Internal")),
        is_attachable=bool(body.get("Attachable")),
        versions=versions,
    )
    give_subnets(world, network, ipam)
    world.networks[network.id] = network
    world.events.of_network(network, "create")
    warning = ""
    if namesakes:
        warning = f"Network with name {name} (id : {namesakes[0].id}) already exists"
    return json_answer({"Id": network.id, "Warning": warning}, status=201)


def connect_network(world: World, call: Call) -> Reply:
    """`POST /networks/{id}/connect`."""
    body = decoded(call, CONNECTION)
    ref = body.get("Container") or ""
    if not ref:
        raise ApiError(400, 'invalid name or ID supplied: ""')
    container = world.container(ref)
    connect(world, call.ref, container, body.get("EndpointConfig"))
    return Answer()


def disconnect_network(world: World, call: Call) -> Reply:
    """`POST /networks/{id}/disconnect`."""
    body = decoded(call, DISCONNECTION)
    disconnect(world, call.ref, body.get("Container") or "", force=bool(body.get("Force")))
    return Answer()


def remove_network(world: World, call: Call) -> Reply:
    """`DELETE /networks/{id}`."""
    network = world.network(call.ref)
    if network.is_predefined:
        message = f"{network.name} is a pre-defined network and cannot be removed"
        raise ApiError(403, message)
    if network.members:
        raise ApiError(
            403,
            f"error while removing network: network {network.name} id {network.id} "
            "has active endpoints",
            network=network.name,
            endpoints=_shown_endpoints(world, network),
        )
    del world.networks[network.id]
    world.events.of_network(network, "destroy")
    return done()


def _shown_endpoints(world: World, network: Network) -> str:
    members = [world.containers[container_id] for container_id in network.members]
    return ", ".join(
        f'name:"{container.name}" id:"{short(container.endpoints[network.name]["EndpointID"])}"'
        for container in members
    )


def add_predefined_networks(world: World) -> None:
    """Make the networks that every engine has."""
    none: JsonDict = {"Driver": "default", "Options": None, "Config": world.release.no_subnets}
    for name, driver in (("bridge", "bridge"), ("host", "host"), ("none", "null")):
        network = Network(
            id=world.new_id(),
            name=name,
            driver=driver,
            created=world.timeline.stamp(),
            order=world.ids_made,
            ipam=dict(none),
        )
        if name == "bridge":
            give_subnets(world, network, none)
            if not world.release.shows_bridge_gateway:
                del network.ipam["Config"][0]["Gateway"]
            prefix = "com.docker.network"
            network.options = {
                f"{prefix}.bridge.default_bridge": "true",
                f"{prefix}.bridge.enable_icc": "true",
                f"{prefix}.bridge.enable_ip_masquerade": "true",
                f"{prefix}.bridge.host_binding_ipv4": EVERYWHERE,
                f"{prefix}.bridge.name": "docker0",
                f"{prefix}.driver.mtu": "1500",
            }
        world.networks[network.id] = network
