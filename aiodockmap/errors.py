"""What is raised for all that can be wrong with maps, selections, options, runs and engines.

Errors of the program are Python's own: a `RuntimeError` for a client outside of its context, or entered
twice, a `TypeError` for a YAML loader that is not a safe one, an `OSError` for a file that cannot be read.

AioDockMapError
├── MapError (ValueError)                  a map that cannot mean anything: all its problems at once
│   ├── MapIntegrityError                  names that refer to nothing, duplicates, conflicts
│   └── CircularDependencyError            containers that need each other
├── SelectionError (LookupError, ValueError)  an item that no map describes, or a form that means nothing
├── OptionError (TypeError, ValueError)    an argument that is not known where it is given, or means nothing
├── ActionTypeError (TypeError)            an action on a kind of thing that it is not for
├── PlanOutdated                           the engine moved on since the plan was made
├── PlanningError (ValueError)             what is asked for cannot be planned
│   └── ScriptActionError                  the container that a script is to run in exists
├── EngineError                            an engine said no, or nothing
│   ├── EngineUnreachable
│   │   └── EngineTimeout (TimeoutError)
│   ├── ResourceNotFound
│   ├── ResourceConflict
│   ├── InvalidRequest
│   ├── RegistryError                      a registry did not let an engine in
│   │   ├── ImagePullError
│   │   └── ImagePushError
│   ├── ContainerFailed                    started, and died
│   ├── PreparationFailed                  a new volume could not get its owner or mode
│   └── ActionFailed                       the coroutine of a registered action raised
└── ActionRunnerError (ExceptionGroup)     a run failed: the root causes, and its report
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, Self

from attrs import converters, field, frozen

from .model import ResourceId

if TYPE_CHECKING:
    from .config import ContainerMap
    from .execute import RunReport

__all__ = [
    "ActionFailed",
    "ActionRunnerError",
    "ActionTypeError",
    "AioDockMapError",
    "CircularDependencyError",
    "ContainerFailed",
    "EngineError",
    "EngineTimeout",
    "EngineUnreachable",
    "ImagePullError",
    "ImagePushError",
    "InvalidRequest",
    "MapError",
    "MapIntegrityError",
    "OptionError",
    "PlanOutdated",
    "PlanningError",
    "PreparationFailed",
    "Problem",
    "RegistryError",
    "ResourceConflict",
    "ResourceNotFound",
    "ScriptActionError",
    "SelectionError",
]


class AioDockMapError(Exception):
    """The root of the tree."""

    rounds: tuple[RunReport, ...] = ()
    """What the same action had done by then, if it got that far: the pulls of an update, the earlier parts of
    a composition (ERR-3)."""


_LONGEST_TEXT: Final = 500
"""Characters of a place, or of what is wrong there: names in a map may have any length."""
_MOST_PROBLEMS: Final = 100
"""As many are in the text of an error; `problems` has all of them."""


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST_TEXT:
        return text
    half = _LONGEST_TEXT // 2
    return f"{text[:half]} … {text[-half:]}"


@frozen
class Problem:
    """One thing that is wrong with a map."""

    path: str = field(converter=_shortened)
    """Where: `$.containers.web.exposes[1]`."""
    message: str = field(converter=_shortened)
    """What, in a sentence; the middle of what is very long is left out."""
    hint: str | None = field(default=None, converter=converters.optional(_shortened))
    """The way out, where there is an obvious one: `did you mean 'exposes'?`."""
    line: int | None = None
    """The line of the document that the place, or what is around it, begins in; the first is 1."""
    cause: Exception | None = field(default=None, eq=False, repr=False, kw_only=True)
    """What a late value, or a callable, raised; it may say more than is good for a log."""

    def __str__(self) -> str:
        line = f" (line {self.line})" if self.line else ""
        return f"{self.path}{line}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class MapError(AioDockMapError, ValueError):
    """A map, or a client file, that cannot be understood; it lists all its problems."""

    readable: ContainerMap | None = None
    """The map as far as it could be read, to be looked at further; None of what is no map."""

    def __init__(self, source: str, problems: Iterable[Problem]) -> None:
        self.source = source
        """What was read: `map 'site'`, `site.yaml`."""
        self.problems = tuple(problems)
        count = len(self.problems)
        lines = [f"  {problem}" for problem in self.problems[:_MOST_PROBLEMS]]
        if count > _MOST_PROBLEMS:
            lines.append(f"  and {count - _MOST_PROBLEMS} more")
        said = "\n".join(lines)
        super().__init__(f"{source}: {count} problem{'s' if count != 1 else ''}\n{said}")


class MapIntegrityError(MapError):
    """Names that refer to nothing, names that occur twice, settings that exclude each other (INT)."""


class CircularDependencyError(MapIntegrityError):
    """Containers that depend on each other in a circle (DEP-20)."""

    def __init__(self, source: str, cycle: Sequence[str], problems: Iterable[Problem]) -> None:
        self.cycle = tuple(cycle)
        """The circle, each name once, starting at the first in alphabetical order."""
        super().__init__(source, problems)

    @property
    def is_self_reference(self) -> bool:
        """Whether a container depends on itself directly."""
        return len(self.cycle) == 1


class SelectionError(AioDockMapError, LookupError, ValueError):
    """A map, configuration, group or client that nobody described (SEL-15), or named in a form that means
    nothing (SEL-8)."""


class OptionError(AioDockMapError, TypeError, ValueError):
    """An argument that is not known where it was given (OPT-4, KW-11), or of a kind that means nothing there
    (API-1)."""


class ActionTypeError(AioDockMapError, TypeError):
    """An action was asked of a kind of thing that it is not defined for; nothing was changed (ERR-5)."""


class PlanningError(AioDockMapError, ValueError):
    """What is asked for contradicts what the engines have, so nothing was changed."""


class ScriptActionError(PlanningError):
    """The container that a script is to run in exists already; nothing was changed (SCR-10)."""


class PlanOutdated(AioDockMapError):
    """A resource that the plan acts on is not the one that it was made for; nothing was changed."""

    def __init__(self, changes: Iterable[tuple[ResourceId, str]]) -> None:
        self.changes = tuple(changes)
        """Each resource, and what became of it since."""
        lines = "\n".join(f"  {resource}: {change}" for resource, change in self.changes)
        super().__init__(f"the engine changed since this plan was made; plan again\n{lines}")


class EngineError(AioDockMapError):
    """An engine refused a call, or did not answer."""

    def __init__(
        self,
        message: str,
        *,
        resource: ResourceId | None = None,
        call: str = "",
        status: int | None = None,
        advice: str | None = None,
    ) -> None:
        self.message = message
        """What the engine said, in its own words."""
        self.resource = resource
        """What the call was about; None for calls about the engine itself."""
        self.call = call
        """The call in the words of the Engine API: `POST /containers/create`."""
        self.status = status
        """The HTTP status; None where there was no answer."""
        self.advice = advice
        """What to do, where that is known."""
        super().__init__(message, resource, call, status, advice)

    def __str__(self) -> str:
        subject = f"{self.resource}: " if self.resource else ""
        status = f" (status {self.status})" if self.status else ""
        call = f" [{self.call}{status}]" if self.call else status
        advice = f"; {self.advice}" if self.advice else ""
        return f"{subject}{self.message}{call}{advice}"


class EngineUnreachable(EngineError):
    """There is no engine, or the connection to it broke; a change may or may not have happened."""


class EngineTimeout(EngineUnreachable, TimeoutError):
    """The engine did not answer in time; a change may or may not have happened."""


class ResourceNotFound(EngineError):
    """What the call needs does not exist (status 404)."""


class ResourceConflict(EngineError):
    """The name, the port or the state of something else stands in the way (status 409, some 403)."""


class InvalidRequest(EngineError):
    """The engine does not accept a setting (status 400).

    By itself, and not in an `ActionRunnerError`: it cannot be reached with the settings of its client, an
    address, a file of TLS or a version; nothing was changed.
    """


class RegistryError(EngineError):
    """A registry refused what an engine wanted of it, or could not be reached."""


class ImagePullError(RegistryError):
    """The image could not be had from its registry."""


class ImagePushError(RegistryError):
    """The image could not be put into its registry."""


class ContainerFailed(EngineError):
    """A container did not start, or died at once."""

    def __init__(
        self,
        message: str,
        *,
        exit_code: int | None = None,
        oom_killed: bool = False,
        health_output: str | None = None,
        log_tail: Sequence[str] = (),
        resource: ResourceId | None = None,
        call: str = "",
        status: int | None = None,
        advice: str | None = None,
    ) -> None:
        super().__init__(message, resource=resource, call=call, status=status, advice=advice)
        self.exit_code = exit_code
        self.oom_killed = oom_killed
        self.health_output = health_output
        """What the last health check printed, if there was one."""
        self.log_tail = tuple(log_tail)
        """The last lines that the container printed."""

    def __str__(self) -> str:
        parts = [super().__str__()]
        if self.health_output:
            parts.append(f"  health check: {self.health_output.strip()}")
        parts += [f"  | {line}" for line in self.log_tail]
        return "\n".join(parts)


class PreparationFailed(EngineError):
    """Owner or mode of a new volume could not be set (VOL-25)."""


class ActionFailed(EngineError):
    """The coroutine of a registered action raised something of its own, which is the cause.

    It says what that says, except for the keyword arguments of the call, which may be secrets.
    """


class ActionRunnerError(AioDockMapError, ExceptionGroup[Exception]):
    """A run in which at least one step failed (ERR-1).

    Its members are the root causes, one `EngineError` each; what could not run because of them is listed
    in `report.blocked`.
    """

    report: RunReport

    def __new__(cls, message: str, causes: Sequence[Exception], report: RunReport) -> Self:
        group = super().__new__(cls, message, causes)
        group.report = report
        return group

    # The report was taken by `__new__`; both get what the caller passes.
    def __init__(self, message: str, causes: Sequence[Exception], report: RunReport) -> None:  # noqa: ARG002
        super().__init__(message, causes)

    def derive(self, excs: Sequence[Exception], /) -> ActionRunnerError:  # type: ignore[override]
        # A part of the group is about the same run; the base class allows any group here.
        return ActionRunnerError(self.message, excs, self.report)

    def __str__(self) -> str:
        causes = "\n".join(f"  {cause}".replace("\n", "\n  ") for cause in self.exceptions)
        return f"{self.message}\n{causes}"
