"""What docker-map 1.1.1 does wrong when it carries out actions, by its register of defects: here it works.

Each test does with the public interface what made docker-map fail, on the embedded engine, whose clock
jumps. The numbers are those of the register; defects of how maps are read are shown in `tests/config`.
BUG-58 is about docker-map's own tests, and BUG-59 about the releases of Python on which it cannot be
imported: that these tests run is the answer.
"""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from run_partners import WatchedTransport
from sites import (
    IMAGE,
    PROMPT,
    calls_of,
    client_of,
    config_of,
    host_config_of,
    somebody_calls,
    state_of,
    steps_of,
)

from aiodockmap import (
    ClientConfiguration,
    ContainerMap,
    MapClient,
    OptionError,
    RunState,
    SelectionError,
)
from aiodockmap.engine import ApiRequest
from aiodockmap.testing import Behaviour, EmbeddedEngine, EmbeddedImage


async def test_startup_has_nothing_to_do_with_what_is_there(engine: EmbeddedEngine) -> None:
    """BUG-1: images were pulled and networks created by every `startup`."""
    engine.registry.publish("other:1", EmbeddedImage(behaviour=PROMPT))
    async with client_of(
        engine, {"networks": {"net": None}, "web": {"image": "other:1", "networks": "net"}}
    ) as client:
        first = await client.startup("web")
        await client.stop("web")
        second = await client.startup("web")
        third = await client.startup("web")

    assert {"pull image other:1", "create network m.net"} <= set(steps_of(first.plan))
    assert steps_of(second.plan) == ["start container m.web"]
    assert third.plan.is_empty


async def test_startup_creates_anew_what_cannot_recover_and_what_lacks_its_volume(
    engine: EmbeddedEngine,
) -> None:
    """BUG-2: it started whatever existed."""
    engine.behaviour(Behaviour(ends_after=1, exit_code=42), container="m.app")
    landscape = {"volumes": {"data": "/data"}, "app": {}, "db": {"attaches": "data"}}
    async with client_of(engine, landscape) as client:
        await client.startup("__all__")
        await client.stop("db")
        await anyio.sleep(2)
        engine.behaviour(PROMPT, container="m.app")
        plan = await client.plan("startup", "app", nonrecoverable_exit_codes=[42])
        starting = await client.plan("startup", "app")

    assert "create container m.app as m.app.aiodockmap-new" in steps_of(plan)
    assert steps_of(starting) == ["start container m.app"]


@pytest.mark.parametrize("attached", [True, False])
async def test_remove_attached_removes_the_volumes_of_selected_containers(
    *, attached: bool, engine: EmbeddedEngine
) -> None:
    """BUG-6: it had no effect."""
    landscape = {"volumes": {"data": "/data"}, "db": {"attaches": "data"}}
    async with client_of(engine, landscape) as client:
        await client.startup("db")
        await client.shutdown("db", remove_attached=attached)

    assert engine.container_names() == []
    assert engine.volume_names() == ([] if attached else ["m.data"])


@pytest.mark.parametrize("verb", ["remove", "shutdown"])
async def test_volumes_networks_and_images_that_are_selected_go_as_they_should(
    verb: str, engine: EmbeddedEngine
) -> None:
    """BUG-7: volumes went unasked, networks without disconnecting, images raised. BUG-9: a crash."""
    landscape = {
        "volumes": {"data": "/data"},
        "networks": {"net": None},
        "db": {"attaches": "data", "networks": "net"},
    }
    volume = {"config_type": "volume", "config_name": "db", "instance_names": ["data"]}
    network = {"config_type": "network", "config_name": "net"}
    image = {"config_type": "image", "config_name": "site-example", "instance_names": ["latest"]}
    async with client_of(engine, landscape) as client:
        await client.startup("db")
        async with client_of(engine, {"guest": {"network_mode": "bridge"}}) as other:
            other.set_map(ContainerMap("g", {"guest": {"image": IMAGE}}))
            await other.startup("g.guest")
        await somebody_calls(engine, "networks/m.net/connect", {"Container": "g.guest"})
        await client.call(verb, [image])
        await client.stop("db")
        await client.call(verb, [volume])
        with_volume = engine.volume_names()
        await client.call(verb, [network])
        await client.call(verb, ["db", volume], remove_attached=True)

    assert with_volume == ["m.data"]
    assert engine.network_names() == []
    assert engine.volume_names() == []
    assert engine.container_names() == ["g.guest"]


