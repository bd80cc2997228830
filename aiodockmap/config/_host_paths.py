"""Paths of the host that engines would not take for paths (CFG-72)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ..model import HostVolume, is_late
from ._resources import HostVolumeConfiguration

if TYPE_CHECKING:
    from ._map import ContainerMap


def is_volume_name(source: str) -> bool:
    """Whether an engine takes the source of a bind for the name of a volume."""
    return not source.startswith("/")


def volume_name_doubt(source: str) -> str:
    """What to say about a source that was probably meant as a path."""
    return (
        f"'{source}' is relative, and engines take it for the name of a volume: begin it with '/',"
        " or give `host` a `root`"
    )


def relative_host_paths(container_map: ContainerMap) -> Iterator[tuple[str, str]]:
    """The places of all paths that stay relative, as far as they are written down, and the paths.

    Late ones are known when they are evaluated.
    """
    host = container_map.host
    if is_late(host.root):
        return
    for place, path in (*_of_aliases(host), *_of_containers(container_map)):
        if isinstance(path, str) and not is_late(path):
            source = host.under_root(path)
            if is_volume_name(source):
                yield place, source


def _of_aliases(host: HostVolumeConfiguration) -> Iterator[tuple[str, object]]:
    for alias, path in host.items():
        if isinstance(path, Mapping):
            yield from ((f"$.host.{alias}.{instance}", each) for instance, each in path.items())
        else:
            yield f"$.host.{alias}", path


def _of_containers(container_map: ContainerMap) -> Iterator[tuple[str, object]]:
    for name, configuration in container_map.containers.items():
        for index, bind in enumerate(configuration.binds):
            if isinstance(bind, HostVolume):
                yield f"$.containers.{name}.binds[{index}]", bind.host_path
