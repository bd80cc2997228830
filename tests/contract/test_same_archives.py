"""Files for containers: both engines tell folders from what is not there, and refuse what is no archive."""

from __future__ import annotations

import base64
import json

import pytest
from contract_calls import RUNNING
from contract_partners import Partner

from aiodockmap.engine import ApiRequest, Refused


async def stat(partner: Partner, path: str) -> object:
    """What is said of a path: its name and whether it is a folder, or the status of a refusal."""
    request = ApiRequest(
        method="HEAD",
        path=f"containers/{partner.prefix}a/archive",
        query={"path": path},
        timeout=10,
    )
    try:
        answer = await partner.transport.request(request)
    except Refused as refusal:
        return refusal.status
    found = json.loads(base64.b64decode(answer.headers["x-docker-container-path-stat"]))
    return found["name"], found["mode"], found["linkTarget"]


async def test_folders_are_told_from_what_is_not_there(partner: Partner) -> None:
    no_container = await stat(partner, "/tmp")
    for call in RUNNING:
        await call.of(partner)

    paths = ("/", "/tmp", "/tmp/", "tmp", "/etc", "/nothing", "/etc/nothing", "")

    folder, shared = 0o20000000755, 0o20004000777
    assert no_container == 404
    assert [await stat(partner, path) for path in paths] == [
        ("/", folder, ""),
        *[("tmp", shared, "")] * 3,
        ("etc", folder, ""),
        404,
        404,
        400,
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", None, id="nothing"),
        pytest.param(b"x" * 10, "unexpected EOF", id="short"),
        pytest.param(b"x" * 2000, "archive/tar: invalid tar header", id="long"),
    ],
)
async def test_what_is_no_archive_is_refused(
    partner: Partner, content: bytes, reason: str | None
) -> None:
    for call in RUNNING:
        await call.of(partner)
    request = ApiRequest(
        method="PUT",
        path=f"containers/{partner.prefix}a/archive",
        query={"path": "/tmp"},
        body=content,
        timeout=10,
    )

    if reason is None:
        assert (await partner.transport.request(request)).status == 200
        return
    with pytest.raises(Refused) as refused:
        await partner.transport.request(request)

    older = f"Error processing tar file(exit status 1): {reason}"
    assert refused.value.status == 500
    assert refused.value.message == partner.either(older, on_28=reason)
