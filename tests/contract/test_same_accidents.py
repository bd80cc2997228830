"""A daemon that is restarted, a disk that is full: both engines are left in the same state.

The real one is a daemon of this module's own, which takes root and `dockerd`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest
from anyio import create_task_group, move_on_after, sleep, to_thread
from attrs import evolve
from contract_calls import Ask, create, do, drop, look, update, volume
from contract_partners import PREFIX, Partner, embedded_partner_of, release_of
from own_engine import SMALL_DISK, OwnEngine

from aiodockmap.config import ClientConfiguration
from aiodockmap.engine import ApiRequest, ConnectionBroken, open_engine
from aiodockmap.testing import Delay, EmbeddedEngine

pytestmark = pytest.mark.engine

POLITE = ["sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done"]
PLACE = re.compile(r"write \S+(?=: no space left on device)")


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnEngine]:
    daemon = OwnEngine.begun_in(tmp_path_factory.mktemp("engine"), disk=SMALL_DISK)
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
    daemon.free_disk()
    daemon.raw.remove_all(PREFIX)


@pytest.fixture
def embedded(real: Partner) -> Partner:
    return embedded_partner_of(real.release)


def alone(name: str, **body: Any) -> Ask:
    """A container that needs no network."""
    host_config = {"NetworkMode": "none", **body.pop("HostConfig", {})}
    patience = 20 if body.get("Cmd") == POLITE else 1
    return create(name, HostConfig=host_config, StopTimeout=patience, **body)


def policy(name: str, number: int = 0) -> dict[str, Any]:
    return {"RestartPolicy": {"Name": name, "MaximumRetryCount": number}}


def running(name: str, **body: Any) -> tuple[Ask, Ask]:
    return alone(name, **body), do("start", name)


async def prepare(partner: Partner, calls: Sequence[Ask]) -> None:
    for call in calls:
        status, message = await call.of(partner)
        assert status < 400, (call, message)


async def test_whoever_waits_for_an_end_may_be_told_of_it_and_who_looks_at_events_is_cut_off(
    embedded: Partner, real: Partner, daemon: OwnEngine
) -> None:
    calls = (*running("~plain", HostConfig={"AutoRemove": True}), *running("~polite", Cmd=POLITE))
    for partner in (embedded, real):
        await prepare(partner, calls)
    # Before it says so, it does not hear what it is asked.
    while True:
        _, printed = await real.ask_openly("GET", "containers/~polite/logs", None, stdout="1")
        if b"ready" in printed:
            break
        await sleep(0.02)
    seen: dict[str, list[Any]] = {"embedded": [], "real": []}

    async with create_task_group() as tasks:
        for name, partner in (("embedded", embedded), ("real", real)):
            for request in (
                ApiRequest(method="POST", path=partner.named("containers/~polite/wait")),
                ApiRequest(method="GET", path="events"),
            ):
                await tasks.start(watch, partner, request, seen[name])
        engine_of(embedded).restart_daemon(0.01)
        await to_thread.run_sync(daemon.stop)
    daemon.start()
    await wait_for_answer(embedded)
    await wait_for_answer(real)

    assert sorted(seen["embedded"]) == ["code 5", "cut off"]
    # A real one may be gone before it has told it.
    assert sorted(seen["real"]) in (["code 5", "cut off"], ["cut off", "cut off"])
    after = [await look("containers/~plain/json").of(partner) for partner in (embedded, real)]
    assert after[0] == after[1]


async def watch(
    partner: Partner, request: ApiRequest, seen: list[Any], *, task_status: Any = None
) -> None:
    async with partner.transport.stream(request) as answer:
        task_status.started()
        try:
            body = b"".join([chunk async for chunk in answer.chunks()])
        except ConnectionBroken:
            seen.append("cut off")
        else:
            code = re.search(rb'"StatusCode": ?(\d+)', body)
            # An event stream that ends is one that is cut off: there is no other end to it.
            seen.append(f"code {int(code[1])}" if code else "cut off")


def engine_of(partner: Partner) -> EmbeddedEngine:
    assert partner.embedded is not None
    return partner.embedded


async def wait_for_answer(partner: Partner) -> None:
    while True:
        try:
            await partner.ask("GET", "version")
        except ConnectionBroken:
            await sleep(0.02)
            continue
        return


async def test_what_somebody_asked_for_who_hung_up_before_is_done_or_not(
    embedded: Partner, real: Partner, daemon: OwnEngine
) -> None:
    """The embedded one begins no command that nobody is attached to; Docker 28.5 starts no container.

    A real one begins the command, too, if it does so before it sees that nobody is there.
    """
    before = (
        *(alone(f"~{name}") for name in ("started", "renamed", "removed")),
        *running("~stopped"),
        *running("~busy"),
    )
    commands = []
    for partner in (embedded, real):
        await prepare(partner, before)
        body = {"Cmd": ["/bin/sleep", "100"], "AttachStdout": True}
        _, made = await partner.ask_openly("POST", "containers/~busy/exec", body)
        commands.append(made["Id"])
    engine_of(embedded).fail("*", Delay(0.8))
    daemon.freeze()

    async with create_task_group() as tasks:
        for partner, command in zip((embedded, real), commands, strict=True):
            for call in (
                alone("~new"),
                do("start", "~started"),
                Ask("POST", "containers/~renamed/rename", None, {"name": "~named"}),
                drop("containers/~removed"),
                do("stop", "~stopped", t="0"),
                Ask("POST", f"exec/{command}/start", {"Detach": False}),
            ):
                tasks.start_soon(ask_and_leave, partner, call)
    engine_of(embedded).heal()
    daemon.thaw()
    await sleep(0.8)
    expected = await aftermath(embedded)
    seen: dict[str, Any] = {}
    with move_on_after(20):
        while seen != expected:
            seen = await aftermath(real)

    assert seen == expected
    given_up = ("created", 128, "Canceled: context canceled")
    assert await end_of(embedded, commands[0]) == (False, None)
    assert await end_of(real, commands[1]) in ((False, None), (True, None))
    assert expected["~started"] == real.either(("running", 0, ""), on_28=given_up)


async def ask_and_leave(partner: Partner, call: Ask) -> None:
    """Hang up while nobody has looked at the call."""
    with move_on_after(0.5):
        await call.of(partner)


async def end_of(partner: Partner, command: str) -> tuple[bool, int | None]:
    _, inspected = await partner.ask_openly("GET", f"exec/{command}/json")
    return inspected["Running"], inspected["ExitCode"]


async def aftermath(partner: Partner) -> dict[str, Any]:
    names = ("new", "started", "named", "renamed", "removed", "stopped", "busy")
    found: dict[str, Any] = {}
    for name in names:
        said = await partner.ask("GET", f"containers/~{name}/json")
        state = said.body.get("State", {})
        found[f"~{name}"] = tuple(state.get(key) for key in ("Status", "ExitCode", "Error"))
    return found


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(alone("~new"), id="create"),
        pytest.param(do("start", "~created"), id="start"),
        pytest.param(do("start", "~ended"), id="start-again"),
        pytest.param(do("restart", "~running", t="0"), id="restart"),
        pytest.param(do("stop", "~running", t="0"), id="stop"),
        pytest.param(do("pause", "~running"), id="pause"),
        pytest.param(Ask("POST", "containers/~created/rename", None, {"name": "~x"}), id="rename"),
        pytest.param(evolve(update(CpuShares=100), path="containers/~created/update"), id="update"),
        pytest.param(drop("containers/~created"), id="remove"),
        pytest.param(drop("containers/~running", force="1"), id="remove-running"),
        pytest.param(volume("~new"), id="volume"),
        pytest.param(drop("volumes/~v"), id="remove-volume"),
        pytest.param(
            Ask("POST", "images/aiodockmap-test/tag", None, {"repo": "~x", "tag": "1"}), id="tag"
        ),
        pytest.param(look("containers/~running/json"), id="inspect"),
    ],
)
async def test_a_full_disk_stops_the_same_calls(
    embedded: Partner, real: Partner, daemon: OwnEngine, call: Ask
) -> None:
    before = (
        alone("~created"),
        *running("~ended"),
        do("kill", "~ended"),
        *running("~running"),
        volume("~v"),
    )
    for partner in (embedded, real):
        await prepare(partner, before)
    daemon.fill_disk()
    engine_of(embedded).fill_disk()

    said = [await call.of(partner) for partner in (embedded, real)]
    left = [await outline(partner) for partner in (embedded, real)]

    assert mask(said[0]) == mask(said[1])
    assert left[0] == left[1]


def mask(said: tuple[int, str]) -> tuple[int, str]:
    return said[0], PLACE.sub("write <file>", said[1]).lower()


async def outline(partner: Partner) -> list[Any]:
    """What became of the containers; a list would not tell, as a full disk keeps it as it was."""
    names = ("~created", "~ended", "~running", "~new", "~x")
    said = [await partner.ask("GET", f"containers/{name}/json") for name in names]
    return [(it.status, it.body.get("State", {}).get("Status")) for it in said]
