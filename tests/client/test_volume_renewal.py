"""A volume is created anew by consent only; whatever interrupts that, its containers come back."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any, Final

import anyio
import pytest
from killed_update import run_and_kill
from raw_engine import RawEngine
from run_partners import READS, WatchedTransport, in_virtual_time

from aiodockmap import ActionRunnerError, ContainerMap, Event, MapClient, StepStarted
from aiodockmap.engine import ApiRequest
from aiodockmap.errors import EngineUnreachable, PlanningError
from aiodockmap.plan import PrepareVolume
from aiodockmap.testing import DropBefore, EmbeddedEngine, Reject

pytestmark = pytest.mark.virtual_time

Landscape = dict[str, Any]

FORCE: Final[dict[str, Any]] = {
    "force_update": {"config_type": "volume", "config_name": "db", "instance_names": ["data"]}
}
"""Names the volume `data` of `db`."""

TMPFS: Final = {"type": "tmpfs", "device": "tmpfs"}


def landscape(
    image: str, options: Mapping[str, str], *, user: str | None = None, **volume: object
) -> Landscape:
    """`db` owns a volume, `web` is selected and uses it; `off`, `idle` and `heir` do off its path."""
    return {
        "volumes": {
            "data": {
                "default_path": "/data",
                "driver_options": dict(options),
                "user": user,
                **volume,
            }
        },
        "db": {"image": image, "attaches": "data", "shares": "/scratch", "stop_timeout": 1},
        "web": {"image": image, "uses": "data", "links": "db", "stop_timeout": 1},
        "off": {"image": image, "uses": "data", "stop_timeout": 1},
        "idle": {"image": image, "uses": "data", "stop_timeout": 1},
        "heir": {"image": image, "uses": "off", "stop_timeout": 1},
        "apart": {"image": image, "stop_timeout": 1},
    }


NAMES: Final = ("apart", "db", "heir", "idle", "off", "web")


def states(raw_engine: RawEngine, prefix: str) -> dict[str, tuple[str, bool]]:
    """The id of each container, and whether it runs."""
    found = {}
    for full in raw_engine.container_names(prefix):
        details = raw_engine.get(f"containers/{full}/json")
        found[full.removeprefix(f"{prefix}.")] = (details["Id"], details["State"]["Running"])
    return found


def scratch(raw_engine: RawEngine, prefix: str) -> str:
    """The anonymous volume of `db`."""
    mounts = raw_engine.get(f"containers/{prefix}.db/json")["Mounts"]
    return next(str(each["Name"]) for each in mounts if each["Destination"] == "/scratch")


@pytest.mark.engine
async def test_a_volume_that_differs_is_created_anew_with_all_its_containers_by_force_only(
    client_of: Any, raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """UPD-40, UPD-41, UPD-46, UPD-86: told first; then all go and come back, as up as they were."""
    image = f"/{prompt_image}"
    async with client_of(landscape(image, {})) as client:
        await client.startup("__all__")
        await client.stop("idle")
    before, kept = states(raw_engine, prefix), scratch(raw_engine, prefix)

    async with client_of(landscape(image, TMPFS, user="2000")) as client:
        told = await client.update("web")
        untouched = states(raw_engine, prefix)
        plan = await client.plan("update", "web", **FORCE)
        report = await client.apply(plan)
        again = await client.plan("update", "web")

    after = states(raw_engine, prefix)
    assert untouched == before
    [note] = told.plan.notes
    for words in ("its data is lost", "driver options differ", "'config_name': 'db'", "['data']"):
        assert words in note
    assert "all data in it is lost" in plan.render()
    assert report.ok
    assert raw_engine.get(f"volumes/{prefix}.data")["Options"] == TMPFS
    assert raw_engine.volume_names(prefix) == [f"{prefix}.data"]
    assert sorted(after) == sorted(NAMES)
    assert {name for name in NAMES if after[name][0] == before[name][0]} == {"apart"}
    assert {name for name in NAMES if not after[name][1]} == {"idle"}
    assert scratch(raw_engine, prefix) == kept
    assert again.is_empty, again.render()


@pytest.mark.engine
async def test_containers_that_no_map_describes_keep_a_volume(
    client_of: Any, raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """UPD-46: an error names them, before anything changes."""
    async with client_of(landscape(f"/{prompt_image}", {})) as client:
        await client.startup("web")
        body = {"Image": prompt_image, "HostConfig": {"Binds": [f"{prefix}.data:/there"]}}
        raw_engine.call("POST", f"containers/create?name={prefix}stranger", body)
        before = states(raw_engine, prefix)

        with pytest.raises(PlanningError, match=f"{prefix}stranger"):
            await client.update("web", **FORCE)

    assert states(raw_engine, prefix) == before


@pytest.mark.engine
async def test_what_cannot_be_created_costs_no_data(
    client_of: Any, raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """A bad configuration is found out before any container stops."""
    wanted = landscape(f"/{prompt_image}", TMPFS)
    async with client_of(landscape(f"/{prompt_image}", {})) as client:
        await client.startup("__all__")
    before = states(raw_engine, prefix)
    wanted["off"]["host_config"] = {"runtime": "no-such-runtime"}

    async with client_of(wanted) as client:
        with pytest.raises(ActionRunnerError) as caught:
            await client.update("web", **FORCE)

    assert "no-such-runtime" in str(caught.value)
    assert states(raw_engine, prefix) == before
    assert raw_engine.volume_names(prefix) == [f"{prefix}.data"]
    assert not raw_engine.get(f"volumes/{prefix}.data")["Options"]


@pytest.mark.engine
@pytest.mark.parametrize(
    ("until", "action", "options"),
    [
        pytest.param("DELETE /containers/{id}", "startup", {}, id="one removed"),
        pytest.param("DELETE /volumes/{data}", "update", FORCE, id="volume removed"),
        pytest.param("POST /volumes/create {data}", "update", {}, id="volume created"),
    ],
)
async def test_a_killed_renewal_is_ended_by_the_next_run(
    client_of: Any,
    docker_url: str,
    raw_engine: RawEngine,
    prefix: str,
    prompt_image: str,
    until: str,
    action: str,
    options: Mapping[str, object],
) -> None:
    """By a real SIGKILL; with or without the same force, and those off the path come back, too."""
    image = f"/{prompt_image}"
    wanted = landscape(image, TMPFS)
    async with client_of(landscape(image, {})) as client:
        await client.startup("__all__")
        await client.stop("idle")
        database = states(raw_engine, prefix)["db"][0]
    until = until.format(id=database, data=f"{prefix}.data")

    await anyio.to_thread.run_sync(
        lambda: run_and_kill(docker_url, prefix, wanted, until=until, selected="web", options=FORCE)
    )
    async with client_of(wanted) as client:
        await getattr(client, action)("web", **options)
        again = await client.plan("update", "web")

    after = states(raw_engine, prefix)
    assert {name for name, (_, is_up) in after.items() if is_up} == {*NAMES} - {"idle"}
    assert sorted(after) == sorted(NAMES)
    assert raw_engine.volume_names(prefix) == [f"{prefix}.data"]
    assert again.is_empty, again.render()


# What needs many tries is done on the embedded engine, where they are cheap.


IMAGE: Final = "site-example:latest"


def up(engine: EmbeddedEngine) -> dict[str, bool]:
    return {
        name: (engine.container(name) or {})["State"]["Running"]
        for name in engine.container_names()
    }


async def before_renewal() -> tuple[EmbeddedEngine, dict[str, bool]]:
    """Everything runs but `idle`, on the old volume."""
    engine = EmbeddedEngine()
    old = ContainerMap("m", landscape(IMAGE, {}))
    async with MapClient(old, default_client=engine.transport()) as client:
        await client.startup("__all__")
        await client.stop("idle")
    return engine, up(engine)


def renewed_map() -> ContainerMap:
    return ContainerMap("m", landscape(IMAGE, TMPFS, user="2000"))


async def ends_well(
    engine: EmbeddedEngine, before: dict[str, bool], options: Mapping[str, Any]
) -> None:
    """The next update gives back all that is missing, and leaves nothing over."""
    async with MapClient(renewed_map(), default_client=engine.transport()) as client:
        await client.update("web", **options)
        again = await client.plan("update", "web")
    assert up(engine) == before
    assert engine.volume("m.data") is not None
    assert not [name for name in engine.volume_names() if "aiodockmap" in name]
    assert again.is_empty, again.render()
    if options:
        assert (engine.volume("m.data") or {})["Options"] == TMPFS


async def cut_off_after(changes: int, options: Mapping[str, Any]) -> bool:
    """Let a renewal lose its engine after so many changes; tells whether there are so many."""
    engine, before = await before_renewal()
    way = WatchedTransport(engine.transport())

    async def after(request: ApiRequest) -> None:
        if len(way.changes) >= changes and request.method not in READS:
            engine.fail("*", DropBefore())

    way.after = after
    async with MapClient(renewed_map(), default_client=way) as client:
        try:
            report = await client.update("web", raise_on_error=False, **FORCE)
        except EngineUnreachable:
            is_cut_off = True
        else:
            is_cut_off = not report.ok
    engine.heal()
    await ends_well(engine, before, options)
    return is_cut_off


async def cancelled_at(number: int, options: Mapping[str, Any]) -> bool:
    """Cancel a renewal as the step of that number begins; tells whether there is such a step."""
    engine, before = await before_renewal()

    with anyio.CancelScope() as scope:

        def cancel_at_the_step(event: Event) -> None:
            if isinstance(event, StepStarted) and event.step.id == number:
                scope.cancel()

        async with MapClient(
            renewed_map(), default_client=engine.transport(), on_event=cancel_at_the_step
        ) as client:
            await client.update("web", **FORCE)

    assert up(engine) == before, f"cancelled at step {number}"
    await ends_well(engine, before, options)
    return scope.cancelled_caught


@pytest.mark.parametrize("interrupted", [cut_off_after, cancelled_at])
def test_a_renewal_can_be_interrupted_anywhere(
    interrupted: Callable[[int, Mapping[str, Any]], Coroutine[Any, Any, bool]],
) -> None:
    """After any change, at any step; the next one is with the same force, or without."""
    number = 1
    while True:
        if not in_virtual_time(partial(interrupted, number, FORCE if number % 2 else {})):
            break
        number += 1
    assert number > 30  # five containers, with at least six steps each


@pytest.mark.parametrize(
    "call",
    [
        pytest.param("POST /containers/*/stop", id="a container does not stop"),
        pytest.param("DELETE /containers/*", id="a container does not go"),
        pytest.param("DELETE /volumes/m.data", id="the volume does not go"),
    ],
)
def test_what_cannot_go_leaves_all_containers_running(call: str) -> None:
    """UPD-46: nothing less than before, and the old volume with its data."""
    in_virtual_time(partial(stuck_at, call))


async def stuck_at(call: str) -> None:
    engine, before = await before_renewal()
    created = (engine.volume("m.data") or {})["CreatedAt"]
    name = None if "volumes" in call else "m.off"
    engine.fail(call, Reject(500, "it sticks"), name=name)

    async with MapClient(renewed_map(), default_client=engine.transport()) as client:
        report = await client.update("web", raise_on_error=False, **FORCE)
        engine.heal()
        assert not report.ok
        assert up(engine) == before
        assert (engine.volume("m.data") or {})["CreatedAt"] == created
        assert not (engine.volume("m.data") or {})["Options"]
        await ends_well(engine, before, {})


def test_a_volume_that_cannot_be_created_anew_is_there_as_it_was() -> None:
    """Its driver is missing: its containers are up on another one like the old, without the data."""
    in_virtual_time(without_driver)


async def without_driver() -> None:
    engine, before = await before_renewal()
    wanted = ContainerMap("m", landscape(IMAGE, {}, user="2000", driver="no-such-driver"))

    async with MapClient(wanted, default_client=engine.transport()) as client:
        with pytest.raises(ActionRunnerError) as caught:
            await client.update("web", **FORCE)

    assert "no-such-driver" in str(caught.value)
    assert "old driver and options" in str(caught.value)
    assert up(engine) == before
    assert [name for name in engine.volume_names() if name.startswith("m.")] == ["m.data"]


async def refused_renewal() -> tuple[EmbeddedEngine, str]:
    """Which cannot create the new volume; and what the user reads."""
    engine, before = await before_renewal()
    engine.fail("POST /volumes/create", Reject(500, "no new one"), name="m.data", at=1)
    engine.fail("POST /volumes/create", Reject(500, "no old one"), name="m.data", at=2)
    async with MapClient(renewed_map(), default_client=engine.transport()) as client:
        with pytest.raises(ActionRunnerError) as caught:
            await client.update("web", **FORCE)
    assert up(engine) == before
    return engine, str(caught.value)


def test_a_volume_that_cannot_be_restored_either_is_told_with_both_reasons() -> None:
    engine, told = in_virtual_time(refused_renewal)

    assert "no new one; and another one like the old one cannot be created either:" in told
    assert "no old one" in told
    assert [name for name in engine.volume_names() if name.startswith("m.")] == ["m.data"]


def test_a_volume_that_was_restored_is_prepared_even_if_that_cannot_be_noted() -> None:
    """VOL-25: it is as empty as a new one; the reason and the way back are not lost with the mark."""
    in_virtual_time(restored_with_a_mark_that_stays)


async def restored_with_a_mark_that_stays() -> None:
    engine, before = await before_renewal()
    engine.fail("POST /volumes/create", Reject(500, "no new one"), name="m.data", at=1)
    engine.fail("DELETE /volumes/*unprepared", Reject(500, "mark stays"), at=1)

    async with MapClient(renewed_map(), default_client=engine.transport()) as client:
        with pytest.raises(ActionRunnerError) as caught:
            await client.update("web", **FORCE)
        restored = engine.volume("m.data") or {}
        again = await client.plan("update", "web")

    assert "no new one; another one with the old driver and options is in its place" in str(
        caught.value
    )
    assert "io.aiodockmap.map" in restored["Labels"]
    assert any(isinstance(step.action, PrepareVolume) for step in again.steps)
    await ends_well(engine, before, {})
