"""Whoever cancels, wherever: nothing is left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import anyio
import pytest
from anyio import CancelScope, create_task_group, fail_after, get_cancelled_exc_class
from anyio.lowlevel import checkpoint
from attrs import define, field
from engine_partners import HANG, Names, ScriptedEngine, chunked
from raw_engine import RawEngine

from aiodockmap.engine import ApiRequest, ApiResponse, ApiStream, Engine, Transport, settled
from aiodockmap.engine._aiodocker import AiodockerTransport
from aiodockmap.errors import PreparationFailed
from aiodockmap.model import DEFAULT_ENGINE, ResourceId
from aiodockmap.state import ExecSpec, StopPolicy, VolumeOwnership

real = pytest.mark.engine

OWNERSHIP = VolumeOwnership(owner="33")

AsyncCall = Callable[[], Coroutine[Any, Any, object]]
Canceller = Callable[[AsyncCall, anyio.Event], Awaitable[None]]


async def cancel_by_scope(call: AsyncCall, moment: anyio.Event) -> None:
    async with create_task_group() as tasks:
        tasks.start_soon(call)
        await moment.wait()
        tasks.cancel_scope.cancel()


async def cancel_by_task(call: AsyncCall, moment: anyio.Event) -> None:
    task = asyncio.ensure_future(call())
    with fail_after(30):
        await moment.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def cancel_twice(call: AsyncCall, moment: anyio.Event) -> None:
    task = asyncio.ensure_future(call())
    with fail_after(30):
        await moment.wait()
    task.cancel()
    await checkpoint()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


cancellers = pytest.mark.parametrize(
    "cancel",
    [
        pytest.param(cancel_by_scope, id="scope"),
        pytest.param(cancel_by_task, id="task"),
        pytest.param(cancel_twice, id="twice"),
    ],
)


@define(eq=False)
class Milestones:
    """The real way to an engine, which tells when a call is about to go out, and when it is back."""

    inner: Transport
    call: str
    """What the path of the call ends with, after its method."""
    moment: str
    reached: anyio.Event = field(factory=anyio.Event)

    @property
    def api_version(self) -> str | None:
        return self.inner.api_version

    @api_version.setter
    def api_version(self, version: str | None) -> None:
        self.inner.api_version = version

    async def request(self, request: ApiRequest) -> ApiResponse:
        self._reach(request, "before")
        response = await self.inner.request(request)
        self._reach(request, "after")
        return response

    @asynccontextmanager
    async def stream(self, request: ApiRequest) -> AsyncIterator[ApiStream]:
        self._reach(request, "before")
        async with self.inner.stream(request) as stream:
            self._reach(request, "after")
            yield stream

    async def aclose(self) -> None:
        await self.inner.aclose()

    def _reach(self, request: ApiRequest, moment: str) -> None:
        method, _, end = self.call.partition(" ")
        if (request.method, moment) == (method, self.moment) and request.path.endswith(end):
            self.reached.set()


def connections(transport: AiodockerTransport) -> int:
    return len(transport._docker.session.connector._acquired)  # type: ignore[union-attr]


@real
@cancellers
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(
    "call",
    [
        pytest.param("POST /create", id="create"),
        pytest.param("POST /wait", id="wait"),
        pytest.param("POST /start", id="start"),
        pytest.param("DELETE ", id="remove"),
    ],
)
async def test_a_preparation_leaves_no_container_wherever_it_is_cancelled(
    transport: AiodockerTransport,
    names: Names,
    raw_engine: RawEngine,
    test_image: str,
    cancel: Canceller,
    call: str,
    moment: str,
) -> None:
    data = names.volume()
    raw_engine.call("POST", "volumes/create", {"Name": data.name})
    milestones = Milestones(
        transport, call.replace("POST /create", "POST containers/create"), moment
    )
    engine = Engine.over(DEFAULT_ENGINE, milestones)

    async def prepare() -> None:
        await engine.prepare_volume(data, test_image, OWNERSHIP, wait_timeout=None)
        # The end of the last call is no place to be cancelled any more.
        await anyio.sleep_forever()

    with fail_after(40):
        await cancel(prepare, milestones.reached)

    assert raw_engine.container_names(names.prefix) == []
    assert connections(transport) == 0


@real
async def test_a_preparation_that_takes_too_long_is_ended(
    engine: Engine, names: Names, raw_engine: RawEngine, test_image: str
) -> None:
    data = names.volume()
    raw_engine.call("POST", "volumes/create", {"Name": data.name})

    with pytest.raises(PreparationFailed, match="longer than") as failure:
        await engine.prepare_volume(data, test_image, OWNERSHIP, wait_timeout=0)

    assert failure.value.resource == data
    assert raw_engine.container_names(names.prefix) == []


@real
@cancellers
@pytest.mark.parametrize("call", ["exit", "exec", "stop"])
async def test_a_cancelled_wait_holds_no_connection(
    transport: AiodockerTransport,
    names: Names,
    test_image: str,
    cancel: Canceller,
    call: str,
) -> None:
    web = names.container()
    engine = Engine.over(DEFAULT_ENGINE, transport)
    container = (await engine.create_container(web, {"Image": test_image})).id
    await engine.start_container(web, container)
    waiting = anyio.Event()

    async def wait_for_exit() -> None:
        async with engine.exit_of(web, container) as end:
            waiting.set()
            await end.code()

    async def wait_for_exec() -> None:
        command = ExecSpec(argv=("/bin/sleep", "900"))
        await engine.run_exec(web, container, command, on_started=waiting.set)

    async def wait_for_stop() -> None:
        milestones = Milestones(transport, "POST /stop", "before", reached=waiting)
        watched = Engine.over(DEFAULT_ENGINE, milestones)
        await watched.stop_container(web, container, StopPolicy(grace=5))

    calls = {"exit": wait_for_exit, "exec": wait_for_exec, "stop": wait_for_stop}
    with fail_after(3):
        await cancel(calls[call], waiting)

    assert connections(transport) == 0
    # All lanes are free again, too.
    with fail_after(20):
        await engine.kill_container(web, container, None)


@cancellers
@pytest.mark.parametrize(
    "said",
    [
        pytest.param(HANG, id="before-the-registry-answers"),
        pytest.param(chunked(b'{"status": "x"}\n', complete=False) + HANG, id="in-the-middle"),
    ],
)
async def test_a_cancelled_pull_hangs_up(
    scripted: ScriptedEngine,
    scripted_client: Engine,
    image: ResourceId,
    cancel: Canceller,
    said: bytes,
) -> None:
    scripted.on("POST /images/create", said)

    await cancel(lambda: scripted_client.pull_image(image, "web:1"), scripted.asked)

    with fail_after(5):
        await scripted.hung_up.wait()


async def test_a_settled_call_returns_what_it_returns() -> None:
    async def call() -> int:
        await checkpoint()
        return 3

    assert await settled(call, within=1) == 3


async def test_a_settled_call_raises_what_it_raises() -> None:
    async def call() -> None:
        await checkpoint()
        raise PreparationFailed("no")

    with pytest.raises(PreparationFailed, match="no"):
        await settled(call, within=1)


@cancellers
async def test_a_settled_call_goes_on_when_its_caller_is_cancelled(cancel: Canceller) -> None:
    started, finish = anyio.Event(), anyio.Event()
    ended: list[str] = []

    async def call() -> None:
        started.set()
        await finish.wait()
        ended.append("ended")

    async def finish_later() -> None:
        await started.wait()
        await anyio.wait_all_tasks_blocked()
        finish.set()

    async with create_task_group() as tasks:
        tasks.start_soon(finish_later)
        await cancel(lambda: settled(call, within=30), started)

    assert ended == ["ended"]


@cancellers
async def test_a_settled_call_is_given_up_after_its_time(cancel: Canceller) -> None:
    started = anyio.Event()
    ended: list[str] = []

    async def call() -> None:
        started.set()
        try:
            await anyio.sleep_forever()
        except get_cancelled_exc_class():
            ended.append("given up")
            raise

    with fail_after(10):
        await cancel(lambda: settled(call, within=0.05), started)

    assert ended == ["given up"]


async def test_a_settled_call_of_a_caller_that_was_cancelled_before_is_made() -> None:
    ended: list[str] = []

    async def call() -> None:
        await checkpoint()
        ended.append("ended")

    with CancelScope() as scope:
        scope.cancel()
        await settled(call, within=30)

    assert ended == ["ended"]


async def test_closing_is_done_even_if_the_closer_is_cancelled(
    scripted: ScriptedEngine, scripted_transport: AiodockerTransport
) -> None:
    engine = Engine.over(DEFAULT_ENGINE, scripted_transport)
    await engine.connect()

    with CancelScope() as scope:
        scope.cancel()
        await engine.aclose()

    assert scripted_transport._docker.session.closed
    with suppress(TimeoutError), fail_after(5):
        while scripted.open_connections:
            await checkpoint()
    assert scripted.open_connections == 0
