"""The map: everything that belongs to one landscape (CFG-1 to CFG-16)."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from functools import cached_property
from typing import Self, TypeVar

from attrs import field, frozen

from ..errors import CircularDependencyError, MapError, MapIntegrityError
from ..model import UNSET, LazyOr, UnsetType
from ._attributes import Merge, union
from ._container import ContainerConfiguration
from ._frozen import Entries, FrozenMapping, thaw
from ._integrity import Findings, check
from ._merge import effective_configurations, overlaid
from ._place import Place, kind_of
from ._references import AttachedVolume, attached_volumes
from ._resources import (
    HostVolumeConfiguration,
    NetworkConfiguration,
    VolumeConfiguration,
    host_from,
)
from ._scalars import check_engine_name
from ._sections import PROPERTIES, Group, Sections

C = TypeVar("C", ContainerConfiguration, VolumeConfiguration, NetworkConfiguration)

_LISTS = frozenset({Merge.UNION, Merge.KEY})


@frozen(init=False)
class ContainerMap:
    """A named landscape of containers with their volumes and networks.

    It never changes: `attrs.evolve` and `merge` make other ones. Two maps are equal if everything in
    them is (CFG-16).
    """

    name: str
    """The first part of the names of everything that it describes (CFG-1)."""
    repository: LazyOr[str] | UnsetType | None = UNSET
    """The registry or namespace of images without one (CFG-2)."""
    default_tag: LazyOr[str] | UnsetType | None = UNSET
    """The tag of images without one; not given: `latest` (CFG-3)."""
    clients: tuple[str, ...] = ()
    """The names of the engines that it runs on; none: the default one (CFG-4)."""
    groups: FrozenMapping[str, Group] = field(factory=FrozenMapping)
    """Selections by name (CFG-5)."""
    default_domain: LazyOr[str] | UnsetType | None = UNSET
    """The domain of new containers (CFG-6)."""
    set_hostname: bool | UnsetType | None = UNSET
    """Whether new containers get a host name; not given: yes (CFG-7)."""
    use_attached_parent_name: bool | UnsetType | None = UNSET
    """Whether names of attached volumes contain their owner; not given: no (CFG-8)."""
    containers: Entries[ContainerConfiguration] = field(factory=Entries)
    """Container configurations by name (CFG-9)."""
    volumes: Entries[VolumeConfiguration] = field(factory=Entries)
    """Volume configurations by alias (CFG-10)."""
    host: HostVolumeConfiguration = field(factory=HostVolumeConfiguration)
    """Paths of the host by alias (CFG-11)."""
    networks: Entries[NetworkConfiguration] = field(factory=Entries)
    """Network configurations by name (CFG-12)."""
    is_expanded: bool = field(default=False, init=False, eq=False, repr=False)
    """Whether inheritance is resolved, and no abstract configuration is left (CFG-110)."""

    def __init__(
        self,
        name: str,
        initial: Mapping[str, object] | ContainerMap | None = None,
        *,
        check_integrity: bool = True,
        check_duplicates: bool = True,
        **attributes: object,
    ) -> None:
        """Read a map from a mapping or another map, and from keywords with the same meaning.

        Keywords win over `initial`, name by name. Keys and keywords that are no properties of a map
        are container configurations (LOAD-2, LOAD-5). The checks of behaviour 2.12 run unless
        switched off; `check_duplicates` is about INT-3 alone.

        Raises:
            MapError: with all problems, those of the checks included; a `MapIntegrityError` or
                `CircularDependencyError` where there are no others.

        """
        place = Place()
        sections = Sections()
        if not name:
            place.at("name").report("a map needs a name")
        elif not isinstance(name, str):
            place.at("name").report(f"the name of a map is a text, not {kind_of(name)}")
        else:
            check_engine_name(name, place.at("name"), "a map")
        if isinstance(initial, ContainerMap):
            sections.read(_fields_of(initial), Place())
        elif isinstance(initial, Mapping):
            sections.read(initial, place)
        elif initial is not None:
            place.report(f"a map is a mapping, not {kind_of(initial)}")
        sections.read(attributes, place)
        self.__attrs_init__(name, **sections.values())  # type: ignore[arg-type]  # read just now
        findings = Findings()
        if check_integrity:
            findings = check(self, check_duplicates=check_duplicates)
        _raise(self, place, findings)

    @classmethod
    def from_dict(
        cls,
        name: str,
        mapping: Mapping[str, object],
        *,
        check_integrity: bool = True,
        check_duplicates: bool = True,
    ) -> Self:
        """Read a map from a mapping (behaviour 2.13).

        Raises:
            MapError: with all problems, as the constructor does.

        """
        return cls(
            name, mapping, check_integrity=check_integrity, check_duplicates=check_duplicates
        )

    def __iter__(self) -> Iterator[tuple[str, ContainerConfiguration]]:
        """Name and configuration of everything that is not abstract (CFG-15)."""
        for name, configuration in self.containers.items():
            if not configuration.abstract:
                yield name, configuration

    def check_integrity(self, *, check_duplicates: bool = True) -> None:
        """Run the checks of behaviour 2.12 again.

        Raises:
            MapIntegrityError: with everything that was found; a `CircularDependencyError` if that
                includes containers that need each other.

        """
        _raise(self, Place(), check(self, check_duplicates=check_duplicates))

    def expanded(self) -> ContainerMap:
        """The map with inheritance resolved and without abstract configurations (CFG-110).

        Bases that are not there and circles are passed over; the checks report them.
        """
        return self if self.is_expanded else self._expansion

    @cached_property
    def _expansion(self) -> ContainerMap:
        expansion = _replaced(self, containers=Entries(effective_configurations(self.containers)))
        object.__setattr__(expansion, "is_expanded", True)
        return expansion

    @cached_property
    def attached(self) -> Mapping[str, tuple[AttachedVolume, ...]]:
        """The volumes that its configurations own, by the names that `uses` calls them by.

        That is the alias, or `owner.alias` in parent-name mode (NAME-4). More than one owner is there
        only if the check for duplicates was switched off.
        """
        return attached_volumes(self.expanded())

    def merge(
        self,
        other: ContainerMap | Mapping[str, object],
        lists_only: bool = False,  # noqa: FBT001, FBT002 -- as in the original
        *,
        check_integrity: bool = True,
        check_duplicates: bool = True,
    ) -> ContainerMap:
        """This map, with what another one or a mapping adds and changes (CFG-111, CFG-112).

        With `lists_only`, single values, mappings and the root of host volumes stay as they are.

        Raises:
            MapError: with all problems of the mapping, or of the result.

        """
        if not isinstance(other, ContainerMap):
            other = ContainerMap(self.name, other, check_integrity=False)
        rules = _LISTS if lists_only else frozenset(Merge)
        changes: dict[str, object] = {
            "clients": union(self.clients, other.clients),
            "containers": _merged_entries(self.containers, other.containers, rules),
            "volumes": _merged_entries(self.volumes, other.volumes, rules),
            "networks": _merged_entries(self.networks, other.networks, rules),
            "host": host_from(
                self.host.root if lists_only or other.host.root is UNSET else other.host.root,
                {**self.host.paths, **other.host.paths},
            ),
        }
        if not lists_only:
            changes["groups"] = FrozenMapping({**self.groups, **other.groups})
            for name in PROPERTIES.keys() - changes.keys():
                if (value := getattr(other, name)) is not UNSET:
                    changes[name] = value
        made = _replaced(self, **changes)
        if check_integrity:
            made.check_integrity(check_duplicates=check_duplicates)
        return made

    def to_dict(self) -> dict[str, object]:
        """The map as plain data, without its name (LOAD-6); `from_dict` makes an equal map of it.

        Late values stay objects, as do options that are callables.
        """
        written: dict[str, object] = {}
        for name in PROPERTIES:
            value = getattr(self, name)
            if value is not UNSET and not (isinstance(value, tuple | FrozenMapping) and not value):
                written[name] = thaw(value)
        for name in ("containers", "volumes", "networks"):
            entries = getattr(self, name)
            if entries:
                written[name] = {key: entry.to_dict() for key, entry in entries.items()}
        written["host"] = self.host.to_dict()
        if self.host.root is not UNSET:
            written["host_root"] = self.host.root
        return written


def _fields_of(container_map: ContainerMap) -> dict[str, object]:
    return {
        name: value
        for name in (*PROPERTIES, "containers", "volumes", "networks", "host")
        if (value := getattr(container_map, name)) is not UNSET
    }


def _replaced(container_map: ContainerMap, **changes: object) -> ContainerMap:
    """Like `attrs.evolve`, without reading and checking again."""
    made = ContainerMap.__new__(ContainerMap)
    values: dict[str, object] = {**_fields_of(container_map), **changes}
    made.__attrs_init__(container_map.name, **values)  # type: ignore[arg-type]  # in normal form
    return made


def _merged_entries(
    base: Mapping[str, C], others: Mapping[str, C], rules: frozenset[Merge]
) -> Entries[C]:
    entries = dict(base)
    for name, other in others.items():
        found = entries.get(name)
        entries[name] = other if found is None else overlaid(found, other, rules)
    return Entries(entries)


def without_containers(container_map: ContainerMap, names: Container[str]) -> ContainerMap:
    """The map without some configurations, whether or not others need them, and without groups."""
    kept = {name: each for name, each in container_map.containers.items() if name not in names}
    return _replaced(container_map, containers=Entries(kept), groups=FrozenMapping())


def _raise(container_map: ContainerMap, place: Place, findings: Findings) -> None:
    source = f"map '{container_map.name}'"
    problems = (*place.problems, *findings.problems)
    if not problems:
        return
    error: MapError = MapIntegrityError(source, problems)
    if place.problems:
        error = MapError(source, problems)
    elif findings.cycle:
        error = CircularDependencyError(source, findings.cycle, problems)
    error.readable = container_map
    raise error
