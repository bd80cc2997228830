"""Images: those that the engine has, and those that it could pull."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen
from attrs.validators import instance_of, optional

from ..model import ImageReference
from ._answers import ApiError, JsonDict
from ._behaviour import Behaviour, handles_signals
from ._platforms import NATIVE, Platform

SHORT_ID = 12
DEFAULT_COMMAND = ("/bin/sleep", "1000")
NO_CREDENTIALS = "no basic auth credentials"
_REPOSITORY = re.compile(
    r"(?:[A-Za-z0-9.-]+(?::\d+)?/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
    r"(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*"
)
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)


@frozen(kw_only=True)
class EmbeddedImage:
    """An image, as far as it matters to those who run containers."""

    command: Sequence[str] = DEFAULT_COMMAND
    entrypoint: Sequence[str] = ()
    environment: Sequence[str] = ()
    """`KEY=value`, as in the image's configuration."""
    labels: Mapping[str, str] = field(factory=dict)
    exposed_ports: Sequence[str] = ()
    """`80/tcp`."""
    volumes: Sequence[str] = ()
    user: str = ""
    working_directory: str = ""
    stop_signal: str = ""
    healthcheck: Mapping[str, Any] | None = None
    """`Healthcheck` of the Engine API, with durations in nanoseconds."""
    behaviour: Behaviour | None = field(
        default=None, validator=optional([instance_of(Behaviour), handles_signals])
    )
    """Of containers that run its own command; None for what the command says."""
    executables: Sequence[str] = ()
    """What it has beside busybox and its own command, as it is called; `*` for anything.

    Containers run these until they are stopped; as exec commands they end at once.
    """
    platform: str = str(NATIVE)
    """What it is made for: `linux/arm64/v8`. The embedded engine runs it in any case."""
    revision: str = ""
    """Anything that makes this image another one than an equal image of another revision."""

    @property
    def id(self) -> str:
        """`sha256:` and 64 hex digits; the same for equal images."""
        made_for = [] if self.platform == str(NATIVE) else [self.platform]
        text = json.dumps([self.config(), self.revision, *made_for], sort_keys=True)
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()

    def config(self) -> JsonDict:
        """`Config` of `GET /images/{name}/json`."""
        document: JsonDict = {
            "Hostname": "",
            "Domainname": "",
            "User": self.user,
            "AttachStdin": False,
            "AttachStdout": False,
            "AttachStderr": False,
            "Tty": False,
            "OpenStdin": False,
            "StdinOnce": False,
            "Env": list(self.environment) or None,
            "Cmd": list(self.command) or None,
            "Image": "",
            "Volumes": {path: {} for path in self.volumes} or None,
            "WorkingDir": self.working_directory,
            "Entrypoint": list(self.entrypoint) or None,
            "OnBuild": None,
            "Labels": dict(self.labels) or None,
        }
        if self.exposed_ports:
            document["ExposedPorts"] = {port: {} for port in self.exposed_ports}
        if self.stop_signal:
            document["StopSignal"] = self.stop_signal
        if self.healthcheck is not None:
            document["Healthcheck"] = dict(self.healthcheck)
        return document


def checked_reference(text: str) -> ImageReference:
    """Take a reference apart the way engines do.

    Raises:
        ApiError: 400 if it is none.
    """
    try:
        reference = ImageReference.parse(text)
    except ValueError:
        raise ApiError(400, "invalid reference format") from None
    if not _REPOSITORY.fullmatch(reference.repository):
        if _REPOSITORY.fullmatch(reference.repository.lower()):
            repository = reference.repository
            raise ApiError(
                400,
                "invalid reference format: repository name must be lowercase",
                repository=repository if "/" in repository else f"library/{repository}",
            )
        raise ApiError(400, "invalid reference format")
    if reference.tag is not None and not _TAG.fullmatch(reference.tag):
        raise ApiError(400, "invalid reference format")
    return reference


def familiar(reference: ImageReference) -> str:
    """Write a reference the way engines do: with its tag, without Docker Hub."""
    repository = reference.repository
    for prefix in ("docker.io/library/", "docker.io/", "library/"):
        repository = repository.removeprefix(prefix)
    if reference.digest:
        return f"{repository}@{reference.digest}"
    return f"{repository}:{reference.tag or 'latest'}"


@frozen
class Commit:
    """How an image was made from a container."""

    container: str
    """Its id."""
    container_config: JsonDict
    """`Config` of the container."""
    config: JsonDict
    """`Config` of the image, with what matters to containers alone."""
    author: str
    comment: str


