"""Which credentials go to which registry."""

from __future__ import annotations

from collections.abc import Mapping

from ..model import JsonObject, resolve_deep

_DOCKER_HUB = frozenset({"", "docker.io", "index.docker.io", "registry-1.docker.io"})


def by_registry(auth_configs: Mapping[str, object]) -> dict[str, JsonObject]:
    """The credentials of each registry, by its host and port, as image names have it (PULL-3).

    Keys may be written as the configuration of the command line has them, with scheme and path.
    """
    resolved = resolve_deep(auth_configs)
    entries = resolved.items() if isinstance(resolved, Mapping) else ()
    return {
        _registry(str(key)): credentials
        for key, credentials in entries
        if isinstance(credentials, Mapping)
    }


def _registry(written: str) -> str:
    host = written.partition("://")[2] or written
    host = host.partition("/")[0]
    return "docker.io" if host in _DOCKER_HUB else host
