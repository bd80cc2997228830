"""A process that carries out an action for each line that it reads: `python twin.py`.

It answers each with a line. Both are JSON: `url`, `map`, `landscape`, `action`; `ok`, and perhaps an `error`.
"""

from __future__ import annotations

import json
import sys

import anyio
from anyio.to_thread import run_sync

from aiodockmap import AioDockMapError, ClientConfiguration, ContainerMap, MapClient


async def main() -> None:
    while line := await run_sync(sys.stdin.readline):
        asked = json.loads(line)
        async with MapClient(
            ContainerMap(asked["map"], asked["landscape"]),
            default_client=ClientConfiguration(base_url=asked["url"]),
        ) as client:
            try:
                await getattr(client, asked["action"])("__all__")
                said: dict[str, object] = {"ok": True}
            except AioDockMapError as error:
                said = {"ok": False, "error": str(error)}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    anyio.run(main)
