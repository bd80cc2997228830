"""What a real engine shows of itself: its log of events, and the files inside of containers."""

from __future__ import annotations

import io
import json
import socket
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from datetime import datetime
from http.client import HTTPException
from threading import Thread
from typing import Any
from urllib.parse import quote

from attrs import frozen
from raw_engine import RawEngine

__all__ = [
    "EngineEvent",
    "EngineLog",
    "FileView",
    "WAIT",
    "file_in",
    "free_ports",
    "run_until_told",
    "text_in",
]

LONGEST_RECORD = 120.0
"""Seconds; no test lasts that long, and the engine ends the record by itself."""

TRAPS = "trap 'exit 0' TERM INT; trap 'echo HUP >>/tmp/signals' HUP; "
WAIT = "echo ready >/tmp/ready; while :; do sleep 1000 & wait $!; done"


def run_until_told(*, first_exit: int | None = None, ignored: str = "") -> list[str]:
    """A command that ends with code 0 at a SIGTERM or SIGINT, and writes down a SIGHUP.

    Args:
        first_exit: At its first start it ends at once instead, with this code.
        ignored: A signal that it pays no attention to, such as `INT`.
    """
    first = (
        "" if first_exit is None else f"[ -e /tmp/once ] || {{ >/tmp/once; exit {first_exit}; }}; "
    )
    deaf = f"trap : {ignored}; " if ignored else ""
    return ["/bin/sh", "-c", f"{first}{TRAPS}{deaf}{WAIT}"]


@frozen(kw_only=True)
class FileView:
    """One entry of a container's file system."""

    owner: str
    """`uid:gid`."""
    mode: int
    content: str | None
    """None for a folder."""


def file_in(engine: RawEngine, container: str, path: str) -> FileView | None:
    """Look at a file or folder, also of a container that does not run; None if it is not there."""
    status, answer = engine.call("GET", f"containers/{quote(container)}/archive", path=path)
    if status != 200:
        return None
    with tarfile.open(fileobj=io.BytesIO(answer)) as archive:
        entry = archive.next()
        assert entry is not None, f"{path} in {container} is an empty archive"
        file = archive.extractfile(entry)
        content = None if file is None else file.read().decode()
        return FileView(owner=f"{entry.uid}:{entry.gid}", mode=entry.mode & 0o7777, content=content)


def text_in(engine: RawEngine, container: str, path: str) -> str:
    """The text of a file in a container; empty if there is none."""
    found = file_in(engine, container, path)
    return "" if found is None else found.content or ""


@frozen(kw_only=True)
class EngineEvent:
    """One entry of an engine's own log."""

    kind: str
    """`container`, `volume`, `network` or `image`."""
    action: str
    """`create`, `start`, `die` …, as the engine writes it."""
    name: str
    seconds: float
    attributes: Mapping[str, str]


class _Recorder(Thread):
    """Writes events down as they come: an engine itself remembers the last 256 only, of all its users."""

    def __init__(self, engine: RawEngine, since: str) -> None:
        super().__init__(name="events", daemon=True)
        self.entries: list[Mapping[str, Any]] = []
        until = f"{float(since) + LONGEST_RECORD:.6f}"
        self._lines = engine.lines("events", since=since, until=until)

    def run(self) -> None:
        with suppress(OSError, HTTPException, ValueError):  # the engine is gone
            for line in self._lines:
                self.entries.append(json.loads(line))


@frozen(kw_only=True)
class EngineLog:
    """What an engine wrote down from one moment on, for two minutes at most."""

    engine: RawEngine
    since: str
    _recorder: _Recorder

    @classmethod
    def from_now(cls, engine: RawEngine) -> EngineLog:
        """Begin now, by the clock of the engine."""
        since = _now(engine)
        recorder = _Recorder(engine, since)
        recorder.start()
        return cls(engine=engine, since=since, recorder=recorder)

    def of(self, *starts: str) -> tuple[EngineEvent, ...]:
        """Everything until now about names with one of these starts, in the order of time."""
        status, answer = self.engine.call(
            "GET", "events", None, since=self.since, until=_now(self.engine)
        )
        assert status == 200, answer
        # What was recorded may lag behind what is remembered.
        entries = {
            json.dumps(each): each for each in (*self._recorder.entries, *_documents(answer))
        }
        found = [_event(entry) for entry in entries.values()]
        return tuple(
            sorted(
                (event for event in found if event.name.startswith(starts)),
                key=lambda event: event.seconds,
            )
        )


def _now(engine: RawEngine) -> str:
    moment = datetime.fromisoformat(engine.get("info")["SystemTime"])
    return f"{moment.timestamp():.6f}"


def _documents(answer: Any) -> Iterator[Mapping[str, Any]]:
    if not isinstance(answer, bytes):  # a single one
        yield answer
        return
    for line in answer.splitlines():
        if line.strip():
            yield json.loads(line)


def _event(entry: Mapping[str, Any]) -> EngineEvent:
    actor = entry["Actor"]
    attributes = actor.get("Attributes") or {}
    # Volumes and images are their own names.
    named_by_id = entry["Type"] in {"volume", "image"}
    return EngineEvent(
        kind=entry["Type"],
        action=entry["Action"],
        name=actor["ID"] if named_by_id else attributes.get("name", actor["ID"]),
        seconds=entry["timeNano"] / 1e9,
        attributes=attributes,
    )


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on."""
    with ExitStack() as probes:
        found: list[int] = []
        for _ in range(count):
            probe = probes.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            found.append(probe.getsockname()[1])
        return found
