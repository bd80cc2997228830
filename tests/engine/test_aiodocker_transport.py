"""What can happen on the way to an engine, played by a scripted one."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiodocker
import aiohttp
import anyio
import pytest
from anyio import create_task_group, move_on_after
from anyio.lowlevel import checkpoint
from attrs import evolve
from engine_partners import DROP, ENDLESS, HANG, ScriptedEngine, answer, chunked

from aiodockmap.engine import ApiRequest, ApiStream, ConnectionBroken, Refused, _aiodocker
from aiodockmap.engine._aiodocker import LARGEST_REFUSAL, AiodockerTransport, Lanes
from aiodockmap.engine._clients import connect_to
from aiodockmap.engine._hosts import TcpAddress, UnixAddress

GET = ApiRequest(method="GET", path="thing", versioned=False, timeout=5)
SLOW = ApiRequest(method="GET", path="slow", versioned=False, waits=True)


async def test_an_answer_arrives_whole(
    scripted: ScriptedEngine, scripted_transport: AiodockerTransport
) -> None:
    scripted.on("GET /thing", answer(201, {"a": 1}, headers={"X-Case": "Kept"}))

    response = await scripted_transport.request(GET)

    assert response.status == 201
    assert json.loads(response.body) == {"a": 1}
    assert response.headers["x-case"] == "Kept"


async def test_answers_without_content_type_arrive_too(
    scripted: ScriptedEngine, scripted_transport: AiodockerTransport
) -> None:
    scripted.on("GET /thing", answer(200, b"log line", content_type=None))

    response = await scripted_transport.request(GET)

    assert response.body == b"log line"


async def test_the_version_and_the_query_are_part_of_the_call(
    scripted: ScriptedEngine, scripted_transport: AiodockerTransport
) -> None:
    scripted.on("POST /networks/a%2Fb%20c/connect", answer())
    scripted_transport.api_version = "1.41"

    await scripted_transport.request(
        ApiRequest(
            method="POST",
            path="networks/a%2Fb%20c/connect",
            query={"filters": '{"name":["^a$"]}', "t": "1"},
            body={"Container": "c", "Links": ("x", "y")},
        )
    )

    assert scripted.calls[0].startswith("POST /v1.41/networks/a%2Fb%20c/connect?")
    assert json.loads(scripted.bodies[0]) == {"Container": "c", "Links": ["x", "y"]}
    assert b"content-type: application/json" in scripted.heads[0].lower()


async def test_headers_of_a_call_are_sent(
    scripted: ScriptedEngine, scripted_transport: AiodockerTransport
) -> None:
    scripted.on("GET /thing", answer())

    await scripted_transport.request(
        ApiRequest(method="GET", path="thing", versioned=False, headers={"X-Registry-Auth": "e30="})
    )

    assert b"X-Registry-Auth: e30=" in scripted.heads[0]


@pytest.mark.parametrize(
    ("said", "status", "message"),
    [
        pytest.param(answer(409, {"message": "taken"}), 409, "taken", id="json"),
        pytest.param(
            answer(409, {"message": "taken"}, content_type="application/json; charset=utf-8"),
            409,
            "taken",
            id="json-with-charset",
        ),
        pytest.param(
            answer(500, {"cause": "c", "message": "taken", "response": 500}),
            500,
            "taken",
            id="podman",
        ),
        pytest.param(
            answer(502, b"<html>no</html>", content_type="text/html"),
            502,
            "<html>no</html>",
            id="proxy",
        ),
        pytest.param(answer(404, b"", content_type=None), 404, "", id="empty"),
        pytest.param(answer(404, b""), 404, "", id="empty-json"),
        pytest.param(answer(500, {"oops": 1}), 500, '{"oops": 1}', id="other-json"),
        pytest.param(answer(500, ["oops"]), 500, '["oops"]', id="list"),
        pytest.param(answer(500, b"\xff{"), 500, "\ufffd{", id="garbage"),
        pytest.param(answer(500, b"[" * 50_000), 500, "[" * 50_000, id="deep"),
        pytest.param(
            answer(500, b"x" * 2 * LARGEST_REFUSAL), 500, "x" * LARGEST_REFUSAL, id="long"
        ),
    ],
)
async def test_every_kind_of_refusal_is_a_refusal(
    scripted: ScriptedEngine,
    scripted_transport: AiodockerTransport,
    said: bytes,
    status: int,
    message: str,
) -> None:
    scripted.on("GET /thing", said)

    with pytest.raises(Refused) as refusal:
        await scripted_transport.request(GET)

    assert refusal.value.status == status
    assert message in refusal.value.message


@pytest.mark.parametrize("status", [200, 500])
async def test_an_answer_without_end_is_given_up(
    scripted: ScriptedEngine, scripted_transport: AiodockerTransport, status: int
) -> None:
    scripted.on("GET /thing", ENDLESS[status])
    tracemalloc.start()
    try:
        with pytest.raises(Refused) as refusal:
            await scripted_transport.request(
                ApiRequest(method="GET", path="thing", versioned=False)
            )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    most = _aiodocker.LARGEST_ANSWER if status == 200 else LARGEST_REFUSAL
    assert refusal.value.status == (None if status == 200 else 500)
    # The pieces, and once more the whole.
    assert peak < 2 * most + 8 * 2**20


async def test_no_engine_means_never_connected(tmp_path: Path) -> None:
    transport = connect_to(UnixAddress(path=str(tmp_path / "none.sock")))

    with pytest.raises(ConnectionBroken) as failure:
        await transport.request(GET)

    assert not failure.value.connected
    assert failure.value.message == (
        f"cannot reach the engine at unix://{tmp_path}/none.sock: No such file or directory"
    )
    await transport.aclose()


async def test_no_port_means_never_connected(free_tcp_port: int) -> None:
    transport = connect_to(TcpAddress(host="127.0.0.1", port=free_tcp_port))

    with pytest.raises(ConnectionBroken, match=f"127.0.0.1:{free_tcp_port}") as failure:
        await transport.request(GET)

    assert not failure.value.connected
    await transport.aclose()


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_connection_that_ends_before_the_answer_is_broken(
    scripted: ScriptedEngine, scripted_transport: AiodockerTransport, method: str
) -> None:
    scripted.on(f"{method} /thing", DROP)

    with pytest.raises(ConnectionBroken) as failure:
        await scripted_transport.request(
            ApiRequest(method=method, path="thing", versioned=False, timeout=5)
        )

    assert failure.value.connected


async def test_a_change_is_never_sent_twice(
    scripted: ScriptedEngine, scripted_transport: AiodockerTransport
) -> None:
    scripted.on("POST /thing", DROP)

    with suppress(ConnectionBroken):
        await scripted_transport.request(ApiRequest(method="POST", path="thing", versioned=False))

    assert scripted.calls == ["POST /thing"]


async def test_a_body_that_breaks_off_is_broken(
    scripted: ScriptedEngine, scripted_transport: AiodockerTransport
) -> None:
    scripted.on("GET /thing", chunked(b'{"a":', complete=False))

    with pytest.raises(ConnectionBroken):
        await scripted_transport.request(GET)


async def test_a_stream_that_breaks_off_gives_what_came_and_then_breaks(
    scripted: ScriptedEngine, scripted_transport: AiodockerTransport
) -> None:
    scripted.on("GET /slow", chunked(b"one", b"two", complete=False))
    seen: list[bytes] = []

    async def read(stream: ApiStream) -> None:
        async for chunk in stream.chunks():
            # What came before the break counts; a comprehension would lose it.
            seen.append(chunk)  # noqa: PERF401

    async with scripted_transport.stream(SLOW) as stream:
        with pytest.raises(ConnectionBroken):
            await read(stream)

    assert b"".join(seen) == b"onetwo"


async def test_silence_is_a_timeout(
    scripted: ScriptedEngine, scripted_transport: AiodockerTransport
) -> None:
    scripted.on("GET /thing", HANG)

    with pytest.raises(TimeoutError):
        await scripted_transport.request(
            ApiRequest(method="GET", path="thing", versioned=False, timeout=0.05)
        )

    with anyio.fail_after(5):
        await scripted.hung_up.wait()


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(HANG, id="before-the-headers"),
        pytest.param(chunked(b"one", complete=False) + HANG, id="in-the-body"),
    ],
)
async def test_a_cancelled_call_hangs_up(
    scripted: ScriptedEngine, scripted_transport: AiodockerTransport, said: bytes
) -> None:
    scripted.on("GET /slow", said)

    async with create_task_group() as tasks:
        tasks.start_soon(scripted_transport.request, SLOW)
        await scripted.asked.wait()
        tasks.cancel_scope.cancel()

    with anyio.fail_after(5):
        await scripted.hung_up.wait()


async def test_an_abandoned_stream_hangs_up(
    scripted: ScriptedEngine, scripted_transport: AiodockerTransport
) -> None:
    scripted.on("GET /slow", chunked(b"one", complete=False) + HANG)

    async with scripted_transport.stream(SLOW) as stream:
        async for chunk in stream.chunks():
            assert chunk == b"one"
            break

    with anyio.fail_after(5):
        await scripted.hung_up.wait()


async def test_connections_are_used_again_after_answers_and_refusals(
    scripted: ScriptedEngine, scripted_transport: AiodockerTransport
) -> None:
    scripted.on("GET /thing", answer(body={}), answer(404, {"message": "no"}), answer(body={}))

    for _ in range(5):
        with suppress(Refused):
            await scripted_transport.request(GET)

    assert scripted.open_connections == 1


async def test_calls_that_wait_do_not_hold_up_the_others(scripted: ScriptedEngine) -> None:
    scripted.on("GET /slow", HANG)
    scripted.on("GET /thing", answer(body={}))
    connector = aiohttp.UnixConnector(str(scripted.path), limit=0)
    docker = aiodocker.Docker(url="unix://localhost", connector=connector)
    transport = AiodockerTransport.owning(docker, "here", Lanes(short=1, waiting=2))

    async with create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(transport.request, SLOW)
        await scripted.asked.wait()
        response = await transport.request(GET)
        asked = scripted.calls.count("GET /slow")
        tasks.cancel_scope.cancel()

    assert response.status == 200
    assert asked <= 2
    await transport.aclose()


async def test_streams_that_are_followed_hold_up_neither_the_others_nor_what_waits(
    scripted: ScriptedEngine,
) -> None:
    scripted.on("GET /slow", answer(body={}))
    scripted.on("GET /thing", answer(body={}))
    connector = aiohttp.UnixConnector(str(scripted.path), limit=0)
    docker = aiodocker.Docker(url="unix://localhost", connector=connector)
    lanes = Lanes(short=1, waiting=1, following=1)
    transport = AiodockerTransport.owning(docker, "here", lanes)

    with anyio.fail_after(5):
        async with transport.stream(evolve(SLOW, follows=True)):
            assert (await transport.request(GET)).status == 200
            assert (await transport.request(SLOW)).status == 200
    await transport.aclose()


async def test_a_call_that_is_cancelled_in_the_queue_leaves_its_place_to_others(
    scripted: ScriptedEngine,
) -> None:
    scripted.on("GET /slow", HANG, answer(body={}))
    connector = aiohttp.UnixConnector(str(scripted.path), limit=0)
    docker = aiodocker.Docker(url="unix://localhost", connector=connector)
    transport = AiodockerTransport.owning(docker, "here", Lanes(short=1, waiting=1))

    async with create_task_group() as tasks:
        tasks.start_soon(transport.request, SLOW)
        await scripted.asked.wait()
        with move_on_after(0.01):
            await transport.request(SLOW)
        with move_on_after(0.01):
            async with transport.stream(SLOW):
                pytest.fail("there was no place free")
        tasks.cancel_scope.cancel()
    response = await transport.request(SLOW)

    assert response.status == 200
    await transport.aclose()


async def test_streams_leave_their_places_however_they_end(scripted: ScriptedEngine) -> None:
    scripted.on("GET /slow", answer(body={}), answer(404, {"message": "no"}), answer(body={}))
    connector = aiohttp.UnixConnector(str(scripted.path), limit=0)
    docker = aiodocker.Docker(url="unix://localhost", connector=connector)
    transport = AiodockerTransport.owning(docker, "here", Lanes(short=1, waiting=1))

    with anyio.fail_after(5):
        async with transport.stream(SLOW):
            pass
        with pytest.raises(Refused):
            async with transport.stream(SLOW):
                pytest.fail("it was refused")
        response = await transport.request(SLOW)

    assert response.status == 200
    await transport.aclose()


@pytest.mark.parametrize(
    ("connections", "lanes"),
    [
        pytest.param(0, Lanes(), id="no-limit"),
        pytest.param(100, Lanes(short=34, waiting=33, following=33), id="the-default"),
        pytest.param(4, Lanes(short=2, waiting=1, following=1), id="few"),
        pytest.param(1, Lanes(short=1, waiting=1, following=1), id="one"),
    ],
)
def test_a_limit_is_shared_by_all_kinds_of_calls(connections: int, lanes: Lanes) -> None:
    assert Lanes.within(connections) == lanes


@pytest.fixture
async def callers_docker(scripted: ScriptedEngine) -> AsyncIterator[aiodocker.Docker]:
    docker = aiodocker.Docker(url=f"unix://{scripted.path}")
    yield docker
    await docker.close()


async def test_a_callers_client_stays_open_and_as_it_was(
    scripted: ScriptedEngine, callers_docker: aiodocker.Docker
) -> None:
    scripted.on("GET /thing", answer(body={}))
    scripted.on("GET /version", answer(body={"ApiVersion": "1.41"}))
    transport = AiodockerTransport.wrapping(callers_docker)
    transport.api_version = "1.41"

    await transport.request(ApiRequest(method="GET", path="thing"))
    await transport.aclose()

    assert scripted.calls == ["GET /v1.41/thing"]
    assert callers_docker.api_version == "auto"
    assert await callers_docker.version() == {"ApiVersion": "1.41"}


async def test_a_limit_on_time_of_a_callers_client_does_not_cut_calls_that_wait(
    scripted: ScriptedEngine,
) -> None:
    scripted.on("GET /slow", HANG)
    docker = aiodocker.Docker(
        url=f"unix://{scripted.path}", timeout=aiohttp.ClientTimeout(total=0.01)
    )
    transport = AiodockerTransport.wrapping(docker)

    with move_on_after(0.2) as patience:
        await transport.request(SLOW)

    assert patience.cancelled_caught
    await docker.close()


async def test_a_closed_client_is_an_absent_engine(
    scripted_transport: AiodockerTransport,
) -> None:
    await scripted_transport.aclose()
    await scripted_transport.aclose()

    with pytest.raises(ConnectionBroken, match="has been closed"):
        await scripted_transport.request(GET)


async def test_closing_ends_what_is_under_way(
    scripted: ScriptedEngine, scripted_transport: AiodockerTransport
) -> None:
    scripted.on("GET /slow", HANG)
    failures: list[ConnectionBroken] = []

    async def ask() -> None:
        try:
            await scripted_transport.request(SLOW)
        except ConnectionBroken as broken:
            failures.append(broken)

    async with create_task_group() as tasks:
        tasks.start_soon(ask)
        await scripted.asked.wait()
        await scripted_transport.aclose()
        await checkpoint()

    assert len(failures) == 1


def test_python_has_nothing_to_warn_of(tmp_path: Path) -> None:
    program = textwrap.dedent(f"""
        import asyncio, gc
        from aiodockmap.engine import Engine, open_engine
        from aiodockmap.engine._clients import connect_to
        from aiodockmap.engine._hosts import UnixAddress
        from aiodockmap.errors import EngineUnreachable

        async def main():
            # How busy the machine is, is no warning about us.
            asyncio.get_running_loop().slow_callback_duration = 60
            async with Engine.over("e", connect_to(UnixAddress(path={str(tmp_path / "no")!r}))) as e:
                try:
                    await e.connect()
                except EngineUnreachable as error:
                    print(error)
            assert len(asyncio.all_tasks()) == 1

        asyncio.run(main())
        gc.collect()
    """)

    ran = subprocess.run(  # noqa: S603
        [sys.executable, "-X", "dev", "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert ran.returncode == 0
    assert ran.stderr == ""
    assert "is the engine running" in ran.stdout


async def test_the_credentials_of_a_callers_address_are_not_told() -> None:
    async with aiodocker.Docker(
        url="http://me:s3cr3t@nowhere.invalid:2375", api_version="v1.41"
    ) as docker:
        transport = AiodockerTransport.wrapping(docker)

        with pytest.raises(ConnectionBroken) as failure:
            await transport.request(GET)

    assert "nowhere.invalid" in failure.value.message
    assert "s3cr3t" not in failure.value.message + repr(transport)
