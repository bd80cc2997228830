"""What the attributes of a configuration come to, as options: the weakest layer (ENG, KW-1).

The values are written as an author of options would write them, under docker-py's keywords, so that
they combine with `create_options` and `host_config` like any others.
"""

from __future__ import annotations

from typing import Final

from ..config import ContainerReference
from ..model import (
    UNSET,
    PortBinding,
    suggest,
)
from ..options import (
    OPTION_BY_NAME,
    BadValue,
    Layer,
    evaluated,
    evaluated_deep,
    port_key,
    text,
    user,
)
from ._mounts import Mounts
from ._networks import endpoint_settings, linked_names
from ._subject import Subject

DEFAULT_MODE: Final = "default"
HOST_NAMES: Final = "set_hostname"
"""The attribute that the generated host name is put down to."""


def derived_layer(subject: Subject, mounts: Mounts) -> Layer:
    """The options that the attributes stand for."""
    values: dict[str, object] = {}
    places: dict[str, str] = {}
    for attribute, derive in (
        ("image", _image),
        ("user", _user),
        (HOST_NAMES, _host_names),
        ("stop_signal", _stop),
        ("healthcheck", _healthcheck),
        ("exposes", _ports),
        ("links", _links),
        ("networks", _networks),
    ):
        try:
            found = derive(subject)
        except BadValue as problem:
            subject.problems.extend(problem.at(f"{subject.place}.{attribute}"))
            continue
        values |= found
        places |= dict.fromkeys(found, f"{subject.place}.{attribute}")
    for keyword, found_mounts in (
        ("volumes", list(mounts.paths)),
        ("binds", [str(bind) for bind in mounts.binds]),
        ("volumes_from", list(mounts.volumes_from)),
    ):
        if found_mounts:
            values[keyword] = found_mounts
            places[keyword] = subject.place
    prepared: dict[str, object] = {}
    for key, value in values.items():
        try:
            prepared[key] = OPTION_BY_NAME[key].prepare(value)
        except BadValue as problem:
            subject.problems.extend(problem.at(places[key]))
    return Layer(prepared, places)


def _image(subject: Subject) -> dict[str, object]:
    try:
        return {"image": str(subject.placement.image(subject.name, subject.configuration))}
    except ValueError as error:
        raise BadValue(str(error)) from None


def _user(subject: Subject) -> dict[str, object]:
    name = user_text(subject)
    return {} if name is None else {"user": name}


def _host_names(subject: Subject) -> dict[str, object]:
    placement, values = subject.placement, dict[str, object]()
    if placement.map.set_hostname is not False:
        values["hostname"] = placement.naming.hostname(subject.id.name, placement.engine)
    named_by_client = placement.client.domainname is not UNSET
    domain = evaluated_deep(
        placement.client.domainname if named_by_client else placement.map.default_domain
    )
    return {**values, "domainname": domain} if domain else values


def user_text(subject: Subject) -> str | None:
    """The user of the container's process, with the group that the map writes (ENG-3, Q-5)."""
    value = evaluated_deep(subject.configuration.user)
    return None if value is UNSET or value is None or value == "" else user(value)


def _stop(subject: Subject) -> dict[str, object]:
    configuration = subject.configuration
    values: dict[str, object] = {}
    if configuration.stop_signal:
        values["stop_signal"] = text(configuration.stop_signal)
    if configuration.stop_timeout:
        values["stop_timeout"] = configuration.stop_timeout
    return values


def _healthcheck(subject: Subject) -> dict[str, object]:
    check = subject.configuration.healthcheck
    return {"healthcheck": check} if check else {}


def _ports(subject: Subject) -> dict[str, object]:
    exposed: list[str] = []
    published: dict[str, list[dict[str, object]]] = {}
    for index, binding in enumerate(subject.configuration.exposes):
        try:
            port = port_key(evaluated(binding.exposed_port))
            exposed.append(port)
            host_port = evaluated_deep(binding.host_port)
            if host_port is not None and host_port != "":
                address = _address(subject, index, binding)
                published.setdefault(port, []).append({"HostIp": address, "HostPort": host_port})
        except BadValue as problem:
            raise problem.inside(f"[{index}]") from None
    values: dict[str, object] = {"ports": exposed} if exposed else {}
    return {**values, "port_bindings": published} if published else values


def _address(subject: Subject, index: int, binding: PortBinding) -> str:
    name = str(evaluated_deep(binding.interface) or "")
    if not name:
        return ""
    client = subject.placement.client
    known = client.interfaces_ipv6 if evaluated(binding.ipv6) else client.interfaces
    address = evaluated(known.get(name))
    if not address:
        kind = "interfaces_ipv6" if evaluated(binding.ipv6) else "interfaces"
        subject.complain(
            f"exposes[{index}]",
            f"the client {subject.placement.engine!r} has no address for {name!r} in `{kind}`",
            suggest(name, known) or f"write `{kind}: {{{name}: ADDRESS}}` there",
        )
    return str(address or "")


def _links(subject: Subject) -> dict[str, object]:
    links = linked_names(subject.placement, subject.configuration.links)
    return {"links": links} if links else {}


def _networks(subject: Subject) -> dict[str, object]:
    configuration = subject.configuration
    mode = configuration.network_mode
    if isinstance(mode, ContainerReference):
        target = subject.placement.container(mode.config, mode.instance)
        return {"network_mode": f"container:{target.name}"}
    if mode == "none":
        return {"network_mode": mode, "network_disabled": True}
    if mode and (mode == "host" or mode.startswith("container:")):
        return {"network_mode": mode}
    values: dict[str, object] = {"network_mode": mode or DEFAULT_MODE}
    if configuration.networks:
        values["networking_config"] = {
            "EndpointsConfig": {
                subject.placement.network(connection.network_name).name: endpoint_settings(
                    subject.placement, connection
                )
                for connection in configuration.networks
            }
        }
    return values
