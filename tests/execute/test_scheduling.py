"""When steps run: priority, limits, places, and what the report says of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import pairwise

import pytest
from anyio import create_task_group
from run_partners import Log, WatchedTransport, words

from aiodockmap import (
    ActionRunnerError,
    ContainerMap,
    Failed,
    Limits,
    MapClient,
    OnFailure,
    Patience,
    ResourceKind,
    RunFinished,
    RunReport,
    RunStarted,
    StepFinished,
    StepStarted,
    Succeeded,
)
from aiodockmap.testing import Behaviour, Delay, EmbeddedEngine, Reject

pytestmark = pytest.mark.virtual_time

IMAGE = "site-example:latest"


@pytest.fixture
def engine() -> EmbeddedEngine:
    return EmbeddedEngine()


def site(needs: Mapping[str, Iterable[str]], **properties: Mapping[str, object]) -> ContainerMap:
    """Containers by name, each with those that it is linked to, and what else there is to say."""
    return ContainerMap.from_dict(
        "m",
        {
            "containers": {
                name: {"image": IMAGE, "links": list(links), **properties.get(name, {})}
                for name, links in needs.items()
            }
        },
    )


DIAMOND = {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]}


def spans(engine: EmbeddedEngine, call: str) -> list[tuple[float, float]]:
    """When calls of a kind were under way, by the engine's clock."""
    return [
        (received.began, received.ended)
        for received in engine.calls
        if received.call.endswith(call) and received.ended is not None
    ]


def most_at_once(spans: list[tuple[float, float]]) -> int:
    changes = sorted(
        change for began, ended in spans for change in ((began, 1), (ended, -1))
    )  # at the same time, what ends comes first
    at_once = most = 0
    for _, change in changes:
        at_once += change
        most = max(most, at_once)
    return most


async def test_what_has_the_longest_way_before_it_starts_first(engine: EmbeddedEngine) -> None:
    """The chain overtakes what nothing depends on, even what has waited for longer."""
    chain = {"z1": [], "z2": ["z1"], "z3": ["z2"], "z4": ["z3"], "a": [], "b": [], "c": []}
    engine.fail("POST /containers/create", Delay(1))
    log = Log()
    client = MapClient(
        site(chain), default_client=engine.transport(), limits=Limits(create=1), on_event=log
    )

    async with client:
        await client.create("__all__")

    assert log.begun == [
        f"create container m.{name}" for name in ("z1", "a", "z2", "b", "z3", "c", "z4")
    ]


@pytest.mark.parametrize(
    ("call", "limits", "expected"),
    [
        pytest.param("/containers/create", Limits(create=3), 3, id="create"),
        pytest.param("/start", Limits(start=2), 2, id="start"),
        pytest.param("/start", Limits(), 4, id="start_by_processors"),
        pytest.param("/stop", Limits(stop=5), 5, id="stop"),
        pytest.param("DELETE", Limits(remove=2), 2, id="remove"),
    ],
)
async def test_a_limit_is_reached_and_never_exceeded(
    engine: EmbeddedEngine, call: str, limits: Limits, expected: int
) -> None:
    names = [f"c{number}" for number in range(12)]
    engine.fail("POST /containers/create", Delay(1))
    engine.fail("POST /containers/*/start", Delay(1))
    engine.fail("POST /containers/*/stop", Delay(1))
    engine.fail("DELETE /containers/*", Delay(1))
    everything = site({name: [] for name in names})

    async with MapClient(everything, default_client=engine.transport(), limits=limits) as client:
        await client.startup("__all__")
        await client.shutdown("__all__")

    found = (
        spans(engine, call)
        if call != "DELETE"
        else [
            (each.began, each.ended or each.began) for each in engine.calls if "DELETE" in each.call
        ]
    )
    assert len(found) == len(names)
    assert most_at_once(found) == expected


async def test_runs_of_one_client_share_their_limits(engine: EmbeddedEngine) -> None:
    engine.fail("POST /containers/*/start", Delay(1))
    everything = site({f"c{number}": [] for number in range(8)})

    async with (
        MapClient(everything, default_client=engine.transport(), limits=Limits(start=2)) as client,
        create_task_group() as tasks,
    ):
        for name in everything.containers:
            tasks.start_soon(client.startup, name)

    assert most_at_once(spans(engine, "/start")) == 2


