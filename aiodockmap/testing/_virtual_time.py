"""An event loop on which waiting takes no time."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Mapping
from typing import Protocol


class _HasFileno(Protocol):
    def fileno(self) -> int: ...


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to the next timer whenever everybody waits.

    Grace periods, timeouts and delays pass in an instant and always in the same order, for the code
    under test as well as for an `EmbeddedEngine`. With pytest and anyio::

        @pytest.fixture
        def anyio_backend():
            return "asyncio", {"loop_factory": VirtualTimeLoop}

    It is for tests that wait for nothing from outside: the clock does not wait for threads, processes
    and sockets.
    """

    def __init__(self) -> None:
        self._virtual_now = 0.0
        self._eager_selector = _EagerSelector(self)
        super().__init__(self._eager_selector)

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._virtual_now

    def jump(self, seconds: float) -> None:
        """Let time pass."""
        self._virtual_now += seconds


class _EagerSelector(selectors.BaseSelector):
    """A selector that makes time pass where others wait for it."""

    def __init__(self, loop: VirtualTimeLoop) -> None:
        self._loop = loop
        self._selector = selectors.DefaultSelector()

    def register(
        self, fileobj: int | _HasFileno, events: int, data: object = None
    ) -> selectors.SelectorKey:
        return self._selector.register(fileobj, events, data)

    def unregister(self, fileobj: int | _HasFileno) -> selectors.SelectorKey:
        return self._selector.unregister(fileobj)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        # Without a timer only something from outside can wake the loop, so that is worth waiting for.
        ready = self._selector.select(None if timeout is None else 0)
        if not ready and timeout is not None and timeout > 0:
            self._loop.jump(timeout)
        return ready

    def close(self) -> None:
        self._selector.close()

    def get_map(self) -> Mapping[int | _HasFileno, selectors.SelectorKey]:
        return self._selector.get_map()
