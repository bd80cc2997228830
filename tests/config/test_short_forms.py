"""Every row of behaviour 2.4: what may be written, and what it means."""

from __future__ import annotations

import pytest

from aiodockmap.config import ContainerConfiguration, ContainerReference
from aiodockmap.errors import MapError
from aiodockmap.model import (
    ContainerLink,
    ExecCommand,
    ExecPolicy,
    HealthCheck,
    HostVolume,
    NetworkEndpoint,
    PortBinding,
    SharedVolume,
    UsedVolume,
    lazy,
)

LATE = lazy(lambda: pytest.fail("a late value was evaluated"))


def normal_form(attribute: str, written: object) -> object:
    return getattr(ContainerConfiguration(**{attribute: written}), attribute)


def problems(attribute: str, written: object) -> list[str]:
    with pytest.raises(MapError) as caught:
        ContainerConfiguration(**{attribute: written})
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("attribute", "written", "normalised"),
    [
        pytest.param("instances", None, (), id="null"),
        pytest.param("instances", "a", ("a",), id="text"),
        pytest.param("instances", ["a", "b"], ("a", "b"), id="list"),
        pytest.param("instances", ("a", "b"), ("a", "b"), id="tuple"),
        pytest.param("instances", [1, 2], ("1", "2"), id="numbers"),
        pytest.param("extends", "a", ("a",), id="extends"),
        pytest.param("clients", ["a"], ("a",), id="clients"),
        pytest.param("shares", "/a", ("/a",), id="shares"),
    ],
)
def test_plain_lists(attribute: str, written: object, normalised: object) -> None:
    """SHP-2."""
    assert normal_form(attribute, written) == normalised


def test_late_values_in_plain_lists_are_kept() -> None:
    """SHP-2, LAZY-6."""
    alone, among = normal_form("shares", LATE), normal_form("shares", ["/a", LATE])

    assert isinstance(alone, tuple)
    assert alone[0] is LATE
    assert isinstance(among, tuple)
    assert among[1] is LATE


@pytest.mark.parametrize("attribute", ["extends", "instances", "clients", "shares"])
@pytest.mark.parametrize("written", [{"a": 1}, {"a"}, 1.5, object()])
def test_anything_else_is_no_plain_list(attribute: str, written: object) -> None:
    """SHP-2."""
    assert len(problems(attribute, written)) == 1


TUPLE_LISTS = (
    "binds",
    "attaches",
    "uses",
    "links",
    "exposes",
    "networks",
    "exec_commands",
)


@pytest.mark.parametrize("attribute", TUPLE_LISTS)
@pytest.mark.parametrize("written", [None, [], (), {}])
def test_nothing_is_an_empty_list(attribute: str, written: object) -> None:
    """SHP-3."""
    assert normal_form(attribute, written) == ()


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("binds", HostVolume("/c", "/h")),
        ("binds", SharedVolume("a")),
        ("attaches", UsedVolume("a", "/p")),
        ("uses", SharedVolume("a")),
        ("links", ContainerLink("c")),
        ("exposes", PortBinding(80)),
        ("networks", NetworkEndpoint("n")),
        ("exec_commands", ExecCommand("a")),
    ],
)
def test_a_value_is_a_list_of_it_and_an_element(attribute: str, value: object) -> None:
    """SHP-3."""
    assert normal_form(attribute, value) == (value,)
    assert normal_form(attribute, [value]) == (value,)
    assert normal_form(attribute, iter([value])) == (value,)


def test_a_pair_at_the_top_is_two_elements() -> None:
    """SHP-4."""
    assert normal_form("links", ("a", "b")) == (ContainerLink("a"), ContainerLink("b"))
    assert normal_form("exposes", [8080, 80]) == (PortBinding(8080), PortBinding(80))


def test_a_mapping_at_the_top_is_never_read_as_fields() -> None:
    """SHP-4."""
    assert normal_form("links", {"container": "c"}) == (ContainerLink("container", "c"),)


