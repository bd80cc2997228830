"""What runs, in the words of the map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import field, frozen

from ..model import MapItem, ResourceId, object_at
from ..state import DesiredContainer, HostPort, ObservedContainer, ObservedState, RunState


@frozen(kw_only=True)
class ContainerStatus:
    """One container of a map on one engine."""

    id: ResourceId
    item: MapItem
    state: RunState | None
    """None if it does not exist."""
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

    @property
    def is_up(self) -> bool:
        """Whether it runs, paused and restarting included."""
        return self.state is not None and self.state.is_up

    def __str__(self) -> str:
        parts = [self.state.value if self.state else "absent"]
        if self.exit_code is not None:
            parts.append(f"exit code {self.exit_code}")
        if self.health:
            parts.append(self.health)
        if self.started_at:
            parts.append(f"since {self.started_at}")
        if self.restarts:
            parts.append(f"restarted {self.restarts} times")
        parts += [str(port) for port in self.host_ports]
        return f"{self.id}: {', '.join(parts)}"


def container_statuses(
    containers: Iterable[DesiredContainer], observed: ObservedState
) -> tuple[ContainerStatus, ...]:
    """Read the status of each container from a snapshot."""
    return tuple(_status(desired, observed.container(desired.id)) for desired in containers)


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
    )


def _text(parent: Mapping[str, object], key: str) -> str | None:
    found = parent.get(key)
    return found if isinstance(found, str) and found else None
