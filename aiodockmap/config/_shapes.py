"""The general rules of short forms (SHP-3 to SHP-10): how a list of value types may be written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Generic, TypeAlias, TypeVar

from attrs import field, frozen

from ..model import is_late
from ._frozen import field_values
from ._place import Place, kind_of

T = TypeVar("T")

Fields: TypeAlias = Mapping[str, object]
"""The fields of one entry by name, still raw."""
Positions: TypeAlias = tuple[object, ...]
"""The fields of one entry by position, still raw."""


class BadShapeError(ValueError):
    """The number or the order of an entry's parts means nothing."""


def _single_pair(key: object, value: object) -> Positions:
    return (key, value)


@frozen
class Shape(Generic[T]):
    """How one value type may be written."""

    fields: tuple[str, ...]
    """The names of all fields, as keys of a mapping."""
    types: tuple[type, ...]
    """Classes whose objects are entries already."""
    fields_of: Callable[[Positions], Fields]
    """Name the positions. Raises BadShapeError if there are too many, or they mean nothing."""
    build: Callable[[Fields, Place], T | None]
    """Make the entry; report what is wrong with its fields."""
    positions_of_pair: Callable[[object, object], Positions] = field(default=_single_pair)
    """Take an element `{key: value}` apart."""
    other_names: Mapping[str, str] = field(factory=dict)
    """Other names of fields."""


def read_entries(value: object, place: Place, shape: Shape[T]) -> tuple[T, ...]:
    """Read a list of entries in any of its forms (SHP-3): always a list in the end."""
    if value is None:
        return ()
    entries: Iterable[T | None]
    if isinstance(value, Mapping):
        entries = [
            _read_positions((key, entry), place.at(key), shape) for key, entry in value.items()
        ]
    elif _is_one(value, shape) or not isinstance(value, Iterable):
        entries = [read_entry(value, place, shape)]
    else:
        entries = [
            read_entry(element, place.index(index), shape) for index, element in enumerate(value)
        ]
    return tuple(entry for entry in entries if entry is not None)


def read_entry(value: object, place: Place, shape: Shape[T]) -> T | None:
    """Read one element of a list; None if it means nothing."""
    if isinstance(value, shape.types):
        return shape.build(field_values(value), place)
    if isinstance(value, Mapping):
        return _read_mapping(value, place, shape)
    if isinstance(value, list | tuple):
        return _read_positions(tuple(value), place, shape)
    if value is None or isinstance(value, bool | bytes | set | frozenset):
        place.report(f"this is to be an entry, not {kind_of(value)}")
        return None
    return _read_positions((value,), place, shape)


def _is_one(value: object, shape: Shape[T]) -> bool:
    return isinstance(value, (str, bytes, *shape.types)) or is_late(value)


def _read_mapping(value: Mapping[object, object], place: Place, shape: Shape[T]) -> T | None:
    if len(value) == 1:
        ((key, entry),) = value.items()
        if key not in shape.fields and key not in shape.other_names:
            return _read_pair(key, entry, place, shape)
    return _read_fields(value, place, shape)


def _read_pair(key: object, value: object, place: Place, shape: Shape[T]) -> T | None:
    try:
        positions = shape.positions_of_pair(key, value)
    except BadShapeError as wrong:
        place.report(str(wrong))
        return None
    return _read_positions(positions, place, shape)


def _read_fields(value: Mapping[object, object], place: Place, shape: Shape[T]) -> T | None:
    if not value:
        place.report("this entry is empty")
        return None
    named: dict[str, object] = {}
    known = len(place.problems)
    for key, entry in value.items():
        name = shape.other_names.get(str(key), str(key))
        if name not in shape.fields:
            place.report_unknown("field", key, shape.fields)
        elif name in named:
            place.at(key).report(f"the field '{name}' is given twice")
        else:
            named[name] = entry
    return shape.build(named, place) if len(place.problems) == known else None


def _read_positions(positions: Positions, place: Place, shape: Shape[T]) -> T | None:
    if len(positions) == 2 and isinstance(positions[1], Mapping):  # noqa: PLR2004 -- a pair
        return _read_fields({shape.fields[0]: positions[0], **positions[1]}, place, shape)
    try:
        named = shape.fields_of(positions)
    except BadShapeError as wrong:
        place.report(str(wrong))
        return None
    return shape.build(named, place)


def flattened(positions: Positions, allowed: range) -> Positions:
    """Unfold `(first, [second, third])`.

    Raises:
        BadShapeError: if the nested list has a length that is not allowed.

    """
    match positions:
        case (first, (list() | tuple()) as nested):
            if len(nested) not in allowed:
                raise BadShapeError(
                    f"the inner list has {len(nested)} entries;"
                    f" {allowed.start} to {allowed.stop - 1} are possible"
                )
            return (first, *nested)
        case _:
            return positions


def named_positions(positions: Positions, names: tuple[str, ...]) -> Fields:
    """Name positions in their order.

    Raises:
        BadShapeError: if there are none, or more than names.

    """
    if not 0 < len(positions) <= len(names):
        raise BadShapeError(
            f"this entry has {len(positions)} parts; 1 to {len(names)} are possible:"
            f" {', '.join(names)}"
        )
    return dict(zip(names, positions, strict=False))


READ_ONLY: Final = "ro"
READ_WRITE: Final = "rw"


def is_flag(value: object) -> bool:
    """Whether a value says read-only or not, where it could also be a path (SHP-10)."""
    if isinstance(value, str):
        return value in (READ_ONLY, READ_WRITE)
    return value is None or isinstance(value, int)


def readonly(value: object, place: Place) -> bool:
    """Read what says whether a mount is read-only (SHP-8, SHP-9)."""
    if is_late(value):  # and must not be compared
        place.report("whether a mount is read-only cannot be a late value")
        return False
    return bool(value) and value != READ_WRITE
