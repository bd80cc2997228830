"""What `run_script` does to its container and its steps, on an engine in memory."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from aiodockmap import (
    ClientConfiguration,
    ContainerMap,
    MapClient,
    OptionError,
    PlanOutdated,
    Relation,
)
from aiodockmap.client._settings import RunSettings
from aiodockmap.errors import (
    ActionRunnerError,
    ActionTypeError,
    PlanningError,
    ResourceConflict,
    ScriptActionError,
    SelectionError,
)
from aiodockmap.plan import AwaitScript, CopyIntoContainer, CreateContainer, Plan, describe
from aiodockmap.testing import Behaviour, DropBefore, EmbeddedEngine, Reject

IMAGE = "site-example:latest"
LANDSCAPE: dict[str, Any] = {
    "db": {"image": IMAGE, "exec_commands": ["/bin/true"], "start_delay": 0.01},
    "job": {
        "image": IMAGE,
        "links": ["db"],
        "networks": ["front", "back"],
        "exec_commands": ["/bin/true"],
        "start_delay": 0.01,
        "create_options": {"entrypoint": ["/bin/old"], "command": ["/bin/sleep", "1000"]},
        "host_config": {"restart_policy": {"Name": "always"}},
    },
    "many": {"image": IMAGE, "instances": ["one", "two"]},
    "networks": {"front": None, "back": None},
}
SLEEPER = {
    "job": {
        "image": IMAGE,
        "create_options": {"command": "sleep 1000"},
        "stop_signal": "SIGKILL",
    }
}


@pytest.fixture
def engine() -> EmbeddedEngine:
    return EmbeddedEngine()


def client_of(engine: EmbeddedEngine, landscape: Any = LANDSCAPE, **settings: Any) -> MapClient:
    return MapClient(ContainerMap("site", landscape), default_client=engine.transport(), **settings)


async def planned(engine: EmbeddedEngine, **options: Any) -> Plan:
    async with client_of(engine) as client:
        return await client.plan("script", "job", **options)


def body_of(plan: Plan) -> Any:
    """The body of the script's own container, which comes last."""
    return [it.action for it in plan.steps if isinstance(it.action, CreateContainer)][-1].body


@pytest.fixture
def run_sh(tmp_path: Path) -> Path:
    script = tmp_path / "job" / "run.sh"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\n")
    return script


async def test_a_script_file_is_mounted_with_its_folder(
    engine: EmbeddedEngine, run_sh: Path
) -> None:
    """SCR-2, SCR-3, SCR-4, SCR-30, KW-3."""
    plan = await planned(
        engine, script_path=run_sh, entrypoint="/bin/sh", command_format=["-c", "{script_path}"]
    )

    body = body_of(plan)
    assert body["HostConfig"]["Binds"] == [f"{run_sh.parent}:/tmp/script_run:rw"]
    assert "/tmp/script_run" in body["Volumes"]
    assert body["Entrypoint"] == ["/bin/sh"]
    assert body["Cmd"] == ["-c", "/tmp/script_run/run.sh"]


async def test_without_a_script_nothing_is_mounted_and_the_command_is_unchanged(
    engine: EmbeddedEngine,
) -> None:
    """SCR-31, SCR-5."""
    command = ["-p", "{script_path}", "{other}", "100%"]
    plan = await planned(engine, entrypoint="mysqladmin", command_format=command)

    body = body_of(plan)
    assert "Binds" not in body["HostConfig"]
    assert (body["Entrypoint"], body["Cmd"]) == (["mysqladmin"], command)


async def test_a_script_folder_is_mounted_itself(engine: EmbeddedEngine, run_sh: Path) -> None:
    """SCR-2, SCR-5, SCR-32."""
    plan = await planned(
        engine, script_path=run_sh.parent, command_format="import {script_path}/a.sql {x}"
    )

    body = body_of(plan)
    assert body["HostConfig"]["Binds"] == [f"{run_sh.parent}:/tmp/script_run:rw"]
    assert body["Cmd"] == ["import", "/tmp/script_run/a.sql", "{x}"]


