"""Whether the options of containers exist; what they are set to is looked at when they are compiled."""

from __future__ import annotations

from collections.abc import Mapping

from ..options import NESTED_OPTIONS, unknown_option
from ._container import ContainerConfiguration
from ._place import Place


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
