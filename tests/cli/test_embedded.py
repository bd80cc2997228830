"""The command line without an engine: rehearsals, and an engine in memory for others."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from raw_engine import RawEngine

from aiodockmap.cli._commands import command_line
from aiodockmap.cli._embedded import RELEASE
from aiodockmap.testing import EmbeddedEngine

SITE = """\
name: site
volumes:
  data: /data
db:
  image: example/db:2
  create_options:
    command: [own-program, --serve]
  attaches: data
  stop_timeout: 30
web:
  image: example/web
  links: db
  exec_commands:
  - [own-tool --once, root]
"""
SERVE = "from aiodockmap.cli import main; main()"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command_line, arguments)


@pytest.fixture
def map_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    path = tmp_path / "site.yaml"
    path.write_text(SITE, encoding="utf-8")
    return str(path)


def test_a_rehearsal_does_everything_and_says_that_nothing_is_run(map_file: str) -> None:
    ended = run("--embedded", "startup", map_file)

    assert ended.exit_code == 0, ended.stderr
    assert ended.stderr.startswith("rehearsal on an engine in memory")
    assert " pull image example/db:2" in ended.stderr
    assert " start container site.web" in ended.stderr
    assert "own-tool" in ended.stderr


def test_a_rehearsed_plan_is_that_of_an_empty_engine(map_file: str) -> None:
    ended = run("--embedded", "plan", "startup", map_file, "--exit-code")

    assert ended.exit_code == 4
    assert "create container site.db" in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(
            ("worker", "-i", "fats"), "no instance 'fats'; did you mean 'fast'?", id="option"
        ),
        pytest.param(("site.worker.fats",), "no instance 'fats'; did you mean 'fast'?", id="name"),
        pytest.param(("work", "-i", "fast"), "'fast' does not apply", id="group-of-instances"),
        pytest.param(("-i", "fast"), "it has no instances", id="everything"),
        pytest.param(("--force", "site.worker.fats"), "no instance 'fats'", id="forced"),
        pytest.param(("worker", "-i", ""), "names is empty", id="empty-instance"),
        pytest.param(("",), "names is empty", id="empty-container"),
        pytest.param(("--force", ""), "names is empty", id="nothing-forced"),
    ],
)
def test_a_misspelt_instance_is_not_made_and_none_is_left_unheeded(
    map_file: str, arguments: tuple[str, ...], said: str
) -> None:
    """SEL-8, SEL-11, SEL-20."""
    text = (
        "worker: {image: example/worker, instances: [fast, slow]}\ngroups: {work: [worker.slow]}\n"
    )
    Path(map_file).write_text(SITE + text, encoding="utf-8")

    ended = run("--embedded", "update", map_file, *arguments)

    assert ended.exit_code == 2
    assert said in ended.stderr
    assert "worker.f" not in ended.stderr.partition("error:")[0]


def test_rehearsals_do_not_know_of_each_other(map_file: str) -> None:
    run("--embedded", "startup", map_file)

    ended = run("--embedded", "status", map_file, "--json")

    assert [status["state"] for status in json.loads(ended.stdout)] == ["absent", "absent"]


def test_no_real_engine_is_cleaned_in_a_rehearsal(map_file: str) -> None:
    assert map_file

    ended = run("--embedded", "clean", "containers")

    assert ended.exit_code == 2
    assert "nothing to clean" in ended.stderr


def test_all_engines_of_a_client_file_are_rehearsed(map_file: str, tmp_path: Path) -> None:
    clients = tmp_path / "clients.yaml"
    clients.write_text("north:\n  base_url: tcp://192.0.2.1:2375\n", encoding="utf-8")
    text = Path(map_file).read_text(encoding="utf-8") + "clients: [north]\n"
    Path(map_file).write_text(text, encoding="utf-8")

    ended = run("--embedded", "startup", map_file, "--clients", str(clients))

    assert ended.exit_code == 0, ended.stderr
    assert "north" in ended.stderr


@pytest.mark.parametrize(
    ("option", "words"),
    [
        pytest.param(("--embedded",), "Unknown runtime specified nope", id="20.10"),
        pytest.param(
            ("--embedded-release", "28.5"), "unknown or invalid runtime name: nope", id="28.5"
        ),
    ],
)
def test_a_rehearsal_is_on_the_docker_that_was_asked_for(
    map_file: str, option: tuple[str, ...], words: str
) -> None:
    text = "containers:\n  web:\n    image: example/web\n    host_config: {runtime: nope}\n"
    Path(map_file).write_text(f"name: site\n{text}", encoding="utf-8")

    ended = run(*option, "startup", map_file)

    assert ended.exit_code == 1, ended.stderr
    assert words in ended.stderr


def test_a_docker_that_is_not_there_embedded_is_a_usage_error(map_file: str) -> None:
    ended = run("--embedded-release", "19.03", "startup", map_file)

    assert ended.exit_code == 2
    assert "'20.10', '28.5'" in ended.stderr


WITHOUT_ENGINES_IN_MEMORY = """
import sys
import aiodockmap.cli._commands
sys.exit("aiodockmap.testing" in sys.modules)
"""


def test_engines_in_memory_are_imported_for_rehearsals_only() -> None:
    ended = subprocess.run([sys.executable, "-c", WITHOUT_ENGINES_IN_MEMORY], check=False)  # noqa: S603  # our own code

    assert ended.returncode == 0
    assert tuple(RELEASE.choices) == EmbeddedEngine.releases


@contextmanager
def serving(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(  # noqa: S603  # our own code
        [sys.executable, "-c", SERVE, "embedded-engine", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_an_engine_in_memory_serves_others_until_it_is_interrupted(
    tmp_path: Path, asked: signal.Signals
) -> None:
    path = tmp_path / "docker.sock"
    with serving(str(path), "--image", "app:1", "--release", "28.5") as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        engine = RawEngine(url, timeout=10)
        status, _ = engine.call("POST", "containers/create", {"Image": "app:1"}, name="web")
        version = engine.get("version")["Version"]
        process.send_signal(asked)
        code = process.wait(timeout=20)

    assert (url, status, code) == (f"unix://{path}", 201, 0)
    assert version.startswith("28.5.")
    assert not path.exists()


@pytest.mark.parametrize("address", ["relative.sock", "/nowhere/at/all.sock"])
def test_an_address_where_nobody_can_listen_is_a_usage_error(address: str) -> None:
    ended = run("embedded-engine", address)

    assert ended.exit_code == 2
    assert "cannot listen there" in ended.stderr
