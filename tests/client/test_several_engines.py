"""One map on several engines: what one of them fails leaves the others alone, and is told at the end."""

from __future__ import annotations

import pytest
from run_partners import words

from aiodockmap import (
    ActionRunnerError,
    ContainerMap,
    EngineError,
    EngineUnreachable,
    ImagePullError,
    MapClient,
)
from aiodockmap.testing import DropBefore, EmbeddedEngine, Reject

pytestmark = pytest.mark.virtual_time

NAMES = ("north", "east", "south")


@pytest.fixture
def engines() -> dict[str, EmbeddedEngine]:
    return {name: EmbeddedEngine() for name in NAMES}


@pytest.fixture
def client(engines: dict[str, EmbeddedEngine]) -> MapClient:
    return client_of(engines, site())


def site(image: str = "site-example:latest") -> ContainerMap:
    return ContainerMap.from_dict(
        "site",
        {
            "clients": list(NAMES),
            "containers": {
                "db": {"image": image},
                "web": {"image": image, "links": ["db"], "networks": ["front"]},
            },
            "networks": {"front": {}},
        },
    )


def client_of(engines: dict[str, EmbeddedEngine], site: ContainerMap) -> MapClient:
    return MapClient(site, {name: engine.transport() for name, engine in engines.items()})


def break_down(engine: EmbeddedEngine) -> None:
    engine.fail("*", DropBefore())


def up(engine: EmbeddedEngine) -> list[str]:
    return [
        name
        for name in engine.container_names()
        if (engine.container(name) or {})["State"]["Running"]
    ]


async def test_an_engine_that_does_not_answer_leaves_the_others_alone(
    engines: dict[str, EmbeddedEngine], client: MapClient
) -> None:
    """GEN-3."""
    break_down(engines["east"])

    async with client:
        with pytest.raises(ActionRunnerError, match="left out: east") as raised:
            await client.startup("web")

    [cause] = raised.value.exceptions
    assert isinstance(cause, EngineUnreachable)
    assert up(engines["north"]) == up(engines["south"]) == ["site.db", "site.web"]
    report = raised.value.report
    [left_out] = report.plan.left_out
    assert left_out.engine == "east"
    assert left_out.errors == (cause,)
    assert {
        "container site.db on east",
        "container site.web on east",
        "network site.front on east",
    } <= {str(resource) for resource in left_out.resources}
    assert not report.ok
    assert not report.failed
    assert report.to_dict()["left_out"] == [left_out.to_dict()]

    for engine in engines.values():
        engine.heal()
    async with client_of(engines, site()) as another:
        report = await another.startup("web")

    assert {step.resource.engine for step in report.plan.steps} == {"east"}
    assert report.ok


async def test_a_plan_says_which_engine_it_leaves_out_and_is_not_empty(
    engines: dict[str, EmbeddedEngine], client: MapClient
) -> None:
    async with client:
        await client.startup("web")
        break_down(engines["south"])
        plan = await client.plan("startup", "web")
        again = await client.plan("startup", "web")

        assert plan.steps == ()
        assert not plan.is_empty
        assert plan == again
        assert plan.engines == ("north", "east")
        assert plan.render().startswith("engine south is left out: ")
        assert "(not touched: site.db, site.web)" in plan.render()
        with pytest.raises(ActionRunnerError, match="left out: south"):
            await client.apply(plan)


async def test_if_no_engine_answers_that_is_the_error(
    engines: dict[str, EmbeddedEngine], client: MapClient
) -> None:
    for engine in engines.values():
        break_down(engine)

    async with client:
        with pytest.raises(EngineUnreachable) as raised:
            await client.startup("web")

    assert all(f"\n  {name}: " in str(raised.value) for name in NAMES)


async def test_an_engine_that_refuses_to_be_looked_at_is_left_out_with_its_own_words(
    engines: dict[str, EmbeddedEngine], client: MapClient
) -> None:
    engines["north"].fail("GET /volumes", Reject(500, "the disk is gone"))

    async with client:
        report = await client.startup("web", raise_on_error=False)

    [error] = report.errors
    assert isinstance(error, EngineError)
    assert "the disk is gone" in str(error)
    assert [engine.engine for engine in report.plan.left_out] == ["north"]


async def test_an_engine_that_breaks_down_between_plan_and_apply_fails_its_steps_only(
    engines: dict[str, EmbeddedEngine], client: MapClient
) -> None:
    async with client:
        plan = await client.plan("startup", "web")
        break_down(engines["east"])

        with pytest.raises(ActionRunnerError) as raised:
            await client.apply(plan)

    report = raised.value.report
    assert {step.resource.engine for step in (*report.failed, *report.not_run)} == {"east"}
    assert up(engines["north"]) == up(engines["south"]) == ["site.db", "site.web"]


async def test_a_plan_that_is_applied_by_another_client_needs_only_the_engines_that_answer(
    engines: dict[str, EmbeddedEngine], client: MapClient
) -> None:
    async with client:
        plan = await client.plan("startup", "web")
    break_down(engines["east"])

    async with client_of(engines, site()) as other:
        report = await other.apply(plan, raise_on_error=False)

    assert {step.resource.engine for step in report.failed} == {"east"}
    assert up(engines["south"]) == ["site.db", "site.web"]


async def test_an_update_goes_on_where_its_pulls_succeeded(
    engines: dict[str, EmbeddedEngine],
) -> None:
    """UPD-10, OPTN-6: the round of pulls decides for each engine by itself."""
    for name in ("north", "south"):
        engines[name].registry.publish("app:1")

    async with client_of(engines, site("app:1")) as client:
        with pytest.raises(ActionRunnerError, match="left out: east") as raised:
            await client.update("web")

    [cause] = raised.value.exceptions
    assert isinstance(cause, ImagePullError)
    assert up(engines["north"]) == up(engines["south"]) == ["site.db", "site.web"]
    [pulls] = raised.value.report.rounds
    assert [words(step) for step in pulls.failed] == ["pull image app:1 on east"]


async def test_an_update_without_a_single_pull_that_succeeded_ends_with_the_pulls(
    engines: dict[str, EmbeddedEngine],
) -> None:
    break_down(engines["east"])

    async with client_of(engines, site("app:1")) as client:
        report = await client.update("web", raise_on_error=False)

    assert {step.resource.engine for step in report.failed} == {"north", "south"}
    assert report.rounds == ()
    assert [engine.engine for engine in report.plan.left_out] == ["east"]
    assert len(report.errors) == 3


async def test_an_update_that_is_to_stop_at_the_first_failure_stops_after_failed_pulls(
    engines: dict[str, EmbeddedEngine],
) -> None:
    engines["north"].registry.publish("app:1")

    async with client_of(engines, site("app:1")) as client:
        with pytest.raises(ActionRunnerError):
            await client.update("web", on_failure="stop")

    assert engines["north"].container_names() == []


async def test_why_is_explained_for_engines_that_answer(
    engines: dict[str, EmbeddedEngine], client: MapClient
) -> None:
    break_down(engines["east"])

    async with client:
        explained = await client.explain("web")

    remedies = {each.id.engine: each.remedy for each in explained.containers}
    assert remedies == {
        "north": "would be created",
        "east": "cannot be told",
        "south": "would be created",
    }
