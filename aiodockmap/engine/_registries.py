"""Calls by which an engine talks to a registry: pulls, pushes, and whether it is let in."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from typing import Any, Final

from attrs import frozen

from ..errors import (
    EngineError,
    EngineUnreachable,
    ImagePullError,
    ImagePushError,
    RegistryError,
)
from ..model import ImageReference, JsonObject, ResourceId
from ._connection import AnswerStream, Connection
from ._docker_config import plain_credentials
from ._errors import unreadable
from ._images import image_path, inspect_image
from ._redaction import redacted
from ._transport import ApiRequest

_ADVICE: Final = (
    (
        ("no matching manifest", "operating system is not supported"),
        "the image is not made for this platform: see which ones it has, and the option platform",
    ),
    (
        ("unauthorized", "authentication required", "denied", "no basic auth"),
        "the registry has no such repository, or wants other credentials: auth_configs or docker_config",
    ),
    (
        ("manifest unknown", "not found", "no such image", "repository does not exist"),
        "look at the spelling of repository and tag",
    ),
    (
        (
            "no such host",
            "dial tcp",
            "connection refused",
            "i/o timeout",
            "timeout",
            "tls",
            "lookup",
        ),
        "the engine cannot reach the registry: look at its network, or at the name of the registry",
    ),
)


@frozen
class _Transfer:
    """What is under way, for errors."""

    verb: str
    error: type[RegistryError]


_PULL: Final = _Transfer("pull", ImagePullError)
_PUSH: Final = _Transfer("push", ImagePushError)
_LOGIN: Final = _Transfer("login", RegistryError)


async def pull_image(
    connection: Connection,
    resource: ResourceId,
    reference: str,
    *,
    platform: str | None,
    credentials: JsonObject | None,
    on_progress: Callable[[str], None] | None,
) -> None:
    """See `Engine.pull_image`."""
    image = ImageReference.parse(reference)
    # Without a tag engines pull all of them.
    query = {"fromImage": image.repository, "tag": image.digest or image.tag or "latest"}
    if platform is not None:
        query["platform"] = platform
    request = ApiRequest(
        method="POST",
        path="images/create",
        query=query,
        headers=_shown(credentials, image.registry) if credentials else {},
        waits=True,
    )
    async with aclosing(_transfer(connection, request, resource, _PULL)) as said:
        async for progress in said:
            _tell(progress, on_progress)
    if await inspect_image(connection, resource, reference) is None:
        raise _error(_PULL, "the pull ended, but the image is not there", request, resource)


async def push_image(
    connection: Connection,
    resource: ResourceId,
    reference: str,
    *,
    credentials: JsonObject | None,
    on_progress: Callable[[str], None] | None,
) -> str | None:
    """See `Engine.push_image`."""
    image = ImageReference.parse(reference)
    request = ApiRequest(
        method="POST",
        path=image_path(image.repository, "/push"),
        # Without a tag engines push all of them.
        query={"tag": image.tag or "latest"},
        # Engines want the header in any case.
        headers=_shown(credentials, image.registry) if credentials else _header({}),
        waits=True,
    )
    digest: str | None = None
    async with aclosing(_transfer(connection, request, resource, _PUSH)) as said:
        async for progress in said:
            _tell(progress, on_progress)
            confirmed = progress.get("aux")
            if isinstance(confirmed, dict) and isinstance(confirmed.get("Digest"), str):
                digest = confirmed["Digest"]
    return digest


async def check_login(connection: Connection, registry: str, credentials: JsonObject) -> None:
    """See `Engine.check_login`."""
    request = ApiRequest(method="POST", path="auth", body=_known(credentials, registry), waits=True)
    try:
        await connection.call(request)
    except EngineUnreachable:
        raise
    except EngineError as error:
        raise _error(_LOGIN, f"{registry}: {error.message}", request, None, error.status) from error


async def _transfer(
    connection: Connection, request: ApiRequest, resource: ResourceId, transfer: _Transfer
) -> AsyncGenerator[dict[str, Any]]:
    """What an engine says while it transfers an image, up to its end; what it fails with is raised."""
    try:
        async with connection.stream(request, resource) as answer:
            async for progress in _progress(answer, transfer):
                failure = _failure(progress)
                if failure is not None:
                    raise _error(transfer, failure, request, resource)
                yield progress
    except (EngineUnreachable, RegistryError):
        raise
    except EngineError as error:
        raise _error(transfer, error.message, request, resource, error.status) from error


def _shown(credentials: JsonObject, registry: str) -> Mapping[str, str]:
    return _header(_known(credentials, registry))


def _known(credentials: JsonObject, registry: str) -> JsonObject:
    plain = plain_credentials(credentials)
    known: dict[str, object] = {
        key: plain[key]
        for key in ("username", "password", "email", "identitytoken", "registrytoken")
        if plain.get(key) is not None
    }
    known["serveraddress"] = credentials.get("serveraddress") or registry
    return known


def _header(known: JsonObject) -> Mapping[str, str]:
    text = json.dumps(known).encode()
    return {"X-Registry-Auth": base64.urlsafe_b64encode(text).decode()}


async def _progress(answer: AnswerStream, transfer: _Transfer) -> AsyncIterator[dict[str, Any]]:
    async for line in answer.lines():
        yield _decode(line, answer, transfer)


def _decode(line: bytes, answer: AnswerStream, transfer: _Transfer) -> dict[str, Any]:
    try:
        progress = json.loads(line)
    except (ValueError, RecursionError) as problem:
        raise transfer.error(
            f"the {transfer.verb} broke off", resource=answer.resource, call=str(answer.request)
        ) from problem
    if not isinstance(progress, dict):
        raise unreadable(answer.request, answer.resource, engine=answer.connection.name)
    return progress


def _failure(progress: dict[str, Any]) -> str | None:
    """What went wrong, in the words of the engine if it has any; None for progress."""
    detail, error = progress.get("errorDetail"), progress.get("error")
    if detail is None and error is None:
        return None
    message = detail.get("message") if isinstance(detail, dict) else detail
    texts = (text for text in (message, error) if text and isinstance(text, str))
    return next(texts, "the engine does not say why")


def _tell(progress: dict[str, Any], on_progress: Callable[[str], None] | None) -> None:
    line = _line(progress)
    if line and on_progress is not None:
        on_progress(line)


def _line(progress: dict[str, Any]) -> str:
    parts = (progress.get("id"), progress.get("status"), progress.get("progress"))
    layer, *rest = (str(part) if part else "" for part in parts)
    text = " ".join(part for part in rest if part)
    return f"{layer}: {text}" if layer and text else text


def _error(
    transfer: _Transfer,
    message: str,
    request: ApiRequest,
    resource: ResourceId | None,
    status: int | None = None,
) -> RegistryError:
    lowered = message.lower()
    advice = next(
        (advice for words, advice in _ADVICE if any(word in lowered for word in words)), None
    )
    return transfer.error(
        redacted(message, request.body),
        resource=resource,
        call=str(request),
        status=status,
        advice=advice,
    )
