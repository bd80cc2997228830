"""The connections of a container that exists to its networks (behaviour 7.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Final

from attrs import frozen

from ..model import JsonObject, ResourceId, ResourceKind, object_at
from ..state import (
    ContainerSpec,
    EndpointSpec,
    EngineState,
    ObservedContainer,
    ObservedState,
)
from ._actions import ConnectNetwork, LeaveNetwork
from ._default_networks import ENGINE_DEFAULTS, endpoints_of, is_renamed
from ._drafts import Draft
from ._reasons import Cause, Reason

_SHORT_ID: Final = 12


@frozen(kw_only=True)
class _Connection:
    """One connection as it is."""

    name: str
    settings: JsonObject

    @property
    def network_id(self) -> str:
        return str(self.settings.get("NetworkID") or "")


def plan_connections(
    container: ResourceId,
    spec: ContainerSpec,
    current: ObservedContainer,
    observed: ObservedState,
    renewed: frozenset[ResourceId],
) -> list[Draft]:
    """Connect what is missing, reconnect what differs, disconnect what nobody asked for.

    Args:
        container: Whose connections.
        spec: What is asked for.
        current: What is.
        observed: The engine's networks.
        renewed: The networks that the same plan creates anew.
    """
    mode = str(object_at(spec.body, "HostConfig").get("NetworkMode", ""))
    if mode in {"host", "none"} or mode.startswith("container:") or _is_offline(spec):
        return []
    wanted = endpoints_of(container, spec) or _default_network(container, current, observed)
    actual = _actual(current, observed.engines[container.engine])
    drafts = [
        draft
        for endpoint in wanted
        for draft in _mended(
            container, endpoint, actual.get(endpoint.network.name), current, observed, renewed
        )
    ]
    allowed = {endpoint.network.name for endpoint in wanted} or {*ENGINE_DEFAULTS}
    drafts += [
        _leave(container, connection, Reason(Cause.NOT_IN_MAP))
        for name, connection in actual.items()
        if name not in allowed
    ]
    return drafts


def _default_network(
    container: ResourceId, current: ObservedContainer, observed: ObservedState
) -> tuple[EndpointSpec, ...]:
    """Where a running container without networks has to be (UPD-32)."""
    if not current.state.has_endpoints:
        return ()
    known = (ResourceId(container.engine, ResourceKind.NETWORK, name) for name in ENGINE_DEFAULTS)
    network = next((each for each in known if observed.networks(each)), None)
    return () if network is None else (EndpointSpec(network=network, settings={}),)


def _is_offline(spec: ContainerSpec) -> bool:
    return spec.body.get("NetworkDisabled") is True


def _actual(current: ObservedContainer, engine: EngineState) -> dict[str, _Connection]:
    """The connections by the names that the engine lists their networks by."""
    networks = object_at(object_at(current.details or {}, "NetworkSettings"), "Networks")
    return {
        ENGINE_DEFAULTS[0] if is_renamed(engine, name) else name: _Connection(
            name=name, settings=settings if isinstance(settings, Mapping) else {}
        )
        for name, settings in networks.items()
    }


def _mended(
    container: ResourceId,
    endpoint: EndpointSpec,
    actual: _Connection | None,
    current: ObservedContainer,
    observed: ObservedState,
    renewed: frozenset[ResourceId],
) -> Iterator[Draft]:
    reason = _mismatch(endpoint, actual, current, observed, renewed)
    if reason is None:
        return
    if actual is not None and endpoint.network not in renewed:
        yield _leave(container, actual, reason)
    yield Draft(
        container,
        ConnectNetwork(network=endpoint.network, settings=endpoint.settings),
        (reason,),
    )


def _leave(container: ResourceId, connection: _Connection, reason: Reason) -> Draft:
    network = connection.network_id or connection.name
    return Draft(container, LeaveNetwork(network=network, network_name=connection.name), (reason,))


def _mismatch(
    endpoint: EndpointSpec,
    actual: _Connection | None,
    current: ObservedContainer,
    observed: ObservedState,
    renewed: frozenset[ResourceId],
) -> Reason | None:
    name = endpoint.network.name
    if actual is None or endpoint.network in renewed:
        return Reason(Cause.NOT_CONNECTED, detail=name)
    existing = observed.networks(endpoint.network)
    ids = {network.id for network in existing}
    # Podman says the name where others say the id.
    if actual.network_id and ids and actual.network_id not in ids | {actual.name}:
        return _differs(name, "the network was created anew")
    if actual.network_id in observed.engines[endpoint.network.engine].lost_endpoints(current):
        return _differs(name, "the endpoint is dead")
    what = _differing_setting(endpoint.settings, actual.settings, current)
    return _differs(name, f"{what} changed") if what else None


def _differs(network: str, what: str) -> Reason:
    return Reason(Cause.CONNECTION_DIFFERS, detail=f"network {network}: {what}")


def _differing_setting(
    wanted: JsonObject, actual: JsonObject, current: ObservedContainer
) -> str | None:
    """The first setting that differs (UPD-33), the least first."""
    # Engines before API 1.45 add these by themselves.
    hostname = str(object_at(current.details or {}, "Config").get("Hostname", ""))
    implicit = {current.id[:_SHORT_ID], hostname}
    if _texts(wanted.get("Aliases")) - implicit != _texts(actual.get("Aliases")) - implicit:
        return "aliases"
    if _links(wanted.get("Links")) != _links(actual.get("Links")):
        return "links"
    ours, theirs = object_at(wanted, "IPAMConfig"), object_at(actual, "IPAMConfig")
    for key in ("IPv4Address", "IPv6Address"):
        if _address(ours.get(key)) != _address(theirs.get(key)):
            return key
    if set(map(_address, _texts(ours.get("LinkLocalIPs")))) != set(
        map(_address, _texts(theirs.get("LinkLocalIPs")))
    ):
        return "link-local addresses"
    return None


def _links(value: object) -> set[tuple[str, str]]:
    pairs = (str(link).partition(":") for link in _texts(value))
    return {(target, alias or target) for target, _, alias in pairs}


def _address(value: object) -> str:
    try:
        return str(ip_address(str(value))) if value else ""
    except ValueError:
        return str(value)


def _texts(value: object) -> set[str]:
    return set(map(str, value)) if isinstance(value, list | tuple) else set()
