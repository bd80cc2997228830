"""What is made of commands that only a real container could run, and what else hangs on them."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from anyio import sleep
from embedded_partners import Asker

from aiodockmap.engine import Refused
from aiodockmap.testing import Behaviour, EmbeddedEngine, EmbeddedImage

SECOND = 10**9


def sh(script: str) -> list[str]:
    return ["/bin/sh", "-c", script]


def state(engine: EmbeddedEngine, name: str = "web") -> dict[str, Any]:
    shown: dict[str, Any] = (engine.container(name) or {})["State"]
    return shown


async def run(ask: Asker, command: list[str], **body: Any) -> None:
    await ask.create("web", Cmd=command, **body)
    await ask.start("web")


async def execute(ask: Asker, command: list[str]) -> int | None:
    """Run a command beside the process of `web`; its exit code, None while it goes on."""
    made = json.loads((await ask("POST", "containers/web/exec", {"Cmd": command})).body)
    await ask("POST", f"exec/{made['Id']}/start", {"Detach": True})
    code: int | None = json.loads((await ask("GET", f"exec/{made['Id']}/json")).body)["ExitCode"]
    return code


async def log_of(ask: Asker) -> str:
    answer = await ask("GET", "containers/web/logs", stdout="1", stderr="1")
    return answer.body.decode()


UNCLEAR = [
    pytest.param(sh("echo a; case b in b) exit 3;; esac"), "`case`", "a", id="case"),
    pytest.param(sh("echo a; f() { exit 3; }; f"), "a function", "a", id="function"),
    pytest.param(sh("echo a; ls *.txt"), "a pattern for names of files", "a", id="pattern"),
    pytest.param(sh("echo a; echo $RANDOM"), "`$RANDOM`", "a", id="own-variable"),
    pytest.param(sh("echo a\necho `exit 3`"), "a command in backquotes", "a", id="backquotes"),
    pytest.param(sh("echo a; read x </etc/passwd"), "`<`", "a", id="input"),
    pytest.param(["printf", "%5.2f", "1"], "`printf`", "", id="program"),
]


@pytest.mark.parametrize(("command", "what", "printed"), UNCLEAR)
async def test_what_is_not_understood_goes_on_and_is_told(
    ask: Asker,
    engine: EmbeddedEngine,
    caplog: pytest.LogCaptureFixture,
    command: list[str],
    what: str,
    printed: str,
) -> None:
    await run(ask, command, Tty=True)
    await sleep(100)

    assert state(engine)["Running"]
    assert (await log_of(ask)).strip() == printed
    [told] = caplog.messages
    assert told == (
        f"Container web of the embedded engine: {what} is not understood, so that it is taken to go on. "
        "Say what it does with engine.behaviour(Behaviour(…), …)."
    )


@pytest.mark.parametrize(("command", "what", "printed"), UNCLEAR)
async def test_as_an_exec_command_it_ends_well(
    ask: Asker,
    caplog: pytest.LogCaptureFixture,
    command: list[str],
    what: str,
    printed: str,
) -> None:
    del printed
    await run(ask, ["sleep", "1000"])

    assert await execute(ask, command) == 0

    [told] = caplog.messages
    assert f"{what} is not understood, so that it is taken to end there" in told


async def test_a_script_that_is_not_understood_still_looks_after_its_signals(
    ask: Asker, engine: EmbeddedEngine
) -> None:
    await run(ask, sh("trap 'echo bye; exit 7' TERM; case a in a) exit 3;; esac"), Tty=True)

    await ask.stop("web", t="100")

    assert state(engine)["ExitCode"] == 7
    assert (await log_of(ask)).strip() == "bye"


@pytest.mark.parametrize(
    ("script", "what"),
    [
        pytest.param("(case a in a) ;; esac) & wait", "`case`", id="job"),
        pytest.param("x=y; while :; do x=$x$x; done", "a text of this length", id="endless-text"),
        pytest.param("echo " + "$(echo " * 2000 + ")" * 2000, "a script of this depth", id="depth"),
        pytest.param("x=$(case a in a) ;; esac); echo $x", "`case`", id="substitution"),
        pytest.param("sh -c 'case a in a) ;; esac'; exit 3", "`case`", id="other-shell"),
        pytest.param("echo a | { case a in a) ;; esac; }", "`case`", id="pipe"),
    ],
)
async def test_wherever_something_is_not_understood_the_engine_goes_on(
    ask: Asker, engine: EmbeddedEngine, caplog: pytest.LogCaptureFixture, script: str, what: str
) -> None:
    await run(ask, sh(script))
    await sleep(100)

    assert state(engine)["Running"]
    [told] = caplog.messages
    assert f"{what} is not understood" in told


async def test_what_a_program_makes_of_its_input_is_only_taken_to_be_nothing(
    ask: Asker, engine: EmbeddedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    await run(ask, sh("echo a | sort; echo b; exit 3"), Tty=True)
    await sleep(1)

    assert state(engine)["ExitCode"] == 3
    assert (await log_of(ask)).strip() == "b"
    assert "`sort` is taken to succeed at once and to print nothing" in caplog.text


@pytest.mark.parametrize(
    ("path", "is_known"),
    [pytest.param("/tmp/x", True, id="temporary"), pytest.param("/srv/x", False, id="other")],
)
async def test_images_with_programs_of_their_own_have_unknown_files(
    ask: Asker,
    engine: EmbeddedEngine,
    caplog: pytest.LogCaptureFixture,
    path: str,
    *,
    is_known: bool,
) -> None:
    image = EmbeddedImage(executables=["*"])
    engine.world.images.add("pulled:1", image, stamp="2026-01-01T00:00:00Z")
    await ask.create("web", Image="pulled:1", Cmd=["sleep", "1000"])
    await ask.start("web")

    assert await execute(ask, sh(f"[ -e {path} ] || exit 4")) == (4 if is_known else 0)
    assert bool(caplog.messages) != is_known


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("trap 'exit 3' TERM; (sleep 100 & wait)", id="subshell"),
        pytest.param("trap 'exit 3' TERM; sh -c 'sleep 100 & wait'", id="other-shell"),
    ],
)
async def test_a_part_of_a_script_that_waits_can_be_stopped(
    ask: Asker, engine: EmbeddedEngine, script: str
) -> None:
    await run(ask, sh(script))
    await sleep(1)

    await ask.stop("web", t="1")

    assert state(engine)["ExitCode"] == 137


@pytest.mark.parametrize(
    "script", ["while do done", "{ }", "( )", "if true; then fi", "for i in a; do done"]
)
async def test_commands_without_a_body_are_refused(
    ask: Asker, engine: EmbeddedEngine, script: str
) -> None:
    await run(ask, sh(script), Tty=True)
    await sleep(1)

    assert state(engine)["ExitCode"] == 2
    assert "sh: syntax error: unexpected" in await log_of(ask)


@pytest.mark.parametrize(
    ("script", "what"),
    [
        pytest.param("x=$(echo a & wait); echo $x", "a job whose output is read", id="read-job"),
        pytest.param("timeout 2 sh -c 'sleep 100 & wait'", "`timeout` of jobs", id="timeout"),
        pytest.param("sleep 100 & kill -USR1 $!", "`kill`", id="signal"),
        pytest.param(
            "echo 'sh /tmp/a' >/tmp/a; sh /tmp/a & wait", "a script of this depth", id="depth"
        ),
        pytest.param("rm -f /data/up; [ -f /data/up ]", "what is at a path", id="others-volume"),
    ],
)
async def test_what_could_be_wrong_is_told(
    ask: Asker, engine: EmbeddedEngine, caplog: pytest.LogCaptureFixture, script: str, what: str
) -> None:
    await run(ask, sh(script), HostConfig={"Binds": ["data:/data"]})
    await sleep(10)

    assert state(engine)["Running"]
    assert f"{what} is not understood" in caplog.text


async def test_the_working_directory_is_there(ask: Asker, engine: EmbeddedEngine) -> None:
    script = "echo a >x && cat x && [ -d /data ] && exit 3"
    await run(ask, sh(script), WorkingDir="/srv/work", HostConfig={"Binds": ["data:/data/sub"]})
    await sleep(1)

    assert state(engine)["ExitCode"] == 3


async def test_a_check_without_a_command_fails(ask: Asker, engine: EmbeddedEngine) -> None:
    check = {"Test": ["CMD"], "Interval": SECOND, "Retries": 1}
    await run(ask, ["sleep", "1000"], Healthcheck=check)
    await sleep(2)

    assert state(engine)["Health"]["Status"] == "unhealthy"


async def test_the_end_of_no_loop_ends_nothing(ask: Asker, engine: EmbeddedEngine) -> None:
    await run(ask, sh("break; (continue) && exit 5"))
    await sleep(1)

    assert state(engine)["ExitCode"] == 5


async def test_a_program_whose_work_nobody_does_is_taken_to_succeed(
    ask: Asker, engine: EmbeddedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    await run(ask, sh("until nc -z db 5432; do sleep 1; done; echo there; exit 4"), Tty=True)
    await sleep(1)

    assert state(engine)["ExitCode"] == 4
    assert (await log_of(ask)).strip() == "there"
    assert "`nc` is taken to succeed at once and to print nothing" in caplog.text


async def test_each_guess_is_told_once_for_a_container(
    ask: Asker, caplog: pytest.LogCaptureFixture
) -> None:
    await run(ask, ["sleep", "1000"])
    for _ in range(3):
        await execute(ask, ["wget", "http://db"])

    assert len(caplog.messages) == 1


async def test_nothing_of_a_command_but_its_program_is_told(
    ask: Asker, caplog: pytest.LogCaptureFixture
) -> None:
    await run(ask, ["sleep", "1000"], Env=["TOKEN=s3cr3t-v4lue"])
    for command in (["wget", "s3cr3t-v4lue"], sh("echo `s3cr3t-v4lue`"), sh("A=${TOKEN%x}")):
        await execute(ask, command)

    assert len(caplog.messages) == 3
    assert "s3cr3t" not in caplog.text


async def test_what_is_understood_is_not_told(ask: Asker, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "aiodockmap.testing")
    await run(ask, sh("touch /tmp/up; while [ -e /tmp/up ]; do sleep 1; done"))
    await execute(ask, ["rm", "/tmp/up"])

    assert caplog.messages == []


async def test_output_comes_when_it_is_printed(ask: Asker) -> None:
    await run(ask, sh("while true; do echo tick; sleep 10; done"), Tty=True)

    await sleep(25)

    assert (await log_of(ask)).split() == ["tick"] * 3


async def test_a_loop_that_never_pauses_neither_hangs_nor_floods(
    ask: Asker, engine: EmbeddedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    await run(ask, sh("trap 'exit 3' TERM; while :; do echo y; done"), Tty=True)
    await sleep(5)
    printed = len((await log_of(ask)).split())

    await ask.stop("web")

    assert 1000 < printed < 20_000
    assert "a loop without a pause" in caplog.text
    assert state(engine)["ExitCode"] == 3


async def test_processes_of_one_container_share_its_files(
    ask: Asker, engine: EmbeddedEngine
) -> None:
    await run(ask, sh("until [ -s /tmp/go ]; do sleep 0.1; done; read x; cat /tmp/go; exit 5"))
    await sleep(10)
    assert state(engine)["Running"]

    assert await execute(ask, sh("echo now >/tmp/go")) == 0
    assert await execute(ask, ["test", "-d", "/tmp/go"]) == 1


async def test_a_new_container_has_none_of_them(ask: Asker, engine: EmbeddedEngine) -> None:
    once = sh("[ -e /tmp/once ] && exit 3; touch /tmp/once")
    await run(ask, once)
    await ask.start("web")
    assert state(engine)["ExitCode"] == 3

    await ask("DELETE", "containers/web")
    await run(ask, once)

    assert state(engine)["ExitCode"] == 0


async def test_nobody_knows_what_is_in_a_volume_but_who_wrote_it(
    ask: Asker, caplog: pytest.LogCaptureFixture
) -> None:
    await run(ask, ["sleep", "1000"], HostConfig={"Binds": ["data:/data"]})

    assert await execute(ask, sh("echo a >/data/mine && [ -f /data/mine ] || exit 4")) == 0
    assert caplog.messages == []
    assert await execute(ask, sh("[ -f /data/theirs ] || exit 4")) == 0
    assert "what is at a path is not understood" in caplog.text


async def test_a_mounted_script_is_run_and_ends_well(
    ask: Asker, engine: EmbeddedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    await run(ask, ["/jobs/nightly"], HostConfig={"Binds": ["jobs:/jobs:ro"]})

    assert (state(engine)["Status"], state(engine)["ExitCode"]) == ("exited", 0)
    assert "a file that is run is taken to succeed at once" in caplog.text


async def test_a_script_of_an_image_is_a_service(ask: Asker, engine: EmbeddedEngine) -> None:
    image = EmbeddedImage(executables=["*"])
    engine.world.images.add("own:1", image, stamp="2026-01-01T00:00:00Z")

    await ask.create("web", Image="own:1", Cmd=["bash", "/start.sh"])
    await ask.start("web")
    await sleep(100)

    assert state(engine)["Running"]
    assert await execute(ask, ["bash", "/check.sh"]) == 0


async def test_a_script_that_a_command_wrote_is_followed(
    ask: Asker, engine: EmbeddedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    await run(ask, sh("echo 'echo $0 $1; exit 6' >/tmp/job; sh /tmp/job now"), Tty=True)
    await sleep(1)

    assert state(engine)["ExitCode"] == 6
    assert (await log_of(ask)).strip() == "/tmp/job now"
    assert caplog.messages == []


async def test_what_an_image_runs_by_itself_goes_on(ask: Asker, engine: EmbeddedEngine) -> None:
    image = EmbeddedImage(entrypoint=["/bin/sh"], command=["/start.sh"])
    engine.world.images.add("own:1", image, stamp="2026-01-01T00:00:00Z")

    await ask.create("web", Image="own:1")
    await ask.start("web")
    await sleep(100)

    assert state(engine)["Running"]


@pytest.mark.parametrize(
    ("test", "expected", "code", "output"),
    [
        pytest.param(["CMD", "true"], "healthy", 0, "", id="passed"),
        pytest.param(["CMD-SHELL", "echo bad; exit 3"], "unhealthy", 3, "bad\n", id="failed"),
        pytest.param(
            ["CMD-SHELL", "curl -f http://localhost || exit 1"], "healthy", 0, "", id="tool"
        ),
        pytest.param(["CMD-SHELL", "test -e /tmp/up"], "unhealthy", 1, "", id="no-file"),
        pytest.param(
            ["CMD", "sleep", "5"], "unhealthy", -1, "Health check exceeded timeout (2s)", id="slow"
        ),
    ],
)
async def test_health_is_what_the_check_says(
    ask: Asker, engine: EmbeddedEngine, test: list[str], expected: str, code: int, output: str
) -> None:
    check = {"Test": test, "Interval": 10 * SECOND, "Timeout": 2 * SECOND, "Retries": 1}
    await run(ask, ["sleep", "1000"], Healthcheck=check)
    assert state(engine)["Health"]["Status"] == "starting"

    await sleep(13)

    health = state(engine)["Health"]
    assert health["Status"] == expected
    assert (health["Log"][-1]["ExitCode"], health["Log"][-1]["Output"]) == (code, output)


async def test_health_follows_what_changes(ask: Asker, engine: EmbeddedEngine) -> None:
    check = {"Test": ["CMD-SHELL", "test -e /tmp/up"], "Interval": SECOND, "Retries": 1}
    await run(ask, sh("sleep 5; touch /tmp/up; sleep 5; rm /tmp/up; sleep 1000"), Healthcheck=check)
    seen = []
    for _ in range(3):
        await sleep(4)
        seen.append(state(engine)["Health"]["Status"])

    assert seen == ["unhealthy", "healthy", "unhealthy"]


async def test_told_health_is_not_asked_of_the_command(ask: Asker, engine: EmbeddedEngine) -> None:
    engine.behaviour(Behaviour(health=(0, 1), health_output="told"))
    check = {"Test": ["CMD", "false"], "Interval": SECOND, "Retries": 1}
    await run(ask, ["sleep", "1000"], Healthcheck=check)

    await sleep(1.5)
    first = state(engine)["Health"]["Status"]
    await sleep(1)

    assert (first, state(engine)["Health"]["Status"]) == ("healthy", "unhealthy")


@pytest.mark.parametrize(
    ("script", "code"),
    [
        pytest.param("trap 'exit 7' TERM; sleep 1000 & wait", 7, id="at-once"),
        pytest.param("trap 'sleep 5; exit 7' TERM; while :; do sleep 1; done", 7, id="in-time"),
        pytest.param("trap 'sleep 50; exit 7' TERM; while :; do sleep 1; done", 137, id="too-late"),
        pytest.param("trap 'exit 7' TERM; sleep 1000", 137, id="held-back"),
    ],
)
async def test_a_daemon_that_ends_waits_for_scripts(
    ask: Asker, engine: EmbeddedEngine, script: str, code: int
) -> None:
    await run(ask, sh(script))
    await sleep(1)

    engine.restart_daemon(1)
    await sleep(2)

    assert state(engine)["ExitCode"] == code


async def test_a_program_in_a_mount_cannot_be_refused_but_others_can(ask: Asker) -> None:
    await run(ask, ["sleep", "1000"], HostConfig={"Binds": ["jobs:/jobs:ro"]})
    await ask.create("other", Cmd=["/jobs/nightly"])

    with pytest.raises(Refused, match="/jobs/nightly"):
        await ask.start("other")

    assert await execute(ask, ["/jobs/nightly"]) == 0


@pytest.mark.parametrize(
    ("script", "what"),
    [
        pytest.param('test "$(redis-cli ping)" = PONG', "what `redis-cli` prints", id="output"),
        pytest.param(": >/dev/tcp/localhost/5432", "`/dev/tcp/localhost/5432`", id="connection"),
    ],
)
async def test_what_a_health_check_reads_of_others_is_told_and_fine(
    ask: Asker, engine: EmbeddedEngine, caplog: pytest.LogCaptureFixture, script: str, what: str
) -> None:
    await run(
        ask, ["sleep", "100"], Healthcheck={"Test": ["CMD-SHELL", script], "Interval": SECOND}
    )
    await sleep(3)

    assert state(engine)["Health"]["Status"] == "healthy"
    [told] = caplog.messages
    assert f"{what} is not understood" in told
