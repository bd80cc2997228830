"""What can be told of options before they are used: nothing late is evaluated (OPT-4)."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import Problem
from ._conversions import BadValue, Converter, is_plain
from ._layers import Section, check_values, read_layers
from ._table import NESTED_OPTIONS


def container_problems(
    given: Mapping[str, object], place: str, section: Section
) -> tuple[Problem, ...]:
    """What is wrong with `create_options` or `host_config`, as they are written in one place."""
    problems: list[Problem] = []
    check_values(read_layers(_known(given), place, section, problems), problems)
    return tuple(problems)


def _known(given: Mapping[str, object]) -> dict[str, object]:
    """The options, with nothing in place of values that are not known yet."""
    return {
        name: _known(value)
        if name in NESTED_OPTIONS and isinstance(value, Mapping)
        else value
        if is_plain(value)
        else None
        for name, value in given.items()
    }


def record_problems(
    given: Mapping[str, object], place: str, convert: Converter[object]
) -> tuple[Problem, ...]:
    """What is wrong with the options of a volume or network, or with those of its driver."""
    try:
        convert(_known(given))
    except BadValue as problem:
        return problem.at(place)
    return ()
