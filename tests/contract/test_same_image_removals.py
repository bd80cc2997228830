"""Images that were made from others, and their removal: the same on a real engine and the embedded one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from contract_partners import Partner

Commit = Callable[..., Any]


@pytest.fixture
async def chain(partner: Partner) -> AsyncIterator[list[str]]:
    """Three images, each made from the one before; only the last has a name, `~i:1`."""
    made: list[str] = []
    image = "aiodockmap-test:latest"
    names: dict[str, str]
    for number, names in enumerate(({}, {}, {"repo": "~i", "tag": "1"})):
        status, created = await partner.ask_openly(
            "POST", "containers/create", {"Image": image}, name=f"~c{number}"
        )
        assert status == 201, created
        status, committed = await partner.ask_openly(
            "POST", "commit", None, container=f"~c{number}", **names
        )
        assert status == 201, committed
        image = committed["Id"]
        made.append(image)
        await partner.ask("DELETE", f"containers/~c{number}")
    yield made
    await partner.ask_openly("DELETE", "images/~i:1")
    for image in reversed(made):
        await partner.ask_openly("DELETE", f"images/{image}", force="1")


async def ids(partner: Partner, chain: list[str], **query: str) -> dict[str, str]:
    """Which of the images are listed, by their numbers, each with that of its parent."""
    _, listed = await partner.ask_openly("GET", "images/json", None, **query)
    return {
        str(chain.index(each["Id"])): str(chain.index(each["ParentId"]))
        if each["ParentId"] in chain
        else "base"
        for each in listed
        if each["Id"] in chain
    }


async def test_what_others_were_made_from_is_listed_with_all_only(
    partner: Partner, chain: list[str]
) -> None:
    assert await ids(partner, chain) == {"2": "1"}
    assert await ids(partner, chain, all="1") == {"0": "base", "1": "0", "2": "1"}


async def test_an_image_that_others_were_made_from_cannot_go(
    partner: Partner, chain: list[str]
) -> None:
    status, refusal = await partner.ask_openly("DELETE", f"images/{chain[0]}", force="1")

    assert status == 409
    assert "(cannot be forced) - image has dependent child images" in refusal["message"]


async def test_without_pruning_parents_stay(partner: Partner, chain: list[str]) -> None:
    status, _ = await partner.ask_openly("DELETE", "images/~i:1", noprune="1")

    assert status == 200
    assert set(await ids(partner, chain, all="1")) == {"0", "1"}


async def test_with_pruning_parents_without_a_name_go(partner: Partner, chain: list[str]) -> None:
    await partner.ask_openly("DELETE", "images/~i:1")

    assert await ids(partner, chain, all="1") == {}


async def test_a_container_keeps_its_image(partner: Partner, chain: list[str]) -> None:
    await partner.ask("POST", "containers/create", {"Image": chain[2]}, name="~user")

    by_name, _ = await partner.ask_openly("DELETE", "images/~i:1", noprune="1")
    await partner.ask("DELETE", "containers/~user")

    assert by_name == 409
