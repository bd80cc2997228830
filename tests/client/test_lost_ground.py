"""Containers that are down, and hold on to others that were replaced meanwhile, can never be started again.

They hold on to ids: whose network they share, or whose address they were told. `startup` makes such ones
anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from raw_engine import RawEngine
from sites import PROMPT

from aiodockmap import ClientConfiguration, ContainerMap, MapClient
from aiodockmap.engine import ApiRequest
from aiodockmap.plan import Cause, CreateContainer
from aiodockmap.testing import Delay, EmbeddedEngine

ON_THE_OWNER = {
    "network-stack": {"network_mode": "db"},
    "link-on-the-default-bridge": {"links": "db"},
}
BY_NAME = {"networks": {"net": {"links": ["db"]}}}


def site(name: str, image: str, web: Mapping[str, Any], level: str = "1") -> ContainerMap:
    common = {"image": f"/{image}", "stop_signal": "SIGKILL"}
    db = {**common, "create_options": {"environment": {"LEVEL": level}}}
    if "networks" in web:
        db["networks"] = "net"
    return ContainerMap(name, {"networks": {"net": {}}, "db": db, "web": {**common, **web}})


def ids(raw: RawEngine, name: str) -> dict[str, str]:
    found = {each: raw.container(f"{name}.{each}") or {} for each in ("db", "web")}
    assert all(each["State"]["Running"] for each in found.values())
    return {name: each["Id"] for name, each in found.items()}


async def replace_owner_while_down(
    url: str, raw: RawEngine, name: str, image: str, web: Mapping[str, Any]
) -> tuple[dict[str, str], dict[str, str]]:
    """Replace what a container that is down holds on to, and start that one up; the ids before and after."""
    here = ClientConfiguration(base_url=url)
    async with MapClient(site(name, image, web), default_client=here) as client:
        await client.startup("__all__")
        before = ids(raw, name)
        await client.stop("web")
    async with MapClient(site(name, image, web, "2"), default_client=here) as client:
        await client.update("db")
        await client.startup("web")
        assert (await client.plan("startup", "web")).is_empty
        assert (await client.plan("update", "web")).is_empty
    return before, ids(raw, name)


@pytest.mark.engine
@pytest.mark.parametrize("web", [pytest.param(web, id=name) for name, web in ON_THE_OWNER.items()])
async def test_one_that_was_on_a_replaced_container_is_made_anew(
    web: Mapping[str, Any], docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    before, after = await replace_owner_while_down(docker_url, raw_engine, prefix, test_image, web)

    assert before["db"] != after["db"]
    assert before["web"] != after["web"]


@pytest.mark.engine
async def test_one_that_knows_it_by_name_is_only_started(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """ACT-6: an exited container is started as it is."""
    before, after = await replace_owner_while_down(
        docker_url, raw_engine, prefix, test_image, BY_NAME
    )

    assert before["db"] != after["db"]
    assert before["web"] == after["web"]


@pytest.mark.parametrize("release", EmbeddedEngine.releases)
@pytest.mark.parametrize("web", [pytest.param(web, id=name) for name, web in ON_THE_OWNER.items()])
async def test_one_goes_along_with_what_the_same_startup_makes_anew(
    web: Mapping[str, Any], release: str
) -> None:
    engine = EmbeddedEngine(release=release)
    engine.behaviour(PROMPT, container="site.web")
    landscape = site("site", "site-example", {**web, "stop_signal": "SIGTERM"})
    async with MapClient(landscape, default_client=engine.transport()) as client:
        await client.startup("web")
        await client.stop("__all__")
        plan = await client.plan("startup", "web", nonrecoverable_exit_codes=[137])
        report = await client.startup("web", nonrecoverable_exit_codes=[137])

    assert report.plan == plan
    [made_anew] = [step for step in plan.steps if isinstance(step.action, CreateContainer)][1:]
    assert [reason.cause for reason in made_anew.reasons] == [Cause.OWNER_REPLACED]
    assert all(
        (engine.container(f"site.{each}") or {})["State"]["Running"] for each in ("db", "web")
    )


@pytest.mark.parametrize("release", EmbeddedEngine.releases)
@pytest.mark.parametrize("web", [pytest.param(web, id=name) for name, web in ON_THE_OWNER.items()])
@pytest.mark.parametrize("beyond", [(), (137,)], ids=["started", "made-anew"])
@pytest.mark.virtual_time
async def test_one_that_was_set_aside_too_late_comes_back_when_what_it_is_on_is_up(
    beyond: tuple[int, ...], web: Mapping[str, Any], release: str
) -> None:
    """As by an engine that changes names when the run that asked for it was cancelled long ago."""
    engine = EmbeddedEngine(release=release)
    transport = engine.transport()
    landscape = site("site", "site-example", {**web, "persistent": True})
    async with MapClient(landscape, default_client=transport) as client:
        await client.startup("web")
        await client.stop("__all__")
        aside = {"name": "site.web.aiodockmap-old"}
        await transport.request(
            ApiRequest(method="POST", path="containers/site.web/rename", query=aside)
        )
        engine.fail("POST /containers/*/start", Delay(1.0), at=1)
        await client.startup("web", nonrecoverable_exit_codes=beyond)
        assert (await client.plan("startup", "web", nonrecoverable_exit_codes=beyond)).is_empty

    assert engine.container_names() == ["site.db", "site.web"]
    assert all(
        (engine.container(f"site.{each}") or {})["State"]["Running"] for each in ("db", "web")
    )


async def test_what_is_in_a_persistent_one_is_not_thrown_away() -> None:
    """ACT-16: it stays down."""
    engine = EmbeddedEngine()
    engine.behaviour(PROMPT, container="site.web")
    web = {"network_mode": "db", "persistent": True, "stop_signal": "SIGTERM"}
    async with MapClient(
        site("site", "site-example", web), default_client=engine.transport()
    ) as client:
        await client.startup("web")
        web_id = (engine.container("site.web") or {})["Id"]
        await client.stop("__all__")
        await client.startup("web", nonrecoverable_exit_codes=[137])

    left = engine.container("site.web") or {}
    assert left["Id"] == web_id
    assert not left["State"]["Running"]
