"""Which steps may start: counted, without tasks."""

from __future__ import annotations

from landscapes import container, desired, observed, plan

from aiodockmap.execute._frontier import Frontier, urgencies
from aiodockmap.plan import Plan, Step, Verb
from aiodockmap.state import VolumeOwnership


def diamond() -> Plan:
    """Create and start a below b and c, and those below d; images are there."""
    names = ["a", "b", "c", "d"]
    described = desired(
        container("a"),
        container("b", links=["a"]),
        container("c", links=["a"]),
        container("d", links=["b", "c"]),
    )
    return plan(Verb.STARTUP, described, observed(images=names), "d")


def words(steps: list[Step]) -> set[str]:
    return {str(step).partition(" ")[2] for step in steps}


def step_of(made: Plan, name: str) -> Step:
    return next(step for step in made.steps if str(step).endswith(name))


def test_a_step_is_ready_when_all_that_it_requires_have_succeeded() -> None:
    made = diamond()
    frontier = Frontier(made)

    assert words(frontier.start()) == {"create container m.a"}
    ready = frontier.succeeded(step_of(made, "create container m.a").id)
    assert words(ready) == {
        "start container m.a",
        "create container m.b",
        "create container m.c",
    }
    assert frontier.succeeded(step_of(made, "create container m.b").id) == []


def test_a_failure_blocks_all_that_require_it_and_names_itself() -> None:
    made = diamond()
    frontier = Frontier(made)
    failed = step_of(made, "create container m.b").id
    frontier.succeeded(step_of(made, "create container m.a").id)

    ready = frontier.failed(failed)

    assert ready == []
    blocked = {str(step).partition(" ")[2] for step in made.steps if step.id in frontier.blocked}
    assert blocked == {"start container m.b", "create container m.d", "start container m.d"}
    assert set(frontier.blocked.values()) == {(failed,)}
    assert words(frontier.succeeded(step_of(made, "start container m.a").id)) == set()
    assert words(frontier.succeeded(step_of(made, "create container m.c").id)) == {
        "start container m.c"
    }


def test_two_failures_are_both_named() -> None:
    made = diamond()
    frontier = Frontier(made)
    frontier.succeeded(step_of(made, "create container m.a").id)
    failed = [step_of(made, f"create container m.{name}").id for name in "bc"]

    for step in failed:
        frontier.failed(step)

    assert frontier.blocked[step_of(made, "create container m.d").id] == tuple(failed)


def test_a_step_that_merely_follows_goes_on_after_a_failure() -> None:
    """A volume is prepared although one of the containers that mount it could not be created."""
    described = desired(
        container("a", attaches=["data"]),
        container("b", uses={"data": ["a"]}),
        owners={"data": VolumeOwnership(owner="1:1")},
    )
    made = plan(Verb.STARTUP, described, observed(images=["a"]), "b")
    frontier = Frontier(made)
    frontier.succeeded(step_of(made, "create volume m.data").id)
    frontier.succeeded(step_of(made, "create container m.a").id)

    ready = frontier.failed(step_of(made, "pull image b:latest").id)

    assert words(ready) == {"prepare volume m.data (owner 1:1; by a:latest)"}


def test_what_has_most_behind_it_is_most_urgent() -> None:
    made = diamond()

    urgency = urgencies(made)

    order = sorted(made.steps, key=lambda step: -urgency[step.id])
    assert words(order[:1]) == {"create container m.a"}
    assert words(order[-1:]) == {"start container m.d"}
