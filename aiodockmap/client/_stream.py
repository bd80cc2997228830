"""A run that is watched while it goes on."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import anyio

from ..errors import AioDockMapError
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
        self.error: AioDockMapError | None = None
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

    async def __aiter__(self) -> AsyncIterator[Event]:
        while True:
            while self._events:
                event = self._events.popleft()
                if isinstance(event, StepProgressed):
                    self._progress -= 1
                yield event
            if self._is_over:
                return
            self._arrived = anyio.Event()
            await self._arrived.wait()


@asynccontextmanager
async def streamed(run: Callable[[Emit], Awaitable[object]]) -> AsyncIterator[RunStream]:
    """Run something that emits events, and hand them out.

    Leaving the context before the run is over cancels it, which obeys the contract of every cancellation.
    Errors of the run are raised on leaving.
    """
    stream = RunStream()

    async def drive() -> None:
        try:
            await run(stream.put)
        except AioDockMapError as error:
            stream.error = error
        finally:
            stream.end()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(drive, name="aiodockmap stream")
        yield stream
        tasks.cancel_scope.cancel()
    if stream.error is not None:
        raise stream.error
