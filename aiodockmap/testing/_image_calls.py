"""Calls under `/images`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Final

from ..model import ImageReference
from ._answers import Answer, ApiError, Call, Json, JsonDict, Reply, Streaming, json_answer
from ._changes import changed, configured
from ._images import (
    EmbeddedImage,
    Published,
    checked_reference,
    familiar,
    missing_image,
)
from ._platforms import NATIVE, Platform, other_platform
from ._releases import (
    NO_CONTAINER_OF_IMAGE,
    NO_VIRTUAL_SIZE,
    PULL_FOR_PLATFORM,
    SHORT_IMAGE_CONFIG,
)
from ._world import World, short

DEFAULT_REGISTRY: Final = "docker.io"
SIZE: Final = 2_000_000
CONTAINER_FIELDS: Final = frozenset(
    {"AttachStderr", "AttachStdin", "AttachStdout", "Domainname", "Hostname", "Image", "OpenStdin"}
    | {"StdinOnce", "Tty"}
)
"""What a configuration says of containers alone."""


def tell_of_image(world: World, image_id: str, action: str, name: str = "") -> None:
    """Note that something has happened to an image that is there."""
    world.events.of_image(image_id, action, name, world.images.images[image_id].labels)


def known_image(world: World, ref: str) -> str:
    """The id of an image.

    Raises:
        ApiError: 404 if there is none.
    """
    image_id = world.images.find(ref)
    if image_id is None:
        raise ApiError(404, missing_image(ref))
    return image_id


def inspect_image(world: World, call: Call) -> Reply:
    """`GET /images/{name}/json`."""
    try:
        image_id = world.images.find(call.ref)
    except ApiError as error:
        raise ApiError(error.status, f"no such image: {call.ref}: {error.message}") from None
    if image_id is None:
        raise ApiError(404, f"no such image: {call.ref}: {missing_image(call.ref)}")
    image = world.images.images[image_id]
    platform = Platform.parse(image.platform)
    empty = EmbeddedImage(command=()).config()
    document: JsonDict = {
        "Id": image_id,
        "RepoTags": world.images.names_of(image_id),
        "RepoDigests": world.images.digests_of(image_id),
        "Parent": world.images.parents.get(image_id, ""),
        "Comment": "Imported from -",
        "Created": world.images.stamps[image_id],
        **world.release.image_fields,
        "ContainerConfig": empty,
        "DockerVersion": world.release.version,
        "Author": "",
        "Config": image.config(),
        "Architecture": platform.architecture,
        "Os": platform.system,
        "Size": SIZE,
        "VirtualSize": SIZE,
        "GraphDriver": {"Data": None, "Name": "overlay2"},
        "RootFS": {"Type": "layers", "Layers": [image_id]},
        "Metadata": {"LastTagTime": world.images.stamps[image_id]},
    }
    made = world.images.commits.get(image_id)
    if made is not None:
        document |= {
            "Comment": made.comment,
            "Author": made.author,
            "ContainerConfig": made.container_config,
        }
        # Newer callers are not told of labels that there are none of.
        told = () if call.speaks(SHORT_IMAGE_CONFIG) else ("Labels",)
        document["Config"] |= {key: made.config[key] for key in (*CONTAINER_FIELDS, *told)}
        document |= {"Container": made.container} if "Container" in document else {}
    if platform.variant:
        document["Variant"] = platform.variant
    if call.speaks(NO_VIRTUAL_SIZE):
        del document["VirtualSize"]
    if call.speaks(NO_CONTAINER_OF_IMAGE):
        del document["ContainerConfig"]
    if call.speaks(SHORT_IMAGE_CONFIG):
        document["Config"] = {
            key: value for key, value in document["Config"].items() if key not in CONTAINER_FIELDS
        }
    return json_answer(document)


def create_image(world: World, call: Call) -> Reply:
    """`POST /images/create`: pull an image, or import one from the body."""
    if call.query.get("fromSrc"):
        return _import(world, call)
    name, tag = call.query.get("fromImage", ""), call.query.get("tag", "")
    separator = "@" if tag.startswith("sha256:") else ":"
    reference = checked_reference(f"{name}{separator}{tag}" if tag else name)
    if reference.tag is None and reference.digest is None:
        reference = ImageReference(reference.repository, "latest")
    asked = call.query.get("platform") if call.speaks(PULL_FOR_PLATFORM) else None
    platform = Platform.parse(asked) if asked else NATIVE
    published = world.registry.find(reference, platform)
    if published is None:
        raise _not_published(world, reference)

    def chunks() -> AsyncIterator[bytes]:
        return _pull(world, reference, published, platform)

    return Streaming(chunks=chunks, headers={"content-type": "application/json"})


def _not_published(world: World, reference: ImageReference) -> ApiError:
    name = familiar(reference)
    if reference.registry != DEFAULT_REGISTRY or world.registry.has_repository(reference):
        reason = "manifest unknown: manifest unknown"
        return ApiError(404, f"manifest for {name} not found: {reason}")
    repository = name.partition("@")[0].rpartition(":")[0] or name
    return ApiError(
        404,
        f"pull access denied for {repository}, repository does not exist or may require "
        "'docker login': denied: requested access to the resource is denied",
    )


async def _pull(
    world: World, reference: ImageReference, published: Published, platform: Platform
) -> AsyncIterator[bytes]:
    path = ImageReference(reference.repository).canonical.partition("/")[2].rpartition(":")[0]
    name = familiar(reference)
    version = name if reference.digest else reference.tag
    layer = short(published.digest)
    yield progress_line({"status": f"Pulling from {path}", "id": version})
    image = published.image_for(platform)
    if image is None:
        yield _failed(f"no matching manifest for {platform} in the manifest list entries")
        return
    if platform.system != NATIVE.system:
        yield _failed("operating system is not supported")
        return
    if published.broken_after is not None:
        yield progress_line({"status": "Downloading", "progressDetail": {}, "id": layer})
        await world.timeline.sleep(published.broken_after)
        yield _failed("unexpected EOF")
        return
    was_there = image.id in world.images.images
    if not was_there:
        yield progress_line({"status": "Pulling fs layer", "progressDetail": {}, "id": layer})
    await world.timeline.sleep(published.seconds)
    if not was_there:
        yield progress_line({"status": "Pull complete", "progressDetail": {}, "id": layer})
    try:
        world.write("tmp/GetImageBlob")
    except ApiError as error:
        yield _failed(error.message)
        return
    was_named = world.images.find(name) == image.id
    world.images.add_pulled(reference, published.digest, image, stamp=world.timeline.stamp())
    world.events.of_image(name, "pull", repository_of(name), image.labels)
    world.timeline.tell()
    yield progress_line({"status": f"Digest: {published.digest}"})
    outcome = "Image is up to date" if was_named else "Downloaded newer image"
    yield progress_line({"status": f"Status: {outcome} for {name}"})
    made_for = Platform.parse(image.platform)
    if world.release.warns_of_pulled_platform and not made_for.suits(platform):
        mismatch = world.release.worded(other_platform(name, platform, made_for)).message
        yield progress_line({"status": f"WARNING: {mismatch}"})


def _failed(message: str) -> bytes:
    return progress_line({"errorDetail": {"message": message}, "error": message})


def progress_line(document: Json) -> bytes:
    """One document of an answer that tells of progress."""
    return json.dumps(document).encode() + b"\r\n"


def _import(world: World, call: Call) -> Reply:
    world.write(f"overlay2/{world.new_id()}/link")
    plain = EmbeddedImage(revision=world.new_id())
    config = changed(
        plain.config(),
        call.query.get("changes", ""),
        has_stop_signal=world.release.commits_stop_signals,
    )
    image = configured(plain, config)
    if call.query.get("repo"):
        tag = call.query.get("tag") or "latest"
        name = f"{call.query['repo']}:{tag}"
        world.images.add(name, image, stamp=world.timeline.stamp())
        tell_of_image(world, image.id, "tag", familiar(checked_reference(name)))
    else:
        world.images.images[image.id] = image
        world.images.stamps[image.id] = world.timeline.stamp()
    tell_of_image(world, image.id, "import")
    return Answer(
        headers={"content-type": "application/json"}, body=progress_line({"status": image.id})
    )


def tag_image(world: World, call: Call) -> Reply:
    """`POST /images/{name}/tag`."""
    image_id = known_image(world, call.ref)
    tag = call.query.get("tag") or "latest"
    reference = checked_reference(f"{call.query.get('repo', '')}:{tag}")
    world.write("image/overlay2/.tmp-repositories.json")
    world.images.tags[familiar(reference)] = image_id
    tell_of_image(world, image_id, "tag", familiar(reference))
    return Answer(status=201)


def remove_image(world: World, call: Call) -> Reply:
    """`DELETE /images/{name}`."""
    image_id = known_image(world, call.ref)
    names = world.images.names_of(image_id)
    digests = world.images.digests_of(image_id)
    is_by_id = image_id == call.ref or image_id.startswith(f"sha256:{call.ref}")
    if not is_by_id:
        going = _untagged_with(familiar(checked_reference(call.ref)), names, digests)
        if len(going) < len(names) + len(digests):
            for name in going:
                del (world.images.digests if "@" in name else world.images.tags)[name]
            tell_of_image(world, image_id, "untag")
            return json_answer([{"Untagged": name} for name in going])
    users = [it for it in world.containers.values() if it.image_id == image_id]
    _check_unused(call, image_id, users=[short(it.id) for it in users if it.state.is_running])
    if users and not call.flag("force"):
        _check_unused(call, image_id, users=[short(users[0].id)])
    has_children = bool(world.images.children_of(image_id))
    if is_by_id and has_children:
        raise ApiError(
            409,
            f"conflict: unable to delete {short(image_id)} (cannot be forced) - "
            "image has dependent child images",
        )
    answer = untag_image(world, image_id, is_by_name=not is_by_id)
    if not users and not has_children:
        answer += delete_image(world, image_id, prune=not call.flag("noprune"))
    return json_answer(answer)


def _untagged_with(name: str, names: list[str], digests: list[str]) -> list[str]:
    """What an image is called no more when it loses a name: digests go with the last tag of a repository."""
    repository = repository_of(name)
    others = [each for each in names if each != name and repository_of(each) == repository]
    if "@" in name or others:
        return [name]
    return [name, *(each for each in digests if repository_of(each) == repository)]


def repository_of(name: str) -> str:
    """A reference without its tag or digest."""
    return name.partition("@")[0] if "@" in name else name.rpartition(":")[0]


def untag_image(world: World, image_id: str, *, is_by_name: bool = False) -> list[dict[str, str]]:
    """Take all names from an image; what is said of it."""
    names = world.images.names_of(image_id)
    digests = world.images.digests_of(image_id)
    for name in names:
        del world.images.tags[name]
    for name in digests:
        del world.images.digests[name]
    # Digests go with the names of their repository.
    for _ in names[:1] if is_by_name else names or digests:
        tell_of_image(world, image_id, "untag")
    return [{"Untagged": name} for name in (*names, *digests)]


def delete_image(world: World, image_id: str, *, prune: bool) -> list[dict[str, str]]:
    """Delete an image, and unless told otherwise those that only it was made from."""
    answer = []
    current: str | None = image_id
    while current is not None:
        parent = world.images.parents.get(current)
        world.images.discard(current)
        world.events.of_image(current, "delete")
        answer.append({"Deleted": current})
        current = parent if prune and parent is not None and _is_left(world, parent) else None
    return answer


def _is_left(world: World, image_id: str) -> bool:
    store = world.images
    has_names = store.names_of(image_id) or store.digests_of(image_id)
    return not has_names and is_unused(world, image_id)


def is_unused(world: World, image_id: str) -> bool:
    """Whether no container and no other image is made from it."""
    is_used = any(it.image_id == image_id for it in world.containers.values())
    return not (is_used or world.images.children_of(image_id))


def _check_unused(call: Call, image_id: str, *, users: list[str]) -> None:
    if users and not call.flag("force"):
        raise ApiError(
            409,
            f'conflict: unable to remove repository reference "{call.ref}" (must force) - '
            f"container {users[0]} is using its referenced image {short(image_id)}",
        )
