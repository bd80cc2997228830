"""Links, addresses and networks in docker-py's forms and in those of the Engine API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ._conversions import (
    BadValue,
    Part,
    entries,
    integer,
    is_sequence,
    list_of,
    map_of,
    option_map,
    record,
    text,
    texts,
)


def link_pairs(value: object) -> list[tuple[str, str]]:
    """Accept a mapping from container to alias, pairs, and `container[:alias]` texts."""
    if isinstance(value, Mapping):
        return list(map_of(_alias)(value).items())
    return list_of(_link_pair)(value)


def _alias(value: object) -> str:
    return text(value or "")


def _link_pair(value: object) -> tuple[str, str]:
    if isinstance(value, str):
        name, _, alias = value.partition(":")
        return name, alias
    parts = entries(value)
    if not is_sequence(value) or not 1 <= len(parts) <= 2:  # noqa: PLR2004 -- name and alias
        raise BadValue("must be a container, or a container and its alias")
    return text(parts[0]), text(parts[1] or "") if parts[1:] else ""


def links(value: object) -> list[str]:
    """Accept what `link_pairs` does; sorted, as their order means nothing."""
    return sorted(f"{name}:{alias}" if alias else name for name, alias in link_pairs(value))


def extra_hosts(value: object) -> list[str]:
    """Accept a mapping from host name to address, and `name:address` texts."""
    if isinstance(value, Mapping):
        addresses = map_of(text)(value)
        return [f"{name}:{addresses[name]}" for name in sorted(addresses)]
    return texts(value)


def endpoint(value: object) -> dict[str, object]:
    """Accept docker-py's keywords of an endpoint, and the engine's fields; null means none."""
    if value is None:
        return {}
    fields = _ENDPOINT(value)
    addresses: dict[str, object] = {}
    for key in ("IPv4Address", "IPv6Address", "LinkLocalIPs"):
        if fields.get(key):
            addresses[key] = fields[key]
        fields.pop(key, None)
    given = fields.pop("IPAMConfig", {})
    if isinstance(given, dict):
        addresses = {**given, **addresses}
    result = {key: entry for key, entry in fields.items() if entry not in ([], {}, "")}
    return {**result, "IPAMConfig": addresses} if addresses else result


_ADDRESSES: Final = (
    Part("IPv4Address", ("ipv4_address", "ipv4"), text),
    Part("IPv6Address", ("ipv6_address", "ipv6"), text),
    Part("LinkLocalIPs", ("link_local_ips",), texts),
)
_ENDPOINT: Final = record(
    Part("Aliases", ("aliases",), texts),
    Part("Links", ("links",), links),
    Part("IPAMConfig", ("ipam_config",), record(*_ADDRESSES)),
    *_ADDRESSES,
    Part("DriverOpts", ("driver_opt", "driver_opts"), option_map),
    Part("MacAddress", ("mac_address",), text),
    Part("GwPriority", ("gw_priority",), integer),
)


def networking_config(value: object) -> dict[str, dict[str, object]]:
    """Accept `{EndpointsConfig: {network: endpoint}}` in either spelling; gives the endpoints."""
    found = record(Part("EndpointsConfig", ("endpoints_config",), map_of(endpoint), required=True))(
        value
    )["EndpointsConfig"]
    return dict(found) if isinstance(found, dict) else {}


_POOL: Final = record(
    Part("Subnet", ("subnet",), text),
    Part("IPRange", ("iprange", "ip_range"), text),
    Part("Gateway", ("gateway",), text),
    Part("AuxiliaryAddresses", ("aux_addresses", "AuxAddress"), option_map),
)
ipam: Final = record(
    Part("Driver", ("driver",), text),
    Part("Config", ("pool_configs", "config"), list_of(_POOL)),
    Part("Options", ("options",), option_map),
)
