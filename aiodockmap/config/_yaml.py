"""Maps and clients from YAML (YAML-1 to YAML-10)."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, TypeVar, overload

import yaml
from attrs import define, evolve, field
from yaml.constructor import FullConstructor, SafeConstructor
from yaml.nodes import MappingNode, Node, ScalarNode

from ..errors import CircularDependencyError, MapError, MapIntegrityError, Problem
from ._clients import NO_EFFECT, ClientConfiguration, misspelt_setting
from ._map import ContainerMap
from ._place import Place, below, kind_of
from ._yaml_loader import MapLoader, Source
from ._yaml_nodes import TEXT_TAG, check_size, constructed, odd_reading

C = TypeVar("C")

_log: Final = logging.getLogger("aiodockmap")

_MERGE_TAG: Final = "tag:yaml.org,2002:merge"
_LAST_STEP: Final = re.compile(r"(\.[\w-]+|\[[^\[]*\])$")


def load_yaml(
    source: Source,
    *,
    loader: type[yaml.SafeLoader] = MapLoader,
    name: str = "YAML document",
) -> object:
    """Load any YAML document with the tags of maps (YAML-10).

    Raises:
        MapError: if it is no YAML, or a mapping in it has a key twice; `name` is said there.
        TypeError: if the loader is not a safe one.

    """
    document = _Document.load(source, loader, name)
    if document.place.problems:
        raise MapError(name, document.located(document.place.problems))
    return document.content


def load_map(
    source: Source,
    name: str | None = None,
    *,
    check_integrity: bool = True,
    check_duplicates: bool = True,
    loader: type[yaml.SafeLoader] = MapLoader,
) -> ContainerMap:
    """Load a map from a YAML document (YAML-1).

    Its name is `name`, else what the document says under `name` (YAML-2).

    Raises:
        MapError: with all problems of the document and of the map.
        TypeError: if the loader is not a safe one.

    """
    where = f"map '{name}'" if name else "map"
    document = _Document.load(source, loader, where)
    return _make_map(
        document,
        name or "",
        where,
        check_integrity=check_integrity,
        check_duplicates=check_duplicates,
    )


def load_map_file(
    path: str | os.PathLike[str],
    name: str | None = None,
    *,
    check_integrity: bool = True,
    check_duplicates: bool = True,
    loader: type[yaml.SafeLoader] = MapLoader,
) -> ContainerMap:
    """Load a map from a YAML file.

    Its name is `name`, else what the document says under `name`; with an empty `name`, it is the
    name of the file without its extension (YAML-2).

    Raises:
        MapError: with all problems of the document and of the map.
        OSError: if the file cannot be read.
        TypeError: if the loader is not a safe one.

    """
    file = Path(path)
    # Whole: PyYAML copies what it has read of a value with every piece of a file.
    document = _Document.load(file.read_bytes(), loader, str(file))
    chosen = file.name.partition(".")[0] if name == "" else name or ""
    return _make_map(
        document,
        chosen,
        str(file),
        check_integrity=check_integrity,
        check_duplicates=check_duplicates,
    )


@overload
def load_clients(
    source: Source, *, loader: type[yaml.SafeLoader] = ..., name: str = ...
) -> dict[str, ClientConfiguration]: ...
@overload
def load_clients(
    source: Source,
    *,
    configuration: Callable[..., C],
    loader: type[yaml.SafeLoader] = ...,
    name: str = ...,
) -> dict[str, C]: ...
def load_clients(
    source: Source,
    *,
    configuration: Callable[..., object] = ClientConfiguration,
    loader: type[yaml.SafeLoader] = MapLoader,
    name: str = "clients",
) -> Mapping[str, object]:
    """Load client configurations by name from a YAML document (YAML-9).

    `configuration` is called with the settings of each client as keywords. Keys that look like misspelt
    settings are logged, with their lines.

    Raises:
        MapError: with all problems of the document; `name` is said there.
        TypeError: if the loader is not a safe one.

    """
    document = _Document.load(source, loader, name)
    place = document.place
    clients: dict[str, object] = {}
    doubts: list[Problem] = []
    content = document.content
    if not isinstance(content, Mapping):
        place.report(f"clients are a mapping of names to settings, not {kind_of(content)}")
        content = {}
    for key, settings in content.items():
        at = place.at(key)
        if settings is not None and not isinstance(settings, Mapping):
            at.report(f"a client is a mapping of settings, not {kind_of(settings)}")
            continue
        try:
            given = {str(each): value for each, value in (settings or {}).items()}
            if configuration is ClientConfiguration:
                doubts += _doubts(given, at)
                given = _with_extra(given)
            clients[str(key)] = configuration(**given)
        except MapError as wrong:
            place.problems.extend(below(at, wrong.problems))
    if place.problems:
        raise MapError(name, document.located(place.problems))
    for doubt in document.located(doubts):
        _log.warning("%s: %s", name, doubt)
    return clients


def _doubts(settings: Mapping[str, object], place: Place) -> list[Problem]:
    """Keys of somebody's own that look like misspelt ones."""
    return [
        Problem(place.at(each).path, NO_EFFECT, f"did you mean '{guess}'?")
        for each in settings
        if (guess := misspelt_setting(each))
    ]


