"""Addresses of containers on their networks: what may be asked for, and what is given."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address
from typing import Final

from ._answers import ApiError, JsonDict
from ._records import IPV4, IPV6, PREDEFINED_NETWORKS, Address, Block, Network, Pool
from ._releases import Release

STATIC: Final[Mapping[int, str]] = {IPV4: "IPv4Address", IPV6: "IPv6Address"}
"""Fields of `IPAMConfig` by which an endpoint asks for an address, by version of IP."""
SHOWN: Final[Mapping[int, tuple[str, str, str]]] = {
    IPV4: ("IPAddress", "IPPrefixLen", "Gateway"),
    IPV6: ("GlobalIPv6Address", "GlobalIPv6PrefixLen", "IPv6Gateway"),
}
"""Fields of an endpoint that say what it got."""
UNATTACHED: Final[Mapping[str, object]] = {
    "NetworkID": "",
    "EndpointID": "",
    "Gateway": "",
    "IPAddress": "",
    "IPPrefixLen": 0,
    "IPv6Gateway": "",
    "GlobalIPv6Address": "",
    "GlobalIPv6PrefixLen": 0,
    "MacAddress": "",
}
"""What an endpoint has from its network, while it has nothing."""


def wanted_addresses(endpoint: JsonDict) -> dict[int, str]:
    """What an endpoint asks for, by version of IP."""
    asked = endpoint.get("IPAMConfig") or {}
    return {version: asked[key] for version, key in STATIC.items() if asked.get(key)}


def malformed_addresses(wanted: Mapping[int, str]) -> list[str]:
    """What is wrong with the words of addresses that are asked for."""
    return [
        f"invalid IPv{version} address: {text}"
        for version, text in wanted.items()
        if _address(version, text) is None
    ]


def endpoint_problems(
    release: Release, name: str, network: Network | None, endpoint: JsonDict
) -> list[str]:
    """What a network, by its name, does not do for an endpoint."""
    wanted = wanted_addresses(endpoint)
    problems = []
    if wanted and name in PREDEFINED_NETWORKS:
        problems.append("user specified IP address is supported on user defined networks only")
    if endpoint.get("Aliases") and name in PREDEFINED_NETWORKS:
        problems.append(
            "network-scoped alias is supported only for containers in user defined networks"
        )
    if release.says_all_about_endpoints:
        problems += malformed_addresses(wanted)
    if network is None:
        return problems
    for version, text in wanted.items():
        subnet = network.own_subnets.get(version)
        if subnet is None:
            problems.append(
                "user specified IP address is supported only when connecting to networks "
                "with user configured subnets"
            )
        elif release.says_all_about_endpoints and not _is_within(text, subnet):
            problems.append(f"no configured subnet or ip-range contain the IP address {text}")
    return problems


def _address(version: int, text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    is_other = isinstance(address, IPv6Address) and address.ipv4_mapped is not None
    return address if address.version == version and not is_other else None


def _is_within(text: str, subnet: Block) -> bool:
    address = _address(subnet.version, text)
    return address is not None and address in subnet


def choose_addresses(network: Network, endpoint: JsonDict) -> dict[int, Address]:
    """Find the addresses that an endpoint gets from a network, by version of IP.

    Raises:
        ApiError: if there is none left, or the one that it asks for cannot be had.
    """
    wanted = wanted_addresses(endpoint)
    return {
        version: _choose(network, pool, wanted.get(version, ""))
        for version, pool in network.pools.items()
    }


def _choose(network: Network, pool: Pool, wanted: str) -> Address:
    version = pool.subnet.version
    used = pool.reserved | {found[version] for found in network.members.values()}
    if wanted:
        try:
            address = ip_address(wanted)
        except ValueError:
            raise ApiError(500, f"Invalid IPv{version} address: {wanted})") from None
        if address not in pool.subnet:
            message = (
                f"Invalid address {wanted}: It does not belong to any of this network's subnets"
            )
            raise ApiError(500, message)
        if address in used:
            raise ApiError(403, "Address already in use")
        return address
    for candidate in pool.span:
        if candidate not in used:
            return candidate
    message = f"no available IPv{version} addresses on this network's address pools"
    raise ApiError(500, f"{message}: {network.name} ({network.id})")


def show_addresses(
    release: Release, network: Network, endpoint: JsonDict, addresses: Mapping[int, Address]
) -> None:
    """Say in an endpoint what it got."""
    has_gateway = not (network.is_internal and release.isolates_internal_networks)
    for version, address in addresses.items():
        pool = network.pools[version]
        address_key, length_key, gateway_key = SHOWN[version]
        endpoint[address_key] = str(address)
        endpoint[length_key] = pool.subnet.prefixlen
        if has_gateway:
            endpoint[gateway_key] = str(pool.gateway)


def mac_address_of(addresses: Mapping[int, Address]) -> str:
    """A hardware address of whoever has these."""
    last = next(iter(addresses.values())).packed[-4:]
    return "02:42:" + ":".join(f"{byte:02x}" for byte in last)
