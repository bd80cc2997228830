"""What travels to and from an engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

JsonObject: TypeAlias = Mapping[str, object]
"""One decoded JSON object, as the Engine API defines it. Nobody changes it after it was built."""


def object_at(parent: JsonObject, key: str) -> JsonObject:
    """The object inside of another; an empty one where there is none, or something else."""
    found = parent.get(key)
    # Most are dicts, and asking an abstract class takes ten times as long.
    return found if isinstance(found, (dict, Mapping)) else {}
