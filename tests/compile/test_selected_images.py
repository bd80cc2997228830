"""Images that are selected by themselves (SEL-5, SEL-6): those that containers of their map are made from."""

from __future__ import annotations

import pytest

from aiodockmap.compile import CompileRequest, compile_maps
from aiodockmap.config import ClientConfiguration, ContainerMap
from aiodockmap.errors import SelectionError
from aiodockmap.model import DEFAULT_ENGINE, MapItem, ResourceKind
from aiodockmap.state import DesiredState

DIGEST = f"sha256:{'a' * 64}"
MAPS = {
    "m": ContainerMap(
        "m",
        {
            "db": {"image": "db:1", "create_options": {"platform": "linux/arm64"}},
            "old": {"image": "docker.io/library/db:0"},
            "web": {"image": "reg.test:5000/web", "links": ["db"]},
            "pinned": {"image": f"pinned@{DIGEST}"},
        },
    ),
    "n": ContainerMap("n", {"db": {"image": "db:1"}, "job": {"image": "job"}}),
}


def item(map_name: str, name: str, version: str | None = None) -> MapItem:
    return MapItem(ResourceKind.IMAGE, map_name, name, version)


def compiled(*items: MapItem) -> DesiredState:
    return compile_maps(
        MAPS, {DEFAULT_ENGINE: ClientConfiguration()}, CompileRequest(selected=items)
    )


@pytest.mark.parametrize(
    ("selected", "images"),
    [
        pytest.param(item("m", "db", "1"), ["db:1"], id="tag"),
        pytest.param(item("m", "db:1"), ["db:1"], id="tag-in-the-name"),
        pytest.param(item("m", "db"), ["db:1", "docker.io/library/db:0"], id="all-tags"),
        pytest.param(item("m", "docker.io/db", "0"), ["docker.io/library/db:0"], id="spelling"),
        pytest.param(item("m", "reg.test:5000/web"), ["reg.test:5000/web:latest"], id="port"),
        pytest.param(item("m", "pinned", DIGEST), [f"pinned@{DIGEST}"], id="digest"),
        pytest.param(item("n", "db", "1"), ["db:1"], id="of-two-maps"),
    ],
)
def test_an_image_is_that_of_a_container_of_its_map(selected: MapItem, images: list[str]) -> None:
    state = compiled(selected)

    assert [each.name for each in state.named([selected])] == images
    assert all(each.spec is None for each in state.containers.values())


def test_it_is_wanted_for_every_platform_that_its_containers_ask_for() -> None:
    of_both = item("m", "db", "1"), item("n", "db", "1")
    state = compiled(*of_both)

    [image] = set(state.named(of_both))
    assert state.images[image].platforms == ("linux/arm64", None)


def test_those_that_no_container_is_made_from_are_errors_all_at_once() -> None:
    """SEL-15: they name the map, and what was probably meant."""
    with pytest.raises(SelectionError) as refusal:
        compiled(item("m", "bd", "1"), item("n", "web"), item("n", "db", "2"), item("n", "__all__"))

    told = str(refusal.value).split("; ")
    assert told[0] == "no image 'bd:1' on map 'm'"
    assert told[1] == "did you mean 'db:1'?"
    assert [each for each in told if each.startswith("no image")] == [
        "no image 'bd:1' on map 'm'",
        "no image 'web' on map 'n'",
        "no image 'db:2' on map 'n'",
        "no image '__all__' on map 'n'",
    ]
