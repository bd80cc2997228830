"""Where an engine is, and how it is opened."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import aiodocker
import pytest
from engine_partners import ScriptedEngine

from aiodockmap.config import ClientConfiguration
from aiodockmap.engine import Engine, EngineSource, open_engine
from aiodockmap.engine._aiodocker import AiodockerTransport
from aiodockmap.engine._hosts import Address, SshAddress, TcpAddress, UnixAddress, resolve_address
from aiodockmap.engine._tls import tls_context
from aiodockmap.errors import EngineUnreachable, InvalidRequest


@pytest.mark.parametrize(
    ("url", "address"),
    [
        pytest.param("unix:///run/d.sock", UnixAddress(path="/run/d.sock"), id="unix"),
        pytest.param("unix://run/d.sock", UnixAddress(path="/run/d.sock"), id="unix-two-slashes"),
        pytest.param("http+unix:///run/d.sock", UnixAddress(path="/run/d.sock"), id="http+unix"),
        pytest.param("/run/d.sock", UnixAddress(path="/run/d.sock"), id="path"),
        pytest.param("tcp://h:2375", TcpAddress(host="h", port=2375), id="tcp"),
        pytest.param("tcp://h", TcpAddress(host="h", port=2375), id="tcp-default-port"),
        pytest.param("h:4000", TcpAddress(host="h", port=4000), id="host-and-port"),
        pytest.param("http://h:80/", TcpAddress(host="h", port=80), id="http"),
        pytest.param("tcp://[::1]:2375", TcpAddress(host="::1", port=2375), id="ipv6"),
        pytest.param("ssh://h", SshAddress(host="h"), id="ssh"),
        pytest.param("ssh://me@Alias", SshAddress(host="Alias", user="me"), id="ssh-alias"),
        pytest.param(
            "ssh://me@h:2222/run/user/1000/docker.sock",
            SshAddress(host="h", user="me", port=2222, socket="/run/user/1000/docker.sock"),
            id="ssh-port-and-socket",
        ),
    ],
)
def test_addresses_are_read(url: str, address: Address) -> None:
    assert resolve_address(url, environment={}) == address
    assert resolve_address(environment={"DOCKER_HOST": url}) == address


@pytest.mark.parametrize(
    ("url", "tls", "says"),
    [
        pytest.param("fd://", None, "'fd'", id="fd"),
        pytest.param("npipe:////./pipe/docker", None, "'npipe'", id="npipe"),
        pytest.param("unix://", None, "no path", id="unix-without-path"),
        pytest.param("tcp://", None, "no host", id="tcp-without-host"),
        pytest.param("tcp://h:port", None, "[Pp]ort", id="no-number"),
        pytest.param("tcp://h:1/x", None, "path", id="path-after-port"),
        pytest.param("ssh://", None, "no host", id="ssh-without-host"),
        pytest.param("ssh://me:secret@h", None, "takes no password", id="ssh-with-password"),
        pytest.param("ssh://-oProxyCommand=x", None, "begin with '-'", id="ssh-option-as-host"),
        pytest.param("ssh://-v@h", None, "begin with '-'", id="ssh-option-as-user"),
        pytest.param("ssh://h/a:b", None, "cannot forward", id="ssh-odd-socket"),
        pytest.param("https://h", False, "tls is false", id="contradiction"),
        pytest.param("tcp://h", {"ca": "x"}, "does not know ca;.*ca_cert", id="unknown-tls-key"),
        pytest.param("tcp://h", {"ca_cert": "/not/there"}, "cannot be used", id="no-such-file"),
        pytest.param("tcp://h", "yes", "tls is a str", id="tls-of-another-type"),
    ],
)
def test_addresses_that_mean_nothing_are_one_clear_error(url: str, tls: object, says: str) -> None:
    with pytest.raises(InvalidRequest, match=says) as error:
        resolve_address(url, tls, engine="apps", environment={})

    assert "base_url of engine apps" in str(error.value)
    assert "secret" not in str(error.value)
    assert "unix:///run/docker.sock" in str(error.value)


def test_a_wrong_docker_host_is_named_as_such() -> None:
    with pytest.raises(InvalidRequest, match="DOCKER_HOST"):
        resolve_address(environment={"DOCKER_HOST": "gopher://h"})


def test_the_configuration_wins_over_the_environment() -> None:
    address = resolve_address("tcp://mine:1", environment={"DOCKER_HOST": "tcp://other:2"})

    assert address == TcpAddress(host="mine", port=1)


def test_a_socket_of_the_user_is_found(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "docker.sock"))
        address = resolve_address(environment={"XDG_RUNTIME_DIR": str(tmp_path)})

    assert isinstance(address, UnixAddress)
    assert address.path in {
        "/run/docker.sock",
        "/var/run/docker.sock",
        str(tmp_path / "docker.sock"),
    }


@pytest.mark.parametrize(
    ("url", "tls"),
    [
        pytest.param("https://h", None, id="by-scheme"),
        pytest.param("tcp://h", True, id="by-setting"),
        pytest.param("tcp://h", {}, id="by-empty-mapping"),
    ],
)
def test_tls_verifies_by_default(url: str, tls: object) -> None:
    address = resolve_address(url, tls, environment={})

    assert isinstance(address, TcpAddress)
    assert address.tls is not None
    assert address.tls.verify_mode is ssl.CERT_REQUIRED
    assert address.tls.check_hostname
    assert str(address) == "https://h:2376"


def test_tls_does_not_verify_if_told_so() -> None:
    context = tls_context({"verify": False})

    assert context is not None
    assert context.verify_mode is ssl.CERT_NONE


def test_a_host_name_may_be_left_unchecked() -> None:
    context = tls_context({"assert_hostname": False})

    assert context is not None
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert not context.check_hostname


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 2"
        " -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem"
    )
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)  # noqa: S603
    (folder / "ca.pem").write_bytes((folder / "cert.pem").read_bytes())
    return folder


def test_the_environment_may_ask_for_tls(certificates: Path) -> None:
    environment = {
        "DOCKER_HOST": "tcp://localhost:4000",
        "DOCKER_TLS_VERIFY": "1",
        "DOCKER_CERT_PATH": str(certificates),
    }

    address = resolve_address(environment=environment)

    assert isinstance(address, TcpAddress)
    assert address.tls is not None
    assert address.tls.verify_mode is ssl.CERT_REQUIRED
    assert [each["subject"] for each in address.tls.get_ca_certs()] == [
        ((("commonName", "localhost"),),)
    ]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"client_cert": ("cert.pem", "key.pem")}, id="pair"),
        pytest.param({"client_cert": "cert.pem", "client_key": "key.pem"}, id="two-keys"),
        pytest.param({"verify": "ca.pem"}, id="authorities-as-verify"),
    ],
)
def test_certificates_are_taken_in_the_forms_of_docker_py(
    certificates: Path, files: dict[str, object]
) -> None:
    def full(name: object) -> object:
        if isinstance(name, tuple):
            return tuple(str(certificates / each) for each in name)
        return str(certificates / str(name))

    context = tls_context({key: full(name) for key, name in files.items()})

    assert context is not None
    assert context.verify_mode is ssl.CERT_REQUIRED


@pytest.fixture
async def tls_port(scripted: ScriptedEngine, certificates: Path) -> AsyncIterator[int]:
    """A port of the scripted engine that speaks TLS."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    server = await asyncio.start_server(scripted.serve, "localhost", 0, ssl=context)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_an_engine_is_reached_through_tls(tls_port: int, certificates: Path) -> None:
    configuration = ClientConfiguration(
        base_url=f"tcp://localhost:{tls_port}", tls={"ca_cert": str(certificates / "ca.pem")}
    )

    async with open_engine("apps", configuration) as engine:
        info = await engine.connect()

    assert info.engine_version == "20.10"


