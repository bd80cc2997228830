"""One container engine: every call that this library makes, named for what it does.

Every method takes the resource that it is about first, for its errors; `ref` is a name or an id on
the engine. All of them raise `EngineError` and its kin, and nothing else on purpose. Cancelling a
method closes its connection; an engine carries out most changes all the same, so whoever must know
the outcome of a change runs it through `settled`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Self

from anyio import move_on_after
from attrs import define, field

from ..model import JsonObject, ResourceId
from ..state import (
    EngineInfo,
    ImageDetails,
    ObservedContainer,
    ObservedImage,
    ObservedNetwork,
    ObservedVolume,
    VolumeOwnership,
)
from . import (
    _containers,
    _images,
    _networks,
    _preparation,
    _registries,
    _volumes,
)
from ._connection import CALL_TIMEOUT, Connection
from ._container_calls import ContainerCalls
from ._containers import Created
from ._transport import Transport

CLOSING_GRACE = 5.0
"""Seconds for closing connections, even if whoever closes them is being cancelled."""


@define(eq=False)
class Engine(ContainerCalls):
    """One engine. Enter it, or call `aclose` when done; its first call connects it."""

    name: str
    """What the maps call it; `__default__` for the only one."""
    _connection: Connection = field(repr=False)
    _owns_transport: bool = field(default=True, repr=False)

    @classmethod
    def over(
        cls,
        name: str,
        transport: Transport,
        *,
        call_timeout: float = CALL_TIMEOUT,
        pinned_version: tuple[int, int] | None = None,
        constraints: Mapping[str, object] | None = None,
        owns_transport: bool = True,
    ) -> Self:
        """An engine that is reached through a transport.

        Args:
            name: What the maps call it.
            transport: The way to it.
            call_timeout: Seconds until a short call fails; calls that wait have limits of their own.
            pinned_version: The version of the Engine API to speak instead of the negotiated one.
            constraints: What counts instead of the same keys of `GET /info` (CLI-9).
            owns_transport: Whether the transport is closed with the engine.
        """
        connection = Connection(
            name,
            transport,
            call_timeout=call_timeout,
            pinned_version=pinned_version,
            constraints=constraints or {},
        )
        return cls(name, connection, owns_transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def limit_calls(self, seconds: float | None) -> None:
        """Have short calls fail after so many seconds, from the next one on (CLI-1); None: a minute."""
        self._connection.call_timeout = CALL_TIMEOUT if seconds is None else seconds

    async def connect(self) -> EngineInfo:
        """Say what the engine is; asked once (two calls), however many ask at the same time.

        Raises:
            EngineUnreachable: if nobody answers.
        """
        return await self._connection.connect()

    async def aclose(self) -> None:
        """Close all connections of its own, even under cancellation; twice does nothing more."""
        if not self._owns_transport:
            return
        with move_on_after(CLOSING_GRACE, shield=True):
            await self._connection.transport.aclose()

    # Images

    async def pull_image(
        self,
        resource: ResourceId,
        reference: str,
        *,
        platform: str | None = None,
        credentials: JsonObject | None = None,
        on_progress: Callable[[str], None] | None = None,
    ) -> None:
        """Pull one image (PULL-1); afterwards it is on the engine.

        Cancelling it makes the engine give up the pull.

        Args:
            resource: The image, for errors.
            reference: With tag or digest; without either, `latest` is pulled, never all tags.
            platform: `linux/arm64`; None for the engine's own. Engines that keep one image under a name
                have that of the last pull. Those before version 1.32 of the API pull their own.
            credentials: `username` and `password`, an `identitytoken`, or `auth`, as docker-py and
                the configuration of the command line write them (PULL-3).
            on_progress: Called with each line of progress (PULL-2).

        Raises:
            ImagePullError: if the registry or the engine refuses, or what it says of the pull breaks off or
                cannot be read.
            EngineUnreachable: if the connection to the engine breaks before the end.
        """
        await _registries.pull_image(
            self._connection,
            resource,
            reference,
            platform=platform,
            credentials=credentials,
            on_progress=on_progress,
        )

    async def push_image(
        self,
        resource: ResourceId,
        reference: str,
        *,
        credentials: JsonObject | None = None,
        on_progress: Callable[[str], None] | None = None,
    ) -> str | None:
        """Push one image to the registry that its name begins with (UTL-1); returns its digest there.

        Cancelling it makes the engine give up the push; layers that have arrived stay in the registry.

        Args:
            resource: The image, for errors.
            reference: With a tag; without, `latest` is pushed, never all tags.
            credentials: As of `pull_image`.
            on_progress: Called with each line of progress.

        Raises:
            ImagePushError: if the registry or the engine refuses, or what it says of the push breaks off or
                cannot be read.
            EngineUnreachable: if the connection to the engine breaks before the end.
        """
        return await _registries.push_image(
            self._connection,
            resource,
            reference,
            credentials=credentials,
            on_progress=on_progress,
        )

    async def check_login(self, registry: str, credentials: JsonObject) -> None:
        """Have the engine show credentials to a registry (UTL-2); it does not remember them.

        Raises:
            RegistryError: if the registry refuses them, or cannot be reached.
        """
        await _registries.check_login(self._connection, registry, credentials)

    async def image_details(self, resource: ResourceId, image_id: str) -> ImageDetails | None:
        """What containers of an image get where they set nothing; None if it is gone.

        An image never changes under its id: it is asked for once.
        """
        return await _images.image_details(self._connection, resource, image_id)

    async def inspect_image(self, resource: ResourceId, reference: str) -> str | None:
        """The id of an image; None if it is not there."""
        return await _images.inspect_image(self._connection, resource, reference)

    async def list_all_images(self) -> list[ObservedImage]:
        """All images, those without a name and those that others were built from included. One call."""
        return await _images.list_all_images(self._connection)

    async def remove_image(
        self,
        resource: ResourceId,
        image_id: str,
        references: Iterable[str],
        *,
        force: bool = False,
    ) -> bool:
        """Remove the names of an image, and it with the last; False if nothing of that was there.

        A name that means another image by now stays, as do images that it was built from.

        Args:
            resource: The image, for errors.
            image_id: Its id.
            references: All its names; none for an image without.
            force: Also if containers that do not run use it; they cannot be created anew from it then.

        Raises:
            ResourceConflict: if a container uses it, or another image was built from it.
        """
        return await _images.remove_image(
            self._connection, resource, image_id, references, force=force
        )

    # Networks

    async def create_network(self, resource: ResourceId, body: JsonObject) -> Created:
        """Create a network; a second one of the same name is refused (NET-1).

        Raises:
            ResourceConflict: if the name or the range of addresses is taken.
        """
        return await _networks.create_network(self._connection, resource, body)

    async def remove_network(self, resource: ResourceId, ref: str) -> bool:
        """Remove a network; False if it was gone already.

        Raises:
            ResourceConflict: if running containers are connected to it.
        """
        return await _networks.remove_network(self._connection, resource, ref)

    async def connect_network(
        self, resource: ResourceId, network_ref: str, container_ref: str, settings: JsonObject
    ) -> None:
        """Connect a container (the resource) to a network, with its `EndpointSettings` (NET-3)."""
        await _networks.connect_network(
            self._connection, resource, network_ref, container_ref, settings
        )

    async def disconnect_network(
        self, resource: ResourceId, network_ref: str, container_ref: str, *, force: bool = False
    ) -> bool:
        """Disconnect a container from a network (the resource); False if it was not connected."""
        return await _networks.disconnect_network(
            self._connection, resource, network_ref, container_ref, force=force
        )

    async def inspect_network(self, resource: ResourceId, ref: str) -> ObservedNetwork | None:
        """A network as it is now; None if there is none."""
        return await _networks.inspect_network(self._connection, resource, ref)

    # Volumes

    async def create_volume(self, resource: ResourceId, body: JsonObject) -> JsonObject:
        """Create a volume and return what the engine says of it (VOL-2).

        Engines answer with an existing volume of the same name, whatever its options are.
        """
        return await _volumes.create_volume(self._connection, resource, body)

    async def remove_volume(self, resource: ResourceId) -> bool:
        """Remove a volume; False if it was gone already (VOL-13).

        Raises:
            ResourceConflict: if a container, running or not, mounts it.
        """
        return await _volumes.remove_volume(self._connection, resource)

    async def inspect_volume(self, resource: ResourceId) -> ObservedVolume | None:
        """A volume as it is now; None if there is none."""
        return await _volumes.inspect_volume(self._connection, resource)

    async def prepare_volume(
        self,
        resource: ResourceId,
        image: str,
        ownership: VolumeOwnership,
        *,
        wait_timeout: float | None,
    ) -> None:
        """Set owner and mode of all in a volume, by a container of its own (VOL-20 to VOL-25).

        The container is removed in every case, cancellation included.

        Args:
            resource: The volume.
            image: An image on the engine that has `/bin/sh`, `chown` and `chmod`.
            ownership: What to set.
            wait_timeout: Seconds for the commands; None for no limit.

        Raises:
            PreparationFailed: if the commands fail, or take too long.
        """
        await _preparation.prepare_volume(
            self._connection, resource, image, ownership, wait_timeout=wait_timeout
        )

    async def discard_helper(self, resource: ResourceId) -> bool:
        """Remove the container that prepared a volume for a run that was killed.

        One that runs, or changes, belongs to a run that is under way: its end is waited for.

        Returns:
            False if a container has that name which this library did not create.
        """
        return await _preparation.discard_abandoned(self._connection, resource)

    # The whole engine

    async def list_containers(self) -> list[ObservedContainer]:
        """All containers, running or not, without details. One call."""
        return await _containers.list_containers(self._connection)

    async def list_networks(self) -> list[ObservedNetwork]:
        """All networks, the oldest first. One call."""
        return await _networks.list_networks(self._connection)

    async def list_volumes(self) -> list[ObservedVolume]:
        """All volumes. One call."""
        return await _volumes.list_volumes(self._connection)

    async def list_images(self) -> dict[str, str]:
        """All images: canonical reference to id. One call."""
        return await _images.list_images(self._connection)
