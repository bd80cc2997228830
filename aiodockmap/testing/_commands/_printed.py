"""Texts that programs make of their arguments, and make of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from ._steps import Unclear

_UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
_ECHOED: Final = {**_ESCAPES, "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}


def number_of(text: str) -> int | None:
    """A number that is written in digits and nothing else."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def seconds_of(text: str) -> float:
    """What `sleep` takes for a time, in seconds.

    Raises:
        ValueError: if it is none.
    """
    if text in ("inf", "infinity"):
        return float("inf")
    number = re.fullmatch(r"(\d+\.?\d*|\.\d+)([smhd]?)", text, re.ASCII)
    if number is None:
        raise ValueError(f"invalid number '{text}'")
    return float(number[1]) * _UNITS[number[2]]


def echoed(words: Sequence[str]) -> str:
    """What `echo` prints, with the options `-n` and `-e`."""
    options, rest = "", list(words)
    while rest and re.fullmatch(r"-[neE]+", rest[0]):
        options += rest.pop(0)[1:]
    text = " ".join(rest)
    end = "" if "n" in options else "\n"
    if "e" not in options:
        return text + end
    before, stop, _ = _ESCAPED.sub(_escape, text).partition(_STOP)
    return before if stop else before + end


LONGEST: Final = 2**20
"""Characters that are printed at once, at most."""
_ESCAPED: Final = re.compile(r"\\(0[0-7]{1,3}|[1-7][0-7]{0,2}|x[0-9A-Fa-f]{1,2}|.)")
_FIRST_OF_SEVERAL_BYTES: Final = 128
_STOP: Final = "\0"
"""In place of `\\c`, after which nothing is printed; no word has that in it."""


def _escape(found: re.Match[str]) -> str:
    letter, digits = found[1][0], found[1][1:]
    if letter == "c":
        return _STOP
    if not (digits or letter in "01234567"):
        return _ECHOED.get(letter, found[0])
    number = int(digits, 16) if letter == "x" else int(found[1], 8)
    if not 0 < number < _FIRST_OF_SEVERAL_BYTES:
        raise Unclear("a byte that is no letter")
    return chr(number)


def formatted(words: Sequence[str]) -> str | None:
    """What `printf` prints; None if there is more to its format than `%s`, `%d` and `%%`."""
    if words[:1] == ["--"]:
        words = words[1:]
    if not words or re.search(r"%(?![sd])|\\(?![nrt\\])", words[0].replace("%%", "")):
        return None
    form, *values = words
    wanted = re.findall(r"%[sd]", form)
    printed = ""
    while True:
        now, values = values[: len(wanted)], values[len(wanted) :]
        if any(
            kind == "%d" and not re.fullmatch(r"-?\d+", value)
            for kind, value in zip_longest(wanted, now, fillvalue="")
        ):
            return None
        printed += _filled(_unescaped(form), now)
        if len(printed) > LONGEST:
            return None
        if not (values and wanted):
            return printed


def _filled(form: str, values: Sequence[str]) -> str:
    left = list(values)

    def put_in(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        return left.pop(0) if left else ""

    return re.sub(r"%[sd%]", put_in, form)


def _unescaped(text: str) -> str:
    return re.sub(r"\\([nrt\\])", lambda found: _ESCAPES[found[1]], text)
