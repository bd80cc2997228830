"""Fixtures for pytest: `pytest_plugins = ["aiodockmap.testing.pytest_plugin"]` in your `conftest.py`.

It is not loaded by itself, so that a run of pytest that needs no engine does not import one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal

from ._engine import EmbeddedEngine

__all__ = ["embedded_docker_host", "embedded_engine", "embedded_release"]


@pytest.fixture
def embedded_release() -> str:
    """The Docker that `embedded_engine` behaves as: `20.10`.

    Overwrite it for another one, or with `params=EmbeddedEngine.releases` for each.
    """
    return EmbeddedEngine.releases[0]


@pytest.fixture
def embedded_engine(embedded_release: str) -> EmbeddedEngine:
    """A fresh `EmbeddedEngine` that can pull whatever is asked for.

    Overwrite it for an engine with certain images, faults or behaviours.
    """
    return EmbeddedEngine((), pulls_anything=True, release=embedded_release)


@pytest.fixture
def embedded_docker_host(
    embedded_engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The URL of a socket of `embedded_engine`, which is also in `DOCKER_HOST` during the test.

    For programs, and for tests that know nothing of asyncio, too: a thread answers, in real time. While it
    does, look at the engine, plan its faults, restart its daemon, but do not use its `transport()` besides.
    """
    # Not tmp_path: the path of a socket may have about 100 characters.
    with (
        tempfile.TemporaryDirectory(prefix="embedded-") as folder,
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(
            embedded_engine.serve(Path(folder) / "docker.sock")
        ) as url,
    ):
        monkeypatch.setenv("DOCKER_HOST", url)
        yield url
