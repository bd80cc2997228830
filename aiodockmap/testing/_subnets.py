"""Subnets of networks: which they get, and which engines refuse."""

from __future__ import annotations

from ipaddress import (
    AddressValueError,
    IPv4Address,
    IPv4Network,
    IPv6Network,
    ip_address,
    ip_network,
)

from ._answers import ApiError, JsonDict
from ._records import Network
from ._world import World, default_pools

NO_BLOCK = "invalid CIDR block notation"


def check_subnets(ipam: JsonDict) -> None:
    """Refuse addresses of a network that make no sense, all at once.

    Raises:
        ApiError: 400.
    """
    problems = [
        problem for config in ipam.get("Config") or () if config for problem in _problems(config)
    ]
    if problems:
        text = problems[0] if len(problems) == 1 else "* " + "\n* ".join(problems)
        raise ApiError(400, f"invalid network config:\n{text}")


def _problems(config: JsonDict) -> list[str]:
    text = config.get("Subnet") or ""
    subnet = _block(text)
    if subnet is None:
        return [f"invalid subnet {text}: {NO_BLOCK}"]
    if isinstance(subnet, IPv6Network):
        return []
    problems = []
    if text != str(subnet):
        problems.append(f"invalid subnet {text}: it should be {subnet}")
    problems += _range_problems(config.get("IPRange") or "", subnet, text)
    gateway = config.get("Gateway") or ""
    problem = gateway and _gateway_problem(gateway, subnet, text)
    return [*problems, f"invalid gateway {gateway}: {problem}"] if problem else problems


def _range_problems(text: str, subnet: IPv4Network, shown: str) -> list[str]:
    if not text:
        return []
    named = f"invalid ip-range {text}"
    block = _block(text)
    if block is None:
        return [f"{named}: {NO_BLOCK}"]
    if isinstance(block, IPv6Network):
        return [f"{named}: parent subnet is an IPv4 block"]
    problems = []
    if block.prefixlen < subnet.prefixlen:
        problems.append(f"{named}: CIDR block is bigger than its parent subnet {shown}")
    if text != str(block):
        problems.append(f"{named}: it should be {block}")
    if not subnet.overlaps(block):
        problems.append(f"{named}: parent subnet {shown} doesn't contain ip-range")
    return problems


def _gateway_problem(text: str, subnet: IPv4Network, shown: str) -> str | None:
    try:
        gateway = ip_address(text)
    except ValueError:
        return "invalid address"
    if not isinstance(gateway, IPv4Address):
        return "parent subnet is an IPv4 block"
    return None if gateway in subnet else f"parent subnet {shown} doesn't contain this address"


def _block(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False) if "/" in text else None
    except ValueError:
        return None


def give_addresses(world: World, network: Network, ipam: JsonDict) -> None:
    """Give a new network its subnet and gateway.

    Raises:
        ApiError: for those that engines refuse.
    """
    configs = [dict(config) for config in ipam.get("Config") or () if config]
    own = None
    for config in configs:
        try:
            subnet = ip_network(config.get("Subnet") or "", strict=False)
        except ValueError:
            text = config.get("Subnet") or ""
            raise ApiError(500, f"Invalid subnet {text} : invalid CIDR address: {text}") from None
        if isinstance(subnet, IPv6Network):
            continue
        own = subnet
        if config.get("IPRange"):
            network.address_range = IPv4Network(config["IPRange"], strict=False)
        if config.get("Gateway"):
            network.gateway = _gateway(config["Gateway"], subnet)
    network.subnet = _choose_subnet(world, own)
    network.has_own_subnet = own is not None
    if network.gateway is None:
        within = network.address_range or network.subnet
        network.gateway = within.network_address + (network.address_range is None)
    if own is None:
        configs.append({"Subnet": str(network.subnet), "Gateway": str(network.gateway)})
    network.ipam = {
        "Driver": ipam.get("Driver") or "default",
        "Options": ipam.get("Options"),
        "Config": configs,
    }


def _gateway(text: str, subnet: IPv4Network) -> IPv4Address:
    try:
        gateway = IPv4Address(text)
    except AddressValueError:
        raise ApiError(400, f"Invalid gateway address {text}") from None
    if gateway not in subnet:
        message = f"failed to allocate gateway ({text}): Requested address is out of range"
        raise ApiError(500, message)
    return gateway


def _choose_subnet(world: World, wanted: IPv4Network | None) -> IPv4Network:
    used = [network.subnet for network in world.networks.values() if network.subnet]
    if wanted is not None:
        if any(wanted.overlaps(other) for other in used):
            raise ApiError(403, "Pool overlaps with other one on this address space")
        return wanted
    for pool in default_pools():
        if not any(pool.overlaps(other) for other in used):
            return pool
    raise ApiError(*world.release.no_subnet_left)
