"""Maps that claim the same of one engine: found by their text, selected or not."""

from __future__ import annotations

import pytest

from aiodockmap import ClientConfiguration, ContainerMap, MapClient, MapError, OptionError, lazy
from aiodockmap.model import DEFAULT_ENGINE
from aiodockmap.testing import EmbeddedEngine

IMAGE = "site-example:latest"


def publishing(name: str, *exposes: object, **more: object) -> ContainerMap:
    return ContainerMap(name, {"web": {"image": IMAGE, "exposes": list(exposes)}, **more})


def client_of(*maps: ContainerMap, engine: EmbeddedEngine | None = None) -> MapClient:
    return MapClient(maps, default_client=(engine or EmbeddedEngine()).transport())


NAMESAKES = (
    ContainerMap("a", {"b.web": {"image": IMAGE}}),
    ContainerMap("a.b", {"web": {"image": IMAGE}}),
)


@pytest.mark.parametrize("selected", ["a.b.web", "__all__.__all__"])
async def test_two_maps_cannot_have_a_container_of_one_name(selected: str) -> None:
    async with client_of(*NAMESAKES) as client:
        with pytest.raises(MapError) as raised:
            await client.plan("startup", selected)

    assert "container a.b.web" in str(raised.value)
    assert "maps 'a' and 'a.b'" in str(raised.value) or "maps 'a.b' and 'a'" in str(raised.value)


@pytest.mark.parametrize("kind", ["network", "volume"])
async def test_two_maps_cannot_have_a_network_or_volume_of_one_name(kind: str) -> None:
    web: dict[str, object] = {"image": IMAGE}
    if kind == "volume":
        first = ContainerMap("a", {"web": {**web, "attaches": ["b.x"]}, "volumes": {"b.x": "/x"}})
        second = ContainerMap("a.b", {"app": {**web, "attaches": ["x"]}, "volumes": {"x": "/x"}})
    else:
        first = ContainerMap("a", {"web": {**web, "networks": ["b.x"]}, "networks": {"b.x": {}}})
        second = ContainerMap("a.b", {"app": {**web, "networks": ["x"]}, "networks": {"x": {}}})

    async with client_of(first, second) as client:
        with pytest.raises(MapError, match=f"both have a {kind} a.b.x"):
            await client.plan("startup", "web", map_name="a")


async def test_the_same_name_on_different_engines_is_no_conflict() -> None:
    maps = [
        ContainerMap("a", {"clients": ["one"], "b.web": {"image": IMAGE}}),
        ContainerMap("a.b", {"clients": ["two"], "web": {"image": IMAGE}}),
    ]
    clients = {name: EmbeddedEngine().transport() for name in ("one", "two")}

    async with MapClient(maps, clients) as client:
        assert not (await client.plan("startup", "a.__all__")).is_empty


async def test_mistakes_in_maps_that_an_action_is_not_about_do_not_stop_it() -> None:
    other = ContainerMap("other", {"clients": ["nowhere"], "web": {"image": IMAGE}})

    async with client_of(publishing("site", (80, 8080)), other) as client:
        assert not (await client.plan("startup", "site.web")).is_empty


async def test_a_port_that_two_selected_maps_publish_is_a_problem_of_both() -> None:
    async with client_of(publishing("blue", (80, 8080)), publishing("green", (81, 8080))) as client:
        with pytest.raises(
            MapError, match=r"green\.web and blue\.web are both published on port 8080"
        ):
            await client.plan("startup", "__all__.__all__")


async def test_a_port_that_a_running_container_of_another_map_has_is_named_with_it() -> None:
    engine = EmbeddedEngine()
    async with client_of(
        publishing("blue", (80, 8080)), publishing("green", (81, 8080)), engine=engine
    ) as client:
        await client.startup("blue.web")

        with pytest.raises(ValueError, match=r"8080/tcp is taken by container blue\.web"):
            await client.plan("startup", "green.web")


@pytest.mark.parametrize(
    ("other", "is_noted"),
    [
        pytest.param((81, 8080), True, id="same-port"),
        pytest.param((81, "8080"), True, id="same-port-as-text"),
        pytest.param((81, 8081), False, id="another-port"),
        pytest.param(("81/udp", 8080), False, id="another-protocol"),
        pytest.param((81, 8080, "public"), True, id="one-address-of-all"),
        pytest.param((81, 8080, "unknown"), False, id="an-address-that-nobody-knows"),
        pytest.param((81, 0), False, id="the-engine-chooses"),
        pytest.param((81, lazy(lambda: pytest.fail("evaluated"))), False, id="late"),
    ],
)
async def test_a_port_of_another_map_that_does_not_run_is_a_note(
    other: tuple[object, ...],
    is_noted: bool,  # noqa: FBT001
) -> None:
    """Blue and green: each may run alone, and planning one says what stands in the way of both."""
    engine = EmbeddedEngine()
    configuration = ClientConfiguration(
        client=engine.transport(), interfaces={"public": "127.0.0.1"}
    )
    maps = [publishing("blue", (80, 8080)), publishing("green", other)]
    async with MapClient(maps, {DEFAULT_ENGINE: configuration}) as client:
        plan = await client.plan("startup", "blue.web")

    note = "container blue.web: host port 8080/tcp is published by container green.web as well"
    assert any(note in each for each in plan.notes) is is_noted


async def test_a_port_that_the_map_itself_publishes_twice_is_a_note_for_one_of_them() -> None:
    site = publishing("site", (80, 8080), api={"image": IMAGE, "exposes": [(81, 8080)]})

    async with client_of(site) as client:
        alone = await client.plan("startup", "site.web")
        with pytest.raises(MapError, match="both published on port 8080"):
            await client.plan("startup", "site.__all__")

    [note] = alone.notes
    assert "published by container site.api as well" in note


async def test_what_runs_already_is_not_noted_again() -> None:
    engine = EmbeddedEngine()
    async with client_of(
        publishing("blue", (80, 8080)), publishing("green", (81, 8080)), engine=engine
    ) as client:
        await client.startup("blue.web")
        plan = await client.plan("startup", "blue.web")

    assert plan.is_empty
    assert plan.notes == ()


def test_maps_in_a_dict_are_under_their_own_names() -> None:
    """API-1: two maps of one name under two keys would be one and the same to an engine."""
    with pytest.raises(OptionError, match="is the map 'm': use its own name"):
        MapClient({"a": ContainerMap("m"), "b": ContainerMap("m")})
