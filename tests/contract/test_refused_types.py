"""Values that are not of the type of their field: both engines refuse them in the words of Go's JSON."""

from __future__ import annotations

from typing import Any

import pytest
from contract_calls import RUNNING, Ask, connect, create, network, update, volume, with_host
from contract_partners import Partner

pytestmark = pytest.mark.engine


def on_endpoint(**settings: Any) -> Ask:
    return create("~b", NetworkingConfig={"EndpointsConfig": {"n": settings}})


def subnet_of(config: Any) -> Ask:
    return network("~n", IPAM={"Config": config})


def executed(**body: Any) -> Ask:
    return Ask("POST", "containers/~a/exec", body)


def disconnected(**body: Any) -> Ask:
    return Ask("POST", "networks/bridge/disconnect", body)


def mount(**settings: Any) -> Ask:
    return with_host("~b", Mounts=[{"Type": "volume", "Target": "/a"}, settings])


NO_TYPES = {
    "configuration": (
        create("~b", Labels=["a"]),
        create("~b", Labels={"a": 3}),
        create("~b", Healthcheck=5),
        create("~b", Healthcheck={"Test": 5}),
        create("~b", Healthcheck={"Interval": "x"}),
        create("~b", ExposedPorts=["80"]),
        create("~b", Volumes=["a"]),
        create("~b", Tty="x"),
        create("~b", StopTimeout="x"),
        create("~b", Env=[5]),
        create("~b", Cmd=[5]),
        create("~b", Entrypoint=True),
        create("~b", HostConfig=5),
        create("~b", NetworkingConfig=5),
        create("~b", NetworkingConfig={"EndpointsConfig": ["n"]}),
        create("~b", NetworkingConfig={"EndpointsConfig": {"n": 5}}),
        create("~b", Labels=5, Tty=5),
    ),
    "host-configuration": (
        with_host("~b", Memory="x"),
        with_host("~b", Memory=1.5),
        with_host("~b", Memory=10**20),
        with_host("~b", Memory=-(10**20)),
        with_host("~b", BlkioWeight=65536),
        Ask("POST", "containers/create", {"hostconfig": {"memory": "x"}}, {"name": "~b"}),
        with_host("~b", Binds=5),
        with_host("~b", Binds=["/a:/b", 5]),
        with_host("~b", RestartPolicy="always"),
        with_host("~b", RestartPolicy={"Name": 5}),
        with_host("~b", Mounts=5),
        with_host("~b", Mounts=[5]),
        mount(Source=5),
        mount(VolumeOptions={"NoCopy": "x"}),
        with_host("~b", Privileged="x"),
        with_host("~b", PortBindings=["x"]),
        with_host("~b", PortBindings={"80/tcp": "x"}),
        with_host("~b", PortBindings={"80/tcp": ["x"]}),
        with_host("~b", NetworkMode=5),
        with_host("~b", LogConfig="x"),
        with_host("~b", LogConfig={"Config": ["x"]}),
        with_host("~b", Init="x"),
        with_host("~b", Ulimits="x"),
        with_host("~b", Tmpfs=["x"]),
        with_host("~b", CapAdd=5),
        with_host("~b", Links=[5]),
        with_host("~b", ConsoleSize=5),
        on_endpoint(Aliases="x"),
        on_endpoint(IPAMConfig="x"),
        on_endpoint(IPAMConfig={"IPv4Address": 5}),
    ),
    "networks": (
        network("~n", Labels=3),
        network("~n", Options=["a"]),
        network("~n", Options={"a": 5}),
        network("~n", Driver=5),
        network("~n", Internal="x"),
        network("~n", EnableIPv6="x"),
        network("~n", IPAM="x"),
        subnet_of(5),
        subnet_of([5]),
        subnet_of([{"Subnet": 5}]),
        Ask("POST", "networks/create", {"Name": 5}),
        Ask("POST", "networks/create", {"name": 5}),
        Ask("POST", "networks/bridge/connect", {"Container": 7}),
        Ask("POST", "networks/bridge/connect", {"Container": "~a", "EndpointConfig": 5}),
        connect("bridge", Aliases="x"),
        disconnected(Container=7),
        disconnected(Container="~a", Force="x"),
    ),
    "volumes": (
        Ask("POST", "volumes/create", {"Name": 7}),
        volume("~v", Driver=5),
        volume("~v", DriverOpts=5),
        volume("~v", DriverOpts={"a": 5}),
        volume("~v", Labels=["x"]),
    ),
    "running": (
        *RUNNING,
        executed(Cmd=5),
        executed(Cmd="true"),
        executed(Cmd=[5]),
        executed(Cmd=["true"], User=5),
        executed(Cmd=["true"], Tty="x"),
        update(Memory="x"),
        update(PidsLimit=1.5),
        update(Memory=2**63),
        update(CpusetCpus=5),
        update(RestartPolicy="x"),
    ),
}


@pytest.mark.parametrize("calls", NO_TYPES.values(), ids=NO_TYPES)
async def test_values_of_other_types_are_refused_alike(
    embedded_partner: Partner, docker_partner: Partner, calls: tuple[Ask, ...]
) -> None:
    embedded = [(call, await call.of(embedded_partner)) for call in calls]
    real = [(call, await call.of(docker_partner)) for call in calls]

    assert embedded == real
    refused = [call for call, (status, _) in real if status in (400, 500)]
    assert len(refused) >= len(calls) - len(RUNNING)


BODIES = (
    *(f"{kind}/create" for kind in ("containers", "networks", "volumes")),
    *("networks/bridge/connect", "networks/bridge/disconnect", "containers/~a/exec"),
    "containers/~a/update",
)


@pytest.mark.parametrize("path", BODIES)
async def test_bodies_that_are_no_objects_are_refused_alike(
    embedded_partner: Partner, docker_partner: Partner, path: str
) -> None:
    answers = []
    for partner in (embedded_partner, docker_partner):
        await RUNNING[0].of(partner)
        bodies: list[Any] = [["a"], "x", 5, True]
        answers.append([await Ask("POST", path, body).of(partner) for body in bodies])

    assert answers[0] == answers[1]
