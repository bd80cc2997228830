"""Calls of the Engine API in few words. `~` is the start of all names; the container is `~a`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from attrs import frozen
from contract_partners import Partner, differences

MISSING = "No such container: ~a"
NOT_RUNNING = "Container <id> is not running"
SUBNET = "10.213.7.0/24"


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


def shell(script: str, **body: Any) -> Ask:
    return create("~a", Cmd=["sh", "-c", script], **body)


def say(identifier: str, *calls: Ask) -> Any:  # a ParameterSet
    """A conversation, for a test that compares answers."""
    return pytest.param(calls, id=identifier)


def case(
    identifier: str, before: Sequence[Ask], call: Ask, status: int, message: str
) -> Any:  # a ParameterSet
    return pytest.param(before, call, status, message, id=identifier)


async def assert_same_answers(
    embedded_partner: Partner, docker_partner: Partner, calls: Sequence[Ask]
) -> None:
    """Have the same conversation with both engines; compare every field of every answer."""
    found = []
    for number, call in enumerate(calls):
        embedded = await embedded_partner.ask(call.method, call.path, call.body, **call.query)
        real = await docker_partner.ask(call.method, call.path, call.body, **call.query)
        place = f"{number}. {call.method} {call.path}"
        found += differences(embedded.status, real.status, place)
        found += differences(embedded.body, real.body, place)

    assert not found, "\n".join(found)


async def assert_refused(
    partner: Partner, before: Sequence[Ask], call: Ask, status: int, message: str
) -> None:
    """Make calls that have to work, and then one that must not."""
    for preparation in before:
        prepared = await preparation.of(partner)
        assert prepared[0] < 400, (preparation, prepared)

    refusal = await call.of(partner)

    assert refusal == (status, message)
