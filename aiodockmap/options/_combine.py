"""How two values of one option combine, before they are translated (KW-2 to KW-4).

The weaker value comes first. Neither is changed, and neither is null: null never overrides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias, cast

from ._network_forms import link_pairs

Combine: TypeAlias = Callable[[object, object], object]


def combined(weaker: object, stronger: object) -> object:
    """Append to lists what they lack, update mappings at their first level, replace all else."""
    if isinstance(weaker, list) and isinstance(stronger, list):
        result = list(weaker)
        for entry in stronger:
            if entry not in result:
                result.append(entry)
        return result
    if isinstance(weaker, Mapping) and isinstance(stronger, Mapping):
        return {**weaker, **stronger}
    return stronger


def replaced(weaker: object, stronger: object) -> object:  # noqa: ARG001 -- the shape of Combine
    """Take the stronger value: a command line has no parts that could combine (KW-3)."""
    return stronger


def combined_sources(weaker: object, stronger: object) -> object:
    """One entry per container, the stronger one, whatever the modes are (KW-4)."""
    by_container = {
        entry.partition(":")[0]: entry
        for entry in (*cast("list[str]", weaker), *cast("list[str]", stronger))
    }
    return list(by_container.values())


def combined_links(weaker: object, stronger: object) -> object:
    """One alias per container if either is a mapping; else all pairs that differ (KW-4)."""
    pairs = [*link_pairs(weaker), *link_pairs(stronger)]
    if isinstance(weaker, Mapping) or isinstance(stronger, Mapping):
        return dict(pairs)
    return [list(pair) for pair in dict.fromkeys(pairs)]


def combined_endpoints(weaker: object, stronger: object) -> object:
    """The networks of both; settings of the same network combine field by field."""
    result = dict(cast("Mapping[str, Mapping[str, object]]", weaker))
    for name, settings in cast("Mapping[str, Mapping[str, object]]", stronger).items():
        result[name] = {**result.get(name, {}), **settings}
    return result
