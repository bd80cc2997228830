"""`POST /commit`: an image from what a container was created with."""

from __future__ import annotations

from attrs import evolve

from ._answers import ApiError, Call, JsonDict, Reply, json_answer
from ._bodies import CREATED_CONTAINER, decoded
from ._changes import changed, configured
from ._configuration import stored_config
from ._image_calls import tell_of_image
from ._images import Commit, EmbeddedImage, checked_reference, familiar
from ._world import World


def commit_container(world: World, call: Call) -> Reply:
    """`POST /commit`: an image with the configuration of a container, of the body, and of the changes."""
    ref = call.query.get("container", "")
    container = world.find_container(ref)
    if container is None:
        raise ApiError(404, f"No such container: {ref}")
    own = _sent(call) or container.config
    own = changed(
        own,
        call.query.get("changes", ""),
        has_stop_signal=world.release.commits_stop_signals,
    )
    config = stored_config(own, container.config, reference=own.get("Image") or "")
    image = _image(world.images.images[container.image_id], config, revision=world.new_id())
    comment = call.query.get("comment", "")
    world.images.images[image.id] = image
    world.images.stamps[image.id] = world.timeline.stamp()
    world.images.parents[image.id] = container.image_id
    world.images.commits[image.id] = Commit(
        container=container.id,
        container_config=container.config,
        config=config,
        author=call.query.get("author", ""),
        comment=comment,
    )
    if world.release.tells_of_made_images:
        tell_of_image(world, image.id, "create")
    name = ""
    if call.query.get("repo"):
        tag = call.query.get("tag") or "latest"
        name = familiar(checked_reference(f"{call.query['repo']}:{tag}"))
        world.images.tags[name] = image.id
        tell_of_image(world, image.id, "tag", name)
    world.events.of_container(container, "commit", comment=comment, imageID=image.id, imageRef=name)
    return json_answer({"Id": image.id}, status=201)


def _sent(call: Call) -> JsonDict:
    # The `docker` command sends `null` if it has nothing to say.
    is_empty = call.body.strip() in (b"", b"null")
    return {} if is_empty else decoded(call, CREATED_CONTAINER)


def _image(base: EmbeddedImage, config: JsonDict, *, revision: str) -> EmbeddedImage:
    image = configured(base, config)
    own = (*base.entrypoint, *base.command)
    return evolve(
        image,
        behaviour=base.behaviour if (*image.entrypoint, *image.command) == own else None,
        # It has what the other one has.
        executables=(*base.executables, *own[:1]),
        revision=revision,
    )
