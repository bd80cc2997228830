"""A client for the files that are named on the command line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from attrs import frozen

from ..client import MapClient
from ..config import ClientConfiguration, load_clients_file, load_map_file, select_items
from ..execute import Event
from ._embedded import rehearsal_clients

EVERYTHING = "__all__"

_ALL_NETWORKS = {"config_type": "network", "config_name": EVERYTHING}


@frozen(kw_only=True)
class Selection:
    """What a command is about."""

    map_file: str
    clients_file: str | None
    containers: tuple[str, ...]
    instances: tuple[str, ...]
    forced: tuple[object, ...] = ()
    """What an update is to make anew, of what it comes across."""
    with_networks: bool = False
    rehearsed_release: str | None = None
    """The Docker that engines in memory behave as; None for real engines."""

    @property
    def names(self) -> tuple[object, ...]:
        """What to hand to the client: everything, if nothing is named."""
        networks = (_ALL_NETWORKS,) if self.with_networks else ()
        return (*(self.containers or (EVERYTHING,)), *networks)


@asynccontextmanager
async def connected(
    selection: Selection, tell: Callable[[Event], None] | None = None
) -> AsyncIterator[MapClient]:
    """Read the files and open a client for them, which is closed at the end.

    `tell` hears of everything that happens, also of the end of what is interrupted.

    Raises:
        MapError: with everything that is wrong with a file.
        SelectionError: also for instances that the map does not describe, or that are not heeded: what
            is typed may be misspelt.
    """
    site = load_map_file(selection.map_file)
    instances = selection.instances or None
    for names in filter(None, (selection.names, selection.forced)):
        select_items({site.name: site}, names, instances, None, site.name, strict=True)
    clients: dict[str, ClientConfiguration] = (
        load_clients_file(selection.clients_file) if selection.clients_file else {}
    )
    if selection.rehearsed_release is not None:
        clients = rehearsal_clients(clients, selection.rehearsed_release)
    async with MapClient(site, clients, on_event=tell) as client:
        yield client
