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


def has_name(names: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether one of the patterns is found in one of the names, with a leading slash or without."""
    spellings = [spelling for name in names for spelling in (name, f"/{name}")]
    return not wanted or any(
        re.search(pattern, spelling) for pattern in wanted for spelling in spellings
    )
