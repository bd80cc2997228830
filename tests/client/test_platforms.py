"""Images that are pulled for platforms, on an engine that has one image under a name."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from attrs import frozen

from aiodockmap import ActionRunnerError, ContainerMap, MapClient, Plan
from aiodockmap.errors import ImagePullError, ResourceNotFound
from aiodockmap.testing import EmbeddedEngine, EmbeddedImage

IMAGE = "r.test/app:1"
ARM = "linux/arm64"


@frozen
class Site:
    """An engine that has no image, and a registry with one for two platforms."""

    engine: EmbeddedEngine

    def client(self, **platforms: str | None) -> MapClient:
        """Of a map with a container of the same image for each platform."""
        options = {
            name: {"create_options": {"platform": each}} if each else {}
            for name, each in platforms.items()
        }
        containers = {name: {"image": IMAGE, **more} for name, more in options.items()}
        return MapClient(ContainerMap("m", containers), default_client=self.engine.transport())

    def has(self) -> str:
        """The platform of the image that has the name."""
        images = self.engine.world.images
        return images.images[images.tags[IMAGE]].platform


@pytest.fixture
def site() -> Site:
    engine = EmbeddedEngine(images=())
    images = [EmbeddedImage(platform=platform) for platform in ("linux/amd64", "linux/arm64/v8")]
    engine.registry.publish(IMAGE, images)
    return Site(engine)


def pulls(plan: Plan) -> list[str]:
    lines = (line.partition(": ")[0] for line in plan.render().splitlines())
    return [line.partition(f"{IMAGE}")[2].strip() for line in lines if "pull image" in line]


@pytest.mark.parametrize("verb", ["create", "startup", "update"])
async def test_an_absent_image_is_pulled_for_the_platform_that_is_asked_for(
    site: Site, verb: str
) -> None:
    """PULL-1, ACT-40."""
    async with site.client(web=ARM) as client:
        await client.call(verb, "web")
        again = await client.plan("update", "web")

    assert site.has() == "linux/arm64/v8"
    assert site.engine.container_names() == ["m.web"]
    assert not pulls(again)


async def test_pull_images_pulls_what_the_map_asks_for(site: Site) -> None:
    """ACT-45: also if the engine has it for another platform, where its container is refused."""
    async with site.client(web=None) as before:
        await before.create("web")
        await before.remove("web")
    async with site.client(web=ARM) as client:
        with pytest.raises(ActionRunnerError) as refused:
            await client.create("web")
        await client.pull_images("web")
        await client.create("web")

    (cause,) = refused.value.exceptions
    assert isinstance(cause, ResourceNotFound)
    assert "pull_images" in (cause.advice or "")
    assert site.has() == "linux/arm64/v8"


@pytest.mark.parametrize(
    ("platforms", "expected"),
    [
        pytest.param([None, "linux/amd64", "linux"], [""], id="own"),
        pytest.param(["linux/arm64/v8", ARM], ["for linux/arm64/v8"], id="spellings"),
        pytest.param([None, ARM], ["for linux/arm64", ""], id="own-last"),
        pytest.param(
            ["linux/amd64", ARM, None], ["for linux/arm64", "for linux/amd64"], id="own-by-name"
        ),
    ],
)
async def test_an_image_is_pulled_once_for_each_platform(
    site: Site, platforms: Sequence[str | None], expected: list[str]
) -> None:
    """The engine's own comes last, so that it has the name for containers that ask for none."""
    asking = {f"c{number}": platform for number, platform in enumerate(platforms)}
    async with site.client(**asking) as client:
        plan = await client.plan("create", "__all__")

    assert pulls(plan) == expected
    first, *later = [step for step in plan.steps if "pull" in str(step)]
    assert not first.before
    assert all(step.before for step in later)
    assert any("several platforms" in note for note in plan.notes) == bool(later)
    creations = [step for step in plan.steps if "create" in str(step)]
    assert all(len(step.before) == len(expected) for step in creations)
    assert all(len(step.requires) == 1 for step in creations)


@pytest.mark.parametrize("verb", ["create", "update"])
async def test_two_platforms_of_one_image_are_one_too_many(site: Site, verb: str) -> None:
    """The engine's own container is there, the other one is refused with the reason."""
    async with site.client(native=None, foreign=ARM) as client:
        with pytest.raises(ActionRunnerError) as failure:
            await client.call(verb, "__all__")

    (cause,) = failure.value.exceptions
    assert isinstance(cause, ResourceNotFound)
    assert cause.resource is not None
    assert cause.resource.name == "m.foreign"
    assert site.engine.container_names() == ["m.native"]
    assert site.has() == "linux/amd64"


async def test_a_platform_that_an_image_is_not_made_for_is_no_affair_of_others(site: Site) -> None:
    async with site.client(native=None, foreign="linux/s390x") as client:
        with pytest.raises(ActionRunnerError) as failure:
            await client.create("__all__")

    (cause,) = failure.value.exceptions
    assert isinstance(cause, ImagePullError)
    assert "not made for this platform" in (cause.advice or "")
    assert site.engine.container_names() == ["m.native"]


async def test_a_registry_that_has_everything_has_it_for_every_platform() -> None:
    engine = EmbeddedEngine(images=(), pulls_anything=True)
    site = Site(engine)
    async with site.client(web=ARM) as client, site.client(web=None) as native:
        await client.create("web")
        await client.remove("web")
        await native.pull_images("web")

    assert site.has() == "linux/amd64"
