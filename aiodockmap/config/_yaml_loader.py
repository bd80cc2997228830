"""The YAML loader of maps, and its tags for paths (YAML-5 to YAML-8)."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable
from typing import IO, Final, TypeAlias

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ..model import lazy_once

Source: TypeAlias = str | bytes | IO[str] | IO[bytes]
"""The text of a document, or a file that is open for reading; it stays the caller's to close."""

_log: Final = logging.getLogger("aiodockmap")

_VARIABLE: Final = re.compile(r"\$(?:(\w+)|\{([^}]+)\})", re.ASCII)
_PATH_TAG: Final = "!path"
_LATE_PATH_TAG: Final = "!path_lazy"
_NULL_TAG: Final = "tag:yaml.org,2002:null"


class MapLoader(yaml.SafeLoader):
    """The loader of maps: safe, and with the tags `!path` and `!path_lazy`.

    Tags of your own go on it, on a subclass, or on `yaml.SafeLoader`, by `add_constructor`; what they
    construct may be a late value (YAML-8).
    """

    def __init__(self, stream: Source) -> None:
        super().__init__(stream)
        # Looked up now, since PyYAML replaces the table of yaml.SafeLoader when a tag is added.
        own, shared = self.yaml_constructors, yaml.SafeLoader.yaml_constructors
        self.yaml_constructors = {**shared, **own}  # type: ignore[misc]  # the class has it, too


def expand_path(path: str) -> str:
    """A path with environment variables expanded, and then the home directory (YAML-5).

    Variables that are not set stay as they are written, and are logged.
    """
    for found in _VARIABLE.finditer(path):
        name = found[1] or found[2]
        if name not in os.environ:
            _log.warning("the environment variable '%s' in the path '%s' is not set", name, path)
    return os.path.expanduser(os.path.expandvars(path))  # noqa: PTH111 -- keeps the rest as written


def add_path_tags(loader: type[yaml.SafeLoader]) -> None:
    """Make a loader class of your own know `!path` and `!path_lazy` (YAML-8)."""
    loader.add_constructor(_PATH_TAG, _construct_path)
    loader.add_constructor(_LATE_PATH_TAG, _construct_late_path)


def _construct_path(loader: yaml.SafeLoader, node: Node) -> object:
    return _construct_paths(loader, node, expand_path)


def _construct_late_path(loader: yaml.SafeLoader, node: Node) -> object:
    return _construct_paths(loader, node, lambda path: lazy_once(expand_path, path))


def _construct_paths(
    loader: yaml.SafeLoader, node: Node, expand: Callable[[str], object]
) -> object:
    """Expand a text, each item of a sequence, or each value of a mapping; not deeper (YAML-5)."""
    if isinstance(node, ScalarNode):
        return expand(str(node.value))
    if isinstance(node, SequenceNode):
        return [_expanded_item(loader, each, expand) for each in node.value]
    if not isinstance(node, MappingNode):
        raise TypeError(f"no node of YAML: {type(node).__name__}")
    loader.flatten_mapping(node)
    return {
        loader.construct_object(key, deep=True): _expanded_item(loader, value, expand)
        for key, value in node.value
    }


def _expanded_item(loader: yaml.SafeLoader, node: Node, expand: Callable[[str], object]) -> object:
    """One item; what has a tag of its own, or is no text, is left alone (YAML-6)."""
    constructed: object = loader.construct_object(node, deep=True)
    is_plain = isinstance(node, ScalarNode) and node.tag.startswith("tag:yaml.org,2002:")
    if not is_plain or node.tag == _NULL_TAG:
        return constructed
    return expand(constructed if isinstance(constructed, str) else str(constructed))


add_path_tags(MapLoader)
