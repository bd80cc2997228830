"""Commands without an engine: rehearsals, and an engine in memory for others to talk to."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Mapping

import anyio
import click
from attrs import evolve

from ..config import ClientConfiguration
from ..model import DEFAULT_ENGINE
from ..testing import EmbeddedEngine

NOTICE = "rehearsal on an engine in memory: it begins empty, nothing is run, nothing is kept"


def rehearsal_clients(
    clients: Mapping[str, ClientConfiguration],
) -> dict[str, ClientConfiguration]:
    """Have each engine be one in memory, which can pull everything that is asked for."""
    named = {DEFAULT_ENGINE: ClientConfiguration(), **clients}
    return {
        name: evolve(client, client=EmbeddedEngine((), name=name, pulls_anything=True).transport())
        for name, client in named.items()
    }


async def serve_until_interrupted(address: str, images: Iterable[str]) -> None:
    """Have an engine in memory answer at an address until the process is asked to end."""
    engine = EmbeddedEngine(images, pulls_anything=True)
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with engine.serve(address) as url:
            click.echo(url)
            async for _ in signals:
                return
