"""Mounts of every kind: a real engine and the embedded one say the same, field by field."""

from __future__ import annotations

from typing import Any

import pytest
from contract_calls import (
    INSPECT,
    START,
    VOLUMES,
    Ask,
    assert_same_answers,
    do,
    look,
    say,
    volume,
    with_host,
)
from contract_partners import Partner

IMAGE: dict[str, Any] = {"Type": "image", "Target": "/i", "Source": "aiodockmap-test"}
VOLUME: dict[str, Any] = {"Type": "volume", "Target": "/v", "Source": "~v"}
BIND: dict[str, Any] = {"Type": "bind", "Target": "/b", "Source": "/usr"}
TMPFS: dict[str, Any] = {"Type": "tmpfs", "Target": "/t"}


def mounting(*mounts: dict[str, Any]) -> Ask:
    return with_host("~a", Mounts=list(mounts))


def part(mount: dict[str, Any], path: str, **others: Any) -> dict[str, Any]:
    """A part of a volume or an image."""
    options = {"Subpath": path, **others}
    return {**mount, f"{str(mount['Type']).title()}Options": options}


def bind(*, is_read_only: bool, **options: Any) -> dict[str, Any]:
    return {**BIND, "ReadOnly": is_read_only, "BindOptions": options}


REFUSED = [
    {**IMAGE, "Source": ""},
    {**IMAGE, "Source": "Upper"},
    {**IMAGE, "Source": "~no-image:1"},
    {**IMAGE, "Target": ""},
    {**IMAGE, "Target": "/"},
    {**IMAGE, "BindOptions": {}},
    {**IMAGE, "VolumeOptions": {}},
    part(IMAGE, "/bin"),
    part(IMAGE, "../bin"),
    part(VOLUME, "/data"),
    part(VOLUME, "data/../../data"),
    part({**VOLUME, "Source": ""}, "data"),
    {**BIND, "VolumeOptions": {}},
    {**VOLUME, "Target": "rel"},
    {"Type": "npipe", "Target": "/n", "Source": "~v"},
    {"Type": "cluster", "Target": "/c", "Source": "~v"},
]
"""Mounts that cannot be created, in one version or the other."""
MOUNTS = [
    say("image", mounting(IMAGE), INSPECT, START, INSPECT, do("stop", t="0"), INSPECT),
    say("image-part", mounting(part(IMAGE, "bin"), VOLUME), INSPECT, START, INSPECT),
    say(
        "image-of-another",
        mounting(IMAGE),
        with_host("~b", VolumesFrom=["~a"]),
        look("containers/~b/json"),
    ),
    say("image-twice", mounting(IMAGE, IMAGE)),
    say(
        "options-of-images",
        *[mounting({**it, "ImageOptions": {}}) for it in [VOLUME, BIND, TMPFS]],
        INSPECT,
    ),
    say(
        "volume-part-missing",
        volume("~v"),
        mounting(VOLUME | {"Target": "/w"}, part(VOLUME, "./data/deep", NoCopy=True)),
        START,
        INSPECT,
        VOLUMES,
    ),
    say("volume-part-that-is-all", volume("~v"), mounting(part(VOLUME, "x/..")), START, INSPECT),
    say(
        "nothing-asked-for",
        mounting({**part(VOLUME, ""), "ReadOnly": False, "Consistency": ""}),
        INSPECT,
    ),
    say("refused", *[mounting(it) for it in REFUSED]),
    say(
        "read-only-alone",
        mounting(bind(is_read_only=True, ReadOnlyNonRecursive=True)),
        INSPECT,
        START,
        INSPECT,
    ),
    say(
        "not-read-only",
        mounting(bind(is_read_only=False, ReadOnlyNonRecursive=True)),
        START,
        INSPECT,
    ),
    say(
        "read-only-in-two-ways",
        mounting(bind(is_read_only=True, ReadOnlyNonRecursive=True, ReadOnlyForceRecursive=True)),
        START,
    ),
]


@pytest.mark.engine
@pytest.mark.parametrize("calls", MOUNTS)
async def test_both_engines_mount_the_same(
    embedded_partner: Partner, docker_partner: Partner, calls: tuple[Ask, ...]
) -> None:
    await assert_same_answers(embedded_partner, docker_partner, calls)
