"""From the words of a command to what it does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from ._builtins import change_options
from ._calls import Call
from ._place import BIN, Place, is_applet
from ._programs import applet
from ._session import Session
from ._shell import LONGEST_SCRIPT, Shell
from ._steps import FOREVER, Guess, Pause, Signals, Steps, Unclear, ending, failing, understood

_SHELLS: Final = frozenset({"ash", "bash", "dash", "sh"})
_PATHS: Final = frozenset({"", BIN, "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin"})


def steps_of(command: Sequence[str], place: Place, signals: Signals) -> Steps:
    """What the process of a command does that can be started; `signals` is what it makes of signals.

    What is not understood goes on until it is stopped; as an exec command it ends with status 0. It prints
    nothing, and a `Guess` says so.
    """
    return understood(partial(_run, place, command, signals), is_exec=place.is_exec)


def _run(place: Place, command: Sequence[str], signals: Signals | None) -> Steps:
    if sum(map(len, command)) > LONGEST_SCRIPT:
        raise Unclear("a command of this length")
    executable, *arguments = command
    folder, _, name = executable.rpartition("/")
    if name in _SHELLS and folder in _PATHS and (is_applet(executable) or place.has(executable)):
        return _shell(place, command, signals)
    if is_applet(executable):
        call = Call(place=place, name=name, arguments=arguments, run=_run, signals=signals)
        return applet(call)
    if place.has(executable):
        return _of_image(place, executable)
    return _file(place, command)


def _of_image(place: Place, executable: str) -> Steps:
    """Go on as a service does; as an exec command, end."""
    if place.is_exec and place.is_read:
        raise Unclear(f"what `{executable}` prints")
    if not place.is_exec:
        yield Pause(FOREVER)
    return 0


def _file(place: Place, command: Sequence[str]) -> Steps:
    """Follow a script or a program that nobody can read here."""
    if list(command) == list(place.own_command):
        return (yield from _of_image(place, command[0]))
    yield Guess("a file that is run is taken to succeed at once and to print nothing")
    return 0


def _shell(place: Place, command: Sequence[str], signals: Signals | None) -> Steps:
    session = Session.in_place(place, _run)
    if signals is not None:
        session.signals, session.is_process = signals, True
    letters, rest = "", list(command[1:])
    while rest and rest[0].startswith("-") and rest[0] != "-":
        option = rest.pop(0)
        if option.endswith("o") and rest[:1] == ["pipefail"]:
            rest.pop(0)
            option = option[:-1]
        letters += option[1:]
    change_options(session, letters.replace("c", "").replace("l", ""), is_on=True)
    if "c" in letters:
        return _text(session, rest)
    is_own = list(command) == list(place.own_command)
    if rest and not is_own and place.is_absent(rest[0]):
        return failing(2, session.complaint(f"can't open '{rest[0]}': No such file or directory"))
    if rest:
        return _script_file(session, rest, command)
    if place.piped is not None:
        return Shell(session).script(place.piped.read())
    return _input(place)


def _script_file(session: Session, words: Sequence[str], command: Sequence[str]) -> Steps:
    place, path = session.place, session.place.absolute(words[0])
    text = place.written.texts.get(path)
    if text is not None:
        session.name, *session.arguments = words
        return Shell(session).script(text)
    return _file(place, command) if place.is_below_mount(path) else _of_image(place, command[0])


def _text(session: Session, words: Sequence[str]) -> Steps:
    if not words:
        return failing(2, session.complaint("-c requires an argument"))
    text, *rest = words
    if rest:
        session.name, *session.arguments = rest
    return Shell(session).script(text)


def _input(place: Place) -> Steps:
    """Read what never comes, until it ends."""
    return ending(0) if place.is_exec or not place.has_input else _of_image(place, "sh")
