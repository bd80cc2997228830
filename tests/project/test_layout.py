"""The shape of the code, where no linter looks."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PACKAGE = PROJECT / "aiodockmap"
MODULES = sorted(PACKAGE.rglob("*.py"))
STAGES = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
MOST_LINES = 400


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_module_outgrows_a_reader(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_begins_with_its_front_door_only(stage: str) -> None:
    tree = ast.parse((PACKAGE / stage / "__init__.py").read_text(encoding="utf-8"))

    others = [
        ast.unparse(node)
        for node in tree.body[1:]
        if not isinstance(node, ast.ImportFrom)
        and not (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__")
    ]

    assert ast.get_docstring(tree), "a stage says what it is in its first line"
    assert others == []


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_exports_exactly_what_it_imports(stage: str) -> None:
    tree = ast.parse((PACKAGE / stage / "__init__.py").read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    } - {"annotations"}

    exported = importlib.import_module(f"aiodockmap.{stage}").__all__

    assert sorted(exported) == sorted(imported)
    assert len(exported) == len(set(exported))


@pytest.mark.parametrize("stage", STAGES)
def test_modules_of_a_stage_are_private(stage: str) -> None:
    public = [path.name for path in (PACKAGE / stage).glob("*.py") if not path.name.startswith("_")]

    # pytest wants plugins by the name of a module.
    assert public == (["pytest_plugin.py"] if stage == "testing" else [])


@pytest.mark.parametrize("name", ["aiodockmap", "aiodockmap.errors", "aiodockmap.testing"])
def test_every_public_name_has_a_docstring(name: str) -> None:
    module = importlib.import_module(name)

    silent = [
        public
        for public in module.__all__
        if callable(getattr(module, public)) and not getattr(module, public).__doc__
    ]

    assert silent == []
