"""Two engines, one real and one embedded, and what they say to the same calls."""

from __future__ import annotations

import json
import os
import platform
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import pytest
from anyio import to_thread
from attrs import frozen
from raw_engine import RawEngine

from aiodockmap.engine import ApiRequest, Refused, Transport
from aiodockmap.testing import EmbeddedEngine, EmbeddedImage

T = TypeVar("T")
PREFIX = "adm0c0ffeecontract"
MASKS = {
    # Numbers and texts that differ with every run; whether there is something is compared.
    "Pid": "pid",
    "SandboxID": "id",
    "SandboxKey": "path",
    "ResolvConfPath": "path",
    "HostnamePath": "path",
    "HostsPath": "path",
    "LogPath": "path",
    "EndpointID": "id",
    "IPAddress": "address",
    "IPv4Address": "address",
    "IPv6Address": "address",
    "GlobalIPv6Address": "address",
    "IPv6Gateway": "address",
    "IPPrefixLen": "length",
    "Gateway": "address",
    "Subnet": "address",
    "MacAddress": "address",
    "PublicPort": "port",
    "HostPort": "port",
    "Created": "moment",
    "LastTagTime": "moment",
    "Size": "size",
    "VirtualSize": "size",
    "SharedSize": "size",
    "SizeRootFs": "size",
    "LayersSize": "size",
    "SpaceReclaimed": "size",
    # What no engine in memory has.
    "GraphDriver": "storage",
    "RootFS": "storage",
    "Comment": "origin",
    "DockerVersion": "origin",
    "Start": "moment",
    "End": "moment",
}
"""All that is not compared literally, by the name of the field."""
ASKED_FOR = re.compile(r"10[.]213[.]|fd00:")
"""How addresses start that are not an engine's own choice, as those of subnets that calls ask for."""
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
OWN_ADDRESSES = {"10.213.": f"10.{220 + WORKER}.", "fd00:": f"fd{WORKER:02x}:"}
"""What is asked for in their place: tests that run at the same time share a real engine."""
STARTS = re.compile(r"containers/(?P<container>[^/]+)/(?:start|restart)$")
UNORDERED = ("Mounts", "Links", "Aliases", "Ports", "Volumes")
TEXT_MASKS = (
    (re.compile(r"(?:sha256:)?\b[0-9a-f]{64}\b"), "<id>"),
    (re.compile(r"\b[0-9a-f]{12}\b"), "<short id>"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z(?<!0001-01-01T00:00:00Z)"), "<moment>"),
    (re.compile(r"(?:/[\w.-]+)+(?=/(?:volumes|overlay2)/)"), "<root>"),
    (re.compile(r"(?<=cannot be connected to network endpoints: ).*"), "<names>"),
    (re.compile(r"(?<=be created with multiple network endpoints: ).*"), "<names>"),
    # Docker 28.5 binds both families, and names the one that it tried first.
    (re.compile(r"(?<=Bind for )(?:0\.0\.0\.0|::)(?=:\d+ failed)"), "<any address>"),
    (re.compile(r"^Up .*?(?=$| \()"), "Up <span>"),
    (re.compile(r"(?<=\) )(?:\d+ \w+|Less than a second|About a minute) ago"), "<span> ago"),
)


@frozen
class Said:
    """An answer without what differs with every run."""

    status: int
    body: Any

    @property
    def message(self) -> str:
        """What is wrong."""
        assert isinstance(self.body, dict), self
        return str(self.body["message"])


@frozen
class Partner:
    """An engine to talk to. In calls and answers, `~` is the start of all names."""

    transport: Transport
    prefix: str
    release: str
    """`20.10` or `28.5`."""
    embedded: EmbeddedEngine | None = None
    """The engine itself, where it is one."""

    async def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, **query: str
    ) -> Said:
        """Make a call; bodies and errors come back masked."""
        status, answer = await self.ask_openly(method, path, body, **query)
        return Said(status, masked(answer, self.prefix))

    async def ask_openly(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, **query: str
    ) -> tuple[int, Any]:
        """Make a call; what is answered is as it came."""
        request = ApiRequest(
            method=method,
            path=self.named(path),
            query={key: self.named(value) for key, value in query.items()},
            body=None if body is None else json.loads(self.named(json.dumps(body))),
            timeout=30,
        )
        try:
            response = await self.transport.request(request)
        except Refused as refusal:
            return refusal.status or 0, {"message": refusal.message}
        if self.embedded is None and (started := STARTS.match(request.path)):
            await self._begin(started["container"])
        is_json = response.headers.get("content-type", "").startswith("application/json")
        is_one = response.body and not re.search(rb"}\r?\n{", response.body)
        if not is_json or not is_one:
            return response.status, response.body
        return response.status, json.loads(response.body)

    async def _begin(self, container: str) -> None:
        """Wait for the program of a started container: Docker answers while runc still stands in its place.

        A signal would end that with 2, though the program ignores it. Of an engine on another machine nothing
        can be read, and nothing is waited for.
        """
        question = ApiRequest(method="GET", path=f"containers/{container}/json", timeout=30)
        try:
            response = await self.transport.request(question)
        except Refused:
            return
        process = json.loads(response.body)["State"]["Pid"]
        await to_thread.run_sync(wait_for_program, Path("/proc", str(process), "cmdline"))

    def either(self, on_20: T, *, on_28: T) -> T:
        """What this engine says, of what the releases say."""
        return on_20 if self.release == "20.10" else on_28

    def named(self, text: str) -> str:
        return named(text, self.prefix)


