"""What a caller says about a script, as settings of its container (SCR-2 to SCR-8)."""

from __future__ import annotations

import os.path
import platform
import shlex
from collections.abc import Container, Iterable, Mapping
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Final

from attrs import field, frozen

from ..errors import OptionError, PlanningError, SelectionError
from ..execute import Failed, RunReport, ScriptResult, Succeeded
from ..model import MapItem, ResourceKind, did_you_mean
from ..plan import AwaitScript, ScriptFiles, Step

SCRIPT_FOLDER: Final = "/tmp/script_run"  # noqa: S108 (in the container)
"""Where scripts are in their containers, if nobody says (SCR-8)."""

TOKEN: Final = "{script_path}"  # noqa: S105 (no password)

# It runs once, and is there until we have seen how it ended.
_RUN_ONCE: Final = {"restart_policy": {"Name": "no"}, "auto_remove": False}


class Transfer(Enum):
    """How a script comes into its container."""

    MOUNT = "mount"
    """Its folder is mounted, which has to be on the host of the engine."""
    COPY = "copy"
    """It is copied, from this machine."""


@frozen(kw_only=True)
class Script:
    """What is run, and how it comes into its container."""

    overrides: Mapping[str, object] = field(factory=dict, repr=False)
    """Keyword arguments of `create`."""
    files: ScriptFiles | None = None
    mounted: Path | None = None
    """What is mounted, or whose folder is."""


def read_script(keywords: Mapping[str, object]) -> Script:
    """Read the keywords that say what is run.

    Raises:
        PlanningError: for a value that they cannot take, also with the class `ValueError` (SCR-6).
    """
    transfer = _transfer(keywords.get("script_transfer"))
    folder = _folder(keywords.get("container_script_dir"))
    path = _path(keywords.get("script_path"))
    overrides: dict[str, object] = {"host_config": _RUN_ONCE}
    files: ScriptFiles | None = None
    inside: str | None = None
    if path is not None:
        try:
            is_folder = path.is_dir()
        except OSError as error:
            raise PlanningError(f"{path} cannot be looked at: {error.strerror}") from None
        inside = folder if is_folder else str(PurePosixPath(folder, path.name))
        if transfer is Transfer.COPY:
            if not path.exists():
                raise PlanningError(f"there is no {path} on this machine")
            files = ScriptFiles(source=str(path), target=folder)
        else:
            source = str(path if is_folder else path.parent)
            if ":" in source:
                raise PlanningError(
                    f"engines cannot mount {source}, which has a colon; use script_transfer='copy'"
                )
            overrides["host_config"] = {**_RUN_ONCE, "binds": [f"{source}:{folder}:rw"]}
            overrides["volumes"] = [folder]
    if keywords.get("entrypoint") is not None:
        overrides["entrypoint"] = keywords["entrypoint"]
    command = _command(keywords.get("command_format"), inside)
    if command is not None:
        overrides["command"] = command
    is_mounted = transfer is Transfer.MOUNT
    return Script(overrides=overrides, files=files, mounted=path if is_mounted else None)


def check_mounted(script: Script, hosts: Container[str]) -> None:
    """See that what is mounted is there, if this machine is one of the engines' hosts.

    Docker would make a folder of what is not there. `hosts` are the names of the hosts of the engines that
    are reached by a socket file. If none of them is this machine's, it is another machine's engine, or this
    is a container with the socket of its host: then what is here says nothing.

    Raises:
        PlanningError: if it is not there.
    """
    path = script.mounted
    if path is not None and platform.node() in hosts and not path.exists():
        raise PlanningError(f"there is no {path} on this machine")


def one_configuration(items: Iterable[MapItem | None]) -> None:
    """See that a script is to be run in one container, or in instances of one (SCR-15).

    Raises:
        SelectionError: if not.
    """
    names = {
        f"{item.map_name}.{item.name}" if item.kind is ResourceKind.CONTAINER else str(item)
        for item in items
        if item is not None
    }
    if len(names) != 1:
        chosen = ", ".join(sorted(names)) or "none"
        raise SelectionError(f"a script is run in one configuration; chosen: {chosen}")


def one_instance(instance: object) -> str | None:
    """See that at most one instance is named (SCR-15).

    Raises:
        OptionError: if there are several.
    """
    if instance is None or isinstance(instance, str):
        return instance
    raise OptionError(f"instance is the name of one, not a {type(instance).__name__}")


def results_of(report: RunReport) -> dict[str, ScriptResult | dict[str, ScriptResult]]:
    """What became of a script on each engine; by instance where there are several (SCR-15, SCR-20)."""
    item_of = report.plan.desired.item
    found = {
        step.resource: _result(report, step)
        for step in report.plan.steps
        if isinstance(step.action, AwaitScript)
    }
    items = {item_of(container) for container in found}
    for engine in report.plan.left_out:
        nowhere = ScriptResult(id="", error="; ".join(map(str, engine.errors)))
        found |= {each: nowhere for each in engine.resources if item_of(each) in items}
    results: dict[str, dict[str, ScriptResult]] = {}
    for container, result in found.items():
        item = item_of(container)
        instance = (item.instance if item else None) or ""
        results.setdefault(container.engine, {})[instance] = result
    return {
        engine: here if len(here) > 1 else next(iter(here.values()))
        for engine, here in results.items()
    }


def _result(report: RunReport, step: Step) -> ScriptResult:
    outcome = report.outcomes.get(step.id)
    if isinstance(outcome, Succeeded) and isinstance(outcome.result, ScriptResult):
        return outcome.result
    causes = [report.outcomes.get(each) for each in report.blocked.get(step.id, (step.id,))]
    errors = [str(cause.error) for cause in causes if isinstance(cause, Failed)]
    return ScriptResult(id="", error="; ".join(errors) or "it was not run")


def _command(command: object, script: str | None) -> list[str] | None:
    """The command as a list of arguments: a path with spaces stays one of them."""
    if command is None:
        return None
    if isinstance(command, str):
        try:
            words = shlex.split(command)
        except ValueError as problem:
            raise PlanningError(f"the command is no list of words: {problem}") from None
    elif isinstance(command, list | tuple) and all(isinstance(word, str) for word in command):
        words = list(command)
    else:
        raise PlanningError(
            f"command_format is a text, or a list of texts, not {type(command).__name__}"
        )
    return words if script is None else [word.replace(TOKEN, script) for word in words]


def _transfer(value: object) -> Transfer:
    try:
        return Transfer.MOUNT if value is None else Transfer(value)
    except ValueError:
        hint = did_you_mean(str(value), [each.value for each in Transfer])
        raise PlanningError(
            f"script_transfer is 'mount' or 'copy', not {value!r}" + (f"; {hint}" if hint else "")
        ) from None


def _folder(value: object) -> str:
    if value is None:
        return SCRIPT_FOLDER
    if not isinstance(value, str) or not value.startswith("/") or ":" in value:
        raise PlanningError(
            f"the folder of a script in its container is an absolute path without colons, not {value!r}"
        )
    return str(PurePosixPath(value))


def _path(value: object) -> Path | None:
    if value is None:
        return None
    if not isinstance(value, str | os.PathLike) or not os.fspath(value):
        raise PlanningError(f"a script is named by its path, not by {value!r}")
    # Links stay: another host may have them, too, and lead elsewhere.
    return Path(os.path.abspath(os.fsdecode(value)))  # noqa: PTH100 (resolves links)
