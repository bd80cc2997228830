"""Calls that fail because a test wants them to."""

from __future__ import annotations

import re

import pytest
from anyio import create_task_group, current_time, fail_after, move_on_after, sleep
from embedded_partners import Asker

from aiodockmap.engine import ApiRequest, ConnectionBroken, Refused
from aiodockmap.testing import (
    Behaviour,
    CutPower,
    Delay,
    DropAfter,
    DropBefore,
    EmbeddedEngine,
    EmbeddedImage,
    Fault,
    KillDaemon,
    Reject,
    RestartDaemon,
)


async def test_a_rejected_call_has_no_effect(engine: EmbeddedEngine, ask: Asker) -> None:
    engine.fail("POST /containers/create", Reject(500, "no more"))

    with pytest.raises(Refused) as refusal:
        await ask.create("web")

    assert (refusal.value.status, refusal.value.message) == (500, "no more")
    assert engine.container_names() == []


@pytest.mark.parametrize(
    ("fault", "names"),
    [
        pytest.param(DropBefore(), [], id="before"),
        pytest.param(DropAfter(), ["web"], id="after"),
        pytest.param(KillDaemon(when="before"), [], id="killed-before"),
        pytest.param(KillDaemon(), ["web"], id="killed-after"),
    ],
)
async def test_a_connection_breaks_before_or_after_the_effect(
    engine: EmbeddedEngine, ask: Asker, fault: Fault, names: list[str]
) -> None:
    engine.fail("POST /containers/create", fault)

    with pytest.raises(ConnectionBroken):
        await ask.create("web")

    assert engine.container_names() == names


@pytest.mark.parametrize(
    ("fault", "exit_code", "is_started_again"),
    [
        pytest.param(RestartDaemon(5), 0, True, id="restarted"),
        pytest.param(KillDaemon(5), 0, False, id="killed"),
        pytest.param(CutPower(5), 255, True, id="without-power"),
        pytest.param(RestartDaemon(5, keeps_containers=True), None, True, id="kept"),
    ],
)
async def test_the_daemon_goes_away_at_a_call_and_comes_back(
    engine: EmbeddedEngine,
    ask: Asker,
    fault: Fault,
    exit_code: int | None,
    *,
    is_started_again: bool,
) -> None:
    engine.behaviour(Behaviour(handles={"SIGTERM": 0}))
    for name, policy in (("web", "no"), ("again", "unless-stopped")):
        await ask.create(name, HostConfig={"RestartPolicy": {"Name": policy}})
        await ask.start(name)
    engine.fail("POST /volumes/create", fault)

    with pytest.raises(ConnectionBroken) as cut_off:
        await ask("POST", "volumes/create", {"Name": "made"})
    with pytest.raises(ConnectionBroken) as nobody:
        await ask("GET", "version")
    await sleep(5.1)

    assert (cut_off.value.connected, nobody.value.connected) == (True, False)
    assert engine.volume_names() == ["made"]
    states = [(await ask("GET", f"containers/{name}/json")).status for name in ("web", "again")]
    assert states == [200, 200]
    web, again = ((engine.container(name) or {})["State"] for name in ("web", "again"))
    assert web["Running"] == (exit_code is None)
    assert web["ExitCode"] == (exit_code or 0)
    assert again["Running"] == is_started_again


