"""The decision tables of behaviour 6.3, cell by cell, as letters (C S E T R K)."""

from __future__ import annotations

import pytest

from aiodockmap.plan import PlanOptions, Verb
from aiodockmap.plan._tables import (
    ContainerState,
    Situation,
    container_row,
    container_state,
)
from aiodockmap.state import ObservedContainer, RunState

PLAIN = Situation(is_persistent=False, has_new_volume=False)
PERSISTENT = Situation(is_persistent=True, has_new_volume=False)
NEW_VOLUME = Situation(is_persistent=False, has_new_volume=True)
PERSISTENT_NEW_VOLUME = Situation(is_persistent=True, has_new_volume=True)
KEEP_PERSISTENT = PlanOptions(remove_persistent=False)

# The columns are absent, initial, exited, non-recoverable, running, as in the specification.
ROWS = [
    pytest.param(Verb.CREATE, PLAIN, PlanOptions(), "C - - - -", id="ACT-1"),
    pytest.param(Verb.CREATE, PERSISTENT, PlanOptions(), "C - - - -", id="ACT-1-persistent"),
    pytest.param(Verb.CREATE, NEW_VOLUME, PlanOptions(), "C - - - -", id="ACT-20"),
    pytest.param(Verb.START, PLAIN, PlanOptions(), "- SE SE SE -", id="ACT-2"),
    pytest.param(Verb.RESTART, PLAIN, PlanOptions(), "- - S S TS", id="ACT-3"),
    pytest.param(
        Verb.RESTART,
        PLAIN,
        PlanOptions(restart_exec_commands=True),
        "- - SE SE TSE",
        id="ACT-3-with-commands",
    ),
    pytest.param(Verb.RESTART, PERSISTENT, PlanOptions(), "- - S S TS", id="ACT-25"),
    pytest.param(Verb.STOP, PLAIN, PlanOptions(), "- - - - T", id="ACT-4"),
    pytest.param(Verb.STOP, PERSISTENT, PlanOptions(), "- - - - T", id="ACT-4-persistent"),
    pytest.param(Verb.REMOVE, PLAIN, PlanOptions(), "- R R R -", id="ACT-5"),
    pytest.param(Verb.REMOVE, PLAIN, PlanOptions(force=True), "- R R R R", id="ACT-28"),
    pytest.param(Verb.REMOVE, PERSISTENT, PlanOptions(), "- R R R -", id="ACT-71"),
    pytest.param(Verb.STARTUP, PLAIN, PlanOptions(), "CSE SE SE RCSE -", id="ACT-6"),
    pytest.param(Verb.STARTUP, NEW_VOLUME, PlanOptions(), "CSE RCSE RCSE RCSE TRCSE", id="ACT-7"),
    pytest.param(
        Verb.STARTUP,
        PERSISTENT_NEW_VOLUME,
        PlanOptions(),
        "CSE RCSE RCSE RCSE TRCSE",
        id="ACT-7-persistent",
    ),
    pytest.param(Verb.SHUTDOWN, PLAIN, PlanOptions(), "- R R R TR", id="ACT-8"),
    pytest.param(Verb.SIGNAL, PLAIN, PlanOptions(), "- - - - K", id="ACT-13"),
    pytest.param(Verb.PULL_IMAGES, PLAIN, PlanOptions(), "- - - - -", id="ACT-14"),
    pytest.param(Verb.START, PERSISTENT, PlanOptions(), "- SE - - -", id="ACT-15"),
    pytest.param(Verb.STARTUP, PERSISTENT, PlanOptions(), "CSE SE - RCSE -", id="ACT-16"),
    pytest.param(Verb.REMOVE, PERSISTENT, KEEP_PERSISTENT, "- - - - -", id="ACT-18"),
    pytest.param(Verb.SHUTDOWN, PERSISTENT, KEEP_PERSISTENT, "- - - - T", id="ACT-19"),
    pytest.param(Verb.SHUTDOWN, PLAIN, KEEP_PERSISTENT, "- R R R TR", id="ACT-8-others"),
]


@pytest.mark.parametrize(("verb", "situation", "options", "cells"), ROWS)
def test_the_rows_say_what_the_specification_says(
    verb: Verb, situation: Situation, options: PlanOptions, cells: str
) -> None:
    row = container_row(verb, options, situation)

    shown = ["".join(move.value for move in row[state]) or "-" for state in ContainerState]
    assert " ".join(shown) == cells


@pytest.mark.parametrize(
    ("state", "exit_code", "expected"),
    [
        pytest.param(RunState.RUNNING, None, ContainerState.RUNNING, id="STATE-2"),
        pytest.param(RunState.INITIAL, None, ContainerState.INITIAL, id="STATE-3"),
        pytest.param(RunState.INITIAL, 127, ContainerState.INITIAL, id="failed-first-start"),
        pytest.param(RunState.EXITED, 127, ContainerState.NONRECOVERABLE, id="STATE-4"),
        pytest.param(RunState.EXITED, 0, ContainerState.EXITED, id="STATE-5"),
        pytest.param(RunState.RESTARTING, 127, ContainerState.RUNNING, id="STATE-6"),
        pytest.param(RunState.PAUSED, None, ContainerState.RUNNING, id="STATE-7"),
    ],
)
def test_a_state_is_one_column(
    state: RunState, exit_code: int | None, expected: ContainerState
) -> None:
    container = ObservedContainer(id="1", name="m.db", state=state, exit_code=exit_code)

    assert container_state(container, {127}) is expected


@pytest.mark.parametrize(
    ("state", "is_persistent", "expected"),
    [
        pytest.param(RunState.INITIAL, False, ContainerState.NONRECOVERABLE, id="never-started"),
        pytest.param(RunState.EXITED, False, ContainerState.NONRECOVERABLE, id="exited"),
        pytest.param(RunState.INITIAL, True, ContainerState.NONRECOVERABLE, id="nothing-to-lose"),
        pytest.param(RunState.EXITED, True, ContainerState.EXITED, id="kept-for-what-is-in-it"),
    ],
)
def test_what_its_engine_cannot_start_is_beyond_recovery(
    state: RunState, expected: ContainerState, *, is_persistent: bool
) -> None:
    container = ObservedContainer(id="1", name="m.db", state=state, is_stuck=True)

    assert container_state(container, (), is_persistent=is_persistent) is expected


def test_what_does_not_exist_is_absent() -> None:
    """STATE-1."""
    assert container_state(None, ()) is ContainerState.ABSENT
