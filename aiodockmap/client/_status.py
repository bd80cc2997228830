"""What runs, in the words of the map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve, field, frozen

from ..errors import EngineError
from ..model import MapItem, ResourceId, object_at
from ..plan import ContainerExplanation, Explanation, Relation
from ..state import (
    SCRIPT_LABEL,
    DesiredContainer,
    HostPort,
    ObservedContainer,
    ObservedState,
    RunState,
)


@frozen(kw_only=True)
class ContainerStatus:
    """One container of a map on one engine."""

    id: ResourceId
    item: MapItem
    state: RunState | None
    """None if it does not exist, or there is an `error`."""
    container_id: str | None = None
    exit_code: int | None = None
    """Of the last run, if it has ended."""
    started_at: str | None = None
    """RFC 3339, as the engine says it (`State.StartedAt`); None if it does not run."""
    health: str | None = None
    """`starting`, `healthy`, `unhealthy` (`State.Health.Status`); None without a health check."""
    restarts: int = 0
    """How often the engine restarted it by its restart policy (`RestartCount`)."""
    addresses: Mapping[str, str] = field(factory=dict)
    """Its address on each network; "" while it does not run."""
    host_ports: tuple[HostPort, ...] = ()
    relation: Relation | None = None
    """To its configuration, as `update` sees it.

    If that was not asked for it is None, except of a script's container, which says so itself.
    """
    reasons: tuple[str, ...] = ()
    """What `update` would do something about, field by field; only with `relation`."""
    notes: tuple[str, ...] = ()
    """What it would leave alone, and what would stand in its way; only with `relation`."""
    error: EngineError | None = field(default=None, eq=False)
    """Why nothing is known of it: its engine could not be looked at."""

    @property
    def is_up(self) -> bool:
        """Whether it runs, paused and restarting included."""
        return self.state is not None and self.state.is_up

    def __str__(self) -> str:
        parts = [self.state.value if self.state else "unknown" if self.error else "absent"]
        if self.exit_code is not None:
            parts.append(f"exit code {self.exit_code}")
        if self.health:
            parts.append(self.health)
        if self.started_at:
            parts.append(f"since {self.started_at}")
        if self.restarts:
            parts.append(f"restarted {self.restarts} times")
        parts += [str(port) for port in self.host_ports]
        if self.relation is Relation.SCRIPT:
            parts.append("of a script")
        if self.relation is Relation.OUTDATED:
            parts.append(f"outdated ({'; '.join(self.reasons)})")
        return f"{self.id}: {', '.join(parts)}"


def container_statuses(
    containers: Iterable[DesiredContainer],
    observed: ObservedState,
    explanation: Explanation | None = None,
) -> tuple[ContainerStatus, ...]:
    """Read the status of each container from a snapshot, and its relation from an explanation."""
    explained = {each.id: each for each in explanation.containers} if explanation else {}
    return tuple(
        _related(_seen(desired, observed), explained.get(desired.id)) for desired in containers
    )


def _seen(desired: DesiredContainer, observed: ObservedState) -> ContainerStatus:
    errors = observed.left_out.get(desired.id.engine)
    if errors:
        return ContainerStatus(id=desired.id, item=desired.item, state=None, error=errors[0])
    return _status(desired, observed.container(desired.id))


def _related(status: ContainerStatus, explained: ContainerExplanation | None) -> ContainerStatus:
    if explained is None:
        return status
    # Of an absent container, the reason is that it is absent.
    has_reasons = explained.relation in {Relation.OUTDATED, Relation.SCRIPT}
    return evolve(
        status,
        relation=explained.relation,
        reasons=explained.reasons if has_reasons else (),
        notes=() if status.error else explained.notes,
    )


def _status(desired: DesiredContainer, observed: ObservedContainer | None) -> ContainerStatus:
    if observed is None:
        return ContainerStatus(id=desired.id, item=desired.item, state=None)
    details = observed.details or {}
    state = object_at(details, "State")
    restarts = details.get("RestartCount")
    networks = object_at(object_at(details, "NetworkSettings"), "Networks")
    return ContainerStatus(
        id=desired.id,
        item=desired.item,
        state=observed.state,
        container_id=observed.id,
        exit_code=observed.exit_code,
        started_at=_text(state, "StartedAt") if observed.state.is_up else None,
        health=_text(object_at(state, "Health"), "Status"),
        restarts=restarts if isinstance(restarts, int) else 0,
        addresses={
            name: _text(object_at(networks, name), "IPAddress") or "" for name in observed.networks
        },
        host_ports=tuple(sorted(observed.host_ports, key=str)),
        relation=Relation.SCRIPT if SCRIPT_LABEL in observed.labels else None,
    )


def _text(parent: Mapping[str, object], key: str) -> str | None:
    found = parent.get(key)
    return found if isinstance(found, str) and found else None
