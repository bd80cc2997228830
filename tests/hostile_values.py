"""What nobody should write where something else is expected, and ways to put it anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from typing import Any

from hypothesis import strategies as st

Place = tuple[Any, ...]

ODD_TEXTS = [
    "",
    " ",
    "\0",
    "\x1b[31m",
    "a/b",
    "..",
    "../../etc/passwd",
    "/../..",
    "a;rm -rf /",
    "$(id)",
    "`id`",
    "a b",
    "-rf",
    "--privileged",
    "%s%n",
    "{script_path}",
    "é",
    "\u202eabc",
    "\ud800",
    "x" * 300,
    "x" * 70_000,
    "a:b:c:d",
    ":",
    "/",
    "//",
    "a@sha256:b",
    "1" * 5_000,
    "nan",
    "null",
    "!!python/object:os.system",
    "yes",
    "0x10",
    "1e9999",
    "-1",
    "io.aiodockmap.map",
    "__all__",
    "__class__",
]
ODD_NUMBERS = [
    0,
    -1,
    1,
    65_536,
    2**31,
    2**63,
    -(2**63),
    10**40,
    0.5,
    -0.0,
    float("inf"),
    float("nan"),
    1e308,
]
DEEP: Any = []
for _ in range(200):
    DEEP = [DEEP]

ODD_VALUES = st.one_of(
    st.sampled_from(ODD_TEXTS),
    st.sampled_from(ODD_NUMBERS),
    st.sampled_from([None, True, False, [], {}, (), b"bytes", date(2020, 1, 1), {1, 2}, DEEP]),
    st.recursive(
        st.sampled_from([None, True, 0, "a", "a.b", "/c"]),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.tuples(inner, inner)
            | st.dictionaries(
                st.sampled_from(["a", "name", "path", "/c", "", "a.b"]), inner, max_size=4
            )
        ),
        max_leaves=8,
    ),
)
"""Values of any kind, of which few fit anywhere."""


def places(value: Any, here: Place = ()) -> Iterator[Place]:
    """All places of nested data, the outermost first."""
    yield here
    if isinstance(value, dict):
        for key, content in value.items():
            yield from places(content, (*here, key))
    elif isinstance(value, list):
        for index, content in enumerate(value):
            yield from places(content, (*here, index))


def at(value: Any, place: Place) -> Any:
    """What is at a place."""
    for key in place:
        value = value[key]
    return value


def with_odd(data: Any, place: Place, odd: Any) -> Any:
    """The same data with something else at one place."""
    if not place:
        return odd
    changed = deepcopy(data)
    at(changed, place[:-1])[place[-1]] = odd
    return changed


def with_odd_key(data: Any, place: Place, odd: Any) -> Any:
    """The same data with an entry of an odd name beside those of a place."""
    changed = deepcopy(data)
    found = at(changed, place)
    if isinstance(found, dict):
        found[odd] = deepcopy(next(iter(found.values()), None))
    return changed


@st.composite
def spoilt(draw: st.DrawFn, data: Any) -> Any:
    """Nested data that is wrong at one to three places."""
    for _ in range(draw(st.integers(min_value=1, max_value=3))):
        place = draw(st.sampled_from(list(places(data))))
        if draw(st.integers(min_value=0, max_value=4)):
            data = with_odd(data, place, draw(ODD_VALUES))
        else:
            data = with_odd_key(data, place, draw(st.sampled_from([*ODD_TEXTS, 5, None, True])))
    return data
