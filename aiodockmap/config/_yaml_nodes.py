"""YAML that PyYAML trips over, or people: anchors for billions of values, values of no kind, odd numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import yaml
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ..model import post_order

MOST_VALUES: Final = 1_000_000
"""What a document may come to by its anchors."""

_GIVES_UP: Final = (AttributeError, LookupError, TypeError, ValueError)
"""How PyYAML says that a value is none of its type: `!!timestamp name` has no groups, it finds."""

_STANDARD_TAGS: Final = "tag:yaml.org,2002:"
TEXT_TAG: Final = f"{_STANDARD_TAGS}str"

_NUMBER_TAGS: Final = frozenset({f"{_STANDARD_TAGS}int", f"{_STANDARD_TAGS}float"})
_READINGS: Final = (
    (re.compile(r"[-+]?0[0-7]+"), "to the base of 8, for its leading zero"),
    (re.compile(r".*:.*"), "to the base of 60, for its colon"),
    (re.compile(r".*[0-9a-fA-F]_.*"), "without its underscores"),
)
"""What YAML 1.1 makes of numbers that nobody else reads so: `0755` is 493 there, `22:22` is 1342."""


def check_size(root: Node) -> None:
    """Refuse a document whose anchors, all written out, would fill the memory.

    It must not have anchors that contain themselves.

    Raises:
        yaml.YAMLError: if it is one.
    """
    sizes: dict[Node, int] = {}
    for node in post_order([root], _children):
        sizes[node] = 1 + sum(sizes[child] for child in _children(node))
    if sizes[root] > max(MOST_VALUES, 2 * len(sizes)):
        raise ComposerError(
            None, None, f"its anchors stand for more than {MOST_VALUES:,} values", root.start_mark
        )


def constructed(loader: yaml.SafeLoader, root: Node) -> object:
    """The content of a document.

    Raises:
        yaml.YAMLError: also where PyYAML itself gives up: `2020-13-45`, `!!bool maybe`.
    """
    try:
        content: object = loader.construct_document(root)
    except _GIVES_UP:
        for node in post_order([root], _children):
            if isinstance(node, ScalarNode) and not _is_readable(loader, node):
                raise ConstructorError(None, None, _why_not(node), node.start_mark) from None
        raise
    return content


def odd_reading(node: Node) -> str | None:
    """How YAML reads what looks like another number, or like none; None for what is read as it looks."""
    if not isinstance(node, ScalarNode) or node.style or node.tag not in _NUMBER_TAGS:
        return None
    return next((words for form, words in _READINGS if form.fullmatch(node.value)), None)


def _why_not(node: ScalarNode) -> str:
    """What is wrong with a value that cannot be read."""
    kind = node.tag.removeprefix(_STANDARD_TAGS)
    if kind == "int" and node.value.lstrip("+-").replace("_", "").isdecimal():
        return "this number is too large; put texts in quotes"
    return f"this looks like a value of type {kind}, and is none; put texts in quotes"


def _is_readable(loader: yaml.SafeLoader, node: ScalarNode) -> bool:
    """Whether a value of a standard type can be read; other tags are the affair of who added them."""
    if not node.tag.startswith(_STANDARD_TAGS):
        return True
    loader.recursive_objects.clear()
    try:
        loader.construct_object(node)
    except _GIVES_UP:
        return False
    return True


def _children(node: Node) -> Sequence[Node]:
    if isinstance(node, MappingNode):
        return [each for pair in node.value for each in pair]
    return node.value if isinstance(node, SequenceNode) else ()
