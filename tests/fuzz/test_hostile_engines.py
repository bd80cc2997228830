"""Whatever an engine answers, there is an error of ours, or a result, and soon (ERR-10)."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from anyio import current_time
from attrs import define, evolve, field, frozen
from hostile_values import ODD_VALUES, places, with_odd
from hypothesis import given, settings
from hypothesis import strategies as st
from run_partners import in_virtual_time

from aiodockmap import ActionRunnerError, AioDockMapError, ContainerMap, MapClient
from aiodockmap.engine import (
    ApiRequest,
    ApiResponse,
    ApiStream,
    ConnectionBroken,
    Refused,
    Transport,
)
from aiodockmap.testing import EmbeddedEngine, EmbeddedImage

# Each example is a whole life of a landscape.
FUZZ = settings(
    settings.get_profile("fuzz"), max_examples=settings.get_profile("fuzz").max_examples // 3
)

LANDSCAPE: dict[str, Any] = {
    "db": {
        "image": "db:1",
        "attaches": ["data"],
        "user": "1000",
        "networks": ["back"],
        "exec_commands": ["/bin/true"],
        "stop_signal": "SIGINT",
        "stop_timeout": 1,
    },
    "web": {
        "image": "web:1",
        "uses": ["data"],
        "networks": ["back", "front"],
        "exposes": {80: 8080},
        "host_config": {"mem_limit": "64m"},
        "create_options": {"environment": {"A": "1"}},
        "links": [],
        "stop_timeout": 1,
    },
    "volumes": {"data": "/data"},
    "networks": {"back": {}, "front": {}},
}
CHANGED: dict[str, Any] = {
    **LANDSCAPE,
    "web": {
        **LANDSCAPE["web"],
        "create_options": {"environment": {"A": "2"}},
        "host_config": {"mem_limit": "128m"},
    },
    "db": {**LANDSCAPE["db"], "host_config": {"mem_limit": "32m"}},
}
DAY = 86_400
"""Virtual seconds: what an engine can keep a run busy with, at most."""

Spoil = Callable[[bytes], bytes]


@frozen
class Lie:
    """What is wrong with the answer to the n-th call, counted from 0."""

    call: int
    spoil: Spoil = field(repr=False)
    what: str
    status: int | None = None
    headers: Mapping[str, str] | None = None


@define(eq=False)
class LyingTransport:
    """A way to an engine that changes the answers to some calls."""

    inner: Transport
    lies: Mapping[int, Lie]
    seen: int = 0

    @property
    def api_version(self) -> str | None:
        return self.inner.api_version

    @api_version.setter
    def api_version(self, version: str | None) -> None:
        self.inner.api_version = version

    def _lie(self) -> Lie | None:
        self.seen += 1
        return self.lies.get(self.seen - 1)

    async def request(self, request: ApiRequest) -> ApiResponse:
        lie = self._lie()
        answer = await self.inner.request(request)
        if lie is None:
            return answer
        if lie.status is not None and lie.status >= 400:
            raise Refused(lie.status, lie.spoil(answer.body).decode(errors="replace"))
        return evolve(
            answer,
            body=lie.spoil(answer.body),
            status=lie.status or answer.status,
            headers=answer.headers if lie.headers is None else lie.headers,
        )

    @asynccontextmanager
    async def stream(self, request: ApiRequest) -> AsyncIterator[ApiStream]:
        lie = self._lie()
        async with self.inner.stream(request) as stream:
            yield stream if lie is None else LyingStream(stream, lie)

    async def aclose(self) -> None:
        await self.inner.aclose()


@frozen
class LyingStream:
    inner: ApiStream
    lie: Lie

    @property
    def status(self) -> int:
        return self.inner.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self.inner.headers if self.lie.headers is None else self.lie.headers

    async def chunks(self) -> AsyncGenerator[bytes]:
        content = b"".join([chunk async for chunk in self.inner.chunks()])
        spoilt = self.lie.spoil(content)
        for start in range(0, len(spoilt), 7):
            yield spoilt[start : start + 7]
        if self.lie.what == "cut":
            raise ConnectionBroken("it broke off")


def _elsewhere(draw: st.DrawFn) -> Spoil:
    where, odd = draw(st.integers(min_value=0, max_value=10**6)), draw(ODD_VALUES)

    def spoil(body: bytes) -> bytes:
        try:
            answer = json.loads(body)
        except ValueError:
            return repr(odd).encode()
        candidates = list(places(answer))
        place = candidates[where % len(candidates)]
        return json.dumps(with_odd(answer, place, odd), default=repr).encode()

    return spoil


@st.composite
def lies(draw: st.DrawFn) -> Lie:
    call = draw(st.integers(min_value=0, max_value=60))
    kind = draw(
        st.sampled_from(
            [
                "odd",
                "odd",
                "odd",
                "odd",
                "cut",
                "junk",
                "empty",
                "deep",
                "status",
                "headers",
                "twice",
            ]
        )
    )
    match kind:
        case "odd":
            return Lie(call, _elsewhere(draw), kind)
        case "cut":
            end = draw(st.integers(min_value=0, max_value=200))
            return Lie(call, lambda body: body[:end], kind)
        case "junk":
            junk = draw(st.binary(max_size=40))
            return Lie(call, lambda _: junk, kind)
        case "deep":
            return Lie(call, lambda _: b"[" * 100_000, kind)
        case "status":
            status = draw(st.sampled_from([204, 304, 400, 401, 404, 409, 418, 500, 503]))
            return Lie(call, lambda body: body, kind, status=status)
        case "headers":
            odd = draw(st.sampled_from(["", "x", "1.", "99999.9", "-1.2", "1.41.1"]))
            return Lie(call, lambda body: body, kind, headers={"api-version": odd})
        case "twice":
            return Lie(call, lambda body: body + body, kind)
        case _:
            return Lie(call, lambda _: b"", kind)


async def live(told: Mapping[int, Lie]) -> int:
    """Use an engine that lies, from startup to shutdown; how many calls it got."""
    engine = EmbeddedEngine(images=())
    for image in ("db:1", "web:1"):
        engine.registry.publish(image, EmbeddedImage(command=("/bin/sleep", "100000")))
    transport = LyingTransport(engine.transport(), told)
    for landscape, actions in (
        (LANDSCAPE, ("startup",)),
        (CHANGED, ("update", "status", "stop", "shutdown")),
    ):
        async with MapClient(ContainerMap("site", landscape), default_client=transport) as client:
            for action in actions:
                try:
                    await getattr(client, action)("__all__")
                except ActionRunnerError as failed:
                    for error in failed.exceptions:
                        assert isinstance(error, AioDockMapError), repr(error)
                except AioDockMapError:
                    pass
    assert current_time() < DAY
    return transport.seen


def test_an_engine_that_does_not_lie_is_asked_often_enough() -> None:
    assert in_virtual_time(partial(live, {})) > 60


@settings(FUZZ)
@given(st.lists(lies(), min_size=1, max_size=4))
def test_an_engine_that_lies_is_an_error_of_ours_or_does_no_harm(told: list[Lie]) -> None:
    in_virtual_time(partial(live, {lie.call: lie for lie in told}))