async def test_shutdown_stops_persistent_containers_that_stay(engine: EmbeddedEngine) -> None:
    """BUG-8: it tried to remove them while they ran."""
    async with client_of(engine, {"db": {"persistent": True}}) as client:
        await client.startup("db")
        await client.shutdown("db", remove_persistent=False)
        again = await client.plan("shutdown", "db", remove_persistent=False)
        state = await state_of(client, "db")

    assert state is RunState.EXITED
    assert again.is_empty


@pytest.mark.parametrize("verb", ["stop", "restart", "signal", "shutdown"])
async def test_containers_that_have_ended_get_no_signal(verb: str, engine: EmbeddedEngine) -> None:
    """BUG-10, STOP-7: the engine refused the signal of theirs, and the action failed."""
    async with client_of(engine, {"db": {"stop_signal": "SIGINT"}}) as client:
        await client.startup("db")
        await client.stop("db")
        before = len(engine.calls)
        report = await client.call(verb, "db")

    assert report.ok
    assert {call.split()[0] for call in calls_of(engine, before)}.isdisjoint({"stop", "kill"})


async def test_a_container_that_ignores_its_stop_signal_is_killed(engine: EmbeddedEngine) -> None:
    """BUG-11: the action failed when its time was over."""
    engine.behaviour(Behaviour(), container="m.db")
    async with client_of(engine, {"db": {"stop_signal": "SIGINT", "stop_timeout": 3}}) as client:
        await client.startup("db")
        before = anyio.current_time()
        report = await client.stop("db")
        took = anyio.current_time() - before
        [status] = await client.status("db")

    assert report.ok
    assert status.exit_code == 137
    assert 3 <= took < 5


async def test_keywords_of_start_are_applied_or_refused(engine: EmbeddedEngine) -> None:
    """BUG-13: they were dropped without a word."""
    async with client_of(engine, {"db": {}}) as client:
        await client.create("db")
        with pytest.raises(OptionError, match="working_dir"):
            await client.start("db", working_dir="/")
        refused = await state_of(client, "db")
        await client.start("db", restart_policy={"Name": "always"})

    assert refused is RunState.INITIAL
    assert host_config_of(engine, "m.db")["RestartPolicy"]["Name"] == "always"


@pytest.mark.parametrize(
    ("verb", "option"),
    [
        ("stop", {"nonrecoverable_exit_codes": [1]}),
        ("script", {"update_persistent": True}),
        ("start", {"check_exec_commands": "none"}),
        ("create", {"nonrecoverable_exit_codes": [1]}),
        ("remove", {"pull_before_update": True}),
        ("signal", {"timeout": 3}),
    ],
)
async def test_options_of_one_action_do_not_reach_the_calls_of_another(
    verb: str, option: dict[str, Any], engine: EmbeddedEngine
) -> None:
    """BUG-14: the engine's client failed for them, in the middle of an action."""
    async with client_of(engine, {"db": {}}) as client:
        with pytest.raises(OptionError, match=f"{next(iter(option))!r}|{next(iter(option))}"):
            await client.call(verb, "db", **option)
        told = calls_of(engine)
    async with client_of(engine, {"db": {}}, option_defaults=option) as client:
        report = await client.call(
            verb, "db", **({"command_format": "true"} if verb == "script" else {})
        )

    assert told == []
    assert report.ok


