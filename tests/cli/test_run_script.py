"""`aiodockmap run-script` on a real engine: files, streams, codes, patience, the keyboard (behaviour 8.1)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from raw_engine import RawEngine

from aiodockmap.cli._commands import command_line

pytestmark = pytest.mark.engine

COMMAND = (sys.executable, "-c", "from aiodockmap.cli import main; main()")
PATIENCE = 40
"""Seconds after which a command hangs for good."""


@pytest.fixture
def landscape(tmp_path: Path, prefix: str, test_image: str) -> Path:
    """A map with a job that needs a database and its volume."""
    content = {
        "name": prefix,
        "db": {"image": test_image, "attaches": "data"},
        "job": {"image": test_image, "links": "db", "uses": "data", "stop_signal": "SIGKILL"},
        "volumes": {"data": "/data"},
    }
    file = tmp_path / "site.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return file


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A script that says what it was given and where it is, on both streams, and exits with 3."""
    folder = tmp_path / "jobs"
    folder.mkdir()
    (folder / "input").write_text("from the file\n", encoding="utf-8")
    file = folder / "run.sh"
    file.write_text(
        '#!/bin/sh\necho "$0 $1"\ncat "${0%/*}/input" || true\necho careful >&2\nexit 3\n',
        encoding="utf-8",
    )
    file.chmod(0o755)
    return file


