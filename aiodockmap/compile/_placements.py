"""Which map goes to which engines, with what a call says about names (API-3, API-10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ..config import ClientConfiguration, ContainerMap
from ..errors import OptionError, Problem
from ..model import UNSET, MapItem, ResourceKind, did_you_mean
from ._placement import Placement
from ._request import CompileRequest

_DEFAULTABLE: Final = (
    "repository",
    "default_tag",
    "clients",
    "default_domain",
    "set_hostname",
    "use_attached_parent_name",
)

_WHERE_TO_SAY: Final = (
    "say where its engine is: in the file of clients, or in MapClient(clients=...)"
)


def place_map(
    container_map: ContainerMap,
    clients: Mapping[str, ClientConfiguration],
    request: CompileRequest,
    problems: list[Problem],
) -> Iterator[Placement]:
    """The map on each of its engines, in the order of its clients."""
    expanded = with_defaults(container_map, request.map_defaults).expanded()
    for name in expanded.clients or (request.default_engine,):
        client = clients.get(name)
        if client is None:
            message = f"there is no client {name!r}"
            hint = did_you_mean(name, clients) or _WHERE_TO_SAY
            problems.append(Problem("$.clients", message, hint))
            continue
        yield Placement(
            map=expanded,
            engine=name,
            client=client,
            naming=request.naming,
            given_names=_given_names(request),
        )


def with_defaults(container_map: ContainerMap, defaults: Mapping[str, object]) -> ContainerMap:
    """The map, with properties that it leaves open taken from `defaults` (API-10).

    Raises:
        OptionError: for properties that maps do not have.
    """
    for name in defaults:
        if name not in _DEFAULTABLE:
            hint = did_you_mean(name, _DEFAULTABLE)
            raise OptionError(
                f"map_defaults: {name!r} is no property that a map could take from there"
                + (f" ({hint})" if hint else "")
            )
    missing = {
        name: value
        for name, value in defaults.items()
        if getattr(container_map, name) in (UNSET, ())
    }
    if not missing:
        return container_map
    return ContainerMap(container_map.name, missing, check_integrity=False).merge(
        container_map, check_integrity=False
    )


def _given_names(request: CompileRequest) -> dict[MapItem, str]:
    name = request.overrides.get("name")
    if not isinstance(name, str):
        return {}
    return {item: name for item in request.selected if item.kind is ResourceKind.CONTAINER}
