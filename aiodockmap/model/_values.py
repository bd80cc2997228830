"""The entries of a container configuration (CFG-45 to CFG-53): positional, frozen, comparable.

They normalise what they are given as far as one value goes; the short forms of whole lists are the
business of the configuration. Fields that may hold late values (LAZY-6) say so in their type.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Final

from attrs import field, frozen

from ._lazy import Lazy, LazyOr, is_late
from ._units import parse_duration_ns
from ._unset import UNSET, UnsetType

_HIGHEST_PORT: Final = 65_535
_EXPOSED_PORT: Final = re.compile(r"([0-9]+)(?:/(tcp|udp|sctp))?", re.IGNORECASE)
_HOST_PORT: Final = re.compile(r"([0-9]+)(?:-([0-9]+))?")


class ExecPolicy(Enum):
    """When an exec command runs."""

    RESTART = "restart"
    """At every start of the container."""
    INITIAL = "initial"
    """Only at the first start after the container was created."""


class CmdCheck(Enum):
    """How an update recognises an exec command among the processes of a container."""

    FULL = "full"
    """The whole command line is equal."""
    PARTIAL = "partial"
    """The command is part of the command line."""
    NONE = "none"
    """It is not checked."""


@frozen
class SharedVolume:
    """An alias, and whether it is mounted read-only."""

    name: str
    readonly: bool = field(default=False, converter=bool)


@frozen
class HostVolume:
    """A path of the container bound to a path of the host."""

    path: LazyOr[str]
    """In the container."""
    host_path: LazyOr[str]
    """On the host; relative to the root of the map's host volumes, if there is one (CFG-72)."""
    readonly: bool = field(default=False, converter=bool)


@frozen
class UsedVolume:
    """A volume, mounted at a path of its own."""

    name: str
    path: LazyOr[str] | None = None
    readonly: bool = field(default=False, converter=bool)


def _text_or_none(value: str | None) -> str | None:
    return value or None


@frozen
class ContainerLink:
    """A container by its name in the map, `c` or `c.i`, and its name inside the linking one."""

    container: str
    alias: str | None = field(default=None, converter=_text_or_none)


def _port(number: str, value: object) -> int:
    port = int(number)
    if port > _HIGHEST_PORT:
        raise ValueError(f"port {value!r} is beyond {_HIGHEST_PORT}")
    return port


def _exposed_port(value: object) -> LazyOr[int | str]:
    if is_late(value):
        return value  # type: ignore[return-value]  # a registered type counts as lazy
    if not isinstance(value, bool) and isinstance(value, int | str):
        found = _EXPOSED_PORT.fullmatch(str(value).strip())
        if found:
            port = _port(found[1], value)
            if port == 0:
                raise ValueError("port 0 cannot be exposed")
            protocol = (found[2] or "tcp").lower()
            return port if protocol == "tcp" else f"{port}/{protocol}"
    raise ValueError(f"{value!r} is no port; write a number, or one with a protocol as in '53/udp'")


def _host_port(value: object) -> LazyOr[int | str] | None:
    if value is None or is_late(value):
        return value  # type: ignore[return-value]  # a registered type counts as lazy
    if value == "":
        return None
    if not isinstance(value, bool) and isinstance(value, int | str):
        text = str(value).strip()
        found = _HOST_PORT.fullmatch(text)
        if found:
            first = _port(found[1], value)
            if found[2] is None:
                return first
            if first <= _port(found[2], value):
                return text
    raise ValueError(f"{value!r} is no port of the host; write a number from 0 to {_HIGHEST_PORT}")


def _interface(value: LazyOr[str] | None) -> LazyOr[str] | None:
    return None if isinstance(value, str) and not value else value


def _late_flag(value: object) -> LazyOr[bool]:
    return value if is_late(value) else bool(value)  # type: ignore[return-value]  # ditto


@frozen
class PortBinding:
    """A port that the container exposes, and where it is published, if at all."""

    exposed_port: LazyOr[int | str] = field(converter=_exposed_port)
    """A number for TCP, else with its protocol: `53/udp` (SHP-67)."""
    host_port: LazyOr[int | str] | None = field(default=None, converter=_host_port)
    """None: not published. 0: the engine chooses. A range: the engine chooses from it."""
    interface: LazyOr[str] | None = field(default=None, converter=_interface)
    """The client's name for an address; None: all addresses."""
    ipv6: LazyOr[bool] = field(default=False, converter=_late_flag)
    """Whether the interface is looked up among the IPv6 addresses."""


def _several(value: object) -> tuple[LazyOr[str], ...] | None:
    """One value, or several; none is None (CFG-50)."""
    if value is None:
        return None
    if isinstance(value, str | Lazy) or is_late(value):
        return (value,) if isinstance(value, Lazy) or value else None  # type: ignore[return-value]  # ditto
    if isinstance(value, Iterable):
        return tuple(value) or None
    raise ValueError(f"{value!r} is neither text nor a list of texts")


