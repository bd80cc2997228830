"""`aiodockmap image`: pulls, pushes and logins, on an engine in memory behind a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from anyio import to_thread
from click.testing import CliRunner, Result

from aiodockmap.cli._commands import command_line
from aiodockmap.testing import EmbeddedEngine, EmbeddedImage

REGISTRY = "reg.test:5000"
IMAGE = f"{REGISTRY}/web:1"
SECRET = "correct-horse-battery"


@pytest.fixture
async def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EmbeddedEngine]:
    engine = EmbeddedEngine()
    engine.world.images.add(IMAGE, EmbeddedImage(revision="web"), stamp="2026-01-01T00:00:00Z")
    engine.registry.publish("docker.io/library/cache:latest")
    engine.registry.passwords[REGISTRY] = ("me", SECRET)
    for name, password in (("right", SECRET), ("wrong", "another-secret")):
        credentials = f"{{username: me, password: {password}}}"
        (tmp_path / f"{name}.yaml").write_text(
            f"__default__: {{auth_configs: {{'{REGISTRY}': {credentials}}}}}\n", encoding="utf-8"
        )
    monkeypatch.chdir(tmp_path)
    async with engine.serve(tmp_path / "docker.sock") as url:
        monkeypatch.setenv("DOCKER_HOST", url)
        yield engine


async def run(*arguments: str) -> Result:
    return await to_thread.run_sync(lambda: CliRunner().invoke(command_line, arguments))


async def test_a_push_is_shown_and_done(engine: EmbeddedEngine) -> None:
    """UTL-1."""
    shown = await run("image", "push", IMAGE, "--dry-run")
    assert IMAGE not in engine.registry.content
    done = await run("image", "push", IMAGE, "--clients", "right.yaml")

    assert (shown.exit_code, done.exit_code) == (0, 0), done.output
    assert shown.stdout == f"#1 push image {IMAGE}: requested\n"
    assert IMAGE in engine.registry.content


async def test_a_pull_of_what_is_missing(engine: EmbeddedEngine) -> None:
    """UTL-1."""
    first = await run("image", "pull", "cache", "--missing")
    second = await run("image", "pull", "cache", "--missing")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "cache:latest" in engine.world.images.tags
    assert "cache stays as it is: the engine has it" in second.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param(["push", "web:7"], 2, "web:7 is not on the engine", id="absent"),
        pytest.param(["push", IMAGE], 1, "no basic auth credentials", id="no-password"),
        pytest.param(["push", IMAGE, "--clients", "wrong.yaml"], 1, "unauthorized", id="wrong"),
        pytest.param(["pull", "none:1"], 1, "none", id="unknown"),
        pytest.param(["login", REGISTRY], 1, "has no credentials for", id="login-without"),
        pytest.param(["login", REGISTRY, "--clients", "wrong.yaml"], 1, "401", id="login-wrong"),
    ],
)
async def test_what_fails_is_told_without_a_password(
    engine: EmbeddedEngine, arguments: list[str], code: int, said: str
) -> None:
    assert engine is not None

    ended = await run("image", *arguments)

    assert ended.exit_code == code
    assert said in ended.stderr
    assert "another-secret" not in ended.output


async def test_a_login_that_is_accepted_is_told(engine: EmbeddedEngine) -> None:
    """UTL-2."""
    assert engine is not None

    ended = await run("image", "login", REGISTRY, "--clients", "right.yaml")

    assert ended.exit_code == 0
    assert ended.stdout == f"{REGISTRY} accepts the credentials of the client\n"


async def test_a_rehearsal_has_no_use_for_images() -> None:
    assert (await run("--embedded", "image", "pull", "cache")).exit_code == 2
