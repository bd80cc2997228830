"""What the embedded engine makes of bodies, without a real one to compare it with."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from embedded_partners import Asker

from aiodockmap.engine import ApiRequest, Refused
from aiodockmap.testing import EmbeddedEngine


async def refusal_of(ask: Asker, body: bytes, headers: Mapping[str, str]) -> tuple[int | None, str]:
    request = ApiRequest(method="POST", path="containers/create", body=body, headers=headers)
    with pytest.raises(Refused) as refusal:
        await ask.transport.request(request)
    return refusal.value.status, refusal.value.message


async def test_a_body_has_to_be_said_to_be_json(ask: Asker) -> None:
    body = json.dumps({"Image": "app:1"}).encode()

    refusal = await refusal_of(ask, body, {"Content-Type": "text/plain"})

    assert refusal == (400, "Content-Type specified (text/plain) must be 'application/json'")


async def test_a_body_that_is_too_deep_is_refused(ask: Asker) -> None:
    refusal = await refusal_of(ask, b"[" * 100_000, {"Content-Type": "application/json"})

    assert refusal == (500, "invalid character '[' exceeded max depth")


async def test_a_number_that_is_too_large_is_refused(ask: Asker) -> None:
    with pytest.raises(Refused, match=r"cannot unmarshal number 9{20} into Go struct field"):
        await ask.create("web", HostConfig={"Memory": 10**20 - 1})


async def test_fields_are_known_in_upper_and_lower_case(engine: EmbeddedEngine, ask: Asker) -> None:
    body = {
        "IMAGE": "app:1",
        "labels": {"Some": "Label"},
        "hostconfig": {"restartpolicy": {"name": "always"}, "portBindings": {"80/tcp": [{}]}},
    }

    await ask("POST", "containers/create", body, name="web")

    made = engine.container("web") or {}
    assert made["Config"]["Labels"] == {"Some": "Label"}
    assert made["HostConfig"]["RestartPolicy"]["Name"] == "always"
    assert list(made["HostConfig"]["PortBindings"]) == ["80/tcp"]
