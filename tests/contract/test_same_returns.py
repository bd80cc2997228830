"""A daemon that comes back, after a stop, a kill or a power cut: both engines are left in the same state.

The real one is a daemon of this module's own, which takes root and `dockerd`.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from anyio import create_task_group, move_on_after, sleep, to_thread
from contract_calls import Ask, create, do, network
from contract_partners import PREFIX, Partner, differences, embedded_partner_of, release_of
from own_engine import OwnEngine

from aiodockmap.config import ClientConfiguration
from aiodockmap.engine import ConnectionBroken, open_engine
from aiodockmap.testing import Behaviour, EmbeddedEngine
from aiodockmap.testing._daemon import leave_half_made

pytestmark = pytest.mark.engine

POLITE = ["sh", "-c", "trap 'exit 5' TERM; while :; do sleep 0.05; done"]
WELL = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done"]
ANONYMOUS: dict[str, Any] = {"/anonymous": {}}
SLEEPING = {"Cmd": ["sleep", "900"]}
WAITS = 5
"""Restarts after which a container waits for 3.2 seconds before the next one."""


def alone(name: str, **body: Any) -> Ask:
    """A container that needs no network."""
    host_config = {"NetworkMode": "none", **body.pop("HostConfig", {})}
    # Those that end when they are asked to may take their time on a busy machine.
    patience = 20 if body.get("Cmd") in (POLITE, WELL) else 1
    return create(name, HostConfig=host_config, StopTimeout=patience, **body)


def policy(name: str, number: int = 0) -> dict[str, Any]:
    return {"RestartPolicy": {"Name": name, "MaximumRetryCount": number}}


def running(name: str, **body: Any) -> tuple[Ask, Ask]:
    return alone(name, **body), do("start", name)


CONTAINERS = (
    network("~n"),
    *running(
        "~net",
        ExposedPorts={"80/tcp": {}},
        HostConfig={"NetworkMode": "~n", "PortBindings": {"80/tcp": [{"HostPort": "18099"}]}},
    ),
    *running("~shares", HostConfig={"NetworkMode": "container:~net"}),
    *running(
        "~polite", Cmd=POLITE, Healthcheck={"Test": ["CMD", "true"], "Interval": 3600 * 10**9}
    ),
    *running("~always", HostConfig=policy("always")),
    *running("~unless", HostConfig=policy("unless-stopped")),
    *running("~onfailure", HostConfig=policy("on-failure")),
    *running("~wellended", Cmd=WELL, HostConfig=policy("on-failure")),
    *running("~stoppedalways", HostConfig=policy("always")),
    *running("~stoppedunless", HostConfig=policy("unless-stopped")),
    *running("~stoppedonfailure", HostConfig=policy("on-failure")),
    do("kill", "~stoppedalways"),
    do("kill", "~stoppedunless"),
    do("kill", "~stoppedonfailure"),
    alone("~created", HostConfig=policy("always")),
    *running("~paused"),
    do("pause", "~paused"),
    *running("~done", Cmd=["sh", "-c", "exit 4"]),
    do("wait", "~done", condition="not-running"),
    *running("~removed", Volumes=ANONYMOUS, HostConfig={"AutoRemove": True}),
    alone("~removedcreated", Volumes=ANONYMOUS, HostConfig={"AutoRemove": True}),
    alone("~dying"),
    *running("~waiting", Cmd=["sh", "-c", "exit 3"], HostConfig=policy("on-failure", 20)),
)
SECONDS_TO_REMOVE = 10
"""How long a busy daemon that is back may take for the volumes of containers that remove themselves."""
NAMES = sorted({call.query["name"] for call in CONTAINERS if call.path == "containers/create"})


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnEngine]:
    daemon = OwnEngine.begun_in(tmp_path_factory.mktemp("engine"))
    try:
        daemon.raw.import_image("aiodockmap-test", "latest", ("/bin/sleep", "1000"))
        yield daemon
    finally:
        daemon.end()


@pytest.fixture
async def real(daemon: OwnEngine) -> AsyncIterator[Partner]:
    async with open_engine("docker", ClientConfiguration(base_url=daemon.url)) as engine:
        await engine.connect()
        yield Partner(engine._connection.transport, PREFIX, release_of(daemon.raw))
    daemon.raw.remove_all(PREFIX)
    daemon.raw.call("POST", "volumes/prune")


@pytest.fixture
def embedded(real: Partner) -> Partner:
    return embedded_partner_of(real.release)


def engine_of(partner: Partner) -> EmbeddedEngine:
    assert partner.embedded is not None
    return partner.embedded


async def prepare(partner: Partner) -> str:
    """Have the containers, one of which waits for its restart; give the id of a command that runs."""
    for call in CONTAINERS:
        status, message = await call.of(partner)
        assert status < 400, (call, message)
    _, made = await partner.ask_openly("POST", "containers/~always/exec", SLEEPING)
    await partner.ask("POST", f"exec/{made['Id']}/start", {"Detach": True})
    while True:
        found = (await partner.ask("GET", "containers/~waiting/json")).body
        if found["State"]["Restarting"] and found["RestartCount"] == WAITS:
            break
        await sleep(0.02)
    assert (await do("start", "~dying").of(partner))[0] == 204
    return str(made["Id"])


async def wait_for_answer(partner: Partner) -> None:
    while True:
        with suppress(ConnectionBroken):
            await partner.ask("GET", "version")
            return
        await sleep(0.02)


async def volume_of(partner: Partner, name: str) -> str:
    [mount] = (await partner.ask("GET", f"containers/{name}/json")).body["Mounts"]
    return str(mount["Name"])


async def outline(
    partner: Partner, command: str, uncertain: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """All that is left, in so far as it could depend on how the daemon went away; but for some volumes."""
    found: dict[str, Any] = {}
    for name in NAMES:
        said = await partner.ask("GET", f"containers/{name}/json")
        state = said.body.pop("State", {})
        for moment in ("StartedAt", "FinishedAt", "Pid"):
            state.pop(moment, None)
        networks = said.body.get("NetworkSettings", {})
        found[name] = {
            "status": said.status,
            "state": state,
            "restarts": said.body.get("RestartCount"),
            "networks": networks.get("Networks"),
            "ports": networks.get("Ports"),
            "commands": said.body.get("ExecIDs"),
        }
    found["members"] = (await partner.ask("GET", "networks/~n")).body["Containers"]
    volumes = (await partner.ask("GET", "volumes")).body["Volumes"] or ()
    found["volumes"] = len({each["Name"] for each in volumes} - uncertain)
    found["command"] = (await partner.ask("GET", f"exec/{command}/json")).status
    found["processes"] = (
        await partner.ask("GET", "containers/~always/top", ps_args="-eo pid,args")
    ).body.get("Processes", [])
    found["processes"] = sorted(line for _, line in found["processes"])
    return found


async def told(partner: Partner) -> dict[str, list[str]]:
    """What has happened to each container since the daemon is back; newer ones stop before they die."""
    query = {"since": "0", "until": str(int(time.time())), "filters": '{"type":["container"]}'}
    _, body = await partner.ask_openly("GET", "events", None, **query)
    events = [body] if isinstance(body, dict) else map(json.loads, body.splitlines())
    found: dict[str, list[str]] = {}
    for event in events:
        attributes = event["Actor"]["Attributes"]
        detail = attributes.get("signal", attributes.get("exitCode", ""))
        name = attributes["name"].replace(partner.prefix, "~")
        # Of commands real ones tell or do not.
        if not event["Action"].startswith("exec_"):
            found.setdefault(name, []).append(f"{event['Action']} {detail}".strip())
    return {name: sorted(happened) for name, happened in found.items()}


@pytest.mark.parametrize(
    ("how", "keeps"),
    [
        pytest.param("restart", False, id="restart"),
        pytest.param("kill", False, id="kill"),
        pytest.param("kill", True, id="kill-live-restore"),
        pytest.param("power-cut", False, id="power-cut"),
    ],
)
async def test_the_same_is_left(
    embedded: Partner, real: Partner, daemon: OwnEngine, how: str, *, keeps: bool
) -> None:
    """Docker 20.10 and 28.5: what runs, what is shown of the rest, what is told of it."""
    engine = engine_of(embedded)
    release = engine.world.release
    engine.behaviour(Behaviour(ends_after=0.2, exit_code=137), container=embedded.named("~dying"))
    if keeps:
        await to_thread.run_sync(daemon.stop)
        await to_thread.run_sync(partial(daemon.start, live_restore=True))
        await wait_for_answer(real)
    commands: dict[str, str] = {}
    removed = set[str]()

    async def live(name: str, partner: Partner) -> None:
        commands[name] = await prepare(partner)
        removed.add(await volume_of(partner, "~removed"))
        if partner is real:
            await to_thread.run_sync(partial(end_and_return, daemon, how, keeps=keeps))
        elif how == "restart":
            engine.restart_daemon(0.5, keeps_containers=keeps)
        elif how == "kill":
            engine.kill_daemon(0.5, keeps_containers=keeps)
        else:
            engine.cut_power(0.5)

    async with create_task_group() as tasks:
        tasks.start_soon(live, "embedded", embedded)
        tasks.start_soon(live, "real", real)
    for partner in (embedded, real):
        await wait_for_answer(partner)
    await sleep(1)  # until the second is over of which events are asked for

    # A daemon that is asked to end waits for the end of containers, and not for their removal.
    uncertain = frozenset(removed if how == "restart" else ())
    events = [await told(partner) for partner in (embedded, real)]
    left = [
        await outline(embedded, commands["embedded"], uncertain),
        await outline(real, commands["real"], uncertain),
    ]
    with move_on_after(SECONDS_TO_REMOVE):
        while left[0]["volumes"] != left[1]["volumes"]:
            await sleep(0.5)
            left[1] = await outline(real, commands["real"], uncertain)
    if (how == "restart" and not keeps) or not release.forgets_restarts:
        # It runs again, and ends, and runs again.
        for each in (*events, *left):
            assert each.pop("~waiting")
    found = differences(events[0], events[1], "events") + differences(left[0], left[1])
    assert not found, "\n".join(found)


async def test_networks_that_were_not_written_down_come_with_the_start(
    embedded: Partner, real: Partner, daemon: OwnEngine
) -> None:
    """As Docker 20.10 writes a container down that it is killed over: that of the mode, without aliases."""
    modes = {"~usual": "default", "~named": "~n", "~offline": "none", "~later": "~n"}
    for partner in (embedded, real):
        await network("~n").of(partner)
        for name, mode in modes.items():
            await create(name, HostConfig={"NetworkMode": mode}).of(partner)
    for container in engine_of(embedded).world.containers.values():
        leave_half_made(engine_of(embedded).world, container)
    await to_thread.run_sync(partial(forget_networks, daemon))

    found = []
    for partner in (embedded, real):
        await partner.ask("POST", "networks/~n/connect", {"Container": partner.named("~later")})
        for name in modes:
            assert (await do("start", name).of(partner))[0] == 204
        details = [(await partner.ask("GET", f"containers/{name}/json")).body for name in modes]
        found.append([each["NetworkSettings"]["Networks"] for each in details])
    assert [[*each] for each in found[1]] == [["bridge"], ["~n"], ["none"], ["~n"]]
    assert differences(found[0], found[1]) == []


def forget_networks(daemon: OwnEngine) -> None:
    """Have a real one come back to containers without networks."""
    daemon.stop()
    daemon.edit_containers(lambda written: written["NetworkSettings"].update(Networks=None))
    daemon.start()


def end_and_return(daemon: OwnEngine, how: str, *, keeps: bool) -> None:
    """Have a real one go away and come back; one of its containers ends meanwhile."""
    process = daemon.raw.get(f"containers/{PREFIX}dying/json")["State"]["Pid"]
    match how:
        case "restart":
            daemon.stop()
        case "kill":
            daemon.kill()
        case _:
            daemon.cut_power()
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    daemon.start(live_restore=keeps)
