"""How engines are reached (CLI)."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from attrs import field, fields, frozen

from ..errors import MapError
from ..model import CAPABILITIES, UNSET, CommandRunner, EngineUrl, LazyOr, UnsetType, is_late
from ._frozen import FrozenMapping
from ._place import Place, kind_of
from ._scalars import NO_OPTIONS, read_late_mapping, read_late_text, read_seconds

_log: Final = logging.getLogger("aiodockmap")

NO_EFFECT: Final = "this is kept, but has no effect"

TLS_KEYS: Final = frozenset({"ca_cert", "client_cert", "client_key", "verify", "assert_hostname"})
"""As docker-py has them."""

_ALIKE: Final = 0.8
"""More than elsewhere, as keys of one's own are allowed here."""

_VERSION: Final = re.compile(r"v?(\d+)\.(\d+)")
_PASSWORD: Final = re.compile(r"(?<=//)([^/:@]*):.*@")


def _without_password(url: str | None) -> str:
    return repr(url if url is None else _PASSWORD.sub(r"\1:***@", url))


@frozen(kw_only=True, init=False)
class ClientConfiguration:
    """How one engine is reached, and what is particular about it.

    It never changes: `attrs.evolve` makes another one. Keys that are not known are kept in `extra` and
    can be read as items and attributes, like the known ones (CLI-10).
    """

    base_url: str | None = field(default=None, repr=_without_password)
    """Where: `unix:///…`, `tcp://…`, `https://…`, `ssh://…`; None: `DOCKER_HOST`, or the default."""
    version: str | None = None
    """The version of the Engine API, or `auto`; None: as new as both sides know."""
    timeout: float | None = None
    """Seconds that a short call may take."""
    tls: object = field(default=None, repr=False)
    """True, or a mapping with paths of certificates; None: by URL."""
    interfaces: FrozenMapping[str, object] = NO_OPTIONS
    """Addresses to publish ports on, by the names that maps use; values may be late (CLI-2)."""
    interfaces_ipv6: FrozenMapping[str, object] = NO_OPTIONS
    """The same for IPv6."""
    auth_configs: FrozenMapping[str, object] = field(default=NO_OPTIONS, repr=False)
    """Credentials by registry (CLI-3)."""
    docker_config: LazyOr[str] | bool | None = None
    """Whether to take other credentials from the configuration of Docker's command line, helpers included:
    True for the one of `DOCKER_CONFIG`, or of the user; or its path. It is never read otherwise."""
    client: object = field(default=None, repr=False)
    """A client that is there already; it stays the caller's to close (CLI-4)."""
    domainname: LazyOr[str] | UnsetType | None = UNSET
    """The domain of new containers; if given, even as None, it wins over the map's (NAME-12)."""
    stop_timeout: int | None = None
    """Seconds until a container that was asked to stop is killed (CLI-6)."""
    wait_timeout: float | None = None
    """Seconds to wait for preparations and scripts (CLI-7)."""
    constraints: FrozenMapping[str, object] = NO_OPTIONS
    """What counts instead of the engine's own word, by the keys of `GET /info`: `MemoryLimit: false` … for
    what its host cannot limit; and its number of `cpus` (CLI-9, UPD-51)."""
    command_runner: CommandRunner | None = field(default=None, repr=False)
    """Runs commands on the engine's host, to prepare volumes there (VOL-26)."""
    extra: FrozenMapping[str, object] = field(default=NO_OPTIONS, repr=False)
    """All other keys (CLI-10)."""

    def __init__(
        self,
        /,
        *,
        base_url: str | None = None,
        version: str | None = None,
        timeout: float | None = None,
        tls: object = None,
        interfaces: Mapping[str, object] | None = None,
        interfaces_ipv6: Mapping[str, object] | None = None,
        auth_configs: Mapping[str, object] | None = None,
        docker_config: LazyOr[str] | os.PathLike[str] | bool | None = None,
        client: object = None,
        domainname: LazyOr[str] | UnsetType | None = UNSET,
        stop_timeout: int | None = None,
        wait_timeout: float | None = None,
        constraints: Mapping[str, object] | None = None,
        command_runner: CommandRunner | None = None,
        extra: Mapping[str, object] | None = None,
        **others: object,
    ) -> None:
        """Read all settings; `others` are kept in `extra`.

        Raises:
            MapError: with all problems of all settings.

        """
        place = Place()
        self.__attrs_init__(
            base_url=_address(base_url, place.at("base_url")),
            version=_version(version, place.at("version")),
            timeout=_seconds(timeout, place.at("timeout")),
            tls=_tls(tls, place.at("tls")),
            interfaces=_addresses(interfaces, place.at("interfaces")),
            interfaces_ipv6=_addresses(interfaces_ipv6, place.at("interfaces_ipv6")),
            auth_configs=_credentials(auth_configs, place.at("auth_configs")),
            docker_config=_docker_config(docker_config, place.at("docker_config")),
            client=client,
            domainname=domainname
            if domainname is UNSET
            else read_late_text(domainname, place.at("domainname")),
            stop_timeout=read_seconds(stop_timeout, place.at("stop_timeout")),
            wait_timeout=_seconds(wait_timeout, place.at("wait_timeout")),
            constraints=_constraints(constraints, place.at("constraints")),
            command_runner=_runner(command_runner, place.at("command_runner")),
            extra=FrozenMapping(
                {
                    **read_late_mapping(extra, place.at("extra")),
                    **read_late_mapping(others, place),
                }
            ),
        )
        if place.problems:
            raise MapError("client configuration", place.problems)
        for name in others:
            if guess := misspelt_setting(name):
                _log.warning("client setting '%s': %s (did you mean '%s'?)", name, NO_EFFECT, guess)

    @property
    def pinned_version(self) -> tuple[int, int] | None:
        """The version of the Engine API to speak; None if it is negotiated."""
        found = _VERSION.fullmatch(self.version or "")
        return (int(found[1]), int(found[2])) if found else None

    def __getitem__(self, key: str) -> object:
        if key in _SETTINGS:
            return getattr(self, key)
        return self.extra[key]

    def __contains__(self, key: object) -> bool:
        return key in _SETTINGS or key in self.extra

    def __getattr__(self, name: str) -> object:
        if name.startswith("_") or name in _SETTINGS or name not in self.extra:
            raise AttributeError(f"no setting '{name}'", name=name, obj=self)
        return self.extra[name]


