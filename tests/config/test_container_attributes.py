"""Single attributes of configurations: CFG-20 to CFG-43, CFG-60 to CFG-84."""

from __future__ import annotations

import attrs
import pytest

from aiodockmap.config import (
    ContainerConfiguration,
    FrozenMapping,
    HostVolumeConfiguration,
    NetworkConfiguration,
    VolumeConfiguration,
)
from aiodockmap.errors import MapError
from aiodockmap.model import UNSET, lazy

LATE = lazy(lambda: pytest.fail("a late value was evaluated"))


def test_nothing_is_set_by_default() -> None:
    configuration = ContainerConfiguration()

    values = {
        field.name: getattr(configuration, field.name)
        for field in attrs.fields(type(configuration))
    }

    lists = {name for name, value in values.items() if value == ()}
    unset = {name for name, value in values.items() if value is UNSET}
    assert values["abstract"] is False
    assert lists == {
        "extends",
        "instances",
        "clients",
        "shares",
        "binds",
        "attaches",
        "uses",
        "links",
        "exposes",
        "networks",
        "exec_commands",
    }
    assert unset == {
        "image",
        "user",
        "permissions",
        "stop_timeout",
        "stop_signal",
        "start_delay",
        "network_mode",
        "healthcheck",
        "persistent",
    }
    assert values["create_options"] == {}
    assert values["host_config"] == {}


@pytest.mark.parametrize(
    ("attribute", "written", "normalised"),
    [
        ("abstract", True, True),
        ("abstract", None, False),
        ("image", "web:1", "web:1"),
        ("image", None, None),
        ("user", "root", "root"),
        ("user", "root:root", "root:root"),
        ("user", 0, 0),
        ("user", [1000, "staff"], (1000, "staff")),
        ("user", ("a", "b"), ("a", "b")),
        ("user", None, None),
        ("permissions", "u=rwX,go=", "u=rwX,go="),
        ("stop_timeout", 10, 10),
        ("stop_timeout", "10", 10),
        ("stop_signal", "SIGINT", "SIGINT"),
        ("stop_signal", 2, 2),
        ("stop_signal", "hup", "hup"),
        ("stop_signal", "64", "64"),
        ("stop_signal", "SIGRTMIN+15", "SIGRTMIN+15"),
        ("stop_signal", "RTMAX-14", "RTMAX-14"),
        ("stop_signal", "CLD", "CLD"),
        ("stop_signal", "", ""),
        ("start_delay", 0.5, 0.5),
        ("start_delay", 3, 3),
        ("persistent", True, True),
        ("persistent", False, False),
        ("create_options", {"ports": [1]}, {"ports": (1,)}),
        ("create_options", None, {}),
        ("host_config", {"sysctls": {"b": "c"}}, {"sysctls": {"b": "c"}}),
        ("start_options", {"mem_limit": 1}, None),
    ],
)
def test_accepted_values(attribute: str, written: object, normalised: object) -> None:
    configuration = ContainerConfiguration(**{attribute: written})

    if attribute == "start_options":  # CFG-43
        assert configuration.host_config == written
    else:
        assert getattr(configuration, attribute) == normalised


@pytest.mark.parametrize(
    ("attribute", "written"),
    [
        ("abstract", "yes"),
        ("image", 5),
        ("image", LATE),
        ("user", True),
        ("user", -1),
        ("user", ["a"]),
        ("user", ["a", "b", "c"]),
        ("user", 1.5),
        ("permissions", 755),
        ("permissions", 0o755),
        ("stop_timeout", "soon"),
        ("stop_timeout", -1),
        ("stop_timeout", 1.5),
        ("stop_signal", True),
        ("stop_signal", 0),
        ("stop_signal", 99),
        ("stop_signal", "99"),
        ("stop_signal", "FOO"),
        ("stop_signal", "RTMIN+16"),
        ("stop_signal", "SIG"),
        ("start_delay", "5s"),
        ("start_delay", -1),
        ("start_delay", float("inf")),
        ("persistent", "true"),
        ("persistent", 2),
        ("create_options", ["a"]),
        ("host_config", {5: "a"}),
        ("instances", "a b"),
        ("instances", ["a", "a"]),
        ("shares", [""]),
    ],
)
def test_refused_values(attribute: str, written: object) -> None:
    with pytest.raises(MapError) as caught:
        ContainerConfiguration(**{attribute: written})

    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].path.startswith(f"$.{attribute}")


@pytest.mark.parametrize("attribute", ["user", "permissions"])
def test_late_values_are_kept(attribute: str) -> None:
    """LAZY-6."""
    assert getattr(ContainerConfiguration(**{attribute: LATE}), attribute) is LATE


def test_options_may_be_a_callable() -> None:
    """OPT-7."""
    options = dict

    assert ContainerConfiguration(create_options=options).create_options is options


