"""Health checks, which go on as long as a container runs."""

from __future__ import annotations

from typing import Final

from ._answers import JsonDict
from ._records import Container, Process
from ._world import World

NANOSECONDS: Final = 10**9
DEFAULT_INTERVAL: Final = 30 * NANOSECONDS
DEFAULT_RETRIES: Final = 3
LOG_LENGTH: Final = 5


def begin_health_checks(world: World, container: Container, process: Process) -> None:
    """Have the health of a container checked, if it has a check."""
    check: JsonDict = container.config.get("Healthcheck") or {}
    if (check.get("Test") or ["NONE"])[0] in ("NONE", ""):
        container.state.health = None
        return
    health: JsonDict = {"Status": "starting", "FailingStreak": 0, "Log": []}
    container.state.health = health
    started = world.timeline.now
    interval = (check.get("Interval") or DEFAULT_INTERVAL) / NANOSECONDS
    start_period = (check.get("StartPeriod") or 0) / NANOSECONDS
    codes = list(process.behaviour.health)

    def probe() -> None:
        process.appointments.append(world.timeline.after(interval, probe))
        if world.is_down:
            return
        code = codes.pop(0) if len(codes) > 1 else codes[0]
        stamp = world.timeline.stamp()
        entry = {
            "Start": stamp,
            "End": stamp,
            "ExitCode": code,
            "Output": process.behaviour.health_output,
        }
        health["Log"] = [*health["Log"], entry][-LOG_LENGTH:]
        is_early = world.timeline.now - started < start_period and health["Status"] == "starting"
        before = health["Status"]
        _judge(health, code, check.get("Retries") or DEFAULT_RETRIES, is_early=is_early)
        if health["Status"] != before:
            world.events.of_container(container, f"health_status: {health['Status']}")
        world.timeline.tell()

    process.appointments.append(world.timeline.after(interval, probe))


def _judge(health: JsonDict, code: int, retries: int, *, is_early: bool) -> None:
    if code == 0:
        health["Status"] = "healthy"
        health["FailingStreak"] = 0
    elif not is_early:
        health["FailingStreak"] += 1
        if health["FailingStreak"] >= retries:
            health["Status"] = "unhealthy"
