"""Two processes that do the same to one map at the same moment: one landscape, and no errors."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from raw_engine import RawEngine

from aiodockmap import ClientConfiguration, ContainerMap, MapClient

pytestmark = pytest.mark.engine

TWIN = Path(__file__).parents[1] / "twin.py"
ROUNDS = int(os.environ.get("AIODOCKMAP_TEST_ROUNDS", "2"))
"""Each takes about two seconds; races that are rare want more of them."""

Both = Callable[[str, dict[str, object]], list[dict[str, Any]]]


@pytest.fixture
def free_port() -> int:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        port: int = holder.getsockname()[1]
        return port


@pytest.fixture
def both(docker_url: str, prefix: str) -> Iterator[Both]:
    """Let two processes carry out an action at the same moment; tell what became of it in each."""
    twins = [
        subprocess.Popen(  # noqa: S603  # our own script
            [sys.executable, str(TWIN)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        for _ in range(2)
    ]

    def act(action: str, landscape: dict[str, object]) -> list[dict[str, Any]]:
        asked = {"url": docker_url, "map": prefix, "action": action, "landscape": landscape}
        for twin in twins:
            assert twin.stdin is not None
            twin.stdin.write(json.dumps(asked) + "\n")
        return [json.loads(twin.stdout.readline()) for twin in twins if twin.stdout is not None]

    yield act
    for twin in twins:
        with twin:
            assert twin.stdin is not None
            twin.stdin.close()
        assert twin.returncode == 0


def site(image: str, port: int, level: str = "low") -> dict[str, object]:
    """Something of everything: a prepared volume, networks, links, a command, a port."""
    return {
        "volumes": {"data": {"default_path": "/data", "user": 1000, "permissions": "u=rwX,go="}},
        "networks": {"front": {}, "back": {}},
        "containers": {
            "store": {"image": image, "attaches": ["data"], "user": 1000, "stop_timeout": 0},
            "web": {
                "image": image,
                "uses": ["data"],
                "networks": ["front", "back"],
                "exposes": [[80, port]],
                "exec_commands": [["/bin/touch /data/started", "root", "initial"]],
                "create_options": {"environment": {"LEVEL": level}},
                "stop_timeout": 0,
            },
            "top": {
                "image": image,
                "networks": [{"back": {"links": ["web"]}}],
                "stop_timeout": 0,
            },
            "old": {"image": image, "links": ["store"], "stop_timeout": 0},
        },
    }


async def check(
    raw_engine: RawEngine, docker_url: str, prefix: str, landscape: dict[str, object]
) -> None:
    """There is what one run would have made, and nothing else."""
    names = [f"{prefix}.{name}" for name in ("old", "store", "top", "web")]
    assert raw_engine.container_names(prefix) == names
    assert all((raw_engine.container(name) or {})["State"]["Running"] for name in names)
    assert raw_engine.network_names(prefix) == [f"{prefix}.back", f"{prefix}.front"]
    assert raw_engine.volume_names(prefix) == [f"{prefix}.data"]
    where = ClientConfiguration(base_url=docker_url)
    async with MapClient(ContainerMap(prefix, landscape), default_client=where) as client:
        plan = await client.plan("update", "__all__")
    assert plan.is_empty, plan.render()


async def test_two_processes_start_one_map(
    both: Both,
    docker_url: str,
    raw_engine: RawEngine,
    prefix: str,
    test_image: str,
    free_port: int,
) -> None:
    landscape = site(test_image, free_port)
    for _ in range(ROUNDS):
        assert [said for said in both("startup", landscape) if not said["ok"]] == []
        await check(raw_engine, docker_url, prefix, landscape)
        raw_engine.remove_all(prefix)


async def test_two_processes_make_the_same_change(
    both: Both,
    docker_url: str,
    raw_engine: RawEngine,
    prefix: str,
    test_image: str,
    free_port: int,
) -> None:
    async with MapClient(
        ContainerMap(prefix, site(test_image, free_port)),
        default_client=ClientConfiguration(base_url=docker_url),
    ) as client:
        await client.startup("__all__")

    for number in range(ROUNDS):
        landscape = site(test_image, free_port, level=str(number))
        assert [said for said in both("update", landscape) if not said["ok"]] == []
        await check(raw_engine, docker_url, prefix, landscape)
        web = raw_engine.container(f"{prefix}.web") or {}
        assert f"LEVEL={number}" in web["Config"]["Env"]
