"""Engines to talk to: the real one, and one that says exactly what a test wants to hear."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from engine_partners import INFO, Names, ScriptedEngine, answer

from aiodockmap.engine import Engine
from aiodockmap.engine._aiodocker import AiodockerTransport
from aiodockmap.engine._clients import connect_to
from aiodockmap.engine._hosts import UnixAddress, resolve_address
from aiodockmap.model import DEFAULT_ENGINE, ResourceId, ResourceKind


@pytest.fixture
def names(prefix: str) -> Names:
    return Names(prefix)


@pytest.fixture
async def transport(docker_url: str) -> AsyncIterator[AiodockerTransport]:
    transport = connect_to(resolve_address(docker_url))
    yield transport
    await transport.aclose()


@pytest.fixture
async def engine(transport: AiodockerTransport) -> Engine:
    """The real engine."""
    return Engine.over(DEFAULT_ENGINE, transport)


@pytest.fixture
async def scripted(tmp_path: Path) -> AsyncIterator[ScriptedEngine]:
    """An engine of API 1.41 that introduces itself, and knows nothing else yet."""
    scripted = ScriptedEngine(tmp_path / "engine.sock")
    scripted.on("HEAD /_ping", answer(headers={"Api-Version": "1.41"}))
    scripted.on("GET /info", answer(body=INFO))
    server = await asyncio.start_unix_server(scripted.serve, scripted.path)
    yield scripted
    server.close()
    await scripted.end()


@pytest.fixture
async def scripted_transport(scripted: ScriptedEngine) -> AsyncIterator[AiodockerTransport]:
    transport = connect_to(UnixAddress(path=str(scripted.path)))
    yield transport
    await transport.aclose()


@pytest.fixture
async def scripted_client(scripted_transport: AiodockerTransport) -> Engine:
    """Our side of the scripted engine; a second is a long time there."""
    return Engine.over(DEFAULT_ENGINE, scripted_transport, call_timeout=1.0)


@pytest.fixture
def image() -> ResourceId:
    return ResourceId(DEFAULT_ENGINE, ResourceKind.IMAGE, "web:1")
