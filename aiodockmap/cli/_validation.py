"""What can be known about maps without an engine."""

from __future__ import annotations

from collections.abc import Mapping

from ..compile import CompileRequest, compile_maps
from ..config import (
    ClientConfiguration,
    ContainerMap,
    load_map_file,
    select_items,
    sound_part,
)
from ..errors import MapError, Problem
from ..model import DEFAULT_ENGINE, is_late
from ._session import EVERYTHING


def check_map_file(file: str, clients: Mapping[str, ClientConfiguration] | None) -> None:
    """Find out whether everything of a map could be planned.

    Without `clients`, every engine and every address that the map names is taken to be there.

    Raises:
        MapError: with everything that is wrong with it: what no engine could do is looked for also in what
            is left of a map that cannot be loaded.
    """
    try:
        site = load_map_file(file)
    except MapError as error:
        raise MapError(error.source, (*error.problems, *_further(error, clients))) from None
    _check_map(site, clients)


def _further(
    error: MapError, clients: Mapping[str, ClientConfiguration] | None
) -> tuple[Problem, ...]:
    rest = sound_part(error)
    if rest is not None:
        try:
            _check_map(rest, clients)
        except MapError as further:
            return further.problems
    return ()


def _check_map(site: ContainerMap, clients: Mapping[str, ClientConfiguration] | None) -> None:
    engines = dict(clients) if clients is not None else _as_named(site)
    engines.setdefault(DEFAULT_ENGINE, ClientConfiguration())
    items = select_items({site.name: site}, EVERYTHING, None, None, site.name)
    compile_maps({site.name: site}, engines, CompileRequest(selected=items))


def _as_named(site: ContainerMap) -> dict[str, ClientConfiguration]:
    names = dict.fromkeys(
        port.interface
        for _, configuration in site.expanded()
        for port in configuration.exposes
        if port.interface is not None and not is_late(port.interface)
    )
    # Addresses of documentation (RFC 5737, RFC 3849), each its own, so that no two ports collide.
    client = ClientConfiguration(
        interfaces={str(name): f"192.0.2.{number}" for number, name in enumerate(names, 1)},
        interfaces_ipv6={str(name): f"2001:db8::{number}" for number, name in enumerate(names, 1)},
    )
    return dict.fromkeys(site.clients or (DEFAULT_ENGINE,), client)
