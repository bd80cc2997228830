"""A new volume gets its owner and mode, however often it takes."""

from __future__ import annotations

import pytest
from raw_engine import RawEngine

from aiodockmap import ActionRunnerError, ClientConfiguration, ContainerMap, MapClient

pytestmark = pytest.mark.engine


def owned(prefix: str, image: str, user: str) -> ContainerMap:
    return ContainerMap(
        prefix,
        {
            "volumes": {"data": {"default_path": "/data", "user": user}},
            "db": {"image": f"/{image}", "attaches": "data", "stop_signal": "SIGKILL"},
        },
    )


async def test_a_preparation_that_failed_is_made_up_for(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """VOL-25: the container does not start before, and the second run does not take it for done."""
    engine = ClientConfiguration(base_url=docker_url)
    async with MapClient(owned(prefix, test_image, "nobody-knows"), default_client=engine) as maps:
        with pytest.raises(ActionRunnerError) as first:
            await maps.startup("db")
        with pytest.raises(ActionRunnerError) as second:
            await maps.startup("db")
    async with MapClient(owned(prefix, test_image, "2000"), default_client=engine) as maps:
        report = await maps.startup("db")
        again = await maps.plan("startup", "db")
        volumes = raw_engine.volume_names(prefix)
        await maps.shutdown("db", remove_attached=True)

    assert "nobody-knows" in str(first.value)
    assert "nobody-knows" in str(second.value)
    assert report.ok
    assert again.is_empty
    assert volumes == [f"{prefix}.data"]
    assert raw_engine.volume_names(prefix) == []


async def test_the_mark_goes_with_a_volume_that_was_never_prepared(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    engine = ClientConfiguration(base_url=docker_url)
    async with MapClient(owned(prefix, test_image, "nobody-knows"), default_client=engine) as maps:
        with pytest.raises(ActionRunnerError):
            await maps.startup("db")
        await maps.shutdown("db", remove_attached=True)

    assert raw_engine.volume_names(prefix) == []
