"""Programs that keep credentials: `docker-credential-NAME get`, as Docker's command line calls them."""

from __future__ import annotations

import json
import os
import re
import signal
from contextlib import suppress
from subprocess import DEVNULL, PIPE
from typing import Final

from anyio import BrokenResourceError, EndOfStream, fail_after, move_on_after, open_process
from anyio.abc import Process

from ..model import JsonObject
from ._programs import hear_out

HELPER_TIMEOUT: Final = 60.0
"""Seconds; some of them ask a server, none of them may ask a person."""

_LARGEST: Final = 2**16
"""Bytes of an answer."""

_LAST_WORDS: Final = 1.0
"""Seconds; what a program that was ended has left in its pipe is read at once."""

_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]*")
_DOCKER_HUB: Final = "https://index.docker.io/v1/"
_IS_TOKEN: Final = "<token>"  # noqa: S105  # a user of that name has a token for a password
_NOT_FOUND: Final = b"credentials not found"


class _TooMuch(Exception):
    """An answer that is no answer."""


async def ask_helper(name: str, registry: str) -> JsonObject | None:
    """What a helper knows of a registry; None if that is nothing.

    The program gets the registry on its standard input. Cancelling it ends the program.

    Raises:
        ValueError: if it fails; names the program, and shows nothing of what it said.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(
            "the name of a credential helper has letters, digits, '.', '_' and '-' only"
        )
    program = f"docker-credential-{name}"
    try:
        with fail_after(HELPER_TIMEOUT):
            code, said = await _run([program, "get"], _server(registry))
    except TimeoutError:
        raise ValueError(f"{program} is not done after {HELPER_TIMEOUT:g} s") from None
    except _TooMuch:
        raise ValueError(f"{program} does not stop talking") from None
    except OSError as problem:
        raise ValueError(f"{program} cannot be run: {problem.strerror}") from None
    if code != 0:
        # A failure has its message on standard output.
        if _NOT_FOUND in said:
            return None
        raise ValueError(f"{program} failed with exit code {code}")
    return _credentials(program, said)


async def _run(command: list[str], text: str) -> tuple[int, bytes]:
    """The exit code of a program, and what it says."""
    async with await open_process(
        command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, start_new_session=True
    ) as process:
        try:
            said = await _talk(process, text)
            return await process.wait(), said
        finally:
            # Whoever gives up waits for the end of the program, and of what it started, but not for long.
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            with move_on_after(_LAST_WORDS, shield=True):
                await hear_out(process)


async def _talk(process: Process, text: str) -> bytes:
    assert process.stdin is not None  # noqa: S101  # they are pipes
    assert process.stdout is not None  # noqa: S101
    with suppress(BrokenResourceError, OSError):  # it may not want to know
        await process.stdin.send(text.encode())
        await process.stdin.aclose()
    said = b""
    with suppress(EndOfStream):
        while len(said) <= _LARGEST:
            said += await process.stdout.receive()
        raise _TooMuch
    return said


def _server(registry: str) -> str:
    return _DOCKER_HUB if registry == "docker.io" else registry


def _credentials(program: str, said: bytes) -> JsonObject | None:
    try:
        answer = json.loads(said)
        user, secret = answer["Username"], answer["Secret"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise ValueError(f"{program} answers with something else than credentials") from None
    if not secret:
        return None
    if user == _IS_TOKEN:
        return {"identitytoken": secret}
    return {"username": user, "password": secret}
