"""Calls about networks that are refused, in a real engine's words."""

from __future__ import annotations

import pytest
from contract_calls import (
    MISSING,
    RUNNING,
    START,
    SUBNET,
    A,
    Ask,
    Refusals,
    assert_refused,
    case,
    connect,
    disconnect,
    do,
    drop,
    look,
    network,
    on_network,
    static,
    subnet,
    with_host,
)
from contract_partners import Partner

NETWORKS = [
    case("missing", [], look("networks/~n"), 404, "network ~n not found"),
    case("remove-missing", [], drop("networks/~n"), 404, "network ~n not found"),
    case(
        "remove-predefined",
        [],
        drop("networks/bridge"),
        403,
        "bridge is a pre-defined network and cannot be removed",
    ),
    case(
        "duplicate-checked",
        [network("~n")],
        network("~n", CheckDuplicate=True),
        409,
        "network with name ~n already exists",
    ),
    case(
        "ambiguous-inspect",
        [network("~n"), network("~n")],
        look("networks/~n"),
        400,
        "2 matches found based on name: network ~n is ambiguous",
        earlier_on_28=(409, "network with name ~n already exists"),
    ),
    case(
        "ambiguous-remove",
        [network("~n"), network("~n")],
        drop("networks/~n"),
        400,
        "network ~n is ambiguous (2 matches found based on name)",
        earlier_on_28=(409, "network with name ~n already exists"),
    ),
    case(
        "name-empty",
        [],
        network(""),
        500,
        "invalid name: ",
        on_28=(400, "invalid name: name is empty"),
    ),
    case("driver-missing", [], network("~n", Driver="zz"), 404, 'plugin "zz" not found'),
    case(
        "ipam-driver-missing",
        [],
        network("~n", IPAM={"Driver": "zz"}),
        404,
        'plugin "zz" not found',
    ),
    case(
        "predefined-name",
        [],
        network("bridge"),
        403,
        "operation is not permitted on predefined bridge network ",
    ),
    case(
        "host-driver",
        [],
        network("~n", Driver="host"),
        403,
        'only one instance of "host" network is allowed',
    ),
    case(
        "subnet-malformed",
        [],
        subnet("~n", "zz"),
        500,
        "Invalid subnet zz : invalid CIDR address: zz",
        on_28=(400, "invalid network config:\ninvalid subnet zz: invalid CIDR block notation"),
    ),
    case(
        "subnet-overlaps",
        [subnet("~n")],
        subnet("~m", "10.213.7.0/25"),
        403,
        "Pool overlaps with other one on this address space",
        on_28=(
            403,
            "invalid pool request: Pool overlaps with other one on this address space",
        ),
    ),
    case(
        "gateway-outside",
        [],
        network("~n", IPAM={"Config": [{"Subnet": SUBNET, "Gateway": "10.8.0.1"}]}),
        500,
        "failed to allocate gateway (10.8.0.1): Requested address is out of range",
        on_28=(
            400,
            (
                "invalid network config:\ninvalid gateway 10.8.0.1: parent subnet "
                "10.213.7.0/24 doesn't contain this address"
            ),
        ),
    ),
    case(
        "subnet-with-host",
        [],
        network(
            "~n",
            IPAM={
                "Config": [
                    {
                        "Subnet": "10.213.7.9/24",
                        "IPRange": "10.8.0.0/25",
                        "Gateway": "10.8.0.1",
                    }
                ]
            },
        ),
        500,
        "failed to allocate gateway (10.8.0.1): Requested address is out of range",
        on_28=(
            400,
            (
                "invalid network config:\n"
                "* invalid subnet 10.213.7.9/24: it should be 10.213.7.0/24\n"
                "* invalid ip-range 10.8.0.0/25: parent subnet 10.213.7.9/24 doesn't contain ip-range\n"
                "* invalid gateway 10.8.0.1: parent subnet 10.213.7.9/24 doesn't contain this address"
            ),
        ),
    ),
    case(
        "options-number",
        [],
        network("~n", Options=5),
        400,
        "json: cannot unmarshal number into Go struct field "
        "NetworkCreateRequest.Options of type map[string]string",
        on_28=(
            400,
            (
                "invalid JSON: json: cannot unmarshal number into Go struct field "
                "CreateRequest.Options of type map[string]string"
            ),
        ),
    ),
    case(
        "remove-used",
        [network("~n"), on_network("~a", "~n"), START],
        drop("networks/~n"),
        403,
        "error while removing network: network ~n id <id> has active endpoints",
        on_28=(
            403,
            (
                'error while removing network: network ~n has active endpoints (name:"~a" '
                'id:"<short id>")'
            ),
        ),
    ),
    case(
        "connect-nobody",
        [network("~n")],
        Ask("POST", "networks/~n/connect", {}),
        400,
        'invalid name or ID supplied: ""',
    ),
    case("connect-missing-container", [network("~n")], connect("~n"), 404, MISSING),
    case("connect-missing-network", RUNNING, connect("~n"), 404, "network ~n not found"),
    case(
        "connect-twice",
        [network("~n"), on_network("~a", "~n"), START],
        connect("~n"),
        403,
        "endpoint with name ~a already exists in network ~n",
    ),
    case(
        "connect-to-host",
        [A],
        connect("host"),
        400,
        "container cannot be disconnected from host network or connected to host network",
        on_28=(
            400,
            (
                "cannot connect container to host network - container must be created in "
                "host network mode"
            ),
        ),
    ),
    case(
        "connect-to-none",
        [A],
        connect("none"),
        400,
        "container cannot be connected to multiple networks with one of the networks "
        "in private (none) mode",
    ),
    case(
        "connect-of-none",
        [network("~n"), with_host("~a", NetworkMode="none")],
        connect("~n"),
        400,
        "container cannot be connected to multiple networks with one of the networks "
        "in private (none) mode",
    ),
    case(
        "connect-of-host",
        [network("~n"), with_host("~a", NetworkMode="host")],
        connect("~n"),
        400,
        "container sharing network namespace with another container or host "
        "cannot be connected to any other network",
    ),
    case(
        "connect-of-shared",
        [network("~n"), *RUNNING, with_host("~b", NetworkMode="container:~a"), do("start", "~b")],
        connect("~n", "~b"),
        400,
        "container sharing network namespace with another container or host "
        "cannot be connected to any other network",
    ),
    case(
        "connect-alias-on-bridge",
        [network("~n"), on_network("~a", "~n")],
        connect("bridge", Aliases=["x"]),
        400,
        "network-scoped alias is supported only for containers in user defined networks",
        on_28=(
            400,
            (
                "invalid endpoint settings:\nnetwork-scoped alias is supported only for "
                "containers in user defined networks"
            ),
        ),
    ),
    case(
        "connect-address-on-bridge",
        [network("~n"), on_network("~a", "~n"), START],
        connect("bridge", **static("172.17.0.77")),
        400,
        "user specified IP address is supported on user defined networks only",
        on_28=(
            400,
            (
                "invalid endpoint settings:\n* user specified IP address is supported on user "
                "defined networks only\n* user specified IP address is supported only when "
                "connecting to networks with user configured subnets"
            ),
        ),
    ),
    case(
        "connect-address-without-subnet",
        [network("~n"), *RUNNING],
        connect("~n", **static("10.1.1.1")),
        400,
        "user specified IP address is supported only when connecting to networks "
        "with user configured subnets",
        on_28=(
            400,
            (
                "invalid endpoint settings:\nuser specified IP address is supported only when "
                "connecting to networks with user configured subnets"
            ),
        ),
    ),
    case(
        "connect-address-outside",
        [subnet("~n"), *RUNNING],
        connect("~n", **static("10.1.1.1")),
        500,
        "Invalid address 10.1.1.1: It does not belong to any of this network's subnets",
        on_28=(
            400,
            (
                "invalid endpoint settings:\nno configured subnet or ip-range contain the IP "
                "address 10.1.1.1"
            ),
        ),
    ),
    case(
        "disconnect-running",
        [network("~n"), *RUNNING],
        disconnect("~n"),
        500,
        "container <id> is not connected to network ~n",
    ),
    case(
        "disconnect-created",
        [network("~n"), A],
        disconnect("~n"),
        500,
        "container <id> is not connected to the network ~n",
    ),
    case("disconnect-missing-container", [network("~n")], disconnect("~n"), 404, MISSING),
    case("disconnect-missing-network", RUNNING, disconnect("~n"), 404, "network ~n not found"),
    case(
        "disconnect-missing-by-force",
        [network("~n")],
        Ask("POST", "networks/~n/disconnect", {"Container": "~a", "Force": True}),
        404,
        "endpoint ~a not found",
    ),
    case(
        "disconnect-host",
        [with_host("~a", NetworkMode="host"), START],
        disconnect("host"),
        400,
        "container cannot be disconnected from host network or connected to host network",
        on_28=(
            400,
            (
                "cannot disconnect container from host network - container was created in "
                "host network mode"
            ),
        ),
    ),
    case(
        "list-filter",
        [],
        look("networks", filters='{"zz":["a"]}'),
        400,
        "Invalid filter 'zz'",
        on_28=(400, "invalid filter 'zz'"),
    ),
]


@pytest.mark.parametrize("refusals", NETWORKS)
async def test_the_engine_refuses_networks(partner: Partner, refusals: Refusals) -> None:
    await assert_refused(partner, refusals)
