"""How much memory the output of a script takes, and how fast it is read.

    PYTHONPATH=tests:docs/examples .ci/engine .venv/bin/python benchmarks/script_output.py [MEGABYTES]

The script prints lines of 80 characters. First, for comparison, without this library: the script runs to
its end, and its log is read as bytes. Then its output is followed while it runs, by a reader that does
nothing and by one that waits once in a while, and read once more afterwards. Each reader has a process of
its own, and reads twice: for the time and the resident memory, and with its memory traced.
"""

from __future__ import annotations

import asyncio
import http.client
import os
import socket
import sys
import time
import tracemalloc
from collections.abc import Callable, Coroutine
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from raw_engine import RawEngine

from aiodockmap import ClientConfiguration, ContainerMap, MapClient

LINE = 80
IMAGE = "aiodockmap-test:latest"
CONTAINER = "output.job"
EVERY = 20_000
"""Lines between two pauses of the slow reader."""
PAUSE = 0.05
"""Seconds."""

Reader = Callable[[MapClient, int], Coroutine[Any, Any, int]]


def command(megabytes: int) -> list[str]:
    """What the script is."""
    return ["sh", "-c", f"yes {'x' * (LINE - 1)} | head -c {megabytes}000000"]


async def follow(client: MapClient, megabytes: int, pause: float = 0.0) -> int:
    """Read while the script runs; the container stays."""
    size = count = 0
    async with client.stream_script(
        "job",
        command_format=command(megabytes),
        remove_existing_before=True,
        remove_created_after=False,
    ) as script:
        async for line in script:
            size += len(line.text) + 1
            count += 1
            if pause and not count % EVERY:
                await asyncio.sleep(pause)
    return size


async def follow_slowly(client: MapClient, megabytes: int) -> int:
    """The same, with pauses."""
    return await follow(client, megabytes, PAUSE)


async def read_afterwards(client: MapClient, _: int) -> int:
    """Read the output of a script that has ended."""
    size = 0
    async with client.logs("job") as lines:
        async for line in lines:
            size += len(line.text) + 1
    return size


def resident(what: str) -> float:
    """Megabytes of this process: `VmRSS` now, or `VmHWM` for the most so far."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split(f"{what}:")[1].split()[0]) / 1e3


def measured(read: Reader, url: str, megabytes: int, is_traced: bool) -> tuple[int, float, float]:  # noqa: FBT001  # goes to another process
    """Characters that were read, seconds, and megabytes: traced, or by which the process has grown."""

    async def with_client() -> tuple[int, float, float]:
        landscape = ContainerMap("output", {"job": {"image": IMAGE}})
        where = ClientConfiguration(base_url=url)
        async with MapClient(landscape, default_client=where) as client:
            await client.status()
            before = resident("VmRSS")
            if is_traced:
                tracemalloc.start()
            began = time.perf_counter()
            size = await read(client, megabytes)
            seconds = time.perf_counter() - began
            grown = resident("VmHWM") - before
            peak = tracemalloc.get_traced_memory()[1] / 1e6 if is_traced else grown
            return size, seconds, peak

    return asyncio.run(with_client())


def without_us(engine: RawEngine, url: str, megabytes: int) -> tuple[float, float]:
    """Seconds for the script alone, and for reading its log as bytes."""
    body = {"Image": IMAGE, "Cmd": command(megabytes)}
    engine.call("DELETE", f"containers/{CONTAINER}?force=1")
    engine.call("POST", f"containers/create?name={CONTAINER}", body)
    began = time.perf_counter()
    engine.call("POST", f"containers/{CONTAINER}/start")
    RawEngine(url, timeout=600).call("POST", f"containers/{CONTAINER}/wait")
    ran = time.perf_counter() - began
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(url.removeprefix("unix://"))
    began = time.perf_counter()
    connection.request("GET", f"/containers/{CONTAINER}/logs?stdout=1&stderr=1")
    answer = connection.getresponse()
    while answer.read(2**20):
        pass
    return ran, time.perf_counter() - began


def main() -> None:
    """Measure what there is without this library, and the three readers."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    url = os.environ["AIODOCKMAP_TEST_ENGINE"]
    engine = RawEngine(url)
    engine.import_image("aiodockmap-test", "latest", ("/bin/sleep", "1000"))
    ran, read = without_us(engine, url, megabytes)
    print(f"the script alone: {ran:.1f} s; its log as bytes: {read:.1f} s", flush=True)
    readers: dict[str, Reader] = {
        "follow": follow,
        "follow, slowly": follow_slowly,
        "afterwards": read_afterwards,
    }
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as fresh:
        for name, reader in readers.items():
            for is_traced in (False, True):
                size, seconds, peak = fresh.submit(
                    measured, reader, url, megabytes, is_traced
                ).result()
                memory = f"peak of {peak:.1f} MB traced" if is_traced else f"grown by {peak:.1f} MB"
                print(f"{name}: {size / 1e6:.0f} MB in {seconds:.1f} s, {memory}", flush=True)


if __name__ == "__main__":
    main()
