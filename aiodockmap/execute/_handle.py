"""The container that a coroutine of a registered action works with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import attrs
from attrs import define, field

from ..engine import Engine, LogLine, without_values
from ..errors import ActionFailed, EngineError
from ..model import UNSET, JsonObject, MapItem, ResourceId
from ..plan import CommandOutput, RunCoroutine, Verb, parse_options
from ..state import ExecSpec, StopPolicy


@define(eq=False, kw_only=True)
class EngineContainer:
    """See `ContainerHandle`."""

    id: ResourceId
    item: MapItem
    engine: Engine = field(repr=False)
    stop_policy: StopPolicy
    tell: Callable[[str], None] = field(repr=False)

    async def inspect(self) -> JsonObject | None:
        """The container as it is now."""
        observed = await self.engine.inspect_container(self.id, self.id.name)
        return observed.details if observed else None

    async def exec(self, command: Sequence[str], *, user: str | None = None) -> CommandOutput:
        """Run a command inside it."""
        if isinstance(command, str):
            raise TypeError("a command is a sequence of arguments, not one text")
        printed: list[LogLine] = []
        ended = await self.engine.run_exec(
            self.id,
            self.id.name,
            ExecSpec(argv=tuple(command), user=user),
            on_output=printed.append,
        )
        return CommandOutput(
            exit_code=ended.exit_code,
            stdout=_text(line for line in printed if line.stream == "stdout"),
            stderr=_text(line for line in printed if line.stream == "stderr"),
        )

    async def signal(self, signal: str | None = None) -> bool:
        """Send a signal."""
        wanted = parse_options(Verb.SIGNAL, {"signal": signal}).signal
        return await self.engine.kill_container(self.id, self.id.name, wanted)

    async def stop(self, *, timeout: float | None = None) -> bool:  # noqa: ASYNC109  # Docker's own patience
        """Stop it."""
        policy = self.stop_policy
        if timeout is not None:
            wanted = parse_options(Verb.STOP, {"timeout": timeout}).timeout
            assert wanted is not UNSET  # noqa: S101  # it is set above
            policy = attrs.evolve(policy, grace=wanted)
        return await self.engine.stop_container(self.id, self.id.name, policy)

    async def start(self) -> bool:
        """Start it."""
        return await self.engine.start_container(self.id, self.id.name)

    def progress(self, text: str) -> None:
        """Tell of progress."""
        self.tell(text)


def _text(lines: Iterable[LogLine]) -> str:
    return "".join(line.text + ("\n" if line.ends_line else "") for line in lines)


async def run_coroutine(action: RunCoroutine, container: EngineContainer) -> object:
    """Run a coroutine of a registered action, and give what it returns.

    Raises:
        EngineError: as it comes, or an `ActionFailed` for whatever else the coroutine raises. That one says
            what the exception says, without the keyword arguments of the call.
    """
    try:
        return await action.run(container, **action.options)
    except EngineError:
        raise
    except Exception as error:
        said = without_values(f"{type(error).__name__}: {error}", _texts(action.options))
        raise ActionFailed(f"{action.name} raised {said}", resource=container.id) from error


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for each in value.values():
                yield from _texts(each)
        case list() | tuple() | set() | frozenset():
            for each in value:
                yield from _texts(each)
        case _:
            pass
