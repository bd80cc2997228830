"""Re-creating a container never leaves less than before."""

from __future__ import annotations

import anyio
import pytest
from raw_engine import RawEngine

from aiodockmap import (
    ActionRunnerError,
    ClientConfiguration,
    ContainerMap,
    Event,
    MapClient,
    Patience,
    RunFinished,
    StepStarted,
)
from aiodockmap.execute import RunReport

pytestmark = pytest.mark.engine


def details(engine: RawEngine, name: str) -> dict[str, object]:
    status, found = engine.call("GET", f"containers/{name}/json")
    assert status == 200, f"{name} does not exist"
    assert isinstance(found, dict)
    return found


def is_running(found: dict[str, object]) -> bool:
    state = found["State"]
    assert isinstance(state, dict)
    return bool(state["Running"])


def run_raw(engine: RawEngine, name: str, image: str, **body: object) -> str:
    status, made = engine.call(
        "POST",
        f"containers/create?name={name}",
        {"Image": image, "StopSignal": "SIGKILL", **body},
    )
    assert status == 201, made
    engine.call("POST", f"containers/{made['Id']}/start")
    return str(made["Id"])


def database(prefix: str, image: str, command: str = "/bin/sleep 1000") -> ContainerMap:
    """One container that owns a volume, which makes startup replace a container without it (ACT-7)."""
    return ContainerMap(
        prefix,
        {
            "volumes": {"data": "/data"},
            "db": {
                "image": f"/{image}",
                "attaches": "data",
                "stop_signal": "SIGKILL",
                "create_options": {"command": command},
            },
        },
    )


def client(map_: ContainerMap, url: str, events: list[Event] | None = None) -> MapClient:
    return MapClient(
        map_,
        default_client=ClientConfiguration(base_url=url),
        patience=Patience(settle=1.0, others=0),
        on_event=events.append if events is not None else None,
    )