@pytest.mark.parametrize("verb", ["start", "startup", "update"])
async def test_persistent_containers_that_have_ended_are_left_alone(
    verb: str, engine: EmbeddedEngine
) -> None:
    """BUG-16: they were started again. ACT-70: once is enough, for dependencies as well."""
    engine.behaviour(Behaviour(ends_after=0), container="m.data")
    landscape = {"data": {"persistent": True, "shares": "/data"}, "web": {"uses": "data"}}
    async with client_of(engine, landscape) as client:
        first = await client.startup("web")
        await client.stop("web")
        selected = await client.plan(verb, "data")
        needed = await client.plan(verb, "web")

    assert "start container m.data" in steps_of(first.plan)
    assert selected.is_empty
    assert steps_of(needed) == ["start container m.web"]


async def test_initial_commands_run_after_the_first_start_only(engine: EmbeddedEngine) -> None:
    """OPTN-14, BUG-17: they ran at every start."""
    commands = [["/bin/true", None, "initial"], ["/bin/echo again", None, "restart"]]
    async with client_of(engine, {"db": {"exec_commands": commands}}) as client:
        first = await client.startup("db")
        later = []
        for verb in ("start", "startup", "update"):
            await client.stop("db")
            later.append((await client.call(verb, "db")).plan)
        later.append((await client.restart("db", restart_exec_commands=True)).plan)

    again = "exec /bin/echo in container m.db"
    assert [line for line in steps_of(first.plan) if line.startswith("exec")] == [
        "exec /bin/true in container m.db",
        again,
    ]
    for plan in later:
        assert [line for line in steps_of(plan) if line.startswith("exec")] == [again]


@pytest.mark.parametrize("selection", [["a", "b", "c"], ["c", "b", "a"], "__all__"])
@pytest.mark.parametrize("verb", ["create", "startup", "update"])
async def test_no_edge_is_violated_when_paths_meet(
    verb: str, selection: Any, engine: EmbeddedEngine
) -> None:
    """BUG-26, DEP-17: `b` was created before `p`."""
    landscape = {"p": {}, "a": {"links": "p"}, "b": {"links": "p"}, "c": {"links": "a"}}
    async with client_of(engine, landscape) as client:
        await client.call(verb, selection)
        await client.startup("__all__")
        before = len(engine.calls)
        await client.shutdown(selection)

    created = [
        call.name for call in engine.calls if call.call.startswith("POST /containers/create")
    ]
    removed = [call.name for call in engine.calls[before:] if call.call.startswith("DELETE")]
    for first, then in (("m.p", "m.a"), ("m.p", "m.b"), ("m.a", "m.c")):
        assert created.index(first) < created.index(then)
        assert removed.index(then) < (removed.index(first) if first in removed else len(removed))


@pytest.mark.parametrize("prepared", [True, False])
async def test_a_stopped_container_whose_volume_is_new_is_created_anew(
    *, prepared: bool, engine: EmbeddedEngine
) -> None:
    """BUG-2, BUG-31: it was left, or a crash."""
    owner = {"user": 2000} if prepared else {}
    landscape = {"volumes": {"v": "/v"}, "db": {"attaches": "v", **owner}}
    async with client_of(engine, landscape) as client:
        await client.startup("db")
        await client.stop("db")
        before = (engine.container("m.db") or {})["Id"]
        engine.world.volumes.pop("m.v")
        report = await client.startup("db")

    assert report.ok
    assert (engine.container("m.db") or {})["Id"] != before
    assert engine.volume_names() == ["m.v"]


@pytest.mark.parametrize("own", [None, 2])
async def test_the_stop_timeout_of_a_client_counts(own: int | None, engine: EmbeddedEngine) -> None:
    """BUG-32: it got lost when it was given at construction."""
    engine.behaviour(Behaviour(), container="m.db")
    configuration = ClientConfiguration(client=engine.transport(), stop_timeout=4)
    landscape = {"db": {"image": IMAGE, **({} if own is None else {"stop_timeout": own})}}
    async with MapClient(ContainerMap("m", landscape), default_client=configuration) as client:
        await client.startup("db")
        before = anyio.current_time()
        await client.stop("db")
        took = anyio.current_time() - before

    expected = own or 4
    assert expected <= took < expected + 1


