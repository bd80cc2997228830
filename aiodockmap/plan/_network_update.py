"""Networks that exist, and are not as the map has them (UPD-42 to UPD-48)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..model import JsonObject, ResourceId, ResourceKind, object_at
from ..state import DesiredState, ObservedNetwork, ObservedState
from ._actions import CreateNetwork, DisconnectNetwork, RemoveNetwork
from ._drafts import Draft, NetworkDrafts, PlanDrafts
from ._reasons import Cause, Reason
from ._reconnection import mark_connections
from ._request import PlanRequest


def plan_network_update(
    drafts: PlanDrafts,
    network: ResourceId,
    desired: DesiredState,
    observed: ObservedState,
    request: PlanRequest,
) -> None:
    """Create a network anew if its driver or options differ: all of its containers are connected again.

    The containers on the path find themselves disconnected; the others get back what they had (UPD-48),
    which a mark remembers meanwhile.
    """
    reasons = _why_anew(network, desired, observed, request)
    described, existing = desired.networks.get(network), observed.networks(network)
    if not reasons or described is None or described.body is None:
        return
    attached = observed.attached_to(network)
    steps = NetworkDrafts(
        network,
        mark=mark_connections(network, attached),
        remove=Draft(network, RemoveNetwork(id=existing[0].id), reasons),
        create=Draft(
            network, CreateNetwork(body=described.body, former=_former(existing[0])), reasons
        ),
    )
    for container in attached:
        resource = ResourceId(network.engine, ResourceKind.CONTAINER, container.name)
        steps.disconnects.append(
            Draft(
                network,
                DisconnectNetwork(id=existing[0].id, container=resource, container_id=container.id),
                reasons,
            )
        )
    drafts.networks[network] = steps


_KEPT: Final = ("Driver", "Options", "Internal", "Attachable", "EnableIPv4", "EnableIPv6", "IPAM")


def _former(existing: ObservedNetwork) -> JsonObject:
    """What another network like this one can be created from."""
    kept = {key: existing.details[key] for key in _KEPT if existing.details.get(key) is not None}
    return {"Name": existing.name, "CheckDuplicate": True, **kept, "Labels": dict(existing.labels)}


def _network_differences(body: JsonObject, details: JsonObject) -> Iterator[str]:
    """What differs, of what the map sets (UPD-42 to UPD-44)."""
    if str(body.get("Driver") or "bridge") != str(details.get("Driver") or "bridge"):
        yield "driver changed"
    options = object_at(details, "Options")
    for name, value in object_at(body, "Options").items():
        if str(options.get(name)) != str(value):
            yield f"option {name} changed"
    if bool(body.get("Internal")) != bool(details.get("Internal")):
        yield "internal changed"


def bystanders(
    desired: DesiredState, observed: ObservedState, request: PlanRequest
) -> frozenset[ResourceId]:
    """The containers off the path whose connections have to be known, as their network goes (UPD-48)."""
    path = desired.forward(request.within(observed).selected)
    return frozenset(
        resource
        for network in path
        if network.kind is ResourceKind.NETWORK and _why_anew(network, desired, observed, request)
        for container in observed.attached_to(network)
        if container.details is None
        and (resource := ResourceId(network.engine, ResourceKind.CONTAINER, container.name))
        not in path
    )


def _why_anew(
    network: ResourceId, desired: DesiredState, observed: ObservedState, request: PlanRequest
) -> tuple[Reason, ...]:
    """Why a network that exists cannot stay."""
    described, existing = desired.networks.get(network), observed.networks(network)
    if described is None or described.body is None or not existing:
        return ()
    if network in request.forced:
        return (Reason(Cause.FORCED),)
    found = _network_differences(described.body, existing[0].details)
    return tuple(Reason(Cause.DIFFERS, detail=each) for each in found)
