"""`aiodockmap image`: images from and to registries, whatever maps say."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ._guard import guarded, rehearsed_release, wait_for
from ._one_engine import Planner, client_of, planned, with_engine
from ._output import write


@click.group()
def image() -> None:
    """Pull images, push images, and see whether a registry lets a client in."""
    if rehearsed_release() is not None:
        raise click.UsageError(
            "an engine in memory is gone with the command: it has no use for images"
        )


@image.command()
@click.argument("names", nargs=-1, required=True, metavar="NAMES...")
@click.option("--missing", is_flag=True, help="Only those that are not on the engine yet.")
@planned
def pull(*, names: Sequence[str], missing: bool) -> Planner:
    """Pull images; without a tag, the latest."""
    return lambda client, engine: client.images(engine).plan_pull(names, missing=missing)


@image.command()
@click.argument("names", nargs=-1, required=True, metavar="NAMES...")
@planned
def push(*, names: Sequence[str]) -> Planner:
    """Push images to their registries; without a tag, the latest.

    The name of an image begins with its registry: reg.example.com/team/web:1.
    """
    return lambda client, engine: client.images(engine).plan_push(names)


@image.command()
@click.argument("registry")
@with_engine
@guarded
def login(registry: str, *, clients_file: str | None, client_name: str) -> None:
    """See whether a registry lets the client in.

    Credentials are those of the client, and go with each pull and push; nothing is remembered here.
    """

    async def run() -> None:
        async with client_of(clients_file) as client:
            await client.images(client_name).check_login(registry)

    wait_for(run)
    write(f"{registry} accepts the credentials of the client")
