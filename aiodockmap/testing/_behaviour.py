"""What the processes in containers do, which nobody runs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from attrs import Attribute, define, evolve, field, frozen
from attrs.validators import instance_of

from ..model import SIGNALS, signal_number

KILL = SIGNALS["SIGKILL"]
TERM = SIGNALS["SIGTERM"]
IGNORED_BY_DEFAULT = frozenset(
    SIGNALS[f"SIG{name}"]
    for name in ("CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "WINCH")
)
"""Signals that end nobody, whoever gets them."""

_APPLET_NAMES = """
[ ash awk base64 basename busybox cat chgrp chmod chown chroot clear cmp cp cut date dd df dirname du
echo env expr false find free grep gunzip gzip head hostname httpd id init ip kill killall less ln
logger ls md5sum mkdir mkfifo mknod mktemp more mount mv nc netstat nice nohup nproc nslookup od passwd
paste pgrep pidof ping pkill printenv printf ps pwd readlink realpath rm rmdir sed seq sh sha256sum
sleep sort stat stty su sync tail tar tee telnet test time timeout top touch tr true tty umount uname
uniq unzip uptime usleep vi watch wc wget which whoami xargs yes
"""
APPLETS = frozenset(_APPLET_NAMES.split())
"""What every embedded image has, in `/bin`."""
FOLDERS = frozenset({"/", "/bin", "/dev", "/etc", "/proc", "/root", "/sys", "/tmp"})  # noqa: S108 (in a container)
FILES = frozenset({"/etc/passwd", "/etc/group", "/etc/hosts", "/etc/resolv.conf"})


@frozen(kw_only=True)
class Behaviour:
    """How a process goes about its life."""

    ends_after: float | None = None
    """Seconds from its start to its end; None if it runs until it is stopped."""
    exit_code: int = 0
    """Its status at that end."""
    handles: Mapping[str, int] = field(factory=dict)
    """Signals that end it, and its status then: `{"SIGTERM": 0}`. As process 1 it ignores all others."""
    stop_delay: float = 0.0
    """Seconds from such a signal to its end."""
    stdout: str = ""
    """What it prints when it starts."""
    stderr: str = ""
    is_oom_killed: bool = False
    """Whether its end is that of a process that needed too much memory."""
    health: Sequence[int] = (0,)
    """Statuses of its health checks, one after the other; the last one goes on for ever."""
    health_output: str = ""
    start_error: str | None = None
    """What the engine says about a process that cannot be started; it answers 400 then."""
    start_exit_code: int = 127
    """The exit code of the container then."""


FOREVER = Behaviour()
AT_ONCE = Behaviour(ends_after=0.0)


def handles_signals(owner: object, place: Attribute[Behaviour], value: Behaviour) -> None:
    """Check that a behaviour handles only signals that there are; a validator of attrs.

    Raises:
        ValueError: if it does not.
    """
    del owner, place
    for name in value.handles:
        if signal_number(name) is None:
            message = (
                f"there is no signal {name!r} that a process could handle; write one like 'SIGTERM'"
            )
            raise ValueError(message)


@frozen(kw_only=True)
class BehaviourRule:
    """Which processes behave in a certain way; all that is given has to match."""

    behaviour: Behaviour = field(validator=[instance_of(Behaviour), handles_signals])
    image: str | None = None
    """As the container names it, with `*` for anything."""
    command: str | None = None
    """The whole command, words separated by spaces, with `*` for anything."""
    container: str | None = None
    """Name of the container, with `*` for anything."""

    def matches(self, *, image: str, command: Sequence[str], container: str) -> bool:
        """Whether a process is meant."""
        line = " ".join(command)
        pairs = ((self.image, image), (self.command, line), (self.container, container))
        return all(pattern is None or fnmatchcase(value, pattern) for pattern, value in pairs)


def behaviour_of(command: Sequence[str]) -> Behaviour:
    """What the process of a command does, as far as that is known here.

    Understood are `sleep`, `true`, `false`, `echo`, `sh -c` with a simple script. All the rest of
    busybox ends at once with status 0.
    """
    executable = command[0]
    if (error := _missing(executable)) is not None:
        return error
    return _applet(executable.rpartition("/")[2], command[1:])


def _missing(executable: str) -> Behaviour | None:
    if executable in FOLDERS or executable in FILES:
        problem, code = f'exec: "{executable}": permission denied', 126
    elif "/" not in executable:
        if executable in APPLETS:
            return None
        problem, code = f'exec: "{executable}": executable file not found in $PATH', 127
    else:
        folder, _, name = executable.rpartition("/")
        if folder == "/bin" and name in APPLETS:
            return None
        problem = f'exec: "{executable}": stat {executable}: no such file or directory'
        code = 127
    return Behaviour(start_error=f"{problem}: unknown", start_exit_code=code)


def _applet(name: str, arguments: Sequence[str]) -> Behaviour:
    match name:
        case "sleep":
            return _sleep(arguments)
        case "false":
            return evolve(AT_ONCE, exit_code=1)
        case "echo":
            return evolve(AT_ONCE, stdout=" ".join(arguments) + "\n")
        case "sh" | "ash" if len(arguments) > 1 and arguments[0] == "-c":
            return _script(arguments[1])
        case "httpd" | "nc" | "top" | "watch" | "yes" | "init":
            return FOREVER
        case _:
            return AT_ONCE


def _sleep(arguments: Sequence[str]) -> Behaviour:
    seconds = 0.0
    for argument in arguments:
        number = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", argument)
        if number is None:
            message = f"sleep: invalid number '{argument}'\n"
            return evolve(AT_ONCE, exit_code=1, stderr=message)
        seconds += float(number[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[number[2]]
    return Behaviour(ends_after=seconds)


@define(eq=False)
class _Script:
    """What a script has done so far."""

    elapsed: float = 0.0
    code: int = 0
    handles: dict[str, int] = field(factory=dict)
    stdout: str = ""
    stderr: str = ""
    has_ended: bool = False
    goes_on: bool = False

    def behaviour(self) -> Behaviour:
        """What it does in all."""
        return Behaviour(
            ends_after=None if self.goes_on else self.elapsed,
            exit_code=self.code,
            handles=self.handles,
            stdout=self.stdout,
            stderr=self.stderr,
        )


def _script(text: str) -> Behaviour:
    """Follow a script through commands that have no conditions; loops go on for ever."""
    script = _Script()
    for part in re.split(r"\s*(?:;|&&|\n)\s*", text.strip()):
        try:
            words = shlex.split(part.removesuffix("&").strip())
        except ValueError:
            script.code = 2
            break
        _follow(script, words)
        if script.has_ended:
            break
    return script.behaviour()


def _follow(script: _Script, words: list[str]) -> None:
    is_error = ">&2" in words
    match [word for word in words if word not in (">&2", "exec")]:
        case []:
            pass
        case ["while" | "until" | "for", *_]:
            script.goes_on = script.has_ended = True
        case ["trap", action, *names]:
            script.handles |= _trap(action, names)
        case ["exit", *code]:
            script.code = int(code[0]) if code else script.code
            script.has_ended = True
        case ["printf", line]:
            _print(script, line.replace("\\n", "\n"), is_error=is_error)
        case ["echo", *rest]:
            _print(script, " ".join(rest) + "\n", is_error=is_error)
        case ["sleep", *rest]:
            script.elapsed += _sleep(rest).ends_after or 0.0
        case command:
            script.code = int(command[0] == "false")


def _print(script: _Script, text: str, *, is_error: bool) -> None:
    if is_error:
        script.stderr += text
    else:
        script.stdout += text


def _trap(action: str, names: Sequence[str]) -> dict[str, int]:
    code = re.search(r"\bexit\s*(\d*)", action)
    if code is None:
        return {}
    return {name.upper(): int(code[1] or 0) for name in names}
