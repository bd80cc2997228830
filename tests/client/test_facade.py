"""What a client is made from and shows of itself (API), and that it remembers nothing (GEN-1, CACHE)."""

from __future__ import annotations

import inspect
from typing import Any

import attrs
import pytest
from raw_engine import RawEngine

from aiodockmap import (
    ClientConfiguration,
    ContainerMap,
    MapClient,
    MapError,
    NamingPolicy,
    SelectionError,
    lazy,
)
from aiodockmap.testing import EmbeddedEngine

IMAGE = "site-example:latest"
ONE = ContainerMap("one", {"web": {"image": IMAGE}})
TWO = ContainerMap("two", {"web": {"image": IMAGE}})


@pytest.mark.parametrize(
    ("maps", "default"),
    [
        pytest.param(None, None, id="nothing"),
        pytest.param(ONE, "one", id="one-map"),
        pytest.param([ONE], None, id="list-of-one"),
        pytest.param((ONE, TWO), None, id="tuple"),
        pytest.param({"one": ONE}, None, id="dict-of-one"),
    ],
)
def test_only_a_map_that_is_alone_is_the_default(maps: Any, default: str | None) -> None:
    """API-1, API-2."""
    client = MapClient(maps)

    assert client.default_map == default


async def test_the_default_map_may_be_chosen_among_those_that_there_are() -> None:
    """API-2."""
    engine = EmbeddedEngine()
    async with MapClient([ONE, TWO], default_client=engine.transport()) as client:
        with pytest.raises(SelectionError):
            await client.create("web")
        client.default_map = "two"
        with pytest.raises(SelectionError, match="'three'; known: one, two") as refusal:
            client.default_map = "three"
        await client.create("web")

    assert isinstance(refusal.value, ValueError)
    assert engine.container_names() == ["two.web"]


@pytest.mark.parametrize(
    ("default_map", "map_name", "expected"),
    [
        pytest.param(None, None, ["one.web", "two.web"], id="every-map"),
        pytest.param("one", None, ["one.web"], id="default-map"),
        pytest.param("one", "two", ["two.web"], id="named-map"),
    ],
)
async def test_everything_is_looked_at_unless_something_is_named(
    default_map: str | None, map_name: str | None, expected: list[str]
) -> None:
    """API-2, SEL-16."""
    async with MapClient([ONE, TWO], default_client=EmbeddedEngine().transport()) as client:
        if default_map is not None:
            client.default_map = default_map
        statuses = await client.status(map_name=map_name)
        async with client.logs(map_name=map_name) as lines:
            read = lines.containers

    assert [each.id.name for each in statuses] == [each.name for each in read] == expected


async def test_the_default_engine_is_for_maps_that_name_none() -> None:
    """API-3."""
    default, north = EmbeddedEngine(), EmbeddedEngine()
    named = ContainerMap("named", {"web": {"image": IMAGE}}, clients=["north"])
    async with MapClient(
        [ONE, named], {"north": north.transport()}, default_client=default.transport()
    ) as client:
        await client.create(["one.web", "named.web"])

    assert default.container_names() == ["one.web"]
    assert north.container_names() == ["named.web"]


async def test_an_engine_that_nobody_described_is_named() -> None:
    """API-3; before anything is asked."""
    named = ContainerMap("named", {"web": {"image": IMAGE}}, clients=["nroth"])
    async with MapClient(named, {"north": ClientConfiguration(base_url="unix:///no")}) as client:
        with pytest.raises(MapError, match=r"there is no client 'nroth' \(did you mean 'north'\?"):
            await client.create("web")


def test_maps_and_clients_can_be_read_as_dicts_and_changing_those_changes_nothing() -> None:
    """API-14."""
    north = ClientConfiguration(base_url="unix:///north")
    client = MapClient([ONE, TWO], [("north", north)])

    maps, clients = dict(client.maps), dict(client.clients)
    dict(client.maps).clear()
    dict(client.clients).clear()

    assert maps == dict(client.maps) == {"one": ONE, "two": TWO}
    assert clients == dict(client.clients) == {"north": north, "__default__": ClientConfiguration()}
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        north.timeout = 5  # type: ignore[misc]  # the point of it


