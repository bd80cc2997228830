"""How processes come to life: as they were told to behave, or as their command says."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import PurePosixPath
from posixpath import dirname
from typing import Final

from attrs import define, evolve

from ._behaviour import Behaviour, told_steps
from ._commands import Place, Print, Signals, start_problem, steps_of
from ._records import Container, Exec
from ._running import Running
from ._world import World

DEFAULT_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ROOT: Final = ("", "root", "0")
_log: Final = logging.getLogger("aiodockmap.testing")


@define(eq=False, kw_only=True)
class Program:
    """What a process of a container is about to run."""

    world: World
    container: Container
    command: Sequence[str]
    place: Place
    told: Behaviour | None
    """What it was told to do; None for what its command says."""

    @property
    def start_error(self) -> tuple[str, int] | None:
        """Why it cannot be started, and the exit code then."""
        if self.told is not None:
            error = self.told.start_error
            return None if error is None else (error, self.told.start_exit_code)
        problem = start_problem(self.command[0], self.place)
        return None if problem is None else (f"{problem[0]}: unknown", problem[1])

    def start(
        self, *, write: Callable[[Print], None], ended: Callable[[int], None]
    ) -> tuple[Running, Callable[[], None]]:
        """Have it run from when the second one is called."""
        signals = Signals()
        running = Running(
            timeline=self.world.timeline,
            signals=signals,
            write=write,
            guess=partial(_warn, self.container),
            ended=ended,
        )
        if self.told is not None:
            steps = told_steps(self.told)
        else:
            steps = steps_of(self.command, self.place, signals)
        return running, partial(running.begin, steps)


def own_program(world: World, container: Container) -> Program:
    """What a container runs."""
    command = [container.path, *container.arguments]
    return _program(world, container, command, _place(world, container))


def exec_program(world: World, container: Container, known: Exec) -> Program:
    """What a command beside it runs."""
    place = _place(world, container, user=known.user, changes=known.environment)
    directory = known.directory or place.directory
    return _program(
        world, container, known.command, evolve(place, directory=directory, is_exec=True)
    )


def health_program(world: World, container: Container, command: Sequence[str]) -> Program:
    """What its health check runs; what checks need beside busybox its image has."""
    place = evolve(_place(world, container), has_all_programs=True, is_exec=True)
    return Program(world=world, container=container, command=command, place=place, told=None)


def _program(world: World, container: Container, command: Sequence[str], place: Place) -> Program:
    told = world.told_behaviour(container, command)
    return Program(world=world, container=container, command=command, place=place, told=told)


def _place(
    world: World, container: Container, *, user: str = "", changes: Sequence[str] = ()
) -> Place:
    config = container.config
    image = world.images.images.get(container.image_id)
    environment = {"PATH": DEFAULT_PATH, "HOSTNAME": config["Hostname"]}
    entries = [*(config["Env"] or ()), *changes]
    environment |= dict(entry.split("=", 1) for entry in entries if "=" in entry)
    if (user or config["User"]).partition(":")[0] in ROOT:
        environment.setdefault("HOME", "/root")
    return Place(
        environment=environment,
        hostname=config["Hostname"],
        directory=config["WorkingDir"] or "/",
        programs=tuple(image.executables) if image else (),
        own_command=(*image.entrypoint, *image.command) if image else (),
        mounts=frozenset(mount["Destination"] for mount in container.mounts),
        folders=_made_folders(container),
        written=container.written,
        has_input=bool(config["OpenStdin"] or config["Tty"]),
        has_init=bool(container.host_config.get("Init")),
    )


def _made_folders(container: Container) -> frozenset[str]:
    """Its working directory, where things are mounted, and all that these are in."""
    paths = [container.config["WorkingDir"] or "/"]
    paths += [dirname(mount["Destination"]) for mount in container.mounts]
    return frozenset(
        str(it) for path in paths for it in (PurePosixPath(path), *PurePosixPath(path).parents)
    )


def _warn(container: Container, about: str) -> None:
    """Tell whoever relies on a command that is not known, once for each container."""
    if about in container.guesses:
        return
    container.guesses.add(about)
    _log.warning(
        "Container %s of the embedded engine: %s. Say what it does with engine.behaviour(Behaviour(…), …).",
        container.name,
        about,
    )
