"""What an engine has that would make a step fail is found while planning."""

from __future__ import annotations

import re

import pytest
from landscapes import container, desired, exited, observed, plan, running

from aiodockmap.errors import PlanningError
from aiodockmap.plan import Verb
from aiodockmap.state import HostPort, ObservedNetwork

HTTP = HostPort(port=80)


def test_a_port_of_somebody_else_is_reported_with_its_owner() -> None:
    described = desired(container("web", host_ports=[HTTP]))
    seen = observed(running("proxy", host_ports=[HTTP]), images=["web"])

    with pytest.raises(PlanningError, match=re.escape("80/tcp is taken by container m.proxy")):
        plan(Verb.STARTUP, described, seen, "web")


def test_a_port_of_a_container_that_the_plan_stops_is_free() -> None:
    described = desired(
        container("web", attaches=["data"], host_ports=[HTTP]),
        container("app", starts_after=["web"]),
    )
    seen = observed(running("web", host_ports=[HTTP]), images=["web", "app"])

    made = plan(Verb.STARTUP, described, seen, "app")

    assert not made.is_empty


def test_a_container_that_does_not_start_needs_no_port() -> None:
    described = desired(container("web", host_ports=[HTTP]))
    seen = observed(running("proxy", host_ports=[HTTP]), images=["web"])

    assert not plan(Verb.CREATE, described, seen, "web").is_empty


@pytest.mark.parametrize(
    ("wanted", "taken", "collide"),
    [
        pytest.param("", "", True, id="all-and-all"),
        pytest.param("127.0.0.1", "127.0.0.1", True, id="equal"),
        pytest.param("127.0.0.1", "127.0.0.2", False, id="two-addresses"),
        pytest.param("127.0.0.1", "0.0.0.0", True, id="one-of-all"),  # noqa: S104
        pytest.param("", "127.0.0.1", True, id="all-and-one"),
        pytest.param("::1", "127.0.0.1", False, id="two-families"),
        pytest.param("::", "::1", True, id="all-of-ipv6"),
    ],
)
def test_addresses_decide_whether_ports_collide(wanted: str, taken: str, collide: bool) -> None:  # noqa: FBT001
    one, other = HostPort(address=wanted, port=80), HostPort(address=taken, port=80)

    assert one.collides_with(other) is collide
    assert other.collides_with(one) is collide


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(HostPort(port=81), id="number"),
        pytest.param(HostPort(port=80, protocol="udp"), id="protocol"),
    ],
)
def test_other_ports_do_not_collide(other: HostPort) -> None:
    assert not HTTP.collides_with(other)


def _network(name: str, subnet: str, driver: str = "bridge") -> ObservedNetwork:
    return ObservedNetwork(
        id=name, name=name, driver=driver, details={"IPAM": {"Config": [{"Subnet": subnet}]}}
    )


def test_a_range_that_overlaps_is_reported_with_its_owner() -> None:
    described = desired(
        container("web", networks=["net"]),
        network_bodies={"net": {"IPAM": {"Config": [{"Subnet": "10.9.1.0/24"}]}}},
    )
    seen = observed(images=["web"], other_networks=[_network("lab", "10.9.0.0/16")])

    with pytest.raises(
        PlanningError, match=re.escape("10.9.1.0/24 overlaps with 10.9.0.0/16 of network lab")
    ):
        plan(Verb.STARTUP, described, seen, "web")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(_network("lab", "10.8.0.0/16"), id="elsewhere"),
        pytest.param(_network("lab", "fd00::/64"), id="other-family"),
        pytest.param(_network("lab", "10.9.0.0/16", driver="macvlan"), id="other-driver"),
    ],
)
def test_ranges_that_do_not_overlap_are_fine(other: ObservedNetwork) -> None:
    described = desired(
        container("web", networks=["net"]),
        network_bodies={"net": {"IPAM": {"Config": [{"Subnet": "10.9.1.0/24"}]}}},
    )

    made = plan(
        Verb.STARTUP,
        described,
        observed(exited("x"), images=["web"], other_networks=[other]),
        "web",
    )

    assert not made.is_empty
