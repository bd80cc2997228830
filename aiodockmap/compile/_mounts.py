"""What a container mounts: paths of the host, its own volumes, and those of others (VOL)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial

from attrs import frozen

from ..config import (
    AttachedVolume,
    ContainerUse,
    VolumeUse,
    attached_path,
    is_volume_name,
    resolve_uses,
    volume_configuration,
    volume_name_doubt,
)
from ..model import HostVolume, LazyOr, ResourceId, SharedVolume, UsedVolume, is_late
from ..options import BadValue, called, evaluated, text
from ._subject import Subject

logger = logging.getLogger(__name__)


@frozen
class Bind:
    """One entry of `HostConfig.Binds`."""

    source: str
    path: str
    mode: str
    volume: ResourceId | None = None
    """The volume of the map that is the source, if it is one."""

    def __str__(self) -> str:
        return f"{self.source}:{self.path}:{self.mode}"


@frozen(kw_only=True)
class Mounts:
    """What a container mounts."""

    shares: tuple[str, ...]
    """Paths of anonymous volumes (VOL-11)."""
    binds: tuple[Bind, ...]
    volumes_from: tuple[str, ...]
    """Names of containers on the engine, with a mode if it is not the common one (ENG-9)."""

    @property
    def paths(self) -> tuple[str, ...]:
        """All mount paths, each once (ENG-7)."""
        return tuple(dict.fromkeys((*self.shares, *(bind.path for bind in self.binds))))

    @property
    def volumes(self) -> tuple[ResourceId, ...]:
        """The volumes of the map among the sources, each once."""
        return tuple(dict.fromkeys(bind.volume for bind in self.binds if bind.volume))


def mounts_of(subject: Subject) -> Mounts:
    """Everything that the attributes mount, in the order of ENG-7 and ENG-8."""
    shares = (
        _path(subject, f"shares[{index}]", share)
        for index, share in enumerate(subject.configuration.shares)
    )
    uses = resolve_uses(subject.placement.map, subject.configuration)
    return Mounts(
        shares=tuple(path for path in shares if path),
        binds=(*_host_binds(subject), *_attached(subject), *_used(subject, uses)),
        volumes_from=tuple(
            subject.placement.container(use.container.config, use.container.instance).name
            + (":ro" if use.readonly else "")
            for use in uses
            if isinstance(use, ContainerUse)
        ),
    )


def _host_binds(subject: Subject) -> Iterator[Bind]:
    host = subject.placement.map.host
    for index, entry in enumerate(subject.configuration.binds):
        place = f"binds[{index}]"
        if isinstance(entry, HostVolume):
            path = _path(subject, place, entry.path)
            written = entry.host_path
        else:
            path = _default_path(subject, place, entry)
            try:
                written = host.path_of(entry.name, subject.instance)
            except ValueError as error:
                subject.complain(place, str(error))
                continue
        source = _path(subject, place, written)
        if path and source:
            try:
                source = called(partial(host.under_root, source))
            except BadValue as problem:
                subject.problems.extend(problem.at("$.host.root"))
                continue
            if is_volume_name(source) and (is_late(written) or is_late(host.root)):
                # What is written down was told when the map was loaded.
                logger.warning(
                    "map '%s': %s.%s: %s",
                    subject.placement.map.name,
                    subject.place,
                    place,
                    volume_name_doubt(source),
                )
            yield Bind(source, path, "ro" if entry.readonly else "rw")


def _default_path(subject: Subject, place: str, entry: SharedVolume | UsedVolume) -> str | None:
    path = volume_configuration(subject.placement.map, subject.name, entry.name).default_path
    if not path:
        subject.complain(
            place,
            f"nothing says where {entry.name!r} is mounted",
            f"give $.volumes.{entry.name} a default_path",
        )
        return None
    return _path(subject, place, path)


def _attached(subject: Subject) -> Iterator[Bind]:
    for index, entry in enumerate(subject.configuration.attaches):
        given = entry.path if isinstance(entry, UsedVolume) else None
        volume = AttachedVolume(owner=subject.name, alias=entry.name, path=given)
        use = VolumeUse(
            owner=subject.name,
            alias=entry.name,
            path=attached_path(subject.placement.map, volume),
            readonly=False,
        )
        yield from _volume_bind(subject, f"attaches[{index}]", use)


def _used(subject: Subject, uses: tuple[VolumeUse | ContainerUse, ...]) -> Iterator[Bind]:
    for index, use in enumerate(uses):
        if isinstance(use, VolumeUse):
            yield from _volume_bind(subject, f"uses[{index}]", use)


def _volume_bind(subject: Subject, place: str, use: VolumeUse) -> Iterator[Bind]:
    if not use.path:
        subject.complain(
            place,
            f"nothing says where {use.alias!r} is mounted",
            f"give it a path here, or a default_path in $.volumes.{use.alias}",
        )
        return
    path = _path(subject, place, use.path)
    if path:
        resource = subject.placement.volume(use.owner, use.alias)
        yield Bind(resource.name, path, "ro" if use.readonly else "rw", resource)


def _path(subject: Subject, place: str, path: LazyOr[str]) -> str | None:
    try:
        found = text(evaluated(path))
    except BadValue as problem:
        subject.problems.extend(problem.at(f"{subject.place}.{place}"))
        return None
    if not found or ":" in found:
        subject.complain(place, "must be a path, not empty and without colons")
        return None
    return found
