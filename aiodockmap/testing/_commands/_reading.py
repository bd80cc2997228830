"""Reading scripts as `sh` does, line by line.

What is not read here (`case`, functions, patterns, here-documents) ends the reading with
something `Unknown`, so that what stands before it can be followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from attrs import evolve

from ._cursor import BrokenScript, Cursor
from ._scripts import (
    Arithmetic,
    Body,
    Command,
    For,
    Group,
    If,
    Loop,
    Piece,
    Pipe,
    Redirection,
    Simple,
    Statement,
    Substitution,
    Text,
    Unknown,
    Variable,
    Word,
)
from ._steps import Unclear

_REDIRECTION: Final = re.compile(r"([0-9]?)(>>|>&|>\||>|<<-?|<&|<>|<)")
_ASSIGNMENT: Final = re.compile(r"([A-Za-z_]\w*)=", re.ASCII)
_FUNCTION: Final = re.compile(r"[A-Za-z_]\w*[ \t]*\([ \t]*\)")
_NAME: Final = re.compile(r"[A-Za-z_]\w*|[0-9?$!#@*]", re.ASCII)
_BRACED: Final = re.compile(r"\{([A-Za-z_]\w*|[0-9?$!#@*])(:?[-=+])?", re.ASCII)
_PLAIN: Final = re.compile(r"[^\s;&|()<>'\"\\$`]+")
_WITHIN_QUOTES: Final = re.compile(r'[^"\\$`]+')
_CALCULATED: Final = re.compile(r"[\w \t+*/%<>=!(-]+", re.ASCII)
_REPLACEMENT: Final = re.compile(r"[^}'\"\\$`*?\[]*(?=\})")
_EMPTY: Final = re.compile(r"[\s;&|)]|$")
_PATTERN: Final = re.compile(r"[*?]|\[.*\]")
_ENDS: Final = frozenset({"then", "elif", "else", "fi", "do", "done", "}", "esac"})
_UNREAD: Final = frozenset({"case", "function"})


def lines_of(text: str) -> Iterator[Body]:
    """Read a script line by line, as commands are run before the next line is looked at.

    Raises:
        BrokenScript: at a line that a shell refuses.
    """
    reader = _Reader(text)
    while not reader.is_at_end():
        yield reader.line()


class _Reader(Cursor):
    """What reads a script."""

    # Statements

    def line(self) -> Body:
        """Read to the end of a line, or to what is not understood."""
        statements: list[Statement] = []
        self.skip_lines()
        while self.position < len(self.text) and not self.take("\n"):
            try:
                statements.append(self.statement())
            except Unclear as problem:
                statements.append(Statement(Command(Unknown(str(problem)))))
                self.position = len(self.text)
            self.skip()
        return tuple(statements)

    def body(self, *ends: str) -> Body:
        """Read statements up to a keyword, or up to `)`."""
        statements: list[Statement] = []
        while True:
            self.skip_lines()
            if ")" in ends and self.operator() == ")":
                return tuple(statements)
            if self.keyword() in ends:
                if not statements:
                    raise self.unexpected()
                return tuple(statements)
            if self.position == len(self.text):
                raise self.unexpected(ends[0])
            if statements and (self.keyword() in _ENDS or self.operator() == ")"):
                raise self.unexpected(ends[0])
            statements.append(self.statement(ends[0]))

    def statement(self, wanted: str = "") -> Statement:
        """Read commands up to a separator; `wanted` is what is missed otherwise."""
        first = self.pipeline()
        rest: list[tuple[str, Command]] = []
        while (operator := self.operator()) in ("&&", "||"):
            self.take(operator)
            self.skip_lines()
            rest.append((operator, self.pipeline()))
        if operator == "&>":
            raise Unclear("`&>`")
        is_over = self.position == len(self.text)
        last = rest[-1][1] if rest else first
        is_closed = not isinstance(last.content, Simple | Pipe) and self.keyword() in _ENDS
        if operator == ";;" or (operator in ("", "(") and not (is_over or is_closed)):
            raise self.unexpected(wanted)
        if operator in (";", "&"):
            self.take(operator)
        return Statement(first, tuple(rest), is_background=operator == "&")

    def pipeline(self) -> Command:
        """Read commands with `|` between them."""
        is_negated = False
        while self.keyword() == "!":
            self.take("!")
            is_negated = not is_negated
        commands = [self.command()]
        while self.operator() == "|":
            self.take("|")
            self.skip_lines()
            commands.append(self.command())
        if len(commands) > 1:
            return Command(Pipe(tuple(commands)), is_negated=is_negated)
        return evolve(commands[0], is_negated=is_negated)

    def command(self) -> Command:
        """Read one command."""
        content = self.compound()
        if content is None:
            return self.simple()
        redirections: list[Redirection] = []
        while (found := self.redirection()) is not None:
            redirections.append(found)
        return Command(content, tuple(redirections))

    def compound(self) -> Group | If | Loop | For | None:
        """Read a command that consists of others, if one stands here."""
        keyword = self.keyword()
        if keyword in _UNREAD or self.match(_FUNCTION):
            raise Unclear(f"`{keyword}`" if keyword in _UNREAD else "a function")
        if self.text.startswith("((", self.position):
            raise Unclear("`((`")
        if keyword in _ENDS or (self.operator() and not self.text.startswith("(", self.position)):
            raise self.unexpected()
        if self.take("("):
            body = self.body(")")
            if not body:
                raise self.unexpected()
            self.take(")")
            return Group(body, is_subshell=True)
        match keyword:
            case "{":
                self.take("{")
                return Group(self.closed("}"), is_subshell=False)
            case "while" | "until":
                self.take(keyword)
                condition = self.closed("do")
                return Loop(condition, self.closed("done"), is_until=keyword == "until")
            case "if":
                return self.conditions()
            case "for":
                return self.each()
            case _:
                return None

    def closed(self, end: str) -> Body:
        """Read statements, and what ends them."""
        body = self.body(end)
        self.take(end)
        return body

    def conditions(self) -> If:
        """Read all of an `if`."""
        branches: list[tuple[Body, Body]] = []
        keyword = "if"
        while keyword in ("if", "elif"):
            self.take(keyword)
            condition = self.closed("then")
            branches.append((condition, self.body("fi", "elif", "else")))
            keyword = self.keyword()
        self.take(keyword)
        return If(tuple(branches), self.closed("fi") if keyword == "else" else ())

    def each(self) -> For:
        """Read all of a `for`."""
        self.take("for")
        self.skip()
        name = self.match(_NAME)
        if name is None:
            raise BrokenScript("syntax error: bad for loop variable")
        self.position = name.end()
        self.skip_lines()
        words: list[Word] | None = None
        if self.keyword() == "in":
            self.take("in")
            words = []
            while (word := self.word()) is not None:
                words.append(word)
        if self.operator() == ";":
            self.take(";")
        self.skip_lines()
        if self.keyword() != "do":
            raise self.unexpected("do")
        self.take("do")
        return For(name[0], None if words is None else tuple(words), self.closed("done"))

    def simple(self) -> Command:
        """Read assignments, words and redirections in any order."""
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirections: list[Redirection] = []
        line = self.text.count("\n", 0, self.position)
        while True:
            self.skip()
            if (redirection := self.redirection()) is not None:
                redirections.append(redirection)
            elif not words and (name := self.match(_ASSIGNMENT)):
                self.position = name.end()
                while self.take("\\\n"):
                    pass
                is_empty = self.match(_EMPTY)
                assignments.append((name[1], () if is_empty else self.word() or ()))
            elif (word := self.word()) is not None:
                words.append(word)
            else:
                break
        if not (assignments or words or redirections):
            raise self.unexpected()
        return Command(Simple(tuple(assignments), tuple(words), line), tuple(redirections))

    def redirection(self) -> Redirection | None:
        """Read where a stream goes to, if that stands here."""
        self.skip()
        found = self.match(_REDIRECTION)
        if found is None:
            return None
        if found[2].startswith("<<"):
            raise Unclear(f"`{found[2]}`")
        self.position = found.end()
        target = self.word()
        if target is None:
            raise self.unexpected()
        default = 0 if found[2].startswith("<") else 1
        return Redirection(int(found[1] or default), found[2], target)

    # Words

    def word(self) -> Word | None:
        """Read a word, if one stands here."""
        self.skip()
        pieces: list[Piece] = []
        while self.position < len(self.text):
            if plain := self.match(_PLAIN):
                pieces.append(self.plain(plain, is_first=not pieces))
            elif self.take("'"):
                pieces.append(Text(self.up_to("'"), is_quoted=True))
            elif self.take('"'):
                pieces += self.quoted()
            elif self.take("\\\n"):
                pass
            elif self.take("\\"):
                pieces.append(Text(self.text[self.position : self.position + 1], is_quoted=True))
                self.position += 1
            elif self.take("$"):
                pieces.append(self.expansion(is_quoted=False))
            elif self.take("`"):
                raise Unclear("a command in backquotes")
            else:
                break
        return tuple(pieces) or None

    def plain(self, found: re.Match[str], *, is_first: bool) -> Text:
        """Read what stands for itself."""
        if _PATTERN.search(found[0]):
            raise Unclear("a pattern for names of files")
        if is_first and found[0].startswith("~"):
            raise Unclear("`~`")
        self.position = found.end()
        return Text(found[0])

    def up_to(self, end: str) -> str:
        """Read everything up to something, and that."""
        start = self.position
        self.position = self.text.find(end, start) + 1
        if not self.position:
            raise BrokenScript("syntax error: unterminated quoted string")
        return self.text[start : self.position - 1]

    def quoted(self) -> Word:
        """Read what stands in double quotes, after the first one."""
        pieces: list[Piece] = [Text("", is_quoted=True)]
        while not self.take('"'):
            if plain := self.match(_WITHIN_QUOTES):
                self.position = plain.end()
                pieces.append(Text(plain[0], is_quoted=True))
            elif self.take("\\\n"):
                pass
            elif self.take("\\"):
                escaped = self.text[self.position : self.position + 1]
                self.position += 1
                text = escaped if escaped in '$`"\\' else f"\\{escaped}"
                pieces.append(Text(text, is_quoted=True))
            elif self.take("$"):
                pieces.append(self.expansion(is_quoted=True))
            elif self.take("`"):
                raise Unclear("a command in backquotes")
            else:
                raise BrokenScript("syntax error: unterminated quoted string")
        return tuple(pieces)

    def expansion(self, *, is_quoted: bool) -> Piece:
        """Read what stands after a `$`."""
        if self.take("(("):
            return Arithmetic(self.calculation(), is_quoted)
        if self.take("("):
            return Substitution(self.closed(")"), is_quoted)
        if name := self.match(_NAME):
            self.position = name.end()
            return Variable(name[0], is_quoted)
        if self.text.startswith("-", self.position):
            raise Unclear("`$-`")
        if not self.text.startswith("{", self.position):
            return Text("$", is_quoted)
        found = self.match(_BRACED)
        if found is None:
            raise Unclear("a changed variable")
        self.position = found.end()
        other: Word = ()
        if found[2]:
            other = self.replacement()
        if not self.take("}"):
            raise Unclear("a changed variable")
        return Variable(found[1], is_quoted, found[2] or "", other)

    def calculation(self) -> Word:
        """Read what stands in `((` and `))`."""
        pieces: list[Piece] = []
        depth = 0
        while depth or not self.take("))"):
            if found := self.match(_CALCULATED):
                self.position = found.end()
                pieces.append(Text(found[0]))
                depth += found[0].count("(")
            elif depth and self.take(")"):
                pieces.append(Text(")"))
                depth -= 1
            elif self.take("$"):
                pieces.append(self.expansion(is_quoted=True))
            else:
                raise Unclear("arithmetic")
        return tuple(pieces)

    def replacement(self) -> Word:
        """Read what stands for a variable that is not there, up to the `}`."""
        if found := self.match(_REPLACEMENT):
            self.position = found.end()
            return (Text(found[0]),)
        if self.take('"'):
            return self.quoted()
        if self.take("$"):
            return (self.expansion(is_quoted=False),)
        raise Unclear("a changed variable")
