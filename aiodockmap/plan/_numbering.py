"""From drafts that know each other to steps with numbers, and what is planned besides the steps."""

from __future__ import annotations

import heapq
from collections.abc import Mapping

from ..errors import PlanningError
from ..model import ResourceId
from ..state import DesiredState, ObservedState
from ._drafts import Draft, PlanDrafts
from ._plan import Rescue, Step, StepId, Unstoppable
from ._reasons import Cause, Reason


def number(
    drafts: list[Draft], path: tuple[ResourceId, ...]
) -> tuple[tuple[Step, ...], Mapping[Draft, StepId]]:
    """Give the steps numbers such that each is higher than those it waits for.

    Among the steps that could come next, the one whose resource comes first on the path does.
    """
    position = {resource: index for index, resource in enumerate(path)}
    rank = {
        draft: (position.get(draft.resource, len(path)), index)
        for index, draft in enumerate(drafts)
    }
    missing = {draft: len(draft.before()) for draft in drafts}
    followers: dict[Draft, list[Draft]] = {}
    for draft in drafts:
        for before in draft.before():
            followers.setdefault(before, []).append(draft)
    ready = [(rank[draft], draft) for draft in drafts if not draft.before()]
    heapq.heapify(ready)
    numbers: dict[Draft, StepId] = {}
    steps: list[Step] = []
    while ready:
        _, draft = heapq.heappop(ready)
        own = numbers[draft] = StepId(len(numbers) + 1)
        steps.append(
            Step(
                id=own,
                resource=draft.resource,
                action=draft.action,
                reasons=draft.reasons,
                requires=tuple(sorted(numbers[before] for before in draft.after)),
                follows=tuple(
                    sorted(numbers[before] for before in draft.follows if before not in draft.after)
                ),
                cleans_up=None if draft.cleans_up is None else numbers[draft.cleans_up],
            )
        )
        for follower in followers.get(draft, ()):
            missing[follower] -= 1
            if not missing[follower]:
                heapq.heappush(ready, (rank[follower], follower))
    if len(steps) < len(drafts):
        stuck = sorted({str(draft.resource) for draft in drafts if draft not in numbers})
        raise PlanningError(f"these need each other in a circle: {', '.join(stuck)}")
    return tuple(steps), numbers


def rescues(
    drafts: PlanDrafts, numbers: Mapping[Draft, StepId], desired: DesiredState
) -> tuple[Rescue, ...]:
    """The ways back of all replacements, and of what is stopped for its volume's sake."""
    replaced = [
        (
            steps.id,
            steps.bring_back,
            first,
            tuple(
                sorted(
                    numbers[end]
                    for other in steps.stands_with
                    if (end := other.end_of_replacement) is not None
                )
            ),
        )
        for steps in drafts.containers.values()
        if steps.bring_back is not None and (first := steps.begin_of_replacement) is not None
    ]
    ids = {
        resource: StepId(len(numbers) + index)
        for index, (resource, _, _, _) in enumerate(replaced, start=1)
    }
    return tuple(
        Rescue(
            step=Step(
                id=ids[resource],
                resource=resource,
                action=way_back,
                reasons=(Reason(Cause.REPLACEMENT_FAILED),),
            ),
            first=numbers[first],
            last=last,
            follows=tuple(
                ids[dependency.on]
                for dependency in desired.dependencies(resource)
                if dependency.on in ids
            ),
        )
        for resource, way_back, first, last in replaced
    )


def unstoppable(
    drafts: PlanDrafts, numbers: Mapping[Draft, StepId], observed: ObservedState
) -> tuple[Unstoppable, ...]:
    """What has to be finished once it was begun, as no later run could know of it.

    That is a volume that is made anew, from the first container that is removed for its sake; and a network
    that is, from the first disconnection, until everybody has their connection back.
    """
    found = [
        Unstoppable(
            begun_by=tuple(sorted(numbers[draft] for draft in network.disconnects)),
            steps=tuple(
                sorted(
                    numbers[draft]
                    for draft in (*network.all(), *drafts.connects_to(network.id))
                    if draft is not network.mark
                )
            ),
        )
        for network in drafts.networks.values()
        if network.is_renewed and network.disconnects
    ]
    for engine in observed.engines:
        away = [
            steps
            for resource, steps in drafts.containers.items()
            if resource.engine == engine and steps.away is not None
        ]
        removals = [numbers[steps.remove] for steps in away if steps.remove is not None]
        if not removals:
            continue
        needed = [
            *(draft for steps in away for draft in (steps.remove, steps.create, steps.start)),
            *(draft for steps in away for draft in (*steps.connects, steps.back)),
            *(draft for each in drafts.renewed(engine) for draft in (each.create, each.prepare)),
        ]
        steps_needed = sorted(numbers[draft] for draft in needed if draft is not None)
        found.append(Unstoppable(begun_by=tuple(sorted(removals)), steps=tuple(steps_needed)))
    return tuple(found)
