"""Every option and attribute of a container through `update`: kept, changed, removed (behaviour 5.2, 7).

One map has a container for each of them. It is created, started and updated a few times over; each test
looks at what was planned for its own container.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import pytest
from attrs import fields, frozen
from option_examples import filled
from raw_engine import RawEngine
from saved_images import load_image
from update_cases import (
    ATTRIBUTES,
    CASES,
    CHANGES,
    EMBEDDED_OWN_IMAGE,
    MAY_BE_DISCARDED,
    NO_FIELDS,
    NOT_HERE,
    OWN_CONFIG,
    OWN_IMAGE,
    SPELLINGS,
    UNSET,
    Case,
)

from aiodockmap import ClientConfiguration, ContainerMap, MapClient, Plan, Step
from aiodockmap.config import ContainerConfiguration
from aiodockmap.drift import Remedy
from aiodockmap.engine import ApiRequest
from aiodockmap.options import OPTION_BY_NAME, OPTIONS
from aiodockmap.plan import ConnectNetwork, CreateContainer, LeaveNetwork, TakeOver, UpdateContainer
from aiodockmap.testing import (
    Behaviour,
    EmbeddedEngine,
    EmbeddedImage,
    EmbeddedTransport,
    VirtualTimeLoop,
)

# The runs of all tests are the set-up of the first one.
pytestmark = pytest.mark.timeout(240)

LIVE, NOTE, RECONNECT, REPLACE = Remedy.LIVE, Remedy.NOTE, Remedy.RECONNECT, Remedy.REPLACE


@frozen(kw_only=True)
class Seen:
    """What was planned for one container."""

    remedies: frozenset[Remedy]
    words: tuple[str, ...]


def _seen(plan: Plan, name: str) -> Seen:
    steps = [step for step in plan.steps if step.resource.name == name]
    notes = [note for note in plan.notes if note.startswith(f"container {name}: ")]
    found = {remedy for step in steps if (remedy := _remedy_of(step, steps)) is not None}
    words = [
        str(reason)
        for step in steps
        if _remedy_of(step, steps) is not None
        for reason in step.reasons
    ]
    words += [note.partition(": ")[2] for note in notes]
    return Seen(
        remedies=frozenset(found | ({NOTE} if notes else set())), words=tuple(dict.fromkeys(words))
    )


def _remedy_of(step: Step, steps: list[Step]) -> Remedy | None:
    is_replaced = any(isinstance(each.action, TakeOver) for each in steps)
    match step.action:
        case TakeOver():
            return REPLACE
        case UpdateContainer():
            return LIVE
        case ConnectNetwork() | LeaveNetwork() if not is_replaced:
            return RECONNECT
        case _:
            return None


@frozen
class RealEngine:
    """The engine of the tests."""

    raw: RawEngine
    url: str

    def client(self) -> ClientConfiguration:
        return ClientConfiguration(base_url=self.url)

    async def post(self, path: str, body: Mapping[str, object], **query: str) -> int:
        return int(self.raw.call("POST", path, body, **query)[0])

    def container(self, name: str) -> Mapping[str, Any] | None:
        return self.raw.container(name)


@frozen
class EngineInMemory:
    """An embedded engine with the images of the tests."""

    embedded: EmbeddedEngine

    @classmethod
    def of(cls, release: str) -> EngineInMemory:
        asked = Behaviour(handles={"SIGTERM": 0})
        images = {
            "aiodockmap-test:latest": EmbeddedImage(),
            "aiodockmap-test:prompt": EmbeddedImage(behaviour=asked, revision="prompt"),
            OWN_IMAGE: EMBEDDED_OWN_IMAGE,
        }
        return cls(EmbeddedEngine(images, release=release))

    def client(self) -> EmbeddedTransport:
        return self.embedded.transport()

    async def post(self, path: str, body: Mapping[str, object], **query: str) -> int:
        request = ApiRequest(method="POST", path=path, body=body, query=query)
        return (await self.embedded.transport().request(request)).status

    def container(self, name: str) -> Mapping[str, Any] | None:
        return self.embedded.container(name)


class Runs:
    """The one map with a container for each case, in several versions."""

    def __init__(self, engine: RealEngine | EngineInMemory, prefix: str) -> None:
        self.engine, self.prefix = engine, prefix
        self.plans: dict[str, Plan] = {}
        self.adopted: dict[str, Plan] = {}
        self.started: set[str] = set()
        self.discarded: set[str] = set()

    def landscape(self, version: str, prefix: str = "") -> ContainerMap:
        containers: dict[str, object] = {
            "friend": {
                "image": "/aiodockmap-test:prompt",
                "shares": "/x",
                "attaches": "shared",
                "stop_signal": "SIGKILL",
            }
        }
        name = prefix or self.prefix
        for case in CASES:
            value = {"before": case.before, "after": case.after, "removed": UNSET}[version]
            if version == "after" and value is UNSET:
                value = case.before
            containers[case.container] = case.configuration(filled(value, name))
        return ContainerMap(
            name,
            {
                "containers": containers,
                "volumes": {"data": "/data", "more": "/more", "shared": "/shared"},
                "networks": {"back": None, "front": None},
            },
        )

    async def go(self) -> None:
        """Create what starts nowhere, too; then start, change, and take away what was asked for."""
        before, after, removed = (
            self.client(self.landscape(each)) for each in ("before", "after", "removed")
        )
        async with before, after, removed:
            await before.create("__all__")
            self.discarded = {case.container for case in CASES if self.is_discarded(case)}
            self.started = {case.container for case in CASES if await self.can_start(case)}
            started = ["friend", *sorted(self.started)]
            self.plans["created, same"] = await before.plan("update", "__all__")
            self.plans["created, changed"] = await after.plan("update", "__all__")
            self.plans["created, removed"] = await removed.plan("update", "__all__")
            await before.update(started)
            self.plans["started, same"] = await before.plan("update", started)
            self.plans["started, changed"] = await after.plan("update", started)
            await after.update(started)
            self.plans["changed, same"] = await after.plan("update", started)
            self.plans["changed, removed"] = await removed.plan("update", started)
            await removed.update(started)
            self.plans["removed, same"] = await removed.plan("update", started)

    def is_discarded(self, case: Case) -> bool:
        """Whether the engine goes on without what it was asked for."""
        if case.name not in MAY_BE_DISCARDED:
            return False
        found = self.engine.container(f"{self.prefix}.{case.container}")
        assert found is not None
        return not found["HostConfig"].get(OPTION_BY_NAME[case.name].path[-1])

    async def can_start(self, case: Case) -> bool:
        """Whether a container starts here; those of which it depends on the host are tried."""
        if case.starts is not None:
            return case.starts
        name = f"{self.prefix}.{case.container}"
        return await self.engine.post(f"containers/{name}/start", {}) == 204

    async def adopt(self) -> None:
        """Create the same containers as somebody else would, and look at them as a map does."""
        name = f"{self.prefix}-adopted"
        before, after = (self.client(self.landscape(each, name)) for each in ("before", "after"))
        async with before, after:
            await before.create("friend")
            for network in ("back", "front"):
                assert (
                    await self.engine.post("networks/create", {"Name": f"{name}.{network}"}) == 201
                )
            plan = await before.plan("create", "__all__")
            for step in plan.steps:
                if isinstance(step.action, CreateContainer):
                    await self.create_raw(step.resource.name, step.action)
            self.adopted["same"] = await before.plan("update", "__all__")
            self.adopted["changed"] = await after.plan("update", "__all__")

    async def create_raw(self, name: str, action: CreateContainer) -> None:
        labels = action.body["Labels"]
        assert isinstance(labels, Mapping)
        foreign = {key: value for key, value in labels.items() if "aiodockmap" not in key}
        platform = {"platform": action.platform} if action.platform else {}
        body = {**action.body, "Labels": foreign}
        assert await self.engine.post("containers/create", body, name=name, **platform) == 201

    def client(self, map_: ContainerMap) -> MapClient:
        return MapClient(map_, default_client=self.engine.client())


@pytest.fixture(
    scope="module",
    params=[pytest.param("docker", marks=pytest.mark.engine), *EmbeddedEngine.releases],
)
def runs(request: pytest.FixtureRequest) -> Runs:
    """On the real engine, and on the embedded one of each release, which normalise differently."""
    if request.param == "docker":
        real: Runs = request.getfixturevalue("real_runs")
        return real
    made = Runs(EngineInMemory.of(request.param), "options")
    for each in (made.adopt, made.go):
        anyio.run(each, backend_options={"loop_factory": VirtualTimeLoop})
    return made


@pytest.fixture(scope="module")
def real_runs(
    raw_engine: RawEngine, docker_url: str, test_image: str, prompt_image: str
) -> Iterator[Runs]:
    assert test_image
    assert prompt_image
    load_image(raw_engine, OWN_IMAGE, OWN_CONFIG)
    prefix = f"adm{uuid.uuid4().hex[:6]}options"
    made = Runs(RealEngine(raw_engine, docker_url), prefix)
    try:
        asyncio.run(made.adopt())
        asyncio.run(made.go())
        yield made
    finally:
        with ThreadPoolExecutor(8) as several:
            for name in raw_engine.container_names(prefix):
                several.submit(
                    raw_engine.call, "DELETE", f"containers/{name}", force="true", v="true"
                )
        raw_engine.remove_all(prefix)
        raw_engine.call("DELETE", f"images/{OWN_IMAGE}", force="true")


def test_every_option_and_attribute_is_tried() -> None:
    """Behaviour 5.2 and 2.2: whoever adds one is told to say what becomes of it."""
    assert {option.keyword for option in OPTIONS} == set(CHANGES) | NOT_HERE
    attributes = {str(field.alias) for field in fields(ContainerConfiguration)} - {"name"}
    assert attributes == set(ATTRIBUTES) | NO_FIELDS


EACH = pytest.mark.parametrize("case", [pytest.param(each, id=each.container) for each in CASES])


def expected(case: Case, runs: Runs, remedy: Remedy | None) -> set[Remedy]:
    return set() if remedy is None or case.container in runs.discarded else {remedy}


@EACH
def test_what_is_as_it_was_asked_for_is_left_alone(runs: Runs, case: Case) -> None:
    for moment in ("created, same", "started, same", "changed, same", "removed, same"):
        seen = _seen(runs.plans[moment], f"{runs.prefix}.{case.container}")
        assert not seen.remedies - {NOTE}, (moment, seen.words)


@EACH
def test_a_change_is_mended_by_the_least_means(runs: Runs, case: Case) -> None:
    remedies = expected(case, runs, None if case.after is UNSET else case.changed)
    for moment in ("created, changed", "started, changed"):
        if case.container not in runs.started and moment == "started, changed":
            continue
        seen = _seen(runs.plans[moment], f"{runs.prefix}.{case.container}")
        assert seen.remedies - ({NOTE} - remedies) == remedies, (moment, seen.words)
        assert all(each.startswith(case.words) for each in seen.words), (moment, seen.words)


@EACH
def test_a_removal_is_noticed(runs: Runs, case: Case) -> None:
    remedies = expected(case, runs, case.removed)

    seen = _seen(runs.plans["created, removed"], f"{runs.prefix}.{case.container}")

    assert seen.remedies == remedies, seen.words
    assert all(each.startswith(case.words) for each in seen.words), seen.words


@pytest.mark.parametrize(
    "case", [pytest.param(each, id=each.container) for each in CASES if each.starts is not False]
)
def test_a_removal_is_noticed_on_the_running_container(runs: Runs, case: Case) -> None:
    """Also of what was changed meanwhile; "removed, same" of the first test is what comes of it."""
    remedies = expected(case, runs, None if case.means_nothing else case.removed)

    seen = _seen(runs.plans["changed, removed"], f"{runs.prefix}.{case.container}")

    if case.container in runs.started:
        assert seen.remedies == remedies, seen.words


def test_options_that_may_be_written_elsewhere_are_tried_there() -> None:
    """The last row of the first table of behaviour 5.2, options of the host among others, and CFG-43."""
    former = {
        "mem_limit",
        "memswap_limit",
        "cpu_shares",
        "cpuset",
        "dns",
        "volumes_from",
        "volume_driver",
    }
    assert set(SPELLINGS) == former | {"host_config", "start_options"}


@EACH
def test_a_container_of_somebody_else_that_is_the_same_is_left_alone(
    runs: Runs, case: Case
) -> None:
    """GEN-5."""
    seen = _seen(runs.adopted["same"], f"{runs.prefix}-adopted.{case.container}")

    # Nothing tells what the host cannot do before it was tried.
    allowed = {NOTE, LIVE} if case.name in MAY_BE_DISCARDED else {NOTE}
    assert not seen.remedies - allowed, seen.words


@pytest.mark.parametrize(
    "case", [pytest.param(each, id=each.container) for each in CASES if each.is_documented]
)
def test_documented_checks_hold_for_containers_of_somebody_else(runs: Runs, case: Case) -> None:
    """UPD-10 to UPD-57."""
    seen = _seen(runs.adopted["changed"], f"{runs.prefix}-adopted.{case.container}")

    assert seen.remedies - {NOTE} == {case.changed}, seen.words


@pytest.mark.parametrize(
    "case", [pytest.param(each, id=each.container) for each in CASES if each.is_uncertain]
)
def test_what_is_uncertain_is_a_note_for_containers_of_somebody_else(
    runs: Runs, case: Case
) -> None:
    seen = _seen(runs.adopted["changed"], f"{runs.prefix}-adopted.{case.container}")

    assert seen.remedies == expected(case, runs, NOTE), seen.words
