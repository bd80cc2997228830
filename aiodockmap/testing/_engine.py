"""A container engine that runs no containers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import ClassVar, TypeVar

from ._answers import JsonDict
from ._behaviour import Behaviour, BehaviourRule
from ._core import Core, ReceivedCall
from ._daemon import cut_power, kill_daemon, restart_daemon
from ._documents import inspected
from ._fault_calls import check_call
from ._faults import Fault, PlannedFault
from ._images import EmbeddedImage, Registry, default_images
from ._network_calls import add_predefined_networks
from ._network_calls import document as network_document
from ._releases import DOCKER_20_10, RELEASES, release_named
from ._server import serving
from ._timeline import Timeline
from ._transport import EmbeddedTransport
from ._volume_calls import document as volume_document
from ._world import World

T = TypeVar("T")


class EmbeddedEngine:
    """Docker in memory: same states, same answers, same refusals, no processes.

    It has the given images, by name or with their configuration, and no containers. Time is that of the
    event loop that asks, or that serves it; on a `VirtualTimeLoop` nothing takes any. All ids are the same
    in each run::

        engine = EmbeddedEngine(images=("app:1",))
        engine.fail("POST /containers/*/start", Reject(500, "no more"), name="web", at=2)
        transport = engine.transport()

    With `pulls_anything` its registry has every image, and every image every program. `release` is the
    Docker that it behaves as, one of `releases`: `20.10` (API 1.41) or `28.5` (API 1.51).

    Raises:
        ValueError: for a release that there is not.
    """

    releases: ClassVar[tuple[str, ...]] = tuple(RELEASES)
    """All that `release` may be, oldest first."""

    def __init__(
        self,
        images: Iterable[str] | Mapping[str, EmbeddedImage] = ("site-example:latest",),
        *,
        name: str = "embedded",
        cpus: int = 2,
        started_at: datetime | None = None,
        pulls_anything: bool = False,
        release: str = DOCKER_20_10.name,
    ) -> None:
        timeline = Timeline(started_at)
        world = World(name=name, cpus=cpus, timeline=timeline, release=release_named(release))
        for reference, image in default_images(images).items():
            world.images.add(reference, image, stamp=timeline.stamp())
        add_predefined_networks(world)
        world.registry.has_everything = pulls_anything
        self.world = world
        self.core = Core(world)

    @property
    def registry(self) -> Registry:
        """What can be pulled."""
        return self.world.registry

    @property
    def calls(self) -> list[ReceivedCall]:
        """All calls so far, in the order in which they came."""
        return self.core.calls

    def transport(self) -> EmbeddedTransport:
        """A connection of its own to this engine."""
        return EmbeddedTransport(self.core)

    def serve(self, address: str | Path) -> AbstractAsyncContextManager[str]:
        """Answer on a socket, too, as long as the context lasts; it gives the URL to connect to.

            async with engine.serve(tmp_path / "docker.sock") as url:
                ...  # DOCKER_HOST=url docker ps

        `address` is an absolute path, `unix:///path`, or `tcp://127.0.0.1:0` (0 for any free port).
        Calls that are still under way at the end are cut off, and the socket file is removed. Meanwhile
        other threads may use the methods of this class too, except `transport`; they wait for the loop
        that serves. Needs asyncio.

        Raises:
            OSError: if nobody can listen there, or somebody does already. A socket that a process left
                behind is replaced.
            ValueError: if the address means nothing.
        """
        return serving(self.core, str(address))

    def fail(
        self, call: str, fault: Fault, *, name: str | None = None, at: int | None = None
    ) -> PlannedFault:
        """Have calls fail, take their time, or end the daemon.

        `call` is one like `POST /containers/*/start`, with `*` for anything.
        `name` narrows it to calls about a container, network, volume or image of that name (`*` here,
        too); `at` to the one with that number among the calls meant, counted from 1. A fault that was
        planned later goes first. What is returned counts how many calls were meant, and how often it has
        happened.

        Raises:
            ValueError: if no call is like that: it has a version, or its method is in small letters. For
                a number below 1, too.
            TypeError: for anything but a fault.
        """
        planned = PlannedFault(fault=fault, call=call, name=name, at=at)
        check_call(call)
        self.core.faults.append(planned)
        return planned

    def heal(self) -> None:
        """Forget all planned faults."""
        self.core.faults.clear()

    def behaviour(
        self,
        behaviour: Behaviour,
        *,
        image: str | None = None,
        command: str | None = None,
        container: str | None = None,
    ) -> None:
        """Have processes that start from now on behave in a certain way.

        `image` is compared with the name that the container gives, `command` with its whole command,
        `container` with its name, each with `*` for anything. It goes for exec commands as well.

        Raises:
            ValueError: if it handles a signal that there is not.
            TypeError: for anything but a `Behaviour`.
        """
        rule = BehaviourRule(behaviour=behaviour, image=image, command=command, container=container)
        self.world.rules.append(rule)

    def occupy_port(self, port: int, protocol: str = "tcp") -> None:
        """Have somebody outside the engine use a port of its host."""
        self.world.occupied_ports.add((protocol, port))

    def release_port(self, port: int, protocol: str = "tcp") -> None:
        """Take that back."""
        self.world.occupied_ports.discard((protocol, port))

    def make_folder(self, path: str) -> None:
        """Have a folder on its host, so that `Mounts` may bind it.

        Or in a volume, so that it may be mounted by its `Subpath`: that of the volume `data` begins
        with `/var/lib/docker/volumes/data/_data/`.
        """
        self.world.host_paths.add(path)

    def restart_daemon(self, seconds: float = 1.0, *, keeps_containers: bool = False) -> None:
        """Stop the engine's daemon now, and have it back in some seconds, as an upgrade does.

        All connections break; calls that wait for the end of a container are told of it before. Until
        the daemon is back nobody can connect. Containers end as if they had been asked to, all at once:
        how long that takes is part of `seconds`. When the daemon is back, it starts those again whose
        restart policy says so, and removes those of `AutoRemove`, even if they were never started. (Docker
        may leave the volumes of those that it has ended, as it does not wait for their removal.) It has
        forgotten past events and all exec commands.

        `keeps_containers` is Docker's `live-restore`: what runs goes on.
        """
        self._now(partial(restart_daemon, seconds=seconds, keeps_containers=keeps_containers))

    def kill_daemon(self, seconds: float = 1.0, *, keeps_containers: bool = False) -> None:
        """End the engine's daemon now, without a warning (SIGKILL), and have it back in some seconds.

        All connections break, and what runs goes on alone. When the daemon is back it ends that, as if
        somebody had asked for it: containers of `unless-stopped` are not started again. How long that takes
        is part of `seconds`. Otherwise it is as after `restart_daemon`.

        `keeps_containers` is Docker's `live-restore`: what runs goes on for good.
        """
        self._now(partial(kill_daemon, seconds=seconds, keeps_containers=keeps_containers))

    def cut_power(self, seconds: float = 1.0) -> None:
        """End the whole machine now, and have it back in some seconds, with what was on its disk.

        Containers are found to have ended with exit code 255, and started again by their restart policies.
        """
        self._now(partial(cut_power, seconds=seconds))

    def fill_disk(self) -> None:
        """Have no space left, so that what an engine has to write down is refused, until `free_disk`.

        Containers cannot be created, started, renamed or updated, images not be pulled or tagged.
        Stopping and removing works, and even making a plain volume or a network.
        """
        self.world.is_disk_full = True

    def free_disk(self) -> None:
        """Have space again."""
        self.world.is_disk_full = False

    def container(self, name: str) -> JsonDict | None:
        """Look at a container without a call."""
        return self._now(partial(_container, name=name))

    def container_names(self) -> list[str]:
        """The names of all containers, in alphabetical order."""
        return self._now(lambda world: sorted(each.name for each in world.containers.values()))

    def network(self, name: str) -> JsonDict | None:
        """Look at a network without a call."""
        return self._now(partial(_network, name=name))

    def network_names(self) -> list[str]:
        """The names of all networks that somebody made, in alphabetical order."""
        return self._now(
            lambda world: sorted(
                each.name for each in world.networks.values() if not each.is_predefined
            )
        )

    def volume(self, name: str) -> JsonDict | None:
        """Look at a volume without a call."""
        return self._now(partial(_volume, name=name))

    def volume_names(self) -> list[str]:
        """The names of all volumes, in alphabetical order."""
        return self._now(lambda world: sorted(world.volumes))

    def _now(self, look: Callable[[World], T]) -> T:
        """Look at the world, or change it, once all has happened in it that is due."""

        def settle_and_look() -> T:
            self.world.timeline.settle()
            return look(self.world)

        return self.core.home.ask(settle_and_look)


def _container(world: World, *, name: str) -> JsonDict | None:
    found = world.find_container(name)
    return None if found is None else _copy(inspected(world, found))


def _network(world: World, *, name: str) -> JsonDict | None:
    found = world.find_network(name)
    return None if found is None else _copy(network_document(world, found, shows_members=True))


def _volume(world: World, *, name: str) -> JsonDict | None:
    found = world.volumes.get(name)
    return None if found is None else _copy(volume_document(found))


def _copy(document: JsonDict) -> JsonDict:
    copied: JsonDict = json.loads(json.dumps(document))
    return copied
