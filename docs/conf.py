"""How the documentation is built: `make docs`."""

from __future__ import annotations

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

# Docstrings mark code with single backticks.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_format = "short"
autodoc_class_signature = "separated"
autodoc_default_options = {"exclude-members": "__init__, __new__"}
# A forward reference that only type checkers can follow is documented as it is written.
suppress_warnings = ["sphinx_autodoc_typehints.forward_reference"]

html_theme = "furo"
html_title = "aiodockmap"
html_copy_source = False


def show_trees_as_written(
    _app: Sphinx, _what: str, _name: str, _object: object, _options: object, lines: list[str]
) -> None:
    """Keep the lines of a docstring that draws a tree together."""
    if not any("├" in line for line in lines):
        return
    first = lines.index("") + 1
    lines[first:] = ["::", "", *(f"    {line}" for line in lines[first:])]


def setup(app: Sphinx) -> None:
    app.connect("autodoc-process-docstring", show_trees_as_written)
