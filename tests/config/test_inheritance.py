"""Inheritance and merging: CFG-100 to CFG-112."""

from __future__ import annotations

import pytest

from aiodockmap.config import ContainerConfiguration, ContainerMap
from aiodockmap.errors import CircularDependencyError, MapIntegrityError
from aiodockmap.model import (
    ContainerLink,
    ExecCommand,
    HostVolume,
    NetworkEndpoint,
    PortBinding,
    SharedVolume,
    UsedVolume,
    lazy,
)


def effective(base: dict[str, object], derived: dict[str, object]) -> ContainerConfiguration:
    """What a configuration is that extends an abstract one."""
    containers = {
        "base": {**base, "abstract": True},
        "derived": {**derived, "extends": "base"},
    }
    container_map = ContainerMap("m", containers=containers, check_integrity=False)
    return container_map.expanded().containers.derived


def test_bases_are_merged_in_order_and_the_own_values_last() -> None:
    """CFG-100."""
    container_map = ContainerMap(
        "m",
        {
            "root": {"abstract": True, "image": "root", "stop_signal": "HUP", "user": "root"},
            "first": {"abstract": True, "extends": "root", "image": "first", "stop_timeout": 1},
            "second": {"abstract": True, "image": "second", "stop_timeout": 2},
            "own": {"extends": ["first", "second"], "stop_timeout": 3},
        },
    )

    own = container_map.expanded().containers.own

    assert own == ContainerConfiguration(
        image="second", stop_signal="HUP", user="root", stop_timeout=3
    )


def test_abstract_and_extends_are_not_inherited() -> None:
    """CFG-101."""
    found = effective({"extends": "other", "image": "a"}, {})

    assert found == ContainerConfiguration(image="a")


@pytest.mark.parametrize(
    ("attribute", "base", "derived", "merged"),
    [
        pytest.param("image", "a", "b", "b", id="CFG-102-set"),
        pytest.param("persistent", True, False, False, id="CFG-94"),
        pytest.param("network_mode", "host", "bridge", "bridge", id="CFG-102-mode"),
        pytest.param("instances", ["b", "a"], ["c", "a"], ("b", "a", "c"), id="CFG-103-instances"),
        pytest.param("shares", ["/b"], ["/a", "/b"], ("/b", "/a"), id="CFG-103-shares"),
        pytest.param("clients", ["x"], ["y"], ("x", "y"), id="CFG-103-clients"),
        pytest.param(
            "links",
            {"c": "x"},
            [("c", "y"), ("c", "x")],
            (ContainerLink("c", "x"), ContainerLink("c", "y")),
            id="CFG-104-links",
        ),
        pytest.param(
            "exec_commands",
            [(["a", "b"],)],
            [(["a", "b"],), "c"],
            (ExecCommand(("a", "b")), ExecCommand("c")),
            id="CFG-105",
        ),
        pytest.param(
            "binds",
            {"/c": "/h", "a": None},
            {"b": None, "/c": ("/other", "ro")},
            (HostVolume("/c", "/other", readonly=True), SharedVolume("a"), SharedVolume("b")),
            id="CFG-106-binds",
        ),
        pytest.param(
            "attaches",
            {"a": "/p", "b": None},
            {"a": None},
            (SharedVolume("a"), SharedVolume("b")),
            id="CFG-106-attaches",
        ),
        pytest.param(
            "uses",
            {"a": None, "b": None},
            {"a": ("/p", "ro")},
            (UsedVolume("a", "/p", readonly=True), SharedVolume("b")),
            id="CFG-107",
        ),
        pytest.param(
            "exposes",
            [(80, 8080), 443],
            [("80", 9090), 22],
            (PortBinding(80, 9090), PortBinding(443), PortBinding(22)),
            id="CFG-106-exposes",
        ),
        pytest.param(
            "exposes",
            [(80, 1), (443, 2), (80, 3)],
            [(80, 4), (80, 5)],
            (PortBinding(80, 4), PortBinding(80, 5), PortBinding(443, 2)),
            id="CFG-106-a-port-several-times",
        ),
        pytest.param(
            "networks",
            {"n": {"aliases": "a", "ipv4": "1.2.3.4"}, "m": None},
            {"n": "b"},
            (NetworkEndpoint("n", "b"), NetworkEndpoint("m")),
            id="CFG-106-networks-no-field-wise-merge",
        ),
        pytest.param(
            "create_options",
            {"environment": {"A": "1"}, "tty": True},
            {"environment": {"B": "2"}},
            {"environment": {"B": "2"}, "tty": True},
            id="CFG-108-create-options",
        ),
        pytest.param(
            "host_config",
            {"mem_limit": 1, "init": True},
            {"mem_limit": 2},
            {"mem_limit": 2, "init": True},
            id="CFG-108-host-config",
        ),
        pytest.param(
            "host_config",
            {"Memory": 1, "init": True},
            {"mem_limit": 2},
            {"mem_limit": 2, "init": True},
            id="CFG-108-under-another-name",
        ),
        pytest.param(
            "create_options",
            {"HostConfig": {"Memory": 1}, "tty": True},
            {"host_config": {"init": True}},
            {"host_config": {"init": True}, "tty": True},
            id="CFG-108-nested-under-another-name",
        ),
    ],
)
def test_merging(attribute: str, base: object, derived: object, merged: object) -> None:
    assert getattr(effective({attribute: base}, {attribute: derived}), attribute) == merged


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("image", "a"), ("user", 5), ("exposes", 80), ("persistent", True), ("healthcheck", "a")],
)
def test_what_is_unset_never_replaces(attribute: str, value: object) -> None:
    """CFG-102."""
    assert effective({attribute: value}, {}) == ContainerConfiguration(**{attribute: value})


