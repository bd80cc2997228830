"""What users of docker-map asked for over the years, and have here (USR)."""

from __future__ import annotations

from typing import Any

import pytest
from engine_views import free_ports
from raw_engine import RawEngine

pytestmark = pytest.mark.engine


async def test_names_with_underscores_make_host_names_and_aliases_that_are_valid(
    client_of: Any, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """USR-7, NAME-8, NAME-11; chosen aliases stay as they are, and there may be several (USR-12)."""
    landscape = {
        "my_db": {"image": test_image, "stop_timeout": 0},
        "my_app": {
            "image": test_image,
            "links": ["my_db", ("my_db", "My_Base"), ("my_db", "second")],
            "stop_timeout": 0,
        },
    }
    async with client_of(landscape) as client:
        await client.startup("my_app")
        settled = await client.plan("update", "my_app")

    app = raw_engine.get(f"containers/{prefix}.my_app/json")
    assert app["Config"]["Hostname"] == f"{prefix}-my-app"
    assert sorted(app["HostConfig"]["Links"]) == [
        f"/{prefix}.my_db:/{prefix}.my_app/{alias}" for alias in ("My_Base", "my-db", "second")
    ]
    assert settled.is_empty


async def test_a_port_may_be_published_several_times(
    client_of: Any, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """USR-10, USR-12, ENG-6: the port of the container first, then that of the host."""
    first, second = free_ports(2)
    landscape = {
        "web": {
            "image": test_image,
            "exposes": [(80, first, "own"), (80, second, "own")],
            "stop_timeout": 0,
        }
    }
    async with client_of(landscape, engine={"interfaces": {"own": "127.0.0.1"}}) as client:
        await client.startup("web")
        settled = await client.plan("update", "web")

    ports = raw_engine.get(f"containers/{prefix}.web/json")["NetworkSettings"]["Ports"]
    published = [(each["HostIp"], each["HostPort"]) for each in ports["80/tcp"]]
    assert sorted(published) == sorted(("127.0.0.1", str(port)) for port in (first, second))
    assert settled.is_empty


async def test_a_restart_can_be_told_from_the_status(
    client_of: Any, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """USR-12, STATE-10: by whoever did it."""
    async with client_of({"web": {"image": test_image, "stop_timeout": 0}}) as client:
        await client.startup("web")
        (before,) = await client.status("web")
        (unchanged,) = await client.status("web")
        raw_engine.call("POST", f"containers/{prefix}.web/restart", t="0")
        (after,) = await client.status("web")

    assert before.started_at == unchanged.started_at
    assert before.started_at != after.started_at
    assert before.container_id == after.container_id
