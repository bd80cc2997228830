"""What an update of fifty containers costs when nothing has changed: `make benchmarks`.

The least that it takes is one list and one inspect a container. Both are counted in calls, and measured in
time on the same engine, over the same connection.
"""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable

import anyio
from attrs import frozen
from raw_engine import RawEngine
from run_partners import WatchedTransport

from aiodockmap import ContainerMap, MapClient
from aiodockmap.engine import Engine
from aiodockmap.engine._clients import connect_to
from aiodockmap.engine._hosts import resolve_address
from aiodockmap.model import ResourceId, ResourceKind

CONTAINERS = 50
INSPECTS_AT_ONCE = 8
MAP = "benchmarkupdate"
IMAGE = "aiodockmap-benchmark"
ROUNDS = 5


@frozen(order=True)
class Cost:
    """What something took."""

    seconds: float
    calls: int


async def the_least(engine: Engine) -> None:
    """One list, and one inspect for each container, as many at once as an update makes."""
    limiter = anyio.CapacityLimiter(INSPECTS_AT_ONCE)

    async def inspect(name: str) -> None:
        async with limiter:
            resource = ResourceId(engine.name, ResourceKind.CONTAINER, name)
            assert await engine.inspect_container(resource, name) is not None

    await engine.list_containers()
    async with anyio.create_task_group() as tasks:
        for number in range(CONTAINERS):
            tasks.start_soon(inspect, f"{MAP}.app.i{number}")


async def measured(way: WatchedTransport, work: Callable[[], Awaitable[object]]) -> Cost:
    """The best of some rounds."""
    await work()
    best = Cost(calls=0, seconds=float("inf"))
    for _ in range(ROUNDS):
        way.calls.clear()
        began = time.perf_counter()
        await work()
        best = min(best, Cost(calls=len(way.calls), seconds=time.perf_counter() - began))
    return best


async def main() -> None:
    url = os.environ["DOCKER_HOST"]
    raw = RawEngine(url)
    raw.import_image(IMAGE, "latest", ["/bin/sleep", "1000"])
    instances = [f"i{number}" for number in range(CONTAINERS)]
    fifty = ContainerMap(
        MAP,
        {
            "networks": {"net": {}},
            "app": {
                "image": IMAGE,
                "instances": instances,
                "networks": "net",
                "stop_signal": "SIGKILL",
                "create_options": {"environment": {"LEVEL": "1"}},
            },
        },
    )
    way = WatchedTransport(connect_to(resolve_address(url)))
    try:
        async with MapClient(fifty, default_client=way) as client:
            await client.startup("__all__")
            report = await client.update("__all__")
            assert report.plan.is_empty, report.plan.render()
            update = await measured(way, lambda: client.update("__all__"))
            engine = Engine.over("benchmark", way, owns_transport=False)
            least = await measured(way, lambda: the_least(engine))
            await client.shutdown("__all__")
    finally:
        raw.remove_all(MAP)
        raw.call("DELETE", f"images/{IMAGE}", force="true")
        await way.aclose()
    print(f"update: {update.calls} calls, {update.seconds:.3f} s")
    print(f"one list and {CONTAINERS} inspects: {least.calls} calls, {least.seconds:.3f} s")
    print(
        f"ratio {update.calls / least.calls:.2f} calls, {update.seconds / least.seconds:.2f} time"
    )


if __name__ == "__main__":
    os.environ.setdefault(
        "DOCKER_HOST", os.environ.get("AIODOCKMAP_TEST_ENGINE", "unix:///var/run/docker.sock")
    )
    anyio.run(main)
