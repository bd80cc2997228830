"""Files that travel into a container."""

from __future__ import annotations

import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

from anyio.to_thread import run_sync

from ..errors import EngineError
from ..model import ResourceId
from ._connection import Connection
from ._containers import container_path
from ._transport import ApiRequest

_PIECE: Final = 262_144


async def copy_into(
    connection: Connection, resource: ResourceId, ref: str, source: Path, target: str
) -> None:
    """See `Engine.copy_into`."""
    async with _packed(resource, source, target.strip("/")) as archive:
        request = ApiRequest(
            method="PUT",
            path=container_path(ref, "archive"),
            query={"path": "/"},
            body=_pieces(archive),
            waits=True,
        )
        await connection.call(request, resource)


@asynccontextmanager
async def _packed(resource: ResourceId, source: Path, target: str) -> AsyncIterator[IO[bytes]]:
    """An archive of a file, or of all that is in a folder; on disk, whatever its size."""
    # A thread that packs cannot be stopped: it has a file of its own, which goes with it.
    with TemporaryFile() as file:
        try:
            await run_sync(_pack, file, source, target)
        except OSError as problem:
            raise EngineError(
                f"cannot read what is to be copied: {problem}", resource=resource
            ) from problem
        yield file


def _pack(file: IO[bytes], source: Path, target: str) -> None:
    with tarfile.open(fileobj=file, mode="w") as archive:
        folder = source if source.is_dir() else source.parent
        files = sorted(source.rglob("*")) if source.is_dir() else [source]
        archive.addfile(_owned_by_root(archive.gettarinfo(folder, target)))
        for each in files:
            archive.add(
                each, f"{target}/{each.relative_to(folder)}", recursive=False, filter=_owned_by_root
            )
    file.seek(0)


def _owned_by_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Users of this machine mean nothing in the container; modes stay."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    while piece := await run_sync(file.read, _PIECE):
        yield piece
