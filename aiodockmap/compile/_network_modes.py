"""What the network mode rules out (ENG-19, ENG-20, INT-14), and the other way round."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..model import PRESET_NETWORKS
from ..options import Translation
from ._derivation import DEFAULT_MODE
from ._subject import Subject

_REFUSED_WITH_HOST: Final[Mapping[str, str]] = {
    "PortBindings": "exposes",
    "Links": "links",
    "MacAddress": "create_options",
}
"""Field of the Engine API, and the attribute that it probably comes from."""
_REFUSED_WITH_CONTAINER: Final[Mapping[str, str]] = {
    **_REFUSED_WITH_HOST,
    "PublishAllPorts": "host_config",
    "Dns": "host_config",
    "ExtraHosts": "host_config",
}


def settle_network_mode(subject: Subject, asked: Translation) -> None:
    """Leave out what the network mode makes senseless, and complain about what contradicts it.

    An engine that gets one of the combinations refuses the whole container.
    """
    mode = str(asked.host_config.get("NetworkMode", ""))
    shares_stack = mode.startswith("container:")
    if shares_stack or asked.host_config.get("UTSMode") == "host":
        asked.config.pop("Hostname", None)
        asked.config.pop("Domainname", None)
    if shares_stack:
        asked.config.pop("ExposedPorts", None)
    if shares_stack or mode == "host":
        refused = _REFUSED_WITH_CONTAINER if shares_stack else _REFUSED_WITH_HOST
        for name, attribute in refused.items():
            if asked.host_config.get(name) or asked.config.get(name):
                subject.complain(
                    attribute,
                    f"`{name}` cannot go with network mode {mode!r}, engines refuse it",
                    "remove one of the two",
                )
    if asked.endpoints and (shares_stack or mode in {"host", "none"}):
        subject.complain(
            "networks",
            f"no networks can be connected with network mode {mode!r}",
            "remove one of the two",
        )
    elif asked.config.get("MacAddress") and mode == DEFAULT_MODE:
        # From API 1.44 on, the address is for the network that is the mode.
        first = next(iter(asked.endpoints), None)
        if first is not None and first not in PRESET_NETWORKS:
            asked.host_config["NetworkMode"] = first
