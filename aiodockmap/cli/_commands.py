"""The commands and what they take."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import wraps

import anyio
import click

from ..client import ContainerStatus
from ..config import ClientConfiguration, load_clients_file
from ..errors import ActionRunnerError, MapError
from ..execute import RunReport
from ..plan import Plan, Verb
from ._clean import clean
from ._embedded import NOTICE, OLDEST_RELEASE, RELEASE, serve_until_interrupted
from ._exit import ExitCode
from ._guard import guarded, rehearsed_release, wait_for
from ._images import image
from ._logs import LinePrinter, read_moment
from ._options import NETWORKS, OPTIONS, PLAN_FORMATS, REMOVING, forced_by, keywords
from ._output import OutputLost, remark, write
from ._progress import tell_with_notes
from ._script import pass_on
from ._session import Selection, connected
from ._status import is_as_it_should_be, print_status
from ._validation import check_map_file


def _selecting(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command take a map and names of its containers."""

    @click.argument("map_file", metavar="MAP.yaml", type=click.Path(exists=True, dir_okay=False))
    @click.argument("containers", metavar="[CONTAINERS]...", nargs=-1)
    @click.option(
        "--clients",
        "clients_file",
        metavar="FILE",
        type=click.Path(exists=True, dir_okay=False),
        help="The engines of the map; without it, the one of DOCKER_HOST or the default socket.",
    )
    @click.option(
        "-i", "--instance", "instances", multiple=True, help="Only this instance; may be repeated."
    )
    @wraps(command)
    def selecting(
        *,
        map_file: str,
        containers: Sequence[str],
        clients_file: str | None,
        instances: Sequence[str],
        with_networks: bool = False,
        **options: object,
    ) -> None:
        if with_networks and (containers or instances):
            raise click.UsageError("--networks is for the whole map: name no containers")
        forced = forced_by(options)
        if "" in (*containers, *instances, *forced):
            raise click.UsageError("one of the names is empty")
        selection = Selection(
            map_file=map_file,
            clients_file=clients_file,
            containers=tuple(containers),
            instances=tuple(instances),
            forced=forced,
            with_networks=with_networks,
            rehearsed_release=rehearsed_release(),
        )
        if selection.rehearsed_release is not None:
            remark(NOTICE.format(selection.rehearsed_release))
        command(selection, **options)

    return selecting


def _with_options(verb: Verb) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(OPTIONS.get(verb, ())):
            command = option(command)
        return NETWORKS(command) if verb in REMOVING else command

    return decorate


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="aiodockmap")
@click.option(
    "--embedded", is_flag=True, help="Rehearse on an engine in memory; nothing is really run."
)
@click.option(
    "--embedded-release", type=RELEASE, help="Rehearse on an engine in memory that is this Docker."
)
def command_line(*, embedded: bool, embedded_release: str | None) -> None:
    """Bring a landscape of containers up, keep it current, and take it down.

    A map describes the containers; CONTAINERS are names of it (web, a group, site.app.one for an
    instance), all of them if there are none.

    Exit codes: 0 done or nothing to do, 1 a step failed, 2 the command, the map, or how to reach
    an engine cannot be understood, 3 an engine does not answer, 4 there are changes (plan --exit-code,
    status --exit-code), 5 a script did not end well (run-script), 6 the output cannot be written.
    """
    del embedded, embedded_release  # commands look for them in the context


@command_line.group()
def plan() -> None:
    """Show the steps of an action, with reasons; change nothing."""


SUMMARIES: Mapping[Verb, str] = {
    Verb.CREATE: "Create containers, and what they need, without starting them.",
    Verb.START: "Start containers that exist, dependencies first.",
    Verb.RESTART: "Stop and start containers, and nothing else.",
    Verb.STOP: "Stop containers, dependants first.",
    Verb.REMOVE: "Remove containers that do not run, dependants first.",
    Verb.STARTUP: "Create and start containers with everything that they need.",
    Verb.SHUTDOWN: "Stop and remove containers, dependants first.",
    Verb.UPDATE: "Make containers, and all that they need, as the map has them, by the least means.",
    Verb.SIGNAL: "Send a signal to containers.",
    Verb.PULL_IMAGES: "Pull the images of containers.",
    Verb.SCRIPT: "Run a script in a new container of one configuration.",
}


def _add_action(verb: Verb, text: str) -> None:
    name = verb.value.replace("_", "-")
    _add_plan(name, verb, text)

    @command_line.command(name, help=text)
    @guarded
    @_selecting
    @click.option("--json", "as_json", is_flag=True, help="Print the report as JSON at the end.")
    @_with_options(verb)
    def act(selection: Selection, *, as_json: bool, **options: object) -> None:
        async def run() -> RunReport:
            async with connected(selection, tell_with_notes) as client:
                return await client.call(
                    verb.value,
                    selection.names,
                    selection.instances or None,
                    None,
                    **keywords(options),
                )

        def tell(report: RunReport) -> None:
            if as_json:
                write(json.dumps(report.to_dict(), indent=2))

        try:
            report = wait_for(run)
        except ActionRunnerError as error:
            with suppress(OutputLost):  # that a step has failed is worse
                tell(error.report)
            raise
        tell(report)


