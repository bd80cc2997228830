"""Pulls: a real engine and the embedded one say the same about what a registry has, and has not."""

from __future__ import annotations

import json
import re
import time
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


async def pull(
    partner: Partner, image: str, tag: str, platform: str | None = None
) -> tuple[int, list[Any]]:
    """What is said to a pull, layers left out."""
    asked = {"platform": platform} if platform else {}
    status, answer = await partner.ask_openly(
        "POST", "images/create", None, fromImage=partner.named(image), tag=tag, **asked
    )
    if isinstance(answer, dict):
        return status, [masked(partner, answer["message"])]
    lines = [json.loads(line) for line in answer.splitlines() if line.strip()]
    said = [line for line in lines if not LAYERS.match(line.get("status", ""))]
    return status, [
        masked(partner, f"{line.get('id')}: {line.get('status', line.get('error'))}")
        for line in said
    ]


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


async def test_a_pull_is_told(partner: Partner, address: str) -> None:
    began = int(time.time()) - 1
    await pull(partner, f"{address}/~/x", "1")

    asked = {"since": str(began), "until": f"{time.time() + 0.1:.9f}"}
    _, told = await partner.ask_openly(
        "GET", "events", None, filters='{"type":["image"],"event":["pull"]}', **asked
    )

    lines = told if isinstance(told, bytes) else json.dumps(told).encode()
    events = [json.loads(line) for line in lines.splitlines()]
    actors = [event["Actor"] for event in events if partner.prefix in str(event)]
    name = partner.named(f"{address}/~/x")
    assert actors == [{"ID": f"{name}:1", "Attributes": {"name": name}}]


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


@pytest.fixture
def for_two(partner: Partner, pull_registry: Registry, raw_engine: RawEngine) -> Any:
    """Publish an image for the processor of the engine and for another one, `~/m:1`; say where."""
    name, platforms = f"{partner.prefix}/m", ("linux/amd64", "linux/arm64/v8")
    if partner.embedded is not None:
        images = [EmbeddedImage(platform=platform) for platform in platforms]
        partner.embedded.registry.publish(f"{pull_registry.address}/{name}:1", images)
        yield pull_registry.address
        return
    full_name = pull_registry.publish_for(name, ["/bin/sleep", "1000"], platforms, tag="1")
    yield pull_registry.address
    raw_engine.call("DELETE", f"images/{full_name}")


async def create(partner: Partner, image: str, platform: str | None) -> str:
    """Try to create a container of an image for a platform; what is said."""
    asked = {"platform": platform} if platform else {}
    said = await partner.ask("POST", "containers/create", {"Image": image}, name="~a", **asked)
    await partner.ask("DELETE", "containers/~a")
    if said.status == 404:
        return said.message
    assert said.status == 201
    # Some engines also tell the generation of their processor.
    return re.sub(r"(?<=host platform \(linux/amd64)/v\d", "", " ".join(said.body["Warnings"]))


def refusal(partner: Partner, image: str, wanted: str, actual: str) -> str:
    """Of an image that is there for another platform."""
    reason = partner.either(
        f"does not match the specified platform: wanted {wanted}, actual: {actual}",
        on_28=f"its platform ({actual}) does not match the specified platform ({wanted})",
    )
    return f"image with reference {image} was found but {reason}"