async def test_the_place_in_the_container_can_be_chosen(
    engine: EmbeddedEngine, run_sh: Path
) -> None:
    """SCR-8, SCR-33."""
    plan = await planned(
        engine,
        script_path=str(run_sh),
        entrypoint="/bin/sh",
        command_format=["-c", "{script_path}"],
        container_script_dir="/job",
    )

    body = body_of(plan)
    assert body["HostConfig"]["Binds"] == [f"{run_sh.parent}:/job:rw"]
    assert body["Cmd"] == ["-c", "/job/run.sh"]


async def test_a_path_with_spaces_stays_one_argument(
    engine: EmbeddedEngine, tmp_path: Path
) -> None:
    plan = await planned(
        engine, script_path=tmp_path / "my script", command_format="sh {script_path} it"
    )

    assert body_of(plan)["Cmd"] == ["sh", "/tmp/script_run/my script", "it"]


async def test_another_host_may_have_a_script_that_this_one_has_not(
    engine: EmbeddedEngine, tmp_path: Path
) -> None:
    """SCR-2: a socket may lead to another machine's engine, or out of a container."""
    async with engine.serve(tmp_path / "docker.sock") as url:
        there = ClientConfiguration(base_url=url)
        async with MapClient(ContainerMap("site", LANDSCAPE), default_client=there) as client:
            plan = await client.plan("script", "job", script_path="/there/run.sh")

    assert body_of(plan)["HostConfig"]["Binds"] == ["/there:/tmp/script_run:rw"]


async def test_what_is_not_given_stays_as_configured(engine: EmbeddedEngine) -> None:
    """SCR-3, SCR-4."""
    body = body_of(await planned(engine))

    assert (body["Entrypoint"], body["Cmd"]) == (["/bin/old"], ["/bin/sleep", "1000"])


async def test_a_script_runs_once_and_stays_until_its_end_was_seen(engine: EmbeddedEngine) -> None:
    host = body_of(await planned(engine))["HostConfig"]

    assert host["RestartPolicy"] == {"Name": "no"}
    assert host["AutoRemove"] is False


async def test_the_plan_goes_from_the_first_dependency_to_the_removal(
    engine: EmbeddedEngine, run_sh: Path
) -> None:
    """SCR-13, SCR-14, ACT-12, NET-9."""
    plan = await planned(engine, script_path=run_sh, script_transfer="copy", wait_timeout=5)

    steps = [describe(step.action, step.resource) for step in plan.steps]
    assert [step for step in steps if "site.job" in step] == [
        "create container site.job",
        "connect container site.job to network site.back",
        f"copy {run_sh} to /tmp/script_run in container site.job",
        "start container site.job",
        "wait 0.01 s for container site.job",
        "wait for the end of container site.job for 5 s at most, and read its output",
        "remove container site.job",
    ]
    assert "exec /bin/true in container site.db" in steps
    assert all(step.reasons for step in plan.steps)
    [created] = [it for it in plan.steps if str(it).endswith("create container site.job")]
    assert plan.steps[-1].cleans_up == created.id


async def test_absent_images_are_pulled(engine: EmbeddedEngine) -> None:
    """PULL-7, SCR-24, BUG-30."""
    engine.registry.publish("job:1")

    async with client_of(engine, {"job": {"image": "job:1"}}) as client:
        result = await client.run_script("job", command_format="echo hello")

    assert result["__default__"]["log"] == "hello\n"


