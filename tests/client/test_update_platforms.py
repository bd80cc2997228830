"""A platform through `update`: engines show no more of it than the operating system."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator

import pytest
from client.conftest import ClientOf
from raw_engine import RawEngine
from small_image import small_file_system

from aiodockmap import Plan

pytestmark = pytest.mark.engine


@pytest.fixture
def foreign(raw_engine: RawEngine, prefix: str) -> Iterator[tuple[str, str]]:
    """An image for a processor that the engine does not have, and its platform."""
    architecture = "arm64" if raw_engine.get("version")["Arch"] == "amd64" else "amd64"
    image = f"{prefix}foreign:latest"
    status, answer = raw_engine.call("POST", "images/load", saved_image(image, architecture))
    assert status == 200, answer
    yield image, f"linux/{architecture}"
    raw_engine.remove_all(prefix)
    raw_engine.call("DELETE", f"images/{image}", force="true")


def saved_image(name: str, architecture: str) -> bytes:
    """What `docker save` writes; an import is always for the engine's own processor on 20.10."""
    layer = small_file_system()
    config = {
        "architecture": architecture,
        "os": "linux",
        "config": {"Cmd": ["/bin/sleep", "1000"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
    }
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]
    files = {
        "config.json": json.dumps(config).encode(),
        "layer.tar": layer,
        "manifest.json": json.dumps(manifest).encode(),
    }
    saved = io.BytesIO()
    with tarfile.open(fileobj=saved, mode="w") as archive:
        for file, content in files.items():
            entry = tarfile.TarInfo(file)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return saved.getvalue()


def reasons(plan: Plan) -> set[str]:
    return {str(reason) for step in plan.steps for reason in step.reasons} - {"was never started"}


async def test_a_platform_that_is_not_asked_for_any_more_is_noticed(
    client_of: ClientOf, foreign: tuple[str, str]
) -> None:
    """Where it differs from that of the engine; once replaced, it is as it should be."""
    image, platform = foreign
    with_platform = {"web": {"image": f"/{image}", "create_options": {"platform": platform}}}
    without = {"web": {"image": f"/{image}"}}
    async with client_of(with_platform) as before, client_of(without) as after:
        await before.create("web")
        same = await before.plan("update", "web")
        removed = await after.plan("update", "web")
        await after.remove("web")
        await after.create("web")
        again = await after.plan("update", "web")

    assert not reasons(same)
    assert "platform removed" in reasons(removed)
    assert not reasons(again)


async def test_a_platform_that_is_that_of_the_engine_may_come_and_go(
    raw_engine: RawEngine, client_of: ClientOf, prompt_image: str
) -> None:
    platform = f"linux/{raw_engine.get('version')['Arch']}"
    with_platform = {"web": {"image": f"/{prompt_image}", "create_options": {"platform": platform}}}
    without = {"web": {"image": f"/{prompt_image}"}}
    async with client_of(with_platform) as asking, client_of(without) as silent:
        await asking.startup("web")
        removed = await silent.plan("update", "web")
        await silent.update("web", force_update="web")
        added = await asking.plan("update", "web")

    assert removed.is_empty, removed.render()
    assert added.is_empty, added.render()
