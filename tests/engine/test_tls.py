"""TLS on both sides: a real engine that insists on it, with an authority of the test's own (CLI-1)."""

from __future__ import annotations

import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tls_engine import Certificates, TlsEngine

from aiodockmap.config import ClientConfiguration
from aiodockmap.engine import open_engine
from aiodockmap.engine._hosts import TcpAddress, resolve_address
from aiodockmap.engine._tls import tls_context
from aiodockmap.errors import EngineUnreachable, InvalidRequest
from aiodockmap.state import EngineInfo


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates.in_folder(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def tls_engine() -> Iterator[TlsEngine]:
    # The paths of an engine's sockets have to be short.
    with (
        tempfile.TemporaryDirectory(prefix="adm") as folder,
        TlsEngine.serving(Path(folder)) as engine,
    ):
        yield engine


async def connect(url: str, tls: object) -> EngineInfo:
    async with open_engine("apps", ClientConfiguration(base_url=url, tls=tls)) as engine:
        return await engine.connect()


async def failure_of(url: str, tls: object) -> str:
    with pytest.raises(EngineUnreachable) as failure:
        await connect(url, tls)
    said = str(failure.value)
    shown = url.replace("tcp:", "http:") if tls is None else url.replace("tcp:", "https:")
    assert said.startswith(f"engine apps: cannot reach the engine at {shown}: "), said
    assert "may have had its effect" not in said
    return said.partition(f"{shown}: ")[2]


# What the settings mean


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


def test_the_environment_may_ask_for_tls(certificates: Certificates, tmp_path: Path) -> None:
    """`DOCKER_TLS_VERIFY`, `DOCKER_CERT_PATH`."""
    certificates.fill(tmp_path)
    environment = {
        "DOCKER_HOST": "tcp://localhost:4000",
        "DOCKER_TLS_VERIFY": "1",
        "DOCKER_CERT_PATH": str(tmp_path),
    }

    address = resolve_address(environment=environment)

    assert isinstance(address, TcpAddress)
    assert address.tls is not None
    assert address.tls.verify_mode is ssl.CERT_REQUIRED
    assert len(address.tls.get_ca_certs()) == 1


def test_an_address_of_our_own_takes_no_keys_from_the_environment(tmp_path: Path) -> None:
    environment = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(tmp_path)}

    assert resolve_address("tcp://h", environment=environment) == TcpAddress(host="h", port=2375)


