"""Every option, created through a map and inspected on a real engine (behaviour 5.2).

Both engines that are supported differ in what they do with a few options; the table says so. Nothing
is started: what an engine stores at creation is what it was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from option_examples import GIVEN, filled
from raw_engine import RawEngine

from aiodockmap.config import ContainerMap
from aiodockmap.options import OPTIONS, Option
from aiodockmap.state import ContainerSpec, DesiredState, labels_match, read_ownership

pytestmark = pytest.mark.engine

Compile = Callable[..., DesiredState]

# What an engine shows, where that is not what it was sent.
SHOWN: Mapping[str, object] = {
    "links": ["/{prefix}.friend:/{prefix}.web/f"],
    "device_requests": [
        {"Driver": "x", "Count": 1, "DeviceIDs": None, "Capabilities": [["gpu"]], "Options": None}
    ],
}
# What engines do without, and the newest version of the Engine API that knows it.
ONLY_UP_TO: Mapping[str, tuple[int, int]] = {"kernel_memory": (1, 41)}
ONLY_FROM: Mapping[str, tuple[int, int]] = {"Annotations": (1, 43)}
# What a kernel or a platform may lack: engines say so, and go on without it.
MAY_BE_DISCARDED = ("blkio_weight", "blkio_weight_device", "cpu_percent", "mem_swappiness")
# What an engine on Linux refuses to do at all, in its words.
REFUSED: Mapping[str, str] = {
    "IOMaximumIOps": "iops",
    "IOMaximumBandwidth": "bandwidth",
    "storage_opt": "storage-opt",
}


@pytest.fixture(scope="module")
def api_version(raw_engine: RawEngine) -> tuple[int, int]:
    major, minor = raw_engine.get("version")["ApiVersion"].split(".")
    return int(major), int(minor)


@pytest.fixture
def surroundings(raw_engine: RawEngine, prefix: str, test_image: str) -> str:
    """A container and a network for others to refer to; gives the name of the map."""
    create(raw_engine, "networks/create", {"Name": f"{prefix}.back"})
    friend = {"Image": test_image, "Volumes": {"/x": {}}}
    create(raw_engine, "containers/create", friend, name=f"{prefix}.friend")
    return prefix


def create(engine: RawEngine, path: str, body: Mapping[str, Any], **query: str) -> Any:
    status, answer = engine.call("POST", path, body, **query)
    assert status == 201, answer
    return answer


def spec_of(
    compile_map: Compile, prefix: str, web: Mapping[str, object], **sections: object
) -> tuple[str, ContainerSpec]:
    container_map = ContainerMap(prefix, {"web": {"image": "aiodockmap-test", **web}, **sections})
    state = compile_map(container_map, selected=(f"{prefix}.web",))
    (container,) = (each for each in state.containers.values() if each.item.name == "web")
    assert container.spec is not None
    return container.id.name, container.spec


def created(engine: RawEngine, name: str, spec: ContainerSpec) -> tuple[Any, Any]:
    """Create a container; gives its inspection, and the warnings of the engine."""
    platform = {"platform": spec.platform} if spec.platform else {}
    answer = create(engine, "containers/create", spec.body, name=name, **platform)
    found = engine.container(name)
    assert found is not None
    return found, " ".join(answer["Warnings"] or ())


def shown_at(inspected: Any, option: Option) -> object:
    section = inspected["HostConfig"] if option.is_host_config else inspected["Config"]
    return section.get(option.path[-1])


def field(body: Mapping[str, Any], option: Option) -> object:
    found: Any = body
    for part in option.path:
        found = found[part]
    return found


def test_every_option_is_tried_on_the_engine() -> None:
    assert set(GIVEN) == {option.keyword for option in OPTIONS}


PLAIN = [
    option
    for option in OPTIONS
    if option.path[:1] not in {(), ("?",), ("NetworkingConfig",)} and option.keyword not in REFUSED
]


@pytest.mark.parametrize("option", [pytest.param(each, id=each.keyword) for each in PLAIN])
def test_an_engine_shows_what_an_option_asked_for(
    raw_engine: RawEngine,
    prefix: str,
    test_image: str,
    compile_map: Compile,
    api_version: tuple[int, int],
    option: Option,
    request: pytest.FixtureRequest,
) -> None:
    assert test_image
    if "{prefix}" in str(GIVEN[option.keyword]):
        request.getfixturevalue("surroundings")
    given = filled(GIVEN[option.keyword], prefix)
    place = "host_config" if option.is_host_config else "create_options"

    name, spec = spec_of(compile_map, prefix, {place: {option.keyword: given}})
    inspected, warnings = created(raw_engine, name, spec)

    shown = shown_at(inspected, option)
    known = ONLY_FROM.get(option.keyword, (0, 0)) <= api_version
    if not known or api_version > ONLY_UP_TO.get(option.keyword, api_version):
        assert shown is None
    elif option.keyword in MAY_BE_DISCARDED and "discarded" in warnings:
        assert not shown
    else:
        sent = field(spec.body, option)
        assert shown == filled(SHOWN.get(option.keyword, sent), prefix)


@pytest.mark.parametrize("keyword", REFUSED)
def test_what_an_engine_refuses_reaches_it(
    raw_engine: RawEngine, prefix: str, test_image: str, compile_map: Compile, keyword: str
) -> None:
    assert test_image
    name, spec = spec_of(compile_map, prefix, {"host_config": {keyword: GIVEN[keyword]}})

    status, answer = raw_engine.call("POST", "containers/create", spec.body, name=name)

    assert status >= 400
    assert REFUSED[keyword] in answer["message"].lower()


def test_settings_of_an_endpoint_are_those_of_the_network(
    raw_engine: RawEngine, surroundings: str, compile_map: Compile
) -> None:
    given = {"networking_config": filled(GIVEN["networking_config"], surroundings)}

    inspected, _ = created(
        raw_engine, *spec_of(compile_map, surroundings, {"create_options": given})
    )

    (endpoint,) = inspected["NetworkSettings"]["Networks"].values()
    assert "db" in endpoint["Aliases"]
    assert endpoint["Links"] == [f"{surroundings}.friend:f"]


def test_a_name_and_a_platform_are_what_the_container_gets(
    raw_engine: RawEngine, prefix: str, test_image: str, compile_map: Compile
) -> None:
    assert test_image
    given = {key: filled(GIVEN[key], prefix) for key in ("name", "platform")}

    inspected, _ = created(raw_engine, *spec_of(compile_map, prefix, {"create_options": given}))

    assert inspected["Name"] == f"/{prefix}other"
    assert inspected["Platform"] == "linux"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"stdin_open": True}, (True, True, True, False), id="attached"),
        pytest.param(
            {"stdin_open": True, "detach": True}, (True, False, False, False), id="detached"
        ),
        pytest.param({"detach": False}, (False, False, False, True), id="not-detached"),
        pytest.param({"lxc_conf": {"a": "b"}}, (False, False, False, False), id="nothing"),
    ],
)
def test_keywords_for_several_fields_reach_all_of_them(
    raw_engine: RawEngine,
    prefix: str,
    test_image: str,
    compile_map: Compile,
    given: Mapping[str, object],
    expected: tuple[bool, ...],
) -> None:
    assert test_image

    inspected, _ = created(raw_engine, *spec_of(compile_map, prefix, {"create_options": given}))

    fields = ("OpenStdin", "StdinOnce", "AttachStdin", "AttachStdout")
    assert tuple(inspected["Config"][name] for name in fields) == expected


# -- networks and volumes


def test_a_container_is_on_its_first_network_only_until_it_is_connected(
    raw_engine: RawEngine, surroundings: str, compile_map: Compile
) -> None:
    """Q-6, NET-7: the default network mode does not add the default network."""
    name, spec = spec_of(
        compile_map,
        surroundings,
        {"networks": {"back": "db", "bridge": None}},
        networks={"back": None},
    )

    created(raw_engine, name, spec)
    assert raw_engine.call("POST", f"containers/{name}/start")[0] == 204

    assert list(raw_engine.get(f"containers/{name}/json")["NetworkSettings"]["Networks"]) == [
        f"{surroundings}.back"
    ]
    for endpoint in spec.further_endpoints:
        connection = {"Container": name, "EndpointConfig": endpoint.settings}
        path = f"networks/{endpoint.network.name}/connect"
        assert raw_engine.call("POST", path, connection)[0] == 200
    networks = raw_engine.get(f"containers/{name}/json")["NetworkSettings"]["Networks"]
    assert set(networks) == {f"{surroundings}.back", "bridge"}


@pytest.mark.parametrize(
    ("networks", "own"),
    [
        pytest.param({"bridge": None}, "bridge", id="preset"),
        pytest.param({"back": None}, "{prefix}.back", id="configured"),
        pytest.param({}, "bridge", id="none"),
    ],
)
def test_a_mac_address_is_that_of_the_first_network(
    raw_engine: RawEngine,
    surroundings: str,
    compile_map: Compile,
    networks: Mapping[str, object],
    own: str,
) -> None:
    name, spec = spec_of(
        compile_map,
        surroundings,
        {"networks": networks, "create_options": {"mac_address": GIVEN["mac_address"]}},
        networks={"back": None},
    )

    created(raw_engine, name, spec)
    assert raw_engine.call("POST", f"containers/{name}/start")[0] == 204

    found = raw_engine.get(f"containers/{name}/json")["NetworkSettings"]["Networks"]
    assert {each: settings["MacAddress"] for each, settings in found.items()} == {
        filled(own, surroundings): GIVEN["mac_address"]
    }


def test_a_network_is_what_its_options_asked_for(
    raw_engine: RawEngine, prefix: str, compile_map: Compile
) -> None:
    options = {
        "labels": {"role": 1},
        "enable_ipv6": True,
        "attachable": True,
        "scope": "local",
        "ingress": False,
        "options": {"com.docker.network.driver.mtu": 1400},
        "ipam": {
            "driver": "default",
            "pool_configs": [
                {"subnet": "10.213.0.0/16", "iprange": "10.213.1.0/24", "gateway": "10.213.0.1",
                 "aux_addresses": {"router": "10.213.0.2"}},
                {"subnet": "fd00:213::/64"},
            ],
        },
    }  # fmt: skip
    settings = {
        "driver_options": {"com.docker.network.bridge.enable_icc": True},
        "internal": True,
        "create_options": options,
    }
    container_map = ContainerMap(prefix, {"web": {"networks": "n"}, "networks": {"n": settings}})
    (network,) = compile_map(container_map).networks.values()
    assert network.body is not None

    create(raw_engine, "networks/create", network.body)

    shown = raw_engine.get(f"networks/{prefix}.n")
    same = ("Driver", "Internal", "EnableIPv6", "Attachable", "Scope", "Ingress", "Labels")
    assert {name: shown[name] for name in same} == {name: network.body[name] for name in same}
    assert network.body["Options"] == {
        "com.docker.network.bridge.enable_icc": "true",
        "com.docker.network.driver.mtu": "1400",
    }
    assert shown["Options"].items() >= dict(network.body["Options"]).items()
    pool = shown["IPAM"]["Config"][0]
    assert (pool["Subnet"], pool["IPRange"], pool["Gateway"]) == (
        "10.213.0.0/16",
        "10.213.1.0/24",
        "10.213.0.1",
    )
    assert pool["AuxiliaryAddresses"] == {"router": "10.213.0.2"}


def test_a_volume_is_what_its_options_asked_for(
    raw_engine: RawEngine, prefix: str, compile_map: Compile
) -> None:
    settings = {
        "default_path": "/data",
        "driver_options": {"type": "tmpfs", "device": "tmpfs"},
        "create_options": {"driver_opts": {"o": "size=1m"}, "labels": ["role"]},
    }
    container_map = ContainerMap(prefix, {"web": {"attaches": "d"}, "volumes": {"d": settings}})
    (volume,) = compile_map(container_map).volumes.values()
    assert volume.body is not None

    create(raw_engine, "volumes/create", volume.body)

    shown = raw_engine.get(f"volumes/{prefix}.d")
    assert shown["Driver"] == "local"
    assert shown["Options"] == {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"}
    assert shown["Labels"] == volume.body["Labels"]


def test_a_relative_path_of_the_host_is_the_name_of_a_volume_to_an_engine(
    raw_engine: RawEngine, prefix: str, test_image: str, compile_map: Compile
) -> None:
    """CFG-72: what the warning of a map that has one says."""
    assert test_image
    name, spec = spec_of(compile_map, prefix, {"binds": [("/c", f"{prefix}conf")]})

    inspected, _ = created(raw_engine, name, spec)

    [mount] = inspected["Mounts"]
    assert (mount["Type"], mount["Name"]) == ("volume", f"{prefix}conf")


def test_attributes_that_refer_to_others_are_accepted_together(
    raw_engine: RawEngine, surroundings: str, compile_map: Compile
) -> None:
    name, spec = spec_of(
        compile_map,
        surroundings,
        {
            "attaches": [("d", "/d")],
            "binds": {"/c": ("/tmp", "ro")},
            "shares": "/s",
            "uses": "friend",
            "links": "friend",
            "exposes": {80: 18080, "53/udp": None},
            "user": (1000, 2000),
            "healthcheck": "NONE",
            "stop_signal": 2,
        },
        friend={"shares": "/x"},
    )

    inspected, _ = created(raw_engine, name, spec)

    assert {mount["Destination"] for mount in inspected["Mounts"]} == {"/d", "/c", "/s", "/x"}
    assert inspected["Config"]["User"] == "1000:2000"
    assert inspected["Config"]["Healthcheck"] == {"Test": ["NONE"]}
    assert inspected["Config"]["StopSignal"] == "2"
    assert inspected["HostConfig"]["PortBindings"] == {
        "80/tcp": [{"HostIp": "", "HostPort": "18080"}]
    }


def test_labels_can_be_read_back_from_the_engine(
    raw_engine: RawEngine, prefix: str, test_image: str, compile_map: Compile
) -> None:
    assert test_image
    name, spec = spec_of(compile_map, prefix, {"create_options": {"environment": {"A": "x"}}})

    inspected, _ = created(raw_engine, name, spec)

    found = read_ownership(inspected["Config"]["Labels"])
    assert found is not None
    assert (found.map_name, found.name, found.instance) == (prefix, "web", None)
    assert found.digests is not None
    assert "Env.A" in found.digests
    assert labels_match(spec.body, inspected["Config"]["Labels"])
