"""What there is of a map, as a table or as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..client import ContainerStatus
from ..model import DEFAULT_ENGINE
from ..plan import Relation
from ..state import RunState
from ._output import remark, write, writing

ABSENT = "absent"
UNKNOWN = "unknown"

_FOLDED = ("container", "addresses", "ports", "configuration")
_ANY_WIDTH = 1_000


def print_status(statuses: Sequence[ContainerStatus], *, as_json: bool) -> None:
    """Write them to standard output, and what nobody can know to standard error."""
    for error in dict.fromkeys(str(status.error) for status in statuses if status.error):
        remark(f"error: {error}")
    if as_json:
        write(json.dumps([_plain(status) for status in statuses], indent=2))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    columns = _columns(statuses)
    for heading in columns:
        table.add_column(heading, overflow="fold", no_wrap=heading not in _FOLDED)
    for cells in zip(*columns.values(), strict=True):
        table.add_row(*cells)
    # What reads a pipe has no width, and wants a line for each container.
    console = Console()
    if not console.is_terminal:
        console = Console(width=_ANY_WIDTH)
    with writing():
        console.print(table)


def is_as_it_should_be(status: ContainerStatus) -> bool:
    """Whether it runs, is not known to be ill, and does not differ from its configuration."""
    return (
        status.state is RunState.RUNNING
        and status.health != "unhealthy"
        and status.relation in {None, Relation.CURRENT}
    )


def _time(started_at: str | None) -> str:
    """The time of an engine (UTC) to the second."""
    return (started_at or "").partition(".")[0].rstrip("Z").replace("T", " ")


def _name_of_state(status: ContainerStatus) -> str:
    if status.error is not None:
        return UNKNOWN
    return status.state.value if status.state else ABSENT


def _state(status: ContainerStatus) -> Text:
    code = "" if status.exit_code is None else f" ({status.exit_code})"
    restarts = f", restarted {status.restarts} times" if status.restarts else ""
    is_well = status.state is RunState.RUNNING or (
        status.state is RunState.EXITED and not status.exit_code
    )
    style = "green" if status.state is RunState.RUNNING else "" if is_well else "yellow"
    return Text(f"{_name_of_state(status)}{code}{restarts}", style=style)


def _health(status: ContainerStatus) -> Text:
    return Text(status.health or "", style="red" if status.health == "unhealthy" else "")


def _relation(status: ContainerStatus) -> Text:
    match status.relation:
        case Relation.CURRENT | Relation.OUTDATED | Relation.SCRIPT as relation:
            is_current = relation is Relation.CURRENT
            why = f": {'; '.join(status.reasons)}" if status.reasons else ""
            return Text(f"{relation.value}{why}", style="" if is_current else "yellow")
        case _:
            return Text("")  # its state says so


_COLUMNS: Final[Mapping[str, Callable[[ContainerStatus], Text | str]]] = {
    "engine": lambda status: status.id.engine,
    "container": lambda status: status.id.name,
    "state": _state,
    "health": _health,
    "since (UTC)": lambda status: _time(status.started_at),
    "addresses": lambda status: ", ".join(filter(None, status.addresses.values())),
    "ports": lambda status: ", ".join(str(port) for port in status.host_ports),
    "configuration": _relation,
}
_ALWAYS: Final = ("container", "state")


def _columns(statuses: Sequence[ContainerStatus]) -> dict[str, list[Text | str]]:
    """The cells by heading; without the columns that would say nothing."""
    columns = {heading: [cell(status) for status in statuses] for heading, cell in _COLUMNS.items()}
    if {status.id.engine for status in statuses} <= {DEFAULT_ENGINE}:
        del columns["engine"]
    return {
        heading: cells
        for heading, cells in columns.items()
        if heading in _ALWAYS or any(str(cell) for cell in cells)
    }


def _plain(status: ContainerStatus) -> dict[str, object]:
    return {
        "engine": status.id.engine,
        "name": status.id.name,
        "map": status.item.map_name,
        "configuration": status.item.name,
        "instance": status.item.instance,
        "state": _name_of_state(status),
        "id": status.container_id,
        "exit_code": status.exit_code,
        "started_at": status.started_at,
        "health": status.health,
        "restarts": status.restarts,
        "addresses": dict(status.addresses),
        "ports": [str(port) for port in status.host_ports],
        "relation": status.relation.value if status.relation else None,
        "reasons": list(status.reasons),
        "notes": list(status.notes),
        "error": str(status.error) if status.error else None,
    }
