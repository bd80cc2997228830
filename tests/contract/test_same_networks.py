"""Networks, volumes and images: a real engine and the embedded one say the same, field by field.

What differs with every run is listed in `contract_partners`.
"""

from __future__ import annotations

import pytest
from contract_calls import (
    INSPECT,
    LIST,
    NETWORK,
    START,
    VOLUMES,
    A,
    Ask,
    assert_same_answers,
    connect,
    create,
    disconnect,
    do,
    drop,
    look,
    network,
    on_network,
    say,
    static,
    subnet,
    volume,
    with_host,
)
from contract_partners import Partner

NETWORKS = [
    say("bridge", look("networks/bridge")),
    say("host", look("networks/host")),
    say("none", look("networks/none")),
    say("minimal", network("~n"), NETWORK, look("networks", filters='{"name":["~n"]}')),
    say("duplicate", network("~n"), network("~n"), drop("networks/~n")),
    say(
        "everything-set",
        network(
            "~n",
            Driver="bridge",
            Internal=True,
            Attachable=True,
            Labels={"a": "b"},
            Options={"com.docker.network.driver.mtu": "1400"},
            IPAM={
                "Driver": "default",
                "Config": [{"Subnet": "10.213.7.0/24", "IPRange": "10.213.7.128/25"}],
            },
        ),
        NETWORK,
        on_network("~a", "~n"),
        START,
        INSPECT,
    ),
    say("internal", network("~n", Internal=True), NETWORK, on_network("~a", "~n"), START, INSPECT),
    say(
        "gateway",
        network("~n", IPAM={"Config": [{"Subnet": "10.213.7.0/24", "Gateway": "10.213.7.9"}]}),
        NETWORK,
        on_network("~a", "~n"),
        START,
        INSPECT,
    ),
    say(
        "endpoint-life",
        subnet("~n"),
        network("~m"),
        on_network("~a", "~n", Aliases=["al"], **static("10.213.7.9")),
        INSPECT,
        connect("~m", Aliases=["b"], Links=["~x:x"]),
        INSPECT,
        connect("~m"),
        INSPECT,
        LIST,
        START,
        INSPECT,
        NETWORK,
        LIST,
        do("stop", t="0"),
        INSPECT,
        NETWORK,
        disconnect("~m"),
        INSPECT,
        START,
        INSPECT,
    ),
    say(
        "connect-running",
        network("~n"),
        subnet("~m"),
        on_network("~a", "~n"),
        START,
        connect("~m", Aliases=["b"], **static("10.213.7.7")),
        INSPECT,
        disconnect("~m"),
        INSPECT,
        NETWORK,
    ),
    say(
        "connect-to-bridge",
        network("~n"),
        on_network("~a", "~n"),
        START,
        connect("bridge"),
        INSPECT,
        disconnect("bridge"),
        INSPECT,
    ),
    say("connect-to-missing", A, connect("~n"), INSPECT, disconnect("~n"), INSPECT),
    say("mode", network("~n"), with_host("~a", NetworkMode="~n"), INSPECT, START, INSPECT),
    say(
        "mode-and-endpoint",
        network("~n"),
        network("~m"),
        create(
            "~a", HostConfig={"NetworkMode": "~n"}, NetworkingConfig={"EndpointsConfig": {"~m": {}}}
        ),
        INSPECT,
        START,
        INSPECT,
    ),
    say("mode-missing", with_host("~a", NetworkMode="~n"), INSPECT),
    say(
        "mode-none",
        create("~a", HostConfig={"NetworkMode": "none"}),
        INSPECT,
        START,
        INSPECT,
        look("networks/none"),
    ),
    say(
        "mode-none-disabled",
        create("~a", NetworkDisabled=True, HostConfig={"NetworkMode": "none"}),
        INSPECT,
        START,
        INSPECT,
    ),
    say(
        "mode-host",
        with_host("~a", NetworkMode="host"),
        INSPECT,
        START,
        INSPECT,
        look("networks/host"),
        do("stop", t="0"),
        INSPECT,
    ),
    say("mode-bridge", with_host("~a", NetworkMode="bridge"), INSPECT),
    say(
        "removed-beside-created",
        network("~n"),
        on_network("~a", "~n"),
        drop("networks/~n"),
        INSPECT,
        network("~n"),
        START,
        INSPECT,
    ),
    say(
        "removed-beside-stopped",
        network("~n"),
        on_network("~a", "~n"),
        START,
        do("stop", t="0"),
        drop("networks/~n"),
        network("~n"),
        START,
        INSPECT,
        disconnect("~n"),
        connect("~n"),
        START,
        INSPECT,
    ),
    say(
        "renamed",
        network("~n"),
        on_network("~a", "~n"),
        START,
        Ask("POST", "containers/~a/rename", None, {"name": "~b"}),
        NETWORK,
    ),
    say(
        "last-disconnected", network("~n"), on_network("~a", "~n"), disconnect("~n"), START, INSPECT
    ),
    say("all-together", network("~n"), drop("networks/~n"), NETWORK),
]
OTHERS = [
    say("volume", volume("~v"), look("volumes/~v"), VOLUMES, drop("volumes/~v"), VOLUMES),
    say(
        "volume-set",
        volume("~v", Driver="local", Labels={"a": "b"}, DriverOpts={}),
        volume("~v", Labels={"c": "d"}),
        VOLUMES,
        look("volumes", filters='{"label":["a=b"],"name":["~"]}'),
    ),
    say(
        "volume-with-options",
        volume("~v", DriverOpts={"type": "tmpfs", "device": "tmpfs", "o": "size=1m"}),
        VOLUMES,
    ),
    say(
        "volume-in-use-no-longer",
        with_host("~a", Binds=["~v:/x"]),
        drop("containers/~a"),
        drop("volumes/~v"),
        VOLUMES,
    ),
    say(
        "volumes-dangling",
        volume("~v"),
        with_host("~a", Binds=["~w:/x"]),
        look("volumes", filters='{"dangling":["true"],"name":["~"]}'),
    ),
    say("image", look("images/aiodockmap-test:rich/json")),
    say("image-list", look("images/json", filters='{"reference":["aiodockmap-test:rich"]}')),
    say(
        "image-tag",
        Ask("POST", "images/aiodockmap-test:latest/tag", None, {"repo": "~i", "tag": "x"}),
        create("~a", Image="~i:x"),
        INSPECT,
        LIST,
        drop("images/~i:x"),
        INSPECT,
        LIST,
        drop("images/~i:x"),
    ),
]


@pytest.mark.engine
@pytest.mark.parametrize("calls", [*NETWORKS, *OTHERS])
async def test_both_engines_give_the_same_answers_about_networks(
    embedded_partner: Partner, docker_partner: Partner, calls: tuple[Ask, ...]
) -> None:
    await assert_same_answers(embedded_partner, docker_partner, calls)