def wait_for_program(command_line: Path) -> None:
    """Return as soon as runc has handed its process over, or that has gone."""
    with suppress(OSError):
        while command_line.read_bytes() == b"runc\0init\0":
            time.sleep(0.01)


def named(text: str, prefix: str) -> str:
    """Ask for things that are the test's own: names, and addresses."""
    text = text.replace("~", prefix)
    for written, own in OWN_ADDRESSES.items():
        text = text.replace(written, own)
    return text


def masked(value: Any, prefix: str, key: str = "") -> Any:
    """Replace what differs with every run, and sort what has no order."""
    value = _as_written(value)
    if key in MASKS and not (MASKS[key] == "address" and ASKED_FOR.match(str(value))):
        return f"<{MASKS[key]}>" if value else value
    if key == "Containers" and isinstance(value, dict):
        # Others may be attached to the networks that every engine has.
        own = {name: it for name, it in value.items() if it["Name"].startswith(prefix)}
        return masked(own, prefix)
    if isinstance(value, dict):
        return {
            masked(name, prefix): masked(content, prefix, name) for name, content in value.items()
        }
    if isinstance(value, list):
        contents = [masked(content, prefix) for content in value]
        return sorted(contents, key=repr) if key in UNORDERED else contents
    if isinstance(value, str):
        value = value.replace(prefix, "~")
        for pattern, replacement in TEXT_MASKS:
            value = pattern.sub(replacement, value)
    return value


def _as_written(value: Any) -> Any:
    if isinstance(value, str):
        for written, own in OWN_ADDRESSES.items():
            value = value.replace(own, written)
    return value


def differences(embedded: Any, real: Any, path: str = "$") -> list[str]:
    """Where two masked answers differ, field by field."""
    if isinstance(embedded, dict) and isinstance(real, dict):
        found = [
            line
            for key in embedded.keys() & real.keys()
            for line in differences(embedded[key], real[key], f"{path}.{key}")
        ]
        found += [f"{path}.{key}: only here: {embedded[key]!r}" for key in embedded.keys() - real]
        found += [f"{path}.{key}: only there: {real[key]!r}" for key in real.keys() - embedded]
        return sorted(found)
    if isinstance(embedded, list) and isinstance(real, list) and len(embedded) == len(real):
        return [
            line
            for index, (one, other) in enumerate(zip(embedded, real, strict=True))
            for line in differences(one, other, f"{path}[{index}]")
        ]
    return [] if embedded == real else [f"{path}: {embedded!r}, and really {real!r}"]


RICH_IMAGE = EmbeddedImage(
    command=("1000",),
    entrypoint=("/bin/sleep",),
    environment=("A=image", "B=image"),
    labels={"a": "image", "b": "image"},
    exposed_ports=("80/tcp",),
    volumes=("/data",),
    user="1",
    working_directory="/tmp",
    healthcheck={"Test": ["CMD-SHELL", "true"], "Interval": 60_000_000_000, "Retries": 5},
)
RICH_CHANGES = """\
CMD ["1000"]
ENTRYPOINT ["/bin/sleep"]
ENV A=image
ENV B=image
LABEL a=image b=image
EXPOSE 80
VOLUME /data
USER 1
WORKDIR /tmp
HEALTHCHECK --interval=60s --retries=5 CMD true"""
"""The same for an import."""


def release_of(engine: RawEngine) -> str:
    """Which of the releases that there are embedded a real engine is."""
    version: str = engine.get("version")["Version"]
    release = ".".join(version.split(".")[:2])
    if release not in EmbeddedEngine.releases:
        known = " and ".join(EmbeddedEngine.releases)
        pytest.fail(
            f"the engine of the tests is Docker {version}; embedded there are {known}, "
            "which nothing else can be compared with",
            pytrace=False,
        )
    return release


def embedded_partner_of(release: str) -> Partner:
    """The embedded engine of a release, to talk to."""
    engine = embedded_engine(release)
    return Partner(engine.transport(), PREFIX, release, engine)


def embedded_engine(release: str) -> EmbeddedEngine:
    """The embedded counterpart of an engine of the tests."""
    return EmbeddedEngine(
        {
            "aiodockmap-test:latest": EmbeddedImage(),
            "aiodockmap-test:rich": RICH_IMAGE,
        },
        name=platform.node(),
        release=release,
    )
