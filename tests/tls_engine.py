"""A real engine that wants TLS on both sides, and an authority for it."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from attrs import frozen
from engine_views import free_ports

__all__ = ["Certificates", "TlsEngine"]

BRIDGE = f"adm-tls{os.getpid()}"
"""At most 15 characters; another process has one of its own."""
LAST_YEAR = dt.datetime.now(dt.UTC) - dt.timedelta(days=365)


@frozen
class Certificates:
    """An authority, and what it signs, as files."""

    folder: Path
    authority: trustme.CA

    @classmethod
    def in_folder(cls, folder: Path) -> Certificates:
        folder.mkdir(exist_ok=True)
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        return cls(folder, authority)

    @property
    def ca(self) -> str:
        return str(self.folder / "ca.pem")

    def issue(self, name: str, *, is_expired: bool = False) -> tuple[str, str]:
        """Files with the certificate of a name, and its key."""
        kind = "expired" if is_expired else "valid"
        files = (str(self.folder / f"{name}-{kind}.pem"), str(self.folder / f"{name}-{kind}.key"))
        issued = self.authority.issue_cert(name, not_after=LAST_YEAR if is_expired else None)
        issued.private_key_pem.write_to_path(files[1])
        Path(files[0]).write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        return files

    def fill(self, folder: Path) -> None:
        """Put there what Docker's command expects in `DOCKER_CERT_PATH`."""
        certificate, key = self.issue("me")
        for name, source in (("ca", self.ca), ("cert", certificate), ("key", key)):
            shutil.copy(source, folder / f"{name}.pem")


@frozen
class TlsEngine:
    """A dockerd that only talks to whom its authority vouches for; its own name is `localhost`."""

    port: int
    certificates: Certificates

    @classmethod
    @contextmanager
    def serving(cls, folder: Path) -> Iterator[TlsEngine]:
        """Run one with a bridge of its own.

        On the usual one it would fight with the other engine; without any, it removes the usual one.
        """
        program = shutil.which("dockerd")
        if program is None or os.geteuid() != 0:
            pytest.fail(
                "no dockerd can be started here: run the tests with `make test`, as root on Debian",
                pytrace=False,
            )
        certificates = Certificates.in_folder(folder / "certificates")
        certificate, key = certificates.issue("localhost")
        (port,) = free_ports(1)
        command = [
            program,
            *("--tlsverify", "--tlscacert", certificates.ca),
            *("--tlscert", certificate, "--tlskey", key, "-H", f"tcp://127.0.0.1:{port}"),
            *("--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec"),
            *("--pidfile", f"{folder}/pid", "--bridge", BRIDGE, "--iptables=false"),
        ]
        log_file = folder / "log"
        with (
            _bridge(),
            log_file.open("wb") as log,
            subprocess.Popen(command, stdout=log, stderr=log) as process,  # noqa: S603
        ):
            try:
                _wait(process, log_file)
                yield cls(port, certificates)
            finally:
                process.send_signal(signal.SIGTERM)
        for line in Path("/proc/mounts").read_text().splitlines():
            if str(folder) in line:
                subprocess.run(["umount", "-l", line.split()[1]], check=False)  # noqa: S603, S607


@contextmanager
def _bridge() -> Iterator[None]:
    _ip("link", "add", BRIDGE, "type", "bridge")
    try:
        _ip("address", "add", "192.0.2.1/24", "dev", BRIDGE)
        yield
    finally:
        _ip("link", "delete", BRIDGE)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)  # noqa: S603, S607


def _wait(process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        if "API listen on" in log.read_text():
            return
        time.sleep(0.05)
    pytest.fail(f"dockerd does not serve (exit code {process.poll()}): {log.read_text()[-2000:]}")
