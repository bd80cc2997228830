"""How containers stop, on a real engine, and on one that hangs."""

from __future__ import annotations

import pytest
from engine_partners import HANG, Names, ScriptedEngine, answer
from raw_engine import RawEngine

from aiodockmap.engine import Engine
from aiodockmap.errors import EngineError, EngineTimeout, InvalidRequest
from aiodockmap.state import ExecSpec, RunState, StopPolicy

TRAP = "trap 'exit 7' {signal}; touch /ready; while :; do sleep 1000 & wait $!; done"
DEAF = "touch /ready; sleep 1000"
UNTIL_READY = ExecSpec(argv=("/bin/sh", "-c", "until test -e /ready; do /bin/sleep 0.01; done"))

real = pytest.mark.engine


async def run(engine: Engine, names: Names, image: str, **config: object) -> str:
    created = await engine.create_container(names.container(), {"Image": image, **config})
    await engine.start_container(names.container(), created.id)
    return created.id


async def run_trap(engine: Engine, names: Names, image: str, signal: str, **config: object) -> str:
    """A container that ends with code 7 when it gets the signal, and is ready to get it."""
    script = TRAP.format(signal=signal) if signal else DEAF
    command = ["/bin/sh", "-c", script]
    container = await run(engine, names, image, Cmd=command, **config)
    await engine.run_exec(names.container(), container, UNTIL_READY)
    return container


@real
@pytest.mark.parametrize("signal", [None, "SIGTERM"])
async def test_the_engine_stops_what_is_to_get_sigterm(
    engine: Engine, names: Names, test_image: str, signal: str | None
) -> None:
    container = await run_trap(engine, names, test_image, "TERM")

    stopped = await engine.stop_container(
        names.container(), container, StopPolicy(signal=signal, grace=20)
    )
    again = await engine.stop_container(
        names.container(), container, StopPolicy(signal=signal, grace=20)
    )

    observed = await engine.inspect_container(names.container(), container)
    assert observed is not None
    assert (stopped, again) == (True, False)
    assert (observed.state, observed.exit_code) == (RunState.EXITED, 7)


@real
async def test_another_signal_reaches_the_process(
    engine: Engine, names: Names, test_image: str
) -> None:
    container = await run_trap(engine, names, test_image, "INT")
    policy = StopPolicy(signal="SIGINT", grace=20)

    stopped = await engine.stop_container(names.container(), container, policy)
    again = await engine.stop_container(names.container(), container, policy)

    observed = await engine.inspect_container(names.container(), container)
    assert observed is not None
    assert (stopped, again) == (True, False)
    assert (observed.state, observed.exit_code) == (RunState.EXITED, 7)


@real
@pytest.mark.parametrize("signal", [None, "SIGINT"])
async def test_who_ignores_the_signal_is_killed_after_the_grace(
    engine: Engine, names: Names, test_image: str, signal: str | None
) -> None:
    container = await run_trap(engine, names, test_image, "")

    stopped = await engine.stop_container(
        names.container(), container, StopPolicy(signal=signal, grace=1)
    )

    observed = await engine.inspect_container(names.container(), container)
    assert observed is not None
    assert stopped
    assert (observed.state, observed.exit_code) == (RunState.EXITED, 137)


@real
async def test_a_restart_policy_does_not_bring_back_what_another_signal_stopped(
    engine: Engine, names: Names, test_image: str
) -> None:
    always = {"RestartPolicy": {"Name": "always"}}
    container = await run_trap(
        engine, names, test_image, "INT", StopSignal="SIGTERM", HostConfig=always
    )

    await engine.stop_container(names.container(), container, StopPolicy(signal="SIGINT", grace=20))

    # A restart would come a tenth of a second after the end; a stopped one cannot be stopped again.
    observed = await engine.inspect_container(names.container(), container)
    assert observed is not None
    assert observed.state is RunState.EXITED
    assert not await engine.stop_container(names.container(), container, StopPolicy(grace=0))


@real
async def test_a_paused_container_is_stopped(
    engine: Engine, names: Names, raw_engine: RawEngine, test_image: str
) -> None:
    container = await run(engine, names, test_image)
    raw_engine.call("POST", f"containers/{container}/pause")
    paused = await engine.inspect_container(names.container(), container)

    stopped = await engine.stop_container(names.container(), container, StopPolicy(grace=1))

    assert paused is not None
    assert paused.state is RunState.PAUSED
    assert stopped


