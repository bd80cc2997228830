"""A container that its engine was killed over: written down, but without endpoints and anonymous volumes.

Docker 20.10 leaves such ones; `test_killed_engines` has it happen. Here it is the embedded engine.
"""

from __future__ import annotations

from typing import Any

import pytest
from anyio import sleep

from aiodockmap import ActionRunnerError, ContainerMap, MapClient
from aiodockmap.testing import CutPower, EmbeddedEngine, Fault, KillDaemon

pytestmark = pytest.mark.virtual_time

SITE = ContainerMap(
    "site",
    {
        "web": {
            "image": "/site-example",
            "shares": ["/shared"],
            "networks": [{"network_name": "front", "aliases": ["shop"]}, "back"],
        },
        "plain": {
            "image": "/site-example",
            "networks": [{"network_name": "front", "aliases": ["other"]}],
        },
        "networks": {"front": None, "back": None},
    },
)
FAULTS = [
    pytest.param(KillDaemon(0.01, when="within"), id="killed"),
    pytest.param(CutPower(0.01, when="within"), id="without-power"),
]


async def leave_half_made(
    client: MapClient, engine: EmbeddedEngine, name: str, fault: Fault
) -> str:
    """Have the daemon go away while it creates a container; give the id."""
    engine.fail("POST /containers/create", fault, at=1)
    with pytest.raises(ActionRunnerError):
        await client.create(name)
    engine.heal()
    await sleep(0.02)
    found = look(engine, name)
    assert (found["NetworkSettings"]["Networks"], found["Mounts"]) == ({}, [])
    return str(found["Id"])


def look(engine: EmbeddedEngine, name: str) -> dict[str, Any]:
    return engine.container(f"site.{name}") or {}


def aliases(engine: EmbeddedEngine, name: str) -> dict[str, bool]:
    """The networks of a container, and whether it has the alias there that the map gives it."""
    wanted = {"web": "shop", "plain": "other"}[name]
    networks = look(engine, name)["NetworkSettings"]["Networks"]
    return {key: wanted in each["Aliases"] for key, each in networks.items()}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("verb", ["startup", "update"])
async def test_one_without_its_volumes_is_made_anew(verb: str, fault: Fault) -> None:
    engine = EmbeddedEngine()
    async with MapClient(SITE, default_client=engine.transport()) as client:
        half_made = await leave_half_made(client, engine, "web", fault)

        plan = await client.plan(verb, "web")
        await client.apply(plan)

    assert "has not finished creating it" in plan.render()
    found = look(engine, "web")
    assert found["Id"] != half_made
    assert [mount["Destination"] for mount in found["Mounts"]] == ["/shared"]
    assert aliases(engine, "web") == {"site.front": True, "site.back": False}


@pytest.mark.parametrize("verb", ["start", "startup", "update"])
async def test_one_without_its_networks_is_connected_before_it_starts(verb: str) -> None:
    engine = EmbeddedEngine()
    async with MapClient(SITE, default_client=engine.transport()) as client:
        half_made = await leave_half_made(client, engine, "plain", KillDaemon(0.01, when="within"))

        await getattr(client, verb)("plain")

    assert look(engine, "plain")["Id"] == half_made
    assert aliases(engine, "plain") == {"site.front": True}


async def test_one_of_the_default_network_is_connected_by_its_engine() -> None:
    """A map names no network for it."""
    engine = EmbeddedEngine()
    online = ContainerMap("site", {"web": {"image": "site-example"}})
    async with MapClient(online, default_client=engine.transport()) as client:
        half_made = await leave_half_made(client, engine, "web", KillDaemon(0.01, when="within"))

        await client.startup("web")
        left = await client.plan("update", "web")

    assert look(engine, "web")["Id"] == half_made
    assert list(look(engine, "web")["NetworkSettings"]["Networks"]) == ["bridge"]
    assert left.is_empty


async def test_one_that_was_started_all_the_same_is_replaced_by_an_update() -> None:
    engine = EmbeddedEngine()
    async with MapClient(SITE, default_client=engine.transport()) as client:
        half_made = await leave_half_made(client, engine, "web", KillDaemon(0.01, when="within"))
        await client.start("web")
        started = look(engine, "web")

        plan = await client.plan("update", "web")
        await client.apply(plan)
        left = await client.plan("update", "web")

    assert (started["Id"], started["State"]["Running"]) == (half_made, True)
    assert "volumes: /shared is not set" in plan.render()
    assert [mount["Destination"] for mount in look(engine, "web")["Mounts"]] == ["/shared"]
    assert left.is_empty
