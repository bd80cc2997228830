"""What takes time or comes in pieces: both engines keep to it, in the words of `Engine`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from anyio import create_task_group, current_time, move_on_after
from attrs import evolve
from contract_partners import Partner

from aiodockmap.engine import ApiRequest, Engine
from aiodockmap.errors import ContainerFailed, EngineError, ResourceConflict, ResourceNotFound
from aiodockmap.model import DEFAULT_ENGINE, ResourceId, ResourceKind
from aiodockmap.state import ExecSpec, StopPolicy
from aiodockmap.testing import Behaviour

RESPONSIVE = ["/bin/sh", "-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.1; done"]


@pytest.fixture
async def engine(partner: Partner) -> AsyncIterator[Engine]:
    async with Engine.over("engine", partner.transport, owns_transport=False) as engine:
        await engine.connect()
        yield engine


@pytest.fixture
def container(partner: Partner) -> ResourceId:
    return ResourceId(DEFAULT_ENGINE, ResourceKind.CONTAINER, f"{partner.prefix}a")


def body(command: list[str] | None = None, **host_config: Any) -> Mapping[str, Any]:
    sent: dict[str, Any] = {"Image": "aiodockmap-test:latest", "HostConfig": host_config}
    return sent if command is None else {**sent, "Cmd": command}


async def log_line(partner: Partner, container: ResourceId) -> None:
    """Wait until a container has printed something, which is when it is ready."""
    request = ApiRequest(
        method="GET",
        path=f"containers/{container.name}/logs",
        query={"stdout": "1", "follow": "1"},
    )
    with move_on_after(10) as patience:
        async with partner.transport.stream(request) as answer:
            async for chunk in answer.chunks():
                if chunk:
                    break
    assert not patience.cancelled_caught


async def test_the_headers_of_a_wait_say_that_the_container_is_watched(
    engine: Engine, container: ResourceId
) -> None:
    await engine.create_container(container, body(["/bin/sh", "-c", "exit 3"]))

    async with engine.exit_of(container, container.name) as end:
        await engine.start_container(container, container.name)
        code = await end.code()

    assert code == 3


async def test_a_wait_ends_when_what_it_waits_for_is_removed(partner: Partner) -> None:
    await partner.ask("POST", "containers/create", body(), name="~a")
    request = ApiRequest(
        method="POST",
        path=f"containers/{partner.prefix}a/wait",
        query={"condition": "next-exit"},
        timeout=10,
    )

    async with partner.transport.stream(request) as answer:
        await partner.ask("DELETE", "containers/~a")
        ended = b"".join([chunk async for chunk in answer.chunks()])

    assert b'"StatusCode":0' in ended.replace(b" ", b"")


async def test_a_process_that_ignores_sigterm_is_killed_after_its_grace(
    engine: Engine, container: ResourceId
) -> None:
    await engine.create_container(container, body())
    await engine.start_container(container, container.name)
    began = current_time()

    stopped = await engine.stop_container(container, container.name, StopPolicy(grace=1))

    assert stopped
    assert 1.0 <= current_time() - began < 3.0
    seen = await engine.inspect_container(container, container.name)
    assert seen is not None
    assert seen.exit_code == 137


async def test_a_process_that_handles_sigterm_ends_by_itself(
    engine: Engine, partner: Partner, container: ResourceId
) -> None:
    await engine.create_container(container, body(RESPONSIVE))
    await engine.start_container(container, container.name)
    await log_line(partner, container)

    await engine.stop_container(container, container.name, StopPolicy(grace=20))

    seen = await engine.inspect_container(container, container.name)
    assert seen is not None
    assert seen.exit_code == 7


async def test_a_stop_goes_on_without_whoever_asked_for_it(
    engine: Engine, container: ResourceId
) -> None:
    await engine.create_container(container, body())
    await engine.start_container(container, container.name)

    async with engine.exit_of(container, container.name) as end:
        with move_on_after(0.3):
            await engine.stop_container(container, container.name, StopPolicy(grace=1))
        code = await end.code()

    assert code == 137


async def test_a_kill_ends_a_stop_that_waits(engine: Engine, container: ResourceId) -> None:
    await engine.create_container(container, body())
    await engine.start_container(container, container.name)
    began = current_time()

    async def stop() -> None:
        await engine.stop_container(container, container.name, StopPolicy(grace=20))

    async with create_task_group() as tasks:
        tasks.start_soon(stop)
        with move_on_after(0.3):
            async with engine.exit_of(container, container.name) as end:
                await end.code()
        await engine.kill_container(container, container.name, None)

    assert current_time() - began < 10


@pytest.mark.parametrize(
    ("command", "code"),
    [
        pytest.param(["true"], (0, 0), id="well"),
        pytest.param(["sh", "-c", "exit 4"], (4, 4), id="badly"),
        pytest.param(["nope"], (126, 127), id="not-there"),
        pytest.param(["/etc"], (126, 126), id="not-a-program"),
    ],
)
async def test_an_exec_is_over_when_its_command_is(
    engine: Engine,
    container: ResourceId,
    partner: Partner,
    command: list[str],
    code: tuple[int, int],
) -> None:
    await engine.create_container(container, body())
    await engine.start_container(container, container.name)

    result = await engine.run_exec(container, container.name, ExecSpec(argv=tuple(command)))

    assert result.exit_code == partner.either(code[0], on_28=code[1])


async def test_the_output_of_an_exec_says_where_it_comes_from(partner: Partner) -> None:
    await partner.ask("POST", "containers/create", body(), name="~a")
    await partner.ask("POST", "containers/~a/start")
    command = ["sh", "-c", "echo out"]
    _, made = await partner.ask_openly(
        "POST", "containers/~a/exec", {"Cmd": command, "AttachStdout": True}
    )

    _, output = await partner.ask_openly("POST", f"exec/{made['Id']}/start", {"Detach": False})

    assert output == b"\x01\x00\x00\x00\x00\x00\x00\x04out\n"


@pytest.mark.parametrize(
    ("has_terminal", "kind"),
    [pytest.param(False, "multiplexed", id="streams"), pytest.param(True, "raw", id="terminal")],
)
async def test_logs_say_which_streams_they_have_where_the_release_does(
    partner: Partner, *, has_terminal: bool, kind: str
) -> None:
    sent = {**body(["echo", "out"]), "Tty": has_terminal}
    await partner.ask("POST", "containers/create", sent, name="~a")
    await partner.ask("POST", "containers/~a/start")
    await partner.ask("POST", "containers/~a/wait")
    path, query = f"containers/{partner.prefix}a/logs", {"stdout": "1"}

    answer = await partner.transport.request(ApiRequest(method="GET", path=path, query=query))

    assert answer.headers.get("content-type") == partner.either(
        None, on_28=f"application/vnd.docker.{kind}-stream"
    )


async def test_an_exec_runs_once(partner: Partner) -> None:
    await partner.ask("POST", "containers/create", body(), name="~a")
    await partner.ask("POST", "containers/~a/start")
    _, made = await partner.ask_openly("POST", "containers/~a/exec", {"Cmd": ["sleep", "1000"]})
    path = f"exec/{made['Id']}"
    before = await partner.ask("GET", f"{path}/json")
    await partner.ask("POST", f"{path}/start", {"Detach": True})

    again = await partner.ask("POST", f"{path}/start", {"Detach": True})

    during = await partner.ask("GET", f"{path}/json")
    await partner.ask("POST", "containers/~a/kill")
    after = await partner.ask("GET", f"{path}/json")
    assert again.status == 409
    assert again.message == partner.either(
        "Error: Exec command <id> is already running",
        on_28="exec command <id> is already running",
    )
    assert [(it.body["Running"], it.body["ExitCode"]) for it in (before, during, after)] == [
        (False, None),
        (True, None),
        (False, 137),
    ]


async def test_processes_are_listed_with_the_columns_asked_for(partner: Partner) -> None:
    await partner.ask("POST", "containers/create", body(), name="~a")
    await partner.ask("POST", "containers/~a/start")
    _, made = await partner.ask_openly("POST", "containers/~a/exec", {"Cmd": ["sleep", "500"]})
    await partner.ask("POST", f"exec/{made['Id']}/start", {"Detach": True})

    asked = "-eo pid,user,comm,args"
    _, listed = await partner.ask_openly("GET", "containers/~a/top", ps_args=asked)
    with move_on_after(10):
        # What is started is its starter for a moment.
        while "runc" in str(listed["Processes"]):
            _, listed = await partner.ask_openly("GET", "containers/~a/top", ps_args=asked)

    assert listed["Titles"] == ["PID", "USER", "COMMAND", "COMMAND"]
    assert sorted(row[1:] for row in listed["Processes"]) == [
        ["root", "sleep", "/bin/sleep 1000"],
        ["root", "sleep", "sleep 500"],
    ]


async def test_a_restart_policy_starts_again_what_fails_and_gives_up(partner: Partner) -> None:
    policy = {"Name": "on-failure", "MaximumRetryCount": 2}
    await partner.ask(
        "POST",
        "containers/create",
        body(["sh", "-c", "exit 3"], RestartPolicy=policy),
        name="~a",
    )

    await partner.ask("POST", "containers/~a/start")

    seen: list[tuple[str, int, int]] = []
    with move_on_after(15):
        while not seen or seen[-1] != ("exited", 3, 2):
            answer = await partner.ask("GET", "containers/~a/json")
            state = answer.body["State"]
            seen.append((state["Status"], state["ExitCode"], answer.body["RestartCount"]))
            with move_on_after(0.05):
                await partner.ask("POST", "containers/~a/wait", condition="removed")
    assert seen[-1] == ("exited", 3, 2)


async def test_health_turns_bad_after_as_many_failures_as_are_allowed(
    partner: Partner, engine: Engine, container: ResourceId
) -> None:
    """What a diagnosis quotes of it has no secrets."""
    failing = {
        "Test": ["CMD-SHELL", "echo no $API_TOKEN; false"],
        "Interval": 200_000_000,
        "Retries": 2,
    }
    created = {
        **body(LogConfig={"Type": "json-file", "Config": {"tag": "s3cr3t-tag"}}),
        "Env": ["API_TOKEN=s3cr3t-token"],
        "Healthcheck": failing,
    }
    if partner.embedded is not None:
        said = "no s3cr3t-token"
        partner.embedded.behaviour(Behaviour(health=(1,), health_output=said), container="*a")
    await partner.ask("POST", "containers/create", created, name="~a")
    await partner.ask("POST", "containers/~a/start")

    health: dict[str, Any] = {}
    with move_on_after(15):
        while health.get("Status") != "unhealthy":
            health = (await partner.ask("GET", "containers/~a/json")).body["State"]["Health"]
            with move_on_after(0.05):
                await partner.ask("POST", "containers/~a/wait")
    failure = await engine.diagnose(container, container.name, "refused: s3cr3t-token, s3cr3t-tag")

    assert health["Status"] == "unhealthy"
    assert health["FailingStreak"] >= 2
    assert {entry["ExitCode"] for entry in health["Log"]} == {1}
    assert failure.message == "refused: ***, ***"
    assert (failure.health_output or "").strip() == "no ***"


async def test_what_dies_at_its_start_is_diagnosed_alike(
    engine: Engine, container: ResourceId
) -> None:
    # Longer than what is quoted of a line, which ends within the secret.
    long = "x" * 995
    command = ["sh", "-c", f"echo 'nothing to serve' >&2; echo {long}s3cr3t-token >&2; exit 3"]
    await engine.create_container(container, {**body(command), "Env": ["TOKEN=s3cr3t-token"]})
    async with engine.exit_of(container, container.name) as end:
        await engine.start_container(container, container.name)
        await end.code()

    failure = await engine.diagnose(container, container.name, "it ended")

    assert isinstance(failure, ContainerFailed)
    assert failure.exit_code == 3
    assert failure.log_tail == ("nothing to serve", f"{long}***")


async def test_errors_mean_the_same_to_the_library(engine: Engine, container: ResourceId) -> None:
    with pytest.raises(ResourceNotFound):
        await engine.start_container(container, container.name)
    await engine.create_container(container, body(["/nope"]))
    with pytest.raises(ResourceConflict):
        await engine.create_container(container, body())
    with pytest.raises(EngineError, match="no such file or directory"):
        await engine.start_container(container, container.name)


async def test_what_waits_to_be_restarted_can_only_be_stopped(partner: Partner) -> None:
    failing = body(["sh", "-c", "exit 3"], RestartPolicy={"Name": "always"})
    await partner.ask("POST", "containers/create", failing, name="~a")
    await partner.ask("POST", "containers/~a/start")
    seen: dict[str, Any] = {"RestartCount": 0, "State": {"Restarting": False}}
    with move_on_after(20):
        # By then there is most of a second between its lives.
        while seen["RestartCount"] < 4 or not seen["State"]["Restarting"]:
            seen = (await partner.ask("GET", "containers/~a/json")).body
            with move_on_after(0.05):
                await partner.ask("POST", "containers/~a/wait", condition="removed")

    refused = [
        await partner.ask("GET", "containers/~a/top"),
        await partner.ask("POST", "containers/~a/exec", {"Cmd": ["true"]}),
        await partner.ask("POST", "containers/~a/pause"),
        await partner.ask("DELETE", "containers/~a"),
    ]
    started = await partner.ask("POST", "containers/~a/start")
    stopped = await partner.ask("POST", "containers/~a/stop", t="0")

    waiting = "Container {} is restarting, wait until the container is running"
    assert [(it.status, it.message) for it in refused] == [
        (409, waiting.format("<id>")),
        (409, waiting.format("<id>")),
        (409, waiting.format("<id>")),
        (
            409,
            partner.either(
                "You cannot remove a restarting container <id>. "
                "Stop the container before attempting removal or force remove",
                on_28='cannot remove container "~a": container is restarting: '
                "stop the container before removing or force remove",
            ),
        ),
    ]
    assert (started.status, stopped.status) == (304, 204)
    state = (await partner.ask("GET", "containers/~a/json")).body["State"]
    assert (state["Status"], state["Running"], state["ExitCode"]) == ("exited", False, 3)


async def test_files_are_unpacked_into_containers_that_exist(
    engine: Engine, partner: Partner, container: ResourceId, tmp_path: Path
) -> None:
    (tmp_path / "run.sh").write_text("true")
    await engine.create_container(container, body())

    await engine.copy_into(container, container.name, tmp_path, "/some/where")

    with pytest.raises(ResourceNotFound, match="No such container"):
        await engine.copy_into(container, f"{container.name}x", tmp_path, "/some/where")
    without_place = await partner.ask("PUT", "containers/~a/archive")
    assert (without_place.status, without_place.message) == (
        400,
        "bad parameter: pathcannot be empty",
    )


async def test_what_does_not_run_has_been_waited_for(engine: Engine, container: ResourceId) -> None:
    await engine.create_container(container, body(["/bin/sh", "-c", "exit 3"]))
    await engine.start_container(container, container.name)

    assert await engine.wait_for_end(container, container.name) == 3
    assert await engine.wait_for_end(container, container.name) == 3
    with pytest.raises(ResourceNotFound):
        await engine.wait_for_end(container, f"{container.name}x")


async def test_commands_that_go_on_are_known_by_their_arguments(
    engine: Engine, container: ResourceId
) -> None:
    """`ExecIDs`, and `ProcessConfig` of each; what has ended, or was never begun, is not among them."""
    await engine.create_container(container, body(RESPONSIVE))
    await engine.start_container(container, container.name)
    goes_on = ExecSpec(argv=("/bin/sh", "-c", "sleep 300"), user="root", detach=True)
    await engine.run_exec(container, container.name, goes_on)
    ended = await engine.run_exec(container, container.name, ExecSpec(argv=("/bin/true",)))

    seen = await engine.inspect_container(container, container.name)

    assert seen is not None
    begun = (seen.details or {})["ExecIDs"]
    assert isinstance(begun, list)
    commands = await engine.running_commands(container, [*begun, ended.id, "f" * 64])
    assert commands == {goes_on.argv}


async def test_who_waits_for_a_command_of_others_sees_it_begin_and_end(
    engine: Engine, container: ResourceId, partner: Partner
) -> None:
    """`GET /events` from the start of the container on; a command that nobody begins is not waited for."""
    await engine.create_container(container, body(RESPONSIVE))
    await engine.start_container(container, container.name)
    goes_on = ExecSpec(argv=("/bin/sleep", "300"), user="root", detach=True)
    short = ExecSpec(argv=("/bin/sh", "-c", "sleep 1"), user="root")
    if partner.embedded is not None:
        partner.embedded.behaviour(Behaviour(ends_after=1), command="/bin/sh -c sleep 1")

    async def waits_for(command: ExecSpec, within: float = 30) -> bool:
        return await engine.outwait_command(container, container.name, command, within=within)

    assert not await waits_for(short, within=0.2)
    await engine.run_exec(container, container.name, goes_on)
    assert await waits_for(goes_on)
    async with create_task_group() as tasks:
        tasks.start_soon(engine.run_exec, container, container.name, short)
        assert await waits_for(short)
        seen = await engine.inspect_container(container, container.name)
        assert seen is not None
        begun = (seen.details or {})["ExecIDs"]
        assert isinstance(begun, list)
        assert await engine.running_commands(container, begun) == {goes_on.argv}
    assert not await waits_for(evolve(short, argv=("/bin/sh",)), within=0.2)
    assert not await engine.outwait_command(container, "f" * 64, short, within=30)
