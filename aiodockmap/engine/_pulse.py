"""Waiting for an engine only as long as it is there.

A stop, a pull, or the end of a command may take any time, so such calls have no limit of their own; an
engine that hangs, or whose host went away without a word, would be waited for without end.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from anyio import create_task_group, sleep

T = TypeVar("T")

PULSE: Final = 30.0
"""Seconds of waiting after which an engine is asked whether it is still there, again and again."""


async def while_alive(
    call: Callable[[], Awaitable[T]], check: Callable[[], Awaitable[None]], *, every: float
) -> T:
    """Wait for a call, and look at the engine every so many seconds meanwhile.

    Cancelling it cancels the call.

    Raises:
        Exception: whatever the call raises, or the check; the call is cancelled then.
    """
    results: list[T] = []
    failures: list[Exception] = []

    async with create_task_group() as tasks:

        async def look() -> None:
            while True:
                await sleep(every)
                try:
                    await check()
                except Exception as failure:  # noqa: BLE001 (raised below, out of the group)
                    failures.append(failure)
                    tasks.cancel_scope.cancel()
                    return

        tasks.start_soon(look, name="pulse of an engine")
        try:
            results.append(await call())
        except Exception as failure:  # noqa: BLE001 (raised below, out of the group)
            failures.append(failure)
        tasks.cancel_scope.cancel()
    if results:
        return results[0]
    raise failures[0]
