"""What the engine has that would make a step fail: found before anything is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network

from ..model import JsonObject, ResourceId, ResourceKind
from ..state import DesiredState, HostPort, ObservedState
from ._drafts import PlanDrafts
from ._replacement import names_of


def find_conflicts(drafts: PlanDrafts, desired: DesiredState, observed: ObservedState) -> list[str]:
    """Say which planned steps the engine would refuse, and what stands in their way."""
    return [*_taken_ports(drafts, desired, observed), *_overlaps(drafts, desired, observed)]


def _taken_ports(
    drafts: PlanDrafts, desired: DesiredState, observed: ObservedState
) -> Iterator[str]:
    """Host ports that a container outside the plan has published already."""
    for resource, steps in drafts.containers.items():
        spec = desired.containers[resource].spec
        if steps.start is None or spec is None:
            continue
        for other in observed.engines[resource.engine].containers.values():
            if other.name in names_of(resource):
                continue
            leaving = drafts.containers.get(
                ResourceId(resource.engine, ResourceKind.CONTAINER, other.name)
            )
            if leaving is not None and (leaving.stop or leaving.remove):
                continue
            for wanted in spec.host_ports:
                if any(wanted.collides_with(taken) for taken in other.host_ports):
                    yield (
                        f"{resource}: host port {wanted} is taken by container {other.name}; "
                        f"publish another one, or stop {other.name} first"
                    )


def contested_ports(drafts: PlanDrafts, desired: DesiredState) -> Iterator[str]:
    """Host ports of what is started that maps give to somebody else, too, who has them not at the moment."""
    claims: dict[tuple[str, int, str], list[tuple[ResourceId, HostPort]]] = {}
    for other, ports in desired.further_ports.items():
        for port in ports:
            claims.setdefault((other.engine, port.port, port.protocol), []).append((other, port))
    for resource, steps in drafts.containers.items():
        spec = desired.containers[resource].spec
        if steps.start is None or spec is None:
            continue
        for wanted in spec.host_ports:
            for other, port in claims.get((resource.engine, wanted.port, wanted.protocol), ()):
                if wanted.collides_with(port):
                    yield (
                        f"{resource}: host port {wanted} is published by {other} as well, "
                        "which cannot run beside it"
                    )


def _overlaps(drafts: PlanDrafts, desired: DesiredState, observed: ObservedState) -> Iterator[str]:
    """Ranges of addresses that another network has already."""
    for resource, steps in drafts.networks.items():
        described = desired.networks[resource]
        if steps.create is None or described.body is None:
            continue
        if described.body.get("Driver", "bridge") != "bridge":
            continue
        wanted = list(_subnets(described.body))
        for networks in observed.engines[resource.engine].networks.values():
            for other in networks:
                if other.driver != "bridge":
                    continue
                for subnet in wanted:
                    for taken in _subnets(other.details):
                        if subnet.version == taken.version and subnet.overlaps(taken):
                            yield (
                                f"{resource}: the range {subnet} overlaps with {taken} of network "
                                f"{other.name}; choose another subnet, or remove {other.name} first"
                            )


def _subnets(body: JsonObject) -> Iterator[IPv4Network | IPv6Network]:
    ipam = body.get("IPAM")
    pools = ipam.get("Config") if isinstance(ipam, Mapping) else None
    if not isinstance(pools, Sequence):
        return
    for pool in pools:
        subnet = pool.get("Subnet") if isinstance(pool, Mapping) else None
        if isinstance(subnet, str) and subnet:
            try:
                yield ip_network(subnet, strict=False)
            except ValueError:
                continue  # the engine will say what is wrong with it, in its own words