async def test_engines_have_limits_of_their_own() -> None:
    engines = {name: EmbeddedEngine(name=name) for name in ("north", "south")}
    for each in engines.values():
        each.fail("POST /containers/*/start", Delay(1))
    everything = ContainerMap.from_dict(
        "m",
        {
            "clients": list(engines),
            "containers": {f"c{number}": {"image": IMAGE} for number in range(4)},
        },
    )
    clients = {name: each.transport() for name, each in engines.items()}

    async with MapClient(everything, clients, limits=Limits(start=2)) as client:
        await client.startup("__all__")

    found = [span for each in engines.values() for span in spans(each, "/start")]
    assert most_at_once(found) == 4


@pytest.mark.parametrize(
    "properties",
    [
        pytest.param({"start_delay": 100}, id="delay"),
        pytest.param({"exec_commands": ["sleep 100"]}, id="exec"),
    ],
)
async def test_what_only_waits_holds_no_place(
    engine: EmbeddedEngine, properties: Mapping[str, object]
) -> None:
    """With one place for each class of work, four containers wait at the same time."""
    names = ["a", "b", "c", "d"]
    everything = site({name: [] for name in names}, **dict.fromkeys(names, properties))
    narrow = Limits(create=1, start=1, exec=1)

    async with MapClient(everything, default_client=engine.transport(), limits=narrow) as client:
        report = await client.startup("__all__")

    assert 100 <= report.seconds < 102


async def test_settling_holds_no_place(engine: EmbeddedEngine) -> None:
    everything = site({name: [] for name in "abcd"})
    client = MapClient(
        everything,
        default_client=engine.transport(),
        limits=Limits(start=1),
        patience=Patience(settle=100),
    )

    async with client:
        report = await client.startup("__all__")

    assert 100 <= report.seconds < 102


async def test_a_stop_in_its_grace_period_does_not_hold_up_another_class(
    engine: EmbeddedEngine,
) -> None:
    everything = site({"slow": [], "new": []}, slow={"stop_timeout": 50})

    async with MapClient(everything, default_client=engine.transport()) as client:
        await client.startup("slow")
        async with create_task_group() as tasks:
            tasks.start_soon(client.stop, "slow")
            report = await client.startup("new")
            assert report.seconds < 5
            assert (engine.container("m.slow") or {})["State"]["Running"]


async def test_on_failure_stop_launches_nothing_more(engine: EmbeddedEngine) -> None:
    """ERR-4, where that is asked for: what is under way is finished; what has not begun is not begun.

    Nothing is rolled back.
    """
    engine.fail("POST /containers/create", Delay(1))
    engine.fail("POST /containers/create", Reject(500, "no"), name="m.c1")
    everything = site({f"c{number}": [] for number in range(6)})
    log = Log()
    client = MapClient(
        everything, default_client=engine.transport(), limits=Limits(create=3), on_event=log
    )

    async with client:
        report = await client.startup("__all__", on_failure="stop", raise_on_error=False)

    assert log.begun == [f"create container m.c{number}" for number in range(3)]
    assert engine.container_names() == ["m.c0", "m.c2"]
    assert [words(step) for step in report.failed] == ["create container m.c1"]
    assert not report.ok
    assert len(report.not_run) == 9
    assert len(report.blocked) == 1
    log.check_shape()


async def test_on_failure_takes_the_enum_too(engine: EmbeddedEngine) -> None:
    engine.fail("POST /containers/create", Reject(500, "no"), name="m.a")
    everything = site({"a": [], "b": []})

    async with MapClient(everything, default_client=engine.transport()) as client:
        report = await client.startup(
            "__all__", on_failure=OnFailure.CONTINUE, raise_on_error=False
        )

    assert engine.container_names() == ["m.b"]
    assert not report.ok


async def test_the_report_says_when_what_ran_and_what_took_so_long(engine: EmbeddedEngine) -> None:
    engine.fail("POST /containers/*/start", Delay(10), name="m.c")
    log = Log()

    async with MapClient(site(DIAMOND), default_client=engine.transport(), on_event=log) as client:
        report = await client.startup("d")

    assert report.ok
    assert report == log.report
    for step in report.plan.steps:
        for before in step.before:
            assert report.timings[before].finished <= report.timings[step.id].started
    assert report.seconds == max(timing.finished for timing in report.timings.values())
    path = [words(step) for step in report.critical_path]
    assert path[0] == "create container m.a"
    assert path[-2:] == ["start container m.c", "start container m.d"]
    for earlier, later in pairwise(report.critical_path):
        assert earlier.id in later.before


