"""One map on three real hosts, one of which loses its power in the middle of a run."""

from __future__ import annotations

import pytest
from conftest import RUN_UNTIL_ASKED
from several_hosts import Host

from aiodockmap import (
    ActionRunnerError,
    ClientConfiguration,
    ContainerMap,
    EngineUnreachable,
    Event,
    MapClient,
    StepFinished,
)

pytestmark = pytest.mark.engine

CONTAINERS = ("db", "web", "worker")


def site(prefix: str, hosts: dict[str, Host]) -> ContainerMap:
    return ContainerMap.from_dict(
        prefix,
        {
            "clients": list(hosts),
            "containers": {
                "db": {"image": "app", "attaches": ["data"], "stop_timeout": 1},
                "worker": {"image": "app", "links": ["db"], "stop_timeout": 1},
                # The same port on each of the hosts.
                "web": {
                    "image": "app",
                    "networks": ["front"],
                    "exposes": [(80, 8080)],
                    "stop_timeout": 1,
                },
            },
            "volumes": {"data": "/data"},
            "networks": {"front": {}},
        },
    )


def running(host: Host, prefix: str) -> tuple[str, ...]:
    return tuple(
        name
        for name in CONTAINERS
        if (host.engine.container(f"{prefix}.{name}") or {"State": {}})["State"].get("Running")
    )


async def test_a_host_that_goes_down_during_a_run_leaves_the_others_alone_and_is_caught_up_with(
    hosts: dict[str, Host], prefix: str
) -> None:
    for host in hosts.values():
        host.engine.import_image("app", "latest", RUN_UNTIL_ASKED)
    east = hosts["east"]

    is_plugged_in = True

    def pull_the_plug(event: Event) -> None:
        """After the first step there."""
        nonlocal is_plugged_in
        if (
            isinstance(event, StepFinished)
            and event.step.resource.engine == "east"
            and is_plugged_in
        ):
            is_plugged_in = False
            east.crash()

    where = {name: ClientConfiguration(base_url=host.url) for name, host in hosts.items()}
    async with MapClient(site(prefix, hosts), where, on_event=pull_the_plug) as client:
        with pytest.raises(ActionRunnerError) as raised:
            await client.startup("__all__")

        assert raised.value.exceptions
        for cause in raised.value.exceptions:
            assert isinstance(cause, EngineUnreachable)
            assert "east" in str(cause)
        report = raised.value.report
        assert {step.resource.engine for step in (*report.failed, *report.not_run)} == {"east"}
        assert running(hosts["north"], prefix) == running(hosts["south"], prefix) == CONTAINERS

        # It stays away: the others are looked after, and it is named.
        report = await client.startup("__all__", raise_on_error=False)
        assert [engine.engine for engine in report.plan.left_out] == ["east"]
        assert not report.plan.steps

        east.boot()
        east.wait_until_it_answers()
        report = await client.startup("__all__")
        assert {step.resource.engine for step in report.plan.steps} == {"east"}
        assert (await client.plan("update", "__all__")).is_empty

    assert running(east, prefix) == CONTAINERS
