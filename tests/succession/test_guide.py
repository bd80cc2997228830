"""Where docker-map's guide and its code part: which of them is followed here, slip by slip.

DOC-2 (names of files in a sentence), DOC-3 and DOC-4 (sentences without an end), DOC-13 and DOC-17 (a
class that has changed) ask for nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest
from run_partners import WatchedTransport
from sites import IMAGE, client_of, config_of, host_config_of, state_of, steps_of

import aiodockmap
from aiodockmap import (
    ContainerMap,
    MapClient,
    OptionError,
    RunState,
    ScriptActionError,
    StepProgressed,
    errors,
)
from aiodockmap.testing import Behaviour, EmbeddedEngine


@pytest.mark.parametrize("option", ["remove_existing_after", "remove_created_after"])
async def test_a_script_container_is_kept_under_either_name_of_the_option(
    option: str, engine: EmbeddedEngine
) -> None:
    """DOC-1. DOC-14: what is in the way later is told by an error that is there."""
    options: dict[str, Any] = {option: False}
    async with client_of(engine, {"job": {}}) as client:
        result = await client.run_script("job", command_format="true", **options)
        with pytest.raises(ScriptActionError):
            await client.run_script("job", command_format="true")

    assert engine.container_names() == ["m.job"]
    assert {"id", "exit_code", "log"} <= {*dir(result["__default__"])}
    assert errors.ScriptActionError is ScriptActionError


@pytest.mark.parametrize("spelling", ["ipv4", "ipv4_address"])
async def test_containers_on_one_network_with_addresses_and_links(
    spelling: str, engine: EmbeddedEngine
) -> None:
    """DOC-6: both spellings. DOC-7: the example that the guide meant."""
    ipam = {"Config": [{"subnet": "10.9.8.0/24"}]}
    landscape = {
        "networks": {"net": {"create_options": {"ipam": ipam}}},
        "one": {"networks": {"net": {spelling: "10.9.8.7"}}},
        "two": {"networks": [{"net": {"links": [["one", "first"]]}}]},
    }
    async with client_of(engine, landscape) as client:
        await client.startup("two")

    def endpoint(name: str) -> dict[str, Any]:
        found = engine.container(name) or {}
        return dict(found["NetworkSettings"]["Networks"]["m.net"])

    assert endpoint("m.one")["IPAMConfig"]["IPv4Address"] == "10.9.8.7"
    assert endpoint("m.two")["Links"] == ["m.one:first"]


async def test_paths_of_the_host_are_below_the_root(engine: EmbeddedEngine) -> None:
    """DOC-8: not those of the container."""
    site = ContainerMap(
        "m",
        {
            "host_root": "/srv",
            "host": {"a": "a"},
            "volumes": {"a": "/etc/a"},
            "web": {"image": IMAGE, "binds": ["a", ["/etc/b", "b"], ["/etc/c", "/c"]]},
        },
    )
    async with MapClient(site, default_client=engine.transport()) as client:
        await client.create("web")

    assert host_config_of(engine, "m.web")["Binds"] == [
        "/srv/a:/etc/a:rw",
        "/srv/b:/etc/b:rw",
        "/c:/etc/c:rw",
    ]


async def test_the_client_is_the_end_of_a_host_name_and_decided_by_the_map(
    engine: EmbeddedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    """DOC-9: not the beginning. DOC-10: `clients` of a configuration has no effect."""
    site = ContainerMap("m", {"web": {"image": IMAGE, "clients": ["other"]}}, clients=["north"])
    async with MapClient(site, {"north": engine.transport()}) as client:
        await client.create("web")

    assert config_of(engine, "m.web")["Hostname"] == "m-web-north"
    assert "the clients of 'web' have no effect" in caplog.text


async def test_start_options_are_those_of_the_host(engine: EmbeddedEngine) -> None:
    """DOC-11."""
    async with client_of(engine, {"web": {"start_options": {"mem_limit": "64m"}}}) as client:
        await client.create("web")

    assert host_config_of(engine, "m.web")["Memory"] == 64 * 1024**2


@pytest.mark.parametrize(
    ("command", "sent"),
    [
        pytest.param("/bin/echo 'a b'", {"Cmd": ["/bin/echo", "a b"]}, id="EXEC-3-text"),
        pytest.param([["/bin/echo", "a b"]], {"Cmd": ["/bin/echo", "a b"]}, id="EXEC-3-list"),
        pytest.param(["/bin/true", "web"], {"User": "web"}, id="EXEC-5-own"),
        pytest.param(["/bin/true", None], {"User": "2000:50"}, id="EXEC-5-of-the-container"),
    ],
)
async def test_commands_are_sent_as_written(
    command: object, sent: dict[str, object], engine: EmbeddedEngine
) -> None:
    """EXEC-3: attached, without a terminal, and started at once. EXEC-5, with the group (Q-5)."""
    watched = WatchedTransport(engine.transport())
    site = {"web": {"image": IMAGE, "user": "2000:50", "exec_commands": [command]}}
    async with MapClient(ContainerMap("m", site), default_client=watched) as client:
        report = await client.startup("web")

    about = [call for call in watched.calls if "exec" in call.path]
    made, started = about[0], about[1]
    body: Any = made.body
    assert made.path.endswith("/exec")
    assert started.path.startswith("exec/")
    assert body | sent == body
    assert (body["AttachStdout"], body["AttachStderr"], body.get("Tty", False)) == (
        True,
        True,
        False,
    )
    assert [each.action for each in report.results if each.action == "exec"] == ["exec"]


async def test_the_user_of_a_command_is_that_of_the_image_if_nobody_says_otherwise(
    engine: EmbeddedEngine,
) -> None:
    """DOC-12, EXEC-5: the guide says root."""
    watched = WatchedTransport(engine.transport())
    site = {"web": {"image": IMAGE, "exec_commands": ["/bin/true"]}}
    async with MapClient(ContainerMap("m", site), default_client=watched) as client:
        await client.startup("web")

    [made] = [call for call in watched.calls if call.path.endswith("/exec")]
    body: Any = made.body
    assert not body.get("User")


async def test_a_command_that_fails_is_told_and_no_failure(engine: EmbeddedEngine) -> None:
    """EXEC-4: it is waited for, and its exit code is there."""
    async with client_of(engine, {"web": {"exec_commands": ["/bin/false"]}}) as client:
        report = await client.startup("web")

    [result] = [each.result for each in report.results if each.action == "exec"]
    assert report.ok
    assert "1" in str(result)


RESERVED = {
    "repository": "r.test",
    "default_tag": "1",
    "clients": ["north"],
    "groups": {"g": ["web"]},
    "default_domain": "d.test",
    "set_hostname": False,
    "use_attached_parent_name": True,
    "containers": {"more": {"image": IMAGE}},
    "volumes": {"v": "/v"},
    "networks": {"n": None},
    "host": {"h": "/h"},
    "host_root": "/srv",
}


def test_all_reserved_keys_are_properties_and_all_others_containers() -> None:
    """DOC-15, LOAD-1: the guide names four."""
    site = ContainerMap("m", {**RESERVED, "web": None, "name_of_my_own": None})

    assert list(site.containers) == ["more", "web", "name_of_my_own"]


async def test_start_takes_no_ports(engine: EmbeddedEngine) -> None:
    """DOC-16: the example of the README would have had no effect."""
    async with client_of(engine, {"web": {}}) as client:
        await client.create("web")
        with pytest.raises(OptionError, match="expose"):
            await client.start("web", expose={80: 8080})
        assert await state_of(client, "web") is RunState.INITIAL


def test_everything_is_imported_from_one_place() -> None:
    """DOC-18: the guide has paths of modules that have moved."""
    missing = [name for name in aiodockmap.__all__ if not hasattr(aiodockmap, name)]
    errors_elsewhere = [name for name in errors.__all__ if not hasattr(aiodockmap, name)]

    assert missing == []
    assert errors_elsewhere == []


async def test_the_action_is_called_pull_images(engine: EmbeddedEngine) -> None:
    """DOC-19, PUL-4; instances make no difference (PUL-3)."""
    engine.registry.publish(IMAGE)
    async with client_of(engine, {"web": {"instances": ["one", "two"]}}) as client:
        with pytest.raises(OptionError, match="pull_images"):
            await client.call("pull", "web")
        of_one = await client.plan("pull_images", "web", instances="one")
        of_all = await client.plan("pull_images", "web")

    assert steps_of(of_one) == steps_of(of_all) == [f"pull image {IMAGE}"]


async def test_signals_go_to_those_that_run(engine: EmbeddedEngine) -> None:
    """SIG-3: the guide does not have the action at all."""
    engine.behaviour(Behaviour(handles={"SIGHUP": 7}), container="m.web.one")
    async with client_of(engine, {"web": {"instances": ["one", "two"]}}) as client:
        await client.startup("web", instances="one")
        report = await client.signal("web", signal="HUP")
        await anyio.sleep(0.1)
        statuses = await client.status("web")

    assert [step.resource.name for step in report.plan.steps] == ["m.web.one"]
    assert [status.exit_code for status in statuses] == [7, None]


async def test_one_tag_is_pulled_and_seen_while_it_comes(engine: EmbeddedEngine) -> None:
    """PULL-1, PULL-2: progress is told, by events."""
    engine.registry.publish("r.test/a/web:2", seconds=2)
    watched = WatchedTransport(engine.transport())
    told: list[object] = []
    async with MapClient(
        ContainerMap("m", {"web": {"image": "r.test/a/web:2"}}),
        default_client=watched,
        on_event=told.append,
    ) as client:
        await client.create("web")

    [pull] = [call for call in watched.calls if call.path == "images/create"]
    assert dict(pull.query) | {"fromImage": "r.test/a/web", "tag": "2"} == dict(pull.query)
    assert any(isinstance(event, StepProgressed) for event in told)


async def test_what_breaks_off_while_an_image_comes_is_an_error(engine: EmbeddedEngine) -> None:
    """PULL-2: errors of the stream are raised, though its status is 200."""
    engine.registry.publish("r.test/web:2", seconds=2, broken_after=1)
    async with client_of(engine, {"web": {"image": "r.test/web:2"}}) as client:
        report = await client.create("web", raise_on_error=False)

    assert not report.ok
    assert [type(cause) for cause in report.errors] == [errors.ImagePullError]


async def test_containers_get_no_labels_but_those_of_the_map_and_of_this_library(
    engine: EmbeddedEngine,
) -> None:
    """ENG-22, overruled: what was asked for last time is kept in labels of a name space of its own."""
    async with client_of(engine, {"web": {"create_options": {"labels": {"mine": "1"}}}}) as client:
        await client.create("web")

    labels = config_of(engine, "m.web")["Labels"]
    others = {name for name in labels if not name.startswith("io.aiodockmap.")}
    assert others == {"mine"}


@pytest.mark.parametrize("options", [{}, {"stdin_open": True, "tty": True}])
async def test_containers_have_a_terminal_and_an_open_stdin_only_if_asked(
    options: dict[str, bool], engine: EmbeddedEngine
) -> None:
    """ENG-23."""
    async with client_of(engine, {"web": {"create_options": options}}) as client:
        await client.create("web")

    config = config_of(engine, "m.web")
    assert (config["OpenStdin"], config["Tty"]) == (bool(options), bool(options))


async def test_a_file_is_where_the_command_says(engine: EmbeddedEngine, tmp_path: Path) -> None:
    """DOC-2: one file, whatever it is called."""
    script = tmp_path / "any.sh"
    await anyio.to_thread.run_sync(script.write_text, "true")
    async with client_of(engine, {"job": {}}) as client:
        await client.run_script(
            "job",
            script_path=str(script),
            entrypoint="/bin/sh",
            command_format="-c {script_path}",
            remove_created_after=False,
        )

    assert config_of(engine, "m.job")["Cmd"] == ["-c", "/tmp/script_run/any.sh"]
