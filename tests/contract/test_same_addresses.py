"""Addresses of networks and containers: a real engine and the embedded one say the same, field by field."""

from __future__ import annotations

from typing import Any

import pytest
from contract_calls import (
    INSPECT,
    NETWORK,
    START,
    SUBNET,
    SUBNET_6,
    A,
    Ask,
    assert_same_answers,
    connect,
    create,
    do,
    look,
    network,
    on_network,
    say,
    static,
    static_6,
    subnet,
    subnets,
)
from contract_partners import Partner

REFUSED_SUBNETS: list[tuple[str, dict[str, Any]]] = [
    ("", {}),
    ("10.213.8.0/24", {"IPRange": "zz"}),
    ("10.213.9.0/24", {"IPRange": "fd00::/80"}),
    ("10.213.10.0/24", {"Gateway": "zz"}),
    ("10.213.11.0/24", {"Gateway": "fd00::1"}),
    ("10.213.12.0/24", {"Gateway": "10.213.12.0"}),
    ("10.213.13.0/24", {"AuxiliaryAddresses": {"x": "zz"}}),
    ("10.213.14.0/24", {"AuxiliaryAddresses": {"x": "fd00::1"}}),
    ("10.213.15.0/24", {"AuxiliaryAddresses": {"x": "10.8.7.2"}}),
    ("10.213.16.0/24", {"AuxiliaryAddresses": {"x": "10.213.16.1"}}),
    ("fd00:1:3::/64", {"IPRange": "10.213.7.0/28"}),
    ("fd00:1:4::/64", {"Gateway": "fd00:9::9"}),
    ("fd00:1:5::/64", {"Gateway": "10.1.1.1"}),
    ("fd00:1:6::/64", {"AuxiliaryAddresses": {"x": "fd00:9::9"}}),
    ("fd00:1:7::1/128", {}),
]
"""Subnets, and what is asked for in them that they do not have."""
ADDRESSES = [
    say(
        "both-families",
        subnets(
            "~n",
            {"Subnet": SUBNET, "AuxiliaryAddresses": {"x": "10.213.7.2"}},
            {"Subnet": SUBNET_6, "AuxiliaryAddresses": {"x": "fd00:1:2::2"}},
            EnableIPv6=True,
        ),
        on_network("~a", "~n", **static_6("fd00:1:2:0::00AB")),
        INSPECT,
        START,
        INSPECT,
        NETWORK,
        create("~b"),
        do("start", "~b"),
        connect("~n", "~b"),
        look("containers/~b/json"),
        do("stop", t="0"),
        INSPECT,
        NETWORK,
    ),
    say(
        "ipv6-subnet-alone",
        subnets(
            "~n",
            {"Subnet": "fd00:1:2:0::/64", "IPRange": "fd00:1:2:0:1::/80", "Gateway": "fd00:1:2::9"},
            EnableIPv6=True,
        ),
        NETWORK,
        on_network("~a", "~n"),
        START,
        INSPECT,
    ),
    say(
        "ipv6-not-enabled",
        subnets("~n", {"Subnet": SUBNET_6}, {"Subnet": SUBNET}),
        NETWORK,
        on_network("~a", "~n", **static_6("fd00:1:2::77")),
        START,
        INSPECT,
    ),
    say("ipv6-without-subnet", network("~n", EnableIPv6=True), NETWORK),
    say(
        "ipv6-internal",
        subnets("~n", {"Subnet": SUBNET_6}, EnableIPv6=True, Internal=True),
        on_network("~a", "~n"),
        START,
        INSPECT,
    ),
    say(
        "without-ipv4",
        subnets("~n", {"Subnet": SUBNET_6}, EnableIPv4=False, EnableIPv6=True),
        NETWORK,
        on_network("~a", "~n", **static_6("fd00:1:2::77")),
        START,
        INSPECT,
        NETWORK,
    ),
    say("without-any", network("~n", EnableIPv4=False), NETWORK),
    say(
        "subnets-refused",
        *[
            subnets("~n", {"Subnet": subnet, **config}, EnableIPv6=True)
            for subnet, config in REFUSED_SUBNETS
        ],
    ),
    say(
        "ipv6-addresses-refused",
        subnets("~n", {"Subnet": SUBNET_6}, EnableIPv6=True),
        subnets("~m", {"Subnet": SUBNET_6}, EnableIPv6=True),
        network("~m"),
        A,
        START,
        connect("~n", **static_6("zz")),
        connect("~n", **static_6("fd00:9::1")),
        connect("~n", **static_6("fd00:1:2::1")),
        connect("~n", **static_6("10.213.7.9")),
        connect("~n", **static("fd00:1:2::77")),
        connect("~m", **static_6("fd00:1:2::77")),
        on_network("~b", "~n", **static_6("::ffff:10.213.7.9")),
        on_network("~b", "~m", **static_6("fd00:1:2::77")),
        do("start", "~b"),
        on_network("~c", "bridge", **static_6("fd00:1:2::77")),
    ),
    say("two-subnets", subnets("~n", {"Subnet": SUBNET}, {"Subnet": "10.213.8.0/24"})),
    say(
        "full",
        subnet("~n", "10.213.7.0/30"),
        on_network("~a", "~n"),
        START,
        create("~b"),
        do("start", "~b"),
        connect("~n", "~b"),
        look("containers/~b/json"),
        on_network("~c", "~n"),
        do("start", "~c"),
        look("containers/~c/json"),
    ),
]


@pytest.mark.engine
@pytest.mark.parametrize("calls", ADDRESSES)
async def test_both_engines_give_the_same_addresses(
    embedded_partner: Partner, docker_partner: Partner, calls: tuple[Ask, ...]
) -> None:
    await assert_same_answers(embedded_partner, docker_partner, calls)