async def test_selections_of_all_kinds_may_be_mixed(engine: EmbeddedEngine) -> None:
    """BUG-44: a crash. BUG-53: a volume without its alias was looked for under a nonsensical name."""
    landscape = {
        "volumes": {"v": "/v", "w": "/w"},
        "networks": {"n": None},
        "db": {"attaches": ["v", "w"]},
        "web": {},
    }
    selection = [
        "web",
        {"config_type": "network", "config_name": "n"},
        {"config_type": "volume", "config_name": "db"},
    ]
    async with client_of(engine, landscape) as client:
        report = await client.startup(selection)

    assert report.ok
    assert engine.volume_names() == ["m.v", "m.w"]
    assert engine.network_names() == ["m.n"]
    assert "m.web" in engine.container_names()


@pytest.mark.parametrize("verb", ["pull_images", "update"])
async def test_an_insecure_registry_is_no_business_of_a_pull(
    verb: str, engine: EmbeddedEngine
) -> None:
    """BUG-48: the option was misspelt. Here it is taken, and told to have no effect."""
    engine.registry.publish(IMAGE)
    async with client_of(engine, {"db": {}}) as client:
        report = await client.call(verb, "db", pull_insecure_registry=True)

    assert report.ok
    assert any("pull_insecure_registry has no effect" in note for note in report.plan.notes)


def test_persistent_resources_are_listed_by_their_names_on_engines() -> None:
    """BUG-34, API-13, ACT-73: the list was of names that no engine knew."""
    site = {
        "volumes": {"v": "/v"},
        "db": {"attaches": "v", "instances": ["one", "two"], "persistent": True},
        "web": {"uses": "v"},
        "base": {"abstract": True, "persistent": True},
    }
    other = {"use_attached_parent_name": True, "volumes": {"v": "/v"}, "db": {"attaches": "v"}}
    client = MapClient([ContainerMap("m", site), ContainerMap("a", other)])

    everything = client.persistent_resources()
    of_one = client.persistent_resources("m")
    with pytest.raises(SelectionError, match="'n'"):
        client.persistent_resources("n")

    assert [str(each) for each in everything] == [
        "volume a.db.v",
        "volume m.v",
        "container m.db.one",
        "container m.db.two",
    ]
    assert [each.name for each in of_one] == ["m.v", "m.db.one", "m.db.two"]


async def test_volumes_are_removed_without_what_they_were_created_with(
    engine: EmbeddedEngine,
) -> None:
    """BUG-50: removal was built from the arguments of creation."""
    options = {"type": "tmpfs", "device": "tmpfs"}
    landscape = {
        "volumes": {"v": {"default_path": "/v", "driver_options": options}},
        "db": {"attaches": "v"},
    }
    watched = WatchedTransport(engine.transport())
    async with MapClient(
        ContainerMap("m", {**landscape, "db": {"image": IMAGE, "attaches": "v"}}),
        default_client=watched,
    ) as client:
        await client.startup("db")
        await client.shutdown("db", remove_attached=True)

    [removal] = [
        call for call in watched.calls if (call.method, call.path) == ("DELETE", "volumes/m.v")
    ]
    assert not removal.body
    assert engine.volume_names() == []


@pytest.mark.parametrize("verb", ["stop", "shutdown", "restart", "remove"])
async def test_what_is_gone_by_then_is_no_error(verb: str, engine: EmbeddedEngine) -> None:
    """BUG-57: 404 was an error of a stop, and of a removal with some clients."""
    async with client_of(engine, {"db": {}}) as client:
        await (client.create if verb == "remove" else client.startup)("db")
        watched = WatchedTransport(engine.transport())

    async def vanish(call: ApiRequest) -> None:
        if call.path.endswith(("/stop", "containers/m.db")) and call.method != "GET":
            await somebody_calls(engine, "containers/m.db", None, method="DELETE", force="true")

    watched.before = vanish
    async with MapClient(
        ContainerMap("m", {"db": {"image": IMAGE}}), default_client=watched
    ) as client:
        report = await client.call(verb, "db", raise_on_error=False)

    stopped_or_removed = report.plan.steps[0]
    assert report.outcome_name(stopped_or_removed) == "succeeded"
    assert report.ok is (verb != "restart")


