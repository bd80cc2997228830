"""Numbers with units, as people write them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

_BYTES_PER_UNIT: Final = {
    "": 1,
    "b": 1,
    "k": 1024,
    "m": 1024**2,
    "g": 1024**3,
    "t": 1024**4,
    "p": 1024**5,
}
_BYTES: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([kmgtp]?)(?:i?b)?", re.IGNORECASE)

_NANOSECONDS_PER_UNIT: Final = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3_600 * 10**9,
}
_DURATION_PART: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*(ns|us|µs|ms|s|m|h)\s*")
_WHOLE_NUMBER: Final = re.compile(r"[0-9]+")


def parse_bytes(value: str | int) -> int:
    """Read an amount of memory in bytes: `512m`, `1.5g`, `64 kB`, `1073741824`, `-1`.

    Units are powers of 1024, as docker-py has them, in either case.

    Raises:
        ValueError: for anything else.

    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        text = value.strip()
        if text == "-1":  # "unlimited", to the engine
            return -1
        found = _BYTES.fullmatch(text)
        if found:
            return int(Decimal(found[1]) * _BYTES_PER_UNIT[found[2].lower()])
    raise ValueError(f"{value!r} is no amount of memory; write bytes, or a unit as in '512m', '1g'")


def parse_duration_ns(value: str | float) -> int:
    """Read a duration in nanoseconds: `10s`, `1m30s`, `1.5 s`, `500ms`, `1h`; no unit: nanoseconds.

    An empty string is 0 (SHP-95).

    Raises:
        ValueError: for anything else; strings must match completely.

    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, float) and value >= 0 and value.is_integer():
        return int(value)
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return 0
        if _WHOLE_NUMBER.fullmatch(text):
            return int(text)
        total, position = Decimal(0), 0
        while position < len(text) and (part := _DURATION_PART.match(text, position)):
            total += Decimal(part[1]) * _NANOSECONDS_PER_UNIT[part[2]]
            position = part.end()
        if position == len(text):
            return int(total)
    raise ValueError(
        f"{value!r} is no duration; write a number with ns, us, ms, s, m or h, as in '30s', '1m30s'"
    )
