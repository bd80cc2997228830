"""An engine that was killed while it started a container, and cannot start that one any more.

Docker 20.10 does that; `test_killed_engines` has it happen. Here it is the embedded engine.
"""

from __future__ import annotations

import pytest

from aiodockmap import ActionRunnerError, ContainerMap, MapClient
from aiodockmap.testing import EmbeddedEngine

pytestmark = pytest.mark.virtual_time


def site(*, persistent: bool = False) -> ContainerMap:
    return ContainerMap("site", {"web": {"image": "/site-example", "persistent": persistent}})


def lose_process(engine: EmbeddedEngine) -> str:
    """Have its daemon killed while it starts the container; give the id."""
    container = engine.world.container("site.web")
    container.has_lost_process = True
    return container.id


@pytest.mark.parametrize("is_new", [True, False], ids=["never-started", "stopped"])
@pytest.mark.parametrize("verb", ["startup", "update"])
async def test_the_first_run_says_so_and_the_next_one_makes_it_anew(
    verb: str, *, is_new: bool
) -> None:
    engine = EmbeddedEngine()
    async with MapClient(site(), default_client=engine.transport()) as client:
        if is_new:
            await client.create("web")
        else:
            await client.startup("web")
            await client.stop("web")
        lost = lose_process(engine)

        with pytest.raises(ActionRunnerError) as refused:
            await getattr(client, verb)("web")
        await getattr(client, verb)("web")

    [error] = refused.value.exceptions
    assert "`update` make it anew" in str(error)
    found = engine.container("site.web") or {}
    assert found["Id"] != lost
    assert found["State"]["Running"]
    assert engine.container_names() == ["site.web"]


async def test_what_is_in_a_persistent_one_is_not_thrown_away() -> None:
    engine = EmbeddedEngine()
    async with MapClient(site(persistent=True), default_client=engine.transport()) as client:
        await client.startup("web")
        await client.stop("web")
        lost = lose_process(engine)
        engine.world.container("site.web").state.error = f"task {lost}: already exists"

        await client.startup("web")

    assert (engine.container("site.web") or {})["Id"] == lost
