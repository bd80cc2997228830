"""What newer releases of Docker refuse in other words, or with another status, than Docker 20.10."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from attrs import frozen

from ._answers import ApiError


@frozen
class Rewording:
    """One message, as a pattern for what Docker 20.10 says, and what the newer release says instead."""

    old: str
    """A regular expression for all of it."""
    new: str
    """With the groups of the pattern, and the facts of the error, in braces."""
    status: int | None = None
    """Instead of Docker 20.10's."""
    about: str | None = None
    """A fact that the error has to have, where the message alone does not tell."""

    def apply(self, error: ApiError) -> ApiError | None:
        """The same refusal in the newer words; None if it is not this one."""
        found = re.fullmatch(self.old, error.message)
        if found is None or (self.about is not None and self.about not in error.facts):
            return None
        message = self.new.format(**error.facts, **found.groupdict(default=""))
        return ApiError(self.status or error.status, message)


def reworded(error: ApiError, rewordings: Iterable[Rewording]) -> ApiError:
    """A refusal in the words of a release."""
    for rewording in rewordings:
        newer = rewording.apply(error)
        if newer is not None:
            return newer
    return error


_RUN = "OCI runtime create failed: runc create failed: unable to start container process: "
DOCKER_28_5_WORDS: Final = (
    Rewording(
        ".* is not a valid change command", "{change} is not a valid change command", about="change"
    ),
    # Bodies and queries.
    Rewording("EOF", "invalid JSON: got EOF while reading request body", 400),
    Rewording(".*", "{filters}invalid filter", 400, about="filters"),
    Rewording(
        r"Content-Type specified \(\) must be .*",
        "malformed Content-Type header (): mime: no media type",
    ),
    Rewording(
        "Content-Type specified (?P<said>.*) must be (?P<type>.*)",
        "unsupported Content-Type header {said}: must be {type}",
    ),
    Rewording("invalid character '.' (?P<problem>exceeded .*)", "invalid JSON: {problem}", 400),
    Rewording("unexpected EOF", "invalid JSON: unexpected EOF", 400, about="body"),
    Rewording("(?P<problem>invalid character .*)", "invalid JSON: {problem}", 400),
    Rewording(".*", "invalid JSON: {misfit}", 400, about="misfit"),
    Rewording("(?P<problem>.*)", "{problem}", 400, about="until"),
    Rewording(
        r"Invalid filter 'all=\[(?P<text>\S*)\]'",
        "invalid filter 'all': strconv.ParseBool: parsing \"{text}\": invalid syntax",
    ),
    Rewording(
        "Invalid filter 'status=(?P<value>.*)'",
        "invalid filter 'status={value}': invalid value for state ({value}): must be one of "
        "created, running, paused, restarting, removing, exited, dead",
    ),
    Rewording(
        "Unrecognised filter value for health: (?P<value>.*)",
        "invalid filter 'health={value}': invalid value for health ({value}): must be one of "
        "none, starting, healthy, unhealthy",
    ),
    Rewording(
        "(?P<problem>strconv[.]Atoi: .*)",
        "invalid filter 'exited={exited}': {problem}",
        400,
        about="exited",
    ),
    Rewording("no such container (?P<ref>.*)", "No such container: {ref}", 404),
    Rewording("Invalid filter (?P<name>'.*')", "invalid filter {name}"),
    Rewording(
        "invalid reference format: repository name must be lowercase",
        "invalid reference format: repository name ({repository}) must be lowercase",
    ),
    # Creations.
    Rewording(
        "Container cannot be connected to network endpoints: .*",
        "Container cannot be created with multiple network endpoints: {networks}",
    ),
    Rewording("No command specified", "no command specified"),
    Rewording(
        "Config cannot be empty in order to create a container",
        "config cannot be empty in order to create a container",
    ),
    Rewording(
        "(?P<image>image with reference .* was found but) does not match the specified platform: "
        "wanted (?P<wanted>.*), actual: (?P<actual>.*)",
        "{image} its platform ({actual}) does not match the specified platform ({wanted})",
    ),
    Rewording("Range of CPUs is (?P<range>.*)", "range of CPUs is {range}"),
    Rewording("Invalid network mode: (?P<reason>.*)", "invalid network mode: {reason}"),
    Rewording("Unknown runtime specified (?P<name>.*)", "unknown or invalid runtime name: {name}"),
    Rewording(
        "invalid restart policy (?P<name>'.*')",
        "invalid restart policy: unknown policy {name}; "
        "use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
    ),
    Rewording(
        "maximum retry count cannot be used with restart policy '.*'",
        "invalid restart policy: maximum retry count can only be used with 'on-failure'",
    ),
    Rewording(
        "maximum retry count cannot be negative",
        "invalid restart policy: maximum retry count cannot be negative",
    ),
    # Lives of containers.
    Rewording(
        "Cannot kill container: (?P<ref>[^:]*): Container (?P<rest>.*)",
        "cannot kill container: {ref}: container {rest}",
    ),
    Rewording(
        "Cannot kill container: (?P<ref>[^:]*): The (?P<rest>.*)",
        "cannot kill container: {ref}: the {rest}",
        400,
    ),
    Rewording("Cannot kill container: (?P<rest>.*)", "cannot kill container: {rest}"),
    Rewording("Invalid signal: (?P<signal>.*)", "{doing}invalid signal: {signal}"),
    Rewording("Container (?P<id>.*) is not running", "container {id} is not running"),
    Rewording(
        "You cannot remove a paused container .*",
        'cannot remove container "{ref}": container is paused and must be unpaused first',
    ),
    Rewording(
        r"You cannot remove a (?P<state>\w+) container .*",
        'cannot remove container "{ref}": container is {state}: '
        "stop the container before removing or force remove",
    ),
    Rewording(
        f"(?P<problem>failed to create shim task: {_RUN}.*): unknown",
        "failed to create task for container: {problem}",
    ),
    Rewording("(?P<problem>OCI runtime exec failed: .*): unknown", "{problem}"),
    Rewording("Error: Exec command (?P<rest>.*)", "exec command {rest}"),
    Rewording(
        "No such container: .*",
        "joining network namespace of container: No such container: {shared}",
        500,
        about="shared",
    ),
    Rewording(
        "container cannot be disconnected from host network or connected to host network",
        "cannot {doing} host network - {being} in host network mode",
    ),
    Rewording(r"Error processing tar file\(exit status 1\): (?P<reason>.*)", "{reason}"),
    # Networks.
    Rewording("invalid name: ", "invalid name: name is empty", 400),
    Rewording(
        "Pool overlaps with other one on this address space",
        "invalid pool request: Pool overlaps with other one on this address space",
    ),
    Rewording(
        "(?P<doing>failed to allocate gateway .*): No available addresses on this pool",
        "{doing}: no available addresses on this pool",
    ),
    Rewording(
        "error while removing network: network .* has active endpoints",
        "error while removing network: network {network} has active endpoints ({endpoints})",
    ),
    Rewording(
        "cannot join network of a non running container: .*",
        "cannot join network namespace of a non running container: container {name} is {state}",
    ),
    # Images.
    Rewording("no such image: .*: (?P<rest>No such image: .*)", "{rest}"),
    Rewording("no such image: .*: (?P<rest>invalid reference format.*)", "{rest}"),
)