def test_an_explicit_null_replaces() -> None:
    assert effective({"image": "a"}, {"image": None}).image is None


@pytest.mark.parametrize(
    ("base", "derived"),
    [
        pytest.param(lambda: {"tty": 1, "user": 1}, {"user": 2}, id="callable-base"),
        pytest.param({"tty": 1, "user": 1}, lambda: {"user": 2}, id="callable-derived"),
        pytest.param(lambda: {"tty": 1, "user": 1}, lambda: {"user": 2}, id="both"),
        pytest.param(lambda: {"tty": 1, "User": 1}, lambda: {"user": 2}, id="another-name"),
        pytest.param(lambda: {"tty": 1, "user": 1}, lazy(lambda: {"user": 2}), id="lazy"),
    ],
)
def test_options_that_are_callables_merge_when_they_are_called(
    base: object, derived: object
) -> None:
    """OPT-7: docker-map crashes on it (BUG-54)."""
    options = effective({"create_options": base}, {"create_options": derived}).create_options

    assert callable(options)
    assert options() == {"tty": 1, "user": 2}


def test_merging_evaluates_no_late_value() -> None:
    late = lazy(lambda: pytest.fail("a late value was evaluated"))
    written: dict[str, object] = {
        "user": late,
        "permissions": late,
        "shares": [late],
        "exposes": [(late, late, late)],
        "binds": [(late, late)],
        "attaches": [("a", late)],
        "networks": {"n": {"aliases": [late], "ipv4": late}},
        "exec_commands": [(late, late)],
        "create_options": {"environment": late},
        "host_config": {"binds": late},
    }
    container_map = ContainerMap(
        "m",
        {
            "repository": late,
            "base": {**written, "abstract": True},
            "own": {**written, "extends": "base"},
            "networks": {"n": {"driver": late, "internal": late, "driver_options": {"a": late}}},
            "volumes": {"a": {"default_path": late, "driver": late}},
            "host": {"h": late, "root": late},
        },
    )

    merged = container_map.merge(container_map).expanded()

    merged.to_dict()
    assert len(merged.containers.own.shares) == 1
    assert "own" in repr(merged)


def test_expanding_drops_abstract_configurations_and_keeps_the_rest() -> None:
    """CFG-110."""
    container_map = ContainerMap(
        "m",
        {
            "base": {"abstract": True, "image": "a"},
            "b": {"extends": "base"},
            "a": None,
            "volumes": {"v": "/v"},
            "networks": {"n": None},
            "host": {"h": "/h"},
            "groups": {"g": ["a"]},
            "repository": "reg",
        },
    )

    expanded = container_map.expanded()

    assert list(expanded.containers) == ["b", "a"]
    assert expanded.is_expanded
    assert not container_map.is_expanded
    assert expanded.expanded() is expanded
    assert expanded.volumes == container_map.volumes
    assert expanded.networks == container_map.networks
    assert expanded.host == container_map.host
    assert expanded.groups == container_map.groups
    assert expanded.repository == "reg"


