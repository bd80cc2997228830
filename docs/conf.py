"""How the documentation is built: `make docs`."""

from __future__ import annotations

from importlib.metadata import version as installed_version

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
