"""`aiodockmap clean`, on an engine that nobody else has containers on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from anyio import to_thread
from click.testing import CliRunner, Result

from aiodockmap import ContainerMap, MapClient
from aiodockmap.cli._commands import command_line
from aiodockmap.testing import EmbeddedEngine, EmbeddedImage

IMAGE = "site-example:latest"
SITE = """
name: m
job: {image: site-example}
fresh: {image: site-example}
store: {image: site-example, persistent: true}
web: {image: site-example}
"""


@pytest.fixture
async def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EmbeddedEngine]:
    engine = EmbeddedEngine()
    engine.world.images.add("old:1", EmbeddedImage(revision="1"), stamp="2026-01-01T00:00:00Z")
    engine.world.images.add("old:2", EmbeddedImage(revision="2"), stamp="2026-01-01T00:00:00Z")
    (tmp_path / "site.yaml").write_text(SITE, encoding="utf-8")
    prompt = {"image": IMAGE, "stop_signal": "SIGKILL"}
    site = ContainerMap("m", dict.fromkeys(("job", "fresh", "store", "web"), prompt))
    async with MapClient(site, default_client=engine.transport()) as client:
        await client.startup(["job", "store", "web"])
        await client.stop(["job", "store"])
        await client.create("fresh")
    async with engine.serve(tmp_path / "docker.sock") as url:
        monkeypatch.setenv("DOCKER_HOST", url)
        yield engine


async def clean(*arguments: str) -> Result:
    return await to_thread.run_sync(lambda: CliRunner().invoke(command_line, ["clean", *arguments]))


async def test_a_dry_run_says_what_would_go_and_what_stays(
    engine: EmbeddedEngine, tmp_path: Path
) -> None:
    shown = await clean("containers", "--dry-run", "--map", str(tmp_path / "site.yaml"))

    assert shown.exit_code == 0, shown.output
    assert "remove container m.job: has ended" in shown.stdout
    assert "m.store stays: it is persistent on map m" in shown.stdout
    assert engine.container_names() == ["m.fresh", "m.job", "m.store", "m.web"]


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        pytest.param(["--map", "site.yaml"], ["m.fresh", "m.store", "m.web"], id="stopped"),
        pytest.param(["--initial"], ["m.web"], id="never-started"),
        pytest.param(["--running", "--exclude", "m.job"], ["m.job"], id="all-but-one"),
    ],
)
async def test_containers_are_removed(
    engine: EmbeddedEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    left: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)

    ended = await clean("containers", *arguments)

    assert ended.exit_code == 0, ended.output
    assert engine.container_names() == left


async def test_images_are_removed(engine: EmbeddedEngine) -> None:
    kept = await clean("images")
    ended = await clean("images", "--old", "--keep-tag", "2")

    assert (kept.exit_code, ended.exit_code) == (0, 0)
    assert "remove image old:1" in ended.output + ended.stderr
    assert sorted(engine.world.images.tags) == ["old:2", IMAGE]


async def test_an_unknown_client_is_an_error_of_usage(engine: EmbeddedEngine) -> None:
    ended = await clean("images", "--client", "north")

    assert ended.exit_code == 2
    assert "no client is named 'north'" in ended.stderr
    assert engine.container_names()


async def test_what_is_named_goes_and_nothing_else(engine: EmbeddedEngine) -> None:
    """UTL-4: in any state; what is not there is told."""
    removed = await clean("containers", "m.web", "m.job", "m.wep")
    untagged = await clean("images", "old:1")
    none = await clean("images", "old:1")
    odd = await clean("containers", "m.fresh", "--running")

    assert (removed.exit_code, untagged.exit_code, none.exit_code) == (0, 0, 0)
    assert engine.container_names() == ["m.fresh", "m.store"]
    assert "old:1" not in engine.world.images.tags
    assert "there is no container m.wep" in removed.stderr
    assert "there is no image old:1" in none.stderr
    assert odd.exit_code == 2
    assert "with NAMES, just these are removed" in odd.stderr
