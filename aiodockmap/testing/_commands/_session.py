"""What a shell has in mind while it follows a script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from attrs import define, field

from ._place import CANNOT_RUN, MISSING, Place, start_problem
from ._printed import number_of
from ._steps import ERR, OUT, Job, Signals, Steps, Unclear, failing

FIRST_JOB: Final = 7
_BY_SHELLS: Final = frozenset(
    {"IFS", "LINENO", "OLDPWD", "OPTIND", "PPID", "PS1", "PS2", "RANDOM", "UID"}
)
"""Variables that a shell has by itself, and that are not known here."""

SHELL: Final = "sh"
Target: TypeAlias = int | str
Run: TypeAlias = Callable[[Place, Sequence[str], Signals | None], Steps]
"""Runs a program; with signals, in place of what looked after them before."""


class Exit(Exception):
    """A script ends."""


class Leave(Exception):
    """A loop ends, or goes on with its next round."""

    def __init__(self, *, is_break: bool) -> None:
        super().__init__()
        self.is_break = is_break


@define(eq=False, kw_only=True)
class Session:
    """What one shell knows."""

    place: Place
    run: Run
    signals: Signals = field(factory=Signals)
    is_process: bool = False
    """Whether it is what the signals of a process go to."""
    name: str = SHELL
    arguments: list[str] = field(factory=list)
    options: set[str] = field(factory=set)
    """Letters, as in `set -e`."""
    variables: dict[str, str] = field(factory=dict)
    exported: set[str] = field(factory=set)
    line: int = 0
    """Lines before the command that it is at."""
    code: int = 0
    """The status of the last command, `$?`."""
    loops: int = 0
    """How many loops it is within."""
    jobs: dict[str, Job] = field(factory=dict)
    """By the number of their process."""
    streams: Mapping[int, Target] = field(factory=lambda: {OUT: OUT, ERR: ERR})
    """Where its streams go; to 0 goes what nobody sees, a text is the path of a file."""

    @classmethod
    def in_place(cls, place: Place, run: Run) -> Session:
        """One that begins with the variables of its place."""
        level = place.environment.get("SHLVL", "0")
        own = {"SHLVL": str((number_of(level) or 0) + 1), "PWD": place.directory}
        variables = {**place.environment, **own}
        return cls(place=place, run=run, variables=variables, exported=set(variables))

    def copy(self) -> Session:
        """What a subshell begins with."""
        return Session(
            place=self.place,
            run=self.run,
            name=self.name,
            arguments=list(self.arguments),
            options=set(self.options),
            variables=dict(self.variables),
            exported=set(self.exported),
            line=self.line,
            code=self.code,
            loops=self.loops,
            streams=self.streams,
        )

    def place_of_child(self) -> Place:
        """Where the programs that it runs find themselves."""
        known = self.variables.items()
        exported = {name: value for name, value in known if name in self.exported}
        return self.place.with_environment(exported)

    def complaint(self, message: str, builtin: str = "") -> str:
        """How it says what is wrong, by itself or in a command of its own."""
        is_named = self.name != SHELL
        line = f"line {self.line}: " if builtin or is_named else ""
        return f"{self.name}: {f'{builtin}: ' if builtin else ''}{line}{message}"

    def start(
        self, words: Sequence[str], signals: Signals | None = None, *, builtin: str = ""
    ) -> Steps:
        """Run a program, or say that it is not there."""
        place = self.place_of_child()
        if not words[0]:
            return failing(MISSING, self.complaint(": Permission denied", builtin))
        problem = start_problem(words[0], place)
        if problem is None:
            return self.run(place, words, signals)
        _, code = problem
        why = "Permission denied" if code == CANNOT_RUN else "not found"
        return failing(code, self.complaint(f"{words[0]}: {why}", builtin))

    def add_job(self, job: Job) -> None:
        """Remember a job, whose number is `$!` then."""
        number = str(FIRST_JOB + len(self.jobs))
        self.jobs[number] = job
        self.variables["!"] = number

    def value(self, name: str) -> str | None:
        """The value of a variable; None if there is none.

        Raises:
            Unclear: if nobody knows here.
        """
        match name:
            case "?":
                return str(self.code)
            case "#":
                return str(len(self.arguments))
            case "0":
                return self.name
            case "@" | "*":
                return " ".join(self.arguments) if self.arguments else None
            case _ if name.isdecimal():
                return self.arguments[int(name) - 1] if int(name) <= len(self.arguments) else None
            case _ if name == "$" or (name in _BY_SHELLS and name not in self.variables):
                raise Unclear(f"`${name}`")
            case _:
                return self.variables.get(name)
