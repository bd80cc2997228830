"""What holds for every map, state, action, fault and cancellation, tried on generated ones.

On the embedded engine in virtual time. What is claimed is read off the engine's own record, not off our
reports. `make properties EXAMPLES=10000` tries as many as wanted; here it is a small set, always the same.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import TypeVar

from claims import (
    assert_anonymous_data_is_carried_over,
    assert_data_stays,
    assert_dependants_stop_first,
    assert_dependencies_start_first,
    assert_never_fewer,
    assert_nothing_foreign_was_touched,
    assert_nothing_temporary,
    assert_within_limits,
)
from hypothesis import HealthCheck, Phase, given, settings
from run_partners import CountedLoop
from strategies import Story, stories
from trials import Ending, Trial, assert_tidy, run, what_is_left

from aiodockmap import PlanningError

T = TypeVar("T")

EXAMPLES = int(os.environ.get("EXAMPLES", "0"))
"""Of each property; 0 for the few that are the same in each run."""
ALWAYS_AGAIN = frozenset({"restart", "signal"})
"""What is done as often as it is asked for."""


def examples(few: int) -> settings:
    return settings(
        max_examples=EXAMPLES or few,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        print_blob=True,
    )


def in_virtual_time(main: Callable[[], Coroutine[object, object, T]]) -> T:
    with asyncio.Runner(loop_factory=CountedLoop) as runner:
        return runner.run(main())


def assert_claims(trial: Trial, ending: Ending) -> None:
    """Whatever happened."""
    assert_nothing_foreign_was_touched(trial)
    assert_data_stays(trial)
    assert_dependencies_start_first(trial)
    assert_dependants_stop_first(trial)
    assert_never_fewer(trial, ending.report)
    assert_within_limits(trial, ending.report)
    assert_anonymous_data_is_carried_over(trial)
    assert_tidy(trial)


@given(stories())
@examples(50)
def test_a_run_does_what_it_is_for_and_nothing_else(story: Story) -> None:
    undisturbed(story)


def undisturbed(story: Story) -> None:
    async def live() -> None:
        trial = Trial(story)
        await trial.prepare()
        async with trial.client() as client:
            ending = await run(client, story.request)
            assert_claims(trial, ending)
            if ending.report is not None and ending.report.ok:
                assert_nothing_temporary(trial)
                if story.request.verb not in ALWAYS_AGAIN:
                    left = await what_is_left(client, story.request)
                    assert left.is_empty, left.render()
            elif story.request.verb in {"update", "shutdown"} and not _may_be_refused(
                story, ending
            ):
                raise AssertionError(ending.error)

    in_virtual_time(live)


def _may_be_refused(story: Story, ending: Ending) -> bool:
    """Whether somebody else has a port by now: the same container, under another name."""
    is_renamed = any(each.what == "rename" for each in story.by_hand)
    return is_renamed and isinstance(ending.error, PlanningError)