async def test_a_daemon_that_is_killed_within_a_stop_has_asked_for_it_and_knows_of_no_end(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    engine.behaviour(Behaviour(handles={"SIGTERM": 7}, stop_delay=3))
    await ask.create("web")
    await ask.start("web")
    engine.fail("POST /containers/*/stop", KillDaemon(5, when="within"))
    began = current_time()

    with pytest.raises(ConnectionBroken):
        await ask.stop("web", t="10")
    is_up = (engine.container("web") or {})["State"]["Running"]
    took = current_time() - began
    await sleep(5.1)

    assert (took, is_up) == (0, True)
    assert (engine.container("web") or {})["State"]["ExitCode"] == 7


async def test_a_daemon_that_dies_at_a_call_that_it_refuses_dies_all_the_same(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    fault = engine.fail("POST /containers/*/start", KillDaemon())

    with pytest.raises(ConnectionBroken):
        await ask.start("nobody")
    with pytest.raises(ConnectionBroken):
        await ask("GET", "version")

    assert fault.hits == 1


async def test_docker_20_10_that_is_killed_within_a_start_cannot_start_that_container_any_more(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    web = await ask.create("web")
    engine.fail("POST /containers/*/start", KillDaemon(when="within"), at=1)

    with pytest.raises(ConnectionBroken):
        await ask.start("web")
    await sleep(2)
    with pytest.raises(Refused) as refusal:
        await ask.start("web")
    engine.cut_power()
    await sleep(2)

    assert refusal.value.message == f"task {web}: already exists"
    # What nobody knows of has no power either.
    await ask.start("web")


def test_there_is_no_other_moment() -> None:
    with pytest.raises(ValueError, match="before"):
        KillDaemon(when="during")  # type: ignore[arg-type]


async def test_a_pull_whose_connection_breaks_at_its_end_has_its_image(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    engine.registry.publish("reg.test/x:1")
    engine.fail("POST /images/create", DropAfter())

    with pytest.raises(ConnectionBroken):
        await ask("POST", "images/create", None, fromImage="reg.test/x", tag="1")

    assert (await ask("GET", "images/reg.test/x:1/json")).status == 200


async def test_a_delayed_call_takes_its_time(engine: EmbeddedEngine, ask: Asker) -> None:
    engine.fail("POST /containers/create", Delay(30))
    began = current_time()

    await ask.create("web")

    assert current_time() - began == pytest.approx(30)


async def test_a_delayed_call_happens_at_its_time_even_if_its_caller_hangs_up(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    engine.fail("POST /containers/create", Delay(30))

    with move_on_after(1):
        await ask.create("web")
    await sleep(28)
    before = engine.container_names()
    await sleep(2)

    assert (before, engine.container_names()) == ([], ["web"])
    assert [(call.ended, call.status) for call in engine.calls] == [(None, None)]


async def test_who_watches_is_told_of_a_delayed_call_at_its_time(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    engine.fail("POST /volumes/create", Delay(30))

    async def ask_and_leave() -> None:
        with move_on_after(1):
            await ask("POST", "volumes/create", {"Name": "made"})

    with fail_after(60):
        async with (
            create_task_group() as tasks,
            ask.transport.stream(ApiRequest(method="GET", path="events")) as answer,
        ):
            tasks.start_soon(ask_and_leave)
            async for chunk in answer.chunks():
                assert b'"made"' in chunk
                break

    assert current_time() == pytest.approx(30)


@pytest.mark.parametrize(("release", "state"), [("20.10", "running"), ("28.5", "created")])
async def test_a_delayed_start_of_who_hung_up_is_given_up_by_newer_engines(
    release: str, state: str
) -> None:
    engine = EmbeddedEngine(images=("app:1",), release=release)
    ask = Asker(engine.transport())
    await ask.create("web")
    engine.fail("POST /containers/*/start", Delay(30))

    with move_on_after(1):
        await ask.start("web")
    await sleep(30)

    assert (engine.container("web") or {})["State"]["Status"] == state


async def test_a_daemon_that_was_restarted_knows_of_no_call_that_it_was_late_with(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    engine.fail("POST /containers/create", Delay(30))

    with move_on_after(1):
        await ask.create("web")
    engine.restart_daemon()
    await sleep(60)

    assert engine.container_names() == []


async def test_a_call_times_out_where_its_request_says_so(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    engine.fail("GET /version", Delay(30))

    with pytest.raises(TimeoutError):
        await ask.transport.request(ApiRequest(method="GET", path="version", timeout=2))

    assert current_time() < 30


async def test_only_the_call_with_the_given_number_fails(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    fault = engine.fail("POST /containers/create", Reject(500), at=2)

    await ask.create("one")
    with pytest.raises(Refused):
        await ask.create("two")
    await ask.create("three")

    assert (fault.matched, fault.hits) == (3, 1)


@pytest.mark.parametrize("by", ["name", "id"])
async def test_a_fault_of_a_container_is_found_by_its_name(
    engine: EmbeddedEngine, ask: Asker, by: str
) -> None:
    ids = {name: await ask.create(name) for name in ("web", "other")}
    engine.fail("POST /containers/*/start", Reject(500), name="we*")

    await ask.start(ids["other"])
    with pytest.raises(Refused):
        await ask.start(ids["web"] if by == "id" else "web")

    states = {name: (engine.container(name) or {})["State"]["Status"] for name in ids}
    assert states == {"web": "created", "other": "running"}


async def test_a_fault_of_a_connection_is_found_by_network_and_by_container(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    await ask("POST", "networks/create", {"Name": "front"})
    container_id = await ask.create("web")
    by_network = engine.fail("POST /networks/*/connect", Delay(0), name="front")
    by_container = engine.fail("POST /networks/*/connect", Delay(0), name="web")
    of_another = engine.fail("POST /networks/*/connect", Delay(0), name="other")

    await ask("POST", "networks/front/connect", {"Container": container_id})

    seen = [fault.matched for fault in (by_network, by_container, of_another)]
    assert seen == [1, 1, 0]


async def test_of_two_faults_that_are_due_the_later_one_strikes_and_both_have_seen_the_call(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    earlier = engine.fail("POST /containers/create", Reject(500, "earlier"), at=1)
    later = engine.fail("POST *", Reject(500, "later"))

    with pytest.raises(Refused, match="later"):
        await ask.create("web")

    assert [(fault.matched, fault.hits) for fault in (earlier, later)] == [(1, 0), (1, 1)]


async def test_a_fault_of_a_pull_is_found_by_the_image(engine: EmbeddedEngine, ask: Asker) -> None:
    engine.registry.publish("reg.test/x:1")
    fault = engine.fail("POST /images/create", Reject(500), name="reg.test/x:1")

    with pytest.raises(Refused):
        await ask("POST", "images/create", None, fromImage="reg.test/x", tag="1")

    assert fault.hits == 1


async def test_healed_calls_work_again(engine: EmbeddedEngine, ask: Asker) -> None:
    engine.fail("*", Reject(500))

    engine.heal()

    await ask.create("web")


async def test_calls_are_recorded_with_names_and_times(engine: EmbeddedEngine, ask: Asker) -> None:
    container_id = await ask.create("web")
    await ask.start(container_id)
    await ask.stop(container_id, t="5")

    seen = [(call.call.rpartition("/")[2], call.name, call.status) for call in engine.calls]

    assert seen == [("create", "web", 201), ("start", "web", 204), ("stop", "web", 204)]
    assert engine.calls[-1].ended == pytest.approx(engine.calls[-1].began + 5)


async def test_a_closed_transport_reaches_nobody(engine: EmbeddedEngine, ask: Asker) -> None:
    await ask.transport.aclose()

    with pytest.raises(ConnectionBroken):
        await ask("GET", "version")

    assert engine.calls == []


async def test_other_transports_of_an_engine_stay_open(engine: EmbeddedEngine, ask: Asker) -> None:
    await engine.transport().aclose()

    with fail_after(1):
        assert (await ask("GET", "version")).status == 200


@pytest.mark.parametrize(
    ("call", "better"),
    [
        ("get /containers/*/json", "GET /containers/*/json"),
        ("GET /v1.41/containers/*/json", "GET /containers/*/json"),
        ("post v1.*/containers/create", "POST /containers/create"),
        ("GET containers/json", "GET /containers/json"),
        ("/containers/json", "* /containers/json"),
        ("containers start", "POST /containers/*/start"),
        ("POST /containers/*/begin", "POST /containers/*/start"),
        ("[!PDGH]*", "* /[!PDGH]*"),
        ("GET /containers//json", "POST /containers/*/start"),
        ("", "POST /containers/*/start"),
    ],
)
def test_a_pattern_that_no_call_is_like_is_refused(
    engine: EmbeddedEngine, call: str, better: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(f"no call of an engine is like {call!r}")) as no:
        engine.fail(call, Reject(404))

    assert str(no.value).endswith(f"as in {better!r}")
    engine.fail(better, Reject(404))


@pytest.mark.parametrize(
    "call",
    [
        "*",
        "[!GH]*",
        "[PD][OE]*",
        "P?ST *",
        "*exec*",
        "*/json",
        "DELETE /volumes/*unprepared",
        "GET /images/reg.test/a/b:1/json",
        "HEAD /_ping",
        "POST /build",
        "*/swarm/*",
        "* /plugins*",
        "GET /containers/[]a]/stats",
        "POST /commit",
    ],
)
def test_a_pattern_that_some_call_is_like_is_taken(engine: EmbeddedEngine, call: str) -> None:
    assert engine.fail(call, Reject(404)).call == call


def test_a_fault_that_means_nothing_is_refused(engine: EmbeddedEngine) -> None:
    call = "POST /containers/*/start"

    with pytest.raises(TypeError, match="'fault' must be"):
        engine.fail(call, "boom")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="'fault' must be"):
        engine.fail(call, DropBefore)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'at' must be >= 1: 0"):
        engine.fail(call, Reject(500), at=0)
    with pytest.raises(TypeError, match="'name' must be"):
        engine.fail(call, Reject(500), name=1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="'status' must be"):
        Reject("500")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'status' must be >= 400: 200"):
        Reject(200)
    with pytest.raises(ValueError, match=r"'seconds' must be >= 0\.0: -1"):
        Delay(-1)


def test_a_behaviour_that_means_nothing_is_refused(engine: EmbeddedEngine) -> None:
    unknown = Behaviour(handles={"SIGFOO": 1})

    with pytest.raises(ValueError, match="there is no signal 'SIGFOO'"):
        engine.behaviour(unknown)
    with pytest.raises(ValueError, match="there is no signal 'SIGFOO'"):
        EmbeddedImage(behaviour=unknown)
    with pytest.raises(TypeError, match="'behaviour' must be"):
        engine.behaviour({"exit_code": 1})  # type: ignore[arg-type]
    engine.behaviour(Behaviour(handles={"term": 0, "2": 0}))
