"""An engine that is killed, and comes back, in the middle of each action."""

from __future__ import annotations

import random
from functools import partial

import anyio
import pytest
from own_engine import OwnEngine
from run_partners import READS, WatchedTransport
from trouble import ACTIONS, ROUNDS, act, check, site

from aiodockmap import ActionRunnerError, ClientConfiguration, MapClient
from aiodockmap.engine import ApiRequest
from aiodockmap.engine._clients import connect_to
from aiodockmap.engine._hosts import resolve_address
from aiodockmap.errors import EngineError

pytestmark = pytest.mark.engine
PATIENCE = 120


async def killed_at(
    engine: OwnEngine, name: str, action: str, change: int, *, is_answered: bool
) -> bool:
    """Kill the engine at a change of an action, before it or after its answer; whether it came so far."""
    way = WatchedTransport(connect_to(resolve_address(engine.url)))
    left = change
    is_killed = False

    async def kill(request: ApiRequest) -> None:
        nonlocal left, is_killed
        if request.method in READS:
            return
        if left == 0 and not is_killed:
            is_killed = True
            engine.kill()
        left -= 1

    if is_answered:
        way.after = kill
    else:
        way.before = kill
    try:
        with anyio.fail_after(PATIENCE):
            async with MapClient(site(name, action), default_client=way) as client:
                await act(client, action)
    except (ActionRunnerError, EngineError):
        assert is_killed
    finally:
        await way.aclose()
    if is_killed:
        await anyio.to_thread.run_sync(engine.start)
    return is_killed


async def reach(engine: OwnEngine, name: str, action: str) -> None:
    """Carry an action out on an engine that is well, and see that its goal is reached."""
    here = ClientConfiguration(base_url=engine.url)
    async with MapClient(site(name, action), default_client=here) as client:
        if action == "stop":
            # The engine has started nothing by itself; something else may have to be brought up first.
            await client.update("__all__", check_exec_commands="none")
        await act(client, action)
        await check(client, engine.raw, name, action)


@pytest.mark.timeout(3_000)
async def test_the_next_run_reaches_the_goal(own_engine: OwnEngine) -> None:
    """By hand at every change of each action; with every change of ours at one of two."""
    chance = random.Random(7)  # noqa: S311  # no secret
    survived = 0
    actions = ACTIONS if ROUNDS else ACTIONS[:2]
    for action in actions:
        changes = range(100) if ROUNDS else [chance.randrange(1, 4)]
        for change in changes:
            name = f"kill{action}{change}"
            for earlier in ACTIONS[: ACTIONS.index(action)]:
                await reach(own_engine, name, earlier)
            is_killed = await killed_at(
                own_engine, name, action, change, is_answered=bool(change % 2)
            )
            await reach(own_engine, name, action)
            await anyio.to_thread.run_sync(partial(own_engine.raw.remove_all, name))
            survived += is_killed
            if not is_killed:
                break
    assert survived >= len(actions)
