"""What a command writes, to streams that may take nothing more."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click


class OutputLost(Exception):
    """A stream of the process takes nothing more, because its disk is full for example."""


@contextmanager
def writing() -> Iterator[None]:
    """Tell what cannot be written from all else that may be wrong with files and sockets.

    Raises:
        OutputLost: saying why. A reader who has gone is a `BrokenPipeError`, at which click ends quietly.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        _forget_unwritten()
        raise OutputLost(f"cannot write the output: {error.strerror}") from None


def write(text: str, *, nl: bool = True, err: bool = False) -> None:
    """Write what a command is for, as `click.echo` does.

    Raises:
        OutputLost: as `writing`.
    """
    with writing():
        click.echo(text, nl=nl, err=err)


def remark(text: str) -> None:
    """Write to standard error what is said by the way; no command is given up because that is lost."""
    with suppress(OutputLost):
        write(text, err=True)


def _forget_unwritten() -> None:
    """Drop what is left: Python would try again at its end, and end with a code of its own."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
