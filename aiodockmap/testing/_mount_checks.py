"""Entries of `HostConfig.Mounts`: what an engine reads of them, and which it refuses."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from itertools import accumulate
from typing import Final

from ._answers import ApiError, Call, JsonDict
from ._releases import (
    IMAGE_MOUNTS,
    MOUNT_OPTIONS_CHECKED,
    MOUNT_OPTIONS_SINCE,
    MOUNTPOINTS_ON_DEMAND,
    Release,
)
from ._world import DATA_ROOT, World

OPTIONS_OF: Final = {"VolumeOptions": "volume", "BindOptions": "bind", "TmpfsOptions": "tmpfs"}
"""Options that newer versions of the API refuse on mounts of any other type."""
EXTRA_FIELDS: Final = {
    "bind": ("VolumeOptions", "ImageOptions"),
    "volume": ("BindOptions", "ImageOptions"),
    "tmpfs": ("BindOptions", "ImageOptions"),
    "image": ("BindOptions", "VolumeOptions"),
}
"""Options that mounts of a type must not have in any version."""
EXPERIMENTAL: Final = "Image mount is an experimental feature"


def known_mounts(mounts: Iterable[JsonDict], call: Call, release: Release) -> list[JsonDict]:
    """What an engine reads of mounts: nothing that it does not know, and nothing that is empty.

    Raises:
        ApiError: 400 for what the version of the API does not have.
    """
    known = [_known(mount, call, release) for mount in mounts]
    for mount in known:
        for (group, key), version in MOUNT_OPTIONS_SINCE.items():
            if mount.get(group, {}).get(key) and not call.speaks(version):
                raise ApiError(400, f"{group}.{key} needs API v{version} or newer")
        is_image = mount.get("Type") == "image" and "image" in release.mount_types
        if is_image and not call.speaks(IMAGE_MOUNTS):
            raise ApiError(400, f'Mount type "Image" needs API v{IMAGE_MOUNTS} or newer')
    return known


def _known(mount: JsonDict, call: Call, release: Release) -> JsonDict:
    unknown = set(release.unknown_mount_fields)
    if not call.speaks(MOUNTPOINTS_ON_DEMAND):
        unknown.add("BindOptions.CreateMountpoint")
    found: JsonDict = {}
    for name, value in mount.items():
        if name in unknown or value is None:
            continue
        if name.endswith("Options"):
            found[name] = {
                key: it for key, it in value.items() if it and f"{name}.{key}" not in unknown
            }
        elif value:
            found[name] = value
    return found


def check_mounts(world: World, mounts: Iterable[JsonDict], call: Call) -> None:
    """Refuse entries of `HostConfig.Mounts` that engines refuse.

    Raises:
        ApiError: 400.
    """
    for mount in mounts:
        kind = mount.get("Type") or ""
        if call.speaks(MOUNT_OPTIONS_CHECKED):
            _check_options(kind, mount)
        problem = _mount_problem(world, kind, mount)
        if problem is not None:
            raise ApiError(400, f'invalid mount config for type "{kind}": {problem}')


def _check_options(kind: str, mount: JsonDict) -> None:
    for key, meant in OPTIONS_OF.items():
        if mount.get(key) is not None and kind != meant:
            raise ApiError(400, f'{key} must not be specified on mount type "{kind}"')


def _mount_problem(world: World, kind: str, mount: JsonDict) -> str | None:
    if problem := _target_problem(mount.get("Target") or ""):
        return problem
    if kind not in world.release.mount_types:
        return "mount type unknown"
    extra = next((name for name in EXTRA_FIELDS[kind] if name in mount), None)
    if extra is not None:
        return f"field {extra} must not be specified"
    source = mount.get("Source") or ""
    match kind:
        case "bind":
            may_be_missing = mount.get("BindOptions", {}).get("CreateMountpoint")
            return _bind_problem(world, source, may_be_missing=bool(may_be_missing))
        case "tmpfs" if source:
            return "field Source must not be specified"
        case "image" if not source:
            return "field Source must not be empty"
    return _subpath_problem(mount, source)


def _target_problem(target: str) -> str | None:
    if not target:
        return "field Target must not be empty"
    if not target.startswith("/"):
        return f"invalid mount path: '{target}' mount path must be absolute"
    return "invalid specification: destination can't be '/'" if clean(target) == "/" else None


def _bind_problem(world: World, source: str, *, may_be_missing: bool) -> str | None:
    if not source:
        return "field Source must not be empty"
    if not source.startswith("/"):
        return f"invalid mount path: '{source}' mount path must be absolute"
    if not (may_be_missing or _exists(world, clean(source))):
        return f"bind source path does not exist: {source}"
    return None


def _subpath_problem(mount: JsonDict, source: str) -> str | None:
    subpath = _subpath(mount)
    if subpath and not source:
        return "must not set Subpath when using anonymous volumes"
    if subpath.startswith("/") or posixpath.normpath(subpath).split("/")[0] == "..":
        return "subpath must be a relative path within the volume"
    if mount["Type"] == "volume" and not source and mount.get("ReadOnly"):
        return "must not set ReadOnly mode when using anonymous volumes"
    return None


def _subpath(mount: JsonDict) -> str:
    return str(mount.get(f"{mount['Type'].title()}Options", {}).get("Subpath", ""))


def check_mountable(world: World, mount: JsonDict) -> None:
    """Refuse to mount what cannot be mounted when a container starts.

    Of images it is not known what is in them: any part of one is taken to be there.

    Raises:
        ApiError: 404 or 500.
    """
    options = mount.get("BindOptions", {})
    recursive = [f"ReadOnly{how}Recursive" for how in ("Non", "Force")]
    asked = [name for name in recursive if options.get(name)]
    if asked and not mount.get("ReadOnly"):
        raise ApiError(500, f"mount options conflict: !ReadOnly && BindOptions.{asked[0]}")
    if len(asked) > 1:
        both = " && BindOptions.".join(asked)
        raise ApiError(500, f"mount options conflict: {both}")
    subpath = posixpath.normpath(_subpath(mount))
    if mount["Type"] != "volume" or subpath == ".":
        return
    root = volume_path(mount["Source"])
    for place in accumulate(subpath.split("/"), posixpath.join, initial=root):
        if place != root and not _exists(world, place):
            missing = f"lstat {place}: no such file or directory"
            raise ApiError(404, f"cannot access path {root}/{subpath}: {missing}")


def _exists(world: World, path: str) -> bool:
    return any(known == path or known.startswith(f"{path}/") for known in world.host_paths)


def clean(path: str) -> str:
    """A path without what means nothing."""
    # Two slashes in front are kept by the rules of POSIX, and by no engine.
    return posixpath.normpath(re.sub(r"^/+", "/", path))


def volume_path(name: str) -> str:
    """Where the content of a volume would be."""
    return f"{DATA_ROOT}/volumes/{name}/_data"
