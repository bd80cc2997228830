"""Compiling small maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import pytest

from aiodockmap.compile import CompileRequest, NamingPolicy, Scope, compile_maps
from aiodockmap.config import ClientConfiguration, ContainerMap
from aiodockmap.model import DEFAULT_ENGINE, MapItem, ResourceId, ResourceKind
from aiodockmap.state import ContainerSpec, DesiredState


class Compile(Protocol):
    """Compile a map called `m`, or several maps; everything is selected unless said otherwise."""

    def __call__(
        self,
        *maps: ContainerMap | Mapping[str, object],
        selected: tuple[str, ...] | None = None,
        client: ClientConfiguration | None = None,
        clients: Mapping[str, ClientConfiguration] | None = None,
        scope: Scope = Scope.FULL,
        overrides: Mapping[str, object] | None = None,
        map_defaults: Mapping[str, object] | None = None,
        naming: NamingPolicy | None = None,
    ) -> DesiredState: ...


class CompileContainer(Protocol):
    """Compile the container `m.web` alone, with more sections of the map as keywords."""

    def __call__(
        self,
        configuration: Mapping[str, object],
        client: ClientConfiguration | None = None,
        overrides: Mapping[str, object] | None = None,
        **sections: object,
    ) -> ContainerSpec: ...


def _item(name: str) -> MapItem:
    map_name, configuration, *instance = name.split(".")
    return MapItem(
        ResourceKind.CONTAINER, map_name, configuration, instance[0] if instance else None
    )


def _everything(container_map: ContainerMap) -> tuple[MapItem, ...]:
    return tuple(
        MapItem(ResourceKind.CONTAINER, container_map.name, name, instance)
        for name, configuration in container_map.expanded()
        for instance in configuration.instances or (None,)
    )


def _compile(
    *maps: ContainerMap | Mapping[str, object],
    selected: tuple[str, ...] | None = None,
    client: ClientConfiguration | None = None,
    clients: Mapping[str, ClientConfiguration] | None = None,
    scope: Scope = Scope.FULL,
    overrides: Mapping[str, object] | None = None,
    map_defaults: Mapping[str, object] | None = None,
    naming: NamingPolicy | None = None,
) -> DesiredState:
    read = [each if isinstance(each, ContainerMap) else ContainerMap("m", each) for each in maps]
    return compile_maps(
        {each.name: each for each in read},
        {DEFAULT_ENGINE: client or ClientConfiguration(), **(clients or {})},
        CompileRequest(
            selected=tuple(item for each in read for item in _everything(each))
            if selected is None
            else tuple(_item(name) for name in selected),
            scope=scope,
            overrides=overrides or {},
            map_defaults=map_defaults or {},
            naming=naming or NamingPolicy(),
        ),
    )


def _compile_container(
    configuration: Mapping[str, object],
    client: ClientConfiguration | None = None,
    overrides: Mapping[str, object] | None = None,
    **sections: object,
) -> ContainerSpec:
    containers = {"web": configuration}
    given = {"containers": containers, **sections}
    state = _compile(given, selected=("m.web",), client=client, overrides=overrides)
    spec = state.containers[ResourceId(DEFAULT_ENGINE, ResourceKind.CONTAINER, "m.web")].spec
    assert spec is not None
    return spec


@pytest.fixture
def compile_map() -> Compile:
    return _compile


@pytest.fixture
def compile_container() -> CompileContainer:
    return _compile_container
