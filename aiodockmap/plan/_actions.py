"""What a step does: one frozen class per operation on an engine.

Most are one call of the Engine API. `PrepareVolume`, `RenewVolume`, `TryContainer`, `RunExec`, `TakeOver` and
`BringBack` are several that only make sense together: a helper container that must not outlive the step; a
volume that must not be missed; a container that is only to show that it can be created; an exec and its exit
code; two names that change hands; a way back.
Resources that exist already are addressed by the id that was observed, so that an action can never hit
a namesake that came later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from attrs import field, frozen

from ..model import JsonObject, MapItem, ResourceId
from ..state import ExecSpec, StopPolicy, VolumeOwnership
from ._handle import ContainerCoroutine


@frozen(kw_only=True)
class PullImage:
    """`POST /images/create` (PULL-1)."""

    reference: str
    """With tag or digest, as it was written."""
    platform: str | None = None
    """None for the engine's own."""


@frozen(kw_only=True)
class PushImage:
    """`POST /images/{name}/push` (UTL-1)."""

    reference: str
    """With a tag."""


@frozen(kw_only=True)
class RemoveImage:
    """`DELETE /images/{name}` for each of its names, or for its id if it has none (UTL-6)."""

    id: str
    references: tuple[str, ...] = ()
    force: bool = False
    """Also if containers that do not run use it."""


@frozen(kw_only=True)
class CreateNetwork:
    """`POST /networks/create` (NET-1)."""

    body: JsonObject = field(repr=False)
    former: JsonObject | None = field(default=None, repr=False)
    """What it was that it takes the place of: if the new one is refused, one like that is created again."""


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
    container: str | None = None
    """Another name than the resource's, for a replacement until it takes over; or an id."""
    is_given_back: bool = False
    """It had the connection before: if the container is gone by then, there is nothing to be given back."""


@frozen(kw_only=True)
class DisconnectNetwork:
    """`POST /networks/{id}/disconnect`; the step's resource is the network (NET-11)."""

    id: str
    """Of the network."""
    container: ResourceId
    container_id: str


@frozen(kw_only=True)
class LeaveNetwork:
    """`POST /networks/{id}/disconnect`; the step's resource is the container (UPD-34, NET-10)."""

    network: str
    """Its id, or its name where the engine has lost the id."""
    network_name: str


@frozen(kw_only=True)
class UpdateContainer:
    """`POST /containers/{id}/update` (UPD-54)."""

    id: str
    body: JsonObject = field(repr=False)


@frozen(kw_only=True)
class CreateVolume:
    """`POST /volumes/create` (VOL-2)."""

    body: JsonObject = field(repr=False)
    marker: str | None = None
    """Name of an empty volume to create before: as long as it exists, the new one is to be prepared."""


@frozen(kw_only=True)
class PrepareVolume:
    """A helper container that sets owner and mode of a new volume's files (VOL-20 to VOL-26)."""

    ownership: VolumeOwnership
    image: str
    """Reference of an image that is on the engine when the step runs."""
    local: bool = True
    """Use the client's own command runner instead, if it has one (VOL-26)."""
    marker: str | None = None
    """Name of the volume that says that this is still to be done; removed when it is done."""
    if_marked: bool = False
    """Look for that first: it may not be there, and the volume the old one, whose files are left alone."""


@frozen(kw_only=True)
class DiscardHelper:
    """`DELETE /containers/{id}` of what prepared a volume for a run that was killed (VOL-23).

    If it belongs to a run that is under way, the step waits for its end.
    """


@frozen(kw_only=True)
class RenewVolume:
    """`DELETE /volumes/{name}`, `POST /volumes/create`: its data is lost (UPD-40, UPD-41).

    If the new one cannot be created, one as the old one takes its place.
    """

    body: JsonObject = field(repr=False)
    former: JsonObject = field(repr=False)
    """What the old one can be created from again, without its data."""
    marker: str | None = None
    """Name of the empty volume that exists as long as the new one is to be prepared."""


@frozen(kw_only=True)
class RemoveVolume:
    """`DELETE /volumes/{name}` (VOL-13)."""

    marker: str | None = None
    """Name of the volume that says that it was never prepared, to be removed as well."""


@frozen(kw_only=True)
class CreateContainer:
    """`POST /containers/create` (ENG)."""

    body: JsonObject = field(repr=False)
    platform: str | None = None
    name: str | None = None
    """Another name than the resource's, for a replacement until it takes over."""
    is_exclusive: bool = False
    """Whether a namesake is in the way, even one that somebody else created from the same map."""


@frozen(kw_only=True)
class CopyIntoContainer:
    """`PUT /containers/{name}/archive`: a script and its files, for engines without our file system."""

    source: str
    """A file, or a folder of which everything is copied; on this machine."""
    target: str
    """The folder in the container."""


