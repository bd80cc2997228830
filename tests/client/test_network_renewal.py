"""A network that is made anew gives everybody their connections back, whatever interrupts that (UPD-48)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

import anyio
import pytest
from interrupted_updates import killed_after
from raw_engine import RawEngine
from run_partners import READS, CountedLoop, WatchedTransport

from aiodockmap import ActionRunnerError, ContainerMap, MapClient, Patience
from aiodockmap.engine import ApiRequest
from aiodockmap.errors import EngineUnreachable
from aiodockmap.testing import DropBefore, EmbeddedEngine, Reject

pytestmark = pytest.mark.virtual_time

Landscape = dict[str, Any]

MARK: Final = ".aiodockmap-connections-"
NAMES: Final = ("db", "guest", "idle", "web")
"""On the network: `web` is selected, `db` and `idle` are in the map, `guest` is not; `idle` is stopped."""


def landscape(image: str, level: str = "", *, internal: bool, **network: object) -> Landscape:
    """`level` replaces `web`."""
    each = {"image": image, "stop_timeout": 0}
    create = {"environment": {"LEVEL": level}} if level else {}
    return {
        "networks": {"net": {"internal": internal, **network}},
        "web": {**each, "networks": "net", "create_options": create},
        "db": {**each, "networks": {"net": {"aliases": "store"}}},
        "idle": {**each, "networks": "net"},
    }


def site(level: str = "", *, internal: bool, **network: object) -> ContainerMap:
    return ContainerMap("m", landscape("site-example", level, internal=internal, **network))


def aliases(engine: EmbeddedEngine | RawEngine, prefix: str = "m") -> dict[str, list[str] | None]:
    """Of each container, what it is called on the network besides; None if it is not connected."""
    found: dict[str, list[str] | None] = {}
    for name in NAMES:
        full = f"{prefix}.{name}" if name != "guest" else f"{prefix}guest"
        details = engine.container(full)
        assert details is not None, name
        networks = details["NetworkSettings"]["Networks"]
        end = networks.get(f"{prefix}.net")
        given = (end or {}).get("Aliases") or []
        added = {details["Id"][:12], full, f"{prefix}-{name}"}
        found[name] = None if end is None else sorted(set(given) - added)
    return found


CONNECTED: Final = {"db": ["store"], "guest": ["visitor"], "idle": [], "web": []}


async def begin(engine: EmbeddedEngine) -> None:
    async with MapClient(site(internal=False), default_client=engine.transport()) as client:
        await client.startup("__all__")
        await client.stop("idle")
    await by_hand(engine, "POST", "containers/create", visitor("m"), name="mguest")
    await by_hand(engine, "POST", "containers/mguest/start")
    assert aliases(engine) == CONNECTED


def visitor(prefix: str, image: str = "site-example") -> Any:
    """What somebody else's container on the network is created from."""
    network = f"{prefix}.net"
    return {
        "Image": image,
        "HostConfig": {"NetworkMode": network},
        "NetworkingConfig": {"EndpointsConfig": {network: {"Aliases": ["visitor"]}}},
    }


async def by_hand(
    engine: EmbeddedEngine, method: str, path: str, body: Any = None, **query: str
) -> None:
    request = ApiRequest(method=method, path=path, query=query, body=body)
    answer = await engine.transport().request(request)
    assert answer.status < 400


def up(engine: EmbeddedEngine) -> list[str]:
    return [
        name
        for name in engine.container_names()
        if (engine.container(name) or {})["State"]["Running"]
    ]


async def a_further(
    engine: EmbeddedEngine, verb: str, selected: str, level: str = "", *, is_new: bool = True
) -> None:
    """Nobody disturbs it: afterwards everybody is connected, and nothing is left."""
    patience = Patience(others=0)
    wanted = site(level, internal=True)
    async with MapClient(wanted, default_client=engine.transport(), patience=patience) as client:
        await getattr(client, verb)(selected)
        again = await client.plan(verb, selected)
    assert again.is_empty, again.render()
    assert engine.volume_names() == []
    # Who is in the map and was replaced has another alias of its own, which is not looked at.
    assert aliases(engine) == CONNECTED
    if is_new:
        assert (engine.network("m.net") or {})["Internal"]


async def interrupted_after(changes: int, engine: EmbeddedEngine, level: str) -> bool:
    """Lose the engine after so many changes of an update; False if it made fewer."""
    await begin(engine)
    way = WatchedTransport(engine.transport())

    async def after(request: ApiRequest) -> None:
        if len(way.changes) >= changes and request.method not in READS:
            engine.fail("*", DropBefore())

    way.after = after
    async with MapClient(site(level, internal=True), default_client=way) as client:
        try:
            report = await client.update("web", raise_on_error=False)
        except EngineUnreachable:
            is_cut_off = True
        else:
            is_cut_off = not report.ok
    engine.heal()
    return is_cut_off


