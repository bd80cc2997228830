"""Who the engine edge talks to in tests: resources with names of their own, and a scripted engine."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anyio import Event
from attrs import define, field

from aiodockmap.model import DEFAULT_ENGINE, ResourceId, ResourceKind

_VERSION = re.compile(r"^/v\d+\.\d+/")

INFO = {"NCPU": 2, "ServerVersion": "20.10"}


@define(eq=False)
class Names:
    """Resources whose names start with the test's own prefix."""

    prefix: str

    def container(self, name: str = "c") -> ResourceId:
        return ResourceId(DEFAULT_ENGINE, ResourceKind.CONTAINER, f"{self.prefix}-{name}")

    def network(self, name: str = "n") -> ResourceId:
        return ResourceId(DEFAULT_ENGINE, ResourceKind.NETWORK, f"{self.prefix}-{name}")

    def volume(self, name: str = "v") -> ResourceId:
        return ResourceId(DEFAULT_ENGINE, ResourceKind.VOLUME, f"{self.prefix}-{name}")


def answer(
    status: int = 200,
    body: object = b"",
    *,
    content_type: str | None = "application/json",
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """One complete HTTP answer."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(content)}"]
    if content_type is not None:
        lines.append(f"Content-Type: {content_type}")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


def chunked(*chunks: bytes, complete: bool = True) -> bytes:
    """One HTTP answer in chunks, which may break off."""
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return head + body + (b"0\r\n\r\n" if complete else b"")


HANG: bytes = b"HANG"
"""Instead of an answer: silence, until the other side gives up."""
ENDLESS: Mapping[int, bytes] = {
    status: f"HTTP/1.1 {status} Whatever\r\nTransfer-Encoding: chunked\r\n\r\nENDLESS".encode()
    for status in (200, 500)
}
"""An answer that goes on until the other side gives up, by its status."""
DROP: bytes = b"DROP"
"""Instead of an answer: the end of the connection."""


@define(eq=False)
class ScriptedEngine:
    """Answers each call as it was told to, and remembers what it was asked."""

    path: Path
    answers: dict[str, list[bytes]] = field(factory=dict)
    """By method and path without version: `GET /info`; the last one is given again and again."""
    calls: list[str] = field(factory=list)
    bodies: list[bytes] = field(factory=list)
    heads: list[bytes] = field(factory=list)
    open_connections: int = 0
    asked: Event = field(factory=Event)
    """Set by the first call that hangs."""
    hung_up: Event = field(factory=Event)
    """Set when the other side gives a hanging call up."""
    _tasks: set[asyncio.Task[Any]] = field(factory=set)

    def on(self, call: str, *answers: bytes) -> None:
        self.answers[call] = list(answers)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.open_connections += 1
        try:
            while await self._serve_call(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open_connections -= 1
            self._tasks.discard(task)
            writer.close()

    async def _serve_call(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, _ = head.decode().split(" ", 2)
        length = next(
            (
                int(line.split(b":")[1])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length:")
            ),
            0,
        )
        self.heads.append(head)
        self.bodies.append(await reader.readexactly(length))
        path = _VERSION.sub("/", target).partition("?")[0]
        self.calls.append(f"{method} {target}")
        scripted = self.answers.get(f"{method} {path}", [answer(404, {"message": "unscripted"})])
        said = scripted.pop(0) if len(scripted) > 1 else scripted[0]
        if said is DROP:
            return False
        if said.endswith(HANG):
            writer.write(said.removesuffix(HANG))
            self.asked.set()
            await reader.read()
            self.hung_up.set()
            return False
        if said in ENDLESS.values():
            writer.write(said.removesuffix(b"ENDLESS"))
            while True:
                writer.write(b"100000\r\n" + b"x" * 2**20 + b"\r\n")
                await writer.drain()
        writer.write(said)
        await writer.drain()
        # An answer without its end is followed by the end of the connection.
        return b"chunked" not in said or said.endswith(b"0\r\n\r\n")

    async def end(self) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
