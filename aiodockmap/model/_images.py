"""Names of images, taken apart."""

from __future__ import annotations

from typing import Final, Self

from attrs import frozen

DEFAULT_REGISTRY: Final = "docker.io"
"""Where an engine looks for images whose name says nothing else (Docker Hub)."""

_HUB_SPELLINGS: Final = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})
_OFFICIAL_FOLDER: Final = "library/"


@frozen
class ImageReference:
    """An image as somebody wrote it: where it is, and which version of it (IMG-5)."""

    repository: str
    """Everything before tag and digest, the registry included: `reg.test:5000/team/web`."""
    tag: str | None = None
    digest: str | None = None
    """`sha256:…`; an engine that gets tag and digest goes by the digest."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take a reference apart; ports of registries are no tags.

        Raises:
            ValueError: if there is no repository, or nothing after a colon or an `@`.
        """
        rest, at, digest = text.partition("@")
        folder, slash, name = rest.rpartition("/")
        name, colon, tag = name.partition(":")
        if not name or (at and not digest) or (colon and not tag):
            raise ValueError(f"{text!r} is not the name of an image; write `repository[:tag]`")
        return cls(folder + slash + name, tag or None, digest or None)

    @property
    def registry(self) -> str:
        """The registry that has the image; `docker.io` if none is named (PULL-4)."""
        first, slash, _ = self.repository.partition("/")
        if not slash or first in _HUB_SPELLINGS or not _is_host(first):
            return DEFAULT_REGISTRY
        return first

    @property
    def canonical(self) -> str:
        """One text for all spellings of the same image (IMG-6): `docker.io/library/x:latest`.

        Digests go without the tag beside them. References with equal canonical text are the same
        image to every engine.
        """
        first, slash, path = self.repository.partition("/")
        if not slash or not _is_host(first):
            path = self.repository
        registry = self.registry
        if registry == DEFAULT_REGISTRY and "/" not in path:
            path = _OFFICIAL_FOLDER + path
        version = f"@{self.digest}" if self.digest else f":{self.tag or 'latest'}"
        return f"{registry}/{path}{version}"

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.repository}{tag}{digest}"


def _is_host(component: str) -> bool:
    return "." in component or ":" in component or component == "localhost"
