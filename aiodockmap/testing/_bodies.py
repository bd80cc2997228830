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
_NUMBER: Final = re.compile(r"(?P<unsigned>u?)int(?P<bits>\d*)")
_JSON_TYPE: Final = "application/json"
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


def check_type(call: Call) -> None:
    """Refuse a body that is not said to be JSON; where there is none, nothing has to be said.

    Raises:
        ApiError: 400.
    """
    said = call.headers.get("content-type", "")
    if not said and not call.body:
        return
    if said.partition(";")[0].strip().lower() != _JSON_TYPE:
        raise ApiError(400, f"Content-Type specified ({said}) must be '{_JSON_TYPE}'")


def decoded(call: Call, body: Body) -> JsonDict:
    """Decode the body of a call; its fields are named as they are written, however the caller wrote them.

    Raises:
        ApiError: if it is no JSON, or a value in it not of the type of its field.
    """
    if not call.body.strip():
        is_plain = body.status == SERVER_ERROR
        raise ApiError(body.status, "EOF" if is_plain else "got EOF while reading request body")
    try:
        document = json.loads(call.body)
    except ValueError as problem:
        raise _syntax_error(call.body, problem, body.status) from None
    except RecursionError:
        raise ApiError(body.status, _depth_error(call.body)) from None
    if not isinstance(document, dict | None):
        into = "Go value of type"
        raise _misfit(
            body.status, kind_of(document), f"{into} {body.older}", f"{into} {body.newer}"
        )
    prefix = _short(body.newer) if body.newer_prefix is None else body.newer_prefix
    place = _Place(body.status, _short(body.older), (), (prefix,))
    for error in _of_fields(document or {}, body.older, place):
        raise error
    named: JsonDict = _as_named(document or {}, body.older)
    return named


def _as_named(value: Json, expected: str) -> Json:
    """The same, with fields named as in their struct: engines do not mind upper and lower case."""
    expected = expected.removeprefix("*")
    actual = NAMED.get(expected, expected)
    elements, values = _ELEMENTS.fullmatch(actual), _VALUES.fullmatch(actual)
    if isinstance(value, list) and elements is not None:
        return [_as_named(each, elements[1]) for each in value]
    if isinstance(value, dict) and values is not None:
        return {key: _as_named(each, values[1]) for key, each in value.items()}
    if isinstance(value, dict) and actual in STRUCTS:
        fields = STRUCTS[actual]
        named = [(_named(key, fields), each) for key, each in value.items()]
        return {name: _as_named(each, fields.get(name, "")) for name, each in named}
    return value


def _named(written: str, fields: Mapping[str, str]) -> str:
    """The field that is meant, or what was written."""
    if written in fields:
        return written
    return next((name for name in fields if name.lower() == written.lower()), written)


def _depth_error(body: bytes) -> str:
    deepest = max("[{", key=body.decode(errors="replace").count)
    return f"invalid character {deepest!r} exceeded max depth"


def _syntax_error(body: bytes, problem: ValueError, status: int) -> ApiError:
    text = body.decode(errors="replace").strip()
    if isinstance(problem, json.JSONDecodeError) and _is_cut_off(text, problem):
        return ApiError(status, "unexpected EOF", body=body)
    place = "object key string" if text.startswith("{") else "value"
    odd = text[1:].lstrip()[:1] if text.startswith("{") else text[:1]
    return ApiError(status, f"invalid character {odd!r} looking for beginning of {place}")


def _is_cut_off(text: str, problem: json.JSONDecodeError) -> bool:
    return problem.pos >= len(text) or problem.msg.startswith("Unterminated string")


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

    def at_field(self, struct: str, name: str, *, written: str) -> _Place:
        return evolve(
            self,
            struct=struct,
            fields=(*self.fields, name),
            steps=(*self.steps, written),
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
    for written, each in value.items():
        name = _named(written, fields)
        if name in fields:
            there = place.at_field(_short(struct), name, written=written)
            yield from _of(each, fields[name], there)


def _of_words(value: Json, place: _Place) -> Iterator[ApiError]:
    """A command is a list of texts, or one text; newer engines do not say where it is."""
    words: Iterable[Json] = value if isinstance(value, list) else [value]
    if not all(isinstance(word, str | None) for word in words):
        older = f"Go struct field {place.struct}.{'.'.join(place.fields)} of type string"
        yield _misfit(place.status, kind_of(value), older, "Go value of type string")


def _fits(value: Json, expected: str) -> bool:
    """Whether a value is the text, the yes or no, or the whole number that is expected."""
    number = _NUMBER.fullmatch(expected)
    if number is None:
        return isinstance(value, _SCALARS.get(expected, ()))
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    bits = int(number["bits"] or 64)
    if number["unsigned"]:
        return 0 <= value < 1 << bits
    return -(1 << bits - 1) <= value < 1 << bits - 1


def _kind(value: Json, expected: str) -> str:
    kind = kind_of(value)
    return f"{kind} {value}" if kind == "number" and _NUMBER.fullmatch(expected) else kind
