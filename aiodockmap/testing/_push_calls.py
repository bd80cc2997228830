"""Calls by which an engine brings images to registries, and asks whether it is let in."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Final

from ..model import ImageReference
from ._answers import ApiError, Call, Reply, Streaming, json_answer
from ._bodies import LOGIN, decoded
from ._image_calls import DEFAULT_REGISTRY, progress_line
from ._images import NO_CREDENTIALS, checked_reference, familiar
from ._world import World, short

MANIFEST_SIZE: Final = 527


def push_image(world: World, call: Call) -> Reply:
    """`POST /images/{name}/push`."""
    credentials = _credentials(world, call)
    reference = checked_reference(call.ref)
    reference = ImageReference(reference.repository, call.query.get("tag") or reference.tag)

    def chunks() -> AsyncIterator[bytes]:
        return _push(world, reference, credentials)

    return Streaming(chunks=chunks, headers={"content-type": "application/json"})


def _credentials(world: World, call: Call) -> tuple[str, str] | None:
    header = call.headers.get("x-registry-auth", "")
    if not header and world.release.asks_for_push_credentials:
        raise ApiError(400, "Bad parameters and missing X-Registry-Auth: EOF")
    try:
        shown = json.loads(base64.urlsafe_b64decode(header))
    except ValueError:
        return None
    known = shown if isinstance(shown, dict) else {}
    return (known["username"], known.get("password", "")) if known.get("username") else None


async def _push(
    world: World, reference: ImageReference, credentials: tuple[str, str] | None
) -> AsyncIterator[bytes]:
    name = familiar(reference)
    repository = name.rpartition(":")[0]
    yield progress_line({"status": f"The push refers to repository [{repository}]"})
    image_id = world.images.tags.get(name)
    if image_id is None:
        is_known = any(each.rpartition(":")[0] == repository for each in world.images.tags)
        message = (
            f"tag does not exist: {name}"
            if is_known
            else f"An image does not exist locally with the tag: {repository}"
        )
        yield progress_line({"errorDetail": {"message": message}, "error": message})
        return
    layer = short(image_id)
    yield progress_line({"status": "Preparing", "progressDetail": {}, "id": layer})
    refusal = world.registry.refusal(reference.registry, credentials)
    if refusal is not None:
        yield progress_line({"errorDetail": {"message": refusal}, "error": refusal})
        return
    image = world.images.images[image_id]
    was_there = any(image in each.images for each in world.registry.content.values())
    if was_there:
        yield progress_line({"status": "Layer already exists", "progressDetail": {}, "id": layer})
    else:
        yield progress_line({"status": "Pushing", "progressDetail": {"current": 1}, "id": layer})
        await world.timeline.sleep(world.registry.push_seconds)
        yield progress_line({"status": "Pushed", "progressDetail": {}, "id": layer})
    digest = world.registry.publish(str(reference), image)
    world.events.of_image(name, "push", repository, image.labels)
    world.images.digests[f"{repository}@{digest}"] = image_id
    tag = reference.tag or "latest"
    yield progress_line({"status": f"{tag}: digest: {digest} size: {MANIFEST_SIZE}"})
    confirmed = {"Tag": tag, "Digest": digest, "Size": MANIFEST_SIZE}
    yield progress_line({"progressDetail": {}, "aux": confirmed})


def check_login(world: World, call: Call) -> Reply:
    """`POST /auth`."""
    body = decoded(call, LOGIN)
    registry = str(body.get("serveraddress", DEFAULT_REGISTRY))
    user = body.get("username")
    refusal = world.registry.refusal(
        registry, (str(user), str(body.get("password"))) if user else None
    )
    if refusal == NO_CREDENTIALS:
        raise ApiError(500, f'Get "http://{registry}/v2/": {refusal}')
    if refusal is not None:
        reason = "failed with status: 401 Unauthorized"
        raise ApiError(500, f"login attempt to http://{registry}/v2/ {reason}")
    return json_answer({"IdentityToken": "", "Status": "Login Succeeded"})
