"""What runs, since when, and in what relation to its configuration."""

from __future__ import annotations

from typing import Any

import pytest
from raw_engine import RawEngine

from aiodockmap import (
    ClientConfiguration,
    ContainerMap,
    ContainerStatus,
    EngineUnreachable,
    MapClient,
    Relation,
    RunState,
)
from aiodockmap.testing import DropBefore, EmbeddedEngine

pytestmark = pytest.mark.virtual_time

IMAGE = "site-example:latest"


@pytest.fixture
def engine() -> EmbeddedEngine:
    return EmbeddedEngine()


def client_of(engine: EmbeddedEngine, **containers: dict[str, Any]) -> MapClient:
    described = {name: {"image": IMAGE, **more} for name, more in containers.items()}
    site = ContainerMap.from_dict("site", {"containers": described})
    return MapClient(site, default_client=engine.transport())


def environment(level: str) -> dict[str, object]:
    return {"create_options": {"environment": {"LEVEL": level}}}


async def compared(client: MapClient) -> dict[str, ContainerStatus]:
    return {each.item.name: each for each in await client.status(compare=True)}


async def test_a_container_is_absent_current_or_outdated_with_reasons(
    engine: EmbeddedEngine,
) -> None:
    async with client_of(engine, web=environment("old"), db={}) as client:
        await client.startup("__all__")
    async with client_of(engine, web=environment("new"), db={}, cache={}) as client:
        found = await compared(client)

    assert {name: status.relation for name, status in found.items()} == {
        "web": Relation.OUTDATED,
        "db": Relation.CURRENT,
        "cache": Relation.ABSENT,
    }
    assert found["web"].reasons == ("environment: LEVEL changed",)
    assert found["db"].reasons == found["cache"].reasons == ()
    assert str(found["web"]).endswith("outdated (environment: LEVEL changed)")


async def test_what_is_told_and_what_an_update_does_are_the_same(engine: EmbeddedEngine) -> None:
    async with client_of(engine, web=environment("old"), db={}, app={}) as client:
        await client.startup("__all__")
    changed = client_of(
        engine, web=environment("new"), db={"host_config": {"mem_limit": "64m"}}, app={}
    )
    async with changed as client:
        before = await compared(client)
        explained = await client.explain("__all__")
        await client.update("__all__")
        after = await compared(client)

    outdated = {name for name, each in before.items() if each.relation is Relation.OUTDATED}
    assert outdated == {"web", "db"}
    assert {each.id.name: each.reasons for each in explained.containers} == {
        status.id.name: status.reasons for status in before.values()
    }
    assert {status.relation for status in after.values()} == {Relation.CURRENT}


async def test_the_relation_is_one_of_the_configuration_and_not_of_the_state(
    engine: EmbeddedEngine,
) -> None:
    commands = [("/bin/touch /started", "root", "initial"), "/bin/true"]
    async with client_of(engine, web={"exec_commands": commands}, db={}) as client:
        await client.create("web")
        await client.startup("db")
        await client.stop("db")
        found = await compared(client)

    assert found["web"].state is RunState.INITIAL
    assert found["db"].state is RunState.EXITED
    assert found["db"].exit_code is not None
    assert found["web"].relation is found["db"].relation is Relation.CURRENT


async def test_a_persistent_container_that_stays_is_outdated_all_the_same(
    engine: EmbeddedEngine,
) -> None:
    """UPD-70: that an update leaves it alone does not make it current."""
    async with client_of(engine, db={"persistent": True, **environment("old")}) as client:
        await client.startup("db")
    async with client_of(engine, db={"persistent": True, **environment("new")}) as client:
        assert (await client.plan("update", "db")).is_empty
        [status] = await client.status("db", compare=True)

    assert status.relation is Relation.OUTDATED
    assert status.reasons == ("environment: LEVEL changed",)


async def test_what_would_stand_in_the_way_of_an_update_is_a_note(engine: EmbeddedEngine) -> None:
    async with client_of(engine, other={"exposes": [(80, 8080)]}) as client:
        await client.startup("other")
    async with client_of(engine, web={"exposes": [(80, 8080)]}) as client:
        [status] = await client.status("web", compare=True)

    assert status.relation is Relation.ABSENT
    [note] = status.notes
    assert note.startswith("host port 8080/tcp is taken by container site.other")


async def test_a_look_without_comparison_evaluates_nothing_and_has_no_relation(
    engine: EmbeddedEngine,
) -> None:
    async with client_of(engine, web={}) as client:
        await client.startup("web")
        before = len(engine.calls)
        [quick] = await client.status("web")
        calls = [call.call for call in engine.calls[before:]]
        [thorough] = await client.status("web", compare=True)
        further = len(engine.calls) - before - len(calls)

    assert quick.relation is None
    assert quick.is_up
    assert quick.started_at
    assert len(calls) == 5
    assert thorough.relation is Relation.CURRENT
    assert all(call.call.startswith("GET ") for call in engine.calls[before:])
    assert further > len(calls)


@pytest.mark.parametrize("compare", [False, True])
async def test_containers_on_an_engine_that_does_not_answer_are_unknown(
    engine: EmbeddedEngine,
    compare: bool,  # noqa: FBT001
) -> None:
    silent = EmbeddedEngine()
    site = ContainerMap.from_dict(
        "site", {"clients": ["north", "south"], "containers": {"web": {"image": IMAGE}}}
    )
    clients = {"north": engine.transport(), "south": silent.transport()}
    async with MapClient(site, clients) as client:
        await client.startup("web")
        silent.fail("*", DropBefore())
        north, south = await client.status("web", compare=compare)

        assert north.is_up
        assert north.error is None
        assert isinstance(south.error, EngineUnreachable)
        assert south.state is None
        assert south.relation is (Relation.UNKNOWN if compare else None)
        assert str(south) == "container site.web on south: unknown"

        engine.fail("*", DropBefore())
        with pytest.raises(EngineUnreachable):
            await client.status("web", compare=compare)


@pytest.mark.engine
async def test_on_a_real_engine_states_health_addresses_and_relation_are_seen(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str, failing_image: str
) -> None:
    site = ContainerMap.from_dict(
        prefix,
        {
            "containers": {
                "web": {
                    "image": test_image,
                    "networks": ["front"],
                    "stop_timeout": 0,
                    "healthcheck": {
                        "test": ["CMD", "/bin/false"],
                        "interval": "100ms",
                        "retries": 1,
                    },
                },
                "job": {"image": failing_image},
                "again": {
                    "image": failing_image,
                    "host_config": {"restart_policy": {"Name": "always"}},
                },
                "paused": {"image": test_image, "stop_timeout": 0},
            },
            "networks": {"front": {}},
        },
    )
    where = ClientConfiguration(base_url=docker_url)
    async with MapClient(site, default_client=where) as client:
        await client.startup("__all__", raise_on_error=False)
        raw_engine.call("POST", f"containers/{prefix}.paused/pause")
        found = await compared(client)
        while found["web"].health == "starting" or not found["again"].restarts:
            found = await compared(client)
        raw_engine.call("POST", f"containers/{prefix}.paused/unpause")

    assert found["web"].state is RunState.RUNNING
    assert found["web"].health == "unhealthy"
    assert found["web"].addresses[f"{prefix}.front"].count(".") == 3
    assert found["web"].started_at
    assert (found["job"].state, found["job"].exit_code) == (RunState.EXITED, 3)
    assert found["again"].restarts > 0
    assert found["paused"].state is RunState.PAUSED
    # One that dies all the time may do so between two looks at it.
    relations = {status.relation for name, status in found.items() if name != "again"}
    assert relations == {Relation.CURRENT}
