"""Bodies of volumes and networks, and who owns the files of volumes (VOL-2, VOL-20, NET-1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from aiodockmap.config import ContainerMap
from aiodockmap.errors import MapError
from aiodockmap.model import DEFAULT_ENGINE, JsonObject, ResourceId, ResourceKind, lazy
from aiodockmap.state import DesiredState, DesiredVolume, VolumeOwnership

Compile = Callable[..., DesiredState]
Section = Mapping[str, object]


def asked(body: JsonObject | None) -> dict[str, object]:
    """A body without the labels of the library."""
    assert body is not None
    labels = body["Labels"]
    assert isinstance(labels, Mapping)
    own = {name: text for name, text in labels.items() if not name.startswith("io.aiodockmap.")}
    rest = {name: value for name, value in body.items() if name != "Labels"}
    return {**rest, "Labels": own} if own else rest


def volume_of(compile_map: Compile, settings: object, owner: Section) -> DesiredVolume:
    volumes = {"data": settings}
    state = compile_map({"app": {"attaches": [("data", "/data")], **owner}, "volumes": volumes})
    return state.volumes[ResourceId(DEFAULT_ENGINE, ResourceKind.VOLUME, "m.data")]


def network_of(compile_map: Compile, settings: object) -> JsonObject | None:
    state = compile_map({"app": {"networks": "back"}, "networks": {"back": settings}})
    return state.networks[ResourceId(DEFAULT_ENGINE, ResourceKind.NETWORK, "m.back")].body


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param(None, {"Driver": "local"}, id="VOL-3"),
        pytest.param("/data", {"Driver": "local"}, id="short-form"),
        pytest.param(
            {
                "driver": lazy(lambda: "nfs"),
                "driver_options": {"port": 2049, "sync": True, "addr": lazy(lambda: "nas")},
                "create_options": {"labels": {"role": "data"}, "driver_opts": {"addr": "other"}},
            },
            {
                "Driver": "nfs",
                "DriverOpts": {"port": "2049", "sync": "true", "addr": "other"},
                "Labels": {"role": "data"},
            },
            id="VOL-2",
        ),
        pytest.param(
            {"create_options": {"driver": "nfs", "Labels": ["a"], "DriverOpts": {"o": 1}}},
            {"Driver": "nfs", "DriverOpts": {"o": "1"}, "Labels": {"a": ""}},
            id="OPT-6-engine-style",
        ),
    ],
)
def test_a_volume_is_made_from_the_settings_of_its_alias(
    compile_map: Compile, settings: object, expected: Section
) -> None:
    assert asked(volume_of(compile_map, settings, {}).body) == {"Name": "m.data", **expected}


@pytest.mark.parametrize(
    ("settings", "owner", "expected"),
    [
        pytest.param({}, {}, None, id="nothing"),
        pytest.param({}, {"user": 0}, None, id="root-is-nothing"),
        pytest.param({}, {"user": ""}, None, id="empty-is-nothing"),
        pytest.param({}, {"user": 2000}, ("2000:2000", None), id="number"),
        pytest.param({}, {"user": "web"}, ("web:web", None), id="name"),
        pytest.param({}, {"user": "web:www"}, ("web:www", None), id="verbatim"),
        pytest.param({}, {"user": ("web", 33)}, ("web:33", None), id="pair"),
        pytest.param({}, {"user": lazy(lambda: 2000)}, ("2000:2000", None), id="late"),
        pytest.param({}, {"permissions": "u=rwX"}, (None, "u=rwX"), id="mode"),
        pytest.param(
            {"user": 70, "permissions": "0700"},
            {"user": 2000, "permissions": "0755"},
            ("70:70", "0700"),
            id="the-volume-wins",
        ),
        pytest.param({"user": 0}, {"user": 2000}, None, id="root-wins-and-is-nothing"),
    ],
)
def test_files_belong_to_the_user_of_the_volume_or_of_its_owner(
    compile_map: Compile,
    settings: Section,
    owner: Section,
    expected: tuple[str | None, str | None] | None,
) -> None:
    found = volume_of(compile_map, settings, owner).ownership

    assert found == (VolumeOwnership(owner=expected[0], mode=expected[1]) if expected else None)


def test_a_volume_knows_the_images_that_can_prepare_it(compile_map: Compile) -> None:
    volume = volume_of(compile_map, None, {"image": "/app", "instances": ["a", "b"]})

    assert str(volume.core_image) == "image busybox:latest"
    assert str(volume.owner_image) == "image app:latest"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param(None, {"Driver": "bridge"}, id="defaults"),
        pytest.param(
            {
                "driver": lazy(lambda: "overlay"),
                "driver_options": {"mtu": 1400, "icc": lazy(lambda: False)},
                "internal": lazy(lambda: True),
                "create_options": {
                    "labels": ["a"],
                    "enable_ipv6": True,
                    "attachable": True,
                    "scope": "swarm",
                    "ingress": False,
                    "check_duplicate": False,
                    "options": {"mtu": 1500},
                    "ipam": {
                        "driver": "default",
                        "pool_configs": [
                            {
                                "subnet": "10.1.0.0/16",
                                "iprange": "10.1.1.0/24",
                                "gateway": "10.1.0.1",
                                "aux_addresses": {"router": "10.1.0.2"},
                            }
                        ],
                        "options": {"foo": "bar"},
                    },
                },
            },
            {
                "CheckDuplicate": False,
                "Driver": "overlay",
                "Options": {"mtu": "1500", "icc": "false"},
                "Internal": True,
                "EnableIPv6": True,
                "Attachable": True,
                "Scope": "swarm",
                "Ingress": False,
                "IPAM": {
                    "Driver": "default",
                    "Config": [
                        {
                            "Subnet": "10.1.0.0/16",
                            "IPRange": "10.1.1.0/24",
                            "Gateway": "10.1.0.1",
                            "AuxiliaryAddresses": {"router": "10.1.0.2"},
                        }
                    ],
                    "Options": {"foo": "bar"},
                },
                "Labels": {"a": ""},
            },
            id="all",
        ),
        pytest.param(
            {
                "create_options": {
                    "IPAM": {"Config": [{"Subnet": "10.1.0.0/16", "Gateway": None}]},
                    "EnableIPv4": True,
                    "ConfigFrom": {"Network": "x"},
                    "Internal": True,
                }
            },
            {
                "Driver": "bridge",
                "IPAM": {"Config": [{"Subnet": "10.1.0.0/16"}]},
                "EnableIPv4": True,
                "ConfigFrom": {"Network": "x"},
                "Internal": True,
            },
            id="engine-style",
        ),
    ],
)
def test_a_network_is_made_from_its_settings(
    compile_map: Compile, settings: object, expected: Section
) -> None:
    body = asked(network_of(compile_map, settings))

    assert body == {"Name": "m.back", "CheckDuplicate": True, **expected}


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        pytest.param(
            {"networks": {"back": {"driver_options": {"mtu": lazy(lambda: 1.5)}}}},
            "$.networks.back.driver_options.mtu: must be text, not a number (put it in quotes)",
            id="network-driver-option",
        ),
        pytest.param(
            {
                "networks": {
                    "back": {"create_options": {"labels": lazy(lambda: {"io.aiodockmap.x": "y"})}}
                }
            },
            "$.networks.back.create_options.labels['io.aiodockmap.x']: labels that start with "
            "'io.aiodockmap.' are written by this library (choose another prefix)",
            id="network-label",
        ),
        pytest.param(
            {"volumes": {"data": {"create_options": {"labels": lazy(lambda: 1.5)}}}},
            "$.volumes.data.create_options.labels[0]: must be text, not a number (put it in quotes)",
            id="volume-option",
        ),
    ],
)
def test_late_values_that_make_no_sense_are_named(
    compile_map: Compile, sections: Section, expected: str
) -> None:
    web = {"networks": "back", "attaches": [("data", "/data")]}
    container_map = ContainerMap("m", {"web": web, "networks": {"back": None}, **sections})

    with pytest.raises(MapError) as caught:
        compile_map(container_map)

    assert [str(problem) for problem in caught.value.problems] == [expected]