BINDS = [
    ("SHP-20", "a", SharedVolume("a")),
    ("SHP-20", ("a",), SharedVolume("a")),
    ("SHP-20", {"name": "a"}, SharedVolume("a")),
    ("SHP-21", ("a", "ro"), SharedVolume("a", readonly=True)),
    ("SHP-21", ["a", True], SharedVolume("a", readonly=True)),
    ("SHP-21", {"a": "ro"}, SharedVolume("a", readonly=True)),
    ("SHP-21", {"a": ("ro",)}, SharedVolume("a", readonly=True)),
    ("SHP-21", {"name": "a", "readonly": True}, SharedVolume("a", readonly=True)),
    ("SHP-9", ("a", "rw"), SharedVolume("a")),
    ("SHP-9", ("a", False), SharedVolume("a")),
    ("SHP-9", {"name": "a", "readonly": ""}, SharedVolume("a")),
    ("SHP-9", {"name": "a", "readonly": 0}, SharedVolume("a")),
    ("SHP-8", {"name": "a", "readonly": "true"}, SharedVolume("a", readonly=True)),
    ("SHP-8", {"name": "a", "readonly": "false"}, SharedVolume("a", readonly=True)),
    ("SHP-8", {"name": "a", "readonly": 1}, SharedVolume("a", readonly=True)),
    ("SHP-10", ("/a", "true"), HostVolume("/a", "true")),
    ("SHP-22", ("/c", "/h"), HostVolume("/c", "/h")),
    ("SHP-22", {"/c": "/h"}, HostVolume("/c", "/h")),
    ("SHP-22", {"/c": ("/h",)}, HostVolume("/c", "/h")),
    ("SHP-22", ("/c", ["/h"]), HostVolume("/c", "/h")),
    ("SHP-22", ("./c", "h"), HostVolume("./c", "h")),
    ("SHP-23", ("/c", "/h", "ro"), HostVolume("/c", "/h", readonly=True)),
    ("SHP-23", {"/c": ("/h", "ro")}, HostVolume("/c", "/h", readonly=True)),
    ("SHP-23", ("/c", ("/h", True)), HostVolume("/c", "/h", readonly=True)),
    (
        "SHP-23",
        {"path": "/c", "host_path": "/h", "readonly": True},
        HostVolume("/c", "/h", readonly=True),
    ),
    ("SHP-25", {"a": None}, SharedVolume("a")),
    ("SHP-25", ("a", None), SharedVolume("a")),
]
ATTACHES = [
    ("SHP-30", "a", SharedVolume("a")),
    ("SHP-30", ("a",), SharedVolume("a")),
    ("SHP-30", ("a", None), SharedVolume("a")),
    ("SHP-30", ("a", False), SharedVolume("a")),
    ("SHP-30", {"name": "a"}, SharedVolume("a")),
    ("SHP-31", ("a", "/p"), UsedVolume("a", "/p")),
    ("SHP-31", {"a": "/p"}, UsedVolume("a", "/p")),
    ("SHP-31", {"name": "a", "path": "/p"}, UsedVolume("a", "/p")),
    ("SHP-32", {"a": None}, SharedVolume("a")),
    ("SHP-32", UsedVolume("a"), SharedVolume("a")),
]
USES = [
    ("SHP-40", "a", SharedVolume("a")),
    ("SHP-40", ("a",), SharedVolume("a")),
    ("SHP-40", {"name": "a"}, SharedVolume("a")),
    ("SHP-41", ("a", "ro"), SharedVolume("a", readonly=True)),
    ("SHP-41", {"a": True}, SharedVolume("a", readonly=True)),
    ("SHP-41", {"a": ("ro",)}, SharedVolume("a", readonly=True)),
    ("SHP-42", ("a", "/p"), UsedVolume("a", "/p")),
    ("SHP-42", {"a": "/p"}, UsedVolume("a", "/p")),
    ("SHP-42", ("a", ["/p"]), UsedVolume("a", "/p")),
    ("SHP-43", ("a", "/p", "ro"), UsedVolume("a", "/p", readonly=True)),
    ("SHP-43", {"a": ("/p", "ro")}, UsedVolume("a", "/p", readonly=True)),
    (
        "SHP-43",
        {"name": "a", "path": "/p", "readonly": True},
        UsedVolume("a", "/p", readonly=True),
    ),
    ("SHP-44", {"a": None}, SharedVolume("a")),
    ("names", "owner.alias", SharedVolume("owner.alias")),
]
LINKS = [
    ("SHP-50", "c", ContainerLink("c")),
    ("SHP-50", ("c",), ContainerLink("c")),
    ("SHP-50", ("c", None), ContainerLink("c")),
    ("SHP-50", {"container": "c"}, ContainerLink("c")),
    ("SHP-51", ("c", "al"), ContainerLink("c", "al")),
    ("SHP-51", {"container": "c", "alias": "al"}, ContainerLink("c", "al")),
    ("SHP-51", {"c": "al"}, ContainerLink("c", "al")),
    ("SHP-6", {"c": None}, ContainerLink("c")),
]
EXPOSES = [
    ("SHP-60", 80, PortBinding(80)),
    ("SHP-60", "80", PortBinding(80)),
    ("SHP-60", ("80",), PortBinding(80)),
    ("SHP-60", (80, None), PortBinding(80)),
    ("SHP-60", {"exposed_port": 80}, PortBinding(80)),
    ("SHP-61", (8080, 80), PortBinding(8080, 80)),
    ("SHP-6", {8080: 80}, PortBinding(8080, 80)),
    ("SHP-62", (8080, 80, "pub"), PortBinding(8080, 80, "pub")),
    ("SHP-62", (8080, (80, "pub")), PortBinding(8080, 80, "pub")),
    ("SHP-63", (8080, 80, "pub", True), PortBinding(8080, 80, "pub", ipv6=True)),
    ("SHP-63", (8080, (80, "pub", True)), PortBinding(8080, 80, "pub", ipv6=True)),
    (
        "SHP-63",
        (8080, {"host_port": 80, "interface": "pub", "ipv6": True}),
        PortBinding(8080, 80, "pub", ipv6=True),
    ),
    ("SHP-67", "53/udp", PortBinding("53/udp")),
    ("SHP-67", ("53/udp", 53), PortBinding("53/udp", 53)),
]
NETWORKS = [
    ("SHP-70", "n", NetworkEndpoint("n")),
    ("SHP-70", ["n"], NetworkEndpoint("n")),
    ("SHP-70", {"network_name": "n"}, NetworkEndpoint("n")),
    ("SHP-70", {"n": None}, NetworkEndpoint("n")),
    ("SHP-70", {"n": ""}, NetworkEndpoint("n")),
    ("SHP-71", ("n", "al"), NetworkEndpoint("n", "al")),
    ("SHP-71", ("n", ["al1", "al2"]), NetworkEndpoint("n", ["al1", "al2"])),
    ("SHP-71", {"n": "al"}, NetworkEndpoint("n", "al")),
    (
        "SHP-72",
        ("n", {"aliases": "al", "links": ["c"]}),
        NetworkEndpoint("n", "al", [ContainerLink("c")]),
    ),
    (
        "SHP-72",
        {"n": {"ipv4_address": "1.2.3.4"}},
        NetworkEndpoint("n", ipv4_address="1.2.3.4"),
    ),
    (
        "SHP-72",
        {"network_name": "n", "aliases": ["al"]},
        NetworkEndpoint("n", ["al"]),
    ),
    (
        "SHP-73",
        ("n", "al", {"c": "x"}, "1.2.3.4", "fd::1", "169.254.1.1"),
        NetworkEndpoint("n", "al", [ContainerLink("c", "x")], "1.2.3.4", "fd::1", "169.254.1.1"),
    ),
    (
        "SHP-74",
        {"n": ("al", None, "1.2.3.4")},
        NetworkEndpoint("n", "al", ipv4_address="1.2.3.4"),
    ),
    (
        "SHP-75",
        {"n": {"ipv4": "1.2.3.4", "ipv6": "fd::1"}},
        NetworkEndpoint("n", ipv4_address="1.2.3.4", ipv6_address="fd::1"),
    ),
]
EXEC_COMMANDS = [
    ("SHP-80", "a b", ExecCommand("a b")),
    ("SHP-80", ("a b",), ExecCommand("a b")),
    ("SHP-80", ("a b", None), ExecCommand("a b")),
    ("SHP-80", {"cmd": "a b"}, ExecCommand("a b")),
    ("SHP-81", (["a", "b"],), ExecCommand(("a", "b"))),
    ("SHP-81", (["a", "b"], None), ExecCommand(("a", "b"))),
    ("SHP-81", ["a", "b"], ExecCommand("a", "b")),
    ("SHP-82", ("a b", "u"), ExecCommand("a b", "u")),
    ("SHP-82", (["a", "b"], "u"), ExecCommand(("a", "b"), "u")),
    ("SHP-6", {"a b": "u"}, ExecCommand("a b", "u")),
    ("SHP-6", {"a b": ["u", "initial"]}, ExecCommand("a b", "u", ExecPolicy.INITIAL)),
    ("SHP-83", ("a", "u", "initial"), ExecCommand("a", "u", ExecPolicy.INITIAL)),
    ("SHP-83", ("a", "u", ExecPolicy.INITIAL), ExecCommand("a", "u", ExecPolicy.INITIAL)),
    (
        "SHP-83",
        {"cmd": "a", "user": "u", "policy": "initial"},
        ExecCommand("a", "u", ExecPolicy.INITIAL),
    ),
    ("detach", {"cmd": "a", "detach": True}, ExecCommand("a", detach=True)),
]
ELEMENTS = [
    pytest.param(attribute, written, normalised, id=f"{attribute}-{row}-{written!r}")
    for attribute, rows in (
        ("binds", BINDS),
        ("attaches", ATTACHES),
        ("uses", USES),
        ("links", LINKS),
        ("exposes", EXPOSES),
        ("networks", NETWORKS),
        ("exec_commands", EXEC_COMMANDS),
    )
    for row, written, normalised in rows
]


