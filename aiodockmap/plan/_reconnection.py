"""Connections that are cut while a network is made anew, and are given back: by this run, or by the next one.

Nothing on an engine says afterwards who was connected to a network that is gone, and a process can be killed
before everybody is connected again. So a mark, an empty volume, holds the connections meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from attrs import frozen

from ..model import JsonObject, ResourceId, ResourceKind, object_at
from ..state import (
    CONNECTIONS,
    HELPER_LABEL,
    LABEL_PREFIX,
    DesiredState,
    ObservedContainer,
    ObservedState,
    ObservedVolume,
)
from ._actions import ConnectNetwork, LeaveNetwork, SetMark
from ._drafts import ContainerDrafts, Draft, NetworkDrafts, PlanDrafts
from ._marks import forget, mark_name
from ._reasons import Cause, Reason
from ._request import PlanRequest, Verb
from ._tables import CREATES_WHAT_IS_MISSING, REPAIRS

_LABEL: Final = LABEL_PREFIX + "connections"
_SHORT_ID: Final = 12
"""Digits of a container's id that engines give it as an alias."""


@frozen
class Connection:
    """What one container had."""

    container: str
    """Its id."""
    settings: JsonObject


def mark_connections(network: ResourceId, attached: Iterable[ObservedContainer]) -> Draft | None:
    """The step that remembers who is connected, and how; None if nobody is.

    What a mark says cannot change, and it must not be away for a moment: another content is another mark.
    """
    told = {each.id: _settings_of(each, network) for each in attached}
    if not told:
        return None
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    labels = {HELPER_LABEL: "connections", _LABEL: text}
    action = SetMark(mark=mark_name(network, CONNECTIONS, text), labels=labels, is_unchanging=True)
    return Draft(network, action, (Reason(Cause.REMEMBERED),))


def plan_reconnections(
    drafts: PlanDrafts,
    path: Iterable[ResourceId],
    observed: ObservedState,
    request: PlanRequest,
) -> None:
    """Give everybody their connection back that this run cuts, or an interrupted one has cut.

    Containers whose own steps connect them are left to these.
    """
    path = tuple(path)
    for network in path:
        if network.kind is not ResourceKind.NETWORK:
            continue
        marks = observed.engines[network.engine].network_marks.get(network.name, frozenset())
        steps = drafts.networks.get(network)
        will_be_there = observed.networks(network) or request.verb in CREATES_WHAT_IS_MISSING
        renews = steps is not None and steps.mark is not None
        if request.verb not in REPAIRS or not will_be_there or not (marks or renews):
            continue
        steps = drafts.networks.setdefault(network, NetworkDrafts(network))
        cut = _cut(steps, network, observed)
        _reconnect(steps, cut, drafts, frozenset(path), observed, request)
        own = steps.mark.action if steps.mark is not None else None
        marks |= {own.mark} if isinstance(own, SetMark) else set()
        steps.forget = forget(network, marks, Cause.CONNECTED_AGAIN)


def plan_forgetting(drafts: PlanDrafts, desired: DesiredState, observed: ObservedState) -> None:
    """End the marks of networks that are removed, and of those whose containers are all gone by then."""
    for network in desired.networks:
        state = observed.engines.get(network.engine)
        marks = state.network_marks.get(network.name) if state is not None else None
        if not marks:
            continue
        told = {each.container for each in _marked(network, observed)}
        staying = [
            each
            for each in observed.engines[network.engine].containers.values()
            if each.id in told and not _leaves(drafts, network.engine, each.name)
        ]
        if network in drafts.networks or not staying:
            steps = drafts.networks.setdefault(network, NetworkDrafts(network))
            steps.forget = forget(network, marks, Cause.OWNER_REMOVED)


def _leaves(drafts: PlanDrafts, engine: str, name: str) -> bool:
    steps = drafts.containers.get(ResourceId(engine, ResourceKind.CONTAINER, name))
    return steps is not None and steps.remove is not None


