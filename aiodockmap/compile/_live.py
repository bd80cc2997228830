"""Which keyword arguments can change a container that exists (KW-7)."""

from __future__ import annotations

from collections.abc import Mapping

from ..drift import LIMITS
from ..errors import OptionError, Problem
from ..options import OPTION_BY_NAME, Section, check_values, read_layers


def live_fields(keywords: Mapping[str, object]) -> frozenset[str]:
    """The fields that keyword arguments of `start` set: limits and the restart policy.

    Raises:
        OptionError: for all that are something else, or nothing at all.
    """
    problems: list[Problem] = []
    fields: set[str] = set()
    layers = read_layers(keywords, "", Section.CREATE, problems)
    check_values(layers, problems)
    for layer in layers:
        for keyword, place in layer.places.items():
            field = ".".join(OPTION_BY_NAME[keyword].path)
            if field in LIMITS:
                fields.add(field)
            else:
                message = "is fixed when a container is created"
                problems.append(
                    Problem(place, message, "write it into the map, or pass it to create()")
                )
    if problems:
        raise OptionError("\n".join(f"start(): {problem}" for problem in problems))
    return frozenset(fields)
