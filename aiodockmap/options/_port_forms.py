"""Ports in docker-py's forms and in those of the Engine API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ..model import step_to
from ._conversions import (
    BadValue,
    Part,
    entries,
    is_sequence,
    kind_of,
    list_of,
    parts_of,
    record,
    text,
)

_PORT: Final = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")
_PROTOCOLS: Final = ("tcp", "udp", "sctp")
_HIGHEST_PORT: Final = 65_535
_PORT_AND_PROTOCOL: Final = 2


def port_key(value: object) -> str:
    """Accept 80, "80", "53/udp" and (53, "udp"); what has no protocol is TCP."""
    if is_sequence(value):
        parts = entries(value)
        if len(parts) not in {1, _PORT_AND_PROTOCOL}:
            raise BadValue("must be a port, or a port and its protocol")
        number, protocol = port_number(parts[0]), text(parts[-1]) if parts[1:] else "tcp"
    else:
        number_text, slash, protocol = text(value).partition("/")
        number, protocol = port_number(number_text), protocol if slash else "tcp"
    if protocol.lower() not in _PROTOCOLS:
        raise BadValue(f"has the protocol {protocol!r}; there are {', '.join(_PROTOCOLS)}")
    return f"{number}/{protocol.lower()}"


def port_number(value: object) -> str:
    """Accept a port, and a range of ports: `8000-8010`."""
    number = text(value)
    found = _PORT.fullmatch(number)
    if not found or any(int(port) > _HIGHEST_PORT for port in found.groups() if port):
        raise BadValue(f"must be a port between 0 and {_HIGHEST_PORT}, not {number!r}")
    return number


def exposed_ports(value: object) -> dict[str, object]:
    """Accept a list of ports, a single one, and the engine's mapping."""
    ports = list(value) if isinstance(value, Mapping) else list(entries(value))
    return {port: {} for port in list_of(port_key)(ports)}


def port_bindings(value: object) -> dict[str, object]:
    """Accept a mapping from port to where on the host it is published.

    That is a port, (address, port), (address,), null for a port that the engine chooses, the
    engine's `{HostIp, HostPort}`, or a list of them. Two elements are an address and its port if
    the first cannot be a port: a map keeps no difference between lists and tuples.
    """
    if not isinstance(value, Mapping):
        raise BadValue(f"must be a mapping from port to host port, not {kind_of(value)}")
    ports = parts_of((step_to(port), port_key, port) for port in value)
    bindings = parts_of((step_to(port), _bindings, given) for port, given in value.items())
    # Engines are about to drop empty lists; today they publish on a random port.
    return {port: given for port, given in zip(ports, bindings, strict=True) if given}


def _bindings(value: object) -> list[dict[str, object]]:
    if is_sequence(value) and not _is_address_and_port(value):
        return list_of(_binding)(value)
    return [_binding(value)]


def _binding(value: object) -> dict[str, object]:
    if isinstance(value, Mapping):
        fields = _BINDING(value)
        return {"HostIp": fields.get("HostIp", ""), "HostPort": fields.get("HostPort", "")}
    if is_sequence(value):
        parts = entries(value)
        if len(parts) == 1 and not _is_address(parts[0]):
            return _binding(parts[0])
        if not _is_address_and_port(parts):
            raise BadValue("must be a port, or an address and a port")
        port = _host_port(parts[1]) if parts[1:] else ""
        return {"HostIp": text(parts[0] or ""), "HostPort": port}
    return {"HostIp": "", "HostPort": _host_port(value)}


def _is_address_and_port(value: object) -> bool:
    parts = entries(value)
    return 1 <= len(parts) <= _PORT_AND_PROTOCOL and _is_address(parts[0])


def _is_address(value: object) -> bool:
    return value is None or (isinstance(value, str) and not _PORT.fullmatch(value))


def _host_port(value: object) -> str:
    return "" if value is None or value == "" else port_number(value)


_BINDING: Final = record(
    Part("HostIp", ("host_ip",), text), Part("HostPort", ("host_port",), _host_port)
)