_SETTINGS: Final = frozenset(each.name for each in fields(ClientConfiguration))


def misspelt_setting(name: str) -> str | None:
    """The setting that a key of somebody's own was probably meant to be (CLI-10)."""
    if name in _SETTINGS:
        return None
    return next(iter(get_close_matches(name, sorted(_SETTINGS), n=1, cutoff=_ALIKE)), None)


def _address(value: object, place: Place) -> str | None:
    text = _text(value, place)
    try:
        if text:
            EngineUrl.parse(text)
    except ValueError as problem:
        place.report(
            str(problem), "write unix:///…, tcp://host:2375, https://host:2376 or ssh://user@host"
        )
    return text


def _addresses(value: object, place: Place) -> FrozenMapping[str, object]:
    read = read_late_mapping(value, place)
    for name, entry in read.items():
        if not is_late(entry) and not (isinstance(entry, str) and entry):
            place.at(name).report(f"this is to be an address, not {kind_of(entry)}")
    return read


def _version(value: object, place: Place) -> str | None:
    text = _text(value, place)
    if text and text != "auto" and not _VERSION.fullmatch(text):
        place.report(
            f"{text!r} is no version of the Engine API",
            "write '1.41', or leave it unset, so that it is negotiated",
        )
    return text


def _tls(value: object, place: Place) -> object:
    """A setting of TLS; its files are looked at when the engine is connected to."""
    if isinstance(value, Mapping):
        for key in value:
            if key not in TLS_KEYS:
                place.report_unknown("setting of tls", key, TLS_KEYS)
    elif isinstance(value, str | int | float | list | tuple) and not isinstance(value, bool):
        place.report(f"this is to be true, false, or a mapping of files, not {kind_of(value)}")
    return value


def _constraints(value: object, place: Place) -> FrozenMapping[str, object]:
    read = read_late_mapping(value, place)
    for name, entry in read.items():
        if name != "cpus" and name not in CAPABILITIES:
            place.report_unknown("constraint", name, {"cpus", *CAPABILITIES})
        elif is_late(entry):
            continue
        elif name == "cpus" and (
            not isinstance(entry, int) or isinstance(entry, bool) or entry < 1
        ):
            place.at(name).report(f"this is to be a number of processors, not {kind_of(entry)}")
        elif name != "cpus" and not isinstance(entry, bool):
            place.at(name).report(f"this is to be true or false, not {kind_of(entry)}")
    return read


def _text(value: object, place: Place) -> str | None:
    if isinstance(value, float):
        place.report(f"the number {value} is not clear as a text", "put it in quotes")
        return None
    if value is None or isinstance(value, str):
        return value
    place.report(f"this is to be a text, not {kind_of(value)}")
    return None


def _seconds(value: object, place: Place) -> float | None:
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return value
    place.report(f"this is to be a number of seconds above 0, not {value!r}")
    return None


def _credentials(value: object, place: Place) -> FrozenMapping[str, object]:
    read = read_late_mapping(value, place)
    for registry, entry in read.items():
        if not isinstance(entry, Mapping) and not is_late(entry):
            place.at(registry).report(
                f"credentials are a mapping, not {kind_of(entry)}",
                "write username and password, identitytoken, or auth",
            )
    return read


def _docker_config(value: object, place: Place) -> LazyOr[str] | bool | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    if is_late(value) or (isinstance(value, str) and value):
        return value  # type: ignore[return-value]  # a registered type counts as lazy
    place.report(f"this is to be true, false or a path, not {kind_of(value)}")
    return None


def _runner(value: object, place: Place) -> CommandRunner | None:
    if value is None or callable(value):
        return value
    place.report(f"this is to be a function, not {kind_of(value)}")
    return None