@pytest.mark.parametrize(
    ("options", "stop_timeout", "settings", "expected"),
    [
        pytest.param({"wait_timeout": 1}, 2, {"wait_timeout": 3, "timeout": 4}, 1, id="keyword"),
        pytest.param({}, 2, {"wait_timeout": 3, "timeout": 4}, 2, id="container"),
        pytest.param({}, None, {"wait_timeout": 3, "timeout": 4}, 3, id="wait-timeout"),
        pytest.param({}, None, {"timeout": 4}, 4, id="timeout"),
        pytest.param({}, None, {}, None, id="none"),
    ],
)
async def test_the_patience_is_the_nearest_that_is_set(
    engine: EmbeddedEngine,
    options: dict[str, Any],
    stop_timeout: int | None,
    settings: dict[str, Any],
    expected: float | None,
) -> None:
    """SCR-7, CLI-7."""
    landscape = {"job": {"image": IMAGE, "stop_timeout": stop_timeout}}
    source = ClientConfiguration(client=engine.transport(), **settings)
    async with MapClient(ContainerMap("site", landscape), default_client=source) as client:
        plan = await client.plan("script", "job", **options)

    [wait] = [it.action for it in plan.steps if isinstance(it.action, AwaitScript)]
    assert wait.timeout == expected


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"command": "x"}, OptionError, "takes no option 'command'"),
        ({"force_update": ["job"]}, OptionError, "takes no option 'force_update'"),
        ({"command_format": 5}, ValueError, "a text, or a list of texts, not int"),
        ({"command_format": ["a", 5]}, ValueError, "a text, or a list of texts"),
        ({"command_format": "it's"}, PlanningError, "No closing quotation"),
        ({"script_path": 5}, PlanningError, "named by its path"),
        ({"script_path": ""}, PlanningError, "named by its path"),
        (
            {"script_path": "/" + "s" * 300},
            PlanningError,
            "cannot be looked at: File name too long",
        ),
        ({"script_path": "/a:b/c"}, PlanningError, "colon; use script_transfer='copy'"),
        ({"script_path": "/no/s", "script_transfer": "copy"}, PlanningError, "there is no /no/s"),
        ({"script_transfer": "cpoy"}, PlanningError, "did you mean 'copy'"),
        ({"container_script_dir": "job"}, PlanningError, "absolute path"),
        ({"wait_timeout": -1}, OptionError, "seconds above 0"),
        ({"tail": "many"}, OptionError, "number of lines or 'all'"),
        ({"remove_created_after": "no"}, OptionError, "remove_created_after"),
    ],
)
async def test_wrong_arguments_are_refused_before_anything_happens(
    engine: EmbeddedEngine, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    """SCR-6, SCR-22, KW-12."""
    async with client_of(engine) as client:
        with pytest.raises(error, match=message):
            await client.run_script("job", **options)

    assert engine.calls == []


async def test_a_script_is_about_one_configuration_and_at_most_one_instance(
    engine: EmbeddedEngine,
) -> None:
    """SCR-15."""
    async with client_of(engine) as client:
        with pytest.raises(SelectionError, match=r"chosen: site\.db, site\.job"):
            await client.run_script(["job", "db"])
        with pytest.raises(OptionError, match="the name of one"):
            await client.run_script("many", ["one", "two"])  # type: ignore[arg-type]
    assert engine.calls == []


async def test_a_script_is_run_in_nothing_but_a_container(engine: EmbeddedEngine) -> None:
    """ERR-5."""
    async with client_of(engine) as client:
        with pytest.raises(ActionTypeError, match=r"'run_script' .* not on network site\.front"):
            await client.run_script({"config_type": "network", "config_name": "front"})
    assert engine.calls == []


async def test_each_of_several_instances_has_a_result(engine: EmbeddedEngine) -> None:
    """SCR-15, API-6."""
    command = {"command_format": "echo it"}
    async with client_of(engine) as client:
        both = await client.run_script("many", **command)
        one = await client.run_script("many", "two", "site", **command)
        same = await client.run_script("many", instance="two", map_name="site", **command)

    logs = {name: dict(each) for name, each in dict(both["__default__"]).items()}  # type: ignore[call-overload]
    assert {name: each["log"] for name, each in logs.items()} == {"one": "it\n", "two": "it\n"}
    assert one["__default__"]["log"] == same["__default__"]["log"] == "it\n"


async def test_all_engines_of_a_map_run_the_script_side_by_side() -> None:
    """SCR-21."""
    engines = {"left": EmbeddedEngine(), "right": EmbeddedEngine()}
    for engine in engines.values():
        engine.behaviour(Behaviour(stdout="ready\n", ends_after=0.2))
    landscape = ContainerMap("site", {"job": {"image": IMAGE}, "clients": ["left", "right"]})
    clients = {name: engine.transport() for name, engine in engines.items()}

    async with MapClient(landscape, clients) as client, client.stream_script("job") as script:
        ready = {(await anext(script)).engine, (await anext(script)).engine}
        running = [engine.container_names() for engine in engines.values()]
        rest = [line async for line in script]

    assert (ready, rest) == ({"left", "right"}, [])
    assert running == [["site.job"], ["site.job"]]
    assert {name: found["exit_code"] for name, found in script.results.items()} == {
        "left": 0,
        "right": 0,
    }
    assert all(engine.container_names() == [] for engine in engines.values())


async def test_each_engine_has_a_result_also_if_it_fails_or_is_left_out() -> None:
    """SCR-20, SCR-21."""
    engines = {name: EmbeddedEngine() for name in ("well", "gone", "full")}
    engines["gone"].fail("*", DropBefore())
    engines["full"].fail("POST /containers/*/start", Reject(500, "no space left"))
    job = {"image": IMAGE, "instances": ["one", "two"]}
    landscape = ContainerMap("site", {"job": job, "clients": list(engines)})
    clients = {name: engine.transport() for name, engine in engines.items()}

    async with MapClient(landscape, clients) as client:
        echo: Any = {"command_format": "echo it", "raise_on_error": False}
        one: Any = await client.run_script("job", "one", **echo)
        both: Any = await client.run_script("job", **echo)

    assert set(one) == set(both) == set(engines)
    assert one["well"]["exit_code"] == both["well"]["two"]["exit_code"] == 0
    for name, words in {"gone": "cannot reach|connection", "full": "no space left"}.items():
        for result in (one[name], both[name]["one"], both[name]["two"]):
            assert set(result) == {"id", "error"}
            assert re.search(words, result["error"])


@pytest.mark.parametrize("state", ["initial", "exited", "running"])
async def test_a_namesake_is_in_the_way_unless_it_is_to_be_removed(
    engine: EmbeddedEngine, state: str
) -> None:
    """SCR-10, SCR-11, ERR-7, ACT-11."""
    async with client_of(engine, SLEEPER) as client:
        await client.create("job")
        if state != "initial":
            await client.start("job")
        if state == "exited":
            await client.stop("job", timeout=0)
        before = len(engine.calls)
        with pytest.raises(
            ScriptActionError, match=rf"site\.job already \({state}\), which is not a script's"
        ):
            await client.run_script("job", command_format="echo it")
        assert {call.call.split()[0] for call in engine.calls[before:]} <= {"GET", "HEAD"}
        result = await client.run_script(
            "job", command_format="echo it", remove_existing_before=True
        )

    assert result["__default__"]["log"] == "it\n"
    assert engine.container_names() == []


async def test_a_namesake_that_comes_meanwhile_is_left_alone(engine: EmbeddedEngine) -> None:
    """Not even one from the same map is taken for the script's own, nor removed."""
    async with client_of(engine, SLEEPER) as client, client_of(engine, SLEEPER) as other:
        planned = await client.plan("script", "job", command_format="echo it")
        await other.create("job")
        with pytest.raises(ActionRunnerError) as failed:
            await client._runs.carry_out(planned, RunSettings())

    [cause] = failed.value.exceptions
    assert isinstance(cause, ResourceConflict)

    assert engine.container_names() == ["site.job"]


@pytest.mark.parametrize("verb", ["start", "restart", "startup", "update"])
async def test_what_a_script_left_is_never_run_again(engine: EmbeddedEngine, verb: str) -> None:
    """What stays is not the map's container: `startup` and `update` replace it."""
    async with client_of(engine, SLEEPER) as client:
        await client.run_script("job", command_format="echo it", remove_created_after=False)
        report = await getattr(client, verb)("job")
        after = engine.container("site.job") or {}

    if verb in {"start", "restart"}:
        assert after["State"]["Status"] == "exited"
        assert report.plan.notes == (
            "container site.job was left by a script, and is not started again: update replaces it",
        )
    else:
        assert after["Config"]["Cmd"] == ["sleep", "1000"]
        assert after["State"]["Running"]
        assert engine.container_names() == ["site.job"]


@pytest.mark.parametrize("verb", ["create", "start", "restart", "startup", "update"])
async def test_a_script_that_runs_on_is_left_alone(engine: EmbeddedEngine, verb: str) -> None:
    async with client_of(engine, SLEEPER) as client:
        await client.run_script("job", command_format="sleep 1000", wait_timeout=0.01)
        plan = await client.plan(verb, "job")

    assert plan.is_empty
    assert plan.notes == (
        "container site.job runs a script, and is left alone until that has ended",
    )
    assert [each.name for each in plan.scripts] == ["site.job"]


@pytest.mark.parametrize("has_ended", [True, False])
async def test_the_status_of_a_scripts_container_says_so(
    engine: EmbeddedEngine,
    has_ended: bool,  # noqa: FBT001
) -> None:
    """It has the name of the map's container, and is not that: neither current nor outdated."""
    options = {"remove_created_after": False} if has_ended else {"wait_timeout": 0.01}
    command = "echo it" if has_ended else "sleep 1000"
    async with client_of(engine, SLEEPER) as client:
        await client.run_script("job", command_format=command, **options)
        [quick] = await client.status("job")
        [compared] = await client.status("job", compare=True)
        explained = (await client.explain("job")).containers[0]
        await client.remove("job", force=True)
        await client.startup("job")
        [own] = await client.status("job", compare=True)

    assert quick.is_up is compared.is_up is not has_ended
    assert quick.relation is compared.relation is explained.relation is Relation.SCRIPT
    assert "of a script" in str(quick)
    assert compared.reasons == (("was left by a script",) if has_ended else ())
    running = ("runs a script, and is left alone until that has ended",)
    assert compared.notes == (() if has_ended else running)
    assert explained.remedy == ("would be replaced" if has_ended else "would be left alone")
    assert own.relation is Relation.CURRENT


async def test_a_plan_for_a_script_is_outdated_once_its_name_is_taken(
    engine: EmbeddedEngine,
) -> None:
    async with client_of(engine, SLEEPER) as client:
        plan = await client.plan("script", "job", command_format="echo it")
        await client.create("job")
        with pytest.raises(PlanOutdated, match="exists by now"):
            await client.apply(plan)


async def test_files_that_are_copied_need_no_mount(engine: EmbeddedEngine, run_sh: Path) -> None:
    plan = await planned(
        engine, script_path=run_sh, script_transfer="copy", command_format="{script_path}"
    )

    body = body_of(plan)
    assert "Binds" not in body["HostConfig"]
    assert body["Cmd"] == ["/tmp/script_run/run.sh"]
    [copy] = [it.action for it in plan.steps if isinstance(it.action, CopyIntoContainer)]
    assert copy == CopyIntoContainer(source=str(run_sh), target="/tmp/script_run")


async def test_defaults_of_the_client_count_for_scripts(
    engine: EmbeddedEngine, run_sh: Path
) -> None:
    """OPTN-1, SCR-12; the spelling of docker-map's list of options is known, too."""
    defaults = {"container_script_dir": "/job", "remove_existing_after": False}
    async with client_of(engine, option_defaults=defaults) as client:
        plan = await client.plan("script", "job", script_path=run_sh)

    assert body_of(plan)["HostConfig"]["Binds"] == [f"{run_sh.parent}:/job:rw"]
    assert isinstance(plan.steps[-1].action, AwaitScript)
