"""Engines behind ssh: a real sshd, and the real `ssh` program (CLI-1)."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.lowlevel import checkpoint
from engine_partners import HANG, ScriptedEngine, answer
from ssh_server import SshServer

from aiodockmap.config import ClientConfiguration
from aiodockmap.engine import Engine, _ssh, open_engine
from aiodockmap.engine._aiodocker import AiodockerTransport
from aiodockmap.engine._ssh import SshTunnel
from aiodockmap.engine._transport import ApiRequest
from aiodockmap.errors import EngineUnreachable

MORE_THAN_SSHD_HAS_SESSIONS = 40

pytestmark = pytest.mark.engine
"""Not all of them need one, but they all need what `make test` installs for those that do."""

WAIT = ApiRequest(method="POST", path="containers/c/wait", waits=True)


@pytest.fixture(scope="module")
def shared_server() -> Iterator[SshServer]:
    with (
        tempfile.TemporaryDirectory(
            prefix="adm"
        ) as folder,  # the paths of sockets have to be short
        SshServer.serving(Path(folder)) as server,
    ):
        yield server


@pytest.fixture
def server(shared_server: SshServer, monkeypatch: pytest.MonkeyPatch) -> SshServer:
    """An sshd that `ssh` knows and can log in to."""
    shared_server.install_client(monkeypatch)
    return shared_server


def behind(server: SshServer, engine_socket: Path | str) -> Engine:
    return open_engine("apps", ClientConfiguration(base_url=server.url(str(engine_socket))))


def transport_of(engine: Engine) -> AiodockerTransport:
    transport = engine._connection.transport
    assert isinstance(transport, AiodockerTransport)
    return transport


def tunnel_of(engine: Engine) -> SshTunnel:
    tunnel = transport_of(engine)._tunnel
    assert tunnel is not None
    return tunnel


def pid_of(engine: Engine) -> int:
    process = tunnel_of(engine)._process
    assert process is not None
    return process.pid


async def opening_pid_of(engine: Engine) -> int:
    """The same, also just before the program is known to be there."""
    tunnel = tunnel_of(engine)
    while tunnel._process is None:
        await checkpoint()
    return tunnel._process.pid


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_real_engine_is_reached(server: SshServer, docker_url: str) -> None:
    async with behind(server, docker_url.removeprefix("unix://")) as engine:
        info = await engine.connect()
        images = await engine.list_images()

    assert info.flavour == "docker"
    assert isinstance(images, dict)


async def test_one_program_carries_more_waiting_calls_than_sshd_allows_sessions(
    server: SshServer, scripted: ScriptedEngine
) -> None:
    scripted.on("POST /containers/c/wait", HANG)
    scripted.on("GET /images/json", answer(body=[]))

    async with behind(server, scripted.path) as engine:
        await engine.connect()
        transport = transport_of(engine)
        waiting = [
            asyncio.create_task(transport.request(WAIT)) for _ in range(MORE_THAN_SSHD_HAS_SESSIONS)
        ]
        while scripted.open_connections < MORE_THAN_SSHD_HAS_SESSIONS:
            assert not any(task.done() for task in waiting)
            await asyncio.sleep(0)
        assert await engine.list_images() == {}
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        # The engine hears that nobody waits any more, although the program goes on.
        await scripted.hung_up.wait()


async def test_nothing_is_left_when_it_is_closed(
    server: SshServer, scripted: ScriptedEngine
) -> None:
    async with behind(server, scripted.path) as engine:
        await engine.connect()
        pid, folder = pid_of(engine), Path(tunnel_of(engine).socket).parent
        assert runs(pid)
        assert folder.stat().st_mode & 0o777 == 0o700

    assert not runs(pid)
    assert not folder.exists()


async def test_a_long_path_of_temporary_files_does_no_harm(
    server: SshServer, scripted: ScriptedEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("long" * 20)
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))

    async with behind(server, scripted.path) as engine:
        info = await engine.connect()

    assert info.engine_version == "20.10"


async def test_nothing_is_started_before_it_is_needed(server: SshServer) -> None:
    async with behind(server, "/nowhere.sock") as engine:
        assert tunnel_of(engine)._process is None
        assert not Path(tunnel_of(engine).socket).parent.exists()


@pytest.fixture
def silent_host(server: SshServer) -> Iterator[socket.socket]:
    """A host that accepts connections and never says a word."""
    assert server.client
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        yield listener


def engine_on(host: socket.socket) -> Engine:
    url = f"ssh://me@127.0.0.1:{host.getsockname()[1]}"
    return open_engine("apps", ClientConfiguration(base_url=url))


async def test_giving_up_while_it_is_being_opened_leaves_nothing(
    silent_host: socket.socket,
) -> None:
    async with engine_on(silent_host) as engine:
        opening = asyncio.create_task(engine.connect())
        with (await asyncio.get_running_loop().sock_accept(silent_host))[0]:
            pid, folder = await opening_pid_of(engine), Path(tunnel_of(engine).socket).parent
            assert runs(pid)
            opening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await opening

        assert not runs(pid)
        assert not folder.exists()


async def test_closing_while_it_is_being_opened_ends_the_call(silent_host: socket.socket) -> None:
    engine = engine_on(silent_host)
    opening = asyncio.create_task(engine.connect())
    with (await asyncio.get_running_loop().sock_accept(silent_host))[0]:
        pid, folder = await opening_pid_of(engine), Path(tunnel_of(engine).socket).parent
        await engine.aclose()
        with pytest.raises(EngineUnreachable, match="has been closed"):
            await opening

    assert not runs(pid)
    assert not folder.exists()


async def test_a_host_that_lets_nobody_in_is_given_up(
    silent_host: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_ssh, "OPENING_TIMEOUT", 0.2)

    said = await failure_of(engine_on(silent_host))

    assert "ssh is not done after 0.2 s" in said
    assert "log in by itself?" in said


SCRIPT = """
import asyncio, sys
from aiodockmap.config import ClientConfiguration
from aiodockmap.engine import open_engine

