"""The configuration of volumes, host volumes and networks (CFG-60 to CFG-84)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from attrs import field, frozen

from ..errors import MapError
from ..model import UNSET, LazyOr, UnsetType, is_late, resolve
from ._attributes import Merge, as_dict, attribute, initialise, read_configuration
from ._frozen import FrozenMapping, thaw
from ._options import read_driver_options, read_network_options, read_volume_options
from ._place import Place, kind_of
from ._scalars import (
    NO_OPTIONS,
    Owner,
    read_late_flag,
    read_late_text,
    read_mode,
    read_owner,
)

DEFAULT_VOLUME_DRIVER: Final = "local"
DEFAULT_NETWORK_DRIVER: Final = "bridge"


def _or_local(driver: object) -> object:
    return driver or DEFAULT_VOLUME_DRIVER


def _or_bridge(driver: object) -> object:
    return driver or DEFAULT_NETWORK_DRIVER


@frozen(kw_only=True, init=False)
class VolumeConfiguration:
    """What is to be known about an alias: where it is mounted, and how its volume is made."""

    default_path: LazyOr[str] | UnsetType | None = field(
        default=UNSET, metadata=attribute(read_late_text, Merge.REPLACE)
    )
    """Where it is mounted, unless a container says otherwise (CFG-60)."""
    _driver: LazyOr[str] | UnsetType | None = field(
        default=UNSET, eq=_or_local, metadata=attribute(read_late_text, Merge.REPLACE)
    )
    driver_options: FrozenMapping[str, object] = field(
        default=NO_OPTIONS, metadata=attribute(read_driver_options, Merge.SHALLOW)
    )
    """Options of the driver; values may be late (CFG-62)."""
    create_options: FrozenMapping[str, object] = field(
        default=NO_OPTIONS, metadata=attribute(read_volume_options, Merge.SHALLOW)
    )
    """Further options by keyword; values may be late (CFG-63)."""
    user: Owner | UnsetType | None = field(
        default=UNSET, metadata=attribute(read_owner, Merge.REPLACE)
    )
    """The owner of a new volume; wins over the user of the container (CFG-64)."""
    permissions: LazyOr[str] | UnsetType | None = field(
        default=UNSET, metadata=attribute(read_mode, Merge.REPLACE)
    )
    """The mode of a new volume; wins over that of the container (CFG-65)."""

    def __init__(
        self,
        *,
        default_path: object = UNSET,
        driver: object = UNSET,
        driver_options: object = UNSET,
        create_options: object = UNSET,
        user: object = UNSET,
        permissions: object = UNSET,
    ) -> None:
        """Read every attribute in any of its forms.

        Raises:
            MapError: with all problems of all attributes.

        """
        given = {name: value for name, value in locals().items() if name != "self"}
        initialise(self, "volume configuration", given)

    @property
    def driver(self) -> LazyOr[str]:
        """The driver of the volume; `local` unless given (CFG-61)."""
        return self._driver or DEFAULT_VOLUME_DRIVER

    def to_dict(self) -> dict[str, object]:
        """The attributes that are set, as plain data (LOAD-6)."""
        return as_dict(self)


@frozen(kw_only=True, init=False)
class NetworkConfiguration:
    """How a network is made."""

    _driver: LazyOr[str] | UnsetType | None = field(
        default=UNSET, eq=_or_bridge, metadata=attribute(read_late_text, Merge.REPLACE)
    )
    driver_options: FrozenMapping[str, object] = field(
        default=NO_OPTIONS, metadata=attribute(read_driver_options, Merge.SHALLOW)
    )
    """Options of the driver; values may be late (CFG-81)."""
    _internal: LazyOr[bool] | UnsetType | None = field(
        default=UNSET, eq=bool, metadata=attribute(read_late_flag, Merge.REPLACE)
    )
    create_options: FrozenMapping[str, object] = field(
        default=NO_OPTIONS, metadata=attribute(read_network_options, Merge.SHALLOW)
    )
    """Further options by keyword; values may be late (CFG-83)."""

    def __init__(
        self,
        *,
        driver: object = UNSET,
        driver_options: object = UNSET,
        internal: object = UNSET,
        create_options: object = UNSET,
    ) -> None:
        """Read every attribute in any of its forms.

        Raises:
            MapError: with all problems of all attributes.

        """
        given = {name: value for name, value in locals().items() if name != "self"}
        initialise(self, "network configuration", given)

    @property
    def driver(self) -> LazyOr[str]:
        """The driver of the network; `bridge` unless given (CFG-80)."""
        return self._driver or DEFAULT_NETWORK_DRIVER

    @property
    def internal(self) -> LazyOr[bool]:
        """Whether it has no way out; not, unless given (CFG-82)."""
        return self._internal or False

    def to_dict(self) -> dict[str, object]:
        """The attributes that are set, as plain data (LOAD-6)."""
        return as_dict(self)


def read_volume(value: object, place: Place) -> VolumeConfiguration:
    """A volume configuration; a path alone is its default path (CFG-66), nothing all defaults."""
    if isinstance(value, VolumeConfiguration):
        return value
    if value is None:
        return VolumeConfiguration()
    if isinstance(value, str) or is_late(value):
        return VolumeConfiguration(default_path=value)
    if isinstance(value, Mapping):
        return read_configuration(VolumeConfiguration, value, place)
    place.report(f"a volume is a path or a mapping, not {kind_of(value)}")
    return VolumeConfiguration()


def read_network(value: object, place: Place) -> NetworkConfiguration:
    """A network configuration; nothing is all defaults (CFG-84)."""
    if isinstance(value, NetworkConfiguration):
        return value
    if value is None:
        return NetworkConfiguration()
    if isinstance(value, Mapping):
        return read_configuration(NetworkConfiguration, value, place)
    place.report(f"a network is a mapping, not {kind_of(value)}")
    return NetworkConfiguration()


HostPath: TypeAlias = LazyOr[str] | FrozenMapping[str, LazyOr[str]]
"""A path of the host, or one for each instance."""

_ROOT: Final = "root"
_WITHOUT_INSTANCE: Final = "default"


@frozen(init=False)
class HostVolumeConfiguration(Mapping[str, HostPath]):
    """Paths of the host by alias (CFG-70): by item and by attribute, in the order of writing."""

    root: LazyOr[str] | UnsetType | None = UNSET
    """What relative paths begin from (CFG-72)."""
    paths: FrozenMapping[str, HostPath] = field(factory=FrozenMapping)
    """A path by alias, or one for each instance of the binding container."""

    def __init__(self, paths: Mapping[str, object] | None = None, *, root: object = UNSET) -> None:
        """Read aliases and paths; `root` may be among them (CFG-73).

        Raises:
            MapError: with all problems.

        """
        place = Place()
        read = read_host(paths, place)
        if root is not UNSET:
            read = host_from(root, read.paths)
        if place.problems:
            raise MapError("host volumes", place.problems)
        self.__attrs_init__(read.root, read.paths)

    def __getitem__(self, alias: str) -> HostPath:
        return self.paths[alias]

    def __contains__(self, alias: object) -> bool:
        return alias in self.paths

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)

    def __getattr__(self, alias: str) -> HostPath:
        if alias.startswith("_") or alias in ("paths", "root") or alias not in self.paths:
            raise AttributeError(alias, name=alias, obj=self)
        return self.paths[alias]

    def path_of(self, alias: str, instance: str | None = None) -> LazyOr[str]:
        """The path for an instance, still late if it is, and without the root (CFG-71).

        Raises:
            ValueError: if there is none for that instance.

        """
        found = self.paths.get(alias)
        if isinstance(found, Mapping):
            found = found.get(instance or _WITHOUT_INSTANCE)
        if found is None:
            whom = f"the instance '{instance}'" if instance else "a container without instance"
            raise ValueError(f"host volume '{alias}' has no path for {whom}")
        return found

    def under_root(self, path: str) -> str:
        """The path with the root, if it is relative and there is a root (CFG-72)."""
        if path.startswith("/") or not self.root:
            return path
        return posixpath.join(resolve(self.root) or "", path)

    def to_dict(self) -> dict[str, object]:
        """The paths as plain data, without the root (LOAD-6)."""
        return {alias: thaw(path) for alias, path in self.paths.items()}


def host_from(root: object, paths: Mapping[str, HostPath]) -> HostVolumeConfiguration:
    """Host volumes of values in normal form."""
    host = HostVolumeConfiguration.__new__(HostVolumeConfiguration)
    host.__attrs_init__(root, FrozenMapping(paths))  # type: ignore[arg-type]  # late ones by type
    return host


def read_host(value: object, place: Place) -> HostVolumeConfiguration:
    """Host volumes: a mapping of aliases to paths, with `root` among them (CFG-70, CFG-73)."""
    if isinstance(value, HostVolumeConfiguration):
        return value
    if value is None:
        return host_from(UNSET, {})
    if not isinstance(value, Mapping):
        place.report(f"host volumes are a mapping of aliases to paths, not {kind_of(value)}")
        return host_from(UNSET, {})
    root: object = UNSET
    paths: dict[str, HostPath] = {}
    for alias, path in value.items():
        at = place.at(alias)
        if alias == _ROOT:
            root = read_late_text(path, at)
        elif isinstance(path, Mapping):
            by_instance = {
                str(instance): read
                for instance, each in path.items()
                if (read := _read_path(each, at.at(instance))) is not None
            }
            paths[str(alias)] = FrozenMapping(by_instance)
        elif (read := _read_path(path, at)) is not None:
            paths[str(alias)] = read
    return host_from(root, paths)


def _read_path(value: object, place: Place) -> LazyOr[str] | None:
    if is_late(value) or (isinstance(value, str) and value):
        return value  # type: ignore[return-value]  # a registered type counts as lazy
    place.report(
        "the path is missing"
        if value is None or value == ""
        else f"a path is a text, not {kind_of(value)}"
    )
    return None
