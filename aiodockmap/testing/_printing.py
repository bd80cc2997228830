"""What containers print, as engines keep it: line by line."""

from __future__ import annotations

from ._commands import Print
from ._filters import nanoseconds_of
from ._records import Container, LogEntry
from ._world import World


def write_output(world: World, container: Container, printed: Print) -> None:
    """Keep what a container prints; a line is held back until it is complete."""
    text = container.unfinished.pop(printed.stream, "") + printed.text
    *lines, rest = text.split("\n")
    for line in lines:
        _add_line(world, container, printed.stream, f"{line}\n")
    if rest:
        container.unfinished[printed.stream] = rest
    world.timeline.tell()


def end_output(world: World, container: Container) -> None:
    """Keep what is not complete, as nothing comes after it."""
    for stream, text in container.unfinished.items():
        _add_line(world, container, stream, text)
    container.unfinished = {}


def _add_line(world: World, container: Container, stream: int, text: str) -> None:
    stamp, moment = world.timeline.stamp(), nanoseconds_of(world.timeline.moment())
    container.logs.append(LogEntry(stream=stream, stamp=stamp, moment=moment, text=text))
