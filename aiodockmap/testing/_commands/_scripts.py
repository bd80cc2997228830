"""What a script consists of, once it is read."""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen


@frozen
class Text:
    """A piece of a word as it is written."""

    text: str
    is_quoted: bool = False


@frozen
class Variable:
    """A piece of a word that is the value of a variable, or what stands for it."""

    name: str
    is_quoted: bool = False
    operator: str = ""
    """As in `${name:-other}`."""
    other: Word = ()


@frozen
class Substitution:
    """A piece of a word that is what commands print."""

    body: Body
    is_quoted: bool = False


@frozen
class Arithmetic:
    """A piece of a word that is calculated."""

    written: Word
    is_quoted: bool = False


Piece: TypeAlias = Text | Variable | Substitution | Arithmetic
Word: TypeAlias = tuple[Piece, ...]


@frozen
class Redirection:
    """Where a stream goes to."""

    stream: int
    operator: str
    target: Word


@frozen
class Simple:
    """A command of words."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    line: int
    """How many lines are before it."""


@frozen
class Group:
    """Commands in `{}` or `()`."""

    body: Body
    is_subshell: bool


@frozen
class If:
    """Conditions, and what is done if one holds."""

    branches: tuple[tuple[Body, Body], ...]
    otherwise: Body = ()


@frozen
class Loop:
    """`while` or `until`."""

    condition: Body
    body: Body
    is_until: bool


@frozen
class For:
    """A loop over words; without any, over the arguments."""

    name: str
    words: tuple[Word, ...] | None
    body: Body


@frozen
class Pipe:
    """Commands of which each reads what the one before it prints."""

    commands: tuple[Command, ...]


@frozen
class Unknown:
    """Something that is not read, and all after it."""

    about: str


@frozen
class Command:
    """One command, where its streams go, and whether its status is turned around."""

    content: Simple | Group | If | Loop | For | Pipe | Unknown
    redirections: tuple[Redirection, ...] = ()
    is_negated: bool = False


@frozen
class Statement:
    """Commands with `&&` and `||` between them."""

    first: Command
    rest: tuple[tuple[str, Command], ...] = ()
    is_background: bool = False


Body: TypeAlias = tuple[Statement, ...]
