"""How containers are asked to stop."""

from __future__ import annotations

import logging
from typing import Final

from anyio import move_on_after

from ..errors import EngineTimeout, ResourceConflict, ResourceNotFound
from ..model import ResourceId
from ..state import DEFAULT_GRACE, StopPolicy
from ._connection import Connection
from ._containers import container_details, container_path, exit_of
from ._transport import ApiRequest

logger = logging.getLogger(__name__)

_TIME_TO_KILL: Final = 2
"""Seconds, after the grace period, for a process to be gone."""

SIGNAL_ON_STOP: Final = (1, 42)
"""The version of the Engine API from which on the stop call takes a signal."""

NOT_MODIFIED: Final = 304

ENGINE_SIGNALS: Final = frozenset({None, "SIGTERM", "TERM", "15"})
"""What the engine's own stop sends (STOP-2)."""


async def stop_container(
    connection: Connection, resource: ResourceId, ref: str, policy: StopPolicy
) -> bool:
    """See `Engine.stop_container`."""
    if policy.signal in ENGINE_SIGNALS:
        return await _stop(connection, resource, ref, grace=policy.grace)
    info = await connection.connect()
    # Podman has the newer call, too, and ignores the signal there.
    if info.api_version >= SIGNAL_ON_STOP and info.flavour != "podman":
        stopped = await _stop(connection, resource, ref, grace=policy.grace, signal=policy.signal)
    else:
        stopped = await _signal_and_wait(connection, resource, ref, policy)
    if stopped:
        # Also if it has ended: a restart policy brings back what another signal than the container's
        # own has stopped, on all engines, unless a stop follows. There is no patience left: if the
        # container runs still or again, this is SIGKILL (STOP-3).
        await _stop(connection, resource, ref, grace=0)
    return stopped


async def outwait_stop(
    connection: Connection, resource: ResourceId, ref: str, policy: StopPolicy
) -> bool:
    """See `Engine.outwait_stop`."""
    grace = DEFAULT_GRACE if policy.grace is None else policy.grace
    patience = grace + _TIME_TO_KILL if grace >= 0 else grace
    return await _wait_until_down(connection, resource, ref, patience)


async def kill_container(
    connection: Connection, resource: ResourceId, ref: str, signal: str | None
) -> bool:
    """See `Engine.kill_container`."""
    request = connection.short_call(
        "POST", container_path(ref, "kill"), query={"signal": signal} if signal else {}
    )
    try:
        await connection.call(request, resource)
    except (ResourceConflict, ResourceNotFound):
        # The conflict is that it does not run.
        return False
    return True


async def _signal_and_wait(
    connection: Connection, resource: ResourceId, ref: str, policy: StopPolicy
) -> bool:
    patience = DEFAULT_GRACE if policy.grace is None else policy.grace
    try:
        # Watched from before the signal on, so that the end cannot be missed, nor a restart be
        # taken for no end at all.
        async with exit_of(connection, resource, ref) as end:
            if not await kill_container(connection, resource, ref, policy.signal):
                return False
            with move_on_after(patience if patience >= 0 else None):
                await end.code()
    except ResourceNotFound:
        return False
    return True


async def _stop(
    connection: Connection,
    resource: ResourceId,
    ref: str,
    *,
    grace: int | None,
    signal: str | None = None,
) -> bool:
    query: dict[str, str] = {}
    if grace is not None:
        query["t"] = str(grace)
    if signal is not None:
        query["signal"] = signal
    patience = DEFAULT_GRACE if grace is None else grace
    request = ApiRequest(
        method="POST",
        path=container_path(ref, "stop"),
        query=query,
        # A negative grace is the engine's word for unlimited patience.
        timeout=patience + connection.call_timeout if patience >= 0 else None,
        waits=True,
    )
    try:
        answer = await connection.call(request, resource)
    except ResourceNotFound:
        return False
    except EngineTimeout as timeout:
        await _outwait(connection, resource, ref, patience, timeout)
        return True
    return answer.status != NOT_MODIFIED


async def _outwait(
    connection: Connection, resource: ResourceId, ref: str, patience: int, hung: EngineTimeout
) -> None:
    """Wait once more for a container whose stop call hangs (STOP-4)."""
    logger.warning("The engine did not return from stopping %s; waiting once more.", resource)
    details = await container_details(connection, resource, ref)
    own_patience = (details or {}).get("Config", {}).get("StopTimeout") or 0
    ended = await _wait_until_down(
        connection, resource, ref, max(patience, own_patience) or DEFAULT_GRACE
    )
    if not ended:
        raise hung


async def _wait_until_down(
    connection: Connection, resource: ResourceId, ref: str, patience: int
) -> bool:
    """Wait until a container does not run; False if the patience ends before."""
    request = ApiRequest(
        method="POST",
        path=container_path(ref, "wait"),
        query={"condition": "not-running"},
        waits=True,
    )
    with move_on_after(patience if patience >= 0 else None):
        try:
            await connection.call(request, resource)
        except ResourceNotFound:
            return True
        return True
    return False
