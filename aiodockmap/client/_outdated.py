"""Whether the world is still the one that a plan was made for."""

from __future__ import annotations

from ..model import ResourceId, ResourceKind
from ..plan import Plan
from ..state import ObservedState


def outdated(plan: Plan, observed: ObservedState) -> list[tuple[ResourceId, str]]:
    """The resources that a plan changes and that are not what they were, each with what happened."""
    changes = []
    for resource, expected in plan.expected.items():
        if resource.engine in observed.left_out:
            continue  # its steps will say why, and leave those of other engines alone
        found = _current_id(resource, observed)
        if found == expected:
            continue
        if found is None:
            changes.append((resource, "is gone"))
        elif expected is None:
            changes.append((resource, "exists by now"))
        else:
            changes.append((resource, "was replaced by another of the same name"))
    return changes


def _current_id(resource: ResourceId, observed: ObservedState) -> str | None:
    match resource.kind:
        case ResourceKind.CONTAINER:
            container = observed.container(resource)
            return container.id if container else None
        case ResourceKind.NETWORK:
            networks = observed.networks(resource)
            return networks[0].id if networks else None
        case ResourceKind.VOLUME:
            volume = observed.volume(resource)
            return volume.name if volume else None
        case ResourceKind.IMAGE:
            return observed.image_id(resource)
