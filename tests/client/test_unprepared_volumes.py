"""A new volume gets its owner and mode, however often it takes."""

from __future__ import annotations

import anyio
import pytest
from killed_update import run_and_kill
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


async def test_what_a_killed_run_left_preparing_is_removed_by_the_next_one(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """VOL-23: it neither runs nor changes for a while, so that no run under way looks after it."""
    owned_map = owned(prefix, test_image, "2000")
    made = await anyio.to_thread.run_sync(
        lambda: run_and_kill(
            docker_url,
            prefix,
            owned_map.to_dict(),
            until=f"/{prefix}.data.aiodockmap-prepare/start",
        )
    )
    left = raw_engine.container_names(f"{prefix}.data")
    async with MapClient(
        owned_map, default_client=ClientConfiguration(base_url=docker_url)
    ) as maps:
        await maps.startup("db")
        again = await maps.plan("startup", "db")

    assert "prepare/start" in made[-1]
    assert left == [f"{prefix}.data.aiodockmap-prepare"]
    assert raw_engine.container_names(prefix) == [f"{prefix}.db"]
    assert again.is_empty


async def test_what_prepares_a_volume_for_another_run_is_waited_for(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """Two runs at once, with a client each: both end well, and each change is made once at a time."""
    engine = ClientConfiguration(base_url=docker_url)
    owned_map = owned(prefix, test_image, "2000")
    async with (
        MapClient(owned_map, default_client=engine) as one,
        MapClient(owned_map, default_client=engine) as other,
    ):
        # Both find that it was never prepared.
        raw_engine.call("POST", "volumes/create", {"Name": f"{prefix}.data"})
        raw_engine.call("POST", "volumes/create", {"Name": f"{prefix}.data.aiodockmap-unprepared"})
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(one.create, "db")
            tasks.start_soon(other.create, "db")

    assert raw_engine.container_names(prefix) == [f"{prefix}.db"]
    assert raw_engine.volume_names(prefix) == [f"{prefix}.data"]
