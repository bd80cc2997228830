"""Which items are meant: SEL-1 to SEL-22."""

from __future__ import annotations

import pytest

from aiodockmap.config import ContainerMap, select_items
from aiodockmap.errors import SelectionError
from aiodockmap.model import MapItem, ResourceKind

M = ContainerMap(
    "m",
    {
        "web": {"uses": "sock"},
        "app": {"instances": ["two", "one"], "attaches": ["sock", "log"]},
        "base": {"abstract": True},
        "volumes": {"sock": "/sock", "log": "/log"},
        "networks": {"net": None},
        "groups": {
            "front": ["web", "app.one"],
            "single": "web",
            "nested": ["front_end"],
            "both": ["app"],
            "tuples": [(None, "app", ["one"]), ("n", "web")],
            "items": [MapItem(ResourceKind.CONTAINER, "m", "app", "two")],
        },
        "front_end": None,
    },
)
N = ContainerMap("n", {"web": None, "other": None})
MAPS = {"m": M, "n": N}


def selected(containers: object, **options: object) -> list[str]:
    found = select_items(MAPS, containers, default_map="m", **options)  # type: ignore[arg-type]
    return [
        f"{'' if each.kind is ResourceKind.CONTAINER else each.kind.value + ' '}{each}"
        for each in found
    ]


@pytest.mark.parametrize(
    ("containers", "items"),
    [
        pytest.param("web", ["m.web"], id="SEL-1"),
        pytest.param("n.other", ["n.other"], id="SEL-2"),
        pytest.param("m.app.one", ["m.app.one"], id="SEL-3"),
        pytest.param("m.web.", ["m.web"], id="SEL-3-trailing-dot"),
        pytest.param([("web",)], ["m.web"], id="SEL-4-one"),
        pytest.param([("n", "web")], ["n.web"], id="SEL-4-two"),
        pytest.param([(None, "web")], ["m.web"], id="SEL-4-default-map"),
        pytest.param([("m", "app", "one")], ["m.app.one"], id="SEL-4-instance"),
        pytest.param([["m", "app", ["one"]]], ["m.app.one"], id="SEL-4-instances"),
        pytest.param([("m", "app", [])], ["m.app.two", "m.app.one"], id="SEL-4-empty"),
        pytest.param([("m", "app", None)], ["m.app.two", "m.app.one"], id="SEL-4-none"),
        pytest.param([{"config_name": "web"}], ["m.web"], id="SEL-5"),
        pytest.param(
            [{"config_name": "app", "map_name": "m", "instance_names": "one"}],
            ["m.app.one"],
            id="SEL-5-all-keys",
        ),
        pytest.param(
            [{"config_type": "volume", "config_name": "app", "instance_names": ["sock"]}],
            ["volume m.app.sock"],
            id="SEL-5-volume",
        ),
        pytest.param(
            [{"config_type": "network", "config_name": "net"}],
            ["network m.net"],
            id="SEL-5-network",
        ),
        pytest.param(
            MapItem(ResourceKind.CONTAINER, "m", "app", "one"), ["m.app.one"], id="SEL-6-single"
        ),
        pytest.param([MapItem(ResourceKind.NETWORK, "m", "net")], ["network m.net"], id="SEL-6"),
        pytest.param(
            MapItem(ResourceKind.IMAGE, "m", "repo", "tag"), ["image m.repo.tag"], id="SEL-6-image"
        ),
        pytest.param(
            {"config_type": "image", "config_name": "__all__"},
            ["image m.__all__"],
            id="no-name-of-images",
        ),
        pytest.param(["web", ("n", "web")], ["m.web", "n.web"], id="SEL-7-list"),
        pytest.param(("web", "n.web"), ["m.web", "n.web"], id="SEL-7-tuple"),
        pytest.param("app", ["m.app.two", "m.app.one"], id="SEL-9"),
        pytest.param(["web", "web", "m.web"], ["m.web"], id="SEL-12"),
        pytest.param(["m.app.one", "app"], ["m.app.two", "m.app.one"], id="SEL-12-all-wins"),
        pytest.param(
            ["n.web", "web", "m.app.one", "m.app.two"],
            ["m.app.two", "m.app.one", "m.web", "n.web"],
            id="SEL-13",
        ),
        pytest.param(
            [
                "app",
                MapItem(ResourceKind.VOLUME, "m", "app", "log"),
                {"config_type": "network", "config_name": "net"},
            ],
            ["m.app.two", "m.app.one", "volume m.app.log", "network m.net"],
            id="SEL-14",
        ),
        pytest.param(
            "__all__",
            ["m.app.two", "m.app.one", "m.front_end", "m.web"],
            id="SEL-16-configurations",
        ),
        pytest.param("n.__all__", ["n.other", "n.web"], id="SEL-16-of-a-map"),
        pytest.param(
            "__all__.__all__",
            ["m.app.two", "m.app.one", "m.front_end", "m.web", "n.other", "n.web"],
            id="SEL-16-everything",
        ),
        pytest.param("__all__.web", ["m.web", "n.web"], id="SEL-16-everywhere"),
        pytest.param("__all__.front", ["m.app.one", "m.web"], id="SEL-16-group"),
        pytest.param(
            [{"config_type": "volume", "config_name": "app"}],
            ["volume m.app.sock", "volume m.app.log"],
            id="SEL-17",
        ),
        pytest.param({"m": "web", "n": "other"}, ["m.web", "n.other"], id="SEL-18-pairs"),
        pytest.param({"config_name": "web", "map_name": "n"}, ["n.web"], id="SEL-18-Q-15"),
        pytest.param("front", ["m.app.one", "m.web"], id="SEL-20"),
        pytest.param("m.front", ["m.app.one", "m.web"], id="SEL-20-of-a-map"),
        pytest.param("tuples", ["m.app.one", "n.web"], id="SEL-20-tuples"),
        pytest.param("items", ["m.app.two"], id="SEL-20-items"),
        pytest.param("single", ["m.web"], id="SEL-22"),
        pytest.param("nested", ["m.front_end"], id="SEL-21-looks-at-configurations"),
        pytest.param([], [], id="nothing"),
    ],
)
def test_selections(containers: object, items: list[str]) -> None:
    assert selected(containers) == items


