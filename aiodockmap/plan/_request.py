"""What is wanted, of what, under which options."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

import attrs
from attrs import field, frozen, validators

from ..errors import OptionError
from ..model import UNSET, CmdCheck, ResourceId, UnsetType, nearest, signal_number
from ..state import ObservedState


class Direction(Enum):
    """Which way a verb follows the dependencies (DEP-19)."""

    FORWARD = "dependencies first"
    REVERSE = "dependants first"
    ITEM = "the selected items only"


class Verb(Enum):
    """What can be asked for; the value is the name of the action (API-5)."""

    CREATE = "create"
    START = "start"
    RESTART = "restart"
    STOP = "stop"
    REMOVE = "remove"
    STARTUP = "startup"
    SHUTDOWN = "shutdown"
    UPDATE = "update"
    SIGNAL = "signal"
    PULL_IMAGES = "pull_images"
    SCRIPT = "script"

    @property
    def direction(self) -> Direction:
        """Which way the verb follows the dependencies."""
        return _DIRECTIONS[self]


_DIRECTIONS: Final = {
    Verb.CREATE: Direction.FORWARD,
    Verb.START: Direction.FORWARD,
    Verb.RESTART: Direction.ITEM,
    Verb.STOP: Direction.REVERSE,
    Verb.REMOVE: Direction.REVERSE,
    Verb.STARTUP: Direction.FORWARD,
    Verb.SHUTDOWN: Direction.REVERSE,
    Verb.UPDATE: Direction.FORWARD,
    Verb.SIGNAL: Direction.ITEM,
    Verb.PULL_IMAGES: Direction.FORWARD,
    Verb.SCRIPT: Direction.FORWARD,
}

_BOOL = validators.instance_of(bool)
_MOST_SECONDS: Final = 999_999_999
"""More than anybody waits, and not too many for an engine to count."""


def _no_link(_: object, __: attrs.Attribute[bool], value: object) -> None:
    if value is not False:
        raise ValueError(
            "link=True would remove a link and leave the container; take the link out of the map and update"
        )


def _as_codes(value: object) -> frozenset[int]:
    codes = (value,) if isinstance(value, int) else value
    if not isinstance(codes, tuple | list | set | frozenset) or not all(
        isinstance(code, int) for code in codes
    ):
        raise ValueError(f"exit codes are integers, not {value!r}")
    return frozenset(codes)


def _as_grace(value: object) -> int | UnsetType | None:
    if value is None or value is UNSET:
        return value
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and 0 <= value <= _MOST_SECONDS
    ):
        # Engines count whole seconds, and 0 of them is to kill at once.
        return math.ceil(value)
    raise ValueError(f"a timeout is a number of seconds, 0 to {_MOST_SECONDS}, not {value!r}")


def _as_check(value: object) -> CmdCheck:
    if value is None:
        return CmdCheck.NONE
    try:
        return CmdCheck(value)
    except ValueError:
        raise ValueError(
            f"check_exec_commands is 'full', 'partial' or 'none', not {value!r}"
        ) from None


def _as_signal(value: object) -> str | None:
    if value is None:
        return None
    if signal_number(value) is None:  # an engine that is sent an empty one kills
        raise ValueError(f"a signal is a name or a number, as 'HUP', 'SIGHUP' or 1, not {value!r}")
    return str(value)


def _as_tail(value: object) -> int | None:
    if value is None or value == "all":
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"tail is a number of lines or 'all', not {value!r}")
    return value


def _as_wait(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ValueError(f"wait_timeout is a number of seconds above 0, not {value!r}")
    return float(min(value, _MOST_SECONDS))


@frozen(kw_only=True)
class PlanOptions:
    """The options of behaviour 6.2 and the keywords of 5.3 that planning looks at."""

    prepare_local: bool = field(default=True, validator=_BOOL)
    """Prepare new volumes by the client's own command runner where it has one (VOL-26)."""
    nonrecoverable_exit_codes: frozenset[int] = field(
        default=frozenset({-127, -1}), converter=_as_codes
    )
    """A container that ended with one of these is re-created instead of started (STATE-4).

    Engines report 0 to 255, so the default never matches: name the codes that you mean (OPTN-9).
    """
    remove_persistent: bool = field(default=True, validator=_BOOL)
    remove_attached: bool = field(default=False, validator=_BOOL)
    """Consent to remove the volumes, with their data, that the removed containers own (ACT-60)."""
    pull_all_images: bool = field(default=True, validator=_BOOL)
    pull_insecure_registry: bool = field(default=False, validator=_BOOL)
    """Accepted without effect: engines are told by their own configuration (PULL-6)."""
    pull_before_update: bool = field(default=False, validator=_BOOL)
    """Pull every image on the path first (OPTN-6)."""
    skip_limit_reset: bool = field(default=False, validator=_BOOL)
    """A limit that is not in the map any more, and cannot be lifted live, stays (OPTN-11)."""
    update_persistent: bool = field(default=False, validator=_BOOL)
    """Replace persistent containers, too, where they differ (UPD-70)."""
    check_exec_commands: CmdCheck = field(default=CmdCheck.FULL, converter=_as_check)
    """How exec commands are recognised in the process list (UPD-60 to UPD-64)."""
    restart_exec_commands: bool = field(default=False, validator=_BOOL)
    timeout: int | UnsetType | None = field(default=UNSET, converter=_as_grace)
    """Seconds of grace before a container is killed, rounded up; None leaves it to the engine (KW-8)."""
    signal: str | None = field(default=None, converter=_as_signal)
    """Name or number; None for SIGKILL, the engine's default (SIG-1)."""
    v: bool = field(default=False, validator=_BOOL)
    """Remove anonymous volumes too (KW-9)."""
    link: bool = field(default=False, validator=_no_link)
    """Only False (KW-9): with it, engines remove a link, whose name they want, and no container."""
    force: bool = field(default=False, validator=_BOOL)
    """Remove running containers too (ACT-28)."""
    raise_not_found: bool = field(default=False, validator=_BOOL)
    """It is an error if a container is gone when it is to be stopped or removed (ERR-12)."""
    remove_existing_before: bool = field(default=False, validator=_BOOL)
    """Remove what has the name of a script's container, even if it runs (SCR-11)."""
    remove_created_after: bool = field(default=True, validator=_BOOL)
    """Remove a script's container when it has ended (SCR-12)."""
    wait_timeout: float | None = field(default=None, converter=_as_wait)
    """Seconds that a script may take (SCR-7); None for what container and client say."""
    tail: int | None = field(default=None, converter=_as_tail)
    """So many of the last lines of a script's output; None for all (SCR-9)."""
    timestamps: bool = field(default=False, validator=_BOOL)
    """Have each line of a script's output start with its time (SCR-9)."""

    def need_specs(self, verb: Verb) -> bool:
        """Whether planning has to know how containers are made, not only which there are."""
        return verb.direction is Direction.FORWARD or self.restart_exec_commands