@pytest.fixture
def stranger_port(certificates: Path) -> Iterator[int]:
    """A port that speaks TLS, and sees its one caller hang up (asyncio would complain of that)."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    listener = socket.create_server(("localhost", 0))

    def greet() -> None:
        caller, _ = listener.accept()
        with caller, suppress(OSError), context.wrap_socket(caller, server_side=True) as channel:
            channel.recv(1)

    thread = threading.Thread(target=greet)
    thread.start()
    yield listener.getsockname()[1]
    thread.join(10)
    listener.close()


async def test_an_engine_that_nobody_vouches_for_is_not_talked_to(stranger_port: int) -> None:
    configuration = ClientConfiguration(base_url=f"https://localhost:{stranger_port}")

    async with open_engine("apps", configuration) as engine:
        with pytest.raises(EngineUnreachable, match="certificate") as failure:
            await engine.connect()

    assert f"https://localhost:{stranger_port}" in str(failure.value)


async def open_and_close(source: EngineSource) -> Engine:
    engine = open_engine("apps", source)
    await engine.aclose()
    return engine


@pytest.mark.parametrize("version", ["1.41", "v1.41"])
async def test_a_version_may_be_pinned(version: str) -> None:
    engine = await open_and_close(ClientConfiguration(base_url="unix:///nowhere", version=version))

    assert engine._connection.pinned_version == (1, 41)


@pytest.mark.parametrize("version", [None, "auto"])
async def test_no_version_is_negotiated(version: str | None) -> None:
    engine = await open_and_close(ClientConfiguration(base_url="unix:///nowhere", version=version))

    assert engine._connection.pinned_version is None


async def test_a_version_that_means_nothing_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="version of engine apps"):
        open_engine("apps", ClientConfiguration(base_url="unix:///nowhere", version="new"))


async def test_the_timeout_of_the_configuration_is_that_of_short_calls() -> None:
    engine = await open_and_close(ClientConfiguration(base_url="unix:///nowhere", timeout=7))

    assert engine._connection.call_timeout == 7


async def test_an_engine_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    configuration = ClientConfiguration(base_url=f"unix://{tmp_path}/docker.sock")

    async with open_engine("apps", configuration) as engine:
        with pytest.raises(EngineUnreachable) as failure:
            await engine.connect()

    assert str(failure.value) == (
        f"engine apps: cannot reach the engine at unix://{tmp_path}/docker.sock:"
        " No such file or directory [HEAD /_ping]; is the engine running, and is DOCKER_HOST, or the"
        " base_url of the client, its address?"
    )


async def test_something_else_than_a_client_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="client of engine apps is a str"):
        open_engine("apps", ClientConfiguration(client="docker"))


@pytest.fixture
async def ready_docker(scripted: ScriptedEngine) -> AsyncIterator[aiodocker.Docker]:
    docker = aiodocker.Docker(url=f"unix://{scripted.path}")
    yield docker
    await docker.close()


@pytest.mark.parametrize("wrap", [False, True], ids=["itself", "in-a-configuration"])
async def test_a_ready_client_is_used_and_stays_open(
    ready_docker: aiodocker.Docker, *, wrap: bool
) -> None:
    source = ClientConfiguration(client=ready_docker) if wrap else ready_docker

    async with open_engine("apps", source) as engine:
        info = await engine.connect()

    assert info.engine_version == "20.10"
    assert not ready_docker.session.closed


@pytest.mark.parametrize("wrap", [False, True], ids=["itself", "in-a-configuration"])
async def test_a_ready_transport_is_used_and_stays_open(
    scripted_transport: AiodockerTransport, *, wrap: bool
) -> None:
    source = ClientConfiguration(client=scripted_transport) if wrap else scripted_transport

    async with open_engine("apps", source) as engine:
        info = await engine.connect()

    assert info.engine_version == "20.10"
    assert not scripted_transport._docker.session.closed
