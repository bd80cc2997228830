"""What the programs that we run have in common."""

from __future__ import annotations

from contextlib import suppress

from anyio import BrokenResourceError, EndOfStream
from anyio.abc import Process


async def hear_out(process: Process) -> None:
    """Read what a program still says, and throw it away, until the end of its output.

    For asyncio a program has ended when the end of its output was seen, and a full reader does not look.
    Hence whoever has ended one reads on before waiting for it. Cancelling this does no harm.
    """
    assert process.stdout is not None  # noqa: S101  # it is a pipe
    with suppress(EndOfStream, BrokenResourceError):
        while True:
            await process.stdout.receive()