@pytest.mark.parametrize(("attribute", "written", "normalised"), ELEMENTS)
def test_elements(attribute: str, written: object, normalised: object) -> None:
    assert normal_form(attribute, [written]) == (normalised,)


@pytest.mark.parametrize(("attribute", "written", "normalised"), ELEMENTS)
def test_the_normal_form_is_accepted_unchanged(
    attribute: str, written: object, normalised: object
) -> None:
    once = normal_form(attribute, [written])

    assert normal_form(attribute, once) == (normalised,)


@pytest.mark.parametrize(
    ("attribute", "written", "normalised"),
    [
        pytest.param(
            "binds",
            {"a": "rw", "b": True, "/c": ("/h", "ro")},
            (
                SharedVolume("a"),
                SharedVolume("b", readonly=True),
                HostVolume("/c", "/h", readonly=True),
            ),
            id="SHP-24",
        ),
        pytest.param("binds", {"a": None}, (SharedVolume("a"),), id="SHP-25"),
        pytest.param("binds", "a", (SharedVolume("a"),), id="SHP-20"),
        pytest.param("attaches", {"a": None}, (SharedVolume("a"),), id="SHP-30"),
        pytest.param("uses", {"a": None}, (SharedVolume("a"),), id="SHP-44"),
        pytest.param("links", {"c": None}, (ContainerLink("c"),), id="SHP-50"),
        pytest.param("links", {"c": "al"}, (ContainerLink("c", "al"),), id="SHP-51"),
        pytest.param("exposes", {80: None}, (PortBinding(80),), id="SHP-60"),
        pytest.param("exposes", {8080: 80}, (PortBinding(8080, 80),), id="SHP-61"),
        pytest.param("exposes", {8080: (80, "p")}, (PortBinding(8080, 80, "p"),), id="SHP-62"),
        pytest.param("exposes", 8080, (PortBinding(8080),), id="SHP-66"),
        pytest.param(
            "exposes",
            [80, "53/udp", "443"],
            (PortBinding(80), PortBinding("53/udp"), PortBinding(443)),
            id="SHP-67",
        ),
        pytest.param("networks", "n", (NetworkEndpoint("n"),), id="SHP-70"),
        pytest.param(
            "networks", {"n": ["al1", "al2"]}, (NetworkEndpoint("n", ["al1", "al2"]),), id="SHP-74"
        ),
        pytest.param(
            "networks",
            {"m": None, "n": {"aliases": ["a"]}},
            (NetworkEndpoint("m"), NetworkEndpoint("n", ["a"])),
            id="SHP-72",
        ),
        pytest.param("exec_commands", "a b", (ExecCommand("a b"),), id="SHP-80"),
        pytest.param("exec_commands", {"a b": "u"}, (ExecCommand("a b", "u"),), id="SHP-82"),
    ],
)
def test_lists_at_the_top(attribute: str, written: object, normalised: object) -> None:
    """SHP-2 to SHP-5; of these, docker-map fails on SHP-25 (BUG-36), SHP-66 and SHP-67 (BUG-44)."""
    assert normal_form(attribute, written) == normalised


