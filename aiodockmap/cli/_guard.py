"""Between a command and its coroutine: errors become messages and exit codes."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import wraps
from typing import ParamSpec, TypeVar

import anyio
import click

from ..errors import AioDockMapError
from ._embedded import OLDEST_RELEASE, without_waiting
from ._exit import ExitCode, exit_code
from ._options import as_typed
from ._output import OutputLost, remark

P = ParamSpec("P")
T = TypeVar("T")


class _Terminated(Exception):
    """The command was asked to end by SIGTERM."""


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """Turn what we raise into a message and an exit code."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except AioDockMapError as error:
            remark(f"error: {as_typed(str(error))}")
            raise SystemExit(exit_code(error)) from None
        except KeyboardInterrupt:
            remark("interrupted")
            raise SystemExit(ExitCode.INTERRUPTED) from None
        except OutputLost as error:
            remark(f"error: {error}")
            raise SystemExit(ExitCode.OUTPUT) from None
        except _Terminated:
            remark("terminated")
            raise SystemExit(ExitCode.TERMINATED) from None

    return guarded


def wait_for(function: Callable[[], Coroutine[object, object, T]]) -> T:
    """Run a coroutine to its end; SIGTERM cancels it as Ctrl-C does, and nothing is left half done."""
    options = without_waiting() if rehearsed_release() is not None else {}
    is_terminated = False

    async def main() -> T:
        task = asyncio.current_task()

        def terminate() -> None:
            nonlocal is_terminated
            is_terminated = True
            if task is not None:
                task.cancel()

        if threading.current_thread() is threading.main_thread():
            with suppress(NotImplementedError):  # Windows
                asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, terminate)
        return await function()

    try:
        return anyio.run(main, backend_options=options)
    except asyncio.CancelledError:
        if is_terminated:
            raise _Terminated from None
        raise


def rehearsed_release() -> str | None:
    """The Docker that engines in memory behave as, if the command was asked to work on such."""
    asked = click.get_current_context().find_root().params
    release: str | None = asked["embedded_release"]
    return release or (OLDEST_RELEASE if asked["embedded"] else None)
