"""Cancelling runs on a real engine, once in each kind of step (ERR-11).

The embedded engine has every moment; this is for what only a real one does when a caller hangs up.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from fnmatch import fnmatchcase

import pytest
from anyio.lowlevel import checkpoint
from raw_engine import RawEngine
from run_partners import (
    Cancel,
    Canceller,
    Log,
    WatchedTransport,
    by_scope,
    by_task,
    by_task_repeatedly,
    by_timeout,
    full_map,
    stray_tasks,
    words,
)

from aiodockmap import ContainerMap, Event, MapClient, StepFinished, StepStarted
from aiodockmap.engine import ApiRequest
from aiodockmap.engine._aiodocker import AiodockerTransport
from aiodockmap.engine._clients import connect_to
from aiodockmap.engine._hosts import resolve_address
from aiodockmap.state import HELPER_LABEL

pytestmark = pytest.mark.engine


@pytest.fixture
async def real(docker_url: str) -> AsyncIterator[AiodockerTransport]:
    transport = connect_to(resolve_address(docker_url))
    yield transport
    await transport.aclose()


@pytest.fixture
def way(real: AiodockerTransport) -> WatchedTransport:
    return WatchedTransport(real)


@pytest.fixture
async def silent_registry() -> AsyncIterator[tuple[str, asyncio.Event]]:
    """Where a registry would be that never answers, and whether somebody has asked it."""
    asked = asyncio.Event()
    writers = []

    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        asked.set()

    server = await asyncio.start_server(say_nothing, "127.0.0.1")
    yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", asked
    for writer in writers:
        writer.close()
        await writer.wait_closed()
    server.close()
    await server.wait_closed()


def strike_at_call(way: WatchedTransport, moment: str, call: str) -> Callable[[Cancel], None]:
    """Cancel when the first call of a kind is about to go out, is open, or is back."""

    def arm(cancel: Cancel) -> None:
        is_done = False

        async def strike(request: ApiRequest) -> None:
            nonlocal is_done
            if not is_done and fnmatchcase(str(request), call):
                is_done = True
                cancel()
                await checkpoint()

        setattr(way, moment, strike)

    return arm


def strike_at_step(log: Log, step: str) -> Callable[[Cancel], None]:
    """Cancel when a step of a kind has been begun for a moment."""

    def arm(cancel: Cancel) -> None:
        def watch(event: Event) -> None:
            if isinstance(event, StepStarted) and words(event.step).startswith(step):
                asyncio.get_running_loop().call_later(0.02, cancel)

        log.on_event = watch

    return arm


def temporary_containers(raw_engine: RawEngine, prefix: str) -> list[str]:
    entries = raw_engine.get("containers/json", all="true")
    return [
        name
        for entry in entries
        if HELPER_LABEL in entry["Labels"]
        for name in entry["Names"]
        if name.startswith(f"/{prefix}")
    ]


@asynccontextmanager
async def checked(
    raw_engine: RawEngine, prefix: str, real: AiodockerTransport, way: WatchedTransport, log: Log
) -> AsyncIterator[None]:
    """See that what happens inside leaves nothing behind and tells all."""
    yield
    assert temporary_containers(raw_engine, prefix) == []
    assert stray_tasks() == set()
    assert way.is_idle, way.open
    connector = real._docker.session.connector
    assert connector is not None
    assert not connector._acquired, "connections are still in use"
    log.check_shape()
    way.before = way.opened = way.after = log.on_event = None


def check_that_all_is_up(raw_engine: RawEngine, prefix: str) -> None:
    details = {name: raw_engine.container(f"{prefix}.{name}") for name in ("store", "web", "top")}
    assert all(found and found["State"]["Running"] for found in details.values())
    networks = (details["web"] or {})["NetworkSettings"]["Networks"]
    assert set(networks) == {f"{prefix}.front", f"{prefix}.back"}


@pytest.mark.parametrize(
    ("cancel", "moment", "call"),
    [
        pytest.param(by_task, "before", "POST /volumes/create", id="volume"),
        pytest.param(by_timeout, "after", "POST /networks/create", id="network_made"),
        pytest.param(by_task, "before", "POST /containers/create", id="create"),
        pytest.param(by_task_repeatedly, "after", "POST /containers/create", id="created"),
        pytest.param(
            by_task, "opened", "POST /containers/*.aiodockmap-prepare/wait", id="helper_created"
        ),
        pytest.param(
            by_timeout, "after", "POST /containers/*.aiodockmap-prepare/start", id="helper_runs"
        ),
        pytest.param(by_task_repeatedly, "before", "DELETE /containers/*", id="helper_removal"),
        pytest.param(by_task, "before", "POST /networks/*/connect", id="connect"),
        pytest.param(by_scope, "before", "POST /containers/*.store/start", id="start"),
        pytest.param(by_task, "after", "POST /containers/*.store/start", id="settling"),
        pytest.param(by_task, "opened", "POST /exec/*/start", id="exec_runs"),
    ],
)
async def test_a_startup_that_was_cancelled_is_finished_by_a_second_one(
    real: AiodockerTransport,
    way: WatchedTransport,
    raw_engine: RawEngine,
    prefix: str,
    test_image: str,
    cancel: Canceller,
    moment: str,
    call: str,
) -> None:
    log = Log()
    site = full_map(prefix, image=test_image, pulled=None, grace=0)

    async with MapClient(site, default_client=way, on_event=log) as client:
        async with checked(raw_engine, prefix, real, way, log):
            assert await cancel(
                lambda: client.startup("__all__"), strike_at_call(way, moment, call)
            )
        assert log.report.not_run

        await client.startup("__all__")

        assert (await client.plan("startup", "__all__")).is_empty
        check_that_all_is_up(raw_engine, prefix)


async def test_a_cancelled_delay_ends_at_once(
    real: AiodockerTransport,
    way: WatchedTransport,
    raw_engine: RawEngine,
    prefix: str,
    test_image: str,
) -> None:
    log = Log()
    site = ContainerMap.from_dict(
        prefix, {"containers": {"a": {"image": test_image, "start_delay": 1000}}}
    )

    async with MapClient(site, default_client=way, on_event=log) as client:
        async with checked(raw_engine, prefix, real, way, log):
            assert await by_task(lambda: client.startup("a"), strike_at_step(log, "wait"))

        assert [words(step).partition(" ")[0] for step in log.report.interrupted] == ["wait"]
        assert (await client.plan("startup", "a")).is_empty


async def test_a_cancelled_pull_ends_at_once(
    real: AiodockerTransport,
    way: WatchedTransport,
    raw_engine: RawEngine,
    prefix: str,
    silent_registry: tuple[str, asyncio.Event],
) -> None:
    log = Log()
    registry, asked = silent_registry
    site = ContainerMap.from_dict(prefix, {"containers": {"a": {"image": f"{registry}/x:1"}}})

    async def strike_when_asked(cancel: Cancel) -> None:
        await asked.wait()
        cancel()

    def arm(cancel: Cancel) -> None:
        strikers.append(asyncio.ensure_future(strike_when_asked(cancel)))

    strikers: list[asyncio.Future[None]] = []
    async with (
        MapClient(site, default_client=way, on_event=log) as client,
        checked(raw_engine, prefix, real, way, log),
    ):
        assert await by_task(lambda: client.startup("a"), arm)

    assert [words(step).partition(" ")[0] for step in log.report.interrupted] == ["pull"]


@pytest.mark.parametrize("action", ["stop", "shutdown", "restart"])
async def test_a_cancelled_stop_does_not_wait_for_the_grace_period(
    real: AiodockerTransport,
    way: WatchedTransport,
    raw_engine: RawEngine,
    prefix: str,
    test_image: str,
    action: str,
) -> None:
    log = Log()
    site = ContainerMap.from_dict(
        prefix, {"containers": {"a": {"image": test_image, "stop_timeout": 1000}}}
    )
    act: dict[str, Callable[[], Awaitable[object]]] = {}

    async with MapClient(site, default_client=way, on_event=log) as client:
        await client.startup("a")
        log.events.clear()
        act = {
            "stop": lambda: client.stop("a"),
            "shutdown": lambda: client.shutdown("a"),
            "restart": lambda: client.restart("a"),
        }

        async with checked(raw_engine, prefix, real, way, log):
            assert await by_task(act[action], strike_at_step(log, "stop"))

        assert [words(step).partition(" ")[0] for step in log.report.interrupted] == ["stop"]
        assert len(log.of(StepFinished)) == 1


async def test_a_cancelled_shutdown_is_finished_by_a_second_one(
    real: AiodockerTransport,
    way: WatchedTransport,
    raw_engine: RawEngine,
    prefix: str,
    test_image: str,
) -> None:
    log = Log()
    site = full_map(prefix, image=test_image, pulled=None, grace=0)

    async with MapClient(site, default_client=way, on_event=log) as client:
        await client.startup("__all__")
        log.events.clear()
        async with checked(raw_engine, prefix, real, way, log):
            assert await by_task(
                lambda: client.shutdown("__all__", remove_attached=True),
                strike_at_call(way, "before", "DELETE /containers/*"),
            )

        await client.shutdown("__all__", remove_attached=True)

        assert (await client.plan("shutdown", "__all__", remove_attached=True)).is_empty
    assert raw_engine.container_names(prefix) == []
    assert raw_engine.volume_names(prefix) == []
