"""The fixtures that others use: tests of theirs are run, with and without asyncio."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

CONFTEST = 'pytest_plugins = ["aiodockmap.testing.pytest_plugin"]\n'
TESTS = """
import http.client, os, socket

import pytest

from aiodockmap import ContainerMap, MapClient

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


@pytest.fixture
def anyio_backend():
    return "asyncio"
"""


def test_they_work_for_others(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(TESTS)

    ended = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-W", "error")

    ended.assert_outcomes(passed=5)
