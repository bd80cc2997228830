"""A real engine of a test's own, which may be restarted, killed, frozen, and run out of disk."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from raw_engine import RawEngine

START_PATIENCE = 60
END_PATIENCE = 30
SMALL_DISK = "48m"


@define(eq=False)
class OwnEngine:
    """A Docker in a folder and a network of its own; `end` it."""

    folder: Path
    _holder: subprocess.Popen[bytes] = field(init=False)
    """Keeps the network while no engine runs."""
    _daemon: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _disk: Path = field(init=False)

    @classmethod
    def begun_in(cls, folder: Path, *, disk: str | None = None) -> OwnEngine:
        """An engine that answers, its data on a disk of that size if one is given (`48m`)."""
        if os.geteuid() != 0 or not shutil.which("dockerd") or not shutil.which("nsenter"):
            pytest.fail(
                "an engine of one's own needs root, dockerd and nsenter: run the tests with `make test` as"
                " root on Debian",
                pytrace=False,
            )
        engine = cls(folder)
        if disk is not None:
            subprocess.run(  # noqa: S603  # our own command
                ["mount", "-t", "tmpfs", "-o", f"size={disk}", "tmpfs", str(engine._disk)],  # noqa: S607
                check=True,
            )
        engine.start()
        return engine

    def __attrs_post_init__(self) -> None:
        self._disk = self.folder / "data"
        self._disk.mkdir(parents=True)
        self._holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "ip link set lo up && echo up && exec sleep 100000"],  # noqa: S607
            stdout=subprocess.PIPE,
        )
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == b"up\n"

    @property
    def url(self) -> str:
        return f"unix://{self.folder}/docker.sock"

    @property
    def is_up(self) -> bool:
        """Whether it has been started, and neither stopped nor killed."""
        return self._daemon is not None

    @property
    def raw(self) -> RawEngine:
        return RawEngine(self.url)

    def start(self, *, live_restore: bool = False) -> None:
        """Start it, on the data that it had, and wait until it answers.

        With `live_restore` what it runs goes on without it.
        """
        with (self.folder / "log").open("ab") as log:
            self._daemon = subprocess.Popen(  # noqa: S603  # our own command
                [
                    *("nsenter", f"--net=/proc/{self._holder.pid}/ns/net", "dockerd"),
                    *("--data-root", str(self._disk), "--exec-root", str(self.folder / "exec")),
                    *("-H", self.url, "--pidfile", str(self.folder / "pid")),
                    f"--live-restore={str(live_restore).lower()}",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_PATIENCE
        while True:
            try:
                self.raw.get("_ping")
            except (OSError, http.client.HTTPException):
                if self._daemon.poll() is not None or time.monotonic() > deadline:
                    text = (self.folder / "log").read_text(errors="replace")[-2000:]
                    pytest.fail(f"the engine does not answer:\n{text}", pytrace=False)
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self._signal(signal.SIGTERM)
        self._collect(END_PATIENCE)

    def kill(self) -> None:
        """End the engine without a warning; what it runs goes on without it, as it does then."""
        self._signal(signal.SIGKILL)
        self._collect()

    def cut_power(self) -> None:
        """End the engine and all that it runs at once, and forget what was not on its disk."""
        running = [
            self.raw.get(f"containers/{each['Id']}/json")
            for each in self.raw.get("containers/json")
        ]
        self.kill()
        processes = (each["State"]["Pid"] for each in running)
        for number in [*self._shims(), *filter(None, processes)]:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        for each in running:
            _end_group(each["Id"])
        self._unmount(self.folder / "exec")
        shutil.rmtree(self.folder / "exec")

    def edit_containers(self, edit: Callable[[dict[str, Any]], None]) -> None:
        """Change what one that is down has written down of each of its containers."""
        for written in self._disk.glob("containers/*/config.v2.json"):
            container = json.loads(written.read_text())
            edit(container)
            written.write_text(json.dumps(container))

    def freeze(self) -> None:
        """Stop it in its tracks: connections stay open, and nobody answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def fill_disk(self) -> None:
        """Leave no byte free for its data."""
        block = b"\0" * 2**16
        with (self._disk / "filling").open("wb", buffering=0) as filling:
            try:
                while filling.write(block):
                    pass
            except OSError:
                return

    def free_disk(self) -> None:
        """Give the space back."""
        (self._disk / "filling").unlink(missing_ok=True)

    def end(self) -> None:
        """End the engine with all that it runs, and its network."""
        try:
            self.thaw()
            if self._daemon is None or self._daemon.poll() is not None:
                # Only an engine ends what it ran.
                self.start()
            for name in self.raw.container_names(""):
                self.raw.call("DELETE", f"containers/{name}", force="true")
        finally:
            self.stop()
            # One that was killed may not know of all that it has started.
            for number in self._shims():
                _kill_with_children(number)
            self._holder.kill()
            self._holder.communicate()
            self._unmount(self.folder)

    def _collect(self, patience: float | None = None) -> None:
        if self._daemon is not None:
            self._daemon.wait(patience)
        self._daemon = None
        # Where nobody collects the dead, their numbers look alive to the next start.
        (self.folder / "pid").unlink(missing_ok=True)
        (self.folder / "exec/containerd/containerd.pid").unlink(missing_ok=True)

    def _shims(self) -> Iterator[int]:
        """What stands between it and its containers, and outlives it."""
        place = f"{self.folder}/exec".encode()
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if place in (process / "cmdline").read_bytes():
                    yield int(process.name)

    def _unmount(self, folder: Path) -> None:
        for line in reversed(Path("/proc/mounts").read_text().splitlines()):
            mounted = line.split()[1]
            if mounted.startswith(f"{folder}/"):
                subprocess.run(["umount", "-l", mounted], check=False)  # noqa: S603, S607

    def _signal(self, number: signal.Signals) -> None:
        if self._daemon is not None and self._daemon.poll() is None:
            self._daemon.send_signal(number)


def _kill_with_children(number: int) -> None:
    with suppress(OSError):
        children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
        for each in (number, *map(int, children)):
            os.kill(each, signal.SIGKILL)


def _end_group(container: str) -> None:
    """Remove the control groups of a container that was killed, which may have been frozen."""
    groups = Path("/sys/fs/cgroup")
    folders = [
        folder for way in ("docker", "*/docker") for folder in groups.glob(f"{way}/{container}")
    ]
    for folder in folders:
        for file, thawed in (("freezer.state", "THAWED"), ("cgroup.freeze", "0")):
            if (folder / file).exists():
                (folder / file).write_text(thawed)
    deadline = time.monotonic() + END_PATIENCE
    while any(folder.exists() for folder in folders):
        # Processes are gone some moments after they were killed.
        for folder in folders:
            with suppress(OSError):
                folder.rmdir()
        assert time.monotonic() < deadline, f"the control groups of {container} are still in use"
