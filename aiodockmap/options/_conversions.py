"""From what a map author may write to what the Engine API takes: plain values, lists and records.

A converter takes a value without anything late in it and gives JSON, or raises `BadValue` with what
it would have accepted. Its messages do not repeat text that may be a secret: they name the kind of
value that was found, and repeat it only where it is a number, a size or a word of a fixed set.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final, Self, TypeAlias, TypeVar

from attrs import evolve, frozen

from ..errors import Problem
from ..model import hint_in_style, is_late, parse_bytes, parse_duration_ns, step_to

T = TypeVar("T")
Converter: TypeAlias = Callable[[object], T]


class BadValue(ValueError):
    """A value in a form that the option does not have."""

    def __init__(
        self,
        message: str,
        hint: str | None = None,
        *,
        failure: Exception | None = None,
    ) -> None:
        self.problems: tuple[Problem, ...] = (Problem("", message, hint, cause=failure),)
        """All that is wrong; their places count from the value: `[1]`, `.LEVEL`."""
        super().__init__(message)

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> Self:
        """A complaint about all of them."""
        found = tuple(problems)
        made = cls("; ".join(problem.message for problem in found))
        made.problems = found
        return made

    def inside(self, place: str) -> BadValue:
        """The same complaint, about a part of a greater value."""
        return BadValue.of(self.at(place))

    def at(self, place: str) -> tuple[Problem, ...]:
        """What is wrong, with the value being at this place."""
        return tuple(evolve(problem, path=place + problem.path) for problem in self.problems)


def is_sequence(value: object) -> bool:
    """Whether a value is a list in one of the forms that a map may have it."""
    return isinstance(value, list | tuple | set | frozenset)


def entries(value: object) -> Sequence[object]:
    """The elements of a list; the value itself, where it is a single one."""
    if isinstance(value, list | tuple):
        return value
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    return (value,)


def kind_of(value: object) -> str:
    """Name the kind of a value without telling it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str | bytes):
        return "text"
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if is_sequence(value) else f"a {type(value).__name__}"


def part_of(place: str, convert: Converter[T], value: object) -> T:
    """Convert a part of a greater value; complaints name the part."""
    try:
        return convert(value)
    except BadValue as problem:
        raise problem.inside(place) from None


def parts_of(parts: Iterable[tuple[str, Converter[T], object]]) -> list[T]:
    """Convert the parts of a greater value, each with its place; complain of all that are wrong."""
    made: list[T] = []
    wrong: list[Problem] = []
    for place, convert, value in parts:
        try:
            made.append(convert(value))
        except BadValue as problem:
            wrong += problem.at(place)
    if wrong:
        raise BadValue.of(wrong)
    return made


