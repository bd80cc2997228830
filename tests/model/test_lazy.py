"""Late values: LAZY-1 to LAZY-4."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import pytest

from aiodockmap.model import (
    Lazy,
    is_late,
    lazy,
    lazy_once,
    register_type,
    resolve,
    resolve_deep,
    unregister_type,
)


class Secret:
    """Registered in some tests."""

    def __init__(self, text: str) -> None:
        self.text = text


class SpecialSecret(Secret):
    """A subclass, which no registration of `Secret` covers."""


@pytest.fixture
def registered_secret() -> Iterator[None]:
    register_type(Secret, lambda secret: secret.text.upper())
    yield
    unregister_type(Secret)


class Counter:
    """Counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, value: object = None) -> object:
        self.calls += 1
        return value


def test_lazy_evaluates_at_every_access() -> None:
    count = Counter()
    late = lazy(count, "a")

    seen = [late(), late.value, str(late), late == "a", late != "b"]

    assert seen == ["a", "a", "a", True, True]
    assert count.calls == 5


@pytest.mark.parametrize("value", ["a", pytest.param(None, id="none-is-kept-too")])
def test_lazy_once_evaluates_once(value: object) -> None:
    count = Counter()
    late = lazy_once(count, value)

    assert late.value == value
    assert late() == value
    assert late == value
    assert count.calls == 1


def test_containment_and_iteration_are_those_of_the_value() -> None:
    late = lazy(lambda: ["a", "b"])

    assert "a" in late
    assert "c" not in late
    assert list(late) == ["a", "b"]


@pytest.mark.parametrize(
    "late", [lazy(lambda: "evaluated"), lazy_once(lambda: "evaluated")], ids=["lazy", "lazy_once"]
)
def test_pickling_keeps_the_value(late: Lazy[str]) -> None:

    restored = pickle.loads(pickle.dumps(late))  # noqa: S301 -- our own bytes

    assert type(restored) is type(late)
    assert restored.value == "evaluated"


def test_repr_shows_neither_value_nor_arguments() -> None:
    count = Counter()
    late = lazy(count, "hunter2")

    assert "hunter2" not in repr(late)
    assert count.calls == 0


def test_keywords_are_passed_on() -> None:
    assert lazy(dict, a=1).value == {"a": 1}


def test_a_wrapper_around_no_callable_is_refused() -> None:
    with pytest.raises(ValueError, match="callable"):
        lazy("text")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("late_type", "function"),
    [
        pytest.param("Secret", str, id="no-type"),
        pytest.param(Secret(""), str, id="an-object"),
        pytest.param(Secret, "upper", id="no-callable"),
    ],
)
def test_registering_anything_else_is_refused(late_type: type, function: type) -> None:
    with pytest.raises(ValueError, match=r"registered|function"):
        register_type(late_type, function)


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        pytest.param(None, None, id="none"),
        pytest.param(5, 5, id="plain"),
        pytest.param(["a"], ["a"], id="plain-list"),
        pytest.param(lazy(lambda: 5), 5, id="lazy"),
        pytest.param(lazy_once(lambda: None), None, id="lazy-once-none"),
    ],
)
def test_resolving(value: object, resolved: object) -> None:
    assert resolve(value) == resolved


@pytest.mark.usefixtures("registered_secret")
def test_a_registration_covers_exactly_its_type() -> None:
    special = SpecialSecret("a")

    secret: object = Secret("a")
    assert resolve(secret) == "A"
    assert resolve(special) is special
    assert is_late(secret)
    assert not is_late(special)


@pytest.mark.usefixtures("registered_secret")
def test_deep_resolution_reaches_keys_values_and_elements() -> None:
    value = {lazy(lambda: "key"): [Secret("a"), ("b", lazy(lambda: "c"))], "plain": 1}

    assert resolve_deep(value) == {"key": ["A", ["b", "c"]], "plain": 1}


def test_deep_resolution_ends_at_the_maximum_depth() -> None:
    late = lazy(lambda: "value")

    result = resolve_deep([[late]], max_depth=1)

    assert isinstance(result, list)
    assert result[0][0] is late
    assert resolve_deep([[late]], max_depth=2) == [["value"]]


def test_the_default_depth_is_five() -> None:
    late = lazy(lambda: "value")

    assert resolve_deep([[[[[late]]]]]) == [[[[["value"]]]]]
    deeper = resolve_deep([[[[[[late]]]]]])
    assert deeper[0][0][0][0][0][0] is late  # type: ignore[index]


def test_deep_resolution_takes_registrations_for_one_call() -> None:
    secret = Secret("a")

    assert resolve_deep([secret], types={Secret: lambda each: each.text}) == ["a"]
    assert resolve_deep([secret]) == [secret]
