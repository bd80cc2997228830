"""One client in one process, update after update, and what it takes up meanwhile.

A cycle is two updates: one that changes a limit live and replaces one container of three, and one that
finds nothing to do.
"""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Final

from attrs import frozen

from aiodockmap import ContainerMap, MapClient, Patience
from aiodockmap.engine import EngineSource

NAME = "aiodockmap-soak"
IMAGE = "site-example"
FILLING: Final = 30
"""Cycles after which what is kept on purpose, such as an engine's last events, is all there."""
PAGE = resource.getpagesize()


def site(cycle: int) -> ContainerMap:
    """The landscape as it is asked for in a cycle."""
    common = {"image": f"/{IMAGE}", "stop_signal": "SIGKILL"}
    return ContainerMap(
        NAME,
        {
            "db": {**common, "attaches": "data", "networks": "net"},
            "web": {
                **common,
                "uses": "data",
                "networks": {"net": {"links": "db"}},
                "create_options": {"environment": {"CYCLE": str(cycle)}},
            },
            "job": {**common, "host_config": {"cpu_shares": 512 + cycle % 2}},
            "volumes": {"data": "/data"},
            "networks": {"net": None},
        },
    )


@frozen(kw_only=True)
class Footprint:
    """What a process takes up at a moment."""

    traced: int
    """Bytes that Python has handed out."""
    resident: int
    tasks: int
    files: int

    def __str__(self) -> str:
        return (
            f"{self.traced / 2**20:7.2f} MiB by Python, {self.resident / 2**20:7.2f} MiB in all, "
            f"{self.tasks} tasks, {self.files} open files"
        )


def footprint() -> Footprint:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return Footprint(
        traced=tracemalloc.get_traced_memory()[0],
        resident=pages * PAGE,
        tasks=len(asyncio.all_tasks()),
        files=len(os.listdir("/proc/self/fd")),  # noqa: PTH208 -- names are all that is wanted
    )


async def soak(
    engine: EngineSource, cycles: int, tidy: Callable[[], None]
) -> tuple[Footprint, Footprint]:
    """Update so often; what the process took up early on, and at the end."""
    early = None
    async with MapClient(site(0), default_client=engine, patience=Patience(settle=0)) as client:
        for cycle in range(cycles):
            client.set_map(site(cycle))
            report = await client.update("__all__")
            again = await client.update("__all__")
            assert report.ok
            assert not again.changed
            tidy()
            if cycle == max(cycles // 10, FILLING):
                early = footprint()
        assert early is not None
        late = footprint()
        await client.shutdown("__all__", remove_attached=True)
    return early, late
