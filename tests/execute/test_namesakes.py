"""Networks of one name, as engines before API 1.44 let two clients make them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from raw_engine import RawEngine

from aiodockmap import ClientConfiguration, EngineError, ResourceId, ResourceKind
from aiodockmap.engine import Engine, open_engine
from aiodockmap.execute._namesakes import (
    UNIQUE_NAMES,
    agree_on_network,
    despite_namesakes,
    is_clear_again,
)
from aiodockmap.model import DEFAULT_ENGINE

pytestmark = pytest.mark.engine


@pytest.fixture
async def engine(docker_url: str) -> AsyncIterator[Engine]:
    async with open_engine(DEFAULT_ENGINE, ClientConfiguration(base_url=docker_url)) as engine:
        if (await engine.connect()).api_version >= UNIQUE_NAMES:
            pytest.skip("this engine never makes two networks of one name")
        yield engine


@pytest.fixture
def network(prefix: str) -> ResourceId:
    return ResourceId(DEFAULT_ENGINE, ResourceKind.NETWORK, f"{prefix}net")


def make(raw_engine: RawEngine, network: ResourceId) -> str:
    status, answer = raw_engine.call("POST", "networks/create", {"Name": network.name})
    assert status == 201, answer
    return str(answer["Id"])


def ids(raw_engine: RawEngine, network: ResourceId) -> list[str]:
    return [each["Id"] for each in raw_engine.get("networks") if each["Name"] == network.name]


async def test_the_older_one_stays(
    raw_engine: RawEngine, engine: Engine, network: ResourceId
) -> None:
    older, younger = make(raw_engine, network), make(raw_engine, network)

    stays = await agree_on_network(engine, network, younger)

    assert stays is not None
    assert stays.id == older
    assert ids(raw_engine, network) == [older]


async def test_the_older_one_gives_way_to_one_that_nobody_takes_back(
    raw_engine: RawEngine, engine: Engine, network: ResourceId
) -> None:
    older, younger = make(raw_engine, network), make(raw_engine, network)

    stays = await agree_on_network(engine, network, older)

    assert stays is not None
    assert stays.id == younger
    assert ids(raw_engine, network) == [younger]


async def test_a_single_one_stays(
    raw_engine: RawEngine, engine: Engine, network: ResourceId
) -> None:
    own = make(raw_engine, network)

    stays = await agree_on_network(engine, network, own)

    assert stays is not None
    assert stays.id == own


async def test_a_name_that_stays_ambiguous_is_no_reason_to_try_again(
    raw_engine: RawEngine, engine: Engine, network: ResourceId, test_image: str
) -> None:
    _, second = make(raw_engine, network), make(raw_engine, network)
    name = f"{network.name}web"
    container = ResourceId(DEFAULT_ENGINE, ResourceKind.CONTAINER, name)
    body = {"Image": test_image, "HostConfig": {"NetworkMode": network.name}}
    status, answer = raw_engine.call("POST", "containers/create", body, name=name)
    assert status == 201, answer
    with pytest.raises(EngineError, match="is ambiguous") as raised:
        await engine.start_container(container, name)

    assert not await is_clear_again(engine, raised.value)

    raw_engine.call("DELETE", f"networks/{second}")
    assert await is_clear_again(engine, raised.value)
    assert await engine.start_container(container, name)


async def test_a_name_may_be_ambiguous_for_several_moments(engine: Engine) -> None:
    """The list is clear already, or again, each time that somebody looks."""
    refusals = iter([EngineError("network m.n is ambiguous (2 matches found on name)")] * 3)

    async def change() -> str:
        for refusal in refusals:
            raise refusal
        return "done"

    assert await despite_namesakes(engine, change) == "done"


async def test_other_refusals_are_not_tried_again(engine: Engine) -> None:
    attempts = 0

    async def change() -> None:
        nonlocal attempts
        attempts += 1
        raise EngineError("no space left on device")

    with pytest.raises(EngineError, match="no space left"):
        await despite_namesakes(engine, change)
    assert attempts == 1
