"""How much memory the output of a script takes, and how fast it is read.

    PYTHONPATH=tests:docs/examples .ci/engine .venv/bin/python benchmarks/script_output.py [MEGABYTES]

The script prints lines of 80 characters. The reader does nothing, or waits once in a while, as slow ones do.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import time
import tracemalloc

from raw_engine import RawEngine

from aiodockmap import ClientConfiguration, ContainerMap, MapClient

LINE = 80
IMAGE = "aiodockmap-test:latest"
EVERY = 20_000
"""Lines between two pauses of the slow reader."""


async def read(url: str, megabytes: int, pause: float) -> tuple[int, float, float]:
    """Characters that were read, seconds, and the peak of traced memory in MB."""
    command = ["sh", "-c", f"yes {'x' * (LINE - 1)} | head -c {megabytes}000000"]
    landscape = ContainerMap("output", {"job": {"image": IMAGE}})
    size = count = 0
    async with MapClient(landscape, default_client=ClientConfiguration(base_url=url)) as client:
        tracemalloc.start()
        began = time.perf_counter()
        async with client.stream_script("job", command_format=command) as script:
            async for line in script:
                size += len(line.text) + 1
                count += 1
                if pause and not count % EVERY:
                    await asyncio.sleep(pause)
        seconds = time.perf_counter() - began
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return size, seconds, peak / 1e6


def main() -> None:
    """Measure a quick and a slow reader."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 100

    url = os.environ["AIODOCKMAP_TEST_ENGINE"]
    RawEngine(url).import_image("aiodockmap-test", "latest", ("/bin/sleep", "1000"))
    for name, pause in (("quick", 0.0), ("slow", 0.05)):
        size, seconds, peak = asyncio.run(read(url, megabytes, pause))
        print(f"{name} reader: {size / 1e6:.0f} MB in {seconds:.1f} s, peak {peak:.1f} MB traced")
    print(
        f"largest resident size: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB"
    )


if __name__ == "__main__":
    main()
