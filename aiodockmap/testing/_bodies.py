"""Bodies of calls: how they are decoded, and what is said of one that is not of the right shape."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from attrs import evolve, field, frozen

from ._answers import ApiError, Call, Json, JsonDict, kind_of
from ._go_types import FLEXIBLE, NAMED, NEWER_NAMES, OLDER_NAMES, STRUCTS

SERVER_ERROR: Final = 500
_ELEMENTS: Final = re.compile(r"\[\d*\](.+)")
_VALUES: Final = re.compile(r"map\[string\](.+)")
_NUMBER: Final = re.compile(r"u?int\d*")
_SCALARS: Final[Mapping[str, type]] = {"string": str, "bool": bool}


@frozen
class Body:
    """What a call sends: a struct of Go, whose name differs with the release."""

    older: str
    """In Docker 20.10, where its fields are listed as well."""
    newer: str
    newer_prefix: str | None = None
    """How the place of a field begins then, if not with the name."""
    status: int = 400
    """What Docker 20.10 answers if it cannot be read; newer ones always 400."""


CREATED_CONTAINER: Final = Body(
    "runconfig.ContainerConfigWrapper", "container.CreateRequest", "", SERVER_ERROR
)
UPDATE: Final = Body("container.UpdateConfig", "container.UpdateConfig", status=SERVER_ERROR)
CREATED_EXEC: Final = Body("types.ExecConfig", "container.ExecOptions")
STARTED_EXEC: Final = Body("types.ExecStartCheck", "container.ExecStartOptions")
CREATED_NETWORK: Final = Body("types.NetworkCreateRequest", "network.CreateRequest")
CONNECTION: Final = Body("types.NetworkConnect", "network.ConnectOptions")
DISCONNECTION: Final = Body("types.NetworkDisconnect", "network.DisconnectOptions")
CREATED_VOLUME: Final = Body("volume.VolumeCreateBody", "volume.CreateOptions")
LOGIN: Final = Body("types.AuthConfig", "registry.AuthConfig")


def decoded(call: Call, body: Body) -> JsonDict:
    """Decode the body of a call.

    Raises:
        ApiError: if it is no JSON, or a value in it not of the type of its field.
    """
    if not call.body.strip():
        is_plain = body.status == SERVER_ERROR
        raise ApiError(body.status, "EOF" if is_plain else "got EOF while reading request body")
    try:
        document = json.loads(call.body)
    except ValueError:
        raise ApiError(body.status, _syntax_error(call.body)) from None
    if not isinstance(document, dict | None):
        into = "Go value of type"
        raise _misfit(
            body.status, kind_of(document), f"{into} {body.older}", f"{into} {body.newer}"
        )
    prefix = _short(body.newer) if body.newer_prefix is None else body.newer_prefix
    place = _Place(body.status, _short(body.older), (), (prefix,))
    for error in _of_fields(document or {}, body.older, place):
        raise error
    return document or {}


def _syntax_error(body: bytes) -> str:
    text = body.decode(errors="replace").strip()
    place = "object key string" if text.startswith("{") else "value"
    odd = text[1:].lstrip()[:1] if text.startswith("{") else text[:1]
    return f"invalid character {odd!r} looking for beginning of {place}"


def _short(name: str) -> str:
    return name.rpartition(".")[2]


@frozen
class _Place:
    """Where a value is, as Docker 20.10 says it and as newer ones do."""

    status: int
    struct: str
    fields: tuple[str, ...]
    steps: tuple[str, ...]
    is_element: bool = field(default=False, kw_only=True)

    def at_field(self, struct: str, name: str) -> _Place:
        return evolve(
            self,
            struct=struct,
            fields=(*self.fields, name),
            steps=(*self.steps, name),
            is_element=False,
        )

    def at(self, key: str, *, is_element: bool = False) -> _Place:
        escaped = key.replace("~", "~0").replace("/", "~1")
        return evolve(self, steps=(*self.steps, escaped), is_element=is_element)

    def misfit(self, kind: str, expected: str) -> ApiError:
        """A value of that kind is here, and not one of the type that is expected."""
        older = f"Go struct field {self.struct}.{'.'.join(self.fields)}"
        newer = f"{'' if self.is_element else 'Go struct field '}{'.'.join(self.steps)}"
        return _misfit(
            self.status,
            kind,
            f"{older} of type {OLDER_NAMES.get(expected, expected)}",
            f"{newer} of type {NEWER_NAMES.get(expected, expected)}",
        )


def _misfit(status: int, kind: str, older: str, newer: str) -> ApiError:
    said = f"json: cannot unmarshal {kind} into"
    return ApiError(status, f"{said} {older}", misfit=f"{said} {newer}")


def _of(value: Json, expected: str, place: _Place) -> Iterator[ApiError]:
    """What does not fit, first things first; null fits everywhere."""
    expected = expected.removeprefix("*")
    actual = NAMED.get(expected, expected)
    elements, values = _ELEMENTS.fullmatch(actual), _VALUES.fullmatch(actual)
    if value is None:
        return
    if actual == FLEXIBLE:
        yield from _of_words(value, place)
    elif isinstance(value, list) and elements is not None:
        for index, each in enumerate(value):
            yield from _of(each, elements[1], place.at(str(index), is_element=True))
    elif isinstance(value, dict) and values is not None:
        for key, each in value.items():
            yield from _of(each, values[1], place.at(key))
    elif isinstance(value, dict) and actual in STRUCTS:
        yield from _of_fields(value, actual, place)
    elif not _fits(value, actual):
        yield place.misfit(_kind(value, actual), expected)


def _of_fields(value: JsonDict, struct: str, place: _Place) -> Iterator[ApiError]:
    fields = STRUCTS[struct]
    for name, each in value.items():
        if name in fields:
            yield from _of(each, fields[name], place.at_field(_short(struct), name))


def _of_words(value: Json, place: _Place) -> Iterator[ApiError]:
    """A command is a list of texts, or one text; newer engines do not say where it is."""
    words: Iterable[Json] = value if isinstance(value, list) else [value]
    if not all(isinstance(word, str | None) for word in words):
        older = f"Go struct field {place.struct}.{'.'.join(place.fields)} of type string"
        yield _misfit(place.status, kind_of(value), older, "Go value of type string")


def _fits(value: Json, expected: str) -> bool:
    """Whether a value is the text, the yes or no, or the whole number that is expected."""
    if _NUMBER.fullmatch(expected):
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, _SCALARS.get(expected, ()))


def _kind(value: Json, expected: str) -> str:
    is_fraction = isinstance(value, float) and _NUMBER.fullmatch(expected)
    return f"number {value}" if is_fraction else kind_of(value)
