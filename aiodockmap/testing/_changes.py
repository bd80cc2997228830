"""Lines of a Dockerfile that change what an image says of its containers."""

from __future__ import annotations

import json
import posixpath
import shlex
from collections.abc import Callable, Mapping
from typing import Final

from attrs import evolve

from ..model import signal_number
from ._answers import ApiError, JsonDict
from ._images import EmbeddedImage

SHELL: Final = ("/bin/sh", "-c")
FORM: Final = "Must be of the form: name=value"
UNFINISHED: Final = "unexpected end of statement while looking for matching double-quote"
HIGHEST_PORT: Final = 65535
NOT_MODELLED: Final = ("HEALTHCHECK", "ONBUILD")
Change = Callable[[JsonDict, str], None]


def changed(config: JsonDict, changes: str, *, has_stop_signal: bool) -> JsonDict:
    """`Config` after some lines of a Dockerfile.

    Raises:
        ApiError: 400 for a line that engines do not take.
    """
    config = dict(config)
    has_command = False
    for line in changes.splitlines():
        word, _, rest = line.strip().partition(" ")
        if not word or word.startswith("#"):
            continue
        name = word.upper()
        if name in NOT_MODELLED:
            raise ApiError(501, f"the embedded engine makes no image with {name}")
        change = CHANGES.get(name)
        if change is None or (name == "STOPSIGNAL" and not has_stop_signal):
            raise ApiError(400, f"{name.lower()} is not a valid change command", change=word)
        change(config, rest.strip())
        if name == "ENTRYPOINT" and not has_command:
            config["Cmd"] = None
        has_command = has_command or name == "CMD"
    return config


def configured(image: EmbeddedImage, config: JsonDict) -> EmbeddedImage:
    """An image with that `Config`."""
    return evolve(
        image,
        command=tuple(config["Cmd"] or ()),
        entrypoint=tuple(config["Entrypoint"] or ()),
        environment=tuple(config["Env"] or ()),
        labels=config["Labels"] or {},
        exposed_ports=tuple(config.get("ExposedPorts") or ()),
        volumes=tuple(config["Volumes"] or ()),
        user=config["User"],
        working_directory=config["WorkingDir"],
        stop_signal=config.get("StopSignal") or "",
        healthcheck=config.get("Healthcheck"),
    )


def _command(text: str) -> list[str]:
    return _listed(text) or [*SHELL, text]


def _listed(text: str) -> list[str] | None:
    """The words of a JSON list; None for anything else."""
    try:
        words = json.loads(text)
    except ValueError:
        return None
    is_list = isinstance(words, list) and all(isinstance(word, str) for word in words)
    return words if is_list else None


def _pairs(name: str, text: str) -> dict[str, str]:
    """`a=b c="d e"`, or `a b c` for one."""
    if not text:
        raise ApiError(400, f"{name} requires at least one argument")
    first, _, rest = text.partition(" ")
    if "=" not in first:
        if not rest:
            raise ApiError(400, f"{name} must have two arguments")
        return {first: rest.strip()}
    try:
        words = shlex.split(text)
    except ValueError:
        raise ApiError(400, f"failed to process {json.dumps(text)}: {UNFINISHED}") from None
    for word in words:
        if "=" not in word:
            raise ApiError(400, f'Syntax error - can\'t find = in "{word}". {FORM}')
    return dict(word.partition("=")[::2] for word in words)


def _change_command(config: JsonDict, text: str) -> None:
    config["Cmd"] = _command(text)


def _change_entrypoint(config: JsonDict, text: str) -> None:
    config["Entrypoint"] = _command(text)


def _change_environment(config: JsonDict, text: str) -> None:
    own = dict(entry.partition("=")[::2] for entry in config.get("Env") or ())
    own |= _pairs("ENV", text)
    config["Env"] = [f"{key}={value}" for key, value in own.items()]


def _change_labels(config: JsonDict, text: str) -> None:
    config["Labels"] = {**(config.get("Labels") or {}), **_pairs("LABEL", text)}


def _change_ports(config: JsonDict, text: str) -> None:
    ports = dict(config.get("ExposedPorts") or {})
    for word in text.split():
        numbers, _, protocol = word.partition("/")
        first, _, last = numbers.partition("-")
        if not (_is_port(first) and _is_port(last or first)):
            raise ApiError(400, f"Invalid containerPort: {numbers}")
        for number in range(int(first), int(last or first) + 1):
            ports[f"{number}/{protocol.lower() or 'tcp'}"] = {}
    config["ExposedPorts"] = ports


def _is_port(text: str) -> bool:
    return text.isdecimal() and int(text) <= HIGHEST_PORT


def _change_volumes(config: JsonDict, text: str) -> None:
    paths = _listed(text) or text.split()
    config["Volumes"] = {**(config.get("Volumes") or {}), **{path: {} for path in paths}}


def _change_user(config: JsonDict, text: str) -> None:
    config["User"] = _one_word("USER", text)


def _change_folder(config: JsonDict, text: str) -> None:
    folder = posixpath.join("/", config.get("WorkingDir") or "", _one_word("WORKDIR", text))
    config["WorkingDir"] = posixpath.normpath(folder)


def _change_stop_signal(config: JsonDict, text: str) -> None:
    if signal_number(text) is None:
        raise ApiError(400, f"invalid signal: {text}")
    config["StopSignal"] = text


def _one_word(name: str, text: str) -> str:
    if not text:
        raise ApiError(400, f"{name} requires exactly one argument")
    return text


CHANGES: Final[Mapping[str, Change]] = {
    "CMD": _change_command,
    "ENTRYPOINT": _change_entrypoint,
    "ENV": _change_environment,
    "EXPOSE": _change_ports,
    "LABEL": _change_labels,
    "STOPSIGNAL": _change_stop_signal,
    "USER": _change_user,
    "VOLUME": _change_volumes,
    "WORKDIR": _change_folder,
}