@real
@pytest.mark.parametrize("signal", [None, "SIGINT"])
async def test_stopping_what_is_gone_or_never_ran_is_nothing(
    engine: Engine, names: Names, test_image: str, signal: str | None
) -> None:
    """STOP-7, ERR-13."""
    policy = StopPolicy(signal=signal, grace=1)
    await engine.create_container(names.container(), {"Image": test_image})

    never_ran = await engine.stop_container(names.container(), names.container().name, policy)
    gone = await engine.stop_container(names.container("x"), names.container("x").name, policy)

    assert (never_ran, gone) == (False, False)


@real
async def test_signals_are_sent_to_running_containers_only(
    engine: Engine, names: Names, test_image: str
) -> None:
    container = await run_trap(engine, names, test_image, "USR1")

    async with engine.exit_of(names.container(), container) as end:
        sent = await engine.kill_container(names.container(), container, "SIGUSR1")
        code = await end.code()
    sent_again = await engine.kill_container(names.container(), container, "SIGUSR1")
    with pytest.raises(InvalidRequest, match="SIGNONSENSE"):
        await engine.kill_container(names.container(), container, "SIGNONSENSE")

    assert (sent, sent_again, code) == (True, False, 7)


@pytest.fixture
def hanging(scripted: ScriptedEngine) -> ScriptedEngine:
    scripted.on("POST /containers/x-c/stop", HANG)
    scripted.on("GET /containers/x-c/json", answer(body={"Config": {"StopTimeout": 0}}))
    return scripted


async def test_a_stop_call_that_hangs_is_outwaited(
    hanging: ScriptedEngine, scripted_client: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """STOP-4; with a warning in the log."""
    hanging.on("POST /containers/x-c/wait", answer(body={"StatusCode": 137}))
    web = Names("x").container()

    stopped = await scripted_client.stop_container(web, web.name, StopPolicy(grace=0))

    assert stopped
    assert "did not return from stopping" in caplog.text


async def test_what_still_runs_after_all_patience_is_an_error(
    hanging: ScriptedEngine, scripted_client: Engine
) -> None:
    hanging.on("POST /containers/x-c/wait", HANG)
    web = Names("x").container()

    with pytest.raises(EngineTimeout) as failure:
        await scripted_client.stop_container(web, web.name, StopPolicy(grace=1))

    assert failure.value.resource == web


async def test_newer_engines_get_the_signal_with_the_stop(
    scripted: ScriptedEngine, scripted_client: Engine
) -> None:
    scripted.on("HEAD /_ping", answer(headers={"Api-Version": "1.47"}))
    scripted.on("POST /containers/x-c/stop", answer(204), answer(304))
    web = Names("x").container()

    stopped = await scripted_client.stop_container(
        web, web.name, StopPolicy(signal="SIGINT", grace=4)
    )

    assert stopped
    assert scripted.calls[-2:] == [
        "POST /v1.47/containers/x-c/stop?t=4&signal=SIGINT",
        "POST /v1.47/containers/x-c/stop?t=0",
    ]


async def test_podman_gets_the_signal_before_the_stop(
    scripted: ScriptedEngine, scripted_client: Engine
) -> None:
    headers = {"Api-Version": "1.44", "Libpod-API-Version": "5.4.0"}
    scripted.on("HEAD /_ping", answer(headers=headers))
    scripted.on("POST /containers/x-c/kill", answer(204))
    scripted.on("POST /containers/x-c/wait", answer(body={"StatusCode": 0}))
    scripted.on("POST /containers/x-c/stop", answer(304))
    web = Names("x").container()

    stopped = await scripted_client.stop_container(
        web, web.name, StopPolicy(signal="SIGINT", grace=4)
    )

    assert stopped
    assert "POST /v1.44/containers/x-c/kill?signal=SIGINT" in scripted.calls


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b'{"StatusCode": 1e999}', id="endless"),
        pytest.param(b"[]", id="a-list"),
    ],
)
async def test_a_wait_whose_answer_makes_no_sense_is_an_error(
    scripted: ScriptedEngine, scripted_client: Engine, body: bytes
) -> None:
    """ERR-10."""
    scripted.on("POST /containers/x-c/wait", answer(body=body))
    web = Names("x").container()

    with pytest.raises(EngineError, match="cannot be read"):
        async with scripted_client.exit_of(web, web.name) as end:
            await end.code()


async def test_a_wait_with_an_error_of_another_type_gives_the_exit_code(
    scripted: ScriptedEngine, scripted_client: Engine
) -> None:
    scripted.on("POST /containers/x-c/wait", answer(body={"StatusCode": 3, "Error": "odd"}))
    web = Names("x").container()

    async with scripted_client.exit_of(web, web.name) as end:
        assert await end.code() == 3
