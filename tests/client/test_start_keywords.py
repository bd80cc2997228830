"""Keyword arguments of `start`: what can be changed on a container that exists (KW-7)."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
from raw_engine import RawEngine
from run_partners import WatchedTransport

from aiodockmap import ContainerMap, MapClient, OptionError, PlanningError
from aiodockmap.testing import EmbeddedEngine

MEGABYTE = 1024**2
IMAGE = "site-example:latest"
SITE = ContainerMap(
    "m",
    {
        "db": {"image": IMAGE},
        "web": {"image": IMAGE, "links": "db", "host_config": {"cpu_shares": 512}},
    },
)


def host_config(raw_engine: RawEngine, name: str) -> dict[str, Any]:
    found = raw_engine.container(name)
    assert found is not None
    return dict(found["HostConfig"])


@pytest.mark.engine
async def test_limits_are_set_on_selected_containers_before_they_start(
    client_of: Any, test_image: str, raw_engine: RawEngine, prefix: str
) -> None:
    site = {
        "containers": {
            "db": {"image": test_image, "stop_timeout": 0},
            "web": {
                "image": test_image,
                "links": ["db"],
                "host_config": {"memswap_limit": "96m", "mem_limit": "32m"},
                "stop_timeout": 0,
            },
        }
    }
    async with client_of(site) as client:
        await client.create("web")
        await client.start(
            "web", mem_limit="64m", restart_policy={"Name": "on-failure"}, pids_limit=50
        )
        started = host_config(raw_engine, f"{prefix}.web")
        needed = host_config(raw_engine, f"{prefix}.db")
        await client.stop("__all__")
        await client.start("web", mem_limit=0, memswap_limit=-1, restart_policy="no")
        lifted = host_config(raw_engine, f"{prefix}.web")
        await client.update("web")
        updated = host_config(raw_engine, f"{prefix}.web")
        settled = await client.plan("update", "web")

    assert (started["Memory"], started["MemorySwap"]) == (64 * MEGABYTE, 96 * MEGABYTE)
    assert started["RestartPolicy"] == {"Name": "on-failure", "MaximumRetryCount": 0}
    assert started["PidsLimit"] == 50
    assert needed["Memory"] == 0
    assert needed["RestartPolicy"]["Name"] in {"", "no"}
    assert lifted["Memory"] not in range(1, 2**62)
    assert lifted["RestartPolicy"]["Name"] == "no"
    assert (updated["Memory"], updated["MemorySwap"]) == (32 * MEGABYTE, 96 * MEGABYTE)
    assert settled.is_empty


async def test_the_plan_shows_what_is_set_and_why() -> None:
    engine = EmbeddedEngine()
    async with MapClient(SITE, default_client=engine.transport()) as client:
        await client.create("web")
        plan = await client.plan("start", "web", mem_limit="64m", pids_limit=9)
        await client.apply(plan)
        again = await client.plan("start", "web", mem_limit="64m")

    assert plan.render() == dedent("""\
        #1 start container m.db: was never started; needed by container m.web
        #2 update container m.web live (Memory, MemorySwap, PidsLimit): memory limit, process limit requested
        #3 start container m.web: was never started [after #1 #2]""")
    host = (engine.container("m.web") or {})["HostConfig"]
    assert (host["Memory"], host["CpuShares"]) == (64 * MEGABYTE, 512)
    assert (engine.container("m.db") or {})["HostConfig"]["Memory"] == 0
    assert again.is_empty
    assert again.notes == ("container m.web is not started: what start() sets is not set on it",)


async def test_everything_else_is_refused_at_once_before_anything_is_asked() -> None:
    transport = WatchedTransport(EmbeddedEngine().transport())
    async with MapClient(SITE, default_client=transport) as client:
        with pytest.raises(OptionError) as refusal:
            await client.start(
                "web", command="x", mem_limt=1, cpu_shares="half", host_config={"dns": ["::1"]}
            )
        with pytest.raises(OptionError, match="it belongs to restart, stop"):
            await client.start("web", timeout=3)

    fixed = "is fixed when a container is created (write it into the map, or pass it to create())"
    assert str(refusal.value).splitlines() == [
        "start(): mem_limt: there is no such option (did you mean 'mem_limit'?)",
        "start(): cpu_shares: must be a whole number, not 'half'",
        f"start(): command: {fixed}",
        f"start(): host_config.dns: {fixed}",
    ]
    assert transport.calls == []


async def test_a_limit_that_cannot_be_lifted_is_refused() -> None:
    engine = EmbeddedEngine()
    async with MapClient(SITE, default_client=engine.transport()) as client:
        await client.create("web")
        with pytest.raises(PlanningError, match=r"m\.web: engines cannot lift its CPU set"):
            await client.start("web", cpuset_cpus="")


async def test_null_changes_nothing() -> None:
    """KW-2."""
    engine = EmbeddedEngine()
    async with MapClient(SITE, default_client=engine.transport()) as client:
        await client.create("db")
        plan = await client.plan("start", "db", mem_limit=None)

    assert [str(step) for step in plan.steps] == ["#1 start container m.db"]
