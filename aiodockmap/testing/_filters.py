"""`filters` of calls that list and of calls that prune."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from ._answers import ApiError, Call, Json, kind_of

FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}
EPOCH: Final = datetime.fromtimestamp(0, UTC)
LAST_SECOND: Final = 250_000_000_000
"""Since 1970; what comes later is as late as this, which is the year 9892."""
UNITS: Final = {"h": 3600, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
"""Of a duration: seconds of each."""
_PART: Final = re.compile(r"(\d+(?:\.\d*)?)(h|ms|m|s|us|µs|ns)")
_DURATION: Final = re.compile(rf"[+-]?(?:{_PART.pattern})+")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")


def read_filters(
    call: Call, known: frozenset[str] | None, *, status: int = 500, place: str = ""
) -> dict[str, list[str]]:
    """Decode the filters of a call; `known` are those that there are, None for a call that minds none.

    Raises:
        ApiError: 400 for an unknown filter; `status`, with the place, for what maps no names to texts.
    """
    text = call.query.get("filters") or "{}"
    try:
        decoded = json.loads(text)
    except json.JSONDecodeError as error:
        odd = text[error.pos : error.pos + 1]
        problem: str | None = f"invalid character {odd!r} looking for beginning of value"
    else:
        problem = _problem(decoded)
    if problem is not None:
        raise ApiError(status, f"{place}{problem}", filters=place)
    filters = {key: list(values or ()) for key, values in (decoded or {}).items()}
    for key in filters:
        if known is not None and key not in known:
            raise ApiError(400, f"Invalid filter '{key}'")
    return filters


def _problem(decoded: Json) -> str | None:
    """What is wrong with filters: they map names to texts, in a list or as keys that are true."""
    if not isinstance(decoded, dict | None):
        return _cannot_read(decoded, "map[string]map[string]bool")
    for values in (decoded or {}).values():
        if isinstance(values, list) and all(isinstance(value, str) for value in values):
            continue
        if not isinstance(values, dict | None):
            return _cannot_read(values, "map[string]bool")
        odd = [value for value in (values or {}).values() if not isinstance(value, bool)]
        if odd:
            return _cannot_read(odd[0], "bool")
    return None


def _cannot_read(value: Json, expected: str) -> str:
    return f"json: cannot unmarshal {kind_of(value)} into Go value of type {expected}"


def truth(filters: Mapping[str, list[str]], name: str) -> bool | None:
    """Whether a filter says yes or no; None for one that is not there.

    Raises:
        ApiError: 400 for anything else.
    """
    values = filters.get(name)
    if not values:
        return None
    if len(values) > 1 or values[0] not in FLAGS:
        raise ApiError(400, f"Invalid filter '{name}=[{' '.join(values)}]'")
    return FLAGS[values[0]]


def read_until(filters: Mapping[str, list[str]], call: Call, present: datetime) -> datetime | None:
    """Up to when something has to have been made: seconds since 1970, a date, or how long ago.

    Raises:
        ApiError: for anything else, and for several.
    """
    texts = filters.get("until")
    if not texts:
        return None
    # Of images no release says that it is the filter that is wrong.
    facts = {} if call.path.startswith("images/") else {"until": texts}
    if len(texts) > 1:
        raise ApiError(500, "more than one until filter specified", **facts)
    moment = _moment(texts[0], present)
    if moment is None:
        message = f'failed to parse value as time or duration: "{texts[0]}"'
        raise ApiError(500, message, **facts)
    return moment


def _moment(text: str, present: datetime) -> datetime | None:
    if text != "0" and _DURATION.fullmatch(text):
        seconds = sum(float(count) * UNITS[unit] for count, unit in _PART.findall(text))
        try:
            ago = timedelta(seconds=-seconds if text.startswith("-") else seconds)
            return (present - ago).replace(microsecond=0)
        except OverflowError:
            return None
    if _NUMBER.fullmatch(text):
        return EPOCH + timedelta(seconds=min(float(text), LAST_SECOND))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def nanoseconds_of(moment: datetime) -> int:
    """Since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1) * 1000


def is_as_old(stamp: str, until: datetime | None) -> bool:
    """Whether something was made by a moment, if there is one."""
    return until is None or datetime.fromisoformat(stamp) <= until


def has_labels(labels: Mapping[str, str] | None, wanted: Sequence[str]) -> bool:
    """Whether all of `key` and `key=value` hold."""
    for text in wanted:
        key, equals, value = text.partition("=")
        if key not in (labels or {}) or (equals and (labels or {})[key] != value):
            return False
    return True


def is_pruned(labels: Mapping[str, str] | None, filters: Mapping[str, list[str]]) -> bool:
    """Whether `label` and `label!` leave something to be pruned."""
    spared = filters.get("label!", [])
    is_spared = bool(spared) and has_labels(labels, spared)
    return has_labels(labels, filters.get("label", [])) and not is_spared


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
