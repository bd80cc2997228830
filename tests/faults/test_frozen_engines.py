"""An engine that stops in its tracks: whoever waits for it gives up in time, and goes on afterwards."""

from __future__ import annotations

from functools import partial

import anyio
import pytest
from own_engine import OwnEngine
from run_partners import READS, WatchedTransport
from trouble import ACTIONS, ROUNDS, act, check, site

from aiodockmap import ActionRunnerError, ClientConfiguration, EngineUnreachable, MapClient
from aiodockmap.engine import ApiRequest
from aiodockmap.engine._clients import connect_to
from aiodockmap.engine._hosts import resolve_address

pytestmark = pytest.mark.engine
SHORT = 2.0
"""Seconds that calls may take; a minute by default."""
PATIENCE = 60


@pytest.mark.timeout(600)
@pytest.mark.parametrize("action", ACTIONS if ROUNDS else ["update", "shutdown"])
async def test_a_run_on_it_ends_with_an_error_and_the_next_one_reaches_the_goal(
    own_engine: OwnEngine, action: str
) -> None:
    name = f"frozen{action}"
    here = ClientConfiguration(base_url=own_engine.url)
    for earlier in ACTIONS[: ACTIONS.index(action)]:
        async with MapClient(site(name, earlier), default_client=here) as client:
            await act(client, earlier)
    way = WatchedTransport(connect_to(resolve_address(own_engine.url)))

    async def freeze(request: ApiRequest) -> None:
        if request.method not in READS and len(way.changes) == 2:
            own_engine.freeze()

    way.before = freeze
    hasty = ClientConfiguration(client=way, timeout=SHORT)
    try:
        with anyio.fail_after(PATIENCE), pytest.raises((ActionRunnerError, EngineUnreachable)):
            async with MapClient(site(name, action), default_client=hasty) as client:
                await act(client, action)
    finally:
        own_engine.thaw()
        await way.aclose()

    async with MapClient(site(name, action), default_client=here) as client:
        await act(client, action)
        await check(client, own_engine.raw, name, action)
    await anyio.to_thread.run_sync(partial(own_engine.raw.remove_all, name))
