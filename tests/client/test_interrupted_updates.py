"""Updates that are killed or cancelled at any call, on a real engine; `make interrupted` tries them all."""

from __future__ import annotations

import asyncio
import random
from typing import Final

import anyio
import pytest
from interrupted_updates import Estate
from run_partners import in_virtual_time

from aiodockmap import ContainerMap, Event, MapClient, StepStarted
from aiodockmap.plan import StopContainer
from aiodockmap.testing import Behaviour, EmbeddedEngine

CALLS: Final = 55
"""Of an update of the estate, looks included."""
CHANGES: Final = 30
SOME: Final = random.Random(20)  # noqa: S311  # the same in each run


@pytest.mark.engine
@pytest.mark.timeout(120)
async def test_an_update_that_is_cancelled_at_any_call_leaves_all_of_it_running(
    docker_url: str, prefix: str, prompt_image: str
) -> None:
    estate = Estate(docker_url, prefix, prompt_image)
    await estate.begin()

    for number in sorted(SOME.sample(range(1, CALLS), 4)):
        assert await estate.cancelled(number)


@pytest.mark.engine
@pytest.mark.timeout(120)
async def test_an_update_with_followers_that_was_killed_is_finished_by_the_next_one(
    docker_url: str, prefix: str, prompt_image: str
) -> None:
    """By a real SIGKILL; each container is there all the time, and so is what is in anonymous volumes."""
    estate = Estate(docker_url, prefix, prompt_image)
    await estate.begin()

    for changes in sorted(SOME.sample(range(CHANGES), 3)):
        assert await estate.killed(changes)


async def _cancelled_while_it_stops() -> None:
    engine = EmbeddedEngine()
    engine.behaviour(Behaviour(), container="m.db*")
    stopping = asyncio.Event()

    def site(level: str) -> ContainerMap:
        create = {"environment": {"LEVEL": level}}
        return ContainerMap("m", {"db": {"image": "site-example", "create_options": create}})

    def watch(event: Event) -> None:
        if isinstance(event, StepStarted) and isinstance(event.step.action, StopContainer):
            stopping.set()

    async with MapClient(site("old"), default_client=engine.transport()) as client:
        await client.startup("db")
    before = (engine.container("m.db") or {})["Id"]
    async with MapClient(site("new"), default_client=engine.transport(), on_event=watch) as client:
        update = asyncio.ensure_future(client.update("db"))
        await stopping.wait()
        await anyio.sleep(3)  # of the ten that it is given
        update.cancel()
        await asyncio.wait([update])
    assert update.cancelled()
    await anyio.sleep(60)
    found = engine.container("m.db") or {}
    assert (found["Id"], found["State"]["Running"]) == (before, True)


def test_an_old_container_that_was_already_asked_to_stop_is_started_again() -> None:
    """Engines go on with a stop whose caller has left, until the end of the grace period."""
    in_virtual_time(_cancelled_while_it_stops)
