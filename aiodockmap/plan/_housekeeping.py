"""What can go from an engine: stopped containers, unused images. Plans like any other (UTL-5 to UTL-7)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from ..model import ImageReference, ResourceId, ResourceKind, post_order
from ..state import (
    DesiredState,
    ObservedContainer,
    ObservedImage,
    ObservedVolume,
    RunState,
    StopPolicy,
    marks_by_container,
    marks_by_network,
)
from ._actions import Action, ClearMark, RemoveContainer, RemoveImage, StopContainer
from ._plan import Plan, Step, StepId
from ._reasons import Cause, Reason
from ._reconnection import told_by
from ._replacement import ASIDE, REPLACEMENT

_NOTHING: Final = DesiredState(containers={}, volumes={}, networks={}, images={})


def plan_container_cleanup(
    engine: str,
    containers: Iterable[ObservedContainer],
    *,
    include_initial: bool,
    keep: Mapping[str, str],
    volumes: Iterable[ObservedVolume] = (),
) -> Plan:
    """Remove the containers that have ended, and those that were never started if that is asked for.

    `keep` has the names that stay, each with the reason. Of the volumes, marks go whose containers do.
    """
    steps = _Steps(engine, "container cleanup")
    volumes = tuple(volumes)
    containers = sorted(containers, key=lambda each: each.name)
    for container in containers:
        why = _why_container_stays(container, keep, include_initial=include_initial)
        if why is not None:
            steps.note(container.name, why)
            continue
        seen = "was never started" if container.state is RunState.INITIAL else "has ended"
        steps.remove(container, seen)
    steps.forget(containers, volumes)
    return steps.plan()


def _why_container_stays(
    container: ObservedContainer, keep: Mapping[str, str], *, include_initial: bool
) -> str | None:
    if container.name in keep:
        return keep[container.name]
    if container.name.endswith((ASIDE, REPLACEMENT)):
        return "it is part of a replacement; the next run of its map ends that"
    if container.state.is_up:
        return "it runs"
    if container.state is RunState.INITIAL and not include_initial:
        return "it was never started"
    return None


def plan_full_removal(
    engine: str,
    containers: Iterable[ObservedContainer],
    *,
    grace: int,
    keep: Mapping[str, str],
    volumes: Iterable[ObservedVolume] = (),
) -> Plan:
    """Stop what runs, and remove all containers (UTL-7). Of the volumes, marks go whose containers do."""
    steps = _Steps(engine, "full removal")
    volumes = tuple(volumes)
    containers = sorted(containers, key=lambda each: each.name)
    for container in containers:
        if container.name in keep:
            steps.note(container.name, keep[container.name])
            continue
        resource = _container(engine, container)
        before: tuple[StepId, ...] = ()
        if container.state.is_up:
            stop = StopContainer(id=container.id, policy=StopPolicy(grace=grace))
            before = (steps.add(resource, stop, "everything is to go"),)
        steps.remove(container, "everything is to go", before)
    steps.forget(containers, volumes)
    return steps.plan()


def plan_image_cleanup(
    engine: str,
    images: Sequence[ObservedImage],
    containers: Iterable[ObservedContainer],
    *,
    keep_tags: Collection[str] | None,
) -> Plan:
    """Remove the images that no container uses, that nobody names, and that none which stays was built from.

    `keep_tags` are the only tags that count as names; None: every tag does.
    """
    by_id = {image.id: image for image in images}
    stays: dict[str, str] = {}
    for container in sorted(containers, key=lambda each: each.name):
        stays.setdefault(container.image_id, f"container {container.name} uses it")
    for image in images:
        tag = next((tag for tag in image.tags if _counts(tag, keep_tags)), None)
        if tag is not None:
            stays.setdefault(image.id, "it has a tag" if keep_tags is None else f"it is {tag}")
    _keep_ancestors(by_id, stays)
    children: dict[str, list[str]] = {}
    for image in images:
        children.setdefault(image.parent, []).append(image.id)
    steps = _Steps(engine, "image cleanup")
    numbers: dict[str, StepId] = {}
    for image_id in post_order(sorted(by_id), lambda parent: children.get(parent, ())):
        image = by_id[image_id]
        if image_id in stays:
            if image.tags:
                steps.note(_name(image), stays[image_id])
            continue
        numbers[image_id] = steps.add(
            ResourceId(engine, ResourceKind.IMAGE, _name(image)),
            RemoveImage(id=image_id, references=image.references),
            "no container uses it, and its tags are old" if image.tags else "nobody needs it",
            tuple(numbers[child] for child in children.get(image_id, ())),
        )
    return steps.plan()


def _keep_ancestors(by_id: Mapping[str, ObservedImage], stays: dict[str, str]) -> None:
    for image_id in tuple(stays):
        image = by_id.get(image_id)
        while image is not None and image.parent and image.parent not in stays:
            stays[image.parent] = f"{_name(image)} was built from it"
            image = by_id.get(image.parent)


def _counts(reference: str, keep_tags: Collection[str] | None) -> bool:
    return keep_tags is None or (ImageReference.parse(reference).tag or "latest") in keep_tags


def _name(image: ObservedImage) -> str:
    return image.references[0] if image.references else image.id.removeprefix("sha256:")[:12]


def _container(engine: str, container: ObservedContainer) -> ResourceId:
    return ResourceId(engine, ResourceKind.CONTAINER, container.name)


class _Steps:
    """A plan in the making."""

    def __init__(self, engine: str, action: str) -> None:
        self._engine, self._action = engine, action
        self._steps: list[Step] = []
        self._removed: dict[str, StepId] = {}
        self._notes: list[str] = []

    def add(
        self, resource: ResourceId, action: Action, why: str, after: tuple[StepId, ...] = ()
    ) -> StepId:
        number = StepId(len(self._steps) + 1)
        reasons = (Reason(Cause.CLEANED_UP, detail=why),)
        self._steps.append(
            Step(
                id=number,
                resource=resource,
                action=action,
                reasons=reasons,
                requires=tuple(sorted(after)),
            )
        )
        return number

    def remove(
        self, container: ObservedContainer, why: str, after: tuple[StepId, ...] = ()
    ) -> None:
        removal = RemoveContainer(id=container.id)
        step = self.add(_container(self._engine, container), removal, why, after)
        self._removed[container.name] = step

    def forget(
        self, containers: Iterable[ObservedContainer], volumes: Iterable[ObservedVolume]
    ) -> None:
        """End the marks that are about nobody but containers which are gone, or go: nobody else would."""
        there = {container.name for container in containers}
        for name, marks in sorted(marks_by_container(volumes).items()):
            removal = self._removed.get(name)
            if name in there and removal is None:
                continue
            for mark in sorted(marks):
                self.add(
                    ResourceId(self._engine, ResourceKind.CONTAINER, name),
                    ClearMark(mark=mark),
                    "its container is gone" if removal is None else "its container goes",
                    () if removal is None else (removal,),
                )
        self._forget_connections(containers, volumes)

    def _forget_connections(
        self, containers: Iterable[ObservedContainer], volumes: Iterable[ObservedVolume]
    ) -> None:
        by_id = {container.id: container.name for container in containers}
        by_name = {volume.name: volume for volume in volumes}
        for name, marks in sorted(marks_by_network(volumes).items()):
            for mark in sorted(marks):
                there = [by_id[id_] for id_ in told_by(by_name[mark]) if id_ in by_id]
                removals = [self._removed[each] for each in there if each in self._removed]
                if len(removals) == len(there):
                    self.add(
                        ResourceId(self._engine, ResourceKind.NETWORK, name),
                        ClearMark(mark=mark),
                        "who was connected is gone, or goes",
                        tuple(removals),
                    )

    def note(self, name: str, why: str) -> None:
        self._notes.append(f"{name} stays: {why}")

    def plan(self) -> Plan:
        # Without expected ids: what is gone by then is as it should be, and steps know theirs.
        return Plan(
            action=self._action,
            steps=tuple(self._steps),
            desired=_NOTHING,
            notes=tuple(self._notes),
            engines=(self._engine,),
        )
