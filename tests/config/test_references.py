"""What depends on what: DEP-1 to DEP-12; and what `uses` means: VOL-4 to VOL-7."""

from __future__ import annotations

import pytest

from aiodockmap.config import (
    ContainerMap,
    ContainerReference,
    ContainerUse,
    VolumeUse,
    config_dependencies,
    resolve_uses,
    volume_configuration,
)
from aiodockmap.errors import MapIntegrityError
from aiodockmap.model import DependencyKind


def dependencies(container_map: ContainerMap, name: str) -> list[tuple[str, str, str]]:
    return [
        (each.kind.name, each.target.kind.value, str(each.target))
        for each in config_dependencies(container_map)[name]
    ]


SHARED: dict[str, object] = {
    "c": {"instances": ["i", "j"], "shares": "/s", "attaches": [("v", "/v")]},
    "d": {"shares": "/s"},
    "networks": {"n": None},
}


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [
        pytest.param(
            {"network_mode": "c.i"}, [("NETWORK_STACK", "container", "m.c.i")], id="DEP-1-instance"
        ),
        pytest.param({"network_mode": "d"}, [("NETWORK_STACK", "container", "m.d")], id="DEP-1"),
        pytest.param(
            {"networks": ["n", "bridge"]}, [("NETWORK", "network", "m.n")], id="DEP-2-no-presets"
        ),
        pytest.param(
            {"networks": {"bridge": {"links": ["c.j"]}}},
            [("ENDPOINT_LINK", "container", "m.c.j")],
            id="DEP-3",
        ),
        pytest.param(
            {"uses": "v"},
            [
                ("VOLUME_OWNER", "container", "m.c.i"),
                ("VOLUME_OWNER", "container", "m.c.j"),
                ("VOLUME", "volume", "m.c.v"),
            ],
            id="DEP-4",
        ),
        pytest.param({"uses": "c.j"}, [("VOLUMES_FROM", "container", "m.c.j")], id="DEP-5"),
        pytest.param({"links": "c.j"}, [("LINK", "container", "m.c.j")], id="DEP-6"),
        pytest.param({"attaches": [("w", "/w")]}, [("VOLUME", "volume", "m.x.w")], id="DEP-7"),
        pytest.param(
            {"binds": {"/c": "/h"}, "shares": "/s", "exposes": 80, "network_mode": "/d"},
            [],
            id="DEP-9",
        ),
        pytest.param(
            {
                "attaches": [("w", "/w")],
                "links": ["d", ("d", "again")],
                "uses": ["d", "v"],
                "networks": {"n": {"links": ["c.i"]}},
            },
            [
                ("NETWORK", "network", "m.n"),
                ("ENDPOINT_LINK", "container", "m.c.i"),
                ("VOLUMES_FROM", "container", "m.d"),
                ("VOLUME_OWNER", "container", "m.c.i"),
                ("VOLUME_OWNER", "container", "m.c.j"),
                ("VOLUME", "volume", "m.c.v"),
                ("LINK", "container", "m.d"),
                ("VOLUME", "volume", "m.x.w"),
            ],
            id="DEP-10",
        ),
    ],
)
def test_direct_dependencies(
    configuration: dict[str, object], expected: list[tuple[str, str, str]]
) -> None:
    container_map = ContainerMap("m", {**SHARED, "x": configuration})

    assert dependencies(container_map, "x") == expected


@pytest.mark.parametrize(
    "configuration",
    [
        pytest.param({"network_mode": "c"}, id="DEP-1"),
        pytest.param({"networks": {"n": {"links": ["c"]}}}, id="DEP-3"),
        pytest.param({"uses": "c"}, id="DEP-5"),
        pytest.param({"links": "c"}, id="DEP-6"),
    ],
)
def test_without_instance_all_instances_are_meant(configuration: dict[str, object]) -> None:
    container_map = ContainerMap("m", {**SHARED, "x": configuration}, check_integrity=False)

    found = [each for each in dependencies(container_map, "x") if each[1] == "container"]

    assert [target for _, _, target in found] == ["m.c.i", "m.c.j"]