@pytest.fixture(autouse=True)
def engine_at_hand(docker_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", docker_url)


def started(*arguments: str | Path) -> subprocess.Popen[str]:
    """The command in a process of its own."""
    return subprocess.Popen(  # noqa: S603  # our own code
        [*COMMAND, "run-script", *map(str, arguments)],
        env=os.environ.copy(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(*arguments: str | Path) -> tuple[int, str, list[str]]:
    """The exit code, what was printed, and the lines on standard error."""
    ended = CliRunner().invoke(command_line, ["run-script", *map(str, arguments)])
    return ended.exit_code, ended.stdout, ended.stderr.splitlines()


def test_a_script_file_is_run_with_its_neighbours_and_removed(
    raw_engine: RawEngine, prefix: str, landscape: Path, script: Path
) -> None:
    """SCR-1, SCR-2, SCR-12, SCR-18, SCR-19, SCR-30: each stream is passed on as that stream."""
    process = started(
        *(landscape, "job", "--script", script),
        *("--entrypoint", "/bin/sh", "--command", "{script_path} /data"),
    )

    printed, told = process.communicate(timeout=PATIENCE)

    assert process.returncode == 5
    assert printed == "/tmp/script_run/run.sh /data\nfrom the file\n"
    assert told.splitlines() == ["careful", "the script ended with exit code 3"]
    assert raw_engine.container_names(prefix) == [f"{prefix}.db"]


@pytest.mark.parametrize(
    ("command", "code"),
    [("exit 3", 3), ("exit 0", 0), ("exit 137", 137)],
    ids=["failed", "succeeded", "as-if-killed"],
)
def test_the_code_of_the_script_is_passed_on_if_asked_for(
    landscape: Path, command: str, code: int
) -> None:
    """SCR-19, SCR-20."""
    ended = run(landscape, "job", "--exit-code", "--command", f"sh -c '{command}'")

    assert ended[0] == code


def test_a_single_command_is_run_against_what_the_container_needs(landscape: Path) -> None:
    """SCR-3, SCR-4, SCR-31: as one asks a cache for its size."""
    code, printed, told = run(
        *(landscape, "job", "--entrypoint", "/bin/ping"),
        *("--command", "-c 1 -W 5 db"),
    )

    assert (code, told) == (0, [])
    assert "1 packets received" in printed


@pytest.mark.parametrize("how", [(), ("--copy",)], ids=["mounted", "copied"])
def test_a_folder_is_imported_into_a_database(
    landscape: Path, script: Path, how: tuple[str, ...]
) -> None:
    """SCR-2, SCR-32; `--copy` is for engines that have not the files of this machine."""
    imported = run(
        *(landscape, "job", "--script", script.parent),
        *how,
        *("--command", "cp {script_path}/input /data/imported"),
    )
    shown = run(landscape, "job", "--command", "cat /data/imported")

    assert imported == (0, "", [])
    assert shown == (0, "from the file\n", [])


def test_a_copied_file_comes_alone(
    raw_engine: RawEngine, prefix: str, landscape: Path, script: Path
) -> None:
    """SCR-8, SCR-33, SCR-12: to the place that is asked for; the container stays if it is to."""
    code, printed, told = run(
        *(landscape, "job", "--script", script, "--copy", "--keep"),
        *("--script-dir", "/some/where", "--command", "{script_path} it"),
    )

    assert code == 5
    assert printed == "/some/where/run.sh it\n"
    assert any("can't open '/some/where/input'" in line for line in told)
    left = raw_engine.container(f"{prefix}.job") or {}
    assert left["State"]["Status"] == "exited"


def test_a_script_that_takes_too_long_is_told_and_runs_on(
    raw_engine: RawEngine, prefix: str, landscape: Path
) -> None:
    """SCR-16, SCR-10, SCR-11: until the next call removes it."""
    again = (landscape, "job", "--command", "echo done")

    late = run(
        *(landscape, "job", "--exit-code", "--wait-timeout", "0.5"),
        *("--command", "sleep 1000"),
    )
    running = raw_engine.container(f"{prefix}.job") or {}
    status = CliRunner().invoke(
        command_line, ["status", str(landscape), "job", "--quick", "--exit-code"]
    )
    refused = run(*again)
    done = run(*again, "--remove-existing-before")

    assert late[:2] == (5, "")
    assert "has not ended within 0.5 s" in late[2][0]
    assert late[2][0].endswith("--remove-existing-before ends it")
    assert running["State"]["Running"]
    assert status.exit_code == 4
    assert status.stdout.split()[-1] == "script"
    assert refused[:2] == (2, "")
    assert "there is a container" in refused[2][0]
    assert "have it removed: --remove-existing-before" in refused[2][0]
    assert done == (0, "done\n", [])
    assert raw_engine.container_names(prefix) == [f"{prefix}.db"]


def test_an_interrupt_stops_the_script_and_removes_what_was_made_for_it(
    raw_engine: RawEngine, prefix: str, landscape: Path
) -> None:
    """SCR-17, SCR-18: by Ctrl-C; what it needed stays."""
    process = started(landscape, "job", "--command", "sh -c 'echo ready; sleep 1000'")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"

    process.send_signal(signal.SIGINT)
    printed, told = process.communicate(timeout=PATIENCE)

    assert (process.returncode, printed, told) == (130, "", "interrupted\n")
    assert raw_engine.container_names(prefix) == [f"{prefix}.db"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("jop",), "jop", id="unknown-container"),
        pytest.param(("job", "db"), "in one configuration", id="two-containers"),
        pytest.param(("job", "--instance", "a", "--instance", "b"), "one instance", id="instances"),
        pytest.param(("job", "--copy", "--script", "/none"), "no /none on this", id="no-file"),
        pytest.param(("job", "--command", "'"), "No closing quotation", id="quotes"),
        pytest.param(("job", "--script-dir", "here"), "absolute path", id="relative"),
        pytest.param(("job", "--wait-timeout", "soon"), "'soon' is not a valid", id="number"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_is_created(
    raw_engine: RawEngine,
    prefix: str,
    landscape: Path,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    """SCR-1, SCR-6, SCR-15, SCR-22."""
    code, printed, told = run(landscape, *arguments)

    assert (code, printed) == (2, "")
    assert said in "\n".join(told)
    assert raw_engine.container_names(prefix) == []


def test_a_script_that_is_not_there_leaves_nothing(
    raw_engine: RawEngine, prefix: str, landscape: Path
) -> None:
    """SCR-17: what the engine says of it is told."""
    code, printed, told = run(landscape, "job", "--command", "/no/such/program")

    assert (code, printed) == (1, "")
    assert "/no/such/program" in "\n".join(told)
    assert raw_engine.container_names(prefix) == [f"{prefix}.db"]
