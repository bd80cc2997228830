"""Which commands of a first start are marked, run at last, or forgotten (EXEC-10 to EXEC-15)."""

from __future__ import annotations

import pytest
from attrs import evolve
from landscapes import API, container, container_id, desired, exited, initial, observed, running
from landscapes import plan as make

from aiodockmap.model import DEFAULT_ENGINE, MapItem, ResourceKind
from aiodockmap.plan import BringBack, ClearMark, Plan, RunExec, StartContainer, Verb
from aiodockmap.state import (
    FIRST_COMMAND,
    FIRST_COMMAND_LABELS,
    EngineState,
    ExecSpec,
    ObservedContainer,
    ObservedState,
    ObservedVolume,
    RunState,
    marks_by_container,
    ownership_labels,
)

ONE = ExecSpec(argv=("/bin/touch", "/one"), only_initially=True)
TWO = ExecSpec(argv=("/bin/touch", "/two"), only_initially=True)
ALWAYS = ExecSpec(argv=("/bin/sleep", "500"))
WEB = container("web", execs=[ONE, ALWAYS, TWO])
OURS = ownership_labels(MapItem(ResourceKind.CONTAINER, "m", "web"), "m.web", {})


def started(plan: Plan) -> StartContainer:
    [start] = [step.action for step in plan.steps if isinstance(step.action, StartContainer)]
    return start


def run(plan: Plan) -> list[ExecSpec]:
    return [step.action.command for step in plan.steps if isinstance(step.action, RunExec)]


def forgotten(plan: Plan) -> list[str]:
    return [step.action.mark for step in plan.steps if isinstance(step.action, ClearMark)]


def fresh_marks() -> tuple[str, ...]:
    """Of what is created where there was nothing."""
    return started(make(Verb.STARTUP, desired(WEB), observed(images=["web"]), "web")).marks


def seen(*containers: ObservedContainer, marks: tuple[str, ...] = ()) -> ObservedState:
    volumes = {
        mark: ObservedVolume(name=mark, driver="local", labels=FIRST_COMMAND_LABELS)
        for mark in marks
    }
    state = observed(*containers, images=["web"]).engines[DEFAULT_ENGINE]
    return ObservedState(engines={DEFAULT_ENGINE: evolve(state, volumes=volumes)})


def test_a_first_start_marks_its_commands_and_each_takes_its_own_mark_away() -> None:
    plan = make(Verb.STARTUP, desired(WEB), observed(images=["web"]), "web")

    marks = started(plan).marks
    taken = [step.action.mark for step in plan.steps if isinstance(step.action, RunExec)]
    assert len(set(marks)) == 2
    assert all(mark.startswith(f"m.web{FIRST_COMMAND}") for mark in marks)
    assert taken == [marks[0], None, marks[1]]
    assert "/bin/touch" not in "".join(marks)


def test_no_other_start_marks_anything() -> None:
    """EXEC-12."""
    plan = make(Verb.STARTUP, desired(WEB), seen(exited("web")), "web")

    assert started(plan).marks == ()
    assert run(plan) == [ALWAYS]


@pytest.mark.parametrize("verb", [Verb.START, Verb.STARTUP, Verb.UPDATE])
@pytest.mark.parametrize("state", [RunState.RUNNING, RunState.EXITED])
def test_what_is_marked_is_run_in_the_order_of_the_map(verb: Verb, state: RunState) -> None:
    current = evolve(running("web", state), labels=OURS, details={}, processes=())

    plan = make(verb, desired(WEB), seen(current, marks=fresh_marks()), "web")

    starts_or_compares = state is RunState.EXITED or verb is Verb.UPDATE
    assert run(plan) == ([ONE, ALWAYS, TWO] if starts_or_compares else [ONE, TWO])
    assert forgotten(plan) == []


@pytest.mark.parametrize("verb", [Verb.CREATE, Verb.STOP, Verb.RESTART, Verb.SIGNAL])
def test_other_actions_leave_it_to_those(verb: Verb) -> None:
    current = evolve(running("web"), labels=OURS)

    plan = make(verb, desired(WEB), seen(current, marks=fresh_marks()), "web")

    assert run(plan) == []
    assert forgotten(plan) == []


@pytest.mark.parametrize("state", [RunState.PAUSED, RunState.RESTARTING])
def test_nothing_is_run_in_what_is_paused_or_restarting(state: RunState) -> None:
    """EXEC-6: the marks stay."""
    current = evolve(running("web", state), labels=OURS, details={})

    plan = make(Verb.UPDATE, desired(WEB), seen(current, marks=fresh_marks()), "web")

    assert plan.is_empty


