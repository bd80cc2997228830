"""Calls of older versions of the API: a real engine and the embedded one answer them the same.

What an engine says depends on the version that a call is of, not only on the engine. Of the versions
here, Docker 20.10 speaks the first one; it refuses the others.
"""

from __future__ import annotations

from typing import Any

import pytest
from contract_calls import (
    INSPECT,
    LIST,
    RUNNING,
    START,
    SUBNET_6,
    A,
    Ask,
    assert_same_answers,
    create,
    do,
    look,
    network,
    on_network,
    say,
    subnets,
    update,
    with_host,
)
from contract_partners import Partner

VERSIONS = ("1.41", "1.43", "1.44", "1.47", "1.50")
ADDRESS = "02:42:ac:11:00:77"
LATER_MOUNTS: list[dict[str, Any]] = [
    {"Type": "image", "Source": "aiodockmap-test", "Target": "/x", "ReadOnly": False},
    {"Type": "volume", "Source": "~v", "Target": "/x", "VolumeOptions": {"Subpath": "/x"}},
    {
        "Type": "bind",
        "Source": "/nonexistent",
        "Target": "/x",
        "BindOptions": {"CreateMountpoint": True},
    },
    {
        "Type": "bind",
        "Source": "/usr",
        "Target": "/x",
        "BindOptions": {"ReadOnlyForceRecursive": True},
    },
]
"""Mounts with what there has not been always."""
CALLS = [
    say("image", look("images/aiodockmap-test:rich/json")),
    say("images", look("images/json", filters='{"reference":["aiodockmap-test:rich"]}')),
    say(
        "endpoint",
        network("~n"),
        on_network("~a", "~n", Aliases=["al"], MacAddress=ADDRESS),
        INSPECT,
        START,
        INSPECT,
    ),
    say(
        "several-networks",
        network("~n"),
        network("~m"),
        create("~a", NetworkingConfig={"EndpointsConfig": {"~n": {}, "~m": {}}}),
    ),
    say(
        "without-ipv4",
        subnets("~n", {"Subnet": SUBNET_6}, EnableIPv4=False, EnableIPv6=True),
        look("networks/~n"),
    ),
    say("mac-address", create("~a", MacAddress=ADDRESS), INSPECT, START, INSPECT),
    say(
        "kernel-memory",
        with_host("~a", KernelMemory=16777216, KernelMemoryTCP=8388608, Annotations={"a": "b"}),
        INSPECT,
        LIST,
        update(KernelMemory=25165824),
        INSPECT,
    ),
    say(
        "options-of-another-mount",
        with_host(
            "~a",
            Mounts=[{"Type": "volume", "Target": "/x", "Source": "~v", "BindOptions": {}}],
        ),
    ),
    say("options-of-later-mounts", *[with_host("~a", Mounts=[it]) for it in LATER_MOUNTS]),
    say("wait", A, do("wait", condition="zz")),
    say("stop", *RUNNING, do("stop", signal="ZZ", t="0")),
    say("too-old", A, look("containers/~a/json")),
]


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.engine
@pytest.mark.parametrize("calls", CALLS)
async def test_both_engines_give_the_same_answers_to_older_callers(
    version: str, embedded_partner: Partner, docker_partner: Partner, calls: tuple[Ask, ...]
) -> None:
    for partner in (embedded_partner, docker_partner):
        partner.transport.api_version = version

    await assert_same_answers(embedded_partner, docker_partner, calls)
