"""Containers that are away for a while, since a volume that they mount is created anew (UPD-46).

An engine removes no volume that a container mounts, not even a stopped one: they have to be removed first.
A process can be killed before they are back, so that each of them leaves a mark: an empty volume whose
labels say what the next run has to give back.
"""

from __future__ import annotations

import json
from typing import Final

import attrs

from ..model import JsonObject, ResourceId, ResourceKind
from ..state import HELPER_LABEL, LABEL_PREFIX, DesiredState, ObservedContainer, ObservedState
from ._actions import BringBack, ClearMark, CreateContainer, RemoveContainer, SetMark, TryContainer
from ._drafts import ContainerDrafts, Draft
from ._reasons import Cause, Reason
from ._replacement import REPLACEMENT, REPLACES, carried_volumes, with_binds

AWAY: Final = ".aiodockmap-away"
"""End of the name of the mark of a container."""

_LABEL: Final = LABEL_PREFIX + "away"


@attrs.frozen(kw_only=True)
class Away:
    """What is known of a container that was removed so that a volume could be."""

    volumes: tuple[str, ...]
    """Names of the volumes that are created anew."""
    was_up: bool
    carried: tuple[str, ...] = ()
    """Its anonymous volumes, as binds."""


def mark_of(container: ResourceId) -> str:
    """The name of the volume that exists as long as a container is away."""
    return container.name + AWAY


def read_mark(container: ResourceId, observed: ObservedState) -> Away | None:
    """What an earlier run was to give back; None if there is nothing, or nothing that can be read."""
    mark = observed.engines[container.engine].volumes.get(mark_of(container))
    if mark is None:
        return None
    try:
        read = json.loads(mark.labels[_LABEL])
        return Away(
            volumes=tuple(map(str, read["volumes"])),
            was_up=read["up"] is True,
            carried=tuple(map(str, read["carried"])),
        )
    except (KeyError, TypeError, ValueError, RecursionError):
        return Away(volumes=(), was_up=False)


def clear_mark(container: ResourceId, cause: Cause) -> Draft:
    """The step that takes the mark of a container away."""
    return Draft(container, ClearMark(mark=mark_of(container)), (Reason(cause),))


def take_away(
    drafts: ContainerDrafts,
    old: ObservedContainer,
    volumes: tuple[ResourceId, ...],
    image_config: JsonObject | None,
    earlier: Away | None,
) -> None:
    """Turn removal and creation into that of a container whose volumes are created anew meanwhile.

    What can be found out before anything is lost is: the new container is created under another name, and
    removed.

    Args:
        drafts: The steps of the container.
        old: What is removed.
        volumes: What it mounts, and is created anew.
        image_config: `Config` of the image that it was made from; None if nobody asked.
        earlier: What an interrupted run was to give back.
    """
    assert drafts.create is not None  # noqa: S101  # made by the caller, just before
    create = drafts.create.action
    assert isinstance(create, CreateContainer)  # noqa: S101  # likewise
    assert isinstance(drafts.remove, Draft)  # noqa: S101  # likewise
    was_up = old.state.is_up or (earlier is not None and earlier.was_up)
    carried = carried_volumes(create.body, old.details or {}, image_config)
    body = with_binds(create.body, carried)
    drafts.remove.action = RemoveContainer(id=old.id)
    drafts.create.action = attrs.evolve(create, body=body)
    name = drafts.id.name + REPLACEMENT
    labels = create.body.get("Labels")
    replaces = f"{old.id} {'up' if old.state.is_up else 'down'}"
    trial = {**body, "Labels": {**(labels if isinstance(labels, dict) else {}), REPLACES: replaces}}
    reasons = tuple(Reason(Cause.VOLUME_RENEWED, volume) for volume in volumes)
    drafts.trial = Draft(
        drafts.id, TryContainer(body=trial, platform=create.platform, name=name), reasons
    )
    away = Away(
        volumes=tuple(volume.name for volume in volumes), was_up=was_up, carried=tuple(carried)
    )
    drafts.away = Draft(
        drafts.id,
        SetMark(mark=mark_of(drafts.id), labels=_labels(away)),
        (Reason(Cause.REMEMBERED),),
    )
    drafts.back = clear_mark(drafts.id, Cause.BACK)
    # Its way back as long as it is not removed.
    drafts.bring_back = BringBack(
        old_id=old.id, replacement=name, was_up=was_up, marks=(mark_of(drafts.id),)
    )


def drawn_in(
    desired: DesiredState,
    observed: ObservedState,
    path: tuple[ResourceId, ...],
    renewed: frozenset[ResourceId],
) -> tuple[ResourceId, ...]:
    """The containers off a path that are to be re-created with it, since they mount its volumes (UPD-86).

    Those whose volume is created anew now, and those that an interrupted run left away.
    """
    on_path, volumes = frozenset(path), _volumes(path)
    found = []
    for resource in desired.containers:
        if resource in on_path or resource.engine not in observed.engines:
            continue
        current, away = observed.container(resource), read_mark(resource, observed)
        mounts = {
            ResourceId(resource.engine, ResourceKind.VOLUME, name)
            for name in (current.volumes if current is not None else ())
        }
        left_away = {
            ResourceId(resource.engine, ResourceKind.VOLUME, name)
            for name in (away.volumes if away is not None else ())
        }
        if mounts & renewed or left_away & volumes:
            found.append(resource)
    return tuple(found)


def _volumes(path: tuple[ResourceId, ...]) -> frozenset[ResourceId]:
    return frozenset(resource for resource in path if resource.kind is ResourceKind.VOLUME)


def _labels(away: Away) -> dict[str, str]:
    told = {"volumes": away.volumes, "up": away.was_up, "carried": away.carried}
    return {HELPER_LABEL: "away", _LABEL: json.dumps(told, separators=(",", ":"))}
