"""What somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_ENOUGH_ALIKE = 0.6
_TOO_MANY = 200
"""Names to compare with; of more, only those that begin alike."""
_FEW = 6


def nearest(name: object, known: Iterable[str]) -> str | None:
    """The known name that is most like `name`; None if none is alike."""
    by_folded = {candidate.casefold(): candidate for candidate in sorted(known, reverse=True)}
    wanted = str(name).casefold()
    candidates = sorted(by_folded)
    if len(candidates) > _TOO_MANY:
        # Comparing costs; a map of thousands may have a thousand mistakes.
        candidates = [each for each in candidates if each[:2] == wanted[:2]][:_TOO_MANY]
    found = get_close_matches(wanted, candidates, n=1, cutoff=_ENOUGH_ALIKE)
    return by_folded[found[0]] if found else None


def did_you_mean(name: object, known: Iterable[str]) -> str | None:
    """The hint of a `Problem` about an unknown name, if any is near: `did you mean 'exposes'?`."""
    found = nearest(name, known)
    return None if found is None else f"did you mean '{found}'?"


def hint_in_style(name: str, known: Iterable[str]) -> str | None:
    """The nearest known name, preferably in the spelling (docker-py's, the engine's) of `name`."""
    names = tuple(known)
    same_style = [each for each in names if each[:1].isupper() == name[:1].isupper()]
    return did_you_mean(name, same_style) or did_you_mean(name, names)


def suggest(name: object, known: Iterable[str]) -> str | None:
    """The nearest name, or all of them if none is near and they are few: `there are 'app', 'web'`."""
    names = tuple(dict.fromkeys(known))
    found = did_you_mean(name, names)
    if found is not None or not 1 < len(names) <= _FEW:
        return found
    return f"there are {', '.join(map(repr, names))}"
