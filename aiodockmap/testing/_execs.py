"""Calls about commands that run beside the main process of a container."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Final

from ._answers import Answer, ApiError, Call, Reply, Streaming, json_answer
from ._bodies import CREATED_EXEC, STARTED_EXEC, decoded
from ._commands import CANNOT_RUN, MISSING, OUT, Print
from ._output import RAW_STREAM, frame, stream_headers
from ._records import Container, Exec
from ._starting import exec_program
from ._world import World

EXEC_FAILED: Final = "OCI runtime exec failed: exec failed: unable to start container process: "


def create_exec(world: World, call: Call) -> Reply:
    """`POST /containers/{id}/exec`."""
    body = decoded(call, CREATED_EXEC)
    command = body.get("Cmd") or []
    if not command:
        raise ApiError(400, "No exec command specified")
    container = world.container(call.ref)
    _check_ready(container, call.ref)
    made = Exec(
        id=world.new_id(),
        container_id=container.id,
        command=[str(word) for word in command],
        user=body.get("User") or "",
        environment=tuple(body.get("Env") or ()),
        directory=body.get("WorkingDir") or "",
        has_stdin=bool(body.get("AttachStdin")),
        has_stdout=bool(body.get("AttachStdout")),
        has_stderr=bool(body.get("AttachStderr")),
        has_tty=bool(body.get("Tty")),
        is_privileged=bool(body.get("Privileged")),
    )
    world.execs[made.id] = made
    container.exec_ids.append(made.id)
    world.events.of_container(container, f"exec_create: {_line(made)}", execID=made.id)
    return json_answer({"Id": made.id}, status=201)


def _line(known: Exec) -> str:
    return f"{known.command[0]} {' '.join(known.command[1:])}"


def _check_ready(container: Container, shown: str) -> None:
    if not container.state.is_running:
        raise ApiError(409, f"Container {container.id} is not running")
    if container.state.is_paused:
        message = f"Container {shown} is paused, unpause the container before exec"
        raise ApiError(409, message)
    if container.state.is_restarting:
        message = f"Container {container.id} is restarting, wait until the container is running"
        raise ApiError(409, message)


def inspect_exec(world: World, call: Call) -> Reply:
    """`GET /exec/{id}/json`."""
    known = _exec(world, call.ref)
    process = {
        "tty": known.has_tty,
        "entrypoint": known.command[0],
        "arguments": known.command[1:],
        "privileged": known.is_privileged,
    }
    if known.user:
        process["user"] = known.user
    return json_answer(
        {
            "ID": known.id,
            "Running": known.is_running,
            "ExitCode": known.exit_code,
            "ProcessConfig": process,
            "OpenStdin": known.has_stdin,
            "OpenStderr": known.has_stderr,
            "OpenStdout": known.has_stdout,
            "CanRemove": False,
            "ContainerID": known.container_id,
            "DetachKeys": "",
            "Pid": known.pid,
        }
    )


def start_exec(world: World, call: Call) -> Reply:
    """`POST /exec/{id}/start`; attached, the answer lasts as long as the command.

    Attached, and with nobody to attach to, it is not started.
    """
    body = decoded(call, STARTED_EXEC)
    known = _exec(world, call.ref)
    container = world.containers[known.container_id]
    if not container.state.is_running:
        raise ApiError(404, f"No such exec instance: {call.ref}")
    _check_ready(container, container.id)
    if known.is_running:
        raise ApiError(409, f"Error: Exec command {known.id} is already running")
    is_attached = not body.get("Detach")
    if is_attached and call.is_abandoned:
        return Answer()
    problem = _begin(world, known, keeps_output=is_attached)
    if is_attached:
        chunks = partial(_output, world, container, known, problem)
        upgraded = stream_headers(world, container, call)
        return Streaming(chunks=chunks, headers=RAW_STREAM, upgraded=upgraded, is_raw=True)
    if problem is not None:
        raise ApiError(400, problem)
    return Answer()


async def _output(
    world: World, container: Container, known: Exec, problem: str | None
) -> AsyncIterator[bytes]:
    if problem is not None:
        yield frame(container, OUT, f"{problem}\r\n")
        return
    while True:
        printed, known.output = known.output, []
        for it in printed:
            if known.has_stdout if it.stream == OUT else known.has_stderr:
                yield frame(container, it.stream, it.text)
        if not known.output and not known.is_running:
            return
        await world.timeline.until(lambda: bool(known.output) or not known.is_running)


def _begin(world: World, known: Exec, *, keeps_output: bool) -> str | None:
    """Start a command; return what is wrong with it, if it cannot be started."""
    if known.has_run:
        return f"Error: Exec command {known.id} has already run"
    known.has_run = True
    container = world.containers[known.container_id]
    world.events.of_container(container, f"exec_start: {_line(known)}", execID=known.id)
    program = exec_program(world, container, known)
    if program.start_error is not None:
        message, code = program.start_error
        is_missing = code == MISSING
        known.exit_code = world.release.missing_exec_code if is_missing else CANNOT_RUN
        return world.release.worded(ApiError(400, EXEC_FAILED + message)).message
    known.is_running = True
    known.pid = world.new_pid()

    def write(printed: Print) -> None:
        if keeps_output:
            known.output.append(printed)
            world.timeline.tell()

    def end(code: int) -> None:
        known.is_running = False
        known.exit_code = code
        world.events.of_container(container, "exec_die", execID=known.id, exitCode=str(code))
        world.timeline.tell()

    known.running, begin = program.start(write=write, ended=end)
    begin()
    return None


def _exec(world: World, exec_id: str) -> Exec:
    known = world.execs.get(exec_id)
    if known is None:
        raise ApiError(404, f"No such exec instance: {exec_id}")
    return known
