"""Containers that others hold on to, and not to their names: used volumes, links, network stacks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from ..model import DependencyKind, ResourceId, ResourceKind, object_at
from ..state import ContainerSpec, DesiredContainer, ObservedContainer, ObservedState
from ._drafts import PlanDrafts
from ._reasons import Cause, Reason

_HOLDS_ON: Final = frozenset(
    {DependencyKind.VOLUMES_FROM, DependencyKind.LINK, DependencyKind.NETWORK_STACK}
)
"""Dependencies that are to the very container, and not to its name (UPD-81 to UPD-83)."""


_DEFAULT_BRIDGE: Final = frozenset({"", "default", "bridge"})


def holds_on_containers(container: DesiredContainer) -> bool:
    """Whether it cannot be created without another container, which may be away itself."""
    return any(
        dependency.kind.needed_to_create and dependency.on.kind is ResourceKind.CONTAINER
        for dependency in container.dependencies
    )


def lost_ground(
    container: DesiredContainer,
    current: ObservedContainer,
    observed: ObservedState,
    drafts: PlanDrafts,
) -> Iterator[Reason]:
    """Why a container that is down can never be started again: it needs very ones that are gone, or will be.

    Volumes it keeps, whoever had them before; links are to names, but on the default bridge.
    """
    kinds = {DependencyKind.NETWORK_STACK}
    if _network_mode(current) in _DEFAULT_BRIDGE:
        kinds.add(DependencyKind.LINK)
    return lost_holds(container, current, observed, drafts, kinds)


def lost_holds(
    container: DesiredContainer,
    current: ObservedContainer,
    observed: ObservedState,
    drafts: PlanDrafts,
    kinds: Collection[DependencyKind] = _HOLDS_ON,
) -> Iterator[Reason]:
    """Containers that it holds on to, and that are not the same any more (UPD-15, UPD-16, UPD-22)."""
    for dependency in container.dependencies:
        if dependency.kind not in kinds:
            continue
        steps = drafts.containers.get(dependency.on)
        if steps is not None and steps.create is not None:
            yield Reason(Cause.OWNER_REPLACED, dependency.on)
        elif dependency.kind is DependencyKind.LINK:
            if _is_newer(dependency.on, current, observed):
                yield Reason(Cause.STALE_LINK, dependency.on)
        elif dependency.kind is DependencyKind.NETWORK_STACK:
            if _has_lost_its_stack(dependency.on, current, observed):
                what = f"it shares the network of a {dependency.on} that was replaced"
                yield Reason(Cause.DIFFERS, detail=what)
        elif _mounts_differ(dependency.on, container, current, observed):
            what = f"it has not the volumes that {dependency.on} has by now"
            yield Reason(Cause.DIFFERS, detail=what)


def _is_newer(target: ResourceId, current: ObservedContainer, observed: ObservedState) -> bool:
    other = observed.container(target)
    if other is None:
        return True
    return _created(other) > _created(current) != ""


def _created(container: ObservedContainer) -> str:
    # RFC 3339 sorts as text, since engines write all of them in UTC, but for the end: Go leaves
    # zeros out there, and "Z" sorts behind all digits.
    return str((container.details or {}).get("Created", "")).rstrip("Z")


def _has_lost_its_stack(
    owner: ResourceId, current: ObservedContainer, observed: ObservedState
) -> bool:
    """Whether the network stack is that of a container that has no longer the name (UPD-22)."""
    other = observed.container(owner)
    kind, _, held = _network_mode(current).partition(":")
    return other is not None and kind == "container" and held not in {other.id, owner.name}


def _network_mode(container: ObservedContainer) -> str:
    return str(object_at(container.details or {}, "HostConfig").get("NetworkMode", ""))


def _mounts_differ(
    owner: ResourceId,
    container: DesiredContainer,
    current: ObservedContainer,
    observed: ObservedState,
) -> bool:
    """Whether the owner mounts anything that this one has not, but from itself or others (UPD-14)."""
    other = observed.container(owner)
    if other is None or other.details is None or container.spec is None:
        return False
    have = _mounts(current)
    hidden = _own_targets(container.spec) | _targets_of_later(owner, container.spec, observed)
    return any(
        have.get(target) != source
        for target, source in _mounts(other).items()
        if target not in hidden
    )


def _targets_of_later(
    owner: ResourceId, spec: ContainerSpec, observed: ObservedState
) -> frozenset[str]:
    """Where the containers that are used after this one mount something: of several the last wins."""
    entries = _entries(object_at(spec.body, "HostConfig").get("VolumesFrom"))
    names = [str(entry).partition(":")[0] for entry in entries]
    later = names[names.index(owner.name) + 1 :] if owner.name in names else []
    known = observed.engines[owner.engine].containers
    return frozenset(target for name in later if name in known for target in _mounts(known[name]))


def _mounts(container: ObservedContainer) -> dict[str, str]:
    """What is mounted where, of what others can have from a container."""
    mounts = (container.details or {}).get("Mounts")
    return {
        str(mount.get("Destination", "")): str(mount.get("Name") or mount.get("Source") or "")
        for mount in (mounts if isinstance(mounts, list) else ())
        if isinstance(mount, Mapping) and mount.get("Type") in {"volume", "bind"}
    }


def _own_targets(spec: ContainerSpec) -> frozenset[str]:
    """Where a container mounts something of its own, whatever those that it uses have there."""
    host = object_at(spec.body, "HostConfig")
    binds, mounts = host.get("Binds"), host.get("Mounts")
    return frozenset(
        [
            *object_at(spec.body, "Volumes"),
            *(str(each).split(":")[1] for each in _entries(binds) if ":" in str(each)),
            *(str(each.get("Target")) for each in _entries(mounts) if isinstance(each, Mapping)),
            *object_at(host, "Tmpfs"),
        ]
    )


def _entries(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
