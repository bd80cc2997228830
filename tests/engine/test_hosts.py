"""Where an engine is, and how it is opened."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiodocker
import pytest
from engine_partners import INFO, ScriptedEngine, answer

from aiodockmap.config import ClientConfiguration
from aiodockmap.engine import Engine, EngineSource, open_engine
from aiodockmap.engine._aiodocker import AiodockerTransport
from aiodockmap.engine._hosts import Address, SshAddress, TcpAddress, UnixAddress, resolve_address
from aiodockmap.errors import EngineUnreachable, InvalidRequest
from aiodockmap.model import lazy


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
    ("url", "says"),
    [
        pytest.param("fd://", "'fd'", id="fd"),
        pytest.param("npipe:////./pipe/docker", "'npipe'", id="npipe"),
        pytest.param("unix://", "no path", id="unix-without-path"),
        pytest.param("tcp://", "no host", id="tcp-without-host"),
        pytest.param("tcp://h:port", "[Pp]ort", id="no-number"),
        pytest.param("tcp://h:1/x", "path", id="path-after-port"),
        pytest.param("ssh://", "no host", id="ssh-without-host"),
        pytest.param("ssh://me:secret@h", "takes no password", id="ssh-with-password"),
        pytest.param("ssh://-oProxyCommand=x", "begin with '-'", id="ssh-option-as-host"),
        pytest.param("ssh://-v@h", "begin with '-'", id="ssh-option-as-user"),
        pytest.param("ssh://h/a:b", "cannot forward", id="ssh-odd-socket"),
    ],
)
def test_addresses_that_mean_nothing_are_one_clear_error(url: str, says: str) -> None:
    with pytest.raises(InvalidRequest, match=says) as error:
        resolve_address(url, engine="apps", environment={})

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


async def test_what_the_host_can_do_may_be_preset(scripted: ScriptedEngine) -> None:
    """CLI-9, UPD-51: the client's word counts more than the engine's."""
    scripted.on("GET /info", answer(body={**INFO, "SwapLimit": True, "PidsLimit": False}))
    configuration = ClientConfiguration(
        base_url=f"unix://{scripted.path}",
        constraints={"SwapLimit": lazy(lambda: False), "PidsLimit": True, "cpus": 7},
    )

    async with open_engine("apps", configuration) as engine:
        info = await engine.connect()

    assert info.unsupported == {"SwapLimit"}
    assert info.cpus == 7


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
