"""A real engine of a test's own, which may be killed, stopped in its tracks, and run out of disk."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

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
    def raw(self) -> RawEngine:
        return RawEngine(self.url)

    def start(self) -> None:
        """Start it, on the data that it had, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._daemon = subprocess.Popen(  # noqa: S603  # our own command
                [
                    *("nsenter", f"--net=/proc/{self._holder.pid}/ns/net", "dockerd"),
                    *("--data-root", str(self._disk), "--exec-root", str(self.folder / "exec")),
                    *("-H", self.url, "--pidfile", str(self.folder / "pid")),
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

    def kill(self) -> None:
        """End the engine without a warning; what it runs goes on without it, as it does then."""
        self._signal(signal.SIGKILL)
        if self._daemon is not None:
            self._daemon.wait()
        # Where nobody collects the dead, their numbers look alive to the next start.
        (self.folder / "pid").unlink(missing_ok=True)
        (self.folder / "exec/containerd/containerd.pid").unlink(missing_ok=True)
        self._daemon = None

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

    def empty_disk(self) -> None:
        """Give the space back."""
        (self._disk / "filling").unlink()

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
            if self._daemon is not None:
                self._daemon.terminate()
                self._daemon.wait(END_PATIENCE)
            self._holder.kill()
            self._holder.communicate()
            for line in reversed(Path("/proc/mounts").read_text().splitlines()):
                mounted = line.split()[1]
                if mounted.startswith(f"{self.folder}/"):
                    subprocess.run(["umount", "-l", mounted], check=False)  # noqa: S603, S607

    def _signal(self, number: signal.Signals) -> None:
        if self._daemon is not None and self._daemon.poll() is None:
            self._daemon.send_signal(number)
