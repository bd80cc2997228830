"""What a shell does by itself, and no program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from attrs import evolve

from ...model import signal_number
from ._files import Kind
from ._place import MISSING, start_problem
from ._printed import number_of
from ._session import Exit, Leave, Session
from ._steps import ERR, Await, Guess, Kill, Print, Steps, Unclear, ending, failing

SIGNALLED: Final = 128
"""What is added to the number of a signal where that is the status."""
END: Final = 0
"""The number of the trap for the end of a script."""
_TERM: Final = 15
_ENDING: Final = (1, 9, _TERM)
"""Signals that end jobs: all others are ignored by some of them."""

Builtin: TypeAlias = Callable[[Session, Sequence[str]], Steps]


def _colon(session: Session, arguments: Sequence[str]) -> Steps:
    del session, arguments
    return ending(0)


def _exit(session: Session, arguments: Sequence[str]) -> Steps:
    if arguments:
        number = number_of(arguments[0])
        if number is None:
            message = f"Illegal number: {arguments[0]}"
            session.code = yield from failing(2, session.complaint(message, "exit"))
            raise Exit
        session.code = number % 256
    raise Exit


def _leave(*, is_break: bool) -> Builtin:
    def leave(session: Session, arguments: Sequence[str]) -> Steps:
        yield from ()
        if arguments and arguments != ["1"]:
            raise Unclear("the end of several loops")
        session.code = 0
        if session.loops:
            raise Leave(is_break=is_break)
        return 0

    return leave


def _exec(session: Session, arguments: Sequence[str]) -> Steps:
    traps = session.signals.traps
    if not arguments[0] or start_problem(arguments[0], session.place):
        session.code = yield from session.start(arguments, builtin="exec")
        raise Exit
    for number in [number for number, action in traps.items() if action or number == END]:
        del traps[number]
    signals = session.signals if session.is_process else None
    session.code = yield from session.start(arguments, signals, builtin="exec")
    raise Exit


def _trap(session: Session, arguments: Sequence[str]) -> Steps:
    yield from ()
    if not arguments or (arguments[0].startswith("-") and arguments[0] != "-"):
        raise Unclear("`trap`")
    action, *names = arguments
    if not names:
        action, names = "-", [action]
    for name in names:
        number = END if name in ("0", "EXIT") else signal_number(name)
        if number is None:
            message = f"{name}: invalid signal specification"
            return (yield from failing(1, session.complaint(message, "trap")))
        if action == "-":
            session.signals.traps.pop(number, None)
        else:
            session.signals.traps[number] = action
    return 0


def _wait(session: Session, arguments: Sequence[str]) -> Steps:
    jobs = [session.jobs[number] for number in arguments or session.jobs if number in session.jobs]
    while any(job.code is None for job in jobs):
        if session.signals.pending:
            return SIGNALLED + session.signals.pending[0]
        # What ends that without a signal of its own is one for the shell that it is a part of.
        yield Await(tuple(jobs))
    if not arguments:
        return 0
    if arguments[-1] not in session.jobs:
        return MISSING
    code = jobs[-1].code or 0
    if code in _ENDS_BY_SIGNAL:
        yield Print(f"{_ENDS_BY_SIGNAL[code]}\n", ERR)
    return code


_ENDS_BY_SIGNAL: Final = {143: "Terminated", 137: "Killed"}


def _kill(session: Session, arguments: Sequence[str]) -> Steps:
    number: int | None = _TERM
    rest = list(arguments)
    if rest[:1] == ["-s"] and len(rest) > 1:
        number = signal_number(rest[1])
        rest = rest[2:]
    elif rest and rest[0].startswith("-"):
        number = signal_number(rest.pop(0)[1:])
    is_known = number in _ENDING and bool(rest)
    if number is None or not is_known or any(it not in session.jobs for it in rest):
        raise Unclear("`kill`")
    for job in (session.jobs[it] for it in rest):
        yield Kill(job, SIGNALLED + number)
    return 0


def _bracket(session: Session, arguments: Sequence[str]) -> Steps:
    if arguments[-1:] != ["]"]:
        return failing(2, f"{session.name}: missing ]")
    return session.start(["[", *arguments])


def _export(session: Session, arguments: Sequence[str]) -> Steps:
    yield from ()
    if not arguments:
        raise Unclear("`export`")
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if equals:
            session.variables[name] = value
        session.exported.add(name)
    return 0


def _unset(session: Session, arguments: Sequence[str]) -> Steps:
    yield from ()
    for name in arguments:
        session.variables.pop(name, None)
        session.exported.discard(name)
    return 0


def _shift(session: Session, arguments: Sequence[str]) -> Steps:
    yield from ()
    number = number_of(arguments[0]) if arguments else 1
    if number is None:
        raise Unclear("`shift`")
    if number > len(session.arguments):
        return 1
    del session.arguments[:number]
    return 0


def _set(session: Session, arguments: Sequence[str]) -> Steps:
    yield from ()
    if not arguments:
        raise Unclear("`set`")
    rest = list(arguments)
    while rest and rest[0][:1] in ("-", "+") and rest[0] != "--":
        sign, letters = rest[0][0], rest[0][1:]
        rest.pop(0)
        if letters.endswith("o") and rest[:1] == ["pipefail"]:
            rest.pop(0)
            letters = letters[:-1]
        change_options(session, letters, is_on=sign == "-")
    if rest:
        session.arguments[:] = rest[1:] if rest[0] == "--" else rest
    return 0


def change_options(session: Session, letters: str, *, is_on: bool) -> None:
    """Turn options of a shell on or off.

    Raises:
        Unclear: for all but `-e` and `-u`.
    """
    if set(letters) - {"e", "u"}:
        raise Unclear("an option of the shell")
    session.options = session.options | set(letters) if is_on else session.options - set(letters)


def _cd(session: Session, arguments: Sequence[str]) -> Steps:
    target = arguments[0] if arguments else session.value("HOME") or "/"
    if target == "-":
        raise Unclear("`cd -`")
    folder = session.place.absolute(target)
    try:
        kind = session.place.kind(folder)
    except Unclear:
        kind = Kind.FOLDER
        yield Guess("the folder that it changes to is taken to be there")
    if kind is not Kind.FOLDER:
        why = "No such file or directory" if kind is Kind.NOTHING else "Not a directory"
        message = f"can't cd to {target}: {why}"
        return (yield from failing(2, session.complaint(message, "cd")))
    session.place = evolve(session.place, directory=folder)
    session.variables["PWD"] = folder
    return 0


def _unclear(name: str) -> Builtin:
    def unclear(session: Session, arguments: Sequence[str]) -> Steps:
        del session, arguments
        yield from ()
        raise Unclear(f"`{name}`")

    return unclear


SPECIAL: Final = frozenset(
    {
        ":",
        "break",
        "continue",
        "exec",
        "exit",
        "export",
        "readonly",
        "set",
        "shift",
        "trap",
        "unset",
    }
)
"""Those after whose mistakes a shell ends, and that leave variables behind."""
_UNREAD: Final = """
[[ . source eval read return umask ulimit jobs fg bg command local alias type getopts times hash let declare
typeset shopt
"""
BUILTINS: Final[Mapping[str, Builtin]] = {
    **{name: _unclear(name) for name in _UNREAD.split()},
    ":": _colon,
    "[": _bracket,
    "break": _leave(is_break=True),
    "cd": _cd,
    "continue": _leave(is_break=False),
    "exec": _exec,
    "exit": _exit,
    "export": _export,
    "kill": _kill,
    "readonly": _export,
    "set": _set,
    "shift": _shift,
    "trap": _trap,
    "unset": _unset,
    "wait": _wait,
}