def connections_under_way(
    path: Iterable[ResourceId], observed: ObservedState
) -> frozenset[tuple[str, str, int]]:
    """The networks that somebody may be making anew just now; it changes as long as they do."""
    found = set[tuple[str, str, int]]()
    for network in path:
        state = observed.engines.get(network.engine)
        if network.kind is not ResourceKind.NETWORK or state is None:
            continue
        if marks := state.network_marks.get(network.name):
            there = ",".join(each.id for each in observed.networks(network))
            found |= {(there, mark, len(observed.attached_to(network))) for mark in marks}
    return frozenset(found)


def _cut(
    steps: NetworkDrafts, network: ResourceId, observed: ObservedState
) -> dict[str, Connection]:
    """By the id of the container: what the marks say, and what is connected now and will not be."""
    attached = {each.id: each for each in observed.attached_to(network)}
    found = {
        each.container: each
        for each in _marked(network, observed)
        if each.container not in attached
    }
    if steps.is_renewed:
        found |= {
            id_: Connection(id_, _settings_of(each, network)) for id_, each in attached.items()
        }
    return found


def _marked(network: ResourceId, observed: ObservedState) -> Iterator[Connection]:
    """What all marks of a network say; nothing of those that cannot be read."""
    state = observed.engines[network.engine]
    for mark in sorted(state.network_marks.get(network.name, ())):
        told = told_by(state.volumes[mark])
        yield from (Connection(id_, object_at(told, id_)) for id_ in told)


def told_by(mark: ObservedVolume) -> JsonObject:
    """By the ids of containers, what they were connected with; nothing if it cannot be read."""
    try:
        told = json.loads(mark.labels[_LABEL])
    except (KeyError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _reconnect(
    steps: NetworkDrafts,
    cut: Mapping[str, Connection],
    drafts: PlanDrafts,
    path: frozenset[ResourceId],
    observed: ObservedState,
    request: PlanRequest,
) -> None:
    network = steps.id
    attached = {each.id for each in observed.attached_to(network)}
    containers = observed.engines[network.engine].containers.values()
    for current in sorted(containers, key=lambda each: each.name):
        connection = cut.get(current.id)
        if connection is None:
            continue
        resource = ResourceId(network.engine, ResourceKind.CONTAINER, current.name)
        own = drafts.containers.get(resource)
        if own is not None and _looks_after(own, network):
            continue
        if resource in path and request.verb is Verb.UPDATE and current.id not in attached:
            continue  # it was compared with the map, and is as it should be
        action = ConnectNetwork(
            network=network,
            settings=connection.settings,
            container=current.id,
            is_given_back=True,
        )
        reasons = (Reason(Cause.NOT_CONNECTED, detail=network.name),)
        steps.reconnects.append(Draft(resource, action, reasons))


def _looks_after(container: ContainerDrafts, network: ResourceId) -> bool:
    """Whether the steps of the very container connect it, or take it off the network for good."""
    if container.create is not None and container.take_over is None:
        return True
    for step in container.connects:
        match step.action:
            case ConnectNetwork(network=other, container=None) if other == network:
                return True
            case LeaveNetwork(network_name=name) if name == network.name:
                return True
    return False


def _settings_of(container: ObservedContainer, network: ResourceId) -> JsonObject:
    """What a connection can be made from again, without what engines add by themselves.

    Not its MAC address, which engines do not tell apart from one of their own choice.
    """
    networks = object_at(object_at(container.details or {}, "NetworkSettings"), "Networks")
    settings = object_at(networks, network.name)
    kept = {key: settings[key] for key in _GIVEN_BACK if settings.get(key)}
    aliases = kept.get("Aliases")
    if isinstance(aliases, list):
        kept["Aliases"] = [alias for alias in aliases if alias != container.id[:_SHORT_ID]]
    return kept


_GIVEN_BACK: Final = ("Aliases", "Links", "IPAMConfig", "DriverOpts", "GwPriority")
