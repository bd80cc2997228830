"""Owner and mode of a new volume's files, set by the client's own command runner (VOL-26)."""

from __future__ import annotations

from ..engine import Engine
from ..errors import PreparationFailed
from ..model import CommandRunner, ResourceId
from ..state import VolumeOwnership


async def prepare_locally(
    engine: Engine, resource: ResourceId, ownership: VolumeOwnership, runner: CommandRunner
) -> object:
    """Run the commands where the files of the volume are, and return what the runner returns.

    Raises:
        PreparationFailed: if the engine does not say where they are, or the runner fails.
    """
    volume = await engine.inspect_volume(resource)
    mountpoint = str(volume.details.get("Mountpoint") or "") if volume else ""
    if not mountpoint:
        raise PreparationFailed(
            "the engine does not say where the files of the volume are",
            resource=resource,
            advice="use prepare_local=False, which needs no access to them",
        )
    commands = [
        [program, "-R", "--", value, mountpoint]
        for program, value in (("chown", ownership.owner), ("chmod", ownership.mode))
        if value
    ]
    try:
        return await runner(commands, mountpoint)
    except Exception as error:
        raise PreparationFailed(
            f"the command runner of the client failed: {error!r}", resource=resource
        ) from error
