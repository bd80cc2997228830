"""Calls of the Engine API in few words. `~` is the start of all names; the container is `~a`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from anyio import move_on_after, sleep
from attrs import frozen
from contract_partners import Partner, differences

MISSING = "No such container: ~a"
NOT_RUNNING = "Container <id> is not running"
SUBNET = "10.213.7.0/24"
SUBNET_6 = "fd00:1:2::/64"
SECONDS_TO_SETTLE = 3
"""How long a busy engine may show what is over already."""


@frozen
class Ask:
    """One call."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    query: Mapping[str, str] = {}

    async def of(self, partner: Partner) -> tuple[int, str]:
        said = await partner.ask(self.method, self.path, self.body, **self.query)
        message = said.message if said.status >= 400 else ""
        return said.status, message


def create(name: str, **body: Any) -> Ask:
    sent = {"Image": "aiodockmap-test:latest", **body}
    return Ask("POST", "containers/create", sent, {"name": name})


def with_host(name: str, **host_config: Any) -> Ask:
    return create(name, HostConfig=host_config)


def on_network(name: str, network: str, **settings: Any) -> Ask:
    return create(name, NetworkingConfig={"EndpointsConfig": {network: settings}})


def network(name: str, **body: Any) -> Ask:
    return Ask("POST", "networks/create", {"Name": name, **body})


def subnet(name: str, text: str = SUBNET) -> Ask:
    return network(name, IPAM={"Config": [{"Subnet": text}]})


def subnets(name: str, *configs: Mapping[str, Any], **body: Any) -> Ask:
    return network(name, **body, IPAM={"Config": configs})


def connect(to: str, container: str = "~a", **settings: Any) -> Ask:
    body: dict[str, Any] = {"Container": container}
    if settings:
        body["EndpointConfig"] = settings
    return Ask("POST", f"networks/{to}/connect", body)


def disconnect(of: str, container: str = "~a") -> Ask:
    return Ask("POST", f"networks/{of}/disconnect", {"Container": container})


def volume(name: str, **body: Any) -> Ask:
    return Ask("POST", "volumes/create", {"Name": name, **body})


def update(**limits: Any) -> Ask:
    return Ask("POST", "containers/~a/update", limits)


def do(action: str, name: str = "~a", **query: str) -> Ask:
    return Ask("POST", f"containers/{name}/{action}", None, query)


def look(path: str, **query: str) -> Ask:
    return Ask("GET", path, None, query)


def drop(path: str, **query: str) -> Ask:
    return Ask("DELETE", path, None, query)


A = create("~a")
START = do("start")
RUNNING = (A, START)
INSPECT = look("containers/~a/json")
LIST = look("containers/json", all="1", filters='{"name":["~"]}')
NETWORK = look("networks/~n")
WAIT = do("wait")
VOLUMES = look("volumes", filters='{"name":["~"]}')


def static(address: str) -> dict[str, Any]:
    return {"IPAMConfig": {"IPv4Address": address}}


def static_6(address: str) -> dict[str, Any]:
    return {"IPAMConfig": {"IPv6Address": address}}


def shell(script: str, *, name: str = "~a", **body: Any) -> Ask:
    return create(name, Cmd=["sh", "-c", script], **body)


def say(identifier: str, *calls: Ask) -> Any:  # a ParameterSet
    """A conversation, for a test that compares answers."""
    return pytest.param(calls, id=identifier)


@frozen
class Refusal:
    """Calls that have to work, one that does not, and how it is refused."""

    before: Sequence[Ask]
    call: Ask
    status: int
    message: str


@frozen
class Refusals:
    """The same calls on each release."""

    on_20: Refusal
    on_28: Refusal

    def of(self, partner: Partner) -> Refusal:
        return partner.either(self.on_20, on_28=self.on_28)


def case(
    identifier: str,
    before: Sequence[Ask],
    call: Ask,
    status: int,
    message: str,
    *,
    on_28: tuple[int, str] | None = None,
    earlier_on_28: tuple[int, str] | None = None,
) -> Any:  # a ParameterSet
    """Calls of which the last is refused; `on_28` is what Docker 28 answers, if that is something else.

    `earlier_on_28` is what it answers to the last call before.
    """
    older = Refusal(before, call, status, message)
    newer = Refusal(before, call, *(on_28 or (status, message)))
    if earlier_on_28 is not None:
        newer = Refusal(before[:-1], before[-1], *earlier_on_28)
    return pytest.param(Refusals(older, newer), id=identifier)


async def assert_same_answers(
    embedded_partner: Partner, docker_partner: Partner, calls: Sequence[Ask]
) -> None:
    """Have the same conversation with both engines; compare every field of every answer.

    A real one that is busy may be late: a container whose pause is over is shown as paused once more, when
    containerd reports the pause. Where nothing but looking differs, it is looked at again for a while.
    """
    found = []
    for number, call in enumerate(calls):
        place = f"{number}. {call.method} {call.path}"
        said = await _ask(embedded_partner, call)
        differing = differences(said, await _ask(docker_partner, call), place)
        with move_on_after(SECONDS_TO_SETTLE):
            while differing and call.method == "GET":
                await sleep(0.1)
                differing = differences(said, await _ask(docker_partner, call), place)
        found += differing

    assert not found, "\n".join(found)


async def _ask(partner: Partner, call: Ask) -> Mapping[str, Any]:
    said = await partner.ask(call.method, call.path, call.body, **call.query)
    return {"status": said.status, "body": said.body}


async def assert_refused(partner: Partner, refusals: Refusals) -> None:
    """Make calls that have to work, and then one that must not."""
    refusal = refusals.of(partner)
    for preparation in refusal.before:
        prepared = await preparation.of(partner)
        assert prepared[0] < 400, (preparation, prepared)

    answer = await refusal.call.of(partner)

    assert answer == (refusal.status, refusal.message)
