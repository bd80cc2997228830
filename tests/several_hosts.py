"""Real engines on hosts of their own, with their own network, processes and mounts."""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from attrs import define, field
from raw_engine import RawEngine

BOOT = 'ip link set lo up && exec dockerd --data-root "$1/data" --exec-root "$1/exec" \
-H "unix://$1/docker.sock" --pidfile "$1/exec/pid"'
UNSHARE = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
PATIENCE = 30


@define(eq=False)
class Host:
    """A host that runs nothing but an engine; it can be cut off from its power, and booted again."""

    folder: Path
    _init: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"unix://{self.folder}/docker.sock"

    @property
    def engine(self) -> RawEngine:
        return RawEngine(self.url)

    def boot(self) -> None:
        """Start the engine, on the data that it had; does not wait for it."""
        # What a host loses when it goes down.
        shutil.rmtree(self.folder / "exec", ignore_errors=True)
        (self.folder / "exec").mkdir(parents=True)
        (self.folder / "docker.sock").unlink(missing_ok=True)
        with (self.folder / "log").open("wb") as log:
            self._init = subprocess.Popen(  # noqa: S603  # our own command
                # The end of `unshare` is the end of everything inside.
                [*UNSHARE, "sh", "-c", BOOT, "sh", str(self.folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_it_answers(self) -> None:
        """Wait for the engine that was started last."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.engine.get("_ping")
            except (OSError, http.client.HTTPException):
                ended = self._init is None or self._init.poll() is not None
                if ended or time.monotonic() > deadline:
                    log = (self.folder / "log").read_text(errors="replace")[-2000:]
                    pytest.fail(f"no engine answers on the host {self.folder.name}:\n{log}")
                time.sleep(0.05)
            else:
                return

    def crash(self) -> None:
        """Kill the engine and everything that runs on the host, without a warning."""
        if self._init is not None:
            self._init.kill()
            self._init.wait()
            self._init = None

    @property
    def is_up(self) -> bool:
        return self._init is not None


def hosts_in(folder: Path, *names: str) -> dict[str, Host]:
    """Hosts that have booted, all at the same time; the caller crashes them in the end."""
    if os.geteuid() != 0 or not shutil.which("dockerd") or not shutil.which("unshare"):
        pytest.fail(
            "hosts for tests need root, dockerd and unshare: run `make test` as root on Debian",
            pytrace=False,
        )
    hosts = {name: Host(folder / name) for name in names}
    for host in hosts.values():
        host.folder.mkdir()
        host.boot()
    return hosts
