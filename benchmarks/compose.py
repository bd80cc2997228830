"""The same landscape under Docker Compose, and under ours: `make compose`.

A store, applications that need it, and servers that need an application each, on one network: brought up
from nothing, looked at, brought up again with nothing and with one thing changed, and taken down. Compose
runs as a subprocess, as a program would drive it; ours in this process, with a client that stays open, and
once more as a subprocess of its own. All in turn, several rounds on one engine.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import anyio
from raw_engine import RawEngine

from aiodockmap import ContainerMap, MapClient

APPLICATIONS: Final = 16
SERVERS: Final = 8
ROUNDS: Final = int(sys.argv[1]) if len(sys.argv) > 1 else 5
NAME: Final = "benchmarkcompose"
IMAGE: Final = "aiodockmap-benchmark"
RUN_UNTIL_ASKED: Final = (
    "/bin/sh",
    "-c",
    "trap 'exit 0' TERM; while :; do sleep 1000 & wait $!; done",
)
STEPS: Final = (
    "up from nothing",
    "look",
    "up, nothing changed",
    "up, one server changed",
    "down",
)
EVERYTHING: Final = ("__all__", {"config_type": "network", "config_name": "__all__"})
Contender = dict[str, Callable[[], Awaitable[object]]]


def as_map(level: str) -> dict[str, Any]:
    """Our words for it; the last server has that level in its environment."""
    common = {"image": IMAGE}
    services: dict[str, Any] = {"store": {**common, "networks": "net"}}
    for number in range(APPLICATIONS):
        services[f"app{number}"] = {**common, "networks": {"net": {"links": ["store"]}}}
    for number in range(SERVERS):
        services[f"web{number}"] = {
            **common,
            "networks": {"net": {"links": [f"app{number}"]}},
            "create_options": {"environment": {"LEVEL": level if not number else "same"}},
        }
    return {"name": NAME, "networks": {"net": {}}, "containers": services}


def as_compose_file(level: str) -> dict[str, Any]:
    """Compose's words for it."""
    common = {"image": IMAGE, "pull_policy": "never", "networks": ["net"]}
    services: dict[str, Any] = {"store": common}
    for number in range(APPLICATIONS):
        services[f"app{number}"] = {**common, "depends_on": ["store"]}
    for number in range(SERVERS):
        services[f"web{number}"] = {
            **common,
            "depends_on": [f"app{number}"],
            "environment": {"LEVEL": level if not number else "same"},
        }
    return {"name": NAME, "networks": {"net": {}}, "services": services}


def run(*command: str) -> Callable[[], Awaitable[object]]:
    """Run a program until it has ended well."""

    async def action() -> None:
        try:
            await anyio.run_process(command, stderr=subprocess.STDOUT)
        except subprocess.CalledProcessError as error:
            sys.exit(f"{' '.join(command)}: {error.output.decode()}")

    return action


def compose(folder: Path, program: str) -> Contender:
    files = {level: folder / f"{level}.compose.json" for level in ("old", "new")}
    for level, file in files.items():
        file.write_text(json.dumps(as_compose_file(level)))
    old = (program, "--file", str(files["old"]))
    new = (program, "--file", str(files["new"]))
    actions = (
        run(*old, "up", "--detach"),
        run(*old, "ps", "--all"),
        run(*old, "up", "--detach"),
        run(*new, "up", "--detach"),
        run(*new, "down"),
    )
    return dict(zip(STEPS, actions, strict=True))


def command_line(folder: Path, program: str) -> Contender:
    files = {level: folder / f"{level}.json" for level in ("old", "new")}
    for level, file in files.items():
        file.write_text(json.dumps(as_map(level)))
    actions = (
        run(program, "startup", str(files["old"])),
        run(program, "status", str(files["old"])),
        run(program, "update", str(files["old"])),
        run(program, "update", str(files["new"])),
        run(program, "shutdown", str(files["new"]), "--networks"),
    )
    return dict(zip(STEPS, actions, strict=True))


def library(old: MapClient, new: MapClient) -> Contender:
    actions = (
        lambda: old.startup("__all__"),
        lambda: old.status("__all__"),
        lambda: old.update("__all__"),
        lambda: new.update("__all__"),
        lambda: new.shutdown(EVERYTHING),
    )
    return dict(zip(STEPS, actions, strict=True))


async def measure(contenders: dict[str, Contender], raw: RawEngine) -> None:
    seconds: dict[tuple[str, str], list[float]] = defaultdict(list)
    for _ in range(ROUNDS):
        for name, contender in contenders.items():
            for step, action in contender.items():
                began = time.perf_counter()
                await action()
                seconds[name, step].append(time.perf_counter() - began)
                # What is measured has to be true of all of them.
                there = len(raw.container_names(NAME))
                expected = 0 if step == "down" else 1 + APPLICATIONS + SERVERS
                assert there == expected, f"{name}, {step}: {there} containers"
    first = next(iter(contenders))
    print(f"{1 + APPLICATIONS + SERVERS} containers, median of {ROUNDS} rounds, seconds (and")
    print(f"how many times as long {first} takes)")
    for step in STEPS:
        medians = {name: statistics.median(seconds[name, step]) for name in contenders}
        figures = (
            f"{name} {median:.2f} ({medians[first] / median:.1f})"
            for name, median in medians.items()
        )
        print(f"  {step}: {', '.join(figures)}")


async def main() -> None:
    url = os.environ["DOCKER_HOST"]
    raw = RawEngine(url)
    raw.import_image(IMAGE, "latest", RUN_UNTIL_ASKED)
    program = shutil.which("docker-compose")
    if program is None:
        sys.exit("docker-compose is not on the path")
    ours = Path(sys.executable).with_name("aiodockmap")
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            maps = {level: ContainerMap.from_dict(NAME, as_map(level)) for level in ("old", "new")}
            async with MapClient(maps["old"]) as old, MapClient(maps["new"]) as new:
                contenders = {
                    "Compose": compose(folder, program),
                    "library": library(old, new),
                    "command line": command_line(folder, str(ours)),
                }
                await measure(contenders, raw)
    finally:
        raw.remove_all(NAME)
        raw.call("DELETE", f"images/{IMAGE}", force="true")


if __name__ == "__main__":
    os.environ.setdefault(
        "DOCKER_HOST", os.environ.get("AIODOCKMAP_TEST_ENGINE", "unix:///var/run/docker.sock")
    )
    anyio.run(main)
