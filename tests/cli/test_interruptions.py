"""Commands that are interrupted on a real engine: they end at a safe point, and say how far they came."""

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

ENDINGS = [
    pytest.param(signal.SIGINT, 130, "interrupted", id="Ctrl-C"),
    pytest.param(signal.SIGTERM, 143, "terminated", id="SIGTERM"),
]


@pytest.fixture
def landscape(tmp_path: Path, prefix: str, prompt_image: str, docker_url: str) -> Path:
    """A map that takes a minute to come up."""
    assert docker_url
    content = {
        "name": prefix,
        "db": {"image": prompt_image, "start_delay": 60},
        "web": {"image": prompt_image, "links": "db"},
    }
    file = tmp_path / "site.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return file


def interrupted_at(
    words: str, number: signal.Signals, docker_url: str, *arguments: str | Path
) -> tuple[int, list[str]]:
    """Send a signal to a command that says certain words; return its exit code, and all that it says."""
    with subprocess.Popen(  # noqa: S603  # our own code
        [*COMMAND, *map(str, arguments)],
        env={**os.environ, "DOCKER_HOST": docker_url},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        told = []
        for line in process.stderr:
            told.append(line.strip())
            if words in line:
                break
        process.send_signal(number)
        _, rest = process.communicate(timeout=PATIENCE)
    return process.returncode, [*told, *(line.strip() for line in rest.splitlines())]


@pytest.mark.parametrize(("number", "code", "word"), ENDINGS)
def test_a_startup_says_how_far_it_came(
    number: signal.Signals,
    code: int,
    word: str,
    landscape: Path,
    docker_url: str,
    raw_engine: RawEngine,
    prefix: str,
) -> None:
    ended, told = interrupted_at("wait 60 s", number, docker_url, "startup", landscape)

    assert ended == code
    assert told[-1] == word
    # Not always the line before: a busy machine is slow, and the development mode says so.
    assert [line for line in told if "1 interrupted, 1 not run" in line]
    assert (raw_engine.container(f"{prefix}.db") or {})["State"]["Running"]
    assert not (raw_engine.container(f"{prefix}.web") or {"State": {"Running": False}})["State"][
        "Running"
    ]


@pytest.mark.parametrize(("number", "code", "word"), ENDINGS)
def test_a_replacement_is_brought_to_a_safe_point(
    number: signal.Signals,
    code: int,
    word: str,
    landscape: Path,
    docker_url: str,
    raw_engine: RawEngine,
    prefix: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rather the old container than none."""
    monkeypatch.setenv("DOCKER_HOST", docker_url)
    content = yaml.safe_load(landscape.read_text(encoding="utf-8"))
    content["db"]["start_delay"] = 0
    landscape.write_text(yaml.safe_dump(content), encoding="utf-8")
    assert CliRunner().invoke(command_line, ["startup", str(landscape)]).exit_code == 0

    ended, told = interrupted_at(
        f"rename container {prefix}.db", number, docker_url, "update", landscape, "--force", "db"
    )
    names = raw_engine.container_names(prefix)
    runs = (raw_engine.container(f"{prefix}.db") or {})["State"]["Running"]

    assert (ended, told[-1]) == (code, word)
    assert names == [f"{prefix}.db", f"{prefix}.web"]
    assert runs
