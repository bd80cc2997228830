"""Maps from and to dicts: LOAD-1 to LOAD-8, CFG-1 to CFG-16, and what is wrong with them."""

from __future__ import annotations

import pickle
from typing import Any

import attrs
import pytest

from aiodockmap.config import (
    ContainerConfiguration,
    ContainerMap,
    HostVolumeConfiguration,
    NetworkConfiguration,
    VolumeConfiguration,
)
from aiodockmap.errors import MapError
from aiodockmap.model import UNSET, MapItem, ResourceKind, lazy


def paths_of(caught: pytest.ExceptionInfo[MapError]) -> list[str]:
    return [problem.path for problem in caught.value.problems]


def test_an_empty_map() -> None:
    container_map = ContainerMap("m")

    assert container_map.name == "m"
    assert container_map.repository is UNSET
    assert container_map.default_tag is UNSET
    assert container_map.clients == ()
    assert container_map.groups == {}
    assert container_map.default_domain is UNSET
    assert container_map.set_hostname is UNSET
    assert container_map.use_attached_parent_name is UNSET
    assert container_map.containers == {}
    assert container_map.volumes == {}
    assert container_map.networks == {}
    assert container_map.host == HostVolumeConfiguration()
    assert container_map.to_dict() == {"host": {}}


DOCUMENT: dict[str, object] = {
    "repository": "reg.test",
    "default_tag": "stage",
    "clients": "one",
    "groups": {"all": ["web", "app.i1"]},
    "default_domain": "example.org",
    "set_hostname": False,
    "use_attached_parent_name": False,
    "containers": {"web": {"exposes": {80: 8080}, "uses": "sock"}},
    "volumes": {"sock": "/run", "data": {"default_path": "/data", "driver": "nfs"}},
    "networks": {"net": None},
    "host": {"conf": "conf"},
    "host_root": "/srv",
    "app": {"instances": ["i1", "i2"], "attaches": ["sock"]},
    "db": None,
}


def test_reserved_keys_are_properties_and_all_others_are_containers() -> None:
    """LOAD-1 to LOAD-3."""
    container_map = ContainerMap.from_dict("m", DOCUMENT)

    assert container_map.repository == "reg.test"
    assert container_map.default_tag == "stage"
    assert container_map.clients == ("one",)
    assert container_map.groups == {"all": ("web", "app.i1")}
    assert container_map.default_domain == "example.org"
    assert container_map.set_hostname is False
    assert container_map.use_attached_parent_name is False
    assert dict(container_map.containers) == {
        "web": ContainerConfiguration(exposes={80: 8080}, uses="sock"),
        "app": ContainerConfiguration(instances=["i1", "i2"], attaches="sock"),
        "db": ContainerConfiguration(),
    }
    assert dict(container_map.volumes) == {
        "sock": VolumeConfiguration(default_path="/run"),
        "data": VolumeConfiguration(default_path="/data", driver="nfs"),
    }
    assert dict(container_map.networks) == {"net": NetworkConfiguration()}
    assert container_map.host == HostVolumeConfiguration({"conf": "conf"}, root="/srv")


def test_keywords_mean_the_same_as_keys() -> None:
    """LOAD-5."""
    keywords: dict[str, Any] = DOCUMENT

    assert ContainerMap("m", **keywords) == ContainerMap("m", DOCUMENT)


def test_a_map_can_be_the_source_of_another() -> None:
    """LOAD-5."""
    source = ContainerMap("m", DOCUMENT)

    other = ContainerMap("other", source, db={"image": "changed"})

    assert ContainerMap("m", source) == source
    assert other.containers.db.image == "changed"
    assert other.containers.app == source.containers.app


def test_objects_are_accepted_where_mappings_are() -> None:
    container_map = ContainerMap(
        "m",
        containers={"web": ContainerConfiguration(exposes={80: 8080}, uses="sock")},
        app=ContainerConfiguration(instances=["i1", "i2"], attaches="sock"),
        db=ContainerConfiguration(),
        volumes={
            "sock": VolumeConfiguration(default_path="/run"),
            "data": VolumeConfiguration(default_path="/data", driver="nfs"),
        },
        networks={"net": NetworkConfiguration()},
        host=HostVolumeConfiguration({"conf": "conf"}, root="/srv"),
        repository="reg.test",
        default_tag="stage",
        clients=["one"],
        groups={"all": ["web", "app.i1"]},
        default_domain="example.org",
        set_hostname=False,
        use_attached_parent_name=False,
    )

    assert container_map == ContainerMap("m", DOCUMENT)


