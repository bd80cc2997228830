"""`filters` of list calls."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from ._answers import ApiError, Call

CANNOT_READ = "json: cannot unmarshal string into Go value of type map[string]bool"


def read_filters(
    call: Call, known: frozenset[str] | None, *, error: ApiError | None = None
) -> dict[str, list[str]]:
    """Decode the filters of a call; `known` are those that there are, None for a call that minds none.

    Raises:
        ApiError: 400 for an unknown filter; `error`, else 500, for values that are not lists.
    """
    text = call.query.get("filters") or "{}"
    try:
        decoded = json.loads(text)
    except ValueError:
        raise error or ApiError(500, CANNOT_READ) from None
    filters: dict[str, list[str]] = {}
    for key, values in decoded.items():
        if not isinstance(values, list | dict):
            raise error or ApiError(500, CANNOT_READ)
        filters[key] = [str(value) for value in values]
    for key in filters:
        if known is not None and key not in known:
            raise ApiError(400, f"Invalid filter '{key}'")
    return filters


def has_labels(labels: Mapping[str, str] | None, wanted: Sequence[str]) -> bool:
    """Whether all of `key` and `key=value` hold."""
    for text in wanted:
        key, equals, value = text.partition("=")
        if key not in (labels or {}) or (equals and (labels or {})[key] != value):
            return False
    return True


def is_pruned(labels: Mapping[str, str] | None, filters: Mapping[str, Sequence[str]]) -> bool:
    """Whether something with these labels is meant by the filters of a call that removes."""
    spared = filters.get("label!")
    return has_labels(labels, filters.get("label", [])) and not (
        spared and has_labels(labels, spared)
    )


def has_name(names: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether one of the patterns is found in one of the names, with a leading slash or without."""
    spellings = [spelling for name in names for spelling in (name, f"/{name}")]
    patterns = [pattern for pattern in map(_pattern, wanted) if pattern is not None]
    return not wanted or any(
        pattern.search(spelling) for pattern in patterns for spelling in spellings
    )


def _pattern(text: str) -> re.Pattern[str] | None:
    try:
        return re.compile(text)
    except re.error:
        return None


def truth(filters: Mapping[str, Sequence[str]], name: str) -> bool | None:
    """Whether a filter says yes or no; None if it is not there.

    Raises:
        ApiError: 400 for anything else.
    """
    values = filters.get(name)
    if not values:
        return None
    known = {"1": True, "true": True, "0": False, "false": False}
    if len(values) > 1 or values[0] not in known:
        raise ApiError(400, f"Invalid filter '{name}=[{' '.join(values)}]'")
    return known[values[0]]
