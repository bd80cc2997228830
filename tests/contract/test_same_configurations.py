"""What is stored of containers: a real engine and the embedded one say the same, field by field.

What differs with every run is listed in `contract_partners`.
"""

from __future__ import annotations

from typing import Any

import pytest
from contract_calls import (
    INSPECT,
    LIST,
    START,
    VOLUMES,
    A,
    Ask,
    assert_same_answers,
    create,
    do,
    drop,
    look,
    say,
    with_host,
)
from contract_partners import Partner

EVERYTHING_SET = {
    "Hostname": "h",
    "Domainname": "d",
    "User": "1:2",
    "ExposedPorts": {"90": {}, "80/TCP": {}},
    "Tty": True,
    "OpenStdin": True,
    "Env": ["A=1", "B", "A=2"],
    "Cmd": ["sleep", "1000"],
    "Healthcheck": {
        "Test": ["CMD-SHELL", "true"],
        "Interval": 10**9,
        "StartInterval": 10**8,
        "StartPeriod": 10**9,
        "Retries": 2,
    },
    "ArgsEscaped": True,
    "Shell": ["/bin/sh"],
    "Volumes": {"/anonymous": {}, "/other/": {}},
    "WorkingDir": "/a//b/",
    "Entrypoint": ["/bin/sh", "-c"],
    "Labels": {"a": "b", "c": ""},
    "StopSignal": "9",
    "StopTimeout": 0,
    "MacAddress": "02:42:ac:11:00:99",
    "HostConfig": {
        "Binds": ["~v:/x", "~w:/y:ro", "~w:/u:rw", "/usr:/z", "/usr:/zz:ro", "/usr/:/t//u"],
        "Memory": 10485760,
        "PidsLimit": 0,
        "MemorySwappiness": -1,
        "NanoCpus": 10**9,
        "CpuShares": 512,
        "RestartPolicy": {"Name": "no"},
        "PortBindings": {
            "80/tcp": [{"HostPort": "0"}],
            "81/tcp": None,
            "82": [{"HostPort": "18200", "HostIp": "127.0.0.1"}],
            "83/tcp": [],
        },
        "CapAdd": ["net_admin"],
        "CapDrop": ["MKNOD"],
        "Dns": ["1.1.1.1"],
        "DnsOptions": ["ndots:1"],
        "DnsSearch": ["example.test"],
        "ExtraHosts": ["h:1.2.3.4"],
        "GroupAdd": ["1"],
        "SecurityOpt": ["no-new-privileges"],
        "Ulimits": [{"Name": "nofile", "Soft": 10, "Hard": 20}],
        "Sysctls": {"net.core.somaxconn": "10"},
        "Tmpfs": {"/run": "size=1m"},
        "Init": True,
        "ReadonlyRootfs": True,
        "ShmSize": 1048576,
        "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m"}},
        "OomScoreAdj": 5,
        "CpusetCpus": "0",
        "Annotations": {"a": "b"},
        "Runtime": "runc",
        "IpcMode": "shareable",
        "PidMode": "host",
        "Devices": [
            {"PathOnHost": "/dev/null", "PathInContainer": "/dev/x", "CgroupPermissions": "r"}
        ],
    },
}
EMPTY: dict[str, Any] = {
    "Env": [],
    "Cmd": [],
    "Entrypoint": [],
    "Labels": None,
    "Volumes": {},
    "ExposedPorts": {},
    "Healthcheck": {"Test": ["NONE"]},
    "HostConfig": {
        "Binds": [],
        "Links": [],
        "CapAdd": [],
        "Dns": [],
        "GroupAdd": [],
        "ExtraHosts": [],
        "SecurityOpt": [],
        "Ulimits": [],
        "Devices": [],
        "Sysctls": {},
        "Tmpfs": {},
        "Mounts": [],
        "VolumesFrom": [],
        "PortBindings": {},
        "ShmSize": 0,
        "NetworkMode": "",
        "Init": False,
    },
}
MOUNTS = [
    {"Type": "volume", "Source": "~v", "Target": "/m"},
    {"Type": "volume", "Target": "/anonymous"},
    {"Type": "bind", "Source": "/usr", "Target": "/b", "ReadOnly": True},
    {"Type": "tmpfs", "Target": "/t"},
    {"Type": "volume", "Source": "~v", "Target": "/m2", "ReadOnly": True},
    {
        "Type": "volume",
        "Source": "~w",
        "Target": "/w",
        "VolumeOptions": {"Labels": {"a": "b"}, "DriverConfig": {"Name": "local"}},
    },
]


def rich(**body: Any) -> Ask:
    return create("~a", Image="aiodockmap-test:rich", **body)


