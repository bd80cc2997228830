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

NOTICE = (
    "rehearsal on an engine in memory, as of Docker {}: "
    "it begins empty, nothing is run, nothing is kept"
)
OLDEST_RELEASE = EmbeddedEngine.releases[0]
RELEASE = click.Choice(EmbeddedEngine.releases)


def rehearsal_clients(
    clients: Mapping[str, ClientConfiguration], release: str
) -> dict[str, ClientConfiguration]:
    """Have each engine be one in memory, which can pull everything that is asked for."""
    named = {DEFAULT_ENGINE: ClientConfiguration(), **clients}
    engines = {
        name: EmbeddedEngine((), name=name, pulls_anything=True, release=release) for name in named
    }
    return {
        name: evolve(client, client=engines[name].transport()) for name, client in named.items()
    }


async def serve_until_interrupted(address: str, images: Iterable[str], release: str) -> None:
    """Have an engine in memory answer at an address until the process is asked to end."""
    engine = EmbeddedEngine(images, pulls_anything=True, release=release)
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with engine.serve(address) as url:
            click.echo(url)
            async for _ in signals:
                return
