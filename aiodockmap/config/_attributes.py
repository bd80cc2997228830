"""What an attribute of a configuration can do: be read, be merged, be written to a dict.

The configurations are attrs classes; each field carries its `Attribute` as metadata, so that a new
attribute is one field and nothing else.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from enum import Enum
from functools import cache
from typing import Final, TypeAlias, TypeVar, cast

import attrs
from attrs import frozen

from ..errors import MapError
from ..model import UNSET, did_you_mean, is_late, nearest
from ._frozen import FrozenMapping, field_values, thaw
from ._options import Options, merged_options
from ._place import Place

_Mapping: TypeAlias = Mapping[str, object]

T = TypeVar("T")
C = TypeVar("C", bound=attrs.AttrsInstance)

_KEY: Final = "aiodockmap"
_WORD: Final = re.compile(r"\w+")
_log: Final = logging.getLogger("aiodockmap")


class Merge(Enum):
    """How the value of a derived configuration combines with the inherited one (CFG-100 to 108)."""

    NEVER = "never inherited"
    REPLACE = "replace"
    UNION = "union"
    """In order, equal entries once, the base's first."""
    KEY = "key"
    """Entries with the same first field are replaced in place, others appended."""
    SHALLOW = "shallow"
    """The first level of keys is updated."""
    OPTIONS = "options"
    """The same for options of containers, which have several names."""


@frozen(kw_only=True)
class Attribute:
    """One attribute of a configuration."""

    read: Callable[[object, Place], object]
    """Take any accepted form to the normal one; reports problems, never raises."""
    merge: Merge
    write: Callable[[object], object] = thaw
    """Make plain data of the normal form (LOAD-6)."""


def attribute(
    read: Callable[[object, Place], object],
    merge: Merge,
    write: Callable[[object], object] = thaw,
) -> dict[str, object]:
    """The metadata of a field that is an attribute."""
    return {_KEY: Attribute(read=read, merge=merge, write=write)}


@cache
def attributes_of(configuration: type[attrs.AttrsInstance]) -> Mapping[str, Attribute]:
    """The attributes of a class of configurations by their names."""
    return {
        cast("str", field.alias): cast("Attribute", field.metadata[_KEY])
        for field in attrs.fields(configuration)
    }


@cache
def _defaults_of(configuration: type[attrs.AttrsInstance]) -> Mapping[str, object]:
    return {cast("str", field.alias): field.default for field in attrs.fields(configuration)}


def read_attributes(
    configuration: type[attrs.AttrsInstance],
    given: Mapping[str, object],
    place: Place,
    written_as: Mapping[str, str] | None = None,
) -> dict[str, object]:
    """The normal forms of all attributes of a class, of which some are given in any form.

    `written_as` has the keys of the document where they are not the names of attributes.
    """
    values = dict(_defaults_of(configuration))
    for name, rule in attributes_of(configuration).items():
        value = given.get(name, UNSET)
        if value is not UNSET:
            values[name] = rule.read(value, place.at((written_as or {}).get(name, name)))
    return values


def initialise(configuration: attrs.AttrsInstance, what: str, given: Mapping[str, object]) -> None:
    """Be the constructor of a configuration.

    Raises:
        MapError: with all problems of the given values.

    """
    place = Place()
    values = read_attributes(type(configuration), given, place)
    if place.problems:
        raise MapError(what, place.problems)
    cast("_Initialisable", configuration).__attrs_init__(**values)


class _Initialisable:
    """What attrs adds to a class with a constructor of its own."""

    def __attrs_init__(self, **values: object) -> None: ...


def read_configuration(
    configuration: type[C],
    given: Mapping[object, object],
    place: Place,
    other_names: Mapping[str, str] | None = None,
    elsewhere: Callable[[str], str | None] = lambda _: None,
) -> C:
    """Read a configuration from a mapping, unknown keys being problems of their own (Q-4).

    What is wrong is reported and left out. An unknown key that is near a known one counts as that one
    afterwards, so that what depends on it gives no further problems; `elsewhere` says of those that are no
    misspellings where they go instead.
    """
    known = attributes_of(configuration)
    named: dict[str, object] = {}
    written_as: dict[str, str] = {}
    for key, value in given.items():
        name = (other_names or {}).get(str(key), str(key))
        if name in known and name not in named:
            named[name], written_as[name] = value, str(key)
        elif name in known:
            place.at(key).report(f"'{name}' is given twice, in two spellings")
    for key, value in given.items():
        if str(key) in known or str(key) in (other_names or {}):
            continue
        if value is None and not _WORD.fullmatch(str(key)):
            # YAML ends a text without quotes at a comma inside braces: {permissions: u=rw,go=}. Maps
            # with that mistake loaded for years.
            _log.warning("%s: '%s' is ignored; put texts with commas in quotes", place.path, key)
        else:
            hint = elsewhere(str(key))
            place.at(key).report(f"unknown attribute '{key}'", hint or did_you_mean(key, known))
            meant = nearest(key, known) if hint is None else None
            if meant is not None and meant not in named:
                named[meant], written_as[meant] = value, str(key)
    values = read_attributes(configuration, named, place, written_as)
    made = configuration.__new__(configuration)
    cast("_Initialisable", made).__attrs_init__(**values)
    return made


