"""Time: what happens by itself, in an instant and in order."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from anyio import create_task_group, current_time, fail_after, move_on_after, sleep
from embedded_partners import Asker

from aiodockmap.engine import ApiRequest
from aiodockmap.testing import Behaviour, EmbeddedEngine


def status(engine: EmbeddedEngine, name: str = "web") -> tuple[str, int]:
    state = (engine.container(name) or {})["State"]
    return state["Status"], state["ExitCode"]


async def test_an_hour_passes_in_no_time() -> None:
    began = time.monotonic()

    await sleep(3600)

    assert current_time() == pytest.approx(3600)
    assert time.monotonic() - began < 5


async def test_timers_of_all_tasks_go_off_in_order() -> None:
    seen: list[int] = []

    async def note(seconds: int) -> None:
        await sleep(seconds)
        seen.append(seconds)

    async with create_task_group() as tasks:
        for seconds in (30, 10, 20):
            tasks.start_soon(note, seconds)

    assert seen == [10, 20, 30]


async def test_the_clock_is_right_however_long_ago_an_engine_was_made(ask: Asker) -> None:
    before = datetime.now(UTC)

    document = json.loads((await ask("GET", "info")).body)

    assert before <= datetime.fromisoformat(document["SystemTime"]) <= datetime.now(UTC)


async def test_a_process_ends_when_its_time_has_come(engine: EmbeddedEngine, ask: Asker) -> None:
    await ask.create("web", Cmd=["sleep", "60"])
    await ask.start("web")

    await sleep(59)
    before = status(engine)
    await sleep(2)

    assert (before, status(engine)) == (("running", 0), ("exited", 0))


async def test_many_stops_take_as_long_as_one(engine: EmbeddedEngine, ask: Asker) -> None:
    names = [f"web{number}" for number in range(12)]
    for name in names:
        await ask.create(name)
        await ask.start(name)
    began = current_time()

    async with create_task_group() as tasks:
        for name in names:
            tasks.start_soon(ask.stop, name)

    assert current_time() - began == pytest.approx(10)
    assert {status(engine, name) for name in names} == {("exited", 137)}


async def test_a_stop_that_nobody_waits_for_goes_on(engine: EmbeddedEngine, ask: Asker) -> None:
    await ask.create("web")
    await ask.start("web")

    with move_on_after(1):
        await ask.stop("web", t="5")
    before = status(engine)
    await sleep(4.5)

    assert (before, status(engine)) == (("running", 0), ("exited", 137))


async def test_a_handled_signal_ends_a_process_after_its_delay(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    engine.behaviour(Behaviour(handles={"SIGTERM": 0}, stop_delay=3), container="web")
    await ask.create("web")
    await ask.start("web")
    began = current_time()

    await ask.stop("web")

    assert current_time() - began == pytest.approx(3)
    assert status(engine) == ("exited", 0)


async def test_a_second_start_does_not_inherit_the_patience_of_the_first_stop(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    await ask.create("web")
    await ask.start("web")
    with move_on_after(1):
        await ask.stop("web", t="5")
    await ask("POST", "containers/web/kill")
    await ask.start("web")

    await sleep(60)

    assert status(engine) == ("running", 0)


async def test_a_restart_waits_for_the_end_and_starts(engine: EmbeddedEngine, ask: Asker) -> None:
    await ask.create("web")
    await ask.start("web")
    began = current_time()

    await ask("POST", "containers/web/restart", None, t="4")

    assert current_time() - began == pytest.approx(4)
    assert status(engine) == ("running", 0)


async def test_restarts_by_a_policy_take_longer_and_longer(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    engine.behaviour(Behaviour(ends_after=0, exit_code=3))
    await ask.create("web", HostConfig={"RestartPolicy": {"Name": "always"}})
    await ask.start("web")

    counts = []
    for _ in range(3):
        await sleep(1)
        counts.append((engine.container("web") or {})["RestartCount"])

    # 0.1 + 0.2 + 0.4 are less than a second; 0.8 and 1.6 more are less than four.
    assert counts == [4, 5, 5]


async def test_what_was_stopped_by_hand_is_not_started_again(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    await ask.create("web", HostConfig={"RestartPolicy": {"Name": "always"}})
    await ask.start("web")

    await ask.stop("web", t="0")
    await sleep(600)

    assert status(engine) == ("exited", 137)


async def test_a_health_check_turns_with_its_results(engine: EmbeddedEngine, ask: Asker) -> None:
    engine.behaviour(Behaviour(health=(1, 1, 0, 1, 1)))
    check = {"Test": ["CMD", "x"], "Interval": 10**10, "Retries": 2}
    await ask.create("web", Healthcheck=check)
    await ask.start("web")

    seen = []
    for _ in range(6):
        seen.append((engine.container("web") or {})["State"]["Health"]["Status"])
        await sleep(10)

    assert seen == ["starting", "starting", "unhealthy", "healthy", "healthy", "unhealthy"]


async def test_a_pull_that_is_hung_up_on_is_given_up(engine: EmbeddedEngine, ask: Asker) -> None:
    engine.registry.publish("reg.test/x:1", seconds=60)

    with move_on_after(5):
        await ask("POST", "images/create", None, fromImage="reg.test/x", tag="1")
    await sleep(100)

    assert "reg.test/x:1" not in engine.world.images.tags


async def test_a_broken_download_says_so_in_the_stream(engine: EmbeddedEngine, ask: Asker) -> None:
    engine.registry.publish("reg.test/x:1", broken_after=5)

    answer = await ask("POST", "images/create", None, fromImage="reg.test/x", tag="1")

    assert answer.status == 200
    assert b'"errorDetail": {"message": "unexpected EOF"}' in answer.body


async def test_followed_logs_come_while_the_container_runs(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    engine.behaviour(Behaviour(stdout="hello\n", ends_after=5))
    await ask.create("web")
    await ask.start("web")
    request = ApiRequest(
        method="GET", path="containers/web/logs", query={"stdout": "1", "follow": "1"}
    )

    async with ask.transport.stream(request) as answer:
        seen = [(chunk[8:], current_time()) async for chunk in answer.chunks()]
    ended = current_time()

    assert seen == [(b"hello\n", 0.0)]
    assert ended == pytest.approx(5)


async def test_a_stream_that_is_left_leaves_nothing_behind(ask: Asker) -> None:
    await ask.create("web")
    request = ApiRequest(
        method="POST", path="containers/web/wait", query={"condition": "next-exit"}
    )

    with fail_after(5):
        async with ask.transport.stream(request) as answer:
            assert answer.status == 200

    await ask("DELETE", "containers/web")
