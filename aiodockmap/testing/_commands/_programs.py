"""What the programs of busybox do, as far as that is known here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from attrs import evolve

from ._calls import Call, Program, guess
from ._file_programs import FILE_PROGRAMS
from ._place import is_applet
from ._printed import echoed, formatted, number_of, seconds_of
from ._steps import (
    ERR,
    FOREVER,
    Await,
    Guess,
    Pause,
    Print,
    Steps,
    Unclear,
    ending,
    failing,
    printing,
)

TERMINATED: Final = 143
LONGEST_SEQUENCE: Final = 10_000
_QUIET_NAMES: Final = """
kill killall ln logger mkfifo mknod mount pkill stty sync true umount
"""
QUIET: Final = frozenset(_QUIET_NAMES.split())
"""Those that succeed and print nothing where all is well with files and processes."""


def _endless(call: Call) -> Steps:
    del call
    yield Pause(FOREVER)
    return 0


def _true(call: Call) -> Steps:
    del call
    return ending(0)


def _false(call: Call) -> Steps:
    del call
    return ending(1)


def _sleep(call: Call) -> Steps:
    if not call.arguments:
        raise Unclear("`sleep`")
    try:
        seconds = sum(map(seconds_of, call.arguments))
    except ValueError as problem:
        return (yield from failing(1, f"sleep: {problem}"))
    yield Pause(seconds)
    return 0


def _usleep(call: Call) -> Steps:
    number = number_of(" ".join(call.arguments))
    if number is None:
        return (yield from failing(1, f"usleep: invalid number '{' '.join(call.arguments)}'"))
    yield Pause(number / 1e6)
    return 0


def _echo(call: Call) -> Steps:
    return printing(echoed(call.arguments))


def _printf(call: Call) -> Steps:
    printed = formatted(call.arguments)
    if printed is None:
        raise Unclear("`printf`")
    return printing(printed)


def _seq(call: Call) -> Steps:
    if not call.arguments or not all(re.fullmatch(r"[0-9]{1,9}", it) for it in call.arguments):
        raise Unclear("`seq`")
    first, *rest = (1, *map(int, call.arguments))[-2:]
    if len(call.arguments) > len(("first", "last")) or rest[0] - first > LONGEST_SEQUENCE:
        raise Unclear("`seq`")
    return printing("".join(f"{number}\n" for number in range(first, rest[0] + 1)))


def _pwd(call: Call) -> Steps:
    return printing(f"{call.place.directory}\n")


def _hostname(call: Call) -> Steps:
    return guess(call) if call.arguments else printing(f"{call.place.hostname}\n")


def _printenv(call: Call) -> Steps:
    environment = call.place.environment
    if not call.arguments:
        return _env(call)
    found = [environment[name] for name in call.arguments if name in environment]
    text = "".join(f"{value}\n" for value in found)
    return _printing(text, code=int(len(found) < len(call.arguments)))


def _printing(text: str, *, code: int) -> Steps:
    yield from printing(text)
    return code


def _env(call: Call) -> Steps:
    environment, rest = dict(call.place.environment), list(call.arguments)
    if rest[:1] in (["-i"], ["-"]):
        environment = {}
        rest.pop(0)
    while rest and re.match(r"[A-Za-z_]\w*=", rest[0]):
        name, _, value = rest.pop(0).partition("=")
        environment[name] = value
    if rest and rest[0].startswith("-"):
        raise Unclear("`env`")
    if rest:
        return call.start(rest, call.place.with_environment(environment))
    return printing("".join(f"{name}={value}\n" for name, value in environment.items()))


def _tail(call: Call) -> Steps:
    if any(re.fullmatch(r"-[nq]*\d*[fF]", it) for it in call.arguments):
        return _endless(call)
    return guess(call)


def _httpd(call: Call) -> Steps:
    # Without that it leaves a server behind, whose end is that of the container's process.
    is_in_front = any(re.fullmatch(r"-[A-Za-z]*f[A-Za-z]*", it) for it in call.arguments)
    return _endless(call) if is_in_front else ending(0)


def _nc(call: Call) -> Steps:
    is_server = any(re.match(r"-[A-Za-z]*l", it) for it in call.arguments)
    return _endless(call) if is_server else guess(call)


def _ping(call: Call) -> Steps:
    is_limited = any(it.startswith(("-c", "-w", "-W")) for it in call.arguments)
    return guess(call) if is_limited or not call.arguments else _talking(call)


def _top(call: Call) -> Steps:
    return guess(call) if any("n" in it for it in call.arguments) else _talking(call)


def _talking(call: Call) -> Steps:
    yield Guess(f"`{call.name}` is taken to go on and to print nothing")
    yield Pause(FOREVER)
    return 0


def _timeout(call: Call) -> Steps:
    match list(call.arguments):
        case [written, *command] if command and not written.startswith("-"):
            pass
        case _:
            raise Unclear("`timeout`")
    try:
        left: float = max(1, int(seconds_of(written)))
    except (OverflowError, ValueError) as problem:
        return (yield from failing(1, f"timeout: {problem}"))
    steps = call.start(command)
    if call.signals is not None and not (call.place.is_exec or call.place.has_init):
        # Nothing ends the first process of a container that it does not look after.
        return (yield from steps)
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            code: int = end.value
            return code
        if isinstance(step, Await) and any(job.code is None for job in step.jobs):
            raise Unclear("`timeout` of jobs")
        if isinstance(step, Pause):
            if step.seconds > left:
                yield evolve(step, seconds=left)
                if call.signals is None:
                    yield Print("Terminated\n", ERR)  # so says the shell that it is run by
                return TERMINATED
            left -= step.seconds
        yield step


def _other(call: Call) -> Steps:
    """Run what its arguments say."""
    if not call.arguments:
        return guess(call)
    return call.start(call.arguments)


def _busybox(call: Call) -> Steps:
    if call.arguments and not is_applet(call.arguments[0]):
        return failing(127, f"{call.arguments[0]}: applet not found")
    return _other(call)


PROGRAMS: Final[Mapping[str, Program]] = {
    **dict.fromkeys(QUIET, _true),
    **FILE_PROGRAMS,
    "busybox": _busybox,
    "echo": _echo,
    "env": _env,
    "false": _false,
    "hostname": _hostname,
    "httpd": _httpd,
    "init": _endless,
    "nc": _nc,
    "nohup": _other,
    "ping": _ping,
    "printenv": _printenv,
    "printf": _printf,
    "pwd": _pwd,
    "seq": _seq,
    "sleep": _sleep,
    "tail": _tail,
    "time": _other,
    "timeout": _timeout,
    "top": _top,
    "usleep": _usleep,
    "watch": _talking,
    "yes": _talking,
}
"""By name; all others are only guessed at."""


def applet(call: Call) -> Steps:
    """Follow a program of busybox."""
    return PROGRAMS.get(call.name, guess)(call)
