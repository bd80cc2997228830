"""Calls about the engine itself."""

from __future__ import annotations

from typing import Final

from ._answers import Answer, ApiError, Call, Reply, json_answer
from ._events import stream_events
from ._world import DATA_ROOT, World

KERNEL: Final = "6.1.0"


def ping(world: World, call: Call) -> Reply:
    """`GET /_ping` and `HEAD /_ping`."""
    return Answer(
        headers={
            **world.release.ping_headers,
            "cache-control": "no-cache, no-store, must-revalidate",
            "content-type": "text/plain; charset=utf-8",
            "pragma": "no-cache",
        },
        body=b"" if call.method == "HEAD" else b"OK",
    )


def version(world: World, call: Call) -> Reply:
    """`GET /version`."""
    del call
    release = world.release
    details = {
        "ApiVersion": release.api_version,
        "Arch": "amd64",
        "BuildTime": "",
        "Experimental": "false",
        "GitCommit": "",
        "GoVersion": "",
        "KernelVersion": KERNEL,
        "MinAPIVersion": release.oldest_api_version,
        "Os": "linux",
    }
    return json_answer(
        {
            "Platform": {"Name": "aiodockmap embedded engine"},
            "Components": [{"Name": "Engine", "Version": release.version, "Details": details}],
            "Version": release.version,
            "ApiVersion": release.api_version,
            "MinAPIVersion": release.oldest_api_version,
            "GitCommit": "",
            "GoVersion": "",
            "Os": "linux",
            "Arch": "amd64",
            "KernelVersion": KERNEL,
            "BuildTime": "",
        }
    )


def events(world: World, call: Call) -> Reply:
    """`GET /events`."""
    return stream_events(world.events, call)


def info(world: World, call: Call) -> Reply:
    """`GET /info`."""
    del call
    states = [container.state.status for container in world.containers.values()]
    paused = states.count("paused")
    running = sum(container.state.is_running for container in world.containers.values()) - paused
    return json_answer(
        {
            "ID": f"embedded:{world.name}",
            "Containers": len(states),
            "ContainersRunning": running,
            "ContainersPaused": paused,
            "ContainersStopped": len(states) - running - paused,
            "Images": len(world.images.images),
            "Driver": "overlay2",
            "DriverStatus": [],
            "Plugins": {
                "Volume": ["local"],
                "Network": ["bridge", "host", "ipvlan", "macvlan", "null"],
                "Authorization": None,
                "Log": ["json-file", "local"],
            },
            **dict.fromkeys(world.release.capabilities, True),
            "Debug": False,
            "SystemTime": world.timeline.stamp(),
            "LoggingDriver": "json-file",
            "CgroupDriver": "cgroupfs",
            "CgroupVersion": "1",
            "KernelVersion": KERNEL,
            "OperatingSystem": "aiodockmap embedded engine",
            "OSType": "linux",
            "Architecture": "x86_64",
            "RegistryConfig": {"IndexConfigs": {}, "Mirrors": []},
            "NCPU": world.cpus,
            "MemTotal": world.memory,
            "DockerRootDir": DATA_ROOT,
            "Name": world.name,
            "Labels": [],
            "ServerVersion": world.release.version,
            "Runtimes": {"runc": {"path": "runc"}},
            "DefaultRuntime": "runc",
            "Swarm": {"LocalNodeState": "inactive", "NodeID": "", "ControlAvailable": False},
            "SecurityOptions": ["name=seccomp,profile=default"],
            "Warnings": None,
            **world.release.info,
        }
    )


def list_plugins(world: World, call: Call) -> Reply:  # noqa: ARG001  # as all calls
    """`GET /plugins`: there are none."""
    return json_answer([])


def inspect_plugin(world: World, call: Call) -> Reply:  # noqa: ARG001
    """`GET /plugins/{name}/json`: `docker inspect` looks there, too, for a name that nothing has."""
    raise ApiError(404, f'plugin "{call.ref}" not found')
