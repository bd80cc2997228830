"""Commands of a first start run, whatever interrupts the run that starts the container (EXEC-10, 11)."""

from __future__ import annotations

from collections import Counter
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, Final

import anyio
import anyio.lowlevel
import pytest
from interrupted_updates import killed_after
from raw_engine import RawEngine
from run_partners import READS, CountedLoop, WatchedTransport, at_once, travel

from aiodockmap import ContainerMap, MapClient, Patience, Succeeded
from aiodockmap.engine import ApiRequest
from aiodockmap.errors import EngineUnreachable
from aiodockmap.plan import Relation
from aiodockmap.testing import Behaviour, DropBefore, EmbeddedEngine, Reject

pytestmark = pytest.mark.virtual_time

Landscape = dict[str, Any]

FIRST: Final = "/bin/touch /one"
SECOND: Final = "/bin/touch /two"
SERVICE: Final = "/bin/sleep 500"
MARK: Final = ".aiodockmap-first-"


def landscape(level: str = "old", **more: Any) -> Landscape:
    return {
        "db": {
            "image": "site-example",
            "exec_commands": [
                [FIRST, "root", "initial"],
                {"cmd": SERVICE, "user": "root", "detach": True},
                [SECOND, "root", "initial"],
            ],
            "stop_timeout": 0,
            "create_options": {"environment": {"LEVEL": level}},
            **more,
        }
    }


def site(level: str = "old", **more: Any) -> ContainerMap:
    return ContainerMap("m", landscape(level, **more))


def ran(engine: EmbeddedEngine, name: str = "m.db") -> dict[str, int]:
    """How often each command was run in the container that has a name now."""
    found = engine.container(name) or {}
    return Counter(
        " ".join(each.command)
        for each in engine.world.execs.values()
        if each.container_id == found.get("Id") and each.has_run
    )


async def a_further(engine: EmbeddedEngine, verb: str, level: str = "old") -> None:
    patience = Patience(others=0)
    async with MapClient(
        site(level), default_client=engine.transport(), patience=patience
    ) as client:
        await getattr(client, verb)("db")
        again = await client.plan(verb, "db")
    assert again.is_empty, again.render()


def assert_complete(engine: EmbeddedEngine, *, under_way: int, verb: str = "update") -> None:
    """Each command of the first start has run; at most the one that was under way has twice."""
    counts = ran(engine)
    assert counts[FIRST] >= 1
    assert counts[SECOND] >= 1
    # Only an update looks for those that run at every start.
    assert counts[SERVICE] == 1 or verb != "update"
    assert counts[FIRST] + counts[SECOND] <= 2 + under_way
    assert engine.volume_names() == []


async def cut_off_after(changes: int, before: str, verb: str) -> bool:
    """Let a run lose its engine after so many changes, and make another one; False if it made fewer."""
    engine = EmbeddedEngine()
    if before:
        async with MapClient(site(before), default_client=engine.transport()) as client:
            await client.startup("db")
    way = WatchedTransport(engine.transport())

    async def after(request: ApiRequest) -> None:
        if len(way.changes) >= changes and request.method not in READS:
            engine.fail("*", DropBefore())

    way.after = after
    async with MapClient(site("new"), default_client=way) as client:
        try:
            report = await getattr(client, verb)("db", raise_on_error=False)
        except EngineUnreachable:
            is_cut_off = True
        else:
            is_cut_off = not report.ok
    engine.heal()
    # An attached command whose end was seen, or a detached one, can be cut off from the end of its mark.
    was_begun = any("/exec/" in call for call in way.changes[-3:])

    await a_further(engine, verb, "new")
    assert_complete(engine, under_way=1 if was_begun else 0, verb=verb)
    return is_cut_off


@pytest.mark.parametrize(
    ("before", "verb", "least"),
    [("", "startup", 10), ("", "update", 10), ("old", "update", 15)],
    ids=["startup", "creating update", "replacing update"],
)
async def test_a_run_that_was_cut_off_after_any_change_is_completed_by_the_next_one(
    before: str, verb: str, least: int
) -> None:
    changes = 1
    while await cut_off_after(changes, before, verb):
        changes += 1
    assert changes > least


