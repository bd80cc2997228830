"""Late values: known when they are used, not when the map is written (LAZY).

A late value is a `Lazy` wrapper around a callable, or an object of a type that was registered with
`register_type`. Reading, merging and checking a map evaluates none; compiling it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Generic, ParamSpec, TypeAlias, TypeVar, cast

T = TypeVar("T")
P = ParamSpec("P")

_DEFAULT_DEPTH = 5


class Lazy(Generic[T]):
    """A value that is evaluated at every access (LAZY-1).

    Access means calling it, reading `value`, `str()`, `==`, `in`, iteration, hashing and pickling;
    `repr` shows the callable only, since arguments and value may be secret.
    """

    __slots__ = ("_evaluate",)

    def __init__(self, function: Callable[P, T], /, *args: P.args, **keywords: P.kwargs) -> None:
        if not callable(function):
            raise ValueError(f"a late value needs a callable, not {type(function).__name__}")  # noqa: TRY004 -- ValueErrors throughout
        self._evaluate: Callable[[], T] = partial(function, *args, **keywords)

    @property
    def value(self) -> T:
        """The value, evaluated now."""
        return self._evaluate()

    def __call__(self) -> T:
        return self.value

    def __str__(self) -> str:
        return str(self.value)

    def __eq__(self, other: object) -> bool:
        return bool(self.value == (other.value if isinstance(other, Lazy) else other))

    def __hash__(self) -> int:
        return hash(self.value)

    def __contains__(self, element: object) -> bool:
        return element in cast("Mapping[object, object]", self.value)

    def __iter__(self) -> Iterator[object]:
        return iter(cast("Mapping[object, object]", self.value))

    def __repr__(self) -> str:
        function = getattr(self._evaluate, "func", self._evaluate)
        return (
            f"<{type(self).__name__} {getattr(function, '__qualname__', type(function).__name__)}>"
        )

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return (_unpickled, (type(self), self.value))


class LazyOnce(Lazy[T]):
    """A value that is evaluated at its first access and kept, even if it is None (LAZY-1)."""

    __slots__ = ("_kept",)

    def __init__(self, function: Callable[P, T], /, *args: P.args, **keywords: P.kwargs) -> None:
        super().__init__(function, *args, **keywords)
        self._kept: tuple[T] | None = None

    @property
    def value(self) -> T:
        """The value, evaluated the first time only."""
        if self._kept is None:
            self._kept = (super().value,)
        return self._kept[0]


def _constant(value: T) -> T:
    return value


def _unpickled(kind: Callable[..., object], value: object) -> object:
    return kind(_constant, value)


LazyOr: TypeAlias = T | Lazy[T]
"""A value, or one that is evaluated at use; objects of registered types count as the latter."""


def lazy(function: Callable[P, T], /, *args: P.args, **keywords: P.kwargs) -> Lazy[T]:
    """Wrap a call, to be made at every access."""
    return Lazy(function, *args, **keywords)


def lazy_once(function: Callable[P, T], /, *args: P.args, **keywords: P.kwargs) -> LazyOnce[T]:
    """Wrap a call, to be made at the first access."""
    return LazyOnce(function, *args, **keywords)


_registered: dict[type, Callable[..., object]] = {}
"""Types whose objects are late values, for the whole process: maps are written without a client."""


def register_type(late_type: type[T], function: Callable[[T], object]) -> None:
    """Make objects of exactly this type late values, resolved by `function` (LAZY-2).

    Raises:
        ValueError: if the first is no type, or the second no callable.

    """
    if not isinstance(late_type, type):
        raise ValueError(f"only types can be registered, not {late_type!r}")  # noqa: TRY004 -- LAZY-2 says ValueError
    if not callable(function):
        raise ValueError(f"{late_type.__name__} needs a function with one argument")  # noqa: TRY004 -- LAZY-2 says ValueError
    _registered[late_type] = function


def unregister_type(late_type: type) -> None:
    """Take back a registration; nothing happens if there is none."""
    _registered.pop(late_type, None)


def is_late(value: object) -> bool:
    """Whether the value is a late one; evaluates nothing."""
    return isinstance(value, Lazy) or type(value) in _registered


def resolve(value: LazyOr[T]) -> T:
    """Give the value of a late value, and anything else unchanged (LAZY-3)."""
    return cast("T", _resolved(value, _registered))


def resolve_deep(
    value: object,
    max_depth: int = _DEFAULT_DEPTH,
    types: Mapping[type, Callable[..., object]] | None = None,
) -> object:
    """Resolve a value and what lists, tuples and mappings in it hold, keys too (LAZY-4).

    Tuples become lists and mappings become dicts. What lies deeper than `max_depth` containers is
    left untouched. `types` are registrations for this call only.
    """
    return _resolved_deep(value, max_depth, _registered if not types else {**_registered, **types})


def _resolved(value: object, functions: Mapping[type, Callable[..., object]]) -> object:
    if isinstance(value, Lazy):
        return value.value
    function = functions.get(type(value))
    return value if function is None else function(value)


def _resolved_deep(
    value: object, depth: int, functions: Mapping[type, Callable[..., object]]
) -> object:
    value = _resolved(value, functions)
    if depth <= 0:
        return value
    if isinstance(value, Mapping):
        return {
            _resolved_deep(key, depth - 1, functions): _resolved_deep(entry, depth - 1, functions)
            for key, entry in value.items()
        }
    if isinstance(value, list | tuple):
        return [_resolved_deep(entry, depth - 1, functions) for entry in value]
    return value