def test_abstract_configurations_take_no_part() -> None:
    """DEP-11."""
    container_map = ContainerMap(
        "m", {**SHARED, "base": {"abstract": True, "links": "d"}, "x": {"extends": "base"}}
    )

    found = config_dependencies(container_map)

    assert list(found) == ["c", "d", "x"]
    assert [each.kind for each in found["x"]] == [DependencyKind.LINK]


def test_in_parent_name_mode_the_part_after_the_dot_is_an_alias_or_an_instance() -> None:
    """DEP-5, NAME-4."""
    container_map = ContainerMap(
        "m",
        {**SHARED, "use_attached_parent_name": True, "x": {"uses": "c.v"}, "y": {"uses": "c.i"}},
    )

    assert dependencies(container_map, "x") == [
        ("VOLUME_OWNER", "container", "m.c.i"),
        ("VOLUME_OWNER", "container", "m.c.j"),
        ("VOLUME", "volume", "m.c.v"),
    ]
    assert dependencies(container_map, "y") == [("VOLUMES_FROM", "container", "m.c.i")]


@pytest.mark.parametrize(
    ("document", "used"),
    [
        pytest.param(
            {"a": {"attaches": [("v", "/own")]}, "x": {"uses": {"v": ("/given", "ro")}}},
            VolumeUse(owner="a", alias="v", path="/given", readonly=True),
            id="VOL-5-given",
        ),
        pytest.param(
            {"a": {"attaches": [("v", "/own")]}, "x": {"uses": "v"}, "volumes": {"v": "/all"}},
            VolumeUse(owner="a", alias="v", path="/own", readonly=False),
            id="VOL-5-of-the-owner",
        ),
        pytest.param(
            {"a": {"attaches": "v"}, "x": {"uses": {"v": "ro"}}, "volumes": {"v": "/all"}},
            VolumeUse(owner="a", alias="v", path="/all", readonly=True),
            id="VOL-4-default",
        ),
        pytest.param(
            {
                "use_attached_parent_name": True,
                "a": {"attaches": [("v", "/own")]},
                "x": {"uses": "a.v"},
            },
            VolumeUse(owner="a", alias="v", path="/own", readonly=False),
            id="VOL-6-of-the-owner",
        ),
        pytest.param(
            {
                "use_attached_parent_name": True,
                "a": {"attaches": "v"},
                "x": {"uses": "a.v"},
                "volumes": {"v": "/all", "a.v": "/first"},
            },
            VolumeUse(owner="a", alias="v", path="/first", readonly=False),
            id="VOL-6-lookup",
        ),
        pytest.param(
            {"a": {"shares": "/s"}, "x": {"uses": "a"}},
            ContainerUse(container=ContainerReference("a"), readonly=False),
            id="VOL-7",
        ),
        pytest.param(
            {"a": {"shares": "/s", "instances": "i"}, "x": {"uses": {"a.i": "ro"}}},
            ContainerUse(container=ContainerReference("a", "i"), readonly=True),
            id="VOL-7-instance",
        ),
    ],
)
def test_what_uses_means(document: dict[str, object], used: object) -> None:
    container_map = ContainerMap("m", document)

    found = resolve_uses(container_map, container_map.containers["x"])

    assert found == (used,)


def test_a_name_that_means_nothing_is_an_error() -> None:
    container_map = ContainerMap("m", {"x": {"uses": "y"}}, check_integrity=False)

    with pytest.raises(MapIntegrityError, match="'y'"):
        resolve_uses(container_map, container_map.containers["x"])


def test_a_volume_without_configuration_has_all_defaults() -> None:
    """VOL-3."""
    container_map = ContainerMap("m", {"a": {"attaches": [("v", "/v")]}})

    assert volume_configuration(container_map, "a", "v").driver == "local"


def test_names_with_dots_are_found_as_a_whole_first() -> None:
    container_map = ContainerMap(
        "m", {"a.b": None, "a": {"instances": ["c"]}, "x": {"links": ["a.b", "a.c"]}}
    )

    assert [target for _, _, target in dependencies(container_map, "x")] == ["m.a.b", "m.a.c"]
