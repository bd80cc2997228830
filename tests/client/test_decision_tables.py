"""The decision table of behaviour 6.3 on a real engine, row by row, all columns of a row at once.

Each column is a container of its own, brought into its state without anything of ours; one call of
the action then meets all of them. What was planned, and what the engine shows afterwards, has to be
what the letters of the row say: C create, S start, E exec commands, T stop, R remove, K signal.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from typing import Any, Final

import pytest
from attrs import field, frozen
from engine_views import run_until_told, text_in
from raw_engine import RawEngine

from aiodockmap.plan import (
    CreateContainer,
    Direction,
    Plan,
    RemoveContainer,
    RunExec,
    SignalContainer,
    StartContainer,
    StopContainer,
    Verb,
)

pytestmark = pytest.mark.engine

COLUMNS: Final = (
    "absent",
    "initial",
    "exited",
    "nonrecoverable",
    "running",
    "paused",
    "restarting",
)
"""The columns of the table; the last three are its column "running" (STATE-6, STATE-7)."""

NONRECOVERABLE: Final = 42
"""The exit code that is non-recoverable in these tests (OPTN-9)."""

LETTERS: Final = {
    StopContainer: "T",
    RemoveContainer: "R",
    CreateContainer: "C",
    StartContainer: "S",
    RunExec: "E",
    SignalContainer: "K",
}

ELSEWHERE: Final = {"update", "script"}
"""Rows ACT-9 to ACT-12 and ACT-17 are about drift and scripts."""


class Role(Enum):
    """How the containers become part of an action."""

    SELECTED = "selected"
    DEPENDENCY = "dependency of the selected one"
    DEPENDANT = "dependant of the selected one"


@frozen(kw_only=True)
class Row:
    """One row of the table, and how to get at it."""

    verb: Verb
    cells: tuple[str, ...]
    """One for each of COLUMNS."""
    role: Role = Role.SELECTED
    persistent: bool = False
    new_volumes: bool = False
    """The volumes that the containers own are absent before."""
    options: Mapping[str, object] = field(factory=dict)


def row(id_: str, verb: Verb, cells: str, *roles: Role, **details: Any) -> list[Any]:
    """A row as in the specification, for each of its roles.

    `details` are `persistent`, `new_volumes`, and the options of the action.
    """
    absent, initial, exited, nonrecoverable, running = cells.split()
    about = {name: details.pop(name, False) for name in ("persistent", "new_volumes")}
    return [
        pytest.param(
            Row(
                verb=verb,
                cells=(absent, initial, exited, nonrecoverable, running, running, running),
                role=role,
                options=details,
                **about,
            ),
            id=f"{id_}-{role.name.lower()}",
        )
        for role in roles or (Role.SELECTED,)
    ]


DOWN: Final = (Role.SELECTED, Role.DEPENDENCY)
UP: Final = (Role.SELECTED, Role.DEPENDANT)
KEEP: Final[Mapping[str, Any]] = {"persistent": True, "remove_persistent": False}

# fmt: off
#                                     absent initial exited nonrec. running
ROWS: Final = [
    *row("ACT-1",   Verb.CREATE,      "C      -      -      -      -", *DOWN),
    *row("ACT-2",   Verb.START,       "-      SE     SE     SE     -", *DOWN),
    *row("ACT-3",   Verb.RESTART,     "-      -      S      S      TS"),
    *row("ACT-3-E", Verb.RESTART,     "-      -      SE     SE     TSE", restart_exec_commands=True),
    *row("ACT-4",   Verb.STOP,        "-      -      -      -      T", *UP),
    *row("ACT-5",   Verb.REMOVE,      "-      R      R      R      -", *UP),
    *row("ACT-6",   Verb.STARTUP,     "CSE    SE     SE     RCSE   -", *DOWN),
    *row("ACT-7",   Verb.STARTUP,     "CSE    RCSE   RCSE   RCSE   TRCSE", *DOWN, new_volumes=True),
    *row("ACT-8",   Verb.SHUTDOWN,    "-      R      R      R      TR", *UP),
    *row("ACT-13",  Verb.SIGNAL,      "-      -      -      -      K"),
    *row("ACT-14",  Verb.PULL_IMAGES, "-      -      -      -      -", pull_all_images=False),
    *row("ACT-15",  Verb.START,       "-      SE     -      -      -", persistent=True),
    *row("ACT-16",  Verb.STARTUP,     "CSE    SE     -      RCSE   -", *DOWN, persistent=True),
    *row("ACT-18",  Verb.REMOVE,      "-      -      -      -      -", **KEEP),
    *row("ACT-19",  Verb.SHUTDOWN,    "-      -      -      -      T", **KEEP),
    *row("ACT-25",  Verb.RESTART,     "-      -      S      S      TS", persistent=True),
    *row("ACT-28",  Verb.REMOVE,      "-      R      R      R      R", force=True),
    *row("ACT-71",  Verb.SHUTDOWN,    "-      R      R      R      TR", persistent=True),
]
# fmt: on


def test_no_row_is_forgotten() -> None:
    """Every action has a row for each role that its direction gives (ACT-65 to ACT-68)."""
    roles = {Direction.FORWARD: DOWN, Direction.REVERSE: UP, Direction.ITEM: (Role.SELECTED,)}
    wanted = {
        (verb, role)
        for verb in Verb
        for role in roles[verb.direction]
        # Pulling reaches no container at all, whatever its role (ACT-68).
        if verb.value not in ELSEWHERE and (verb, role) != (Verb.PULL_IMAGES, Role.DEPENDENCY)
    }
    plain = [each.values[0] for each in ROWS if not each.values[0].persistent]

    assert {(each.verb, each.role) for each in plain} == wanted


@frozen(kw_only=True)
class Shown:
    """What the engine shows of one container."""

    id: str
    runs: bool
    paused: bool
    started: str
    """When it was last started."""
    ran: tuple[str, ...]
    """The exec commands that ran in it."""


@frozen(kw_only=True)
class Fate:
    """What became of a container; None where it cannot be told."""

    exists: bool
    is_the_same: bool | None = None
    runs: bool | None = None
    paused: bool | None = None
    was_started: bool | None = None
    ran: tuple[str, ...] | None = None


def fate_by(letters: str, column: str) -> Fate:
    """What the letters of a cell mean for a container that was in a state."""
    existed = column != "absent"
    if "C" not in letters and (not existed or "R" in letters):
        return Fate(exists=False)
    is_up = column in {"running", "paused", "restarting"}
    is_first = "C" in letters or column == "initial"
    commands = ("always", "first") if is_first else ("always",)
    # The old one of the restarting column dies at every start, ours included.
    ends_anyway = column == "restarting" and "C" not in letters
    return Fate(
        exists=True,
        is_the_same="C" not in letters,
        runs="S" in letters or (is_up and not {"C", "T", "K"} & set(letters)),
        paused=column == "paused" and letters == "-",
        was_started=None if ends_anyway else "S" in letters,
        ran=commands if "E" in letters and not ends_anyway else (),
    )


def fate_of(before: Shown | None, after: Shown | None, column: str) -> Fate:
    """What became of a container, by what the engine showed before and after."""
    if after is None:
        return Fate(exists=False)
    is_the_same = before is not None and before.id == after.id
    began = before.started if is_the_same and before else NEVER
    return Fate(
        exists=True,
        is_the_same=is_the_same,
        runs=after.runs,
        paused=after.paused,
        was_started=None if column == "restarting" and is_the_same else after.started != began,
        ran=after.ran,
    )


NEVER: Final = "0001-01-01T00:00:00Z"


@frozen(kw_only=True)
class Bench:
    """The containers of a row on the engine: `<map>.<column>`."""

    engine: RawEngine
    image: str
    map_name: str

    def prepare(self, *, volumes: bool) -> None:
        """Bring a container into the state of each column."""
        if volumes:
            for column in COLUMNS:
                self._do("volumes/create", {"Name": f"{self.map_name}.{column}data"})
        with ThreadPoolExecutor(len(COLUMNS)) as threads:
            list(threads.map(self._prepare, COLUMNS))

    def _prepare(self, column: str) -> None:
        if column == "absent":
            return
        ends_first = {"exited": 3, "nonrecoverable": NONRECOVERABLE}.get(column)
        command = run_until_told(first_exit=ends_first)
        policy = {}
        if column == "restarting":
            command, policy = ["/bin/sh", "-c", "exit 3"], {"Name": "always"}
        body = {
            "Image": self.image,
            "Cmd": command,
            "StopTimeout": 1,
            "HostConfig": {"RestartPolicy": policy, "NetworkMode": "none"},
        }
        self._do("containers/create", body, name=self.name(column))
        if column == "initial":
            return
        self._do(f"containers/{self.name(column)}/start")
        if ends_first is not None:
            self._do(f"containers/{self.name(column)}/wait", condition="not-running")
        elif column == "restarting":
            self._until(column, lambda state: bool(state["Restarting"]))
        else:
            self._until(
                column, lambda _: bool(text_in(self.engine, self.name(column), "/tmp/ready"))
            )
        if column == "paused":
            self._do(f"containers/{self.name(column)}/pause")

    def _until(self, column: str, condition: Any) -> None:
        for _ in range(2000):
            if condition(self.engine.get(f"containers/{self.name(column)}/json")["State"]):
                return
        pytest.fail(f"the container for {column!r} does not get there")

    def _do(self, path: str, body: Mapping[str, Any] | None = None, **query: str) -> None:
        status, answer = self.engine.call("POST", path, body, **query)
        assert status < 400, f"POST /{path}: {status} {answer!r}"

    def name(self, column: str) -> str:
        return f"{self.map_name}.{column}"

    def look(self) -> dict[str, Shown | None]:
        """What the engine shows of the container of each column."""
        return {column: self._look(column) for column in COLUMNS}

    def _look(self, column: str) -> Shown | None:
        found = self.engine.container(self.name(column))
        if found is None:
            return None
        state = found["State"]
        return Shown(
            id=found["Id"],
            runs=state["Running"],
            paused=state["Paused"],
            started=state["StartedAt"],
            ran=tuple(text_in(self.engine, self.name(column), "/tmp/ran").split()),
        )

    def wait_for_end(self, column: str) -> None:
        self._do(f"containers/{self.name(column)}/wait", condition="not-running")

    def landscape(self, row: Row) -> dict[str, object]:
        """A map of these containers, with what makes them dependencies or dependants."""
        containers: dict[str, object] = {
            column: {
                "image": self.image,
                "attaches": {f"{column}data": "/data"},
                "uses": "basedata" if row.role is Role.DEPENDANT else None,
                "persistent": row.persistent,
                "stop_timeout": 1,
                "network_mode": "none",
                "create_options": {"command": run_until_told()},
                "exec_commands": [
                    (["/bin/sh", "-c", "echo always >>/tmp/ran"], None, "restart"),
                    (["/bin/sh", "-c", "echo first >>/tmp/ran"], None, "initial"),
                ],
            }
            for column in COLUMNS
        }
        if row.role is Role.DEPENDANT:
            containers["base"] = {"image": self.image, "attaches": {"basedata": "/base"}}
        if row.role is Role.DEPENDENCY:
            containers["user"] = {
                "image": self.image,
                "uses": {f"{column}data": f"/{column}" for column in COLUMNS},
                "network_mode": "none",
            }
        return containers


def letters_planned(plan: Plan, container: str) -> str:
    """What is planned for a container, as a cell of the table, in the order of the table.

    A replacement creates the new container before it stops the old one; that is no matter of the table.
    """
    planned = {type(step.action) for step in plan.steps if step.resource.name == container}
    return "".join(letter for action, letter in LETTERS.items() if action in planned) or "-"


SELECTION: Final[Mapping[Role, object]] = {
    Role.SELECTED: list(COLUMNS),
    Role.DEPENDENCY: "user",
    Role.DEPENDANT: "base",
}


@pytest.mark.parametrize("row", ROWS)
async def test_a_row_of_the_table_holds_on_the_engine(
    row: Row, client_of: Any, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """OPTN-3, OPTN-5, OPTN-14, ACT-1 to ACT-8, ACT-13 to ACT-38; EXEC-10 to EXEC-16."""
    bench = Bench(engine=raw_engine, image=test_image, map_name=prefix)
    bench.prepare(volumes=not row.new_volumes)
    before = bench.look()
    wanted = dict(zip(COLUMNS, row.cells, strict=True))

    defaults = {"nonrecoverable_exit_codes": NONRECOVERABLE}
    async with client_of(bench.landscape(row), option_defaults=defaults) as client:
        act = getattr(client, row.verb.value)
        report = await act(SELECTION[row.role], raise_on_error=False, **row.options)

    # A container that dies at every start is reported, and no matter of the table.
    assert {step.resource.name for step in report.failed} <= {bench.name("restarting")}

    for column in COLUMNS:
        if "K" in wanted[column]:
            bench.wait_for_end(column)
    after = bench.look()
    planned = {column: letters_planned(report.plan, bench.name(column)) for column in COLUMNS}
    assert planned == wanted
    assert {column: fate_of(before[column], after[column], column) for column in COLUMNS} == {
        column: fate_by(wanted[column], column) for column in COLUMNS
    }


async def test_a_new_volume_replaces_all_instances_of_its_owner_and_none_of_its_users(
    client_of: Any, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """ACT-33: users are handled by their own state."""
    common: dict[str, object] = {
        "image": test_image,
        "network_mode": "none",
        "stop_timeout": 1,
        "create_options": {"command": run_until_told()},
    }
    before = {"app": {**common, "instances": ["a", "b"]}, "web": common}
    after = {
        "app": {**common, "instances": ["a", "b"], "attaches": {"data": "/data"}},
        "web": {**common, "uses": "data"},
    }
    async with client_of(before) as client:
        await client.startup("__all__")
    names = [f"{prefix}.app.a", f"{prefix}.app.b", f"{prefix}.web"]
    old = {name: raw_engine.get(f"containers/{name}/json")["Id"] for name in names}

    async with client_of(after) as client:
        await client.startup("web")

    new = {name: raw_engine.get(f"containers/{name}/json") for name in names}
    assert all(found["State"]["Running"] for found in new.values())
    assert {name for name in names if new[name]["Id"] != old[name]} == set(names[:2])


async def test_a_container_that_removes_itself_may_be_gone_already(
    client_of: Any, raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """ACT-38."""
    landscape = {"job": {"image": prompt_image, "host_config": {"auto_remove": True}}}
    async with client_of(landscape) as client:
        await client.startup("job")

        report = await client.shutdown("job")

    assert report.ok
    assert raw_engine.container_names(prefix) == []


async def test_a_start_that_finds_no_dependency_creates_none(
    client_of: Any, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """ACT-22."""
    landscape = {
        "networks": {"net": None},
        "db": {"image": test_image, "networks": "net"},
        "web": {"image": test_image, "networks": {"net": {"links": "db"}}},
    }
    async with client_of(landscape) as client:
        await client.create("web")
        raw_engine.call("DELETE", f"containers/{prefix}.db")

        report = await client.start("web")

    assert [str(step) for step in report.plan.steps] == [f"#1 start container {prefix}.web"]
    assert raw_engine.container_names(prefix) == [f"{prefix}.web"]
