"""What docker-map 1.1.1 does wrong when it makes things, by its register of defects: here it works."""

from __future__ import annotations

from typing import Any

import pytest
from sites import (
    PROMPT,
    client_of,
    config_of,
    host_config_of,
    steps_of,
)

from aiodockmap import (
    ActionRunnerError,
    PreparationFailed,
)
from aiodockmap.testing import Behaviour, EmbeddedEngine, EmbeddedImage


async def test_volumes_are_created_with_what_their_alias_has(engine: EmbeddedEngine) -> None:
    """BUG-3: driver, options and labels were looked up under the name of the container."""
    options = {"type": "tmpfs", "device": "tmpfs"}
    landscape = {
        "volumes": {
            "data": {
                "default_path": "/data",
                "driver_options": options,
                "create_options": {"labels": {"kept": "yes"}},
            }
        },
        "db": {"attaches": "data"},
    }
    async with client_of(engine, landscape) as client:
        await client.startup("db")
        settled = await client.plan("update", "db")

    volume = engine.volume("m.data") or {}
    assert (volume["Driver"], volume["Options"], volume["Labels"]["kept"]) == (
        "local",
        options,
        "yes",
    )
    assert settled.is_empty


async def test_owner_and_mode_of_volumes_are_set_without_a_core_image(
    engine: EmbeddedEngine,
) -> None:
    """BUG-4: any `user` with attached volumes made `startup` fail; the container for it stayed."""
    landscape = {
        "volumes": {"data": "/data"},
        "db": {"attaches": "data", "user": 2000, "permissions": "u=rwX"},
    }
    async with client_of(engine, landscape) as client:
        report = await client.startup("db")

    [prepared] = [step for step in report.plan.steps if "prepare volume" in str(step)]
    assert report.outcome_name(prepared) == "succeeded"
    assert engine.container_names() == ["m.db"]
    assert engine.volume_names() == ["m.data"]


async def test_a_failed_preparation_is_told_with_its_output(engine: EmbeddedEngine) -> None:
    """BUG-4: its exit status was ignored."""
    engine.behaviour(Behaviour(ends_after=0, exit_code=1, stderr="no space"), command="*chown*")
    landscape = {"volumes": {"data": "/data"}, "db": {"attaches": "data", "user": 2000}}
    async with client_of(engine, landscape) as client:
        with pytest.raises(ActionRunnerError) as caught:
            await client.startup("db")

    [cause] = caught.value.exceptions
    assert isinstance(cause, PreparationFailed)
    assert "no space" in str(cause)
    assert engine.container_names() == ["m.db"]


@pytest.mark.parametrize("verb", ["create", "startup", "update"])
async def test_volumes_are_prepared_by_whatever_creates_them(
    verb: str, engine: EmbeddedEngine
) -> None:
    """BUG-5: `create` and `start` never did."""
    landscape = {"volumes": {"data": "/data"}, "db": {"attaches": "data", "user": 2000}}
    async with client_of(engine, landscape) as client:
        report = await client.call(verb, "db")
        rest = await client.startup("db")

    assert any(line.startswith("prepare volume m.data") for line in steps_of(report.plan))
    assert not any(line.startswith("prepare volume") for line in steps_of(rest.plan))


async def test_keywords_of_create_reach_what_is_selected_only(engine: EmbeddedEngine) -> None:
    """BUG-12: dependencies got them, volumes too, and networks failed for them."""
    landscape = {
        "volumes": {"data": "/data"},
        "networks": {"net": None},
        "db": {"attaches": "data"},
        "web": {"uses": "data", "networks": "net"},
    }
    async with client_of(engine, landscape) as client:
        await client.create("web", command="sleep 5", labels={"by": "call"})

    assert config_of(engine, "m.web")["Cmd"] == ["sleep", "5"]
    assert config_of(engine, "m.web")["Labels"]["by"] == "call"
    assert config_of(engine, "m.db")["Cmd"] != ["sleep", "5"]
    assert "by" not in config_of(engine, "m.db")["Labels"]
    assert "by" not in (engine.volume("m.data") or {})["Labels"]
    assert "by" not in (engine.network("m.net") or {})["Labels"]


@pytest.mark.parametrize("key", ["entrypoint", "command"])
async def test_command_and_entrypoint_replace_those_of_the_map(
    key: str, engine: EmbeddedEngine
) -> None:
    """BUG-15: entrypoints were put together."""
    field = {"entrypoint": "Entrypoint", "command": "Cmd"}[key]
    override: dict[str, Any] = {key: ["/bin/sleep", "20"]}
    landscape = {"db": {"create_options": {key: ["/bin/sleep", "10"]}}}
    async with client_of(engine, landscape) as client:
        await client.create("db", **override)

    assert config_of(engine, "m.db")[field] == ["/bin/sleep", "20"]


