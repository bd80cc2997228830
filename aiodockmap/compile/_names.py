"""What things are called on an engine (NAME, IMG)."""

from __future__ import annotations

import re
from typing import Final

from attrs import field, frozen

from ..model import DEFAULT_ENGINE, PRESET_NETWORKS, ImageReference

LONGEST_HOSTNAME: Final = 63
"""Characters that Linux and DNS allow for the name of a host (NAME-14)."""

_REPOSITORY: Final = re.compile(
    r"(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*"
)


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    return tuple((str(old), str(new)) for old, new in value)  # type: ignore[attr-defined]  # checked by unpacking


@frozen(kw_only=True)
class NamingPolicy:
    """How names on engines are made from those of a map; subclass it to make them differently.

    Names are identities: whatever a policy answers has to be the same at every run (NAME-15, GEN-5).
    """

    hostname_replace: tuple[tuple[str, str], ...] = field(
        default=(("_", "-"), (".", "-")), converter=_pairs
    )
    """What is replaced in host names and link aliases, in order (NAME-10)."""
    default_client_name: str = DEFAULT_ENGINE
    """The client whose name is no part of host names (NAME-8)."""

    def container_name(self, map_name: str, configuration: str, instance: str | None = None) -> str:
        """`map.configuration`, with the instance at the end if there is one (NAME-1, NAME-2)."""
        return ".".join(part for part in (map_name, configuration, instance) if part)

    def volume_name(self, map_name: str, alias: str, owner: str | None = None) -> str:
        """`map.alias`; between them the owner where its name is to be part of it (NAME-3, NAME-4)."""
        return ".".join(part for part in (map_name, owner, alias) if part)

    def network_name(self, map_name: str, network: str) -> str:
        """`map.network`, and the engine's own networks by their own names (NAME-5, NAME-6)."""
        return network if network in PRESET_NETWORKS else f"{map_name}.{network}"

    def image_name(
        self,
        image: str | None,
        configuration: str,
        repository: str | None = None,
        default_tag: str | None = None,
    ) -> ImageReference:
        """The image of a configuration, with a tag or a digest (IMG-1 to IMG-5).

        Raises:
            ValueError: if that is no reference to an image.
        """
        written = image or configuration
        if written.startswith("/"):
            written = written.removeprefix("/")
        elif "/" not in written and repository:
            written = f"{repository.removesuffix('/')}/{written}"
        reference = ImageReference.parse(written)
        if not _REPOSITORY.fullmatch(reference.repository):
            raise ValueError(f"{written!r} is no name of an image; write it in lower case letters")
        if reference.tag or reference.digest:
            return reference
        return ImageReference(reference.repository, default_tag or "latest")

    def hostname(self, container_name: str, client_name: str) -> str:
        """The host name of a container; the client's name goes last, if it is not the default one."""
        if client_name == self.default_client_name:
            return self._replaced(container_name)
        return f"{self._replaced(container_name)}-{self._replaced(client_name)}"

    def link_alias(self, target: str) -> str:
        """What a link without alias calls its target, `c` or `c.i` (NAME-11)."""
        return self._replaced(target)

    def _replaced(self, name: str) -> str:
        for old, new in self.hostname_replace:
            name = name.replace(old, new)
        return name
