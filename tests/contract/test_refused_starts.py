"""Starts that are refused, in a real engine's words."""

from __future__ import annotations

import pytest
from contract_calls import (
    START,
    Refusals,
    assert_refused,
    case,
    create,
    do,
    drop,
    network,
    on_network,
    static,
    subnet,
    with_host,
)
from contract_partners import Partner

CREATION_FAILED = (
    "failed to create shim task: OCI runtime create failed: runc create failed: "
    "unable to start container process: "
)
TASK_FAILED = f"failed to create task for container: {CREATION_FAILED}"
START_FAILS = [
    case(
        "file-missing",
        [create("~a", Cmd=["/nope"])],
        START,
        400,
        CREATION_FAILED + 'exec: "/nope": stat /nope: no such file or directory: unknown',
        on_28=(
            400,
            TASK_FAILED + 'exec: "/nope": stat /nope: no such file or directory',
        ),
    ),
    case(
        "program-missing",
        [create("~a", Cmd=["nope", "a"])],
        START,
        400,
        CREATION_FAILED + 'exec: "nope": executable file not found in $PATH: unknown',
        on_28=(
            400,
            TASK_FAILED + 'exec: "nope": executable file not found in $PATH',
        ),
    ),
    case(
        "folder-as-program",
        [create("~a", Cmd=["/etc"])],
        START,
        400,
        CREATION_FAILED + 'exec: "/etc": permission denied: unknown',
        on_28=(
            400,
            TASK_FAILED + 'exec: "/etc": permission denied',
        ),
    ),
    case(
        "network-missing",
        [with_host("~a", NetworkMode="~n")],
        START,
        404,
        "network ~n not found",
        on_28=(404, "failed to set up container networking: network ~n not found"),
    ),
    case(
        "endpoint-network-missing",
        [on_network("~a", "~n")],
        START,
        404,
        "network ~n not found",
        on_28=(404, "failed to set up container networking: network ~n not found"),
    ),
    case(
        "shared-network-missing",
        [with_host("~a", NetworkMode="container:~x")],
        START,
        404,
        "No such container: ~x",
        on_28=(500, "joining network namespace of container: No such container: ~x"),
    ),
    case(
        "shared-network-not-running",
        [create("~b"), with_host("~a", NetworkMode="container:~b")],
        START,
        409,
        "cannot join network of a non running container: <id>",
        on_28=(
            409,
            "cannot join network namespace of a non running container: container ~b is created",
        ),
    ),
    case(
        "link-not-running",
        [create("~b"), with_host("~a", Links=["~b:al"])],
        START,
        500,
        "Cannot link to a non running container: /~b AS /~a/al",
    ),
    case(
        "network-removed",
        [network("~n"), on_network("~a", "~n"), drop("networks/~n")],
        START,
        404,
        "network ~n not found",
        on_28=(404, "failed to set up container networking: network ~n not found"),
    ),
    case(
        "address-taken",
        [
            subnet("~n"),
            on_network("~b", "~n", **static("10.213.7.9")),
            do("start", "~b"),
            on_network("~a", "~n", **static("10.213.7.9")),
        ],
        START,
        403,
        "Address already in use",
        on_28=(403, "failed to set up container networking: Address already in use"),
    ),
    case(
        "address-outside",
        [subnet("~n"), on_network("~a", "~n", **static("10.9.0.9"))],
        START,
        500,
        "Invalid address 10.9.0.9: It does not belong to any of this network's subnets",
        earlier_on_28=(
            400,
            (
                "invalid config for network ~n: invalid endpoint settings:\nno configured "
                "subnet or ip-range contain the IP address 10.9.0.9"
            ),
        ),
    ),
    case(
        "address-without-subnet",
        [network("~n"), on_network("~a", "~n", **static("10.9.0.9"))],
        START,
        400,
        "user specified IP address is supported only when connecting to networks "
        "with user configured subnets",
        earlier_on_28=(
            400,
            (
                "invalid config for network ~n: invalid endpoint settings:\nuser specified IP "
                "address is supported only when connecting to networks with user configured "
                "subnets"
            ),
        ),
    ),
    case(
        "address-on-bridge",
        [on_network("~a", "bridge", **static("172.17.0.50"))],
        START,
        400,
        "user specified IP address is supported on user defined networks only",
        earlier_on_28=(
            400,
            (
                "invalid config for network bridge: invalid endpoint settings:\n* user "
                "specified IP address is supported on user defined networks only\n* user "
                "specified IP address is supported only when connecting to networks with "
                "user configured subnets"
            ),
        ),
    ),
    case(
        "address-and-alias-on-bridge",
        [on_network("~a", "bridge", Aliases=["x"], **static("172.17.0.50"))],
        START,
        400,
        "user specified IP address is supported on user defined networks only",
        earlier_on_28=(
            400,
            (
                "invalid config for network bridge: invalid endpoint settings:\n"
                "* user specified IP address is supported on user defined networks only\n"
                "* network-scoped alias is supported only for containers in user defined networks\n"
                "* user specified IP address is supported only when connecting to networks with user "
                "configured subnets"
            ),
        ),
    ),
    case(
        "alias-on-bridge",
        [on_network("~a", "bridge", Aliases=["x"])],
        START,
        400,
        "network-scoped alias is supported only for containers in user defined networks",
        earlier_on_28=(
            400,
            (
                "invalid config for network bridge: invalid endpoint settings:\n"
                "network-scoped alias is supported only for containers in user defined "
                "networks"
            ),
        ),
    ),
]


@pytest.mark.parametrize("refusals", START_FAILS)
async def test_the_engine_refuses_starts(partner: Partner, refusals: Refusals) -> None:
    await assert_refused(partner, refusals)