@pytest.mark.parametrize(
    "change",
    [
        {"repository": "other"},
        {"db": {"image": "a"}},
        {"networks": {"net": {"internal": True}}},
        {"host": {"conf": "other"}},
        {"host_root": "/other"},
        {"volumes": {"sock": "/other"}},
        {"groups": {}},
    ],
)
def test_maps_with_any_difference_are_unequal(change: dict[str, object]) -> None:
    """CFG-16."""
    source = ContainerMap("m", DOCUMENT)

    assert ContainerMap("m", {**DOCUMENT, **change}, check_integrity=False) != source
    assert ContainerMap("other", DOCUMENT) != source


def test_entries_by_item_and_by_attribute() -> None:
    """CFG-13."""
    container_map = ContainerMap("m", DOCUMENT)

    assert container_map.containers.web is container_map.containers["web"]
    assert container_map.volumes.sock is container_map.volumes["sock"]
    assert container_map.networks.net is container_map.networks["net"]


def test_a_missing_entry_is_an_error_that_names_the_nearest() -> None:
    """Instead of CFG-9, which created one."""
    containers = ContainerMap("m", DOCUMENT).containers

    with pytest.raises(KeyError, match="did you mean 'web'"):
        containers["wbe"]
    with pytest.raises(AttributeError, match="did you mean 'web'"):
        _ = containers.wbe
    assert containers.get("wbe") is None
    assert "wbe" not in containers


def test_iteration_gives_what_is_not_abstract() -> None:
    """CFG-15."""
    container_map = ContainerMap("m", {"a": {"abstract": True}, "b": {"image": "x"}})

    assert list(container_map) == [("b", ContainerConfiguration(image="x"))]


def test_maps_can_be_evolved_and_pickled() -> None:
    container_map = ContainerMap("m", DOCUMENT)

    changed = attrs.evolve(container_map, repository="other")  # type: ignore[call-arg]  # it is not in __init__

    assert changed == ContainerMap("m", {**DOCUMENT, "repository": "other"})
    assert pickle.loads(pickle.dumps(container_map)) == container_map  # noqa: S301 -- our own bytes


@pytest.mark.parametrize(
    ("groups", "normalised"),
    [
        pytest.param(None, {}, id="SEL-22-null"),
        pytest.param({"g": None}, {"g": ()}, id="SEL-22-null-group"),
        pytest.param({"g": "web"}, {"g": ("web",)}, id="SEL-22-text"),
        pytest.param({"g": ["web", "app.i1"]}, {"g": ("web", "app.i1")}, id="list"),
        pytest.param({"g": [("m", "web")]}, {"g": (("m", "web"),)}, id="SEL-20-tuple"),
        pytest.param(
            {"g": [[None, "app", ["i1"]]]}, {"g": ((None, "app", ("i1",)),)}, id="SEL-20-list"
        ),
        pytest.param(
            {"g": MapItem(ResourceKind.CONTAINER, "m", "web")},
            {"g": (MapItem(ResourceKind.CONTAINER, "m", "web"),)},
            id="SEL-20-item",
        ),
    ],
)
def test_groups(groups: object, normalised: object) -> None:
    """CFG-5, SEL-20, SEL-22: docker-map splits a text into letters and crashes on null (BUG-51)."""
    assert ContainerMap("m", {**DOCUMENT, "groups": groups}).groups == normalised


