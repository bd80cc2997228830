"""The fixtures that others use: tests of theirs are run, with and without asyncio."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

CONFTEST = 'pytest_plugins = ["aiodockmap.testing.pytest_plugin"]\n'
TESTS = """
import http.client, json, os, socket, time
from concurrent.futures import ThreadPoolExecutor

import pytest

from aiodockmap import ContainerMap, MapClient
from aiodockmap.testing import Behaviour

SITE = ContainerMap("site", {"web": {"image": "example/web"}})


@pytest.mark.anyio
async def test_in_process(embedded_engine):
    async with MapClient(SITE, default_client=embedded_engine.transport()) as client:
        await client.startup("web")
    assert embedded_engine.container_names() == ["site.web"]


def test_each_test_has_an_engine_of_its_own(embedded_engine):
    assert embedded_engine.container_names() == []


@pytest.mark.anyio
async def test_found_in_the_environment(embedded_docker_host, embedded_engine):
    async with MapClient(SITE) as client:
        await client.startup("web")
    assert embedded_engine.container_names() == ["site.web"]


@pytest.mark.parametrize("embedded_release", ["28.5"])
def test_of_another_release(embedded_release, embedded_docker_host):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(embedded_docker_host.removeprefix("unix://"))
        connection.sendall(b"GET /_ping HTTP/1.0\\r\\n\\r\\n")
        assert b"api-version: 1.51" in connection.recv(1000).lower()


def test_for_programs(embedded_docker_host):
    assert os.environ["DOCKER_HOST"] == embedded_docker_host
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(embedded_docker_host.removeprefix("unix://"))
        connection.sendall(b"GET /_ping HTTP/1.0\\r\\n\\r\\n")
        assert connection.recv(100).startswith(b"HTTP/1.0 200")


def ask(url, path, body=None):
    connection = http.client.HTTPConnection("localhost", timeout=10)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(10)
    connection.sock.connect(url.removeprefix("unix://"))
    connection.request("POST", path, json.dumps(body or {}), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status < 300, content
    return content


def run(url):
    ask(url, "/images/create?fromImage=app&tag=1")
    ask(url, "/containers/create?name=web", {"Image": "app:1", "Cmd": ["app"]})
    ask(url, "/containers/web/start")


def test_time_passes_for_who_only_looks(embedded_docker_host, embedded_engine):
    embedded_engine.behaviour(Behaviour(ends_after=0.2), container="web")
    run(embedded_docker_host)
    time.sleep(0.3)
    assert embedded_engine.container("web")["State"]["Status"] == "exited"


def test_who_waits_is_told_of_a_restart(embedded_docker_host, embedded_engine):
    run(embedded_docker_host)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(ask, embedded_docker_host, "/containers/web/wait")
        while not any(call.call.endswith("/wait") for call in embedded_engine.calls):
            time.sleep(0.01)
        embedded_engine.restart_daemon(0.1)
        assert json.loads(waiting.result())["StatusCode"] == 137


def test_who_asks_for_what_means_nothing_hears_of_it(embedded_docker_host, embedded_engine):
    with pytest.raises(TypeError):
        embedded_engine.restart_daemon("soon")


@pytest.fixture
def anyio_backend():
    return "asyncio"
"""


def test_they_work_for_others(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(TESTS)

    ended = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-W", "error")

    ended.assert_outcomes(passed=8)
