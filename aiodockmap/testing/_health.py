"""Health checks, which go on as long as a container runs."""

from __future__ import annotations

from typing import Final

from attrs import define, field

from ._answers import JsonDict
from ._commands import Print
from ._records import Container, Process
from ._running import Running
from ._starting import health_program
from ._timeline import Appointment
from ._world import World

NANOSECONDS: Final = 10**9
DEFAULT_INTERVAL: Final = 30 * NANOSECONDS
DEFAULT_TIMEOUT: Final = 30 * NANOSECONDS
DEFAULT_RETRIES: Final = 3
DEFAULT_SHELL: Final = ("/bin/sh", "-c")
LOG_LENGTH: Final = 5
TIMED_OUT: Final = -1


def begin_health_checks(world: World, container: Container, process: Process) -> None:
    """Have the health of a container checked, if it has a check."""
    check: JsonDict = container.config.get("Healthcheck") or {}
    if (check.get("Test") or ["NONE"])[0] in ("NONE", ""):
        container.state.health = None
        return
    health: JsonDict = {"Status": "starting", "FailingStreak": 0, "Log": []}
    container.state.health = health
    told = process.behaviour.health
    codes = None if told is None else list(told)
    checks = _Checks(
        world=world, container=container, process=process, check=check, health=health, codes=codes
    )
    checks.begin_later()


@define(eq=False, kw_only=True)
class _Checks:
    """The checks of one process."""

    world: World
    container: Container
    process: Process
    check: JsonDict
    health: JsonDict
    """`State.Health`."""
    codes: list[int] | None
    """What it was told that they end with; None for what their command says."""
    started: float = field(init=False)
    stamp: str = ""
    """When the latest one began."""
    running: Running | None = None
    limit: Appointment | None = None
    printed: list[str] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.started = self.world.timeline.now

    def begin_later(self) -> None:
        """Check in an interval."""
        interval = (self.check.get("Interval") or DEFAULT_INTERVAL) / NANOSECONDS
        self.process.appointments.append(self.world.timeline.after(interval, self.begin))

    def begin(self) -> None:
        """Check, unless nobody is there who could."""
        if self.world.is_down:
            self.begin_later()
            return
        self.stamp = self.world.timeline.stamp()
        if self.codes is not None:
            code = self.codes.pop(0) if len(self.codes) > 1 else self.codes[0]
            self.end(code)
            return
        kind, *command = self.check["Test"]
        if kind == "CMD-SHELL":
            command = [*(self.container.config.get("Shell") or DEFAULT_SHELL), *command]
        seconds = (self.check.get("Timeout") or DEFAULT_TIMEOUT) / NANOSECONDS
        self.printed = []
        if not command:
            self.printed = ["No exec command specified"]
            self.end(TIMED_OUT)
            return
        self.limit = self.world.timeline.after(seconds, self.give_up)
        self.process.appointments.append(self.limit)
        program = health_program(self.world, self.container, command)
        self.running, begin = program.start(write=self.write, ended=self.end)
        begin()

    def write(self, printed: Print) -> None:
        """Keep what a check prints."""
        self.printed.append(printed.text)

    def give_up(self) -> None:
        """End a check that takes too long."""
        if self.running is not None:
            self.running.stop()
        seconds = (self.check.get("Timeout") or DEFAULT_TIMEOUT) / NANOSECONDS
        said = f"Health check exceeded timeout ({_duration(seconds)})"
        has_more = self.printed and self.world.release.shows_output_of_slow_checks
        self.printed = [said, ": ", *self.printed] if has_more else [said]
        self.end(TIMED_OUT)

    def end(self, code: int) -> None:
        """Judge by the end of a check, unless that of the container came before."""
        if self.limit is not None:
            self.limit.call_off()
        if self.container.process is not self.process:
            return
        health, timeline = self.health, self.world.timeline
        entry = {
            "Start": self.stamp,
            "End": timeline.stamp(),
            "ExitCode": code,
            "Output": self.process.behaviour.health_output or "".join(self.printed),
        }
        health["Log"] = [*health["Log"], entry][-LOG_LENGTH:]
        start_period = (self.check.get("StartPeriod") or 0) / NANOSECONDS
        is_early = timeline.now - self.started < start_period and health["Status"] == "starting"
        before = health["Status"]
        _judge(health, code, self.check.get("Retries") or DEFAULT_RETRIES, is_early=is_early)
        if health["Status"] != before:
            self.world.events.of_container(self.container, f"health_status: {health['Status']}")
        timeline.tell()
        self.begin_later()


def _duration(seconds: float) -> str:
    """Seconds as Go writes them, as far as timeouts need that: `1.5s`, `500ms`, `1m30s`."""
    minutes, rest = divmod(seconds, 60)
    if minutes:
        return f"{minutes:g}m{rest:g}s"
    return f"{rest:g}s" if rest >= 1 else f"{rest * 1000:g}ms"


def _judge(health: JsonDict, code: int, retries: int, *, is_early: bool) -> None:
    if code == 0:
        health["Status"] = "healthy"
        health["FailingStreak"] = 0
    elif not is_early:
        health["FailingStreak"] += 1
        if health["FailingStreak"] >= retries:
            health["Status"] = "unhealthy"
