"""What labels tell about what was asked for, and what they keep to themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from aiodockmap.model import MapItem, ResourceKind
from aiodockmap.state import (
    LABEL_PREFIX,
    container_fields,
    digests,
    labels_match,
    network_fields,
    ownership_labels,
    read_ownership,
    volume_fields,
)

ITEM = MapItem(ResourceKind.CONTAINER, "site", "app", "one")
BODY: Mapping[str, object] = {
    "Image": "app:1",
    "Cmd": ["serve", "--token=hunter2"],
    "Env": ["PASSWORD=hunter2", "GONE", "A=b=c"],
    "Labels": {"role": "hunter2", f"{LABEL_PREFIX}map": "site"},
    "ExposedPorts": {"80/tcp": {}},
    "Volumes": {"/data": {}},
    "Healthcheck": {"Test": ["CMD", "true"], "Interval": 5},
    "HostConfig": {
        "Memory": 64,
        "Binds": ["/h:/c:ro", "site.data:/data"],
        "Mounts": [{"Target": "/m", "Source": "/h", "Type": "bind"}],
        "Tmpfs": {"/t": "size=1m"},
        "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "80"}]},
        "VolumesFrom": ["site.db:ro"],
        "Links": ["site.db:db"],
        "CapAdd": ["NET_ADMIN"],
        "Ulimits": [{"Name": "nofile", "Soft": 1, "Hard": 1}],
        "Sysctls": {"net.core.somaxconn": "1"},
    },
    "NetworkingConfig": {"EndpointsConfig": {"site.back": {"Aliases": ["a"]}}},
}


def labels(body: Mapping[str, object] = BODY, name: str = "site.app.one") -> dict[str, str]:
    return ownership_labels(ITEM, name, container_fields(body))


def test_a_container_is_taken_apart_into_what_a_map_sets_one_by_one() -> None:
    fields = container_fields(BODY, {"site.front": {}}, "linux/amd64")

    assert list(fields) == [
        "Image",
        "Cmd",
        "Env.PASSWORD",
        "Env.GONE",
        "Env.A",
        "Labels.role",
        "ExposedPorts.80/tcp",
        "Volumes./data",
        "Healthcheck.Test",
        "Healthcheck.Interval",
        "HostConfig.Memory",
        "HostConfig.Binds./c",
        "HostConfig.Binds./data",
        "HostConfig.Mounts./m",
        "HostConfig.Tmpfs./t",
        "HostConfig.PortBindings.80/tcp",
        "HostConfig.VolumesFrom.site.db",
        "HostConfig.Links.site.db:db",
        "HostConfig.CapAdd.NET_ADMIN",
        "HostConfig.Ulimits.nofile",
        "HostConfig.Sysctls.net.core.somaxconn",
        "Networks.site.back",
        "Networks.site.front",
        "Platform",
    ]


def test_volumes_and_networks_are_taken_apart_without_what_only_creates_them() -> None:
    volume = {"Name": "v", "Driver": "local", "DriverOpts": {"o": "x"}, "Labels": {"a": "b"}}
    network = {"Name": "n", "CheckDuplicate": True, "Driver": "bridge", "Options": {"mtu": "1"}}

    assert list(volume_fields(volume)) == ["Driver", "DriverOpts.o", "Labels.a"]
    assert list(network_fields(network)) == ["Driver", "Options.mtu"]


def test_labels_name_the_item_and_read_back_the_same() -> None:
    found = read_ownership(labels())

    assert found is not None
    assert (found.map_name, found.name, found.instance) == ("site", "app", "one")
    assert found.digests == digests(container_fields(BODY), "site.app.one")


def test_labels_tell_no_value() -> None:
    text = json.dumps(labels())

    assert "hunter2" not in text
    assert "Env.PASSWORD" in text


def test_equal_values_do_not_look_equal_on_two_resources_or_in_two_fields() -> None:
    here = digests({"Env.A": "x", "Env.B": "x"}, "site.app.one")
    there = digests({"Env.A": "x"}, "site.app.two")

    assert len({here["Env.A"], here["Env.B"], there["Env.A"]}) == 3


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"Image": "app:2"}, id="changed"),
        pytest.param({"User": "0"}, id="added"),
        pytest.param({"Env": ["GONE", "A=b=c"]}, id="removed"),
    ],
)
def test_labels_match_equal_bodies_only(change: Mapping[str, object]) -> None:
    body = {**BODY, "Labels": labels()}
    other = {**BODY, **change}

    assert labels_match(body, {"foreign": "label", **labels()})
    assert not labels_match(body, labels(other))
    assert not labels_match(body, {})
    assert not labels_match(BODY, labels())


@pytest.mark.parametrize(
    ("observed", "known"),
    [
        pytest.param({}, False, id="none"),
        pytest.param({"io.aiodockmap.other": "x"}, False, id="something-else"),
        pytest.param({**labels(), "io.aiodockmap.digests": "{"}, True, id="broken"),
        pytest.param({**labels(), "io.aiodockmap.digests": "[]"}, True, id="no-mapping"),
        pytest.param({**labels(), "io.aiodockmap.schema": "2"}, True, id="another-schema"),
    ],
)
def test_what_was_written_otherwise_tells_no_digests(
    observed: Mapping[str, str],
    known: bool,  # noqa: FBT001
) -> None:
    found = read_ownership(observed)

    assert (found is not None) is known
    assert found is None or found.digests is None


def test_equal_fields_give_equal_text_whatever_their_order() -> None:
    backwards = dict(reversed(list(BODY.items())))

    assert labels() == labels(backwards)