@pytest.mark.parametrize(
    ("attribute", "written", "field"),
    [
        pytest.param("binds", ("/c", LATE), "host_path", id="LAZY-6-host-path"),
        pytest.param("binds", (LATE, "/h"), "path", id="LAZY-6-container-path"),
        pytest.param("attaches", ("a", LATE), "path", id="LAZY-6-attached-path"),
        pytest.param("uses", ("a", LATE), "path", id="LAZY-6-used-path"),
        pytest.param("exposes", (80, LATE), "host_port", id="SHP-64"),
        pytest.param("exposes", LATE, "exposed_port", id="LAZY-6-exposed-port"),
        pytest.param("exposes", (80, 80, LATE), "interface", id="LAZY-6-interface"),
        pytest.param("exposes", (80, 80, "p", LATE), "ipv6", id="LAZY-6-ipv6"),
        pytest.param("networks", {"n": {"ipv4": LATE}}, "ipv4_address", id="LAZY-6-address"),
        pytest.param("exec_commands", LATE, "cmd", id="SHP-80-late"),
        pytest.param("exec_commands", ("a", LATE), "user", id="LAZY-6-exec-user"),
    ],
)
def test_late_fields_are_kept(attribute: str, written: object, field: str) -> None:
    entries = normal_form(attribute, [written])

    assert isinstance(entries, tuple)
    assert getattr(entries[0], field) is LATE


