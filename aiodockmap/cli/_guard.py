"""Between a command and its coroutine: errors become messages and exit codes."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import ParamSpec, TypeVar

import anyio
import click

from ..errors import AioDockMapError
from ..testing import EmbeddedEngine, VirtualTimeLoop
from ._exit import ExitCode, exit_code

P = ParamSpec("P")
T = TypeVar("T")


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """Turn what we raise into a message and an exit code."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except AioDockMapError as error:
            click.echo(f"error: {error}", err=True)
            raise SystemExit(exit_code(error)) from None
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            raise SystemExit(ExitCode.INTERRUPTED) from None

    return guarded


def wait_for(function: Callable[[], Coroutine[object, object, T]]) -> T:
    """Run a coroutine to its end."""
    # A rehearsal waits for nobody, so that its grace periods need not pass.
    options = {"loop_factory": VirtualTimeLoop} if rehearsed_release() is not None else {}
    return anyio.run(function, backend_options=options)


def rehearsed_release() -> str | None:
    """The Docker that engines in memory behave as, if the command was asked to work on such."""
    asked = click.get_current_context().find_root().params
    release: str | None = asked["embedded_release"]
    return release or (EmbeddedEngine.releases[0] if asked["embedded"] else None)
