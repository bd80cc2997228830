"""The configuration file of Docker's command line: the credentials in it, and who else has some.

It is read only by clients that were told to (CLI-3), and only when a pull needs it.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import field, frozen

from ..model import JsonObject, object_at

_FILE: Final = "config.json"
_LARGEST: Final = 2**20
"""Bytes; what has more is no such file."""

_DOCKER_HUB: Final = frozenset({"", "docker.io", "index.docker.io", "registry-1.docker.io"})


@frozen
class DockerConfig:
    """What the file says about registries."""

    path: Path
    auths: Mapping[str, JsonObject] = field(factory=dict, repr=False)
    """Credentials in the file itself, by registry."""
    helpers: Mapping[str, str] = field(factory=dict)
    """Names of credential helpers, by registry."""
    store: str | None = None
    """The helper for all others."""

    @classmethod
    def read(cls, path: Path, *, must_exist: bool) -> DockerConfig:
        """Read the file, or `config.json` in a folder of that path.

        Raises:
            ValueError: if it cannot be read; says why, and nothing that is in it.
        """
        if path.is_dir():
            path /= _FILE
        try:
            with path.open("rb") as file:
                text = file.read(_LARGEST + 1)
        except FileNotFoundError:
            if must_exist:
                raise ValueError(f"there is no file {path}") from None
            return cls(path)
        except OSError as problem:
            raise ValueError(f"the file {path} cannot be read: {problem.strerror}") from None
        try:
            content = json.loads(text) if len(text) <= _LARGEST else None
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict):
            raise ValueError(f"the file {path} is no JSON object")  # noqa: TRY004  # whatever is wrong
        store = content.get("credsStore")
        return cls(
            path,
            auths=by_registry(object_at(content, "auths")),
            helpers={
                registry_of(key): str(name)
                for key, name in object_at(content, "credHelpers").items()
            },
            store=store if isinstance(store, str) and store else None,
        )

    def helper(self, registry: str) -> str | None:
        """The name of the helper that has the credentials of a registry, if one has."""
        return self.helpers.get(registry) or self.store


def config_path(setting: str | bool) -> Path:  # noqa: FBT001  # what users write
    """Where the file is: the path that was given, or where Docker's command line has it."""
    if isinstance(setting, str):
        return Path(setting).expanduser()
    return Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / _FILE


def registry_of(key: str) -> str:
    """The registry that a key means, as names of images have it; the file writes scheme and path, too."""
    host = (key.partition("://")[2] or key).partition("/")[0]
    return "docker.io" if host in _DOCKER_HUB else host


def by_registry(entries: Mapping[str, object]) -> dict[str, JsonObject]:
    """The entries that say something, by registry."""
    return {
        registry_of(str(key)): entry
        for key, entry in entries.items()
        if isinstance(entry, Mapping) and any(entry.values())
    }


def plain_credentials(entry: JsonObject) -> JsonObject:
    """An entry with its `auth`, if it has one, as user and password.

    Raises:
        ValueError: if that means nothing; does not show it.
    """
    encoded = entry.get("auth")
    if not encoded:
        return entry
    try:
        decoded = base64.b64decode(str(encoded), validate=True).decode()
    except ValueError:
        decoded = ""
    user, colon, password = decoded.partition(":")
    if not colon:
        raise ValueError("its 'auth' is not the base64 of USER:PASSWORD")
    # Some tools fill it up with zeros.
    known = {"username": user, "password": password.strip("\0")}
    return {**known, **{key: value for key, value in entry.items() if key != "auth" and value}}