@pytest.mark.parametrize(
    ("verb", "selected", "level"),
    [
        ("update", "web", ""),
        ("update", "web", "new"),
        ("update", "db", ""),
        ("startup", "web", ""),
        ("startup", "db", ""),
    ],
    ids=[
        "the same update",
        "one that replaces",
        "an update of others",
        "a startup",
        "a startup of others",
    ],
)
async def test_whoever_was_cut_off_is_connected_again_by_the_next_run(
    verb: str, selected: str, level: str
) -> None:
    """After any change of an update that lost its engine; also those that no map names."""
    changes, further = 1, True
    while further:
        engine = EmbeddedEngine()
        further = await interrupted_after(changes, engine, level)
        # A startup makes no network anew that is there.
        await a_further(engine, verb, selected, level, is_new=verb == "update")
        changes += 1
    assert changes > 11


def refusing(engine: EmbeddedEngine, number: int) -> WatchedTransport:
    """A way on which the changing call of a number is refused."""
    way = WatchedTransport(engine.transport())

    async def before(request: ApiRequest) -> None:
        if request.method not in READS and len(way.changes) == number:
            engine.fail(f"{request.method} /{request.path}", Reject(500, "no"), at=1)

    way.before = before
    return way


async def test_whatever_is_refused_everybody_is_connected_in_the_end_of_the_very_run() -> None:
    """Each changing call once; if the new network is refused, one like the old one is created again."""
    number, refused = 1, True
    while refused:
        engine = EmbeddedEngine()
        await begin(engine)
        way = refusing(engine, number)
        async with MapClient(site(internal=True), default_client=way) as client:
            report = await client.update("web", raise_on_error=False)
        refused = not report.ok
        is_reconnect = refused and any("again" in str(step) for step in report.failed)
        if not is_reconnect:
            # A refused connection is left to the next run.
            missing = {name for name, given in aliases(engine).items() if given is None}
            assert missing <= ({"web"} if "connect" in str([*report.failed]) else set()), number
        engine.heal()
        await a_further(engine, "update", "web")
        number += 1
    assert number > 10


async def test_a_network_that_is_refused_is_there_as_it_was() -> None:
    engine = EmbeddedEngine()
    await begin(engine)
    before = engine.network("m.net") or {}
    engine.fail("POST /networks/create", Reject(500, "pools overlap"), at=1)
    async with MapClient(site(internal=True), default_client=engine.transport()) as client:
        plan = await client.plan("update", "web")
        with pytest.raises(ActionRunnerError) as caught:
            await client.apply(plan)

    after = engine.network("m.net") or {}
    assert "or, if that is refused, one like the old one" in plan.render()
    assert "pools overlap" in str(caught.value)
    assert "another one with the old driver and options is in its place" in str(caught.value)
    assert after["Id"] != before["Id"]
    kept = ("Name", "Driver", "Internal", "IPAM", "Options", "Labels")
    assert {key: after[key] for key in kept} == {key: before[key] for key in kept}
    assert aliases(engine) == CONNECTED
    assert engine.volume_names() == []
    assert sorted(up(engine)) == ["m.db", "m.web", "mguest"]
    await a_further(engine, "update", "web")


async def test_if_neither_network_can_be_created_the_next_run_knows_who_was_connected() -> None:
    engine = EmbeddedEngine()
    await begin(engine)
    engine.fail("POST /networks/create", Reject(500, "no"))
    async with MapClient(site(internal=True), default_client=engine.transport()) as client:
        report = await client.update("web", raise_on_error=False)
    left = engine.volume_names()
    engine.heal()

    assert not report.ok
    assert "cannot be created either" in str(report.errors[0])
    assert [MARK in name for name in left] == [True]
    await a_further(engine, "startup", "db")


async def test_a_cancelled_renewal_has_not_begun_or_is_ended() -> None:
    """At every turn of the loop; nobody is ever left without the network."""
    turns, cancelled = 1, True
    while cancelled:
        engine = EmbeddedEngine()
        await begin(engine)
        loop = anyio.lowlevel.current_token().native_token
        assert isinstance(loop, CountedLoop)
        async with MapClient(site(internal=True), default_client=engine.transport()) as client:
            with anyio.CancelScope() as scope:
                loop.in_turns(turns, scope.cancel)
                await client.update("web")
            loop.disarm()
        cancelled = scope.cancelled_caught
        assert aliases(engine) == CONNECTED, turns
        await a_further(engine, "update", "web")
        turns += 1
    assert turns > 40


async def test_who_is_gone_or_was_replaced_meanwhile_is_nobodys_business() -> None:
    engine = EmbeddedEngine()
    assert await interrupted_after(6, engine, "")
    await by_hand(engine, "DELETE", "containers/mguest", force="1")
    await by_hand(engine, "POST", "containers/create", {"Image": "site-example"}, name="mguest")
    network = engine.network("m.net")
    patience = Patience(others=0)
    async with MapClient(
        site(internal=True), default_client=engine.transport(), patience=patience
    ) as client:
        await client.update("web")

    assert network is None
    assert aliases(engine) == {**CONNECTED, "guest": None}
    assert engine.volume_names() == []


