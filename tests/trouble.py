"""A landscape that something happens to, and what has to be true of it afterwards.

With every change it happens a few times; many times by hand:
`FAULT_ROUNDS=50 .ci/engine .venv/bin/python -m pytest tests/faults --timeout 3000`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

from raw_engine import RawEngine

from aiodockmap import ContainerMap, MapClient

ACTIONS: Final = ("startup", "update", "stop", "start", "shutdown")
"""A life, in order: each leaves what the next one begins with."""

ROUNDS: Final = int(os.environ.get("FAULT_ROUNDS", "0"))
"""How often each fault is tried by hand; 0 for the few times of every change."""

OPTIONS: Final[Mapping[str, Mapping[str, Any]]] = {"shutdown": {"remove_attached": True}}


def landscape(level: str) -> dict[str, Any]:
    """Everything that takes several steps: a volume with an owner, networks, followers, commands."""
    environment = {"environment": {"LEVEL": level}}
    shared = {"image": "/site-example", "stop_timeout": 2}
    return {
        "db": {
            **shared,
            "attaches": ["data"],
            "user": "2000",
            "networks": ["back"],
            "create_options": environment,
        },
        "web": {
            **shared,
            "uses": ["data"],
            "networks": {"back": {"links": "db"}, "front": None},
            "exec_commands": ["/bin/touch /tmp/touched"],
            "create_options": environment,
        },
        "side": {**shared, "network_mode": "web"},
        "volumes": {"data": "/data"},
        "networks": {"back": None, "front": None},
    }


def site(name: str, action: str) -> ContainerMap:
    """The map that an action is carried out with: `update` is the first to have the new level."""
    return ContainerMap(name, landscape("old" if action == "startup" else "new"))


async def act(client: MapClient, action: str) -> None:
    await getattr(client, action)("__all__", **OPTIONS.get(action, {}))


async def check(client: MapClient, engine: RawEngine, name: str, action: str) -> None:
    """The action has reached its goal: nothing is left to do, and nothing is left over."""
    options: dict[str, Any] = dict(OPTIONS.get(action, {}))
    if action == "update":
        # What a command did is over: its process cannot be found.
        options["check_exec_commands"] = "none"
    plan = await client.plan(action, "__all__", **options)
    assert plan.is_empty, plan.render()
    names = [] if action == "shutdown" else [f"{name}.{each}" for each in ("db", "side", "web")]
    assert engine.container_names(name) == names
    assert engine.volume_names(name) == ([] if action == "shutdown" else [f"{name}.data"])
    for each in names:
        found = engine.get(f"containers/{each}/json")
        assert found["State"]["Running"] == (action != "stop"), each
        if not each.endswith("side"):
            level = "old" if action == "startup" else "new"
            assert f"LEVEL={level}" in found["Config"]["Env"], each
