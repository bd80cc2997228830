"""What goes wrong at an engine, in our words: the one place where foreign failures are translated.

Docker says most with the status, Podman says most with 500 and a text; so texts go first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from attrs import frozen

from ..errors import (
    EngineError,
    EngineTimeout,
    EngineUnreachable,
    InvalidRequest,
    ResourceConflict,
    ResourceNotFound,
)
from ..model import DEFAULT_ENGINE, ResourceId
from ._redaction import redacted
from ._transport import ApiRequest, ConnectionBroken, Refused

LONGEST_MESSAGE: Final = 2_000
"""Proxies answer with whole pages; nobody wants to read them in an error."""


@frozen
class _Rule:
    """What an engine means by a text, and the way out."""

    text: re.Pattern[str]
    error: type[EngineError]
    advice: str = ""


def _rule(text: str, error: type[EngineError], advice: str = "") -> _Rule:
    return _Rule(re.compile(text, re.IGNORECASE), error, advice)


_PORT_TAKEN: Final = re.compile(
    r"(?:bind for|listen \w+|host port for) (?P<address>\S*?:(?P<port>\d+))(?::\S+)?"
    r"(?: failed: port is already allocated|(?:: bind)?: address already in use)",
    re.IGNORECASE,
)

_RULES: Final = (
    _rule(
        r"no such image: (?P<image>\S+)",
        ResourceNotFound,
        "pull {image}, or tag an image of the engine with that name",
    ),
    _rule(
        r"does not (?:match|provide) the specified platform",
        ResourceNotFound,
        "the engine has that image for another platform: pull it again (pull_images), for the one that the"
        " map asks for; unless Docker keeps images in containerd, it has a name for one platform only",
    ),
    _Rule(
        _PORT_TAKEN,
        ResourceConflict,
        "port {port} is taken: publish another one, or stop what holds it",
    ),
    _rule(
        r"port is already allocated|address already in use",
        ResourceConflict,
        "a published port, or a static address, is taken already",
    ),
    _rule(
        r"pool overlaps with other one|subnet .* is already used|overlaps with",
        ResourceConflict,
        "another network has these addresses: choose another subnet, or remove the other network",
    ),
    _rule(
        r"non-overlapping IPv4 address pool|all predefined address pools have been",
        ResourceConflict,
        "the engine ran out of addresses for networks: remove unused networks, or name a subnet",
    ),
    _rule(
        r"could not find plugin|plugin .* not found|error looking up \w+ plugin",
        ResourceNotFound,
        "install that driver on the engine, or use another one",
    ),
    _rule(
        r"HTTP request to an HTTPS server",
        EngineUnreachable,
        "the engine wants TLS: write https:// in its address, or set tls of the client",
    ),
    _rule(
        r"client version \S+ is too (?:new|old)",
        InvalidRequest,
        "leave the version of the client unset, so that it is negotiated",
    ),
    _rule(r"container name .* is already in use|name .* is already in use by", ResourceConflict),
    _rule(r"network with name .* already exists|network name .* already used", ResourceConflict),
    _rule(r"endpoint with name .* already exists in network", ResourceConflict),
    _rule(r"is a pre-?defined network|predefined \w+ network", InvalidRequest),
    _rule(r"invalid mode: ", InvalidRequest),
    _rule(
        r"network (?P<network>\S+) not found",
        ResourceNotFound,
        "create the network; a container that was connected to one that is gone has to be re-created,"
        " or disconnected and connected again",
    ),
    _rule(
        r"has active endpoints|network .* is being used",
        ResourceConflict,
        "disconnect, or remove, what is connected to it; if an inspection of it shows nothing, the engine has"
        " miscounted (older Docker can, moby issue 42119): restart the engine",
    ),
    _rule(r"container state improper|can only kill running containers", ResourceConflict),
    _rule(r"cannot remove container .* as it is running", ResourceConflict),
    _rule(r"no such (?:container|network|volume|exec)", ResourceNotFound),
    # What Docker 28.5 says of a container whose files it is just removing.
    _rule(r"invalid output path: stat \S+/containers/\S+: no such file", ResourceNotFound),
)

_BY_STATUS: Final[Mapping[int, type[EngineError]]] = {
    400: InvalidRequest,
    404: ResourceNotFound,
    409: ResourceConflict,
}

_UNREACHABLE_ADVICE: Final = (
    "is the engine running, and is DOCKER_HOST, or the base_url of the client, its address?"
)
_IN_DOUBT: Final = "the call may have had its effect all the same"
_FORBIDDEN_ADVICE: Final = (
    "this user may not use the engine's socket: add it to the group that owns the socket"
)


@contextmanager
def engine_errors(
    request: ApiRequest, resource: ResourceId | None = None, *, engine: str = DEFAULT_ENGINE
) -> Iterator[None]:
    """Translate everything that a transport raises; anything else is a bug of ours and passes.

    Args:
        request: The call, for the error.
        resource: What the call is about, for the error.
        engine: The name of the engine, for errors that are about no resource.
    """
    try:
        yield
    except Refused as refusal:
        message = redacted(refusal.message, request.body, name=resource.name if resource else "")
        # What brought it about has the values, and would be printed with it.
        cause = refusal if message == refusal.message else None
        raise refused(refusal.status, message, request, resource, engine) from cause
    except ConnectionBroken as broken:
        raise EngineUnreachable(
            _about(engine, resource, broken.message),
            resource=resource,
            call=str(request),
            advice=_connection_advice(broken, request),
        ) from broken
    except TimeoutError as timeout:
        seconds = f" within {request.timeout:g} s" if request.timeout is not None else ""
        raise EngineTimeout(
            _about(engine, resource, f"the engine did not answer{seconds}"),
            resource=resource,
            call=str(request),
            advice=f"{_IN_DOUBT}; look before trying again" if request.changes_something else None,
        ) from timeout


def refused(
    status: int | None,
    message: str,
    request: ApiRequest,
    resource: ResourceId | None = None,
    engine: str = DEFAULT_ENGINE,
) -> EngineError:
    """The error for an answer with a status of 400 or more."""
    message = message.strip() or "the engine refused, and did not say why"
    if len(message) > LONGEST_MESSAGE:
        message = message[:LONGEST_MESSAGE] + "…"
    error, advice = _classify(status, message)
    return error(
        _about(engine, resource, message),
        resource=resource,
        call=str(request),
        status=status,
        advice=advice,
    )


def unreadable(
    request: ApiRequest, resource: ResourceId | None = None, *, engine: str = DEFAULT_ENGINE
) -> EngineError:
    """The error for an answer that is not what the Engine API promises."""
    return EngineError(
        _about(engine, resource, "the answer cannot be read"),
        resource=resource,
        call=str(request),
        advice="is this the address of a container engine?",
    )


def silent(
    request: ApiRequest, resource: ResourceId | None = None, *, engine: str = DEFAULT_ENGINE
) -> EngineUnreachable:
    """The error for an engine that does not even say that it is there, while a call waits for it."""
    return EngineUnreachable(
        _about(engine, resource, "the engine has stopped answering"),
        resource=resource,
        call=str(request),
        advice="restart the engine; what the call was about may go on, or be done: look then",
    )


def taken_port(error: EngineError) -> int | None:
    """The port that stands in the way; None if the error is about something else."""
    found = _PORT_TAKEN.search(error.message)
    return int(found["port"]) if found else None


def _classify(status: int | None, message: str) -> tuple[type[EngineError], str | None]:
    for rule in _RULES:
        found = rule.text.search(message)
        if found:
            return rule.error, rule.advice.format(**found.groupdict()) or None
    if status is None:
        return EngineError, None
    return _BY_STATUS.get(status, EngineError), None


def _connection_advice(broken: ConnectionBroken, request: ApiRequest) -> str:
    if broken.advice:
        return broken.advice
    if broken.connected:
        return "the engine went away" + (f"; {_IN_DOUBT}" if request.changes_something else "")
    if "permission denied" in broken.message.lower():
        return _FORBIDDEN_ADVICE
    return _UNREACHABLE_ADVICE


def _about(engine: str, resource: ResourceId | None, message: str) -> str:
    # A resource names its engine itself.
    return message if resource or engine == DEFAULT_ENGINE else f"engine {engine}: {message}"
