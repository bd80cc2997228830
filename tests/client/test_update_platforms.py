"""A platform through `update`: engines show no more of it than the operating system."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from client.conftest import ClientOf
from raw_engine import RawEngine
from registry import Registry
from saved_images import load_image

from aiodockmap import Plan

pytestmark = pytest.mark.engine


@pytest.fixture
def foreign(raw_engine: RawEngine, prefix: str) -> Iterator[tuple[str, str]]:
    """An image for a processor that the engine does not have, and its platform."""
    architecture = "arm64" if raw_engine.get("version")["Arch"] == "amd64" else "amd64"
    image = f"{prefix}foreign:latest"
    load_image(raw_engine, image, {"Cmd": ["/bin/sleep", "1000"]}, architecture)
    yield image, f"linux/{architecture}"
    raw_engine.remove_all(prefix)
    raw_engine.call("DELETE", f"images/{image}", force="true")


def reasons(plan: Plan) -> set[str]:
    return {str(reason) for step in plan.steps for reason in step.reasons} - {"was never started"}


async def test_a_platform_that_is_not_asked_for_any_more_is_noticed(
    client_of: ClientOf, foreign: tuple[str, str]
) -> None:
    """Where it differs from that of the engine; once replaced, it is as it should be."""
    image, platform = foreign
    with_platform = {"web": {"image": f"/{image}", "create_options": {"platform": platform}}}
    without = {"web": {"image": f"/{image}"}}
    async with client_of(with_platform) as before, client_of(without) as after:
        await before.create("web")
        same = await before.plan("update", "web")
        removed = await after.plan("update", "web")
        await after.remove("web")
        await after.create("web")
        again = await after.plan("update", "web")

    assert not reasons(same)
    assert "platform removed" in reasons(removed)
    assert not reasons(again)


async def test_a_platform_that_is_that_of_the_engine_may_come_and_go(
    raw_engine: RawEngine, client_of: ClientOf, prompt_image: str
) -> None:
    platform = f"linux/{raw_engine.get('version')['Arch']}"
    with_platform = {"web": {"image": f"/{prompt_image}", "create_options": {"platform": platform}}}
    without = {"web": {"image": f"/{prompt_image}"}}
    async with client_of(with_platform) as asking, client_of(without) as silent:
        await asking.startup("web")
        removed = await silent.plan("update", "web")
        await silent.update("web", force_update="web")
        added = await asking.plan("update", "web")

    assert removed.is_empty, removed.render()
    assert added.is_empty, added.render()


async def test_an_absent_image_is_pulled_for_the_platform_that_is_asked_for(
    raw_engine: RawEngine, client_of: ClientOf, registry: Registry, prefix: str
) -> None:
    """A map that `pull_images` has made right is one that `create` can do, and `update` leaves alone."""
    platforms = ("linux/amd64", "linux/arm64/v8")
    name = registry.publish_for(f"{prefix}/app", ["/bin/sleep", "1000"], platforms)
    web = {"image": f"/{name}", "create_options": {"platform": "linux/arm64"}}
    async with client_of({"web": web}) as client:
        created = await client.create("web")
        same = await client.plan("update", "web")
        await client.remove("web")
        pulled = await client.pull_images("web")

    assert [str(step).partition(": ")[0] for step in created.plan.steps] == [
        f"#1 pull image {name} for linux/arm64",
        f"#2 create container {prefix}.web",
    ]
    assert not reasons(same)
    assert pulled.ok
    assert raw_engine.get(f"images/{name}/json")["Architecture"] == "arm64"
