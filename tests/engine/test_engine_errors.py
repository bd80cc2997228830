"""What engines say, and what becomes of it."""

from __future__ import annotations

import pytest
from engine_partners import HANG, Names, ScriptedEngine, answer

from aiodockmap.engine import ApiRequest, ConnectionBroken, Engine, Refused
from aiodockmap.engine._errors import LONGEST_MESSAGE, engine_errors, refused
from aiodockmap.errors import (
    EngineError,
    EngineTimeout,
    EngineUnreachable,
    InvalidRequest,
    ResourceConflict,
    ResourceNotFound,
)

CREATE = ApiRequest(method="POST", path="containers/create", timeout=60)
WEB = Names("m").container("web")


@pytest.mark.parametrize(
    ("status", "message", "error", "advice"),
    [
        pytest.param(
            404,
            "No such image: web:1",
            ResourceNotFound,
            "pull web:1, or tag an image of the engine with that name",
            id="image-missing",
        ),
        pytest.param(404, "No such container: x", ResourceNotFound, None, id="container-missing"),
        pytest.param(
            500,
            "invalid output path: stat /d/containers/7dedf31915e9: no such file or directory",
            ResourceNotFound,
            None,
            id="container-going",
        ),
        pytest.param(
            404,
            "network app not found",
            ResourceNotFound,
            "create the network; a container that was connected to one that is gone has to be"
            " re-created, or disconnected and connected again",
            id="network-missing",
        ),
        pytest.param(
            404,
            'plugin "nope" not found',
            ResourceNotFound,
            "install that driver on the engine, or use another one",
            id="network-driver",
        ),
        pytest.param(
            404,
            'create v: error looking up volume plugin nope: plugin "nope" not found',
            ResourceNotFound,
            "install that driver on the engine, or use another one",
            id="volume-driver",
        ),
        pytest.param(
            409,
            'Conflict. The container name "/x" is already in use by container "0ab4".',
            ResourceConflict,
            None,
            id="name",
        ),
        pytest.param(
            500,
            'creating container storage: the container name "x" is already in use by 0ab4.'
            " You have to remove that container to be able to reuse that name",
            ResourceConflict,
            None,
            id="name-podman",
        ),
        pytest.param(
            500,
            "network name app already used: network already exists",
            ResourceConflict,
            None,
            id="network-name-podman",
        ),
        pytest.param(
            500,
            "can only kill running containers. 0ab4 is in state exited: container state improper",
            ResourceConflict,
            None,
            id="kill-podman",
        ),
        pytest.param(
            500,
            "cannot remove container 0ab4 as it is running - running or paused containers cannot"
            " be removed without force: container state improper",
            ResourceConflict,
            None,
            id="remove-podman",
        ),
        pytest.param(
            500,
            "driver failed programming external connectivity on endpoint web (3eae):"
            " Bind for 0.0.0.0:8080 failed: port is already allocated",
            ResourceConflict,
            "port 8080 is taken: publish another one, or stop what holds it",
            id="port-of-a-container",
        ),
        pytest.param(
            500,
            "driver failed programming external connectivity on endpoint web (3eae): Error"
            " starting userland proxy: listen tcp4 127.0.0.1:443: bind: address already in use",
            ResourceConflict,
            "port 443 is taken: publish another one, or stop what holds it",
            id="port-of-a-process",
        ),
        pytest.param(
            500,
            "failed to set up container networking: driver failed programming external connectivity on"
            " endpoint web (3eae): failed to bind host port for 0.0.0.0:8080:172.17.0.2:80/tcp:"
            " address already in use",
            ResourceConflict,
            "port 8080 is taken: publish another one, or stop what holds it",
            id="port-of-a-process-docker-28",
        ),
        pytest.param(
            403,
            "Pool overlaps with other one on this address space",
            ResourceConflict,
            "another network has these addresses: choose another subnet,"
            " or remove the other network",
            id="subnet",
        ),
        pytest.param(
            404,
            "could not find an available, non-overlapping IPv4 address pool among the defaults"
            " to assign to the network",
            ResourceConflict,
            "the engine ran out of addresses for networks: remove unused networks,"
            " or name a subnet",
            id="no-subnets-left",
        ),
        pytest.param(
            403,
            "error while removing network: network app id 096d has active endpoints",
            ResourceConflict,
            "disconnect, or remove, what is connected to it; if an inspection of it shows nothing, the engine"
            " has miscounted (older Docker can, moby issue 42119): restart the engine",
            id="network-in-use",
        ),
        pytest.param(
            403,
            "bridge is a pre-defined network and cannot be removed",
            InvalidRequest,
            None,
            id="predefined",
        ),
        pytest.param(
            403,
            "endpoint with name web already exists in network app",
            ResourceConflict,
            None,
            id="connected-already",
        ),
        pytest.param(400, "Minimum memory limit allowed is 6MB", InvalidRequest, None, id="bad"),
        pytest.param(500, "invalid mode: zz", InvalidRequest, None, id="bad-with-500"),
        pytest.param(
            400,
            "Client sent an HTTP request to an HTTPS server.",
            EngineUnreachable,
            "the engine wants TLS: write https:// in its address, or set tls of the client",
            id="tls",
        ),
        pytest.param(
            400,
            "client version 1.44 is too new. Maximum supported API version is 1.41",
            InvalidRequest,
            "leave the version of the client unset, so that it is negotiated",
            id="version",
        ),
        pytest.param(500, "something broke", EngineError, None, id="anything-else"),
        pytest.param(None, "in words that cannot be read", EngineError, None, id="unreadable"),
    ],
)
def test_refusals_mean(
    status: int | None, message: str, error: type[EngineError], advice: str | None
) -> None:
    translated = refused(status, message, CREATE, WEB)

    assert type(translated) is error
    assert translated.message == message
    assert translated.advice == advice
    assert translated.status == status
    assert translated.resource == WEB
    assert translated.call == "POST /containers/create"


