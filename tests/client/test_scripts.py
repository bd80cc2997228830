"""Scripts on a real engine: the examples of docker-map's guide, files, output, patience, accidents."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from anyio import fail_after
from raw_engine import RawEngine

from aiodockmap import (
    ActionRunnerError,
    ContainerFailed,
    EngineError,
    MapClient,
    PlanningError,
    ScriptResult,
)

pytestmark = pytest.mark.engine


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a script that says what it sees, and the file next to it."""
    script = tmp_path / "run.sh"
    script.write_text(
        '#!/bin/sh\necho "running $0 with $1"; cat "$(dirname "$0")/input"; echo oh >&2; exit 3\n'
    )
    script.chmod(0o755)
    (tmp_path / "input").write_text("from the file\n")
    return tmp_path


def only(results: dict[str, Any]) -> ScriptResult:
    [result] = results.values()
    assert isinstance(result, ScriptResult)
    return result


async def test_a_shell_script_of_the_host_is_run(
    client_of: Callable[..., MapClient],
    raw_engine: RawEngine,
    prefix: str,
    test_image: str,
    folder: Path,
) -> None:
    """SCR-2, SCR-12, SCR-13, SCR-18, SCR-19, SCR-20, SCR-23; the guide's first example."""
    landscape = {
        "db": {"image": test_image},
        "job": {"image": test_image, "links": ["db"], "exec_commands": ["/bin/nope"]},
    }
    async with client_of(landscape) as client:
        results = await client.run_script(
            "job",
            script_path=folder / "run.sh",
            entrypoint="/bin/sh",
            command_format=["{script_path}", "it"],
        )

    result = only(results)
    assert set(result) == {"id", "exit_code", "log"}
    assert (result["exit_code"], result.error) == (3, None)
    assert sorted(str(result["log"]).splitlines()) == [
        "from the file",
        "oh",
        "running /tmp/script_run/run.sh with it",
    ]
    assert raw_engine.container_names(prefix) == [f"{prefix}.db"]
    assert raw_engine.container(str(result["id"])) is None


@pytest.mark.parametrize("name", ["gone.sh", "no/gone.sh"])
async def test_a_script_that_is_not_there_is_refused_before_anything_changes(
    client_of: Callable[..., MapClient],
    raw_engine: RawEngine,
    prefix: str,
    test_image: str,
    tmp_path: Path,
    name: str,
) -> None:
    """SCR-2: what has its name goes on running, and the engine makes no folder."""
    async with client_of({"job": {"image": test_image}}) as client:
        await client.startup("job")
        before = raw_engine.container(f"{prefix}.job")
        with pytest.raises(PlanningError, match=r"there is no .*gone\.sh on this machine"):
            await client.run_script(
                "job",
                script_path=tmp_path / name,
                command_format="true",
                remove_existing_before=True,
            )

    assert before is not None
    assert raw_engine.container(f"{prefix}.job") == before
    assert not (tmp_path / "no").exists()


async def test_a_command_is_run_against_a_container_that_it_needs(
    client_of: Callable[..., MapClient], test_image: str
) -> None:
    """SCR-3, SCR-4, SCR-31: without a script; the guide's second example."""
    answering = "while :; do echo 'HTTP/1.0 200 OK\n\npong' | nc -l -p 6379; done"
    landscape = {
        "cache": {"image": test_image, "create_options": {"command": ["sh", "-c", answering]}},
        "job": {"image": test_image, "links": ["cache"]},
    }
    async with client_of(landscape) as client:
        results = await client.run_script(
            "job",
            entrypoint=["/bin/ping"],
            command_format="-c 1 -W 5 cache",
        )

    assert only(results)["exit_code"] == 0, only(results).log


async def test_a_folder_is_imported_into_the_volume_of_a_dependency(
    client_of: Callable[..., MapClient],
    raw_engine: RawEngine,
    prefix: str,
    test_image: str,
    tmp_path: Path,
) -> None:
    """SCR-2, SCR-32; the guide's third example."""
    (tmp_path / "a.sql").write_text("create table a;")
    landscape = {
        "db": {"image": test_image, "attaches": ["data"]},
        "import": {"image": test_image, "uses": ["data"]},
        "volumes": {"data": "/data"},
    }
    async with client_of(landscape) as client:
        await client.run_script(
            "import", script_path=tmp_path, command_format="cp {script_path}/a.sql /data/b.sql"
        )
        shown = await client.run_script("import", command_format="cat /data/b.sql")

    assert only(shown).log == "create table a;"
    assert raw_engine.container_names(prefix) == [f"{prefix}.db"]