def test_extending_what_is_not_there_names_both() -> None:
    """CFG-109: docker-map raises a KeyError (BUG-45)."""
    with pytest.raises(MapIntegrityError) as caught:
        ContainerMap("m", {"base": None, "own": {"extends": ["base", "bse"]}})

    assert [str(problem) for problem in caught.value.problems] == [
        "$.containers.own.extends[1]: 'own' extends 'bse', which is not there (did you mean 'base'?)"
    ]


@pytest.mark.parametrize(
    ("extends", "cycle"),
    [
        pytest.param({"a": "a"}, ("a",), id="itself"),
        pytest.param({"c": "a", "a": "b", "b": "c"}, ("a", "b", "c"), id="circle"),
    ],
)
def test_extending_in_a_circle(extends: dict[str, str], cycle: tuple[str, ...]) -> None:
    """CFG-109: docker-map overflows the stack (BUG-45)."""
    with pytest.raises(CircularDependencyError) as caught:
        ContainerMap("m", {name: {"extends": base} for name, base in extends.items()})

    assert caught.value.cycle == cycle
    assert len(caught.value.problems) == 1


def test_a_long_line_of_inheritance() -> None:
    containers: dict[str, object] = {f"c{n}": {"extends": f"c{n + 1}"} for n in range(3_000)}
    containers["c3000"] = {"image": "a"}

    container_map = ContainerMap("m", containers)

    assert container_map.expanded().containers["c0"].image == "a"


BASE = ContainerMap(
    "m",
    {
        "web": {"image": "a", "exposes": 80, "shares": "/a", "create_options": {"tty": True}},
        "volumes": {"v": {"default_path": "/v", "user": 5}},
        "networks": {"n": {"driver_options": {"a": "1"}}},
        "host": {"h": "/h", "root": "/root"},
        "clients": ["one"],
        "groups": {"g": ["web"]},
        "repository": "reg",
    },
)
OTHER: dict[str, object] = {
    "web": {
        "image": "b",
        "exposes": {80: 8080, 443: None},
        "shares": "/b",
        "create_options": {"working_dir": "/b"},
    },
    "app": {"image": "c"},
    "volumes": {"v": "/other", "w": "/w"},
    "networks": {"n": {"internal": True}},
    "host": {"h": "/other", "root": "/elsewhere"},
    "clients": ["two"],
    "groups": {"h": ["app"]},
    "default_tag": "1",
}


@pytest.mark.parametrize("as_map", [False, True])
def test_merging_maps(as_map: bool) -> None:  # noqa: FBT001
    """CFG-111, CFG-66."""
    other = ContainerMap("other", OTHER) if as_map else OTHER

    merged = BASE.merge(other)

    assert merged == ContainerMap(
        "m",
        {
            "web": {
                "image": "b",
                "exposes": [(80, 8080), 443],
                "shares": ["/a", "/b"],
                "create_options": {"tty": True, "working_dir": "/b"},
            },
            "app": {"image": "c"},
            "volumes": {"v": {"default_path": "/other", "user": 5}, "w": "/w"},
            "networks": {"n": {"driver_options": {"a": "1"}, "internal": True}},
            "host": {"h": "/other", "root": "/elsewhere"},
            "clients": ["one", "two"],
            "groups": {"g": ["web"], "h": ["app"]},
            "repository": "reg",
            "default_tag": "1",
        },
    )


def test_merging_lists_only() -> None:
    """CFG-112."""
    merged = BASE.merge(OTHER, lists_only=True)

    assert merged == ContainerMap(
        "m",
        {
            "web": {
                "image": "a",
                "exposes": [(80, 8080), 443],
                "shares": ["/a", "/b"],
                "create_options": {"tty": True},
            },
            "app": {"image": "c"},
            "volumes": {"v": {"default_path": "/v", "user": 5}, "w": "/w"},
            "networks": {"n": {"driver_options": {"a": "1"}}},
            "host": {"h": "/other", "root": "/root"},
            "clients": ["one", "two"],
            "groups": {"g": ["web"]},
            "repository": "reg",
        },
    )


def test_merging_maps_keeps_what_is_extended() -> None:
    base = ContainerMap("m", {"a": {"abstract": True, "image": "x"}, "web": {"extends": "a"}})

    merged = base.merge({"web": {"exposes": 80}, "a": {"user": 5}})

    assert merged.expanded().containers.web == ContainerConfiguration(image="x", user=5, exposes=80)


def test_a_merged_map_is_checked() -> None:
    with pytest.raises(MapIntegrityError, match="'dbb'"):
        BASE.merge({"web": {"links": "dbb"}})
