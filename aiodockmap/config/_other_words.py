"""What people write who know other tools, and where it goes in a map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..options import OPTION_BY_NAME

_COMPOSE: Final[Mapping[str, str]] = {
    "build": "build the image before, and name it in 'image'",
    "container_name": "containers are called MAP.CONFIGURATION, or MAP.CONFIGURATION.INSTANCE",
    "cpus": "write nano_cpus in 'host_config'",
    "depends_on": "write what it is needed for: 'links', 'uses', or 'networks' with links",
    "env_file": "write the variables as environment in 'create_options'",
    "ports": "write 'exposes', the port of the container first: {80: 8080}",
    "pull_policy": "absent images are pulled; 'pull_images' pulls them all",
    "restart": "write restart_policy in 'host_config': {Name: always}",
    "scale": "write the names of 'instances'",
    "stop_grace_period": "write 'stop_timeout', in seconds",
    "volumes": "write 'attaches' for its own, 'uses' for those of others, 'binds' for paths of the host",
}
"""Attributes of services in Docker Compose that have no like name here."""

SERVICES: Final = "services"
"""Where files for Docker Compose have the containers."""


def elsewhere(name: str) -> str | None:
    """Where that goes in a container configuration which is no attribute of it; None if nobody knows."""
    if name in _COMPOSE:
        return _COMPOSE[name]
    option = OPTION_BY_NAME.get(name)
    if option is None:
        return None
    return f"write it in '{'host_config' if option.is_host_config else 'create_options'}'"


def is_compose(services: object, attributes: frozenset[str]) -> bool:
    """Whether the part `services` of a document is that of a file for Docker Compose.

    Otherwise it is a container of that name, with some of the attributes that containers have.
    """
    return (
        isinstance(services, Mapping)
        and bool(services)
        and attributes.isdisjoint(services)
        and all(isinstance(service, Mapping) for service in services.values())
    )
