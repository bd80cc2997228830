"""Files of a container, as far as commands tell of them."""

from __future__ import annotations

from enum import Enum
from typing import Final

from attrs import define, field

from ._steps import Unclear

LONGEST: Final = 2**20
"""Characters of a file that are remembered."""

MOST_TEXT: Final = 2**24
"""Characters of all files of a container that are remembered."""
MOST: Final = 10_000
"""Files that are copied with their folders."""


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
    _length: int = 0
    """Of all of them."""

    def write(self, path: str, text: str | None) -> None:
        """Have a file; nobody knows what is in it if `text` is None."""
        self.kinds[path] = Kind.FILE
        self._keep(path, text)

    def _keep(self, path: str, text: str | None) -> None:
        self._length -= len(self.texts.pop(path, ""))
        if text is not None and self._length + len(text) <= MOST_TEXT:
            self.texts[path] = text
            self._length += len(text)

    def make_folder(self, path: str) -> None:
        """Have a folder."""
        self.kinds[path] = Kind.FOLDER

    def append(self, path: str, text: str) -> None:
        """Have more in a file."""
        is_known = path in self.texts or self.kinds.get(path, Kind.NOTHING) is not Kind.FILE
        whole = self.texts.get(path, "") + text
        self.write(path, whole if is_known and len(whole) <= LONGEST else None)

    def copy(self, source: str, target: str) -> None:
        """Have the same at another path, with all below it.

        Raises:
            Unclear: if that is more than is remembered.
        """
        below = [it for it in self.kinds if it.startswith(f"{source}/")]
        if len(self.kinds) + len(below) > MOST:
            raise Unclear("so many files")
        for path in (source, *below):
            end = target + path.removeprefix(source)
            self.kinds[end] = self.kinds.get(path, Kind.FILE)
            self._keep(end, self.texts.get(path))

    def has_below(self, folder: str) -> bool:
        """Whether there is something in a folder."""
        known = self.kinds.items()
        return any(
            path.startswith(f"{folder}/") and kind is not Kind.NOTHING for path, kind in known
        )

    def remove(self, path: str) -> None:
        """Have nothing at a path, and below it."""
        for known in [it for it in self.kinds if it == path or it.startswith(f"{path}/")]:
            del self.kinds[known]
            self._keep(known, None)
        self.kinds[path] = Kind.NOTHING
