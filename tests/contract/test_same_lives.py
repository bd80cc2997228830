"""What becomes of containers: a real engine and the embedded one say the same, field by field.

What differs with every run is listed in `contract_partners`.
"""

from __future__ import annotations

from typing import Any

import pytest
from contract_calls import (
    INSPECT,
    LIST,
    RUNNING,
    START,
    VOLUMES,
    WAIT,
    A,
    Ask,
    assert_same_answers,
    create,
    do,
    drop,
    look,
    network,
    on_network,
    say,
    shell,
    update,
    with_host,
)
from contract_partners import Partner

PUBLISHED: dict[str, Any] = {"ExposedPorts": {"80/tcp": {}, "81/udp": {}, "90": {}}}
LIFE = [
    say("start-and-restart", *RUNNING, do("restart", t="0"), INSPECT),
    say("restart-created", A, do("restart", t="0"), INSPECT),
    say("kill", *RUNNING, do("kill"), INSPECT, START, INSPECT),
    say("kill-ignored", *RUNNING, do("kill", signal="TERM"), INSPECT),
    say("kill-by-number", *RUNNING, do("kill", signal="9"), INSPECT),
    say(
        "kill-by-other-names",
        *RUNNING,
        *(
            do("kill", signal=name)
            for name in (
                "SigHup",
                "CLD",
                "IOT",
                "POLL",
                "RTMIN+3",
                "sigrtmin+15",
                "RTMAX-14",
                "+34",
            )
        ),
        INSPECT,
        do("kill", signal="SIGRTMAX"),
        INSPECT,
    ),
    say("pause", *RUNNING, do("pause"), INSPECT, LIST, do("unpause"), INSPECT),
    # Not by SIGTERM: the engine answers that before it has noted that nothing is paused any more.
    say("pause-ended-by-kill", *RUNNING, do("pause"), do("kill"), INSPECT),
    say("pause-ended-by-stop", *RUNNING, do("pause"), do("stop", t="1"), INSPECT),
    say("stop-timeout", create("~a", StopTimeout=0), START, do("stop"), INSPECT),
    say("stop-signal", create("~a", StopSignal="KILL"), START, do("stop"), INSPECT),
    say(
        "stop-signal-in-real-time",
        create("~a", StopSignal="SIGRTMIN+3", StopTimeout=1),
        START,
        do("stop"),
        INSPECT,
    ),
    say("stop-by-no-signal", *RUNNING, do("stop", signal="ZZ", t="0"), INSPECT),
    say("restart-by-no-signal", *RUNNING, do("restart", signal="ZZ", t="0"), INSPECT),
    say("restart-failing", create("~a", Cmd=["/nope"]), do("restart"), INSPECT),
    say("init-ends-by-term", with_host("~a", Init=True), START, do("stop"), INSPECT),
    say(
        "trap",
        shell("trap 'exit 5' TERM; while :; do sleep 0.1; done"),
        START,
        # A shell needs a moment until it has read its trap.
        Ask("POST", "containers/~a/exec", {"Cmd": ["sleep", "0.5"]}),
    ),
    say("exits", shell("exit 3"), START, WAIT, INSPECT, LIST, START, WAIT, INSPECT),
    say("exits-well", create("~a", Cmd=["true"]), START, WAIT, INSPECT),
    say("wait-created", A, WAIT, do("wait", condition="not-running"), do("wait", condition="zz")),
    say("rename", A, Ask("POST", "containers/~a/rename", None, {"name": "~b"}), LIST),
    say("force-remove", *RUNNING, drop("containers/~a", force="1"), INSPECT),
    say(
        "remove-with-volumes",
        create("~a", Volumes={"/anonymous": {}}, HostConfig={"Binds": ["~v:/named"]}),
        drop("containers/~a", v="1"),
        VOLUMES,
    ),
    # In lists a real engine goes on to show the address that it gave back.
    say("program-missing", create("~a", Cmd=["/nope"]), START, INSPECT, WAIT),
    say("start-fails-on-network", with_host("~a", NetworkMode="~n"), START, INSPECT, LIST),
    say(
        "start-fails-after-a-run",
        network("~n"),
        on_network("~a", "~n"),
        START,
        do("stop", t="0"),
        drop("networks/~n"),
        START,
        INSPECT,
    ),
    say(
        "auto-remove",
        shell("sleep 2", HostConfig={"AutoRemove": True}, Volumes={"/x": {}}),
        START,
        do("wait", condition="removed"),
        INSPECT,
    ),
    say(
        "auto-remove-failing",
        create("~a", Cmd=["/nope"], HostConfig={"AutoRemove": True}),
        START,
        INSPECT,
    ),
    say(
        "health-starts",
        create("~a", Healthcheck={"Test": ["CMD", "true"]}),
        START,
        INSPECT,
        LIST,
        do("stop", t="0"),
        INSPECT,
    ),
    say(
        "restart-policy-and-kill",
        with_host("~a", RestartPolicy={"Name": "always"}),
        START,
        do("kill"),
        INSPECT,
    ),
    say(
        "update",
        A,
        update(),
        update(Memory=20971520, MemorySwap=41943040),
        update(Memory=31457280),
        update(Memory=52428800),
        update(Memory=20971520, MemorySwap=-1),
        update(CpuShares=512),
        update(CpuShares=0, CpuPeriod=100000, CpuQuota=50000),
        INSPECT,
        update(CpuQuota=-1, CpusetCpus="0-1", PidsLimit=50, MemoryReservation=8388608),
        INSPECT,
        update(PidsLimit=0, MemoryReservation=-1),
        update(RestartPolicy={"Name": "on-failure", "MaximumRetryCount": 3}),
        update(RestartPolicy={"Name": ""}),
        INSPECT,
        update(RestartPolicy={"Name": "no"}, KernelMemory=8388608, BlkioWeight=500),
        update(Env=["A=1"], Ulimits=[], Labels={}, ShmSize=5),
        INSPECT,
    ),
    say(
        "logs",
        shell("echo out; echo err >&2; printf part"),
        START,
        WAIT,
        look("containers/~a/logs", stdout="1"),
        look("containers/~a/logs", stderr="1"),
        look("containers/~a/logs", stdout="1", stderr="1", tail="0"),
        look("containers/~a/logs", stdout="1", tail="1", follow="1"),
    ),
    say(
        "logs-of-terminal",
        shell("echo out", Tty=True),
        START,
        WAIT,
        look("containers/~a/logs", stdout="1", stderr="1"),
    ),
    say("logs-of-created", A, look("containers/~a/logs", stdout="1")),
]
PORTS = [
    say("exposed", create("~a", **PUBLISHED), START, INSPECT, LIST, do("stop", t="0"), INSPECT),
    say(
        "published-all",
        create("~a", **PUBLISHED, HostConfig={"PublishAllPorts": True}),
        START,
        INSPECT,
        LIST,
    ),
    say(
        "published",
        create(
            "~a",
            **PUBLISHED,
            HostConfig={
                "PortBindings": {
                    "80/tcp": [{"HostPort": "18321"}],
                    "90": [{"HostIp": "127.0.0.1", "HostPort": "18322-18323"}],
                }
            },
        ),
        START,
        INSPECT,
        LIST,
    ),
    say(
        "bound-but-not-exposed",
        with_host("~a", PortBindings={"80/tcp": [{"HostPort": "18324"}]}),
        START,
        INSPECT,
        LIST,
    ),
    say(
        "published-on-host-network",
        create("~a", **PUBLISHED, HostConfig={"NetworkMode": "host"}),
        START,
        INSPECT,
        LIST,
    ),
    say(
        "taken",
        create("~b", **PUBLISHED, HostConfig={"PortBindings": {"80/tcp": [{"HostPort": "18325"}]}}),
        do("start", "~b"),
        create("~a", **PUBLISHED, HostConfig={"PortBindings": {"80/tcp": [{"HostPort": "18325"}]}}),
        START,
        INSPECT,
        drop("containers/~b", force="1"),
        START,
        INSPECT,
    ),
]


@pytest.mark.engine
@pytest.mark.parametrize("calls", [*LIFE, *PORTS])
async def test_both_engines_give_the_same_answers_about_lives(
    embedded_partner: Partner, docker_partner: Partner, calls: tuple[Ask, ...]
) -> None:
    await assert_same_answers(embedded_partner, docker_partner, calls)
