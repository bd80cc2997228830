"""Finding circles among names, without recursion: a chain of thousands is a legal map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

_SHOWN_ENDS: Final = 5


def find_cycles(graph: Mapping[str, Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Circles of the graph, each from its first name in alphabetical order on.

    Every name that lies on a circle is on one of the reported ones, or on a circle with one of them.
    """
    cycles: list[tuple[str, ...]] = []
    reported: set[str] = set()
    finished: set[str] = set()
    for root in graph:
        if root in finished:
            continue
        path: dict[str, Iterator[str]] = {root: iter(graph[root])}
        while path:
            node = next(reversed(path))
            following = next((each for each in path[node] if each not in finished), None)
            if following is None:
                finished.add(node)
                del path[node]
            elif following in path:
                names = list(path)
                cycle = names[names.index(following) :]
                if reported.isdisjoint(cycle):
                    reported.update(cycle)
                    first = cycle.index(min(cycle))
                    cycles.append((*cycle[first:], *cycle[:first]))
            elif following in graph:
                path[following] = iter(graph[following])
    return tuple(cycles)


def describe_cycle(cycle: Sequence[str]) -> str:
    """A circle for people: `a -> b -> a`, with the middle of a long one left out."""
    shown = [*cycle, cycle[0]]
    if len(shown) > 2 * _SHOWN_ENDS + 1:
        left_out = len(shown) - 2 * _SHOWN_ENDS
        shown[_SHOWN_ENDS:-_SHOWN_ENDS] = [f"({left_out} more)"]
    return " -> ".join(shown)
