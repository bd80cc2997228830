"""An update whose process kills itself after a number of changes: `python killed_update.py < settings`.

It prints each change that it made, and the name of each container before and after it creates it. Settings
are JSON: `url`, `map`, `landscape`, `changes`.
"""

from __future__ import annotations

import json
import os
import signal
import sys

import anyio
from run_partners import READS, WatchedTransport

from aiodockmap import ContainerMap, MapClient
from aiodockmap.engine import ApiRequest
from aiodockmap.engine._clients import connect_to
from aiodockmap.engine._hosts import resolve_address


async def main() -> None:
    settings = json.load(sys.stdin)
    left = settings["changes"]

    def tell(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    def die_if_it_is_time() -> None:
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    async def before(request: ApiRequest) -> None:
        if request.method not in READS:
            die_if_it_is_time()
        if request.path == "containers/create":
            tell(f"creating {request.query['name']}")

    async def after(request: ApiRequest) -> None:
        nonlocal left
        if request.method not in READS:
            if request.path == "containers/create":
                tell(f"created {request.query['name']}")
            tell(str(request))
            left -= 1
            die_if_it_is_time()

    way = WatchedTransport(connect_to(resolve_address(settings["url"])))
    way.before, way.after = before, after
    async with MapClient(
        ContainerMap(settings["map"], settings["landscape"]), default_client=way
    ) as client:
        await client.update("__all__")
    await way.aclose()


if __name__ == "__main__":
    anyio.run(main)
