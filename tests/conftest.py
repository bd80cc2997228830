"""What all tests share: the event loop, and a real engine with names of their own on it.

The engine is the one of `AIODOCKMAP_TEST_ENGINE`, which `.ci/engine` sets for the private one that
it starts; without it, the one of `DOCKER_HOST` or the default socket. Where there is none, the
tests that need one fail: a suite that quietly skips them says nothing about the engine.
"""

from __future__ import annotations

import asyncio
import http.client
import inspect
import os
import re
import signal
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

import pytest
from raw_engine import RawEngine
from run_partners import VIRTUAL_TIME
from several_hosts import Host, hosts_in

DEFAULT_SOCKET = "unix:///var/run/docker.sock"
RUN_UNTIL_KILLED = ("/bin/sleep", "1000")
RUN_UNTIL_ASKED = (
    "/bin/sh",
    "-c",
    "trap 'exit 0' TERM INT; while :; do sleep 1000 & wait $!; done",
)
FAIL_AT_ONCE = ("/bin/sh", "-c", "echo 'nothing to serve' >&2; exit 3")
END_AT_ONCE = ("/bin/true",)


def pytest_configure() -> None:
    """Let what tests start hear of Ctrl-C.

    What a shell runs in the background ignores it, and so does all that this starts.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the examples of the documentation: they take minutes, in one file."""
    items.sort(key=lambda item: item.path.parent.name != "project")


@pytest.fixture
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, Mapping[str, object]]:
    """Real time for a real engine; a clock that nobody has to wait for where a test is marked for it."""
    marks = {mark.name for mark in request.node.iter_markers()}
    is_virtual = "virtual_time" in marks and "engine" not in marks
    return VIRTUAL_TIME if is_virtual else ("asyncio", {})


@pytest.fixture(autouse=True)
def check_for_tasks(request: pytest.FixtureRequest) -> None:
    """Let async tests alone have the check that needs the loop."""
    if inspect.iscoroutinefunction(getattr(request.node, "obj", None)):
        request.getfixturevalue("no_task_is_left")


@pytest.fixture
async def no_task_is_left() -> AsyncIterator[None]:
    """Fail an async test that leaves a task running."""
    before = asyncio.all_tasks()
    yield
    left = [
        task
        for task in asyncio.all_tasks() - before
        # Each phase of a test is a task of anyio's own runner.
        if not task.done() and "TestRunner." not in str(task.get_coro())
    ]
    assert not left, f"tasks were left running: {left}"


@pytest.fixture(scope="session")
def docker_url() -> str:
    """Where the real engine answers: `unix:///…` or `tcp://host:port`."""
    named = os.environ.get("AIODOCKMAP_TEST_ENGINE") or os.environ.get("DOCKER_HOST")
    url = named or DEFAULT_SOCKET
    try:
        RawEngine(url, timeout=5).get("_ping")
    except (OSError, http.client.HTTPException) as error:
        pytest.fail(
            f"no container engine answers at {url} ({error}): run the tests with `make test`, "
            "which starts one, or set AIODOCKMAP_TEST_ENGINE to the URL of one",
            pytrace=False,
        )
    return url


@pytest.fixture(scope="session")
def raw_engine(docker_url: str) -> RawEngine:
    return RawEngine(docker_url)


@pytest.fixture
def prefix(raw_engine: RawEngine, request: pytest.FixtureRequest) -> Iterator[str]:
    """A start for the names of a test's containers, volumes and networks; it removes them all."""
    words = re.sub(r"[^a-z0-9]+", "", request.node.name.lower().removeprefix("test_"))[:12]
    start = f"adm{uuid.uuid4().hex[:6]}{words}"
    yield start
    raw_engine.remove_all(start)
    left = (
        raw_engine.container_names(start)
        + raw_engine.network_names(start)
        + raw_engine.volume_names(start)
    )
    assert not left, f"these could not be removed after the test: {left}"


@pytest.fixture(scope="session")
def three_hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Host]]:
    hosts = hosts_in(tmp_path_factory.mktemp("hosts"), "north", "east", "south")
    for host in hosts.values():
        host.wait_until_it_answers()
    yield hosts
    for host in hosts.values():
        host.crash()


@pytest.fixture
def hosts(three_hosts: dict[str, Host], prefix: str) -> Iterator[dict[str, Host]]:
    """Three hosts with a real engine each, up before and after the test, without what it made there."""
    yield three_hosts
    for host in three_hosts.values():
        if not host.is_up:
            host.boot()
    for host in three_hosts.values():
        host.wait_until_it_answers()
        host.engine.remove_all(prefix)


@pytest.fixture(scope="session")
def test_image(raw_engine: RawEngine) -> str:
    """An image whose process ignores SIGTERM, as any plain program does that is process 1."""
    return _image(raw_engine, "latest", RUN_UNTIL_KILLED)


@pytest.fixture(scope="session")
def prompt_image(raw_engine: RawEngine) -> str:
    """An image whose process ends with code 0 as soon as it gets a SIGTERM or SIGINT."""
    return _image(raw_engine, "prompt", RUN_UNTIL_ASKED)


@pytest.fixture(scope="session")
def failing_image(raw_engine: RawEngine) -> str:
    """An image whose process prints `nothing to serve` to stderr and exits with code 3."""
    return _image(raw_engine, "failing", FAIL_AT_ONCE)


@pytest.fixture(scope="session")
def ending_image(raw_engine: RawEngine) -> str:
    """An image whose process ends at once with code 0."""
    return _image(raw_engine, "ending", END_AT_ONCE)


@pytest.fixture(scope="session")
def example_image(raw_engine: RawEngine) -> str:
    """The image that the maps of the documentation name."""
    if raw_engine.call("GET", "images/site-example:latest/json")[0] != 200:
        raw_engine.import_image("site-example", "latest", RUN_UNTIL_ASKED)
    return "site-example:latest"


def _image(engine: RawEngine, tag: str, command: Sequence[str]) -> str:
    name = f"aiodockmap-test:{tag}"
    status, answer = engine.call("GET", f"images/{name}/json")
    if status != 200 or answer["Config"]["Cmd"] != list(command):
        engine.import_image("aiodockmap-test", tag, command)
    return name
