"""`aiodockmap clean`: what can go from an engine."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ._guard import rehearsed_release
from ._one_engine import FILE, Planner, planned


@click.group()
def clean() -> None:
    """Remove stopped containers, or unused images, from an engine."""
    if rehearsed_release() is not None:
        raise click.UsageError("an engine in memory begins empty: there is nothing to clean")


@clean.command()
@click.argument("names", nargs=-1, metavar="[NAMES]...")
@click.option("--initial", is_flag=True, help="Also those that were never started.")
@click.option("--running", is_flag=True, help="All: stop those that run first.")
@click.option("--exclude", multiple=True, metavar="NAME", help="It stays; may be repeated.")
@click.option(
    "--map",
    "map_files",
    metavar="MAP.yaml",
    multiple=True,
    type=FILE,
    help="Its persistent containers stay; may be repeated.",
)
@planned
def containers(
    *, names: Sequence[str], initial: bool, running: bool, exclude: Sequence[str]
) -> Planner:
    """Remove containers that have ended.

    With NAMES, as the engine has them: stop and remove just these.
    """
    if names and (initial or running or exclude):
        raise click.UsageError("with NAMES, just these are removed, in any state")
    if names:
        return lambda client, engine: client.housekeeping(engine).plan_container_removal(names)
    if running:
        return lambda client, engine: client.housekeeping(engine).plan_full_removal(exclude=exclude)
    return lambda client, engine: client.housekeeping(engine).plan_container_cleanup(
        include_initial=initial, exclude=exclude
    )


@clean.command()
@click.argument("names", nargs=-1, metavar="[NAMES]...")
@click.option("--old", is_flag=True, help="Also tagged ones, unless they are the latest.")
@click.option(
    "--keep-tag", "keep_tags", multiple=True, metavar="TAG", help="With --old: it stays, too."
)
@click.option("--force", is_flag=True, help="Also if containers that do not run use it by then.")
@planned
def images(*, names: Sequence[str], old: bool, keep_tags: Sequence[str], force: bool) -> Planner:
    """Remove images that no container uses and no tag names.

    With NAMES, or ids: remove just these.
    """
    if names and (old or keep_tags):
        raise click.UsageError("with NAMES, just these are removed, whatever their tags are")
    if names:
        return lambda client, engine: client.housekeeping(engine).plan_image_removal(
            names, force=force
        )
    return lambda client, engine: client.housekeeping(engine).plan_image_cleanup(
        remove_old=old, keep_tags=keep_tags, force=force
    )
