"""Restarts: what they answer, and what those who wait meanwhile are told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from anyio import move_on_after
from contract_partners import Partner

from aiodockmap.engine import ApiRequest
from aiodockmap.testing import Behaviour


def body(command: list[str]) -> dict[str, Any]:
    return {"Image": "aiodockmap-test:latest", "Cmd": command}


async def test_a_restart_succeeds_even_if_what_it_starts_ends_at_once(partner: Partner) -> None:
    once = "test -e /tmp/begun && exit 4; touch /tmp/begun; exec sleep 1000"
    if partner.embedded is not None:
        partner.embedded.behaviour(Behaviour(), container="*a")
    await partner.ask("POST", "containers/create", body(["sh", "-c", once]), name="~a")
    await partner.ask("POST", "containers/~a/start")
    if partner.embedded is not None:
        partner.embedded.behaviour(Behaviour(ends_after=0, exit_code=4), container="*a")
    with move_on_after(10):
        while partner.embedded is None and not await has_begun(partner):
            pass

    restarted = await partner.ask("POST", "containers/~a/restart", t="0")

    assert restarted.status == 204
    ended = await partner.ask("POST", "containers/~a/wait")
    assert ended.body["StatusCode"] == 4


async def has_begun(partner: Partner) -> bool:
    _, made = await partner.ask_openly(
        "POST", "containers/~a/exec", {"Cmd": ["test", "-e", "/tmp/begun"]}
    )
    await partner.ask("POST", f"exec/{made['Id']}/start", {"Detach": False})
    seen = await partner.ask("GET", f"exec/{made['Id']}/json")
    return bool(seen.body["ExitCode"] == 0)


@pytest.mark.parametrize("condition", ["not-running", "next-exit"])
async def test_who_waits_is_told_the_code_of_the_life_that_a_restart_has_ended(
    partner: Partner, condition: str
) -> None:
    await partner.ask("POST", "containers/create", body(["sleep", "1000"]), name="~a")
    await partner.ask("POST", "containers/~a/start")
    wait = ApiRequest(
        method="POST",
        path=f"containers/{partner.prefix}a/wait",
        query={"condition": condition},
        timeout=10,
    )

    async with partner.transport.stream(wait) as answer:
        await partner.ask("POST", "containers/~a/restart", t="0")
        told = b"".join([chunk async for chunk in answer.chunks()])

    # A busy 20.10 looks when the next life has begun, which has no code yet.
    codes = (137, 0) if partner.embedded is None and partner.release == "20.10" else (137,)
    assert json.loads(told)["StatusCode"] in codes
