"""`aiodockmap clean`: what can go from an engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import wraps

import click

from ..client import Housekeeping, MapClient
from ..config import load_clients_file, load_map_file
from ..model import DEFAULT_ENGINE
from ..plan import Plan
from ._guard import guarded, rehearsed_release, wait_for
from ._progress import tell

Planner = Callable[[Housekeeping], Awaitable[Plan]]

_FILE = click.Path(exists=True, dir_okay=False)


@click.group()
def clean() -> None:
    """Remove stopped containers, or unused images, from an engine; never volumes."""
    if rehearsed_release() is not None:
        raise click.UsageError("an engine in memory begins empty: there is nothing to clean")


def _cleaning(plan_of: Callable[..., Planner]) -> Callable[..., None]:
    """Make a command of what makes a plan."""

    @click.option("--dry-run", is_flag=True, help="Say what would be removed, and what stays.")
    @click.option("--clients", "clients_file", metavar="FILE", type=_FILE, help="Engines by name.")
    @click.option("--client", "client_name", default=DEFAULT_ENGINE, help="One of these engines.")
    @wraps(plan_of)
    def cleaning(
        *,
        dry_run: bool,
        clients_file: str | None,
        client_name: str,
        map_files: Sequence[str] = (),
        **options: object,
    ) -> None:
        async def run() -> None:
            clients = load_clients_file(clients_file) if clients_file else {}
            maps = [load_map_file(file) for file in map_files]
            async with AsyncExitStack() as stack:
                client = await stack.enter_async_context(MapClient(maps, clients, on_event=tell))
                plan = await plan_of(**options)(client.housekeeping(client_name))
                if dry_run:
                    click.echo(plan.render())
                else:
                    await client.apply(plan)

        wait_for(run)

    return guarded(cleaning)


@clean.command()
@click.option("--initial", is_flag=True, help="Also those that were never started.")
@click.option("--running", is_flag=True, help="All: stop those that run first.")
@click.option("--exclude", multiple=True, metavar="NAME", help="It stays; may be repeated.")
@click.option(
    "--map",
    "map_files",
    metavar="MAP.yaml",
    multiple=True,
    type=_FILE,
    help="Its persistent containers stay; may be repeated.",
)
@_cleaning
def containers(*, initial: bool, running: bool, exclude: Sequence[str]) -> Planner:
    """Remove containers that have ended."""
    if running:
        return lambda house: house.plan_full_removal(exclude=exclude)
    return lambda house: house.plan_container_cleanup(include_initial=initial, exclude=exclude)


@clean.command()
@click.option("--old", is_flag=True, help="Also tagged ones, unless they are the latest.")
@click.option(
    "--keep-tag", "keep_tags", multiple=True, metavar="TAG", help="With --old: it stays, too."
)
@_cleaning
def images(*, old: bool, keep_tags: Sequence[str]) -> Planner:
    """Remove images that no container uses and no tag names."""
    return lambda house: house.plan_image_cleanup(remove_old=old, keep_tags=keep_tags)
