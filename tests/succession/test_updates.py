"""What docker-map 1.1.1 does wrong when it updates, by its register of defects: here it works."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from run_partners import WatchedTransport
from sites import (
    IMAGE,
    PROMPT,
    client_of,
    config_of,
    host_config_of,
    somebody_calls,
    state_of,
    steps_of,
)

from aiodockmap import (
    AioDockMapError,
    ClientConfiguration,
    ContainerMap,
    MapClient,
    RunState,
    lazy,
)
from aiodockmap.engine import ApiRequest
from aiodockmap.testing import Behaviour, EmbeddedEngine, EmbeddedImage, Reject


@pytest.mark.parametrize("check", ["none", None])
async def test_commands_that_are_not_checked_are_not_run_by_update(
    check: str | None, engine: EmbeddedEngine
) -> None:
    """BUG-18: all of them ran at every update."""
    async with client_of(engine, {"db": {"exec_commands": "/bin/echo hello"}}) as client:
        await client.startup("db")
        checked = await client.plan("update", "db")
        unchecked = await client.plan("update", "db", check_exec_commands=check)

    assert not checked.is_empty
    assert unchecked.is_empty


@pytest.mark.parametrize(
    "exposes",
    [
        pytest.param({80: 8080}, id="BUG-19"),
        pytest.param([80, "53/udp"], id="BUG-19-unpublished"),
        pytest.param([[80, 8080, "six", True]], id="BUG-20"),
        pytest.param([80, "53/udp", ["443", "8443"]], id="BUG-44"),
    ],
)
async def test_stopped_containers_with_ports_are_just_started_by_update(
    exposes: Any, engine: EmbeddedEngine
) -> None:
    """BUG-19: they were re-created. BUG-20: addresses were looked up among those of IPv4. BUG-44: a crash."""
    landscape = {"web": {"exposes": exposes}}
    configuration = ClientConfiguration(
        client=engine.transport(), interfaces={"six": "127.0.0.1"}, interfaces_ipv6={"six": "::1"}
    )
    async with MapClient(
        ContainerMap("m", {"web": {"image": IMAGE, **landscape["web"]}}),
        default_client=configuration,
    ) as client:
        await client.startup("web")
        running = await client.plan("update", "web")
        await client.stop("web")
        stopped = await client.plan("update", "web")

    assert running.is_empty
    assert steps_of(stopped) == ["start container m.web"]


@pytest.mark.parametrize(
    "owner",
    [
        pytest.param({"shares": "/data"}, id="shares"),
        pytest.param({"shares": "/data", "attaches": "vol"}, id="attaches"),
        pytest.param({"binds": [["/etc/x", "/srv/x"]]}, id="binds"),
    ],
)
async def test_users_of_a_container_stay_until_it_is_replaced_and_go_with_it(
    owner: dict[str, Any], engine: EmbeddedEngine
) -> None:
    """BUG-21: they were re-created every time. BUG-22: and not when it was."""
    landscape = {"volumes": {"vol": "/vol"}, "data": {**owner}, "web": {"uses": "data"}}
    async with client_of(engine, landscape) as client:
        await client.startup("web")
        settled = await client.plan("update", "web")
        before = (engine.container("m.web") or {})["Id"]
        await client.update("web", force_update="data")
        again = await client.plan("update", "web")

    assert settled.is_empty
    assert (engine.container("m.web") or {})["Id"] != before
    assert again.is_empty


async def test_a_stopped_container_that_lacks_a_network_is_connected_and_started(
    engine: EmbeddedEngine,
) -> None:
    """BUG-23: a crash."""
    landscape = {"networks": {"a": None, "b": None}, "web": {"networks": ["a", {"b": ["alias"]}]}}
    async with client_of(engine, landscape) as client:
        await client.startup("web")
        await client.stop("web")
        await somebody_calls(engine, "networks/m.b/disconnect", {"Container": "m.web"})
        report = await client.update("web")

    assert steps_of(report.plan) == [
        "connect container m.web to network m.b",
        "start container m.web",
    ]
    networks = (engine.container("m.web") or {})["NetworkSettings"]["Networks"]
    assert "alias" in networks["m.b"]["Aliases"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "host"),
        ("host", None),
        (None, "none"),
        ("none", "bridge"),
        (None, "db"),
        ("db", None),
        ("container:m.db", "db"),
    ],
)
async def test_another_network_mode_replaces_the_container(
    before: str | None, after: str | None, engine: EmbeddedEngine
) -> None:
    """BUG-24: it was connected to a network of that name. BUG-25: a host name went along with it."""

    def site(mode: str | None) -> dict[str, Any]:
        return {"db": {}, "web": {} if mode is None else {"network_mode": mode}}

    async with client_of(engine, site(before)) as client:
        await client.startup("__all__")
        old = (engine.container("m.web") or {})["Id"]
        client.set_map(client_of(engine, site(after)).maps["m"])
        report = await client.update("web")
        settled = await client.plan("update", "web")

    assert settled.is_empty
    assert not any("connect" in line for line in steps_of(report.plan))
    is_same = {before, after} == {"container:m.db", "db"}
    assert ((engine.container("m.web") or {})["Id"] == old) is is_same


async def test_items_removed_by_others_are_made_again(engine: EmbeddedEngine) -> None:
    """BUG-55: they raised until names were refreshed."""
    landscape = {
        "volumes": {"v": "/v"},
        "networks": {"n": None},
        "db": {"attaches": "v", "networks": "n"},
    }
    async with client_of(engine, landscape) as client:
        await client.startup("db")
        await somebody_calls(engine, "containers/m.db", None, method="DELETE", force="true")
        await somebody_calls(engine, "volumes/m.v", None, method="DELETE")
        await somebody_calls(engine, "networks/m.n", None, method="DELETE")
        stopped = await client.stop("db")
        report = await client.startup("db")

    assert stopped.plan.is_empty
    assert report.ok
    assert (engine.container_names(), engine.volume_names(), engine.network_names()) == (
        ["m.db"],
        ["m.v"],
        ["m.n"],
    )


@pytest.mark.parametrize(
    ("option", "field", "values", "none"),
    [
        ("pids_limit", "PidsLimit", [50, 60], {None, 0, -1}),
        ("mem_limit", "Memory", ["64m", "32m"], {2**62}),
        ("cpu_shares", "CpuShares", [256, 512], {1024}),
    ],
)
async def test_limits_are_changed_and_lifted_live(
    option: str, field: str, values: list[Any], none: set[int | None], engine: EmbeddedEngine
) -> None:
    """BUG-38: a crash. BUG-52: not where a container was just started. BUG-56: no limit could be lifted."""
    container_ids = set()
    seen = []
    async with client_of(engine, {"db": {"host_config": {option: values[0]}}}) as client:
        await client.startup("db")
        for limits, is_stopped in (
            ({option: values[1]}, False),
            ({option: values[0]}, True),
            ({}, False),
        ):
            client.set_map(client_of(engine, {"db": {"host_config": limits}}).maps["m"])
            if is_stopped:
                await client.stop("db")
            report = await client.update("db")
            assert report.ok
            assert (await client.plan("update", "db")).is_empty
            container_ids.add((engine.container("m.db") or {})["Id"])
            seen.append(host_config_of(engine, "m.db")[field])

    assert len(container_ids) == 1
    assert seen[0] != seen[1]
    assert seen[2] in none


@pytest.mark.parametrize(
    "options",
    [
        {"environment": {"A": 1, "B": "true", "C": None}},
        {"environment": ["A=1", "B"]},
        {"entrypoint": "/bin/sh -c 'sleep 5'"},
        {"entrypoint": ["/bin/sleep"], "command": "1000"},
        {"command": "/bin/sleep '1000'"},
        {"labels": ["one", "two"]},
    ],
)
async def test_options_in_any_form_are_as_asked_for(
    options: dict[str, Any], engine: EmbeddedEngine
) -> None:
    """BUG-39: they never matched, so that each update re-created the container, or it crashed."""
    engine.behaviour(Behaviour(), container="m.db")
    async with client_of(engine, {"db": {"create_options": options}}) as client:
        await client.startup("db")
        settled = await client.plan("update", "db")

    assert settled.is_empty


async def test_aliases_that_a_connection_lacks_are_given_to_it(engine: EmbeddedEngine) -> None:
    """BUG-40: a crash."""
    landscape = {"networks": {"n": None}, "web": {"networks": {"n": "www"}}}
    async with client_of(engine, landscape) as client:
        await client.startup("web")
        before = (engine.container("m.web") or {})["Id"]
        await somebody_calls(engine, "networks/m.n/disconnect", {"Container": "m.web"})
        await somebody_calls(
            engine,
            "networks/m.n/connect",
            {"Container": "m.web", "EndpointConfig": {"Aliases": None}},
        )
        report = await client.update("web")

    found = engine.container("m.web") or {}
    assert found["Id"] == before
    assert "www" in found["NetworkSettings"]["Networks"]["m.n"]["Aliases"]
    assert len(report.plan.steps) >= 1


async def test_a_volume_that_differs_is_told_and_made_anew_only_when_asked(
    engine: EmbeddedEngine,
) -> None:
    """BUG-41: an update failed each time, as the engine removes no volume that is mounted."""

    def site(size: int) -> dict[str, Any]:
        options = {"type": "tmpfs", "device": "tmpfs", "o": f"size={size}"}
        return {
            "volumes": {"v": {"default_path": "/v", "driver_options": options}},
            "db": {"attaches": "v"},
            "web": {"uses": "v"},
        }

    async with client_of(engine, site(1)) as client:
        await client.startup("web")
        client.set_map(client_of(engine, site(2)).maps["m"])
        told = await client.plan("update", "web")
        volume = {"config_type": "volume", "config_name": "db", "instance_names": ["v"]}
        report = await client.update("web", force_update=[volume])
        settled = await client.plan("update", "web")

    assert told.is_empty
    assert any("m.v" in note for note in told.notes)
    assert report.ok
    assert (engine.volume("m.v") or {})["Options"]["o"] == "size=2"
    assert settled.is_empty


async def test_all_members_of_a_network_that_is_made_anew_are_connected_again(
    engine: EmbeddedEngine,
) -> None:
    """BUG-42: those that the update was not about lost their connections."""

    def site(*, internal: bool) -> dict[str, Any]:
        networks = {"n": {"internal": internal}}
        return {"networks": networks, "web": {"networks": "n"}, "other": {"networks": {"n": "al"}}}

    async with client_of(engine, site(internal=False)) as client:
        await client.startup("__all__")
        client.set_map(client_of(engine, site(internal=True)).maps["m"])
        await client.update("web")

    assert (engine.network("m.n") or {})["Internal"] is True
    for name in ("m.web", "m.other"):
        networks = (engine.container(name) or {})["NetworkSettings"]["Networks"]
        assert list(networks) == ["m.n"]
    assert (
        "al" in (engine.container("m.other") or {})["NetworkSettings"]["Networks"]["m.n"]["Aliases"]
    )


@pytest.mark.parametrize("verb", ["stop", "shutdown", "restart"])
@pytest.mark.parametrize("state", [RunState.PAUSED, RunState.RESTARTING])
async def test_paused_and_restarting_containers_count_as_running(
    verb: str, state: RunState, engine: EmbeddedEngine
) -> None:
    """BUG-49: they were not recognised. EXEC-6: no command is run in them."""
    if state is RunState.RESTARTING:
        engine.behaviour(Behaviour(ends_after=3, exit_code=1), container="m.db")
    policy = {"restart_policy": {"Name": "always"}}
    async with client_of(
        engine, {"db": {"host_config": policy, "exec_commands": "/bin/true"}}
    ) as client:
        await client.startup("db")
        if state is RunState.PAUSED:
            await somebody_calls(engine, "containers/m.db/pause", None)
        else:
            await anyio.sleep(60)  # the pauses before it starts again have grown
        before = await state_of(client, "db")
        update = await client.plan("update", "db")
        engine.behaviour(PROMPT, container="m.db")
        report = await client.call(verb, "db")
        after = await state_of(client, "db")

    assert before is state
    assert not any(line.startswith("exec") for line in steps_of(update))
    assert report.ok
    assert after is {"stop": RunState.EXITED, "shutdown": None, "restart": RunState.RUNNING}[verb]


async def test_options_that_are_callables_hold_through_inheritance_and_update(
    engine: EmbeddedEngine,
) -> None:
    """BUG-54: a crash."""
    limits = {"mem_limit": "64m"}
    landscape = {
        "base": {
            "abstract": True,
            "create_options": lambda: {"environment": {"A": lazy(str, 1)}},
            "host_config": lambda: limits,
        },
        "db": {"extends": "base", "create_options": {"labels": {"own": "yes"}}},
    }
    async with client_of(engine, landscape) as client:
        await client.startup("db")
        settled = await client.plan("update", "db")
        limits["mem_limit"] = "128m"
        changed = await client.update("db")

    assert "A=1" in config_of(engine, "m.db")["Env"]
    assert settled.is_empty
    assert [line.partition(" (")[0] for line in steps_of(changed.plan)] == [
        "update container m.db live"
    ]
    assert host_config_of(engine, "m.db")["Memory"] == 128 * 1024**2


async def test_a_failure_while_looking_keeps_what_was_done_before(engine: EmbeddedEngine) -> None:
    """BUG-60, ERR-3: the results of pulls were lost when the look after them failed."""
    engine.registry.publish(IMAGE, EmbeddedImage(revision="2"))
    watched = WatchedTransport(engine.transport())

    async def go_blind(call: ApiRequest) -> None:
        if call.path == "images/create":
            engine.fail("GET /containers/json", Reject(500, "database is locked"))

    watched.after = go_blind
    async with MapClient(
        ContainerMap("m", {"db": {"image": IMAGE}}), default_client=watched
    ) as client:
        with pytest.raises(AioDockMapError) as caught:
            await client.update("db", pull_before_update=True)

    assert "database is locked" in str(caught.value)
    [before] = caught.value.rounds
    assert [each.action for each in before.results] == ["pull"]


@pytest.mark.parametrize("user", ["1000", 1000, "1000:1000", None])
async def test_commands_are_recognised_whoever_runs_them(
    user: str | int | None, engine: EmbeddedEngine
) -> None:
    """BUG-62: users were compared by their names on the host."""
    owner = {} if user is None else {"user": user}
    command = {"cmd": "/bin/sleep 500", "detach": True}
    async with client_of(engine, {"db": {**owner, "exec_commands": [command]}}) as client:
        await client.startup("db")
        settled = await client.plan("update", "db")
        await anyio.sleep(501)
        ended = await client.plan("update", "db")

    assert settled.is_empty
    assert [line.partition(" ")[0] for line in steps_of(ended)] == ["exec"]


@pytest.mark.parametrize("is_removed", [True, False])
async def test_containers_are_linked_again_when_their_target_is_another(
    *, is_removed: bool, engine: EmbeddedEngine
) -> None:
    """BUG-64: nobody noticed, and the linking container could not be started again."""
    async with client_of(engine, {"db": {}, "web": {"links": "db"}}) as client:
        await client.startup("web")
        before = (engine.container("m.web") or {})["Id"]
        if is_removed:
            await somebody_calls(engine, "containers/m.db", None, method="DELETE", force="true")
            await client.update("web")
        else:
            await client.update("web", force_update="db")
        settled = await client.plan("update", "web")
        await client.stop("__all__")
        report = await client.start("web")

    assert (engine.container("m.web") or {})["Id"] != before
    assert settled.is_empty
    assert report.ok