async def test_a_replaced_container_has_its_name_its_volume_and_no_leftovers(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """ACT-7."""
    old = run_raw(raw_engine, f"{prefix}.db", test_image)

    async with client(database(prefix, test_image), docker_url) as maps:
        report = await maps.startup("db")
        again = await maps.plan("startup", "db")

    found = details(raw_engine, f"{prefix}.db")
    assert report.ok
    assert found["Id"] != old
    assert is_running(found)
    assert raw_engine.container_names(prefix) == [f"{prefix}.db"]
    assert again.is_empty


async def test_an_anonymous_volume_is_carried_over(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """REM-3: it is not removed with the old container."""
    run_raw(raw_engine, f"{prefix}.db", test_image, Volumes={"/scratch": {}})
    before = details(raw_engine, f"{prefix}.db")["Mounts"]
    assert isinstance(before, list)
    map_ = database(prefix, test_image).merge({"db": {"shares": "/scratch"}})

    async with client(map_, docker_url) as maps:
        await maps.startup("db")

    after = details(raw_engine, f"{prefix}.db")["Mounts"]
    assert isinstance(after, list)
    assert {mount["Destination"]: mount["Name"] for mount in after} == {
        "/scratch": before[0]["Name"],
        "/data": f"{prefix}.data",
    }


async def test_a_share_that_left_the_map_is_not_carried_over(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    plain = database(prefix, test_image)

    async with client(plain.merge({"db": {"shares": "/scratch"}}), docker_url) as maps:
        await maps.startup("db")
    async with client(plain, docker_url) as maps:
        await maps.update("db")
        again = await maps.plan("update", "db")

    mounts = details(raw_engine, f"{prefix}.db")["Mounts"]
    assert isinstance(mounts, list)
    assert [mount["Destination"] for mount in mounts] == ["/data"]
    assert again.is_empty


@pytest.mark.parametrize(
    ("command", "words"),
    [
        pytest.param("/bin/missing", "/bin/missing", id="refused"),
        pytest.param("/bin/sh -c 'echo no luck; exit 3'", "exit code 3", id="dies"),
    ],
)
async def test_the_old_container_runs_again_if_the_new_one_does_not(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str, command: str, words: str
) -> None:
    old = run_raw(raw_engine, f"{prefix}.db", test_image)

    async with client(database(prefix, test_image, command), docker_url) as maps:
        with pytest.raises(ActionRunnerError) as caught:
            await maps.startup("db")

    found = details(raw_engine, f"{prefix}.db")
    assert found["Id"] == old
    assert is_running(found)
    assert raw_engine.container_names(prefix) == [f"{prefix}.db"]
    assert words in str(caught.value)
    assert f"the old container {prefix}.db is in its place again" in str(caught.value)


async def test_what_cannot_be_created_costs_nothing(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    old = run_raw(raw_engine, f"{prefix}.db", test_image)
    before = details(raw_engine, f"{prefix}.db")["State"]
    map_ = database(prefix, test_image).merge({"db": {"host_config": {"mem_limit": "1m"}}})

    async with client(map_, docker_url) as maps:
        with pytest.raises(ActionRunnerError):
            await maps.startup("db")

    after = details(raw_engine, f"{prefix}.db")
    assert after["Id"] == old
    assert after["State"] == before


@pytest.mark.parametrize("number", range(1, 6))
async def test_a_replacement_that_is_cancelled_ends_with_a_running_container(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str, number: int
) -> None:
    """Cancelled as each of its steps begins; a second run finishes the job."""
    run_raw(raw_engine, f"{prefix}.db", test_image)
    reports: list[RunReport] = []
    with anyio.CancelScope() as scope:

        def watch(event: Event) -> None:
            if isinstance(event, StepStarted) and event.step.id == number:
                scope.cancel()
            if isinstance(event, RunFinished):
                reports.append(event.report)

        async with MapClient(
            database(prefix, test_image),
            default_client=ClientConfiguration(base_url=docker_url),
            on_event=watch,
        ) as maps:
            await maps.startup("db")

    assert scope.cancelled_caught
    assert reports
    assert is_running(details(raw_engine, f"{prefix}.db"))
    # The volume exists by now, which alone is no reason to replace the old container again.
    async with client(database(prefix, test_image), docker_url) as maps:
        await maps.startup("db")
    assert is_running(details(raw_engine, f"{prefix}.db"))
    assert raw_engine.container_names(prefix) == [f"{prefix}.db"]


@pytest.mark.parametrize("moment", ["created", "stopped", "aside", "renamed", "started"])
async def test_a_replacement_that_was_killed_is_finished_or_undone_by_the_next_run(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str, moment: str
) -> None:
    """The states in which a killed process leaves the engine, one after the other."""
    name = f"{prefix}.db"
    old = run_raw(raw_engine, name, test_image)
    labels = {"io.aiodockmap.replaces": f"{old} up"}
    body = {"Image": test_image, "StopSignal": "SIGKILL", "Labels": labels}
    _, new = raw_engine.call("POST", f"containers/create?name={name}.aiodockmap-new", body)
    done = ["created", "stopped", "aside", "renamed", "started"].index(moment)
    calls = [
        f"containers/{old}/stop",
        f"containers/{old}/rename?name={name}.aiodockmap-old",
        f"containers/{new['Id']}/rename?name={name}",
        f"containers/{new['Id']}/start",
    ]
    for call in calls[:done]:
        assert raw_engine.call("POST", call)[0] in {200, 204}
    raw_engine.call("POST", "volumes/create", {"Name": f"{prefix}.data"})

    async with client(database(prefix, test_image), docker_url) as maps:
        report = await maps.startup("db")
        again = await maps.plan("startup", "db")

    assert report.ok
    found = details(raw_engine, name)
    assert is_running(found)
    assert found["Id"] == (new["Id"] if moment == "started" else old)
    assert raw_engine.container_names(prefix) == [name]
    assert again.is_empty


async def test_shutdown_takes_the_leftovers_of_a_replacement_along(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    old = run_raw(raw_engine, f"{prefix}.db", test_image)
    labels = {"io.aiodockmap.replaces": f"{old} up"}
    body = {"Image": test_image, "Labels": labels}
    raw_engine.call("POST", f"containers/create?name={prefix}.db.aiodockmap-new", body)

    async with client(database(prefix, test_image), docker_url) as maps:
        await maps.shutdown("db")

    assert raw_engine.container_names(prefix) == []
