"""Bodies that are not said to be JSON, or are none: both engines refuse them in the same words."""

from __future__ import annotations

import pytest
from contract_calls import RUNNING
from contract_partners import Partner, masked

from aiodockmap.engine import ApiRequest, Refused

pytestmark = pytest.mark.engine

PATHS = (
    *(f"{kind}/create" for kind in ("containers", "networks", "volumes")),
    *("networks/bridge/connect", "networks/bridge/disconnect", "containers/~a/exec"),
    *("containers/~a/update", "exec/none/start"),
)
TYPES = ("", "text/plain", "application/json5", "Application/JSON; charset=utf-8")
BROKEN = (b'{"a":[[', b'{"a": "b', b"[" * 20_000, b'{"a":' * 20_000)


async def refusal_of(
    partner: Partner, path: str, content_type: str, body: bytes
) -> tuple[int | None, object]:
    request = ApiRequest(
        method="POST",
        path=partner.named(path),
        body=body,
        headers={"Content-Type": content_type},
        timeout=30,
    )
    with pytest.raises(Refused) as refusal:
        await partner.transport.request(request)
    return refusal.value.status, masked(refusal.value.message, partner.prefix)


@pytest.mark.parametrize("path", PATHS)
async def test_bodies_of_other_types_are_refused_alike(
    embedded_partner: Partner, docker_partner: Partner, path: str
) -> None:
    answers = []
    for partner in (embedded_partner, docker_partner):
        await RUNNING[0].of(partner)
        said = [await refusal_of(partner, path, type_, b"5") for type_ in TYPES]
        answers.append([await refusal_of(partner, "commit", "", b"5"), *said])

    assert answers[0] == answers[1]
    assert ["Content-Type" in str(answer) for answer in answers[1]] == [True] * 4 + [False]


@pytest.mark.parametrize("path", PATHS)
async def test_broken_bodies_are_refused_alike(
    embedded_partner: Partner, docker_partner: Partner, path: str
) -> None:
    answers = []
    for partner in (embedded_partner, docker_partner):
        await RUNNING[0].of(partner)
        answers.append(
            [await refusal_of(partner, path, "application/json", body) for body in BROKEN]
        )

    assert answers[0] == answers[1]
