"""The engines that have to say the same."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from contract_partners import (
    RICH_CHANGES,
    RICH_IMAGE,
    Partner,
    embedded_partner_of,
    release_of,
)
from raw_engine import RawEngine
from registry import Registry
from small_image import small_file_system

from aiodockmap.config import ClientConfiguration
from aiodockmap.engine import open_engine
from aiodockmap.testing import EmbeddedEngine


@pytest.fixture(params=[*EmbeddedEngine.releases, pytest.param("docker", marks=pytest.mark.engine)])
def engine_kind(request: pytest.FixtureRequest) -> str:
    """The release of an embedded engine, or `docker` for the real one."""
    return str(request.param)


@pytest.fixture
def partner(engine_kind: str, request: pytest.FixtureRequest) -> Partner:
    """One of the engines, with what it has to have."""
    if engine_kind == "docker":
        found: Partner = request.getfixturevalue("docker_partner")
        return found
    return embedded_partner_of(engine_kind)


@pytest.fixture
def embedded_partner(docker_release: str) -> Partner:
    """The embedded engine of the release that the real one is."""
    return embedded_partner_of(docker_release)


@pytest.fixture
async def docker_partner(
    docker_url: str, docker_release: str, prefix: str, rich_image: str
) -> AsyncIterator[Partner]:
    assert rich_image
    async with open_engine("docker", ClientConfiguration(base_url=docker_url)) as engine:
        await engine.connect()
        yield Partner(engine._connection.transport, prefix, docker_release)


@pytest.fixture(scope="session")
def docker_release(raw_engine: RawEngine) -> str:
    """Which release the real engine is."""
    return release_of(raw_engine)


@pytest.fixture(scope="session")
def rich_image(raw_engine: RawEngine, test_image: str) -> str:
    """An image whose configuration says something about everything that it may."""
    assert test_image
    status, answer = raw_engine.call("GET", "images/aiodockmap-test:rich/json")
    if status != 200 or answer["Config"]["Env"] != list(RICH_IMAGE.environment):
        status, answer = raw_engine.call(
            "POST",
            "images/create",
            small_file_system(),
            fromSrc="-",
            repo="aiodockmap-test",
            tag="rich",
            changes=RICH_CHANGES,
        )
        assert status == 200, answer
    return "aiodockmap-test:rich"


@pytest.fixture(scope="session")
def pull_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry that the real engine pulls from; the embedded one has one of the same name."""
    with Registry.serving(tmp_path_factory.mktemp("pulls")) as registry:
        yield registry
