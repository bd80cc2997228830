"""Commands about one engine, whatever maps say: each is a plan, shown or carried out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import wraps

import click

from ..client import MapClient
from ..config import load_clients_file, load_map_file
from ..model import DEFAULT_ENGINE
from ..plan import Plan
from ._guard import guarded, wait_for
from ._output import write
from ._progress import tell, tell_notes

FILE = click.Path(exists=True, dir_okay=False)

Planner = Callable[[MapClient, str], Awaitable[Plan]]
"""Takes the client, and the name of the engine."""


def with_engine(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that choose an engine."""
    command = click.option("--client", "client_name", default=DEFAULT_ENGINE, help="One of these.")(
        command
    )
    return click.option(
        "--clients", "clients_file", metavar="FILE", type=FILE, help="Engines by name."
    )(command)


@asynccontextmanager
async def client_of(
    clients_file: str | None, map_files: Sequence[str] = ()
) -> AsyncIterator[MapClient]:
    """Open a client for the files that are named; what it does is told."""
    clients = load_clients_file(clients_file) if clients_file else {}
    maps = [load_map_file(file) for file in map_files]
    async with MapClient(maps, clients, on_event=tell) as client:
        yield client


def planned(plan_of: Callable[..., Planner]) -> Callable[..., None]:
    """Make a command of what makes a plan."""

    @with_engine
    @click.option("--dry-run", is_flag=True, help="Say what would be done, and what stays.")
    @wraps(plan_of)
    def command(
        *,
        dry_run: bool,
        clients_file: str | None,
        client_name: str,
        map_files: Sequence[str] = (),
        **options: object,
    ) -> None:
        async def run() -> None:
            async with client_of(clients_file, map_files) as client:
                plan = await plan_of(**options)(client, client_name)
                if dry_run:
                    write(plan.render())
                    return
                # Of what was named, everything is told; of the rest, only why there is nothing to do.
                if plan.is_empty or options.get("names"):
                    tell_notes(plan)
                await client.apply(plan)

        wait_for(run)

    return guarded(command)
