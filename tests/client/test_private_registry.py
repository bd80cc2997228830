"""A real registry that wants a password, by all ways in which a client may know it (PULL-3 to PULL-5)."""

from __future__ import annotations

import json
import logging
import threading
import traceback
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from credential_helper import NOT_FOUND, CredentialHelper
from raw_engine import RawEngine
from registry import PASSWORD, USER, Registry, encoded

from aiodockmap import ActionRunnerError, Event, ImagePullError, MapClient

pytestmark = pytest.mark.engine

MINE = {"username": USER, "password": PASSWORD}
WRONG = "wr0ng-p4ssword"


@pytest.fixture
def image(private_registry: Registry, raw_engine: RawEngine, prefix: str) -> Iterator[str]:
    """An image there that no engine has yet."""
    name = private_registry.publish(f"{prefix}/web", ["/bin/sleep", "1000"])
    yield name
    raw_engine.call("DELETE", f"images/{name}", force="true")


def client_with(client_of: Any, image: str, **engine: Any) -> MapClient:
    web = {"image": image, "stop_signal": "SIGKILL"}
    client: MapClient = client_of({"containers": {"web": web}}, engine=engine)
    return client


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(MINE, id="password"),
        pytest.param({"auth": encoded(USER, PASSWORD)}, id="auth"),
    ],
)
async def test_credentials_of_the_client_open_the_registry(
    client_of: Any, image: str, private_registry: Registry, entry: Mapping[str, str]
) -> None:
    async with client_with(
        client_of, image, auth_configs={private_registry.address: entry}
    ) as client:
        report = await client.startup("web")

    assert report.ok


