"""What holds for every map, state, action, fault and cancellation, tried on generated ones.

On the embedded engine in virtual time. What is claimed is read off the engine's own record, not off our
reports. `make properties EXAMPLES=10000` tries as many as wanted; here it is a small set, always the same.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from anyio import create_task_group, fail_after, sleep
from anyio.lowlevel import checkpoint
from claims import (
    REPLACING,
    assert_anonymous_data_is_carried_over,
    assert_data_stays,
    assert_first_commands_have_run,
    assert_guests_are_back,
    assert_nothing_foreign_was_touched,
    assert_nothing_temporary,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from interruptions import (
    ALWAYS_AGAIN,
    MOMENT,
    Course,
    assert_a_further_run_reaches_the_goal,
    assert_claims,
    go_away,
    interrupt,
    lived_through,
    outlived,
)
from run_partners import in_virtual_time, loop
from strategies import (
    BY_HAND,
    PRESENT,
    VERBS,
    Absence,
    Described,
    Request,
    Story,
    Trouble,
    absences,
    stories,
    troubles,
)
from trials import FORWARD, Ending, Trial, landscape, run, what_is_left

from aiodockmap import ActionRunnerError, Limits, MapClient, PlanningError
from aiodockmap.state import unmounted_volumes
from aiodockmap.testing import Delay, EmbeddedEngine

EXAMPLES = int(os.environ.get("EXAMPLES", "0"))
"""Of each property; 0 for the few that are the same in each run."""
PATIENCE = 120
"""Seconds, of the clock of the loop."""
LASTING = tuple(verb for verb in VERBS if verb not in ALWAYS_AGAIN)


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
            assert_guests_are_back(trial)
            if ending.report is not None and ending.report.ok:
                assert_first_commands_have_run(trial)
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
    """Whether somebody else has a port by now: the same container, under another name.

    Or whether another container has to run, and is a persistent one that stays down (ACT-17).
    """
    is_renamed = any(each.what == "rename" for each in story.by_hand)
    if isinstance(ending.error, ActionRunnerError):
        return _hold_on_to_what_stays_down(story) and all(
            "non running container" in str(error) for error in ending.error.exceptions
        )
    return is_renamed and isinstance(ending.error, PlanningError)


def _hold_on_to_what_stays_down(story: Story) -> bool:
    """Whether a container shares the network of a persistent one, or has a link to it."""
    services = story.now["containers"]
    held = {
        name.partition(".")[0]
        for it in services.values()
        for name in (
            str(it.get("network_mode")),
            *(link["container"] for link in it.get("links", ())),
        )
    }
    return any(services[name].get("persistent") for name in held & services.keys())


@given(stories())
@examples(20)
def test_equal_inputs_give_equal_plans(story: Story) -> None:
    planned_twice(story)


def planned_twice(story: Story) -> None:
    """GEN-6, SEL-13: also on another engine that has come to be in the same way."""

    async def live() -> str:
        trial = Trial(story)
        await trial.prepare()
        verb, chosen = story.request.verb, list(story.request.selection)
        async with trial.client() as client:
            try:
                plan = await client.plan(verb, chosen, **story.request.keywords)
            except PlanningError as error:
                return str(error)
            again = await client.plan(verb, chosen[::-1], **story.request.keywords)
            assert plan == again
            assert not [*trial.changes]
            return plan.render()

    assert in_virtual_time(live) == in_virtual_time(live)


@given(stories(LASTING), troubles())
@examples(40)
def test_after_any_fault_a_further_run_reaches_the_goal(
    story: Story, going_wrong: list[Trouble]
) -> None:
    troubled(story, going_wrong)


def troubled(story: Story, going_wrong: list[Trouble]) -> None:
    async def go_wrong(trial: Trial, client: MapClient, _: Course) -> None:
        for each in going_wrong:
            each.begin(trial.engine)
        ending = await run(client, story.request)
        assert_claims(trial, ending)
        trial.engine.heal()

    mended(story, go_wrong)


def mended(story: Story, happening: Callable[[Trial, MapClient, Course], Awaitable[None]]) -> None:
    """Have something happen to a story that goes well otherwise: a further run reaches its goal."""

    async def live() -> None:
        usual = await lived_through(story)
        if usual.ending.error is not None:
            return
        trial = Trial(story)
        await trial.prepare()
        async with trial.client() as client:
            await happening(trial, client, usual)
            await assert_a_further_run_reaches_the_goal(trial, client, usual.goal)
            assert_guests_are_back(trial)

    in_virtual_time(live)


@given(stories(LASTING), st.integers(0, 999), st.one_of(st.none(), st.integers(1, 40)))
@examples(40)
def test_after_any_cancellation_a_further_run_reaches_the_goal(
    story: Story, moment: int, again: int | None
) -> None:
    cancelled(story, moment, again)


def cancelled(story: Story, moment: int, again: int | None) -> None:
    """Cancel at a moment, in thousandths of the run, and once more some turns later."""

    async def cancel(trial: Trial, client: MapClient, usual: Course) -> None:
        at = 1 + moment * usual.turns // 1000
        await interrupt(trial, lambda: run(client, story.request), at=at, again=again)

    mended(story, cancel)


@given(stories(LASTING), st.integers(0, 20), st.booleans())
@examples(20)
def test_two_runs_at_once_reach_the_goal(story: Story, lag: int, is_one_client: bool) -> None:  # noqa: FBT001
    doubled(story, lag, is_one_client=is_one_client)


def doubled(story: Story, lag: int, *, is_one_client: bool) -> None:
    """The same request is made twice, by one client or by two; the second time some turns later."""

    async def make_both(trial: Trial, client: MapClient, _: Course) -> None:
        endings: list[Ending] = []

        async def make_request(client: MapClient, turns: int) -> None:
            for _ in range(turns):
                await checkpoint()
            endings.append(await run(client, story.request))

        async with trial.client() as another:
            with fail_after(PATIENCE):
                async with create_task_group() as tasks:
                    tasks.start_soon(make_request, client, 0)
                    tasks.start_soon(make_request, client if is_one_client else another, lag)
        assert_nothing_foreign_was_touched(trial)
        assert_data_stays(trial)
        assert_anonymous_data_is_carried_over(trial)
        if not story.request.keywords.get("raise_not_found"):  # what the other one has removed
            assert [ending.error for ending in endings] == [None, None]

    mended(story, make_both)


@given(
    stories(LASTING), st.integers(0, 999), st.sampled_from([12.0, 20.0, 60.0]), st.integers(0, 1)
)
@examples(20)
def test_when_an_engine_has_done_what_it_was_late_with_a_further_run_reaches_the_goal(
    story: Story, number: int, seconds: float, meanwhile: int
) -> None:
    outlasted(story, number, seconds, meanwhile)


def outlasted(story: Story, number: int, seconds: float, meanwhile: int) -> None:
    """Cancel as a change arrives that the engine makes only when nobody waits for it any more.

    The number of the change is in thousandths of that of all changes. Runs that are made meanwhile may come
    to nothing, as things change behind their backs.
    """

    async def be_late(trial: Trial, client: MapClient, usual: Course) -> None:
        at = 1 + number * usual.changes // 1000
        trial.is_late = True
        late = trial.engine.fail("[PD][OE]*", Delay(seconds), at=at)
        await interrupt(trial, lambda: run(client, story.request), at=late)
        trial.engine.heal()
        for _ in range(meanwhile):
            await run(client, story.request)
        await sleep(seconds)

    mended(story, be_late)


@given(stories(LASTING), absences())
@examples(20)
def test_after_an_engine_was_away_a_further_run_reaches_the_goal(
    story: Story, absence: Absence
) -> None:
    left_alone(story, absence)


def left_alone(story: Story, absence: Absence) -> None:
    """The daemon goes away in the middle of a run, and comes back; or after it, if it came to nothing."""

    async def live() -> None:
        usual = await lived_through(story, absence)
        if usual.ending.error is not None:
            return
        again, goal = await outlived(story, absence)
        is_kept = not absence.ends_containers
        trial = Trial(story, absence)
        await trial.prepare()
        before = trial.engine.world.timeline.interruptions
        plan_absence(trial.engine, absence, usual)
        async with trial.client() as client:
            with fail_after(PATIENCE):
                ending = await run(client, story.request)
            assert_claims(trial, ending)
            # What an engine has ended before it is looked at is removed, or made anew for its exit code.
            minds_ends = (
                story.request.verb == "remove"
                or "nonrecoverable_exit_codes" in story.request.keywords
            )
            seen = dict[str, Any] if is_kept else without_states
            if ending.error is None and not minds_ends:
                assert seen(landscape(trial)) == seen(usual.goal)
            loop().disarm()
            trial.engine.heal()
            if trial.engine.world.timeline.interruptions == before:
                go_away(trial.engine, absence.fault)
            await sleep(absence.fault.seconds + MOMENT)
            if ending.error is None and is_kept and story.request.verb in FORWARD:
                left = await what_is_left(client, story.request)
                assert left.is_empty, left.render()
            if has_lost_process(trial):
                # The next run finds out, the one after it makes it anew; unless that comes to nothing anyway.
                refused = str((await run(client, story.request)).error or "make it anew")
                assert "make it anew" in refused or again.error is not None
            # What is found down, and removed or made anew for that, depends on when the engine has ended it.
            has_goal = again.error is None and not minds_ends
            if has_goal and not (stays_unfinished(trial) or has_lost_port(trial)):
                # What it has ended off the path may be up again, or not: that depends on what was up by then.
                await assert_a_further_run_reaches_the_goal(trial, client, goal, seen)
                assert_guests_are_back(trial)

    in_virtual_time(live)


def plan_absence(engine: EmbeddedEngine, absence: Absence, usual: Course) -> None:
    """Have it go away at the call, or at the moment."""
    if absence.is_at_call:
        engine.fail("[!GH]*", absence.fault, at=1 + absence.at * usual.changes // 1000)
    else:
        at = 1 + absence.at * usual.turns // 1000
        loop().in_turns(at, partial(go_away, engine, absence.fault))


def has_lost_process(trial: Trial) -> bool:
    return any(each.has_lost_process for each in trial.engine.world.containers.values())


def stays_unfinished(trial: Trial) -> bool:
    """Whether the request is none of those that make anew what an engine has not finished, or must not."""
    for each in trial.engine.world.containers.values():
        document = trial.engine.container(each.id) or {}
        is_kept = each.has_lost_process and trial.may_stay_down(each.name)
        if is_kept or (
            trial.story.request.verb not in REPLACING
            and (each.has_lost_process or unmounted_volumes(document))
        ):
            return True
    return False


def has_lost_port(trial: Trial) -> bool:
    """Whether what somebody had stopped and renamed was started by the engine, and has its port now."""
    was_down = (
        trial.engine.container(was.id) or {}
        for name, was in trial.start.items()
        if name.endswith(BY_HAND) and not was.is_up
    )
    return any(
        each["State"]["Running"] and each["HostConfig"]["PortBindings"] for each in was_down if each
    )


def without_states(landscape: Mapping[str, Any]) -> Mapping[str, Any]:
    """What there is, whether it runs or not."""
    containers = {
        name: {key: each[key] for key in each.keys() - {"up", "networks"}}
        for name, each in landscape["containers"].items()
    }
    return {**landscape, "containers": containers}


def test_who_shares_a_network_is_connected_again_after_a_cancelled_renewal() -> None:
    """UPD-48, for a container that no map names."""
    before: Described = {
        "containers": {
            "c0": {"image": PRESENT[0], "networks": [{"network_name": "n1"}], "stop_timeout": 0}
        },
        "volumes": {},
        "networks": {"n1": {}},
        "groups": {},
    }
    now = {**before, "networks": {"n1": {"internal": True}}}
    request = Request("update", ("__all__",))
    story = Story(before=before, by_hand=(), now=now, request=request, limits=Limits(), seed=3)

    async def live(turns: int) -> bool:
        trial = Trial(story)
        await trial.prepare()
        async with trial.client() as client:
            was_cancelled = await interrupt(trial, lambda: run(client, request), at=turns)
            await run(client, request)
            assert_guests_are_back(trial)
        return was_cancelled

    turns = 1
    while in_virtual_time(partial(live, turns)):
        turns += 1