SCRIPT_KEYWORDS: Final = frozenset(
    {"script_path", "entrypoint", "command_format", "container_script_dir", "script_transfer"}
)
"""What says which script is run; it becomes a part of the container before there is a plan."""

_ALIASES: Final = {"remove_existing_after": "remove_created_after"}
"""What the options of docker-map are called in its list of options (OPTN-1)."""

OPTIONS: Final[Mapping[Verb, frozenset[str]]] = {
    Verb.CREATE: frozenset({"prepare_local"}),
    Verb.START: frozenset(),
    Verb.RESTART: frozenset({"restart_exec_commands", "timeout"}),
    Verb.STOP: frozenset({"timeout", "raise_not_found"}),
    Verb.REMOVE: frozenset(
        {"remove_persistent", "remove_attached", "v", "link", "force", "raise_not_found"}
    ),
    Verb.STARTUP: frozenset({"prepare_local", "nonrecoverable_exit_codes"}),
    Verb.SHUTDOWN: frozenset({"remove_persistent", "remove_attached"}),
    Verb.UPDATE: frozenset(
        {
            "check_exec_commands",
            "nonrecoverable_exit_codes",
            "prepare_local",
            "pull_before_update",
            "pull_insecure_registry",
            "skip_limit_reset",
            "update_persistent",
        }
    ),
    Verb.SIGNAL: frozenset({"signal"}),
    Verb.PULL_IMAGES: frozenset({"pull_all_images", "pull_insecure_registry"}),
    Verb.SCRIPT: SCRIPT_KEYWORDS
    | {
        "nonrecoverable_exit_codes",
        "prepare_local",
        "remove_created_after",
        "remove_existing_after",
        "remove_existing_before",
        "tail",
        "timestamps",
        "wait_timeout",
    },
}
"""Which options each verb takes."""


