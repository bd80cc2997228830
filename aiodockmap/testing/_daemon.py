"""The engine as a program on a machine: it is restarted, and its disk fills up."""

from __future__ import annotations

from ._answers import ApiError
from ._behaviour import KILL, TERM, signal_number
from ._lifecycle import SIGNALLED, end, start
from ._records import Container
from ._world import World


def restart_daemon(world: World, seconds: float, *, keeps_containers: bool) -> None:
    """See `EmbeddedEngine.restart_daemon`."""
    world.is_down = True
    if not keeps_containers:
        for container in list(world.containers.values()):
            if container.state.is_running:
                _end_with_daemon(world, container)
    world.timeline.interrupt()
    world.timeline.after(seconds, lambda: _come_back(world))


def _end_with_daemon(world: World, container: Container) -> None:
    if container.restart is not None:
        container.restart.call_off()
        container.restart = None
        container.state.is_running = container.state.is_restarting = False
        return
    process = container.process
    if process is None:
        return
    if container.state.is_paused:
        container.state.is_paused = False
        world.events.of_container(container, "unpause")
    asked = signal_number(container.config.get("StopSignal") or "") or TERM
    world.events.of_container(container, "kill", signal=str(asked))
    handled = {signal_number(name): code for name, code in process.behaviour.handles.items()}
    container.is_being_stopped = True
    end(world, container, handled.get(asked, SIGNALLED + KILL))


def _come_back(world: World) -> None:
    world.is_down = False
    world.events.forget()
    for container in world.containers.values():
        container.exec_ids = [
            known for known in container.exec_ids if world.execs[known].is_running
        ]
    world.execs = {known: it for known, it in world.execs.items() if it.is_running}
    for container in list(world.containers.values()):
        if container.exits and not container.state.is_running and _is_to_be_started(container):
            try:
                start(world, container)
            except ApiError:
                # Its state says why; nobody is there to be told.
                world.timeline.tell()


def _is_to_be_started(container: Container) -> bool:
    match container.host_config["RestartPolicy"]["Name"]:
        case "always":
            return True
        case "unless-stopped":
            return not container.is_stopped_by_hand
        case "on-failure":
            return container.state.exit_code != 0
        case _:
            return False
