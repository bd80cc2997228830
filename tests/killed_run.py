"""An action in a process that may be killed: `python killed_run.py < settings`.

It says `ready` before it begins. Settings are JSON: `url`, `name`, `action`.
"""

from __future__ import annotations

import json
import sys

import anyio
from trouble import act, site

from aiodockmap import ClientConfiguration, MapClient


async def main() -> None:
    settings = json.load(sys.stdin)
    here = ClientConfiguration(base_url=settings["url"])
    async with MapClient(site(settings["name"], settings["action"]), default_client=here) as client:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await act(client, settings["action"])


if __name__ == "__main__":
    anyio.run(main)