def text(value: object) -> str:
    """Accept text and whole numbers."""
    if isinstance(value, str | bytes):
        return _characters(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    # YAML reads `1.10` as 1.1, `yes` as true and `2026-11-27` as a date; nobody can tell what was meant.
    hint = "put it in quotes" if isinstance(value, bool | float | date) else None
    raise BadValue(f"must be text, not {kind_of(value)}", hint=hint)


def _characters(value: str | bytes) -> str:
    try:
        # Halves of characters, as file names may have them, would reach an engine as others.
        return value.decode() if isinstance(value, bytes) else value.encode().decode()
    except UnicodeError:
        raise BadValue("must be text, and is not valid UTF-8") from None


def option_text(value: object) -> str:
    """Accept what `text` does, and true and false, which drivers read in lower case (ENG-21)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else text(value)


def flag(value: object) -> bool:
    """Accept true and false, also as 1 and 0."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in {0, 1}:
        return bool(value)
    raise BadValue(f"must be true or false, not {kind_of(value)}")


def integer(value: object) -> int:
    """Accept whole numbers, also as text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            raise BadValue(f"must be a whole number, not {value!r}") from None
    raise BadValue(f"must be a whole number, not {kind_of(value)}")


def byte_count(value: object) -> int:
    """Accept a number of bytes, and text with a unit: `512m`, `3g`; -1 stays what it is."""
    if isinstance(value, float) and math.isfinite(value):
        return int(value)
    if not isinstance(value, str):
        return integer(value)
    try:
        is_plain = value.strip().removeprefix("-").isdecimal()
        return int(value) if is_plain else parse_bytes(value)
    except ValueError:
        raise BadValue(
            f"must be a number of bytes or a size such as '512m' or '3g', not {value!r}"
        ) from None


def nanoseconds(value: object) -> int:
    """Accept a number of nanoseconds, and text with units: `10s`, `1m30s`."""
    if not isinstance(value, str):
        return integer(value)
    try:
        return parse_duration_ns(value)
    except ValueError:
        raise BadValue(
            f"must be a duration such as '10s' or '1m30s', or nanoseconds, not {value!r}"
        ) from None


def is_plain(value: object) -> bool:
    """Whether a value is data all through: nothing in it is late, or could still be registered as late."""
    if type(value) in _PLAIN_TYPES:
        return not is_late(value)
    if isinstance(value, Mapping):
        return all(is_plain(key) and is_plain(entry) for key, entry in value.items())
    if is_sequence(value):
        return all(is_plain(entry) for entry in entries(value))
    return False


_PLAIN_TYPES: Final = frozenset({type(None), str, bytes, bool, int, float, date, datetime})
"""What YAML has as single values."""


def plain(value: object) -> object:
    """Accept anything that is JSON, as it is."""
    if isinstance(value, str | bytes):
        return _characters(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return map_of(plain)(value)
    if is_sequence(value):
        return list_of(plain)(value)
    raise BadValue(f"must be plain data, not {kind_of(value)}")


def list_of(convert: Converter[T]) -> Converter[list[T]]:
    """Accept a list of what `convert` accepts, and a single one of it."""

    def converted(value: object) -> list[T]:
        return parts_of((f"[{i}]", convert, entry) for i, entry in enumerate(entries(value)))

    return converted


def map_of(convert: Converter[T]) -> Converter[dict[str, T]]:
    """Accept a mapping from text to what `convert` accepts."""

    def converted(value: object) -> dict[str, T]:
        if not isinstance(value, Mapping):
            raise BadValue(f"must be a mapping, not {kind_of(value)}")
        keys = parts_of((step_to(key), text, key) for key in value)
        found = parts_of((step_to(key), convert, entry) for key, entry in value.items())
        return dict(zip(keys, found, strict=True))

    return converted


texts = list_of(text)
option_map = map_of(option_text)


def words(value: object) -> list[str]:
    """Accept an argument vector, and a command line, which is split as a shell does."""
    if not isinstance(value, str):
        return texts(value)
    try:
        return shlex.split(value)
    except ValueError as error:
        raise BadValue(f"is no command line: {str(error).lower()}") from None


@frozen
class Part:
    """One field of a record."""

    name: str
    """As the Engine API calls it."""
    aliases: tuple[str, ...] = ()
    """What docker-py calls it."""
    convert: Converter[object] = plain
    required: bool = False


def record(*parts: Part) -> Converter[dict[str, object]]:
    """Accept a mapping with the given fields, under any of their names; null means absent."""
    by_name = {name: part for part in parts for name in (part.name, *part.aliases)}

    def converted(value: object) -> dict[str, object]:
        if not isinstance(value, Mapping):
            raise BadValue(f"must be a mapping, not {kind_of(value)}")
        result: dict[str, object] = {}
        given: set[str] = set()
        wrong: list[Problem] = []
        for key, entry in value.items():
            part = by_name.get(key)
            if part is None:
                hint = hint_in_style(str(key), by_name)
                wrong.append(Problem(step_to(key), "there is no such option", hint))
            elif entry is not None:
                given.add(part.name)
                try:
                    result[part.name] = part.convert(entry)
                except BadValue as problem:
                    wrong += problem.at(step_to(key))
        missing = [part.name for part in parts if part.required and part.name not in given]
        if missing:
            wrong.append(Problem("", f"lacks {' and '.join(missing)}"))
        if wrong:
            raise BadValue.of(wrong)
        return result

    return converted
