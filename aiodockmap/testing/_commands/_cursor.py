"""Going through a script from its start to its end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from attrs import define

_BLANKS: Final = re.compile(r"(?:[ \t]|\\\n)+|(?<![^\s;&|()])#[^\n]*")
_OPERATOR: Final = re.compile(r"&&|\|\||;;|&>|[;&|()\n]")
_KEYWORD: Final = re.compile(r"([a-z]+|[{}!])(?=[\s;&|()<>]|$)")
_RESERVED: Final = re.compile(r"!|case|do|done|elif|else|esac|fi|for|if|in|then|until|while|[{}]")


class BrokenScript(Exception):
    """A shell refuses to go on with that, and says why."""

    streams: Mapping[int, int | str] | None = None
    """Where streams went by then, if it was followed already."""


@define(eq=False)
class Cursor:
    """Where one is in a script."""

    text: str
    position: int = 0

    def is_at_end(self) -> bool:
        """Whether nothing but blanks and empty lines is left."""
        self.skip_lines()
        return self.position == len(self.text)

    def skip(self) -> None:
        """Go on over blanks and comments."""
        while found := _BLANKS.match(self.text, self.position):
            self.position = found.end()

    def skip_lines(self) -> None:
        """Go on over blanks, comments and ends of lines."""
        self.skip()
        while self.take("\n"):
            self.skip()

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What stands here, if it is like that."""
        return pattern.match(self.text, self.position)

    def operator(self) -> str:
        """The operator that stands here, if any."""
        self.skip()
        found = self.match(_OPERATOR)
        return found[0] if found else ""

    def take(self, wanted: str) -> bool:
        """Go on over something, if it stands here."""
        is_there = self.text.startswith(wanted, self.position)
        if is_there:
            self.position += len(wanted)
        return is_there

    def keyword(self) -> str:
        """The word that stands here, if it may be a keyword."""
        self.skip()
        found = self.match(_KEYWORD)
        return found[0] if found else ""

    def unexpected(self, wanted: str = "") -> BrokenScript:
        """What a shell says of what stands here."""
        word = self.keyword()
        shown = self.operator() or (word if _RESERVED.fullmatch(word) else "")
        if self.position == len(self.text):
            shown = "end of file"
        elif shown == "\n":
            shown = "newline"
        else:
            shown = f'"{shown or "word"}"' if shown else "word"
        expecting = f' (expecting "{wanted}")' if wanted else ""
        return BrokenScript(f"syntax error: unexpected {shown}{expecting}")
