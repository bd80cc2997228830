"""What commands are taken to do."""

from __future__ import annotations

import pytest
from embedded_partners import Asker

from aiodockmap.engine import Refused
from aiodockmap.testing import Behaviour, EmbeddedEngine, EmbeddedImage


async def test_what_an_image_runs_is_there(ask: Asker, engine: EmbeddedEngine) -> None:
    image = EmbeddedImage(command=("/app/server", "--port", "80"))
    engine.world.images.add("server:1", image, stamp="2026-01-01T00:00:00Z")

    await ask.create("web", Image="server:1")
    await ask.start("web")

    assert (engine.container("web") or {})["State"]["Running"]


async def test_an_image_can_have_a_behaviour(ask: Asker, engine: EmbeddedEngine) -> None:
    dying = EmbeddedImage(behaviour=Behaviour(ends_after=0, exit_code=9, is_oom_killed=True))
    engine.world.images.add("dying:1", dying, stamp="2026-01-01T00:00:00Z")

    await ask.create("web", Image="dying:1")
    await ask.start("web")

    state = (engine.container("web") or {})["State"]
    assert (state["ExitCode"], state["OOMKilled"]) == (9, True)


async def test_the_latest_rule_that_matches_counts(ask: Asker, engine: EmbeddedEngine) -> None:
    engine.behaviour(Behaviour(ends_after=0, exit_code=1), image="app:*")
    engine.behaviour(Behaviour(ends_after=0, exit_code=2), container="web", command="/bin/sleep *")
    engine.behaviour(Behaviour(ends_after=0, exit_code=3), container="other")

    await ask.create("web")
    await ask.start("web")

    assert (engine.container("web") or {})["State"]["ExitCode"] == 2


async def test_a_container_can_be_made_not_to_start(ask: Asker, engine: EmbeddedEngine) -> None:
    engine.behaviour(Behaviour(start_error="broken: unknown", start_exit_code=126))
    await ask.create("web")

    with pytest.raises(Refused, match="broken") as refusal:
        await ask.start("web")

    assert refusal.value.status == 400
    assert (engine.container("web") or {})["State"]["ExitCode"] == 126
