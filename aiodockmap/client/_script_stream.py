"""A script whose output is read while it runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, Self

import anyio
from attrs import frozen

from ..engine import LogLine, OutputStream
from ..execute import Emit, Event, Output, RunFinished, RunReport, RunStarted, ScriptResult
from ..plan import AwaitScript, Plan, Step
from ._scripts import results_of
from ._stream import watched

BACKLOG: Final = 65_536
"""Characters of output that are read ahead of the reader; beyond that, the connection waits for it."""


@frozen(kw_only=True)
class ScriptLine:
    """One line that a script printed, or a piece of a very long one."""

    engine: str
    """The name of the client."""
    container: str
    """Its name on the engine."""
    instance: str | None
    """Of the configuration, if that has any."""
    stream: OutputStream
    """`stdout` or `stderr`; with a terminal, always `stdout`."""
    text: str
    """Without the line break; what is no UTF-8 is replaced."""
    timestamp: str | None = None
    """When it was printed (RFC 3339, as the engine writes it), with `timestamps=True`."""
    ends_line: bool = True
    """False for all but the last piece of a line of more than 65,536 characters, and for output that ends
    without a line break."""


class ScriptStream:
    """The output of a script, line by line, on all its engines and instances; ends with the run.

    Iterate over it once. Nothing is dropped, and next to nothing kept: a slow reader slows the reading
    down, not the script.
    """

    def __init__(self) -> None:
        self._lines: deque[ScriptLine] = deque()
        self._size = 0
        self._changed = anyio.Event()
        self._is_over = False
        self._plan: Plan | None = None
        self.report: RunReport | None = None
        """What became of the plan, dependencies included: set when the run is over, in every case; None if
        it could not even be planned."""
        self.error: Exception | None = None
        """Why the run failed; raised on leaving the stream unless it was asked not to be."""

    @property
    def results(self) -> dict[str, ScriptResult | dict[str, ScriptResult]]:
        """What `run_script` returns, without the output; empty as long as the run is not over."""
        return {} if self.report is None else results_of(self.report)

    @property
    def is_several(self) -> bool:
        """Whether it is the output of more than one container."""
        steps = self._plan.steps if self._plan else ()
        return sum(isinstance(step.action, AwaitScript) for step in steps) > 1

    def note(self, event: Event) -> None:
        """Take in what the run is about, and how it ended."""
        match event:
            case RunStarted(plan=plan):
                self._plan = plan
            case RunFinished(report=report):
                self.report = report
            case _:
                pass

    async def put(self, step: Step, line: LogLine) -> None:
        """Take in one line, as soon as there is room for it."""
        while self._size >= BACKLOG:
            await self._wait()
        item = self._plan.desired.item(step.resource) if self._plan else None
        self._lines.append(
            ScriptLine(
                engine=step.resource.engine,
                container=step.resource.name,
                instance=item.instance if item else None,
                stream=line.stream,
                text=line.text,
                timestamp=line.timestamp,
                ends_line=line.ends_line,
            )
        )
        # Empty lines take room, too.
        self._size += 1 + len(line.text)
        self._changed.set()

    def end(self) -> None:
        """Let the iteration end after the lines that are there."""
        self._is_over = True
        self._changed.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ScriptLine:
        while not self._lines:
            if self._is_over:
                raise StopAsyncIteration
            await self._wait()
        line = self._lines.popleft()
        self._size -= 1 + len(line.text)
        self._changed.set()
        return line

    async def _wait(self) -> None:
        """Wait until a line comes or goes, or the run ends."""
        if self._changed.is_set():
            self._changed = anyio.Event()
        await self._changed.wait()


def script_stream(
    run: Callable[[Emit, Output], Awaitable[RunReport]],
) -> AbstractAsyncContextManager[ScriptStream]:
    """Run a script, and hand out what it prints."""
    stream = ScriptStream()
    return watched(stream, lambda: run(stream.note, stream.put))
