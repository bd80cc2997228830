"""Images that containers are made from: absent ones are had, each for the platforms that are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..drift import same_platforms
from ..model import ResourceId
from ..state import DesiredState, ObservedState
from ._actions import PullImage
from ._drafts import Draft, PlanDrafts
from ._reasons import Cause, Reason


def plan_pulls(
    drafts: PlanDrafts,
    images: Iterable[ResourceId],
    desired: DesiredState,
    observed: ObservedState,
    *,
    always: bool,
) -> None:
    """Pull absent images, or all (ACT-40, ACT-45)."""
    for image in images:
        if observed.image_id(image) is None:
            reason = Reason(Cause.ABSENT)
        elif always:
            reason = Reason(Cause.REQUESTED, detail="pull")
        else:
            continue
        native = observed.engines[image.engine].info.platform
        groups = same_platforms(desired.images[image].platforms, native)
        drafts.pulls[image] = _one_by_one(image, groups, reason)
        if len(groups) > 1:
            names = ", then ".join(group[0] or "the engine's own" for group in groups)
            drafts.notes.append(
                f"{image} is pulled for several platforms ({names}): unless Docker keeps images in "
                "containerd, the last one has the name, and containers for the others are refused"
            )


def _one_by_one(
    image: ResourceId, groups: Iterable[Sequence[str | None]], reason: Reason
) -> dict[str | None, Draft]:
    """The pulls for each group of equal platforms, which must not overtake each other.

    The engine's own comes last: containers that ask for none get what has the name then.
    """
    pulls: dict[str | None, Draft] = {}
    for spellings in groups:
        pull = Draft(image, PullImage(reference=image.name, platform=spellings[0]), (reason,))
        pull.follow(pulls.values())
        pulls |= dict.fromkeys(spellings, pull)
    return pulls
