"""Files of a container, as far as commands tell of them."""

from __future__ import annotations

from enum import Enum
from typing import Final

from attrs import define, field

LONGEST: Final = 2**20
"""Characters of a file that are remembered."""


class Kind(Enum):
    """What there is at a path."""

    FILE = "file"
    FOLDER = "folder"
    DEVICE = "device"
    NOTHING = "nothing"


@define(eq=False)
class Written:
    """What commands have changed, by absolute path."""

    kinds: dict[str, Kind] = field(factory=dict)
    texts: dict[str, str] = field(factory=dict)
    """What is in files, where that is known."""

    def write(self, path: str, text: str | None) -> None:
        """Have a file; nobody knows what is in it if `text` is None."""
        self.kinds[path] = Kind.FILE
        self.texts.pop(path, None)
        if text is not None:
            self.texts[path] = text

    def make_folder(self, path: str) -> None:
        """Have a folder."""
        self.kinds[path] = Kind.FOLDER

    def append(self, path: str, text: str) -> None:
        """Have more in a file."""
        is_known = path in self.texts or self.kinds.get(path, Kind.NOTHING) is not Kind.FILE
        whole = self.texts.get(path, "") + text
        self.write(path, whole if is_known and len(whole) <= LONGEST else None)

    def remove(self, path: str) -> None:
        """Have nothing at a path, and below it."""
        for known in [it for it in self.kinds if it == path or it.startswith(f"{path}/")]:
            del self.kinds[known]
            self.texts.pop(known, None)
        self.kinds[path] = Kind.NOTHING
