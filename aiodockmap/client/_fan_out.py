"""The same for several engines, side by side."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from anyio import create_task_group

from ..errors import EngineError, EngineUnreachable


async def each_of(
    names: Iterable[str], do: Callable[[str], Awaitable[None]]
) -> dict[str, EngineError]:
    """Do something for every engine at the same time; what one fails leaves the others alone.

    Returns:
        The failures by the names of their engines, in the order of `names`.
    """
    failures: dict[str, EngineError] = {}
    ordered = tuple(names)

    async def one(name: str) -> None:
        try:
            await do(name)
        except EngineError as failure:
            failures[name] = failure

    async with create_task_group() as tasks:
        for name in ordered:
            tasks.start_soon(one, name, name=f"aiodockmap {name}")
    return {name: failures[name] for name in ordered if name in failures}


def nobody(failures: dict[str, EngineError]) -> EngineError:
    """One error for several engines of which not a single one can be used."""
    first, *others = failures.values()
    if others and all(isinstance(each, EngineUnreachable) for each in failures.values()):
        lines = "".join(f"\n  {name}: {failure}" for name, failure in failures.items())
        return EngineUnreachable(f"not one of the engines can be reached{lines}")
    return first
