"""Which items somebody means (SEL)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import define, evolve, field, frozen

from ..errors import SelectionError
from ..model import MapItem, ResourceKind, did_you_mean, nearest, suggest
from ._map import ContainerMap
from ._place import kind_of
from ._references import find_container

_log: Final = logging.getLogger("aiodockmap")

_FEW: Final = 8
"""Instances of which an error tells the names."""

ALL: Final = "__all__"
"""Every configuration of a map, or every map (SEL-16)."""

_KEYS: Final = ("config_name", "config_type", "map_name", "instance_names")


@frozen(kw_only=True)
class Selection:
    """What one entry of a selection names, with nothing looked up yet."""

    kind: ResourceKind = ResourceKind.CONTAINER
    map_name: str | None = None
    name: str
    instances: tuple[str, ...] = ()
    """Empty: nothing is said about instances."""


def select_items(
    maps: Mapping[str, ContainerMap],
    containers: object,
    instances: object = None,
    map_name: str | None = None,
    default_map: str | None = None,
    *,
    strict: bool = False,
) -> tuple[MapItem, ...]:
    """The items that `containers` names in any of its forms (behaviour 2.11).

    `instances` applies where a selection names none itself; `map_name`, else `default_map`, where it
    names no map. The items come sorted by map and name, instances in the order of their configuration
    (SEL-13). An instance that is not configured is accepted, with a warning (SEL-11); and where a
    selection names another than `instances`, its own counts (SEL-8, SEL-20). With `strict` both are
    errors.

    Raises:
        SelectionError: for everything that no map describes, at once; and for a selection, or for instances,
            in a form that means nothing.

    """
    if not isinstance(map_name, str | None):
        raise SelectionError(f"map_name is the name of a map, not {kind_of(map_name)}")
    fallback = _read_instances(instances)
    chosen = _Chosen(maps, map_name or default_map, strict=strict)
    for written in _entries(containers):
        for selection in _read(written, maps):
            chosen.add(selection, fallback)
    if chosen.unknown:
        raise SelectionError("; ".join(dict.fromkeys(chosen.unknown)))
    return tuple(chosen.items())


def _entries(containers: object) -> Sequence[object]:
    """The elements of the list that was given, or that a single value stands for (SEL-6, SEL-18)."""
    if isinstance(containers, Mapping):
        if "config_name" in containers:
            return (containers,)
        return tuple(
            (key, *value) if isinstance(value, list | tuple) else (key, value)
            for key, value in containers.items()
        )
    if isinstance(containers, list | tuple | set | frozenset):
        return tuple(containers)
    return (containers,)


def _read(entry: object, maps: Mapping[str, ContainerMap]) -> Iterator[Selection]:
    match entry:
        case MapItem():
            instances = (entry.instance,) if entry.instance else ()
            yield Selection(
                kind=entry.kind, map_name=entry.map_name, name=entry.name, instances=instances
            )
        case str() if entry:
            yield from _read_text(entry, maps)
        case Mapping():
            yield _read_fields(entry)
        case [str() as name]:
            yield Selection(name=name)
        case [(None | str()) as map_name, str() as name]:
            yield Selection(map_name=map_name or None, name=name)
        case [(None | str()) as map_name, str() as name, instances]:
            yield Selection(
                map_name=map_name or None, name=name, instances=_read_instances(instances)
            )
        case _:
            raise SelectionError(
                f"a selection cannot be {kind_of(entry)}; write 'CONFIGURATION',"
                " 'MAP.CONFIGURATION', 'MAP.CONFIGURATION.INSTANCE' or a list of these"
            )


def _read_text(text: str, maps: Mapping[str, ContainerMap]) -> Iterator[Selection]:
    """`c`, `m.c`, `m.c.i` (SEL-1 to SEL-3); names with dots count as a whole where they are known."""
    candidates = [name for name in (ALL, *maps) if text.startswith(f"{name}.")]
    if not candidates:
        name, dot, rest = text.partition(".")
        if not dot or not rest:
            yield Selection(name=name)
        else:
            yield Selection(map_name=name, name=rest.partition(".")[0])
        return
    map_name = max(candidates, key=len)
    rest = text.removeprefix(f"{map_name}.")
    container_map = maps.get(map_name)
    if container_map is not None and (
        rest in container_map.groups or rest in container_map.containers
    ):
        yield Selection(map_name=map_name, name=rest)
        return
    found = find_container(container_map, rest) if container_map is not None else None
    if found is not None:
        instances = (found.instance,) if found.instance else ()
        yield Selection(map_name=map_name, name=found.config, instances=instances)
        return
    name, _, instance = rest.partition(".")
    yield Selection(map_name=map_name, name=name, instances=(instance,) if instance else ())


def _read_fields(entry: Mapping[object, object]) -> Selection:
    for key in entry:
        if key not in _KEYS:
            hint = did_you_mean(key, _KEYS) or f"known are {', '.join(_KEYS)}"
            raise SelectionError(f"unknown key '{key}' of a selection; {hint}")
    name, map_name = entry.get("config_name"), entry.get("map_name")
    if not isinstance(name, str) or not isinstance(map_name, None | str):
        raise SelectionError("config_name and map_name of a selection are texts")
    kind = entry.get("config_type") or ResourceKind.CONTAINER
    try:
        kind = ResourceKind(kind)
    except ValueError:
        known = ", ".join(each.value for each in ResourceKind)
        raise SelectionError(f"config_type of a selection is one of {known}") from None
    return Selection(
        kind=kind,
        map_name=map_name or None,
        name=name,
        instances=_read_instances(entry.get("instance_names")),
    )


def _read_instances(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, list | tuple) and all(isinstance(each, str | None) for each in value):
        return tuple(each for each in value if each)
    raise SelectionError(f"instances are a text or a list of texts, not {kind_of(value)}")


@define(eq=False)
class _Chosen:
    """What was selected so far; only used while one selection is read."""

    maps: Mapping[str, ContainerMap]
    default_map: str | None
    strict: bool = field(kw_only=True)
    unknown: list[str] = field(factory=list)
    _found: dict[tuple[str, str, ResourceKind], dict[str, None]] = field(factory=dict)
    """By map, name and kind: instances in the order of selection."""
    _whole: set[tuple[str, str, ResourceKind]] = field(factory=set)
    """Those of which all instances are selected (SEL-12)."""

    def add(self, selection: Selection, fallback: tuple[str, ...]) -> None:
        """Look up a selection, with `fallback` as instances if it names none."""
        map_name = selection.map_name or self.default_map
        if map_name == ALL:
            self._add_on_all_maps(selection, fallback)
        elif map_name is None:
            self.unknown.append(self._no_certain_map(selection))
        elif map_name not in self.maps:
            self.unknown.append(self._no_map(map_name, selection))
        else:
            self._add_on(self.maps[map_name], selection, fallback)

    def _no_certain_map(self, selection: Selection) -> str:
        known = ", ".join(sorted(self.maps))
        every = f", or all of them: '{ALL}.{selection.name}'" if known else ""
        return f"'{selection.name}' is on no certain map; name one of {known or 'the maps'}{every}"

    def _no_map(self, map_name: str, selection: Selection) -> str:
        hint = did_you_mean(map_name, self.maps)
        default = self.maps.get(self.default_map or "")
        if default is not None and map_name in default.expanded().containers:
            known = default.expanded().containers[map_name].instances
            instance = nearest(selection.name, known)
            if instance is not None:
                hint = f"for an instance write '{default.name}.{map_name}.{instance}'"
            else:
                hint = f"'{map_name}' {_of_instances(known)}"
        return f"no map '{map_name}' (for '{selection.name}')" + (f"; {hint}" if hint else "")

    def _add_on_all_maps(self, selection: Selection, fallback: tuple[str, ...]) -> None:
        there = [
            each for each in self.maps.values() if selection.name == ALL or _has(each, selection)
        ]
        if not there:
            self.unknown.append(f"no map has a {selection.kind.value} '{selection.name}'")
        for container_map in there:
            self._add_on(container_map, selection, fallback)

    def _add_on(
        self, container_map: ContainerMap, selection: Selection, fallback: tuple[str, ...]
    ) -> None:
        if selection.name == ALL and selection.kind is not ResourceKind.IMAGE:
            for name in _names(container_map, selection.kind):
                self._add_one(container_map, evolve(selection, name=name), fallback)
        elif selection.kind is ResourceKind.CONTAINER and selection.name in container_map.groups:
            for entry in container_map.groups[selection.name]:
                own = fallback if not selection.instances else selection.instances
                self._add_group_entry(container_map, entry, own)
        elif _has(container_map, selection):
            self._add_one(container_map, selection, fallback)
        else:
            self.unknown.append(_unknown(container_map, selection))

    def _add_group_entry(
        self, container_map: ContainerMap, entry: object, fallback: tuple[str, ...]
    ) -> None:
        """An entry of a group: never another group (SEL-20, SEL-21)."""
        if isinstance(entry, str):
            found = find_container(container_map, entry)
            if found is None:
                missing = Selection(name=entry.partition(".")[0])
                self.unknown.append(_unknown(container_map, missing))
                return
            instances = (found.instance,) if found.instance else ()
            selection = Selection(name=found.config, instances=instances)
            self._add_one(container_map, selection, fallback)
            return
        for selection in _read(entry, self.maps):
            target = self.maps.get(selection.map_name or container_map.name)
            if target is None or not _has(target, selection, groups=False):
                self.unknown.append(_unknown(target or container_map, selection))
            else:
                self._add_one(target, selection, fallback)

    def _add_one(
        self, container_map: ContainerMap, selection: Selection, fallback: tuple[str, ...]
    ) -> None:
        key = (container_map.name, selection.name, selection.kind)
        instances = selection.instances
        if not instances and selection.kind is ResourceKind.CONTAINER:
            instances = fallback
        found = self._found.setdefault(key, {})
        if not instances:
            self._whole.add(key)
        elif selection.kind is ResourceKind.VOLUME:
            aliases = _aliases(container_map, selection.name)
            for alias in instances:
                if alias not in aliases:
                    hint = did_you_mean(alias, aliases)
                    self.unknown.append(
                        f"'{selection.name}' on map '{container_map.name}' attaches no volume"
                        f" '{alias}'" + (f"; {hint}" if hint else "")
                    )
        elif selection.kind is ResourceKind.CONTAINER and self.strict:
            known = self._known_instances(container_map, selection.name, selection.kind)
            self.unknown += _misused(container_map, selection, instances, fallback, known)
        found.update(dict.fromkeys(instances))

    def items(self) -> Iterator[MapItem]:
        """Everything selected, in the order of SEL-13."""
        for key in sorted(self._found, key=lambda key: (key[0], key[1], key[2].value)):
            map_name, name, kind = key
            selected: tuple[str | None, ...] = tuple(self._found[key])
            known = self._known_instances(self.maps[map_name], name, kind)
            if key in self._whole:
                selected = known or (None,)
            order = {instance: index for index, instance in enumerate(known)}
            for instance in sorted(selected, key=lambda each: order.get(each or "", len(order))):
                if kind is ResourceKind.CONTAINER and instance not in (known or (None,)):
                    _log.warning(
                        "map '%s' does not configure the instance '%s' of '%s'; used as it is",
                        map_name,
                        instance,
                        name,
                    )
                yield MapItem(kind, map_name, name, instance)

    def _known_instances(
        self, container_map: ContainerMap, name: str, kind: ResourceKind
    ) -> tuple[str, ...]:
        if kind is ResourceKind.CONTAINER:
            return container_map.expanded().containers[name].instances
        return _aliases(container_map, name) if kind is ResourceKind.VOLUME else ()


def _misused(
    container_map: ContainerMap,
    selection: Selection,
    instances: tuple[str, ...],
    fallback: tuple[str, ...],
    known: tuple[str, ...],
) -> Iterator[str]:
    """What is said about instances, and means nothing."""
    for instance in instances:
        if instance not in known:
            hint = did_you_mean(instance, known) or f"it {_of_instances(known)}"
            yield (
                f"'{selection.name}' on map '{container_map.name}' has no instance '{instance}'; {hint}"
            )
        elif fallback and instance not in fallback:
            meant = ", ".join(map(repr, fallback))
            yield (
                f"'{selection.name}.{instance}' is selected by its own name,"
                f" and the instance {meant} does not apply to it"
            )


def _of_instances(known: tuple[str, ...]) -> str:
    """What instances a configuration has."""
    if not known:
        return "has no instances"
    few, rest = known[:_FEW], len(known) - _FEW
    more = f" and {rest} more" if rest > 0 else ""
    return f"has the instances {', '.join(map(repr, few))}{more}"


def _aliases(container_map: ContainerMap, name: str) -> tuple[str, ...]:
    attached = container_map.expanded().containers[name].attaches
    return tuple(dict.fromkeys(volume.name for volume in attached))


def _names(container_map: ContainerMap, kind: ResourceKind) -> tuple[str, ...]:
    """What there is of a kind on a map; for volumes, the configurations that own some."""
    if kind is ResourceKind.NETWORK:
        return tuple(container_map.networks)
    containers = container_map.expanded().containers
    if kind is ResourceKind.VOLUME:
        return tuple(name for name, each in containers.items() if each.attaches)
    return tuple(containers) if kind is ResourceKind.CONTAINER else ()


def _has(container_map: ContainerMap, selection: Selection, *, groups: bool = True) -> bool:
    if selection.kind is ResourceKind.IMAGE:
        return True  # known to whoever names images
    if (
        groups
        and selection.kind is ResourceKind.CONTAINER
        and selection.name in container_map.groups
    ):
        return True
    return selection.name in _names(container_map, selection.kind)


def _unknown(container_map: ContainerMap, selection: Selection) -> str:
    known = [*_names(container_map, selection.kind)]
    if selection.kind is ResourceKind.CONTAINER:
        known += container_map.groups
        if selection.name in container_map.containers:
            return f"'{selection.name}' on map '{container_map.name}' is abstract"
    hint = suggest(selection.name, known)
    return f"no {selection.kind.value} '{selection.name}' on map '{container_map.name}'" + (
        f"; {hint}" if hint else ""
    )
