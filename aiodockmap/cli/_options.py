"""The options of each action on the command line, and the keywords that they stand for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping

import click

from ..plan import Plan, Verb

Decorator = Callable[[Callable[..., None]], Callable[..., None]]


def _read_volumes(
    context: click.Context, parameter: click.Parameter, names: tuple[str, ...]
) -> tuple[Mapping[str, object], ...]:
    """Select the volumes that containers attach, as `force_update` wants it."""
    read = []
    for name in names:
        owner, _, alias = name.rpartition(".")
        if not (owner and alias):
            raise click.BadParameter(
                f"{name!r} is no CONTAINER.VOLUME, a container and what it attaches",
                context,
                parameter,
            )
        read.append({"config_type": "volume", "config_name": owner, "instance_names": [alias]})
    return tuple(read)


_KEEP_PERSISTENT = click.option(
    "--keep-persistent", is_flag=True, help="Leave persistent containers where they are."
)
_REMOVE_ATTACHED = click.option(
    "--remove-attached",
    is_flag=True,
    help="Remove the volumes that the containers own as well, with their data.",
)
NETWORKS = click.option(
    "--networks",
    "with_networks",
    is_flag=True,
    help="Remove the networks of the map as well; for the whole map only.",
)
_TIMEOUT = click.option(
    "--timeout",
    type=click.IntRange(min=0),
    metavar="SECONDS",
    help="Grace before a container is killed, instead of the map's.",
)
_RAISE_NOT_FOUND = click.option(
    "--raise-not-found", is_flag=True, help="Fail if a container is removed by others meanwhile."
)

_NONRECOVERABLE = click.option(
    "--nonrecoverable-exit-code",
    "nonrecoverable_exit_codes",
    type=int,
    multiple=True,
    metavar="CODE",
    help="Re-create a container that ended with it; may be repeated.",
)

OPTIONS: Mapping[Verb, tuple[Decorator, ...]] = {
    Verb.RESTART: (
        _TIMEOUT,
        click.option(
            "--restart-exec-commands", is_flag=True, help="Run the exec commands again as well."
        ),
    ),
    Verb.STOP: (_TIMEOUT, _RAISE_NOT_FOUND),
    Verb.REMOVE: (
        _KEEP_PERSISTENT,
        _REMOVE_ATTACHED,
        click.option("--force", is_flag=True, help="Remove running containers as well."),
        click.option("--volumes", "v", is_flag=True, help="Remove anonymous volumes as well."),
        _RAISE_NOT_FOUND,
    ),
    Verb.STARTUP: (_NONRECOVERABLE,),
    Verb.SHUTDOWN: (_KEEP_PERSISTENT, _REMOVE_ATTACHED),
    Verb.UPDATE: (
        _NONRECOVERABLE,
        click.option(
            "--pull", "pull_before_update", is_flag=True, help="Pull all images before comparing."
        ),
        click.option(
            "--force",
            "force_update",
            multiple=True,
            metavar="CONTAINER",
            help="Re-create it without comparing; may be repeated.",
        ),
        click.option(
            "--renew-volume",
            "renewed_volumes",
            multiple=True,
            metavar="CONTAINER.VOLUME",
            callback=_read_volumes,
            help="Create it anew, and lose the data in it; may be repeated.",
        ),
        click.option(
            "--update-persistent", is_flag=True, help="Replace persistent containers as well."
        ),
        click.option(
            "--skip-limit-reset",
            is_flag=True,
            help="Leave a limit that the map no longer has, if lifting it means re-creating.",
        ),
        click.option(
            "--check-exec-commands",
            type=click.Choice(["full", "partial", "none"]),
            help="How to recognise exec commands among the processes.",
        ),
    ),
    Verb.SIGNAL: (
        click.option("-s", "--signal", help="Name or number, such as HUP; SIGKILL without it."),
    ),
    Verb.PULL_IMAGES: (
        click.option("--missing", is_flag=True, help="Only those that are not on the engine yet."),
    ),
    Verb.SCRIPT: (
        click.option(
            "--script",
            "script_path",
            metavar="PATH",
            type=click.Path(),
            help="A file or a folder that is mounted, or copied, into the container.",
        ),
        click.option("--entrypoint", metavar="COMMAND", help="Instead of the configured one."),
        click.option(
            "--command",
            "command_format",
            metavar="COMMAND",
            help="Instead of the configured one; {script_path} stands for the script.",
        ),
        click.option(
            "--script-dir",
            "container_script_dir",
            metavar="FOLDER",
            help="Where the script is in the container, instead of /tmp/script_run.",
        ),
        click.option(
            "--copy",
            "script_transfer",
            flag_value="copy",
            default=None,
            help="Copy the script, as the engine has not this machine's files.",
        ),
        click.option(
            "--wait-timeout",
            type=click.FloatRange(min=0, min_open=True),
            metavar="SECONDS",
            help="How long the script may take, instead of what the map says.",
        ),
        click.option("--timestamps", is_flag=True, help="Say when each line was printed."),
        click.option("--tail", type=click.IntRange(min=0), help="Start with so many lines."),
        click.option(
            "--remove-existing-before",
            is_flag=True,
            help="Remove what has the container's name, even if it runs.",
        ),
        click.option("--keep", is_flag=True, help="Do not remove the container afterwards."),
        _NONRECOVERABLE,
    ),
}

REMOVING = frozenset({Verb.REMOVE, Verb.SHUTDOWN})
"""The actions that take `--networks`, which selects more, and is no keyword of theirs."""

# Options that say the opposite of the keyword that they stand for.
_NEGATED = {
    "keep_persistent": "remove_persistent",
    "missing": "pull_all_images",
    "keep": "remove_created_after",
}


def _typed() -> Iterator[tuple[str, str]]:
    """Each flag, after the keyword that it stands for."""
    command = click.Command(None)
    for options in OPTIONS.values():
        for option in options:
            option(command)
    for flag in command.params:
        if isinstance(flag, click.Option) and flag.is_flag and flag.name:
            keyword = _NEGATED.get(flag.name, flag.name)
            one_of_several = isinstance(flag.flag_value, str)
            value = flag.flag_value if one_of_several else flag.name not in _NEGATED
            if "_" in keyword:  # single words may be anybody's
                yield f"{keyword}={value!r}", flag.opts[-1]


_TYPED = dict(_typed())
_VOLUME_TO_RENEW = re.compile(
    r"force_update=\{'config_type': 'volume', 'config_name': '(.+?)', 'instance_names': \['(.+?)'\]\}"
)
_FORCING = ("force_update", "renewed_volumes")

PLAN_FORMATS: Mapping[str, Callable[[Plan], str]] = {
    "text": lambda plan: as_typed(plan.render()),
    "json": lambda plan: json.dumps(plan.to_dict(), indent=2),
    "mermaid": Plan.to_mermaid,
    "dot": Plan.to_dot,
}


def as_typed(text: str) -> str:
    """Return what the library says with keywords, such as `keep_it=True`, as the options for them."""
    for said, option in _TYPED.items():
        text = text.replace(said, option)
    return _VOLUME_TO_RENEW.sub(r"--renew-volume \1.\2", text)


def forced_by(options: Mapping[str, object]) -> tuple[object, ...]:
    """Return what `force_update` is to select: the containers and the volumes that are made anew."""
    forced: list[object] = []
    for name in _FORCING:
        given = options.get(name, ())
        assert isinstance(given, tuple)  # noqa: S101  # as it may be repeated
        forced += given
    return tuple(forced)


def keywords(options: Mapping[str, object]) -> dict[str, object]:
    """Return the keywords of the action; what was not given on the command line is not given."""
    # By identity: a timeout of 0 is one.
    given = {
        name: value
        for name, value in options.items()
        if value is not None and value is not False and value != () and name not in _FORCING
    }
    forced = forced_by(options)
    named = {
        _NEGATED.get(name, name): False if name in _NEGATED else value
        for name, value in given.items()
    }
    return {**named, "force_update": forced} if forced else named
