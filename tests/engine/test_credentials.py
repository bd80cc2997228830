"""Where the credentials for a registry come from: real files, real programs (PULL-3, CLI-3)."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from anyio import Path as AsyncPath
from credential_helper import NOT_FOUND, CredentialHelper
from registry import encoded

from aiodockmap.engine import Credentials, _credential_helpers
from aiodockmap.errors import ImagePullError
from aiodockmap.model import JsonObject, ResourceId, lazy

SECRET = "s3cr3t-v4lue"
KNOWS = f"""echo '{{"ServerURL": "x", "Username": "me", "Secret": "{SECRET}"}}'"""
KNOWS_NOTHING = f"echo '{NOT_FOUND}'; exit 1"
MINE: JsonObject = {"username": "me", "password": SECRET}


def written(folder: Path, content: object) -> str:
    file = folder / "config.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(file)


async def failure_of(credentials: Credentials, image: ResourceId) -> str:
    with pytest.raises(ImagePullError) as failure:
        await credentials.find("reg.test", image)
    assert failure.value.resource == image
    texts = f"{failure.value} {failure.value!r} {failure.value.__cause__!r} {credentials!r}"
    assert SECRET not in texts
    assert encoded("me", SECRET) not in texts
    return str(failure.value)


@pytest.mark.parametrize(
    ("key", "registry"),
    [
        pytest.param("reg.test", "reg.test", id="host"),
        pytest.param("reg.test:5000", "reg.test:5000", id="port"),
        pytest.param("https://reg.test/v2/", "reg.test", id="url"),
        pytest.param("https://index.docker.io/v1/", "docker.io", id="docker-hub"),
        pytest.param("docker.io", "docker.io", id="docker-hub-short"),
    ],
)
@pytest.mark.parametrize(
    ("entry", "found"),
    [
        pytest.param({"auth": encoded("me", SECRET)}, MINE, id="auth"),
        pytest.param({"auth": encoded("me", "a:b\0\0")}, {**MINE, "password": "a:b"}, id="filled"),
        pytest.param({"username": "me", "password": SECRET}, MINE, id="password"),
        pytest.param(
            {"auth": encoded("me", ""), "identitytoken": "t"},
            {"username": "me", "password": "", "identitytoken": "t"},
            id="identity-token",
        ),
        pytest.param({}, None, id="nothing"),
    ],
)
async def test_the_docker_configuration_has_credentials(
    tmp_path: Path,
    image: ResourceId,
    key: str,
    registry: str,
    entry: Mapping[str, object],
    found: JsonObject | None,
) -> None:
    credentials = Credentials.of({}, written(tmp_path, {"auths": {key: entry}}))

    assert await credentials.find(registry, image) == found
    assert await credentials.find("other.test", image) is None


async def test_it_is_read_only_if_that_is_asked_for(
    tmp_path: Path, image: ResourceId, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, {"auths": {"reg.test": MINE}})
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))

    assert await Credentials.of({}).find("reg.test", image) is None
    assert await Credentials.of({}, False).find("reg.test", image) is None  # noqa: FBT003
    assert await Credentials.of({}, True).find("reg.test", image) == MINE  # noqa: FBT003
    assert await Credentials.of({}, str(tmp_path)).find("reg.test", image) == MINE
    assert await Credentials.of({}, lazy(lambda: str(tmp_path))).find("reg.test", image) == MINE


async def test_that_of_the_user_is_used_and_may_be_missing(
    tmp_path: Path, image: ResourceId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))

    assert await Credentials.of({}, True).find("reg.test", image) is None  # noqa: FBT003
    await AsyncPath(tmp_path, ".docker").mkdir()
    written(tmp_path / ".docker", {"auths": {"reg.test": MINE}})
    assert await Credentials.of({}, True).find("reg.test", image) == MINE  # noqa: FBT003
    assert await Credentials.of({}, "~/.docker").find("reg.test", image) == MINE


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(None, "there is no file", id="missing"),
        pytest.param(f"{{'{SECRET}'", "is no JSON object", id="no-json"),
        pytest.param([SECRET], "is no JSON object", id="a-list"),
        pytest.param({"auths": {"reg.test": {"auth": f"{SECRET}!"}}}, "not the base64", id="auth"),
    ],
)
async def test_a_file_that_means_nothing_fails_the_pull_and_is_named(
    tmp_path: Path, image: ResourceId, content: object, says: str
) -> None:
    file = str(tmp_path / "config.json") if content is None else written(tmp_path, content)

    said = await failure_of(Credentials.of({}, file), image)

    assert said.startswith(f"{image}: there are no credentials for reg.test: ")
    assert file in said
    assert says in said
    assert "give auth_configs to the client, which win" in said


async def test_explicit_credentials_win_and_nobody_else_is_asked(
    tmp_path: Path, image: ResourceId, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = CredentialHelper.installed(tmp_path, monkeypatch, KNOWS)
    config = written(tmp_path, {"credsStore": "test", "auths": {"reg.test": MINE}})
    explicit = {"username": "other", "password": "p"}

    credentials = Credentials.of({"https://reg.test/v2/": explicit}, config)

    assert await credentials.find("reg.test", image) == explicit
    assert helper.asked == []


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({"credsStore": "test"}, id="store"),
        pytest.param({"credHelpers": {"reg.test": "test"}}, id="helper"),
        pytest.param({"credHelpers": {"reg.test": "test"}, "credsStore": "none"}, id="both"),
        pytest.param({"credsStore": "test", "auths": {"reg.test": {}}}, id="store-with-stub"),
    ],
)
async def test_a_helper_is_asked_once_however_many_want_to_know(
    tmp_path: Path, image: ResourceId, monkeypatch: pytest.MonkeyPatch, config: dict[str, object]
) -> None:
    helper = CredentialHelper.installed(tmp_path, monkeypatch, KNOWS)
    credentials = Credentials.of({}, written(tmp_path, config))

    found = await asyncio.gather(*[credentials.find("reg.test", image) for _ in range(5)])

    assert found == [MINE] * 5
    assert helper.asked == ["get reg.test"]


async def test_docker_hub_is_asked_for_by_the_name_that_helpers_know(
    tmp_path: Path, image: ResourceId, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = CredentialHelper.installed(tmp_path, monkeypatch, KNOWS)

    await Credentials.of({}, written(tmp_path, {"credsStore": "test"})).find("docker.io", image)

    assert helper.asked == ["get https://index.docker.io/v1/"]


async def test_a_helper_may_have_a_token(
    tmp_path: Path, image: ResourceId, monkeypatch: pytest.MonkeyPatch
) -> None:
    CredentialHelper.installed(tmp_path, monkeypatch, KNOWS.replace('"me"', '"<token>"'))

    credentials = Credentials.of({}, written(tmp_path, {"credsStore": "test"}))

    assert await credentials.find("reg.test", image) == {"identitytoken": SECRET}


async def test_what_a_helper_does_not_know_the_file_may(
    tmp_path: Path, image: ResourceId, monkeypatch: pytest.MonkeyPatch
) -> None:
    CredentialHelper.installed(tmp_path, monkeypatch, KNOWS_NOTHING)
    credentials = Credentials.of(
        {}, written(tmp_path, {"credsStore": "test", "auths": {"a.test": MINE}})
    )

    assert await credentials.find("a.test", image) == MINE
    assert await credentials.find("reg.test", image) is None


FLOODS = """
import fcntl, os, time
fcntl.fcntl(1, 1031, 2**20)
os.write(1, b'x' * 2**20)
time.sleep(60)
"""
"""A mebibyte at once, in a pipe that can hold it (1031 is F_SETPIPE_SZ of Linux)."""


@pytest.mark.parametrize(
    ("script", "says"),
    [
        pytest.param(
            f"echo 'locked: {SECRET}'; exit 3",
            "docker-credential-test failed with exit",
            id="fails",
        ),
        pytest.param(
            f"echo '[\"{SECRET}\"]'", "something else than credentials", id="answers-else"
        ),
        pytest.param(f"yes {SECRET}", "does not stop talking", id="talks-on"),
        # More than asyncio's reader takes at once: it stops reading, and does not see the end.
        pytest.param(
            f'exec {sys.executable} -c "{FLOODS}"', "does not stop talking", id="says-much-at-once"
        ),
        pytest.param("sleep 60", "docker-credential-test is not done after", id="hangs"),
    ],
)
async def test_a_helper_that_fails_is_named_and_not_quoted(
    tmp_path: Path,
    image: ResourceId,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    says: str,
) -> None:
    helper = CredentialHelper.installed(tmp_path, monkeypatch, script)
    if "not done" in says:
        monkeypatch.setattr(_credential_helpers, "HELPER_TIMEOUT", 0.5)
    credentials = Credentials.of({}, written(tmp_path, {"credsStore": "test"}))

    said = await failure_of(credentials, image)
    again = await failure_of(credentials, image)

    assert said.startswith(
        f"{image}: there are no credentials for reg.test: {tmp_path}/config.json"
    )
    assert says in said
    assert again == said
    assert helper.asked == ["get reg.test"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        pytest.param("none", "docker-credential-none cannot be run: No such file", id="missing"),
        pytest.param("../bin/sh", "the name of a credential helper has letters", id="no-name"),
    ],
)
async def test_a_helper_that_cannot_be_run_is_told(
    tmp_path: Path, image: ResourceId, name: str, says: str
) -> None:
    credentials = Credentials.of({}, written(tmp_path, {"credsStore": name}))

    assert says in await failure_of(credentials, image)


async def test_giving_up_ends_the_helper_and_forgets_the_question(
    tmp_path: Path, image: ResourceId, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid_file = AsyncPath(tmp_path, "pid")
    helper = CredentialHelper.installed(
        tmp_path,
        monkeypatch,
        f"[ -e {pid_file} ] || {{ echo $$ >{pid_file}; exec sleep 60; }}\n{KNOWS}",
    )
    credentials = Credentials.of({}, written(tmp_path, {"credsStore": "test"}))

    asking = asyncio.create_task(credentials.find("reg.test", image))
    async with asyncio.timeout(20):
        while not (await pid_file.exists() and await pid_file.read_text()):
            assert not asking.done()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    pid = (await pid_file.read_text()).strip()
    assert not await AsyncPath(f"/proc/{pid}").exists()
    assert await credentials.find("reg.test", image) == MINE
    assert helper.asked == ["get reg.test"] * 2
