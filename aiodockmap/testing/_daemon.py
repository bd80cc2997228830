"""The engine as a program on a machine: it is restarted, or killed, or the machine loses its power."""

from __future__ import annotations

from copy import deepcopy
from functools import partial
from typing import Final

from ..model import signal_number
from ._answers import ApiError
from ._behaviour import KILL, TERM
from ._faults import CutPower, DaemonFault, KillDaemon, RestartDaemon
from ._lifecycle import SIGNALLED, end, record_end, remove, start
from ._records import Container, Process
from ._world import World

PATIENCE: Final = 15.0
"""Seconds that a daemon which ends waits for containers."""
LOST: Final = 255
"""What a process has ended with of which nothing is known any more."""


def restart_daemon(world: World, seconds: float, *, keeps_containers: bool) -> None:
    """See `EmbeddedEngine.restart_daemon`."""
    if not keeps_containers:
        for container in _up(world):
            _end_with_daemon(world, container)
    _go_away(world, seconds, keeps_containers=keeps_containers)


def kill_daemon(world: World, seconds: float, *, keeps_containers: bool) -> None:
    """See `EmbeddedEngine.kill_daemon`."""
    _go_away(world, seconds, keeps_containers=keeps_containers)


def cut_power(world: World, seconds: float) -> None:
    """See `EmbeddedEngine.cut_power`."""
    _go_away(world, seconds, keeps_containers=True)
    for container in world.containers.values():
        container.has_lost_process = False
        if container.state.is_running:
            end(world, container, LOST)


def befall(world: World, fault: DaemonFault) -> None:
    """Let happen what was planned."""
    match fault:
        case RestartDaemon(seconds, keeps_containers=keeps):
            restart_daemon(world, seconds, keeps_containers=keeps)
        case KillDaemon(seconds, keeps_containers=keeps):
            kill_daemon(world, seconds, keeps_containers=keeps)
        case CutPower(seconds):
            cut_power(world, seconds)


def leave_half_made(world: World, container: Container) -> None:
    """Have a container that was written down before it had its endpoints and its anonymous volumes."""
    container.has_forgotten_networks = bool(container.endpoints)
    container.endpoints = {}
    container.mounts = [
        mount for mount in container.mounts if mount.get("Name") not in container.anonymous_volumes
    ]
    for name in container.anonymous_volumes:
        del world.volumes[name]
    container.anonymous_volumes = set()
    container.volumes_by_path = set()


def _up(world: World) -> list[Container]:
    return [container for container in world.containers.values() if container.state.is_running]


def _end_with_daemon(world: World, container: Container) -> None:
    process = container.process
    if process is None:
        _call_restart_off(container)
        container.state.is_running = container.state.is_restarting = False
        return
    record_end(world, container, process, _ask_to_end(world, container, process))
    if container.host_config["AutoRemove"]:
        remove(world, container, with_volumes=True)


def _ask_to_end(world: World, container: Container, process: Process) -> int:
    """Send a process its signal, and wait for its end; the exit code."""
    asked = signal_number(container.config.get("StopSignal") or "") or TERM
    world.events.of_container(container, "kill", signal=str(asked))
    if container.state.is_paused:
        container.state.is_paused = False
        world.events.of_container(container, "unpause")
    handled = {signal_number(name): code for name, code in process.behaviour.handles.items()}
    if asked in handled:
        return handled[asked]
    code = process.running.outlived(asked, PATIENCE)
    if code is not None:
        return code
    world.events.of_container(container, "kill", signal=str(KILL))
    return SIGNALLED + KILL


def _call_restart_off(container: Container) -> None:
    if container.restart is not None:
        container.restart.call_off()
        container.restart = None


def _go_away(world: World, seconds: float, *, keeps_containers: bool) -> None:
    """Break all connections, and have it come back later; what ends meanwhile nobody sees."""
    world.is_down = True
    for container in world.containers.values():
        _call_restart_off(container)
        # What somebody asked for died with the daemon.
        container.is_being_stopped = container.is_to_be_started = False
    world.timeline.interrupt()
    if world.comeback is not None:
        world.comeback.call_off()
    world.comeback = world.timeline.after(
        seconds, partial(_come_back, world, keeps_containers=keeps_containers)
    )


def _come_back(world: World, *, keeps_containers: bool) -> None:
    world.is_down = False
    for container in world.containers.values():
        _forget_commands(world, container)
        if container.state.is_running:
            _find_ended(world, container)
    world.events.forget()
    for container in [] if keeps_containers else _up(world):
        _end_by_hand(world, container)
    for container in list(world.containers.values()):
        is_up = container.state.is_running
        if container.host_config["AutoRemove"] and (not is_up or world.release.ends_auto_removed):
            _remove(world, container)
        elif not is_up and _is_to_be_started(container):
            try:
                start(world, container)
            except ApiError:
                # Its state says why; nobody is there to be told.
                world.timeline.tell()


def _forget_commands(world: World, container: Container) -> None:
    commands = [world.execs.pop(known) for known in container.exec_ids]
    container.exec_ids = []
    container.strays += [command for command in commands if command.is_running]


def _find_ended(world: World, container: Container) -> None:
    """Write down what has become of a container meanwhile, if it does not run any more."""
    process, state = container.process, container.state
    if process is None:
        # It waited for its restart.
        state.is_running = state.is_restarting = False
        if world.release.forgets_restarts:
            state.exit_code = 0
            state.finished_at = world.timeline.stamp()
            state.finished = world.timeline.now
    elif container.missed_exit is not None:
        code, container.missed_exit = container.missed_exit, None
        known = world.release.missed_exit_code
        _record_end(world, container, process, code if known is None else known)


def _end_by_hand(world: World, container: Container) -> None:
    process = container.process
    if process is None:
        return
    container.is_stopped_by_hand = True
    _record_end(world, container, process, _ask_to_end(world, container, process))
    world.events.of_container(container, "stop")


def _record_end(world: World, container: Container, process: Process, code: int) -> None:
    """Write down the end of a container that the daemon did not see start."""
    endpoints, ports = deepcopy(container.endpoints), container.ports
    health = deepcopy(container.state.health)
    record_end(world, container, process, code)
    if health is not None and not world.release.shows_lost_endpoints:
        health["Status"] = "starting"
    container.state.health = health
    if world.release.shows_lost_endpoints:
        container.endpoints, container.ports = endpoints, ports


def _remove(world: World, container: Container) -> None:
    process = container.process
    if process is not None:
        world.events.of_container(container, "kill", signal=str(KILL))
        record_end(world, container, process, SIGNALLED + KILL)
    remove(world, container, with_volumes=False)


def _is_to_be_started(container: Container) -> bool:
    if not container.exits:
        return False
    match container.host_config["RestartPolicy"]["Name"]:
        case "always":
            return True
        case "unless-stopped":
            return not container.is_stopped_by_hand
        case "on-failure":
            return container.state.exit_code != 0
        case _:
            return False
