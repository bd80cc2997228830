"""Calls of those who look after an engine: what takes how much space, and what nobody uses."""

from __future__ import annotations

import json
from typing import Final

from attrs import evolve

from ._answers import Answer, Call, Json, JsonDict, Reply, json_answer
from ._container_calls import list_containers
from ._filters import is_as_old, is_pruned, read_filters, read_until, truth
from ._image_calls import SIZE, delete_image, is_unused, known_image, untag_image
from ._image_lists import list_images, made
from ._releases import NO_BUILDER_SIZE
from ._volume_calls import list_volumes
from ._world import World

FILTERS: Final = frozenset({"dangling", "label", "label!", "until"})


def image_history(world: World, call: Call) -> Reply:
    """`GET /images/{name}/history`: a layer for each commit, and that of an image that was imported."""
    layers = []
    image_id: str | None = known_image(world, call.ref)
    while image_id is not None:
        layers.append(_layer(world, image_id))
        image_id = world.images.parents.get(image_id)
    return json_answer(layers)


def _layer(world: World, image_id: str) -> JsonDict:
    commit = world.images.commits.get(image_id)
    return {
        "Comment": commit.comment if commit else "Imported from -",
        "Created": int(made(world, image_id).timestamp()),
        "CreatedBy": " ".join(commit.container_config["Cmd"] or ()) if commit else "",
        "Id": image_id,
        "Size": 0 if commit else SIZE,
        "Tags": world.images.names_of(image_id) or None,
    }


def prune_images(world: World, call: Call) -> Reply:
    """`POST /images/prune`: images without names that nobody uses, or all that nobody uses."""
    filters = read_filters(call, FILTERS)
    takes_named = truth(filters, "dangling") is False
    until = read_until(filters, call, world.timeline.moment())
    pruned: list[JsonDict] = []
    for image_id, image in list(world.images.images.items()):
        if image_id not in world.images.images:
            continue  # it went with another one
        names = [*world.images.names_of(image_id), *world.images.digests_of(image_id)]
        is_meant = (takes_named or not names) and is_pruned(image.labels, filters)
        is_old = is_as_old(world.images.stamps[image_id], until)
        if is_meant and is_old and is_unused(world, image_id):
            pruned += untag_image(world, image_id)
            pruned += delete_image(world, image_id, prune=True)
    world.events.of_prune("image")
    return json_answer({"ImagesDeleted": pruned or None, "SpaceReclaimed": 0})


def prune_builds(world: World, call: Call) -> Reply:
    """`POST /build/prune`: nothing is ever built."""
    del call
    world.events.of_prune("builder")
    return json_answer({"CachesDeleted": None, "SpaceReclaimed": 0})


def disk_usage(world: World, call: Call) -> Reply:
    """`GET /system/df`."""
    everything = evolve(call, query={"all": "1", "size": "1"})
    images, containers, volumes = (
        _listed(handler(world, everything))
        for handler in (list_images, list_containers, list_volumes)
    )
    for image in images:
        image["Containers"] = sum(it.image_id == image["Id"] for it in world.containers.values())
        image["SharedSize"] = 0
        image["RepoDigests"] = image["RepoDigests"] or None
    for volume in volumes["Volumes"]:
        volume["UsageData"] = {"RefCount": len(world.users_of(volume["Name"])), "Size": 0}
    builds: JsonDict = {"BuildCache": None, "BuilderSize": 0}
    if call.speaks(NO_BUILDER_SIZE):
        builds = {"BuildCache": []}
    return json_answer(
        {
            "LayersSize": SIZE * len(images),
            "Images": images,
            "Containers": containers,
            "Volumes": volumes["Volumes"],
            **builds,
        }
    )


def _listed(reply: Reply) -> Json:
    return json.loads(reply.body) if isinstance(reply, Answer) else []