def _add_plan(name: str, verb: Verb, text: str) -> None:
    @plan.command(name, help=text)
    @guarded
    @_selecting
    @click.option(
        "--format",
        "form",
        type=click.Choice(sorted(PLAN_FORMATS)),
        default="text",
        show_default=True,
        help="How to print the plan.",
    )
    @click.option(
        "--exit-code", "tell_changes", is_flag=True, help="End with 4 if there is something to do."
    )
    @_with_options(verb)
    def show(selection: Selection, *, form: str, tell_changes: bool, **options: object) -> None:
        async def look() -> Plan:
            async with connected(selection) as client:
                made = await client.plan(
                    verb.value,
                    selection.names,
                    selection.instances or None,
                    None,
                    **keywords(options),
                )
            write(PLAN_FORMATS[form](made))
            return made

        made = wait_for(look)
        if made.left_out:
            raise SystemExit(ExitCode.UNREACHABLE)
        if tell_changes and not made.is_empty:
            raise SystemExit(ExitCode.CHANGES)


for _verb, _text in SUMMARIES.items():
    if _verb is not Verb.SCRIPT:
        _add_action(_verb, _text)


@command_line.command("run-script")
@guarded
@_selecting
@_with_options(Verb.SCRIPT)
@click.option(
    "--exit-code",
    "passes_code",
    is_flag=True,
    help="End with the code of the script itself, whatever else that code means.",
)
def run_script(selection: Selection, *, passes_code: bool, **options: object) -> None:
    """Run a script in a new container of one configuration, which is removed afterwards.

    What the container needs is brought up first, and stays. Output is passed on as it comes.

    Exit codes besides the common ones: 5 if the script did not end with 0, or not in time.
    """
    if len(selection.instances) > 1:
        raise click.UsageError("name one instance, or none for all")

    async def run() -> int | None:
        async with (
            connected(selection) as client,
            client.stream_script(
                selection.names,
                next(iter(selection.instances), None),
                None,
                **keywords(options),
            ) as script,
        ):
            return await pass_on(script)

    code = wait_for(run)
    if code != 0:
        raise SystemExit(code if passes_code and code is not None else ExitCode.SCRIPT)


_add_plan("run-script", Verb.SCRIPT, SUMMARIES[Verb.SCRIPT])


@command_line.command()
@guarded
@_selecting
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option(
    "--quick", is_flag=True, help="Do not compare the containers with their configurations."
)
@click.option(
    "--exit-code",
    "tell_changes",
    is_flag=True,
    help="End with 4 unless all run, none is unhealthy, and all are as the map has them.",
)
def status(selection: Selection, *, as_json: bool, quick: bool, tell_changes: bool) -> None:
    """Show how the containers of a map are; change nothing."""

    async def look() -> tuple[ContainerStatus, ...]:
        async with connected(selection) as client:
            return await client.status(
                selection.names, selection.instances or None, compare=not quick
            )

    found = wait_for(look)
    print_status(found, as_json=as_json)
    if any(each.error for each in found):
        raise SystemExit(ExitCode.UNREACHABLE)
    if tell_changes and not all(is_as_it_should_be(each) for each in found):
        raise SystemExit(ExitCode.CHANGES)


@command_line.command()
@guarded
@_selecting
@click.option("-f", "--follow", is_flag=True, help="Go on with what is printed, until interrupted.")
@click.option(
    "--tail",
    type=click.IntRange(min=0),
    metavar="LINES",
    help="Only so many of the last lines of each container.",
)
@click.option(
    "--since",
    callback=read_moment,
    metavar="TIME",
    help="Only what was printed from then on: 10m for ten minutes ago, or a date and time.",
)
@click.option("--timestamps", is_flag=True, help="Show when each line was printed.")
def logs(
    selection: Selection,
    *,
    follow: bool,
    tail: int | None,
    since: datetime | timedelta | None,
    timestamps: bool,
) -> None:
    """Show what the containers of a map print, those that come back included."""

    async def read() -> None:
        names, instances = selection.names, selection.instances or None
        async with (
            connected(selection) as client,
            client.logs(
                names, instances, follow=follow, tail=tail, since=since, timestamps=timestamps
            ) as lines,
        ):
            printer = LinePrinter.for_containers(lines.containers)
            async for line in lines:
                printer.print(line)

    wait_for(read)


@command_line.command()
@click.argument(
    "map_files",
    metavar="MAP.yaml...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False),
)
@click.option(
    "--clients",
    "clients_file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="A file of engines to check too.",
)
@guarded
def validate(map_files: Sequence[str], clients_file: str | None) -> None:
    """Say everything that is wrong with maps; no engine is needed."""
    is_valid = True
    clients: Mapping[str, ClientConfiguration] | None = None
    for file in filter(None, (clients_file, *map_files)):
        try:
            if file == clients_file:
                clients = load_clients_file(file)
            else:
                check_map_file(file, clients)
        except MapError as error:
            is_valid = False
            remark(str(error).replace(error.source, file, 1))
        else:
            write(f"{file}: fine")
    if not is_valid:
        raise SystemExit(ExitCode.USAGE)


command_line.add_command(clean)
command_line.add_command(image)


@command_line.command("embedded-engine")
@click.argument("address", metavar="ADDRESS")
@click.option(
    "--image", "images", multiple=True, help="An image that is there already; may be repeated."
)
@click.option(
    "--release",
    type=RELEASE,
    default=OLDEST_RELEASE,
    show_default=True,
    help="The Docker that it behaves as.",
)
@guarded
def embedded_engine(address: str, images: Sequence[str], release: str) -> None:
    """Serve an engine in memory at ADDRESS until interrupted, for DOCKER_HOST.

    ADDRESS is /path, unix:///path or tcp://127.0.0.1:PORT. It is printed once the engine answers. The
    engine can pull every image there could be, and runs nothing.

    What it pulls has every program, misspelt ones too: `docker exec web nosuch` succeeds. An image of
    --image has those of busybox alone, and refuses all others as Docker does.
    """
    try:
        anyio.run(serve_until_interrupted, address, images, release)
    except (OSError, ValueError) as error:
        raise click.UsageError(f"cannot listen there: {error}") from None
