"""In which order things are taken up and down: DEP-12 to DEP-15, by the example DEP-30 to DEP-32."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from aiodockmap.compile import Scope
from aiodockmap.model import DEFAULT_ENGINE, ResourceId, ResourceKind
from aiodockmap.state import DesiredState

EXAMPLE = {
    "volumes": {"log": "/log", "sock": "/sock", "weblog": "/weblog"},
    "app": {"instances": ["i1", "i2"], "attaches": ["log", "sock"]},
    "web": {"image": "nginx", "uses": "sock", "attaches": "weblog"},
}


def resource(text: str) -> ResourceId:
    kind, _, name = text.partition(" ")
    return ResourceId(DEFAULT_ENGINE, ResourceKind(kind), f"m.{name}")


def names(resources: Iterable[ResourceId]) -> list[str]:
    return [f"{each.kind.value} {each.name.removeprefix('m.')}" for each in resources]


def test_the_path_of_the_example_is_complete_and_in_order(
    compile_map: Callable[..., DesiredState],
) -> None:
    """DEP-13, DEP-30: what a dependency needs comes before it, and that before its dependants."""
    state = compile_map(EXAMPLE)

    assert names(state.forward([resource("container web")])) == [
        "volume log",
        "volume sock",
        "image app:latest",
        "container app.i1",
        "container app.i2",
        "volume weblog",
        "image nginx:latest",
        "container web",
    ]


@pytest.mark.parametrize(
    ("start", "path"),
    [
        pytest.param("container app.i1", ["container web", "container app.i1"], id="DEP-31"),
        pytest.param(
            "volume sock",
            ["container web", "container app.i1", "container app.i2", "volume sock"],
            id="DEP-32",
        ),
        pytest.param("container web", ["container web"], id="nothing-above"),
    ],
)
def test_the_reverse_path_has_the_outermost_first(
    start: str, path: list[str], compile_map: Callable[..., DesiredState]
) -> None:
    """DEP-14, DEP-15: only containers are above anything."""
    state = compile_map(EXAMPLE, scope=Scope.NAMES)

    assert names(state.reverse([resource(start)])) == path
