"""What commands do in containers: real ones run them, and the embedded ones follow their words."""

from __future__ import annotations

from typing import Any

import pytest
from anyio import CapacityLimiter, create_task_group, fail_after, sleep
from attrs import evolve
from command_cases import EXEC_CASES, OWN_CASES, ExecCase, OwnCase
from contract_partners import Partner

pytestmark = pytest.mark.virtual_time
SECOND = 10**9
HEADER = 8
"""Bytes before each piece of output: which stream it is of, and its length."""
AT_ONCE = 8
"""Commands that run at the same time."""
UP = 2.0
"""Seconds from the start of a container until it is stopped."""
GRACE = 2


def texts(output: bytes) -> tuple[str, str]:
    """What came on either stream."""
    streams = {1: b"", 2: b""}
    while output:
        length = int.from_bytes(output[4:HEADER], "big")
        streams[output[0]] += output[HEADER : HEADER + length]
        output = output[HEADER + length :]
    return streams[1].decode(), streams[2].decode()


async def seen(partner: Partner, case: ExecCase) -> ExecCase:
    """What a command really does."""
    body = {"Cmd": list(case.command), "AttachStdout": True, "AttachStderr": True}
    _, made = await partner.ask_openly("POST", "containers/~a/exec", body)
    _, output = await partner.ask_openly("POST", f"exec/{made['Id']}/start", {"Detach": False})
    _, shown = await partner.ask_openly("GET", f"exec/{made['Id']}/json")
    stdout, stderr = texts(output)
    return ExecCase(case.command, shown["ExitCode"], stdout, stderr)


async def test_commands_beside_a_process_do_the_same(partner: Partner) -> None:
    body: dict[str, Any] = {
        "Image": "aiodockmap-test:latest",
        "Hostname": "box",
        "Env": ["A=1", "B=x y", "EMPTY="],
    }
    await partner.ask("POST", "containers/create", body, name="~a")
    await partner.ask("POST", "containers/~a/start")
    found: dict[ExecCase, ExecCase] = {}
    limit = CapacityLimiter(AT_ONCE)

    async def run(case: ExecCase) -> None:
        async with limit:
            found[case] = await seen(partner, case)

    async with create_task_group() as tasks:
        for case in EXEC_CASES:
            tasks.start_soon(run, case)

    assert [found[case] for case in EXEC_CASES] == list(EXEC_CASES)


async def lived(partner: Partner, name: str, case: OwnCase) -> OwnCase:
    """What the process of a container really does."""
    body: dict[str, Any] = {
        "Image": "aiodockmap-test:latest",
        "Cmd": list(case.command),
        "OpenStdin": case.has_input,
        "HostConfig": {"Init": case.has_init},
    }
    await partner.ask("POST", "containers/create", body, name=name)
    await partner.ask("POST", f"containers/{name}/start")
    await sleep(UP)
    _, shown = await partner.ask_openly("GET", f"containers/{name}/json")
    is_up = shown["State"]["Running"]
    await partner.ask("POST", f"containers/{name}/stop", t=str(GRACE))
    _, shown = await partner.ask_openly("GET", f"containers/{name}/json")
    _, output = await partner.ask_openly("GET", f"containers/{name}/logs", stdout="1", stderr="1")
    stdout, stderr = texts(output)
    code = shown["State"]["ExitCode"]
    return evolve(case, code=code, stdout=stdout, stderr=stderr, is_stopped=is_up)


async def test_the_process_of_a_container_does_the_same(partner: Partner) -> None:
    found: dict[OwnCase, OwnCase] = {}

    async def run(number: int, case: OwnCase) -> None:
        found[case] = await lived(partner, f"~{number}", case)

    async with create_task_group() as tasks:
        for number, case in enumerate(OWN_CASES):
            tasks.start_soon(run, number, case)

    assert [found[case] for case in OWN_CASES] == list(OWN_CASES)


@pytest.mark.parametrize(
    ("test", "status", "code", "output"),
    [
        pytest.param(["CMD", "true"], "healthy", 0, "", id="passed"),
        pytest.param(["CMD-SHELL", "echo bad >&2; exit 3"], "unhealthy", 3, "bad\n", id="failed"),
        pytest.param(["CMD", "test", "-e", "/no"], "unhealthy", 1, "", id="condition"),
        pytest.param(
            ["CMD-SHELL", "echo a; sleep 5"],
            "unhealthy",
            -1,
            ("Health check exceeded timeout (1s)", "Health check exceeded timeout (1s): a\n"),
            id="too-slow",
        ),
    ],
)
async def test_a_health_check_does_the_same(
    partner: Partner, test: list[str], status: str, code: int, output: str | tuple[str, str]
) -> None:
    body: dict[str, Any] = {
        "Image": "aiodockmap-test:latest",
        "Healthcheck": {"Test": test, "Interval": SECOND, "Timeout": SECOND, "Retries": 1},
    }
    await partner.ask("POST", "containers/create", body, name="~a")
    await partner.ask("POST", "containers/~a/start")
    with fail_after(20):
        while True:
            await sleep(0.2)
            _, shown = await partner.ask_openly("GET", "containers/~a/json")
            health = shown["State"]["Health"]
            if health["Status"] != "starting":
                break

    expected = output if isinstance(output, str) else partner.either(output[0], on_28=output[1])
    assert health["Status"] == status
    assert (health["Log"][0]["ExitCode"], health["Log"][0]["Output"]) == (code, expected)
