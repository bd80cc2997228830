"""Mappings that nobody can change, and what is put into them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, TypeVar, cast, overload

import attrs

from ..model import did_you_mean

K = TypeVar("K")
T = TypeVar("T")
V = TypeVar("V")
V_co = TypeVar("V_co", covariant=True)


class FrozenMapping(Mapping[K, V_co], Generic[K, V_co]):
    """An immutable mapping in the order it was written in; its repr shows keys only.

    It equals every mapping with the same entries, whatever their order.
    """

    __slots__ = ("_entries",)

    _entries: dict[K, V_co]

    def __init__(self, entries: Mapping[K, V_co] | Iterable[tuple[K, V_co]] = ()) -> None:
        object.__setattr__(self, "_entries", dict(entries))

    def __getitem__(self, key: K) -> V_co:
        return self._entries[key]

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    @overload
    def get(self, key: K, /) -> V_co | None: ...
    @overload
    def get(self, key: K, default: T, /) -> V_co | T: ...
    def get(self, key: K, default: object = None, /) -> object:
        return self._entries.get(key, default)

    def __iter__(self) -> Iterator[K]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __hash__(self) -> int:
        return hash(frozenset(self.items()))

    def __repr__(self) -> str:
        return f"<{', '.join(str(key) for key in self)}>"

    def __reduce__(self) -> tuple[type[FrozenMapping[K, V_co]], tuple[dict[K, V_co]]]:
        return (type(self), (dict(self),))


class Entries(FrozenMapping[str, V_co]):
    """The entries of a section of a map: by item and by attribute (CFG-13).

    A missing entry is an error, which names the nearest one; `get` gives None instead. Nothing is
    created on access (unlike CFG-9), as nothing here can change. A name that is also a method of
    mappings, such as `items`, is reached by item only.
    """

    __slots__ = ()

    def __getitem__(self, key: str) -> V_co:
        try:
            return self._entries[key]
        except KeyError:
            hint = did_you_mean(key, self)
            raise KeyError(f"no entry '{key}'" + (f"; {hint}" if hint else "")) from None

    def __getattr__(self, name: str) -> V_co:
        if name.startswith("__") or name == "_entries":  # asked for before there are any
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError as missing:
            raise AttributeError(missing.args[0], name=name, obj=self) from None

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self})


def field_values(value: object) -> dict[str, object]:
    """The fields of an attrs object by name, in their order; not those of objects in them."""
    fields = attrs.fields(cast("type[attrs.AttrsInstance]", type(value)))
    return {field.name: getattr(value, field.name) for field in fields}


def freeze(value: object) -> object:
    """Copy plain data so that nobody can change it: mappings, lists, sets; all else as it is."""
    if isinstance(value, Mapping):
        return FrozenMapping((key, freeze(entry)) for key, entry in value.items())
    if isinstance(value, list | tuple):
        return tuple(freeze(entry) for entry in value)
    if isinstance(value, set):
        return frozenset(value)
    return value


def thaw(value: object) -> object:
    """Copy frozen data to dicts and lists."""
    if isinstance(value, Mapping):
        return {key: thaw(entry) for key, entry in value.items()}
    if isinstance(value, tuple | list):
        return [thaw(entry) for entry in value]
    return value
