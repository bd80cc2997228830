"""What the selected containers print, as one stream."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pytest
from raw_engine import RawEngine

from aiodockmap import (
    ClientConfiguration,
    ContainerLine,
    ContainerLines,
    ContainerMap,
    EngineUnreachable,
    MapClient,
    OptionError,
    SelectionError,
)
from aiodockmap.client._logs import BACKLOG, FOLLOWED_AT_ONCE, _Position, _seconds
from aiodockmap.testing import Behaviour, DropBefore, EmbeddedEngine, Reject

pytestmark = pytest.mark.virtual_time

IMAGE = "site-example:latest"


@pytest.fixture
def engine() -> EmbeddedEngine:
    engine = EmbeddedEngine()
    engine.behaviour(Behaviour(stdout="one\ntwo\n", stderr="oh\n"), container="site.*")
    return engine


def site(*names: str, clients: tuple[str, ...] = (), **options: Any) -> ContainerMap:
    containers = {name: {"image": IMAGE, "stop_timeout": 0, **options} for name in names}
    return ContainerMap.from_dict("site", {"clients": list(clients), "containers": containers})


def texts(lines: list[ContainerLine], name: str) -> list[str]:
    return [line.text for line in lines if line.id.name == f"site.{name}"]


async def read(lines: ContainerLines, number: int) -> list[ContainerLine]:
    return [await anext(lines) for _ in range(number)]


async def test_lines_of_all_containers_come_with_their_names_and_streams(
    engine: EmbeddedEngine,
) -> None:
    """UTL-9."""
    async with MapClient(site("web", "db"), default_client=engine.transport()) as client:
        await client.startup("__all__")
        async with client.logs() as lines:
            found = [line async for line in lines]

    for name in ("web", "db"):
        assert texts(found, name) == ["one", "two", "oh"]
    assert {line.stream for line in found if line.text == "oh"} == {"stderr"}
    assert {line.item.name for line in found} == {"web", "db"}
    assert all(line.timestamp is None for line in found)
    assert "oh" not in repr(found)


async def test_a_selection_the_last_lines_and_when_they_were_printed(
    engine: EmbeddedEngine,
) -> None:
    async with MapClient(site("web", "db"), default_client=engine.transport()) as client:
        await client.startup("__all__")
        async with client.logs("web", tail=1, timestamps=True) as lines:
            found = [line async for line in lines]

    assert texts(found, "web") == ["oh"]
    assert texts(found, "db") == []
    assert found[0].timestamp


async def test_absent_containers_have_printed_nothing(engine: EmbeddedEngine) -> None:
    async with (
        MapClient(site("web"), default_client=engine.transport()) as client,
        client.logs("web") as lines,
    ):
        assert [line async for line in lines] == []


async def test_following_goes_on_with_containers_that_come_restart_and_are_replaced(
    engine: EmbeddedEngine,
) -> None:
    changed = site("web", create_options={"environment": {"LEVEL": "new"}})
    async with (
        MapClient(site("web"), default_client=engine.transport()) as client,
        MapClient(changed, default_client=engine.transport()) as other,
        client.logs("web", follow=True) as lines,
    ):
        await client.startup("web")
        assert texts(await read(lines, 3), "web") == ["one", "two", "oh"]

        await client.restart("web")
        assert texts(await read(lines, 3), "web") == ["one", "two", "oh"]

        await client.stop("web")
        await anyio.sleep(10)
        await client.start("web")
        assert texts(await read(lines, 3), "web") == ["one", "two", "oh"]

        await other.update("web")
        assert texts(await read(lines, 3), "web") == ["one", "two", "oh"]

        await client.shutdown("web")
        with anyio.move_on_after(100):
            pytest.fail(f"there was one more: {(await anext(lines)).text}")


async def test_only_the_first_lines_are_cut_by_tail(engine: EmbeddedEngine) -> None:
    async with MapClient(site("web"), default_client=engine.transport()) as client:
        await client.startup("web")
        async with client.logs("web", follow=True, tail=0) as lines:
            with anyio.move_on_after(10):
                pytest.fail(f"this was printed before: {(await anext(lines)).text}")
            await client.restart("web")

            assert texts(await read(lines, 3), "web") == ["one", "two", "oh"]


async def test_no_more_than_the_backlog_is_read_ahead_of_a_slow_reader(
    engine: EmbeddedEngine,
) -> None:
    flood = "".join(f"{number}\n" for number in range(10 * BACKLOG))
    engine.behaviour(Behaviour(stdout=flood), container="site.db")
    async with MapClient(site("db"), default_client=engine.transport()) as client:
        await client.startup("db")
        async with client.logs("db", follow=True) as lines:
            await anyio.sleep(10)

            assert lines._lines.statistics().current_buffer_used == BACKLOG
            found = await read(lines, 10 * BACKLOG)

    assert texts(found, "db") == flood.split()


async def test_what_one_engine_fails_is_raised_after_the_lines_of_the_others(
    engine: EmbeddedEngine,
) -> None:
    silent = EmbeddedEngine()
    clients = {"north": engine.transport(), "south": silent.transport()}
    async with MapClient(site("web", clients=("north", "south")), clients) as client:
        await client.startup("web")
        silent.fail("*", DropBefore())
        async with client.logs("web") as lines:
            found = await read(lines, 3)
            with pytest.raises(EngineUnreachable):
                await anext(lines)

        assert {line.id.engine for line in found} == {"north"}

        engine.fail("*", DropBefore())
        with pytest.raises(EngineUnreachable):
            async with client.logs("web"):
                pytest.fail("nobody answers")


async def test_an_engine_that_is_back_is_followed_again(engine: EmbeddedEngine) -> None:
    other = EmbeddedEngine()
    clients = {"north": engine.transport(), "south": other.transport()}
    async with MapClient(site("web", clients=("north", "south")), clients) as client:
        await client.startup("web")
        engine.fail("*", DropBefore())
        async with client.logs("web", follow=True) as lines:
            await anyio.sleep(10)
            assert list(lines.errors) == ["north"]

            engine.heal()
            found = await read(lines, 3)

            assert {line.id.engine for line in found} == {"north"}
            assert lines.errors == {}


async def test_a_container_whose_output_cannot_be_read_is_given_up(engine: EmbeddedEngine) -> None:
    engine.fail("GET /containers/*/logs", Reject(500, "the file is gone"), name="site.db")
    async with MapClient(site("web", "db"), default_client=engine.transport()) as client:
        await client.startup("__all__")
        async with client.logs(follow=True) as lines:
            await read(lines, 3)
            await anyio.sleep(10)

            assert list(lines.errors) == ["container site.db"]


async def test_an_error_of_the_reader_leaves_as_it_is(engine: EmbeddedEngine) -> None:
    async with MapClient(site("web"), default_client=engine.transport()) as client:
        await client.startup("web")
        with pytest.raises(ZeroDivisionError):
            async with client.logs("web", follow=True):
                raise ZeroDivisionError


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"tail": -1}, id="negative-tail"),
        pytest.param({"tail": True}, id="flag-as-tail"),
        pytest.param({"since": "yesterday"}, id="since-as-text"),
        pytest.param({"follow": "yes"}, id="follow-as-text"),
    ],
)
async def test_options_that_mean_nothing_are_refused(
    engine: EmbeddedEngine, options: dict[str, Any]
) -> None:
    async with MapClient(site("web"), default_client=engine.transport()) as client:
        with pytest.raises(OptionError, match="logs: "):
            client.logs("web", **options)


async def test_more_containers_than_connections_cannot_be_followed(engine: EmbeddedEngine) -> None:
    many = site(*(f"c{number}" for number in range(FOLLOWED_AT_ONCE + 1)))
    async with MapClient(many, default_client=engine.transport()) as client:
        with pytest.raises(OptionError, match="select fewer"):
            async with client.logs(follow=True):
                pytest.fail("these are too many")
        with pytest.raises(SelectionError):
            async with client.logs("nobody"):
                pytest.fail("there is no such container")


@pytest.mark.parametrize(
    ("stamp", "seconds"),
    [
        ("1970-01-02T00:00:00.000000001Z", "86400.000000001"),
        ("1970-01-02T01:00:00.5+01:00", "86400.5"),
        ("1970-01-02T00:00:00Z", "86400.0"),
        ("today", None),
    ],
)
def test_moments_are_seconds_to_the_nanosecond(stamp: str, seconds: str | None) -> None:
    assert _seconds(stamp) == seconds


def test_what_was_told_is_not_told_again_in_whatever_order_it_came() -> None:
    """An engine may write down `start`, printed to one stream at 2, before `err`, printed to another at 1."""
    position = _Position("id")
    assert position.told().since is None

    for stamp in ("2", "1"):
        position.note(stamp)

    told = position.told()
    assert told.since == "1"
    assert [stamp in told for stamp in ("0", "1", "1.5", "2", "3")] == [
        False,
        True,
        False,
        True,
        False,
    ]


def test_what_is_long_told_is_no_more_looked_for() -> None:
    position = _Position("id")
    for number in range(1000, 2000):
        position.note(str(number))

    told = position.told()
    assert told.since is not None
    assert "1970" < told.since < "1999"
    assert all(str(number) in told for number in range(1000, 2000))
    assert "2000" not in told


COUNTING = ["/bin/sh", "-c", "echo start; echo err >&2; exec sleep 1000"]


@pytest.mark.engine
async def test_on_a_real_engine_output_is_followed_over_restarts_and_replacements(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    def described(level: str) -> ContainerMap:
        options = {"command": COUNTING, "environment": {"LEVEL": level}}
        container = {"image": test_image, "stop_timeout": 0, "create_options": options}
        return ContainerMap.from_dict(prefix, {"containers": {"web": container, "db": container}})

    where = ClientConfiguration(base_url=docker_url)
    begin = datetime.now(UTC)
    async with (
        MapClient(described("old"), default_client=where) as client,
        MapClient(described("new"), default_client=where) as other,
    ):
        async with client.logs(follow=True, timestamps=True, since=begin) as lines:
            await client.startup("__all__")
            started = await read(lines, 4)
            await client.restart("web")
            restarted = await read(lines, 2)
            await other.update("db")
            replaced = await read(lines, 2)
        async with client.logs("web", tail=2) as lines:
            last = [line async for line in lines]
        async with client.logs(since=timedelta(seconds=-60)) as lines:
            later = [line async for line in lines]

    assert raw_engine.container_names(prefix) == [f"{prefix}.db", f"{prefix}.web"]
    for name, found in (("web", started), ("db", started), ("web", restarted), ("db", replaced)):
        own = [line for line in found if line.item.name == name]
        assert sorted((line.stream, line.text) for line in own) == [
            ("stderr", "err"),
            ("stdout", "start"),
        ]
        assert all((line.timestamp or "") > begin.isoformat()[:19] for line in own)
    assert len(last) == 2
    assert later == []


@pytest.mark.engine
async def test_on_a_real_engine_a_flood_waits_for_its_reader_and_ends_with_it(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    options = {"command": ["/bin/sh", "-c", "yes | head -n 200000; exec sleep 1000"]}
    container = {"image": test_image, "stop_timeout": 0, "create_options": options}
    site = ContainerMap.from_dict(prefix, {"containers": {"a": container, "b": container}})
    where = ClientConfiguration(base_url=docker_url)
    async with MapClient(site, default_client=where) as client:
        await client.startup("__all__")
        async with client.logs(follow=True) as lines:
            found = await read(lines, 1_000)
            # The engine is asked other things meanwhile.
            assert all(status.is_up for status in await client.status())
            assert lines._lines.statistics().current_buffer_used <= BACKLOG

    assert raw_engine.container_names(prefix) == [f"{prefix}.a", f"{prefix}.b"]
    assert {line.text for line in found} == {"y"}