def test_a_dict_has_plain_fields() -> None:
    """LOAD-6, LOAD-8."""
    container_map = ContainerMap(
        "m",
        {
            "web": {
                "binds": ["conf", {"/c": "/h"}],
                "exposes": {80: 8080},
                "networks": {"net": {"links": ["app"]}},
                "exec_commands": [(["a", "b"], "root", "initial")],
                "healthcheck": [["curl", "x"], "10s"],
                "user": [1, 2],
                "create_options": {"environment": {"A": "1"}, "ports": (1, 2)},
                "persistent": False,
            },
            "app": {"network_mode": "other.i"},
            "volumes": {"conf": "/conf", "data": {"driver": "nfs"}},
            "networks": {"net": {"internal": True}},
            "host": {"conf": {"default": "conf"}, "root": "/srv"},
            "set_hostname": False,
            "groups": {"g": ["web"]},
        },
        check_integrity=False,
    )

    assert container_map.to_dict() == {
        "set_hostname": False,
        "groups": {"g": ["web"]},
        "containers": {
            "web": {
                "binds": [
                    {"name": "conf", "readonly": False},
                    {"path": "/c", "host_path": "/h", "readonly": False},
                ],
                "exposes": [
                    {"exposed_port": 80, "host_port": 8080, "interface": None, "ipv6": False}
                ],
                "networks": [
                    {
                        "network_name": "net",
                        "aliases": None,
                        "links": [{"container": "app", "alias": None}],
                        "ipv4_address": None,
                        "ipv6_address": None,
                        "link_local_ips": None,
                    }
                ],
                "exec_commands": [
                    {"cmd": ["a", "b"], "user": "root", "policy": "initial", "detach": False}
                ],
                "healthcheck": {"test": ["CMD", "curl", "x"], "interval": 10_000_000_000},
                "user": [1, 2],
                "create_options": {"environment": {"A": "1"}, "ports": [1, 2]},
                "persistent": False,
            },
            "app": {"network_mode": "other.i"},
        },
        "volumes": {"conf": {"default_path": "/conf"}, "data": {"driver": "nfs"}},
        "networks": {"net": {"internal": True}},
        "host": {"conf": {"default": "conf"}},
        "host_root": "/srv",
    }


def test_late_values_stay_themselves_in_a_dict() -> None:
    late = lazy(lambda: pytest.fail("a late value was evaluated"))
    container_map = ContainerMap("m", {"repository": late, "web": {"user": late}})

    written = container_map.to_dict()

    assert written["repository"] is late
    assert written["containers"]["web"]["user"] is late  # type: ignore[index]


def test_a_container_that_shares_its_name_with_a_network_mode_survives() -> None:
    """LOAD-8."""
    container_map = ContainerMap(
        "m", {"host": None, "web": {"network_mode": ("bridge", None)}}, check_integrity=False
    )

    assert ContainerMap("m", container_map.to_dict(), check_integrity=False) == container_map


def test_the_network_mode_default_means_nothing() -> None:
    """SHP-106, Q-17."""
    container_map = ContainerMap("m", {"web": {"network_mode": "default"}})

    assert container_map.expanded().containers.web.network_mode is UNSET


def test_the_network_mode_default_may_be_a_container() -> None:
    """SHP-106, Q-17."""
    container_map = ContainerMap("m", {"web": {"network_mode": "default"}, "default": None})

    assert str(container_map.expanded().containers.web.network_mode) == "default"


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        pytest.param(
            {"web": {"exposse": 80}},
            "$.containers.web.exposse: unknown attribute 'exposse' (did you mean 'exposes'?)",
            id="attribute-of-a-container",
        ),
        pytest.param(
            {"containers": {"web": {"exposes": [80, "x"]}}},
            "$.containers.web.exposes[1]: 'x' is no port; write a number, or one with a protocol"
            " as in '53/udp'",
            id="element-of-a-list",
        ),
        pytest.param(
            {"volumes": {"a": {"defautl_path": "/a"}}},
            "$.volumes.a.defautl_path: unknown attribute 'defautl_path'"
            " (did you mean 'default_path'?)",
            id="attribute-of-a-volume",
        ),
        pytest.param(
            {"networks": {"n": {"drivr": "x"}}},
            "$.networks.n.drivr: unknown attribute 'drivr' (did you mean 'driver'?)",
            id="attribute-of-a-network",
        ),
        pytest.param(
            {"volumse": {"a": "/a"}},
            "$.volumse: unknown section 'volumse' (did you mean 'volumes'?)",
            id="section",
        ),
        pytest.param(
            {"repositry": "reg"},
            "$.repositry: 'repositry' is no property of a map, and a container is a mapping,"
            " not a text (did you mean 'repository'?)",
            id="LOAD-4",
        ),
        pytest.param(
            {"containers": {"web": 5}},
            "$.containers.web: a container is a mapping, not a number",
            id="LOAD-4-in-section",
        ),
        pytest.param(
            {"containers": ["web"]},
            "$.containers: this is to be a mapping of names, not a list",
            id="section-is-a-list",
        ),
        pytest.param(
            {"volumes": {"a": 5}},
            "$.volumes.a: a volume is a path or a mapping, not a number",
            id="volume",
        ),
        pytest.param(
            {"networks": {"a": "bridge"}},
            "$.networks.a: a network is a mapping, not a text",
            id="network",
        ),
        pytest.param(
            {"containers": {"web": None}, "web": None},
            "$.containers.web: the container 'web' is described twice, once without 'containers'",
            id="twice",
        ),
        pytest.param(
            {"host": {"root": "/a"}, "host_root": "/b"},
            "$.host_root: the root of host volumes is also given as 'host.root'",
            id="two-roots",
        ),
        pytest.param(
            {"web": {"host_config": {}, "start_options": {}}},
            "$.containers.web.start_options: 'host_config' is given twice, in two spellings",
            id="CFG-43",
        ),
        pytest.param(
            {"default_tag": 1.5},
            "$.default_tag: the number 1.5 is not clear as a text (put it in quotes)",
            id="tag",
        ),
        pytest.param(
            {"groups": ["a"]},
            "$.groups: groups are a mapping of names to lists, not a list",
            id="groups",
        ),
    ],
)
def test_a_problem_has_its_path_and_the_way_out(document: dict[str, object], problem: str) -> None:
    with pytest.raises(MapError) as caught:
        ContainerMap("m", document)

    assert [str(each) for each in caught.value.problems] == [problem]
    assert caught.value.source == "map 'm'"


