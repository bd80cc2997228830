"""A process that is killed at any moment of any action; the next one finishes the job."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import anyio
import killed_run
import pytest
from raw_engine import RawEngine
from trouble import ACTIONS, ROUNDS, act, check, site

from aiodockmap import ClientConfiguration, MapClient

pytestmark = pytest.mark.engine
SEED = int(os.environ.get("FAULT_SEED", "11"))


def begin(url: str, name: str, action: str) -> subprocess.Popen[bytes]:
    """An action in a process of its own, at the moment when it begins."""
    script = Path(killed_run.__file__)
    process = subprocess.Popen(  # noqa: S603  # our own
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"url": url, "name": name, "action": action}).encode())
    process.stdin.close()
    assert process.stdout.readline() == b"ready\n"
    return process


def kill_after(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Kill it when its time has come; whether it had not ended before."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    finally:
        if process.stdout is not None:
            process.stdout.close()
    assert process.returncode == 0
    return False


@pytest.mark.timeout(3_000)
@pytest.mark.usefixtures("example_image")
async def test_the_next_run_reaches_the_goal(
    docker_url: str, raw_engine: RawEngine, prefix: str
) -> None:
    chance = random.Random(SEED)  # noqa: S311  # no secret
    here = ClientConfiguration(base_url=docker_url)
    took: dict[str, float] = {}
    killed = 0
    for number in range(1 + (ROUNDS or 1)):
        for action in ACTIONS:
            process = await anyio.to_thread.run_sync(begin, docker_url, prefix, action)
            began = time.monotonic()
            # The first time nobody is killed, to know how long it takes.
            patience = chance.uniform(0, took[action]) if number else 60.0
            is_killed = await anyio.to_thread.run_sync(kill_after, process, patience)
            took.setdefault(action, time.monotonic() - began)
            killed += is_killed
            async with MapClient(site(prefix, action), default_client=here) as client:
                await act(client, action)
                await check(client, raw_engine, prefix, action)
    assert killed >= (ROUNDS or 1) * len(ACTIONS) // 3, "it was too late most of the time"
