"""Where an engine lives: in the loop that serves it, whichever thread asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from attrs import define, field

T = TypeVar("T")


@define(eq=False)
class Home:
    """The loops that serve an engine; while there are none it lives with whoever asks."""

    _loops: list[asyncio.AbstractEventLoop] = field(factory=list)

    @contextmanager
    def here(self) -> Iterator[None]:
        """Let it live in the loop that runs."""
        loop = asyncio.get_running_loop()
        self._loops.append(loop)
        try:
            yield
        finally:
            self._loops.remove(loop)

    def ask(self, question: Callable[[], T]) -> T:
        """Ask in the engine's own loop: its clock goes there, and its waiters are woken there.

        From another thread that blocks until the loop has answered.

        Raises:
            Exception: whatever the question raises.
        """
        loop = self._loops[-1] if self._loops else None
        if loop is None or loop is _running_loop():
            return question()

        async def answer() -> T:
            return question()

        return asyncio.run_coroutine_threadsafe(answer(), loop).result()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