def test_an_error_says_it_all_in_one_line() -> None:
    error = refused(404, "No such image: web:1", CREATE, WEB)

    assert str(error) == (
        "container m-web: No such image: web:1 [POST /containers/create (status 404)];"
        " pull web:1, or tag an image of the engine with that name"
    )


@pytest.mark.parametrize(
    ("failure", "error", "advice"),
    [
        pytest.param(
            ConnectionBroken("cannot reach it: No such file or directory", connected=False),
            EngineUnreachable,
            "is the engine running",
            id="absent",
        ),
        pytest.param(
            ConnectionBroken("cannot reach it: Permission denied", connected=False),
            EngineUnreachable,
            "the group that owns the socket",
            id="forbidden",
        ),
        pytest.param(
            ConnectionBroken("lost it"), EngineUnreachable, "may have had its effect", id="lost"
        ),
        pytest.param(TimeoutError(), EngineTimeout, "may have had its effect", id="late"),
        pytest.param(Refused(409, "no"), ResourceConflict, "", id="refused"),
    ],
)
def test_failures_on_the_way_are_translated(
    failure: Exception, error: type[EngineError], advice: str
) -> None:
    with pytest.raises(error) as translated, engine_errors(CREATE, WEB):
        raise failure

    assert type(translated.value) is error
    assert translated.value.__cause__ is failure
    assert advice in (translated.value.advice or "")


@pytest.mark.parametrize(
    ("failure", "advice"),
    [
        pytest.param(ConnectionBroken("lost it"), "the engine went away", id="lost"),
        pytest.param(TimeoutError(), None, id="late"),
    ],
)
def test_a_call_that_only_looks_has_no_effect_to_be_in_doubt_of(
    failure: Exception, advice: str | None
) -> None:
    with (
        pytest.raises(EngineUnreachable) as translated,
        engine_errors(ApiRequest(method="GET", path="containers/web/json", timeout=60), WEB),
    ):
        raise failure

    assert translated.value.advice == advice


def test_bugs_are_not_translated() -> None:
    with pytest.raises(KeyError), engine_errors(CREATE, WEB):
        raise KeyError("bug")


def test_errors_about_no_resource_name_the_engine() -> None:
    broken = ConnectionBroken("cannot reach it", connected=False)

    with pytest.raises(EngineUnreachable, match="engine apps: cannot reach it"):  # noqa: SIM117
        with engine_errors(CREATE, engine="apps"):
            raise broken


def test_pages_of_proxies_are_cut() -> None:
    error = refused(502, "x" * 100_000, CREATE)

    assert len(error.message) == LONGEST_MESSAGE + 1


async def test_a_hung_engine_is_a_timeout(
    scripted: ScriptedEngine, scripted_client: Engine
) -> None:
    scripted.on("POST /networks/create", HANG)

    with pytest.raises(EngineTimeout, match="did not answer within 1 s"):
        await scripted_client.create_network(Names("m").network(), {"Name": "m-n"})


@pytest.mark.parametrize("said", [b"<html>hello</html>", b"[1]", b"", b"\xff"])
async def test_an_answer_that_is_no_engines_is_one_clear_error(
    scripted: ScriptedEngine, scripted_client: Engine, said: bytes
) -> None:
    scripted.on("GET /info", answer(body=said))

    with pytest.raises(EngineError, match="is this the address of a container engine"):
        await scripted_client.connect()


async def test_an_engine_without_head_ping_is_asked_otherwise(
    scripted: ScriptedEngine, scripted_client: Engine
) -> None:
    scripted.on("HEAD /_ping", answer(404))
    scripted.on("GET /_ping", answer(body=b"OK"))
    scripted.on("GET /version", answer(body={"ApiVersion": "1.40"}))

    info = await scripted_client.connect()

    assert info.api_version == (1, 40)


async def test_the_newest_version_that_is_spoken_is_our_own(
    scripted: ScriptedEngine, scripted_client: Engine
) -> None:
    scripted.on("HEAD /_ping", answer(headers={"Api-Version": "1.99"}))

    info = await scripted_client.connect()

    assert info.api_version == (1, 51)
    assert scripted.calls[-1] == "GET /v1.51/info"


async def test_a_version_that_the_engine_does_not_speak_is_refused_before_any_call(
    scripted: ScriptedEngine, scripted_client: Engine
) -> None:
    pinned = Engine.over("apps", scripted_client._connection.transport, pinned_version=(1, 45))

    with pytest.raises(InvalidRequest, match=r"engine apps speaks up to version 1\.41"):
        await pinned.connect()

    assert scripted.calls == ["HEAD /_ping"]


async def test_a_failed_introduction_is_tried_again_by_the_next_call(
    scripted: ScriptedEngine, scripted_client: Engine
) -> None:
    scripted.on("HEAD /_ping", answer(503), answer(headers={"Api-Version": "1.41"}))
    scripted.on("GET /_ping", answer(503, {"message": "starting"}))

    with pytest.raises(EngineError, match="starting"):
        await scripted_client.connect()
    info = await scripted_client.connect()

    assert info.api_version == (1, 41)
