"""Engines behind ssh: the user's own `ssh` program carries all connections to their socket (CLI-1).

One process forwards a socket file in a private folder to the socket on the other side. It is the
program, with its configuration, that knows keys, agents, jump hosts and host keys, and that asks
nothing (`BatchMode`). Forwarded connections are no sessions of sshd, so that its limit of ten does not
apply. A remote `cat` on pipes of ours shows when the way is open, and ends it with our process,
however that ends.
"""

from __future__ import annotations

import re
import secrets
import shutil
import tempfile
from pathlib import Path
from subprocess import PIPE
from typing import Final

from anyio import (
    BrokenResourceError,
    CancelScope,
    EndOfStream,
    Lock,
    move_on_after,
    open_process,
)
from anyio.abc import Process
from attrs import define, field

from ._hosts import SshAddress
from ._programs import hear_out
from ._transport import ConnectionBroken

OPENING_TIMEOUT: Final = 30.0
"""Seconds until a host that lets nobody in counts as absent; jump hosts take their time."""

_ENDING_GRACE: Final = 2.0
"""Seconds for the program to end when it is told to."""

_LONGEST_BASE: Final = 60
"""Characters; the path of a socket file may have 104 on some systems, 108 on others."""

_READY: Final = b"aiodockmap-is-connected\n"

_OPTIONS: Final = (
    "BatchMode=yes",  # nobody is there to be asked
    "ConnectTimeout=10",
    "ServerAliveInterval=15",  # a dead line is noticed within 45 s
    "ServerAliveCountMax=3",
    "ControlMaster=no",  # a shared connection would outlive us, and keep our forwarding
    "ControlPath=none",
    "RemoteCommand=none",
    "LogLevel=INFO",  # says why a forwarded connection failed
)

_REASONS: Final = (
    (
        "has changed",
        "it has another key than before: find out why before you remove the old one from known_hosts",
    ),
    (
        "host key verification failed",
        "compare the fingerprint of the host's key, and add it to known_hosts: `{command}` asks for it",
    ),
    (
        "permission denied",
        "let `{command}` log in without asking: by an agent, or by an IdentityFile in ~/.ssh/config",
    ),
    ("could not resolve hostname", "is that the name of the host, or a Host of ~/.ssh/config?"),
    ("connection refused", "does sshd run there, at this port?"),
)

_NOT_FORWARDED: Final = re.compile(r"open failed: (?P<why>.*)")