@define(eq=False)
class ImageStore:
    """What is on the engine."""

    tags: dict[str, str] = field(factory=dict)
    """Familiar reference, with its tag, to id."""
    digests: dict[str, str] = field(factory=dict)
    """`repository@sha256:…` to id, for those that were pulled."""
    images: dict[str, EmbeddedImage] = field(factory=dict)
    """By id."""
    stamps: dict[str, str] = field(factory=dict)
    """When each was made."""
    parents: dict[str, str] = field(factory=dict)
    """Of images that were made from another one: its id."""
    commits: dict[str, Commit] = field(factory=dict)
    """Of images that were made from a container, by id."""

    def add(self, name: str, image: EmbeddedImage, *, stamp: str) -> str:
        """Have an image under a name; return its id."""
        reference = checked_reference(name)
        self.images[image.id] = image
        self.stamps.setdefault(image.id, stamp)
        if reference.digest:
            self.digests[familiar(reference)] = image.id
        else:
            self.tags[familiar(reference)] = image.id
        return image.id

    def add_pulled(
        self, reference: ImageReference, digest: str, image: EmbeddedImage, *, stamp: str
    ) -> None:
        """Have an image that was pulled; one for another platform under that digest keeps it."""
        by_digest = ImageReference(reference.repository, digest=digest)
        if reference.digest or familiar(by_digest) not in self.digests:
            self.add(str(by_digest), image, stamp=stamp)
        if not reference.digest:
            self.add(str(reference), image, stamp=stamp)

    def find(self, text: str) -> str | None:
        """The id of an image, by name, id or start of an id.

        Raises:
            ApiError: 400 if that is not a reference at all.
        """
        if text in self.images:
            return text
        digits = text.removeprefix("sha256:")
        if re.fullmatch(r"[0-9a-f]{4,64}", digits):
            found = [known for known in self.images if known.startswith(f"sha256:{digits}")]
            if len(found) == 1:
                return found[0]
        if text.startswith("sha256:"):
            return None
        name = familiar(checked_reference(text))
        return self.digests.get(name) if "@" in name else self.tags.get(name)

    def children_of(self, image_id: str) -> list[str]:
        """The ids of the images that were made from one."""
        return [child for child, parent in self.parents.items() if parent == image_id]

    def discard(self, image_id: str) -> None:
        """Have an image no more."""
        del self.images[image_id]
        self.parents.pop(image_id, None)
        self.commits.pop(image_id, None)

    def names_of(self, image_id: str) -> list[str]:
        """All references with tags of an image."""
        return sorted(name for name, known in self.tags.items() if known == image_id)

    def digests_of(self, image_id: str) -> list[str]:
        """All references with digests of an image."""
        return sorted(name for name, known in self.digests.items() if known == image_id)


def missing_image(text: str) -> str:
    """What engines say about an image that is not there."""
    if text.startswith("sha256:"):
        return f"No such image: {text}"
    return f"No such image: {familiar(checked_reference(text))}"


@define(eq=False)
class Published:
    """What can be pulled under one name: an image, or one for each of some platforms."""

    images: tuple[EmbeddedImage, ...]
    is_list: bool
    """Whether there is a list of what there is for which platform, however short."""
    seconds: float
    """How long the download takes."""
    broken_after: float | None
    """Seconds after which the download fails; None if it does not."""
    digest: str

    def image_for(self, platform: Platform) -> EmbeddedImage | None:
        """What a pull for a platform gets; a single image, whatever it is made for."""
        if not self.is_list:
            return self.images[0]
        suiting = (it for it in self.images if Platform.parse(it.platform).suits(platform))
        return next(suiting, None)


@define(eq=False)
class Registry:
    """All registries that the engine reaches, in memory."""

    content: dict[str, Published] = field(factory=dict)
    """By `ImageReference.canonical`."""
    has_everything: bool = False
    """Whether any image that is asked for is there, with any program."""
    push_seconds: float = 0.0
    """How long it takes to push an image that is not there yet."""
    passwords: dict[str, tuple[str, str]] = field(factory=dict, repr=False)
    """User and password of registries that let nobody else push, or log in."""

    def publish(
        self,
        reference: str,
        image: EmbeddedImage | Iterable[EmbeddedImage] | None = None,
        *,
        seconds: float = 0.0,
        broken_after: float | None = None,
    ) -> str:
        """Put an image where it can be pulled; a tag that is there moves to it. Returns its digest.

        Without an image it is the one that an engine has which is made with this name. Several are one image
        for several platforms: a pull gets the one for its platform, or is refused. A single image is what
        every pull gets.
        """
        image = image or EmbeddedImage(revision=reference)
        is_list = not isinstance(image, EmbeddedImage)
        images = (image,) if isinstance(image, EmbeddedImage) else tuple(image)
        named = ImageReference.parse(reference)
        content = " ".join(each.id for each in images)
        digest = "sha256:" + hashlib.sha256(f"manifest of {content}".encode()).hexdigest()
        published = Published(images, is_list, seconds, broken_after, digest)
        self.content[named.canonical] = published
        self.content[ImageReference(named.repository, digest=digest).canonical] = published
        return digest

    def refusal(self, registry: str, credentials: tuple[str, str] | None) -> str | None:
        """Why a registry does not let somebody in; None if it does."""
        wanted = self.passwords.get(registry)
        if wanted is None or credentials == wanted:
            return None
        return NO_CREDENTIALS if credentials is None else "unauthorized: authentication required"

    def find(self, reference: ImageReference, platform: Platform) -> Published | None:
        """What a pull of a reference for a platform looks into."""
        name = reference.canonical
        known = self.content.get(name)
        if self.has_everything and not reference.digest:
            others = known.images if known else ()
            if known is None or known.image_for(platform) is None:
                made = EmbeddedImage(executables=("*",), platform=str(platform), revision=name)
                self.publish(name, [*others, made])
        return self.content.get(name)

    def has_repository(self, reference: ImageReference) -> bool:
        """Whether there is any version of an image."""
        name = ImageReference(reference.repository).canonical.rpartition(":")[0]
        return any(known.startswith((f"{name}:", f"{name}@")) for known in self.content)


def default_images(images: Iterable[str] | Mapping[str, EmbeddedImage]) -> dict[str, EmbeddedImage]:
    """Images by name; names alone get one that sleeps, each its own."""
    if isinstance(images, Mapping):
        return dict(images)
    return {name: EmbeddedImage(revision=name) for name in images}
