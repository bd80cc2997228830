"""What a run leaves alone is told when it is done, as it is when it is planned."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from anyio import to_thread
from click.testing import CliRunner, Result

from aiodockmap import MapClient, load_map
from aiodockmap.cli._commands import command_line
from aiodockmap.testing import EmbeddedEngine

SITE = """
name: m
db: {image: nginx, attaches: data, persistent: true}
web: {image: nginx, stop_signal: SIGKILL}
volumes: {data: /data}
"""
CHANGED = """
name: m
db: {image: nginx, attaches: data, persistent: true, create_options: {environment: {A: b}}}
web: {image: nginx, stop_signal: SIGKILL}
volumes: {data: {default_path: /data, driver_options: {type: tmpfs, device: tmpfs}}}
"""
LEFT_ALONE = ("it is persistent and stays, --update-persistent", "With --renew-volume db.data")


@pytest.fixture
async def map_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """A map that has changed since its containers were started, on the engine of DOCKER_HOST."""
    engine = EmbeddedEngine(pulls_anything=True)
    async with MapClient(load_map(SITE), default_client=engine.transport()) as client:
        await client.startup("__all__")
    file = tmp_path / "site.yaml"
    file.write_text(CHANGED, encoding="utf-8")
    async with engine.serve(tmp_path / "docker.sock") as url:
        monkeypatch.setenv("DOCKER_HOST", url)
        yield str(file)


async def run(*arguments: str) -> Result:
    return await to_thread.run_sync(lambda: CliRunner().invoke(command_line, arguments))


def notes(told: str) -> list[str]:
    return [line for line in told.splitlines() if line.startswith("note: ")]


@pytest.mark.parametrize(
    ("options", "begins"),
    [
        pytest.param((), "nothing to do", id="nothing-to-do"),
        pytest.param(("--force", "web"), "5 steps", id="steps"),
        pytest.param(("--pull",), "1 step", id="two-rounds"),
    ],
)
async def test_an_update_tells_the_notes_of_its_plan_once(
    map_file: str, options: tuple[str, ...], begins: str
) -> None:
    planned = await run("plan", "update", map_file, *options)
    done = await run("update", map_file, *options, "--json")

    told = notes(done.stderr)
    assert done.exit_code == 0, done.stderr
    assert done.stderr.startswith(begins)
    assert all(any(words in note for note in told) for words in LEFT_ALONE), done.stderr
    assert [each for each in notes(planned.stdout) if "after the pull" not in each] == told
    assert "note: " not in done.stdout
    assert len(json.loads(done.stdout)["notes"]) == len(told)
