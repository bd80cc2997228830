"""What containers print, a line each, with the name of the container in front."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import click
from attrs import define, field

from ..client import ContainerLine
from ..model import DEFAULT_ENGINE, ResourceId
from ._output import write

_COLOURS: Final = ("cyan", "yellow", "green", "magenta", "blue", "bright_cyan", "bright_yellow")
_BACK: Final = re.compile(r"(\d+)([smhd])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def read_moment(
    _context: click.Context, _parameter: click.Parameter, text: str | None
) -> datetime | timedelta | None:
    """Understand `10m` for ten minutes ago, and a date with a time.

    Raises:
        click.BadParameter: for anything else.
    """
    if text is None:
        return None
    back = _BACK.fullmatch(text)
    if back:
        return timedelta(**{_UNITS[back[2]]: int(back[1])})
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is neither a time back, such as 10m, nor a date and time"
        ) from None


@define(eq=False)
class LinePrinter:
    """Writes lines; where there are colours, each container has its own."""

    _width: int
    _colours: dict[ResourceId, str] = field(factory=dict, init=False)

    @classmethod
    def for_containers(cls, containers: Iterable[ResourceId]) -> LinePrinter:
        """A printer with room for the names of these containers."""
        return cls(max((len(_name(each)) for each in containers), default=0))

    def print(self, line: ContainerLine) -> None:
        """Write one line to standard output; click leaves colours out where there is no terminal."""
        colour = self._colours.setdefault(line.id, _COLOURS[len(self._colours) % len(_COLOURS)])
        prefix = click.style(f"{_name(line.id):{self._width}} |", fg=colour)
        stamp = f"{line.timestamp} " if line.timestamp else ""
        write(f"{prefix} {stamp}{line.text}")


def _name(container: ResourceId) -> str:
    if container.engine == DEFAULT_ENGINE:
        return container.name
    return f"{container.engine}/{container.name}"
