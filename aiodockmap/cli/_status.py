"""What there is of a map, as a table or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click
from rich import box
from rich.console import Console
from rich.table import Table

from ..client import ContainerStatus
from ..model import DEFAULT_ENGINE

ABSENT = "absent"

_FOLDED = ("container", "ports")
_ANY_WIDTH = 1_000


def print_status(statuses: Sequence[ContainerStatus], *, as_json: bool) -> None:
    """Write them to standard output."""
    if as_json:
        click.echo(json.dumps([_plain(status) for status in statuses], indent=2))
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
    console.print(table)


def _columns(statuses: Sequence[ContainerStatus]) -> dict[str, list[str]]:
    """The cells by heading; without the columns that would say nothing."""
    columns = {
        "engine": [status.id.engine for status in statuses],
        "container": [status.id.name for status in statuses],
        "state": [_state(status) for status in statuses],
        "health": [status.health or "" for status in statuses],
        "since (UTC)": [_time(status.started_at) for status in statuses],
        "ports": [", ".join(str(port) for port in status.host_ports) for status in statuses],
    }
    if set(columns["engine"]) <= {DEFAULT_ENGINE}:
        del columns["engine"]
    if not any(columns["health"]):
        del columns["health"]
    return columns


def _time(started_at: str | None) -> str:
    """The time of an engine (UTC) to the second."""
    return (started_at or "").partition(".")[0].rstrip("Z").replace("T", " ")


def _state(status: ContainerStatus) -> str:
    state = status.state.value if status.state else ABSENT
    code = "" if status.exit_code is None else f" ({status.exit_code})"
    restarts = f", restarted {status.restarts} times" if status.restarts else ""
    return f"{state}{code}{restarts}"


def _plain(status: ContainerStatus) -> dict[str, object]:
    return {
        "engine": status.id.engine,
        "name": status.id.name,
        "state": status.state.value if status.state else ABSENT,
        "id": status.container_id,
        "exit_code": status.exit_code,
        "started_at": status.started_at,
        "health": status.health,
        "restarts": status.restarts,
        "addresses": dict(status.addresses),
        "ports": [str(port) for port in status.host_ports],
    }
