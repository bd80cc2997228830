"""Late values become values here, and what their functions raise becomes a complaint (ERR-10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..model import LazyOr, resolve, resolve_deep
from ._conversions import BadValue, Converter, part_of

T = TypeVar("T")


def evaluated(value: LazyOr[T]) -> T:
    """The value of a late value, and anything else unchanged.

    Raises:
        BadValue: if its function fails.
    """
    try:
        return resolve(value)
    except Exception as failure:
        raise _failed(failure) from failure


def evaluated_deep(value: object) -> object:
    """The same, for everything inside of lists and mappings as well.

    Raises:
        BadValue: if a function fails.
    """
    try:
        return resolve_deep(value)
    except Exception as failure:
        raise _failed(failure) from failure


def called(function: Callable[[], T]) -> T:
    """What a callable gives that stands for a value (OPT-7).

    Raises:
        BadValue: if it fails.
    """
    try:
        return function()
    except Exception as failure:
        raise _failed(failure) from failure


def late_part_of(place: str, convert: Converter[T], value: object) -> T:
    """Evaluate and convert a part that may be late, or have late parts; complaints name the part."""
    return part_of(place, lambda late: convert(evaluated_deep(late)), value)


def _failed(failure: Exception) -> BadValue:
    # Its own words may be secret; whoever catches the error finds them in its cause.
    return BadValue(f"evaluating it raised {type(failure).__name__}", failure=failure)
