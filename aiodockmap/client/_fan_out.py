"""The same for several engines, side by side."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from anyio import create_task_group

from ..errors import AioDockMapError


async def each_of(names: Iterable[str], do: Callable[[str], Awaitable[None]]) -> None:
    """Do something for every name at the same time; the first error of ours ends it all.

    Raises:
        AioDockMapError: that error itself, not wrapped in a group.
    """
    failures: list[AioDockMapError] = []

    async with create_task_group() as tasks:

        async def one(name: str) -> None:
            try:
                await do(name)
            except AioDockMapError as failure:
                failures.append(failure)
                tasks.cancel_scope.cancel()

        for name in names:
            tasks.start_soon(one, name, name=f"aiodockmap {name}")
    if failures:
        raise failures[0]
