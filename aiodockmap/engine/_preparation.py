"""Owner and mode of new volumes, set by a container that nobody ever sees."""

from __future__ import annotations

import logging
from secrets import token_hex
from typing import Final

from anyio import current_time, fail_after, sleep

from ..errors import (
    ContainerFailed,
    EngineError,
    EngineTimeout,
    PreparationFailed,
    ResourceConflict,
)
from ..model import JsonObject, ResourceId
from ..state import HELPER_LABEL, LABEL_PREFIX, VolumeOwnership, preparing_container
from ._connection import Connection
from ._containers import create_container, exit_of, inspect_container, remove_container
from ._diagnosis import read_log, start_container
from ._settled import settled

logger = logging.getLogger(__name__)

MOUNT_POINT: Final = "/volume-tmp"

CLEANUP_GRACE: Final = 30.0
"""Seconds that a cancelled preparation takes at most to clean up after itself."""

REMOVAL_PAUSES: Final = (0.1, 1.0)
"""Seconds before the removal is tried again: nobody else would do it."""

ABANDONED_AFTER: Final = 5.0
"""Seconds without any change after which a container of another run, that does not run, is nobody's.

Its run starts it, and removes it when it has ended, within milliseconds.
"""

_LOOKS: Final = 0.2
"""Seconds between two looks at the container of another run."""

_RUN_LABEL: Final = LABEL_PREFIX + "run"
"""Tells the container of one run from that of another."""

# Owner and mode are arguments, never part of the script.
SCRIPT: Final = (
    f'{{ [ -z "$1" ] || chown -R -- "$1" {MOUNT_POINT}; }}'
    f' && {{ [ -z "$2" ] || chmod -R -- "$2" {MOUNT_POINT}; }}'
)


async def prepare_volume(
    connection: Connection,
    resource: ResourceId,
    image: str,
    ownership: VolumeOwnership,
    *,
    wait_timeout: float | None,
) -> None:
    """See `Engine.prepare_volume`."""
    if not (ownership.owner or ownership.mode):
        return
    helper, run = preparing_container(resource.name), token_hex(8)
    body = helper_body(resource.name, image, ownership, run)
    try:
        await _create(connection, resource, body, wait_timeout)
        await _run(connection, resource, helper, wait_timeout)
    finally:
        await settled(lambda: _discard(connection, resource, helper, run), within=CLEANUP_GRACE)


async def _create(
    connection: Connection, resource: ResourceId, body: JsonObject, wait_timeout: float | None
) -> None:
    """Create the container when no other run prepares the volume any more."""
    helper = preparing_container(resource.name)
    while True:
        try:
            # An engine creates a container even if the caller hangs up; we would only miss it.
            await settled(
                lambda: create_container(connection, resource, helper, body), within=CLEANUP_GRACE
            )
        except ResourceConflict:
            with fail_after(wait_timeout):
                if not await discard_abandoned(connection, resource):
                    raise
        else:
            return


async def discard_abandoned(connection: Connection, resource: ResourceId) -> bool:
    """See `Engine.discard_helper`."""
    helper = preparing_container(resource.name)
    seen, since = None, current_time()
    while (found := await inspect_container(connection, resource, helper)) is not None:
        if HELPER_LABEL not in found.labels:
            return False
        if found.state.is_up or (found.id, found.state) != seen:
            seen, since = (found.id, found.state), current_time()
        elif current_time() - since >= ABANDONED_AFTER:
            await remove_container(connection, resource, found.id, force=True, volumes=True)
            break
        await sleep(_LOOKS)
    return True


def helper_body(volume: str, image: str, ownership: VolumeOwnership, run: str) -> JsonObject:
    """The body that creates the container which prepares a volume (VOL-23)."""
    return {
        "Image": image,
        "Entrypoint": ["/bin/sh", "-c"],
        "Cmd": [SCRIPT, "sh", ownership.owner or "", ownership.mode or ""],
        # By number, as an image may have no user of that name.
        "User": "0",
        "WorkingDir": "/",
        "Labels": {HELPER_LABEL: "prepare", _RUN_LABEL: run},
        "Healthcheck": {"Test": ["NONE"]},
        "NetworkDisabled": True,
        "HostConfig": {
            "Binds": [f"{volume}:{MOUNT_POINT}"],
            "NetworkMode": "none",
            # Whatever the engine's default is, the output has to be readable.
            "LogConfig": {"Type": "json-file", "Config": {}},
        },
    }


async def _run(
    connection: Connection, resource: ResourceId, helper: str, wait_timeout: float | None
) -> None:
    async with exit_of(connection, resource, helper) as end:
        try:
            await start_container(connection, resource, helper)
        except ContainerFailed as failure:
            raise PreparationFailed(
                failure.message,
                resource=resource,
                call=failure.call,
                status=failure.status,
                advice="the image that prepares volumes (core_image) needs /bin/sh, chown and chmod",
            ) from failure
        try:
            with fail_after(wait_timeout):
                code = await end.code()
        except EngineTimeout:
            raise
        except TimeoutError as timeout:
            raise PreparationFailed(
                f"setting owner and mode took longer than {wait_timeout:g} s",
                resource=resource,
                advice="raise wait_timeout of the client",
            ) from timeout
    if code != 0:
        output = await read_log(connection, resource, helper, {})
        raise PreparationFailed(
            f"setting owner and mode failed with status {code}: " + "\n".join(output),
            resource=resource,
            advice="does the image that prepares volumes (core_image) know user and group?",
        )


async def _discard(connection: Connection, resource: ResourceId, helper: str, run: str) -> None:
    for pause in (*REMOVAL_PAUSES, None):
        try:
            found = await inspect_container(connection, resource, helper)
            if found is not None and found.labels.get(_RUN_LABEL) == run:
                await remove_container(connection, resource, found.id, force=True, volumes=True)
        except EngineError as error:
            if pause is None:
                # What brought us here says more about the step than this does.
                logger.warning("The container %s may be left behind: %s", helper, error)
            else:
                await sleep(pause)
        else:
            return
