"""Whatever a map says, there is an error of ours, or a plan, and soon (ERR-10)."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import yaml
from hostile_values import spoilt
from hypothesis import given, settings
from hypothesis import strategies as st
from run_partners import in_virtual_time

from aiodockmap import (
    AioDockMapError,
    ClientConfiguration,
    ContainerMap,
    MapClient,
    MapError,
    load_map,
)
from aiodockmap.config import sound_part
from aiodockmap.testing import EmbeddedEngine

FUZZ = settings.get_profile("fuzz")

IMAGE = "site-example"
LONGEST = 2_000
"""Characters of one problem; values that are longer are cut."""
PATIENCE = 30
"""Seconds, on the busiest machine: no input may keep it busy for long."""

LANDSCAPE: dict[str, Any] = {
    "repository": "reg.test",
    "default_tag": "1",
    "default_domain": "site.test",
    "set_hostname": True,
    "groups": {"all": ["web", "app.one"]},
    "host_root": "/srv",
    "host": {"conf": "conf", "data": {"one": "/d/one", "two": "/d/two", "default": "/d"}},
    "volumes": {
        "sock": "/run/app",
        "data": "/data",
        "logs": {
            "default_path": "/log",
            "driver": "local",
            "driver_options": {"type": "tmpfs"},
            "user": 2000,
            "permissions": "u=rwX",
            "create_options": {"labels": {"a": "b"}},
        },
    },
    "networks": {
        "front": None,
        "back": {"driver": "bridge", "driver_options": {"x": "y"}, "internal": True},
    },
    "containers": {
        "base": {
            "abstract": True,
            "image": f"/{IMAGE}",
            "create_options": {"environment": {"A": "1", "B": 2}, "labels": {"l": "m"}},
            "host_config": {
                "mem_limit": "64m",
                "cpu_shares": 512,
                "restart_policy": {"Name": "on-failure", "MaximumRetryCount": 3},
                "ulimits": [{"Name": "nofile", "Soft": 10, "Hard": 20}],
                "dns": ["10.0.0.1"],
                "devices": ["/dev/null:/dev/x:rwm"],
            },
        },
        "app": {
            "extends": ["base"],
            "instances": ["one", "two"],
            "attaches": ["sock", ["logs", "/l"]],
            "binds": [{"data": "ro"}, ["/c", "/h", "ro"]],
            "user": "app:app",
            "permissions": "u=rwX",
            "stop_timeout": 3,
            "stop_signal": "SIGINT",
            "shares": ["/shared"],
            "networks": [["back", ["app"]], {"front": {"ipv4_address": "10.1.1.1"}}],
            "exec_commands": [["/bin/true", "root", "initial"], {"cmd": ["a", "b"]}],
        },
        "web": {
            "extends": ["base"],
            "uses": ["sock", {"logs": "ro"}, "app.one"],
            "links": ["app.one", ["app.two", "two"]],
            "exposes": [80, [443, 8443], {"8080": [8081, "pub", False]}],
            "healthcheck": {"test": ["CMD", "x"], "interval": "10s", "retries": 3},
            "start_delay": 0.1,
            "persistent": True,
        },
        "side": {"image": f"/{IMAGE}", "network_mode": "web"},
    },
}


async def plan_all(site: ContainerMap) -> None:
    engine = EmbeddedEngine(images=(f"{IMAGE}:1",))
    here = ClientConfiguration(client=engine.transport(), interfaces={"pub": "127.0.0.1"})
    async with MapClient(site, default_client=here) as client:
        for action in ("startup", "update", "shutdown"):
            plan = await client.plan(action, "__all__")
            plan.render()
            plan.to_dict()


def read_and_plan(make: Callable[[], ContainerMap]) -> None:
    """Make a map, and plan what can be done with it."""
    in_virtual_time(partial(plan_all, make()))


def try_map(make: Callable[[], ContainerMap]) -> None:
    """The same, where an error of ours is as good."""
    began = time.perf_counter()
    problems: list[str] = []
    try:
        read_and_plan(make)
    except MapError as error:
        problems = [str(problem) for problem in error.problems]
        rest = sound_part(error)
        if rest is not None:
            rest.check_integrity()
            with suppress(AioDockMapError):
                read_and_plan(lambda: rest)
    except AioDockMapError as error:
        problems = str(error).splitlines()
    # A user reads them: in one line each.
    assert max(map(len, problems), default=0) < LONGEST
    assert time.perf_counter() - began < PATIENCE


def test_the_map_that_is_spoilt_is_fine() -> None:
    read_and_plan(lambda: ContainerMap("site", LANDSCAPE))


@settings(FUZZ)
@given(spoilt(LANDSCAPE))
def test_a_map_that_is_wrong_somewhere_is_an_error_of_ours_or_a_plan(data: Any) -> None:
    try_map(lambda: ContainerMap("site", data))


TEXT = yaml.safe_dump({"name": "site", **LANDSCAPE}, sort_keys=False)
TOKENS = [
    *"{}[],:&*!|>'\"%@`#?-\t\n ",
    "<<: *a",
    "&a ",
    "*a",
    "!!python/object/apply:os.system ['id']",
    "!!python/name:os.system",
    "!!binary |",
    "!!set",
    "!!omap",
    "!path",
    "!lazy ",
    "!!int ",
    "!!float ",
    "!!timestamp ",
    "---\n",
    "...\n",
    "%YAML 9.9\n",
    "\0",
    "\ufeff",
    "\u2028",
    "9" * 5_000,
    "0o777",
    "1:2:3",
    ".inf",
    ".nan",
    "~",
]


@st.composite
def spoilt_text(draw: st.DrawFn) -> str:
    text = TEXT
    for _ in range(draw(st.integers(min_value=1, max_value=4))):
        where = draw(st.integers(min_value=0, max_value=len(text)))
        length = draw(st.sampled_from([0, 0, 1, 5, 40]))
        text = text[:where] + draw(st.sampled_from(TOKENS)) + text[where + length :]
    return text


@settings(FUZZ)
@given(spoilt_text())
def test_a_document_that_is_wrong_somewhere_is_an_error_of_ours_or_a_plan(text: str) -> None:
    try_map(lambda: load_map(text))


@settings(FUZZ)
@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_text_or_bytes_are_an_error_of_ours_or_a_map(document: str | bytes) -> None:
    with suppress(MapError):
        load_map(document, name="site")
