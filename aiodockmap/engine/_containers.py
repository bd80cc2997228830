"""Calls about containers, but for how they stop, start and fail."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import quote

from anyio import fail_after, sleep
from attrs import define, evolve, field, frozen

from ..errors import EngineError, EngineTimeout, ResourceConflict, ResourceNotFound
from ..model import JsonObject, ResourceId, object_at
from ..state import ObservedContainer, Process
from ._connection import AnswerStream, Connection
from ._errors import unreadable
from ._observed import container_from_details, container_from_entry
from ._transport import ApiRequest

REMOVAL_POLL: Final = 0.05
"""Seconds between two looks at a container that is being removed."""


@frozen(kw_only=True)
class Created:
    """What the engine made."""

    id: str
    warnings: tuple[str, ...] = ()
    """What it grumbled about: settings that it ignores."""


@define(eq=False)
class ExitWaiter:
    """The next end of a container."""

    _answer: AnswerStream
    _code: int | None = field(default=None, init=False)

    async def code(self) -> int:
        """Wait until the container ends; may be asked again.

        Raises:
            EngineUnreachable: if the engine goes away meanwhile.
        """
        if self._code is None:
            self._code = self._decode(await self._answer.read())
        return self._code

    def _decode(self, body: bytes) -> int:
        answer = self._answer
        try:
            result = json.loads(body)
            code = int(result["StatusCode"])
        except (LookupError, TypeError, ArithmeticError, ValueError, RecursionError) as problem:
            raise unreadable(
                answer.request, answer.resource, engine=answer.connection.name
            ) from problem
        # Absent on some engines, null on others.
        trouble = object_at(result, "Error").get("Message")
        if trouble:
            raise EngineError(str(trouble), resource=answer.resource, call=str(answer.request))
        return code


def container_path(ref: str, call: str = "") -> str:
    """The path of a container, or of a call on it."""
    path = f"containers/{quote(ref, safe='')}"
    return f"{path}/{call}" if call else path


async def create_container(
    connection: Connection,
    resource: ResourceId,
    name: str,
    body: JsonObject,
    *,
    platform: str | None = None,
) -> Created:
    """See `Engine.create_container`."""
    query = {"name": name}
    if platform is not None:
        query["platform"] = platform
    request = connection.short_call("POST", "containers/create", query=query, body=body)
    answer = await connection.read_object(request, resource)
    created = connection.interpret(answer, _created, request, resource)
    connection.learn_from(created.warnings)
    return created


def _created(answer: dict[str, Any]) -> Created:
    return Created(id=str(answer["Id"]), warnings=_warnings(answer))


def _warnings(answer: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(warning) for warning in answer.get("Warnings") or ())


async def rename_container(
    connection: Connection, resource: ResourceId, ref: str, name: str
) -> None:
    """See `Engine.rename_container`."""
    request = connection.short_call("POST", container_path(ref, "rename"), query={"name": name})
    await connection.call(request, resource)


async def update_container(
    connection: Connection, resource: ResourceId, ref: str, body: JsonObject
) -> tuple[str, ...]:
    """See `Engine.update_container`."""
    request = connection.short_call("POST", container_path(ref, "update"), body=body)
    answer = await connection.read_object(request, resource)
    warnings = connection.interpret(answer, _warnings, request, resource)
    connection.learn_from(warnings)
    return warnings


async def list_processes(
    connection: Connection, resource: ResourceId, ref: str
) -> tuple[Process, ...] | None:
    """See `Engine.list_processes`."""
    info = await connection.connect()
    # Podman tells these by itself; for options of `ps` it runs the `ps` of the container, if it has one.
    columns = "pid,user,args" if info.flavour == "podman" else "-eo pid,user,args"
    request = connection.short_call("GET", container_path(ref, "top"), query={"ps_args": columns})
    try:
        answer = await connection.read_object(request, resource)
    except (ResourceConflict, ResourceNotFound):
        return None
    processes = connection.interpret(answer, _processes, request, resource)
    return tuple(evolve(each, user=_inside(each.user, info.first_user)) for each in processes)


def _processes(answer: dict[str, Any]) -> tuple[Process, ...]:
    rows = [row for row in answer.get("Processes") or () if isinstance(row, list)]
    return tuple(
        Process(user=str(row[1]), command=str(row[2])) for row in rows if len(row) == _TOP_COLUMNS
    )


def _inside(user: str, first_user: int) -> str:
    """Who a user of the host is in a container; those below the first one are of no container."""
    if not user.isdigit() or int(user) < first_user:
        return user
    return str(int(user) - first_user)


_TOP_COLUMNS: Final = 3


@asynccontextmanager
async def exit_of(
    connection: Connection, resource: ResourceId, ref: str
) -> AsyncIterator[ExitWaiter]:
    """See `Engine.exit_of`."""
    request = ApiRequest(
        method="POST",
        path=container_path(ref, "wait"),
        query={"condition": "next-exit"},
        timeout=connection.call_timeout,
        waits=True,
    )
    # Engines send the headers as soon as they watch.
    async with connection.stream(request, resource) as answer:
        yield ExitWaiter(answer)


async def wait_for_end(connection: Connection, resource: ResourceId, ref: str) -> int:
    """See `Engine.wait_for_end`."""
    request = ApiRequest(
        method="POST",
        path=container_path(ref, "wait"),
        query={"condition": "not-running"},
        timeout=connection.call_timeout,
        waits=True,
    )
    async with connection.stream(request, resource) as answer:
        return await ExitWaiter(answer).code()


async def remove_container(
    connection: Connection,
    resource: ResourceId,
    ref: str,
    *,
    force: bool = False,
    volumes: bool = False,
) -> bool:
    """See `Engine.remove_container`."""
    switches = {"force": force, "v": volumes}
    request = connection.short_call(
        "DELETE",
        container_path(ref),
        query={name: "1" for name, is_on in switches.items() if is_on},
    )
    try:
        await connection.call(request, resource)
    except ResourceNotFound:
        return False
    except ResourceConflict as conflict:
        if "already in progress" not in conflict.message:
            raise
        await _wait_until_gone(connection, resource, ref, request)
        return False
    return True


async def inspect_container(
    connection: Connection, resource: ResourceId | None, ref: str
) -> ObservedContainer | None:
    """See `Engine.inspect_container`."""
    details = await container_details(connection, resource, ref)
    if details is None:
        return None
    request = connection.short_call("GET", container_path(ref, "json"))
    return connection.interpret(details, container_from_details, request, resource)


async def container_details(
    connection: Connection, resource: ResourceId | None, ref: str
) -> dict[str, Any] | None:
    """`GET /containers/{id}/json`; None if there is none."""
    request = connection.short_call("GET", container_path(ref, "json"))
    try:
        details = await connection.read_object(request, resource)
    except ResourceNotFound:
        return None
    if not all(isinstance(details.get(section), dict | None) for section in _SECTIONS):
        raise unreadable(request, resource, engine=connection.name)
    return details


_SECTIONS: Final = ("State", "Config", "HostConfig", "NetworkSettings")
"""The parts of the details of a container that everybody looks into."""


async def list_containers(connection: Connection) -> list[ObservedContainer]:
    """See `Engine.list_containers`."""
    request = connection.short_call("GET", "containers/json", query={"all": "1"})
    entries = await connection.read_list(request)
    return [connection.interpret(entry, container_from_entry, request) for entry in entries]


async def _wait_until_gone(
    connection: Connection, resource: ResourceId, ref: str, removal: ApiRequest
) -> None:
    try:
        with fail_after(connection.call_timeout):
            # Nothing tells of the end of a removal that could be waited for.
            while await container_details(connection, resource, ref) is not None:  # noqa: ASYNC110
                await sleep(REMOVAL_POLL)
    except EngineTimeout:
        raise
    except TimeoutError as timeout:
        raise EngineTimeout(
            f"somebody else's removal did not end within {connection.call_timeout:g} s",
            resource=resource,
            call=str(removal),
        ) from timeout
