"""Pushes and logins: a real engine and the embedded one say the same of what a registry lets in (UTL-1)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest
from contract_partners import Partner
from registry import PASSWORD, USER, Registry

from aiodockmap.engine import ApiRequest, Refused

# The registry is reached by way of a real engine, also for the other one.
pytestmark = pytest.mark.engine

# How layers go is their own affair.
LAYERS = re.compile("Preparing|Pushing|Pushed|Waiting|Mounted from|Layer already exists")
MINE = {"username": USER, "password": PASSWORD}
WRONG = {"username": USER, "password": "wr0ng-p4ssword"}


@pytest.fixture(scope="module")
def private_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with Registry.serving(tmp_path_factory.mktemp("private"), is_private=True) as registry:
        yield registry


@pytest.fixture(params=["open", "private"])
async def address(
    request: pytest.FixtureRequest,
    partner: Partner,
    pull_registry: Registry,
    private_registry: Registry,
) -> AsyncIterator[str]:
    """Where registries are; the engine has `~/x:1` for it."""
    registry = pull_registry if request.param == "open" else private_registry
    if partner.embedded is not None:
        partner.embedded.registry.passwords[private_registry.address] = (USER, PASSWORD)
    status, _ = await partner.ask_openly(
        "POST",
        "images/aiodockmap-test:latest/tag",
        None,
        repo=f"{registry.address}/~/x",
        tag="1",
    )
    assert status == 201
    yield registry.address
    await partner.ask_openly("DELETE", f"images/{registry.address}/~/x:1")


async def push(
    partner: Partner, name: str, tag: str, shown: Mapping[str, str]
) -> tuple[int, list[Any]]:
    """What is said to a push, layers left out."""
    header = base64.urlsafe_b64encode(json.dumps(shown).encode()).decode()
    return await push_with(partner, name, tag, {"X-Registry-Auth": header})


async def push_with(
    partner: Partner, name: str, tag: str, headers: Mapping[str, str]
) -> tuple[int, list[Any]]:
    request = ApiRequest(
        method="POST",
        path=f"images/{partner.named(name)}/push",
        query={"tag": tag},
        headers=headers,
        timeout=30,
    )
    try:
        response = await partner.transport.request(request)
    except Refused as refusal:
        return refusal.status or 0, [refusal.message]
    lines = [json.loads(line) for line in response.body.splitlines() if line.strip()]
    said = [line for line in lines if not LAYERS.match(line.get("status", ""))]
    text = json.dumps(said).replace(partner.prefix, "~")
    decoded: list[Any] = json.loads(re.sub(r"sha256:[0-9a-f]{64}", "<digest>", text))
    return response.status, decoded


def failure(message: str) -> dict[str, Any]:
    return {"errorDetail": {"message": message}, "error": message}


@pytest.mark.parametrize("shown", [{}, MINE, WRONG], ids=["nothing", "mine", "wrong"])
async def test_a_push_ends_with_the_digest_or_with_the_refusal(
    partner: Partner, address: str, private_registry: Registry, shown: Mapping[str, str]
) -> None:
    """A registry that asks for nothing does not look at credentials."""
    status, said = await push(partner, f"{address}/~/x", "1", shown)

    refers = {"status": f"The push refers to repository [{address}/~/x]"}
    if address != private_registry.address or shown == MINE:
        last = said[-1]["aux"]
        assert (status, said[0]) == (200, refers)
        assert said[1]["status"].startswith("1: digest: <digest> size: ")
        assert (last["Tag"], last["Digest"]) == ("1", "<digest>")
    else:
        why = "unauthorized: authentication required" if shown else "no basic auth credentials"
        assert (status, said) == (200, [refers, failure(why)])


async def test_credentials_that_are_not_sent_or_not_readable_are_none(
    partner: Partner, address: str, private_registry: Registry
) -> None:
    """Only Docker 20.10 wants to be told that there are none."""
    name = f"{address}/~/x"
    nothing = await push_with(partner, name, "1", {})
    empty = await push_with(partner, name, "1", {"X-Registry-Auth": ""})
    unreadable = await push_with(partner, name, "1", {"X-Registry-Auth": "%%%"})
    of_another_kind = await push_with(partner, name, "1", {"X-Registry-Auth": "W10="})

    none_shown = await push(partner, name, "1", {})
    refused = (400, ["Bad parameters and missing X-Registry-Auth: EOF"])
    assert nothing == empty == partner.either(refused, on_28=none_shown)
    assert unreadable == of_another_kind == none_shown
    assert (failure("no basic auth credentials") in none_shown[1]) == (
        address == private_registry.address
    )


async def test_what_was_pushed_can_be_pulled_and_is_known_by_its_digest(
    partner: Partner, pull_registry: Registry
) -> None:
    name = f"{pull_registry.address}/~/y"
    tag = {"repo": name, "tag": "1"}
    await partner.ask_openly("POST", "images/aiodockmap-test:latest/tag", None, **tag)
    await push(partner, name, "1", {})
    _, pushed = await partner.ask_openly("GET", f"images/{name}:1/json")

    _, removed = await partner.ask_openly("DELETE", f"images/{name}:1")
    _, left = await partner.ask_openly("GET", "images/aiodockmap-test:latest/json")
    await partner.ask_openly("POST", "images/create", fromImage=name, tag="1")
    _, pulled = await partner.ask_openly("GET", f"images/{name}:1/json")
    await partner.ask_openly("DELETE", f"images/{name}:1")

    own = [each for each in pushed["RepoDigests"] if each.startswith(partner.named(name))]
    assert len(own) == 1
    assert [next(iter(each.values())) for each in removed] == [partner.named(f"{name}:1"), own[0]]
    assert own[0] not in left["RepoDigests"]
    assert own[0] in pulled["RepoDigests"]
    assert pushed["Id"] == pulled["Id"]


async def test_what_the_engine_has_not_cannot_be_pushed(partner: Partner, address: str) -> None:
    other_tag = await push(partner, f"{address}/~/x", "2", MINE)
    other_name = await push(partner, f"{address}/~/none", "1", MINE)

    assert other_tag[1][-1] == failure(f"tag does not exist: {address}/~/x:2")
    assert other_name[1][-1] == failure(
        f"An image does not exist locally with the tag: {address}/~/none"
    )


@pytest.mark.parametrize("shown", [{}, MINE, WRONG], ids=["nothing", "mine", "wrong"])
async def test_a_login_says_whether_a_registry_lets_in(
    partner: Partner, address: str, private_registry: Registry, shown: Mapping[str, str]
) -> None:
    status, said = await partner.ask_openly("POST", "auth", {**shown, "serveraddress": address})

    if address != private_registry.address or shown == MINE:
        assert (status, said) == (200, {"IdentityToken": "", "Status": "Login Succeeded"})
    elif shown:
        why = "failed with status: 401 Unauthorized"
        assert (status, said["message"]) == (500, f"login attempt to http://{address}/v2/ {why}")
    else:
        why = "no basic auth credentials"
        assert (status, said["message"]) == (500, f'Get "http://{address}/v2/": {why}')
