"""The checks of behaviour 2.12: INT-1 to INT-15."""

from __future__ import annotations

import pytest

from aiodockmap.config import ContainerMap
from aiodockmap.errors import CircularDependencyError, MapIntegrityError
from aiodockmap.model import lazy


def problems(document: dict[str, object]) -> list[str]:
    with pytest.raises(MapIntegrityError) as caught:
        ContainerMap("m", document)
    assert caught.value.source == "map 'm'"
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({}, id="empty"),
        pytest.param({"groups": {"g": ["missing"]}}, id="INT-11-no-containers"),
        pytest.param({"a": {"abstract": True, "uses": "missing"}}, id="INT-11-only-abstract"),
        pytest.param({"a": {"instances": ["i"]}, "groups": {"g": ["a", "a.i"]}}, id="INT-2"),
        pytest.param({"a": None, "groups": {"g": [("other", "b"), (None, "a")]}}, id="INT-2-maps"),
        pytest.param({"a": {"attaches": [("v", "/v")]}, "b": {"uses": "v"}}, id="INT-4-volume"),
        pytest.param({"a": {"shares": "/v"}, "b": {"uses": "a"}}, id="INT-4-container"),
        pytest.param(
            {"a": {"shares": "/v", "instances": "i"}, "b": {"uses": "a.i"}}, id="INT-4-instance"
        ),
        pytest.param({"a": {"binds": {"/c": "/h"}}}, id="INT-5-direct"),
        pytest.param(
            {"a": {"binds": "v"}, "host": {"v": "/h"}, "volumes": {"v": "/c"}}, id="INT-6-binds"
        ),
        pytest.param({"a": {"attaches": "v"}, "volumes": {"v": "/c"}}, id="INT-6-attaches"),
        pytest.param(
            {"a": {"attaches": "v"}, "volumes": {"v": lazy(lambda: pytest.fail("evaluated"))}},
            id="INT-13-late",
        ),
        pytest.param({"a": {"links": "b.i"}, "b": {"instances": "i"}}, id="INT-7"),
        pytest.param(
            {"a": {"networks": ["n", "bridge", "host"]}, "networks": {"n": None}}, id="INT-8"
        ),
        pytest.param({"a": {"network_mode": "b.i"}, "b": {"instances": "i"}}, id="INT-9"),
        pytest.param({"a": {"network_mode": "container:elsewhere"}}, id="INT-9-unmanaged"),
        pytest.param({"a": {"network_mode": "bridge", "exposes": {80: 80}}}, id="INT-14-bridge"),
        pytest.param({"a": {"network_mode": "b", "exposes": 80}, "b": None}, id="INT-14-exposed"),
        pytest.param(
            {
                "use_attached_parent_name": True,
                "a": {"attaches": "v"},
                "b": {"attaches": "v", "uses": "a.v"},
                "volumes": {"v": "/v"},
            },
            id="INT-3-parent-names",
        ),
        pytest.param(
            {
                "use_attached_parent_name": True,
                "a": {"attaches": "v"},
                "volumes": {"a.v": "/v"},
            },
            id="INT-6-parent-names",
        ),
    ],
)
def test_maps_that_pass(document: dict[str, object]) -> None:
    """INT-1 to INT-15; docker-map cannot build a map of abstract configurations only (BUG-45)."""
    ContainerMap("m", document).check_integrity()


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        pytest.param(
            {"a": None, "groups": {"a": []}},
            "$.groups.a: the group 'a' has the name of a container",
            id="INT-1",
        ),
        pytest.param(
            {"a": {"instances": "i"}, "groups": {"a.i": []}},
            "$.groups['a.i']: the group 'a.i' has the name of a container",
            id="INT-1-instance",
        ),
        pytest.param(
            {"web": None, "groups": {"g": ["web", "wbe"]}},
            "$.groups.g[1]: the group contains 'wbe', which is not there (did you mean 'web'?)",
            id="INT-2",
        ),
        pytest.param(
            {"a": {"instances": "i"}, "groups": {"g": ["a.j"]}},
            "$.groups.g[0]: the group contains 'a.j', which is not there (did you mean 'a.i'?)",
            id="INT-2-instance",
        ),
        pytest.param(
            {"a": {"abstract": True}, "b": None, "groups": {"g": ["a"]}},
            "$.groups.g[0]: the group contains 'a', which is abstract",
            id="INT-2-abstract",
        ),
        pytest.param(
            {"a": {"attaches": [("v", "/v")]}, "b": {"attaches": [("v", "/w")]}},
            "$.containers.a.attaches[0]: the volume name 'v' occurs twice: 'b' attaches it, too",
            id="INT-3-volumes",
        ),
        pytest.param(
            {"a": {"attaches": [("b", "/v")]}, "b": {"shares": "/v"}},
            "$.containers.a.attaches[0]: the volume name 'b' occurs twice:"
            " a container that shares volumes is called so, too",
            id="INT-3-container",
        ),
        pytest.param(
            {"a": {"attaches": [("sock", "/v")]}, "b": {"uses": ["sokc"]}},
            "$.containers.b.uses[0]: 'sokc' is neither an attached volume nor a container"
            " (did you mean 'sock'?)",
            id="INT-4",
        ),
        pytest.param(
            {"a": {"instances": ["i", "j"], "shares": "/v"}, "b": {"uses": "a"}},
            "$.containers.b.uses[0]: this uses 'a', which has instances (write 'a.i' or 'a.j')",
            id="INT-4-instances",
        ),
        pytest.param(
            {"a": None, "b": {"uses": "a"}},
            "$.containers.b.uses[0]: the container 'a' has no shares, binds or uses to take over",
            id="INT-4-nothing-shared",
        ),
        pytest.param(
            {"a": {"binds": "conf"}, "host": {"cnof": "/h"}, "volumes": {"conf": "/c"}},
            "$.containers.a.binds[0]: 'conf' is no host volume (did you mean 'cnof'?)",
            id="INT-5",
        ),
        pytest.param(
            {"a": {"binds": "conf"}, "host": {"conf": "/h"}},
            "$.containers.a.binds[0]: 'conf' is not in the volumes of the map, so it has no path",
            id="INT-6-binds",
        ),
        pytest.param(
            {"a": {"attaches": "data"}, "volumes": {"date": "/d"}},
            "$.containers.a.attaches[0]: 'data' is not in the volumes of the map,"
            " so it has no path (did you mean 'date'?)",
            id="INT-6-attaches",
        ),
        pytest.param(
            {"web": {"links": ["dbb"]}, "db": None},
            "$.containers.web.links[0]: this links to 'dbb', which is not there"
            " (did you mean 'db'?)",
            id="INT-7",
        ),
        pytest.param(
            {"web": {"links": ["db"]}, "db": {"instances": "i"}},
            "$.containers.web.links[0]: this links to 'db', which has instances (write 'db.i')",
            id="INT-7-instances",
        ),
        pytest.param(
            {"web": {"networks": "back"}, "networks": {"bakc": None}},
            "$.containers.web.networks[0]: the network 'back' is not there (did you mean 'bakc'?)",
            id="INT-8",
        ),
        pytest.param(
            {"web": {"network_mode": "db"}, "db": {"instances": "i"}},
            "$.containers.web.network_mode: this shares the network of 'db',"
            " which has instances (write 'db.i')",
            id="INT-9-NET-27",
        ),
        pytest.param(
            {"web": {"network_mode": "app"}},
            "$.containers.web.network_mode: this shares the network of 'app', which is not there",
            id="INT-9",
        ),
        pytest.param(
            {"web": {"networks": {"n": {"links": ["db"]}}}, "networks": {"n": None}},
            "$.containers.web.networks[0].links[0]: this links to 'db', which is not there",
            id="INT-12",
        ),
        pytest.param(
            {"a": {"attaches": "v"}, "volumes": {"v": {"user": 5}}},
            "$.containers.a.attaches[0]: 'v' has no path: the volume of the map has no"
            " default_path",
            id="INT-13",
        ),
        pytest.param(
            {"a": {"network_mode": "host", "networks": "n"}, "networks": {"n": None}},
            "$.containers.a.network_mode: with the network mode 'host', there can be no networks",
            id="INT-14-host-networks",
        ),
        pytest.param(
            {"a": {"network_mode": None, "networks": "n"}, "networks": {"n": None}},
            "$.containers.a.network_mode: with the network mode 'none', there can be no networks",
            id="INT-14-none-networks",
        ),
        pytest.param(
            {"a": {"network_mode": "b", "networks": "n"}, "b": None, "networks": {"n": None}},
            "$.containers.a.network_mode: with the network mode 'b', there can be no networks",
            id="INT-14-container-networks",
        ),
        pytest.param(
            {"a": {"network_mode": "host", "exposes": {80: 80}}},
            "$.containers.a.network_mode: with the network mode 'host', no ports can be published",
            id="INT-14-host-ports",
        ),
        pytest.param(
            {"a": {"network_mode": "b", "exposes": {80: 80}}, "b": None},
            "$.containers.a.network_mode: with the network mode 'b', no ports can be published",
            id="INT-14-container-ports",
        ),
        pytest.param(
            {"a": {"network_mode": "b", "links": "c"}, "b": None, "c": None},
            "$.containers.a.network_mode: with the network mode 'b', there can be no links",
            id="ENG-19-links",
        ),
        pytest.param(
            {"a": {"networks": [("n", "x"), ("n", "y")]}, "networks": {"n": None}},
            "$.containers.a.networks[1]: the network 'n' occurs twice",
            id="network-twice",
        ),
        pytest.param(
            {"a": None, "networks": {"bridge": None}},
            "$.networks.bridge: 'bridge' is a network that every engine has;"
            " it cannot be configured",
            id="NAME-6",
        ),
        pytest.param(
            {
                "a": {"binds": "v", "instances": ["i", "j"]},
                "host": {"v": {"i": "/h"}},
                "volumes": {"v": "/c"},
            },
            "$.containers.a.binds[0]: host volume 'v' has no path for the instance 'j'",
            id="CFG-71",
        ),
    ],
)
def test_maps_that_do_not_pass(document: dict[str, object], problem: str) -> None:
    """INT-1 to INT-15; docker-map lets those of INT-12 to INT-14 pass (BUG-63)."""
    assert problems(document) == [problem]


