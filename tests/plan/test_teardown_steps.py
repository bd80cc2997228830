"""How containers go, whichever action has them go."""

from __future__ import annotations

import pytest
from landscapes import container, desired, observed, plan, running

from aiodockmap.plan import RemoveContainer, StopContainer, Verb
from aiodockmap.state import StopPolicy

POLICY = StopPolicy(signal="SIGINT", grace=3)
HOW_TO_STOP = [
    pytest.param(Verb.STOP, {}, id="stop"),
    pytest.param(Verb.RESTART, {}, id="restart"),
    pytest.param(Verb.SHUTDOWN, {}, id="shutdown"),
    pytest.param(Verb.SCRIPT, {"remove_existing_before": True}, id="script"),
    # Its exit code does not matter as long as it runs; a volume of its own that is new does.
    pytest.param(Verb.STARTUP, {}, id="reset"),
]


@pytest.mark.parametrize(("verb", "options"), HOW_TO_STOP)
def test_every_action_stops_a_container_in_the_same_way(
    verb: Verb, options: dict[str, object]
) -> None:
    """STOP-8; the replacements of an update are in test_update_plan.py."""
    described = desired(container("web", stop=POLICY, attaches=["data"]))
    seen = observed(running("web"), images=["web"])

    made = plan(verb, described, seen, "web", **options)

    [stop] = [step.action for step in made.steps if isinstance(step.action, StopContainer)]
    assert stop == StopContainer(id="id-of-m.web", policy=POLICY)


@pytest.mark.parametrize(
    ("verb", "options"),
    [each for each in HOW_TO_STOP if each.id not in {"stop", "restart"}],
)
def test_resets_keep_anonymous_volumes(verb: Verb, options: dict[str, object]) -> None:
    """REM-3; and nothing is removed by force."""
    described = desired(container("web", attaches=["data"]))
    seen = observed(running("web"), images=["web"])

    made = plan(verb, described, seen, "web", **options)

    removals = [step.action for step in made.steps if isinstance(step.action, RemoveContainer)]
    assert removals
    assert not any(each.volumes or each.force for each in removals)


def test_a_removal_takes_along_what_it_is_told_to() -> None:
    """REM-1, KW-9."""
    made = plan(
        Verb.REMOVE, desired(container("web")), observed(running("web")), "web", v=True, force=True
    )

    [removal] = [step.action for step in made.steps]
    assert removal == RemoveContainer(id="id-of-m.web", force=True, volumes=True)
