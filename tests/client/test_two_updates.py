"""Two runs that replace the same container at the same time: of one client, and of two."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from anyio import current_time
from raw_engine import RawEngine
from run_partners import WatchedTransport, at_once, travel

from aiodockmap import ContainerMap, MapClient, Patience, RunReport
from aiodockmap.engine import ApiRequest
from aiodockmap.testing import Behaviour, EmbeddedEngine

pytestmark = pytest.mark.virtual_time

IMAGE = "site-example:latest"
Update = Callable[[MapClient], Awaitable[RunReport]]


def site(level: str, **database: Any) -> ContainerMap:
    """Two that are linked to a database."""
    db = {
        "image": IMAGE,
        "shares": "/data",
        "stop_timeout": 1,
        "create_options": {"environment": {"LEVEL": level}},
        **database,
    }
    return ContainerMap(
        "m",
        {
            "db": db,
            "left": {"image": IMAGE, "links": "db", "stop_timeout": 0},
            "right": {"image": IMAGE, "links": "db", "stop_timeout": 0},
        },
    )


def data_of(engine: EmbeddedEngine) -> str:
    """The anonymous volume of the database."""
    found = engine.container("m.db") or {}
    return str(next(mount["Name"] for mount in found["Mounts"]))


class Watch:
    """A way to an engine that takes time, and on which the database is never missing."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self.engine = engine
        self.looks = 0

    def way(self) -> WatchedTransport:
        return WatchedTransport(self.engine.transport(), before=travel, after=self.look)

    async def look(self, request: ApiRequest) -> None:
        await travel(request)
        names = self.engine.container_names()
        assert any(name.startswith("m.db") for name in names), f"{names} after {request}"
        self.looks += 1


def forced(client: MapClient) -> Awaitable[RunReport]:
    return client.update("db", force_update="db")


CASES: Mapping[str, tuple[bool, tuple[Update, ...]]] = {
    "running": (True, (lambda it: it.update("db"), lambda it: it.update("db"))),
    "stopped": (False, (lambda it: it.update("db"), lambda it: it.update("db"))),
    "shared dependency": (True, (lambda it: it.update("left"), lambda it: it.update("right"))),
    "forced": (True, (forced, forced, forced)),
    "dead": (
        False,
        tuple(
            lambda it, name=name: it.startup(name, nonrecoverable_exit_codes=[137])  # type: ignore[misc]
            for name in ("left", "right")
        ),
    ),
}


@pytest.mark.parametrize("lag", [0, 1, 2, 5, 10, 20, 50])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("clients", [1, 2])
async def test_runs_that_replace_one_container_replace_it_and_succeed(
    clients: int, case: str, lag: int
) -> None:
    engine = EmbeddedEngine()
    is_up, updates = CASES[case]
    async with MapClient(site("old"), default_client=engine.transport()) as client:
        await client.startup("__all__")
        if not is_up:
            await client.stop("db")
    data = data_of(engine)
    watch = Watch(engine)

    async with (
        MapClient(site("new"), default_client=watch.way()) as first,
        MapClient(site("new"), default_client=watch.way()) as second,
    ):
        several = [(first, second)[number % clients] for number in range(len(updates))]
        runs = [
            lambda update=update, client=client: update(client)
            for update, client in zip(updates, several, strict=True)
        ]
        began = current_time()
        reports = await at_once(*runs, lag=lag)
        seconds = current_time() - began
        plan = await first.plan("update", "db")

    assert all(report.ok for report in reports)
    assert seconds < Patience().others, "one was taken for abandoned"
    assert plan.is_empty, plan.render()
    assert engine.container_names() == ["m.db", "m.left", "m.right"]
    found = engine.container("m.db") or {}
    assert "LEVEL=new" in found["Config"]["Env"]
    assert found["State"]["Running"]
    assert data_of(engine) == data
    assert engine.volume_names() == [data]
    assert watch.looks > 0


@pytest.mark.parametrize("lag", [0, 5, 5000, 11000, 13000])
@pytest.mark.parametrize("clients", [1, 2])
async def test_one_that_takes_longer_than_others_are_waited_for_is_replaced_all_the_same(
    clients: int, lag: int
) -> None:
    """The old one needs more time to stop than `Patience.others`."""
    engine = EmbeddedEngine()
    engine.behaviour(Behaviour(handles={"SIGTERM": 0}, stop_delay=25), container="m.db")
    async with MapClient(site("old", stop_timeout=30), default_client=engine.transport()) as client:
        await client.startup("__all__")
    data = data_of(engine)
    watch = Watch(engine)

    async with (
        MapClient(site("new", stop_timeout=30), default_client=watch.way()) as first,
        MapClient(site("new", stop_timeout=30), default_client=watch.way()) as second,
    ):
        other = second if clients == 2 else first
        reports = await at_once(lambda: first.update("db"), lambda: other.update("db"), lag=lag)
        plan = await first.plan("update", "db")

    assert all(report.ok for report in reports)
    assert plan.is_empty, plan.render()
    assert engine.container_names() == ["m.db", "m.left", "m.right"]
    assert data_of(engine) == data