@pytest.mark.parametrize("guest", ["stays", "is gone"])
async def test_a_mark_stays_as_long_as_there_is_somebody_whom_it_is_about(guest: str) -> None:
    engine = EmbeddedEngine()
    assert await interrupted_after(6, engine, "")
    if guest == "is gone":
        await by_hand(engine, "DELETE", "containers/mguest", force="1")
    async with MapClient(
        site(internal=True), default_client=engine.transport(), patience=Patience(others=0)
    ) as client:
        await client.shutdown("__all__")

    assert len(engine.volume_names()) == (1 if guest == "stays" else 0)


async def test_a_cleanup_takes_a_mark_along_when_nobody_is_left_whom_it_is_about() -> None:
    engine = EmbeddedEngine()
    assert await interrupted_after(6, engine, "")
    async with MapClient(ContainerMap("x", {}), default_client=engine.transport()) as client:
        house = client.housekeeping()
        await client.apply(await house.plan_container_cleanup())
        kept = engine.volume_names()
        await client.apply(await house.plan_full_removal(timeout=0))

    assert len(kept) == 1
    assert engine.volume_names() == []


async def test_another_process_that_makes_a_network_anew_is_let_finish() -> None:
    engine = EmbeddedEngine()
    await begin(engine)
    way = WatchedTransport(engine.transport())
    is_gone = anyio.Event()

    async def travel(request: ApiRequest) -> None:
        await anyio.sleep(1)
        if request.path == "networks/create":
            is_gone.set()

    way.before = travel
    async with (
        MapClient(site(internal=True), default_client=way) as one,
        MapClient(site(internal=True), default_client=engine.transport()) as other,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(one.update, "web")
        await is_gone.wait()
        report = await other.startup("db")

    assert report.plan.is_empty
    assert aliases(engine) == CONNECTED
    assert engine.volume_names() == []


# On real engines.


def settled(raw_engine: RawEngine, prefix: str) -> Mapping[str, list[str] | None]:
    return aliases(raw_engine, prefix)


async def everybody_is_there(
    client_of: Any, raw_engine: RawEngine, prefix: str, image: str
) -> None:
    """The landscape, one of its containers stopped, and a guest of its network who is none of it."""
    async with client_of(landscape(f"/{image}", internal=False)) as client:
        await client.startup("__all__")
        await client.stop("idle")
    raw_engine.call("POST", "containers/create", visitor(prefix, image), name=f"{prefix}guest")
    raw_engine.call("POST", f"containers/{prefix}guest/start")


CHANGES: Final = ("mark", *["disconnect"] * 4, "remove", "create", *["connect"] * 4, "unmark")
KILLS: Final = range(len(CHANGES)) if "FAULT_ROUNDS" in os.environ else (3, 5, 6, 8)
"""After so many of the changes that a renewal makes."""


@pytest.mark.engine
@pytest.mark.timeout(300)
async def test_a_renewal_that_was_killed_is_finished_by_the_next_run(
    client_of: Any, docker_url: str, raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """By a real SIGKILL, after some changes or all; the next run is about another container."""
    image = f"/{prompt_image}"
    await everybody_is_there(client_of, raw_engine, prefix, prompt_image)
    before = settled(raw_engine, prefix)

    internal = False
    for changes in KILLS:
        internal = not internal
        wanted = landscape(image, internal=internal)
        _, was_killed = await anyio.to_thread.run_sync(
            killed_after, changes, docker_url, prefix, wanted
        )
        assert was_killed
        marks = [name for name in raw_engine.volume_names(prefix) if MARK in name]
        cut = [name for name, given in settled(raw_engine, prefix).items() if given is None]
        async with client_of(wanted, patience=Patience(others=0)) as client:
            await client.update("db")
            again = await client.plan("update", "__all__")
        assert marks or not cut
        assert settled(raw_engine, prefix) == before, changes
        assert [name for name in raw_engine.volume_names(prefix) if MARK in name] == []
        assert raw_engine.get(f"networks/{prefix}.net")["Internal"] == internal
        assert {step.resource.name for step in again.steps} <= {f"{prefix}.idle"}

    assert before == CONNECTED


@pytest.mark.engine
async def test_a_network_that_an_engine_refuses_leaves_everybody_connected(
    client_of: Any, raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """It takes no words for numbers: the old network comes back, with its addresses."""
    image = f"/{prompt_image}"
    await everybody_is_there(client_of, raw_engine, prefix, prompt_image)
    network = raw_engine.get(f"networks/{prefix}.net")

    refused = {"com.docker.network.driver.mtu": "many"}
    wanted = landscape(image, internal=False, driver_options=refused)
    async with client_of(wanted) as client:
        with pytest.raises(ActionRunnerError) as caught:
            await client.update("web")
    async with client_of(landscape(image, internal=False)) as client:
        again = await client.plan("update", "web")

    after = raw_engine.get(f"networks/{prefix}.net")
    assert "is in its place" in str(caught.value)
    assert after["Id"] != network["Id"]
    assert after["IPAM"]["Config"] == network["IPAM"]["Config"]
    assert after["Labels"] == network["Labels"]
    assert settled(raw_engine, prefix) == CONNECTED
    assert [name for name in raw_engine.volume_names(prefix) if MARK in name] == []
    assert again.is_empty, again.render()
