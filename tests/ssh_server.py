"""A real sshd on the loopback address, and an `ssh` program that knows it and nothing else."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import frozen
from engine_views import free_ports

__all__ = ["SshServer"]


@frozen(kw_only=True)
class SshServer:
    """OpenSSH's sshd, which lets this process' user in by a key."""

    folder: Path
    port: int
    pid: int
    client: str
    """The machine's `ssh` program."""

    @classmethod
    @contextmanager
    def serving(cls, folder: Path, settings: Sequence[str] = ()) -> Iterator[SshServer]:
        """Run one, with all its files in a folder, and with more settings, which win."""
        program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        client = shutil.which("ssh")
        if program is None or client is None:
            pytest.fail(
                "no sshd to log in to: install openssh-server and openssh-client (Debian), or run "
                "the tests with `make test`",
                pytrace=False,
            )
        if os.geteuid() == 0:  # sshd insists on it, and only its service makes it
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        for name in ("host_key", "other_host_key", "user_key", "other_user_key"):
            make_key(folder / name)
        shutil.copy(folder / "user_key.pub", folder / "authorized_keys")
        (port,) = free_ports(1)
        (folder / "sshd_config").write_text(
            "\n".join(
                [
                    *settings,
                    f"Port {port}",
                    "ListenAddress 127.0.0.1",
                    f"HostKey {folder}/host_key",
                    f"AuthorizedKeysFile {folder}/authorized_keys",
                    "PidFile none",
                    "StrictModes no",  # temporary folders are not what it wants
                    "PasswordAuthentication no",
                    "KbdInteractiveAuthentication no",
                ]
            )
        )
        with (
            (folder / "sshd.log").open("wb") as log,
            subprocess.Popen(  # noqa: S603  # found just now
                [program, "-D", "-e", "-f", str(folder / "sshd_config")], stdout=log, stderr=log
            ) as process,
        ):
            try:
                _wait(port, process, folder / "sshd.log")
                yield cls(folder=folder, port=port, pid=process.pid, client=client)
            finally:
                process.terminate()

    def url(self, engine_socket: str) -> str:
        """The `base_url` of an engine behind it."""
        user = pwd.getpwuid(os.getuid()).pw_name
        return f"ssh://{user}@127.0.0.1:{self.port}{engine_socket}"

    def install_client(
        self,
        monkeypatch: pytest.MonkeyPatch,
        *,
        host_key: str | None = "host_key",
        user_key: str = "user_key",
        settings: Sequence[str] = (),
    ) -> None:
        """Make `ssh` the machine's, with a configuration of ours in place of the user's own.

        Args:
            monkeypatch: Takes it back after the test.
            host_key: The key that it takes for the one of the host; None if it knows none.
            user_key: The key to log in with.
            settings: More of the configuration, which win.
        """
        tools = self.folder / "bin"
        tools.mkdir(exist_ok=True)
        known = ""
        if host_key is not None:
            key = (self.folder / f"{host_key}.pub").read_text()
            known = f"[127.0.0.1]:{self.port} {key}"
        (self.folder / "known_hosts").write_text(known)
        (self.folder / "ssh_config").write_text(
            "\n".join(
                [
                    *settings,
                    f"IdentityFile {self.folder}/{user_key}",
                    "IdentitiesOnly yes",
                    f"UserKnownHostsFile {self.folder}/known_hosts",
                    "GlobalKnownHostsFile none",
                ]
            )
        )
        wrapper = tools / "ssh"
        wrapper.write_text(f'#!/bin/sh\nexec {self.client} -F {self.folder}/ssh_config "$@"\n')
        wrapper.chmod(0o755)
        monkeypatch.setenv("PATH", str(tools), prepend=os.pathsep)

    def hang_up(self) -> None:
        """End all connections, and go on serving."""
        listed = subprocess.run(  # noqa: S603
            ["ps", "-o", "pid=", "--ppid", str(self.pid)],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
        )
        sessions = [int(pid) for pid in listed.stdout.split()]
        assert sessions, "there is no connection to end"
        for pid in sessions:
            os.kill(pid, 9)


def make_key(path: Path) -> None:
    subprocess.run(  # noqa: S603
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)],  # noqa: S607
        check=True,
    )


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    pytest.fail(f"sshd does not serve (exit code {process.poll()}): {log.read_text()}")
