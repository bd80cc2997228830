"""What comes in and what goes out: calls of the Engine API, without a way to carry them."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from typing import Any, Final, TypeAlias

from attrs import evolve, field, frozen

Json: TypeAlias = Any
"""A decoded JSON document, as the Engine API defines it."""
JsonDict: TypeAlias = dict[str, Any]
NANOSECONDS: Final = 10**9


class Dropped(Exception):
    """The connection breaks instead of an answer, or within one."""

    def __init__(self, message: str, *, connected: bool = True) -> None:
        self.message = message
        self.connected = connected
        """False if there was none to begin with."""
        super().__init__(message)


class ApiError(Exception):
    """An answer with a status of 400 or more, in the words of a real engine.

    The facts are for releases that say more than the message does.
    """

    def __init__(self, status: int, message: str, **facts: object) -> None:
        self.status = status
        self.message = message
        self.facts = facts
        super().__init__(status, message)


def kind_of(value: Json) -> str:
    """What a value is in the words of Go's JSON."""
    kinds = {str: "string", dict: "object", list: "array", bool: "bool"}
    return kinds.get(type(value), "number")


def numbers_of(version: str) -> tuple[int, ...]:
    """A version of the API, to be compared."""
    return tuple(int(number) for number in version.split("."))


@frozen(kw_only=True)
class Call:
    """One call, whoever carried it here."""

    method: str
    path: str
    """Without version and leading slash, not escaped: `containers/web/start`."""
    query: Mapping[str, str] = field(factory=dict)
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(factory=dict, repr=False)
    """Lower-case names."""
    version: str | None = None
    """`1.41` of `/v1.41/…`; None for a call without it, which is one of the engine's own version."""
    is_abandoned: bool = False
    """Whether the caller hung up before the engine got to it."""
    ref: str = ""
    """What the path names: the container of `containers/web/start`, once the call has been routed."""

    def speaks(self, version: str) -> bool:
        """Whether it is one of that version of the API, or of a later one."""
        return numbers_of(self.version or "0") >= numbers_of(version)

    def flag(self, name: str) -> bool:
        """Read a yes or no of the query the way engines do."""
        return self.query.get(name, "").strip().lower() not in ("", "0", "no", "false", "none")

    def number(self, name: str) -> int | None:
        """Read a number of the query."""
        text = self.query.get(name, "")
        if not text:
            return None
        try:
            return int(text)
        except ValueError:
            raise ApiError(500, f'strconv.Atoi: parsing "{text}": invalid syntax') from None

    def moment(self, name: str) -> int | None:
        """Read a moment of the query, seconds with up to nine decimals: nanoseconds since 1970."""
        text = self.query.get(name, "")
        if not text:
            return None
        seconds, _, fraction = text.partition(".")
        try:
            return int(seconds) * NANOSECONDS + int((fraction or "0").ljust(9, "0")[:9])
        except ValueError:
            problem = f'strconv.ParseInt: parsing "{seconds}": invalid syntax'
            raise ApiError(500, problem) from None


@frozen(kw_only=True)
class Answer:
    """A whole answer."""

    status: int = 200
    headers: Mapping[str, str] = field(factory=dict)
    body: bytes = field(default=b"", repr=False)


@frozen(kw_only=True)
class Pending:
    """An answer that comes when something has happened; what was asked for is under way already."""

    until: Callable[[], bool]
    then: Callable[[], Answer]


@frozen(kw_only=True)
class Streaming:
    """An answer whose headers come at once, and whose body comes as it arises."""

    chunks: Callable[[], AsyncIterator[bytes]]
    headers: Mapping[str, str] = field(factory=dict)
    status: int = 200
    upgraded: Mapping[str, str] = field(factory=dict)
    """What the headers say instead if the connection becomes the caller's."""
    tells_engine: bool = True
    """Whether they say as well which engine it is."""
    is_raw: bool = False
    """Whether the connection is the caller's from then on, if it asks for that (`Upgrade: tcp`)."""


Reply: TypeAlias = Answer | Pending | Streaming


def json_answer(document: Json, *, status: int = 200) -> Answer:
    """Answer with a JSON document."""
    return Answer(
        status=status,
        headers={"content-type": "application/json"},
        body=json.dumps(document).encode() + b"\n",
    )


def done(status: int = 204) -> Answer:
    """Answer without a body."""
    return Answer(status=status)


def error_answer(error: ApiError, headers: Mapping[str, str]) -> Answer:
    """Answer with what is wrong."""
    answer = json_answer({"message": error.message}, status=error.status)
    return evolve(answer, headers={**headers, **answer.headers})


async def chunks_of(reply: Answer | Streaming) -> AsyncGenerator[bytes]:
    """The body of an answer, as it comes; to be closed by whoever takes it."""
    if isinstance(reply, Answer):
        yield reply.body
        return
    inner = reply.chunks()
    try:
        async for chunk in inner:
            yield chunk
    finally:
        if isinstance(inner, AsyncGenerator):
            await inner.aclose()