@pytest.mark.parametrize("field", ["aliases", "link_local_ips"])
@pytest.mark.parametrize("written", [LATE, [LATE]])
def test_late_entries_of_endpoints_are_kept(field: str, written: object) -> None:
    """LAZY-6."""
    entries = normal_form("networks", {"n": {field: written}})

    assert isinstance(entries, tuple)
    assert getattr(entries[0], field)[0] is LATE


@pytest.mark.parametrize(
    ("attribute", "written"),
    [
        pytest.param("binds", (), id="SHP-26-empty"),
        pytest.param("binds", ("/c", "/h", "ro", "x"), id="SHP-26-four"),
        pytest.param("binds", ("/c", ()), id="SHP-26-nested-empty"),
        pytest.param("binds", ("/c", ("/h", "ro", "x")), id="SHP-26-nested-three"),
        pytest.param("binds", ("c", "/h"), id="VOL-10"),
        pytest.param("binds", {"path": "/c"}, id="host-path-missing"),
        pytest.param("binds", {"name": "a", "path": "/c"}, id="name-and-path"),
        pytest.param("binds", LATE, id="late-alias"),
        pytest.param("binds", None, id="null-element"),
        pytest.param("binds", {}, id="empty-mapping"),
        pytest.param("attaches", (), id="SHP-34-empty"),
        pytest.param("attaches", ("a", "/p", "ro"), id="SHP-34-three"),
        pytest.param("attaches", ("a", "ro"), id="SHP-33-flag"),
        pytest.param("attaches", SharedVolume("a", readonly=True), id="SHP-33-shared"),
        pytest.param("attaches", UsedVolume("a", "/p", readonly=True), id="SHP-33-used"),
        pytest.param("attaches", "a b", id="Q-18"),
        pytest.param("uses", (), id="uses-empty"),
        pytest.param("uses", ("a", "/p", "ro", "x"), id="uses-four"),
        pytest.param("uses", 5.5, id="uses-number"),
        pytest.param("links", ("a", "b", "c"), id="SHP-52"),
        pytest.param("links", ("a", 5), id="alias-is-a-number"),
        pytest.param("exposes", (80, (80,)), id="SHP-65-nested-one"),
        pytest.param("exposes", (80, (80, "p", True, 1)), id="SHP-65-nested-four"),
        pytest.param("exposes", (80, 80, "p", True, 1), id="SHP-65-five"),
        pytest.param("exposes", "http", id="no-port"),
        pytest.param("exposes", True, id="truth-value"),
        pytest.param("exposes", (80, 80, 5), id="interface-is-a-number"),
        pytest.param("networks", ("n", *["x"] * 6), id="SHP-76-seven"),
        pytest.param("networks", {"n": ["x"] * 6}, id="SHP-76-nested-six"),
        pytest.param("networks", {"n": {"aliases": [5]}}, id="alias-of-endpoint"),
        pytest.param("networks", {"n": {"ipv4": 5}}, id="address-is-a-number"),
        pytest.param("networks", "", id="no-network"),
        pytest.param("exec_commands", ("a", "u", "always"), id="SHP-84-policy"),
        pytest.param("exec_commands", ("a", "u", "initial", "x"), id="SHP-84-four"),
        pytest.param("exec_commands", ("a", ["b"]), id="user-is-a-list"),
        pytest.param("exec_commands", ["/bin/touch", "/file"], id="words-of-a-command"),
        pytest.param("exec_commands", ([1, 2],), id="numbers-as-words"),
    ],
)
def test_elements_that_mean_nothing(attribute: str, written: object) -> None:
    found = problems(attribute, [written])

    assert len(found) == 1
    assert found[0].startswith(f"$.{attribute}[0]")


