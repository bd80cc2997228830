"""Volumes that exist, and are not as the map has them: told, or created anew by force (UPD-40, UPD-46)."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import PlanningError
from ..model import JsonObject, ResourceId, ResourceKind, object_at
from ..state import HELPER_LABEL, DesiredState, ObservedState, ObservedVolume
from ._actions import PrepareVolume, RenewVolume
from ._drafts import Draft, PlanDrafts, VolumeDrafts
from ._reasons import Cause, Reason
from ._replacement import ASIDE, REPLACEMENT
from ._request import PlanRequest, Verb
from ._resources import discard_helper, marker_of, preparation


def renewed_volumes(
    desired: DesiredState,
    observed: ObservedState,
    path: Iterable[ResourceId],
    request: PlanRequest,
) -> frozenset[ResourceId]:
    """The volumes that are removed with their data and created anew: only where that was asked for."""
    if request.verb is not Verb.UPDATE:
        return frozenset()
    return frozenset(
        resource
        for resource in path
        if resource in request.forced
        and (described := desired.volumes.get(resource)) is not None
        and described.body is not None
        and observed.volume(resource) is not None
    )


def plan_volume_update(
    drafts: PlanDrafts,
    volume: ResourceId,
    desired: DesiredState,
    observed: ObservedState,
    request: PlanRequest,
) -> None:
    """Tell what differs in a volume; remove it and create it anew if that was asked for.

    Raises:
        PlanningError: if containers mount it that the map does not describe. Nothing was changed.
    """
    described, existing = desired.volumes.get(volume), observed.volume(volume)
    if described is None or described.body is None or existing is None:
        return
    differing = _differences(described.body, existing)
    if volume not in request.forced:
        if differing:
            drafts.notes.append(
                f"{volume}: {' and '.join(differing)} differ from the map; it holds data and is left "
                f"alone. With {_selection(described.item.name, described.item.instance)} it is "
                f"created anew, and its data is lost"
            )
        return
    strangers = _strangers(volume, desired, observed)
    if strangers:
        raise PlanningError(
            f"{volume} cannot be created anew: containers that no map describes mount it, "
            f"{', '.join(strangers)}; remove them first"
        )
    drafts.notes.append(f"{volume} is created anew as asked: all data in it is lost")
    reasons = (
        Reason(Cause.FORCED),
        *(Reason(Cause.DIFFERS, detail=f"{each} changed") for each in differing),
    )
    marker = marker_of(volume) if described.ownership is not None else None
    renew = RenewVolume(body=described.body, former=_former(existing), marker=marker)
    steps = VolumeDrafts(
        volume,
        discard=discard_helper(volume, observed),
        create=Draft(volume, renew, reasons),
    )
    prepare = preparation(described, drafts, observed, request.options, Cause.NEW_VOLUME)
    if prepare is not None:
        assert isinstance(prepare.action, PrepareVolume)  # noqa: S101  # what the function makes
        prepare.action = _if_marked(prepare.action)
        steps.prepare = prepare
    drafts.volumes[volume] = steps


def _if_marked(prepare: PrepareVolume) -> PrepareVolume:
    return PrepareVolume(
        ownership=prepare.ownership,
        image=prepare.image,
        local=prepare.local,
        marker=prepare.marker,
        if_marked=True,
    )


def _differences(body: JsonObject, existing: ObservedVolume) -> list[str]:
    """What differs, of what the map sets (UPD-40, UPD-41)."""
    driver = str(body.get("Driver") or "local")
    options, have = object_at(body, "DriverOpts"), object_at(existing.details, "Options")
    return [
        *(["driver"] if driver != (existing.driver or "local") else []),
        *(["driver options"] if dict(options) != dict(have) else []),
    ]


def _selection(owner: str, alias: str | None) -> str:
    chosen = {"config_type": "volume", "config_name": owner, "instance_names": [alias]}
    return f"force_update={chosen}"


def _strangers(volume: ResourceId, desired: DesiredState, observed: ObservedState) -> list[str]:
    """The containers that mount a volume and belong to nothing that is described."""
    return sorted(
        container.name
        for container in observed.engines[volume.engine].containers.values()
        if volume.name in container.volumes
        and HELPER_LABEL not in container.labels
        and ResourceId(
            volume.engine,
            ResourceKind.CONTAINER,
            container.name.removesuffix(REPLACEMENT).removesuffix(ASIDE),
        )
        not in desired.containers
    )


def _former(existing: ObservedVolume) -> JsonObject:
    """What another volume like this one can be created from."""
    return {
        "Name": existing.name,
        "Driver": existing.driver or "local",
        "DriverOpts": dict(object_at(existing.details, "Options")),
        "Labels": dict(existing.labels),
    }
