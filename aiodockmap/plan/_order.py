"""Between resources: which step waits for which. Nothing waits for a phase."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from ..model import DependencyKind, ResourceId, ResourceKind, post_order
from ..state import Dependency, DesiredState
from ._actions import ConnectNetwork, CreateContainer
from ._drafts import ContainerDrafts, Draft, PlanDrafts


def order(drafts: PlanDrafts, desired: DesiredState) -> None:
    """Put the steps of each container into a chain, and add the edges between resources."""
    _join_replacements(drafts, desired)
    owners = _replaced_owners(drafts, desired)
    for container in drafts.containers.values():
        container.follows_its_owner = bool(owners[container.id])
        container.link()
    above = desired.dependants()
    up = _reaching(drafts, lambda steps: steps.up, lambda id_: _containers_below(desired, id_))
    down = _reaching(drafts, lambda steps: steps.stop, lambda id_: above.get(id_, ()))
    for container in drafts.containers.values():
        below = desired.dependencies(container.id)
        _order_creation(container, below, drafts)
        if container.start is not None:
            _order_start(
                container, container.start, up(_containers_below(desired, container.id)), drafts
            )
            container.start.wait_for(_prepared(drafts, dependency) for dependency in below)
        for dependency in below:
            other = drafts.containers.get(dependency.on)
            if container.repairs and other is not None:
                container.repairs[0].follow(other.repairs)
        if container.stop is not None:
            dependants = down(above.get(container.id, ()))
            _order_stop(container, container.stop, owners[container.id], dependants)
        if container.remove is not None:
            container.remove.wait_for(down(above.get(container.id, ())))
            container.remove.wait_for(_users_gone(container.id, drafts, desired, above))
    _order_networks(drafts)
    _order_volumes(drafts, desired)
    for engine in {resource.engine: None for resource in drafts.volumes}:
        _order_renewals(engine, drafts, desired)
    _order_ways_back(drafts, lambda id_: up(_containers_below(desired, id_)))


def _order_ways_back(
    drafts: PlanDrafts, ups_below: Callable[[ResourceId], Iterable[Draft]]
) -> None:
    """What is brought back is started in its turn, unless others that come before need its name."""
    for container in drafts.containers.values():
        way_back = container.brought_up
        if way_back is not None:
            ups = ups_below(container.id)
            way_back.follow(each for each in ups if not each.comes_after(way_back))


def _order_start(
    container: ContainerDrafts, start: Draft, below: Iterable[Draft], drafts: PlanDrafts
) -> None:
    for other in below:
        if container.away is not None and drafts.containers[other.resource].away is not None:
            # Both ran before: rather one of them up again than none.
            start.follow([other])
        else:
            start.wait_for([other])


def _order_stop(
    container: ContainerDrafts,
    stop: Draft,
    owners: Iterable[ContainerDrafts],
    dependants: Iterable[Draft],
) -> None:
    if container.follows_its_owner:
        # It is not stopped for owners whose replacements cannot even be created.
        stop.wait_for(owner.assured for owner in owners)
    if (container.take_over or container.away) is not None:
        # Dependants that are replaced as well stop first; if they cannot be, that is their affair.
        stop.follow(dependants)
    else:
        stop.wait_for(dependants)


_HELD_WHILE_RUNNING: Final = frozenset({DependencyKind.NETWORK_STACK, DependencyKind.LINK})
"""Dependencies that a container cannot be started without, on the very container that it was made for."""


def _join_replacements(drafts: PlanDrafts, desired: DesiredState) -> None:
    """Find the replacements that stand or fall together: old ones cannot start beside new ones."""
    replaced = {each.id: each for each in drafts.containers.values() if each.bring_back is not None}
    for each in replaced.values():
        each.stands_with = [each]
    # Those that are away cannot be brought back once they are removed.
    replaced = {id_: each for id_, each in replaced.items() if each.away is None}
    for each in replaced.values():
        for dependency in desired.dependencies(each.id):
            other = replaced.get(dependency.on)
            if other is None or dependency.kind not in _HELD_WHILE_RUNNING:
                continue
            if other.stands_with is not each.stands_with:
                joined = [*other.stands_with, *each.stands_with]
                for member in joined:
                    member.stands_with = joined


def _replaced_owners(
    drafts: PlanDrafts, desired: DesiredState
) -> Mapping[ResourceId, tuple[ContainerDrafts, ...]]:
    """For each container the replacements of others without which it cannot be created.

    Of those, only the ones that do not follow another replacement themselves.
    """

    def needed_to_create(container: ResourceId) -> tuple[ResourceId, ...]:
        return tuple(
            dependency.on
            for dependency in desired.dependencies(container)
            if dependency.kind.needed_to_create and dependency.on in drafts.containers
        )

    found: dict[ResourceId, tuple[ContainerDrafts, ...]] = {}
    for container in post_order(drafts.containers, needed_to_create):
        owners: dict[ContainerDrafts, None] = {}
        for below in needed_to_create(container):
            steps, further = drafts.containers[below], found.get(below, ())
            if (steps.take_over or steps.away) is not None and not further:
                owners.setdefault(steps)
            if steps.create is not None:
                owners |= dict.fromkeys(further)
        found[container] = tuple(owners)
    return found


def _containers_below(desired: DesiredState, container: ResourceId) -> tuple[ResourceId, ...]:
    return tuple(
        dependency.on
        for dependency in desired.dependencies(container)
        if dependency.on.kind is ResourceKind.CONTAINER
    )


def _reaching(
    drafts: PlanDrafts,
    step_of: Callable[[ContainerDrafts], Draft | None],
    neighbours: Callable[[ResourceId], Iterable[ResourceId]],
) -> Callable[[Iterable[ResourceId]], list[Draft]]:
    """Make a function that finds the nearest such steps, looking through containers without one.

    If a needs b and b needs c, and b is running already, then a still starts after c.
    """
    known: dict[ResourceId, tuple[Draft, ...]] = {}

    def resolve(root: ResourceId) -> tuple[Draft, ...]:
        pending = [root]
        while pending:
            node = pending[-1]
            if node in known:
                pending.pop()
                continue
            steps = drafts.containers.get(node)
            own = step_of(steps) if steps else None
            if own is not None:
                known[node] = (own,)
                continue
            # One at a time: what is pending are the ones above, and no siblings that are still to come.
            missing = next(
                (each for each in neighbours(node) if each not in known and each not in pending),
                None,
            )
            if missing is not None:
                pending.append(missing)
                continue
            found = (draft for other in neighbours(node) for draft in known.get(other, ()))
            known[node] = tuple(dict.fromkeys(found))
        return known[root]

    def nearest_steps(resources: Iterable[ResourceId]) -> list[Draft]:
        return [draft for resource in resources for draft in resolve(resource)]

    return nearest_steps


def _order_creation(
    container: ContainerDrafts, below: Iterable[Dependency], drafts: PlanDrafts
) -> None:
    connects: dict[ResourceId, Draft] = {}
    for connect in container.connects:
        if isinstance(connect.action, ConnectNetwork):
            connects[connect.action.network] = connect
    for dependency in below:
        # A further network is needed by its connect only, not by the creation (NET-3).
        waiting = connects.get(dependency.on, container.create)
        if waiting is None or not dependency.kind.needed_to_create:
            continue
        if dependency.on in drafts.pulls:
            _order_pulls(waiting, drafts.pulls[dependency.on])
            continue
        created = _creation(drafts, dependency.on)
        if _exists_anyway(drafts, dependency.on):
            waiting.follow([created])
        else:
            waiting.wait_for([created])


def _order_pulls(create: Draft, pulls: Mapping[str | None, Draft]) -> None:
    """Create a container of a new image when no pull can give its name to another one any more."""
    assert isinstance(create.action, CreateContainer)  # noqa: S101  # nothing else needs an image
    create.wait_for([pulls[create.action.platform]])
    create.follow(pulls.values())


def _exists_anyway(drafts: PlanDrafts, resource: ResourceId) -> bool:
    """Whether it is there before and after, even if it cannot be created anew: rather with it than away."""
    volume, network = drafts.volumes.get(resource), drafts.networks.get(resource)
    container = drafts.containers.get(resource)
    return (
        (volume is not None and volume.is_renewed)
        or (network is not None and network.is_renewed)
        or (container is not None and container.away is not None)
    )


def _creation(drafts: PlanDrafts, resource: ResourceId) -> Draft | None:
    match resource.kind:
        case ResourceKind.IMAGE:
            return None
        case ResourceKind.NETWORK:
            network = drafts.networks.get(resource)
            return network.create if network else None
        case ResourceKind.VOLUME:
            volume = drafts.volumes.get(resource)
            return volume.create if volume else None
        case ResourceKind.CONTAINER:
            container = drafts.containers.get(resource)
            return container.in_place if container else None


def _prepared(drafts: PlanDrafts, dependency: Dependency) -> Draft | None:
    volume = drafts.volumes.get(dependency.on)
    return volume.prepare if volume else None


def _users_gone(
    container: ResourceId,
    drafts: PlanDrafts,
    desired: DesiredState,
    above: Mapping[ResourceId, tuple[ResourceId, ...]],
) -> Iterable[Draft | None]:
    """Removal in reverse of creation: first what could not have been created without this one."""
    for user in above.get(container, ()):
        kinds = {
            dependency.kind
            for dependency in desired.dependencies(user)
            if dependency.on == container
        }
        if any(kind.needed_to_create for kind in kinds):
            steps = drafts.containers.get(user)
            yield steps.remove if steps and steps.create is None else None


def _order_networks(drafts: PlanDrafts) -> None:
    for network in drafts.networks.values():
        connects = [*network.reconnects, *drafts.connects_to(network.id)]
        for disconnect in network.disconnects:
            disconnect.wait_for([network.mark])
        if network.remove is not None:
            network.remove.wait_for(network.disconnects)
            network.remove.wait_for(
                container.remove
                for container in drafts.containers.values()
                if container.create is None
            )
        if network.create is not None:
            network.create.wait_for([network.remove])
        for connect in connects:
            if network.is_renewed:
                # Whatever becomes of it: there is the new one, one like the old one, or the old one itself.
                connect.follow([*network.disconnects, network.create])
            else:
                connect.wait_for([network.create])
        for connect in network.reconnects:
            _before_it_goes(connect, drafts.containers.get(connect.resource))
        for forget in network.forget:
            forget.wait_for([network.remove if network.create is None else None, *connects])
            forget.follow([network.create])


def _before_it_goes(connect: Draft, container: ContainerDrafts | None) -> None:
    """A container that is to be replaced, or started, is connected before."""
    if container is not None:
        steps = (container.stop, container.take_over, container.remove, container.start)
        for step in steps:
            if step is not None:
                step.follow([connect])


def _order_volumes(drafts: PlanDrafts, desired: DesiredState) -> None:
    users: dict[ResourceId, list[ContainerDrafts]] = {}
    for container in drafts.containers.values():
        for dependency in desired.dependencies(container.id):
            if dependency.kind is DependencyKind.VOLUME:
                users.setdefault(dependency.on, []).append(container)
    for volume in drafts.volumes.values():
        mounting = users.get(volume.id, [])
        if volume.prepare is not None:
            if volume.is_renewed:
                volume.prepare.follow([volume.create])
            else:
                volume.prepare.wait_for([volume.create])
            # An engine copies what the image has at the mount point into an empty volume when a
            # container is created, owner and mode included: preparing it earlier would be undone.
            volume.prepare.follow(container.create for container in mounting)
        for going in (volume.remove, volume.create):
            if going is not None:
                going.wait_for([volume.discard])
        if volume.remove is not None:
            volume.remove.wait_for(container.remove for container in mounting)


def _order_renewals(engine: str, drafts: PlanDrafts, desired: DesiredState) -> None:
    """Everything that can fail without loss comes first; then all stop, then all go, then the volumes."""
    renewed = drafts.renewed(engine)
    away = [
        container
        for container in drafts.containers.values()
        if container.id.engine == engine and container.away is not None
    ]
    if not renewed:
        return
    for container in away:
        needed = list(_needed_beforehand(container.id, drafts, desired))
        if container.trial is not None:
            container.trial.wait_for(needed)
        leaving = container.stop or container.remove
        if leaving is not None:
            leaving.wait_for(needed)
            leaving.wait_for(other.trial or other.away for other in away)
        if container.remove is not None:
            container.remove.wait_for(other.stop for other in away)
    for volume in renewed:
        if volume.create is not None:
            volume.create.wait_for(container.remove for container in away)


def _needed_beforehand(
    container: ResourceId, drafts: PlanDrafts, desired: DesiredState
) -> Iterable[Draft | None]:
    """What its creation needs, of what is not away itself."""
    for dependency in desired.dependencies(container):
        volume = drafts.volumes.get(dependency.on)
        if dependency.on.kind is not ResourceKind.CONTAINER and not (volume and volume.is_renewed):
            yield _creation(drafts, dependency.on)