@frozen(kw_only=True)
class TryContainer:
    """`POST /containers/create`, `DELETE /containers/{id}`: it can be created, before the old one goes."""

    body: JsonObject = field(repr=False)
    name: str
    platform: str | None = None


@frozen(kw_only=True)
class SetMark:
    """`POST /volumes/create` of an empty volume: what the next run has to know if this one is killed.

    The step's resource is what the mark is about.
    """

    mark: str
    """Name of the volume."""
    labels: dict[str, str] = field(repr=False)
    is_unchanging: bool = False
    """Whether one that exists says the same; otherwise it goes first, as labels cannot change."""


@frozen(kw_only=True)
class ClearMark:
    """`DELETE /volumes/{name}` of a mark: there is nothing left to remember."""

    mark: str


@frozen(kw_only=True)
class TakeOver:
    """`POST /containers/{id}/rename`, twice: the old container aside, its replacement into its place."""

    old_id: str
    aside: str
    """The name that the old one gets."""
    replacement: str
    """The name that the replacement has so far."""


@frozen(kw_only=True)
class BringBack:
    """The way back of a replacement: the new container removed, the old one in its place as it was.

    Looks before each of its calls, and does what is still to be done: it is right wherever the replacement
    stopped, and may be done twice.
    """

    old_id: str
    replacement: str
    was_up: bool
    """Whether the old one ran, and is to run again."""
    is_up: bool = False
    """Whether it runs already: an engine that was away starts again what has a restart policy."""
    marks: tuple[str, ...] = ()
    """Names of the marks that the replacement was given, to be removed as well."""


@frozen(kw_only=True)
class StartContainer:
    """`POST /containers/{name}/start` (EXEC-1); at a first start, its commands are marked before."""

    id: str | None = None
    """The observed one; None if an earlier step creates it."""
    runs_to_end: bool = False
    """Whether it is to end by itself, so that nobody looks whether it lives."""
    marks: tuple[str, ...] = ()
    """Names of empty volumes to create before: each exists until a command of the first start has run."""


@frozen(kw_only=True)
class AwaitScript:
    """`POST /containers/{id}/wait`, then `GET /containers/{id}/logs` (SCR-13)."""

    timeout: float | None = None
    """Seconds after which it is left running (SCR-16); None for no limit."""
    tail: int | None = None
    """So many of the last lines only (SCR-9)."""
    timestamps: bool = False


@frozen(kw_only=True)
class RemoveScript:
    """`DELETE /containers/{id}` of what the plan created for a script (SCR-12).

    One that has not ended is stopped first; after a timeout it stays, and runs on (SCR-16).
    """

    policy: StopPolicy


@frozen(kw_only=True)
class Delay:
    """No call: the start delay, during which nothing that depends on the container goes on."""

    seconds: float


@frozen(kw_only=True)
class RunExec:
    """`POST /containers/{name}/exec`, `/exec/{id}/start`, `GET /exec/{id}/json` (EXEC-3)."""

    command: ExecSpec = field(repr=False)
    mark: str | None = None
    """Name of the mark that goes when it has run."""
    is_owed: bool = False
    """Left out by an interrupted run: if the mark is gone by then, somebody else has run it."""


@frozen(kw_only=True)
class StopContainer:
    """`POST /containers/{id}/stop`, or the stop signal, a wait, and SIGKILL (STOP-2, STOP-3)."""

    id: str
    policy: StopPolicy
    has_to_exist: bool = False
    """Whether it is an error if it is gone by then (ERR-12)."""


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
    has_to_exist: bool = False
    """Whether it is an error if it is gone by then (ERR-12)."""
    leftover: str | None = None
    """The name of what an interrupted replacement left behind; None for the container itself."""


@frozen(kw_only=True)
class RunCoroutine:
    """A coroutine that was registered as an action, for one container (CALL-2)."""

    name: str
    """Of the action."""
    run: ContainerCoroutine = field(repr=False)
    item: MapItem
    stop: StopPolicy = field(factory=StopPolicy)
    """How the map has the container stopped, should the coroutine stop it."""
    options: Mapping[str, object] = field(factory=dict, repr=False)
    """Keyword arguments; not shown, since they may be secret."""


Action: TypeAlias = (
    PullImage
    | PushImage
    | RemoveImage
    | CreateNetwork
    | RemoveNetwork
    | ConnectNetwork
    | DisconnectNetwork
    | LeaveNetwork
    | UpdateContainer
    | CreateVolume
    | PrepareVolume
    | DiscardHelper
    | RenewVolume
    | RemoveVolume
    | TryContainer
    | SetMark
    | ClearMark
    | CreateContainer
    | CopyIntoContainer
    | TakeOver
    | BringBack
    | StartContainer
    | AwaitScript
    | RemoveScript
    | Delay
    | RunExec
    | StopContainer
    | SignalContainer
    | RemoveContainer
    | RunCoroutine
)
