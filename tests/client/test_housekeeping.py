"""What can go from an engine: stopped containers, unused images; and what must not (UTL-5 to UTL-8)."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
from attrs import evolve
from raw_engine import RawEngine
from run_partners import WatchedTransport

from aiodockmap import (
    ActionRunnerError,
    ClientConfiguration,
    ContainerMap,
    MapClient,
    OptionError,
    SelectionError,
)
from aiodockmap.model import DEFAULT_ENGINE
from aiodockmap.plan import StepId, plan_container_cleanup, plan_image_cleanup
from aiodockmap.state import ObservedContainer, ObservedImage, RunState
from aiodockmap.testing import EmbeddedEngine, EmbeddedImage

pytestmark = pytest.mark.virtual_time

IMAGE = "site-example:latest"
SITE = ContainerMap(
    "m",
    {
        "ended": {"image": IMAGE},
        "fresh": {"image": IMAGE},
        "running": {"image": IMAGE},
        "store": {"image": IMAGE, "persistent": True},
    },
)


@pytest.fixture
def engine() -> EmbeddedEngine:
    return EmbeddedEngine()


def client_of_engine(engine: EmbeddedEngine, **settings: Any) -> MapClient:
    return MapClient(SITE, default_client=engine.transport(), **settings)


async def bring_about(client: MapClient) -> None:
    await client.startup(["ended", "running", "store"])
    await client.stop(["ended", "store"])
    await client.create("fresh")


# Containers


async def test_containers_that_have_ended_go(engine: EmbeddedEngine) -> None:
    """UTL-5; the plan is the dry run, and says what stays."""
    async with client_of_engine(engine) as client:
        await bring_about(client)
        house = client.housekeeping()
        plan = await house.plan_container_cleanup()
        before = await house.container_names()
        report = await client.apply(plan)
        again = await house.plan_container_cleanup()

    assert plan.render().startswith("#1 remove container m.ended: has ended")
    assert plan.notes == (
        "m.fresh stays: it was never started",
        "m.running stays: it runs",
        "m.store stays: it is persistent on map m",
    )
    assert before == {"m.ended", "m.fresh", "m.running", "m.store"}
    assert report.ok
    assert engine.container_names() == ["m.fresh", "m.running", "m.store"]
    assert again.is_empty


async def test_what_was_never_started_goes_if_asked_for_and_what_is_excluded_stays(
    engine: EmbeddedEngine,
) -> None:
    async with client_of_engine(engine) as client:
        await bring_about(client)
        plan = await client.housekeeping().plan_container_cleanup(
            include_initial=True, exclude="m.ended"
        )

    assert [str(step) for step in plan.steps] == ["#1 remove container m.fresh"]


async def test_a_half_done_replacement_stays() -> None:
    states = {
        "web": RunState.EXITED,
        "web.aiodockmap-old": RunState.EXITED,
        "web.aiodockmap-new": RunState.INITIAL,
    }
    containers = [
        ObservedContainer(id=name, name=name, state=state) for name, state in states.items()
    ]

    plan = plan_container_cleanup(DEFAULT_ENGINE, containers, include_initial=True, keep={})

    assert [step.resource.name for step in plan.steps] == ["web"]


async def test_everything_is_stopped_and_removed(engine: EmbeddedEngine) -> None:
    """UTL-7."""
    async with client_of_engine(engine) as client:
        await bring_about(client)
        plan = await client.housekeeping().plan_full_removal(timeout=1, exclude=["m.fresh"])
        await client.apply(plan)

    assert [str(step) for step in plan.steps] == [
        "#1 remove container m.ended",
        "#2 stop container m.running within 1 s",
        "#3 remove container m.running",
        "#4 remove container m.store",
    ]
    assert engine.container_names() == ["m.fresh"]


async def test_what_vanished_or_runs_again_meanwhile_is_nobodys_loss(
    engine: EmbeddedEngine,
) -> None:
    """Items are independent: one that cannot go is told, the others go."""
    async with client_of_engine(engine) as client:
        await bring_about(client)
        house = client.housekeeping()
        plan = await house.plan_container_cleanup(include_initial=True)
        await client.remove("ended")
        await client.start("fresh")
        with pytest.raises(ActionRunnerError, match=r"1 of 2 steps failed") as failure:
            await client.apply(plan)

    assert [str(step.resource) for step in failure.value.report.failed] == ["container m.fresh"]
    assert "m.fresh" in engine.container_names()


async def test_wrong_arguments_are_errors_of_ours(engine: EmbeddedEngine) -> None:
    async with client_of_engine(engine) as client:
        with pytest.raises(SelectionError, match="no client is named 'north'"):
            client.housekeeping("north")
        with pytest.raises(OptionError, match="exclude are names"):
            await client.housekeeping().plan_container_cleanup(exclude=[1])  # type: ignore[list-item]


# What is named


async def test_named_containers_are_stopped_and_removed_whoever_made_them(
    engine: EmbeddedEngine,
) -> None:
    """UTL-4, ERR-12: what is gone already is a note, and twice is fine."""
    async with client_of_engine(engine) as client:
        await bring_about(client)
        house = client.housekeeping()
        plan = await house.plan_container_removal(["m.running", "m.ended", "m.runing"], timeout=3)
        await client.apply(plan)
        again = await house.plan_container_removal("m.running")

    assert plan.render() == dedent("""\
        #1 stop container m.running within 3 s: it was asked for
        #2 remove container m.running: it was asked for [after #1]
        #3 remove container m.ended: it was asked for
        note: there is no container m.runing""")
    assert again.is_empty
    assert again.notes == ("there is no container m.running",)
    assert engine.container_names() == ["m.fresh", "m.store"]


async def test_named_containers_are_stopped_only(engine: EmbeddedEngine) -> None:
    """UTL-4."""
    async with client_of_engine(engine) as client:
        await bring_about(client)
        plan = await client.housekeeping().plan_container_stop(["m.running", "m.ended"])
        await client.apply(plan)
        states = {each.id.name: each.state for each in await client.status()}

    assert [str(step) for step in plan.steps] == ["#1 stop container m.running"]
    assert plan.notes == ("m.ended stays: it does not run",)
    assert states["m.running"] is RunState.EXITED


async def test_a_named_image_loses_that_name_and_goes_with_its_last(
    engine: EmbeddedEngine,
) -> None:
    """UTL-4."""
    image = EmbeddedImage(revision="old")
    for name in ("old:1", "old:2", "other:1"):
        engine.world.images.add(name, image, stamp="2026-01-01T00:00:00Z")
    async with client_of_engine(engine) as client:
        house = client.housekeeping()
        await client.apply(await house.plan_image_removal("old:1"))
        tags = await house.image_tags()
        by_id = await house.plan_image_removal([image.id, "old:1"])
        await client.apply(by_id)
        left = await house.image_tags()

    assert set(tags) == {"old:2", "other:1", IMAGE}
    assert [str(step) for step in by_id.steps] == ["#1 remove image old:2 (other:1)"]
    assert by_id.notes == ("there is no image old:1",)
    assert set(left) == {IMAGE}


@pytest.mark.engine
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("force", [False, True])
async def test_an_image_that_a_stopped_container_uses_goes_by_force_only(
    docker_url: str, raw_engine: RawEngine, prefix: str, *, force: bool
) -> None:
    """UTL-4, UTL-6; the container stays."""
    image = f"{prefix}-image:1"
    raw_engine.import_image(f"{prefix}-image", "1", ("/bin/true", prefix))
    raw_engine.call("POST", "containers/create", {"Image": image}, name=prefix)
    async with MapClient((), default_client=ClientConfiguration(base_url=docker_url)) as client:
        house = client.housekeeping()
        plan = await house.plan_image_removal(image, force=force)
        try:
            report = await client.apply(plan, raise_on_error=False)
            tags = await house.image_tags()
        finally:
            raw_engine.remove_all(prefix)
            raw_engine.call("DELETE", f"images/{image}", force="true")

    assert report.ok is force
    assert (image in tags) is not force
    if not force:
        assert "is using its referenced image" in str(report.errors[0])


# Images


def image(name: str, *tags: str, parent: str = "", digests: tuple[str, ...] = ()) -> ObservedImage:
    return ObservedImage(id=f"sha256:{name}", tags=tags, parent=parent, digests=digests)


def user(of: str) -> ObservedContainer:
    return ObservedContainer(
        id=of, name=f"user-of-{of}", state=RunState.EXITED, image_id=f"sha256:{of}"
    )


IMAGES = (
    image("base"),
    image("middle", parent="sha256:base"),
    image("app2", "app:2", "app:latest", parent="sha256:middle"),
    image("app1", "app:1", digests=("app@sha256:1",)),
    image("used", "tool:1"),
    image("dangling", digests=("app@sha256:0",)),
    image("child", parent="sha256:parent"),
    image("parent"),
)


def test_images_that_nobody_needs_go_children_first() -> None:
    """UTL-6, DEP-21: an image stays as long as one that was made from it is kept or in use."""
    """UTL-6: every tagged one stays, and so do those that it was built from."""
    plan = plan_image_cleanup(DEFAULT_ENGINE, IMAGES, [user("used")], keep_tags=None)

    assert plan.render() == dedent("""\
        #1 remove image child: nobody needs it
        #2 remove image app@sha256:0: nobody needs it
        #3 remove image parent: nobody needs it [after #1]
        note: app:1 stays: it has a tag
        note: app:2 stays: it has a tag
        note: tool:1 stays: container user-of-used uses it""")


def test_old_tags_go_if_asked_for_but_those_to_keep() -> None:
    plan = plan_image_cleanup(DEFAULT_ENGINE, IMAGES, [user("used")], keep_tags={"latest"})
    kept = plan_image_cleanup(DEFAULT_ENGINE, IMAGES, [user("used")], keep_tags={"latest", "1"})

    removed = [step.resource.name for step in plan.steps]
    assert removed == ["app:1", "child", "app@sha256:0", "parent"]
    assert str(plan.steps[0]) == "#1 remove image app:1 (app@sha256:1)"
    assert "app:1" not in [step.resource.name for step in kept.steps]


async def test_keep_tags_alone_has_no_effect(engine: EmbeddedEngine) -> None:
    """UTL-6."""
    engine.world.images.add("app:1", EmbeddedImage(revision="1"), stamp="2026-01-01T00:00:00Z")
    async with client_of_engine(engine) as client:
        assert (await client.housekeeping().plan_image_cleanup(keep_tags=["2"])).is_empty


async def test_a_tag_that_means_another_image_by_now_stays(engine: EmbeddedEngine) -> None:
    engine.world.images.add("app:1", EmbeddedImage(revision="1"), stamp="2026-01-01T00:00:00Z")
    transport = WatchedTransport(engine.transport())
    async with MapClient(default_client=transport) as client:
        plan = await client.housekeeping().plan_image_cleanup(remove_old=True)
        engine.world.images.add("app:1", EmbeddedImage(revision="2"), stamp="2026-01-01T00:00:00Z")
        report = await client.apply(plan)

    assert report.ok
    assert transport.changes == []


@pytest.mark.engine
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_images_go_from_a_real_engine(
    client_of: Any, test_image: str, raw_engine: RawEngine, prefix: str
) -> None:
    """A chain of images without a name, a tagged one, and one that a container uses."""

    def commit(base: str, **names: str) -> str:
        name = f"{prefix}-c"
        raw_engine.call("POST", "containers/create", {"Image": base}, name=name)
        _, made = raw_engine.call("POST", "commit", None, container=name, **names)
        raw_engine.call("DELETE", f"containers/{name}")
        return str(made["Id"])

    lower = commit(test_image)
    upper = commit(lower)
    tagged = commit(test_image, repo=prefix, tag="1")
    used = commit(test_image)
    raw_engine.call("POST", "containers/create", {"Image": used}, name=f"{prefix}.user")
    own = {lower, upper, tagged, used}

    def left() -> set[str]:
        return own & {each["Id"] for each in raw_engine.get("images/json", all="1")}

    try:
        async with client_of({"containers": {"user": {"image": test_image}}}) as client:
            house = client.housekeeping()
            plan = await house.plan_image_cleanup()
            tags = await house.image_tags()
            # The images of others are none of a test's business.
            about = [step for step in plan.steps if getattr(step.action, "id", "") in own]
            steps = [
                evolve(
                    step, id=StepId(number), requires=(StepId(number - 1),) if number > 1 else ()
                )
                for number, step in enumerate(about, start=1)
            ]
            await client.apply(evolve(plan, steps=tuple(steps)))
            first = left()
            again = await house.plan_image_cleanup()
    finally:
        raw_engine.call("DELETE", f"containers/{prefix}.user")
        for each in (f"{prefix}:1", used, upper, lower):
            raw_engine.call("DELETE", f"images/{each}")

    assert [step.action.id for step in about] == [upper, lower]
    assert tags[f"{prefix}:1"] == tagged
    assert first == {tagged, used}
    assert not [step for step in again.steps if getattr(step.action, "id", "") in own]
