"""What is told of what happens: a real engine and the embedded one say the same, in the same order."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from contract_calls import (
    RUNNING,
    START,
    A,
    Ask,
    connect,
    create,
    disconnect,
    do,
    drop,
    look,
    network,
    on_network,
    say,
    shell,
    subnet,
    update,
    volume,
)
from contract_partners import Partner, differences, masked

pytestmark = pytest.mark.engine

PUBLISHED: dict[str, Any] = {
    "ExposedPorts": {"80/tcp": {}},
    "HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "18326"}]}, "Binds": ["~v:/data"]},
}
N = network("~n")
SMALL = subnet("~n", "10.213.7.0/30")
V = volume("~v")
PART = {
    "Type": "volume",
    "Source": "~v",
    "Target": "/v",
    "VolumeOptions": {"Subpath": "missing"},
}
CHECK = {"Test": ["CMD", "true"], "Interval": 200_000_000, "Retries": 1}
RENAME = Ask("POST", "containers/~a/rename", None, {"name": "~b"})
ENDED = do("wait", condition="not-running")


async def happened(partner: Partner, calls: Sequence[Ask]) -> list[Any]:
    """Make calls; return the events that are about the things of this test."""
    ids = []
    began = time.time()
    for call in calls:
        status, answer = await partner.ask_openly(call.method, call.path, call.body, **call.query)
        assert status < 400 or call.method == "POST", (call, answer)
        if call.path in ("containers/create", "commit"):
            ids.append(answer["Id"])
    # Some of it is told after the answer; who asks until a moment to come is told all of it.
    _, said = await partner.ask_openly(
        "GET", "events", since=str(int(began) - 1), until=f"{time.time() + 0.5:.9f}"
    )
    lines = said if isinstance(said, bytes) else json.dumps(said).encode()
    events = [json.loads(line) for line in lines.splitlines()]
    return in_order(
        [
            masked(event, partner.prefix) | {"time": event["time"] > 0, "timeNano": True}
            for event in events
            if partner.prefix in json.dumps(event)
            or event["Actor"]["Attributes"].get("container") in ids
            or event["Actor"]["ID"] in ids
        ]
    )


def told_once(events: list[Any]) -> list[Any]:
    """Leave out what Docker tells again: a pause that containerd reports when it is over already."""
    pause = ["pause", "unpause"]
    for index in range(len(events) - 3):
        if [event["Action"] for event in events[index : index + 4]] == pause * 2:
            return events[: index + 2] + events[index + 4 :]
    return events


def in_order(events: list[Any]) -> list[Any]:
    """Sort what Docker tells in any order: networks that are joined at once."""
    for index, (event, following) in enumerate(pairwise(events)):
        is_joined = event["Action"] == following["Action"] == "connect"
        if is_joined and repr(following) < repr(event):
            events[index : index + 2] = following, event
    return events


def as_caused(events: list[Any]) -> list[Any]:
    """Sort what Docker tells of an end by its causes.

    The call that ends a container tells of the signal and of the stop, another task of the death; on a busy
    engine neither waits for the other.
    """
    causes = {"kill": 0, "die": 1, "disconnect": 1, "stop": 2}
    told: list[Any] = []
    for event in events:
        place = len(told)
        while place and causes.get(event["Action"], 9) < causes.get(told[place - 1]["Action"], -1):
            place -= 1
        told.insert(place, event)
    return told


@pytest.mark.parametrize(
    "calls",
    [
        say("life", *RUNNING, do("kill"), drop("containers/~a")),
        say("stop", *RUNNING, do("stop", t="0"), START),
        say("stop-by-signal", *RUNNING, do("stop", signal="KILL", t="1")),
        say("restart-by-signal", *RUNNING, do("restart", signal="KILL", t="1")),
        say("restart", *RUNNING, do("restart", t="0")),
        say("restart-of-stopped", A, do("restart", t="0")),
        say("signal", *RUNNING, do("kill", signal="HUP")),
        say("pause", *RUNNING, do("pause"), do("unpause")),
        say("rename-and-top", *RUNNING, RENAME, look("containers/~b/top")),
        say("update", A, update(CpuShares=100)),
        say("forced-removal", *RUNNING, drop("containers/~a", force="1")),
        say(
            "forced-removal-of-what-removes-itself",
            create("~a", HostConfig={"AutoRemove": True}),
            START,
            drop("containers/~a", force="1"),
        ),
        say("removed-by-itself", create("~a", HostConfig={"AutoRemove": True}), START, do("kill")),
        say("failed-start", create("~a", Cmd=["nothing"]), START, drop("containers/~a")),
        say(
            "failed-start-with-volume",
            create("~a", Cmd=["nothing"], HostConfig={"Binds": ["~v:/data"]}),
            START,
        ),
        say(
            "failed-start-on-port",
            create("~b", **PUBLISHED),
            do("start", "~b"),
            create("~a", **PUBLISHED),
            START,
        ),
        say(
            "failed-start-on-part-of-volume",
            create("~a", HostConfig={"Mounts": [PART]}),
            START,
        ),
        say(
            "failed-start-on-address",
            SMALL,
            on_network("~b", "~n"),
            do("start", "~b"),
            on_network("~a", "~n"),
            START,
        ),
        say("code", shell("exit 3"), START, ENDED),
        say("network", N, A, START, connect("~n"), disconnect("~n"), drop("networks/~n")),
        say("network-of-created", N, A, connect("~n"), START),
        say(
            "volume",
            V,
            create("~a", HostConfig={"Binds": ["~v:/data:ro"]}),
            START,
            do("kill"),
            drop("containers/~a"),
            drop("volumes/~v"),
        ),
        say(
            "image",
            create("~a", Labels={"b": "1"}),
            Ask("POST", "commit", {}, {"container": "~a", "repo": "~x", "tag": "1"}),
            Ask("POST", "images/~x:1/tag", None, {"repo": "~x", "tag": "2"}),
            drop("images/~x:1"),
            drop("images/~x:2"),
        ),
        say(
            "prune",
            create("~a", Labels={"~own": ""}),
            Ask("POST", "containers/prune", None, {"filters": '{"label":["~own"]}'}),
        ),
        say("labels", create("~a", Labels={"b": "1", "a": "2"})),
    ],
)
async def test_the_same_is_told(
    embedded_partner: Partner, docker_partner: Partner, calls: tuple[Ask, ...]
) -> None:
    embedded = await happened(embedded_partner, calls)
    real = as_caused(told_once(await happened(docker_partner, calls)))

    assert embedded
    found = differences(embedded, real)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "query",
    [
        {"since": "x", "until": "1"},
        {"until": "x"},
        {"since": "10.5", "until": "3.5"},
        {"filters": '{"type":"x"}', "until": "1"},
        {"filters": '{"unheard-of":["x"]}', "until": "1"},
    ],
)
async def test_the_same_questions_are_refused(
    embedded_partner: Partner, docker_partner: Partner, query: dict[str, str]
) -> None:
    embedded = await embedded_partner.ask_openly("GET", "events", None, **query)
    real = await docker_partner.ask_openly("GET", "events", None, **query)

    # No event at all is no body at all.
    assert (embedded[0], embedded[1] or None) == (real[0], real[1] or None)