@pytest.mark.parametrize(
    "action",
    [
        *("create", "start", "restart", "stop", "remove", "startup", "shutdown"),
        *("update", "signal", "pull_images", "run_script", "call"),
    ],
)
def test_all_actions_are_coroutines_with_the_same_arguments(action: str) -> None:
    """API-5, API-6."""
    method = getattr(MapClient, action)
    wanted = ["self", "containers", "instances", "map_name", "options"]
    if action == "run_script":
        wanted[1:3] = ["container", "instance"]
    if action == "call":
        wanted.insert(1, "action")

    signature = inspect.signature(method)

    assert inspect.iscoroutinefunction(method)
    assert list(signature.parameters) == wanted
    assert signature.parameters["map_name"].default is None
    assert signature.parameters["options"].kind is inspect.Parameter.VAR_KEYWORD


async def test_names_come_from_the_policy_of_each_client() -> None:
    """CACHE-7: there is nothing to flush, since no name is kept."""

    class Shouting(NamingPolicy):
        def container_name(self, map_name: str, configuration: str, instance: Any = None) -> str:
            return super().container_name(map_name, configuration, instance).upper()

    engine = EmbeddedEngine()
    for naming in (NamingPolicy(), Shouting()):
        async with MapClient(ONE, default_client=engine.transport(), naming=naming) as client:
            await client.create("web")

    assert engine.container_names() == ["ONE.WEB", "one.web"]


async def test_a_base_image_makes_no_containers() -> None:
    """OPTN-16, LEG-1: accepted, and without effect, as volumes are kept by engines now."""
    engine = EmbeddedEngine()
    site = ContainerMap(
        "m", {"volumes": {"data": "/data"}, "web": {"image": IMAGE, "attaches": "data"}}
    )
    async with MapClient(
        site, default_client=engine.transport(), option_defaults={"base_image": "a/b:c"}
    ) as client:
        report = await client.startup("web")

    assert "a/b" not in report.plan.render()
    assert engine.container_names() == ["m.web"]


@pytest.mark.engine
async def test_what_others_do_between_two_actions_is_seen_by_the_second(
    client_of: Any, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """GEN-1, CACHE-2 to CACHE-6: each plan looks for itself, so that nothing needs to be refreshed."""
    landscape = {
        "volumes": {"data": "/data"},
        "networks": {"back": None},
        "db": {"image": test_image, "attaches": "data", "networks": "back", "stop_timeout": 0},
        "web": {"image": test_image, "networks": "back", "stop_timeout": 0},
    }
    async with client_of(landscape) as client:
        await client.startup("db")
        raw_engine.call("DELETE", f"containers/{prefix}.db", force="1")
        raw_engine.call("DELETE", f"networks/{prefix}.back")
        raw_engine.call("DELETE", f"volumes/{prefix}.data")
        raw_engine.call("POST", "containers/create", {"Image": test_image}, name=f"{prefix}.web")

        again = await client.startup(["db", "web"])
        settled = await client.plan("startup", ["db", "web"])

    made = [str(step.resource) for step in again.plan.steps if "Create" in str(type(step.action))]
    assert sorted(made) == [
        f"container {prefix}.db",
        f"network {prefix}.back",
        f"volume {prefix}.data",
    ]
    assert settled.is_empty


@pytest.mark.engine
async def test_late_values_are_compared_by_what_they_come_to(
    client_of: Any, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """LAZY-8: aliases of endpoints, limits, and drivers are no differences; what changed is one."""
    values = {"alias": "store", "memory": "64m", "level": "low"}

    def late(name: str) -> object:
        return lazy(lambda: values[name])

    landscape = {
        "volumes": {
            "data": {"default_path": lazy(lambda: "/data"), "driver": lazy(lambda: "local")}
        },
        "networks": {"back": {"driver": lazy(lambda: "bridge"), "internal": lazy(lambda: False)}},
        "db": {
            "image": test_image,
            "attaches": "data",
            "networks": {"back": {"aliases": [late("alias")]}},
            "create_options": {"environment": {"LEVEL": late("level")}},
            "host_config": lambda: {"mem_limit": late("memory")},
            "stop_timeout": 0,
        },
    }
    async with client_of(landscape) as client:
        await client.startup("db")
        before = raw_engine.container(f"{prefix}.db")
        settled = await client.plan("update", "db")
        values |= {"alias": "other", "memory": "96m"}
        await client.update("db")
        live = raw_engine.container(f"{prefix}.db")
        values["level"] = "high"
        replacing = await client.plan("update", "db")

    assert settled.is_empty
    assert before is not None
    assert live is not None
    assert live["Id"] == before["Id"]
    assert live["HostConfig"]["Memory"] == 96 * 1024**2
    assert "other" in live["NetworkSettings"]["Networks"][f"{prefix}.back"]["Aliases"]
    assert "environment" in replacing.render()
