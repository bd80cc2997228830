"""What is wrong with the maps that are compiled, raised all at once."""

from __future__ import annotations

import attrs
from attrs import field, frozen

from ..errors import MapError, OptionError, Problem


@frozen
class Complaints:
    """What is wrong, by map."""

    by_map: dict[str, list[Problem]] = field(factory=dict)

    def about(self, map_name: str) -> list[Problem]:
        """Where complaints about a map go."""
        return self.by_map.setdefault(map_name, [])

    def raise_any(self) -> None:
        """Raise everything at once, each complaint once however many containers it applies to.

        Raises:
            MapError: if a map is at fault.
            OptionError: if only arguments of the call are.
        """
        found = {name: tuple(dict.fromkeys(each)) for name, each in self.by_map.items() if each}
        in_maps = {
            name: tuple(each for each in problems if each.path.startswith("$"))
            for name, problems in found.items()
        }
        in_maps = {name: problems for name, problems in in_maps.items() if problems}
        cause = next((each.cause for all_ in found.values() for each in all_ if each.cause), None)
        if len(in_maps) == 1:
            ((name, problems),) = in_maps.items()
            raise MapError(f"map '{name}'", problems) from cause
        if in_maps:
            raise MapError(
                f"maps {', '.join(repr(name) for name in in_maps)}",
                (
                    attrs.evolve(each, path=f"{name}:{each.path}")
                    for name, problems in in_maps.items()
                    for each in problems
                ),
            ) from cause
        in_arguments = dict.fromkeys(each for problems in found.values() for each in problems)
        if in_arguments:
            raise OptionError("; ".join(str(each) for each in in_arguments)) from cause
