"""Walking graphs without recursion: a chain of thousands is a legal map."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Node = TypeVar("Node")


def post_order(
    roots: Iterable[Node], successors: Callable[[Node], Iterable[Node]]
) -> tuple[Node, ...]:
    """The roots and all that they reach, each once and after its successors.

    Edges that close a circle are ignored.
    """
    done: dict[Node, None] = {}
    entered: set[Node] = set()
    for root in roots:
        if root in entered:
            continue
        entered.add(root)
        stack: list[tuple[Node, Iterator[Node]]] = [(root, iter(successors(root)))]
        while stack:
            node, remaining = stack[-1]
            following = next((each for each in remaining if each not in entered), None)
            if following is None:
                done[node] = None
                stack.pop()
            else:
                entered.add(following)
                stack.append((following, iter(successors(following))))
    return tuple(done)