@pytest.mark.parametrize(
    ("name", "document", "path"),
    [
        pytest.param("m m", {}, "$.name", id="map"),
        pytest.param("", {}, "$.name", id="no-name"),
        pytest.param("m", {"web app": None}, "$.containers['web app']", id="container"),
        pytest.param("m", {"-web": None}, "$.containers['-web']", id="first-character"),
        pytest.param(
            "m", {"web": {"instances": ["ä"]}}, "$.containers.web.instances[0]", id="instance"
        ),
        pytest.param(
            "m", {"web": {"attaches": [("a b", "/p")]}}, "$.containers.web.attaches[0]", id="alias"
        ),
        pytest.param("m", {"networks": {"a/b": None}}, "$.networks['a/b']", id="network"),
    ],
)
def test_names_that_no_engine_takes(name: str, document: dict[str, object], path: str) -> None:
    """Q-18."""
    with pytest.raises(MapError) as caught:
        ContainerMap(name, document)

    assert paths_of(caught) == [path]


def test_problems_of_form_and_of_integrity_come_together() -> None:
    with pytest.raises(MapError) as caught:
        ContainerMap(
            "m",
            {
                "web": {"exposse": [80], "links": ["dbb"], "networks": ["nett"]},
                "db": {"user": True},
                "networks": {"net": None},
                "a": {"links": "b"},
                "b": {"links": "a"},
            },
        )

    assert paths_of(caught) == [
        "$.containers.web.exposse",
        "$.containers.db.user",
        "$.containers.web.links[0]",
        "$.containers.web.networks[0]",
        "$.containers.a",
    ]


def test_a_misspelt_attribute_gives_no_further_problems() -> None:
    with pytest.raises(MapError) as caught:
        ContainerMap("m", {"app": {"ataches": [("sock", "/p")]}, "web": {"uses": "sock"}})

    assert paths_of(caught) == ["$.containers.app.ataches"]


def test_the_rest_of_a_text_with_a_comma_is_ignored_with_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """In braces, YAML ends a text without quotes at a comma: {permissions: u=rwX,go=}."""
    container_map = ContainerMap("m", {"volumes": {"a": {"permissions": "u=rwX", "go=": None}}})

    assert container_map.volumes.a.permissions == "u=rwX"
    assert "'go=' is ignored" in caplog.text


@pytest.mark.parametrize(
    "services",
    [
        {"image": "a"},
        {"create_options": {"command": "b"}, "networks": {"n": None}},
        {"healthcheck": {"test": "a"}},
        None,
        {},
    ],
)
def test_a_container_may_be_called_services(services: object) -> None:
    document = {"services": services, "networks": {"n": None}}

    assert list(ContainerMap("m", document).containers) == ["services"]


@pytest.mark.parametrize(
    ("attribute", "hint"),
    [
        ("environment", "write it in 'create_options'"),
        ("command", "write it in 'create_options'"),
        ("mem_limit", "write it in 'host_config'"),
        ("RestartPolicy", "write it in 'host_config'"),
        ("ports", "write 'exposes', the port of the container first: {80: 8080}"),
        ("exposse", "did you mean 'exposes'?"),
        ("nonsense", None),
    ],
)
def test_an_unknown_attribute_is_told_where_it_goes(attribute: str, hint: str | None) -> None:
    with pytest.raises(MapError) as caught:
        ContainerMap("m", {"web": {attribute: None if attribute == "ports" else {}}})

    assert [(problem.path, problem.hint) for problem in caught.value.problems] == [
        (f"$.containers.web.{attribute}", hint)
    ]
