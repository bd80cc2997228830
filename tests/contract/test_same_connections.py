"""The bytes on the wire, for callers with an HTTP of their own: both engines begin and end alike."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from anyio import fail_after
from attrs import frozen
from contract_calls import RUNNING
from contract_partners import Partner

pytestmark = pytest.mark.engine

UPGRADE = "HTTP/1.1\nHost: x\nConnection: Upgrade\nUpgrade: tcp\nContent-Type: application/json"
PACKAGED = re.compile(r"(?<=Docker/)([\d.]+)\S*")
"""The version that an engine says, of which a distribution may have added its own."""


@frozen
class Line:
    """A connection to an engine, and the engine."""

    partner: Partner
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, text: str, body: bytes = b"") -> None:
        head = self.partner.named(text).replace("\n", "\r\n")
        self.writer.write(head.encode() + b"\r\n\r\n" + body)

    async def head(self) -> list[str]:
        """The lines of a header."""
        with fail_after(30):
            head = await self.reader.readuntil(b"\r\n\r\n")
        return PACKAGED.sub(r"\1", head.decode()).split("\r\n")

    async def rest(self) -> bytes:
        with fail_after(30):
            return await self.reader.read()


async def connected(partner: Partner, url: str) -> Line:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return Line(partner, *await asyncio.open_unix_connection(parts.path))
    return Line(partner, *await asyncio.open_connection(parts.hostname, parts.port))


@pytest.fixture
async def lines(
    embedded_partner: Partner, docker_partner: Partner, docker_url: str, tmp_path: Path
) -> AsyncIterator[tuple[Line, Line]]:
    engine = embedded_partner.embedded
    assert engine is not None
    async with engine.serve(tmp_path / "docker.sock") as url:
        lines = (
            await connected(embedded_partner, url),
            await connected(docker_partner, docker_url),
        )
        yield lines
        for line in lines:
            line.writer.close()


async def test_the_answer_to_a_started_command_is_the_same(lines: tuple[Line, Line]) -> None:
    answers = []
    for line in lines:
        for call in RUNNING:
            await call.of(line.partner)
        body = {"Cmd": ["sh", "-c", "echo out"], "AttachStdout": True}
        _, made = await line.partner.ask_openly("POST", "containers/~a/exec", body)
        line.send(f"POST /exec/{made['Id']}/start {UPGRADE}\nContent-Length: 2", b"{}")
        answers.append((await line.head(), await line.rest()))

    assert answers[0] == answers[1]
    assert answers[1][1].endswith(b"out\n")


async def test_the_answer_to_an_attached_caller_is_the_same(lines: tuple[Line, Line]) -> None:
    answers = []
    for line in lines:
        for call in RUNNING:
            await call.of(line.partner)
        line.send(f"POST /containers/~a/attach?stdout=1&stream=1 {UPGRADE}\nContent-Length: 0")
        answers.append(await line.head())

    assert answers[0] == answers[1]


async def test_a_caller_that_sends_no_more_is_answered_alike(lines: tuple[Line, Line]) -> None:
    answers = []
    for line in lines:
        line.send("GET /info HTTP/1.1\nHost: x")
        line.writer.write_eof()
        answers.append(((await line.head())[0], (await line.rest())[-1:]))

    assert answers[0] == answers[1] == ("HTTP/1.1 200 OK", b"\n")


async def test_a_caller_that_asks_whether_to_go_on_is_told_alike(lines: tuple[Line, Line]) -> None:
    answers = []
    for line in lines:
        head = "POST /volumes/create HTTP/1.1\nHost: x\nContent-Type: application/json"
        line.send(f"{head}\nContent-Length: 10\nExpect: 100-continue")
        before = await line.head()
        line.writer.write(b'{"Name":7}')
        answers.append((before, (await line.head())[0]))

    assert answers[0] == answers[1]


HEADS = {
    "address": "/_ping?x={} HTTP/1.1\nHost: x",
    "header": "/_ping HTTP/1.1\nHost: x\nX: {}",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
async def test_a_request_may_be_as_long(lines: tuple[Line, Line], head: str) -> None:
    for line in lines:
        line.send(f"GET {head.format('x' * 1_000_000)}")

        assert (await line.head())[0] == "HTTP/1.1 200 OK"
