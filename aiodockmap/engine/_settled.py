"""Changes whose outcome has to be known, whatever happens to the caller."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from anyio import (
    CancelScope,
    Event,
    create_task_group,
    current_time,
    get_cancelled_exc_class,
)

T = TypeVar("T")


async def settled(call: Callable[[], Awaitable[T]], *, within: float) -> T:
    """Make a call that goes on when the caller is cancelled, for `within` seconds from then.

    The cancellation leaves when the call has ended, or is given up; what the call returned is lost to
    the caller then, so the call has to take note of it itself.

    Raises:
        Exception: whatever the call raises.
    """
    results: list[T] = []
    failures: list[Exception] = []
    ended = Event()
    shield = CancelScope(shield=True)

    async def make_call() -> None:
        with shield:
            try:
                results.append(await call())
            except Exception as failure:  # noqa: BLE001 (raised below, in the caller's task)
                failures.append(failure)
        ended.set()

    # A task of its own, as a cancellation by asyncio reaches into shields of anyio.
    async with create_task_group() as tasks:
        tasks.start_soon(make_call, name="call to be settled")
        try:
            await ended.wait()
        except get_cancelled_exc_class():
            shield.deadline = current_time() + within
            raise
    if failures:
        raise failures[0]
    return results[0]
