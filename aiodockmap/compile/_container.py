"""One container: its create body, and what follows its creation (ENG, NET-3, EXEC)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from ..config import ENGINE_NAMES, is_engine_name
from ..errors import Problem
from ..model import (
    ExecCommand,
    ExecPolicy,
    ImageReference,
    JsonObject,
    ResourceId,
    ResourceKind,
)
from ..options import (
    BadValue,
    Layer,
    Section,
    Translation,
    combine_layers,
    evaluated_deep,
    given_options,
    late_part_of,
    part_of,
    read_layers,
    translate,
    user,
    words,
)
from ..state import ContainerSpec, EndpointSpec, ExecSpec, HostPort, container_fields
from ._derivation import HOST_NAMES, derived_layer, user_text
from ._labels import labelled
from ._mounts import mounts_of
from ._names import LONGEST_HOSTNAME
from ._network_modes import settle_network_mode
from ._subject import Subject


def container_spec(subject: Subject, overrides: Iterable[Layer] = ()) -> ContainerSpec | None:
    """All that the creation of a container needs; None if there is something to complain about.

    Late values are evaluated here and nowhere later (LAZY-5 to LAZY-8).

    Args:
        subject: the container; complaints are added to its problems.
        overrides: the keyword arguments of a call, the strongest layers (KW-1).
    """
    before = len(subject.problems)
    mounts = mounts_of(subject)
    options = combine_layers(
        (derived_layer(subject, mounts), *_written_layers(subject), *overrides)
    )
    asked = translate(options, subject.problems)
    settle_network_mode(subject, asked)
    _check_host_name(subject, asked, options)
    _check_targets(subject, asked)
    _check_name(subject, asked, options)
    image = _image(subject, asked, options)
    exec_commands = _exec_commands(subject)
    if image is None or len(subject.problems) > before:
        return None
    further = dict(islice(asked.endpoints.items(), 1, None))
    platform = asked.query.get("platform")
    body = _body(asked, image)
    fields = container_fields(body, further, platform)
    return ContainerSpec(
        image=ResourceId(subject.id.engine, ResourceKind.IMAGE, str(image)),
        body=labelled(body, fields, subject.item, subject.id),
        fields=fields,
        platform=platform,
        further_endpoints=tuple(
            EndpointSpec(
                network=ResourceId(subject.id.engine, ResourceKind.NETWORK, name),
                settings=settings,
            )
            for name, settings in further.items()
        ),
        exec_commands=exec_commands,
        volumes=tuple(_mounted(mounts.volumes, asked)),
        host_ports=tuple(dict.fromkeys(_host_ports(asked))),
    )


def _written_layers(subject: Subject) -> Iterator[Layer]:
    configuration = subject.configuration
    for section, given in (
        (Section.CREATE, configuration.create_options),
        (Section.HOST, configuration.host_config),
    ):
        place = f"{subject.place}.{section.value}"
        options = given_options(given, place, subject.problems)
        yield from read_layers(options, place, section, subject.problems)


def _body(asked: Translation, image: ImageReference) -> JsonObject:
    body = {**asked.config, "Image": str(image), "HostConfig": asked.host_config}
    first = dict(islice(asked.endpoints.items(), 1))
    # Engines before API 1.44 refuse more than one network here (NET-3).
    return {**body, "NetworkingConfig": {"EndpointsConfig": first}} if first else body


def _image(subject: Subject, asked: Translation, options: Layer) -> ImageReference | None:
    written = asked.config.get("Image")
    if written is None:  # there was a complaint about it
        return None
    try:
        image = ImageReference.parse(str(written))
    except ValueError as error:
        subject.problems.append(Problem(options.places["image"], str(error)))
        return None
    # Without a tag, an engine would pull all that there are.
    return image if image.tag or image.digest else ImageReference(image.repository, "latest")


def _check_host_name(subject: Subject, asked: Translation, options: Layer) -> None:
    name = str(asked.config.get("Hostname", ""))
    is_generated = options.places.get("hostname") == f"{subject.place}.{HOST_NAMES}"
    if is_generated and len(name) > LONGEST_HOSTNAME:
        subject.problems.append(
            Problem(
                subject.place,
                f"its host name {name!r} has {len(name)} characters; {LONGEST_HOSTNAME} fit",
                "shorten the names, or give it a `hostname` in create_options",
            )
        )


def _check_name(subject: Subject, asked: Translation, options: Layer) -> None:
    name = asked.query.get("name", subject.id.name)
    if name != subject.id.name:
        subject.problems.append(
            Problem(
                options.places["name"],
                "the name of a container has to be known before anything is evaluated",
                "write it as plain text",
            )
        )
    elif not is_engine_name(name):
        place = options.places.get("name", subject.place)
        subject.problems.append(
            Problem(place, f"{name!r} cannot be the name of a container", ENGINE_NAMES)
        )


def _check_targets(subject: Subject, asked: Translation) -> None:
    seen: set[str] = set()
    for target in _targets(asked.host_config):
        if target in seen:
            subject.problems.append(
                Problem(subject.place, f"several volumes are mounted at {target!r}")
            )
        seen.add(target)


def _targets(host_config: JsonObject) -> Iterator[str]:
    for bind in _list(host_config.get("Binds")):
        yield f"{bind}:".split(":")[1].rstrip("/")
    for mount in _list(host_config.get("Mounts")):
        if isinstance(mount, Mapping):
            yield str(mount["Target"]).rstrip("/")


def _exec_commands(subject: Subject) -> tuple[ExecSpec, ...]:
    """EXEC-3, EXEC-5: without a user of its own, a command runs as the container's process does."""
    specs = []
    for index, command in enumerate(subject.configuration.exec_commands):
        try:
            specs.append(_exec_spec(subject, command))
        except BadValue as problem:
            place = f"{subject.place}.exec_commands[{index}]"
            subject.problems.extend(problem.at(place))
    return tuple(specs)


def _exec_spec(subject: Subject, command: ExecCommand) -> ExecSpec:
    own_user = evaluated_deep(command.user)
    argv = late_part_of(".cmd", words, command.cmd)
    if not argv:
        raise BadValue("is an empty command")
    return ExecSpec(
        argv=tuple(argv),
        user=user_text(subject) if own_user in (None, "") else part_of(".user", user, own_user),
        only_initially=command.policy is ExecPolicy.INITIAL,
        detach=command.detach,
    )


def _mounted(volumes: Iterable[ResourceId], asked: Translation) -> Iterator[ResourceId]:
    # Options may have replaced the binds that the attributes stand for (KW-2).
    sources = {str(bind).partition(":")[0] for bind in _list(asked.host_config.get("Binds"))}
    yield from (volume for volume in volumes if volume.name in sources)


def _host_ports(asked: Translation) -> Iterator[HostPort]:
    bindings = asked.host_config.get("PortBindings")
    for port, addresses in (bindings if isinstance(bindings, Mapping) else {}).items():
        protocol = str(port).partition("/")[2]
        for binding in _list(addresses):
            if isinstance(binding, Mapping) and str(binding["HostPort"]).isdecimal():
                number = int(binding["HostPort"])
                if number:  # an engine chooses in place of 0, and out of a range
                    yield HostPort(address=str(binding["HostIp"]), port=number, protocol=protocol)


def _list(value: object) -> Iterator[object]:
    if isinstance(value, list):
        yield from value
