"""Commands inside running containers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import aclosing
from datetime import datetime
from functools import partial
from typing import Any, Final

from anyio import move_on_after, sleep
from attrs import frozen

from ..errors import ResourceNotFound
from ..model import ResourceId
from ..state import ExecSpec
from ._connection import Connection
from ._containers import container_details, container_path
from ._logs import LogLine, output_lines
from ._transport import ApiRequest

STATUS_GRACE: Final = 2.0
"""Seconds between the end of a command's output and its status being known."""
STATUS_POLL: Final = 0.02
OTHERS_POLL: Final = 0.25
"""Seconds between two looks at a command that somebody else has begun."""


@frozen(kw_only=True)
class ExecResult:
    """A command that was run inside a container."""

    id: str
    exit_code: int | None = None
    """None for a command that nobody waited for."""


async def run_exec(
    connection: Connection,
    resource: ResourceId,
    ref: str,
    command: ExecSpec,
    *,
    on_started: Callable[[], None] | None = None,
    on_output: Callable[[LogLine], None] | None = None,
) -> ExecResult:
    """See `Engine.run_exec`."""
    body: dict[str, object] = {
        "Cmd": list(command.argv),
        "AttachStdout": not command.detach,
        "AttachStderr": not command.detach,
    }
    if command.user:
        body["User"] = command.user
    creation = connection.short_call("POST", container_path(ref, "exec"), body=body)
    created = await connection.read_object(creation, resource)
    exec_id = connection.interpret(created, _exec_id, creation, resource)
    if command.detach:
        await connection.call(
            connection.short_call("POST", f"exec/{exec_id}/start", body={"Detach": True}),
            resource,
        )
        return ExecResult(id=exec_id)
    request = ApiRequest(
        method="POST",
        path=f"exec/{exec_id}/start",
        body={"Detach": False, "Tty": False},
        waits=True,
    )
    async with connection.stream(request, resource) as answer:
        if on_started is not None:
            on_started()
        # The end of the output is the end of the command.
        if on_output is None:
            async for _ in answer.chunks():
                pass
        else:
            async with aclosing(output_lines(answer)) as lines:
                async for line in lines:
                    on_output(line)
    return ExecResult(id=exec_id, exit_code=await _exit_code(connection, resource, exec_id))


async def outwait_command(
    connection: Connection, resource: ResourceId, ref: str, command: ExecSpec, *, within: float
) -> bool:
    """See `Engine.outwait_command`."""
    details = await container_details(connection, resource, ref)
    if details is None:
        return False
    exec_id = None
    with move_on_after(within):
        exec_id = await _next_begun(connection, resource, details, command)
    while exec_id is not None and not command.detach:
        if await _running(connection, resource, exec_id) is None:
            break
        await sleep(OTHERS_POLL)
    return exec_id is not None


async def _next_begun(
    connection: Connection, resource: ResourceId, details: dict[str, Any], command: ExecSpec
) -> str | None:
    """The id under which a command is begun in a container, or has been since its start."""
    inspection = connection.short_call("GET", container_path(resource.name, "json"))
    query = connection.interpret(details, _events_since_start, inspection, resource)
    request = ApiRequest(method="GET", path="events", query=query, waits=True)
    begun_as = partial(_begun_as, " ".join(command.argv).rstrip())
    async with connection.stream(request, resource) as answer:
        async for line in answer.lines():
            exec_id = connection.interpret(line, begun_as, request, resource)
            if exec_id is not None:
                return exec_id
    return None


def _events_since_start(details: dict[str, Any]) -> dict[str, str]:
    started = datetime.fromisoformat(details["State"]["StartedAt"]).timestamp()
    filters = {"type": ["container"], "container": [details["Id"]]}
    return {"since": f"{started:.6f}", "filters": json.dumps(filters)}


def _begun_as(command: str, event: bytes) -> str | None:
    """The id of a command that has begun then; None for anything else."""
    told = json.loads(event)
    kind, _, line = str(told["Action"]).partition(": ")
    is_begin = kind == "exec_start" and line.rstrip() == command
    return str(told["Actor"]["Attributes"]["execID"]) if is_begin else None


async def _running(
    connection: Connection, resource: ResourceId, exec_id: str
) -> dict[str, Any] | None:
    """`GET /exec/{id}/json` of a command that goes on; those that an engine has forgotten have ended."""
    try:
        details = await connection.read_object(_inspection(connection, exec_id), resource)
    except ResourceNotFound:
        return None
    return details if details.get("Running") else None


def _inspection(connection: Connection, exec_id: str) -> ApiRequest:
    return connection.short_call("GET", f"exec/{exec_id}/json")


async def running_commands(
    connection: Connection, resource: ResourceId, exec_ids: Iterable[str]
) -> frozenset[tuple[str, ...]]:
    """See `Engine.running_commands`."""
    found = set[tuple[str, ...]]()
    for exec_id in exec_ids:
        details = await _running(connection, resource, exec_id)
        if details is not None:
            inspection = _inspection(connection, exec_id)
            found.add(connection.interpret(details, _argv, inspection, resource))
    return frozenset(found)


def _argv(details: dict[str, Any]) -> tuple[str, ...]:
    process = details["ProcessConfig"]
    return (str(process["entrypoint"]), *map(str, process.get("arguments") or ()))


def _exec_id(created: dict[str, Any]) -> str:
    return str(created["Id"])


async def _exit_code(connection: Connection, resource: ResourceId, exec_id: str) -> int | None:
    request = _inspection(connection, exec_id)
    details: dict[str, Any] = {}
    with move_on_after(STATUS_GRACE):
        while True:
            details = await connection.read_object(request, resource)
            if not details.get("Running"):
                break
            await sleep(STATUS_POLL)
    code = details.get("ExitCode")
    return code if isinstance(code, int) and not details.get("Running") else None
