"""From start to end: what becomes of a container by calls, by signals and by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Final

from ..model import signal_number
from ._answers import ApiError, JsonDict
from ._behaviour import IGNORED_BY_DEFAULT, KILL, TERM, Behaviour
from ._health import begin_health_checks
from ._mount_checks import check_mountable
from ._networks import (
    check_shared_network,
    join_networks,
    leave_networks,
    open_sandbox,
    tell_of_networks,
)
from ._ports import publish_ports
from ._printing import end_output, write_output
from ._records import Container, Process
from ._releases import EndStep, StartStep
from ._starting import own_program
from ._world import World

SIGNALLED: Final = 128
"""What is added to the number of the signal that ended a process."""
FAILED_START: Final = 128
GIVEN_UP: Final = "Canceled: context canceled"
FIRST_BACKOFF: Final = 0.1
"""Seconds before the first restart by a policy; each further one waits twice as long."""
LONGEST_BACKOFF: Final = 60.0
CREATION_FAILED: Final = (
    "failed to create shim task: OCI runtime create failed: runc create failed: "
    "unable to start container process: "
)


def start(world: World, container: Container, *, gives_up: bool = False) -> bool:
    """Start a container; False if it runs already.

    With `gives_up` all is made ready, but nothing is begun, as nobody waits for it any more.

    Raises:
        ApiError: if it cannot be started; `State.Error` says why from then on.
    """
    state = container.state
    if state.is_paused:
        raise ApiError(409, "cannot start a paused container, try unpause instead")
    if state.is_running:
        return False
    if state.is_removing:
        raise ApiError(409, "container is marked for removal and cannot be started.")
    container.restart_count = 0
    container.is_stopped_by_hand = False
    container.host_config.setdefault("Runtime", "runc")
    _run(world, container, gives_up=gives_up)
    return True


def _run(world: World, container: Container, *, gives_up: bool = False) -> None:
    state = container.state
    try:
        process = _prepare(world, container, gives_up=gives_up)
    except ApiError as error:
        worded = world.release.worded(error)
        leave_networks(world, container)
        _unmount_volumes(world, container)  # mounted or not: engines tell that, too
        container.ports = {}
        state.is_running = state.is_restarting = False
        state.error = worded.message
        state.exit_code = state.exit_code or FAILED_START
        if container.host_config["AutoRemove"]:
            remove(world, container, with_volumes=True)
        world.timeline.tell()
        raise worded from None
    if container.restart is not None:
        container.restart.call_off()
        container.restart = None
    container.process = process
    state.is_running = True
    state.is_restarting = False
    state.is_oom_killed = False
    state.pid = process.pid
    state.exit_code = 0
    state.error = ""
    state.started_at = world.timeline.stamp()
    state.started = world.timeline.now
    world.events.of_container(container, "start")
    process.appointments.append(world.timeline.after(0, process.begin))
    begin_health_checks(world, container, process)
    world.timeline.tell()


def _volumes(container: Container) -> list[JsonDict]:
    return [mount for mount in container.mounts if mount["Type"] == "volume"]


def _prepare(world: World, container: Container, *, gives_up: bool) -> Process:
    world.write(f"containers/{container.id}/hosts")
    for step in world.release.start_steps:
        try:
            START_STEPS[step](world, container)
        except ApiError as error:
            if step not in (StartStep.NETWORKS, StartStep.PORTS):
                raise
            message = world.release.networking_failed.format(error.message)
            raise ApiError(error.status, message, **error.facts) from None
    if gives_up:
        raise ApiError(500, GIVEN_UP)
    program = own_program(world, container)
    running, begin = program.start(
        write=partial(write_output, world, container), ended=partial(end, world, container)
    )
    return Process(
        pid=world.new_pid(),
        command=list(program.command),
        behaviour=program.told or Behaviour(),
        running=running,
        begin=begin,
    )


def _write_hostname(world: World, container: Container) -> None:
    if not container.config.get("NetworkDisabled") or world.release.has_hostname_without_network:
        container.files.add("hostname")


def _check_links(world: World, container: Container) -> None:
    for alias, target_id in world.links.get(container.id, {}).items():
        target = world.containers.get(target_id)
        # A link is to one container, not to whatever has its name later.
        if target is None or not target.state.is_running:
            link = f"/{world.linked_name(target_id)} AS /{container.name}/{alias}"
            raise ApiError(500, f"Cannot link to a non running container: {link}")


def _mount_volumes(world: World, container: Container) -> None:
    for asked in container.host_config.get("Mounts") or ():
        check_mountable(world, asked)
    for mount in _volumes(container):
        world.events.of_volume(
            mount["Name"],
            "mount",
            container=container.id,
            destination=mount["Destination"],
            propagation=mount.get("Propagation", ""),
            **{"read/write": str(mount["RW"]).lower()},
        )


def _unmount_volumes(world: World, container: Container) -> None:
    for mount in _volumes(container):
        world.events.of_volume(mount["Name"], "unmount", container=container.id)


def _open_log(world: World, container: Container) -> None:
    del world
    container.files.add("log")


def _check_program(world: World, container: Container) -> None:
    error = own_program(world, container).start_error
    if error is not None:
        message, container.state.exit_code = error
        raise ApiError(400, CREATION_FAILED + message)
    if container.has_lost_process:
        raise ApiError(500, f"task {container.id}: already exists")


START_STEPS: Final[Mapping[StartStep, Callable[[World, Container], None]]] = {
    StartStep.SHARED_NETWORK: check_shared_network,
    StartStep.NETWORKS: join_networks,
    StartStep.SANDBOX: open_sandbox,
    StartStep.PORTS: publish_ports,
    StartStep.JOINED: tell_of_networks,
    StartStep.HOSTNAME: _write_hostname,
    StartStep.LINKS: _check_links,
    StartStep.VOLUMES: _mount_volumes,
    StartStep.LOG: _open_log,
    StartStep.PROGRAM: _check_program,
}


def end(world: World, container: Container, code: int) -> None:
    """The process of a container ends, for whatever reason; its restart policy takes over.

    While the daemon is away, that is for it to find out.
    """
    process = container.process
    if process is None:
        return
    if world.is_down:
        process.keep_no_appointment()
        container.missed_exit = code
        return
    record_end(world, container, process, code)
    _go_on(world, container)
    world.timeline.tell()


def record_end(world: World, container: Container, process: Process, code: int) -> None:
    """Write down that the process of a container has ended."""
    state = container.state
    process.keep_no_appointment()
    end_output(world, container)
    container.process = None
    container.exits += 1
    container.last_exit_code = code
    for exec_id in container.exec_ids:
        _end_exec(world, exec_id)
    container.strays = []
    state.is_oom_killed = process.behaviour.is_oom_killed and code != 0
    if state.is_oom_killed:
        world.events.of_container(container, "oom")
    for step in world.release.end_steps:
        match step:
            case EndStep.TELL:
                _tell_of_death(world, container, code)
            case EndStep.NETWORKS:
                leave_networks(world, container)
            case EndStep.VOLUMES:
                _unmount_volumes(world, container)
    container.ports = {}
    state.is_running = state.is_paused = False
    state.pid = 0
    state.exit_code = code
    state.finished_at = world.timeline.stamp()
    state.finished = world.timeline.now
    if state.health is not None:
        state.health["Status"] = "unhealthy"


def _tell_of_death(world: World, container: Container, code: int) -> None:
    attributes = {"exitCode": str(code)}
    if world.release.tells_duration:
        seconds = world.timeline.now - container.state.started
        attributes["execDuration"] = str(int(seconds))
    world.events.of_container(container, "die", **attributes)


def _go_on(world: World, container: Container) -> None:
    """Do what is to be done after the end of a container."""
    if container.is_being_stopped:
        container.is_being_stopped = False
        world.events.of_container(container, "stop")
    if container.is_to_be_started:
        container.is_to_be_started = False
        with suppress(ApiError):  # its state says why; whoever asked for it looks there
            _run(world, container)
            world.events.of_container(container, "restart")
    elif _is_to_be_restarted(container):
        _restart_later(world, container)
    elif container.host_config["AutoRemove"]:
        remove(world, container, with_volumes=True)


def _end_exec(world: World, exec_id: str) -> None:
    command = world.execs[exec_id]
    if command.is_running:
        command.is_running = False
        command.exit_code = SIGNALLED + KILL
        container = world.containers[command.container_id]
        world.events.of_container(
            container, "exec_die", execID=exec_id, exitCode=str(command.exit_code)
        )
        if command.running is not None:
            command.running.stop()


def _is_to_be_restarted(container: Container) -> bool:
    policy = container.host_config["RestartPolicy"]
    if container.is_stopped_by_hand:
        return False
    match policy["Name"]:
        case "always" | "unless-stopped":
            return True
        case "on-failure":
            limit: int = policy["MaximumRetryCount"]
            return container.state.exit_code != 0 and not 0 < limit <= container.restart_count
        case _:
            return False


def _restart_later(world: World, container: Container) -> None:
    container.state.is_running = container.state.is_restarting = True
    container.restart_count += 1
    backoff = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** (container.restart_count - 1))

    def restart() -> None:
        container.restart = None
        try:
            _run(world, container)
        except ApiError:
            # It says why in its state; nobody is there to be told.
            world.timeline.tell()

    container.restart = world.timeline.after(backoff, restart)


def send_signal(world: World, container: Container, number: int) -> None:
    """Send a signal to the process of a container that has one, as somebody who wants it gone."""
    container.is_stopped_by_hand = True
    world.events.of_container(container, "kill", signal=str(number))
    if container.restart is not None:
        container.restart.call_off()
        container.restart = None
        container.state.is_running = container.state.is_restarting = False
        container.exits += 1
        container.last_exit_code = container.state.exit_code
        world.timeline.tell()
        return
    process = container.process
    if process is None:
        return
    if container.state.is_paused and number != KILL:
        process.pending_signals.append(number)
        return
    deliver(world, container, process, number)


def deliver(world: World, container: Container, process: Process, number: int) -> None:
    """A process gets a signal, and ends of it, or does not."""
    handled = {
        known: code
        for name, code in process.behaviour.handles.items()
        if (known := signal_number(name)) is not None
    }
    if number == KILL:
        end(world, container, SIGNALLED + KILL)
        return
    if number in handled:
        code = handled[number]
    elif process.running.signal(number):
        return
    elif container.host_config.get("Init") and number not in IGNORED_BY_DEFAULT:
        # With an init the process is not the first one, so it ends of what it does not handle.
        code = SIGNALLED + number
    else:
        return
    delay = process.behaviour.stop_delay
    appointment = world.timeline.after(delay, lambda: end(world, container, code))
    process.appointments.append(appointment)
    if not delay:
        appointment.call_off()
        end(world, container, code)


def stop(world: World, container: Container, grace: int | None, signal: int | None = None) -> int:
    """Ask a container that runs to stop, and see that it will; return the count that its end makes.

    `grace` is in seconds; None for the container's own, negative for no end of patience. `signal` is
    None for the container's own, too.
    """
    wanted = container.exits + 1
    configured = container.config.get("StopTimeout")
    patience = grace if grace is not None else configured if configured is not None else 10
    process = container.process
    container.is_being_stopped = process is not None
    number = signal or signal_number(container.config.get("StopSignal") or "") or TERM
    send_signal(world, container, number)
    if process is not None and container.process is process and patience >= 0:

        def lose_patience() -> None:
            if world.is_down:
                return
            container.is_stopped_by_hand = True
            world.events.of_container(container, "kill", signal=str(KILL))
            end(world, container, SIGNALLED + KILL)

        process.appointments.append(world.timeline.after(patience, lose_patience))
    return wanted


def remove(world: World, container: Container, *, with_volumes: bool) -> None:
    """Forget a container that does not run."""
    leave_networks(world, container)
    container.state.is_removing = True
    world.containers.pop(container.id, None)
    world.links.pop(container.id, None)
    if any(container.id in links.values() for links in world.links.values()):
        world.gone_names[container.id] = container.name
    for exec_id in container.exec_ids:
        world.execs.pop(exec_id, None)
    if with_volumes:
        for name in container.anonymous_volumes:
            if not world.users_of(name):
                world.volumes.pop(name, None)
                world.events.of_volume(name, "destroy")
    world.events.of_container(container, "destroy")
    world.timeline.tell()