def _with_extra(settings: Mapping[str, object]) -> dict[str, object]:
    """The same settings, with misspelt ones as what is kept on purpose: they are told with their places."""
    doubtful = {each: value for each, value in settings.items() if misspelt_setting(each)}
    rest = {each: value for each, value in settings.items() if each not in doubtful}
    extra = rest.get("extra")
    return (
        {**rest, "extra": {**(extra if isinstance(extra, Mapping) else {}), **doubtful}}
        if doubtful
        else rest
    )


@overload
def load_clients_file(
    path: str | os.PathLike[str], *, loader: type[yaml.SafeLoader] = ...
) -> dict[str, ClientConfiguration]: ...
@overload
def load_clients_file(
    path: str | os.PathLike[str],
    *,
    configuration: Callable[..., C],
    loader: type[yaml.SafeLoader] = ...,
) -> dict[str, C]: ...
def load_clients_file(
    path: str | os.PathLike[str],
    *,
    configuration: Callable[..., object] = ClientConfiguration,
    loader: type[yaml.SafeLoader] = MapLoader,
) -> Mapping[str, object]:
    """Load client configurations by name from a YAML file.

    Raises:
        MapError: with all problems of the document.
        OSError: if the file cannot be read.
        TypeError: if the loader is not a safe one.

    """
    text = Path(path).read_bytes()
    return load_clients(text, configuration=configuration, loader=loader, name=str(path))


