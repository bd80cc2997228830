"""Calls of terminals: what a container prints from now on, and how large a window is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

from ._answers import Answer, Call, Reply, Streaming
from ._output import RAW_STREAM, frame, stream_headers
from ._records import Container
from ._world import World


def attach_container(world: World, call: Call) -> Reply:
    """`POST /containers/{id}/attach`; it may be called before the start, and ends with the container."""
    container = world.container(call.ref)
    streams = [number for number, name in ((1, "stdout"), (2, "stderr")) if call.flag(name)]
    exits = container.exits
    first = 0 if call.flag("logs") else len(container.logs)
    world.events.of_container(container, "attach")

    async def chunks() -> AsyncIterator[bytes]:
        position = first
        while True:
            for entry in container.logs[position:]:
                position += 1
                if entry.stream in streams:
                    yield frame(container, entry.stream, entry.text)
            if container.exits > exits or container.id not in world.containers:
                return
            if not call.flag("stream"):
                return
            await world.timeline.until(partial(_has_more, world, container, position, exits))

    upgraded = stream_headers(world, container, call)
    return Streaming(
        chunks=chunks, headers=RAW_STREAM, upgraded=upgraded, tells_engine=False, is_raw=True
    )


def _has_more(world: World, container: Container, position: int, exits: int) -> bool:
    is_over = container.exits > exits or container.id not in world.containers
    return is_over or len(container.logs) > position


def resize_terminal(world: World, call: Call) -> Reply:
    """`POST /containers/{id}/resize` and `POST /exec/{id}/resize`: nobody looks at it."""
    if call.ref not in world.execs:
        world.container(call.ref)
    return Answer()