@pytest.mark.parametrize("before", ["", "old"], ids=["creation", "replacement"])
async def test_a_run_that_is_cancelled_at_any_moment_is_completed_by_the_next_one(
    before: str,
) -> None:
    """At every turn of the loop; commands take their time."""
    turns = 1
    while await cancelled_after(turns, before):
        turns += 1
    assert turns > 50


async def cancelled_after(turns: int, before: str) -> bool:
    engine = EmbeddedEngine()
    engine.behaviour(Behaviour(ends_after=0.3), command="/bin/touch *")
    if before:
        async with MapClient(site(before), default_client=engine.transport()) as client:
            await client.startup("db")
    loop = anyio.lowlevel.current_token().native_token
    assert isinstance(loop, CountedLoop)
    async with MapClient(site("new"), default_client=engine.transport()) as client:
        with anyio.CancelScope() as scope:
            loop.in_turns(turns, scope.cancel)
            await client.update("db")
        loop.disarm()
    await anyio.sleep(1)
    await a_further(engine, "update", "new")
    assert_complete(engine, under_way=1)
    return scope.cancelled_caught


async def test_a_command_that_has_run_does_not_run_again_because_the_run_was_cancelled_then() -> (
    None
):
    """What says that it is owed goes all the same."""
    engine = EmbeddedEngine()
    way = WatchedTransport(engine.transport())
    with anyio.CancelScope() as scope:

        async def cancel_at_the_mark(request: ApiRequest) -> None:
            if request.method == "DELETE" and MARK in request.path:
                scope.cancel()
                await anyio.lowlevel.checkpoint()

        way.before = cancel_at_the_mark
        async with MapClient(site(), default_client=way) as client:
            await client.startup("db")
    await a_further(engine, "update")

    assert scope.cancelled_caught
    assert ran(engine) == {FIRST: 1, SERVICE: 1, SECOND: 1}


async def interrupted(engine: EmbeddedEngine, *, at: str = "POST /containers/*/exec") -> None:
    """Start the container, and lose the engine at the first call of a kind."""
    engine.fail(at, DropBefore())
    async with MapClient(site(), default_client=engine.transport()) as client:
        await client.startup("db", raise_on_error=False)
    engine.heal()
    assert engine.volume_names() != []


def client_of_others(engine: EmbeddedEngine, **more: Any) -> MapClient:
    """A client that takes everything for interrupted that it finds."""
    return MapClient(site(**more), default_client=engine.transport(), patience=Patience(others=0))


@pytest.mark.parametrize("verb", ["start", "startup", "update"])
async def test_an_action_that_starts_containers_runs_what_was_left_out_and_says_why(
    verb: str,
) -> None:
    engine = EmbeddedEngine()
    await interrupted(engine)
    async with client_of_others(engine) as client:
        plan = await client.plan(verb, "db")
        report = await getattr(client, verb)("db")

    assert report.ok
    assert plan.render().count("an interrupted run did not come to it") == 2
    assert (ran(engine)[FIRST], ran(engine)[SECOND]) == (1, 1)
    assert engine.volume_names() == []


async def test_what_was_left_out_runs_at_the_next_start_as_well() -> None:
    """EXEC-12 goes for what has run."""
    engine = EmbeddedEngine()
    await interrupted(engine)
    async with client_of_others(engine) as client:
        await client.stop("db")
        await client.start("db")
        await client.stop("db")
        await client.start("db")

    assert (ran(engine)[FIRST], ran(engine)[SECOND]) == (1, 1)
    assert engine.volume_names() == []


async def test_explain_and_status_tell_what_was_left_out() -> None:
    engine = EmbeddedEngine()
    await interrupted(engine)
    async with client_of_others(engine) as client:
        explained = await client.explain("db")
        [status] = await client.status("db", compare=True)

    [container] = explained.containers
    assert container.remedy == "would have commands run in it"
    assert "an interrupted run did not come to it" in container.reasons
    assert status.relation is Relation.OUTDATED
    assert "an interrupted run did not come to it" in status.reasons