def parse_options(
    verb: Verb, keywords: Mapping[str, object], defaults: Mapping[str, object] | None = None
) -> PlanOptions:
    """Read the keyword arguments of an action (KW-11, API-11).

    `defaults` may hold options of other verbs; a keyword may not.

    Raises:
        OptionError: for a keyword that the verb does not know, or a value that it cannot take.
    """
    allowed = OPTIONS[verb]
    for keyword in keywords:
        if keyword not in allowed:
            raise OptionError(_unknown(verb, keyword))
    chosen: dict[str, Any] = {
        name: value for name, value in (defaults or {}).items() if name in allowed
    }
    chosen |= keywords
    for name, meant in _ALIASES.items():
        if name in chosen:
            chosen.setdefault(meant, chosen.pop(name))
    if verb is Verb.SCRIPT:
        chosen = {name: value for name, value in chosen.items() if name not in SCRIPT_KEYWORDS}
    problems = [
        problem for name, value in chosen.items() if (problem := _problem_of({name: value}))
    ]
    if problems:
        raise OptionError(f"{verb.value}: {'; '.join(problems)}")
    return PlanOptions(**chosen)


def _problem_of(chosen: Mapping[str, Any]) -> str:
    try:
        PlanOptions(**chosen)
    except (TypeError, ValueError) as wrong:
        return str(wrong.args[0])
    return ""


def _unknown(verb: Verb, keyword: str) -> str:
    elsewhere = sorted(other.value for other in Verb if keyword in OPTIONS[other])
    if elsewhere:
        return f"{verb.value}() takes no option {keyword!r}; it belongs to {', '.join(elsewhere)}"
    known = sorted(OPTIONS[verb])
    guess = nearest(keyword, known)
    if guess:
        return f"{verb.value}() takes no option {keyword!r}; did you mean {guess!r}?"
    listed = ", ".join(known) or "none"
    return f"{verb.value}() takes no option {keyword!r}; its options: {listed}"


@frozen(kw_only=True)
class ScriptFiles:
    """Files that are copied into a script's container instead of mounted."""

    source: str
    """A file or a folder, on this machine."""
    target: str
    """The folder in the container."""


@frozen(kw_only=True)
class PlanRequest:
    """One question to the planner."""

    verb: Verb
    selected: tuple[ResourceId, ...]
    """On every engine of their maps, in the order of SEL-13."""
    options: PlanOptions = attrs.Factory(PlanOptions)
    forced: frozenset[ResourceId] = frozenset()
    """What `update` re-creates without comparing (OPTN-10)."""
    drawn_in: frozenset[ResourceId] = frozenset()
    """Those of `selected` that nobody named: they mount a volume that is created anew (UPD-86)."""
    default_networks: tuple[str, ...] = ()
    """Where containers are that name no network (OPTN-17); empty for the engine's own default."""
    live_fields: frozenset[str] = frozenset()
    """What `start` sets on the selected containers before it starts them: `HostConfig.Memory` (KW-7)."""
    is_question: bool = False
    """Nobody is going to carry the plan out: what would stand in its way is a note."""
    files: ScriptFiles | None = None
    """What a script needs in its container that is not mounted there."""
    patience: Mapping[str, float] = field(factory=dict)
    """Seconds that a script may take on an engine, where its call and its container do not say (SCR-7)."""

    def within(self, observed: ObservedState) -> PlanRequest:
        """The part that is about engines which were looked at; no dependency leads to another engine."""
        seen = tuple(each for each in self.selected if each.engine in observed.engines)
        return attrs.evolve(self, selected=seen)
