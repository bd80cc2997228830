"""What there is of a map, as a table or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click
from rich import box
from rich.console import Console
from rich.table import Table

from ..client import ContainerStatus

ABSENT = "absent"


def print_status(statuses: Sequence[ContainerStatus], *, as_json: bool) -> None:
    """Write them to standard output."""
    if as_json:
        click.echo(json.dumps([_plain(status) for status in statuses], indent=2))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("engine", "container", "state", "health", "since", "ports"):
        table.add_column(heading, overflow="fold")
    for status in statuses:
        table.add_row(
            status.id.engine,
            status.id.name,
            _state(status),
            status.health or "",
            (status.started_at or "").partition(".")[0],
            ", ".join(str(port) for port in status.host_ports),
        )
    Console().print(table)


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