def as_dict(configuration: attrs.AttrsInstance) -> dict[str, object]:
    """The attributes that are set, as plain data (LOAD-6)."""
    written: dict[str, object] = {}
    defaults = _defaults_of(type(configuration))
    for field in attrs.fields(type(configuration)):
        name = cast("str", field.alias)
        value = getattr(configuration, field.name)
        if value is UNSET or (not is_late(value) and value == defaults[name]):
            continue
        written[name] = attributes_of(type(configuration))[name].write(value)
    return written


def merged(base: C, derived: C, rules: Iterable[Merge] = tuple(Merge)) -> C:
    """The base with what the derived configuration sets, by the rule of each attribute.

    Attributes whose rule is not among `rules`, or is `NEVER`, are those of the base.
    """
    rules = frozenset(rules)
    changes: dict[str, object] = {}
    for field in attrs.fields(type(base)):
        name = cast("str", field.alias)
        rule = attributes_of(type(base))[name].merge
        value = getattr(derived, field.name)
        if rule in rules and value is not UNSET and not (isinstance(value, tuple) and not value):
            inherited = getattr(base, field.name)
            changes[name] = _combined(rule, inherited, value)
    return evolved(base, **changes)


def evolved(configuration: C, **changes: object) -> C:
    """Like `attrs.evolve`, without reading again what is in normal form already."""
    made = type(configuration).__new__(type(configuration))
    values = {
        cast("str", field.alias): getattr(configuration, field.name)
        for field in attrs.fields(type(configuration))
    }
    cast("_Initialisable", made).__attrs_init__(**{**values, **changes})
    return made


def _combined(rule: Merge, inherited: object, value: object) -> object:
    match rule:
        case Merge.NEVER:
            return inherited
        case Merge.REPLACE:
            return value
        case Merge.SHALLOW:
            return FrozenMapping({**cast("_Mapping", inherited), **cast("_Mapping", value)})
        case Merge.OPTIONS:
            return merged_options(cast("Options", inherited), cast("Options", value))
        case Merge.UNION:
            return union(cast("tuple[object, ...]", inherited), cast("tuple[object, ...]", value))
        case Merge.KEY:
            return replaced_by_key(
                cast("tuple[object, ...]", inherited), cast("tuple[object, ...]", value)
            )


def union(first: tuple[T, ...], second: tuple[T, ...]) -> tuple[T, ...]:
    """All entries in order, equal ones once (CFG-103, CFG-104)."""
    by_identity: dict[Hashable, T] = {}
    for entry in (*first, *second):
        by_identity.setdefault(_identity(entry), entry)
    return tuple(by_identity.values())


def replaced_by_key(base: tuple[T, ...], derived: tuple[T, ...]) -> tuple[T, ...]:
    """The base's entries, those with a first field that the derived have too replaced (CFG-106)."""
    keys = [_first_field(entry) for entry in derived]
    by_key: dict[Hashable, list[T]] = {}
    for key, entry in zip(keys, derived, strict=True):
        by_key.setdefault(key, []).append(entry)
    entries: list[T] = []
    placed: set[Hashable] = set()
    for entry in base:
        key = _first_field(entry)
        if key not in by_key:
            entries.append(entry)
        elif key not in placed:
            placed.add(key)
            entries += by_key[key]
    entries += [entry for key, entry in zip(keys, derived, strict=True) if key not in placed]
    return tuple(entries)


def _first_field(entry: object) -> Hashable:
    if attrs.has(type(entry)):
        return _identity(next(iter(field_values(entry).values())))
    return _identity(entry)


def _identity(value: object) -> Hashable:
    """Something that is equal for equal values, with late ones being equal to themselves only.

    Comparing late values would evaluate them.
    """
    if is_late(value):
        return ("late", id(value))
    if isinstance(value, tuple | list):
        return tuple(_identity(entry) for entry in value)
    if attrs.has(type(value)):
        return (type(value), *(_identity(entry) for entry in field_values(value).values()))
    return value