@pytest.mark.parametrize(
    ("document", "cycle"),
    [
        pytest.param({"a": {"links": "a"}}, ("a",), id="itself"),
        pytest.param({"b": {"links": "a"}, "a": {"links": "b"}}, ("a", "b"), id="two"),
        pytest.param(
            {
                "c": {"links": "b"},
                "b": {"network_mode": "a"},
                "a": {"uses": "v"},
                "d": {"attaches": [("v", "/v")], "networks": {"n": {"links": "c"}}},
                "networks": {"n": None},
            },
            ("a", "d", "c", "b"),
            id="all-kinds",
        ),
        pytest.param(
            {"a": {"instances": ["i", "j"], "network_mode": "a.i"}}, ("a",), id="DEP-12-instances"
        ),
    ],
)
def test_circles(document: dict[str, object], cycle: tuple[str, ...]) -> None:
    """INT-15, DEP-20, ERR-8: docker-map overflows the stack on all but the shortest (BUG-27)."""
    with pytest.raises(CircularDependencyError) as caught:
        ContainerMap("m", document)

    assert caught.value.cycle == cycle
    assert caught.value.is_self_reference is (len(cycle) == 1)
    assert len(caught.value.problems) == 1


def test_a_diamond_is_no_circle() -> None:
    ContainerMap(
        "m", {"a": {"links": ["b", "c"]}, "b": {"links": "d"}, "c": {"links": "d"}, "d": None}
    )


