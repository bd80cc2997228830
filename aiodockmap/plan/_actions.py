"""What a step does: one frozen class per operation on an engine.

All but two are one call of the Engine API. `PrepareVolume` and `RunExec` are several that only make
sense together: a helper container that must not outlive the step; an exec and its exit code.
Resources that exist already are addressed by the id that was observed, so that an action can never hit
a namesake that came later.
"""

from __future__ import annotations

from typing import TypeAlias

from attrs import field, frozen

from ..model import JsonObject, ResourceId
from ..state import ExecSpec, StopPolicy, VolumeOwnership


@frozen(kw_only=True)
class PullImage:
    """`POST /images/create` (PULL-1)."""

    reference: str
    """With tag or digest, as it was written."""


@frozen(kw_only=True)
class CreateNetwork:
    """`POST /networks/create` (NET-1)."""

    body: JsonObject = field(repr=False)


@frozen(kw_only=True)
class RemoveNetwork:
    """`DELETE /networks/{id}`."""

    id: str


@frozen(kw_only=True)
class ConnectNetwork:
    """`POST /networks/{name}/connect` (NET-3); the step's resource is the container."""

    network: ResourceId
    settings: JsonObject = field(repr=False)
    """`EndpointSettings`; empty for all defaults."""


@frozen(kw_only=True)
class DisconnectNetwork:
    """`POST /networks/{id}/disconnect`; the step's resource is the network (NET-11)."""

    id: str
    """Of the network."""
    container: ResourceId
    container_id: str


@frozen(kw_only=True)
class CreateVolume:
    """`POST /volumes/create` (VOL-2)."""

    body: JsonObject = field(repr=False)


@frozen(kw_only=True)
class PrepareVolume:
    """A helper container that sets owner and mode of a new volume's files (VOL-20 to VOL-26)."""

    ownership: VolumeOwnership
    image: str
    """Reference of an image that is on the engine when the step runs."""
    local: bool = True
    """Use the client's own command runner instead, if it has one (VOL-26)."""


@frozen(kw_only=True)
class RemoveVolume:
    """`DELETE /volumes/{name}` (VOL-13)."""


@frozen(kw_only=True)
class CreateContainer:
    """`POST /containers/create` (ENG)."""

    body: JsonObject = field(repr=False)
    platform: str | None = None


@frozen(kw_only=True)
class StartContainer:
    """`POST /containers/{name}/start` (EXEC-1)."""

    id: str | None = None
    """The observed one; None if an earlier step creates it."""


@frozen(kw_only=True)
class Delay:
    """No call: the start delay, during which nothing that depends on the container goes on."""

    seconds: float


@frozen(kw_only=True)
class RunExec:
    """`POST /containers/{name}/exec`, `/exec/{id}/start`, `GET /exec/{id}/json` (EXEC-3)."""

    command: ExecSpec = field(repr=False)


@frozen(kw_only=True)
class StopContainer:
    """`POST /containers/{id}/stop`, or the stop signal, a wait, and SIGKILL (STOP-2, STOP-3)."""

    id: str
    policy: StopPolicy


@frozen(kw_only=True)
class SignalContainer:
    """`POST /containers/{id}/kill` (SIG-1)."""

    id: str
    signal: str | None = None
    """None for the engine's own choice, SIGKILL."""


@frozen(kw_only=True)
class RemoveContainer:
    """`DELETE /containers/{id}` (REM-1)."""

    id: str
    force: bool = False
    volumes: bool = False
    """Also its anonymous volumes."""
    link: bool = False
    """Only the link of that name, not the container (KW-9)."""


Action: TypeAlias = (
    PullImage
    | CreateNetwork
    | RemoveNetwork
    | ConnectNetwork
    | DisconnectNetwork
    | CreateVolume
    | PrepareVolume
    | RemoveVolume
    | CreateContainer
    | StartContainer
    | Delay
    | RunExec
    | StopContainer
    | SignalContainer
    | RemoveContainer
)
