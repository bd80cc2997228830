"""Python's development mode has nothing to say: no warning, no task, no session left, no print."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent, indent

import pytest

pytestmark = pytest.mark.engine

FRAME = """
import asyncio, gc, sys
from aiodockmap import *

url, prefix, image = sys.argv[1:]
site = ContainerMap.from_dict(prefix, {{
    "containers": {{
        "store": {{"image": image, "attaches": ["data"], "user": "1000", "stop_timeout": 0}},
        "web": {{"image": image, "uses": ["data"], "networks": ["front"], "stop_timeout": 0,
                 "exec_commands": ["/bin/sleep 0.1"]}},
    }},
    "volumes": {{"data": "/data"}},
    "networks": {{"front": {{}}}},
}})
there = ClientConfiguration(base_url=url)

async def main():
    # How long a callback takes is the machine's affair; all other remarks are ours.
    asyncio.get_running_loop().slow_callback_duration = 60
{body}
    left = asyncio.all_tasks() - {{asyncio.current_task()}}
    assert not left, left

asyncio.run(main())
gc.collect()
"""


def check_silence(body: str, url: str, prefix: str, image: str) -> None:
    """Run a script with all warnings as errors; one that cannot be raised is printed."""
    script = FRAME.format(body=indent(dedent(body).strip(), "    "))
    done = subprocess.run(  # noqa: S603  # the script is one of those below
        [sys.executable, "-X", "dev", "-W", "error", "-c", script, url, prefix, image],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            """
            async with MapClient(site, default_client=there) as client:
                await client.startup("__all__")
                assert (await client.plan("startup", "__all__")).is_empty
                await client.status()
                await client.shutdown("__all__", remove_attached=True)
            """,
            id="up_and_down",
        ),
        pytest.param(
            """
            try:
                async with MapClient(site, default_client=there) as client:
                    await client.startup("__all__")
                    raise KeyError("mine")
            except KeyError:
                pass
            """,
            id="body_raises",
        ),
        pytest.param(
            """
            try:
                async with asyncio.timeout(0.4):
                    async with MapClient(site, default_client=there) as client:
                        await client.startup("__all__")
                        await asyncio.sleep(60)
            except TimeoutError:
                pass
            """,
            id="cancelled",
        ),
        pytest.param(
            """
            async def run():
                async with MapClient(site, default_client=there) as client:
                    await client.startup("__all__")
            task = asyncio.create_task(run())
            await asyncio.sleep(0.2)
            for _ in range(3):
                task.cancel()
                await asyncio.sleep(0)
            try:
                await task
            except asyncio.CancelledError:
                pass
            """,
            id="cancelled_repeatedly",
        ),
        pytest.param(
            """
            bad = ContainerMap.from_dict(prefix, {"containers": {
                "a": {"image": image, "create_options": {"command": ["/no/such"]}},
                "b": {"image": image},
                "c": {"image": "127.0.0.1:1/nobody/has-this:1"},
            }})
            async with MapClient(bad, default_client=there) as client:
                try:
                    await client.startup("__all__")
                except* EngineError:
                    pass
                assert not (await client.startup("__all__", raise_on_error=False)).ok
            """,
            id="steps_fail",
        ),
        pytest.param(
            """
            async with MapClient(site, default_client=there) as client:
                async with client.stream("startup", "__all__") as run:
                    async for event in run:
                        if isinstance(event, StepStarted):
                            break
            assert run.report is not None
            """,
            id="stream_left_early",
        ),
        pytest.param(
            """
            client = MapClient(site, default_client=there)
            try:
                await client.startup("__all__")
            except RuntimeError:
                pass
            """,
            id="never_entered",
        ),
        pytest.param(
            """
            async with MapClient(site, default_client=there):
                pass
            async with MapClient(site, default_client=there) as client:
                try:
                    await client.startup("nobody")
                except SelectionError:
                    pass
            """,
            id="never_used",
        ),
    ],
)
def test_nothing_is_said_and_nothing_is_left(
    docker_url: str, prefix: str, test_image: str, body: str
) -> None:
    check_silence(body, docker_url, prefix, test_image)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("unix://{folder}/nobody.sock", id="no_socket"),
        pytest.param("tcp://127.0.0.1:1", id="nobody_listens"),
    ],
)
def test_nothing_is_said_and_nothing_is_left_where_there_is_no_engine(
    url: str, tmp_path: Path
) -> None:
    body = """
    async with MapClient(site, default_client=there) as client:
        for _ in range(2):
            try:
                await client.startup("__all__")
            except EngineUnreachable:
                pass
            else:
                raise AssertionError("it is there")
        try:
            async with client.stream("startup", "__all__") as run:
                async for event in run:
                    pass
        except EngineUnreachable:
            pass
    """
    check_silence(body, url.format(folder=tmp_path), "m", "nothing")