async def test_a_copied_folder_needs_no_common_file_system(
    client_of: Callable[..., MapClient], test_image: str, folder: Path
) -> None:
    """With modes, links and folders, owned by root; nothing is written back."""
    (folder / "sub").mkdir()
    (folder / "sub" / "link").symlink_to("../input")
    list_all = "stat -c '%u %a %n' * sub/*; cat sub/link; echo x > new"
    async with client_of({"job": {"image": test_image}}) as client:
        result = only(
            await client.run_script(
                "job",
                script_path=folder,
                script_transfer="copy",
                command_format=["sh", "-c", "cd {script_path} && " + list_all],
            )
        )
        file = only(
            await client.run_script(
                "job",
                script_path=folder / "run.sh",
                script_transfer="copy",
                container_script_dir="/some/where",
                command_format="{script_path} it",
            )
        )

    assert "0 755 run.sh" in str(result.log)
    assert str(result.log).endswith("from the file\n")
    assert not (folder / "new").exists()
    assert file.exit_code == 3
    assert "running /some/where/run.sh with it" in str(file.log)


async def test_all_networks_are_joined_before_the_start(
    client_of: Callable[..., MapClient], raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """NET-9, SCR-12: the container stays if it is to."""
    landscape = {
        "job": {"image": test_image, "networks": ["front", "back"]},
        "networks": {"front": None, "back": None},
    }
    async with client_of(landscape) as client:
        result = only(
            await client.run_script(
                "job",
                command_format="sh -c 'ls /sys/class/net | grep -c eth'",
                remove_created_after=False,
            )
        )

    assert result.log == "2\n"
    left = raw_engine.container(f"{prefix}.job") or {}
    assert (left["Id"], left["State"]["Status"]) == (result.id, "exited")
    assert sorted(left["NetworkSettings"]["Networks"]) == [f"{prefix}.back", f"{prefix}.front"]


async def test_the_log_can_be_cut_and_stamped(
    client_of: Callable[..., MapClient], test_image: str
) -> None:
    """SCR-9, SCR-23."""
    command = ["sh", "-c", r"echo 1; echo 2; printf '\377 end'"]
    async with client_of({"job": {"image": test_image}}) as client:
        cut = only(await client.run_script("job", command_format=command, tail=2))
        stamped = only(await client.run_script("job", command_format=command, timestamps=True))

    assert cut.log == "2\n\N{REPLACEMENT CHARACTER} end"
    lines = str(stamped.log).splitlines()
    assert [line.partition("Z ")[2] for line in lines] == ["1", "2", "\ufffd end"]


async def test_a_timeout_keeps_the_container_and_the_next_call_may_remove_it(
    client_of: Callable[..., MapClient], raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """OPTN-2, SCR-16, SCR-11, CLI-7, BUG-30."""
    landscape = {"job": {"image": test_image, "stop_signal": "SIGKILL"}}
    async with client_of(landscape, engine={"wait_timeout": 0.5}) as client:
        late = only(await client.run_script("job", command_format="sleep 1000"))
        running = raw_engine.container(f"{prefix}.job") or {}
        again = only(
            await client.run_script("job", command_format="true", remove_existing_before=True)
        )

    assert set(late) == {"id", "error"}
    assert "not ended within 0.5 s" in str(late["error"])
    assert (running["Id"], running["State"]["Status"]) == (late.id, "running")
    assert again.exit_code == 0
    assert raw_engine.container_names(prefix) == []


async def test_a_failing_start_leaves_nothing_and_says_why(
    client_of: Callable[..., MapClient], raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """SCR-17."""
    async with client_of({"job": {"image": test_image}}) as client:
        with pytest.raises(ActionRunnerError) as failed:
            await client.run_script("job", command_format="/no/such/program")
        assert raw_engine.container_names(prefix) == []
        with pytest.raises(ActionRunnerError):
            await client.run_script("job", command_format="/no/such", remove_created_after=False)

    [cause] = failed.value.exceptions
    assert isinstance(cause, ContainerFailed)
    assert "/no/such/program" in str(cause)
    assert raw_engine.container_names(prefix) == [f"{prefix}.job"]


async def test_output_that_cannot_be_read_is_an_error_and_leaves_nothing(
    client_of: Callable[..., MapClient], raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """SCR-17; also while the script runs, which is stopped then."""
    landscape = {"job": {"image": test_image, "host_config": {"log_config": {"Type": "none"}}}}
    async with client_of(landscape) as client:
        with pytest.raises(ActionRunnerError) as failed:
            await client.run_script("job", command_format="true")

        async def watch() -> None:
            async with client.stream_script("job", command_format="sleep 1000") as script:
                with fail_after(40):
                    assert [line async for line in script] == []

        with pytest.raises(ActionRunnerError):
            await watch()

    [cause] = failed.value.exceptions
    assert isinstance(cause, EngineError)
    assert "logging driver does not support reading" in str(cause)
    assert raw_engine.container_names(prefix) == []


async def test_output_is_read_while_the_script_runs(
    client_of: Callable[..., MapClient],
    raw_engine: RawEngine,
    prefix: str,
    test_image: str,
    tmp_path: Path,
) -> None:
    wait = "echo ready; until [ -e go ]; do sleep 0.05; done; echo warned >&2; printf end"
    (tmp_path / "run.sh").write_text(f'cd "$(dirname "$0")"; {wait}')
    async with (
        client_of({"job": {"image": test_image}}) as client,
        client.stream_script(
            "job",
            script_path=tmp_path / "run.sh",
            command_format="sh {script_path}",
            timestamps=True,
        ) as script,
    ):
        with fail_after(40):
            first = await anext(script)
            (tmp_path / "go").touch()
            rest = [(line.stream, line.text, line.ends_line) async for line in script]
        assert raw_engine.container_names(prefix) == []

    assert (first.text, first.container, first.instance) == ("ready", f"{prefix}.job", None)
    assert first.timestamp
    assert sorted(rest) == [("stderr", "warned", True), ("stdout", "end", False)]
    assert only(script.results).exit_code == 0
    assert only(script.results).log is None
    assert script.report is not None
    assert script.report.ok


@pytest.mark.parametrize("times", [1, 3])
async def test_a_cancelled_script_is_stopped_and_removed(
    client_of: Callable[..., MapClient],
    raw_engine: RawEngine,
    prefix: str,
    prompt_image: str,
    times: int,
) -> None:
    """ERR-11, also if it is cancelled again while it cleans up; what it needed stays (SCR-18)."""
    landscape = {
        "db": {"image": prompt_image},
        "job": {"image": prompt_image, "links": ["db"], "stop_signal": "SIGKILL"},
    }
    started = asyncio.Event()
    async with client_of(landscape) as client:

        async def run() -> None:
            async with client.stream_script(
                "job", command_format=["sh", "-c", "echo ready; sleep 1000"]
            ) as script:
                async for _ in script:
                    started.set()

        task = asyncio.create_task(run())
        with fail_after(40):
            await started.wait()
        for _ in range(times):
            task.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert raw_engine.container_names(prefix) == [f"{prefix}.db"]


async def test_who_leaves_early_ends_the_script(
    client_of: Callable[..., MapClient], raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    async with client_of({"job": {"image": prompt_image, "stop_signal": "SIGKILL"}}) as client:
        async with client.stream_script("job", command_format="yes") as script:
            assert (await anext(script)).text == "y"
        assert raw_engine.container_names(prefix) == []

    assert script.report is not None
    assert not script.report.ok


async def test_much_output_takes_little_memory_however_slow_the_reader_is(
    client_of: Callable[..., MapClient], test_image: str
) -> None:
    """`benchmarks/script_output.py` does the same with 100 MB."""
    command = ["sh", "-c", f"yes {'x' * 79} | head -c 8000000"]
    size = count = 0
    async with client_of({"job": {"image": test_image}}) as client:
        tracemalloc.start()
        try:
            async with client.stream_script("job", command_format=command) as script:
                async for line in script:
                    size += len(line.text) + 1
                    count += 1
                    if not count % 20_000:
                        await asyncio.sleep(0.1)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert (size, count) == (8_000_000, 100_000)
    assert peak < 3_000_000
