"""What `update` does to a container that exists: nothing, live changes, or a replacement (behaviour 7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from attrs import frozen

from ..drift import (
    Comparison,
    Difference,
    Remedy,
    derived_swap,
    differences,
    field_name,
    rule_of,
)
from ..errors import PlanningError
from ..model import JsonObject, ResourceId
from ..state import (
    ContainerSpec,
    DesiredContainer,
    EngineInfo,
    ImageDetails,
    ObservedContainer,
    ObservedState,
)
from ._actions import UpdateContainer
from ._drafts import Draft, PlanDrafts
from ._holds import lost_holds
from ._reasons import Cause, Reason
from ._request import PlanRequest

_TOGETHER: Final = frozenset({"HostConfig.Memory", "HostConfig.MemorySwap"})
"""Engines refuse one of them without the other."""

_EXCLUSIVE: Final = (
    "HostConfig.NanoCpus",
    frozenset({"HostConfig.CpuQuota", "HostConfig.CpuPeriod"}),
)
"""Two spellings of one limit: engines refuse to change from one to the other."""


@frozen(kw_only=True)
class Verdict:
    """How a container that exists relates to what is asked for."""

    replace: tuple[Reason, ...] = ()
    """Why another one has to take its place."""
    live: JsonObject | None = None
    """What to change as it runs (`POST /containers/{id}/update`)."""
    live_reasons: tuple[Reason, ...] = ()
    notes: tuple[str, ...] = ()
    """What differs, and is left alone."""
    stays: tuple[str, ...] = ()
    """Why it is not replaced for what differs, unless it is for another reason."""


def judge(
    container: DesiredContainer,
    current: ObservedContainer,
    observed: ObservedState,
    request: PlanRequest,
    drafts: PlanDrafts,
) -> Verdict:
    """Compare one container with what is asked for, and with what the plan does to others before.

    All differences are told, also those that a replacement mends by the way.
    """
    renewed = renewed_mounts(current, container.id.engine, drafts)
    if renewed:
        return Verdict(replace=tuple(Reason(Cause.VOLUME_RENEWED, each) for each in renewed))
    if container.id in request.forced:
        return Verdict(replace=(Reason(Cause.FORCED),))
    spec = container.spec
    assert spec is not None  # noqa: S101  # update is compiled with specs
    found = _escalated(_differences(container, spec, current, observed), request)
    reasons = [
        *_image(spec, current, observed, drafts),
        *(_told(each) for each in found if each.remedy is Remedy.REPLACE),
        *lost_holds(container, current, observed, drafts),
    ]
    notes = [f"{container.id}: {each}" for each in found if each.remedy is Remedy.NOTE]
    stays: tuple[str, ...] = ()
    if reasons and container.persistent and not request.options.update_persistent:
        why = "; ".join(str(reason) for reason in reasons)
        stays = (
            f"{container.id}: {why}; it is persistent and stays, update_persistent=True replaces it",
        )
        reasons = []
    if reasons:
        live = tuple(_told(each) for each in found if each.remedy is Remedy.LIVE)
        return Verdict(replace=(*reasons, *live), notes=tuple(notes))
    changes = [each for each in found if each.remedy is Remedy.LIVE]
    return Verdict(
        live=live_body((field_name(each.field) for each in changes), spec) if changes else None,
        live_reasons=tuple(_told(each) for each in changes),
        notes=tuple(notes),
        stays=stays,
    )


def renewed_mounts(
    current: ObservedContainer, engine: str, drafts: PlanDrafts
) -> tuple[ResourceId, ...]:
    """The volumes that a container mounts, and that the plan removes and creates anew (UPD-86)."""
    return tuple(steps.id for steps in drafts.renewed(engine) if steps.id.name in current.volumes)


def _told(difference: Difference) -> Reason:
    cause = Cause.LIMITS_DIFFER if difference.remedy is Remedy.LIVE else Cause.DIFFERS
    return Reason(cause, detail=difference.words)


def _differences(
    container: DesiredContainer,
    spec: ContainerSpec,
    current: ObservedContainer,
    observed: ObservedState,
) -> tuple[Difference, ...]:
    state = observed.engines[container.id.engine]
    return differences(
        Comparison(
            name=container.id.name,
            fields=spec.fields,
            details=current.details or {},
            image=state.image_details.get(current.image_id, ImageDetails()),
            native_platform=state.info.platform,
            container_ids=state.container_ids,
            unsupported=state.info.unsupported,
            changes_limits=state.info.changes_limits,
        )
    )


def _escalated(found: tuple[Difference, ...], request: PlanRequest) -> tuple[Difference, ...]:
    """What cannot be changed live in this combination needs a replacement."""
    names = {each.field for each in found}
    one, others = _EXCLUSIVE
    clash = one in names and names & others
    return tuple(
        Difference(field=each.field, words=each.words, remedy=_remedy(each, clash, request))
        for each in found
    )


def _remedy(each: Difference, clash: object, request: PlanRequest) -> Remedy:
    if clash and each.remedy is Remedy.LIVE and each.field in {_EXCLUSIVE[0], *_EXCLUSIVE[1]}:
        return Remedy.REPLACE
    is_lifted = each.remedy is Remedy.REPLACE and rule_of(each.field).remedy is Remedy.LIVE
    if is_lifted and request.options.skip_limit_reset:
        return Remedy.NOTE
    return each.remedy


def _image(
    spec: ContainerSpec, current: ObservedContainer, observed: ObservedState, drafts: PlanDrafts
) -> Iterator[Reason]:
    """Another image by now (UPD-10); one that is being pulled is looked at after the pull."""
    if spec.image in drafts.pulls:
        return
    wanted = observed.image_id(spec.image)
    if wanted is not None and current.image_id and wanted != current.image_id:
        yield Reason(Cause.IMAGE_CHANGED)


def live_body(fields: Iterable[str], spec: ContainerSpec) -> dict[str, object]:
    """The fields to send, by their names in the update call; both memory limits or none.

    To an engine 0 means to leave a limit as it is: what lifts it is something else.
    """
    names = set(fields)
    if names & _TOGETHER:
        names |= _TOGETHER
    asked = {**spec.fields, **derived_swap(spec.fields)}
    body: dict[str, object] = {}
    for name in sorted(names):
        key = name.removeprefix("HostConfig.")
        rule, value = rule_of(name), asked.get(name)
        is_nothing = rule.normal(value) == rule.normal(None)
        body[key] = rule.neutral if is_nothing and rule.neutral is not None else value
    return body


def requested_limits(
    container: DesiredContainer,
    current: ObservedContainer,
    request: PlanRequest,
    info: EngineInfo,
) -> Draft:
    """What `start` sets before it starts a container (KW-7).

    Raises:
        PlanningError: for a limit that cannot be lifted on a container that exists, or set there at all.
    """
    assert container.spec is not None  # noqa: S101  # start is compiled with specs
    body = live_body(request.live_fields, container.spec)
    words = {name: rule_of(name).words for name in sorted(request.live_fields)}
    if not info.changes_limits:
        raise PlanningError(
            f"{container.id}: this engine ({info.flavour}) cannot set the {', '.join(words.values())} of a"
            " container that exists; write it into the map and update, or create another one"
        )
    for name, what in words.items():
        rule, value = rule_of(name), body[name.removeprefix("HostConfig.")]
        if rule.neutral is None and rule.normal(value) == rule.normal(None):
            raise PlanningError(
                f"{container.id}: engines cannot lift its {what} again; create another one"
            )
    return Draft(
        container.id,
        UpdateContainer(id=current.id, body=body),
        (Reason(Cause.REQUESTED, detail=", ".join(words.values())),),
    )
