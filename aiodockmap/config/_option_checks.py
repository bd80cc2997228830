"""Whether the options of containers exist; what they are set to is looked at when they are compiled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..model import NESTED_OPTIONS, OPTION_NAMES, hint_in_style
from ._container import ContainerConfiguration
from ._place import Place

_HOST_NAMES: Final = tuple(name for name, option in OPTION_NAMES.items() if option.is_host_config)
_ALL_NAMES: Final = (*OPTION_NAMES, *NESTED_OPTIONS)


def report_unknown_options(containers: Mapping[str, ContainerConfiguration], place: Place) -> None:
    """Note every option that there is none of (OPT-4); those that are late are not evaluated."""
    for name, configuration in containers.items():
        at = place.at("containers").at(name)
        _report(configuration.create_options, at.at("create_options"), is_host_config=False)
        _report(configuration.host_config, at.at("host_config"), is_host_config=True)


def _report(options: object, place: Place, *, is_host_config: bool) -> None:
    for name, value in options.items() if isinstance(options, Mapping) else ():
        if not is_host_config and name in NESTED_OPTIONS:
            _report(value, place.at(name), is_host_config=True)
            continue
        wrong = unknown_option(name, is_host_config=is_host_config)
        if wrong is not None:
            place.at(name).report(*wrong)


def unknown_option(name: object, *, is_host_config: bool) -> tuple[str, str | None] | None:
    """What is wrong with the name of an option, and the way out; None if nothing is."""
    option = OPTION_NAMES.get(name) if isinstance(name, str) else None
    if option is not None and (option.is_host_config or not is_host_config):
        return None
    if option is not None:
        return "is no option of the host", "it belongs in create_options"
    known = _HOST_NAMES if is_host_config else _ALL_NAMES
    return "there is no such option", hint_in_style(str(name), known)
