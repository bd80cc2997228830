"""Why one thing needs another."""

from __future__ import annotations

from enum import Enum


class DependencyKind(Enum):
    """The attribute of a configuration that makes it depend on something (behaviour 4.1)."""

    NETWORK_STACK = "network_mode"
    """Shares the network stack of a container (DEP-1)."""
    NETWORK = "networks"
    """Is connected to a network (DEP-2)."""
    ENDPOINT_LINK = "network link"
    """Is linked to a container on a network (DEP-3)."""
    VOLUME_OWNER = "uses"
    """Mounts a volume that a container's configuration attaches (DEP-4)."""
    VOLUMES_FROM = "volumes_from"
    """Takes over all volumes of a container (DEP-5)."""
    LINK = "links"
    """Has a legacy link to a container (DEP-6)."""
    VOLUME = "volume"
    """Mounts a named volume (DEP-7; also the volume behind `VOLUME_OWNER`)."""
    IMAGE = "image"
    """Is made from an image (DEP-8)."""

    @property
    def needed_to_create(self) -> bool:
        """Whether an engine refuses to create the dependant before the dependency exists.

        Everything else is needed by the start of the dependant only.
        """
        return self not in _NEEDED_TO_START


_NEEDED_TO_START = frozenset({DependencyKind.ENDPOINT_LINK, DependencyKind.VOLUME_OWNER})
