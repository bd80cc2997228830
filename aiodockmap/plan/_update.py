"""What `update` does to a container that exists: nothing, live changes, or a replacement (behaviour 7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from ..drift import (
    Comparison,
    Difference,
    Remedy,
    differences,
    field_name,
    rule_of,
    with_derived_swap,
)
from ..model import JsonObject, object_at
from ..state import ContainerSpec, DesiredContainer, ObservedContainer, ObservedState
from ._drafts import PlanDrafts
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
    if reasons and container.persistent and not request.options.update_persistent:
        why = "; ".join(str(reason) for reason in reasons)
        notes.append(
            f"{container.id}: {why}; it is persistent and stays, update_persistent=True replaces it"
        )
        reasons = []
    if reasons:
        live = tuple(_told(each) for each in found if each.remedy is Remedy.LIVE)
        return Verdict(replace=(*reasons, *live), notes=tuple(notes))
    changes = [each for each in found if each.remedy is Remedy.LIVE]
    return Verdict(
        live=_live_body(changes, spec) if changes else None,
        live_reasons=tuple(_told(each) for each in changes),
        notes=tuple(notes),
    )


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
            body=spec.body,
            platform=spec.platform,
            details=current.details or {},
            image=state.image_configs.get(current.image_id, {}),
            container_ids=state.container_ids,
            unsupported=state.info.unsupported,
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


def _live_body(changes: list[Difference], spec: ContainerSpec) -> dict[str, object]:
    """The fields to send, by their names in the update call; both memory limits or none."""
    names = {field_name(each.field) for each in changes}
    if names & _TOGETHER:
        names |= _TOGETHER
    asked = object_at(with_derived_swap(spec.body), "HostConfig")
    body: dict[str, object] = {}
    for name in sorted(names):
        key = name.removeprefix("HostConfig.")
        body[key] = asked[key] if key in asked else rule_of(name).neutral
    return body
