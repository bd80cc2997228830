"""Calls about volumes and images that are refused, in a real engine's words."""

from __future__ import annotations

import pytest
from contract_calls import (
    Ask,
    Refusals,
    assert_refused,
    case,
    drop,
    look,
    volume,
    with_host,
)
from contract_partners import Partner

VOLUMES = [
    case("missing", [], look("volumes/~v"), 404, "get ~v: no such volume"),
    case("remove-missing", [], drop("volumes/~v"), 404, "get ~v: no such volume"),
    case("remove-missing-by-force", [], drop("volumes/~v", force="1"), 204, ""),
    case(
        "name-too-short",
        [],
        volume("e"),
        400,
        "create e: volume name is too short, names should be at least two alphanumeric characters",
    ),
    case(
        "name",
        [],
        volume("a b"),
        400,
        'create a b: "a b" includes invalid characters for a local volume name, '
        'only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. '
        "If you intended to pass a host directory, use absolute path",
    ),
    case(
        "option", [], volume("~v", DriverOpts={"zz": "1"}), 400, 'create ~v: invalid option: "zz"'
    ),
    case(
        "option-missing",
        [],
        volume("~v", DriverOpts={"type": "zz"}),
        400,
        'create ~v: missing required option: "device"',
    ),
    case(
        "remove-used",
        [with_host("~a", Binds=["~v:/x"])],
        drop("volumes/~v"),
        409,
        "remove ~v: volume is in use - [<id>]",
    ),
    case(
        "remove-used-by-force",
        [with_host("~a", Binds=["~v:/x"])],
        drop("volumes/~v", force="1"),
        409,
        "remove ~v: volume is in use - [<id>]",
    ),
    case(
        "list-filter",
        [],
        look("volumes", filters='{"zz":["a"]}'),
        400,
        "Invalid filter 'zz'",
        on_28=(400, "invalid filter 'zz'"),
    ),
    case(
        "list-filter-no-list",
        [],
        look("volumes", filters='{"name":"a"}'),
        400,
        "error reading volume filters: json: cannot unmarshal string into "
        "Go value of type map[string]bool",
        on_28=(400, "error reading volume filters: invalid filter"),
    ),
]
IMAGES = [
    case(
        "missing",
        [],
        look("images/~i/json"),
        404,
        "no such image: ~i: No such image: ~i:latest",
        on_28=(404, "No such image: ~i:latest"),
    ),
    case(
        "malformed",
        [],
        look("images/a:b:c/json"),
        400,
        "no such image: a:b:c: invalid reference format",
        on_28=(400, "invalid reference format"),
    ),
    case("remove-missing", [], drop("images/~i"), 404, "No such image: ~i:latest"),
    case(
        "tag-missing",
        [],
        Ask("POST", "images/~i/tag", None, {"repo": "~j", "tag": "x"}),
        404,
        "No such image: ~i:latest",
    ),
    case(
        "pull-malformed",
        [],
        Ask("POST", "images/create", None, {"fromImage": "UP", "tag": "1"}),
        400,
        "invalid reference format: repository name must be lowercase",
        on_28=(
            400,
            "invalid reference format: repository name (library/UP) must be lowercase",
        ),
    ),
    case(
        "list-filter",
        [],
        look("images/json", filters='{"zz":["a"]}'),
        400,
        "Invalid filter 'zz'",
        on_28=(400, "invalid filter 'zz'"),
    ),
]


@pytest.mark.parametrize("refusals", [*VOLUMES, *IMAGES])
async def test_the_engine_refuses_volumes_and_images(partner: Partner, refusals: Refusals) -> None:
    await assert_refused(partner, refusals)
