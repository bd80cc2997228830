"""Images on their way from and to registries, named by nobody's map (UTL-1, UTL-2)."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from anyio import CancelScope
from raw_engine import RawEngine
from registry import PASSWORD, USER, Registry, encoded
from run_partners import Log, WatchedTransport

from aiodockmap import (
    ActionRunnerError,
    ClientConfiguration,
    EngineUnreachable,
    Event,
    ImagePullError,
    ImagePushError,
    Interrupted,
    MapClient,
    OptionError,
    PlanningError,
    RegistryError,
    SelectionError,
    StepProgressed,
)
from aiodockmap.testing import DropAfter, EmbeddedEngine, EmbeddedImage

MINE = {"username": USER, "password": PASSWORD}
WRONG = {"username": USER, "password": "wr0ng-p4ssword"}
HERE = "reg.test:5000/team/web:1"


@pytest.fixture
def engine() -> EmbeddedEngine:
    """An engine in memory that has an image which its registry has not."""
    engine = EmbeddedEngine()
    engine.world.images.add(HERE, EmbeddedImage(revision="web"), stamp="2026-01-01T00:00:00Z")
    return engine


def client_with(engine: EmbeddedEngine, **settings: Any) -> MapClient:
    return MapClient((), default_client=engine.transport(), **settings)


# What is planned


async def test_a_push_is_a_plan_and_its_result_is_the_digest(engine: EmbeddedEngine) -> None:
    """UTL-1: the plan is the dry run; what is named twice is pushed once."""
    log = Log()
    async with client_with(engine, on_event=log) as client:
        images = client.images()
        plan = await images.plan_push([HERE, HERE])
        assert not engine.registry.content
        report = await client.apply(plan)

    assert plan.render() == f"#1 push image {HERE}: requested"
    [pushed] = report.results
    assert (pushed.action, pushed.item) == ("push", None)
    assert pushed.result == engine.registry.content[HERE].digest
    assert any("Pushing" in each.text for each in log.of(StepProgressed))


async def test_pulls_may_be_of_what_is_missing_only(engine: EmbeddedEngine) -> None:
    engine.registry.publish("docker.io/library/cache:latest")
    async with client_with(engine) as client:
        images = client.images()
        everything = await images.plan_pull(["cache", HERE])
        missing = await images.plan_pull(["cache", HERE], missing=True)
        await client.apply(missing)
        assert (await images.plan_pull("cache", missing=True)).is_empty

    assert [str(step) for step in everything.steps] == [
        "#1 pull image cache",
        f"#2 pull image {HERE}",
    ]
    assert missing.notes == (f"{HERE} stays as it is: the engine has it",)


async def test_what_cannot_be_pushed_is_told_at_once_and_nothing_is(
    engine: EmbeddedEngine,
) -> None:
    transport = WatchedTransport(engine.transport())
    digest = f"reg.test:5000/team/web@sha256:{'0' * 64}"
    async with MapClient((), default_client=transport) as client:
        images = client.images()
        with pytest.raises(PlanningError) as refused:
            await images.plan_push([HERE, "reg.test:5000/team/wep:1", digest])
        with pytest.raises(PlanningError, match="is not the name of an image"):
            await images.plan_pull("web:")
        with pytest.raises(OptionError, match="named by texts"):
            await images.plan_pull([3])  # type: ignore[list-item]
        with pytest.raises(SelectionError, match="north"):
            client.images("north")

    wrong_name, wrong_kind = str(refused.value).splitlines()
    assert wrong_name == (f"reg.test:5000/team/wep:1 is not on the engine; did you mean '{HERE}'?")
    assert "of a tag, not of a digest" in wrong_kind
    assert transport.changes == []


async def test_one_push_that_fails_leaves_the_others_alone(engine: EmbeddedEngine) -> None:
    other = "private.test/web:1"
    engine.world.images.add(other, EmbeddedImage(revision="other"), stamp="2026-01-01T00:00:00Z")
    engine.registry.passwords["private.test"] = (USER, PASSWORD)
    async with client_with(engine) as client:
        plan = await client.images().plan_push([HERE, other])
        with pytest.raises(ActionRunnerError) as failure:
            await client.apply(plan)

    [cause] = failure.value.exceptions
    assert isinstance(cause, ImagePushError)
    assert str(cause).startswith(f"image {other}: no basic auth credentials")
    assert HERE in engine.registry.content


async def test_a_push_that_breaks_off_is_no_success(engine: EmbeddedEngine) -> None:
    engine.fail("POST /images/*/push", DropAfter())
    async with client_with(engine) as client:
        plan = await client.images().plan_push(HERE)
        with pytest.raises(ActionRunnerError) as failure:
            await client.apply(plan)

    assert isinstance(failure.value.exceptions[0], EngineUnreachable)


@pytest.mark.virtual_time
@pytest.mark.parametrize("kind", ["push", "pull"])
async def test_a_cancelled_transfer_ends_at_once(engine: EmbeddedEngine, kind: str) -> None:
    """The engine gives it up, and a second one does it."""
    engine.registry.push_seconds = 1000
    engine.registry.publish("slow:1", seconds=1000)
    scope = CancelScope()
    under_way: list[Event] = []

    def cancel_later(event: Event) -> None:
        if isinstance(event, StepProgressed):
            under_way.append(event)
            scope.cancel()

    log = Log(on_event=cancel_later)
    name = HERE if kind == "push" else "slow:1"
    async with client_with(engine, on_event=log) as client:
        images = client.images()
        plan = await (images.plan_push(name) if kind == "push" else images.plan_pull(name))
        with scope:
            await client.apply(plan)
        assert under_way
        assert [type(each) for each in log.report.outcomes.values()] == [Interrupted]
        assert (HERE in engine.registry.content, "slow:1" in engine.world.images.tags) == (
            False,
            False,
        )
        log.on_event = None
        assert (await client.apply(plan)).ok


# A real registry that wants a password


@pytest.fixture
def tagged(
    private_registry: Registry, raw_engine: RawEngine, prefix: str, test_image: str
) -> Iterator[str]:
    """An image of the engine that the registry has not."""
    repository = f"{private_registry.address}/{prefix}/web"
    raw_engine.call("POST", f"images/{test_image}/tag", None, repo=repository, tag="1")
    yield f"{repository}:1"
    raw_engine.call("DELETE", f"images/{repository}:1", force="true")


def real(
    docker_url: str, registry: Registry, entry: Mapping[str, str], **settings: Any
) -> MapClient:
    engine = ClientConfiguration(
        base_url=docker_url, auth_configs={registry.address: entry} if entry else {}
    )
    return MapClient((), default_client=engine, **settings)


@pytest.mark.engine
async def test_what_was_pushed_with_a_password_can_be_pulled_with_it(
    docker_url: str, private_registry: Registry, tagged: str, raw_engine: RawEngine
) -> None:
    """UTL-1, UTL-2; cancelled at the first line of progress before that."""
    scope = CancelScope()

    def cancel(event: Event) -> None:
        if isinstance(event, StepProgressed):
            scope.cancel()

    async with real(docker_url, private_registry, MINE, on_event=cancel) as client:
        with scope:
            await client.apply(await client.images().plan_push(tagged))
    async with real(docker_url, private_registry, MINE) as client:
        images = client.images()
        await images.check_login(private_registry.address)
        pushed = await client.apply(await images.plan_push(tagged))
        await client.apply(await client.housekeeping().plan_image_removal(tagged))
        assert tagged not in await client.housekeeping().image_tags()
        await client.apply(await images.plan_pull(tagged))

    assert scope.cancelled_caught
    [result] = pushed.results
    digests = raw_engine.get(f"images/{tagged}/json")["RepoDigests"]
    assert f"{tagged.removesuffix(':1')}@{result.result}" in digests


@pytest.mark.engine
@pytest.mark.parametrize("entry", [{}, WRONG], ids=["nothing", "wrong"])
async def test_a_registry_that_lets_nobody_in_is_told_and_no_credential_is(
    docker_url: str,
    private_registry: Registry,
    tagged: str,
    entry: Mapping[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    events: list[Event] = []
    async with real(docker_url, private_registry, entry, on_event=events.append) as client:
        images = client.images()
        plan = await images.plan_push(tagged)
        with pytest.raises(ActionRunnerError) as failure:
            await client.apply(plan)
        with pytest.raises(RegistryError) as refused:
            await images.check_login(private_registry.address)

    [cause] = failure.value.exceptions
    assert isinstance(cause, ImagePushError)
    assert "wants other credentials: auth_configs or docker_config" in str(cause)
    assert not isinstance(refused.value, ImagePullError)
    assert private_registry.address in str(refused.value)
    assert "auth_configs" in str(refused.value)
    told: list[object] = [
        images,
        plan,
        plan.render(),
        plan.to_dict(),
        failure.value.report,
        *events,
    ]
    told += [failure.value.report.to_dict(), caplog.text, refused.value]
    told += traceback.format_exception(failure.value) + traceback.format_exception(refused.value)
    text = "\n".join(f"{each!r} {each}" for each in told)
    assert WRONG["password"] not in text
    assert encoded(USER, WRONG["password"]) not in text


@pytest.mark.engine
async def test_credentials_that_cannot_be_had_fail_the_push(
    docker_url: str, private_registry: Registry, tagged: str, tmp_path: Path
) -> None:
    auths = {private_registry.address: {"auth": "nonsense"}}
    (tmp_path / "config.json").write_text(json.dumps({"auths": auths}), encoding="utf-8")
    engine = ClientConfiguration(base_url=docker_url, docker_config=str(tmp_path))
    async with MapClient((), default_client=engine) as client:
        with pytest.raises(ActionRunnerError) as failure:
            await client.apply(await client.images().plan_push(tagged))

    [cause] = failure.value.exceptions
    assert isinstance(cause, ImagePushError)
    assert "there are no credentials for" in str(cause)