async def main():
    engine = open_engine("apps", ClientConfiguration(base_url=sys.argv[1]))
    await engine.connect()
    tunnel = engine._connection.transport._tunnel
    print(tunnel._process.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def test_the_program_ends_with_a_process_that_is_killed(
    server: SshServer, docker_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody is left to remove its folder.
    monkeypatch.setenv("TMPDIR", str(server.folder))
    assert len(str(server.folder)) < 60, "it would not be put there"
    url = server.url(docker_url.removeprefix("unix://"))
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", SCRIPT, url], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert runs(pid)
        process.send_signal(signal.SIGKILL)
        process.wait()

    ended = subprocess.run(  # noqa: S603
        ["tail", "-s", "0.05", f"--pid={pid}", "-f", "/dev/null"],  # noqa: S607
        timeout=20,
        check=False,
    )
    assert ended.returncode == 0


async def test_a_connection_that_is_lost_is_told_and_made_again(
    server: SshServer, scripted: ScriptedEngine
) -> None:
    scripted.on("POST /containers/c/wait", HANG)
    scripted.on("GET /images/json", answer(body=[]))
    async with behind(server, scripted.path) as engine:
        await engine.connect()
        pid = pid_of(engine)
        waiting = asyncio.create_task(engine._connection.call(WAIT))
        await scripted.asked.wait()
        server.hang_up()
        with pytest.raises(EngineUnreachable, match="lost the connection") as failure:
            await waiting
        process = tunnel_of(engine)._process
        assert process is not None
        await process.wait()

        assert await engine.list_images() == {}
        assert pid_of(engine) != pid

    assert server.url(str(scripted.path)) in str(failure.value)
    assert "may have had its effect" in str(failure.value)


async def test_calls_that_come_first_together_share_one_program(
    server: SshServer, scripted: ScriptedEngine
) -> None:
    async with behind(server, scripted.path) as engine:
        transport = transport_of(engine)
        ping = ApiRequest(method="HEAD", path="_ping", versioned=False)
        await asyncio.gather(*[transport.request(ping) for _ in range(10)])
        log = Path(tunnel_of(engine).socket).parent / "ssh.log"

        # It would have been bound twice otherwise.
        assert "Address already in use" not in log.read_text()

    assert len(scripted.calls) == 10


async def failure_of(engine: Engine) -> str:
    async with engine:
        with pytest.raises(EngineUnreachable) as failure:
            await engine.connect()
        assert not Path(tunnel_of(engine).socket).parent.exists() or tunnel_of(engine)._process
    return str(failure.value)


async def test_a_host_whose_key_is_not_known_is_not_talked_to(
    server: SshServer, monkeypatch: pytest.MonkeyPatch, scripted: ScriptedEngine
) -> None:
    server.install_client(monkeypatch, host_key=None)

    said = await failure_of(behind(server, scripted.path))

    assert scripted.calls == []
    assert said.startswith(
        f"engine apps: cannot reach the engine at {server.url(str(scripted.path))}: ssh says: "
    )
    assert "Host key verification failed. [HEAD /_ping]; compare the fingerprint" in said
    assert f"`ssh -p {server.port} " in said


async def test_a_host_with_another_key_than_before_is_not_talked_to(
    server: SshServer, monkeypatch: pytest.MonkeyPatch, scripted: ScriptedEngine
) -> None:
    server.install_client(monkeypatch, host_key="other_host_key")

    said = await failure_of(behind(server, scripted.path))

    assert scripted.calls == []
    assert "find out why before you remove the old one" in said


async def test_a_key_that_the_host_does_not_accept_is_told(
    server: SshServer, monkeypatch: pytest.MonkeyPatch, scripted: ScriptedEngine
) -> None:
    server.install_client(monkeypatch, user_key="other_user_key")

    said = await failure_of(behind(server, scripted.path))

    assert "Permission denied (publickey)" in said
    assert "log in without asking" in said


async def test_a_socket_that_is_not_there_is_told_with_its_path(server: SshServer) -> None:
    said = await failure_of(behind(server, "/run/nowhere.sock"))

    assert "nothing answers there at /run/nowhere.sock" in said
    assert "base_url: ssh://" in said


async def test_a_host_that_does_not_forward_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scripted: ScriptedEngine
) -> None:
    folder = tmp_path / "sshd"
    folder.mkdir()
    with SshServer.serving(folder, ["AllowStreamLocalForwarding no"]) as server:
        server.install_client(monkeypatch)
        said = await failure_of(behind(server, scripted.path))

    assert scripted.calls == []
    assert "does sshd there have AllowStreamLocalForwarding?" in said


async def test_a_host_without_sshd_is_told(
    server: SshServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.install_client(monkeypatch)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    said = await failure_of(
        open_engine("apps", ClientConfiguration(base_url=f"ssh://me@127.0.0.1:{port}"))
    )

    assert "Connection refused" in said
    assert "does sshd run there" in said


async def test_a_machine_without_ssh_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    said = await failure_of(open_engine("apps", ClientConfiguration(base_url="ssh://me@host")))

    assert "the program ssh cannot be run: No such file" in said
    assert "install the client of OpenSSH" in said


async def test_what_the_other_side_greets_with_does_no_harm(
    server: SshServer, monkeypatch: pytest.MonkeyPatch, scripted: ScriptedEngine
) -> None:
    greeting = server.folder / "authorized_keys"
    key = greeting.read_text()
    greeting.write_text(f'command="echo Welcome; exec cat" {key}')
    server.install_client(monkeypatch)
    try:
        async with behind(server, scripted.path) as engine:
            info = await engine.connect()
    finally:
        greeting.write_text(key)

    assert info.engine_version == "20.10"
