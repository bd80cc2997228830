"""`make demo`: it shows the example site, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from raw_engine import RawEngine

DEMO = Path(__file__).parents[2] / "docs/examples/demo.py"
FOLDERS = Path("/tmp")


def demonstrate(docker_host: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # our own code
        [sys.executable, "-W", "error", str(DEMO)],
        check=False,
        capture_output=True,
        text=True,
        timeout=50,
        env={**os.environ, "DOCKER_HOST": docker_host},
    )


def what_there_is(engine: RawEngine) -> dict[str, list[str]]:
    images = [tag for image in engine.get("images/json") for tag in image["RepoTags"] or ()]
    return {
        "containers": engine.container_names("site."),
        "volumes": engine.volume_names("site."),
        "networks": engine.network_names("site."),
        "images": sorted(tag for tag in images if tag.startswith("site-example")),
        "folders": sorted(str(folder) for folder in FOLDERS.glob("aiodockmap-demo-*")),
    }


@pytest.mark.engine
def test_it_shows_a_site_from_plan_to_shutdown_and_leaves_nothing_behind(
    raw_engine: RawEngine, docker_url: str
) -> None:
    before = what_there_is(raw_engine)

    ended = demonstrate(docker_url)

    assert (ended.returncode, ended.stderr) == (0, "")
    headings = [line for line in ended.stdout.splitlines() if line.startswith("== ")]
    assert [heading.split()[1] for heading in headings] == [
        "plan:",
        "startup",
        "status",
        "a",
        "shutdown,",
    ]
    assert "a second startup\nnothing to do\n" in ended.stdout
    assert what_there_is(raw_engine) == before


@pytest.mark.engine
def test_it_does_not_touch_a_site_that_is_there(
    raw_engine: RawEngine, docker_url: str, example_image: str
) -> None:
    raw_engine.call("POST", "containers/create", {"Image": example_image}, name="site.other")
    try:
        ended = demonstrate(docker_url)

        assert ended.returncode == 1
        assert "site.other" in ended.stderr
        assert raw_engine.container_names("site.") == ["site.other"]
    finally:
        raw_engine.remove_all("site.other")


def test_without_an_engine_it_runs_on_an_embedded_one_and_says_so_first(tmp_path: Path) -> None:
    folders = sorted(FOLDERS.glob("aiodockmap-demo-*"))

    ended = demonstrate(f"unix://{tmp_path}/none.sock")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith(f"There is no container engine at unix://{tmp_path}/none.sock:")
    assert "embedded" in ended.stdout.splitlines()[0]
    assert "a second startup\nnothing to do\n" in ended.stdout
    assert sorted(FOLDERS.glob("aiodockmap-demo-*")) == folders
