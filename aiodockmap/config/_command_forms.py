"""The short forms of `exec_commands` and `healthcheck` (SHP-80 to SHP-95)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import fields_dict

from ..model import ExecCommand, HealthCheck, is_late
from ._place import Place, kind_of
from ._shapes import Fields, Positions, Shape, flattened, named_positions, read_entries


def read_exec_commands(value: object, place: Place) -> tuple[ExecCommand, ...]:
    """Commands to run inside the container after its start."""
    return read_entries(value, place, _EXEC_COMMANDS)


def _exec_fields(positions: Positions) -> Fields:
    return named_positions(positions, ("cmd", "user", "policy"))


def _exec_positions(key: object, value: object) -> Positions:
    return flattened((key, value), range(1, 3))


_WORDS_HINT: Final = "write the words of a command as an inner list: - [[/bin/touch, /file]]"


def _exec_command(fields: Fields, place: Place) -> ExecCommand | None:
    command, user = fields.get("cmd"), fields.get("user")
    if isinstance(command, list | tuple) and not all(isinstance(word, str) for word in command):
        place.report("the words of a command are to be texts", "put numbers in quotes")
        return None
    if isinstance(user, bool) or not (user is None or is_late(user) or isinstance(user, str | int)):
        place.report(
            f"the user of a command is to be a text or a number, not {kind_of(user)}",
            _WORDS_HINT,
        )
        return None
    if isinstance(user, str) and user.startswith("/"):
        # SHP-81: what looks like the words of a command is a command and its user.
        place.report(f"the second part of an entry is the user, and {user!r} is none", _WORDS_HINT)
        return None
    try:
        return ExecCommand(
            command,
            None if isinstance(user, str) and not user else user,  # type: ignore[arg-type]  # late
            fields.get("policy"),
            bool(fields.get("detach")),
        )
    except ValueError as wrong:
        place.report(str(wrong))
        return None


_EXEC_COMMANDS: Final = Shape[ExecCommand](
    fields=("cmd", "user", "policy", "detach"),
    types=(ExecCommand,),
    fields_of=_exec_fields,
    build=_exec_command,
    positions_of_pair=_exec_positions,
)

_CHECK_FIELDS: Final = tuple(fields_dict(HealthCheck))


def read_healthcheck(value: object, place: Place) -> HealthCheck:
    """A health check; nothing switches off the one of the image (SHP-94)."""
    if is_late(value):  # and must not be compared
        place.report("a health check cannot be a late value")
        return HealthCheck()
    match value:
        case HealthCheck():
            return value
        case None | False | "" | [] | ():
            return HealthCheck.disabled()
        case str():
            return HealthCheck(value)
        case list() | tuple():
            return _check_by_position(tuple(value), place)
        case Mapping():
            return _check(value, place)
        case _:
            pass
    place.report(f"a health check is a text, a list or a mapping, not {kind_of(value)}")
    return HealthCheck()


def _check_by_position(positions: Positions, place: Place) -> HealthCheck:
    if positions[0] in ("CMD", "CMD-SHELL") and len(positions) > 1:
        place.report(
            "the parts of a health check are test, interval, timeout, retries and start_period",
            f"put the command in a list of its own: [[{positions[0]}, …], 10s]",
        )
    elif len(positions) > len(_CHECK_FIELDS):
        place.report(
            f"a health check has at most {len(_CHECK_FIELDS)} parts: {', '.join(_CHECK_FIELDS)}"
        )
    else:
        return _check(dict(zip(_CHECK_FIELDS, positions, strict=False)), place)
    return HealthCheck()


def _check(named: Mapping[object, object], place: Place) -> HealthCheck:
    accepted: dict[str, object] = {}
    for key, value in named.items():
        if key not in _CHECK_FIELDS:
            place.report_unknown("field", key, _CHECK_FIELDS)
            continue
        try:
            HealthCheck(**{str(key): value})
        except ValueError as wrong:
            place.at(key).report(str(wrong))
        else:
            accepted[str(key)] = value
    return HealthCheck(**accepted)
