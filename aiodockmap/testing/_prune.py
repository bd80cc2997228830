"""Calls that remove what is not used."""

from __future__ import annotations

from typing import Final

from ._answers import Call, Reply, json_answer
from ._filters import has_labels, is_as_old, is_pruned, read_filters, read_until, truth
from ._lifecycle import remove
from ._releases import PRUNES_ANONYMOUS_VOLUMES
from ._world import World

VOLUME_FILTERS: Final = frozenset({"label", "label!"})
FILTERS: Final = VOLUME_FILTERS | {"until"}


def prune_containers(world: World, call: Call) -> Reply:
    """`POST /containers/prune`."""
    filters = read_filters(call, FILTERS, status=400)
    until = read_until(filters, call, world.timeline.moment())
    pruned = [
        container
        for container in world.containers.values()
        if not container.state.is_running
        and is_pruned(container.config["Labels"], filters)
        and is_as_old(container.created, until)
    ]
    for container in pruned:
        remove(world, container, with_volumes=False)
    ids = [container.id for container in pruned]
    world.events.of_prune("container")
    return json_answer({"ContainersDeleted": ids or None, "SpaceReclaimed": 0})


def prune_networks(world: World, call: Call) -> Reply:
    """`POST /networks/prune`."""
    filters = read_filters(call, FILTERS)
    until = read_until(filters, call, world.timeline.moment())
    pruned = [
        network
        for network in world.networks.values()
        if not (network.is_predefined or network.members)
        and is_pruned(network.labels, filters)
        and is_as_old(network.created, until)
    ]
    for network in pruned:
        del world.networks[network.id]
        world.events.of_network(network, "destroy")
    world.events.of_prune("network")
    return json_answer({"NetworksDeleted": [network.name for network in pruned] or None})


def prune_volumes(world: World, call: Call) -> Reply:
    """`POST /volumes/prune`."""
    anonymous = list(world.release.anonymous_volume_labels or ())
    filters = read_filters(call, VOLUME_FILTERS | {"all"} if anonymous else VOLUME_FILTERS)
    takes_named = truth(filters, "all") or not call.speaks(PRUNES_ANONYMOUS_VOLUMES)
    pruned = [
        name
        for name, volume in world.volumes.items()
        if not (world.users_of(name) or volume.options)
        and is_pruned(volume.labels, filters)
        and (takes_named or has_labels(volume.labels, anonymous))
    ]
    for name in pruned:
        del world.volumes[name]
        world.events.of_volume(name, "destroy")
    world.events.of_prune("volume")
    return json_answer({"VolumesDeleted": pruned, "SpaceReclaimed": 0})
