"""Whatever an engine answers, there is an error of ours, or a result (ERR-10)."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from attrs import evolve

from aiodockmap import ContainerMap, MapClient, Patience
from aiodockmap.engine import Engine, Transport, observe
from aiodockmap.engine._transport import ApiRequest, ApiResponse, ApiStream
from aiodockmap.errors import ActionRunnerError, EngineError
from aiodockmap.testing import EmbeddedEngine

LANDSCAPE = {
    "web": {
        "image": "site-example:latest",
        "stop_signal": "SIGKILL",
        "attaches": "data",
        "networks": ["front"],
        "exposes": [(80, 8080)],
        "exec_commands": ["/bin/true"],
    },
    "volumes": {"data": "/data"},
    "networks": {"front": None},
}


class OddTransport:
    """A way to an engine that changes what some calls answer."""

    def __init__(self, inner: Transport, call: str, change: Callable[[object], object]) -> None:
        self._inner = inner
        self._call = call
        self._change = change

    @property
    def api_version(self) -> str | None:
        return self._inner.api_version

    @api_version.setter
    def api_version(self, version: str | None) -> None:
        self._inner.api_version = version

    async def request(self, request: ApiRequest) -> ApiResponse:
        response = await self._inner.request(request)
        parts = request.path.split("/")
        named = f"{request.method} {parts[0]}/*/{parts[-1]}" if parts[2:] else ""
        if self._call not in (f"{request.method} {request.path}", named):
            return response
        changed = self._change(json.loads(response.body))
        return evolve(response, body=json.dumps(changed).encode())

    def stream(self, request: ApiRequest) -> AbstractAsyncContextManager[ApiStream]:
        return self._inner.stream(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


def put(*path: str | int, value: object) -> Callable[[object], object]:
    """Put something else at a place of the answer, where there is such a place."""

    def change(answer: object) -> object:
        if not path:
            return value
        here = answer
        for step in path[:-1]:
            if isinstance(here, list) and not here:
                return answer
            here = here[step]  # type: ignore[index]
        if here != []:
            here[path[-1]] = value  # type: ignore[index]
        return answer

    return change


ODD = [
    pytest.param("GET containers/json", put(0, value={}), id="container-without-id"),
    pytest.param("GET containers/json", put(0, "Labels", value=["x"]), id="labels-in-a-list"),
    pytest.param("GET networks", put(0, value={}), id="network-without-id"),
    pytest.param("GET networks", put(0, "Labels", value="x"), id="labels-as-text"),
    pytest.param("GET volumes", put("Volumes", value="x"), id="volumes-as-text"),
    pytest.param("GET images/json", put(0, "RepoTags", value=[None]), id="tag-of-nothing"),
    pytest.param("GET images/json", put(0, value={"RepoTags": ["a:b"]}), id="image-without-id"),
    pytest.param("GET containers/*/json", put(value={}), id="no-details"),
    pytest.param("GET containers/*/json", put("State", value=5), id="number-as-state"),
    pytest.param("GET containers/*/json", put("Config", value="x"), id="text-as-config"),
    pytest.param("GET containers/*/json", put("Mounts", value="x"), id="text-as-mounts"),
    pytest.param(
        "GET containers/*/json", put("NetworkSettings", "Ports", value={"a": "b"}), id="odd-ports"
    ),
    pytest.param(
        "GET containers/*/json", put("HostConfig", "NetworkMode", value=[]), id="odd-mode"
    ),
    pytest.param("GET containers/*/json", put("HostConfig", "CpuShares", value=[]), id="odd-limit"),
    pytest.param("GET containers/*/top", put("Processes", value=5), id="odd-processes"),
    pytest.param("POST containers/create", put(value={}), id="created-nothing"),
    pytest.param("POST containers/create", put("Warnings", value=[None]), id="warning-of-nothing"),
    pytest.param("POST networks/create", put(value={}), id="created-no-network"),
    pytest.param("POST containers/*/exec", put(value={}), id="exec-without-id"),
]


@pytest.mark.parametrize(("call", "change"), ODD)
async def test_odd_answers_are_engine_errors_or_do_no_harm(
    call: str, change: Callable[[object], object]
) -> None:
    engine = EmbeddedEngine()
    odd = OddTransport(engine.transport(), call, change)

    async with MapClient(
        ContainerMap("site", LANDSCAPE), default_client=odd, patience=Patience(settle=0)
    ) as client:
        for action in (client.startup, client.update):
            try:
                await action("web")
            except (ActionRunnerError, EngineError) as error:
                assert "cannot be read" in str(error)  # noqa: PT017 -- either is right


async def test_what_cannot_be_read_names_the_call() -> None:
    odd = OddTransport(EmbeddedEngine().transport(), "GET networks", put(0, value={}))
    engine = Engine.over("main", odd)

    with pytest.raises(
        EngineError, match=r"engine main: the answer cannot be read \[GET /networks\]"
    ):
        await observe(engine, ())


@pytest.mark.parametrize("looks", [1, 2])
async def test_one_that_seems_dead_is_looked_at_twice(looks: int) -> None:
    """Docker 28.5 shows a death of another process for a moment, if it was killed within the start before."""
    dead = [{"Status": "exited", "Running": False, "ExitCode": 137}] * looks

    def pretend(answer: object) -> object:
        return put("State", value=dead.pop())(answer) if dead else answer

    odd = OddTransport(EmbeddedEngine().transport(), "GET containers/*/json", pretend)
    landscape = ContainerMap("site", {"web": {"image": "site-example:latest"}})
    async with MapClient(landscape, default_client=odd, patience=Patience(settle=0)) as client:
        if looks == 1:
            assert (await client.startup("web")).ok
        else:
            with pytest.raises(ActionRunnerError) as failed:
                await client.startup("web")
            assert "exit code 137 right after its start" in str(failed.value.exceptions[0])
    assert not dead