async def test_a_pull_gets_the_image_for_the_platform(partner: Partner, for_two: str) -> None:
    """A tag has the image for one platform, which is that of the last pull."""
    image = f"{for_two}/~/m"
    downloaded = f"None: Status: Downloaded newer image for {image}:1"

    said = await pull(partner, image, "1", "linux/arm64")
    _, foreign = await partner.ask_openly("GET", f"images/{image}:1/json")
    creations = [
        await create(partner, f"{image}:1", platform)
        for platform in (None, "linux/arm64", "linux/arm64/v8", "linux/amd64")
    ]
    again = await pull(partner, image, "1", "linux/arm64/v8")
    other = await pull(partner, image, "1")
    _, native = await partner.ask_openly("GET", f"images/{image}:1/json")
    _, left = await partner.ask_openly("GET", f"images/{foreign['Id']}/json")
    refused = await create(partner, f"{image}:1", "linux/arm64/v8")
    for each in (native, left):
        await partner.ask_openly("DELETE", f"images/{each['Id']}", force="1")

    assert said == (200, ["1: Pulling from ~/m", "None: Digest: <digest>", downloaded])
    assert [foreign[key] for key in ("Os", "Architecture", "Variant")] == ["linux", "arm64", "v8"]
    mismatch = (
        "The requested image's platform (linux/arm64/v8) does not match the detected host "
        "platform (linux/amd64) and no specific platform was requested"
    )
    assert creations == [
        mismatch,
        "",
        "",
        refusal(partner, f"{image}:1", "linux/amd64", "linux/arm64/v8"),
    ]
    assert again[1][-1] == f"None: Status: Image is up to date for {image}:1"
    assert other[1][-1] == downloaded
    assert (native["Architecture"], native.get("Variant", "")) == ("amd64", "")
    assert (left["Architecture"], left["RepoTags"]) == ("arm64", [])
    assert [len(each["RepoDigests"]) for each in (native, left)] == [0, 1]
    assert refused == refusal(partner, f"{image}:1", "linux/arm64/v8", "linux/amd64")


@pytest.mark.parametrize(
    ("platform", "reason"),
    [
        ("linux/s390x", "no matching manifest for linux/s390x in the manifest list entries"),
        ("windows", "no matching manifest for windows/amd64 in the manifest list entries"),
    ],
)
async def test_a_pull_for_a_platform_that_an_image_is_not_made_for_fails(
    partner: Partner, for_two: str, platform: str, reason: str
) -> None:
    said = await pull(partner, f"{for_two}/~/m", "1", platform)

    assert said == (200, ["1: Pulling from ~/m", f"None: {reason}"])
    assert (await partner.ask("GET", f"images/{for_two}/~/m:1/json")).status == 404


@pytest.mark.parametrize(
    ("platform", "reason"),
    [
        ("bogus", "unknown operating system or architecture"),
        ("linux/amd64/v1/x", "cannot parse platform specifier"),
    ],
)
async def test_what_is_no_platform_is_refused(
    partner: Partner, for_two: str, platform: str, reason: str
) -> None:
    said = await pull(partner, f"{for_two}/~/m", "1", platform)

    assert said == (400, [f'"{platform}": {reason}: invalid argument'])


async def test_a_single_image_is_pulled_for_any_platform(partner: Partner, address: str) -> None:
    """Newer releases say that it is another one."""
    image = f"{address}/~/x"

    said = await pull(partner, image, "1", "linux/arm64")

    downloaded = f"None: Status: Downloaded newer image for {image}:1"
    mismatch = refusal(partner, f"{image}:1", "linux/arm64", "linux/amd64")
    warnings = partner.either([], on_28=[f"None: WARNING: {mismatch}"])
    assert said[1][-1 - len(warnings) :] == [downloaded, *warnings]
    assert await create(partner, f"{image}:1", "linux/arm64") == mismatch


async def test_a_single_image_is_not_pulled_for_another_system(
    partner: Partner, address: str
) -> None:
    said = await pull(partner, f"{address}/~/x", "1", "windows/amd64")

    assert said == (200, ["1: Pulling from ~/x", "None: operating system is not supported"])


async def test_callers_before_platforms_get_the_image_of_the_engine(
    partner: Partner, for_two: str
) -> None:
    partner.transport.api_version = "1.31"

    await pull(partner, f"{for_two}/~/m", "1", "linux/arm64")

    _, image = await partner.ask_openly("GET", f"images/{for_two}/~/m:1/json")
    assert image["Architecture"] == "amd64"
