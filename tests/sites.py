"""Clients of one map on an embedded engine, and what is seen of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiodockmap import ContainerMap, MapClient, Plan, RunState
from aiodockmap.engine import ApiRequest
from aiodockmap.testing import Behaviour, EmbeddedEngine

__all__ = [
    "IMAGE",
    "PROMPT",
    "calls_of",
    "client_of",
    "config_of",
    "host_config_of",
    "somebody_calls",
    "state_of",
    "steps_of",
]

IMAGE: Final = "site-example:latest"
SECTIONS: Final = ("volumes", "networks", "host", "groups", "use_attached_parent_name")
PROMPT: Final = Behaviour(handles={"SIGTERM": 0, "SIGINT": 0})


def client_of(
    engine: EmbeddedEngine, landscape: Mapping[str, object], **settings: Any
) -> MapClient:
    """A client of one map, `m`, in which every container has the image unless it says another one."""
    written = {
        name: {"image": IMAGE, **entry}
        if name not in SECTIONS and isinstance(entry, dict)
        else entry
        for name, entry in landscape.items()
    }
    return MapClient(
        ContainerMap("m", written),
        default_client=engine.transport(),
        **settings,
    )


def steps_of(plan: Plan) -> list[str]:
    """The steps in words, without their numbers."""
    return [str(step).partition(" ")[2] for step in plan.steps]


def calls_of(engine: EmbeddedEngine, start: int = 0) -> list[str]:
    """The changing calls from the given one on: the last word of each, and the name that it is about."""
    return [
        f"{call.call.rpartition('/')[2].partition('?')[0]} {call.name}"
        for call in engine.calls[start:]
        if not call.call.startswith(("GET", "HEAD"))
    ]


def host_config_of(engine: EmbeddedEngine, name: str) -> dict[str, Any]:
    found = engine.container(name)
    assert found is not None, engine.container_names()
    return dict(found["HostConfig"])


def config_of(engine: EmbeddedEngine, name: str) -> dict[str, Any]:
    found = engine.container(name)
    assert found is not None, engine.container_names()
    return dict(found["Config"])


async def somebody_calls(
    engine: EmbeddedEngine, path: str, body: Any, method: str = "POST", **query: str
) -> None:
    """Somebody else's call."""
    await engine.transport().request(ApiRequest(method=method, path=path, body=body, query=query))


async def state_of(client: MapClient, container: str) -> RunState | None:
    [status] = await client.status(container)
    return status.state
