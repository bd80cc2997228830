"""How long it takes to load, compile and plan a map of 1,000 containers: `make benchmarks`.

Twenty services of fifty instances each; every service uses the volume of the one before it, so that
there is something to order. No engine: the plan is made for an empty one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from aiodockmap import ClientConfiguration, ContainerMap
from aiodockmap.compile import CompileRequest, compile_maps
from aiodockmap.config import select_items
from aiodockmap.model import DEFAULT_ENGINE
from aiodockmap.plan import PlanRequest, Verb, make_plan
from aiodockmap.state import EngineInfo, EngineState, ObservedState

SERVICES = 20
INSTANCES = 50
MAP = "big"

T = TypeVar("T")


def measured(what: str, work: Callable[[], T]) -> T:
    """Do something and print how long it took."""
    began = time.perf_counter()
    found = work()
    print(f"{what:<8}{time.perf_counter() - began:8.3f} s")
    return found


def description() -> dict[str, object]:
    """Return the map as a dict."""
    containers: dict[str, object] = {
        f"service{number}": {
            "image": "app",
            "instances": [f"instance{instance}" for instance in range(INSTANCES)],
            "attaches": f"volume{number}",
            "uses": f"volume{number - 1}" if number else [],
            "create_options": {"environment": {"NUMBER": str(number)}},
        }
        for number in range(SERVICES)
    }
    volumes = {f"volume{number}": f"/var/{number}" for number in range(SERVICES)}
    return {"volumes": volumes, **containers}


def main() -> None:
    described = description()
    big = measured("load", lambda: ContainerMap(MAP, described))
    selected = measured("select", lambda: select_items({MAP: big}, "__all__", default_map=MAP))
    clients = {DEFAULT_ENGINE: ClientConfiguration()}
    desired = measured(
        "compile", lambda: compile_maps({MAP: big}, clients, CompileRequest(selected=selected))
    )
    empty = ObservedState(
        engines={DEFAULT_ENGINE: EngineState(info=EngineInfo(api_version=(1, 41)))}
    )
    request = PlanRequest(verb=Verb.STARTUP, selected=tuple(desired.containers))
    plan = measured("plan", lambda: make_plan(desired, empty, request))
    measured("render", plan.render)
    print(f"{len(desired.containers)} containers, {len(plan.steps)} steps")


if __name__ == "__main__":
    main()
