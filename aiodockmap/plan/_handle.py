"""What a coroutine that was registered as an action can do with its container."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeAlias

from attrs import field, frozen

from ..model import JsonObject, MapItem, ResourceId


@frozen(kw_only=True)
class CommandOutput:
    """How a command inside a container ended, and what it printed."""

    exit_code: int | None
    stdout: str = field(repr=False)
    stderr: str = field(repr=False)
    """Both as text; what is no UTF-8 is replaced."""


class ContainerHandle(Protocol):
    """One container, for the coroutine of a registered action (CALL-2).

    All methods raise `EngineError` and its kin. An error that the coroutine lets pass makes its step a
    failed one; so does any other exception, as `ActionFailed`.
    """

    @property
    def id(self) -> ResourceId:
        """The engine, and the name of the container there."""
        ...

    @property
    def item(self) -> MapItem:
        """What the map calls it."""
        ...

    async def inspect(self) -> JsonObject | None:
        """The container as it is now (`GET /containers/{id}/json`); None if it is gone."""
        ...

    async def exec(self, command: Sequence[str], *, user: str | None = None) -> CommandOutput:
        """Run a command inside it, to its end; an exit code other than 0 is a result, no error.

        The output is kept in memory. Cancelling leaves the command running.

        Args:
            command: An argument vector; no shell looks at it.
            user: Who runs it; None for the user of the container.
        """
        ...

    async def signal(self, signal: str | None = None) -> bool:
        """Send a signal, by name or number, SIGKILL if None; False if it was not running.

        Raises:
            OptionError: for what is no signal.
        """
        ...

    async def stop(self, *, timeout: float | None = None) -> bool:  # noqa: ASYNC109  # Docker's own patience
        """Stop it as the map says; False if it was not running.

        Args:
            timeout: Seconds of grace until it is killed, rounded up; None for those of the map.

        Raises:
            OptionError: for what is no number of seconds.
        """
        ...

    async def start(self) -> bool:
        """Start it; False if it was running already."""
        ...

    def progress(self, text: str) -> None:
        """Tell of progress: whoever watches the run gets it as `StepProgressed`."""
        ...


ContainerCoroutine: TypeAlias = Callable[..., Awaitable[object]]
"""A coroutine function of a `ContainerHandle`, and keyword arguments of its own."""
