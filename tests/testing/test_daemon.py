"""A daemon that is restarted, a disk that is full, as seen by those who were connected."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from anyio import create_task_group, sleep
from embedded_partners import Asker

from aiodockmap.engine import ApiRequest, ConnectionBroken, Refused
from aiodockmap.engine._clients import connect_to
from aiodockmap.engine._hosts import resolve_address
from aiodockmap.testing import Behaviour, Delay, EmbeddedEngine


def status(engine: EmbeddedEngine, name: str) -> str:
    return str((engine.container(name) or {"State": {"Status": "gone"}})["State"]["Status"])


async def test_nobody_can_connect_until_the_daemon_is_back(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    engine.restart_daemon(5)

    await sleep(4.9)
    with pytest.raises(ConnectionBroken) as broken:
        await ask("GET", "version")
    await sleep(0.2)

    assert not broken.value.connected
    assert (await ask("GET", "version")).status == 200


async def test_what_is_under_way_is_cut_off(engine: EmbeddedEngine, ask: Asker) -> None:
    engine.registry.publish("reg.test/x:1", seconds=60)
    engine.fail("POST /volumes/create", Delay(60))
    broken = []

    async def ask_in_vain(method: str, path: str, **query: str) -> None:
        with pytest.raises(ConnectionBroken) as cut_off:
            await ask(method, path, {} if path == "volumes/create" else None, **query)
        broken.append((path, cut_off.value.connected))

    async with create_task_group() as tasks:
        tasks.start_soon(ask_in_vain, "GET", "events")
        tasks.start_soon(ask_in_vain, "POST", "volumes/create")
        pull = partial(ask_in_vain, fromImage="reg.test/x", tag="1")
        tasks.start_soon(pull, "POST", "images/create")
        await sleep(1)
        engine.restart_daemon()
    await sleep(100)

    assert sorted(broken) == [("events", True), ("images/create", True), ("volumes/create", True)]
    assert engine.volume_names() == []
    with pytest.raises(Refused):
        await ask("GET", "images/reg.test/x:1/json")


async def test_a_socket_is_cut_off_as_well_and_then_answers_again(
    engine: EmbeddedEngine, tmp_path: Path
) -> None:
    async with engine.serve(tmp_path / "docker.sock") as url:
        transport = connect_to(resolve_address(url))
        transport.api_version = "1.41"
        far = Asker(transport)
        async with transport.stream(ApiRequest(method="GET", path="events")) as answer:
            engine.restart_daemon(5)
            with pytest.raises(ConnectionBroken):
                [chunk async for chunk in answer.chunks()]
        with pytest.raises(ConnectionBroken):
            await far("GET", "info")
        await sleep(6)

        assert (await far("GET", "info")).status == 200
        await transport.aclose()


async def test_containers_end_and_those_come_back_whose_policy_says_so(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    engine.behaviour(Behaviour(handles={"SIGTERM": 0}), container="polite")
    for name, policy in (("polite", "always"), ("plain", "no"), ("removed", "no")):
        removes = name == "removed"
        host = {"RestartPolicy": {"Name": policy}, "AutoRemove": removes}
        await ask.create(name, HostConfig=host)
        await ask.start(name)

    engine.restart_daemon(5)
    during = {name: status(engine, name) for name in ("polite", "plain", "removed")}
    await sleep(6)

    assert during == {"polite": "exited", "plain": "exited", "removed": "gone"}
    assert (status(engine, "polite"), status(engine, "plain")) == ("running", "exited")
    assert (engine.container("plain") or {})["State"]["ExitCode"] == 137


async def test_a_container_that_waits_for_its_restart_gets_it_from_the_new_daemon(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    engine.behaviour(Behaviour(ends_after=0, exit_code=3))
    await ask.create("web", HostConfig={"RestartPolicy": {"Name": "always"}})
    await ask.start("web")

    engine.restart_daemon(5)
    engine.behaviour(Behaviour())
    during = status(engine, "web")
    await sleep(6)

    assert (during, status(engine, "web")) == ("exited", "running")


async def test_a_container_that_cannot_be_started_again_says_why(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    await ask.create("web", HostConfig={"RestartPolicy": {"Name": "always"}})
    await ask.start("web")

    engine.restart_daemon(5)
    engine.behaviour(Behaviour(start_error="gone"))
    await sleep(6)

    assert "gone" in (engine.container("web") or {})["State"]["Error"]


async def test_what_runs_goes_on_where_containers_are_kept(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    await ask.create("web", Cmd=["sleep", "60"])
    await ask.start("web")

    engine.restart_daemon(5, keeps_containers=True)
    await sleep(10)
    before = status(engine, "web")
    await sleep(60)

    assert (before, status(engine, "web")) == ("running", "exited")


async def test_the_new_daemon_knows_nothing_of_past_events(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    await ask.create("web")
    engine.restart_daemon(5)
    await sleep(6)

    told = await ask("GET", "events", None, since="0", until=str(engine.world.timeline.seconds()))

    assert told.body == b""


async def test_a_pull_onto_a_full_disk_fails_in_the_stream(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    engine.registry.publish("reg.test/x:1")
    engine.fill_disk()

    answer = await ask("POST", "images/create", None, fromImage="reg.test/x", tag="1")
    engine.free_disk()

    assert b"no space left on device" in answer.body
    with pytest.raises(Refused):
        await ask("GET", "images/reg.test/x:1/json")


async def test_what_is_refused_on_a_full_disk_leaves_nothing(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    engine.fill_disk()
    with pytest.raises(Refused):
        await ask.create("web", HostConfig={"Binds": ["data:/data"]})
    engine.free_disk()

    assert (engine.container_names(), engine.volume_names()) == ([], [])
    await ask.create("web")
