"""Commands without an engine: rehearsals, and an engine in memory for others to talk to."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Mapping

import anyio
import click
from attrs import evolve

from ..config import ClientConfiguration
from ..model import DEFAULT_ENGINE
from ._output import write

NOTICE = (
    "rehearsal on an engine in memory, as of Docker {}: "
    "it begins empty, nothing is run, nothing is kept"
)
OLDEST_RELEASE = "20.10"
RELEASE = click.Choice([OLDEST_RELEASE, "28.5"])
"""Those of the engine in memory. It is imported for rehearsals only: other commands begin sooner without."""


def without_waiting() -> dict[str, object]:
    """How to run what waits for nobody, so that its grace periods need not pass."""
    from ..testing import VirtualTimeLoop  # noqa: PLC0415  # see `RELEASE`

    return {"loop_factory": VirtualTimeLoop}


def rehearsal_clients(
    clients: Mapping[str, ClientConfiguration], release: str
) -> dict[str, ClientConfiguration]:
    """Have each engine be one in memory, which can pull everything that is asked for."""
    from ..testing import EmbeddedEngine  # noqa: PLC0415  # see `RELEASE`

    named = {DEFAULT_ENGINE: ClientConfiguration(), **clients}
    engines = {
        name: EmbeddedEngine((), name=name, pulls_anything=True, release=release) for name in named
    }
    return {
        name: evolve(client, client=engines[name].transport()) for name, client in named.items()
    }


async def serve_until_interrupted(address: str, images: Iterable[str], release: str) -> None:
    """Have an engine in memory answer at an address until the process is asked to end."""
    from ..testing import EmbeddedEngine  # noqa: PLC0415  # see `RELEASE`

    engine = EmbeddedEngine(images, pulls_anything=True, release=release)
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with engine.serve(address) as url:
            write(url)
            async for _ in signals:
                return
