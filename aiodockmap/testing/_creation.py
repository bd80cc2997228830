"""`POST /containers/create`: what engines refuse, in their order, and the container that comes of it."""

from __future__ import annotations

import re
from typing import Final

from ..model import signal_number
from ._answers import ApiError, Call, JsonDict, Reply, json_answer
from ._bodies import CREATED_CONTAINER, decoded
from ._commands import FILES
from ._configuration import stored_config, stored_host_config
from ._endpoints import endpoints_of, sent_endpoints
from ._images import checked_reference, missing_image
from ._limits import check_limits, check_restart_policy
from ._mount_checks import EXPERIMENTAL, check_mounts, known_mounts
from ._mounts import mount_all
from ._platforms import NATIVE, Platform, other_platform
from ._records import Container
from ._releases import (
    ENDPOINT_MAC_ADDRESS,
    HEALTHCHECK_FIELDS,
    HOST_CONFIG_FIELDS,
    Release,
    known_fields,
)
from ._world import World

CONTAINER_NAME: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
CAPABILITIES: Final = frozenset(
    {
        *("ALL", "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF"),
        *("CHECKPOINT_RESTORE", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID"),
        *("IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE"),
        *("MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "PERFMON"),
        *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT"),
        *("SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO"),
        *("SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "WAKE_ALARM"),
    }
)
LOG_DRIVERS: Final = frozenset(
    {"awslogs", "fluentd", "gcplogs", "gelf", "journald", "json-file", "local", "none", "splunk"}
    | {"logentries", "syslog"}
)
LOG_OPTIONS: Final = frozenset(
    {"max-file", "max-size", "compress", "labels", "labels-regex", "env", "env-regex", "tag"}
)
CONFIG_FIELDS: Final = (
    *("Hostname", "Domainname", "User", "Image", "WorkingDir", "StopSignal", "Env", "Cmd"),
    *("Entrypoint", "Labels", "Volumes", "ExposedPorts", "Tty"),
)
HIGHEST_PORT: Final = 65_535
MILLISECOND: Final = 1_000_000
"""In nanoseconds, which durations of health checks are in."""
OOM_SCORE: Final = 1000


def create_container(world: World, call: Call) -> Reply:
    """Answer a call that creates a container."""
    body = decoded(call, CREATED_CONTAINER)
    config, sent_host_config = dict(body), body.get("HostConfig")
    if config.get("Healthcheck"):
        config["Healthcheck"] = known_fields(config["Healthcheck"], HEALTHCHECK_FIELDS, call)
    if not any(key in config for key in CONFIG_FIELDS):
        raise ApiError(400, "Config cannot be empty in order to create a container")
    host_config = _known_host_config(sent_host_config or {}, call, world.release)
    _check_network_mode(config, host_config, call)
    limits = dict(host_config)
    _check_config(config)
    _check_host_config(world, host_config, call)
    warnings = check_limits(world, limits, is_update=False)
    warnings += [EXPERIMENTAL for it in host_config["Mounts"] if it["Type"] == "image"]
    stored_host = stored_host_config(None if sent_host_config is None else limits, world.release)
    if stored_host["NetworkMode"] == "host" and stored_host["PortBindings"]:
        warnings.append("Published ports are discarded when using host network mode")
    endpoints = sent_endpoints(world, call, config, stored_host["NetworkMode"], warnings)
    image_id, image_config = _image(world, config.get("Image") or "", call, warnings)
    stored = stored_config(config, image_config, reference=config.get("Image") or "")
    command = [*(stored["Entrypoint"] or ()), *(stored["Cmd"] or ())]
    if not command or not command[0]:
        raise ApiError(400, "No command specified")
    if stored["WorkingDir"] in FILES:
        raise ApiError(500, f"Cannot mkdir: {stored['WorkingDir']} is not a directory")
    container = Container(
        id=world.new_id(),
        name="",
        image_id=image_id,
        created=world.timeline.stamp(),
        created_seconds=world.timeline.seconds(),
        order=world.ids_made,
        config=stored,
        host_config=stored_host,
        path=command[0],
        arguments=command[1:],
        endpoints={},
    )
    container.name = checked_name(world, call.query.get("name") or f"embedded_{world.ids_made}")
    world.write(f"overlay2/{container.id}-init/link")
    _check_security(host_config)
    mount_all(world, container)
    links = _links(world, container)
    _join_others(world, container)
    container.endpoints = endpoints_of(world, container, endpoints)
    world.containers[container.id] = container
    if links:
        world.links[container.id] = links
    world.events.of_container(container, "create")
    return json_answer({"Id": container.id, "Warnings": warnings}, status=201)


def _known_host_config(sent: JsonDict, call: Call, release: Release) -> JsonDict:
    known = known_fields(sent, HOST_CONFIG_FIELDS, call)
    known["Mounts"] = known_mounts(sent.get("Mounts") or (), call, release)
    return known


def checked_name(world: World, name: str) -> str:
    """Refuse names that are none, or taken.

    Raises:
        ApiError: 400 or 409.
    """
    name = name.removeprefix("/")
    if not CONTAINER_NAME.fullmatch(name):
        text = f"Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
        raise ApiError(400, text)
    owner = next((known for known in world.containers.values() if known.name == name), None)
    if owner is not None:
        raise ApiError(
            409,
            f'Conflict. The container name "/{name}" is already in use by container "{owner.id}". '
            "You have to remove (or rename) that container to be able to reuse that name.",
        )
    return name


def _check_network_mode(config: JsonDict, host_config: JsonDict, call: Call) -> None:
    mode = host_config.get("NetworkMode") or ""
    is_container = mode.startswith("container:")
    if mode in ("container", "container:"):
        raise ApiError(400, "Invalid network mode: invalid container format container:<name|id>")
    if is_container and config.get("Hostname"):
        raise ApiError(400, "conflicting options: hostname and the network mode")
    shared = "This would result in undefined behavior"
    if is_container and host_config.get("Links"):
        raise ApiError(
            400, f"conflicting options: container type network can't be used with links. {shared}"
        )
    if mode == "host" and host_config.get("Links"):
        raise ApiError(
            400, f"conflicting options: host type networking can't be used with links. {shared}"
        )
    is_shared = is_container or mode == "host"
    if is_shared and config.get("MacAddress") and not call.speaks(ENDPOINT_MAC_ADDRESS):
        raise ApiError(400, "conflicting options: mac-address and the network mode")
    if not is_container:
        return
    for key, words in (
        ("Dns", "dns and the network mode"),
        ("ExtraHosts", "custom host-to-IP mapping and the network mode"),
        ("PortBindings", "port publishing and the container type network mode"),
        ("PublishAllPorts", "port publishing and the container type network mode"),
    ):
        if host_config.get(key):
            raise ApiError(400, f"conflicting options: {words}")
    if config.get("ExposedPorts"):
        raise ApiError(
            400, "conflicting options: port exposing and the container type network mode"
        )


def _check_config(config: JsonDict) -> None:
    folder = config.get("WorkingDir") or ""
    if folder and not folder.startswith("/"):
        message = f"the working directory '{folder}' is invalid, it needs to be an absolute path"
        raise ApiError(400, message)
    stop_signal = config.get("StopSignal") or ""
    if stop_signal and signal_number(stop_signal) is None:
        raise ApiError(400, f"Invalid signal: {stop_signal}", doing="")
    for entry in config.get("Env") or ():
        if not entry.partition("=")[0]:
            raise ApiError(400, f"invalid environment variable: {entry}")
    healthcheck = config.get("Healthcheck") or {}
    for key in ("Interval", "Timeout", "StartPeriod"):
        value = healthcheck.get(key) or 0
        if value and value < MILLISECOND:
            raise ApiError(400, f"{key} in Healthcheck cannot be less than 1ms")
    if (healthcheck.get("Retries") or 0) < 0:
        raise ApiError(400, "Retries in Healthcheck cannot be negative")


def _check_host_config(world: World, host_config: JsonDict, call: Call) -> None:
    policy = host_config.get("RestartPolicy") or {}
    if host_config.get("AutoRemove") and (policy.get("Name") or "no") != "no":
        raise ApiError(400, "can't create 'AutoRemove' container with restart policy")
    for host in host_config.get("ExtraHosts") or ():
        if ":" not in host:
            raise ApiError(400, f'bad format for add-host: "{host}"')
    _check_ports(host_config)
    check_restart_policy(policy)
    for key in ("CapAdd", "CapDrop"):
        for capability in host_config.get(key) or ():
            name = (capability or "").upper().removeprefix("CAP_")
            if name not in CAPABILITIES:
                raise ApiError(400, f'invalid {key}: unknown capability: "CAP_{name}"')
    _check_process(host_config)
    _check_logging(host_config.get("LogConfig") or {})
    check_mounts(world, host_config["Mounts"], call)


def _check_process(host_config: JsonDict) -> None:
    if (host_config.get("ShmSize") or 0) < 0:
        raise ApiError(400, "SHM size can not be less than 0")
    score = host_config.get("OomScoreAdj") or 0
    if not -OOM_SCORE <= score <= OOM_SCORE:
        message = f"Invalid value {score}, range for oom score adj is [-{OOM_SCORE}, {OOM_SCORE}]"
        raise ApiError(400, message)
    if (host_config.get("Runtime") or "runc") not in ("runc", "io.containerd.runc.v2"):
        raise ApiError(400, f"Unknown runtime specified {host_config['Runtime']}")
    for path in host_config.get("Tmpfs") or ():
        if not path.startswith("/"):
            raise ApiError(400, f"invalid mount path: '{path}' mount path must be absolute")


def _check_ports(host_config: JsonDict) -> None:
    for port, bindings in (host_config.get("PortBindings") or {}).items():
        number = port.partition("/")[0]
        if not _is_port(number):
            raise ApiError(400, f'invalid port specification: "{number}"')
        for binding in bindings or ():
            host_port = binding.get("HostPort") or "0"
            first, dash, last = host_port.partition("-")
            is_range = _is_port(first) and _is_port(last or first)
            if not is_range or (dash and int(first) > int(last)):
                raise ApiError(400, f'invalid port specification: "{host_port}"')


def _is_port(text: str) -> bool:
    return text.isdecimal() and int(text) <= HIGHEST_PORT


def _check_logging(log_config: JsonDict) -> None:
    driver = log_config.get("Type") or "json-file"
    if driver not in LOG_DRIVERS:
        message = f'error looking up logging plugin {driver}: plugin "{driver}" not found'
        raise ApiError(400, message)
    if driver == "json-file":
        for option in log_config.get("Config") or {}:
            if option not in LOG_OPTIONS:
                message = f"unknown log opt '{option}' for json-file log driver"
                raise ApiError(400, message)


def _check_security(host_config: JsonDict) -> None:
    for option in host_config.get("SecurityOpt") or ():
        if "=" not in option and ":" not in option and option != "no-new-privileges":
            raise ApiError(500, f'invalid --security-opt 1: "{option}"')
    if host_config.get("StorageOpt"):
        message = "--storage-opt is supported only for overlay over xfs with 'pquota' mount option"
        raise ApiError(500, message)


def _image(world: World, reference: str, call: Call, warnings: list[str]) -> tuple[str, JsonDict]:
    if not reference:
        return "", {}
    image_id = world.images.find(reference)
    if image_id is None:
        if not reference.startswith("sha256:"):
            checked_reference(reference)
        raise ApiError(404, missing_image(reference))
    image = world.images.images[image_id]
    made_for = Platform.parse(image.platform)
    asked = call.query.get("platform")
    if asked and not made_for.suits(Platform.parse(asked)):
        raise other_platform(reference, Platform.parse(asked), made_for)
    if not asked and not made_for.suits(NATIVE):
        warnings.append(
            f"The requested image's platform ({made_for}) does not match the detected host platform "
            f"({NATIVE}) and no specific platform was requested"
        )
    return image_id, image.config()


def _links(world: World, container: Container) -> dict[str, str]:
    """The links of a new container: alias to id."""
    links = {}
    for text in container.host_config["Links"] or ():
        if not text:
            raise ApiError(500, "empty string specified for links")
        ref, _, alias = text.partition(":")
        if ":" in alias:
            raise ApiError(500, f"bad format for links: {text}")
        target = world.find_container(ref)
        if target is None:
            reason = f"could not get container for {ref}: No such container: {ref}"
            raise ApiError(400, reason)
        links[(alias or ref).rpartition("/")[2]] = target.id
    container.host_config["Links"] = None
    return links


def _join_others(world: World, container: Container) -> None:
    """Write down the ids of containers whose namespaces are shared, as later names do not count."""
    host_config = container.host_config
    for key in ("NetworkMode", "PidMode", "IpcMode"):
        kind, colon, ref = host_config[key].partition(":")
        if kind != "container" or not colon:
            continue
        target = world.find_container(ref)
        if target is not None:
            host_config[key] = f"container:{target.id}"
        elif key != "NetworkMode":
            raise ApiError(400, f"No such container: {ref}")
