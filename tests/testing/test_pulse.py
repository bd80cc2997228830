"""Calls that take their time are waited for as long as the engine is there, and no longer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from anyio import current_time
from embedded_partners import Asker

from aiodockmap import EngineUnreachable
from aiodockmap.engine import Engine
from aiodockmap.model import DEFAULT_ENGINE, ResourceId, ResourceKind
from aiodockmap.state import ExecSpec, StopPolicy
from aiodockmap.testing import Behaviour, Delay, DropBefore, EmbeddedEngine, EmbeddedImage

WEB = ResourceId(DEFAULT_ENGINE, ResourceKind.CONTAINER, "web")
IMAGE = ResourceId(DEFAULT_ENGINE, ResourceKind.IMAGE, "app:1")
FOREVER = Delay(1_000_000)

Wait = Callable[[Engine], Awaitable[object]]


async def stop(engine: Engine) -> object:
    return await engine.stop_container(WEB, "web", StopPolicy(grace=5_000))


async def pull(engine: Engine) -> object:
    await engine.pull_image(IMAGE, "app:1")
    return None


async def run(engine: Engine) -> object:
    return await engine.run_exec(WEB, "web", ExecSpec(argv=("/bin/sleep", "5000")))


WAITS = [
    pytest.param(stop, "POST /containers/web/stop", id="stop"),
    pytest.param(pull, "POST /images/create", id="pull"),
    pytest.param(run, "POST /exec/*/start", id="exec"),
]


@pytest.fixture
async def running(engine: EmbeddedEngine, ask: Asker) -> Engine:
    """Our side of an engine on which `web` runs."""
    engine.registry.publish("app:1", EmbeddedImage())
    await ask.create("web")
    await ask.start("web")
    ours = Engine.over(DEFAULT_ENGINE, engine.transport())
    await ours.connect()
    return ours


@pytest.mark.parametrize(("wait", "call"), WAITS)
async def test_an_engine_that_hangs_is_given_up(
    engine: EmbeddedEngine, running: Engine, wait: Wait, call: str
) -> None:
    engine.fail(call, FOREVER)
    engine.fail("HEAD /_ping", FOREVER)

    with pytest.raises(EngineUnreachable, match="has stopped answering") as failure:
        await wait(running)

    assert failure.value.resource is not None
    assert failure.value.call.startswith("POST")
    # Half a minute, and the patience for a short call.
    assert current_time() == pytest.approx(90, abs=1)


@pytest.mark.parametrize(("wait", "call"), WAITS)
async def test_an_engine_that_went_away_is_given_up(
    engine: EmbeddedEngine, running: Engine, wait: Wait, call: str
) -> None:
    engine.fail(call, FOREVER)
    engine.fail("HEAD /_ping", DropBefore())

    with pytest.raises(EngineUnreachable, match="has stopped answering"):
        await wait(running)

    assert current_time() == pytest.approx(30, abs=1)


async def test_an_engine_that_is_there_is_waited_for(
    engine: EmbeddedEngine, running: Engine
) -> None:
    engine.behaviour(Behaviour(ends_after=900), command="/bin/sleep 900")

    ran = await running.run_exec(WEB, "web", ExecSpec(argv=("/bin/sleep", "900")))

    assert ran.exit_code == 0
    assert current_time() == pytest.approx(900, abs=1)


async def test_a_moment_of_silence_is_forgiven(engine: EmbeddedEngine, running: Engine) -> None:
    engine.behaviour(Behaviour(ends_after=500), command="/bin/sleep 500")
    engine.fail("HEAD /_ping", Delay(50))

    ran = await running.run_exec(WEB, "web", ExecSpec(argv=("/bin/sleep", "500")))

    assert ran.exit_code == 0


async def test_short_calls_ask_nothing_besides(engine: EmbeddedEngine, running: Engine) -> None:
    before = len(engine.calls)

    await running.list_containers()

    assert len(engine.calls) == before + 1
