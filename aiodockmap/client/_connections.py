"""The engines that a client talks to: opened when needed first, closed together."""

from __future__ import annotations

from contextlib import AsyncExitStack

from attrs import define, field

from ..config import ClientConfiguration
from ..engine import Credentials, Engine
from ..errors import OptionError
from ..execute import Target
from ._maps import KnownEngines, fixed_changes


@define(eq=False)
class Connections:
    """All engines of a client, while it is entered."""

    known: KnownEngines
    _open: dict[str, Engine] = field(factory=dict, init=False)
    _closing: AsyncExitStack | None = field(default=None, init=False)

    def enter(self) -> None:
        """Allow connections; nothing is connected yet."""
        if self._closing is not None:
            raise RuntimeError("this MapClient is entered already; make one for each use")
        self._closing = AsyncExitStack()

    async def aclose(self) -> None:
        """Close all of them."""
        closing, self._closing = self._closing, None
        self._open.clear()
        if closing is not None:
            await closing.aclose()

    def engine(self, name: str) -> Engine:
        """One engine by its name.

        Raises:
            SelectionError: if nobody said where it is.
            RuntimeError: outside of the client's context.
        """
        if self._closing is None:
            raise RuntimeError("use the client inside `async with MapClient(...) as client:`")
        engine = self._open.get(name)
        if engine is None:
            engine = self._open[name] = self.known.open(name)
            self._closing.push_async_exit(engine)
        return engine

    def configure(self, name: str, configuration: ClientConfiguration) -> None:
        """Have other settings for an engine from now on, or know one more.

        Raises:
            OptionError: if it is connected to, and would be reached in another way.
        """
        known = self.known.with_engine(name, configuration)
        engine = self._open.get(name)
        if engine is not None:
            changed = fixed_changes(self.known.sources[name], configuration)
            if changed:
                raise OptionError(
                    f"client {name!r} is connected to its engine, so {' and '.join(changed)} cannot change;"
                    " make another MapClient"
                )
            engine.limit_calls(configuration.timeout)
        self.known = known

    def target(self, name: str) -> Target:
        """One engine with what steps need to know besides."""
        configuration = self.known.configurations()[name]
        return Target(
            engine=self.engine(name),
            credentials=Credentials.of(configuration.auth_configs, configuration.docker_config),
            command_runner=configuration.command_runner,
            wait_timeout=configuration.wait_timeout or None,
        )
