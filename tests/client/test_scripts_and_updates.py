"""A script and an update of one container at the same moment, of one client and of two: who has its name?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from anyio import CancelScope, Event, create_task_group, current_time, sleep
from attrs import define, field
from raw_engine import RawEngine
from run_partners import LATENCY, WatchedTransport, travel

from aiodockmap import (
    ActionRunnerError,
    ContainerMap,
    MapClient,
    Patience,
    ResourceConflict,
    ResourceNotFound,
    RunReport,
    ScriptActionError,
    ScriptResult,
)
from aiodockmap.client._settings import RunSettings
from aiodockmap.engine import ApiRequest
from aiodockmap.testing import EmbeddedEngine

pytestmark = pytest.mark.virtual_time

IMAGE = "site-example:latest"
LAGS = [0, 2, 5, 9, 20]
BEFORE = [("absent", "update"), ("absent", "startup"), ("running", "update"), ("left", "update")]
REFUSALS = (
    "container m.db: somebody else put one in its place at the same time",
    # It was there when the script looked, and has been started since.
    "container m.db: You cannot remove a running container",
)


def site(level: str) -> ContainerMap:
    """With networks, which take their time between the creation and the start."""
    return ContainerMap.from_dict(
        "m",
        {
            "db": {
                "image": IMAGE,
                "shares": "/data",
                "stop_timeout": 1,
                "networks": ["front", "back"],
                "create_options": {"environment": {"LEVEL": level}},
            },
            "networks": {"front": {}, "back": {}},
        },
    )


@define(eq=False)
class Both:
    """A script and an update, and what became of them."""

    engine: EmbeddedEngine = field(factory=EmbeddedEngine)
    script: ScriptResult | None = None
    report: RunReport | None = None
    errors: dict[str, list[Exception]] = field(factory=dict)

    async def prepare(self, before: str) -> None:
        """Have the networks, and a container with other settings, or what a script left, or none."""
        async with MapClient(site("old"), default_client=self.engine.transport()) as client:
            if before == "left":
                options: Any = {"command_format": "true", "remove_created_after": False}
                await client.run_script("db", **options)
                return
            await client.startup("db")
            if before == "absent":
                await client.shutdown("db")

    def client(self) -> MapClient:
        way = WatchedTransport(self.engine.transport(), before=travel, after=travel)
        return MapClient(site("new"), default_client=way)

    async def run_script(self, client: MapClient, seconds: float, **options: Any) -> None:
        async def run() -> None:
            command = ["sh", "-c", f"sleep {seconds}; echo it"]
            given = {"wait_timeout": 100, **options}
            results = await client.run_script("db", command_format=command, **given)
            result = results["__default__"]
            assert isinstance(result, ScriptResult)
            self.script = result

        await self._noting("script", run())

    async def change(self, client: MapClient, verb: str = "update") -> None:
        async def run() -> None:
            self.report = await getattr(client, verb)("db")

        await self._noting("update", run())

    async def _noting(self, name: str, run: Awaitable[None]) -> None:
        try:
            await run
        except ActionRunnerError as error:
            self.errors[name] = list(error.exceptions)
        except ScriptActionError as error:
            self.errors[name] = [error]

    async def finish(self, client: MapClient) -> None:
        """See that nothing is half done, and that the next update has nothing to mend."""
        names = self.engine.container_names()
        assert [name for name in names if name != "m.db"] == []
        plan = await client.plan("update", "db")
        assert "interrupted" not in plan.render()
        await client.update("db")
        assert self.engine.container_names() == ["m.db"]
        found = self.engine.container("m.db") or {}
        assert found["State"]["Running"]
        assert "LEVEL=new" in found["Config"]["Env"]
        assert found["Config"]["Cmd"][0] != "sh"


async def side_by_side(*runs: Callable[[], Awaitable[None]], lag: int) -> None:
    async with create_task_group() as tasks:
        for number, run in enumerate(runs):

            async def later(number: int = number, run: Any = run) -> None:
                await sleep(number * lag * LATENCY)
                await run()

            tasks.start_soon(later)


@pytest.mark.parametrize("lag", LAGS)
@pytest.mark.parametrize("is_script_first", [True, False], ids=["script-first", "update-first"])
@pytest.mark.parametrize(("before", "verb"), BEFORE)
@pytest.mark.parametrize("clients", [1, 2])
async def test_nothing_is_left_half_done_and_no_output_is_lost(
    clients: int, before: str, verb: str, lag: int, *, is_script_first: bool
) -> None:
    both = Both()
    await both.prepare(before)
    async with both.client() as first, both.client() as second:

        async def script() -> None:
            await both.run_script(first, 0.02, remove_existing_before=True)

        async def change() -> None:
            await both.change(second if clients == 2 else first, verb)

        runs = (script, change) if is_script_first else (change, script)
        began = current_time()
        await side_by_side(*runs, lag=lag)
        seconds = current_time() - began

        assert seconds < Patience().others, "one was taken for abandoned"
        assert "update" not in both.errors
        if both.script is None:
            [refusal] = both.errors["script"]
            assert isinstance(refusal, ResourceConflict)
            assert str(refusal).startswith(REFUSALS)
            assert "again" in (refusal.advice or "")
            assert (both.engine.container("m.db") or {})["State"]["Running"]
        else:
            assert (both.script.exit_code, both.script.log) == (0, "it\n")
        await both.finish(second)


@pytest.mark.parametrize("lag", [0, 1, 2, 3])
async def test_a_long_script_of_the_same_client_is_waited_for(lag: int) -> None:
    both = Both()
    await both.prepare("running")
    async with both.client() as client:
        await side_by_side(
            lambda: both.run_script(client, 30, remove_existing_before=True),
            lambda: both.change(client),
            lag=lag,
        )

        assert both.errors == {}
        assert both.script is not None
        assert both.script.log == "it\n"
        assert both.report is not None
        assert both.report.ok
        assert (both.engine.container("m.db") or {})["State"]["Running"]
        await both.finish(client)


IN_THE_WAY = [
    pytest.param(30, True, "runs in its place", "again when the script is over", id="long"),
    pytest.param(1, False, "has left its container in its place", "again", id="leaves-it"),
]


@pytest.mark.parametrize("before", ["absent", "left"])
@pytest.mark.parametrize(("seconds", "is_removed", "why", "advice"), IN_THE_WAY)
async def test_a_script_of_somebody_else_that_stays_is_told_of(
    before: str, seconds: float, why: str, advice: str, *, is_removed: bool
) -> None:
    both = Both()
    await both.prepare(before)
    async with both.client() as first, both.client() as second:
        options = {"remove_existing_before": True, "remove_created_after": is_removed}

        async def change() -> None:
            await both.change(second)
            assert both.engine.container_names() == ["m.db"]

        await side_by_side(lambda: both.run_script(first, seconds, **options), change, lag=0)

        assert both.script is not None
        assert both.script.log == "it\n"
        told = [str(error) for error in both.errors["update"]]
        assert any(each.startswith(f"container m.db: a script {why}") for each in told)
        assert any(each.endswith(f"; do the same {advice}") for each in told)
        await both.finish(second)


@pytest.mark.parametrize("before", ["absent", "left"])
@pytest.mark.parametrize("clients", [1, 2])
async def test_who_waits_for_a_script_and_is_cancelled_leaves_nothing(
    clients: int, before: str
) -> None:
    both = Both()
    await both.prepare(before)
    async with both.client() as first, both.client() as second:

        async def change() -> None:
            with CancelScope() as scope:
                async with create_task_group() as tasks:
                    tasks.start_soon(both.change, second if clients == 2 else first)
                    await sleep(2)
                    scope.cancel()
            assert scope.cancelled_caught
            assert both.engine.container_names() == ["m.db"]

        await side_by_side(
            lambda: both.run_script(first, 5, remove_existing_before=True), change, lag=0
        )

        assert both.errors == {}
        assert both.script is not None
        assert both.script.log == "it\n"
        await both.finish(second)


@pytest.mark.parametrize("verb", ["update", "startup", "create", "start"])
async def test_a_script_that_is_about_to_be_started_is_left_alone(verb: str) -> None:
    both, is_there = Both(), Event()
    await both.prepare("absent")
    way = WatchedTransport(both.engine.transport())

    async def dawdle(request: ApiRequest) -> None:
        if request.path.endswith("/start"):
            is_there.set()
            await sleep(5)

    way.before = dawdle
    async with MapClient(site("new"), default_client=way) as first, both.client() as second:

        async def change() -> None:
            await is_there.wait()
            assert (both.engine.container("m.db") or {})["State"]["Status"] == "created"
            await both.change(second, verb)

        await side_by_side(lambda: both.run_script(first, 1), change, lag=0)

        assert both.errors == {}
        assert both.script is not None
        assert both.script.log == "it\n"
        assert both.report is not None
        assert both.report.plan.is_empty
        assert "runs a script" in both.report.plan.notes[0]
        await both.finish(second)


async def test_what_has_the_name_of_a_scripts_container_is_not_started_in_its_stead() -> None:
    both = Both()
    way = WatchedTransport(both.engine.transport())
    other = both.client()

    async def replace(request: ApiRequest) -> None:
        if request.path.endswith("/start"):
            await other.shutdown("db")
            await other.create("db")

    way.before = replace
    async with MapClient(site("new"), default_client=way) as client, other:
        await both.run_script(client, 1)

        assert [type(error) for error in both.errors["script"]] == [ResourceNotFound]
        assert (both.engine.container("m.db") or {})["State"]["Status"] == "created"
        await both.finish(other)


async def test_a_script_that_somebody_was_quicker_than_says_so() -> None:
    both = Both()
    await both.prepare("absent")
    way = WatchedTransport(both.engine.transport())
    other = both.client()

    async def be_first(request: ApiRequest) -> None:
        if request.path == "containers/create":
            await both.change(other)

    way.before = be_first
    async with MapClient(site("new"), default_client=way) as client, other:
        await both.run_script(client, 1)

        [refusal] = both.errors["script"]
        assert isinstance(refusal, ResourceConflict)
        assert str(refusal).startswith(REFUSALS[0])
        assert refusal.status == 409
        assert "run it again; remove_existing_before=True" in str(refusal)
        await both.finish(other)


async def test_a_script_that_could_not_be_started_is_not_waited_for() -> None:
    both = Both()
    options = {"entrypoint": "/no/such", "remove_created_after": False}
    async with both.client() as client:
        await both.run_script(client, 1, **options)
        [refusal] = both.errors["script"]
        assert "/no/such" in str(refusal)
        assert (both.engine.container("m.db") or {})["State"]["Status"] == "created"
        began = current_time()
        await both.finish(client)

    assert current_time() - began < 1


@pytest.mark.engine
async def test_a_script_and_an_update_of_one_container_on_a_real_engine(
    client_of: Any, raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """The update has seen the old container, which the script removes."""

    def database(level: str) -> dict[str, Any]:
        environment = {"environment": {"LEVEL": level}}
        return {"db": {"image": f"/{prompt_image}", "create_options": environment}}

    command = ["sh", "-c", "echo ready; sleep 0.3; echo it"]
    async with client_of(database("old")) as client:
        await client.startup("db")
    async with client_of(database("new")) as client, client_of(database("new")) as other:
        plan = await other.plan("update", "db")
        async with (
            client.stream_script(
                "db", command_format=command, remove_existing_before=True
            ) as script,
            create_task_group() as tasks,
        ):
            assert (await anext(script)).text == "ready"
            tasks.start_soon(other._runs.carry_out, plan, RunSettings())
            assert [line.text async for line in script] == ["it"]

    found = raw_engine.get(f"containers/{prefix}.db/json")
    assert raw_engine.container_names(prefix) == [f"{prefix}.db"]
    assert "LEVEL=new" in found["Config"]["Env"]
    assert found["State"]["Running"]
