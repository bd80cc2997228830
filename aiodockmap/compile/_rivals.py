"""What other maps, and the rest of the same ones, lay claim to as well; nothing late is evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..config import ClientConfiguration, ContainerMap
from ..errors import Problem
from ..model import PortBinding, ResourceId, is_late
from ..options import BadValue, port_key
from ..state import HostPort
from ._complaints import Complaints
from ._description import Description, describe
from ._placement import Placement
from ._placements import place_map
from ._request import CompileRequest


def describe_others(
    maps: Iterable[ContainerMap],
    clients: Mapping[str, ClientConfiguration],
    request: CompileRequest,
) -> Description:
    """What maps describe that an action is not about; what is wrong with them is not its affair."""
    aside = Complaints()
    placements = [
        placement
        for each in maps
        for placement in place_map(each, clients, request, aside.about(each.name))
    ]
    return describe(placements, (), aside)


def check_names(description: Description, others: Description) -> None:
    """Complain about names on an engine that two maps claim: each would replace what the other made."""
    theirs: dict[ResourceId, object] = {**others.containers, **others.volumes, **others.networks}
    for resource in theirs:
        if resource not in description.places:
            continue
        here, there = description.places[resource].map.name, others.places[resource].map.name
        description.complaints.about(here).append(
            Problem(
                "$",
                f"the maps {here!r} and {there!r} both have a {resource}",
                "rename one of the two, or put the maps on different engines",
            )
        )


def written_ports(
    description: Description, resources: Iterable[ResourceId]
) -> Iterator[tuple[ResourceId, tuple[HostPort, ...]]]:
    """The fixed ports of the host that `exposes` of containers names, without late ones."""
    for resource in resources:
        placement = description.places[resource]
        configuration = placement.map.containers[description.containers[resource].item.name]
        ports = tuple(
            port
            for binding in configuration.exposes
            if (port := _written_port(placement, binding)) is not None
        )
        if ports:
            yield resource, ports


def _written_port(placement: Placement, binding: PortBinding) -> HostPort | None:
    asked = (binding.exposed_port, binding.host_port, binding.interface, binding.ipv6)
    if any(is_late(value) for value in asked) or not str(binding.host_port or "").isdecimal():
        return None
    address: object = ""
    if binding.interface:
        client = placement.client
        known = client.interfaces_ipv6 if binding.ipv6 else client.interfaces
        address = known.get(str(binding.interface))
        if not isinstance(address, str):
            return None
    try:
        protocol = port_key(binding.exposed_port).partition("/")[2]
    except BadValue:
        return None
    number = int(str(binding.host_port))
    return HostPort(address=str(address), port=number, protocol=protocol) if number else None
