"""What docker-map does for engines older than any that is in use: gone, or done the modern way.

LEG-3, LEG-5, LEG-7, LEG-8, LEG-14, LEG-16 and LEG-17 are about containers that stood for volumes, about
calls and about releases of libraries that are not there any more: there is nothing left to show.
"""

from __future__ import annotations

from typing import Any

import pytest
from run_partners import WatchedTransport
from sites import IMAGE, client_of, host_config_of, steps_of

from aiodockmap import ClientConfiguration, ContainerMap, MapClient
from aiodockmap.testing import EmbeddedEngine


async def test_attached_volumes_are_volumes_and_no_containers(engine: EmbeddedEngine) -> None:
    """LEG-1 (`base_image` has no effect), LEG-2 (binds), LEG-4 (paths of users' own)."""
    landscape = {
        "volumes": {"v": "/v"},
        "db": {"attaches": "v"},
        "web": {"uses": {"v": ["/other", "ro"]}},
    }
    async with client_of(
        engine, landscape, option_defaults={"base_image": "tianon/true:latest"}
    ) as client:
        await client.startup("web")

    assert engine.container_names() == ["m.db", "m.web"]
    assert engine.volume_names() == ["m.v"]
    assert host_config_of(engine, "m.web")["Binds"] == ["m.v:/other:ro"]
    assert not host_config_of(engine, "m.web")["VolumesFrom"]


async def test_everything_is_said_on_creation_and_nothing_on_start(engine: EmbeddedEngine) -> None:
    """LEG-6, LEG-9."""
    watched = WatchedTransport(engine.transport())
    site = {
        "web": {
            "image": IMAGE,
            "stop_signal": "SIGINT",
            "stop_timeout": 3,
            "healthcheck": {"test": "true", "interval": "1m"},
            "host_config": {"mem_limit": "64m"},
        }
    }
    async with MapClient(ContainerMap("m", site), default_client=watched) as client:
        await client.startup("web")

    created: Any = next(call.body for call in watched.calls if call.path == "containers/create")
    [start] = [call for call in watched.calls if call.path.endswith("/start")]
    assert (created["StopSignal"], created["StopTimeout"]) == ("SIGINT", 3)
    assert created["Healthcheck"]["Interval"] == 60 * 10**9
    assert created["HostConfig"]["Memory"] == 64 * 1024**2
    assert not start.body


async def test_limits_and_the_restart_policy_change_live(engine: EmbeddedEngine) -> None:
    """LEG-10."""
    async with client_of(engine, {"web": {"host_config": {"cpu_shares": 256}}}) as client:
        await client.startup("web")
        changed = {"cpu_shares": 512, "restart_policy": {"Name": "always"}}
        client.set_map(client_of(engine, {"web": {"host_config": changed}}).maps["m"])
        report = await client.update("web")

    assert [line.partition(" m.web")[0] for line in steps_of(report.plan)] == ["update container"]
    assert host_config_of(engine, "m.web")["RestartPolicy"]["Name"] == "always"


def test_settings_of_old_clients_are_taken() -> None:
    """LEG-11, LEG-12: features come with the negotiated version, logins with each pull."""
    configuration = ClientConfiguration(
        version="auto",
        features={"volumes": True},
        auth_configs={"r.test": {"username": "u", "password": "p", "email": "u@r.test"}},
    )

    assert configuration.extra["features"] == {"volumes": True}
    assert configuration.auth_configs["r.test"]["email"] == "u@r.test"  # type: ignore[index]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("lxc_conf", {"lxc.x": "1"}),
        ("init_path", "/sbin/init"),
        ("kernel_memory", "64m"),
    ],
)
async def test_options_that_engines_have_no_more_are_taken_and_not_sent(
    option: str, value: object, engine: EmbeddedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    """LEG-13."""
    async with client_of(engine, {"web": {"host_config": {option: value}}}) as client:
        report = await client.startup("web")
        settled = await client.plan("update", "web")

    assert report.ok
    assert settled.is_empty
    if option != "kernel_memory":  # Docker 20.10 still has it
        assert option in caplog.text


async def test_check_duplicate_of_networks_is_taken(engine: EmbeddedEngine) -> None:
    """LEG-13."""
    landscape = {
        "networks": {"net": {"create_options": {"check_duplicate": True}}},
        "web": {"networks": "net"},
    }
    async with client_of(engine, landscape) as client:
        await client.startup("web")
        settled = await client.plan("update", "web")

    assert engine.network_names() == ["m.net"]
    assert settled.is_empty


async def test_negative_exit_codes_are_the_default_and_never_met(engine: EmbeddedEngine) -> None:
    """LEG-15."""
    async with client_of(engine, {"web": {}}) as client:
        await client.startup("web")
        await client.stop("web")
        plan = await client.plan("startup", "web")

    assert steps_of(plan) == ["start container m.web"]


async def test_links_volumes_of_containers_and_their_networks_are_still_there(
    engine: EmbeddedEngine,
) -> None:
    """LEG-18."""
    landscape = {
        "db": {"shares": "/data"},
        "linked": {"links": ["db", ["db", "store"]]},
        "mounting": {"uses": ["db"]},
        "beside": {"network_mode": "db"},
    }
    async with client_of(engine, landscape) as client:
        await client.startup("__all__")
        settled = await client.plan("update", "__all__")

    assert host_config_of(engine, "m.linked")["Links"] == [
        "/m.db:/m.linked/db",
        "/m.db:/m.linked/store",
    ]
    assert host_config_of(engine, "m.mounting")["VolumesFrom"] == ["m.db"]
    assert host_config_of(engine, "m.beside")["NetworkMode"].startswith("container:")
    assert settled.is_empty