async def test_the_records_are_those_of_the_engine_calls_that_return_something(
    engine: EmbeddedEngine,
) -> None:
    """API-7."""
    engine.registry.publish("pulled:1")
    everything = ContainerMap.from_dict(
        "m",
        {
            "containers": {
                "web": {
                    "image": "pulled:1",
                    "attaches": ["data"],
                    "networks": ["front"],
                    "exec_commands": ["/bin/true"],
                }
            },
            "volumes": {"data": "/data"},
            "networks": {"front": {}},
        },
    )

    async with MapClient(everything, default_client=engine.transport()) as client:
        report = await client.startup("web")
        container = engine.container("m.web")
        stopped = await client.stop("web")

    assert container is not None
    records = {(record.action, str(record.item)): record.result for record in report.results}
    assert {action for action, _ in records} == {"pull", "create", "exec"}
    by_kind = {record.item.kind: record for record in report.results if record.item}
    assert by_kind[ResourceKind.CONTAINER].client == "__default__"
    created = [
        record.result
        for record in report.results
        if record.item and record.item.kind is ResourceKind.CONTAINER and record.action == "create"
    ]
    assert created == [container["Id"]]
    assert stopped.results == ()
    assert [str(resource) for resource in stopped.changed] == ["container m.web"]


async def test_what_is_not_raised_is_logged(
    engine: EmbeddedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    """ERR-12: each failure once, those of a pull before an update included."""
    containers = {"b": {"image": "site-example"}, "e": {"image": "absent:1"}}
    engine.fail("POST /containers/create", Reject(500, "no"), name="m.b")

    described = ContainerMap.from_dict("m", {"containers": containers})
    async with MapClient(described, default_client=engine.transport()) as client:
        with pytest.raises(ActionRunnerError):
            await client.startup("__all__")
        raised = list(caplog.messages)
        started = await client.startup("__all__", raise_on_error=False)
        begin = len(caplog.messages)
        updated = await client.update("e", raise_on_error=False)

    assert raised == []
    assert len(started.errors) == 2
    logged = [f"startup: {error}" for error in started.errors]
    assert caplog.messages[:begin] == logged
    [pull] = updated.errors
    assert caplog.messages[begin:] == [f"update: {pull}"]
    assert {record.levelname for record in caplog.records} == {"ERROR"}
    assert all(record.name.startswith("aiodockmap.") for record in caplog.records)


async def test_the_report_is_json_also_of_a_failed_run(engine: EmbeddedEngine) -> None:
    engine.fail("POST /containers/create", Reject(500, "no"), name="m.b")

    async with MapClient(site(DIAMOND), default_client=engine.transport()) as client:
        report = await client.startup("d", raise_on_error=False)

    told = json.loads(json.dumps(report.to_dict()))
    assert told["ok"] is False
    outcomes = {step["description"]: step["outcome"] for step in told["steps"]}
    assert outcomes == {
        "create container m.a": "succeeded",
        "start container m.a": "succeeded",
        "create container m.b": "failed",
        "start container m.b": "blocked",
        "create container m.c": "succeeded",
        "start container m.c": "succeeded",
        "create container m.d": "blocked",
        "start container m.d": "blocked",
    }
    [failed] = [step for step in told["steps"] if step["outcome"] == "failed"]
    assert "no" in failed["error"]
    assert [step["blocked_by"] for step in told["steps"] if step["outcome"] == "blocked"] == [
        [failed["id"]]
    ] * 3


async def test_events_tell_of_each_step_once_in_order(engine: EmbeddedEngine) -> None:
    log = Log()

    async with MapClient(site(DIAMOND), default_client=engine.transport(), on_event=log) as client:
        report = await client.startup("d")

    log.check_shape()
    assert len(log.of(RunStarted)) == len(log.of(RunFinished)) == 1
    places = {
        (type(event), event.step.id): number
        for number, event in enumerate(log.events)
        if isinstance(event, StepStarted | StepFinished)
    }
    assert len(places) == 2 * len(report.plan.steps) == len(log.events) - 2
    for step in report.plan.steps:
        assert places[StepStarted, step.id] < places[StepFinished, step.id]
        for before in step.before:
            assert places[StepFinished, before] < places[StepStarted, step.id]
    finished = [event.step.id for event in log.of(StepFinished)]
    assert list(report.outcomes) == finished


async def test_a_container_that_dies_later_during_the_run_is_reported(
    engine: EmbeddedEngine,
) -> None:
    """It counts as started, what depends on it goes on, and the run has failed."""
    engine.behaviour(Behaviour(ends_after=5, exit_code=4, stderr="bye\n"), container="m.a")
    everything = site({"a": [], "b": ["a"]}, b={"start_delay": 10})

    async with MapClient(everything, default_client=engine.transport()) as client:
        with pytest.raises(ActionRunnerError) as raised:
            await client.startup("b")

    report = raised.value.report
    [error] = raised.value.exceptions
    assert "m.a" in str(error)
    assert "exit code 4" in str(error)
    assert "bye" in str(error)
    assert [words(step) for step in report.failed] == ["start container m.a"]
    assert report.blocked == {}


async def test_all_that_died_during_the_run_is_looked_at_at_once(engine: EmbeddedEngine) -> None:
    """Each is doubted for a moment; twenty of them do not take twenty moments."""
    names = [f"m.a{number}" for number in range(20)]
    for name in names:
        engine.behaviour(Behaviour(ends_after=5, exit_code=4), container=name)
    short: dict[str, list[str]] = {name.removeprefix("m."): [] for name in names}
    everything = site({**short, "last": ["a0"]}, last={"start_delay": 10})

    async with MapClient(
        everything, default_client=engine.transport(), patience=Patience(settle=1)
    ) as client:
        report = await client.startup("__all__", raise_on_error=False)

    failed = sorted(words(step) for step in report.failed)
    assert failed == sorted(f"start container {name}" for name in names)
    # A settling for each of the two layers, the start delay, and the doubt.
    assert report.seconds == pytest.approx(1 + 1 + 10 + 1, abs=0.5)


async def test_that_nobody_can_look_any_more_is_logged_and_changes_no_outcome(
    engine: EmbeddedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    """The list fails for one, the look at a dead container for the other."""
    everything = site({"a": [], "b": ["a"]}, b={"start_delay": 10})
    engine.behaviour(Behaviour(ends_after=5, exit_code=4), container="m.a")
    async with MapClient(everything, default_client=engine.transport()) as client:
        engine.fail("GET /containers/json", Reject(500, "no list"), at=2)
        unlisted = await client.startup("b", raise_on_error=False)
        await client.shutdown("__all__")
        engine.heal()
        engine.fail("GET /containers/*/json", Reject(500, "no look"), name="m.a", at=2)
        unseen = await client.startup("b", raise_on_error=False)

    assert unlisted.ok
    assert unseen.ok
    assert [message.partition(":")[0] for message in caplog.messages] == [
        "Cannot see whether all that was started on __default__ lives"
    ] * 2
    assert "no list" in caplog.messages[0]
    assert "no look" in caplog.messages[1]


async def test_a_job_that_ends_well_during_the_run_is_no_failure(engine: EmbeddedEngine) -> None:
    engine.behaviour(Behaviour(ends_after=5), container="m.a")
    everything = site({"a": [], "b": ["a"]}, b={"start_delay": 10})

    async with MapClient(everything, default_client=engine.transport()) as client:
        report = await client.startup("b")

    assert report.ok


async def test_a_run_makes_no_call_that_it_does_not_need(engine: EmbeddedEngine) -> None:
    """One look at the start; one inspect after each start; one list at the end."""
    way = WatchedTransport(engine.transport())

    async with MapClient(site(DIAMOND), default_client=way) as client:
        await client.plan("startup", "d")
        looking = len(way.calls)
        await client.startup("d")

    reads = [str(call) for call in way.calls[looking:] if call.method == "GET"]
    assert len(way.changes) == 8
    assert len(reads) == 4 + 4 + 1, reads


async def test_outcomes_are_of_the_step_that_they_belong_to(engine: EmbeddedEngine) -> None:
    engine.fail("POST /containers/*/start", Reject(500, "no"), name="m.b")

    async with MapClient(site(DIAMOND), default_client=engine.transport()) as client:
        report: RunReport = await client.startup("d", raise_on_error=False)

    kinds = {words(step): type(report.outcomes.get(step.id)) for step in report.plan.steps}
    assert kinds["create container m.d"] is Succeeded
    assert kinds["start container m.b"] is Failed
    assert kinds["start container m.c"] is Succeeded
    assert kinds["start container m.d"] is type(None)


async def test_the_answer_to_a_live_update_is_a_record(engine: EmbeddedEngine) -> None:
    """UPD-58."""

    def limited(memory: str) -> MapClient:
        landscape = {"web": {"image": IMAGE, "host_config": {"mem_limit": memory}}}
        return MapClient(ContainerMap("m", landscape), default_client=engine.transport())

    async with limited("64m") as before, limited("128m") as after:
        await before.startup("web")
        report = await after.update("web")

    [record] = report.results
    assert (record.action, str(record.item), record.result) == ("update", "m.web", {"Warnings": []})
