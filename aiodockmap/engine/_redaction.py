"""Keeping what a map keeps to itself out of what engines say.

Engines quote what they refuse, and programs print what they were given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ..model import JsonObject, object_at

SHORTEST_SECRET: Final = 6
"""Characters; shorter values are words like `true` that messages have for other reasons."""
REDACTED: Final = "***"

_TELLS: Final = re.compile(r"pass|secret|token|key|credential|auth|private", re.IGNORECASE)
"""What variables are called whose values nobody is to see, not even in the output of a program."""


def redacted(text: str, body: object, *, name: str = "") -> str:
    """A text without the values of a request's variables, labels, driver options, and arguments.

    Programs are no arguments, and the name of the resource is no secret, even where a value is part
    of it: an error has to say what is missing, and where.
    """
    if not isinstance(body, Mapping):
        return text
    for variable, value in _variables(body):
        text = _without(text, f"{variable}={value}", f"{variable}={REDACTED}")
    return without_values(text, (value for value in _values(body) if value not in name))


def redacted_output(text: str, config: JsonObject) -> str:
    """What a program printed, without the values of its variables that are named like secrets.

    Args:
        text: The output.
        config: `Config` of the container.
    """
    return without_values(
        text, (value for name, value in _variables(config) if _TELLS.search(name))
    )


def without_values(text: str, values: Iterable[str]) -> str:
    """A text without these values, except those that are too short to be secrets."""
    # The longest first: one may be part of another.
    for value in sorted(set(values), key=len, reverse=True):
        if len(value) >= SHORTEST_SECRET:
            text = _without(text, value, REDACTED)
    return text


def _without(text: str, value: str, replacement: str) -> str:
    return text.replace(value, replacement).replace(json.dumps(value)[1:-1], replacement)


def _variables(body: JsonObject) -> Iterator[tuple[str, str]]:
    for variable in _list(body.get("Env")):
        name, equals, value = variable.partition("=")
        if equals and value:
            yield name, value


def _values(body: JsonObject) -> Iterator[str]:
    for _, value in _variables(body):
        yield value
    for section in ("Labels", "DriverOpts"):
        yield from map(str, object_at(body, section).values())
    yield from _arguments(body.get("Entrypoint"), body.get("Cmd"))
    yield from _list(object_at(body, "Healthcheck").get("Test"))[2:]


def _arguments(entrypoint: object, command: object) -> list[str]:
    return [*_list(entrypoint), *_list(command)][1:]


def _list(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list | tuple) else []
