"""The value types: CFG-45 to CFG-53."""

from __future__ import annotations

import attrs
import pytest

from aiodockmap.model import (
    UNSET,
    ContainerLink,
    ExecCommand,
    ExecPolicy,
    HealthCheck,
    HostVolume,
    Lazy,
    NetworkEndpoint,
    PortBinding,
    SharedVolume,
    UsedVolume,
    lazy,
)


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        pytest.param(SharedVolume("a"), ("a", False), id="CFG-45"),
        pytest.param(HostVolume("/c", "/h"), ("/c", "/h", False), id="CFG-46"),
        pytest.param(UsedVolume("a"), ("a", None, False), id="CFG-47"),
        pytest.param(ContainerLink("c"), ("c", None), id="CFG-48"),
        pytest.param(PortBinding(80), (80, None, None, False), id="CFG-49"),
        pytest.param(NetworkEndpoint("n"), ("n", None, (), None, None, None), id="CFG-50"),
        pytest.param(ExecCommand("a"), ("a", None, ExecPolicy.RESTART, False), id="CFG-51"),
        pytest.param(HealthCheck(), (UNSET, None, None, None, None), id="CFG-52"),
    ],
)
def test_fields_by_position_and_their_defaults(
    value: attrs.AttrsInstance, fields: tuple[object, ...]
) -> None:
    assert attrs.astuple(value) == fields
    assert type(value)(*fields) == value


def test_values_cannot_be_changed() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        SharedVolume("a").name = "b"  # type: ignore[misc]


def test_values_compare_by_their_fields() -> None:
    assert PortBinding(80, 8080) == PortBinding(80, 8080)
    assert PortBinding(80, 8080) != PortBinding(80, 8081)
    assert len({SharedVolume("a"), SharedVolume("a"), SharedVolume("a", readonly=True)}) == 2


@pytest.mark.parametrize(
    ("aliases", "normalised"),
    [("al", ("al",)), (["a", "b"], ("a", "b")), ((), None), ("", None), (None, None)],
)
def test_aliases_of_endpoints(aliases: object, normalised: object) -> None:
    assert NetworkEndpoint("n", aliases).aliases == normalised
    assert NetworkEndpoint("n", link_local_ips=aliases).link_local_ips == normalised


@pytest.mark.parametrize(
    "links",
    ["c", ["c"], [("c", None)], {"c": None}, [ContainerLink("c")], ContainerLink("c")],
)
def test_links_of_endpoints_are_converted(links: object) -> None:
    assert NetworkEndpoint("n", None, links).links == (ContainerLink("c"),)


@pytest.mark.parametrize(
    ("written", "port"),
    [
        (80, 80),
        ("80", 80),
        ("80/tcp", 80),
        ("53/udp", "53/udp"),
        ("53/UDP", "53/udp"),
        ("9/sctp", "9/sctp"),
    ],
)
def test_exposed_ports_have_one_spelling(written: object, port: object) -> None:
    assert PortBinding(written).exposed_port == port


@pytest.mark.parametrize("written", [0, 65_536, -1, "x", "80/http", True, None, 80.5, "", [80]])
def test_what_is_no_exposed_port_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="port"):
        PortBinding(written)


@pytest.mark.parametrize(
    ("written", "port"),
    [(8080, 8080), ("8080", 8080), (0, 0), ("8000-8010", "8000-8010"), (None, None), ("", None)],
)
def test_host_ports(written: object, port: object) -> None:
    assert PortBinding(80, written).host_port == port


@pytest.mark.parametrize("written", [70_000, "x", "9-8", True, [80]])
def test_what_is_no_host_port_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="port"):
        PortBinding(80, written)


def test_late_ports_are_kept() -> None:
    late: Lazy[str] = lazy(lambda: pytest.fail("evaluated"))

    binding = PortBinding(late, late, late, late)

    assert binding.host_port is late
    assert binding.interface is late


@pytest.mark.parametrize(
    ("policy", "normalised"),
    [
        ("restart", ExecPolicy.RESTART),
        ("initial", ExecPolicy.INITIAL),
        (ExecPolicy.INITIAL, ExecPolicy.INITIAL),
        (None, ExecPolicy.RESTART),
    ],
)
def test_policies_by_name(policy: object, normalised: ExecPolicy) -> None:
    assert ExecCommand("a", None, policy).policy is normalised


def test_an_unknown_policy_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'restart' or 'initial'"):
        ExecCommand("a", None, "always")


def test_the_words_of_a_command_are_a_tuple() -> None:
    assert ExecCommand(["a", "b"]) == ExecCommand(("a", "b"))


@pytest.mark.parametrize("command", ["", " ", [], None, 5])
def test_an_empty_command_is_refused(command: object) -> None:
    with pytest.raises(ValueError, match="command"):
        ExecCommand(command)


@pytest.mark.parametrize(
    ("test", "normalised"),
    [
        pytest.param("curl x", "curl x", id="SHP-90"),
        pytest.param(["curl", "x"], ("CMD", "curl", "x"), id="SHP-93"),
        pytest.param(["CMD", "curl"], ("CMD", "curl"), id="SHP-93-CMD"),
        pytest.param(["CMD-SHELL", "a b"], ("CMD-SHELL", "a b"), id="SHP-93-CMD-SHELL"),
    ],
)
def test_checks(test: object, normalised: object) -> None:
    assert HealthCheck(test).test == normalised
    assert not HealthCheck(test).is_disabled


@pytest.mark.parametrize("test", [None, "", "NONE", ["NONE"], [], ("NONE",)])
def test_a_check_can_be_disabled(test: object) -> None:
    assert HealthCheck(test) == HealthCheck.disabled()
    assert HealthCheck(test).is_disabled


def test_times_are_nanoseconds() -> None:
    check = HealthCheck("a", "10s", "1.5s", "3", 5)

    assert attrs.astuple(check)[1:] == (10_000_000_000, 1_500_000_000, 3, 5)


@pytest.mark.parametrize("field", ["interval", "timeout", "start_period"])
def test_what_is_no_time_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        HealthCheck("a", **{field: "soon"})
