"""Pulls and pushes, by an engine that says of them what a test wants."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from engine_partners import DROP, ScriptedEngine, answer, chunked

from aiodockmap.engine import Engine
from aiodockmap.errors import EngineUnreachable, ImagePullError, ImagePushError
from aiodockmap.model import ResourceId

DIGEST = f"sha256:{'a' * 64}"


def lines(*progress: object) -> list[bytes]:
    return [json.dumps(each).encode() + b"\r\n" for each in progress]


@pytest.fixture
def pulling(scripted: ScriptedEngine) -> ScriptedEngine:
    scripted.on("POST /images/create", chunked(*lines({"status": "Done"})))
    scripted.on("GET /images/web:1/json", answer(body={"Id": "sha256:1"}))
    return scripted


def sent_credentials(engine: ScriptedEngine) -> Any:
    for head in engine.heads:
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(": ")
            if name.lower() == "x-registry-auth":
                return json.loads(base64.urlsafe_b64decode(value))
    return None


async def test_progress_arrives_line_by_line_however_it_is_cut(
    pulling: ScriptedEngine, scripted_client: Engine, image: ResourceId
) -> None:
    whole = b"".join(
        lines(
            {"status": "Pulling from library/web", "id": "1"},
            {"status": "Downloading", "id": "layer", "progress": "[=> ] 1/2"},
            {"status": "Done"},
            {"aux": {"ID": "x"}},
        )
    )
    pulling.on("POST /images/create", chunked(whole[:30], whole[30:31], whole[31:]))
    seen: list[str] = []

    await scripted_client.pull_image(image, "web:1", on_progress=seen.append)

    assert seen == ["1: Pulling from library/web", "layer: Downloading [=> ] 1/2", "Done"]


@pytest.mark.parametrize(
    ("reference", "query"),
    [
        pytest.param("web:1", "fromImage=web&tag=1", id="tag"),
        pytest.param("web", "fromImage=web&tag=latest", id="never-all-tags"),
        pytest.param(
            "reg.test:5000/a/web", "fromImage=reg.test:5000/a/web&tag=latest", id="port-is-no-tag"
        ),
        pytest.param(f"web@{DIGEST}", f"fromImage=web&tag={DIGEST}", id="digest"),
        pytest.param(f"web:1@{DIGEST}", f"fromImage=web&tag={DIGEST}", id="tag-and-digest"),
    ],
)
async def test_exactly_one_image_is_asked_for(
    pulling: ScriptedEngine,
    scripted_client: Engine,
    image: ResourceId,
    reference: str,
    query: str,
) -> None:
    pulling.on(f"GET /images/{reference}/json", answer(body={"Id": "sha256:1"}))

    await scripted_client.pull_image(image, reference)

    assert f"POST /v1.41/images/create?{query}" in pulling.calls


async def test_a_platform_is_asked_for(
    pulling: ScriptedEngine, scripted_client: Engine, image: ResourceId
) -> None:
    pulling.on("GET /images/web:1/json", answer(body={"Id": "sha256:1"}))

    await scripted_client.pull_image(image, "web:1", platform="linux/arm64")

    query = "fromImage=web&tag=1&platform=linux/arm64"
    assert f"POST /v1.41/images/create?{query}" in pulling.calls


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"errorDetail": {"message": "manifest unknown"}}, id="detail"),
        pytest.param({"error": "manifest unknown"}, id="old"),
        pytest.param(
            {"errorDetail": {"code": 1, "message": "manifest unknown"}, "error": "x"}, id="both"
        ),
    ],
)
async def test_an_error_in_the_stream_fails_the_pull(
    pulling: ScriptedEngine, scripted_client: Engine, image: ResourceId, said: dict[str, Any]
) -> None:
    """USR-2, ERR-9."""
    pulling.on("POST /images/create", chunked(*lines({"status": "Pulling"}, said)))

    with pytest.raises(ImagePullError) as failure:
        await scripted_client.pull_image(image, "web:1")

    assert failure.value.message == "manifest unknown"
    assert failure.value.resource == image
    assert "spelling" in str(failure.value)


async def test_the_password_of_a_proxy_is_not_quoted(
    pulling: ScriptedEngine, scripted_client: Engine, image: ResourceId
) -> None:
    said = "Get http://me:s3cret@proxy.test:3128: no such host"
    pulling.on("POST /images/create", chunked(*lines({"error": said})))

    with pytest.raises(ImagePullError, match=r"http://\*\*\*@proxy.test:3128"):
        await scripted_client.pull_image(image, "web:1")


async def test_a_refused_pull_is_a_pull_error(
    pulling: ScriptedEngine, scripted_client: Engine, image: ResourceId
) -> None:
    pulling.on("POST /images/create", answer(404, {"message": "pull access denied for web"}))

    with pytest.raises(ImagePullError, match="auth_configs") as failure:
        await scripted_client.pull_image(image, "web:1")

    assert failure.value.status == 404


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(DROP, id="before-the-answer"),
        pytest.param(chunked(*lines({"status": "Pulling"}), complete=False), id="in-the-stream"),
    ],
)
async def test_a_lost_connection_is_no_finished_pull(
    pulling: ScriptedEngine, scripted_client: Engine, image: ResourceId, said: bytes
) -> None:
    pulling.on("POST /images/create", said)

    with pytest.raises(EngineUnreachable):
        await scripted_client.pull_image(image, "web:1")


UNREADABLE = [
    pytest.param(b'{"status": "Pul', "broke off", id="ends-in-a-line"),
    pytest.param(b"<html>\n", "broke off", id="no-json"),
    pytest.param(b'"\xff"\n', "broke off", id="no-text"),
    pytest.param(b"[" * 100_000 + b"\n", "broke off", id="too-deep"),
    pytest.param(b'{"status": "' + b"x" * 2**20 + b'"}\n', "cannot be read", id="too-long"),
    pytest.param(b'{"status": "' + b"x" * 2**21, "cannot be read", id="endless"),
    pytest.param(b"5\n", "cannot be read", id="number"),
    pytest.param(b'["error"]\n', "cannot be read", id="list"),
    pytest.param(b'{"error": 5}\n', "does not say why", id="number-as-error"),
    pytest.param(b'{"error": ""}\n', "does not say why", id="no-words"),
    pytest.param(b'{"errorDetail": {}}\n', "does not say why", id="no-detail"),
    pytest.param(b'{"errorDetail": {"message": []}}\n', "does not say why", id="list-as-detail"),
    pytest.param(b'{"errorDetail": "denied"}\n', "denied", id="text-as-detail"),
]


@pytest.mark.parametrize(("said", "told"), UNREADABLE)
async def test_what_makes_no_sense_is_no_finished_transfer(
    pulling: ScriptedEngine, scripted_client: Engine, image: ResourceId, said: bytes, told: str
) -> None:
    """ERR-9."""
    for call in ("POST /images/create", "POST /images/web/push"):
        pulling.on(call, chunked(*lines({"status": "Preparing"}), said))

    with pytest.raises(ImagePullError) as pull:
        await scripted_client.pull_image(image, "web:1")
    with pytest.raises(ImagePushError) as push:
        await scripted_client.push_image(image, "web:1")

    for failure in (pull.value, push.value):
        assert told in failure.message
        assert failure.resource == image


async def test_an_image_that_is_not_there_after_all_fails_the_pull(
    pulling: ScriptedEngine, scripted_client: Engine, image: ResourceId
) -> None:
    pulling.on("GET /images/web:1/json", answer(404, {"message": "No such image: web:1"}))

    with pytest.raises(ImagePullError, match="not there"):
        await scripted_client.pull_image(image, "web:1")


async def test_a_long_line_of_progress_is_read(
    pulling: ScriptedEngine, scripted_client: Engine, image: ResourceId
) -> None:
    pulling.on("POST /images/create", chunked(*lines({"status": "x" * 1_000_000})))
    seen: list[str] = []

    await scripted_client.pull_image(image, "web:1", on_progress=seen.append)

    assert [len(line) for line in seen] == [1_000_000]


@pytest.mark.parametrize(
    ("credentials", "sent"),
    [
        pytest.param(None, None, id="none"),
        pytest.param(
            {"username": "u", "password": "ü:?>"},
            {"username": "u", "password": "ü:?>", "serveraddress": "docker.io"},
            id="password",
        ),
        pytest.param(
            {"username": "u", "password": "p", "serveraddress": "https://index.docker.io/v1/"},
            {"username": "u", "password": "p", "serveraddress": "https://index.docker.io/v1/"},
            id="server-address",
        ),
        pytest.param(
            {"auth": base64.b64encode(b"u:p:q").decode()},
            {"username": "u", "password": "p:q", "serveraddress": "docker.io"},
            id="as-in-the-file-of-the-command-line",
        ),
        pytest.param(
            {"identitytoken": "t", "reauth": True},
            {"identitytoken": "t", "serveraddress": "docker.io"},
            id="token",
        ),
    ],
)
async def test_credentials_are_sent_with_the_pull(
    pulling: ScriptedEngine,
    scripted_client: Engine,
    image: ResourceId,
    credentials: dict[str, object] | None,
    sent: dict[str, object] | None,
) -> None:
    await scripted_client.pull_image(image, "web:1", credentials=credentials)

    assert sent_credentials(pulling) == sent


async def test_credentials_are_in_no_error(
    pulling: ScriptedEngine, scripted_client: Engine, image: ResourceId
) -> None:
    pulling.on("POST /images/create", answer(500, {"message": "unauthorized"}))

    with pytest.raises(ImagePullError) as failure:
        await scripted_client.pull_image(
            image, "web:1", credentials={"username": "u", "password": "correct-horse"}
        )

    assert "horse" not in str(failure.value)
    assert "horse" not in repr(failure.value)
