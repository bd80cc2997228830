"""The embedded engine on the wire, byte by byte: what callers meet who bring an HTTP of their own."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from anyio import fail_after, move_on_after
from embedded_partners import Asker

from aiodockmap.testing import Behaviour, EmbeddedEngine
from aiodockmap.testing._answers import Streaming
from aiodockmap.testing._server import _hijack

MEGABYTE = 1 << 20


class Wire:
    """A connection of a caller that takes what is there, all at once."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._loop = asyncio.get_running_loop()

    async def send(self, head: str, body: bytes = b"") -> None:
        await self._loop.sock_sendall(
            self.connection, head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body
        )

    async def receive(self) -> bytes:
        with fail_after(30):
            return await self._loop.sock_recv(self.connection, MEGABYTE)


@pytest.fixture
async def path(engine: EmbeddedEngine, tmp_path: Path) -> AsyncIterator[str]:
    async with engine.serve(tmp_path / "docker.sock") as url:
        yield url.removeprefix("unix://")


@pytest.fixture
async def wire(path: str) -> AsyncIterator[Wire]:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(0)
        connection.connect(path)
        yield Wire(connection)


@pytest.fixture
async def command(ask: Asker) -> str:
    """A command of a running container, ready to be started."""
    await ask.create("web")
    await ask.start("web")
    body = {"Cmd": ["sh", "-c", "echo out"], "AttachStdout": True}
    made: str = json.loads((await ask("POST", "containers/web/exec", body)).body)["Id"]
    return made


UPGRADE = "HTTP/1.1\nHost: x\nConnection: Upgrade\nUpgrade: tcp\nContent-Type: application/json"


async def test_output_does_not_come_along_with_the_header(wire: Wire, command: str) -> None:
    """Whoever reads the header with a buffer, and then takes the socket, loses what the buffer has."""
    await wire.send(f"POST /exec/{command}/start {UPGRADE}\nContent-Length: 2", b"{}")

    header = await wire.receive()
    output = await wire.receive()

    assert header.startswith(b"HTTP/1.1 101 UPGRADED\r\n")
    assert header.partition(b"\r\n\r\n")[2] == b""
    assert output == b"\x01\0\0\0\0\0\0\x04out\n"
    assert await wire.receive() == b""


async def test_a_reader_that_does_not_read_holds_up_what_is_written() -> None:
    written = []

    async def chunks() -> AsyncIterator[bytes]:
        for number in range(64):
            written.append(number)
            yield bytes(MEGABYTE)

    reply = Streaming(chunks=chunks, headers={"content-type": "text/plain"})
    here, there = socket.socketpair()
    with there:
        transport, _ = await asyncio.get_running_loop().connect_accepted_socket(
            asyncio.Protocol, here
        )
        with move_on_after(60):
            await _hijack(transport, reply)
        transport.abort()

    assert written == [0]


async def test_much_output_arrives_whole(engine: EmbeddedEngine, wire: Wire, command: str) -> None:
    engine.behaviour(Behaviour(ends_after=0, stdout="x" * MEGABYTE), command="sh -c *")
    await wire.send(f"POST /exec/{command}/start {UPGRADE}\nContent-Length: 2", b"{}")

    received = b""
    while piece := await wire.receive():
        received += piece

    assert received.partition(b"\r\n\r\n")[2] == b"\1\0\0\0\0\x10\0\0" + b"x" * MEGABYTE


async def test_a_caller_that_sends_no_more_is_answered(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    await wire.send("GET /info HTTP/1.1\nHost: x")
    wire.connection.shutdown(socket.SHUT_WR)

    answer = await wire.receive()

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert await wire.receive() == b""
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_caller_that_asks_whether_to_go_on_is_told_to(wire: Wire) -> None:
    head = "POST /volumes/create HTTP/1.1\nHost: x\nContent-Type: application/json"
    await wire.send(f"{head}\nContent-Length: 15\nExpect: 100-continue")

    assert await wire.receive() == b"HTTP/1.1 100 Continue\r\n\r\n"
    await asyncio.get_running_loop().sock_sendall(wire.connection, b'{"Name":"data"}')

    assert (await wire.receive()).startswith(b"HTTP/1.1 201 Created\r\n")


@pytest.mark.parametrize("head", ["/_ping?x={} HTTP/1.1\nHost: x", "/_ping HTTP/1.1\nHost: {}"])
async def test_a_request_may_be_long(wire: Wire, head: str) -> None:
    await wire.send(f"GET {head.format('x' * 100_000)}")

    assert (await wire.receive()).startswith(b"HTTP/1.1 200 OK\r\n")


async def test_many_may_come_at_once(path: str) -> None:
    callers = [socket.socket(socket.AF_UNIX) for _ in range(200)]
    for caller in callers:
        caller.settimeout(0)
        caller.connect(path)

    wire = Wire(callers[-1])
    await wire.send("GET /_ping HTTP/1.1\nHost: x")

    assert (await wire.receive()).startswith(b"HTTP/1.1 200 OK\r\n")
    for caller in callers:
        caller.close()