COMMAND = {"cmd": "/bin/sleep 900", "detach": True, "policy": "restart"}


@pytest.mark.parametrize("lag", range(994, 1012))
@pytest.mark.parametrize("clients", [1, 2])
async def test_a_command_of_one_that_is_about_to_be_replaced_is_run_there_or_after_it(
    clients: int, lag: int
) -> None:
    """The second run sees the new database, and the old one that uses its volume until it is stopped."""
    engine = EmbeddedEngine()

    database = {"image": IMAGE, "stop_timeout": 0, "shares": "/data"}
    left = {"image": IMAGE, "uses": "db", "stop_timeout": 1, "exec_commands": [COMMAND]}
    landscape = ContainerMap("m", {"db": database, "left": left})
    async with MapClient(landscape, default_client=engine.transport()) as client:
        await client.startup("left")
    await engine.transport().request(ApiRequest(method="POST", path="containers/m.left/restart"))
    await engine.transport().request(ApiRequest(method="POST", path="containers/m.db/kill"))
    watch = Watch(engine)

    async with (
        MapClient(landscape, default_client=watch.way()) as first,
        MapClient(landscape, default_client=watch.way()) as second,
    ):
        other = second if clients == 2 else first
        reports = await at_once(
            lambda: first.update("left", nonrecoverable_exit_codes=[137]),
            lambda: other.update("left", nonrecoverable_exit_codes=[137], raise_on_error=False),
            lag=lag,
        )
        plan = await first.plan("update", "left")

    assert [report.errors for report in reports] == [(), ()]
    assert plan.is_empty, plan.render()


async def test_an_old_one_that_somebody_else_has_brought_back_is_not_removed() -> None:
    engine = EmbeddedEngine()
    async with MapClient(site("old"), default_client=engine.transport()) as client:
        await client.startup("db")
        await client.stop("db")
    before = (engine.container("m.db") or {})["Id"]
    way, theirs = WatchedTransport(engine.transport()), engine.transport()

    async def bring_back(request: ApiRequest) -> None:
        """As the look comes that is to tell whether it is still what a replacement left."""
        is_last_look = request.path == f"containers/{before}/json"
        if is_last_look and any(change.endswith("/start") for change in way.changes):
            for name, ref in (("m.db.theirs", "m.db"), ("m.db", before)):
                path = f"containers/{ref}/rename"
                await theirs.request(ApiRequest(method="POST", path=path, query={"name": name}))

    way.before = bring_back
    async with MapClient(site("new"), default_client=way) as client:
        report = await client.update("db", raise_on_error=False)

    assert (engine.container("m.db") or {})["Id"] == before
    assert any("brought it back" in str(error) for error in report.errors)


@pytest.mark.engine
@pytest.mark.parametrize("is_up", [True, False], ids=["running", "stopped"])
async def test_runs_of_one_client_replace_one_container_on_a_real_engine(
    client_of: Any, raw_engine: RawEngine, prefix: str, prompt_image: str, *, is_up: bool
) -> None:
    def database(level: str) -> dict[str, Any]:
        return {
            "db": {
                "image": f"/{prompt_image}",
                "shares": "/data",
                "create_options": {"environment": {"LEVEL": level}},
            }
        }

    async with client_of(database("old")) as client:
        await client.startup("db")
        if not is_up:
            await client.stop("db")
    [data] = [each["Name"] for each in raw_engine.get(f"containers/{prefix}.db/json")["Mounts"]]

    async with client_of(database("new")) as client:
        reports = await at_once(*[lambda: client.update("db")] * 3)
        plan = await client.plan("update", "db")

    found = raw_engine.get(f"containers/{prefix}.db/json")
    assert all(report.ok for report in reports)
    assert plan.is_empty, plan.render()
    assert raw_engine.container_names(prefix) == [f"{prefix}.db"]
    assert "LEVEL=new" in found["Config"]["Env"]
    assert found["State"]["Running"]
    assert [each["Name"] for each in found["Mounts"]] == [data]