Files = Callable[[Certificates, tuple[str, str]], dict[str, object]]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(lambda _, mine: {"client_cert": mine}, id="pair"),
        pytest.param(lambda _, mine: {"client_cert": [Path(each) for each in mine]}, id="paths"),
        pytest.param(
            lambda _, mine: {"client_cert": mine[0], "client_key": mine[1]}, id="two-keys"
        ),
        pytest.param(lambda made, _: {"verify": made.ca}, id="authorities-as-verify"),
    ],
)
def test_certificates_are_taken_in_the_forms_of_docker_py(
    certificates: Certificates, files: Files
) -> None:
    context = tls_context(files(certificates, certificates.issue("me")))

    assert context is not None
    assert context.verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize(
    ("tls", "says"),
    [
        pytest.param({"ca": "x"}, "tls does not know ca; it knows assert_hostname, ca_", id="key"),
        pytest.param("yes", "tls is a str", id="type"),
        pytest.param(False, "https, but tls is false", id="contradiction"),
        pytest.param(
            {"ca_cert": "/no/ca.pem", "client_cert": ("/no/cert.pem", "/no/key.pem")},
            "there is no file ca_cert /no/ca.pem, and none client_cert /no/cert.pem, and none"
            " client_key /no/key.pem",
            id="no-files",
        ),
        pytest.param({"ca_cert": __file__}, f"ca_cert {__file__} has no certificates", id="no-ca"),
        pytest.param(
            {"client_cert": __file__}, f"client_cert {__file__}, with its key", id="no-certificate"
        ),
    ],
)
def test_settings_that_mean_nothing_are_refused_with_the_place(tls: object, says: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        resolve_address("https://h", tls, engine="apps", environment={})

    assert str(error.value).startswith(f"tls of engine apps: {says}")
    assert "its files are PEM" in str(error.value)


# A real engine that insists on certificates


@pytest.mark.engine
async def test_an_engine_lets_in_whom_its_authority_vouches_for(tls_engine: TlsEngine) -> None:
    made = tls_engine.certificates

    info = await connect(
        f"tcp://localhost:{tls_engine.port}",
        {"ca_cert": made.ca, "client_cert": made.issue("me")},
    )

    assert info.flavour == "docker"


@pytest.mark.engine
async def test_the_environment_is_enough_for_an_engine_with_tls(
    tls_engine: TlsEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls_engine.certificates.fill(tmp_path)
    monkeypatch.setenv("DOCKER_HOST", f"tcp://localhost:{tls_engine.port}")
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(tmp_path))

    async with open_engine("apps", ClientConfiguration()) as engine:
        info = await engine.connect()

    assert info.flavour == "docker"


@pytest.fixture
def stranger(tmp_path: Path) -> Certificates:
    """An authority that nobody has heard of."""
    return Certificates.in_folder(tmp_path / "stranger")


@pytest.mark.engine
@pytest.mark.parametrize("whose", ["nobody's", "a stranger's", "an expired one"])
async def test_an_engine_lets_in_nobody_else(
    tls_engine: TlsEngine, stranger: Certificates, whose: str
) -> None:
    made = tls_engine.certificates
    mine: dict[str, object] = {}
    if whose == "a stranger's":
        mine = {"client_cert": stranger.issue("me")}
    elif whose == "an expired one":
        mine = {"client_cert": made.issue("me", is_expired=True)}

    said = await failure_of(f"tcp://localhost:{tls_engine.port}", {"ca_cert": made.ca, **mine})

    assert said.startswith("it accepts no certificate of ours (")
    assert "give tls a client_cert and client_key" in said


@pytest.mark.engine
async def test_an_engine_that_another_authority_vouches_for_is_not_talked_to(
    tls_engine: TlsEngine, stranger: Certificates
) -> None:
    mine = tls_engine.certificates.issue("me")
    url = f"tcp://localhost:{tls_engine.port}"

    said = [
        await failure_of(url, {"ca_cert": stranger.ca, "client_cert": mine}),
        await failure_of(url, {"client_cert": mine}),  # the authorities of the machine
    ]

    for each in said:
        assert each == (
            "its certificate is not trusted: unable to get local issuer certificate [HEAD /_ping];"
            " give tls of the client, as ca_cert, the authority that signed that certificate"
        )


@pytest.mark.engine
async def test_an_engine_of_another_name_is_not_talked_to(tls_engine: TlsEngine) -> None:
    made = tls_engine.certificates
    tls = {"ca_cert": made.ca, "client_cert": made.issue("me")}
    url = f"tcp://127.0.0.1:{tls_engine.port}"

    said = await failure_of(url, tls)
    info = await connect(url, {**tls, "assert_hostname": False})

    assert "certificate is not valid for '127.0.0.1'" in said
    assert "write a name in base_url that the certificate has" in said
    assert info.flavour == "docker"


@pytest.mark.engine
async def test_an_engine_that_wants_tls_says_so(tls_engine: TlsEngine) -> None:
    said = await failure_of(f"tcp://localhost:{tls_engine.port}", None)

    assert said.startswith("it wants TLS")
    assert "https://" in said


# Others, which answer one caller; asyncio would complain of callers that hang up


@contextmanager
def one_answer(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    listener = socket.create_server(("localhost", 0))

    def serve() -> None:
        caller, _ = listener.accept()
        with caller, suppress(OSError):
            answer(caller)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"https://localhost:{listener.getsockname()[1]}"
    thread.join(10)
    listener.close()


async def test_an_engine_whose_certificate_has_expired_is_not_talked_to(
    certificates: Certificates,
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificates.issue("localhost", is_expired=True))

    def greet(caller: socket.socket) -> None:
        with context.wrap_socket(caller, server_side=True) as channel:
            channel.recv(1)

    with one_answer(greet) as url:
        said = await failure_of(url, {"ca_cert": certificates.ca})

    assert said.startswith("its certificate is not trusted: certificate has expired")
    assert "renew the certificate of the engine" in said


async def test_what_does_not_speak_tls_is_told() -> None:
    def refuse(caller: socket.socket) -> None:
        caller.recv(1000)
        caller.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with one_answer(refuse) as url:
        said = await failure_of(url, True)  # noqa: FBT003  # a setting

    assert said.startswith("it does not speak TLS")
