"""The keywords of actions: what is known where, and what unknown ones are told."""

from __future__ import annotations

import re

import pytest

from aiodockmap.errors import OptionError
from aiodockmap.plan import OPTIONS, SCRIPT_KEYWORDS, PlanOptions, Verb, parse_options


def test_defaults_count_for_the_verbs_that_take_them_only() -> None:
    """API-11."""
    defaults = {"timeout": 4, "remove_attached": True}

    stop, shutdown = (parse_options(verb, {}, defaults) for verb in (Verb.STOP, Verb.SHUTDOWN))

    assert (stop.timeout, stop.remove_attached) == (4, False)
    assert shutdown.remove_attached is True


def test_a_keyword_wins_over_the_default() -> None:
    """API-11."""
    assert parse_options(Verb.STOP, {"timeout": 1}, {"timeout": 4}).timeout == 1


@pytest.mark.parametrize(
    ("verb", "keyword", "message"),
    [
        pytest.param(Verb.STOP, "timout", "did you mean 'timeout'?", id="typo"),
        pytest.param(Verb.STOP, "remove_attached", "belongs to remove, shutdown", id="elsewhere"),
        pytest.param(Verb.STARTUP, "command", "its options: ", id="unknown"),
        pytest.param(Verb.START, "timeout", "belongs to restart, stop", id="of-another-action"),
    ],
)
def test_an_unknown_keyword_is_refused_with_a_way_out(
    verb: Verb, keyword: str, message: str
) -> None:
    """KW-11, KW-12."""
    with pytest.raises(OptionError, match=re.escape(message)):
        parse_options(verb, {keyword: 1})


@pytest.mark.parametrize(
    ("verb", "keyword", "value"),
    [
        pytest.param(Verb.STOP, "timeout", "soon", id="timeout"),
        pytest.param(Verb.STOP, "timeout", -1, id="negative"),
        pytest.param(Verb.STOP, "timeout", float("inf"), id="endless"),
        pytest.param(Verb.RESTART, "timeout", float("nan"), id="no-number"),
        pytest.param(Verb.STOP, "timeout", 10**400, id="enormous"),
        pytest.param(Verb.SCRIPT, "wait_timeout", float("nan"), id="no-number-to-wait"),
        pytest.param(Verb.SIGNAL, "signal", ["HUP"], id="signal"),
        pytest.param(Verb.SIGNAL, "signal", "", id="empty-signal"),
        pytest.param(Verb.SIGNAL, "signal", 0, id="signal-0"),
        pytest.param(Verb.SIGNAL, "signal", "FOO", id="unknown-signal"),
        pytest.param(Verb.SIGNAL, "signal", 65, id="signal-beyond"),
        pytest.param(Verb.REMOVE, "force", "yes", id="flag"),
        pytest.param(Verb.REMOVE, "link", True, id="link"),
        pytest.param(Verb.STARTUP, "nonrecoverable_exit_codes", "127", id="codes"),
    ],
)
def test_a_value_that_cannot_be_is_refused_before_anything_happens(
    verb: Verb, keyword: str, value: object
) -> None:
    """ERR-10."""
    with pytest.raises(OptionError, match=verb.value):
        parse_options(verb, {keyword: value})


def test_all_values_that_cannot_be_are_told_at_once() -> None:
    with pytest.raises(OptionError, match=r"wait_timeout is .*; tail is "):
        parse_options(Verb.SCRIPT, {"wait_timeout": float("nan"), "tail": -1})


@pytest.mark.parametrize("given", ["HUP", "sighup", 1, "1", "CLD", "SIGRTMIN+3", "rtmax-14", 64])
def test_a_signal_is_sent_as_it_was_said(given: str | int) -> None:
    """SIG-1, STOP-5."""
    assert parse_options(Verb.SIGNAL, {"signal": given}).signal == str(given)


@pytest.mark.parametrize(("given", "grace"), [(0, 0), (0.0, 0), (0.001, 1), (0.9, 1), (1.5, 2)])
def test_a_part_of_a_second_is_no_less_grace(given: float, grace: int) -> None:
    """KW-8: to an engine, 0 is to kill at once."""
    assert parse_options(Verb.STOP, {"timeout": given}).timeout == grace


def test_a_script_may_take_for_ever() -> None:
    """SCR-7."""
    waits = [
        parse_options(Verb.SCRIPT, {"wait_timeout": each}).wait_timeout
        for each in (float("inf"), 10**400)
    ]

    assert all(wait is not None and wait > 10**8 for wait in waits)


def test_every_option_belongs_to_a_verb() -> None:
    known = frozenset().union(*OPTIONS.values())

    read_elsewhere = SCRIPT_KEYWORDS | {"remove_existing_after"}
    assert known - read_elsewhere == {field.name for field in PlanOptions.__attrs_attrs__}