@pytest.mark.parametrize(
    ("containers", "instances", "items"),
    [
        pytest.param("app", "one", ["m.app.one"], id="SEL-8-text"),
        pytest.param("app", ["one"], ["m.app.one"], id="SEL-8-list"),
        pytest.param("app", ("one", "two"), ["m.app.two", "m.app.one"], id="SEL-8-tuple"),
        pytest.param("app", [], ["m.app.two", "m.app.one"], id="SEL-8-empty"),
        pytest.param("m.app.two", "one", ["m.app.two"], id="SEL-8-own-instance-wins"),
        pytest.param("front", "two", ["m.app.one", "m.web.two"], id="SEL-20-own-instance-wins"),
        pytest.param("both", "two", ["m.app.two"], id="SEL-20-group"),
    ],
)
def test_instances(containers: str, instances: object, items: list[str]) -> None:
    assert selected(containers, instances=instances) == items


def test_the_map_may_be_given_apart() -> None:
    """SEL-1."""
    assert selected(["web", "m.web"], map_name="n") == ["m.web", "n.web"]


def test_an_instance_that_is_not_configured_is_accepted_with_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """SEL-11."""
    assert selected("m.app.three") == ["m.app.three"]
    assert "does not configure the instance 'three'" in caplog.text


@pytest.mark.parametrize(
    ("containers", "instances", "message"),
    [
        pytest.param(
            "m.app.onne",
            None,
            "'app' on map 'm' has no instance 'onne'; did you mean 'one'?",
            id="own",
        ),
        pytest.param(
            "app",
            "i",
            "'app' on map 'm' has no instance 'i'; it has the instances 'two', 'one'",
            id="given",
        ),
        pytest.param(
            "web",
            "one",
            "'web' on map 'm' has no instance 'one'; it has no instances",
            id="without-instances",
        ),
        pytest.param(
            ["wbe", "m.app.one"],
            "two",
            "no container 'wbe' on map 'm'; did you mean 'web'?;"
            " 'app.one' is selected by its own name, and the instance 'two' does not apply to it",
            id="not-heeded",
        ),
        pytest.param(
            "items",
            "one",
            "'app.two' is selected by its own name, and the instance 'one' does not apply to it",
            id="not-heeded-in-a-group",
        ),
    ],
)
def test_strictly_every_instance_is_one_of_the_map_that_is_heeded(
    containers: object, instances: object, message: str
) -> None:
    """SEL-8, SEL-11, SEL-20."""
    assert selected(containers="app", instances="one", strict=True) == ["m.app.one"]
    assert selected("items", instances=["one", "two"], strict=True) == ["m.app.two"]

    with pytest.raises(SelectionError) as caught:
        selected(containers, instances=instances, strict=True)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("containers", "message"),
    [
        pytest.param(
            "wbe", "no container 'wbe' on map 'm'; did you mean 'web'?", id="configuration"
        ),
        pytest.param("base", "'base' on map 'm' is abstract", id="SEL-15-abstract"),
        pytest.param("mm.web", "no map 'mm' (for 'web'); did you mean 'm'?", id="map"),
        pytest.param(
            "app.one", "no map 'app' (for 'one'); for an instance write 'm.app.one'", id="instance"
        ),
        pytest.param(
            "app.onne",
            "no map 'app' (for 'onne'); for an instance write 'm.app.one'",
            id="misspelt-instance",
        ),
        pytest.param(
            "app.i",
            "no map 'app' (for 'i'); 'app' has the instances 'two', 'one'",
            id="instance-unlike-any",
        ),
        pytest.param("web.i", "no map 'web' (for 'i'); 'web' has no instances", id="no-instances"),
        pytest.param("__all__.nowhere", "no map has a container 'nowhere'", id="every-map"),
        pytest.param(
            {"config_type": "network", "config_name": "ent"},
            "no network 'ent' on map 'm'; did you mean 'net'?",
            id="network",
        ),
        pytest.param(
            MapItem(ResourceKind.VOLUME, "m", "app", "sokc"),
            "'app' on map 'm' attaches no volume 'sokc'; did you mean 'sock'?",
            id="volume",
        ),
        pytest.param(
            ["wbe", "n.othr"],
            "no container 'wbe' on map 'm'; did you mean 'web'?;"
            " no container 'othr' on map 'n'; did you mean 'other'?",
            id="all-at-once",
        ),
    ],
)
def test_what_no_map_describes(containers: object, message: str) -> None:
    """SEL-15."""
    with pytest.raises(SelectionError) as caught:
        selected(containers)

    assert str(caught.value) == message


