"""What means the same has one form, and what does not has two."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aiodockmap.drift import _normal_forms as normal

PAIRS = [
    pytest.param(normal.plain, None, {}, True, id="null-and-empty-object"),
    pytest.param(normal.plain, [], "", True, id="empty-list-and-text"),
    pytest.param(normal.plain, ["a", "b"], ["b", "a"], False, id="order-counts"),
    pytest.param(normal.plain, {"a": {"b": None}}, {}, True, id="empty-inside"),
    pytest.param(normal.unordered, ["a", "b"], ["b", "a"], True, id="order-does-not-count"),
    pytest.param(normal.text, 80, "80", True, id="number-and-digits"),
    pytest.param(normal.text, "a", "A", False, id="case"),
    pytest.param(normal.capabilities, "CAP_NET_ADMIN", "net_admin", True, id="capability"),
    pytest.param(normal.capabilities, "NET_ADMIN", "NET_RAW", False, id="capabilities"),
    pytest.param(normal.path, "/app/", "/app", True, id="trailing-slash"),
    pytest.param(normal.path, "/app", "/app/x", False, id="paths"),
    pytest.param(normal.stop_signal, "TERM", "15", True, id="signal-name-and-number"),
    pytest.param(normal.stop_signal, "SIGINT", 2, True, id="signal-as-int"),
    pytest.param(normal.stop_signal, "SIGINT", "SIGTERM", False, id="signals"),
    pytest.param(normal.stop_signal, "SIGRTMIN+3", "37", True, id="real-time-signal"),
    pytest.param(normal.platform, "linux/aarch64", "Linux/arm64/v8", True, id="arm64"),
    pytest.param(normal.platform, "linux/x86_64", "linux/amd64", True, id="amd64"),
    pytest.param(normal.platform, "linux/arm/v6", "linux/arm", False, id="variants"),
    pytest.param(normal.platform, "linux/arm64", "linux/amd64", False, id="platforms"),
    pytest.param(normal.mac_address, "02-42-AC-11", "02:42:ac:11", True, id="mac"),
    pytest.param(normal.limit, -1, 0, True, id="unlimited-and-unset"),
    pytest.param(normal.limit, normal.NO_LIMIT, None, True, id="lifted-and-unset"),
    pytest.param(normal.limit, 100, 0, False, id="limited-and-unset"),
    pytest.param(normal.cpu_shares, 1024, 0, True, id="default-shares"),
    pytest.param(normal.cpu_period, 100_000, 0, True, id="default-period"),
    pytest.param(normal.number, 0, None, True, id="zero"),
    pytest.param(normal.number, 5, None, False, id="number"),
    pytest.param(normal.swappiness, -1, None, True, id="swappiness-unset"),
    pytest.param(normal.swappiness, 0, None, False, id="swappiness-zero"),
    pytest.param(normal.processors, "0-2,4", "4,0,1,2", True, id="processors"),
    pytest.param(normal.processors, "0", "1", False, id="two-processors"),
    pytest.param(
        normal.restart_policy, {"Name": ""}, {"Name": "no", "MaximumRetryCount": 3}, True, id="no"
    ),
    pytest.param(
        normal.restart_policy,
        {"Name": "on-failure", "MaximumRetryCount": 3},
        {"Name": "on-failure", "MaximumRetryCount": 4},
        False,
        id="retries-of-on-failure",
    ),
    pytest.param(
        normal.restart_policy,
        {"Name": "always", "MaximumRetryCount": 3},
        {"Name": "always"},
        True,
        id="retries-of-always",
    ),
    pytest.param(
        normal.port_bindings,
        [{"HostIp": "", "HostPort": "80"}, {"HostIp": "::1", "HostPort": "81"}],
        [{"HostIp": "0:0::1", "HostPort": "81"}, {"HostPort": 80}],
        True,
        id="bindings-in-any-order-and-spelling",
    ),
    pytest.param(
        normal.port_bindings,
        [{"HostIp": "0.0.0.0", "HostPort": "80"}],  # noqa: S104
        [{"HostIp": "", "HostPort": "80"}],
        False,
        id="all-of-ipv4-and-all",
    ),
    pytest.param(normal.port_bindings, [{"HostPort": "0"}], [{}], True, id="ephemeral"),
    pytest.param(normal.bind, "/h:/c", "/h/:/c:rw", True, id="bind-defaults"),
    pytest.param(normal.bind, "/h:/c:ro", "/h:/c:rw", False, id="read-only-bind"),
    pytest.param(normal.volume_source, "m.a:rw", "m.a", True, id="volumes-from"),
    pytest.param(normal.volume_source, "m.a:ro", "m.a", False, id="volumes-from-read-only"),
    pytest.param(normal.link, "m.db:db", "/m.db:/m.web/db", True, id="link"),
    pytest.param(normal.link, "m.db:db", "/m.db:/m.web/sql", False, id="alias"),
    pytest.param(
        normal.security_option, "no-new-privileges", "no-new-privileges:true", True, id="privileges"
    ),
    pytest.param(normal.security_option, "label=disable", "label:disable", True, id="label"),
    pytest.param(normal.network_mode, "default", "bridge", True, id="UPD-23"),
    pytest.param(normal.network_mode, "host", "", False, id="host"),
    pytest.param(normal.extra_host, "a=1.2.3.4", "a:1.2.3.4", True, id="extra-host"),
    pytest.param(
        normal.device,
        {"PathOnHost": "/dev/null"},
        {"PathOnHost": "/dev/null", "PathInContainer": "/dev/null", "CgroupPermissions": "mrw"},
        True,
        id="device-defaults",
    ),
    pytest.param(normal.unordered, ["a"], ["b"], False, id="other-entries"),
    pytest.param(normal.mac_address, "02:42", "02:43", False, id="two-macs"),
    pytest.param(normal.cpu_shares, 512, 0, False, id="shares"),
    pytest.param(normal.cpu_period, 50_000, 0, False, id="period"),
    pytest.param(normal.extra_host, "a:1.2.3.4", "a:1.2.3.5", False, id="extra-hosts"),
    pytest.param(
        normal.device, {"PathOnHost": "/dev/null"}, {"PathOnHost": "/dev/zero"}, False, id="devices"
    ),
    pytest.param(normal.security_option, "label:disable", "apparmor:x", False, id="options"),
]


@pytest.mark.parametrize(("form", "one", "other", "is_same"), PAIRS)
def test_forms_are_equal_exactly_if_the_meaning_is(
    form: Callable[[object], object],
    one: object,
    other: object,
    is_same: bool,  # noqa: FBT001
) -> None:
    assert (form(one) == form(other)) is is_same


def test_every_form_is_shown_to_equate_and_to_tell_apart() -> None:
    equal = {case.values[0] for case in PAIRS if case.values[3]}
    unequal = {case.values[0] for case in PAIRS if not case.values[3]}

    assert equal == unequal
