"""What fails, and what goes on all the same, on a real engine."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from raw_engine import RawEngine
from run_partners import Log, words

from aiodockmap import (
    ActionRunnerError,
    ClientConfiguration,
    ContainerFailed,
    ContainerMap,
    EngineError,
    ImagePullError,
    MapClient,
    PlanningError,
    ResourceConflict,
)

pytestmark = pytest.mark.engine


def diamond(prefix: str, common_image: str, /, **changes: object) -> ContainerMap:
    """a below b and c, both below d; `changes` are to b."""
    names: dict[str, list[str]] = {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]}
    containers: dict[str, dict[str, object]] = {
        name: {"image": common_image, "links": links, "stop_timeout": 0}
        for name, links in names.items()
    }
    containers["b"].update(changes)
    return ContainerMap.from_dict(prefix, {"containers": containers})


def running(raw_engine: RawEngine, prefix: str) -> set[str]:
    """The containers of a test that run, without its prefix."""
    return {
        name.removeprefix(f"{prefix}.")
        for name in raw_engine.container_names(prefix)
        if (raw_engine.container(name) or {})["State"]["Running"]
    }


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("0.0.0.0", 0))  # noqa: S104  # as an engine would
        holder.listen()
        yield holder.getsockname()[1]


async def fail(docker_url: str, site: ContainerMap) -> tuple[ActionRunnerError, Log]:
    log = Log()
    async with MapClient(site, default_client=at(docker_url), on_event=log) as client:
        with pytest.raises(ActionRunnerError) as raised:
            await client.startup("d")
    log.check_shape()
    assert raised.value.report == log.report
    return raised.value, log


def at(docker_url: str) -> ClientConfiguration:
    return ClientConfiguration(base_url=docker_url)


def check_the_diamond(
    error: ActionRunnerError, raw_engine: RawEngine, prefix: str, failed: str, blocked: set[str]
) -> EngineError:
    """The other branch is up, the dependants are blocked, and there is one cause, with its name."""
    report = error.report
    assert running(raw_engine, prefix) == {"a", "c"}
    assert [words(step) for step in report.failed] == [failed]
    assert {words(step) for step in report.plan.steps if step.id in report.blocked} == blocked
    assert not report.ok
    [cause] = error.exceptions
    assert isinstance(cause, EngineError)
    assert all(line in str(error) for line in str(cause).splitlines())
    assert f"{len(blocked)} blocked" in str(error)
    return cause


async def test_a_start_that_the_engine_refuses(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    site = diamond(prefix, test_image, create_options={"command": ["/no/such/program"]})

    error, _ = await fail(docker_url, site)

    cause = check_the_diamond(
        error,
        raw_engine,
        prefix,
        f"start container {prefix}.b",
        {f"start container {prefix}.d"},
    )
    assert isinstance(cause, ContainerFailed)
    assert f"{prefix}.b" in str(cause)
    assert "/no/such/program" in str(cause)
    assert "POST /containers" in str(cause)
    assert "not in the image" in str(cause)
    assert cause.exit_code == 127


async def test_a_container_that_dies_at_once(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str, failing_image: str
) -> None:
    error, _ = await fail(docker_url, diamond(prefix, test_image, image=failing_image))

    cause = check_the_diamond(
        error,
        raw_engine,
        prefix,
        f"start container {prefix}.b",
        {f"start container {prefix}.d"},
    )
    assert isinstance(cause, ContainerFailed)
    assert cause.exit_code == 3
    assert cause.log_tail == ("nothing to serve",)
    assert "nothing to serve" in str(error)


async def test_an_image_that_nobody_has(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    missing = "127.0.0.1:1/nobody/has-this:1"

    error, _ = await fail(docker_url, diamond(prefix, test_image, image=missing))

    cause = check_the_diamond(
        error,
        raw_engine,
        prefix,
        f"pull image {missing}",
        {
            f"create container {prefix}.b",
            f"start container {prefix}.b",
            f"create container {prefix}.d",
            f"start container {prefix}.d",
        },
    )
    assert isinstance(cause, ImagePullError)
    assert missing in str(cause)


async def test_a_port_that_a_process_of_the_host_has(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str, taken_port: int
) -> None:
    error, _ = await fail(docker_url, diamond(prefix, test_image, exposes={80: taken_port}))

    cause = check_the_diamond(
        error,
        raw_engine,
        prefix,
        f"start container {prefix}.b",
        {f"start container {prefix}.d"},
    )
    assert isinstance(cause, ResourceConflict)
    assert f"port {taken_port} is taken by a process outside of this engine" in str(cause)


async def test_a_port_that_a_container_has_is_found_before_anything_is_changed(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    holder = ContainerMap.from_dict(
        f"{prefix}h", {"containers": {"web": {"image": test_image, "exposes": {80: port}}}}
    )
    async with MapClient(holder, default_client=at(docker_url)) as client:
        await client.startup("web")
    site = diamond(prefix, test_image, exposes={80: port})

    async with MapClient(site, default_client=at(docker_url)) as client:
        with pytest.raises(PlanningError, match=f"{port}.* is taken by container {prefix}h.web"):
            await client.startup("d")

    assert raw_engine.container_names(f"{prefix}.") == []


async def test_two_causes_are_raised_together(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str, failing_image: str
) -> None:
    site = ContainerMap.from_dict(
        prefix,
        {
            "containers": {
                "a": {"image": failing_image},
                "b": {"image": test_image, "create_options": {"command": ["/no/such"]}},
                "c": {"image": test_image},
            }
        },
    )

    async with MapClient(site, default_client=at(docker_url)) as client:
        with pytest.raises(ActionRunnerError) as raised:
            await client.startup("__all__")

    assert len(raised.value.exceptions) == 2
    assert running(raw_engine, prefix) == {"c"}
    for name in ("a", "b"):
        assert f"{prefix}.{name}" in str(raised.value)


async def test_a_second_run_finishes_what_the_first_could_not(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    with socket.socket() as holder:
        holder.bind(("0.0.0.0", 0))  # noqa: S104  # as an engine would
        holder.listen()
        site = diamond(prefix, test_image, exposes={80: holder.getsockname()[1]})
        async with MapClient(site, default_client=at(docker_url)) as client:
            first = await client.startup("d", raise_on_error=False)
    assert not first.ok

    async with MapClient(site, default_client=at(docker_url)) as client:
        second = await client.startup("d")
        plan = await client.plan("startup", "d")

    assert second.ok
    assert {words(step) for step in second.plan.steps} == {
        f"start container {prefix}.b",
        f"start container {prefix}.d",
    }
    assert plan.is_empty
    assert running(raw_engine, prefix) == {"a", "b", "c", "d"}
