"""The short forms of `links`, `exposes`, `networks` and `network_mode` (SHP-50 to 76, 100 to 106)."""

from __future__ import annotations

from typing import Final, TypeAlias

from attrs import frozen

from ..model import (
    ContainerLink,
    LazyOr,
    NetworkEndpoint,
    PortBinding,
    is_late,
)
from ._place import Place, kind_of
from ._shapes import (
    Fields,
    Positions,
    Shape,
    flattened,
    named_positions,
    read_entries,
)


@frozen
class ContainerReference:
    """A container of the same map: a configuration, and the instance if it is a certain one."""

    config: str
    instance: str | None = None

    def __str__(self) -> str:
        return self.config if self.instance is None else f"{self.config}.{self.instance}"


NetworkMode: TypeAlias = str | ContainerReference
"""`none`, `bridge`, `host`, `container:…`, or a container of the map."""


def read_links(value: object, place: Place) -> tuple[ContainerLink, ...]:
    """Legacy links."""
    return read_entries(value, place, _LINKS)


def read_exposes(value: object, place: Place) -> tuple[PortBinding, ...]:
    """Exposed and published ports."""
    return read_entries(value, place, _EXPOSES)


def read_networks(value: object, place: Place) -> tuple[NetworkEndpoint, ...]:
    """Connections to networks."""
    return read_entries(value, place, _NETWORKS)


def read_network_mode(value: object, place: Place) -> NetworkMode:
    """A mode of the engine, or a container of the map whose network is shared.

    Whether `default` is a container or the engine's default is known to the map only (SHP-106), so it
    stays a reference here.
    """
    if is_late(value):  # and must not be compared
        place.report("a network mode cannot be a late value")
        return "none"
    match value:
        case ContainerReference():
            return value
        case None | False | "" | "none" | "disabled" | [] | ():
            return "none"
        case "bridge" | "host":
            return value
        case str() if value.startswith("container:") and value != "container:":
            return value
        case str() if value.startswith("/") and value != "/":
            return f"container:{value[1:]}"
        case str() if not value.startswith(("container:", "/")):
            config, _, instance = value.partition(".")
            return ContainerReference(config, instance or None)
        case [str() as config, (None | str()) as instance] if config:
            return ContainerReference(config, instance or None)
        case [str() as config] if config:
            return ContainerReference(config)
        case _:
            pass
    place.report(
        f"{value!r} is no network mode"
        if isinstance(value, str)
        else "a network mode is a text, or a list of a configuration and an instance",
        "write none, bridge, host, container:NAME, or a container of this map",
    )
    return "none"


def _link_fields(positions: Positions) -> Fields:
    return named_positions(flattened(positions, range(1, 2)), ("container", "alias"))


def _link(fields: Fields, place: Place) -> ContainerLink | None:
    container, alias = fields.get("container"), fields.get("alias")
    if not isinstance(container, str) or not container:
        place.report("a link needs the name of a container")
        return None
    if alias is not None and not isinstance(alias, str):
        place.report(f"the alias is to be a text, not {kind_of(alias)}")
        return None
    return ContainerLink(container, alias)


_PORT_FIELDS: Final = ("exposed_port", "host_port", "interface", "ipv6")


def _port_fields(positions: Positions) -> Fields:
    return named_positions(flattened(positions, range(2, 4)), _PORT_FIELDS)


def _port(fields: Fields, place: Place) -> PortBinding | None:
    interface = fields.get("interface")
    if interface is not None and not isinstance(interface, str) and not is_late(interface):
        place.report(f"the interface is to be a text, not {kind_of(interface)}")
        return None
    try:
        return PortBinding(
            fields.get("exposed_port"),
            fields.get("host_port"),
            interface,  # type: ignore[arg-type]  # a registered type counts as lazy
            fields.get("ipv6", False),
        )
    except ValueError as wrong:
        place.report(str(wrong))
        return None


_ENDPOINT_FIELDS: Final = (
    "network_name",
    "aliases",
    "links",
    "ipv4_address",
    "ipv6_address",
    "link_local_ips",
)


def _endpoint_fields(positions: Positions) -> Fields:
    return named_positions(positions, _ENDPOINT_FIELDS)


def _endpoint_positions(key: object, value: object) -> Positions:
    if not isinstance(value, list | tuple):
        return (key, value)
    return (key, *value)


def _endpoint(fields: Fields, place: Place) -> NetworkEndpoint | None:
    name = fields.get("network_name")
    if not isinstance(name, str) or not name:
        place.report("the name of the network is missing")
        return None
    known = len(place.problems)
    endpoint = NetworkEndpoint(
        name,
        _late_texts(fields.get("aliases"), place, "aliases"),
        read_links(fields.get("links") or None, place.at("links")),
        _address(fields.get("ipv4_address"), place, "ipv4_address"),
        _address(fields.get("ipv6_address"), place, "ipv6_address"),
        _late_texts(fields.get("link_local_ips"), place, "link_local_ips"),
    )
    return endpoint if len(place.problems) == known else None


def _late_texts(value: object, place: Place, field: str) -> tuple[LazyOr[str], ...] | None:
    if value is None or (isinstance(value, str) and not value):
        return None
    texts = value if isinstance(value, list | tuple) else (value,)
    for text in texts:
        if not is_late(text) and not (isinstance(text, str) and text):
            place.at(field).report(f"this is to be a list of texts, without {kind_of(text)}")
            return None
    return tuple(texts) or None


def _address(value: object, place: Place, field: str) -> LazyOr[str] | None:
    if is_late(value) or (isinstance(value, str) and value):
        return value  # type: ignore[return-value]  # a registered type counts as lazy
    if value is not None and value != "":
        place.at(field).report(f"this is to be an address, not {kind_of(value)}")
    return None


_LINKS: Final = Shape[ContainerLink](
    fields=("container", "alias"), types=(ContainerLink,), fields_of=_link_fields, build=_link
)
_EXPOSES: Final = Shape[PortBinding](
    fields=_PORT_FIELDS, types=(PortBinding,), fields_of=_port_fields, build=_port
)
_NETWORKS: Final = Shape[NetworkEndpoint](
    fields=_ENDPOINT_FIELDS,
    types=(NetworkEndpoint,),
    fields_of=_endpoint_fields,
    build=_endpoint,
    positions_of_pair=_endpoint_positions,
    other_names={"ipv4": "ipv4_address", "ipv6": "ipv6_address"},
)
