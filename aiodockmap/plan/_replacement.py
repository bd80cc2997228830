"""Re-creating a container so that there is never less than before.

The new one is created under a name of its own while the old one runs; the old one is stopped and set aside;
the new one takes its name, and starts; then the old one goes. If the new one does not come up, the old one
is brought back. What an interrupted run left behind is recognised by name and label, and finished or undone
before anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs

from ..model import JsonObject, ResourceId, ResourceKind, object_at
from ..state import (
    LABEL_PREFIX,
    DesiredState,
    ObservedContainer,
    ObservedState,
    RunState,
    labels_match,
)
from ._actions import BringBack, ConnectNetwork, CreateContainer, RemoveContainer, TakeOver
from ._drafts import ContainerDrafts, Draft
from ._reasons import Cause, Reason

REPLACEMENT: Final = ".aiodockmap-new"
ASIDE: Final = ".aiodockmap-old"
"""Ends of the names that the two containers of a replacement have for a while."""

REPLACES: Final = LABEL_PREFIX + "replaces"
"""Label of a new container: the id of the old one, and whether that was `up` or `down`."""


def replace(
    drafts: ContainerDrafts, old: ObservedContainer, image_config: JsonObject | None
) -> None:
    """Turn removal and creation of a container into its replacement.

    Args:
        drafts: The steps of the container.
        old: What is replaced.
        image_config: `Config` of the image that it was made from; None if nobody asked.
    """
    assert drafts.create is not None  # noqa: S101  # made by the caller, just before
    create = drafts.create.action
    assert isinstance(create, CreateContainer)  # noqa: S101  # likewise
    drafts.remove = None
    name, was_up = drafts.id.name, old.state.is_up
    body = with_binds(create.body, carried_volumes(create.body, old.details or {}, image_config))
    labels = object_at(body, "Labels")
    label = f"{old.id} {'up' if was_up else 'down'}"
    drafts.create.action = attrs.evolve(
        create,
        name=name + REPLACEMENT,
        body={**body, "Labels": {**labels, REPLACES: label}},
    )
    for connect in drafts.connects:
        if isinstance(connect.action, ConnectNetwork):
            connect.action = attrs.evolve(connect.action, container=name + REPLACEMENT)
    reasons = drafts.create.reasons
    drafts.take_over = Draft(
        drafts.id,
        TakeOver(old_id=old.id, aside=name + ASIDE, replacement=name + REPLACEMENT),
        reasons,
    )
    drafts.discard = Draft(
        drafts.id,
        RemoveContainer(id=old.id, leftover=f"the old {drafts.id}"),
        (Reason(Cause.REPLACED),),
    )
    drafts.bring_back = BringBack(old_id=old.id, replacement=name + REPLACEMENT, was_up=was_up)


def carried_volumes(
    body: JsonObject, details: JsonObject, image_config: JsonObject | None
) -> list[str]:
    """The anonymous volumes of the old container, as binds, where the new one has some at the same places.

    Where the image is not known, all places that the old container had count as wanted: rather one volume
    too many than data left behind.
    """
    host = object_at(body, "HostConfig")
    given = object_at(details, "Config") if image_config is None else image_config
    wanted = {*object_at(body, "Volumes"), *object_at(given, "Volumes")}
    binds = [str(bind) for bind in _list(host.get("Binds"))]
    mounted = {bind.split(":")[1] for bind in binds if bind.count(":")}
    return sorted(
        f"{mount['Name']}:{target}"
        for mount in _list(details.get("Mounts"))
        if isinstance(mount, Mapping)
        and mount.get("Type") == "volume"
        and _is_anonymous(str(mount.get("Name", "")))
        and (target := str(mount.get("Destination", ""))) in wanted - mounted
    )


def with_binds(body: JsonObject, binds: Iterable[str]) -> JsonObject:
    """The body with more entries in `HostConfig.Binds`."""
    host = object_at(body, "HostConfig")
    added = list(binds)
    if not added:
        return body
    return {**body, "HostConfig": {**host, "Binds": [*_list(host.get("Binds")), *added]}}


_ANONYMOUS_LENGTH: Final = 64


def _is_anonymous(name: str) -> bool:
    return len(name) == _ANONYMOUS_LENGTH and all(digit in "0123456789abcdef" for digit in name)


@attrs.frozen(kw_only=True)
class Repaired:
    """A container after what has to be repaired first."""

    container: ObservedContainer | None
    """What will have its name; with the exit code that it has before, also if it is started by that."""
    steps: tuple[Draft, ...] = ()
    is_guess: bool = False
    """Whether nothing is left that tells if it ran before the replacement."""

    @property
    def is_brought_back(self) -> bool:
        """Whether that is the old container of an interrupted replacement."""
        return any(isinstance(step.action, BringBack) for step in self.steps)

    @property
    def is_down(self) -> bool:
        """Whether it is down before that."""
        return any(
            isinstance(step.action, BringBack) and not step.action.is_up for step in self.steps
        )

    @property
    def is_started(self) -> bool:
        """Whether it is started by that."""
        return self.is_down and self.container is not None and self.container.state.is_up


def repair(resource: ResourceId, observed: ObservedState) -> Repaired:
    """Finish or undo what an interrupted replacement left; without one, the container as it is."""
    containers = observed.engines[resource.engine].containers
    current = containers.get(resource.name)
    new = containers.get(resource.name + REPLACEMENT)
    old = containers.get(resource.name + ASIDE)
    if old is not None and (current is None or not current.state.is_up):
        return _undone(resource, old, current or new)
    steps = [*_removal(resource, new), *_removal(resource, old)]
    if (
        current is not None
        and new is not None
        and _was_up(new, current)
        and not current.state.is_up
    ):
        return _undone(resource, current, new)
    return Repaired(container=current, steps=tuple(steps))


def replaced_id(labels: Mapping[str, str]) -> str | None:
    """The id of what a container was made to replace; None if there was nothing."""
    return labels[REPLACES].partition(" ")[0] if REPLACES in labels else None


def is_same_replacement(body: JsonObject, labels: Mapping[str, str]) -> bool:
    """Whether a container with these labels is made as a body says, and for the same old one.

    Whether that was up depends on when somebody looked, as whoever replaces it stops it.
    """
    asked = body.get("Labels")
    own = {name: str(text) for name, text in asked.items()} if isinstance(asked, dict) else {}
    if replaced_id(own) != replaced_id(labels):
        return False
    return labels_match({**body, "Labels": _without_its_past(own)}, _without_its_past(labels))


def _without_its_past(labels: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in labels.items() if name != REPLACES}


def replacements_under_way(
    resources: Iterable[ResourceId], desired: DesiredState, observed: ObservedState
) -> tuple[frozenset[tuple[str, str, RunState]], float]:
    """What there is of replacements that are not over; it changes as long as somebody works on them.

    And by how many seconds the longest of them may take longer to stop than engines wait by themselves.
    """
    found, grace = set[tuple[str, str, RunState]](), 0.0
    for resource in resources:
        state = observed.engines.get(resource.engine)
        if state is None or resource.kind is not ResourceKind.CONTAINER:
            continue
        present = [
            state.containers[name] for name in names_of(resource) if name in state.containers
        ]
        if any(each.name != resource.name for each in present):
            found |= {(each.id, each.name, each.state) for each in present}
            described = desired.containers.get(resource)
            if described is not None:
                grace = max(grace, described.stop.longer_than_usual)
    return frozenset(found), grace


def leftovers(resource: ResourceId, observed: ObservedState) -> tuple[Draft, ...]:
    """The removal of whatever an interrupted replacement left, for verbs that remove the container."""
    containers = observed.engines[resource.engine].containers
    names = (resource.name + REPLACEMENT, resource.name + ASIDE)
    return tuple(step for name in names for step in _removal(resource, containers.get(name)))


def names_of(resource: ResourceId) -> frozenset[str]:
    """All names that a container and its replacement may have."""
    return frozenset({resource.name, resource.name + REPLACEMENT, resource.name + ASIDE})


def _undone(
    resource: ResourceId, old: ObservedContainer, new: ObservedContainer | None
) -> Repaired:
    was_up = old.state is not RunState.INITIAL if new is None else _was_up(new, old)
    way_back = BringBack(
        old_id=old.id,
        replacement=resource.name + REPLACEMENT,
        was_up=was_up,
        is_up=old.state.is_up,
    )
    state = RunState.RUNNING if was_up else old.state
    container = attrs.evolve(old, name=resource.name, state=state)
    step = Draft(resource, way_back, (Reason(Cause.INTERRUPTED),))
    return Repaired(container=container, steps=(step,), is_guess=new is None)


def _was_up(new: ObservedContainer, old: ObservedContainer) -> bool:
    return new.labels.get(REPLACES) == f"{old.id} up"


def _removal(resource: ResourceId, leftover: ObservedContainer | None) -> Iterator[Draft]:
    if leftover is not None and (REPLACES in leftover.labels or leftover.name.endswith(ASIDE)):
        yield Draft(
            resource,
            RemoveContainer(id=leftover.id, force=True, leftover=leftover.name),
            (Reason(Cause.INTERRUPTED),),
        )


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