async def test_a_command_that_was_refused_runs_with_the_next_update() -> None:
    """The engine could not begin it; one that has ended has run, whatever its exit code (EXEC-4)."""
    engine = EmbeddedEngine()
    engine.behaviour(Behaviour(ends_after=0, exit_code=3), command=FIRST)
    engine.fail("POST /containers/*/exec", Reject(500, "no"), at=3)
    async with client_of_others(engine) as client:
        first = await client.startup("db", raise_on_error=False)
        engine.heal()
        await client.update("db")

    assert not first.ok
    assert ran(engine) == {FIRST: 1, SERVICE: 1, SECOND: 1}
    assert engine.volume_names() == []


async def test_a_command_that_goes_on_is_not_run_a_second_time_beside_itself() -> None:
    """A process was killed while the engine ran its command: what comes after that waits for its end."""
    engine = EmbeddedEngine()
    engine.behaviour(Behaviour(ends_after=600), command=FIRST)
    async with MapClient(site(), default_client=engine.transport()) as client:
        with anyio.move_on_after(60):
            await client.startup("db")
    async with client_of_others(engine) as client:
        during = await client.update("db")
        seen_during = dict(ran(engine))
        again = await client.plan("update", "db")
        await anyio.sleep(600)
        await client.update("db")

    assert [str(reason) for step in during.plan.steps for reason in step.reasons] == [
        "its command was begun, and goes on"
    ]
    [note] = during.plan.notes
    assert "left to a later run" in note
    assert seen_during == {FIRST: 1}
    # Nobody can tell any more that it was begun by a run that was interrupted.
    assert "goes on" not in again.render()
    assert ran(engine) == {FIRST: 1, SERVICE: 1, SECOND: 1}
    assert engine.volume_names() == []


