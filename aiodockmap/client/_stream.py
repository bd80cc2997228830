"""A run that is watched while it goes on."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final, Protocol, Self, TypeVar

import anyio

from ..errors import ActionRunnerError
from ..execute import Emit, Event, RunFinished, RunReport, StepProgressed

PROGRESS_BACKLOG: Final = 256
"""Progress lines kept for a slow reader; older ones are dropped, all other events never are."""


class RunStream:
    """The events of one run, in order, ending with the run.

    Iterate over it once. Every event of a step's state is delivered, however slow the reader is; of the
    lines of progress only the latest are kept for it.
    """

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._progress = 0
        self._arrived = anyio.Event()
        self._is_over = False
        self.report: RunReport | None = None
        """What became of the plan: set when the run is over, also after a failure or a cancellation;
        None if it could not even be planned."""
        self.error: Exception | None = None
        """Why the run failed; raised on leaving the stream unless it was asked not to be."""

    def put(self, event: Event) -> None:
        """Take in one event; never blocks."""
        if isinstance(event, RunFinished):
            self.report = event.report
        if isinstance(event, StepProgressed):
            self._progress += 1
            if self._progress > PROGRESS_BACKLOG:
                self._drop_oldest_progress()
        self._events.append(event)
        self._arrived.set()

    def _drop_oldest_progress(self) -> None:
        for index, event in enumerate(self._events):
            if isinstance(event, StepProgressed):
                del self._events[index]
                self._progress -= 1
                return

    def end(self) -> None:
        """Let the iteration end after the events that are there."""
        self._is_over = True
        self._arrived.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        while not self._events:
            if self._is_over:
                raise StopAsyncIteration
            if self._arrived.is_set():
                self._arrived = anyio.Event()
            await self._arrived.wait()
        event = self._events.popleft()
        if isinstance(event, StepProgressed):
            self._progress -= 1
        return event


class Watched(Protocol):
    """What is handed out while something runs."""

    report: RunReport | None
    error: Exception | None

    def end(self) -> None:
        """Let the iteration end after what is there."""


W = TypeVar("W", bound=Watched)


@asynccontextmanager
async def watched(stream: W, run: Callable[[], Awaitable[RunReport]]) -> AsyncIterator[W]:
    """Run something that fills a stream, and hand the stream out.

    Leaving the context before the run is over cancels it, which obeys the contract of every cancellation.
    Errors of the run are raised on leaving; an error of the reader leaves as it is, and goes first.
    """
    failures: list[Exception] = []

    async def drive() -> None:
        try:
            stream.report = await run()
        except ActionRunnerError as error:
            stream.report, stream.error = error.report, error
        except Exception as error:  # noqa: BLE001 (raised below, out of the group)
            stream.error = error
        finally:
            stream.end()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(drive, name="aiodockmap stream")
        try:
            yield stream
        except Exception as failure:  # noqa: BLE001 (raised below: the group would wrap it)
            failures.append(failure)
        tasks.cancel_scope.cancel()
    if failures:
        raise failures[0]
    if stream.error is not None:
        raise stream.error


def streamed(
    run: Callable[[Emit], Awaitable[RunReport]],
) -> AbstractAsyncContextManager[RunStream]:
    """Run something that emits events, and hand them out; see `watched`."""
    stream = RunStream()
    return watched(stream, lambda: run(stream.put))