def test_a_chain_of_thousands_is_checked_without_recursion() -> None:
    chain = {f"c{n}": {"links": f"c{(n + 1) % 5_000}"} for n in range(5_000)}

    with pytest.raises(CircularDependencyError) as caught:
        ContainerMap("m", chain)

    assert len(caught.value.cycle) == 5_000
    assert len(str(caught.value)) < 500


def test_all_problems_come_at_once() -> None:
    """ERR-6: one type, with a message."""
    found = problems(
        {
            "a": {"links": "x", "uses": "y", "networks": "z"},
            "b": {"links": "c"},
            "c": {"links": "b"},
        }
    )

    assert len(found) == 4


def test_a_problem_of_a_base_is_told_once_and_there() -> None:
    found = problems(
        {
            "base": {"abstract": True, "links": ["x"]},
            "a": {"extends": "base"},
            "b": {"extends": "base"},
        }
    )

    assert found == [
        "$.containers.base.links[0]: this links to 'x', which is not there (there are 'a', 'b')"
    ]


DUPLICATE: dict[str, object] = {
    "a": {"attaches": [("v", "/v")]},
    "b": {"attaches": [("v", "/v")]},
}


def test_the_check_for_duplicates_can_be_switched_off() -> None:
    """INT-3."""
    container_map = ContainerMap("m", DUPLICATE, check_duplicates=False)

    container_map.check_integrity(check_duplicates=False)
    with pytest.raises(MapIntegrityError):
        container_map.check_integrity()