@define(eq=False)
class _Document:
    """A document, and what is wrong with it as such; only used while it is read."""

    content: object = None
    place: Place = field(factory=Place)
    lines: dict[str, int] = field(factory=dict)
    """The line that each place begins in."""
    misread: set[str] = field(factory=set)
    """The places of numbers that are others than they look; nothing else is said of them."""

    @classmethod
    def load(cls, source: Source, loader: type[yaml.SafeLoader], name: str) -> _Document:
        """Read one document.

        Raises:
            MapError: if it is no YAML, or nothing that could be read.
            TypeError: if the loader is not a safe one.

        """
        bases: type = loader
        if not issubclass(bases, SafeConstructor) or issubclass(bases, FullConstructor):
            raise TypeError(f"{loader.__name__} can construct any object; use a safe loader")
        if not isinstance(source, str | bytes) and not hasattr(source, "read"):
            what = f"this is to be a text, or an open file, not {kind_of(source)}"
            raise MapError(name, [Problem("$", what)])
        document = cls()
        try:
            reader = loader(source)
            try:
                node = reader.get_single_node()
                if node is not None:
                    document._check(node)
                    document.content = constructed(reader, node)
            finally:
                reader.dispose()
        except yaml.YAMLError as wrong:
            raise MapError(name, [_as_problem(wrong)]) from None
        except RecursionError:
            raise MapError(name, [Problem("$", "it is nested too deeply")]) from None
        return document

    def located(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """The problems with the lines that they are in, in that order."""
        found: list[Problem] = []
        for problem in problems:
            at = _at_top(problem.path)
            if at in self.misread and any(_at_top(each.path) == at for each in found):
                continue
            found.append(evolve(problem, line=self._line_of(problem.path)))
        return tuple(sorted(found, key=lambda problem: problem.line or 0))

    def _line_of(self, path: str) -> int | None:
        """The line of a place, or of the innermost one around it that the document has."""
        while path not in self.lines:
            # A container may stand at the top level (LOAD-2), where its place does not say so.
            at_top = _at_top(path)
            if at_top != "$" and at_top in self.lines:
                return self.lines[at_top]
            shorter = _LAST_STEP.sub("", path)
            if shorter == path:
                return None
            path = shorter
        return self.lines[path] if path != "$" else None

    def _check(self, root: Node) -> None:
        """Note lines, and report keys that a mapping has twice, and numbers that are others than they look.

        Raises:
            yaml.YAMLError: for anchors in themselves, and for those that stand for too much.

        """
        seen: set[int] = set()
        pending: list[tuple[Node, Place, frozenset[int]]] = [(root, self.place, frozenset())]
        while pending:
            node, place, above = pending.pop()
            if id(node) in above:
                raise yaml.composer.ComposerError(
                    None, None, "an anchor contains itself", node.start_mark
                )
            self.lines.setdefault(place.path, node.start_mark.line + 1)
            if isinstance(node, ScalarNode):
                self._check_number(node, place)
                continue
            if id(node) in seen:
                continue
            seen.add(id(node))
            below_this = above | {id(node)}
            if isinstance(node, MappingNode):
                self._check_keys(node, place)
                for key, _ in node.value:
                    self._check_number(key, place.at(key.value))
                    self.lines.setdefault(place.at(key.value).path, key.start_mark.line + 1)
                children = [(value, place.at(key.value)) for key, value in node.value]
            else:
                children = [(each, place.index(index)) for index, each in enumerate(node.value)]
            pending += [(child, at, below_this) for child, at in reversed(children)]
        check_size(root)

    def _check_number(self, node: Node, place: Place) -> None:
        """The number is not shown, as it may be a secret."""
        reading = odd_reading(node)
        if reading:
            column = node.start_mark.column + 1
            place.report(f"YAML reads this number (column {column}) {reading}", "put it in quotes")
            self.misread.add(_at_top(place.path))
            node.tag = TEXT_TAG  # which is what is meant

    def _check_keys(self, node: MappingNode, place: Place) -> None:
        lines: dict[tuple[str, str], int] = {}
        for key, _ in node.value:
            if not isinstance(key, ScalarNode) or key.tag == _MERGE_TAG:
                continue
            line = key.start_mark.line + 1
            name = (key.tag, key.value)
            if name in lines:
                place.at(key.value).report(
                    f"'{key.value}' is there twice, in line {lines[name]} and in line {line}"
                )
            lines.setdefault(name, line)


def _at_top(path: str) -> str:
    """The place as it is for a container that stands at the top level (LOAD-2)."""
    return path.replace("$.containers", "$", 1)


def _as_problem(wrong: yaml.YAMLError) -> Problem:
    """A problem of the syntax; the text around it is not shown, as it may hold secrets."""
    if isinstance(wrong, yaml.MarkedYAMLError):
        mark = wrong.problem_mark or wrong.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "$"
        context = f" ({wrong.context})" if wrong.context else ""
        return Problem(where, f"{wrong.problem}{context}")
    return Problem("$", "this is no YAML text")


def _make_map(
    document: _Document,
    name: str,
    source: str,
    *,
    check_integrity: bool,
    check_duplicates: bool,
) -> ContainerMap:
    place, content = document.place, document.content
    if not isinstance(content, Mapping):
        place.report(f"a map is a mapping, not {kind_of(content)}")
        raise MapError(source, document.located(place.problems))
    written = content.get("name")
    if not name and isinstance(written, str):
        name = written
    if not name:
        if written is None or written == "":
            place.at("name").report("the map has no name", "write it under 'name', or pass it")
        else:
            place.at("name").report(f"the name of a map is a text, not {kind_of(written)}")
        name = "unnamed"
    if source == "map":
        source = f"map '{name}'"
    try:
        made = ContainerMap(
            name, content, check_integrity=check_integrity, check_duplicates=check_duplicates
        )
    except MapError as wrong:
        problems = document.located((*place.problems, *wrong.problems))
        error = MapError(source, problems)
        if not place.problems and isinstance(wrong, MapIntegrityError):
            error = MapIntegrityError(source, problems)
            if isinstance(wrong, CircularDependencyError):
                error = CircularDependencyError(source, wrong.cycle, problems)
        error.readable = wrong.readable
        raise error from None
    if place.problems:
        raise MapError(source, document.located(place.problems))
    return made
