"""What a map keeps to itself is in nothing that gets printed, logged or shown (design 4, Security)."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping

import pytest

from aiodockmap import ActionRunnerError, ClientConfiguration, ContainerMap, Event, MapClient
from aiodockmap.testing import EmbeddedEngine, Reject

SECRET = "s3cr3t-v4lue"
IMAGE = "site-example:latest"

LANDSCAPE: Mapping[str, object] = {
    "web": {
        "image": IMAGE,
        "create_options": {
            "environment": {"TOKEN": SECRET},
            "labels": {"deploy.key": SECRET},
            "command": ["/bin/sh", "-c", "sleep 1000", SECRET],
            "healthcheck": {"test": ["CMD", "/bin/true", SECRET]},
        },
        "host_config": {"log_config": {"type": "json-file", "config": {"tag": SECRET}}},
        "networks": ["front", ("back", {"aliases": ["store"]})],
        "exec_commands": [(["/bin/true", SECRET],)],
        "stop_signal": "SIGKILL",
        "attaches": "data",
    },
    "volumes": {
        "data": {
            "default_path": "/data",
            "driver_options": {"type": "tmpfs", "device": "tmpfs", "o": f"password={SECRET}"},
            "create_options": {"labels": {"deploy.key": SECRET}},
        }
    },
    "networks": {"front": {"create_options": {"labels": {"deploy.key": SECRET}}}, "back": None},
}


def shown(*values: object) -> str:
    return "\n".join(text for value in values for text in (repr(value), str(value)))


async def test_plans_events_reports_and_logs_show_no_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    events: list[Event] = []
    engine = EmbeddedEngine()
    client = ClientConfiguration(
        client=engine.transport(),
        auth_configs={"reg.test": {"username": "me", "password": SECRET}},
        token=SECRET,
    )

    async with MapClient(
        ContainerMap("site", LANDSCAPE), default_client=client, on_event=events.append
    ) as maps:
        plan = await maps.plan("startup", "web")
        report = await maps.apply(plan)
        statuses = await maps.status("web")
        down = await maps.shutdown("web", remove_attached=True)

    assert report.ok
    texts = shown(
        client,
        maps.clients,
        plan,
        plan.render(),
        plan.to_dict(),
        plan.to_mermaid(),
        plan.to_dot(),
        report,
        report.to_dict(),
        report.results,
        statuses,
        down,
        *events,
    )
    assert SECRET not in texts
    assert SECRET not in caplog.text


async def test_a_refusal_that_quotes_a_variable_is_printed_without_its_value() -> None:
    engine = EmbeddedEngine()
    engine.fail("POST /containers/create", Reject(400, f"invalid variable: TOKEN={SECRET}"))

    async with MapClient(
        ContainerMap("site", LANDSCAPE), default_client=engine.transport()
    ) as maps:
        with pytest.raises(ActionRunnerError) as failure:
            await maps.startup("web")

    assert "TOKEN=***" in str(failure.value)
    assert SECRET not in "".join(traceback.format_exception(failure.value))
    assert SECRET not in shown(failure.value.report, failure.value.report.to_dict())
