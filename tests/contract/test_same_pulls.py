"""Pulls: a real engine and the embedded one say the same about what a registry has, and has not."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from contract_partners import Partner
from raw_engine import RawEngine
from registry import Registry

from aiodockmap.testing import EmbeddedImage

# The registry is reached by way of a real engine, also for the other one.
pytestmark = pytest.mark.engine

# How layers come is their own affair.
LAYERS = re.compile(
    "Pulling fs layer|Waiting|Already exists|Downloading|Verifying|Download complete|Extracting|Pull "
)


async def pull(partner: Partner, image: str, tag: str) -> tuple[int, list[Any]]:
    """What is said to a pull, layers left out."""
    status, answer = await partner.ask_openly(
        "POST", "images/create", fromImage=partner.named(image), tag=tag
    )
    if isinstance(answer, dict):
        return status, [masked(partner, answer["message"])]
    lines = [json.loads(line) for line in answer.splitlines() if line.strip()]
    said = [line for line in lines if not LAYERS.match(line.get("status", ""))]
    return status, [masked(partner, f"{line.get('id')}: {line.get('status')}") for line in said]


def masked(partner: Partner, text: str) -> str:
    text = text.replace(partner.prefix, "~")
    return re.sub(r"sha256:[0-9a-f]{64}", "<digest>", text)


@pytest.fixture
def address(
    engine_kind: str, partner: Partner, pull_registry: Registry, raw_engine: RawEngine
) -> Any:
    """Publish an image, `~/x:1`; say where."""
    name = f"{partner.prefix}/x"
    if partner.embedded is not None:
        partner.embedded.registry.publish(f"{pull_registry.address}/{name}:1")
        yield pull_registry.address
        return
    full_name = pull_registry.publish(name, ["/bin/sleep", "1000"], tag="1")
    yield pull_registry.address
    raw_engine.call("DELETE", f"images/{full_name}")
    assert engine_kind == "docker"


async def test_a_pull_ends_with_the_image(partner: Partner, address: str) -> None:
    said = await pull(partner, f"{address}/~/x", "1")

    status, image = await partner.ask_openly("GET", f"images/{address}/~/x:1/json")
    assert said == (
        200,
        [
            "1: Pulling from ~/x",
            "None: Digest: <digest>",
            f"None: Status: Downloaded newer image for {address}/~/x:1",
        ],
    )
    assert status == 200
    assert image["RepoTags"] == [partner.named(f"{address}/~/x:1")]
    assert image["RepoDigests"][0].startswith(partner.named(f"{address}/~/x@sha256:"))


async def test_a_second_pull_finds_nothing_new(partner: Partner, address: str) -> None:
    await pull(partner, f"{address}/~/x", "1")

    said = await pull(partner, f"{address}/~/x", "1")

    assert said[1][-1] == f"None: Status: Image is up to date for {address}/~/x:1"


async def test_an_image_can_be_pulled_by_its_digest(partner: Partner, address: str) -> None:
    await pull(partner, f"{address}/~/x", "1")
    _, image = await partner.ask_openly("GET", f"images/{address}/~/x:1/json")
    digest = image["RepoDigests"][0].partition("@")[2]

    said = await pull(partner, f"{address}/~/x", digest)

    assert said == (
        200,
        [
            f"{address}/~/x@<digest>: Pulling from ~/x",
            "None: Digest: <digest>",
            f"None: Status: Image is up to date for {address}/~/x@<digest>",
        ],
    )


@pytest.mark.parametrize(
    ("image", "tag"), [pytest.param("x", "2", id="tag"), pytest.param("y", "1", id="repository")]
)
async def test_what_a_registry_has_not_is_refused(
    partner: Partner, address: str, image: str, tag: str
) -> None:
    said = await pull(partner, f"{address}/~/{image}", tag)

    reason = "manifest unknown: manifest unknown"
    assert said == (404, [f"manifest for {address}/~/{image}:{tag} not found: {reason}"])


async def test_a_tag_that_has_moved_leaves_the_old_image_its_digest(
    partner: Partner, address: str, pull_registry: Registry
) -> None:
    name = f"{partner.prefix}/x"
    await pull(partner, f"{address}/~/x", "1")
    _, old = await partner.ask_openly("GET", f"images/{address}/~/x:1/json")
    if partner.embedded is not None:
        moved = EmbeddedImage(command=("/bin/sleep", "5"))
        partner.embedded.registry.publish(f"{address}/{name}:1", moved)
    else:
        pull_registry.publish(name, ["/bin/sleep", "5"], tag="1")

    await pull(partner, f"{address}/~/x", "1")

    _, left = await partner.ask_openly("GET", f"images/{old['Id']}/json")
    _, new = await partner.ask_openly("GET", f"images/{address}/~/x:1/json")
    assert left["RepoTags"] == []
    assert left["RepoDigests"] == old["RepoDigests"]
    assert new["Id"] != old["Id"]
    removed = await partner.ask_openly("DELETE", f"images/{old['RepoDigests'][0]}")
    assert removed[1][-1] == {"Deleted": old["Id"]}