@define(eq=False)
class SshTunnel:
    """The way to a socket on another host: opened when it is needed, and again when it broke."""

    address: SshAddress
    _folder: Path = field(init=False, repr=False)
    _opening: Lock = field(factory=Lock, init=False, repr=False)
    _process: Process | None = field(default=None, init=False, repr=False)
    _attempt: CancelScope | None = field(default=None, init=False, repr=False)
    """Of whoever is opening it now."""
    _is_closed: bool = field(default=False, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        # Made, for this user only, when the way is opened.
        base = tempfile.gettempdir()
        if len(base) > _LONGEST_BASE:
            base = "/tmp"  # noqa: S108  # the folder in it is as private there
        self._folder = Path(base) / f"aiodockmap-{secrets.token_hex(8)}"

    @property
    def socket(self) -> str:
        """The socket file that is as good as the one on the other side."""
        return str(self._folder / "engine.sock")

    async def open(self) -> None:
        """Make sure that the way is open; concurrent callers share one attempt.

        Cancelling it ends the program, if it was opened by this caller.

        Raises:
            ConnectionBroken: if it cannot be opened; says what ssh says.
        """
        if (
            self._process is not None
            and self._process.returncode is None
            and not self._opening.locked()
        ):
            return
        async with self._opening:
            if self._is_closed:
                raise self._broken("the client has been closed")
            if self._process is None or self._process.returncode is not None:
                await self._end()
                await self._start()

    async def aclose(self) -> None:
        """End the program and remove its folder; nothing can be opened any more."""
        self._is_closed = True
        if self._attempt is not None:
            self._attempt.cancel()
        async with self._opening:
            await self._end()

    def mark(self) -> int:
        """How much ssh has said so far."""
        try:
            return self._log.stat().st_size
        except OSError:
            return 0

    def explained(self, broken: ConnectionBroken, since: int) -> ConnectionBroken:
        """The same failure, in better words if ssh has said something about it since a mark."""
        refusals = _NOT_FORWARDED.findall("\n".join(self._said(since)))
        if not refusals:
            return broken
        return self._broken(
            f"nothing answers there at {self.address.socket} ({refusals[-1]})",
            "is the engine running there, may this user open its socket, and does sshd there have"
            " AllowStreamLocalForwarding? Another socket is named in base_url:"
            f" {self.address.at('/run/user/1000/docker.sock')}",
        )

    async def _start(self) -> None:
        self._folder.mkdir(mode=0o700)
        is_open = False
        try:
            with move_on_after(OPENING_TIMEOUT) as self._attempt, self._log.open("ab") as log:
                self._process = await open_process(
                    self._command(), stdin=PIPE, stdout=PIPE, stderr=log, start_new_session=True
                )
                is_open = await _echoes(self._process)
            if not is_open:
                raise self._refusal()
        except OSError as problem:
            raise self._broken(
                f"the program ssh cannot be run: {problem.strerror}",
                "install the client of OpenSSH",
            ) from problem
        finally:
            self._attempt = None
            if not is_open:
                await self._end()

    def _refusal(self) -> ConnectionBroken:
        """Why an attempt did not succeed."""
        if self._is_closed:
            return self._broken("the client has been closed")
        if self._process is None or self._process.returncode is None:
            return self._broken(
                f"ssh is not done after {OPENING_TIMEOUT:g} s", "does `{command}` log in by itself?"
            )
        return self._broken("ssh says: " + ("; ".join(self._said()[-2:]) or "nothing"))

    async def _end(self) -> None:
        """End the program, if there is one, and remove what it leaves."""
        process, self._process = self._process, None
        try:
            if process is not None:
                if process.returncode is None:
                    process.terminate()
                with move_on_after(_ENDING_GRACE, shield=True):
                    await hear_out(process)
                # Kills it if it did not end in time.
                with move_on_after(_ENDING_GRACE, shield=True):
                    await process.aclose()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _command(self) -> list[str]:
        address = self.address
        options = [part for option in _OPTIONS for part in ("-o", option)]
        place = [*(("-l", address.user) if address.user else ())]
        place += ["-p", str(address.port)] if address.port else []
        forwarding = ["-L", f"{self.socket}:{address.socket}"]
        # Neither a terminal, nor the agent, nor a display for the other side.
        return ["ssh", "-T", "-a", "-x", *options, *forwarding, *place, "--", address.host, "cat"]

    @property
    def _log(self) -> Path:
        return self._folder / "ssh.log"

    def _said(self, since: int = 0) -> list[str]:
        """The lines of ssh, without those that frame a warning."""
        try:
            text = self._log.read_bytes()[since:].decode(errors="replace")
        except OSError:
            return []
        return [line.strip() for line in text.splitlines() if line.strip(" @\r")]

    def _broken(self, reason: str, advice: str | None = None) -> ConnectionBroken:
        lowered = reason.lower()
        if advice is None:
            advice = next((each for words, each in _REASONS if words in lowered), None)
        if advice is not None:
            advice = advice.replace("{command}", self.address.command)
        return ConnectionBroken(
            f"cannot reach the engine at {self.address}: {reason}", connected=False, advice=advice
        )


async def _echoes(process: Process) -> bool:
    """Whether what is said comes back, after whatever the other side greets with."""
    assert process.stdin is not None  # noqa: S101  # it is a pipe
    assert process.stdout is not None  # noqa: S101
    heard = b""
    try:
        await process.stdin.send(_READY)
        while _READY not in heard:
            heard = heard[-len(_READY) :] + await process.stdout.receive()
    except (BrokenResourceError, EndOfStream, OSError):
        await process.wait()
        return False
    return True