@pytest.mark.parametrize(
    ("image", "pulled"),
    [
        ("host:5000/img", "host:5000/img:latest"),
        ("host:5000/team/img:2", "host:5000/team/img:2"),
        ("r.test/team/img", "r.test/team/img:latest"),
        ("/img", "img:latest"),
    ],
)
async def test_images_of_registries_are_pulled_without_credentials(
    image: str, pulled: str, engine: EmbeddedEngine
) -> None:
    """BUG-28: ports were taken for tags. BUG-29: dotted registries failed without credentials. PULL-1."""
    engine.registry.has_everything = True
    async with client_of(engine, {"web": {"image": image}}) as client:
        report = await client.startup("web")
        settled = await client.plan("update", "web")

    assert steps_of(report.plan)[0] == f"pull image {pulled}"
    assert config_of(engine, "m.web")["Image"] == pulled
    assert settled.is_empty


async def test_an_image_by_its_digest_is_pulled_once(engine: EmbeddedEngine) -> None:
    """BUG-28: digests were taken for tags."""
    digest = engine.registry.publish("r.test/img:1", EmbeddedImage(behaviour=PROMPT))
    async with client_of(engine, {"web": {"image": f"r.test/img@{digest}"}}) as client:
        report = await client.startup("web")
        settled = await client.plan("update", "web")

    assert steps_of(report.plan)[0] == f"pull image r.test/img@{digest}"
    assert settled.is_empty


@pytest.mark.parametrize(
    ("healthcheck", "sent"),
    [
        (None, {"Test": ["NONE"]}),
        ("NONE", {"Test": ["NONE"]}),
        (
            {"test": "true", "interval": "1h"},
            {"Test": ["CMD-SHELL", "true"], "Interval": 3600 * 10**9},
        ),
        (
            {"test": "true", "interval": "1.5s"},
            {"Test": ["CMD-SHELL", "true"], "Interval": 1_500_000_000},
        ),
    ],
)
async def test_health_checks_are_disabled_and_timed_as_written(
    healthcheck: Any, sent: dict[str, Any], engine: EmbeddedEngine
) -> None:
    """BUG-35: they were inherited, and run each nanosecond."""
    async with client_of(engine, {"db": {"healthcheck": healthcheck}}) as client:
        await client.startup("db")
        settled = await client.plan("update", "db")

    found = {
        name: value for name, value in config_of(engine, "m.db")["Healthcheck"].items() if value
    }
    assert found == sent
    assert settled.is_empty


async def test_list_commands_are_inherited(engine: EmbeddedEngine) -> None:
    """BUG-37: a crash."""
    landscape = {
        "base": {"abstract": True, "exec_commands": [[["/bin/echo", "base"]]]},
        "db": {
            "extends": "base",
            "exec_commands": [[["/bin/echo", "base"]], [["/bin/true"], "root"]],
        },
    }
    async with client_of(engine, landscape) as client:
        report = await client.startup("db")

    assert [line for line in steps_of(report.plan) if line.startswith("exec")] == [
        "exec /bin/echo in container m.db",
        "exec /bin/true in container m.db as root",
    ]


async def test_the_path_of_an_owner_is_that_of_users_with_the_names_of_parents(
    engine: EmbeddedEngine,
) -> None:
    """BUG-43: the user got the volumes of a container that was not meant."""
    landscape = {
        "use_attached_parent_name": True,
        "db": {"attaches": {"v": "/data"}},
        "web": {"uses": "db.v"},
    }
    async with client_of(engine, landscape) as client:
        await client.startup("web")

    assert host_config_of(engine, "m.web")["Binds"] == ["m.db.v:/data:rw"]
    assert not host_config_of(engine, "m.web")["VolumesFrom"]


@pytest.mark.parametrize(("value", "sent"), [(5, "5"), (True, "true"), (None, "")])
async def test_options_of_drivers_are_sent_as_texts(
    value: object, sent: str, engine: EmbeddedEngine
) -> None:
    """BUG-47: the engine refuses numbers."""
    tmpfs = {"type": "tmpfs", "device": "tmpfs"}
    landscape = {
        "volumes": {"v": {"default_path": "/v", "driver_options": tmpfs | {"o": value}}},
        "networks": {"n": {"driver_options": {"com.example.x": value}}},
        "db": {"attaches": "v", "networks": "n"},
    }
    async with client_of(engine, landscape) as client:
        await client.startup("db")
        settled = await client.plan("update", "db")

    assert (engine.volume("m.v") or {})["Options"]["o"] == sent
    assert (engine.network("m.n") or {})["Options"]["com.example.x"] == sent
    assert settled.is_empty