def test_a_check_that_is_switched_off_does_not_keep_a_first_start_from_its_end() -> None:
    """UPD-64 is about commands that run at every start."""
    current = evolve(running("web"), labels=OURS, details={}, processes=())

    plan = make(
        Verb.UPDATE,
        desired(WEB),
        seen(current, marks=fresh_marks()),
        "web",
        check_exec_commands="none",
    )

    assert run(plan) == [ONE, TWO]


def test_what_was_created_by_others_has_nothing_to_do_with_our_marks() -> None:
    current = evolve(running("web"), details={}, processes=())

    plan = make(Verb.UPDATE, desired(WEB), seen(current, marks=fresh_marks()), "web")

    assert run(plan) == [ALWAYS]
    assert forgotten(plan) == sorted(fresh_marks())


def test_a_container_of_others_that_is_started_for_the_first_time_has_marks_of_its_own() -> None:
    plan = make(Verb.STARTUP, desired(WEB), seen(initial("web")), "web")

    marks = started(plan).marks
    again = make(Verb.STARTUP, desired(WEB), seen(running("web"), marks=marks), "web")
    assert not set(marks) & set(fresh_marks())
    assert run(again) == [ONE, TWO]


def test_a_replacement_has_marks_of_its_own_which_its_way_back_takes_along() -> None:
    current = evolve(running("web"), labels=OURS, image_id="sha256:older", details={})
    before = seen(current, marks=fresh_marks()[:1])

    plan = make(Verb.UPDATE, desired(WEB), before, "web")

    marks = started(plan).marks
    [rescue] = plan.rescues
    assert isinstance(rescue.step.action, BringBack)
    assert rescue.step.action.marks == marks
    assert not set(marks) & set(fresh_marks())
    # What the old one was owed is forgotten when it cannot come back any more.
    assert forgotten(plan) == list(fresh_marks()[:1])
    [end] = [step for step in plan.steps if isinstance(step.action, ClearMark)]
    [start] = [step for step in plan.steps if isinstance(step.action, StartContainer)]
    assert end.id > start.id


def test_what_the_replacement_owes_is_found_by_what_it_replaced() -> None:
    old = evolve(running("web"), labels=OURS, image_id="sha256:older", details={})
    marks = started(make(Verb.UPDATE, desired(WEB), seen(old), "web")).marks
    labels = {**OURS, "io.aiodockmap.replaces": f"{old.id} up"}
    new = evolve(running("web"), id="another", labels=labels, image_id="sha256:web", details={})

    plan = make(Verb.UPDATE, desired(WEB), seen(new, marks=marks), "web")

    assert run(plan) == [ONE, TWO]


def test_what_goes_on_is_not_begun_again_and_what_comes_behind_it_waits() -> None:
    current = evolve(running("web"), labels=OURS, commands=frozenset({ONE.argv}), details={})

    plan = make(Verb.UPDATE, desired(WEB), seen(current, marks=fresh_marks()), "web")

    assert run(plan) == []
    assert forgotten(plan) == list(fresh_marks()[:1])
    assert any("left to a later run" in note for note in plan.notes)


def test_behind_a_command_that_nobody_waits_for_the_next_one_runs() -> None:
    detached = evolve(ONE, detach=True)
    web = container("web", execs=[detached, TWO])
    current = evolve(running("web"), labels=OURS, commands=frozenset({ONE.argv}), details={})

    plan = make(Verb.UPDATE, desired(web), seen(current, marks=fresh_marks()), "web")

    assert run(plan) == [TWO]
    assert plan.notes == ()


def test_volumes_of_others_are_no_marks() -> None:
    volume = ObservedVolume(name=f"m.web{FIRST_COMMAND}data", driver="local")

    assert marks_by_container([volume]) == {}


def test_the_marks_of_what_was_never_there_are_forgotten() -> None:
    state = EngineState(info=API, volumes=seen(marks=fresh_marks()).engines[DEFAULT_ENGINE].volumes)

    plan = make(Verb.SHUTDOWN, desired(WEB), ObservedState(engines={DEFAULT_ENGINE: state}), "web")

    assert forgotten(plan) == sorted(fresh_marks())
    assert {step.resource for step in plan.steps} == {container_id("web")}
