"""Late values become values here, and what their functions raise becomes a complaint (ERR-10)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from ..model import LazyOr, resolve, resolve_deep
from ._conversions import BadValue, Converter, part_of

T = TypeVar("T")


def evaluated(value: LazyOr[T]) -> T:
    """The value of a late value, and anything else unchanged.

    Raises:
        BadValue: if its function fails.
    """
    with _evaluating():
        return resolve(value)


def evaluated_deep(value: object) -> object:
    """The same, for everything inside of lists and mappings as well.

    Raises:
        BadValue: if a function fails.
    """
    with _evaluating():
        return resolve_deep(value)


def called(function: Callable[[], T]) -> T:
    """What a callable gives that stands for a value (OPT-7).

    Raises:
        BadValue: if it fails.
    """
    with _evaluating():
        return function()


def late_part_of(place: str, convert: Converter[T], value: object) -> T:
    """Evaluate and convert a part that may be late, or have late parts; complaints name the part."""
    return part_of(place, lambda late: convert(evaluated_deep(late)), value)


@contextmanager
def _evaluating() -> Iterator[None]:
    try:
        yield
    except Exception as failure:
        # Its own words may be secret; whoever catches the error finds them in its cause.
        message = f"evaluating it raised {type(failure).__name__}"
        raise BadValue(message, failure=failure) from failure
