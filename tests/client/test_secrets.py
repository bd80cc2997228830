"""What a map keeps to itself is in nothing that gets printed, logged or shown (design 4, Security)."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, cast

import pytest
from attrs import define, field
from raw_engine import RawEngine

from aiodockmap import (
    ActionRunnerError,
    ClientConfiguration,
    ContainerMap,
    Event,
    MapClient,
    Patience,
)
from aiodockmap.engine import ApiRequest, ApiResponse, ApiStream, Refused, Transport
from aiodockmap.testing import EmbeddedEngine, EmbeddedImage, Reject

SECRET = "s3cr3t"
"""What all secrets begin with. Each is another one: whatever hides one does not hide the others."""
IMAGE = "site-example:latest"

LANDSCAPE: Mapping[str, object] = {
    "web": {
        "image": IMAGE,
        "create_options": {
            "environment": {"TOKEN": f"{SECRET}-variable"},
            "labels": {"deploy.key": f"{SECRET}-label"},
            "command": ["/bin/sh", "-c", "sleep 1000", f"{SECRET}-argument"],
            "healthcheck": {"test": ["CMD", "/bin/true", f"{SECRET}-check"]},
            "networking_config": {
                "EndpointsConfig": {"site.front": {"driver_opts": {"key": f"{SECRET}-connection"}}}
            },
        },
        "host_config": {
            "log_config": {"type": "json-file", "config": {"tag": f"{SECRET}-log"}},
            "tmpfs": {"/secret": f"{SECRET}-tmpfs"},
        },
        "networks": [
            "front",
            ("back", {"aliases": ["store"]}),
        ],
        "exec_commands": [(["/bin/true", f"{SECRET}-command"],)],
        "stop_signal": "SIGKILL",
        "attaches": "data",
    },
    "volumes": {
        "data": {
            "default_path": "/data",
            "driver_options": {
                "type": "tmpfs",
                "device": "tmpfs",
                "o": f"password={SECRET}-volume",
            },
            "create_options": {"labels": {"deploy.key": f"{SECRET}-volume-label"}},
        }
    },
    "networks": {
        "front": {
            "driver_options": {"key": f"{SECRET}-network"},
            "create_options": {
                "labels": {"deploy.key": f"{SECRET}-network-label"},
                "ipam": {"options": {"key": f"{SECRET}-addresses"}},
            },
        },
        "back": None,
    },
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
        auth_configs={"reg.test": {"username": "me", "password": f"{SECRET}-login"}},
        token=f"{SECRET}-identity",
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
    engine.fail(
        "POST /containers/create", Reject(400, f"invalid variable: TOKEN={SECRET}-variable")
    )

    async with MapClient(
        ContainerMap("site", LANDSCAPE), default_client=engine.transport()
    ) as maps:
        with pytest.raises(ActionRunnerError) as failure:
            await maps.startup("web")

    assert "TOKEN=***" in str(failure.value)
    assert SECRET not in "".join(traceback.format_exception(failure.value))
    assert SECRET not in shown(failure.value.report, failure.value.report.to_dict())


@define(eq=False)
class QuotingTransport:
    """A way to an engine that refuses one call, and quotes all that it was sent with it."""

    inner: Transport
    refused: int
    """The number of the call, counted from 1."""
    seen: list[str] = field(factory=list)

    @property
    def api_version(self) -> str | None:
        return self.inner.api_version

    @api_version.setter
    def api_version(self, version: str | None) -> None:
        self.inner.api_version = version

    async def request(self, request: ApiRequest) -> ApiResponse:
        self._refuse(request)
        return await self.inner.request(request)

    def stream(self, request: ApiRequest) -> AbstractAsyncContextManager[ApiStream]:
        self._refuse(request)
        return self.inner.stream(request)

    async def aclose(self) -> None:
        await self.inner.aclose()

    def _refuse(self, request: ApiRequest) -> None:
        self.seen.append(str(request))
        if len(self.seen) == self.refused:
            quoted = json.dumps(request.body, default=lambda mapping: dict(cast("Any", mapping)))
            raise Refused(400, f"invalid: {quoted}")


@pytest.mark.parametrize("raises", [True, False])
async def test_whatever_an_engine_quotes_is_printed_without_secrets(
    caplog: pytest.LogCaptureFixture,
    raises: bool,  # noqa: FBT001
) -> None:
    """ERR-12: what is not raised is logged."""
    caplog.set_level(logging.DEBUG)
    refused = 0
    seen: list[str] = []
    while refused <= len(seen):
        refused += 1
        engine = EmbeddedEngine(images=())
        engine.registry.publish(IMAGE, EmbeddedImage())
        transport = QuotingTransport(engine.transport(), refused)
        texts: list[str] = []
        async with MapClient(
            ContainerMap("site", LANDSCAPE), default_client=transport, patience=Patience(settle=0)
        ) as maps:
            try:
                await maps.startup("web", raise_on_error=raises)
                await maps.shutdown("web", remove_attached=True, raise_on_error=raises)
            except Exception as error:  # noqa: BLE001 -- whatever it is, it is printed
                texts += traceback.format_exception(error)
        seen = transport.seen
        assert SECRET not in "".join(texts), seen[-1]
        assert SECRET not in caplog.text, seen[-1]

    refusals = [
        it for it in caplog.records if it.levelno == logging.ERROR and "invalid: " in it.message
    ]
    assert bool(refusals) is not raises
    assert "POST /images/create" in seen
    assert "POST /containers/create" in seen
    assert any("exec" in call for call in seen)
    assert any(call.startswith("DELETE /volumes") for call in seen)


@pytest.mark.engine
async def test_a_container_that_prints_its_secrets_and_dies_keeps_them(
    docker_url: str, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    landscape = {
        "web": {
            "image": f"/{test_image}",
            "create_options": {
                "environment": {
                    "API_TOKEN": f"{SECRET}-token",
                    "STORE": f"postgres://me:{SECRET}-password@store/db",
                },
                "command": ["/bin/sh", "-c", "echo $API_TOKEN; echo at $STORE; exit 3"],
            },
        }
    }

    async with MapClient(
        ContainerMap(prefix, landscape), default_client=ClientConfiguration(base_url=docker_url)
    ) as maps:
        with pytest.raises(ActionRunnerError) as failure:
            await maps.startup("web")
    labels = raw_engine.get(f"containers/{prefix}.web/json")["Config"]["Labels"]

    printed = "".join(traceback.format_exception(failure.value))
    assert "exit code 3" in printed
    assert "at postgres://***@store/db" in printed
    assert SECRET not in printed
    assert SECRET not in json.dumps(labels)


async def test_changes_of_secrets_are_explained_without_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    engine = EmbeddedEngine()
    other = json.loads(json.dumps(LANDSCAPE, default=list).replace(SECRET, f"other-{SECRET}"))
    async with MapClient(
        ContainerMap("site", LANDSCAPE), default_client=engine.transport()
    ) as maps:
        await maps.startup("web")
    events: list[Event] = []

    async with MapClient(
        ContainerMap("site", other), default_client=engine.transport(), on_event=events.append
    ) as maps:
        explanation = await maps.explain("web")
        plan = await maps.plan("update", "web")
        report = await maps.update("web")

    assert not plan.is_empty
    texts = shown(
        explanation, plan, plan.render(), plan.to_dict(), report, report.to_dict(), *events
    )
    assert SECRET not in texts
    assert SECRET not in caplog.text
