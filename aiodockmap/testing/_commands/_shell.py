"""Following a script as `sh` does."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final

from attrs import define, evolve, field

from ._builtins import BUILTINS, END, SPECIAL
from ._cursor import BrokenScript
from ._expansion import CAUGHT, CannotOpen, captured, fields, redirected, sent, text
from ._place import Input
from ._reading import lines_of
from ._scripts import (
    Body,
    Command,
    For,
    Group,
    If,
    Loop,
    Pipe,
    Redirection,
    Simple,
    Statement,
    Unknown,
    Word,
)
from ._session import Exit, Leave, Session, Target
from ._steps import OUT, Begin, Job, Step, Steps, Turn, Unclear, failing, unclear, understood

LONGEST_SCRIPT: Final = 2**16
"""Characters of a script; no container is tested with more, and none may keep the engine busy."""


@define(eq=False)
class Shell:
    """One `sh`, as far as it has come."""

    session: Session
    _conditions: int = field(default=0, alias="conditions")
    """How many conditions it is within."""
    _substituted: int = 0
    """The status of the last commands of a line whose output became a word."""

    def script(self, written: str) -> Steps:
        """Follow a script to its end.

        Raises:
            Unclear: if nobody can say what comes next, unless it is the process itself, which goes on then;
                as an exec command it ends.
        """
        try:
            yield from self._lines(written)
        except Exit:
            pass
        except Unclear as problem:
            if not self.session.is_process:
                raise
            return (yield from self._go_on(problem))
        return (yield from self._end())

    def _end(self) -> Steps:
        """Do what is to be done at the end."""
        session = self.session
        last = session.signals.traps.pop(END, "")
        if last:
            code = session.code
            try:
                yield from self._lines(last)
            except Exit:
                return session.code
            session.code = code
        return session.code

    def _go_on(self, problem: Unclear) -> Steps:
        steps = unclear(problem, is_exec=self.session.place.is_exec)
        for step in steps:
            yield step
            try:
                yield from self._heed()
            except Exit:
                return self.session.code
            except Unclear:
                return 0
        return 0

    def _lines(self, written: str) -> Steps:
        if len(written) > LONGEST_SCRIPT:
            raise Unclear("a script of this length")
        try:
            for line in lines_of(written):
                yield from self._body(line)
        except BrokenScript as problem:
            self.session.code = yield from self._broken(problem)
        return self.session.code

    def _body(self, body: Body) -> Steps:
        for statement in body:
            yield from self._statement(statement)
        return self.session.code

    def _statement(self, statement: Statement) -> Steps:
        if statement.is_background:
            return (yield from self._begin_job(statement))
        last, rest = statement.first, statement.rest
        with self._condition(is_one=bool(rest)):
            yield from self._command(last)
        for position, (operator, command) in enumerate(rest, 1):
            if (operator == "&&") == (self.session.code == 0):
                last = command
                with self._condition(is_one=position < len(rest)):
                    yield from self._command(command)
        is_final = last is (rest[-1][1] if rest else statement.first)
        is_own = isinstance(last.content, Simple | Pipe) or _is_subshell(last.content)
        is_strict = "e" in self.session.options and not self._conditions and is_own
        if self.session.code and is_final and is_strict and not last.is_negated:
            raise Exit
        return self.session.code

    @contextmanager
    def _condition(self, *, is_one: bool = True) -> Iterator[None]:
        self._conditions += is_one
        try:
            yield
        finally:
            self._conditions -= is_one

    def _begin_job(self, statement: Statement) -> Steps:
        if CAUGHT in self.session.streams.values():
            raise Unclear("a job whose output is read")
        body = (evolve(statement, is_background=False),)
        follow = partial(self._part, self.session.copy(), body)
        job = Job(understood(follow, is_exec=self.session.place.is_exec))
        self.session.add_job(job)
        yield Begin(job)
        self.session.code = 0
        return 0

    def _part(self, session: Session, body: Body) -> Steps:
        """Follow commands in a shell of their own."""
        inner = Shell(session, conditions=self._conditions)
        try:
            yield from inner._body(body)
        except (Exit, Leave):
            pass
        except BrokenScript as problem:
            session.code = yield from inner._broken(problem)
        return (yield from inner._end())

    # Commands

    def _command(self, command: Command) -> Steps:
        yield Turn()
        match command.content:
            case Unknown(about):
                raise Unclear(about)
            case Simple() | Group() | If() | Loop() | For() | Pipe() as content:
                with self._condition(is_one=command.is_negated):
                    yield from self._content(content, command.redirections)
        yield from self._heed()
        if command.is_negated:
            self.session.code = int(not self.session.code)
        return self.session.code

    def _content(
        self, content: Simple | Group | If | Loop | For | Pipe, redirections: Sequence[Redirection]
    ) -> Steps:
        if isinstance(content, Simple):
            return (yield from self._simple(content, redirections))
        if isinstance(content, Pipe):
            return (yield from self._pipe(content.commands))
        before = self.session.streams
        try:
            self.session.streams = yield from self._redirected(redirections)
            return (yield from self._compound(content))
        except CannotOpen as problem:
            code = 2 if _is_subshell(content) else 1
            self.session.code = yield from self._cannot_open(problem, code)
            return self.session.code
        finally:
            self.session.streams = before

    def _pipe(self, commands: Sequence[Command]) -> Steps:
        """Follow commands one after the other, as nobody can tell when they read."""
        *first, last = commands
        place = self.session.place
        for command in first:
            inner = self.session.copy()
            inner.place = place
            inner.streams = {**inner.streams, OUT: CAUGHT}
            printed, _ = yield from captured(self._part(inner, (Statement(command),)))
            place = evolve(place, piped=Input(printed))
        inner = self.session.copy()
        inner.place = place
        self.session.code = yield from self._part(inner, (Statement(last),))
        return self.session.code

    def _heed(self) -> Steps:
        """Do what is to be done about signals that have come."""
        signals = self.session.signals
        while signals.pending:
            code = self.session.code
            yield from self._lines(signals.traps.get(signals.pending.pop(0), ""))
            self.session.code = code
        return self.session.code

    def _compound(self, compound: Group | If | Loop | For) -> Steps:
        session = self.session
        match compound:
            case Group(body, is_subshell=True):
                session.code = yield from self._part(session.copy(), body)
            case Group(body):
                yield from self._body(body)
            case If(branches, otherwise):
                yield from self._choose(branches, otherwise)
            case Loop(condition, body, is_until):
                yield from self._repeat(condition, body, is_until=is_until)
            case For(name, words, body):
                values = session.arguments
                if words is not None:
                    values = yield from fields(session, words, self._output)
                if not values:
                    session.code = 0
                for value in list(values):
                    session.variables[name] = value
                    if not (yield from self._round(body)):
                        break
        return session.code

    def _choose(self, branches: Sequence[tuple[Body, Body]], otherwise: Body) -> Steps:
        for condition, body in branches:
            with self._condition():
                yield from self._body(condition)
            if self.session.code == 0:
                return (yield from self._body(body))
        if not otherwise:
            self.session.code = 0
        return (yield from self._body(otherwise))

    def _repeat(self, condition: Body, body: Body, *, is_until: bool) -> Steps:
        code = 0
        while True:
            yield Turn()
            with self._condition():
                yield from self._body(condition)
            if (self.session.code == 0) == is_until:
                break
            if not (yield from self._round(body)):
                return self.session.code
            code = self.session.code
        self.session.code = code
        return code

    def _round(self, body: Body) -> Generator[Step, None, bool]:
        """Follow one round of a loop; whether there may be another one."""
        self.session.loops += 1
        try:
            yield from self._body(body)
        except Leave as leave:
            return not leave.is_break
        finally:
            self.session.loops -= 1
        return True

    def _simple(self, simple: Simple, redirections: Sequence[Redirection]) -> Steps:
        session = self.session
        session.line = simple.line
        self._substituted = 0
        words = yield from fields(session, simple.words, self._output)
        try:
            streams = yield from self._redirected(redirections)
        except CannotOpen as problem:
            session.code = yield from self._cannot_open(problem, 1)
            if SPECIAL & set(words[:1]):
                raise Exit from None
            return session.code
        before = dict(session.variables), set(session.exported)
        yield from self._assign(simple.assignments, streams)
        if not words:
            session.code = self._substituted
        elif words == ["exec"]:
            session.streams, session.code = streams, 0
        else:
            session.exported |= {name for name, _ in simple.assignments}
            try:
                session.code = yield from sent(self._run(words), streams, session.place)
            finally:
                if simple.assignments and words[0] not in SPECIAL:
                    session.variables, session.exported = before
        return session.code

    def _assign(
        self, assignments: Sequence[tuple[str, Word]], streams: Mapping[int, Target]
    ) -> Steps:
        session = self.session
        before, session.streams = session.streams, streams
        try:
            for name, word in assignments:
                session.variables[name] = yield from text(session, word, self._output)
        finally:
            session.streams = before
        return session.code

    def _run(self, words: Sequence[str]) -> Steps:
        name, *arguments = words
        if name in BUILTINS:
            return BUILTINS[name](self.session, arguments)
        return self.session.start(words)

    def _redirected(
        self, redirections: Sequence[Redirection]
    ) -> Generator[Step, None, Mapping[int, Target]]:
        return (yield from redirected(self.session, redirections, self._output))

    def _broken(self, problem: BrokenScript) -> Steps:
        session = self.session
        streams = session.streams if problem.streams is None else problem.streams
        return sent(failing(2, session.complaint(str(problem))), streams, session.place)

    def _cannot_open(self, problem: CannotOpen, code: int) -> Steps:
        message = self.session.complaint(str(problem))
        return sent(failing(code, message), problem.streams, self.session.place)

    def _output(self, body: Body) -> Generator[Step, None, str]:
        """What commands print."""
        inner = self.session.copy()
        inner.place = evolve(inner.place, is_read=True)
        inner.streams = {**inner.streams, OUT: CAUGHT}
        printed, self._substituted = yield from captured(self._part(inner, body))
        return printed


def _is_subshell(content: object) -> bool:
    return isinstance(content, Group) and content.is_subshell
