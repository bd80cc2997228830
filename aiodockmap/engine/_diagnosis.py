"""Why a container does not run."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from typing import Any, Final

from anyio import move_on_after

from ..errors import (
    ContainerFailed,
    EngineError,
    EngineUnreachable,
    ResourceConflict,
    ResourceNotFound,
)
from ..model import JsonObject, ResourceId, object_at
from ._connection import Connection
from ._containers import container_details, container_path
from ._errors import taken_port
from ._logs import LogQuery, open_log
from ._observed import is_about_lost_process
from ._redaction import redacted, redacted_output

NOT_MODIFIED: Final = 304

LOG_LINES: Final = 20
"""How many of its last lines an error about a container quotes."""
LONGEST_LINE: Final = 1_000

_ADVICE_BY_CODE: Final[Mapping[int, str]] = {
    125: "the engine could not set the container up; its own words are above",
    126: "the command cannot be executed: look at its permissions, and at its platform",
    127: "the command is not in the image: look at command and entrypoint, and at PATH",
    134: "the program aborted itself (SIGABRT)",
    137: "something killed the process (SIGKILL): perhaps the host was short of memory",
    139: "the program crashed (SIGSEGV)",
    143: "something asked the process to end (SIGTERM)",
}

_MISSING_COMMAND: Final = re.compile(
    r"executable file not found|no such file or directory|exec: .*: not found", re.IGNORECASE
)
_FORBIDDEN_COMMAND: Final = re.compile(r"permission denied", re.IGNORECASE)
_LOST_PROCESS: Final = (
    "the engine was killed while it started or stopped this container, and cannot start it any more:"
    " `startup` and `update` make it anew; look for its process on the host, which nothing ends"
)
_OUT_OF_MEMORY: Final = "the container ran out of memory: raise its memory limit (mem_limit)"


async def start_container(connection: Connection, resource: ResourceId, ref: str) -> bool:
    """See `Engine.start_container`."""
    request = connection.short_call("POST", container_path(ref, "start"))
    try:
        answer = await connection.call(request, resource)
    except (EngineUnreachable, ResourceNotFound):
        raise
    except ResourceConflict as conflict:
        port = taken_port(conflict)
        if port is not None:
            conflict = await _with_holder(connection, conflict, port)
        raise conflict from conflict.__cause__
    except EngineError as error:
        failure = await diagnose(
            connection, resource, ref, error.message, call=error.call, status=error.status
        )
        raise failure from (error if failure.message == error.message else None)
    return answer.status != NOT_MODIFIED


async def diagnose(
    connection: Connection,
    resource: ResourceId,
    ref: str,
    message: str,
    *,
    call: str = "",
    status: int | None = None,
) -> ContainerFailed:
    """See `Engine.diagnose`."""
    try:
        details = await container_details(connection, resource, ref) or {}
    except EngineError:
        details = {}
    state = details.get("State") or {}
    code = state.get("ExitCode")
    oom_killed = bool(state.get("OOMKilled"))
    config = object_at(details, "Config")
    return ContainerFailed(
        redacted(message, _created_from(details), name=resource.name),
        exit_code=code if isinstance(code, int) and not state.get("Running") else None,
        oom_killed=oom_killed,
        health_output=_health_output(state, config),
        log_tail=await _log_tail(connection, resource, ref, config),
        resource=resource,
        call=call,
        status=status,
        advice=_advice(message, code, oom_killed=oom_killed),
    )


async def read_log(
    connection: Connection, resource: ResourceId, ref: str, config: JsonObject
) -> tuple[str, ...]:
    """The last lines of a container's output, without secrets; `config` is `Config` of the container.

    Raises:
        EngineError: also where the container's log driver cannot be read (status 501).
    """
    query = LogQuery(tail=LOG_LINES)
    last: deque[str] = deque(maxlen=LOG_LINES)
    with move_on_after(connection.call_timeout):
        async with open_log(connection, resource, ref, query, is_raw=bool(config.get("Tty"))) as it:
            async for line in it:
                last.append(line.text)
    # Cut last: part of a secret would not be known as one.
    return tuple(redacted_output(line, config)[:LONGEST_LINE] for line in last)


async def _log_tail(
    connection: Connection, resource: ResourceId, ref: str, config: JsonObject
) -> tuple[str, ...]:
    if not config:
        return ()
    try:
        return await read_log(connection, resource, ref, config)
    except EngineError:
        return ()


def _created_from(details: JsonObject) -> JsonObject:
    """What the engine may quote of a container, as in the request that created it."""
    return {
        **object_at(details, "Config"),
        "HostConfig": object_at(details, "HostConfig"),
        "NetworkingConfig": object_at(details, "NetworkSettings"),
    }


async def _with_holder(
    connection: Connection, conflict: ResourceConflict, port: int
) -> ResourceConflict:
    """The conflict, with the name of the container that has the port, if one has."""
    request = connection.short_call("GET", "containers/json")
    try:
        entries = await connection.read_list(request)
    except EngineError:
        return conflict
    holders = sorted(
        str((entry.get("Names") or [entry["Id"][:12]])[0]).lstrip("/")
        for entry in entries
        if any(published.get("PublicPort") == port for published in entry.get("Ports") or ())
    )
    holder = f"container {holders[0]}" if holders else "a process outside of this engine"
    return ResourceConflict(
        conflict.message,
        resource=conflict.resource,
        call=conflict.call,
        status=conflict.status,
        advice=f"port {port} is taken by {holder}: publish another one, or stop what holds it",
    )


def _health_output(state: dict[str, Any], config: JsonObject) -> str | None:
    checks = (state.get("Health") or {}).get("Log") or ()
    return redacted_output(str(checks[-1].get("Output") or ""), config) or None if checks else None


def _advice(message: str, code: object, *, oom_killed: bool) -> str | None:
    if oom_killed:
        return _OUT_OF_MEMORY
    if is_about_lost_process(message):
        return _LOST_PROCESS
    if _MISSING_COMMAND.search(message):
        return _ADVICE_BY_CODE[127]
    if _FORBIDDEN_COMMAND.search(message):
        return _ADVICE_BY_CODE[126]
    return _ADVICE_BY_CODE.get(code) if isinstance(code, int) else None
