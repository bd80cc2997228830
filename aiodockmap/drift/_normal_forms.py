"""One form for each kind of value, however a map writes it and an engine shows it.

A field means the same as another if their normal forms are equal. None is "nothing was set": engines show
unset fields as null, "", 0, false, an empty list or an empty object, as they please.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address

from ..model import signal_number

CPU_SHARES_DEFAULT = 1024
CPU_PERIOD_DEFAULT = 100_000
SHM_SIZE_DEFAULT = 64 * 1024 * 1024
NO_LIMIT = 2**62
"""Bytes: what stands for no limit where an engine cannot take a limit back."""


def plain(value: object) -> object:
    """Empty is nothing; everything else as it is, deeply."""
    if isinstance(value, Mapping):
        inner = {key: plain(each) for key, each in value.items()}
        return {key: each for key, each in inner.items() if each is not None} or None
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(each) for each in value] or None
    return value or None


def unordered(value: object) -> object:
    """A list whose order has no meaning."""
    return sorted(map(str, _list(value))) or None


def text(value: object) -> object:
    """A text; numbers as their digits."""
    return None if value in (None, "") else str(value)


def capabilities(value: object) -> object:
    """`net_admin`, `CAP_NET_ADMIN` and `NET_ADMIN` are one."""
    return str(value).upper().removeprefix("CAP_") if value else None


def path(value: object) -> object:
    """An absolute path without detours: `/app/` is `/app`."""
    return posixpath.normpath(str(value)) if value else None


def stop_signal(value: object) -> object:
    """`TERM`, `SIGTERM`, 15 and "15" are one."""
    if value in (None, ""):
        return None
    name = str(value)
    number = signal_number(name)
    return name if number is None else number


_ARCHITECTURES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "i386": "386"}
_COMMON_VARIANTS = {"amd64": "v1", "arm64": "v8", "arm": "v7"}


def platform(value: object) -> object:
    """`linux/aarch64` and `linux/arm64/v8` are one."""
    if not value:
        return None
    system, _, rest = str(value).lower().partition("/")
    architecture, _, variant = rest.partition("/")
    architecture = _ARCHITECTURES.get(architecture, architecture)
    return (system, architecture, variant or _COMMON_VARIANTS.get(architecture, ""))


def complete_platform(asked: str, native: str) -> str:
    """A platform with what an engine adds to `linux` or `arm64` alone."""
    system, _, architecture = native.partition("/")
    if "/" in asked or not architecture:
        return asked
    return native if asked.lower() == system else f"{system}/{asked}"


def same_platforms(asked: Iterable[str | None], native: str) -> list[list[str | None]]:
    """What is asked for as a platform, put together where it means the same; the engine's own last."""
    own = platform(native)
    groups: dict[object, list[str | None]] = {}
    for each in asked:
        meant = own if each is None else platform(complete_platform(each, native))
        groups.setdefault(meant, []).append(each)
    last = groups.pop(own, None)
    return [*groups.values(), *([last] if last else [])]


def mac_address(value: object) -> object:
    """Case and separators say nothing."""
    return str(value).lower().replace("-", ":") if value else None


def number(value: object) -> object:
    """0 is unset."""
    return value if isinstance(value, int) and value != 0 else None


def limit(value: object) -> object:
    """0, -1 and what no machine has are all no limit."""
    return value if isinstance(value, int) and 0 < value < NO_LIMIT else None


def cpu_shares(value: object) -> object:
    """0 is the engine's default, 1024."""
    return None if value in (None, 0, CPU_SHARES_DEFAULT) else value


def cpu_period(value: object) -> object:
    """0 is the kernel's default, 100 ms."""
    return None if value in (None, 0, CPU_PERIOD_DEFAULT) else value


def swappiness(value: object) -> object:
    """-1 is unset, and 0 is not."""
    return None if value in (None, -1) else value


def processors(value: object) -> object:
    """`0-2,4` is `0,1,2,4`."""
    if not value:
        return None
    chosen: set[int] = set()
    for part in str(value).split(","):
        first, _, last = part.partition("-")
        if not first.strip().isdigit() or (last and not last.strip().isdigit()):
            return str(value)
        chosen.update(range(int(first), int(last or first) + 1))
    return sorted(chosen)


def restart_policy(value: object) -> object:
    """No policy is `no`; retries count for `on-failure` only (UPD-57)."""
    policy = value if isinstance(value, Mapping) else {}
    name = policy.get("Name") or "no"
    retries = policy.get("MaximumRetryCount") or 0
    return (name, retries if name == "on-failure" else 0)


def port_bindings(value: object) -> object:
    """The bindings of one port, in no order; an ephemeral port is ""."""
    found = []
    for binding in _list(value):
        entry = binding if isinstance(binding, Mapping) else {}
        port = str(entry.get("HostPort") or "")
        found.append((_address(entry.get("HostIp")), "" if port == "0" else port))
    return sorted(found) or None


def bind(value: object) -> object:
    """`source:target:options`, options in no order and without those that say nothing."""
    source, _, rest = str(value).partition(":")
    target, _, options = rest.partition(":")
    chosen = {each for each in options.split(",") if each} - {"rw", "rprivate", "z", "Z"}
    return (posixpath.normpath(source), posixpath.normpath(target), tuple(sorted(chosen)))


def volume_source(value: object) -> object:
    """`container`, `container:rw` and `container:ro`."""
    name, _, mode = str(value).partition(":")
    return (name.removeprefix("/"), mode == "ro")


def link(value: object) -> object:
    """`target:alias` of a map, `/target:/self/alias` of an inspection."""
    target, _, alias = str(value).partition(":")
    return (target.removeprefix("/"), alias.rpartition("/")[2] or target.removeprefix("/"))


def security_option(value: object) -> object:
    """`=` is `:`, and `no-new-privileges` is `no-new-privileges:true`."""
    option = str(value).replace("=", ":", 1)
    return "no-new-privileges:true" if option == "no-new-privileges" else option


def network_mode(value: object) -> object:
    """Unset, `default` and `bridge` are one (UPD-23)."""
    return None if value in (None, "", "default", "bridge") else str(value)


def extra_host(value: object) -> object:
    """`name:address` is `name=address`."""
    return str(value).replace("=", ":", 1)


def device(value: object) -> object:
    """The container's path is the host's, and all rights are given, unless said otherwise."""
    entry = value if isinstance(value, Mapping) else {}
    on_host = entry.get("PathOnHost") or ""
    rights = "".join(sorted(str(entry.get("CgroupPermissions") or "rwm")))
    return (on_host, entry.get("PathInContainer") or on_host, rights)


def _address(value: object) -> str:
    if not value:
        return ""
    try:
        return str(ip_address(str(value)))
    except ValueError:
        return str(value)


def _list(value: object) -> Iterable[object]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()
