"""An update whose process kills itself: `python killed_update.py < settings`.

It prints each change that it made, and the name of each container before and after it creates it. Settings
are JSON: `url`, `map`, `landscape`, when to die (after so many `changes`, or after the first change whose
call, with the `Name` in its body, `until` is part of), and if need be `selected` and `options`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
from run_partners import READS, WatchedTransport

from aiodockmap import ContainerMap, MapClient
from aiodockmap.engine import ApiRequest
from aiodockmap.engine._clients import connect_to
from aiodockmap.engine._hosts import resolve_address


def run_and_kill(url: str, name: str, landscape: dict[str, Any], **settings: Any) -> list[str]:
    """Update in a process that dies when the settings say so, and return the changes that it made."""
    script = Path(__file__)
    done = subprocess.run(  # noqa: S603  # our own
        [sys.executable, str(script)],
        input=json.dumps({"url": url, "map": name, "landscape": landscape, **settings}).encode(),
        stdout=subprocess.PIPE,
        cwd=script.parent.parent,
        check=False,
    )
    told = done.stdout.decode().splitlines()
    made = [line for line in told if not line.startswith(("creating ", "created "))]
    assert done.returncode == -signal.SIGKILL, f"it ended by itself, after {len(made)} changes"
    return made


async def main() -> None:
    settings = json.load(sys.stdin)
    left, until = settings.get("changes"), settings.get("until")

    def tell(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    async def before(request: ApiRequest) -> None:
        if request.method not in READS and left == 0:
            die()
        if request.path == "containers/create":
            tell(f"creating {request.query['name']}")

    async def after(request: ApiRequest) -> None:
        nonlocal left
        if request.method in READS:
            return
        if request.path == "containers/create":
            tell(f"created {request.query['name']}")
        tell(str(request))
        left = None if left is None else left - 1
        name = request.body.get("Name") if isinstance(request.body, Mapping) else None
        if left == 0 or (until and until in f"{request} {name}"):
            die()

    way = WatchedTransport(connect_to(resolve_address(settings["url"])))
    way.before, way.after = before, after
    async with MapClient(
        ContainerMap(settings["map"], settings["landscape"]), default_client=way
    ) as client:
        await client.update(settings.get("selected", "__all__"), **settings.get("options", {}))
    await way.aclose()


if __name__ == "__main__":
    anyio.run(main)
