"""One client in one process, update after update: what grows?

    python benchmarks/soak.py                       2,000 cycles on the embedded engine, 200 on a real one
    python benchmarks/soak.py --embedded 50         another number; without `--real`, no real engine
    python benchmarks/soak.py --real 20

Looked at are memory (Python's own, and the process's), tasks, and open files, after the first tenth of the
cycles and at the end; and what is left on the engine. `soaking.py` says what a cycle is.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
import tracemalloc

from raw_engine import RawEngine
from soaking import FILLING, IMAGE, NAME, Footprint, soak

from aiodockmap import ClientConfiguration
from aiodockmap.testing import EmbeddedEngine, VirtualTimeLoop


def on_embedded(cycles: int) -> tuple[Footprint, Footprint]:
    """On an engine in memory, and on a clock that jumps."""
    engine = EmbeddedEngine(images=(f"{IMAGE}:latest",))
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        # An engine that remembers each call grows; that is its purpose.
        return runner.run(soak(engine.transport(), cycles, engine.calls.clear))


def on_real(url: str, cycles: int) -> tuple[Footprint, Footprint]:
    """On a real engine, whose containers are counted at the end."""
    raw = RawEngine(url)
    raw.import_image(IMAGE, "latest", ("/bin/sleep", "100000"))
    raw.remove_all(NAME)
    with asyncio.Runner() as runner:
        found = runner.run(soak(ClientConfiguration(base_url=url), cycles, lambda: None))
    left = raw.container_names(NAME) + raw.volume_names(NAME)
    assert not left, f"these were left behind: {left}"
    raw.remove_all(NAME)
    return found


def report(where: str, cycles: int, found: tuple[Footprint, Footprint], seconds: float) -> None:
    """Say what was found."""
    early, late = found
    print(f"{where}: {cycles} cycles, {2 * cycles} updates, in {seconds:.0f} s")
    print(f"  after {max(cycles // 10, FILLING):5}: {early}")
    print(f"  after {cycles:5}: {late}")


def main() -> None:
    """Measure what was asked for."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--embedded", type=int, default=2_000)
    arguments.add_argument("--real", type=int, default=200)
    asked = arguments.parse_args()
    url = os.environ.get("AIODOCKMAP_TEST_ENGINE")
    tracemalloc.start()
    if asked.embedded:
        began = time.monotonic()
        found = on_embedded(asked.embedded)
        report("embedded engine", asked.embedded, found, time.monotonic() - began)
    if asked.real and url:
        began = time.monotonic()
        found = on_real(url, asked.real)
        report("real engine", asked.real, found, time.monotonic() - began)


if __name__ == "__main__":
    main()
