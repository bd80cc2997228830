"""Subnets of networks: which they get, and which engines refuse."""

from __future__ import annotations

from ipaddress import IPv6Network, ip_address, ip_interface, ip_network

from ._answers import ApiError, Call, JsonDict
from ._records import IPV4, IPV6, Address, Block, Network, Pool
from ._releases import NETWORKS_WITHOUT_IPV4, Release
from ._world import World, default_pools

NO_BLOCK = "invalid CIDR block notation"
NOT_WITHIN = "parent subnet {} doesn't contain this address"


def check_subnets(ipam: JsonDict) -> None:
    """Refuse addresses of a network that make no sense, all at once.

    Raises:
        ApiError: 400.
    """
    problems = [problem for config in _configs(ipam) for problem in _problems(config)]
    if problems:
        text = problems[0] if len(problems) == 1 else "* " + "\n* ".join(problems)
        raise ApiError(400, f"invalid network config:\n{text}")


def _configs(ipam: JsonDict) -> list[JsonDict]:
    return [dict(config or {}) for config in ipam.get("Config") or ()]


def _problems(config: JsonDict) -> list[str]:
    text = config.get("Subnet") or ""
    subnet = _block(text)
    if subnet is None:
        return [f"invalid subnet {text}: {NO_BLOCK}"]
    problems = []
    if _has_host(text, subnet):
        problems.append(f"invalid subnet {text}: it should be {subnet}")
    problems += _range_problems(config.get("IPRange") or "", subnet, text)
    named = {f"gateway {gateway}": gateway for gateway in [config.get("Gateway")] if gateway}
    for name, address in (config.get("AuxiliaryAddresses") or {}).items():
        named[f"auxiliary address {name}"] = address
    for name, address in named.items():
        if problem := _address_problem(address, subnet, text):
            problems.append(f"invalid {name}: {problem}")
    return problems


def _range_problems(text: str, subnet: Block, shown: str) -> list[str]:
    if not text:
        return []
    named = f"invalid ip-range {text}"
    block = _block(text)
    if block is None:
        return [f"{named}: {NO_BLOCK}"]
    if block.version != subnet.version:
        return [f"{named}: parent subnet is an IPv{subnet.version} block"]
    problems = []
    if block.prefixlen < subnet.prefixlen:
        problems.append(f"{named}: CIDR block is bigger than its parent subnet {shown}")
    if _has_host(text, block):
        problems.append(f"{named}: it should be {block}")
    if not subnet.overlaps(block):
        problems.append(f"{named}: parent subnet {shown} doesn't contain ip-range")
    return problems


def _address_problem(text: str, subnet: Block, shown: str) -> str | None:
    try:
        address = ip_address(text)
    except ValueError:
        return "invalid address"
    if address.version != subnet.version:
        return f"parent subnet is an IPv{subnet.version} block"
    return None if address in subnet else NOT_WITHIN.format(shown)


def _block(text: str) -> Block | None:
    try:
        return ip_network(text, strict=False) if "/" in text else None
    except ValueError:
        return None


def _has_host(text: str, block: Block) -> bool:
    return bool(ip_interface(text).ip != block.network_address)


def enabled_versions(body: JsonDict, call: Call) -> tuple[int, ...]:
    """Which versions of IP a new network is to have.

    Raises:
        ApiError: 400 for none.
    """
    may_be_without = call.speaks(NETWORKS_WITHOUT_IPV4)
    has_ipv4 = body.get("EnableIPv4") is not False or not may_be_without
    versions = (IPV4,) * has_ipv4 + (IPV6,) * bool(body.get("EnableIPv6"))
    if not versions:
        raise ApiError(400, "IPv4 or IPv6 must be enabled")
    return versions


def give_subnets(world: World, network: Network, ipam: JsonDict) -> None:
    """Give a new network its subnets and gateways.

    Raises:
        ApiError: for those that engines refuse.
    """
    own: dict[int, list[JsonDict]] = {IPV4: [], IPV6: []}
    for config in _configs(ipam):
        own[_own_subnet(config).version].append(config)
    network.own_subnets = {
        version: _own_subnet(found[0]) for version, found in own.items() if found
    }
    chosen = []
    for version in network.versions:
        if network.driver == "bridge" and len(own[version]) > 1:
            raise ApiError(403, "bridge driver doesn't support multiple subnets")
        asked = own[version][0] if own[version] else {}
        pool = _pool(world, network, version, asked)
        network.pools[version] = pool
        if not asked:
            chosen.append({"Subnet": str(pool.subnet), "Gateway": str(pool.gateway)})
    shown = [*own[IPV4], *own[IPV6], *chosen]
    if not world.release.shows_own_subnets_first:
        shown.sort(key=lambda config: _own_subnet(config).version)
    network.ipam = {
        "Driver": ipam.get("Driver") or "default",
        "Options": ipam.get("Options"),
        "Config": shown,
    }


