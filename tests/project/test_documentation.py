"""Every example of the documentation runs: a page at a time, in order, on a real engine.

Python examples may await, as in `python -m asyncio`; those of a page share their names and their
loop. Maps are loaded, and saved as `NAME.yaml` for what follows on the page. Of the commands, those of
ours are run, and their output is compared where the page shows it.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from raw_engine import RawEngine
from sybil import Example
from sybil.document import Document
from sybil.evaluators.python import pad
from sybil.parsers.myst import CodeBlockParser

from aiodockmap import (
    ContainerConfiguration,
    ContainerMap,
    MapClient,
    NetworkConfiguration,
    VolumeConfiguration,
    load_clients,
    load_map,
)
from aiodockmap.plan import OPTIONS, Verb

PROJECT = Path(__file__).parents[2]
PAGES = [
    path.relative_to(PROJECT).as_posix()
    for path in (PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md")))
    if "_build" not in path.parts
]
MAPS = ("site.", "shop.", "bot.")
OPTIONS_OF_STARTUP = {verb: OPTIONS[Verb.STARTUP] if verb is Verb.SCRIPT else () for verb in Verb}
"""`run_script` says of these that it takes them, too."""


def run_python(example: Example) -> None:
    source = pad(example.parsed, example.line + example.parsed.line_offset)
    code = compile(source, example.path, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    runner: asyncio.Runner = example.namespace["__runner__"]
    ended = eval(code, example.namespace)  # noqa: S307  # our own pages
    if inspect.iscoroutine(ended):
        runner.run(ended)


def load_yaml(example: Example) -> None:
    text = str(example.parsed)
    if Path(example.path).name == "errors.md":
        return  # wrong on purpose: tests/client/test_clear_errors.py compares what is said
    if "__default__:" in text:
        assert load_clients(text)
        return
    loaded = load_map(text)
    Path(f"{loaded.name}.yaml").write_text(text, encoding="utf-8")


def run_commands(example: Example) -> None:
    for command, shown in re.findall(
        r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", f"{example.parsed}\n", re.MULTILINE
    ):
        if not command.startswith("aiodockmap "):
            continue
        ended = subprocess.run(  # noqa: S603  # our own pages
            ["bash", "-c", command],  # noqa: S607
            check=False,
            capture_output=True,
            text=True,
            timeout=50,
        )
        may_have_changes = "--exit-code" in command
        assert ended.returncode == 0 or (may_have_changes and ended.returncode == 4), (
            f"{example.path}:{example.line}: {command}\n{ended.stdout}{ended.stderr}"
        )
        if shown.strip():
            assert ended.stdout.strip() == shown.strip()


PARSERS = (
    CodeBlockParser("python", run_python),
    CodeBlockParser("yaml", load_yaml),
    CodeBlockParser("console", run_commands),
)


@pytest.fixture
def reader_folder(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    docker_url: str,
    raw_engine: RawEngine,
    example_image: str,
) -> Iterator[Path]:
    """A folder as the reader of a page has it, and the engine that the reader uses."""
    assert example_image
    taken = [name for start in MAPS for name in raw_engine.container_names(start)]
    assert not taken, f"the engine has containers with names of our examples: {taken}"
    for file in (PROJECT / "docs/examples").glob("*.yaml"):
        shutil.copy(file, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCKER_HOST", docker_url)
    monkeypatch.setenv("SITE_ROOT", str(tmp_path / "root"))
    monkeypatch.setenv("SHOP_ROOT", str(tmp_path / "root"))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    yield tmp_path
    for start in MAPS:
        raw_engine.remove_all(start)


def names_in(page: str) -> set[str]:
    """All that a page writes as code."""
    return set(re.findall(r"`(\w+)`", (PROJECT / page).read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "kind",
    [ContainerMap, ContainerConfiguration, VolumeConfiguration, NetworkConfiguration],
    ids=lambda kind: kind.__name__,
)
def test_the_reference_of_maps_has_every_attribute(kind: type[attrs.AttrsInstance]) -> None:
    """LOAD-1, CFG-1 to CFG-84."""
    attributes = {field.name.lstrip("_") for field in attrs.fields(kind) if field.init}

    assert attributes <= names_in("docs/reference/map.md")


@pytest.mark.parametrize("verb", list(Verb), ids=lambda verb: verb.value)
def test_the_options_of_an_action_are_in_its_docstring(verb: Verb) -> None:
    """Behaviour 6.2; docker-map's list lacks the text of one (DOC-5).

    The second name of `remove_created_after` is for those who know it.
    """
    method = MapClient.run_script if verb is Verb.SCRIPT else getattr(MapClient, verb.value)
    described = set(re.findall(r"`(\w+)`", method.__doc__ or ""))

    assert OPTIONS[verb] - {"remove_existing_after"} <= described | set(OPTIONS_OF_STARTUP[verb])


@pytest.mark.engine
@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_a_page_run(page: str, reader_folder: Path) -> None:
    document = Document.parse(str(PROJECT / page), *PARSERS)

    with asyncio.Runner() as runner:
        document.namespace["__runner__"] = runner
        for example in document.examples():
            example.evaluate()

    assert reader_folder.exists()