async def test_credentials_of_the_docker_configuration_open_it(
    client_of: Any,
    image: str,
    private_registry: Registry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    auths = {private_registry.address: {"auth": encoded(USER, PASSWORD)}}
    (tmp_path / "config.json").write_text(json.dumps({"auths": auths}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))

    async with client_with(client_of, image) as client:
        with pytest.raises(ActionRunnerError) as failure:
            await client.pull_images("web")
    async with client_with(client_of, image, docker_config=True) as client:
        report = await client.pull_images("web")

    assert "auth_configs or docker_config" in str(failure.value)
    assert report.ok


async def test_credentials_of_a_helper_open_it_and_it_is_asked_once_a_run(
    client_of: Any,
    image: str,
    private_registry: Registry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    raw_engine: RawEngine,
) -> None:
    answer = json.dumps({"Username": USER, "Secret": PASSWORD})
    helper = CredentialHelper.installed(tmp_path, monkeypatch, f"echo '{answer}'")
    (tmp_path / "config.json").write_text(json.dumps({"credsStore": "test"}))
    other = private_registry.publish(
        f"{image.split('/', 1)[1].partition(':')[0]}-two", ["/bin/true"]
    )
    containers = {name: {"image": each} for name, each in (("web", image), ("two", other))}
    try:
        async with client_of(
            {"containers": containers}, engine={"docker_config": tmp_path / "config.json"}
        ) as client:
            assert helper.asked == []
            report = await client.pull_images("__all__")
            assert helper.asked == [f"get {private_registry.address}"]
            await client.pull_images("__all__")
            assert helper.asked == [f"get {private_registry.address}"] * 2
    finally:
        raw_engine.call("DELETE", f"images/{other}", force="true")

    assert report.ok


WITHOUT: Mapping[str, Mapping[str, Any]] = {
    "nothing": {},
    "a wrong password": {"username": USER, "password": WRONG},
    "another's user": {"auth": encoded("somebody", WRONG)},
}


@pytest.mark.parametrize("what", WITHOUT)
async def test_a_registry_that_refuses_is_told_and_no_credential_is(
    client_of: Any,
    image: str,
    private_registry: Registry,
    what: str,
    caplog: pytest.LogCaptureFixture,
    raw_engine: RawEngine,
    prefix: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    events: list[Event] = []
    entry = WITHOUT[what]
    client = client_of(
        {"containers": {"web": {"image": image}}},
        engine={"auth_configs": {private_registry.address: entry} if entry else {}},
        on_event=events.append,
    )

    async with client:
        plan = await client.plan("startup", "web")
        with pytest.raises(ActionRunnerError) as failure:
            await client.apply(plan)

    (cause,) = failure.value.exceptions
    assert isinstance(cause, ImagePullError)
    assert "wants other credentials: auth_configs or docker_config" in str(cause)
    assert raw_engine.container_names(prefix) == []
    assert_untold(
        WRONG,
        encoded("somebody", WRONG),
        [client.clients, plan, plan.render(), plan.to_dict(), failure.value.report],
        [failure.value.report.to_dict(), *events, caplog.text],
        traceback.format_exception(failure.value),
    )


async def test_credentials_that_are_right_are_nowhere_to_be_seen(
    client_of: Any,
    image: str,
    private_registry: Registry,
    caplog: pytest.LogCaptureFixture,
    raw_engine: RawEngine,
    prefix: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    events: list[Event] = []
    client = client_of(
        {
            "containers": {"web": {"image": image, "attaches": "data", "networks": "front"}},
            "volumes": {"data": "/data"},
            "networks": {"front": {}},
        },
        engine={"auth_configs": {private_registry.address: MINE}},
        on_event=events.append,
    )

    async with client:
        plan = await client.plan("startup", "web")
        report = await client.apply(plan)
        status = await client.status()
        explanation = await client.explain("web")

    assert_untold(
        PASSWORD,
        encoded(USER, PASSWORD),
        [client.clients, plan, plan.render(), plan.to_dict(), report, report.to_dict()],
        [report.results, status, explanation, *events, caplog.text],
        [raw_engine.container(each) for each in raw_engine.container_names(prefix)],
        [
            raw_engine.get("networks"),
            raw_engine.get("volumes"),
            raw_engine.get(f"images/{image}/json"),
        ],
    )


def assert_untold(secret: str, coded: str, *shown: list[Any]) -> None:
    for each in (value for group in shown for value in group):
        for text in (repr(each), str(each)):
            assert secret not in text
            assert coded not in text


class _Unspoken(BaseHTTPRequestHandler):
    """What a registry answers that does not say how to log in to it."""

    def do_GET(self) -> None:
        self.send_response(401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_request(self, *_: object) -> None:
        """Say nothing."""


async def test_a_registry_that_does_not_say_how_to_log_in_is_told(client_of: Any) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Unspoken)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"127.0.0.1:{server.server_port}"
    try:
        async with client_with(client_of, f"{address}/web", auth_configs={address: MINE}) as client:
            with pytest.raises(ActionRunnerError) as failure:
                await client.pull_images("web")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

    (cause,) = failure.value.exceptions
    assert isinstance(cause, ImagePullError)
    assert "wants other credentials" in str(cause)
    assert PASSWORD not in "".join(traceback.format_exception(failure.value))


async def test_a_helper_that_knows_nothing_leaves_public_registries_alone(
    client_of: Any,
    registry: Registry,
    prefix: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """PULL-4."""
    helper = CredentialHelper.installed(tmp_path, monkeypatch, f"echo '{NOT_FOUND}'; exit 1")
    (tmp_path / "config.json").write_text(json.dumps({"credsStore": "test"}))
    image = registry.publish(f"{prefix}/team/web", ["/bin/true"])

    async with client_with(client_of, image, docker_config=str(tmp_path)) as client:
        report = await client.pull_images("web")

    assert report.ok
    assert helper.asked == [f"get {registry.address}"]


async def test_a_helper_that_fails_fails_its_pulls_and_nothing_else(
    client_of: Any,
    image: str,
    test_image: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    raw_engine: RawEngine,
    prefix: str,
) -> None:
    CredentialHelper.installed(tmp_path, monkeypatch, f"echo '{PASSWORD}'; exit 2")
    (tmp_path / "config.json").write_text(json.dumps({"credsStore": "test"}))
    containers = {"web": {"image": image}, "db": {"image": test_image}}

    async with client_of(
        {"containers": containers}, engine={"docker_config": str(tmp_path)}
    ) as client:
        with pytest.raises(ActionRunnerError) as failure:
            await client.startup("__all__")

    (cause,) = failure.value.exceptions
    assert "docker-credential-test failed with exit code 2" in str(cause)
    assert PASSWORD not in "".join(traceback.format_exception(failure.value))
    assert raw_engine.container_names(prefix) == [f"{prefix}.db"]