def _own_subnet(config: JsonDict) -> Block:
    text = config.get("Subnet") or ""
    subnet = _block(text)
    if subnet is None:
        raise ApiError(500, f"Invalid subnet {text} : invalid CIDR address: {text}")
    return subnet


def _pool(world: World, network: Network, version: int, config: JsonDict) -> Pool:
    wanted = network.own_subnets.get(version)
    subnet = _free_subnet(world, version) if wanted is None else _checked(world, wanted)
    span = _span(config.get("IPRange") or "", config.get("Subnet") or "", subnet)
    auxiliary = config.get("AuxiliaryAddresses") or {}
    for name, text in auxiliary.items():
        _check_auxiliary(network, name, text, subnet)
    taken = _unusable(world.release, subnet)
    gateway = _gateway(config.get("Gateway") or "", subnet, span, taken)
    taken.add(gateway)
    for name, text in auxiliary.items():
        if ip_address(text) in taken:
            message = f"failed to allocate secondary ip address ({name}:{text})"
            raise ApiError(500, f"{message}: Address already in use")
        taken.add(ip_address(text))
    return Pool(subnet=subnet, span=span, gateway=gateway, reserved=frozenset(taken))


def _span(text: str, subnet_text: str, subnet: Block) -> Block:
    """Where addresses are given from that nobody asked for."""
    if not text:
        return subnet
    block = _block(text)
    asked = f'address space "LocalDefault" pool "{subnet_text}" subpool "{text}"'
    if block is None:
        raise ApiError(500, f"failed to parse pool request for {asked}: Invalid Address SubPool")
    if block.version != subnet.version:
        address = ", ".join(f"{byte:#x}" for byte in block.network_address.packed)
        mask = ", ".join(f"{byte:#x}" for byte in subnet.netmask.packed)
        raise ApiError(
            500,
            f"failed to parse pool request for {asked}: failed to compute range's lowest ip "
            "address: cannot compute host portion ip address because ip and mask are not "
            f"compatible: (net.IP{{{address}}}, net.IPMask{{{mask}}})",
        )
    return block


def _check_auxiliary(network: Network, name: str, text: str, subnet: Block) -> None:
    try:
        address = ip_address(text)
    except ValueError:
        message = f"non parsable secondary ip address ({name}:{text}) passed for network "
        raise ApiError(500, message + network.name) from None
    if address not in subnet:
        message = f"auxiliary address: ({name}:{text}) must belong to the master pool: {subnet}"
        raise ApiError(403, message)


def _unusable(release: Release, subnet: Block) -> set[Address]:
    """Addresses of a subnet that are nobody's."""
    if isinstance(subnet, IPv6Network):
        return {subnet.network_address}
    nobodys: set[Address] = {subnet.network_address, subnet.broadcast_address}
    is_tiny = subnet.num_addresses <= len(nobodys)
    return set() if is_tiny and release.has_tiny_subnets else nobodys


def _gateway(text: str, subnet: Block, span: Block, taken: set[Address]) -> Address:
    if not text:
        for candidate in span:
            if candidate not in taken:
                return candidate
        raise ApiError(500, "failed to allocate gateway (): No available addresses on this pool")
    try:
        gateway = ip_address(text)
    except ValueError:
        message = f"invalid gateway address {text} in Ipam configuration"
        raise ApiError(500, message) from None
    if gateway not in subnet:
        message = f"failed to allocate gateway ({text}): Requested address is out of range"
        raise ApiError(500, message)
    if gateway in taken:
        raise ApiError(500, f"failed to allocate gateway ({text}): Address already in use")
    return gateway


def _checked(world: World, subnet: Block) -> Block:
    if any(subnet.overlaps(other) for other in _used_subnets(world)):
        raise ApiError(403, "Pool overlaps with other one on this address space")
    return subnet


def _free_subnet(world: World, version: int) -> Block:
    used = _used_subnets(world)
    for subnet in default_pools(world.release, version):
        if not any(subnet.overlaps(other) for other in used):
            return subnet
    status, message = world.release.no_subnet_left
    raise ApiError(status, message.format(version=version))


def _used_subnets(world: World) -> list[Block]:
    return [pool.subnet for network in world.networks.values() for pool in network.pools.values()]
