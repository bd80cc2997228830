"""What containers print: `GET /containers/{id}/logs`, and how output travels."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Final

from ._answers import ApiError, Call, Reply, Streaming
from ._records import Container
from ._releases import STREAMS_HAVE_TYPES
from ._world import World

FOREVER: Final = float("inf")
RAW_STREAM: Final = {"content-type": "application/vnd.docker.raw-stream"}
MULTIPLEXED_STREAM: Final = {"content-type": "application/vnd.docker.multiplexed-stream"}


def read_logs(world: World, call: Call) -> Reply:
    """`GET /containers/{id}/logs`."""
    container = world.container(call.ref)
    streams = [number for number, name in ((1, "stdout"), (2, "stderr")) if call.flag(name)]
    if not streams:
        raise ApiError(400, "Bad parameters: you must choose at least one stream")
    if container.host_config["LogConfig"]["Type"] == "none":
        raise ApiError(501, "configured logging driver does not support reading")
    since, until = call.moment("since") or 0, call.moment("until") or FOREVER
    tail = call.query.get("tail") or "all"
    # As on real engines the tail is cut before anything else is left out.
    first = max(0, len(container.logs) - int(tail)) if tail.isdecimal() else 0

    async def chunks() -> AsyncIterator[bytes]:
        position = first
        while True:
            for entry in container.logs[position:]:
                position += 1
                if entry.stream in streams and since <= entry.moment <= until:
                    stamp = f"{entry.stamp} " if call.flag("timestamps") else ""
                    yield frame(container, entry.stream, stamp + entry.text)
            if not call.flag("follow") or not container.state.is_running:
                return
            await world.timeline.until(partial(_has_more, container, position))

    return Streaming(chunks=chunks, headers=stream_headers(world, container, call))


def stream_headers(world: World, container: Container, call: Call) -> dict[str, str]:
    """How the output of a container travels, as far as that is said."""
    if not world.release.names_stream_types:
        return {}
    is_raw = container.config["Tty"] or not call.speaks(STREAMS_HAVE_TYPES)
    return RAW_STREAM if is_raw else MULTIPLEXED_STREAM


def _has_more(container: Container, position: int) -> bool:
    return len(container.logs) > position or not container.state.is_running


def frame(container: Container, stream: int, text: str) -> bytes:
    """Output as it travels: with a header that says which stream it is, unless there is a terminal."""
    if container.config["Tty"]:
        return text.replace("\n", "\r\n").encode()
    content = text.encode()
    return bytes([stream, 0, 0, 0]) + len(content).to_bytes(4, "big") + content
