"""Whatever a client does, cancelled at every moment, and once more while it cleans up (ERR-11).

A moment is a turn of the loop: every suspension of a task is followed by one. `make cancellations` takes
all of them; here it is some of each action.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator
from copy import deepcopy
from functools import partial
from typing import Any, Final, TypeAlias

import pytest
from anyio import sleep
from interruptions import (
    assert_a_further_run_reaches_the_goal,
    interrupt,
    lived_through,
)
from run_partners import in_virtual_time
from strategies import PRESENT, PULLED, ByHand, Described, Request, Story
from trials import Trial, run

from aiodockmap import Limits, MapClient
from aiodockmap.testing import Delay

MOMENTS = int(os.environ.get("MOMENTS", "8"))
"""How many of each action; 0 for all."""
PAIRS = int(os.environ.get("PAIRS", "3"))
"""How many moments of a clean-up for each of those; 0 for all up to the 40th turn."""
LAST_TURN_OF_CLEANING: Final = 40
LATE: Final = 60
"""Seconds; nobody waits as long."""

SITE: Final[Described] = {
    "containers": {
        "store": {
            "image": PRESENT[0],
            "attaches": ["data"],
            "user": "1000:1000",
            "start_delay": 0.01,
            "stop_timeout": 1,
        },
        "web": {
            "image": PRESENT[0],
            "uses": ["data"],
            "shares": ["/shared"],
            "networks": [{"network_name": "front"}, {"network_name": "back"}],
            "exec_commands": [
                {"cmd": "/bin/sleep 500", "detach": True, "policy": "restart"},
                {"cmd": "/bin/touch /first", "policy": "initial"},
                {"cmd": "/bin/touch /second", "policy": "initial"},
            ],
            "stop_timeout": 1,
        },
        "top": {
            "image": PULLED,
            "networks": [{"network_name": "back", "links": ["web"]}],
            "stop_timeout": 1,
        },
    },
    "volumes": {"data": {"default_path": "/data"}},
    "networks": {"front": {}, "back": {}},
    "groups": {},
}
CHANGED: Final[Described] = deepcopy(SITE)
CHANGED["containers"]["web"]["create_options"] = {"environment": {"COLOUR": "blue"}}
CHANGED["containers"]["store"]["host_config"] = {"mem_limit": "48m"}
ALL_STOPPED: Final = tuple(ByHand("stop", f"m.{name}", "") for name in SITE["containers"])
CUT_OFF: Final = (ByHand("disconnect", "m.top", "m.back"),)


def story(
    verb: str,
    *,
    before: Described = SITE,
    now: Described = SITE,
    by_hand: tuple[ByHand, ...] = (),
    **options: Any,
) -> Story:
    request = Request(verb, ("__all__",), tuple(options.items()))
    return Story(before=before, by_hand=by_hand, now=now, request=request, limits=Limits(), seed=2)


UPDATE: Final = story("update", now=CHANGED, by_hand=CUT_OFF, pull_before_update=True)
"""A round of pulls; then a replacement, a live change, and a connection that is renewed."""
ACTIONS: Final = {
    "create": story("create", before={}),
    "start": story("start", by_hand=ALL_STOPPED),
    "restart": story("restart", restart_exec_commands=True),
    "stop": story("stop"),
    "remove": story("remove", by_hand=ALL_STOPPED, remove_attached=True, v=True),
    "startup": story("startup", before={}),
    "shutdown": story("shutdown", remove_attached=True),
    "update": UPDATE,
    "signal": story("signal", signal="SIGKILL"),
    "pull_images": story("pull_images", before={}),
}


def some(last: int, number: int) -> Iterator[int]:
    """So many moments up to the last one, evenly; all if it is 0."""
    return iter(range(1, last + 1, max(1, last // number) if number else 1))


async def cancelled_at(told: Story, goal: Any, at: int, again: int | None = None) -> None:
    trial = Trial(told)
    await trial.prepare()
    async with trial.client() as client:
        await interrupt(trial, partial(run, client, told.request), at=at, again=again)
        await assert_a_further_run_reaches_the_goal(trial, client, goal)


@pytest.mark.parametrize("verb", ACTIONS)
def test_an_action_cancelled_at_any_moment_is_finished_by_the_next_run(verb: str) -> None:
    told = ACTIONS[verb]
    usual = in_virtual_time(partial(lived_through, told))
    assert usual.ending.report is not None
    assert usual.ending.report.ok

    for at in some(usual.turns, MOMENTS):
        in_virtual_time(partial(cancelled_at, told, usual.goal, at))


@pytest.mark.parametrize("verb", ACTIONS)
def test_a_second_cancellation_during_the_cleaning_up_changes_nothing(verb: str) -> None:
    told = ACTIONS[verb]
    usual = in_virtual_time(partial(lived_through, told))

    for at in some(usual.turns, MOMENTS // 2):
        for again in some(LAST_TURN_OF_CLEANING, PAIRS):
            in_virtual_time(partial(cancelled_at, told, usual.goal, at, again))


@pytest.mark.parametrize("verb", ACTIONS)
def test_an_action_cancelled_while_the_engine_is_late_is_finished_when_it_has_caught_up(
    verb: str,
) -> None:
    """Later than anybody waits for the outcome of a change: what is cleaned up meanwhile is changed again."""
    told = ACTIONS[verb]
    usual = in_virtual_time(partial(lived_through, told))

    async def live(number: int) -> None:
        trial = Trial(told)
        await trial.prepare()
        late = trial.engine.fail("[PD][OE]*", Delay(LATE), at=number)
        async with trial.client() as client:
            assert await interrupt(trial, partial(run, client, told.request), at=late)
            await sleep(LATE)
            await assert_a_further_run_reaches_the_goal(trial, client, usual.goal)

    for number in some(usual.changes, MOMENTS // 4):
        in_virtual_time(partial(live, number))


Doing: TypeAlias = Callable[[MapClient], Awaitable[object]]


async def apply_a_plan(client: MapClient) -> None:
    plan = await client.plan("update", "__all__", pull_before_update=False)
    await client.apply(plan)


async def watch(client: MapClient) -> None:
    async with client.stream("update", "__all__") as events:
        async for _ in events:
            pass


@pytest.mark.parametrize("doing", [apply_a_plan, watch], ids=["apply", "stream"])
def test_a_plan_or_stream_cancelled_at_any_moment_is_finished_by_the_next_run(
    doing: Doing,
) -> None:
    told = story("update", now=CHANGED, by_hand=CUT_OFF)
    usual = in_virtual_time(partial(lived_through, told))

    async def live(at: int) -> None:
        trial = Trial(told)
        await trial.prepare()
        async with trial.client() as client:
            await interrupt(trial, partial(doing, client), at=at)
            await assert_a_further_run_reaches_the_goal(trial, client, usual.goal)

    for at in some(usual.turns, MOMENTS):
        in_virtual_time(partial(live, at))


def test_a_stream_that_is_left_after_any_event_is_finished_by_the_next_run() -> None:
    told = story("update", now=CHANGED, by_hand=CUT_OFF)
    usual = in_virtual_time(partial(lived_through, told))

    async def live(number: int) -> bool:
        trial = Trial(told)
        await trial.prepare()
        async with trial.client() as client:
            seen = 0
            async with client.stream("update", "__all__") as events:
                async for _ in events:
                    seen += 1
                    if seen == number:
                        break
            assert events.report is not None
            assert trial.log.check_rounds() is not None
            await assert_a_further_run_reaches_the_goal(trial, client, usual.goal)
        return seen == number

    number = 1
    while in_virtual_time(partial(live, number)):
        number += 1
    assert number > 10


async def look_ahead(client: MapClient) -> None:
    await client.plan("update", "__all__")


async def ask_why(client: MapClient) -> None:
    await client.explain("__all__")


async def ask_how_it_is(client: MapClient) -> None:
    await client.status(compare=True)


async def read_logs(client: MapClient) -> None:
    async with client.logs() as lines:
        async for _ in lines:
            pass


@pytest.mark.parametrize(
    "doing",
    [look_ahead, ask_why, ask_how_it_is, read_logs],
    ids=["plan", "explain", "status", "logs"],
)
def test_looking_that_is_cancelled_at_any_moment_changes_and_leaves_nothing(doing: Doing) -> None:
    async def live(at: int) -> bool:
        trial = Trial(UPDATE)
        await trial.prepare()
        async with trial.client() as client:
            was_cancelled = await interrupt(trial, partial(doing, client), at=at)
            assert not [*trial.changes]
        return was_cancelled

    at = 1
    while in_virtual_time(partial(live, at)):
        at += 1 if not MOMENTS else 5
    assert at > 5
