"""Cancelling a script at any moment: its container is never left behind (SCR-17, ERR-11).

On the embedded engine, whose clock is virtual, so that every moment can be had.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from anyio import sleep
from run_partners import (
    Cancel,
    Canceller,
    CountedLoop,
    Log,
    WatchedTransport,
    by_scope,
    by_task,
    by_task_repeatedly,
    by_timeout,
    in_virtual_time,
    stray_tasks,
    travel,
)

from aiodockmap import ActionRunnerError, ContainerMap, MapClient, ScriptActionError
from aiodockmap.engine import ApiRequest
from aiodockmap.testing import Behaviour, Delay, EmbeddedEngine, Reject

UNDISTURBED_TURNS = 1_000
LANDSCAPE: dict[str, Any] = {
    "db": {"image": "site-example:latest"},
    "job": {"image": "site-example:latest", "links": ["db"], "networks": ["front", "back"]},
    "networks": {"front": None, "back": None},
}
SIMPLE = {"job": {"image": "site-example:latest"}}


async def attempt(cancel: Canceller, turns: int) -> bool:
    """Cancel a script after so many turns of the loop, and look what is left."""
    engine, log = EmbeddedEngine(), Log()
    engine.behaviour(Behaviour(stdout="a\nb\n", ends_after=0.02), container="*.job")
    way = WatchedTransport(engine.transport(), before=travel, after=travel)
    loop = asyncio.get_running_loop()
    assert isinstance(loop, CountedLoop)

    def arm(strike: Cancel) -> None:
        loop.in_turns(turns, strike)

    async with MapClient(ContainerMap("m", LANDSCAPE), default_client=way, on_event=log) as client:

        async def run() -> None:
            async with client.stream_script("job") as output:
                assert [line.text async for line in output] == ["a", "b"]

        was_cancelled = await cancel(run, arm)
        loop.disarm()
        assert "m.job" not in engine.container_names()
        assert stray_tasks() == set()
        assert way.is_idle, way.open
        if was_cancelled and log.events:
            log.check_shape()
    return was_cancelled


@pytest.mark.parametrize(
    ("cancel", "stride"),
    [
        pytest.param(by_task, 1, id="task"),
        pytest.param(by_task_repeatedly, 7, id="task_repeatedly"),
        pytest.param(by_scope, 7, id="scope"),
        pytest.param(by_timeout, 7, id="timeout"),
    ],
)
def test_no_moment_of_a_cancellation_leaves_a_container(cancel: Canceller, stride: int) -> None:
    async def main() -> None:
        turns = 1
        while await attempt(cancel, turns):
            turns += stride
            assert turns < UNDISTURBED_TURNS
        assert turns > 50, "most of the run was never reached"

    in_virtual_time(main)


@pytest.mark.parametrize(
    "call",
    [
        "POST /networks/*/connect",
        "POST /containers/*/start",
        "POST /containers/*/wait",
        "GET /containers/*/logs",
    ],
)
def test_whatever_fails_the_container_goes(call: str) -> None:
    """SCR-17: an error after the creation, whether it waits, reads or starts."""
    landscape = {**LANDSCAPE, "job": {**LANDSCAPE["job"], "stop_timeout": 1}}

    async def main() -> None:
        engine = EmbeddedEngine()
        engine.fail(call, Reject(500, "no more"), name="m.job")
        async with MapClient(
            ContainerMap("m", landscape), default_client=engine.transport()
        ) as client:
            with pytest.raises(ActionRunnerError) as failed:
                await client.run_script("job", command_format="sleep 0.5")
        assert "no more" in str(failed.value)
        assert engine.container_names() == ["m.db"]

    in_virtual_time(main)


async def test_files_that_cannot_be_copied_leave_no_container(tmp_path: Path) -> None:
    """On the common clock: files are packed by a thread."""
    engine = EmbeddedEngine()
    engine.fail("PUT /containers/*/archive", Reject(500, "no more"))
    async with MapClient(ContainerMap("m", SIMPLE), default_client=engine.transport()) as client:
        with pytest.raises(ActionRunnerError) as failed:
            await client.run_script("job", script_path=tmp_path, script_transfer="copy")

    assert "no more" in str(failed.value)
    assert engine.container_names() == []


async def test_a_copy_that_is_cancelled_leaves_no_container(tmp_path: Path) -> None:
    engine = EmbeddedEngine()
    arrived = asyncio.Event()

    async def arrive(request: ApiRequest) -> None:
        if request.method == "PUT":
            arrived.set()
            await asyncio.Event().wait()

    way = WatchedTransport(engine.transport(), before=arrive)
    async with MapClient(ContainerMap("m", SIMPLE), default_client=way) as client:
        task = asyncio.create_task(
            client.run_script("job", script_path=tmp_path, script_transfer="copy")
        )
        await arrived.wait()
        assert engine.container_names() == ["m.job"]
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert engine.container_names() == []


def test_one_that_fails_where_the_run_is_to_stop_goes_as_well() -> None:
    async def main() -> None:
        engine = EmbeddedEngine()
        engine.fail("POST /containers/*/start", Reject(500, "no more"))
        async with MapClient(
            ContainerMap("m", SIMPLE), default_client=engine.transport()
        ) as client:
            with pytest.raises(ActionRunnerError):
                await client.run_script("job", on_failure="stop")
        assert engine.container_names() == []

    in_virtual_time(main)


async def cancel_a_script(client: MapClient) -> None:
    task = asyncio.create_task(client.run_script("job"))
    await sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_a_creation_whose_answer_outlasts_all_patience_is_found_by_its_label() -> None:
    async def answer_late(request: ApiRequest) -> None:
        if request.path == "containers/create":
            await sleep(15)

    async def main() -> None:
        engine = EmbeddedEngine()
        way = WatchedTransport(engine.transport(), after=answer_late)
        async with MapClient(ContainerMap("m", SIMPLE), default_client=way) as client:
            await cancel_a_script(client)
        assert "POST /containers/create" in way.changes
        assert engine.container_names() == []

    in_virtual_time(main)


def test_a_creation_that_itself_outlasts_all_patience_is_in_the_way_of_the_next_script() -> None:
    """SCR-10: it could be that of another process, about to start."""

    async def main() -> None:
        engine = EmbeddedEngine()
        engine.behaviour(Behaviour(ends_after=0.02), container="*.job")
        engine.fail("POST /containers/create", Delay(15), at=1)
        async with MapClient(
            ContainerMap("m", SIMPLE), default_client=engine.transport()
        ) as client:
            await cancel_a_script(client)
            await sleep(15)
            assert engine.container_names() == ["m.job"]
            with pytest.raises(ScriptActionError, match="remove_existing_before"):
                await client.run_script("job")
            await client.run_script("job", remove_existing_before=True)
        assert engine.container_names() == []

    in_virtual_time(main)
