"""Calls about images."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

from ..errors import EngineError, EngineUnreachable, ImagePullError, ResourceNotFound
from ..model import ImageReference, JsonObject, ResourceId
from ..state import ImageDetails, ObservedImage
from ._connection import AnswerStream, Connection
from ._docker_config import plain_credentials
from ._transport import ApiRequest

_ADVICE: Final = (
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


LONGEST_LINE: Final = 2**20
"""Bytes; lines of progress have some hundred."""


def image_path(reference: str, call: str = "/json") -> str:
    """The path of a call about an image."""
    return f"images/{quote(reference, safe='/:@')}{call}"


async def pull_image(
    connection: Connection,
    resource: ResourceId,
    reference: str,
    *,
    credentials: JsonObject | None,
    on_progress: Callable[[str], None] | None,
) -> None:
    """See `Engine.pull_image`."""
    image = ImageReference.parse(reference)
    request = ApiRequest(
        method="POST",
        path="images/create",
        # Without a tag engines pull all of them.
        query={"fromImage": image.repository, "tag": image.digest or image.tag or "latest"},
        headers=_registry_auth(credentials, image.registry) if credentials else {},
        waits=True,
    )
    try:
        async with connection.stream(request, resource) as answer:
            async for progress in _progress(answer):
                failure = _failure(progress)
                if failure is not None:
                    raise _pull_error(failure, request, resource)
                line = _line(progress)
                if line and on_progress is not None:
                    on_progress(line)
    except (EngineUnreachable, ImagePullError):
        raise
    except EngineError as error:
        raise _pull_error(error.message, request, resource, error.status) from error
    if await inspect_image(connection, resource, reference) is None:
        raise _pull_error("the pull ended, but the image is not there", request, resource)


async def inspect_image(connection: Connection, resource: ResourceId, reference: str) -> str | None:
    """See `Engine.inspect_image`."""
    request = connection.short_call("GET", image_path(reference))
    try:
        details = await connection.read_object(request, resource)
    except ResourceNotFound:
        return None
    return connection.interpret(details, _image_id, request, resource)


def _image_id(details: dict[str, Any]) -> str:
    return str(details["Id"])


async def image_details(
    connection: Connection, resource: ResourceId, image_id: str
) -> ImageDetails | None:
    """See `Engine.image_details`."""
    known = connection.images.get(image_id)
    if known is not None:
        return known
    try:
        details = await connection.read_object(
            connection.short_call("GET", image_path(image_id)), resource
        )
    except ResourceNotFound:
        return None
    config = details.get("Config")
    parts = (details.get(key) for key in ("Os", "Architecture", "Variant"))
    found = ImageDetails(
        config=config if isinstance(config, dict) else {},
        platform="/".join(str(part) for part in parts if part),
    )
    connection.remember_image(image_id, found)
    return found


async def list_images(connection: Connection) -> dict[str, str]:
    """See `Engine.list_images`."""
    request = connection.short_call("GET", "images/json")
    entries = await connection.read_list(request)
    return connection.interpret(entries, images_by_reference, request)


async def list_all_images(connection: Connection) -> list[ObservedImage]:
    """See `Engine.list_all_images`."""
    request = connection.short_call("GET", "images/json", query={"all": "1"})
    entries = await connection.read_list(request)
    return [connection.interpret(entry, _image_from_entry, request) for entry in entries]


def _image_from_entry(entry: dict[str, Any]) -> ObservedImage:
    return ObservedImage(
        id=str(entry["Id"]),
        parent=str(entry.get("ParentId") or ""),
        tags=_named(entry.get("RepoTags")),
        digests=_named(entry.get("RepoDigests")),
    )


def _named(references: list[str] | None) -> tuple[str, ...]:
    # How engines write that there is none.
    return tuple(each for each in references or () if "<none>" not in each)


async def remove_image(
    connection: Connection, resource: ResourceId, image_id: str, references: Iterable[str]
) -> bool:
    """See `Engine.remove_image`."""
    names = tuple(references)
    if not names:
        return await _remove(connection, resource, image_id)
    was_removed = False
    for name in names:
        if await inspect_image(connection, resource, name) == image_id:
            was_removed |= await _remove(connection, resource, name)
    return was_removed


async def _remove(connection: Connection, resource: ResourceId, ref: str) -> bool:
    # Without `noprune`, images without a name that it was built from would go as well.
    request = connection.short_call("DELETE", image_path(ref, ""), query={"noprune": "1"})
    try:
        await connection.call(request, resource)
    except ResourceNotFound:
        return False
    return True


def images_by_reference(entries: list[dict[str, Any]]) -> dict[str, str]:
    """Canonical reference to id, from `GET /images/json`; tags and digests alike."""
    found: dict[str, str] = {}
    for entry in entries:
        for reference in (*_named(entry.get("RepoTags")), *_named(entry.get("RepoDigests"))):
            found[ImageReference.parse(reference).canonical] = str(entry["Id"])
    return found


def _registry_auth(credentials: JsonObject, registry: str) -> Mapping[str, str]:
    plain = plain_credentials(credentials)
    known: dict[str, object] = {
        key: plain[key]
        for key in ("username", "password", "email", "identitytoken", "registrytoken")
        if plain.get(key) is not None
    }
    known["serveraddress"] = credentials.get("serveraddress") or registry
    text = json.dumps(known).encode()
    return {"X-Registry-Auth": base64.urlsafe_b64encode(text).decode()}


async def _progress(answer: AnswerStream) -> AsyncIterator[dict[str, Any]]:
    pending = b""
    async for chunk in answer.chunks():
        *lines, pending = (pending + chunk).split(b"\n")
        if len(pending) > LONGEST_LINE:
            raise ImagePullError(
                "what the engine says of the pull cannot be read",
                resource=answer.resource,
                call=str(answer.request),
            )
        for line in lines:
            if line.strip():
                yield _decode(line, answer)
    if pending.strip():
        yield _decode(pending, answer)


def _decode(line: bytes, answer: AnswerStream) -> dict[str, Any]:
    try:
        progress = json.loads(line)
    except (ValueError, RecursionError) as problem:
        raise ImagePullError(
            "the pull broke off", resource=answer.resource, call=str(answer.request)
        ) from problem
    return progress if isinstance(progress, dict) else {}


def _failure(progress: dict[str, Any]) -> str | None:
    detail = progress.get("errorDetail")
    message = detail.get("message") if isinstance(detail, dict) else None
    return message or progress.get("error")


def _line(progress: dict[str, Any]) -> str:
    parts = (progress.get("id"), progress.get("status"), progress.get("progress"))
    layer, *rest = (str(part) if part else "" for part in parts)
    text = " ".join(part for part in rest if part)
    return f"{layer}: {text}" if layer and text else text


def _pull_error(
    message: str, request: ApiRequest, resource: ResourceId, status: int | None = None
) -> ImagePullError:
    lowered = message.lower()
    advice = next(
        (advice for words, advice in _ADVICE if any(word in lowered for word in words)), None
    )
    return ImagePullError(
        message, resource=resource, call=str(request), status=status, advice=advice
    )
