"""How long stopping twelve containers takes, compared with stopping one: `make benchmarks`.

The processes ignore SIGTERM, so each stop lasts its whole grace period. One after the other, as
docker-map does it, twelve stops take twelve times as long as one; at the same time, about as long as
one.
"""

from __future__ import annotations

import os

import anyio
from raw_engine import RawEngine

from aiodockmap import ContainerMap, MapClient

CONTAINERS = 12
GRACE = 2
MAP = "benchmarkstops"
IMAGE = "aiodockmap-benchmark"


async def main() -> None:
    url = os.environ["DOCKER_HOST"]
    engine = RawEngine(url)
    engine.import_image(IMAGE, "latest", ["/bin/sleep", "1000"])
    twelve = ContainerMap(
        MAP,
        {
            f"server{number}": {"image": IMAGE, "stop_timeout": GRACE}
            for number in range(CONTAINERS)
        },
    )
    try:
        async with MapClient(twelve) as client:
            await client.startup("__all__")
            one = await client.stop("server0")
            await client.start("server0")
            all_of_them = await client.stop("__all__")
    finally:
        engine.remove_all(f"{MAP}.")
        engine.call("DELETE", f"images/{IMAGE}", force="true")
    print(f"stopping 1 container took {one.seconds:.2f} s")
    print(f"stopping {CONTAINERS} containers took {all_of_them.seconds:.2f} s")
    print(
        f"ratio {all_of_them.seconds / one.seconds:.2f} (one after the other: about {CONTAINERS})"
    )


if __name__ == "__main__":
    os.environ.setdefault(
        "DOCKER_HOST", os.environ.get("AIODOCKMAP_TEST_ENGINE", "unix:///var/run/docker.sock")
    )
    anyio.run(main)