CONTAINERS = [
    say("minimal", A, INSPECT, LIST, START, INSPECT, LIST, do("stop", t="0"), INSPECT, LIST),
    say("with-host-config", with_host("~a"), INSPECT),
    say("everything-set", create("~a", **EVERYTHING_SET), INSPECT, VOLUMES, LIST),
    say("anonymous-volumes", create("~a", Volumes={"/x": {}}), LIST, START, LIST, INSPECT),
    say("everything-empty", create("~a", **EMPTY), INSPECT),
    say("string-command", create("~a", Cmd="a b"), INSPECT),
    say("string-entrypoint", create("~a", Entrypoint="a b", Cmd=["x"]), INSPECT),
    say("entrypoint-drops-command", create("~a", Entrypoint=["echo"]), INSPECT),
    say("no-entrypoint", create("~a", Entrypoint=[""], Cmd=["ls"]), INSPECT),
    say("privileged", with_host("~a", Privileged=True), INSPECT),
    say("image-inherited", rich(), INSPECT),
    say(
        "image-overridden",
        rich(
            Env=["B=own", "C=own"],
            Labels={"b": "own", "c": "own"},
            ExposedPorts={"81/tcp": {}},
            Volumes={"/more": {}},
            User="2",
            WorkingDir="/usr/",
            Cmd=["5"],
        ),
        INSPECT,
    ),
    say("image-healthcheck-merged", rich(Healthcheck={"Timeout": 10**9}), INSPECT),
    say("image-healthcheck-disabled", rich(Healthcheck={"Test": ["NONE"]}), INSPECT),
    say("image-entrypoint-emptied", rich(Entrypoint=[]), INSPECT),
    say("image-entrypoint-replaced", rich(Entrypoint=["/bin/echo"]), INSPECT),
    say("image-volume-mounted", rich(HostConfig={"Binds": ["~v:/data"]}), INSPECT, VOLUMES),
    say(
        "ports-of-host-network",
        with_host("~a", NetworkMode="host", PortBindings={"80/tcp": [{"HostPort": "80"}]}),
        INSPECT,
    ),
    say("weight-discarded", with_host("~a", BlkioWeight=5), INSPECT),
    say("oom-killer-disabled", with_host("~a", OomKillDisable=True), INSPECT),
    say("memory-swap-unlimited", with_host("~a", Memory=10485760, MemorySwap=-1), INSPECT),
    say(
        "namespaces-shared",
        create("~b"),
        with_host("~a", PidMode="container:~b", IpcMode="host", NetworkMode="container:~b"),
        INSPECT,
        do("start", "~b"),
        START,
        INSPECT,
    ),
    say("by-short-id", A, look("containers/json", all="1", filters='{"name":["^~a$"]}')),
    say(
        "filters",
        create("~a", Labels={"x": "1"}),
        create("~b", Labels={"x": "2"}),
        do("start", "~b"),
        look("containers/json", filters='{"name":["~"]}'),
        look("containers/json", all="1", filters='{"label":["x=1"],"name":["~"]}'),
        look("containers/json", filters='{"status":["created"],"name":["~"]}'),
        look("containers/json", all="1", filters='{"label":["x"],"name":["^/~b$"]}'),
    ),
]
LINKS = [
    say(
        "links",
        create("~b"),
        do("start", "~b"),
        with_host("~a", Links=["~b:one", "~b"]),
        INSPECT,
        START,
        INSPECT,
        look("containers/json", all="1", filters='{"name":["^~b$"]}'),
        look("containers/~a/one/json"),
        drop("containers/~a/one", link="1"),
        INSPECT,
        Ask("POST", "containers/~b/rename", None, {"name": "~c"}),
        INSPECT,
        drop("containers/~c", force="1"),
        INSPECT,
    ),
    say(
        "link-target-removed",
        create("~b"),
        with_host("~a", Links=["~b:one"]),
        drop("containers/~b"),
        INSPECT,
        START,
        INSPECT,
    ),
    say(
        "volumes-from",
        with_host("~b", Binds=["~v:/x", "~w:/y:ro", "/usr:/z:ro"], Mounts=[MOUNTS[1]]),
        with_host("~a", VolumesFrom=["~b"]),
        with_host("~c", VolumesFrom=["~b:ro"], Binds=["~u:/x"]),
        with_host("~d", VolumesFrom=["~c:rw"]),
        INSPECT,
        look("containers/~c/json"),
        look("containers/~d/json"),
    ),
    say("mounts", with_host("~a", Mounts=MOUNTS), INSPECT, LIST, VOLUMES),
]


@pytest.mark.engine
@pytest.mark.parametrize("calls", [*CONTAINERS, *LINKS])
async def test_both_engines_give_the_same_answers_about_configurations(
    embedded_partner: Partner, docker_partner: Partner, calls: tuple[Ask, ...]
) -> None:
    await assert_same_answers(embedded_partner, docker_partner, calls)
