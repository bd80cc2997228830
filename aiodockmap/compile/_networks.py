"""Networks, and how containers are connected to them (NET)."""

from __future__ import annotations

from collections.abc import Iterable

from ..config import ContainerReference, find_container
from ..errors import Problem
from ..model import ContainerLink, MapItem, NetworkEndpoint
from ..options import (
    BadValue,
    endpoint,
    evaluated_deep,
    flag,
    late_part_of,
    network_options,
    option_map,
    text,
)
from ..state import network_fields
from ._labels import labelled
from ._placement import Placement


def network_body(placement: Placement, item: MapItem, problems: list[Problem]) -> dict[str, object]:
    """The body of `POST /networks/create` (NET-1, OPT-5)."""
    settings = placement.map.networks[item.name]
    resource = placement.network(item.name)
    place = f"$.networks.{item.name}"
    try:
        options = late_part_of(".create_options", network_options, settings.create_options)
        driver_options = late_part_of(".driver_options", option_map, settings.driver_options)
        driver = late_part_of(".driver", text, settings.driver)
        internal = late_part_of(".internal", flag, settings.internal)
    except BadValue as problem:
        problems += problem.at(place)
        return {}
    further = options.pop("Options", {})
    driver_options |= further if isinstance(further, dict) else {}
    # Without it, engines before API 1.44 make a second network of the same name.
    body = {"Name": resource.name, "CheckDuplicate": True, "Driver": driver}
    if driver_options:
        body["Options"] = driver_options
    if internal:
        body["Internal"] = True
    body |= options
    return labelled(body, network_fields(body), item, resource)


def endpoint_settings(placement: Placement, connection: NetworkEndpoint) -> dict[str, object]:
    """The `EndpointSettings` of a connection; empty for all defaults (NET-4).

    Raises:
        BadValue: if an address or alias turns out to be no text.
    """
    return endpoint(
        {
            "aliases": evaluated_deep(connection.aliases),
            "links": linked_names(placement, connection.links),
            "ipv4_address": evaluated_deep(connection.ipv4_address),
            "ipv6_address": evaluated_deep(connection.ipv6_address),
            "link_local_ips": evaluated_deep(connection.link_local_ips),
        }
    )


def linked_names(placement: Placement, links: Iterable[ContainerLink]) -> list[list[str]]:
    """Links as pairs of the target's name on the engine and its alias, sorted (ENG-10, NAME-11)."""
    pairs = []
    for link in links:
        target = link.container
        found = find_container(placement.map, target) or ContainerReference(target)
        name = placement.container(found.config, found.instance).name
        pairs.append([name, link.alias or placement.naming.link_alias(target)])
    return sorted(pairs)
