"""Where in a document something stands, so that all its problems can be told at once."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve, field, frozen

from ..errors import Problem
from ..model import did_you_mean, step_to


@frozen
class Place:
    """A place in a document, and the list that all its problems go to."""

    path: str = "$"
    problems: list[Problem] = field(factory=list)

    def at(self, key: object) -> Place:
        """The place of the entry of a mapping: `.web`, or `['app.one']` where that is clearer."""
        return Place(self.path + step_to(key), self.problems)

    def index(self, index: int) -> Place:
        """The place of an element of a list: `[1]`."""
        return Place(f"{self.path}[{index}]", self.problems)

    def report(self, message: str, hint: str | None = None) -> None:
        """Note a problem of this place."""
        self.problems.append(Problem(self.path, message, hint))

    def report_unknown(self, what: str, name: object, known: Iterable[str]) -> None:
        """Note that a key of the mapping at this place is not known, with the nearest one that is."""
        known = tuple(known)
        hint = did_you_mean(name, known) or f"known are {', '.join(sorted(known))}"
        self.at(name).report(f"unknown {what} '{name}'", hint)


def below(place: Place, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems of a part, which count from `$`, as problems of the whole."""
    return tuple(
        evolve(problem, path=place.path + problem.path.removeprefix("$")) for problem in problems
    )


def kind_of(value: object) -> str:
    """What a value is, without showing it: values may be secret."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "a truth value"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list() | tuple():
            return "a list"
        case dict():
            return "a mapping"
        case _:
            return f"an object of type {type(value).__name__}"
