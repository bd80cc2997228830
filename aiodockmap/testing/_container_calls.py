"""Calls under `/containers`, except those that create."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from ..model import SIGNALS, signal_number
from ._answers import Answer, ApiError, Call, Pending, Reply, Streaming, done, json_answer
from ._behaviour import KILL
from ._bodies import UPDATE, decoded
from ._container_filters import chosen_containers
from ._creation import checked_name
from ._documents import inspected, listed
from ._filters import read_filters
from ._image_calls import SIZE
from ._lifecycle import deliver, remove, send_signal, start, stop
from ._limits import update_limits
from ._networks import with_own_aliases
from ._records import Container
from ._releases import (
    ALIASES_AS_GIVEN,
    ANNOTATIONS_IN_LISTS,
    HOST_CONFIG_FIELDS,
    SIGNAL_ON_STOP,
    known_fields,
)
from ._world import World

LIST_FILTERS: Final = frozenset(
    {"ancestor", "before", "exited", "expose", "health", "id", "is-task", "isolation", "label"}
    | {"name", "network", "publish", "since", "status", "volume"}
)


def list_containers(world: World, call: Call) -> Reply:
    """`GET /containers/json`."""
    filters = read_filters(call, LIST_FILTERS)
    limit = max(call.number("limit") or 0, 0)
    shows_all = call.flag("all") or "status" in filters or limit > 0
    found = chosen_containers(world, filters, shows_all=shows_all)
    entries = [listed(world, container) for container in found[: limit or None]]
    for entry in entries:
        if call.flag("size"):
            entry["SizeRootFs"] = SIZE
        if not call.speaks(ANNOTATIONS_IN_LISTS):
            entry["HostConfig"].pop("Annotations", None)
    return json_answer(entries)


WAIT_CONDITIONS: Final = ("not-running", "next-exit", "removed")


def inspect_container(world: World, call: Call) -> Reply:
    """`GET /containers/{id}/json`."""
    container = world.container(call.ref)
    document = inspected(world, container)
    if call.flag("size"):
        document |= {"SizeRw": 0, "SizeRootFs": SIZE}
    if world.release.has_dns_names and not call.speaks(ALIASES_AS_GIVEN):
        document["NetworkSettings"]["Networks"] = {
            name: with_own_aliases(container, name, endpoint)
            for name, endpoint in container.endpoints.items()
        }
    return json_answer(document)


def start_container(world: World, call: Call) -> Reply:
    """`POST /containers/{id}/start`."""
    gives_up = call.is_abandoned and world.release.gives_up_starts
    return done(204 if start(world, world.container(call.ref), gives_up=gives_up) else 304)


def stop_container(world: World, call: Call) -> Reply:
    """`POST /containers/{id}/stop`."""
    container = world.container(call.ref)
    grace = call.number("t")
    if not container.state.is_running:
        return done(304)
    wanted = stop(world, container, grace, _asked_signal(call, "stop"))
    return Pending(until=lambda: container.exits >= wanted, then=done)


def _asked_signal(call: Call, action: str) -> int | None:
    text = call.query.get("signal") or ""
    if not text or not call.speaks(SIGNAL_ON_STOP):
        return None
    number = signal_number(text)
    if number is None:
        doing = FAILED_ENDS[action].format(call.ref)
        raise ApiError(500, f"{doing}: invalid signal: {text}")
    return number


FAILED_ENDS: Final = {
    "stop": "cannot stop container: {}",
    "restart": "Cannot restart container {}",
}


def restart_container(world: World, call: Call) -> Reply:
    """`POST /containers/{id}/restart`."""
    container = world.container(call.ref)
    grace = call.number("t")
    failed = FAILED_ENDS["restart"].format(call.ref)
    if container.process is None:
        try:
            start(world, container)
        except ApiError as error:
            raise ApiError(500, f"{failed}: {error.message}") from None
        world.events.of_container(container, "restart")
        return done()
    signal = _asked_signal(call, "restart")
    container.is_to_be_started = True
    wanted = stop(world, container, grace, signal)

    def restarted() -> Answer:
        # It may be over again by now, which is well.
        if container.state.error:
            raise ApiError(500, f"{failed}: {container.state.error}")
        return done()

    return Pending(until=lambda: container.exits >= wanted, then=restarted)


def kill_container(world: World, call: Call) -> Reply:
    """`POST /containers/{id}/kill`."""
    text = call.query.get("signal") or "KILL"
    number = signal_number(text)
    if number is None:
        doing = f"cannot kill container: {call.ref}: "
        raise ApiError(400, f"Invalid signal: {text}", doing=doing)
    container = world.find_container(call.ref)
    if container is None:
        raise ApiError(404, f"Cannot kill container: {call.ref}: No such container: {call.ref}")
    if number not in SIGNALS.values():
        reason = f"The linux daemon does not support signal {number}"
        raise ApiError(500, f"Cannot kill container: {call.ref}: {reason}")
    if not container.state.is_running:
        reason = f"Container {container.id} is not running"
        raise ApiError(409, f"Cannot kill container: {call.ref}: {reason}")
    is_to_end = number in (KILL, signal_number(container.config.get("StopSignal") or "") or number)
    if container.state.is_paused and is_to_end:
        _resume(world, container)
    send_signal(world, container, number)
    return done()


def pause_container(world: World, call: Call) -> Reply:
    """`POST /containers/{id}/pause`."""
    container = world.container(call.ref)
    _check_running(container)
    if container.state.is_paused:
        raise ApiError(409, f"Container {container.id} is already paused")
    _check_not_restarting(container)
    container.state.is_paused = True
    world.events.of_container(container, "pause")
    return done()


def unpause_container(world: World, call: Call) -> Reply:
    """`POST /containers/{id}/unpause`."""
    container = world.container(call.ref)
    if not container.state.is_paused:
        raise ApiError(500, f"Container {container.id} is not paused")
    world.events.of_container(container, "unpause")
    _resume(world, container)
    return done()


def _resume(world: World, container: Container) -> None:
    container.state.is_paused = False
    process = container.process
    if process is None:
        return
    pending, process.pending_signals = process.pending_signals, []
    for number in pending:
        if container.process is process:
            deliver(world, container, process, number)


def wait_for_container(world: World, call: Call) -> Reply:
    """`POST /containers/{id}/wait`; the headers say that it is being watched."""
    container = world.container(call.ref)
    condition = call.query.get("condition") or "not-running"
    if world.release.minds_wait_conditions and condition not in WAIT_CONDITIONS:
        raise ApiError(400, f'invalid condition: "{condition}"')
    exits = container.exits

    def is_over() -> bool:
        # Whoever waits for anything is told when there is nothing left to wait for.
        if container.id not in world.containers:
            return True
        match condition:
            case "next-exit":
                return container.exits > exits
            case "removed":
                return False
            case _:
                return container.exits > exits or not container.state.is_running

    async def chunks() -> AsyncIterator[bytes]:
        await world.timeline.until(is_over)
        # What is over by a failed start has something to say about it.
        has_ended = container.exits > exits
        code = container.last_exit_code if has_ended else container.state.exit_code
        failed = code != 0 and container.state.error
        problem = {"Error": {"Message": container.state.error}}
        said = problem if failed else world.release.wait_success
        yield json_answer({**said, "StatusCode": code}).body

    return Streaming(chunks=chunks, headers={"content-type": "application/json"})


def remove_container(world: World, call: Call) -> Reply:
    """`DELETE /containers/{id}`."""
    container = world.container(call.ref)
    if call.flag("link"):
        _remove_link(world, call.ref)
        return done()
    state = container.state
    if state.is_running:
        if not call.flag("force"):
            advice = "Stop the container before attempting removal or force remove"
            if state.is_paused:
                advice = f"Unpause and then {advice.lower()}"
            raise ApiError(
                409,
                f"You cannot remove a {state.status} container {container.id}. {advice}",
                ref=call.ref,
            )
        send_signal(world, container, KILL)
    if container.id in world.containers:  # it may have gone by itself
        remove(world, container, with_volumes=call.flag("v"))
    return done()


def _remove_link(world: World, ref: str) -> None:
    parent_name, slash, alias = ref.removeprefix("/").partition("/")
    if not slash:
        raise ApiError(500, "Conflict, cannot remove the default link name of the container")
    parent = world.container(parent_name)
    del world.links[parent.id][alias]


def settings_file(container: Container) -> str:
    """Where a container is written down while it changes."""
    return f"containers/{container.id}/.tmp-config.v2.json"


def rename_container(world: World, call: Call) -> Reply:
    """`POST /containers/{id}/rename`."""
    name = call.query.get("name", "").removeprefix("/")
    if not name:
        raise ApiError(400, "Neither old nor new names may be empty")
    container = world.container(call.ref)
    if container.name == name:
        message = "Renaming a container with the same name as its current name"
        raise ApiError(400, message)
    old_name = container.name
    try:
        checked = checked_name(world, name)
    except ApiError as error:
        # Here engines write the name as it is stored.
        message = error.message.replace(f"({name})", f"(/{name})")
        raise ApiError(error.status, f"Error when allocating new name: {message}") from None
    world.write(settings_file(container))
    container.name = checked
    world.events.of_container(container, "rename", oldName=f"/{old_name}")
    return done()


def update_container(world: World, call: Call) -> Reply:
    """`POST /containers/{id}/update`."""
    body = known_fields(decoded(call, UPDATE), HOST_CONFIG_FIELDS, call)
    container = world.container(call.ref)
    try:
        world.write(settings_file(container))
    except ApiError as error:
        message = f"Cannot update container {container.id}: {error.message}"
        raise ApiError(error.status, message) from None
    warnings = update_limits(world, container, body)
    world.events.of_container(container, "update")
    return json_answer({"Warnings": warnings or None})


def list_processes(world: World, call: Call) -> Reply:
    """`GET /containers/{id}/top`."""
    container = world.container(call.ref)
    _check_running(container)
    _check_not_restarting(container)
    arguments = (call.query.get("ps_args") or "-ef").split()
    columns = _columns(arguments)
    if "pid" not in columns:
        raise ApiError(500, "Couldn't find PID field in ps output")
    process = container.process
    rows = [] if process is None else [_row(container, columns, process.pid, process.command)]
    known = [world.execs[exec_id] for exec_id in container.exec_ids]
    for command in [*known, *container.strays]:
        if command.is_running:
            user = command.user or container.config["User"]
            rows.append(_row(container, columns, command.pid, command.command, user=user))
    world.events.of_container(container, "top")
    titles = [PS_TITLES.get(column, column.upper()) for column in columns]
    return json_answer({"Processes": rows, "Titles": titles})


PS_TITLES: Final = {"args": "COMMAND", "comm": "COMMAND", "command": "COMMAND", "stime": "STIME"}
FULL_FORMAT: Final = ("uid", "pid", "ppid", "c", "stime", "tty", "time", "cmd")


def _columns(arguments: list[str]) -> list[str]:
    for index, argument in enumerate(arguments):
        if argument.startswith("-") and argument.endswith("o"):
            names = ",".join(arguments[index + 1 :]).split(",")
            return [name.partition("=")[0].lower() for name in names if name]
    return list(FULL_FORMAT)


def _row(
    container: Container, columns: list[str], pid: int, command: list[str], *, user: str = ""
) -> list[str]:
    line = " ".join(command)
    name = (user or container.config["User"]).partition(":")[0]
    owner = "root" if name in ("", "0") else name
    cells = {
        "uid": owner,
        "user": owner,
        "pid": str(pid),
        "ppid": "1",
        "c": "0",
        "stime": "00:00",
        "tty": "?",
        "time": "00:00:00",
        "comm": command[0].rpartition("/")[2],
    }
    return [cells.get(column, line) for column in columns]


def _check_running(container: Container) -> None:
    if not container.state.is_running:
        raise ApiError(409, f"Container {container.id} is not running")


def _check_not_restarting(container: Container) -> None:
    if container.state.is_restarting:
        message = f"Container {container.id} is restarting, wait until the container is running"
        raise ApiError(409, message)
