"""The maps and engines that a client knows, whatever form they were given in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from attrs import evolve, field, frozen

from ..config import ALL, ClientConfiguration, ContainerMap
from ..engine import Engine, EngineSource, open_engine, uses_socket
from ..errors import OptionError, SelectionError
from ..model import DEFAULT_ENGINE, MapItem, nearest

MapsInput: TypeAlias = ContainerMap | Sequence[ContainerMap] | Mapping[str, ContainerMap] | None
Selection: TypeAlias = str | MapItem | Mapping[str, object] | Iterable[object]
"""What an action is about, in any form of behaviour 2.11."""

Instances: TypeAlias = str | Iterable[str] | None

ClientsInput: TypeAlias = Mapping[str, EngineSource] | Iterable[tuple[str, EngineSource]] | None


@frozen(kw_only=True)
class KnownMaps:
    """Maps by name, and the one that is meant when nobody names one (API-2)."""

    by_name: Mapping[str, ContainerMap]
    default: str | None = None

    @classmethod
    def of(cls, maps: MapsInput) -> KnownMaps:
        """Accept nothing, one map, several, or a dict (API-1).

        Raises:
            OptionError: for anything else, or two maps of one name.
        """
        if maps is None:
            return cls(by_name={})
        if isinstance(maps, ContainerMap):
            return cls(by_name={maps.name: maps}, default=maps.name)
        if isinstance(maps, Mapping):
            entries = list(maps.items())
        elif isinstance(maps, Sequence):
            entries = [(getattr(each, "name", ""), each) for each in maps]
        else:
            raise OptionError(f"maps are ContainerMap objects, one or several, not {_kind(maps)}")
        by_name: dict[str, ContainerMap] = {}
        for name, each in entries:
            if not isinstance(each, ContainerMap):
                raise OptionError(f"maps are ContainerMap objects, not {_kind(each)}")
            if name != each.name:
                raise OptionError(f"maps[{name!r}] is the map {each.name!r}: use its own name")
            if name in by_name:
                raise OptionError(f"two maps are named {name!r}")
            by_name[name] = each
        return cls(by_name=by_name)

    def everything(self, map_name: str | None) -> str:
        """The selection of all that is on a map; on every map, if none is named and none is the default."""
        return ALL if map_name or self.default else f"{ALL}.{ALL}"

    def with_default(self, name: str) -> KnownMaps:
        """The same maps with another default.

        Raises:
            SelectionError: if there is no such map (API-2).
        """
        if name not in self.by_name:
            raise SelectionError(
                f"no map is named {name!r}; known: {', '.join(sorted(self.by_name))}"
            )
        return KnownMaps(by_name=self.by_name, default=name)

    def with_map(self, container_map: ContainerMap) -> KnownMaps:
        """The same maps and one more, or another one of a name.

        Raises:
            OptionError: if it is no map.
        """
        if not isinstance(container_map, ContainerMap):
            raise OptionError(f"maps are ContainerMap objects, not {_kind(container_map)}")
        return evolve(self, by_name={**self.by_name, container_map.name: container_map})


@frozen(kw_only=True)
class KnownEngines:
    """Where each engine is, by the name that maps call it."""

    sources: Mapping[str, EngineSource] = field(repr=False)

    @classmethod
    def of(cls, clients: ClientsInput, default_client: EngineSource | None) -> KnownEngines:
        """Accept a dict or pairs of names and configurations, and a default (API-1, API-3).

        Raises:
            OptionError: for anything else, or two defaults.
        """
        try:
            named = dict(clients) if clients is not None else {}
        except (TypeError, ValueError):
            raise OptionError(
                f"clients are a dict of names and configurations, or such pairs, not {_kind(clients)}"
            ) from None
        if default_client is not None:
            if DEFAULT_ENGINE in named:
                raise OptionError(
                    f"default_client and clients[{DEFAULT_ENGINE!r}] are the same: give one of them"
                )
            named[DEFAULT_ENGINE] = default_client
        named.setdefault(DEFAULT_ENGINE, ClientConfiguration())
        return cls(sources=named)

    def with_engine(self, name: str, configuration: ClientConfiguration) -> KnownEngines:
        """The same engines and one more, or another configuration of one.

        Raises:
            OptionError: if it is no configuration.
        """
        if not isinstance(configuration, ClientConfiguration):
            raise OptionError(f"a client is a ClientConfiguration, not {_kind(configuration)}")
        return evolve(self, sources={**self.sources, name: configuration})

    def configurations(self) -> dict[str, ClientConfiguration]:
        """What each engine's configuration says; a ready-made connection has none (API-4)."""
        return {
            name: source if isinstance(source, ClientConfiguration) else ClientConfiguration()
            for name, source in self.sources.items()
        }

    def patience(self) -> dict[str, float]:
        """Seconds that a script may take on each engine which says so (SCR-7)."""
        configured = self.configurations().items()
        seconds = ((name, each.wait_timeout or each.timeout) for name, each in configured)
        return {name: patience for name, patience in seconds if patience is not None}

    def by_socket(self, name: str) -> bool:
        """Whether one engine, which has been opened, is reached by a socket file."""
        return uses_socket(self.sources[name])

    def open(self, name: str) -> Engine:
        """One engine, ready to be asked; nothing is sent yet.

        Raises:
            SelectionError: if nobody said so (API-3).
        """
        try:
            source = self.sources[name]
        except KeyError:
            guess = nearest(name, self.sources)
            hint = f"; did you mean {guess!r}?" if guess else ""
            raise SelectionError(
                f"no client is named {name!r}: pass clients={{{name!r}: ClientConfiguration(...)}}"
                f"{hint}"
            ) from None
        return open_engine(name, source)


_FIXED = ("base_url", "version", "tls", "client", "constraints")
"""What is read when an engine is connected to, and not again."""


def fixed_changes(before: EngineSource, after: ClientConfiguration) -> list[str]:
    """The settings that would have to be read again for an engine that is connected to."""
    if not isinstance(before, ClientConfiguration):
        before = ClientConfiguration(client=before)
    pairs = [(name, getattr(before, name), getattr(after, name)) for name in _FIXED]
    # Late values are looked at only if they are not the same ones.
    return [name for name, old, new in pairs if old is not new and old != new]


def _kind(value: object) -> str:
    """What was given instead, without showing it: maps and clients have secrets."""
    return f"a {type(value).__name__}"
