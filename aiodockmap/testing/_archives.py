"""Calls under `/containers/{id}/archive`: what is copied into a container is known by its name."""

from __future__ import annotations

import base64
import json
import tarfile
from io import BytesIO
from posixpath import basename, dirname, normpath
from typing import Final

from ._answers import Answer, ApiError, Call, Reply
from ._records import Container
from ._world import World

STAT_HEADER: Final = "x-docker-container-path-stat"
FOLDERS: Final = frozenset(
    {"/", "/bin", "/dev", "/etc", "/home", "/lib", "/mnt", "/opt", "/proc", "/root", "/run"}
    | {"/sbin", "/srv", "/sys", "/tmp", "/usr", "/var"}  # noqa: S108  # of no machine
)
"""Those that every container is taken to have."""
FOLDER_MODE: Final = 0o755 | 1 << 31
SHARED_FOLDER_MODE: Final = 0o777 | 1 << 31 | 1 << 20
FILE_MODE: Final = 0o644
BLOCK: Final = 512
"""Bytes of a header of an archive."""


def put_archive(world: World, call: Call) -> Reply:
    """`PUT /containers/{id}/archive`; what it unpacks are names, as nothing here reads files."""
    container = world.container(call.ref)
    path = _path(call)
    for member, is_folder in _members(call.body):
        name = f"{path.rstrip('/')}/{member}"
        container.unpacked.append(name)
        if is_folder:
            container.written.make_folder(normpath(name))
        else:
            container.written.write(normpath(name), None)
    return Answer()


def _members(archive: bytes) -> list[tuple[str, bool]]:
    """What an archive unpacks, by name, and whether it is a folder."""
    if not archive:
        return []
    try:
        with tarfile.open(fileobj=BytesIO(archive)) as opened:
            return [(member.name, member.isdir()) for member in opened.getmembers()]
    except tarfile.TarError:
        reason = "unexpected EOF" if len(archive) < BLOCK else "archive/tar: invalid tar header"
        raise ApiError(500, f"Error processing tar file(exit status 1): {reason}") from None


def stat_archive(world: World, call: Call) -> Reply:
    """`HEAD /containers/{id}/archive`: whether there is a file or a folder of that name.

    Folders are those that every container has, those of this one that are known, and what is written like
    one, with a slash at its end: only real engines know whether that is there.
    """
    container = world.container(call.ref)
    path = _path(call)
    name = normpath(f"/{path}")
    # Two slashes at the start mean something to POSIX alone.
    name = f"/{name.lstrip('/')}"
    is_folder = path.endswith("/") or name in _folders(container)
    if not is_folder and name not in container.unpacked:
        raise ApiError(404, f"Could not find the file {path} in container {call.ref}")
    mode = SHARED_FOLDER_MODE if name == "/tmp" else FOLDER_MODE  # noqa: S108
    stat = {
        "name": basename(name) or "/",
        "size": 4096 if is_folder else 0,
        "mode": mode if is_folder else FILE_MODE,
        "mtime": world.timeline.stamp(),
        "linkTarget": "",
    }
    return Answer(headers={STAT_HEADER: base64.b64encode(json.dumps(stat).encode()).decode()})


def _path(call: Call) -> str:
    path = call.query.get("path")
    if not path:
        raise ApiError(400, "bad parameter: pathcannot be empty")
    return path


def _folders(container: Container) -> set[str]:
    own = {container.config["WorkingDir"], *(it["Destination"] for it in container.mounts)}
    return {*FOLDERS, *own, *(dirname(path) for path in container.unpacked)}
