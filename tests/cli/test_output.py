"""What a command does when nobody can have what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from anyio import to_thread

from aiodockmap.testing import EmbeddedEngine

COMMAND = (sys.executable, "-c", "from aiodockmap.cli import main; main()")


@pytest.fixture
def map_file(tmp_path: Path) -> str:
    file = tmp_path / "site.yaml"
    file.write_text("{name: site, web: {image: site-example/absent}}", encoding="utf-8")
    return str(file)


def ended(redirection: str, *arguments: str, url: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command with its output redirected by the shell."""
    return subprocess.run(  # noqa: S603  # our own code
        ["/bin/sh", "-c", f'"$@" {redirection}', "sh", *COMMAND, *arguments],
        # With no buffer, Python itself loses what a disk has no room for, and says nothing.
        env={**os.environ, "DOCKER_HOST": url, "PYTHONUNBUFFERED": ""},
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("arguments", "said_before"),
    [
        pytest.param(("startup", "--json"), "3 done in", id="report"),
        pytest.param(("status",), "rehearsal on", id="table"),
    ],
)
def test_output_that_is_lost_has_a_code_of_its_own(
    map_file: str, arguments: tuple[str, ...], said_before: str
) -> None:
    result = ended(">/dev/full", "--embedded", *arguments, map_file)

    before, lost = result.stderr.splitlines()[-2:]
    assert lost == "error: cannot write the output: No space left on device"
    assert before.startswith(said_before)
    assert result.returncode == 6


async def test_a_failed_step_says_more_than_a_lost_report(map_file: str, tmp_path: Path) -> None:
    async with EmbeddedEngine().serve(tmp_path / "docker.sock") as url:
        result = await to_thread.run_sync(
            lambda: ended(">/dev/full", "startup", map_file, "--json", url=url)
        )

    assert "error: startup: 1 of 3 steps failed" in result.stderr
    assert result.returncode == 1


def test_no_run_is_given_up_because_what_it_says_is_lost(map_file: str) -> None:
    result = ended("2>/dev/full", "--embedded", "startup", map_file, "--json")

    assert json.loads(result.stdout)["ok"] is True
    assert result.returncode == 0


def test_a_reader_who_has_gone_ends_a_command_quietly(map_file: str) -> None:
    result = ended("| true", "--embedded", "status", map_file)

    (line,) = result.stderr.splitlines()
    assert line.startswith("rehearsal on an engine in memory")
