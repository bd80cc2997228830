"""The configuration of containers (CFG-20 to CFG-43)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

import attrs
from attrs import field, frozen

from ..model import (
    UNSET,
    ContainerLink,
    ExecCommand,
    HealthCheck,
    HostVolume,
    LazyOr,
    NetworkEndpoint,
    PortBinding,
    SharedVolume,
    UnsetType,
    UsedVolume,
    is_late,
)
from ._attributes import Merge, as_dict, attribute, initialise
from ._command_forms import read_exec_commands, read_healthcheck
from ._frozen import field_values, thaw
from ._options import Options, read_create_options, read_host_config
from ._scalars import (
    NO_OPTIONS,
    Owner,
    read_abstract,
    read_delay,
    read_distinct_names,
    read_flag,
    read_instances,
    read_mode,
    read_owner,
    read_paths,
    read_seconds,
    read_signal,
    read_text,
)
from ._short_forms import (
    ContainerReference,
    NetworkMode,
    read_exposes,
    read_links,
    read_network_mode,
    read_networks,
)
from ._volume_forms import read_attaches, read_binds, read_uses

START_OPTIONS: Final[Mapping[str, str]] = {"start_options": "host_config"}
"""Attributes with another name (CFG-43)."""


def _names_only(options: object) -> str:
    """Options may hold secrets, so that their repr shows keywords only."""
    return repr(options) if not callable(options) else "<callable>"


def _entry_as_dict(entry: object) -> object:
    """One value as its fields (LOAD-6), plain all the way down."""
    if isinstance(entry, Enum):
        return entry.value
    if is_late(entry):
        return entry
    if attrs.has(type(entry)):
        return {name: _entry_as_dict(value) for name, value in field_values(entry).items()}
    if isinstance(entry, tuple):
        return [_entry_as_dict(element) for element in entry]
    return thaw(entry)


def _healthcheck_as_dict(check: object) -> object:
    return {
        name: _entry_as_dict(value)
        for name, value in field_values(check).items()
        if value is not None and value is not UNSET
    }


def _network_mode_as_text(mode: object) -> object:
    if not isinstance(mode, ContainerReference):
        return mode
    text = str(mode)
    if text in _TAKEN or "." in mode.config or text.startswith(("container:", "/")):
        return [mode.config, mode.instance]
    return text


_TAKEN: Final = frozenset({"none", "disabled", "bridge", "host"})
"""Network modes by name: a container of that name needs the other form."""


@frozen(kw_only=True, init=False)
class ContainerConfiguration:
    """How the containers of one name are made and connected.

    The constructor takes every short form of every attribute; the fields hold the normal form. It
    never changes: `attrs.evolve` makes another one. What was never given is `UNSET`, or an empty
    tuple or mapping; there is no state before "cleaning", as CFG-90 has it.
    """

    abstract: bool = field(default=False, metadata=attribute(read_abstract, Merge.NEVER))
    """Only for others to extend (CFG-20)."""
    extends: tuple[str, ...] = field(
        default=(), metadata=attribute(read_distinct_names, Merge.NEVER)
    )
    """Configurations whose attributes this one takes over, in order (CFG-21)."""
    image: str | UnsetType | None = field(
        default=UNSET, metadata=attribute(read_text, Merge.REPLACE)
    )
    """Nothing: the name of the configuration (CFG-22)."""
    instances: tuple[str, ...] = field(default=(), metadata=attribute(read_instances, Merge.UNION))
    """One container for each; none: one container without instance name (CFG-23)."""
    clients: tuple[str, ...] = field(
        default=(), metadata=attribute(read_distinct_names, Merge.UNION)
    )
    """Without effect, as the clients of the map decide (CFG-24, Q-3)."""
    shares: tuple[LazyOr[str], ...] = field(default=(), metadata=attribute(read_paths, Merge.UNION))
    """Paths with anonymous volumes (CFG-25)."""
    binds: tuple[SharedVolume | HostVolume, ...] = field(
        default=(), metadata=attribute(read_binds, Merge.KEY, _entry_as_dict)
    )
    """Host volumes (CFG-26)."""
    attaches: tuple[SharedVolume | UsedVolume, ...] = field(
        default=(), metadata=attribute(read_attaches, Merge.KEY, _entry_as_dict)
    )
    """Volumes that belong to this configuration (CFG-27)."""
    uses: tuple[SharedVolume | UsedVolume, ...] = field(
        default=(), metadata=attribute(read_uses, Merge.KEY, _entry_as_dict)
    )
    """Volumes of others, or all volumes of a container (CFG-28)."""
    links: tuple[ContainerLink, ...] = field(
        default=(), metadata=attribute(read_links, Merge.UNION, _entry_as_dict)
    )
    """Legacy links (CFG-29)."""
    exposes: tuple[PortBinding, ...] = field(
        default=(), metadata=attribute(read_exposes, Merge.KEY, _entry_as_dict)
    )
    """Exposed and published ports (CFG-30)."""
    user: Owner | UnsetType | None = field(
        default=UNSET, metadata=attribute(read_owner, Merge.REPLACE)
    )
    """The user of the container, and the owner of attached volumes (CFG-31)."""
    permissions: LazyOr[str] | UnsetType | None = field(
        default=UNSET, metadata=attribute(read_mode, Merge.REPLACE)
    )
    """The mode of attached volumes, as chmod takes it (CFG-32)."""
    stop_timeout: int | UnsetType | None = field(
        default=UNSET, metadata=attribute(read_seconds, Merge.REPLACE)
    )
    """Seconds until a container that was asked to stop is killed (CFG-33)."""
    stop_signal: str | int | UnsetType | None = field(
        default=UNSET, metadata=attribute(read_signal, Merge.REPLACE)
    )
    """What asks the container to stop (CFG-34)."""
    start_delay: float | UnsetType | None = field(
        default=UNSET, metadata=attribute(read_delay, Merge.REPLACE)
    )
    """Seconds to wait after a start, before anything that depends on it (CFG-35)."""
    network_mode: NetworkMode | UnsetType = field(
        default=UNSET,
        metadata=attribute(read_network_mode, Merge.REPLACE, _network_mode_as_text),
    )
    """`none`, `bridge`, `host`, `container:…`, or a container of the map (CFG-36)."""
    networks: tuple[NetworkEndpoint, ...] = field(
        default=(), metadata=attribute(read_networks, Merge.KEY, _entry_as_dict)
    )
    """Connections to networks, the first one being made at creation (CFG-37)."""
    exec_commands: tuple[ExecCommand, ...] = field(
        default=(), metadata=attribute(read_exec_commands, Merge.UNION, _entry_as_dict)
    )
    """Commands to run inside the container after its start (CFG-38)."""
    healthcheck: HealthCheck | UnsetType = field(
        default=UNSET,
        metadata=attribute(read_healthcheck, Merge.REPLACE, _healthcheck_as_dict),
    )
    """How the engine checks whether the container works (CFG-39)."""
    persistent: bool | UnsetType | None = field(
        default=UNSET, metadata=attribute(read_flag, Merge.REPLACE)
    )
    """Has to be started only once: not started again when it has ended, nor replaced where it differs."""
    create_options: Options = field(
        default=NO_OPTIONS,
        repr=_names_only,
        metadata=attribute(read_create_options, Merge.OPTIONS),
    )
    """Further options by keyword (CFG-41)."""
    host_config: Options = field(
        default=NO_OPTIONS,
        repr=_names_only,
        metadata=attribute(read_host_config, Merge.OPTIONS),
    )
    """Further options of the host configuration by keyword (CFG-42)."""

    def __init__(
        self,
        *,
        abstract: object = UNSET,
        extends: object = UNSET,
        image: object = UNSET,
        instances: object = UNSET,
        clients: object = UNSET,
        shares: object = UNSET,
        binds: object = UNSET,
        attaches: object = UNSET,
        uses: object = UNSET,
        links: object = UNSET,
        exposes: object = UNSET,
        user: object = UNSET,
        permissions: object = UNSET,
        stop_timeout: object = UNSET,
        stop_signal: object = UNSET,
        start_delay: object = UNSET,
        network_mode: object = UNSET,
        networks: object = UNSET,
        exec_commands: object = UNSET,
        healthcheck: object = UNSET,
        persistent: object = UNSET,
        create_options: object = UNSET,
        host_config: object = UNSET,
        start_options: object = UNSET,
    ) -> None:
        """Read every attribute in any of its forms (behaviour 2.4).

        `start_options` is another name of `host_config` (CFG-43).

        Raises:
            MapError: with all problems of all attributes.

        """
        given = {name: value for name, value in locals().items() if name != "self"}
        if start_options is not UNSET and host_config is UNSET:
            given["host_config"] = start_options
        initialise(self, "container configuration", given)

    def to_dict(self) -> dict[str, object]:
        """The attributes that are set, as plain data (LOAD-6)."""
        return as_dict(self)
