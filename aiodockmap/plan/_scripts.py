"""A container that runs one script: what it is made of, and how it ends (behaviour 8.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from ..errors import ScriptActionError
from ..model import DEFAULT_ENGINE, ResourceId, ResourceKind, object_at
from ..state import (
    SCRIPT_LABEL,
    ContainerSpec,
    DesiredContainer,
    ObservedContainer,
    ObservedState,
    RunState,
)
from ._actions import AwaitScript, CopyIntoContainer, CreateContainer, RemoveScript, StartContainer
from ._drafts import ContainerDrafts, Draft
from ._reasons import Cause, Reason
from ._request import PlanRequest, Verb

STOP_GRACE: Final = 3
"""Seconds that a script which nobody waits for any more has to end by itself (SCR-17)."""


RUNS_A_SCRIPT: Final = "runs a script, and is left alone until that has ended"
"""What the note about such a container says of it."""


def is_for_script(container: ResourceId, request: PlanRequest) -> bool:
    """Whether a script is to be run in a container."""
    return request.verb is Verb.SCRIPT and container in request.selected


def runs_script(
    container: ResourceId, current: ObservedContainer | None, request: PlanRequest
) -> bool:
    """Whether what has its name runs a script of somebody else, and nobody forces its replacement."""
    return (
        current is not None
        and SCRIPT_LABEL in current.labels
        and current.state.is_up
        and container not in request.forced
        and not is_for_script(container, request)
    )


def is_left_to_script(
    container: ResourceId, current: ObservedContainer | None, request: PlanRequest
) -> bool:
    """Whether a container is left alone as a script runs in it."""
    return request.verb in _WOULD_DISTURB and runs_script(container, current, request)


def script_notes(
    container: ResourceId, current: ObservedContainer | None, request: PlanRequest
) -> list[str]:
    """What is left alone because what has its name was made for a script."""
    if is_left_to_script(container, current, request):
        return [f"{container} {RUNS_A_SCRIPT}"]
    is_left_by_script = current is not None and SCRIPT_LABEL in current.labels
    if is_left_by_script and request.verb in {Verb.START, Verb.RESTART}:
        return [f"{container} was left by a script, and is not started again: update replaces it"]
    return []


def scripts_under_way(
    resources: Iterable[ResourceId], observed: ObservedState
) -> frozenset[tuple[str, RunState]]:
    """The containers of scripts that somebody has created, and may be about to start."""
    found = set[tuple[str, RunState]]()
    for resource in resources:
        engine = observed.engines.get(resource.engine)
        if engine is None or resource.kind is not ResourceKind.CONTAINER:
            continue
        current = engine.containers.get(resource.name)
        if (
            current is not None
            and current.state is RunState.INITIAL
            and SCRIPT_LABEL in current.labels
            and not object_at(current.details or {}, "State").get("Error")
        ):
            found.add((current.id, current.state))
    return frozenset(found)


_WOULD_DISTURB: Final = frozenset(
    {Verb.CREATE, Verb.START, Verb.RESTART, Verb.STARTUP, Verb.UPDATE, Verb.SCRIPT}
)


def check_names(
    selected: Iterable[tuple[ResourceId, ObservedContainer | None]], request: PlanRequest
) -> None:
    """See that nothing has the name of a script's container (SCR-10).

    Raises:
        ScriptActionError: if something has, and was not to be removed; all of them at once.
    """
    if request.options.remove_existing_before:
        return
    taken = tuple(_taken(selected))
    if taken:
        raise ScriptActionError("; ".join(taken))


def _taken(selected: Iterable[tuple[ResourceId, ObservedContainer | None]]) -> Iterator[str]:
    for container, observed in selected:
        if observed is not None:
            engine = "" if container.engine == DEFAULT_ENGINE else f" on {container.engine}"
            origin = "" if SCRIPT_LABEL in observed.labels else ", which is not a script's"
            yield (
                f"there is a container {container.name}{engine} already ({observed.state.value})"
                f"{origin}: remove it, or have it removed: remove_existing_before=True"
            )


def run_script(
    drafts: ContainerDrafts, container: DesiredContainer, spec: ContainerSpec, request: PlanRequest
) -> None:
    """Turn the creation and the start of a container into the run of a script, to its end."""
    assert drafts.create is not None  # noqa: S101  # a script's row of the table begins so
    assert drafts.start is not None  # noqa: S101  # likewise
    labels = object_at(spec.body, "Labels")
    drafts.create.action = CreateContainer(
        body={**spec.body, "Labels": {**labels, SCRIPT_LABEL: "run"}},
        platform=spec.platform,
        is_exclusive=True,
    )
    if request.files is not None:
        drafts.copy = Draft(
            container.id,
            CopyIntoContainer(source=request.files.source, target=request.files.target),
            (Reason(Cause.REQUESTED, detail="script_transfer"),),
        )
    drafts.start.action = StartContainer(runs_to_end=True)
    drafts.start.wait_for([drafts.create])
    end = Draft(
        container.id,
        AwaitScript(
            timeout=_patience(container.id.engine, spec, request),
            tail=request.options.tail,
            timestamps=request.options.timestamps,
        ),
        (Reason(Cause.SCRIPT_STARTED),),
    )
    end.wait_for([drafts.create])
    drafts.after_start.append(end)
    if request.options.remove_created_after:
        drafts.clean_up = Draft(
            container.id,
            RemoveScript(policy=attrs.evolve(container.stop, grace=STOP_GRACE)),
            (Reason(Cause.SCRIPT_OVER),),
        )


def _patience(engine: str, spec: ContainerSpec, request: PlanRequest) -> float | None:
    """How long a script may take (SCR-7)."""
    if request.options.wait_timeout is not None:
        return request.options.wait_timeout
    own = spec.body.get("StopTimeout")
    if isinstance(own, int) and own > 0:
        return float(own)
    return request.patience.get(engine)
