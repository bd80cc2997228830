"""How the documentation is built: `make docs`."""

from __future__ import annotations

import re
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "aiodockmap"
author = "The aiodockmap authors"
copyright = "the aiodockmap authors"  # noqa: A001  # Sphinx wants this name
release = version = installed_version("aiodockmap")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "examples"]
source_suffix = {".md": "markdown"}
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_format = "short"
autodoc_class_signature = "separated"
autodoc_default_options = {"exclude-members": "__init__, __new__"}

html_theme = "furo"
html_title = "aiodockmap"
html_copy_source = False


CODE = re.compile(r"(?<![`:\w])`([^`]+)`(?!`)")


VALUES = {"attribute", "data", "property"}
_descriptions: dict[str, list[str]] = {}


def read_as_markdown(
    _app: Sphinx, what: str, name: str, _object: object, _options: object, lines: list[str]
) -> None:
    """Let a docstring mark code as Markdown does, and keep the lines of a drawn tree together."""
    lines[:] = CODE.sub(r"``\1``", "\n".join(lines)).split("\n")
    if any("├" in line for line in lines):
        first = lines.index("") + 1
        lines[first:] = ["::", "", *(f"    {line}" for line in lines[first:])]
    if what in VALUES:
        _descriptions[name] = list(lines)


def keep_colons(
    _app: Sphinx, what: str, name: str, _object: object, _options: object, lines: list[str]
) -> None:
    """Undo what Napoleon does to the description of a value: it takes the start for a type."""
    if what in VALUES:
        lines[:] = _descriptions.pop(name)


def setup(app: Sphinx) -> None:
    # Napoleon reads the sections of docstrings at 500.
    app.connect("autodoc-process-docstring", read_as_markdown, priority=400)
    app.connect("autodoc-process-docstring", keep_colons, priority=600)
