"""What can go from an engine: stopped containers, unused images. Plans like any other (UTL-5 to UTL-7)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from ..errors import PlanningError
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

_ASKED_FOR: Final = "it was asked for"
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
        steps.end(container, grace, "everything is to go")
    steps.forget(containers, volumes)
    return steps.plan()


def plan_container_stop(
    engine: str, containers: Iterable[ObservedContainer], names: Iterable[str], *, grace: int | None
) -> Plan:
    """Stop the named containers (UTL-4); those that are gone, or do not run, are a note."""
    steps = _Steps(engine, "container stop")
    for container in steps.named(containers, names):
        if container.state.is_up:
            steps.stop(container, grace, _ASKED_FOR)
        else:
            steps.note(container.name, "it does not run")
    return steps.plan()


def plan_container_removal(
    engine: str,
    containers: Iterable[ObservedContainer],
    names: Collection[str],
    *,
    grace: int | None,
    anonymous: bool,
    volumes: Iterable[ObservedVolume],
) -> Plan:
    """Stop and remove the named containers (UTL-4); those that are gone are a note.

    `anonymous` has their anonymous volumes go as well; `volumes` are all that the engine has.
    """
    steps = _Steps(engine, "container removal")
    present = list(containers)
    for container in steps.named(present, names):
        steps.end(container, grace, _ASKED_FOR, volumes=anonymous)
    steps.forget(present, volumes, names)
    return steps.plan()


def plan_image_removal(
    engine: str, images: Iterable[ObservedImage], references: Iterable[str], *, force: bool
) -> Plan:
    """Remove the named images (UTL-4): of one with several names the given one, by its id all of them."""
    steps = _Steps(engine, "image removal")
    known = list(images)
    by_name = {
        ImageReference.parse(name).canonical: (name, image)
        for image in known
        for name in image.references
    }
    by_id = {each.id.removeprefix("sha256:"): each for each in known}
    for reference in dict.fromkeys(references):
        digits = reference.removeprefix("sha256:")
        image = by_id.get(digits) or next(
            (each for id_, each in by_id.items() if _is_short(digits) and id_.startswith(digits)),
            None,
        )
        if image is not None:
            steps.remove_image(image, image.references, _ASKED_FOR, force=force)
            continue
        name, image = by_name.get(reference_of(reference).canonical, (reference, None))
        if image is None:
            steps.absent(ResourceKind.IMAGE, reference)
        else:
            steps.remove_image(image, (name,), _ASKED_FOR, force=force)
    return steps.plan()


def reference_of(text: str) -> ImageReference:
    """The image that somebody means.

    Raises:
        PlanningError: if that is no name of one.
    """
    try:
        return ImageReference.parse(text)
    except ValueError as problem:
        raise PlanningError(str(problem)) from None


_SHORT_ID: Final = 12


def _is_short(digits: str) -> bool:
    return len(digits) >= _SHORT_ID and not set(digits) - set("0123456789abcdef")


def plan_image_cleanup(
    engine: str,
    images: Sequence[ObservedImage],
    containers: Iterable[ObservedContainer],
    *,
    keep_tags: Collection[str] | None,
    force: bool = False,
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
        numbers[image_id] = steps.remove_image(
            image,
            image.references,
            "no container uses it, and its tags are old" if image.tags else "nobody needs it",
            tuple(numbers[child] for child in children.get(image_id, ())),
            force=force,
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

    def stop(self, container: ObservedContainer, grace: int | None, why: str) -> StepId:
        stop = StopContainer(id=container.id, policy=StopPolicy(grace=grace))
        return self.add(self._container(container), stop, why)

    def remove(
        self,
        container: ObservedContainer,
        why: str,
        after: tuple[StepId, ...] = (),
        *,
        volumes: bool = False,
    ) -> None:
        removal = RemoveContainer(id=container.id, volumes=volumes)
        step = self.add(self._container(container), removal, why, after)
        self._removed[container.name] = step

    def end(
        self, container: ObservedContainer, grace: int | None, why: str, *, volumes: bool = False
    ) -> None:
        """Stop it if it runs, and remove it."""
        after = (self.stop(container, grace, why),) if container.state.is_up else ()
        self.remove(container, why, after, volumes=volumes)

    def remove_image(
        self,
        image: ObservedImage,
        references: tuple[str, ...],
        why: str,
        after: tuple[StepId, ...] = (),
        *,
        force: bool,
    ) -> StepId:
        name = references[0] if references else _name(image)
        return self.add(
            ResourceId(self._engine, ResourceKind.IMAGE, name),
            RemoveImage(id=image.id, references=references, force=force),
            why,
            after,
        )

    def _container(self, container: ObservedContainer) -> ResourceId:
        return ResourceId(self._engine, ResourceKind.CONTAINER, container.name)

    def named(
        self, containers: Iterable[ObservedContainer], names: Iterable[str]
    ) -> Iterator[ObservedContainer]:
        """The containers of these names; notes tell of those that are not there."""
        by_name = {container.name: container for container in containers}
        for name in dict.fromkeys(names):
            if name in by_name:
                yield by_name[name]
            else:
                self.absent(ResourceKind.CONTAINER, name)

    def absent(self, kind: ResourceKind, name: str) -> None:
        self._notes.append(f"there is no {kind.value} {name}")

    def forget(
        self,
        containers: Iterable[ObservedContainer],
        volumes: Iterable[ObservedVolume],
        names: Collection[str] | None = None,
    ) -> None:
        """End the marks that are about nobody but containers which are gone, or go: nobody else would.

        With `names`, only of these.
        """
        there = {container.name for container in containers}
        for name, marks in sorted(marks_by_container(volumes).items()):
            removal = self._removed.get(name)
            if (name in there and removal is None) or (names is not None and name not in names):
                continue
            for mark in sorted(marks):
                self.add(
                    ResourceId(self._engine, ResourceKind.CONTAINER, name),
                    ClearMark(mark=mark),
                    "its container is gone" if removal is None else "its container goes",
                    () if removal is None else (removal,),
                )
        self._forget_connections(containers, volumes, all_of_them=names is None)

    def _forget_connections(
        self,
        containers: Iterable[ObservedContainer],
        volumes: Iterable[ObservedVolume],
        *,
        all_of_them: bool,
    ) -> None:
        by_id = {container.id: container.name for container in containers}
        by_name = {volume.name: volume for volume in volumes}
        for name, marks in sorted(marks_by_network(volumes).items()):
            for mark in sorted(marks):
                there = [by_id[id_] for id_ in told_by(by_name[mark]) if id_ in by_id]
                removals = [self._removed[each] for each in there if each in self._removed]
                if len(removals) == len(there) and (removals or all_of_them):
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
