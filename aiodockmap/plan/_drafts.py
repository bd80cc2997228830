"""Steps while a plan is being made: they know each other instead of having numbers."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from attrs import Factory, define, field

from ..model import ResourceId
from ._actions import Action, BringBack, ConnectNetwork, RenewVolume
from ._reasons import Reason


@define(eq=False)
class Draft:
    """A step that has no number yet."""

    resource: ResourceId
    action: Action
    reasons: tuple[Reason, ...]
    after: dict[Draft, None] = Factory(dict)
    """In order: the steps that have to succeed first."""
    follows: dict[Draft, None] = Factory(dict)
    """In order: the steps that have to be over first, however they ended."""
    cleans_up: Draft | None = None
    """The step whose effect this one ends, in every case."""

    def wait_for(self, others: Iterable[Draft | None]) -> None:
        """Add steps that have to succeed first; absent ones are passed over."""
        for other in others:
            if other is not None and other is not self:
                self.after.setdefault(other)

    def follow(self, others: Iterable[Draft | None]) -> None:
        """Add steps that have to be over first, whose failure is none of this one's business."""
        for other in others:
            if other is not None and other is not self:
                self.follows.setdefault(other)

    def before(self) -> list[Draft]:
        """All steps that come earlier, for either reason."""
        return list(self.after | self.follows)

    def comes_after(self, other: Draft) -> bool:
        """Whether another step has to be over first, also by way of others."""
        pending, seen = [self], {self}
        while pending:
            new = [each for each in pending.pop().before() if each not in seen]
            pending += new
            seen.update(new)
        return other in seen


@define(eq=False)
class ContainerDrafts:
    """All steps of one container."""

    id: ResourceId
    repairs: list[Draft] = Factory(list)
    """What an interrupted replacement left to be done first."""
    away: Draft | None = None
    """Remembers what is to be given back; there is one if a volume that it mounts is created anew."""
    trial: Draft | None = None
    """Shows that the new container can be created, before the old one is removed for that volume."""
    stop: Draft | None = None
    remove: Draft | None = None
    create: Draft | None = None
    connects: list[Draft] = Factory(list)
    update: Draft | None = None
    """Limits that are changed live."""
    copy: Draft | None = None
    """The files of a script."""
    take_over: Draft | None = None
    """There is one if what is created replaces a container that exists."""
    start: Draft | None = None
    after_start: list[Draft] = Factory(list)
    """Start delay and exec commands; the end of a script."""
    back: Draft | None = None
    """Forgets what was to be given back."""
    forget: list[Draft] = Factory(list)
    """Forgets commands that were to be run, and are nobody's any more."""
    clean_up: Draft | None = None
    """The removal of a script's container, however its script ended."""
    discard: Draft | None = None
    """The removal of what was replaced."""
    bring_back: BringBack | None = None
    """The way back of a replacement."""
    stands_with: list[ContainerDrafts] = Factory(list)
    """The replacements that are taken back together with this one, itself included."""
    follows_its_owner: bool = False
    """Whether the replacement can only be created after that of another container."""
    signal: Draft | None = None
    notes: list[str] = Factory(list)
    """What is left alone, and why."""

    def chain(self) -> list[Draft]:
        """The steps that wait for each other, in order."""
        if self.take_over is None:
            begin = [self.away, self.trial, self.stop, self.remove, self.create]
            begin += [*self.connects, self.copy, self.update]
        elif self.follows_its_owner:
            begin = [self.stop, self.create, *self.connects, self.take_over]
        else:
            # What cannot be created costs nothing as long as the old one runs.
            begin = [self.create, *self.connects, self.stop, self.take_over]
        steps = [*self.repairs, *begin, self.start, *self.after_start, self.signal, self.back]
        steps += self.forget
        return [draft for draft in steps if draft is not None]

    def all(self) -> list[Draft]:
        """All steps in an order in which they can be done."""
        return [*self.chain(), *filter(None, (self.discard, self.clean_up))]

    @property
    def way_back(self) -> Draft | None:
        """The step that gives the old container of an interrupted replacement its name back."""
        return next((each for each in self.repairs if isinstance(each.action, BringBack)), None)

    @property
    def up(self) -> Draft | None:
        """The step after which dependants may start."""
        if self.after_start:
            return self.after_start[-1]
        return self.start or self.brought_up

    @property
    def brought_up(self) -> Draft | None:
        """The way back, if it starts the old container as well."""
        way_back = self.way_back
        is_up = (
            way_back is not None
            and isinstance(way_back.action, BringBack)
            and way_back.action.was_up
        )
        return way_back if is_up else None

    @property
    def in_place(self) -> Draft | None:
        """The step after which the container has its name."""
        return self.take_over or self.create or self.way_back

    @property
    def assured(self) -> Draft | None:
        """The step after which it is known that the new container can be created, as far as it can be."""
        return self.trial if self.away is not None else self.create

    @property
    def begin_of_replacement(self) -> Draft | None:
        """The step after which there is something to take back."""
        if self.away is not None:
            return self.away
        if self.way_back is not None:
            return self.way_back
        return (self.stop if self.follows_its_owner else None) or self.create

    @property
    def end_of_replacement(self) -> Draft | None:
        """The step by which the new container has taken the place of the old one, or nothing can."""
        if self.away is not None:
            return self.remove
        return self.start or self.take_over

    def link(self) -> None:
        """Put the steps into a chain; the old container goes when the new one is up."""
        for before, step in pairwise(self.chain()):
            step.wait_for([before])
        if self.discard is not None:
            self.discard.wait_for([self.end_of_replacement])
            self.discard.wait_for(other.end_of_replacement for other in self.stands_with)
        if self.clean_up is not None:
            self.clean_up.cleans_up = self.create
            self.clean_up.wait_for([self.create])
            self.clean_up.follow(
                [*self.connects, self.copy, self.start, *self.after_start],
            )


