"""What becomes of the words of a script before a command gets them."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from posixpath import dirname
from typing import Final, TypeAlias

from attrs import define, field

from ._arithmetic import calculated
from ._cursor import BrokenScript
from ._files import Kind
from ._place import Place
from ._scripts import Arithmetic, Body, Piece, Redirection, Substitution, Text, Variable, Word
from ._session import Session, Target
from ._steps import ERR, OUT, Print, Step, Steps, Unclear, altered

_PATTERN: Final = re.compile(r"[*?\[]")
_STREAM_FILES: Final = {
    "/dev/stdout": OUT,
    "/dev/stderr": ERR,
    "/proc/self/fd/1": OUT,
    "/proc/self/fd/2": ERR,
}


LONGEST: Final = 2**20
"""Characters of the words of a command; none may use up the memory."""
NOWHERE: Final = 0
CAUGHT: Final = 3
"""Where output goes that becomes a word."""

Substitute: TypeAlias = Callable[[Body], Generator[Step, None, str]]
"""Runs commands, and has what they print."""
_OF_SYSTEM: Final = ("/proc/", "/dev/tcp/", "/dev/udp/")
"""Where no files are; `bash` has connections there."""


class CannotOpen(Exception):
    """A file cannot be written to; says why."""

    streams: Mapping[int, Target]
    """Where streams went by then."""


def fields(
    session: Session, words: Sequence[Word], substitute: Substitute
) -> Generator[Step, None, list[str]]:
    """Put in variables and what commands print, and split what is not quoted.

    Raises:
        Unclear: if nobody can say what comes out.
    """
    found: list[str] = []
    length = 0
    for word in words:
        new = yield from _split(session, word, substitute)
        length += sum(map(len, new))
        _check_length(length)
        found += new
    return found


def text(session: Session, word: Word, substitute: Substitute) -> Generator[Step, None, str]:
    """Put in variables and what commands print, as for the value of a variable."""
    found = ""
    for piece in word:
        found += (yield from _value(session, piece, substitute)) or ""
        _check_length(len(found))
    return found


def _check_length(length: int) -> None:
    if length > LONGEST:
        raise Unclear("a text of this length")


@define(eq=False)
class _Fields:
    """The words that one word becomes."""

    done: list[str] = field(factory=list)
    current: str | None = None
    """What further pieces are joined to."""

    def join(self, value: str) -> None:
        """Go on with a word."""
        self.current = (self.current or "") + value
        _check_length(len(self.current))

    def cut(self) -> None:
        """End a word, if there is one."""
        if self.current is not None:
            self.done.append(self.current)
        self.current = None

    def split(self, value: str) -> None:
        """Go on with what is cut where there are blanks."""
        if _PATTERN.search(value):
            raise Unclear("a pattern for names of files")
        for blanks, part in re.findall(r"(\s+)|(\S+)", value):
            if blanks:
                self.cut()
            else:
                self.join(part)

    def all(self) -> list[str]:
        """All of them."""
        self.cut()
        return self.done


def _split(
    session: Session, word: Word, substitute: Substitute
) -> Generator[Step, None, list[str]]:
    if word == _ARGUMENTS:
        return list(session.arguments)
    found = _Fields()
    for piece in word:
        if isinstance(piece, Variable) and piece.name == "@" and piece.is_quoted:
            raise Unclear("`$@` within a word")
        value = (yield from _value(session, piece, substitute)) or ""
        if isinstance(piece, Text) or piece.is_quoted:
            found.join(value)
        else:
            found.split(value)
    return found.all()


_ARGUMENTS: Final[Word] = (Text("", is_quoted=True), Variable("@", is_quoted=True))
"""`"$@"`."""


def _value(
    session: Session, piece: Piece, substitute: Substitute
) -> Generator[Step, None, str | None]:
    match piece:
        case Text(written):
            return written
        case Arithmetic(written):
            calculation = yield from text(session, written, substitute)
            return str(calculated(calculation, session.value))
        case Substitution(body):
            return (yield from substitute(body)).rstrip("\n")
        case Variable():
            return (yield from _value_of_variable(session, piece, substitute))


def _value_of_variable(
    session: Session, asked: Variable, substitute: Substitute
) -> Generator[Step, None, str | None]:
    value, operator = session.value(asked.name), asked.operator
    is_there = value is not None and not (operator.startswith(":") and not value)
    if operator.endswith("+"):
        return (yield from text(session, asked.other, substitute)) if is_there else ""
    if not operator and value is None and "u" in session.options and asked.name not in ("@", "*"):
        problem = BrokenScript(f"{asked.name}: parameter not set")
        problem.streams = session.streams
        raise problem
    if is_there or not operator:
        return value
    value = yield from text(session, asked.other, substitute)
    if operator.endswith("="):
        session.variables[asked.name] = value
    return value


def redirected(
    session: Session, redirections: Sequence[Redirection], substitute: Substitute
) -> Generator[Step, None, Mapping[int, Target]]:
    """Where the streams of a command go.

    Raises:
        Unclear: if nobody can say, or if it reads a file.
    """
    ends = dict(session.streams)
    for asked in redirections:
        target = yield from text(session, asked.target, substitute)
        if asked.operator == "<" and target == "/dev/null":
            continue
        if asked.operator.startswith("<") or asked.stream not in ends:
            raise Unclear(f"`{asked.operator}`")
        if asked.operator == ">&":
            if asked.stream == ERR and target == "-":
                del ends[ERR]
            elif target.isdecimal() and int(target) in ends:
                ends[asked.stream] = ends[int(target)]
            else:
                raise Unclear("`>&`")
        elif target in _STREAM_FILES:
            if _STREAM_FILES[target] not in ends:
                raise Unclear(f"`{target}`")
            ends[asked.stream] = ends[_STREAM_FILES[target]]
        else:
            try:
                ends[asked.stream] = _opened(session.place, target, is_new=asked.operator != ">>")
            except CannotOpen as problem:
                problem.streams = ends
                raise
    return ends


def _opened(place: Place, path: str, *, is_new: bool) -> Target:
    """Open a file to write to."""
    whole = place.absolute(path)
    if whole.startswith(_OF_SYSTEM):
        raise Unclear(f"`{path}`")
    if path and place.is_certainly(Kind.FOLDER, path):
        raise CannotOpen(f"can't create {path}: Is a directory")
    parent = dirname(whole)
    if not path or place.is_absent(parent) or place.is_certainly(Kind.FILE, parent):
        raise CannotOpen(f"can't create {path}: nonexistent directory")
    if whole.startswith("/dev/"):
        return NOWHERE
    if is_new or (whole not in place.written.kinds and place.is_absent(whole)):
        place.written.write(whole, "")
    elif whole not in place.written.kinds:
        place.written.write(whole, None)
    return whole


def sent(steps: Steps, streams: Mapping[int, Target], place: Place) -> Steps:
    """The same steps, whose output goes somewhere else."""

    def send(step: Step) -> Step | None:
        if not isinstance(step, Print):
            return step
        target = streams.get(step.stream, NOWHERE)
        if isinstance(target, str):
            place.written.append(target, step.text)
            return None
        return None if target == NOWHERE else Print(step.text, target)

    return altered(steps, send)


def captured(steps: Steps) -> Generator[Step, None, tuple[str, int]]:
    """The same steps without what they print to where it is caught; that, and their exit status."""
    printed: list[str] = []
    length = 0

    def catch(step: Step) -> Step | None:
        nonlocal length
        if isinstance(step, Print) and step.stream == CAUGHT:
            printed.append(step.text)
            length += len(step.text)
            _check_length(length)
            return None
        return step

    code = yield from altered(steps, catch)
    return "".join(printed), code
