"""From options as they are written to what is sent: read each place, combine, translate once (KW).

Layers hold raw values under the options' one name each, so that they combine whatever spelling their
authors chose; only the combination is translated. Every value knows where it was written, so that a
complaint can name the place.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from typing import cast

from attrs import field, frozen

from ..errors import Problem
from ..model import JsonObject, is_late, step_to
from ._conversions import BadValue, kind_of
from ._evaluation import called, evaluated, evaluated_deep
from ._table import NESTED_OPTIONS, OPTION_BY_NAME, OPTIONS, Option, unknown_option

logger = logging.getLogger(__name__)


class Section(Enum):
    """Where options are written, and so which there are."""

    CREATE = "create_options"
    """All of them, those of the host also in a mapping of their own (KW-6)."""
    HOST = "host_config"
    """Only those of the host (OPT-2)."""


@frozen
class Layer:
    """The options of one place, or of several combined."""

    values: Mapping[str, object]
    """By `Option.keyword`; nothing late, nothing null, lists and mappings as JSON has them."""
    places: Mapping[str, str]
    """Where each was written; of several places the strongest."""


@frozen
class Translation:
    """What options come to."""

    config: dict[str, object] = field(factory=dict)
    """The body of `POST /containers/create`, except for what follows."""
    host_config: dict[str, object] = field(factory=dict)
    endpoints: dict[str, JsonObject] = field(factory=dict)
    """All of them, though most engines take no more than one in the body (NET-3)."""
    query: dict[str, str] = field(factory=dict)
    """The `name` and the `platform`, if they are given."""


def given_options(given: object, place: str, problems: list[Problem]) -> Mapping[str, object]:
    """Evaluate what `create_options` or `host_config` may be: a mapping or a callable (OPT-7)."""
    try:
        value = _evaluated_options(given)
    except BadValue as problem:
        problems += problem.at(place)
        return {}
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        problems.append(Problem(place, f"must be a mapping of options, not {kind_of(value)}"))
        return {}
    return value


def _evaluated_options(given: object) -> object:
    if is_late(given):
        return evaluated(given)
    return called(cast("Callable[[], object]", given)) if callable(given) else given


def read_layers(
    given: Mapping[str, object], place: str, section: Section, problems: list[Problem]
) -> tuple[Layer, ...]:
    """Read one place; the host's options in a mapping of their own are a second, stronger layer."""
    values: dict[str, object] = {}
    places: dict[str, str] = {}
    nested: tuple[Layer, ...] = ()
    for name, late in given.items():
        here = place + step_to(name) if place else str(name)
        if section is Section.CREATE and name in NESTED_OPTIONS:
            options = given_options(late, here, problems)
            nested += read_layers(options, here, Section.HOST, problems)
            continue
        unknown = unknown_option(name, is_host_config=section is Section.HOST)
        if unknown is not None:
            problems.append(Problem(here, *unknown))
            continue
        option = OPTION_BY_NAME[name]
        if option.keyword in values:
            problems.append(Problem(here, f"is the same option as {places[option.keyword]}"))
            continue
        try:
            value = evaluated_deep(late)
            if value is None:
                continue
            values[option.keyword] = option.prepare(value)
        except BadValue as problem:
            problems += problem.at(here)
        places[option.keyword] = here
    return (Layer(values, places), *nested)


def combine_layers(layers: Iterable[Layer]) -> Layer:
    """One layer out of several, the weakest first (KW-1, KW-2)."""
    values: dict[str, object] = {}
    places: dict[str, str] = {}
    for layer in layers:
        for keyword, value in layer.values.items():
            values[keyword] = (
                OPTION_BY_NAME[keyword].combine(values[keyword], value)
                if keyword in values
                else value
            )
        places.update(layer.places)
    return Layer(values, places)


def converted(layer: Layer, problems: list[Problem]) -> Iterator[tuple[Option, object]]:
    """Each option with what is sent for it, in the order of the table."""
    for option in OPTIONS:
        if option.keyword not in layer.values:
            continue
        try:
            yield option, option.convert(layer.values[option.keyword])
        except BadValue as problem:
            problems += problem.at(layer.places[option.keyword])


def check_values(layers: Iterable[Layer], problems: list[Problem]) -> None:
    """Note what is wrong with each value by itself, whatever it may be combined with."""
    for layer in layers:
        for _ in converted(layer, problems):
            """What is sent is of no interest yet."""


def translate(layer: Layer, problems: list[Problem]) -> Translation:
    """What the options ask for; deterministic, whatever order they came in."""
    result = Translation()
    for option, value in converted(layer, problems):
        match option.path:
            case ("HostConfig", name):
                result.host_config[name] = value
            case ("NetworkingConfig", _):
                result.endpoints.update(cast("Mapping[str, JsonObject]", value))
            case ("?", name):
                result.query[name] = str(value)
            case (name,):
                result.config[name] = value
            case _:
                _translate_many(option, value, layer, result.config)
    return result


def _translate_many(option: Option, value: object, layer: Layer, config: dict[str, object]) -> None:
    match option.keyword:
        case "stdin_open":
            config.setdefault("OpenStdin", value)
            if value and layer.values.get("detach") is not True:
                config.setdefault("StdinOnce", True)
                config.setdefault("AttachStdin", True)
        case "detach":
            config.setdefault("AttachStdout", not value)
            config.setdefault("AttachStderr", not value)
        case "use_config_proxy":
            pass  # tells docker-py what to read on the client's side
        case _:
            logger.warning(
                "%s is ignored: engines have no such setting", layer.places[option.keyword]
            )