async def test_what_another_process_is_about_to_run_is_left_to_it() -> None:
    """The container is up, and its start delay lasts longer than anybody waits otherwise."""
    engine = EmbeddedEngine()
    engine.behaviour(Behaviour(ends_after=5), command="/bin/touch *")
    delayed = site(start_delay=20)
    async with (
        MapClient(delayed, default_client=engine.transport()) as one,
        MapClient(delayed, default_client=engine.transport()) as other,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(one.startup, "db")
        await anyio.sleep(5)
        report = await other.update("db")

    assert report.plan.is_empty
    assert ran(engine) == {FIRST: 1, SERVICE: 1, SECOND: 1}
    assert engine.volume_names() == []


async def test_commands_are_run_where_whoever_has_started_the_container_does_not() -> None:
    """The process whose call has started it was killed, or it was the engine by itself."""
    engine = EmbeddedEngine()
    way, theirs = WatchedTransport(engine.transport()), engine.transport()

    async def be_first(request: ApiRequest) -> None:
        if request.path.endswith("/start") and request.path.startswith("containers/"):
            await theirs.request(request)

    way.before = be_first
    async with MapClient(site(), default_client=way) as client:
        report = await client.startup("db")

    assert "was running already" in [
        outcome.note for outcome in report.outcomes.values() if isinstance(outcome, Succeeded)
    ]
    assert ran(engine) == {FIRST: 1, SERVICE: 1, SECOND: 1}
    assert engine.volume_names() == []


@pytest.mark.parametrize("clients", [1, 2])
@pytest.mark.parametrize("lag", [0, 1, 3])
async def test_commands_of_who_was_quicker_are_outwaited(clients: int, lag: int) -> None:
    """Each takes longer than anybody waits for the next one to begin."""
    engine = EmbeddedEngine()
    engine.behaviour(Behaviour(ends_after=60), command="/bin/touch *")
    async with AsyncExitStack() as stack:
        ways = [WatchedTransport(engine.transport(), before=travel) for _ in range(clients)]
        ours = [
            await stack.enter_async_context(MapClient(site(), default_client=way)) for way in ways
        ]
        reports = await at_once(*(partial(each.startup, "db") for each in (ours * 2)[:2]), lag=lag)

    assert all(report.ok for report in reports)
    assert min(report.seconds for report in reports) >= 120
    assert ran(engine) == {FIRST: 1, SERVICE: 1, SECOND: 1}
    assert engine.volume_names() == []


async def test_a_plan_that_others_have_carried_out_meanwhile_runs_nothing_twice() -> None:
    engine = EmbeddedEngine()
    await interrupted(engine)
    async with client_of_others(engine) as client:
        plan = await client.plan("startup", "db")
        await client.startup("db")
        report = await client.apply(plan)

    assert report.ok
    assert (ran(engine)[FIRST], ran(engine)[SECOND]) == (1, 1)


@pytest.mark.parametrize("verb", ["shutdown", "remove"])
async def test_marks_go_with_their_container(verb: str) -> None:
    engine = EmbeddedEngine()
    await interrupted(engine)
    async with client_of_others(engine) as client:
        await client.stop("db")
        plan = await client.plan(verb, "db")
        await client.apply(plan)
        again = await client.plan(verb, "db")

    assert plan.render().count("remove the mark") == 2
    assert engine.volume_names() == []
    assert engine.container_names() == []
    assert again.is_empty


async def test_marks_of_a_container_that_was_removed_by_hand_go_with_the_next_action() -> None:
    engine = EmbeddedEngine()
    await interrupted(engine)
    await by_hand(engine, "DELETE", "containers/m.db", force="1")
    async with client_of_others(engine) as client:
        await client.shutdown("db")

    assert engine.volume_names() == []


@pytest.mark.parametrize("container", ["gone", "going"])
async def test_a_cleanup_takes_marks_along_whose_containers_go(container: str) -> None:
    """Of a map that nobody has any more, too."""
    engine = EmbeddedEngine()
    await interrupted(engine)
    await by_hand(engine, "POST", "containers/m.db/stop")
    if container == "gone":
        await by_hand(engine, "DELETE", "containers/m.db")
    async with MapClient(ContainerMap("x", {}), default_client=engine.transport()) as client:
        house = client.housekeeping()
        await client.apply(await house.plan_container_cleanup())
        again = await house.plan_container_cleanup()

    assert engine.volume_names() == []
    assert engine.container_names() == []
    assert again.is_empty


async def test_a_cleanup_leaves_the_marks_of_what_stays() -> None:
    engine = EmbeddedEngine()
    await interrupted(engine)
    async with client_of_others(engine) as client:
        plan = await client.housekeeping().plan_container_cleanup()

    assert plan.is_empty


async def test_nothing_is_run_in_what_somebody_else_has_made_under_the_name() -> None:
    engine = EmbeddedEngine()
    await interrupted(engine)
    await by_hand(engine, "DELETE", "containers/m.db", force="1")
    body = {"Image": "site-example", "Env": ["LEVEL=old"]}
    await by_hand(engine, "POST", "containers/create", body, name="m.db")
    await by_hand(engine, "POST", "containers/m.db/start")
    async with client_of_others(engine) as client:
        await client.update("db")

    assert ran(engine) == {SERVICE: 1}
    assert engine.volume_names() == []


async def test_nothing_is_run_in_what_was_created_here_and_started_by_hand() -> None:
    """EXEC-15: never by an update."""
    engine = EmbeddedEngine()
    async with client_of_others(engine) as client:
        await client.create("db")
        await by_hand(engine, "POST", "containers/m.db/start")
        await client.update("db")

    assert ran(engine) == {SERVICE: 1}


async def test_a_replacement_that_does_not_come_up_leaves_what_the_old_one_owes_and_no_more() -> (
    None
):
    """The old container was interrupted as well; it is brought back, and completed by the next update."""
    engine = EmbeddedEngine()
    await interrupted(engine)
    owed = engine.volume_names()
    engine.fail("POST /containers/*/start", Reject(500, "no"), at=1)
    async with client_of_others(engine, level="new") as client:
        report = await client.update("db", raise_on_error=False)
        left = engine.volume_names()
    engine.heal()
    async with client_of_others(engine) as client:
        await client.update("db")

    assert [str(resource) for resource in report.rescues] == ["container m.db"]
    assert left == owed
    assert ran(engine) == {FIRST: 1, SERVICE: 1, SECOND: 1}
    assert engine.volume_names() == []


async def test_a_command_that_the_map_does_not_have_any_more_is_forgotten() -> None:
    engine = EmbeddedEngine()
    await interrupted(engine)
    async with client_of_others(engine, exec_commands=[[SECOND, "root", "initial"]]) as client:
        await client.update("db")

    assert ran(engine) == {SECOND: 1}
    assert engine.volume_names() == []


async def test_equal_commands_are_remembered_one_by_one() -> None:
    engine = EmbeddedEngine()
    twice = [
        [FIRST, "root", "initial"],
        {"cmd": FIRST.split(), "user": "root", "policy": "initial"},
    ]
    engine.fail("POST /containers/*/exec", DropBefore(), at=2)
    async with client_of_others(engine, exec_commands=twice) as client:
        await client.startup("db", raise_on_error=False)
        engine.heal()
        once = ran(engine)[FIRST]
        await client.update("db")

    assert (once, ran(engine)[FIRST]) == (1, 2)
    assert engine.volume_names() == []


async def test_containers_without_such_commands_cost_no_call_more() -> None:
    engine = EmbeddedEngine()
    async with client_of_others(engine, exec_commands=[]) as client:
        await client.startup("db")

    assert [call.call for call in engine.calls if "volumes" in call.call] == ["GET /volumes"]


async def by_hand(
    engine: EmbeddedEngine, method: str, path: str, body: Any = None, **query: str
) -> None:
    request = ApiRequest(method=method, path=path, query=query, body=body)
    answer = await engine.transport().request(request)
    assert answer.status < 400


# On real engines.


def recording(image: str, level: str) -> Landscape:
    """A container that writes down which of its commands have run."""
    write = "echo {} >>/tmp/ran"
    return {
        "db": {
            "image": image,
            "exec_commands": [
                {"cmd": ["/bin/sh", "-c", write.format(word)], "user": "root", "policy": "initial"}
                for word in ("one", "two")
            ],
            "create_options": {"environment": {"LEVEL": level}},
            "stop_timeout": 1,
        }
    }


AFTER_THE_START: Final = {"start": 0, "first": 2, "between": 3, "second": 5}
"""So many changes: each command is created and started, then its mark goes."""


@pytest.mark.engine
@pytest.mark.parametrize(
    ("before", "last"),
    [*(("", last) for last in AFTER_THE_START), ("old", "start"), ("old", "between")],
)
async def test_a_killed_run_is_completed_by_the_next_update(
    client_of: Any,
    docker_url: str,
    raw_engine: RawEngine,
    prefix: str,
    prompt_image: str,
    before: str,
    last: str,
) -> None:
    """By a real SIGKILL: after the start, after a command, and between two."""
    name, wanted = f"{prefix}.db", recording(f"/{prompt_image}", "new")
    if before:
        async with client_of(recording(f"/{prompt_image}", before)) as client:
            await client.startup("db")
    started = 7 if before else 4
    changes = started + AFTER_THE_START[last]
    made, was_killed = await anyio.to_thread.run_sync(
        killed_after, changes, docker_url, prefix, wanted
    )
    owed = raw_engine.volume_names(name)
    async with client_of(wanted, patience=Patience(others=0)) as client:
        plan = await client.plan("update", "db")
        await client.apply(plan)
        again = await client.plan("update", "db")

    assert was_killed
    assert owed
    assert all(MARK in mark for mark in owed)
    assert "an interrupted run did not come to it" in plan.render()
    assert again.is_empty, again.render()
    assert raw_engine.volume_names(name) == []
    assert raw_engine.container_names(prefix) == [name]
    words = said(raw_engine, name)
    expected = ["one", "two"]
    if made[-1].startswith("POST /exec/"):
        # It had run, and nobody came to write that down.
        expected.insert(0, "one") if len(owed) == 2 else expected.append("two")
    assert words == expected


def said(raw_engine: RawEngine, name: str) -> list[str]:
    body = {"Cmd": ["/bin/cat", "/tmp/ran"], "AttachStdout": True, "Tty": True, "User": "root"}
    _, made = raw_engine.call("POST", f"containers/{name}/exec", body)
    _, printed = raw_engine.call("POST", f"exec/{made['Id']}/start", {"Tty": True})
    return bytes(printed).decode().split()
