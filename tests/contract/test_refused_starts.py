"""Starts that are refused, in a real engine's words."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from contract_calls import (
    START,
    Ask,
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
START_FAILS = [
    case(
        "file-missing",
        [create("~a", Cmd=["/nope"])],
        START,
        400,
        CREATION_FAILED + 'exec: "/nope": stat /nope: no such file or directory: unknown',
    ),
    case(
        "program-missing",
        [create("~a", Cmd=["nope", "a"])],
        START,
        400,
        CREATION_FAILED + 'exec: "nope": executable file not found in $PATH: unknown',
    ),
    case(
        "folder-as-program",
        [create("~a", Cmd=["/etc"])],
        START,
        400,
        CREATION_FAILED + 'exec: "/etc": permission denied: unknown',
    ),
    case(
        "network-missing", [with_host("~a", NetworkMode="~n")], START, 404, "network ~n not found"
    ),
    case("endpoint-network-missing", [on_network("~a", "~n")], START, 404, "network ~n not found"),
    case(
        "shared-network-missing",
        [with_host("~a", NetworkMode="container:~x")],
        START,
        404,
        "No such container: ~x",
    ),
    case(
        "shared-network-not-running",
        [create("~b"), with_host("~a", NetworkMode="container:~b")],
        START,
        409,
        "cannot join network of a non running container: <id>",
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
    ),
    case(
        "address-outside",
        [subnet("~n"), on_network("~a", "~n", **static("10.9.0.9"))],
        START,
        500,
        "Invalid address 10.9.0.9: It does not belong to any of this network's subnets",
    ),
    case(
        "address-without-subnet",
        [network("~n"), on_network("~a", "~n", **static("10.9.0.9"))],
        START,
        400,
        "user specified IP address is supported only when connecting to networks "
        "with user configured subnets",
    ),
    case(
        "address-on-bridge",
        [on_network("~a", "bridge", **static("172.17.0.50"))],
        START,
        400,
        "user specified IP address is supported on user defined networks only",
    ),
    case(
        "alias-on-bridge",
        [on_network("~a", "bridge", Aliases=["x"])],
        START,
        400,
        "network-scoped alias is supported only for containers in user defined networks",
    ),
]


@pytest.mark.parametrize(("before", "call", "status", "message"), START_FAILS)
async def test_the_engine_refuses_starts(
    partner: Partner, before: Sequence[Ask], call: Ask, status: int, message: str
) -> None:
    await assert_refused(partner, before, call, status, message)