def _links(value: object) -> tuple[ContainerLink, ...]:
    if not value:
        return ()
    if isinstance(value, str | ContainerLink):
        value = (value,)
    if isinstance(value, Mapping):
        value = tuple(value.items())
    if isinstance(value, Iterable):
        return tuple(_link(entry) for entry in value)
    raise ValueError(f"{value!r} is no list of links")


def _link(value: object) -> ContainerLink:
    match value:
        case ContainerLink():
            return value
        case str() as container if container:
            return ContainerLink(container)
        case [str() as container] if container:
            return ContainerLink(container)
        case [str() as container, (str() | None) as alias] if container:
            return ContainerLink(container, alias)
        case {"container": str() as container, **others} if container and not others:
            return ContainerLink(container)
        case {"container": str() as container, "alias": (str() | None) as alias, **others} if (
            container and not others
        ):
            return ContainerLink(container, alias)
        case _:
            raise ValueError(f"{value!r} is no link; write a container, and perhaps an alias")


@frozen
class NetworkEndpoint:
    """A connection to a network."""

    network_name: str
    aliases: tuple[LazyOr[str], ...] | None = field(default=None, converter=_several)
    links: tuple[ContainerLink, ...] = field(default=(), converter=_links)
    ipv4_address: LazyOr[str] | None = None
    ipv6_address: LazyOr[str] | None = None
    link_local_ips: tuple[LazyOr[str], ...] | None = field(default=None, converter=_several)


def _command(value: object) -> LazyOr[str | tuple[str, ...]]:
    if is_late(value):
        return value  # type: ignore[return-value]  # a registered type counts as lazy
    if isinstance(value, str) and value.strip():
        return value
    if isinstance(value, Sequence) and not isinstance(value, str | bytes) and value:
        return tuple(value)
    raise ValueError("a command is a text, or a list of its words, and not empty")


def _policy(value: object) -> ExecPolicy:
    if value is None:
        return ExecPolicy.RESTART
    if is_late(value):  # and must not be compared
        raise ValueError("an exec policy cannot be a late value")
    try:
        return ExecPolicy(value)
    except ValueError:
        known = " or ".join(f"'{policy.value}'" for policy in ExecPolicy)
        raise ValueError(f"{value!r} is no exec policy; it is {known}") from None


@frozen
class ExecCommand:
    """A command to run inside the container after its start."""

    cmd: LazyOr[str | tuple[str, ...]] = field(converter=_command)
    """A text is split as a shell would do, a tuple is taken as it is."""
    user: LazyOr[str | int] | None = None
    """None: the user of the configuration (EXEC-5)."""
    policy: ExecPolicy = field(default=ExecPolicy.RESTART, converter=_policy)
    detach: bool = field(default=False, converter=bool)
    """Do not wait for the command's end."""


_CHECK_KINDS: Final = ("NONE", "CMD", "CMD-SHELL")


def _check(value: object) -> str | tuple[str, ...] | UnsetType:
    if value is UNSET:
        return UNSET
    if value is None or value in ("", "NONE", False, (), []):
        return ("NONE",)
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        words = tuple(str(word) for word in value)
        if not words or words[0] == "NONE":
            return ("NONE",)
        return words if words[0] in _CHECK_KINDS else ("CMD", *words)
    raise ValueError(f"{value!r} is no check; write a shell command, or a list of words")


def _nanoseconds(value: object) -> int | None:
    if value is None or value is UNSET:
        return None
    if isinstance(value, str | int | float):
        return parse_duration_ns(value)
    raise ValueError(f"{value!r} is no duration")


def _count(value: object) -> int | None:
    if value is None or value is UNSET:
        return None
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ValueError(f"{value!r} is no number of retries")


@frozen
class HealthCheck:
    """How the engine finds out whether the container works; times are nanoseconds (CFG-52)."""

    test: str | tuple[str, ...] | UnsetType = field(default=UNSET, converter=_check)
    """A text is for the shell; a tuple begins with its kind, `CMD`; unset: the image's own test."""
    interval: int | None = field(default=None, converter=_nanoseconds)
    timeout: int | None = field(default=None, converter=_nanoseconds)
    retries: int | None = field(default=None, converter=_count)
    """Failures in a row until it counts as unhealthy; None: the engine's own choice, as for the times."""
    start_period: int | None = field(default=None, converter=_nanoseconds)

    @classmethod
    def disabled(cls) -> HealthCheck:
        """The check that switches off the one of the image (SHP-94)."""
        return cls(("NONE",))

    @property
    def is_disabled(self) -> bool:
        """Whether it switches off the check of the image."""
        return self.test == ("NONE",)
