"""Every setting of a client, seen on a real engine (CLI-1 to CLI-12), and changed while it is in use."""

from __future__ import annotations

from typing import Any

import aiodocker
import attrs
import pytest
from engine_views import WAIT, free_ports
from raw_engine import RawEngine

from aiodockmap import ClientConfiguration, ContainerMap, MapClient, OptionError, lazy, load_clients
from aiodockmap.errors import ActionRunnerError, EngineTimeout
from aiodockmap.plan import StartContainer

pytestmark = pytest.mark.engine

A_MOMENT = 1e-9
"""Seconds in which no engine has ever answered."""


def inspected(engine: RawEngine, name: str) -> dict[str, Any]:
    found = engine.container(name)
    assert found is not None
    return found


async def test_ports_are_published_on_the_addresses_of_both_kinds(
    client_of: Any, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """CLI-2, LAZY-7, ENG-6: `interfaces` and `interfaces_ipv6`; addresses may be late."""
    first, second = free_ports(2)
    landscape = {
        "app": {
            "image": test_image,
            "exposes": [[80, first, "own"], [81, second, "own", True]],
            "stop_timeout": 0,
        }
    }
    addresses = {
        "interfaces": {"own": lazy(lambda: "127.0.0.1")},
        "interfaces_ipv6": {"own": "::1"},
    }
    async with client_of(landscape, engine=addresses) as client:
        await client.startup("app")
        settled = await client.plan("update", "app")

    assert inspected(raw_engine, f"{prefix}.app")["NetworkSettings"]["Ports"] == {
        "80/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(first)}],
        "81/tcp": [{"HostIp": "::1", "HostPort": str(second)}],
    }
    assert settled.is_empty


@pytest.mark.parametrize(
    ("settings", "domain"),
    [
        pytest.param({}, "of.map", id="the-map-decides"),
        pytest.param({"domainname": "of.client"}, "of.client", id="the-client-wins"),
        pytest.param({"domainname": lazy(lambda: "late.client")}, "late.client", id="late"),
        pytest.param({"domainname": None}, "", id="the-client-wants-none"),
    ],
)
async def test_the_domain_of_a_client_wins_over_that_of_the_map(
    settings: dict[str, Any],
    domain: str,
    client_of: Any,
    raw_engine: RawEngine,
    prefix: str,
    test_image: str,
) -> None:
    """CLI-5, NAME-12."""
    landscape = {"default_domain": "of.map", "app": {"image": test_image}}
    async with client_of(landscape, engine=settings) as client:
        await client.create("app")
        settled = await client.plan("update", "app")

    assert inspected(raw_engine, f"{prefix}.app")["Config"]["Domainname"] == domain
    assert [type(step.action) for step in settled.steps] == [StartContainer]


SLOW_TO_GO = ["/bin/sh", "-c", f"trap 'sleep 1; exit 0' TERM; {WAIT}"]
READY = ["/bin/sh", "-c", "until [ -e /tmp/ready ]; do sleep 0.05; done"]


@pytest.mark.parametrize(
    ("own", "exit_code"),
    [
        pytest.param({}, 137, id="the-client-decides"),
        pytest.param({"stop_timeout": 600}, 0, id="the-configuration-wins"),
    ],
)
async def test_the_grace_period_of_a_client_is_for_containers_without_one(
    own: dict[str, Any],
    exit_code: int,
    client_of: Any,
    raw_engine: RawEngine,
    prefix: str,
    test_image: str,
) -> None:
    """CLI-6, STOP-1: without any grace, what wants a second to end is killed before."""
    landscape = {
        "app": {
            "image": test_image,
            "create_options": {"command": SLOW_TO_GO},
            "exec_commands": [[READY]],
            **own,
        }
    }
    async with client_of(landscape, engine={"stop_timeout": 0}) as client:
        await client.startup("app")
        await client.stop("app")

    assert inspected(raw_engine, f"{prefix}.app")["State"]["ExitCode"] == exit_code


async def test_a_preparation_that_takes_longer_than_wait_timeout_fails(
    client_of: Any, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """CLI-7, VOL-23: nothing is left of the container that prepares."""
    landscape = {
        "volumes": {"data": "/data"},
        "app": {"image": test_image, "attaches": "data", "user": "1000", "permissions": "u=rwX"},
    }
    async with client_of(
        landscape,
        engine={"wait_timeout": A_MOMENT},
        option_defaults={"core_image": test_image},
    ) as client:
        with pytest.raises(ActionRunnerError) as failed:
            await client.create("app")

    assert "raise wait_timeout of the client" in str(failed.value)
    assert raw_engine.container_names(prefix) == [f"{prefix}.app"]


@pytest.mark.parametrize(
    ("version", "ipc_mode"),
    [
        pytest.param("auto", "private", id="auto"),
        pytest.param(None, "private", id="unset"),
        pytest.param("1.39", "shareable", id="pinned"),
    ],
)
async def test_the_version_of_the_api_is_negotiated_unless_it_is_pinned(
    version: str | None,
    ipc_mode: str,
    client_of: Any,
    raw_engine: RawEngine,
    prefix: str,
    test_image: str,
) -> None:
    """CLI-1, CLI-12: what engines make of an unset `IpcMode` changed with version 1.40."""
    async with client_of({"app": {"image": test_image}}, engine={"version": version}) as client:
        await client.create("app")

    assert inspected(raw_engine, f"{prefix}.app")["HostConfig"]["IpcMode"] == ipc_mode


async def test_a_timeout_can_be_changed_while_the_client_is_in_use(
    client_of: Any, test_image: str
) -> None:
    """CLI-1."""
    async with client_of({"app": {"image": test_image}}) as client:
        await client.create("app")
        settings = client.clients["__default__"]

        client.set_client(attrs.evolve(settings, timeout=A_MOMENT))
        with pytest.raises(EngineTimeout):
            await client.startup("app")
        client.set_client(attrs.evolve(settings, timeout=None))
        report = await client.startup("app")

    assert report.ok
    assert report.changed


async def test_other_settings_hold_for_what_is_planned_next(
    client_of: Any, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """CLI-1, CLI-5."""
    landscape = {"one": {"image": test_image}, "two": {"image": test_image}}
    async with client_of(landscape) as client:
        await client.create("one")
        client.set_client(attrs.evolve(client.clients["__default__"], domainname="new"))
        await client.create("two")

    domains = [
        inspected(raw_engine, f"{prefix}.{name}")["Config"]["Domainname"] for name in landscape
    ]
    assert domains == ["", "new"]


async def test_a_connected_engine_is_reached_as_before(
    client_of: Any, docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """CLI-4, USR-8: nothing is connected to anew behind the caller's back, and a refusal changes nothing."""
    async with client_of({"app": {"image": test_image}}) as client:
        before = client.clients["__default__"]
        await client.create("app")

        with pytest.raises(
            OptionError, match="is connected to its engine, so base_url and version cannot change"
        ):
            client.set_client(
                ClientConfiguration(base_url="unix:///nowhere", version="1.41", timeout=A_MOMENT)
            )
        await client.start("app")
        with pytest.raises(OptionError, match="a client is a ClientConfiguration, not a str"):
            client.set_client(docker_url)

    assert client.clients["__default__"] is before
    assert inspected(raw_engine, f"{prefix}.app")["State"]["Running"]


async def test_before_it_is_connected_to_an_engine_may_be_another(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """CLI-1, API-3: and an engine may be added that a map names."""
    site = ContainerMap(prefix, {"app": {"image": test_image}}, clients=["here"])
    async with MapClient(site, default_client=ClientConfiguration(base_url="unix:///no")) as client:
        client.set_client(ClientConfiguration(base_url="unix:///nowhere"), "here")
        client.set_client(ClientConfiguration(base_url=docker_url), "here")
        await client.create("app")

    assert raw_engine.container_names(prefix) == [f"{prefix}.app"]


async def test_a_client_that_is_there_already_stays_the_callers(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """CLI-4, API-4, USR-1: alone or as part of a configuration; neither is it closed, nor replaced."""
    site = ContainerMap(prefix, {"app": {"image": test_image}})
    async with aiodocker.Docker(url=docker_url) as own:
        async with MapClient(site, default_client=own) as client:
            await client.create("app")
            client.set_client(ClientConfiguration(client=own, domainname="new"))
            with pytest.raises(OptionError, match="so client cannot change"):
                client.set_client(ClientConfiguration())
        async with MapClient(
            site, default_client=ClientConfiguration(client=own, stop_timeout=0)
        ) as client:
            await client.startup("app")
            await client.remove("app", force=True)

        answer = await own.version()

    assert answer["ApiVersion"]
    assert raw_engine.container_names(prefix) == []


async def test_a_client_file_is_all_that_it_takes(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """CLI-11, YAML-9, API-1: as dict, and as list of pairs; other keys do no harm (CLI-10)."""
    clients = load_clients(
        f"here: {{base_url: '{docker_url}', version: auto, region: north, domainname: lan}}"
    )
    site = ContainerMap(prefix, {"app": {"image": test_image}}, clients=["here"])
    async with MapClient(site, clients) as client:
        await client.create("app")
    async with MapClient(site, list(clients.items())) as client:
        settled = await client.plan("update", "app")

    assert inspected(raw_engine, f"{prefix}.app")["Config"]["Domainname"] == "lan"
    assert [type(step.action) for step in settled.steps] == [StartContainer]


async def test_a_timeout_holds_for_the_next_call_of_a_run_under_way(
    client_of: Any, test_image: str
) -> None:
    """CLI-1; each call takes its limit when it begins."""

    def lower(_: object) -> None:
        settings = client.clients["__default__"]
        client.set_client(attrs.evolve(settings, timeout=A_MOMENT))

    async with client_of({"app": {"image": test_image}}, on_event=lower) as client:
        with pytest.raises(ActionRunnerError) as failed:
            await client.create("app")

    assert [type(error) for error in failed.value.exceptions] == [EngineTimeout]
