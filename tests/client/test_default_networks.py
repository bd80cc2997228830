"""Where containers are that name no network: `default_network_names` (OPTN-17, UPD-32)."""

from __future__ import annotations

from typing import Any

import pytest
from client.conftest import ClientOf
from raw_engine import RawEngine

from aiodockmap import ContainerMap, MapClient, OptionError
from aiodockmap.testing import EmbeddedEngine

REAL = pytest.mark.engine


def networks_of(engine: RawEngine, name: str) -> set[str]:
    found = engine.container(name)
    assert found is not None
    return set(found["NetworkSettings"]["Networks"])


def create_networks(engine: RawEngine, *names: str) -> None:
    for name in names:
        assert engine.call("POST", "networks/create", {"Name": name})[0] == 201


@REAL
async def test_containers_are_created_in_the_default_networks_that_the_engine_has(
    raw_engine: RawEngine, client_of: ClientOf, prefix: str, prompt_image: str
) -> None:
    """OPTN-17: those that exist; what names a network, or a network mode, is not meant."""
    create_networks(raw_engine, f"{prefix}x", f"{prefix}y")
    landscape: dict[str, Any] = {
        "plain": {
            "image": f"/{prompt_image}",
            "create_options": {"mac_address": "02:42:ac:11:00:09"},
        },
        "own": {"image": f"/{prompt_image}", "networks": "net"},
        "bridged": {"image": f"/{prompt_image}", "network_mode": "bridge"},
        "alone": {"image": f"/{prompt_image}", "network_mode": "none"},
        "networks": {"net": {}},
    }
    names = [f"{prefix}x", f"{prefix}absent", f"{prefix}y"]
    async with client_of(landscape, option_defaults={"default_network_names": names}) as client:
        await client.startup("__all__")
        again = await client.plan("update", "__all__")

    assert networks_of(raw_engine, f"{prefix}.plain") == {f"{prefix}x", f"{prefix}y"}
    assert networks_of(raw_engine, f"{prefix}.own") == {f"{prefix}.net"}
    assert networks_of(raw_engine, f"{prefix}.bridged") == {"bridge"}
    assert networks_of(raw_engine, f"{prefix}.alone") <= {"none"}
    assert again.is_empty, again.render()


@REAL
@pytest.mark.parametrize("runs", [True, False], ids=["running", "stopped"])
async def test_an_update_moves_containers_into_the_default_networks_and_back(
    raw_engine: RawEngine, client_of: ClientOf, prefix: str, prompt_image: str, *, runs: bool
) -> None:
    """UPD-32, UPD-34, UPD-36: by connections, without another container."""
    create_networks(raw_engine, f"{prefix}x")
    landscape = {"web": {"image": f"/{prompt_image}"}}
    name = f"{prefix}.web"
    async with client_of(landscape) as client:
        await client.startup("web")
        if not runs:
            await client.stop("web")
    created = raw_engine.container(name)
    assert created is not None

    async with client_of(
        landscape, option_defaults={"default_network_names": f"{prefix}x"}
    ) as client:
        moved = await client.update("web")
        there = networks_of(raw_engine, name)
        again = await client.plan("update", "web")
    async with client_of(landscape) as client:
        await client.update("web")

    assert there == {f"{prefix}x"}
    assert again.is_empty, again.render()
    assert f"{prefix}x" in moved.plan.render()
    assert networks_of(raw_engine, name) == {"bridge"}
    found = raw_engine.container(name)
    assert found is not None
    assert found["Id"] == created["Id"]


async def test_an_engine_without_any_of_them_goes_on_with_its_own_and_says_so() -> None:
    landscape = ContainerMap("m", {"web": {"image": "site-example"}})
    engine = EmbeddedEngine()
    async with MapClient(
        landscape,
        default_client=engine.transport(),
        option_defaults={"default_network_names": ["nat"]},
    ) as client:
        report = await client.startup("web")
        again = await client.plan("update", "web")

    web = engine.container("m.web")
    assert web is not None
    assert set(web["NetworkSettings"]["Networks"]) == {"bridge"}
    assert [
        note for note in report.plan.notes if "none of the default_network_names ('nat')" in note
    ]
    assert not again.steps


async def test_a_default_network_that_is_made_anew_is_connected_again() -> None:
    """UPD-47, UPD-48: a container that is there by default waits for the new network like others."""
    engine = EmbeddedEngine()

    def client_with(options: dict[str, object]) -> MapClient:
        landscape = ContainerMap(
            "m",
            {
                "web": {"image": "site-example"},
                "db": {"image": "site-example", "networks": "net"},
                "networks": {"net": {"driver_options": options}},
            },
        )
        return MapClient(
            landscape,
            default_client=engine.transport(),
            option_defaults={"default_network_names": ["m.net"]},
        )

    async with client_with({}) as client:
        await client.startup("db")
        await client.startup("web")
    async with client_with({"com.docker.network.driver.mtu": 1400}) as client:
        await client.update("__all__")
        again = await client.plan("update", "__all__")

    assert not again.steps, again.render()
    for name in ("m.web", "m.db"):
        found = engine.container(name)
        assert found is not None
        assert set(found["NetworkSettings"]["Networks"]) == {"m.net"}


@pytest.mark.parametrize("names", [[], 5, [1], ["a b"], ["host"], ["none", "bridge"], {"a": 1}])
def test_names_that_cannot_be_default_networks_are_refused(names: object) -> None:
    with pytest.raises(OptionError, match="default_network_names are names of networks"):
        MapClient(option_defaults={"default_network_names": names})
