"""Which calls a planned fault may be for: a pattern that means none is a mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Final

from ._routes import ROUTES
from ._unmodelled import REASONS

EXAMPLE: Final = "POST /containers/*/start"
ANY: Final = "*"
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "DELETE")
_SIGN: Final = re.compile(r"\[!?\]?[^\]]*\]|.", re.DOTALL)
"""What stands for one character, or for any number of them, as in `fnmatch`."""
_VERSION: Final = re.compile(r"v[\d.*?]+/")
_KNOWN: Final = tuple(
    tuple(_SIGN.findall(f"{method} /{path}".replace("{ref}", "?*")))
    for methods, path, _ in (*ROUTES, *REASONS)
    for method in (METHODS if methods == ANY else (methods,))
)


def check_call(call: str) -> None:
    """Check that there are calls that a pattern means.

    Raises:
        ValueError: if there are none.
    """
    if not _means_something(call):
        better = next(filter(_means_something, _corrections(call)), EXAMPLE)
        message = (
            f"no call of an engine is like {call!r}: write a method in capitals, a space and "
            f"a path without version, as in {better!r}"
        )
        raise ValueError(message)


def _corrections(call: str) -> Iterator[str]:
    method, _, path = call.partition(" ")
    yield f"{method.upper()} {_plain_path(path)}"
    yield f"{ANY} {_plain_path(call)}"


def _plain_path(path: str) -> str:
    return "/" + _VERSION.sub("", path.removeprefix("/"), count=1)


def _means_something(call: str) -> bool:
    pattern = _SIGN.findall(call)
    return any(_meet(pattern, known) for known in _KNOWN)


def _meet(pattern: Sequence[str], known: Sequence[str]) -> bool:
    """Whether there is a text that both stand for; of characters, the second has only `?` for any."""
    # Which beginnings of what is known go with the beginning of the pattern so far.
    reached = _passed({0}, known)
    for sign in pattern:
        if sign == ANY:
            reached = set(range(min(reached, default=len(known) + 1), len(known) + 1))
        else:
            reached = _passed(set(_after(sign, reached, known)), known)
    return len(known) in reached


def _after(sign: str, reached: set[int], known: Sequence[str]) -> Iterator[int]:
    for place in reached:
        if place == len(known):
            continue
        # No name has a space.
        if known[place] == ANY and sign != " ":
            yield place
        elif (known[place] == "?" and sign != " ") or fnmatchcase(known[place], sign):
            yield place + 1


def _passed(reached: set[int], known: Sequence[str]) -> set[int]:
    """Those, and what comes after signs that may stand for nothing."""
    more = {place + 1 for place in reached if place < len(known) and known[place] == ANY}
    return reached | more
