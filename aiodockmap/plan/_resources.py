"""Networks and volumes: absent ones are had, selected ones may go (behaviour 6.4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ..model import ResourceId, ResourceKind
from ..state import (
    HELPER_LABEL,
    DesiredState,
    DesiredVolume,
    ObservedContainer,
    ObservedState,
    preparing_container,
)
from ._actions import (
    CreateNetwork,
    CreateVolume,
    DiscardHelper,
    DisconnectNetwork,
    PrepareVolume,
    RemoveNetwork,
    RemoveVolume,
)
from ._drafts import Draft, NetworkDrafts, PlanDrafts, VolumeDrafts
from ._reasons import Cause, Reason
from ._request import PlanOptions, PlanRequest


def plan_new_network(
    drafts: PlanDrafts, network: ResourceId, desired: DesiredState, observed: ObservedState
) -> None:
    """Create a configured network that is absent by name (NET-2)."""
    described = desired.networks.get(network)
    if described is None or described.body is None or observed.networks(network):
        return
    create = Draft(network, CreateNetwork(body=described.body), (Reason(Cause.ABSENT),))
    drafts.networks[network] = NetworkDrafts(network, create=create)


def plan_new_volume(
    drafts: PlanDrafts,
    volume: ResourceId,
    desired: DesiredState,
    observed: ObservedState,
    options: PlanOptions,
) -> None:
    """Create an absent volume, and give its files their owner and mode (VOL-22).

    One that exists is not touched (VOL-27), unless an earlier run did not come to preparing it; what has
    prepared it, and could not be removed then, goes.
    """
    described = desired.volumes.get(volume)
    if described is None or described.body is None:
        return
    exists, marker = observed.volume(volume) is not None, marker_of(volume)
    is_marked = marker in observed.engines[volume.engine].volumes
    if volume in drafts.volumes:
        return  # it is created anew
    if exists and not (is_marked and described.ownership is not None):
        discard = discard_helper(volume, observed)
        if discard is not None:
            drafts.volumes[volume] = VolumeDrafts(volume, discard=discard)
        return
    steps = VolumeDrafts(volume)
    if not exists:
        is_to_be_prepared = described.ownership is not None
        create = CreateVolume(body=described.body, marker=marker if is_to_be_prepared else None)
        steps.create = Draft(volume, create, (Reason(Cause.ABSENT),))
    cause = Cause.UNPREPARED if exists else Cause.NEW_VOLUME
    steps.prepare = preparation(described, drafts, observed, options, cause)
    drafts.volumes[volume] = steps


def preparation(
    volume: DesiredVolume,
    drafts: PlanDrafts,
    observed: ObservedState,
    options: PlanOptions,
    cause: Cause,
) -> Draft | None:
    """The step that gives the files of a volume their owner and mode; None if nobody says which."""
    if volume.ownership is None:
        return None
    image = _preparing_image(volume, observed)
    action = PrepareVolume(
        ownership=volume.ownership,
        image=image.name,
        local=options.prepare_local,
        marker=marker_of(volume.id),
    )
    prepare = Draft(volume.id, action, (Reason(cause),))
    prepare.wait_for(drafts.pulls.get(image, {}).values())
    return prepare


UNPREPARED: Final = ".aiodockmap-unprepared"


def marker_of(volume: ResourceId) -> str:
    """The name of the empty volume that exists as long as a new volume is to be prepared.

    Labels cannot change, and a process can be killed: so the engine has to remember it.
    """
    return volume.name + UNPREPARED


def _preparing_image(volume: DesiredVolume, observed: ObservedState) -> ResourceId:
    """The core image if the engine has it, else the owner's: never a stranger's pull (VOL-23)."""
    core, owner = volume.core_image, volume.owner_image
    if core is not None and (owner is None or observed.image_id(core) is not None):
        return core
    assert owner is not None  # noqa: S101  # a volume has an owner, and an owner has an image
    return owner


def plan_network_removal(
    drafts: PlanDrafts, network: ResourceId, desired: DesiredState, observed: ObservedState
) -> None:
    """Disconnect whatever is left on a selected network, and remove it (ACT-48, NET-11)."""
    if network not in desired.networks:
        return
    existing = observed.networks(network)
    if not existing:
        return
    if len(existing) > 1:
        drafts.notes.append(f"{network} exists {len(existing)} times; only the oldest is removed")
    oldest = existing[0]
    steps = NetworkDrafts(
        network,
        remove=Draft(network, RemoveNetwork(id=oldest.id), (Reason(Cause.REQUESTED),)),
    )
    for container in observed.attached_to(network):
        attached = ResourceId(network.engine, ResourceKind.CONTAINER, container.name)
        leaving = drafts.containers.get(attached)
        if leaving is not None and leaving.remove is not None:
            continue
        steps.disconnects.append(
            Draft(
                network,
                DisconnectNetwork(id=oldest.id, container=attached, container_id=container.id),
                (Reason(Cause.STILL_ATTACHED, attached),),
            )
        )
    drafts.networks[network] = steps


def plan_volume_removal(
    drafts: PlanDrafts,
    path: Iterable[ResourceId],
    desired: DesiredState,
    observed: ObservedState,
    request: PlanRequest,
) -> None:
    """Remove the volumes of removed containers, where that was asked for (ACT-60).

    A volume stays, with a note, as long as a container outside the plan mounts it.
    """
    if not request.options.remove_attached:
        drafts.notes.extend(
            f"{volume} stays, with its data; remove_attached=True removes it"
            for volume in request.selected
            if volume.kind is ResourceKind.VOLUME and observed.volume(volume) is not None
        )
        return
    owned = {
        volume: None
        for resource in path
        for volume in (
            (resource,)
            if resource.kind is ResourceKind.VOLUME
            else desired.containers[resource].attached
            if resource in desired.containers
            else ()
        )
    }
    for volume in owned:
        if volume not in desired.volumes or observed.volume(volume) is None:
            continue
        staying = [
            container.name
            for container in observed.engines[volume.engine].containers.values()
            if volume.name in container.volumes
            and not _is_helper(container)
            and not _is_leaving(
                drafts, ResourceId(volume.engine, ResourceKind.CONTAINER, container.name)
            )
        ]
        if staying:
            names = ", ".join(sorted(staying))
            drafts.notes.append(f"{volume} stays: still mounted by {names}")
            continue
        drafts.volumes[volume] = VolumeDrafts(
            volume,
            discard=discard_helper(volume, observed),
            remove=Draft(
                volume,
                RemoveVolume(marker=_marker(volume, observed)),
                (Reason(Cause.OWNER_REMOVED),),
            ),
        )


def discard_helper(volume: ResourceId, observed: ObservedState) -> Draft | None:
    """The end of the container that prepares a volume, before it can be removed; None if there is none."""
    if not _is_helper(
        observed.engines[volume.engine].containers.get(preparing_container(volume.name))
    ):
        return None
    return Draft(volume, DiscardHelper(), (Reason(Cause.INTERRUPTED_PREPARATION),))


def _is_helper(container: ObservedContainer | None) -> bool:
    return container is not None and HELPER_LABEL in container.labels


def _marker(volume: ResourceId, observed: ObservedState) -> str | None:
    marker = marker_of(volume)
    return marker if marker in observed.engines[volume.engine].volumes else None


def _is_leaving(drafts: PlanDrafts, container: ResourceId) -> bool:
    steps = drafts.containers.get(container)
    return steps is not None and steps.remove is not None and steps.create is None