def test_all_problems_come_at_once() -> None:
    with pytest.raises(MapError) as caught:
        ContainerConfiguration(image=5, exposes=["x", 80, "y"], user=True)

    assert [problem.path for problem in caught.value.problems] == [
        "$.image",
        "$.exposes[0]",
        "$.exposes[1]".replace("1", "2"),
        "$.user",
    ]


def test_configurations_cannot_be_changed() -> None:
    """CFG-93: what was given can be changed afterwards without any effect."""
    options = {"environment": {"A": "1"}}
    configuration = ContainerConfiguration(create_options=options)

    options["environment"]["A"] = "2"

    assert isinstance(configuration.create_options, FrozenMapping)
    assert dict(configuration.create_options) == {"environment": {"A": "1"}}
    with pytest.raises(TypeError):
        configuration.create_options["environment"] = {}  # type: ignore[index]
    with pytest.raises(AttributeError):
        configuration.image = "b"  # type: ignore[misc]


def test_evolve_takes_short_forms() -> None:
    configuration = ContainerConfiguration(image="a", exposes=80, network_mode="c.i")

    changed = attrs.evolve(configuration, image="b", exposes={80: 8080})

    assert changed == ContainerConfiguration(image="b", exposes={80: 8080}, network_mode="c.i")


def test_values_of_options_are_not_shown() -> None:
    configuration = ContainerConfiguration(
        create_options={"environment": {"PASSWORD": "hunter2"}},
        host_config={"sysctls": {"a": "hunter2"}},
    )

    assert "environment" in repr(configuration)
    assert "hunter2" not in repr(configuration)


def test_problems_do_not_show_options() -> None:
    with pytest.raises(MapError) as caught:
        ContainerConfiguration(create_options="PASSWORD=hunter2")

    assert "hunter2" not in str(caught.value)


def test_defaults_of_volumes() -> None:
    volume = VolumeConfiguration()

    assert volume.default_path is UNSET
    assert volume.driver == "local"
    assert volume.driver_options == {}
    assert volume.create_options == {}
    assert volume.user is UNSET
    assert volume.permissions is UNSET
    assert volume == VolumeConfiguration(driver="local")


def test_defaults_of_networks() -> None:
    network = NetworkConfiguration()

    assert network.driver == "bridge"
    assert network.driver_options == {}
    assert network.internal is False
    assert network.create_options == {}
    assert network == NetworkConfiguration(driver="bridge", internal=False)
    assert network != NetworkConfiguration(internal=True)


def test_evolving_keeps_what_was_never_set_unset() -> None:
    volume = attrs.evolve(VolumeConfiguration(), user=5)

    assert volume.to_dict() == {"user": 5}


HOST = HostVolumeConfiguration(
    {"root": "/srv", "plain": "data", "late": LATE, "each": {"i1": "one", "default": "/all"}}
)


def test_host_volumes_by_item_and_attribute() -> None:
    """CFG-13, CFG-70, CFG-73."""
    assert HOST.root == "/srv"
    assert HOST["plain"] == HOST.plain == "data"
    assert HOST["late"] is LATE
    assert list(HOST) == ["plain", "late", "each"]


@pytest.mark.parametrize(
    ("alias", "instance", "path"),
    [
        ("plain", None, "data"),
        ("plain", "i1", "data"),
        ("each", "i1", "one"),
        ("each", None, "/all"),
    ],
)
def test_host_paths_of_instances(alias: str, instance: str | None, path: str) -> None:
    """CFG-71."""
    assert HOST.path_of(alias, instance) == path


@pytest.mark.parametrize(
    ("alias", "instance", "message"),
    [("each", "i2", "instance 'i2'"), ("missing", None, "without instance")],
)
def test_a_missing_host_path_names_the_instance(
    alias: str, instance: str | None, message: str
) -> None:
    """CFG-71."""
    with pytest.raises(ValueError, match=message):
        HOST.path_of(alias, instance)


@pytest.mark.parametrize(
    ("root", "path", "joined"),
    [
        ("/srv", "data", "/srv/data"),
        ("/srv", "/data", "/data"),
        (UNSET, "data", "data"),
        (lazy(lambda: "/late"), "data", "/late/data"),
    ],
)
def test_relative_host_paths_begin_at_the_root(root: object, path: str, joined: str) -> None:
    """CFG-72."""
    assert HostVolumeConfiguration(root=root).under_root(path) == joined


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ({"a": None}, "$.a"),
        ({"a": {"i1": 5}}, "$.a.i1"),
        ({"a": 5, "root": 5.5}, "$.a"),
    ],
)
def test_host_paths_that_mean_nothing(written: dict[str, object], path: str) -> None:
    with pytest.raises(MapError) as caught:
        HostVolumeConfiguration(written)

    assert caught.value.problems[0].path == path
