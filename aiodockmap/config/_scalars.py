"""Reading single values and plain lists of a configuration.

Every reader takes a raw value and its place, reports what is wrong there, and then returns something
harmless, so that one reading finds all problems of a document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeAlias

from ..model import LazyOr, is_late, signal_number
from ._frozen import FrozenMapping, freeze
from ._place import Place, kind_of

_ENGINE_NAME: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*")
ENGINE_NAMES: Final = (
    "names consist of letters, digits, '_', '.' and '-', beginning with a letter or digit"
)
_SECONDS: Final = re.compile(r"[0-9]{1,9}")
_MOST_SECONDS: Final = 999_999_999

Owner: TypeAlias = LazyOr[str | int | tuple[str | int, str | int]]
"""A user, as a name or number, `user:group` or a pair of both."""


def check_engine_name(name: str, place: Place, what: str) -> None:
    """Report a name that no engine accepts as part of a name (NAME-13, Q-18)."""
    if not is_engine_name(name):
        place.report(f"{name!r} cannot be the name of {what}", ENGINE_NAMES)


def is_engine_name(name: str) -> bool:
    """Whether engines accept a text as a name, or as the beginning of one."""
    return bool(_ENGINE_NAME.fullmatch(name))


def read_text(value: object, place: Place) -> str | None:
    """A text, or nothing."""
    if value is None or isinstance(value, str):
        return value
    place.report(f"this is to be a text, not {kind_of(value)}")
    return None


def read_late_text(value: object, place: Place) -> LazyOr[str] | None:
    """A text, possibly late, or nothing."""
    if is_late(value):
        return value  # type: ignore[return-value]  # a registered type counts as lazy
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        place.report(f"the number {value} is not clear as a text", "put it in quotes")
        return None
    return read_text(value, place)


def read_flag(value: object, place: Place) -> bool | None:
    """True or False, or nothing."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    place.report(f"this is to be true or false, not {kind_of(value)}", "write it without quotes")
    return None


def read_abstract(value: object, place: Place) -> bool:
    """True or False; nothing is False."""
    return bool(read_flag(value, place))


def read_late_flag(value: object, place: Place) -> LazyOr[bool] | None:
    """True or False, possibly late, or nothing."""
    if is_late(value):
        return value  # type: ignore[return-value]  # a registered type counts as lazy
    return read_flag(value, place)


def _shown(value: object) -> str:
    """A value for a message; Python itself writes out no number of thousands of digits."""
    is_enormous = isinstance(value, int) and abs(value) > _MOST_SECONDS
    return "a number that is far too large" if is_enormous else repr(value)


def read_seconds(value: object, place: Place) -> int | None:
    """A whole number of seconds, or nothing."""
    if value is None:
        return None
    if isinstance(value, str) and _SECONDS.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_SECONDS:
        return value
    shown = _shown(value) if isinstance(value, int | float) else kind_of(value)
    place.report(f"this is to be a whole number of seconds, not {shown}")
    return None


def read_delay(value: object, place: Place) -> float | None:
    """A number of seconds, or nothing."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        place.report(f"this is to be a number of seconds, not {value!r}")
        return None
    if 0 <= value <= _MOST_SECONDS:
        return value
    place.report(f"this is to be a number of seconds, not {_shown(value)}")
    return None


def read_signal(value: object, place: Place) -> str | int | None:
    """A signal by name or number, or nothing; engines take an empty text for nothing, too."""
    if value is None:
        return None
    if isinstance(value, str | int) and (value == "" or signal_number(value) is not None):
        return value
    place.report(f"this is to be the name or number of a signal, not {_shown(value)}")
    return None


def read_owner(value: object, place: Place) -> Owner | None:
    """A user, or nothing; a list of user and group becomes a pair."""
    if is_late(value):
        return value  # type: ignore[return-value]  # a registered type counts as lazy
    match value:
        case None | str():
            return value
        case int() if value >= 0 and not isinstance(value, bool):
            return value
        case [(int() | str()) as user, (int() | str()) as group]:
            return (user, group)
        case _:
            pass
    place.report(
        f"this is to be a user, not {kind_of(value)}",
        "write a name, a number, 'user:group', or a list of user and group",
    )
    return None


def read_mode(value: object, place: Place) -> LazyOr[str] | None:
    """A mode in the notation of chmod, or nothing."""
    if isinstance(value, int | float):
        place.report(
            "a mode is a text in the notation of chmod, not a number",
            "put it in quotes: '0750', 'u=rwX,g=rX,o='",
        )
        return None
    return read_late_text(value, place)


def read_names(value: object, place: Place) -> tuple[str, ...]:
    """A plain list of names; one name is a list of it (SHP-2)."""
    names = []
    for name, at in _elements(value, place):
        if isinstance(name, int) and not isinstance(name, bool):
            names.append(str(name))
        elif isinstance(name, str) and name:
            names.append(name)
        else:
            at.report(f"this is to be a name, not {kind_of(name) if name else 'an empty text'}")
    return tuple(names)


def read_instances(value: object, place: Place) -> tuple[str, ...]:
    """A plain list of instance names, each once."""
    distinct: dict[str, None] = {}
    for index, name in enumerate(read_names(value, place)):
        check_engine_name(name, place.index(index), "an instance")
        if name in distinct:
            place.index(index).report(f"the instance '{name}' occurs twice")
        distinct[name] = None
    return tuple(distinct)


def read_distinct_names(value: object, place: Place) -> tuple[str, ...]:
    """A plain list of names, of which repetitions are dropped."""
    return tuple(dict.fromkeys(read_names(value, place)))


def read_paths(value: object, place: Place) -> tuple[LazyOr[str], ...]:
    """A plain list of paths, each possibly late."""
    paths: list[LazyOr[str]] = []
    for path, at in _elements(value, place):
        if is_late(path) or (isinstance(path, str) and path):
            paths.append(path)  # type: ignore[arg-type]  # a registered type counts as lazy
        else:
            at.report(f"this is to be a path, not {kind_of(path) if path else 'an empty text'}")
    return tuple(paths)


def _elements(value: object, place: Place) -> list[tuple[object, Place]]:
    if value is None:
        return []
    if isinstance(value, str | int) or is_late(value):
        return [(value, place)]
    if isinstance(value, list | tuple):
        return [(element, place.index(index)) for index, element in enumerate(value)]
    place.report(f"this is to be a list, not {kind_of(value)}")
    return []


NO_OPTIONS: Final[FrozenMapping[str, object]] = FrozenMapping()


def read_late_mapping(value: object, place: Place) -> FrozenMapping[str, object]:
    """A mapping with texts as keys, deeply frozen; nothing is an empty one."""
    if value is None:
        return NO_OPTIONS
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                place.report(f"this is to be an option, not {kind_of(key)}: {key!r}")
        try:
            return FrozenMapping(
                (key, freeze(entry)) for key, entry in value.items() if isinstance(key, str)
            )
        except RecursionError:
            place.report("this contains itself, or is nested too deeply")
            return NO_OPTIONS
    place.report(f"this is to be a mapping, not {kind_of(value)}")
    return NO_OPTIONS
