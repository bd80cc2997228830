"""Images on their way between an engine and registries, whether or not a map names them (UTL-1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..errors import PlanningError
from ..model import ResourceId, ResourceKind, did_you_mean
from ..state import DesiredState
from ._actions import PullImage, PushImage
from ._housekeeping import reference_of
from ._plan import Plan, Step, StepId
from ._reasons import Cause, Reason


def plan_pulls(
    engine: str, references: Iterable[str], present: Mapping[str, str], *, missing: bool
) -> Plan:
    """Pull the images, side by side.

    Args:
        engine: Its name.
        references: What to pull; without a tag, `latest`.
        present: What is on the engine, by `ImageReference.canonical`.
        missing: Only what is not there yet.

    Raises:
        PlanningError: for what is no name of an image.
    """
    wanted = {reference_of(each).canonical: each for each in references}
    notes = [
        f"{written} stays as it is: the engine has it"
        for image, written in wanted.items()
        if missing and image in present
    ]
    pulls = [
        (written, PullImage(reference=written))
        for image, written in wanted.items()
        if not (missing and image in present)
    ]
    return _plan(engine, "image pull", pulls, notes)


def plan_pushes(engine: str, references: Iterable[str], present: Mapping[str, str]) -> Plan:
    """Push the images, side by side, each to the registry that its name begins with.

    Raises:
        PlanningError: for what is no name of an image with a tag, or not on the engine; all at once.
    """
    problems: list[str] = []
    wanted: dict[str, str] = {}
    for written in references:
        reference = reference_of(written)
        if reference.digest is not None:
            problems.append(f"{written} cannot be pushed: a push is of a tag, not of a digest")
        elif reference.canonical not in present:
            hint = did_you_mean(_short(reference.canonical), map(_short, present))
            problems.append(f"{written} is not on the engine" + (f"; {hint}" if hint else ""))
        else:
            wanted[reference.canonical] = written
    if problems:
        raise PlanningError("\n".join(problems))
    pushes = [(written, PushImage(reference=written)) for written in wanted.values()]
    return _plan(engine, "image push", pushes, ())


def _short(canonical: str) -> str:
    """The name of an image as people write it."""
    return canonical.removeprefix("docker.io/").removeprefix("library/")


def _plan(
    engine: str,
    action: str,
    transfers: Iterable[tuple[str, PullImage | PushImage]],
    notes: Iterable[str],
) -> Plan:
    return Plan(
        action=action,
        steps=tuple(
            Step(
                id=StepId(number),
                resource=ResourceId(engine, ResourceKind.IMAGE, name),
                action=transfer,
                reasons=(Reason(Cause.REQUESTED),),
                requires=(),
            )
            for number, (name, transfer) in enumerate(transfers, start=1)
        ),
        desired=DesiredState(containers={}, volumes={}, networks={}, images={}),
        notes=tuple(notes),
        engines=(engine,),
    )
