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
"""What variables are called whose values nobody is to see, not even in the output of a program.

So are fields of credentials.
"""

_SECTIONS: Final = frozenset(
    {"Annotations", "Config", "DriverOpts", "Labels", "Options", "StorageOpt", "Tmpfs"}
)
"""Wherever they are in a request: objects whose values are for drivers, or for whoever reads them.

`Config` is that of a log driver; `Options` are those of drivers of networks, addresses and mounts.
"""

_USER_OF_URL: Final = re.compile(
    # What is not quoted as it should be, such as a slash in a password, is no end; a port is.
    r"""(?<=://)(?:[^\s"'<>/?\#]{1,500}|[^\s"'<>/?\#:@]{0,200}:(?!\d+[/?\#])[^\s"'<>@]{0,500})(?=@)"""
)
_PASSWORD: Final = re.compile(r"""(?<=\bpassword=)[^\s"',;&]+""", re.IGNORECASE)
"""In options of a mount, and in what connects to a database."""


def redacted(text: str, body: object, *, name: str = "") -> str:
    """A text without the values of a request's variables, labels, options of drivers, and arguments.

    Programs are no arguments, and the name of the resource is no secret, even where a value is part
    of it: an error has to say what is missing, and where.
    """
    if isinstance(body, Mapping):
        for variable, value in _variables(body):
            text = _without(text, f"{variable}={value}", f"{variable}={REDACTED}")
        text = without_values(text, (value for value in _values(body) if value not in name))
    return _without_passwords(text)


def redacted_output(text: str, config: JsonObject) -> str:
    """What a program printed, without passwords, and the values of variables named like secrets.

    Args:
        text: The output, or one line of it.
        config: `Config` of the container.
    """
    secrets = [value for name, value in _variables(config) if _TELLS.search(name)]
    # A private key has several lines, and comes line by line.
    lines = [line for secret in secrets for line in secret.splitlines()]
    return _without_passwords(without_values(text, [*secrets, *lines]))


def without_values(text: str, values: Iterable[str]) -> str:
    """A text without these values, except those that are too short to be secrets."""
    # The longest first: one may be part of another.
    for value in sorted(set(values), key=len, reverse=True):
        if len(value) >= SHORTEST_SECRET:
            text = _without(text, value, REDACTED)
    return text


def _without(text: str, value: str, replacement: str) -> str:
    return text.replace(value, replacement).replace(json.dumps(value)[1:-1], replacement)


def _without_passwords(text: str) -> str:
    return _PASSWORD.sub(REDACTED, _USER_OF_URL.sub(REDACTED, text))


def _variables(body: JsonObject) -> Iterator[tuple[str, str]]:
    for variable in _list(body.get("Env")):
        name, equals, value = variable.partition("=")
        if equals and value:
            yield name, value


def _values(body: JsonObject) -> Iterator[str]:
    for _, value in _variables(body):
        yield value
    yield from _values_by_place(body)
    yield from _arguments(body.get("Entrypoint"), body.get("Cmd"))
    yield from _list(object_at(body, "Healthcheck").get("Test"))[2:]


def _values_by_place(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            if key in _SECTIONS and isinstance(each, Mapping):
                yield from map(str, each.values())
            elif isinstance(each, str) and _TELLS.search(str(key)):
                yield each
            else:
                yield from _values_by_place(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _values_by_place(each)


def _arguments(entrypoint: object, command: object) -> list[str]:
    return [*_list(entrypoint), *_list(command)][1:]


def _list(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list | tuple) else []
