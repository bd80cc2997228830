"""A daemon of a test's own, which may be restarted, and whose disk may be filled."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from attrs import define, field
from raw_engine import RawEngine

PATIENCE = 30.0
OPTIONS = ("--bridge=none", "--iptables=false", "--live-restore=%s")
DISK = "48m"


@define(eq=False)
class OwnDaemon:
    """`dockerd` on a small file system in memory, in a network namespace of its own."""

    folder: Path = field(factory=lambda: Path(tempfile.mkdtemp(prefix="adm-daemon-")))
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.folder}/docker.sock"

    def mount(self) -> None:
        (self.folder / "disk").mkdir()
        _run("mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(self.folder / "disk"))

    def start(self, *, live_restore: bool = False) -> None:
        arguments = [option.replace("%s", str(live_restore).lower()) for option in OPTIONS]
        paths = (
            f"--data-root={self.folder}/disk/data",
            f"--exec-root={self.folder}/exec",
            f"--pidfile={self.folder}/pid",
            f"--host={self.url}",
        )
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                # A daemon that wants no bridge removes the one that it finds: another engine's.
                ["unshare", "--net", "dockerd", *arguments, *paths],  # noqa: S607
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        engine, end = RawEngine(self.url, timeout=5), time.monotonic() + PATIENCE
        while True:
            try:
                engine.get("_ping")
            except OSError:
                assert self._process.poll() is None, (self.folder / "log").read_text()[-2000:]
                assert time.monotonic() < end, "the daemon does not answer"
                time.sleep(0.1)
            else:
                return

    def stop(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(PATIENCE)
        self._process = None

    def fill_disk(self) -> None:
        try:
            with (self.folder / "disk" / "filler").open("wb") as filler:
                while True:
                    filler.write(b"\0" * 4096)
                    filler.flush()
        except OSError:
            pass

    def free_disk(self) -> None:
        (self.folder / "disk" / "filler").unlink(missing_ok=True)

    def end(self) -> None:
        """Leave nothing."""
        if self._process is not None:
            self.free_disk()
            engine = RawEngine(self.url)
            for entry in engine.get("containers/json", all="1"):
                engine.call("DELETE", f"containers/{entry['Id']}", force="1")
            self.stop()
        mounted = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        for path in sorted(mounted, reverse=True):
            if path.startswith(f"{self.folder}/"):
                _run("umount", "-l", path)
        shutil.rmtree(self.folder)


def can_run() -> bool:
    return os.geteuid() == 0 and shutil.which("dockerd") is not None


def _run(*command: str) -> None:
    subprocess.run(command, check=True)  # noqa: S603
