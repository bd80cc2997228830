"""An engine that is killed, and comes back, in the middle of each action."""

from __future__ import annotations

import os
import random
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path

import anyio
import pytest
from attrs import define, field
from own_engine import OwnEngine
from run_partners import READS, WatchedTransport
from trouble import ACTIONS, ROUNDS, act, check, site

from aiodockmap import ActionRunnerError, ClientConfiguration, ContainerMap, MapClient
from aiodockmap.engine import ApiRequest
from aiodockmap.engine._clients import connect_to
from aiodockmap.engine._hosts import resolve_address
from aiodockmap.errors import EngineError

pytestmark = pytest.mark.engine
PATIENCE = 120
MOMENTS = ("before", "within", "after")
"""When the engine dies, seen from a call that changes something."""
LONGEST = 0.3
"""Seconds: how far within."""
SEED = int(os.environ.get("FAULT_SEED", "7"))


@define(eq=False)
class Killer:
    """Kills an engine once, at the n-th change, counted from 0."""

    engine: OwnEngine
    change: int
    moment: str
    delay: float
    seen: int = -1
    is_done: bool = False
    _timer: threading.Timer | None = field(default=None, init=False)

    async def before(self, request: ApiRequest) -> None:
        if request.method in READS or self.moment == "after":
            return
        self.seen += 1
        if self.seen != self.change:
            return
        self.is_done = True
        if self.moment == "before":
            self.engine.kill()
        else:
            self._timer = threading.Timer(self.delay, self.engine.kill)
            self._timer.start()

    async def after(self, request: ApiRequest) -> None:
        if request.method in READS or self.moment != "after":
            return
        self.seen += 1
        if self.seen == self.change:
            self.is_done = True
            self.engine.kill()

    def join(self) -> None:
        """Wait until the engine is dead, if it is to be."""
        if self._timer is not None:
            self._timer.join()


async def killed_at(engine: OwnEngine, name: str, action: str, killer: Killer) -> bool:
    """Kill the engine at a change of an action; whether it came so far."""
    way = WatchedTransport(connect_to(resolve_address(engine.url)))
    way.before, way.after = killer.before, killer.after
    try:
        with anyio.fail_after(PATIENCE):
            async with MapClient(site(name, action), default_client=way) as client:
                await act(client, action)
    except (ActionRunnerError, EngineError):
        assert killer.is_done
    finally:
        await way.aclose()
        killer.join()
    if killer.is_done:
        await anyio.to_thread.run_sync(engine.start)
    return killer.is_done


async def reach(engine: OwnEngine, name: str, action: str, *, may_be_refused: bool) -> None:
    """Carry an action out on an engine that is well, and see that its goal is reached.

    An engine that died while it started or stopped a container may never start that one again
    (Docker 20.10), and says so when it is asked to; the next `update` makes it anew.
    """
    here = ClientConfiguration(base_url=engine.url)
    async with MapClient(site(name, action), default_client=here) as client:

        async def bring_up() -> None:
            await client.update("__all__", check_exec_commands="none")

        async def carry_out() -> None:
            await act(client, action)

        # The engine has started nothing by itself; something else may have to be brought up first.
        for step in [bring_up, carry_out] if action == "stop" else [carry_out]:
            try:
                await step()
            except ActionRunnerError as error:
                if not may_be_refused or any(
                    "make it anew" not in str(e) for e in error.exceptions
                ):
                    raise
                await bring_up()
                await step()
        await check(client, engine.raw, name, action)


@pytest.mark.timeout(3_000)
async def test_the_next_run_reaches_the_goal(own_engine: OwnEngine) -> None:
    """By hand at every change of each action; with every change of ours at one of two."""
    chance = random.Random(SEED)  # noqa: S311  # no secret
    cases = [(action, moment) for action in ACTIONS for moment in MOMENTS]
    for action, moment in cases if ROUNDS else [("startup", "within"), ("update", "after")]:
        for change in range(100) if ROUNDS else [chance.randrange(1, 4)]:
            name = f"kill{action}{change}{moment}"
            for earlier in ACTIONS[: ACTIONS.index(action)]:
                await reach(own_engine, name, earlier, may_be_refused=False)
            killer = Killer(own_engine, change, moment, chance.uniform(0, LONGEST))
            is_killed = await killed_at(own_engine, name, action, killer)
            await reach(own_engine, name, action, may_be_refused=moment == "within")
            await anyio.to_thread.run_sync(partial(own_engine.raw.remove_all, name))
            if not is_killed:
                assert change > 0, "nothing was changed"
                break


def kill_when_written_down(engine: OwnEngine, is_over: threading.Event) -> None:
    """Kill an engine as soon as it has written one more container to its disk."""
    containers = engine.folder / "data" / "containers"
    before = len(written_down(containers))
    while not is_over.is_set():
        if len(written_down(containers)) > before:
            engine.kill()
            return


def written_down(containers: Path) -> list[Path]:
    return [*containers.glob("*/hostconfig.json")]


@pytest.mark.timeout(3_000)
async def test_a_container_is_whole_whose_creation_was_cut_short(own_engine: OwnEngine) -> None:
    """Docker 20.10 writes containers down before they have endpoints and anonymous volumes."""
    here = ClientConfiguration(base_url=own_engine.url)
    network = {"network_name": "front", "aliases": ["shop"]}
    for number in range(ROUNDS or 2):
        name = f"half{number}"
        shared = ["/bin"] if number % 2 else []
        web = {
            "image": "/site-example",
            "shares": shared,
            "networks": [network],
            "stop_timeout": 0,
        }
        half = ContainerMap(name, {"web": web, "networks": {"front": None}})
        is_over = threading.Event()
        killing = threading.Thread(target=kill_when_written_down, args=(own_engine, is_over))
        killing.start()
        try:
            async with MapClient(half, default_client=here) as client:
                with suppress(ActionRunnerError):
                    await client.create("web")
        finally:
            is_over.set()
            killing.join()
        if not own_engine.is_up:
            await anyio.to_thread.run_sync(own_engine.start)

        async with MapClient(half, default_client=here) as client:
            await client.startup("web")
            left = await client.plan("update", "web")

        assert left.is_empty, left.render()
        found = own_engine.raw.get(f"containers/{name}.web/json")
        assert [mount["Destination"] for mount in found["Mounts"]] == shared
        assert "shop" in found["NetworkSettings"]["Networks"][f"{name}.front"]["Aliases"]
        await anyio.to_thread.run_sync(partial(own_engine.raw.remove_all, name))
