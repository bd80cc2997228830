"""The embedded engine behind a socket: aiodocker, and we ourselves, talk to it as to any other."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiodocker
import pytest
from anyio import current_time, fail_after, move_on_after, sleep
from embedded_partners import Asker

from aiodockmap import ClientConfiguration, ContainerMap, MapClient
from aiodockmap.engine import ApiRequest, ConnectionBroken, Refused
from aiodockmap.engine._clients import connect_to
from aiodockmap.engine._hosts import resolve_address
from aiodockmap.testing import (
    Behaviour,
    Delay,
    DropAfter,
    DropBefore,
    EmbeddedEngine,
    Fault,
    Reject,
)


@pytest.fixture
async def url(engine: EmbeddedEngine, tmp_path: Path) -> AsyncIterator[str]:
    async with engine.serve(tmp_path / "docker.sock") as url:
        yield url


@pytest.fixture
async def docker(url: str) -> AsyncIterator[aiodocker.Docker]:
    async with aiodocker.Docker(url=url) as docker:
        yield docker


@pytest.fixture
async def far(url: str) -> AsyncIterator[Asker]:
    """Like `ask`, by way of the socket."""
    transport = connect_to(resolve_address(url))
    transport.api_version = "1.41"
    yield Asker(transport)
    await transport.aclose()


async def test_aiodocker_runs_a_container_and_reads_its_log(
    engine: EmbeddedEngine, docker: aiodocker.Docker
) -> None:
    engine.behaviour(Behaviour(stdout="hello\n", stderr="oops\n", ends_after=5, exit_code=3))

    container = await docker.containers.create_or_replace("web", {"Image": "app:1"})
    await container.start()
    ended = await container.wait()

    assert ended["StatusCode"] == 3
    assert await container.log(stdout=True) == ["hello\n"]
    assert await container.log(stderr=True) == ["oops\n"]


async def test_aiodocker_runs_a_command_and_gets_its_output_and_its_code(
    docker: aiodocker.Docker,
) -> None:
    container = await docker.containers.create_or_replace("web", {"Image": "app:1"})
    await container.start()
    command = await container.exec(["sh", "-c", "echo out; echo err >&2; exit 4"])

    async with command.start() as stream:
        said = []
        while (message := await stream.read_out()) is not None:
            said.append((message.stream, message.data))

    assert said == [(1, b"out\n"), (2, b"err\n")]
    assert (await command.inspect())["ExitCode"] == 4


async def test_aiodocker_is_told_what_happens(docker: aiodocker.Docker) -> None:
    events = docker.events.subscribe()  # type: ignore[no-untyped-call]  # theirs
    container = await docker.containers.create_or_replace("web", {"Image": "app:1"})
    await container.start()

    seen = []
    with fail_after(10):
        while "start" not in seen:
            event = await events.get()
            assert event is not None
            seen.append(event["Action"])

    assert seen == ["create", "connect", "start"]
    await docker.events.stop()  # type: ignore[no-untyped-call]  # theirs


async def test_aiodocker_hears_of_an_error(docker: aiodocker.Docker) -> None:
    with pytest.raises(aiodocker.DockerError) as refusal:
        await docker.containers.get("none")

    assert (refusal.value.status, refusal.value.message) == (404, "No such container: none")


async def test_a_map_comes_up_and_is_then_as_it_should_be(engine: EmbeddedEngine, url: str) -> None:
    site = ContainerMap(
        "site", {"web": {"image": "app:1", "attaches": "data"}, "volumes": {"data": "/d"}}
    )

    async with MapClient(site, default_client=ClientConfiguration(base_url=url)) as client:
        await client.startup("web")
        again = await client.plan("update", "web")

    assert engine.container_names() == ["site.web"]
    assert again.is_empty, again.render()


async def test_a_stream_arrives_while_it_arises(engine: EmbeddedEngine, far: Asker) -> None:
    engine.behaviour(Behaviour(stdout="hello\n", ends_after=5))
    await far.create("web")
    await far.start("web")
    query = {"stdout": "1", "follow": "1"}
    request = ApiRequest(method="GET", path="containers/web/logs", query=query)

    async with far.transport.stream(request) as answer:
        seen = [(chunk[8:], current_time() < 5) async for chunk in answer.chunks()]

    assert seen == [(b"hello\n", True)]
    assert current_time() >= 5


async def test_a_wait_is_known_to_be_registered_before_it_ends(far: Asker) -> None:
    await far.create("web", Cmd=["sleep", "5"])
    query = {"condition": "next-exit"}
    request = ApiRequest(method="POST", path="containers/web/wait", query=query)

    with fail_after(60):
        async with far.transport.stream(request) as answer:
            await far.start("web")
            body = b"".join([chunk async for chunk in answer.chunks()])

    assert b'"StatusCode": 0' in body


async def test_a_pull_ends_when_its_caller_hangs_up(engine: EmbeddedEngine, far: Asker) -> None:
    engine.registry.publish("reg.test/x:1", seconds=60)

    with move_on_after(5):
        await far("POST", "images/create", None, fromImage="reg.test/x", tag="1")
    await sleep(100)

    with pytest.raises(Refused):
        await far("GET", "images/reg.test/x:1/json")


async def test_what_a_caller_asked_for_happens_although_it_hangs_up(
    engine: EmbeddedEngine, far: Asker
) -> None:
    engine.fail("POST /containers/create", Delay(30))

    with move_on_after(1):
        await far.create("web")
    await sleep(28)
    before = engine.container_names()
    await sleep(2)

    assert (before, engine.container_names()) == ([], ["web"])


@pytest.mark.parametrize(
    ("fault", "names"),
    [pytest.param(DropBefore(), [], id="before"), pytest.param(DropAfter(), ["web"], id="after")],
)
async def test_a_connection_really_breaks(
    engine: EmbeddedEngine, far: Asker, fault: Fault, names: list[str]
) -> None:
    engine.fail("POST /containers/create", fault)

    with pytest.raises(ConnectionBroken):
        await far.create("web")

    assert engine.container_names() == names


async def test_a_planned_error_arrives(engine: EmbeddedEngine, far: Asker) -> None:
    engine.fail("GET /info", Reject(503, "busy"))

    with pytest.raises(Refused) as refusal:
        await far("GET", "info")

    assert (refusal.value.status, refusal.value.message) == (503, "busy")


async def test_calls_are_recorded_however_they_come(engine: EmbeddedEngine, far: Asker) -> None:
    container_id = await far.create("web")
    await engine.transport().request(
        ApiRequest(method="POST", path=f"containers/{container_id}/start")
    )

    assert [(call.call.rpartition("/")[2], call.name) for call in engine.calls] == [
        ("create", "web"),
        ("start", "web"),
    ]


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:0", "tcp://[::1]:0"])
async def test_it_listens_on_a_port_too(engine: EmbeddedEngine, address: str) -> None:
    async with engine.serve(address) as url, aiodocker.Docker(url=url) as docker:
        assert not url.endswith(":0")
        assert (await docker.version())["ApiVersion"] == "1.41"


async def test_several_sockets_are_one_engine(engine: EmbeddedEngine, tmp_path: Path) -> None:
    async with (
        engine.serve(tmp_path / "one.sock") as one,
        engine.serve(f"unix://{tmp_path}/two.sock") as two,
        aiodocker.Docker(url=one) as first,
        aiodocker.Docker(url=two) as second,
    ):
        await first.volumes.create({"Name": "data"})  # type: ignore[no-untyped-call]  # theirs
        await second.volumes.get("data")  # type: ignore[no-untyped-call]  # theirs


async def test_its_end_cuts_off_what_is_under_way_and_leaves_no_file(
    engine: EmbeddedEngine, tmp_path: Path
) -> None:
    path = tmp_path / "docker.sock"
    async with engine.serve(path) as url:
        transport = connect_to(resolve_address(url))
        transport.api_version = "1.41"
        far = Asker(transport)
        await far.create("web")
        await far.start("web")
        waiting = transport.stream(ApiRequest(method="POST", path="containers/web/wait"))
        answer = await waiting.__aenter__()
    with pytest.raises(ConnectionBroken):
        [chunk async for chunk in answer.chunks()]
    await waiting.__aexit__(None, None, None)

    with pytest.raises(ConnectionBroken) as broken:
        await far("GET", "version")

    assert not broken.value.connected
    assert not path.exists()
    assert engine.container_names() == ["web"]
    await transport.aclose()


@pytest.mark.parametrize("address", ["relative.sock", "ssh://host", "tcp://", "unix://"])
async def test_an_address_that_means_nothing_is_refused(
    engine: EmbeddedEngine, address: str
) -> None:
    with pytest.raises(ValueError, match="write /path"):
        async with engine.serve(address):
            pass


async def test_a_place_where_somebody_answers_is_refused_and_stays_theirs(
    engine: EmbeddedEngine, url: str
) -> None:
    with pytest.raises(OSError, match="somebody answers there already"):
        async with EmbeddedEngine().serve(url):
            pass

    async with aiodocker.Docker(url=url) as docker:
        await docker.version()
    assert engine.calls


async def test_a_socket_that_a_process_left_behind_is_replaced(
    engine: EmbeddedEngine, tmp_path: Path
) -> None:
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))

    async with engine.serve(path) as url, aiodocker.Docker(url=url) as docker:
        await docker.version()

    assert not path.exists()


async def test_a_place_where_nobody_can_listen_is_refused(
    engine: EmbeddedEngine, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        async with engine.serve(tmp_path / "nowhere" / "docker.sock"):
            pass


async def test_a_mistake_of_the_engine_is_an_answer_and_in_the_log(
    engine: EmbeddedEngine, far: Asker, caplog: pytest.LogCaptureFixture
) -> None:
    engine.world.containers["broken"] = None  # type: ignore[assignment]

    with pytest.raises(Refused, match="the embedded engine failed") as refused:
        await far("GET", "containers/json", all="1")

    assert refused.value.status == 500
    assert "cannot answer GET /v1.41/containers/json" in caplog.text
    assert "AttributeError" in caplog.text
    assert (await far("GET", "networks")).status == 200