async def test_commands_that_stay_may_be_left_to_themselves(engine: EmbeddedEngine) -> None:
    """BUG-61: they held up everything without a limit. EXEC-4."""
    landscape = {
        "db": {"exec_commands": [{"cmd": "/bin/sleep 500", "detach": True}]},
        "other": {"exec_commands": ["/bin/sleep 500"]},
        "web": {"links": "db"},
    }
    async with client_of(engine, landscape) as client:
        before = anyio.current_time()
        await client.startup("web")
        detached = anyio.current_time() - before
        settled = await client.plan("update", "db")
        await client.startup("other")
        waited = anyio.current_time() - before

    assert detached < 60
    assert settled.is_empty
    assert waited >= 500


DIAMOND = {
    "volumes": {"v": "/v"},
    "networks": {"n": None},
    "base": {"attaches": "v", "networks": "n"},
    "left": {"networks": [{"n": {"links": ["base"]}}]},
    "right": {"uses": "v"},
    "top": {"networks": [{"n": {"links": ["left", "right"]}}], "image": "other:1"},
}


@pytest.mark.parametrize(
    ("verb", "selection", "touched"),
    [
        pytest.param("create", "left", {"v", "n", "base", "left"}, id="DEP-19-create"),
        pytest.param(
            "startup", ["base", "top"], {"v", "n", *["base", "left", "right", "top"]}, id="DEP-16"
        ),
        pytest.param("update", "right", {"v", "n", "base", "right"}, id="DEP-19-update"),
        pytest.param("script", "right", {"v", "n", "base", "right"}, id="DEP-19-script"),
    ],
)
async def test_actions_that_build_up_take_in_what_is_needed_once(
    verb: str, selection: str | list[str], touched: set[str], engine: EmbeddedEngine
) -> None:
    """DEP-16, DEP-18, DEP-19."""
    engine.registry.publish("other:1", EmbeddedImage(behaviour=PROMPT))
    async with client_of(engine, DIAMOND) as client:
        plan = await client.plan(verb, selection)

    made = [
        step.resource.name.removeprefix("m.")
        for step in plan.steps
        if str(step).partition(" ")[2].startswith("create")
    ]
    assert sorted(made) == sorted(touched)


@pytest.mark.parametrize(
    ("verb", "touched"),
    [
        pytest.param("stop", ["top", "left"], id="stop"),
        pytest.param("shutdown", ["top", "left"], id="shutdown"),
        pytest.param("restart", ["left"], id="restart"),
        pytest.param("signal", ["left"], id="signal"),
        pytest.param("pull_images", ["site-example:latest"], id="pull_images"),
    ],
)
async def test_other_actions_take_in_what_depends_or_nothing(
    verb: str, touched: list[str], engine: EmbeddedEngine
) -> None:
    """DEP-14: outermost first, and only containers. DEP-19."""
    engine.registry.publish("other:1", EmbeddedImage(behaviour=PROMPT))
    engine.registry.publish(IMAGE)
    async with client_of(engine, DIAMOND) as client:
        await client.startup("top")
        plan = await client.plan(verb, "left")

    order = dict.fromkeys(step.resource.name.removeprefix("m.") for step in plan.steps)
    assert list(order) == touched


async def test_what_is_selected_and_needed_by_another_is_still_selected(
    engine: EmbeddedEngine,
) -> None:
    """DEP-18: keywords reach it; docker-map took it for a mere dependency."""
    async with client_of(
        engine, {"db": {}, "web": {"links": "db"}, "top": {"links": "web"}}
    ) as client:
        await client.create(["top", "web"], labels={"by": "call"})

    has_label = {
        name: "by" in config_of(engine, f"m.{name}")["Labels"] for name in ("db", "web", "top")
    }
    assert has_label == {"db": False, "web": True, "top": True}