def test_an_unknown_field_names_the_nearest() -> None:
    """Q-4."""
    assert problems("networks", [{"n": {"aliase": "a"}}]) == [
        "$.networks[0].aliase: unknown field 'aliase' (did you mean 'aliases'?)"
    ]


def test_several_keys_that_are_no_fields_are_all_reported() -> None:
    """SHP-6."""
    found = problems("binds", [{"a": "ro", "b": "ro"}])

    assert [line.partition(":")[0] for line in found] == ["$.binds[0].a", "$.binds[0].b"]


@pytest.mark.parametrize(
    ("written", "check"),
    [
        pytest.param("curl x", HealthCheck("curl x"), id="SHP-90"),
        pytest.param([["curl", "x"], "10s"], HealthCheck(("CMD", "curl", "x"), "10s"), id="SHP-91"),
        pytest.param(["a b", "1s", "2s", 3, "4s"], HealthCheck("a b", "1s", "2s", 3, "4s"), id="5"),
        pytest.param(
            {"test": "a", "interval": "5s", "retries": 2},
            HealthCheck("a", "5s", retries=2),
            id="SHP-92",
        ),
        pytest.param({"test": ["a"]}, HealthCheck(("CMD", "a")), id="SHP-93"),
        pytest.param({"interval": "1s"}, HealthCheck(interval="1s"), id="test-of-the-image"),
        pytest.param(HealthCheck("a"), HealthCheck("a"), id="value"),
    ],
)
def test_health_checks(written: object, check: HealthCheck) -> None:
    assert normal_form("healthcheck", written) == check


@pytest.mark.parametrize(
    "written",
    [None, "", "NONE", ["NONE"], [["NONE"]], {"test": None}, {"test": "NONE"}, [], False],
)
def test_a_health_check_can_be_disabled(written: object) -> None:
    """SHP-94: docker-map lets the image's own check run (BUG-35)."""
    assert normal_form("healthcheck", written) == HealthCheck.disabled()


@pytest.mark.parametrize(
    ("written", "path"),
    [
        pytest.param({"tset": "a"}, "$.healthcheck.tset", id="unknown-field"),
        pytest.param({"test": "a", "interval": "1 day"}, "$.healthcheck.interval", id="SHP-95"),
        pytest.param(["a", "soon"], "$.healthcheck.interval", id="SHP-95-by-position"),
        pytest.param(["CMD", "curl", "x"], "$.healthcheck", id="words-not-nested"),
        pytest.param(["a", 1, 2, 3, 4, 5], "$.healthcheck", id="six-parts"),
        pytest.param(5, "$.healthcheck", id="number"),
        pytest.param(LATE, "$.healthcheck", id="LAZY-9"),
    ],
)
def test_health_checks_that_mean_nothing(written: object, path: str) -> None:
    assert [line.partition(":")[0] for line in problems("healthcheck", written)] == [path]


@pytest.mark.parametrize(
    ("written", "mode"),
    [
        pytest.param(None, "none", id="SHP-100-null"),
        pytest.param("", "none", id="SHP-100-empty"),
        pytest.param(False, "none", id="SHP-100-false"),
        pytest.param("none", "none", id="SHP-100-none"),
        pytest.param("disabled", "none", id="SHP-100-disabled"),
        pytest.param("bridge", "bridge", id="SHP-101-bridge"),
        pytest.param("host", "host", id="SHP-101-host"),
        pytest.param("container:x", "container:x", id="SHP-102"),
        pytest.param("/x", "container:x", id="SHP-103"),
        pytest.param("c", ContainerReference("c"), id="SHP-104-text"),
        pytest.param("c.i", ContainerReference("c", "i"), id="SHP-104-instance"),
        pytest.param(("c", None), ContainerReference("c"), id="SHP-104-pair"),
        pytest.param(["c", "i"], ContainerReference("c", "i"), id="SHP-104-list"),
        pytest.param(ContainerReference("c"), ContainerReference("c"), id="reference"),
    ],
)
def test_network_modes(written: object, mode: object) -> None:
    assert normal_form("network_mode", written) == mode


@pytest.mark.parametrize(
    "written",
    [("a", "b", "c"), ("a", 5), 5, True, "container:", "/", LATE, {"a": "b"}],
)
def test_network_modes_that_mean_nothing(written: object) -> None:
    """SHP-105: docker-map takes an exception for the value (BUG-46)."""
    assert len(problems("network_mode", written)) == 1