@define(eq=False)
class NetworkDrafts:
    """All steps of one network."""

    id: ResourceId
    mark: Draft | None = None
    """Remembers what was connected; there is one if the network is created anew, and anything was."""
    create: Draft | None = None
    disconnects: list[Draft] = Factory(list)
    remove: Draft | None = None
    reconnects: list[Draft] = Factory(list)
    """Containers that get their connection back, and do not ask for it themselves."""
    forget: list[Draft] = Factory(list)
    """The end of the marks, when everybody is connected."""

    @property
    def is_renewed(self) -> bool:
        """Whether the network exists, and is removed before it is created."""
        return self.create is not None and self.remove is not None

    def all(self) -> list[Draft]:
        """Every step, in no order."""
        own = [draft for draft in (self.mark, self.create, self.remove) if draft is not None]
        return [*own, *self.disconnects, *self.reconnects, *self.forget]


@define(eq=False)
class VolumeDrafts:
    """All steps of one volume."""

    id: ResourceId
    discard: Draft | None = None
    """The end of what prepared it for an interrupted run, and mounts it."""
    create: Draft | None = None
    prepare: Draft | None = None
    remove: Draft | None = None

    @property
    def is_renewed(self) -> bool:
        """Whether the volume exists, and is removed before it is created."""
        return self.create is not None and isinstance(self.create.action, RenewVolume)


@define(eq=False)
class PlanDrafts:
    """Everything that a plan will consist of."""

    containers: dict[ResourceId, ContainerDrafts] = field(factory=dict)
    networks: dict[ResourceId, NetworkDrafts] = field(factory=dict)
    volumes: dict[ResourceId, VolumeDrafts] = field(factory=dict)
    pulls: dict[ResourceId, dict[str | None, Draft]] = field(factory=dict)
    """Of each image the pulls for what containers ask for as its platform; some may share one."""
    notes: list[str] = field(factory=list)
    scripts: list[ResourceId] = field(factory=list)
    """Containers that are left alone as a script runs in them."""

    def creates_volume(self, volume: ResourceId) -> bool:
        """Whether a volume is created, and not merely prepared at last."""
        steps = self.volumes.get(volume)
        return steps is not None and steps.create is not None

    def renewed(self, engine: str) -> list[VolumeDrafts]:
        """The volumes of an engine that are removed and created anew."""
        return [
            steps
            for volume, steps in self.volumes.items()
            if volume.engine == engine and steps.is_renewed
        ]

    def connects_to(self, network: ResourceId) -> list[Draft]:
        """The steps by which containers that exist connect themselves to a network."""
        return [
            step
            for container in self.containers.values()
            if container.create is None
            for step in container.connects
            if isinstance(step.action, ConnectNetwork) and step.action.network == network
        ]

    def all(self) -> list[Draft]:
        """Every step; of the kinds in the order in which an engine needs them."""
        pulls = (pull for by_platform in self.pulls.values() for pull in by_platform.values())
        found = list(dict.fromkeys(pulls))
        for network in self.networks.values():
            found += [draft for draft in (network.mark, network.create) if draft is not None]
        for volume in self.volumes.values():
            steps = (volume.discard, volume.create, volume.prepare)
            found += [draft for draft in steps if draft is not None]
        for container in self.containers.values():
            found += container.all()
        for network in self.networks.values():
            found += network.disconnects
            found += [draft for draft in (network.remove,) if draft is not None]
            found += [*network.reconnects, *network.forget]
        for volume in self.volumes.values():
            found += [draft for draft in (volume.remove,) if draft is not None]
        return found