def test_without_a_default_map_a_map_is_to_be_named() -> None:
    """SEL-16: or all of them, as the error says."""
    with pytest.raises(SelectionError, match=r"name one of m, n, or all of them: '__all__\.web'$"):
        select_items(MAPS, "web")

    assert [str(each) for each in select_items(MAPS, "__all__.web")] == ["m.web", "n.web"]


@pytest.mark.parametrize(
    "containers",
    [
        None,
        5,
        "",
        [None],
        [("a", "b", "c", "d")],
        [()],
        [{"config_nam": "a"}],
        [{"map_name": "m"}],
        {"config_name": "a", "config_type": "pod"},
        [("m", "app", 5)],
    ],
)
def test_forms_that_mean_nothing(containers: object) -> None:
    with pytest.raises(SelectionError, match=r"selection|instances"):
        selected(containers)


@pytest.mark.parametrize("instances", [5, {"a": "b"}, [5]])
def test_instances_that_mean_nothing(instances: object) -> None:
    """SEL-8."""
    with pytest.raises(SelectionError, match="instances are a text") as refusal:
        selected("app", instances=instances)

    assert isinstance(refusal.value, ValueError)


def test_names_with_dots() -> None:
    maps = {
        "a.b": ContainerMap("a.b", {"c.d": {"instances": ["i"]}}),
        "a": ContainerMap("a", {"b": None}),
    }

    assert [str(each) for each in select_items(maps, ["a.b.c.d.i", "a.b"])] == ["a.b", "a.b.c.d.i"]
