"""`GET /images/json`: which images there are, and which of them somebody asks for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Final

from attrs import frozen

from ..model import ImageReference
from ._answers import Call, JsonDict, Reply, json_answer
from ._filters import has_labels, read_filters, read_until, truth
from ._image_calls import SIZE, known_image
from ._releases import IMAGE_LIST_COUNTS, NAMELESS_IMAGES_HAVE_NO_NAMES, NO_VIRTUAL_SIZE
from ._world import World

FILTERS: Final = frozenset({"before", "dangling", "label", "reference", "since"})


def list_images(world: World, call: Call) -> Reply:
    """`GET /images/json`, newest first."""
    filters = read_filters(call, FILTERS | world.release.more_image_filters)
    wanted = _Wanted.by(world, filters, call)
    newest_first = sorted(
        world.images.images, key=lambda image_id: made(world, image_id), reverse=True
    )
    return json_answer(
        [
            _entry(world, image_id, call, wanted)
            for image_id in newest_first
            if (call.flag("all") or _is_named_or_last(world, image_id))
            and wanted.includes(world, image_id)
        ]
    )


def made(world: World, image_id: str) -> datetime:
    """When an image was made."""
    return datetime.fromisoformat(world.images.stamps[image_id])


def _is_named_or_last(world: World, image_id: str) -> bool:
    return bool(world.images.names_of(image_id)) or not world.images.children_of(image_id)


def _entry(world: World, image_id: str, call: Call, wanted: _Wanted) -> JsonDict:
    image = world.images.images[image_id]
    names = wanted.among(world.images.names_of(image_id))
    digests = wanted.among(world.images.digests_of(image_id))
    entry = {
        "Containers": -1,
        "Created": int(made(world, image_id).timestamp()),
        "Id": image_id,
        "Labels": dict(image.labels) or None,
        "ParentId": world.images.parents.get(image_id, ""),
        "RepoDigests": digests or (None if names else ["<none>@<none>"]),
        "RepoTags": names or (None if digests else ["<none>:<none>"]),
        "SharedSize": -1,
        "Size": SIZE,
        "VirtualSize": SIZE,
    }
    if call.speaks(NAMELESS_IMAGES_HAVE_NO_NAMES):
        entry |= {"RepoDigests": digests, "RepoTags": names}
    if call.speaks(NO_VIRTUAL_SIZE):
        del entry["VirtualSize"]
    if call.speaks(IMAGE_LIST_COUNTS):
        users = [it for it in world.containers.values() if it.image_id == image_id]
        entry["Containers"] = len(users)
    return entry


@frozen
class _Wanted:
    """Filters that have been checked."""

    filters: Mapping[str, list[str]]
    is_dangling: bool | None
    after: tuple[datetime, ...]
    before: tuple[datetime, ...]

    @classmethod
    def by(cls, world: World, filters: Mapping[str, list[str]], call: Call) -> _Wanted:
        """Check the filters.

        Raises:
            ApiError: for a value that means nothing, or an image that there is not.
        """
        until = read_until(filters, call, world.timeline.moment())
        newer, older = (
            [made(world, known_image(world, ref)) for ref in filters.get(key, [])]
            for key in ("since", "before")
        )
        return cls(
            filters,
            truth(filters, "dangling"),
            tuple(newer),
            (*older, *([until] if until else [])),
        )

    def includes(self, world: World, image_id: str) -> bool:
        """Whether an image is wanted."""
        names, digests = world.images.names_of(image_id), world.images.digests_of(image_id)
        moment = made(world, image_id)
        return (
            has_labels(world.images.images[image_id].labels, self.filters.get("label", []))
            and not (self.is_dangling and names)
            and not (self.is_dangling is False and not names and not digests)
            and ("reference" not in self.filters or bool(self.among([*names, *digests])))
            and all(moment > other for other in self.after)
            and all(moment < other for other in self.before)
        )

    def among(self, names: list[str]) -> list[str]:
        """Those names that are wanted themselves, or by their repository; all if none is asked for."""
        patterns = self.filters.get("reference")
        return [name for name in names if patterns is None or _is_named(name, patterns)]


def _is_named(name: str, wanted: list[str]) -> bool:
    spellings = (name, str(ImageReference.parse(name).repository))
    return any(fnmatchcase(spelling, pattern) for spelling in spellings for pattern in wanted)