def test_all_checks_can_be_switched_off() -> None:
    container_map = ContainerMap("m", {**DUPLICATE, "c": {"links": "x"}}, check_integrity=False)

    with pytest.raises(MapIntegrityError, match="'x'"):
        container_map.check_integrity(check_duplicates=False)


def test_clients_of_a_configuration_have_no_effect_and_give_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """CFG-24, Q-3."""
    ContainerMap("m", {"a": {"clients": ["one"]}, "b": None})

    assert [record.getMessage() for record in caplog.records] == [
        "map 'm': the clients of 'a' have no effect, those of the map decide"
    ]


def test_relative_paths_of_the_host_without_a_root_give_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """CFG-72: they are sent as they are, and engines take them for names of volumes."""
    ContainerMap(
        "m",
        {
            "volumes": {"conf": "/conf", "log": "/log"},
            "host": {"conf": "conf", "log": {"a": "/var/log/a", "b": "log/b"}},
            "base": {"abstract": True, "binds": [("/x", "./x")]},
            "web": {"extends": "base", "instances": ["a", "b"], "binds": ["conf", "log"]},
            "db": {"binds": [("/d", "/srv/d"), ("/e", lazy(str, "e"))]},
        },
    )

    assert [record.getMessage() for record in caplog.records] == [
        f"map 'm': {place}: '{path}' is relative, and engines take it for the name of a volume: "
        "begin it with '/', or give `host` a `root`"
        for place, path in [
            ("$.host.conf", "conf"),
            ("$.host.log.b", "log/b"),
            ("$.containers.base.binds[0]", "./x"),
        ]
    ]


@pytest.mark.parametrize(
    ("root", "is_told"),
    [("/srv", False), (lazy(str, "/srv"), False), ("srv", True)],
    ids=["absolute", "late", "relative"],
)
def test_a_root_makes_paths_of_the_host_absolute(
    root: object, caplog: pytest.LogCaptureFixture, *, is_told: bool
) -> None:
    """CFG-72, CFG-73; what a late one is, is known when it is evaluated."""
    ContainerMap("m", {"host": {"root": root}, "web": {"binds": [("/x", "x")]}})

    assert ("'srv/x' is relative" in caplog.text) is is_told
