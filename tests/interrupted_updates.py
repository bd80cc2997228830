"""Updates that are killed or cancelled at every call, on a real engine: `make interrupted`.

One landscape has everything that a replacement has to take along: several networks, exec commands, anonymous
volumes with data, and containers that hold on to others (their network stack, their volumes, a link). It is
updated from one level to the other and back; each update is interrupted at another call, and the next one has
to end in what is asked for.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import aclosing, contextmanager
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from typing import Any, Final

import anyio
import killed_update
from attrs import define, field
from raw_engine import RawEngine
from run_partners import Log, WatchedTransport, stray_tasks

from aiodockmap import (
    ClientConfiguration,
    ContainerMap,
    MapClient,
    Patience,
    RunFinished,
    StepStarted,
)
from aiodockmap.engine import ApiRequest
from aiodockmap.engine._clients import connect_to
from aiodockmap.engine._hosts import resolve_address
from aiodockmap.plan import RemoveContainer
from aiodockmap.state import HELPER_LABEL

__all__ = ["Estate", "killed_after", "never_absent"]

SERVICE: Final = "/bin/sleep 12345"
MARK: Final = "written before all updates"


@contextmanager
def never_absent(url: str, *names: str) -> Iterator[None]:
    """See all the time that there is a container of each name of a map, or of those of its replacement."""
    over, looks, prefix = Flag(), 0, names[0].partition(".")[0]
    missed: list[str] = []

    def look() -> None:
        nonlocal looks
        engine = RawEngine(url)
        while not over.wait(0.005):
            # One list is one moment.
            found = engine.container_names(prefix)
            missed.extend(
                name for name in names if not any(each.startswith(name) for each in found)
            )
            looks += 1

    watcher = Thread(target=look)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
    assert looks > 0
    assert not missed, f"{set(missed)} were absent, {len(missed)} times in {looks} looks"


def killed_after(
    changes: int, url: str, name: str, landscape: Mapping[str, object]
) -> tuple[list[str], bool]:
    """Update in a process that dies after so many changes; gives those that it made, and whether it died."""
    settings = {"url": url, "map": name, "landscape": landscape, "changes": changes}
    script = Path(killed_update.__file__)
    done = subprocess.run(  # noqa: S603  # our own
        [sys.executable, str(script)],
        input=json.dumps(settings).encode(),
        stdout=subprocess.PIPE,
        cwd=script.parent.parent,
        check=False,
    )
    assert done.returncode in {0, -signal.SIGKILL}, "it failed by itself"
    lines = done.stdout.decode().splitlines()
    told = [line.partition(" ") for line in lines]
    created = {name for word, _, name in told if word == "created"}
    begun = {name for word, _, name in told if word == "creating"}
    _outwait_creation(RawEngine(url), name, begun - created)
    made = [line for line in lines if line.partition(" ")[0] not in {"creating", "created"}]
    return made, done.returncode != 0


def _outwait_creation(engine: RawEngine, map_name: str, names: AbstractSet[str]) -> None:
    """Let the engine finish what a dead process asked for; what is not there in time was never asked for."""
    deadline = time.monotonic() + 1
    while not names <= set(engine.container_names(map_name)) and time.monotonic() < deadline:
        time.sleep(0.02)


@define(eq=False)
class Estate:
    """A landscape on a real engine that is updated, interrupted, and looked after."""

    url: str
    prefix: str
    image: str
    level: str = "old"
    """Of the last update that went through."""
    _kept: dict[str, str] = field(factory=dict, init=False)
    """The anonymous volumes that hold data, by their containers."""

    @property
    def engine(self) -> RawEngine:
        return RawEngine(self.url)

    @property
    def names(self) -> list[str]:
        return sorted(self.full_name(each) for each in ("owner", "base", "stack", "user", "linker"))

    def full_name(self, name: str) -> str:
        return f"{self.prefix}.{name}"

    def landscape(self, level: str) -> dict[str, Any]:
        """Two containers that are replaced for their environment, and three that follow them."""
        # A stop that is cancelled before it goes out is waited for as long as it may take.
        each = {"image": f"/{self.image}", "stop_timeout": 1}
        create = {"create_options": {"environment": {"LEVEL": level}}}
        return {
            "networks": {"one": {}, "two": {}},
            "owner": {
                **each,
                "networks": ["one", "two"],
                "shares": "/scratch",
                "exec_commands": [{"cmd": SERVICE, "user": "root", "detach": True}],
                **create,
            },
            "base": {**each, "shares": "/keep", **create},
            "stack": {**each, "network_mode": "owner"},
            "user": {**each, "uses": "owner"},
            "linker": {**each, "links": {"base": "b"}},
        }

    def _client(self, level: str, **settings: Any) -> MapClient:
        settings = {"default_client": ClientConfiguration(base_url=self.url), **settings}
        return MapClient(ContainerMap(self.prefix, self.landscape(level)), **settings)

    async def begin(self) -> None:
        """Bring everything up, with data in the anonymous volumes."""
        async with self._client(self.level) as client:
            await client.startup("__all__")
        for name, place in (("owner", "/scratch"), ("base", "/keep")):
            self.run_in(name, "/bin/sh", "-c", f"echo '{MARK}' >{place}/mark")
            self._kept[name] = self._volume_at(name, place)

    async def cancelled(self, number: int) -> bool:
        """Cancel an update as its n-th call goes out, then make another one; False if it had fewer calls."""
        level = self._other_level()
        before = self._ids()
        was_cancelled = await self._cancelled_at(number, level)
        self._check_that_all_run(before)
        await self._finish(level)
        return was_cancelled

    async def killed(self, changes: int) -> bool:
        """Kill an update after so many changes, then make another one; False if it made fewer."""
        level = self._other_level()
        with never_absent(self.url, *self.names):
            _, was_killed = await anyio.to_thread.run_sync(
                killed_after, changes, self.url, self.prefix, self.landscape(level)
            )
            await self._finish(level)
        return was_killed

    async def _cancelled_at(self, number: int, level: str) -> bool:
        way = WatchedTransport(connect_to(resolve_address(self.url)))
        log, begun_before = Log(), 0
        with anyio.CancelScope() as scope:

            async def cancel_at_the_call(_: ApiRequest) -> None:
                nonlocal begun_before
                if len(way.calls) == number:
                    begun_before = len(log.of(StepStarted))
                    scope.cancel()

            way.before = cancel_at_the_call
            async with (
                aclosing(way),
                self._client(level, default_client=way, on_event=log) as client,
            ):
                await client.update("__all__")
        assert way.is_idle, +way.open
        assert not stray_tasks()
        if log.events:
            log.check_shape()
            assert len(log.of(RunFinished)) == 1
            if scope.cancelled_caught:
                rescues = {rescue.step.id for rescue in log.report.plan.rescues}
                for begun in log.of(StepStarted)[begun_before:]:
                    is_end = isinstance(begun.step.action, RemoveContainer)
                    assert begun.step.id in rescues or is_end, f"{begun.step} began all the same"
        return scope.cancelled_caught

    def _check_that_all_run(self, before: Mapping[str, str]) -> None:
        """After a cancellation: each is the old one or the new one, and runs; nothing temporary is left."""
        assert self.engine.container_names(self.prefix) == self.names
        for name in self.names:
            found = self.engine.get(f"containers/{name}/json")
            assert found["State"]["Running"], f"{name} does not run"
            is_new = "io.aiodockmap.replaces" in found["Config"]["Labels"]
            assert found["Id"] == before[name] or is_new
            assert HELPER_LABEL not in found["Config"]["Labels"]
        self._check_data()

    async def _finish(self, level: str) -> None:
        """Update without interruption, and see that everything is as it should be."""
        # Nobody else is about to finish what was begun.
        async with self._client(level, patience=Patience(others=0)) as client:
            await client.update("__all__")
            again = await client.plan("update", "__all__")
        self.level = level
        assert again.is_empty, again.render()
        assert self.engine.container_names(self.prefix) == self.names
        found = {
            name: self.engine.get(f"containers/{self.full_name(name)}/json")
            for name in ("owner", "base", "stack", "user", "linker")
        }
        assert all(each["State"]["Running"] for each in found.values())
        for name in ("owner", "base"):
            assert f"LEVEL={level}" in found[name]["Config"]["Env"]
        networks = found["owner"]["NetworkSettings"]["Networks"]
        assert set(networks) == {self.full_name("one"), self.full_name("two")}
        mode = found["stack"]["HostConfig"]["NetworkMode"]
        assert mode == f"container:{found['owner']['Id']}"
        (address,) = (
            each["IPAddress"] for each in found["base"]["NetworkSettings"]["Networks"].values()
        )
        # The engine writes it down some time after it has answered.
        for _ in range(50):
            hosts = self.run_in("linker", "/bin/cat", "/etc/hosts")
            if f"{address}\tb" in hosts:
                break
            await anyio.sleep(0.1)
        assert f"{address}\tb" in hosts, hosts
        processes = self.run_in("owner", "/bin/ps", "-o", "args")
        assert processes.splitlines().count(SERVICE) == 1
        self._check_data()

    def _check_data(self) -> None:
        for name, place in (("owner", "/scratch"), ("base", "/keep"), ("user", "/scratch")):
            assert self.run_in(name, "/bin/cat", f"{place}/mark").strip() == MARK
        for name, place in (("owner", "/scratch"), ("base", "/keep")):
            assert self._volume_at(name, place) == self._kept[name]

    def _other_level(self) -> str:
        return "new" if self.level == "old" else "old"

    def _ids(self) -> dict[str, str]:
        return {name: self.engine.get(f"containers/{name}/json")["Id"] for name in self.names}

    def _volume_at(self, name: str, place: str) -> str:
        mounts = self.engine.get(f"containers/{self.full_name(name)}/json")["Mounts"]
        (found,) = (mount["Name"] for mount in mounts if mount["Destination"] == place)
        return str(found)

    def run_in(self, name: str, *command: str) -> str:
        """Run a command in a container, and return what it printed."""
        body = {"Cmd": command, "AttachStdout": True, "Tty": True, "User": "root"}
        status, made = self.engine.call("POST", f"containers/{self.full_name(name)}/exec", body)
        assert status == 201, made
        _, printed = self.engine.call("POST", f"exec/{made['Id']}/start", {"Tty": True})
        return bytes(printed).decode().replace("\r\n", "\n")


async def main() -> None:
    """Interrupt at every call, in both ways."""
    url = os.environ["AIODOCKMAP_TEST_ENGINE"]
    raw = RawEngine(url)
    command = ["/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1000 & wait $!; done"]
    raw.import_image("interrupted", "latest", command)
    estate = Estate(url, "interrupted", "interrupted:latest")
    await estate.begin()
    volumes = raw.volume_names("")
    try:
        number = 1
        while await estate.cancelled(number):
            number += 1
        sys.stdout.write(f"cancelled at each of {number - 1} calls\n")
        changes = 0
        while await estate.killed(changes):
            changes += 1
        sys.stdout.write(f"killed before and after each of {changes - 1} changes\n")
        assert raw.volume_names("") == volumes, "anonymous volumes were left"
    finally:
        raw.remove_all(estate.prefix)


if __name__ == "__main__":
    anyio.run(main)
