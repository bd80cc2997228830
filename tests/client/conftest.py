"""Clients of the real engine, for maps that are called as the test's names start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest
from raw_engine import RawEngine
from registry import Registry

from aiodockmap import ClientConfiguration, ContainerMap, MapClient


class ClientOf(Protocol):
    """Make a client of a map, which is called `prefix`."""

    def __call__(
        self,
        landscape: Mapping[str, object],
        /,
        *,
        engine: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> MapClient:
        """`engine` is more about the engine, `settings` are those of the client."""


@pytest.fixture
def client_of(prefix: str, docker_url: str) -> ClientOf:
    def make(
        landscape: Mapping[str, object],
        /,
        *,
        engine: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> MapClient:
        return MapClient(
            ContainerMap(prefix, landscape),
            default_client=ClientConfiguration(base_url=docker_url, **(engine or {})),
            **settings,
        )

    return make


@pytest.fixture(scope="session")
def shared_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder: Path = tmp_path_factory.mktemp("registry")
    with Registry.serving(folder) as registry:
        yield registry


@pytest.fixture(scope="session")
def private_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """One that wants a password."""
    with Registry.serving(tmp_path_factory.mktemp("private"), is_private=True) as registry:
        yield registry


@pytest.fixture
def registry(shared_registry: Registry, raw_engine: RawEngine, prefix: str) -> Iterator[Registry]:
    """A real registry, for images below `prefix`; those that were pulled are removed afterwards."""
    yield shared_registry
    for entry in raw_engine.get("images/json"):
        for tag in entry["RepoTags"] or ():
            if tag.startswith(f"{shared_registry.address}/{prefix}"):
                raw_engine.call("DELETE", f"images/{tag}", force="true")
