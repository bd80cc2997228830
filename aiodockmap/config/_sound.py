"""What is left of a map when all is left out that has problems, and all that needs it."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import MapError
from ..model import ResourceKind
from ._map import ContainerMap, without_containers
from ._place import Place
from ._references import config_dependencies


def sound_part(error: MapError) -> ContainerMap | None:
    """The part of a map in which an error finds nothing wrong; None if there is no telling.

    What is wrong with that part is wrong with the map, and no consequence of what is known already.
    """
    if error.readable is None:
        return None
    places = {name: Place().at("containers").at(name).path for name in error.readable.containers}
    flawed = {
        name
        for name, place in places.items()
        if any(_is_within(problem.path, place) for problem in error.problems)
    }
    known = [*(places[name] for name in flawed), Place().at("groups").path]
    if not all(any(_is_within(each.path, place) for place in known) for each in error.problems):
        return None
    needs = _needs(error.readable)
    while following := {name for name in needs.keys() - flawed if needs[name] & flawed}:
        flawed |= following
    return without_containers(error.readable, flawed)


def _is_within(path: str, place: str) -> bool:
    return path == place or path.startswith((f"{place}.", f"{place}["))


def _needs(container_map: ContainerMap) -> Mapping[str, set[str]]:
    """The configurations that each one extends, or needs in any way."""
    dependencies = config_dependencies(container_map.expanded())
    return {
        name: {
            *configuration.extends,
            *(
                each.target.name
                for each in dependencies.get(name, ())
                if each.target.kind in {ResourceKind.CONTAINER, ResourceKind.VOLUME}
            ),
        }
        for name, configuration in container_map.containers.items()
    }
