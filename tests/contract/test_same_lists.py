"""Lists by their filters: a real engine and the embedded one choose the same, and refuse the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from contract_calls import (
    START,
    A,
    Ask,
    assert_same_answers,
    create,
    do,
    look,
    network,
    on_network,
    say,
    with_host,
)
from contract_partners import Partner

PUBLISHED: dict[str, Any] = {
    "ExposedPorts": {"80/tcp": {}, "90/udp": {}},
    "HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "18331"}]}},
}
HEALTHY = {"Test": ["CMD", "true"], "Interval": 3_600_000_000_000}
CONTAINERS = (
    create("~a", **PUBLISHED),
    START,
    create("~b", Healthcheck=HEALTHY),
    create("~c", Cmd=["sh", "-c", "exit 3"]),
    do("start", "~c"),
    do("wait", "~c"),
)
"""One that runs, one that never did, and one that has ended."""
CHOSEN = [
    {"exited": ["0"]},
    {"exited": ["3", "0"]},
    {"before": ["~c"]},
    {"since": ["~a"]},
    {"since": ["~a"], "before": ["~c"]},
    {"health": ["none"]},
    {"health": ["healthy", "unhealthy"]},
    {"publish": ["80"]},
    {"publish": ["18000-19000"]},
    {"publish": ["18331/udp"]},
    {"expose": ["80"]},
    {"expose": ["80-95/udp"]},
    {"expose": ["90"], "publish": ["18331"]},
    {"is-task": ["true"]},
    {"status": ["exited", "created"]},
]
MEANINGLESS = [
    {"exited": ["x"]},
    {"before": ["~nobody"]},
    {"since": ["~nobody"]},
    {"health": ["well"]},
    {"status": ["well"]},
    {"publish": ["x"]},
    {"expose": ["1:2"]},
    {"is-task": ["perhaps"]},
    {"name": ["["]},
]
OF_NETWORKS: list[dict[str, list[str]]] = [
    {"dangling": ["false"]},
    {"dangling": ["perhaps"]},
    {"type": ["builtin"]},
    {"type": ["well-known"]},
    {"scope": ["swarm"]},
]


def filtered(path: str, filters: dict[str, list[str]], **query: str) -> Ask:
    return look(path, filters=json.dumps({"name": ["~"], **filters}), **query)


@pytest.mark.engine
@pytest.mark.parametrize(
    "calls",
    [
        say(
            "containers",
            *CONTAINERS,
            *[filtered("containers/json", chosen, all="1") for chosen in CHOSEN],
            *[filtered("containers/json", chosen, all="1") for chosen in MEANINGLESS],
            filtered("containers/json", {"exited": ["3"]}),
            filtered("containers/json", {}, limit="2"),
            filtered("containers/json", {"health": ["none"]}, limit="1"),
            filtered("containers/json", {}, limit="-1"),
            filtered("containers/json", {}, size="1"),
            look("containers/~c/json", size="1"),
        ),
        say(
            "networks",
            network("~n"),
            on_network("~a", "~n"),
            START,
            filtered("networks", {"dangling": ["true"], "type": ["custom"], "scope": ["local"]}),
            *[filtered("networks", chosen) for chosen in OF_NETWORKS],
        ),
        say(
            "volumes",
            with_host("~a", Binds=["~v:/v"]),
            filtered("volumes", {"dangling": ["true"]}),
            filtered("volumes", {"dangling": ["false"]}),
            filtered("volumes", {"dangling": ["perhaps"]}),
        ),
        say(
            "images",
            A,
            look("images/json", filters=json.dumps({"dangling": ["true"], "label": ["~"]})),
            look("images/json", filters=json.dumps({"dangling": ["perhaps"]})),
            look(
                "images/json",
                filters=json.dumps({"dangling": ["false"], "reference": ["aiodockmap-test:rich"]}),
            ),
            Ask("POST", "images/aiodockmap-test:rich/tag", None, {"repo": "~x", "tag": "1"}),
            Ask("POST", "images/aiodockmap-test:rich/tag", None, {"repo": "~x", "tag": "2"}),
            *[
                look("images/json", filters=json.dumps({"reference": names}))
                for names in (["~x"], ["~x:2"], ["*-test:rich"], ["*:r*", "~x:1"], ["~nobody"])
            ],
            Ask("DELETE", "images/~x:1"),
            Ask("DELETE", "images/~x:2"),
        ),
        say(
            "pruned",
            create("~a", Labels={"~": "1", "kept": ""}),
            create("~b", Labels={"~": "1"}),
            Ask(
                "POST",
                "containers/prune",
                None,
                {"filters": json.dumps({"label": ["~"], "label!": ["kept"]})},
            ),
            filtered("containers/json", {}, all="1"),
        ),
    ],
)
async def test_both_engines_list_the_same(
    embedded_partner: Partner, docker_partner: Partner, calls: tuple[Ask, ...]
) -> None:
    await assert_same_answers(embedded_partner, docker_partner, calls)
