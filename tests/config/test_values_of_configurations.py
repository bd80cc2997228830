"""Configurations are values: read when they are made, equal if they mean the same (CFG-90 to CFG-95)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from aiodockmap import (
    ContainerConfiguration,
    ContainerMap,
    MapError,
    NetworkConfiguration,
    PortBinding,
    VolumeConfiguration,
)


def test_what_is_written_is_in_normal_form_at_once() -> None:
    """CFG-90: nobody has to clean anything, and nothing is ever unclean."""
    configuration = ContainerConfiguration(exposes=80, uses="data", instances="a")
    made = ContainerMap("m", {"web": {"exposes": 80}}).containers.web

    assert configuration.exposes == made.exposes == (PortBinding(80),)
    assert configuration.instances == ("a",)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        configuration.exposes = ()  # type: ignore[misc]  # the point of it


def test_what_cannot_be_read_is_told_when_it_is_written() -> None:
    """CFG-90, SHP-1: not first when something is done with it; an unknown name is an error (CFG-91, Q-4)."""
    with pytest.raises(MapError) as caught:
        ContainerMap("m", {"web": {"exposes": "http", "exposse": 80}})

    assert [each.path for each in caught.value.problems] == [
        "$.containers.web.exposse",
        "$.containers.web.exposes",
    ]
    with pytest.raises(TypeError, match="exposse"):
        ContainerConfiguration(exposse=80)  # type: ignore[call-arg]  # the point of it


def test_evolving_replaces_an_attribute_and_merging_combines_it() -> None:
    """CFG-92."""
    one = ContainerMap("m", {"web": {"exposes": 80, "shares": "/a", "user": "me"}})

    merged = one.merge({"web": {"exposes": 81, "shares": "/b"}}).containers.web
    evolved = attrs.evolve(one.containers.web, exposes=81, shares="/b")

    assert (merged.exposes, merged.shares) == ((PortBinding(80), PortBinding(81)), ("/a", "/b"))
    assert (evolved.exposes, evolved.shares) == ((PortBinding(81),), ("/b",))
    assert merged.user == evolved.user == "me"


@pytest.mark.parametrize("other", [5, "web", ["web"], ContainerConfiguration()])
def test_only_maps_and_mappings_are_merged_into_a_map(other: Any) -> None:
    """CFG-92."""
    with pytest.raises(ValueError, match="a map is a mapping"):
        ContainerMap("m").merge(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            lambda: ContainerConfiguration(exposes=80, links="db", binds={"a": "ro"}),
            lambda: ContainerConfiguration(
                exposes=[(80, None)], links=[{"container": "db"}], binds=[("a", True)]
            ),
            id="container",
        ),
        pytest.param(
            lambda: ContainerConfiguration(host_config={"dns": ["::1"], "init": True}),
            lambda: ContainerConfiguration(start_options={"init": True, "dns": ("::1",)}),
            id="options",
        ),
        pytest.param(
            lambda: VolumeConfiguration(default_path="/a"),
            lambda: VolumeConfiguration(default_path="/a", driver="local"),
            id="volume",
        ),
        pytest.param(
            NetworkConfiguration,
            lambda: NetworkConfiguration(driver="bridge", internal=False),
            id="network",
        ),
    ],
)
def test_what_means_the_same_is_equal(
    one: Callable[[], object], other: Callable[[], object]
) -> None:
    """CFG-95."""
    assert one() == other()


def test_configurations_of_different_kinds_are_never_equal() -> None:
    """CFG-95."""
    made = [ContainerConfiguration(), VolumeConfiguration(), NetworkConfiguration()]

    assert [one == other for one in made for other in made if one is not other] == [False] * 6
