"""Texts that programs make of their arguments, and make of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}


def seconds_of(text: str) -> float:
    """What `sleep` takes for a time, in seconds.

    Raises:
        ValueError: if it is none.
    """
    if text in ("inf", "infinity"):
        return float("inf")
    number = re.fullmatch(r"(\d+\.?\d*|\.\d+)([smhd]?)", text)
    if number is None:
        raise ValueError(f"invalid number '{text}'")
    return float(number[1]) * _UNITS[number[2]]


def echoed(words: Sequence[str]) -> str:
    """What `echo` prints, with the options `-n` and `-e`."""
    options, rest = "", list(words)
    while rest and re.fullmatch(r"-[neE]+", rest[0]):
        options += rest.pop(0)[1:]
    text = " ".join(rest)
    return (_unescaped(text) if "e" in options else text) + ("" if "n" in options else "\n")


def formatted(words: Sequence[str]) -> str | None:
    """What `printf` prints; None if there is more to its format than `%s`, `%d` and `%%`."""
    if not words or re.search(r"%(?![sd])|\\(?![nrt\\])", words[0].replace("%%", "")):
        return None
    form, *values = words
    wanted = re.findall(r"%[sd]", form)
    printed = ""
    while True:
        now, values = values[: len(wanted)], values[len(wanted) :]
        if any(
            kind == "%d" and not re.fullmatch(r"-?\d+", value)
            for kind, value in zip(wanted, now, strict=False)
        ):
            return None
        printed += _filled(_unescaped(form), now)
        if not (values and wanted):
            return printed


def _filled(form: str, values: Sequence[str]) -> str:
    left = list(values)

    def put_in(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        return left.pop(0) if left else {"%s": "", "%d": "0"}[found[0]]

    return re.sub(r"%[sd%]", put_in, form)


def _unescaped(text: str) -> str:
    return re.sub(r"\\([nrt\\])", lambda found: _ESCAPES[found[1]], text)
