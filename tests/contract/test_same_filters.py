"""Lists, prunes and logs of a part: both engines find the same, and mind the same values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest
from contract_calls import Ask, connect, create, do, network, shell, volume
from contract_partners import Partner

from aiodockmap.engine import ApiRequest

CHECK = {"Test": ["CMD", "true"], "Interval": 60_000_000_000}
NEVER = "3000-01-01"
EMPTY_ARCHIVE = bytes(1024)
THINGS = (
    create("~created", Healthcheck=CHECK),
    shell("exit 0", name="~ended"),
    do("start", "~ended"),
    do("wait", "~ended"),
    shell("exit 3", name="~failed", Labels={"a": "1", "b": "2"}),
    do("start", "~failed"),
    do("wait", "~failed"),
    create("~runs", Labels={"a": "1"}),
    do("start", "~runs"),
    create("~checked", Healthcheck=CHECK),
    do("start", "~checked"),
    network("~n", Labels={"~own": "", "a": "1"}),
    network("~m", Labels={"~own": "", "a": "2", "b": ""}),
    connect("~n", "~runs"),
    volume("~v", Labels={"~own": "", "a": "1"}),
    volume("~w", Labels={"~own": "", "a": "2", "b": ""}),
    volume("~x"),
)


def listed(path: str, more: Mapping[str, str] | None = None, **filters: Any) -> Ask:
    """A list; names of filters are written with `_` for `-`."""
    named = {key.replace("_", "-"): value for key, value in filters.items()}
    return Ask("GET", path, None, {**(more or {}), "filters": json.dumps(named)})


def containers(more: Mapping[str, str] | None = None, **filters: Any) -> Ask:
    return listed("containers/json", more, **{"name": ["~"], **filters})


def networks(**filters: Any) -> Ask:
    return listed("networks", **filters)


def volumes(**filters: Any) -> Ask:
    return listed("volumes", **filters)


def images(**filters: Any) -> Ask:
    return listed("images/json", **{"reference": ["~*"], **filters})


def pruned(kind: str, **filters: Any) -> Ask:
    """What is pruned of this test's own things."""
    named = {key.replace("no_label", "label!"): value for key, value in filters.items()}
    return Ask("POST", f"{kind}/prune", None, {"filters": json.dumps(named)})


def raw(path: str, text: str, method: str = "GET") -> Ask:
    return Ask(method, path, None, {"filters": text})


ALL = {"all": "1"}
LISTS = (
    containers(),
    containers(ALL),
    *(containers({"limit": limit}) for limit in ("1", "3", "0", "-1", "x")),
    containers({"limit": "1"}, label=["a=1"]),
    *(containers(status=status) for status in (["exited"], ["dead"], ["bogus"], ["exited", "No"])),
    *(
        containers(more, health=health)
        for more in ({}, ALL)
        for health in (["none"], ["starting"], ["none", "starting"], ["unhealthy"], ["bogus"])
    ),
    *(
        containers(more, exited=exited)
        for more in ({}, ALL)
        for exited in (["0"], ["3"], ["0", "3"], ["x"])
    ),
    *(containers(more, **{key: ["~runs"]}) for more in ({}, ALL) for key in ("since", "before")),
    containers(ALL, since=["~ended"], before=["~checked"]),
    containers(since=["~nothing"]),
    containers(before=["~nothing"]),
    containers(isolation=["x"]),
    containers(ALL, label=["a=1", "b"]),
    containers(unheard_of=["x"]),
    *(networks(type=kinds) for kinds in (["custom"], ["builtin"], ["custom", "builtin"], ["x"])),
    *(networks(scope=scope) for scope in (["local"], ["swarm"], ["x"])),
    *(networks(dangling=text) for text in (["true"], ["0"], ["x"], ["true", "false"])),
    networks(type=["custom"], label=["a=2"]),
    *(volumes(dangling=text) for text in (["true"], ["0"], ["x"])),
    volumes(label=["a=1", "a=2"]),
)
UNREADABLE: tuple[str, ...] = (
    "[]",
    "5",
    '"x"',
    "x",
    '{"label":5}',
    '{"label":[5]}',
    '{"label":"x"}',
    "null",
)
READABLE = ("null", '{"label":{"a":false}}', '{"label":{"a":true}}')
UNREADABLE += ('{"label":{"a":1}}', *READABLE[1:])


async def answer(partner: Partner, call: Ask) -> Any:
    """What is refused, or the names of what is found that is this test's own."""
    said = await partner.ask(call.method, call.path, call.body, **call.query)
    if said.status >= 400:
        return said
    body = said.body
    if isinstance(body, dict) and "Volumes" not in body:
        gone = next(value for key, value in body.items() if key.endswith("Deleted"))
        return said.status, sorted(_name(entry) for entry in gone or ())
    found = body["Volumes"] or () if isinstance(body, dict) else body
    return said.status, sorted(
        name for entry in found if (name := _name(entry)).strip("/")[:1] == "~"
    )


def _name(entry: Any) -> str:
    """Of a container, network, volume or image; ids, which prunes tell, are all the same."""
    if isinstance(entry, str):
        return entry
    names = entry.get("Names") or entry.get("RepoTags") or [entry.get("Name") or str(entry)]
    return str(names[0])


async def assert_same_finds(
    embedded: Partner, real: Partner, before: Sequence[Ask], calls: Sequence[Ask]
) -> None:
    for partner in (embedded, real):
        for call in before:
            said = await partner.ask(call.method, call.path, call.body, **call.query)
            assert said.status < 400, (call, said)

    found = [(call, await answer(embedded, call)) for call in calls]
    really = [(call, await answer(real, call)) for call in calls]

    assert found == really


@pytest.mark.engine
async def test_lists_find_the_same(embedded_partner: Partner, docker_partner: Partner) -> None:
    await assert_same_finds(embedded_partner, docker_partner, THINGS, LISTS)


@pytest.mark.engine
async def test_prunes_spare_the_same(embedded_partner: Partner, docker_partner: Partner) -> None:
    labels = {"label": ["~own"]}
    made = (
        create("~c", Labels={"~own": "", "a": "1"}),
        create("~d", Labels={"~own": "", "a": "2", "b": ""}),
        *(thing for thing in THINGS if thing.path in ("networks/create", "volumes/create")),
    )
    every_volume = embedded_partner.either({}, on_28={"all": ["1"]})
    calls = []
    for kind in ("containers", "networks", "volumes"):
        more = every_volume if kind == "volumes" else {}
        if kind != "volumes":
            calls += [
                pruned(kind, **labels, until=["1h"]),
                pruned(kind, **labels, until=["2020-01-01T00:00:00"]),
                pruned(kind, **labels, until=["1577836800"]),
                pruned(kind, **labels, until=["x"]),
                pruned(kind, **labels, until=["99999999999h"]),
                pruned(kind, **labels, until=["1h", "2h"]),
            ]
        else:
            calls += [pruned(kind, until=["1h"]), pruned(kind, all=["x"])]
        calls += [
            pruned(kind, **labels, **more, no_label=["a"]),
            pruned(kind, **labels, **more, no_label=["a=2", "b"]),
            pruned(kind, **labels, **more, no_label=["~own", "a=3"]),
            pruned(kind, dangling=["true"]),
        ]
    calls += [networks(), volumes(), containers(ALL)]

    await assert_same_finds(embedded_partner, docker_partner, made, calls)


@pytest.mark.engine
@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", path) for path in ("containers/json", "networks", "volumes", "images/json")),
        *(("POST", f"{kind}/prune") for kind in ("containers", "networks", "volumes", "images")),
    ],
)
async def test_what_cannot_be_read_is_refused_alike(
    embedded_partner: Partner, docker_partner: Partner, method: str, path: str
) -> None:
    # What can be read would prune what other tests have on the engine.
    texts = [text for text in UNREADABLE if method == "GET" or text not in READABLE]
    calls = [raw(path, text, method) for text in texts]

    await assert_same_finds(embedded_partner, docker_partner, (), calls)


@pytest.mark.engine
async def test_images_are_found_by_age_and_name(
    embedded_partner: Partner, docker_partner: Partner
) -> None:
    labelled = "LABEL ~own=1"
    for partner in (embedded_partner, docker_partner):
        for tag, change in (("old", "ENV A=1"), ("mid", labelled), ("new", "ENV A=2")):
            request = ApiRequest(
                method="POST",
                path="images/create",
                query={
                    "fromSrc": "-",
                    "repo": f"{partner.prefix}i",
                    "tag": tag,
                    "changes": partner.named(change),
                },
                body=EMPTY_ARCHIVE,
                timeout=30,
            )
            await partner.transport.request(request)

    calls = (
        images(),
        images(dangling=["true"]),
        images(dangling=["false"]),
        images(dangling=["x"]),
        images(before=["~i:mid"]),
        images(since=["~i:mid"]),
        images(since=["~i:old"], before=["~i:new"]),
        images(before=["~i:none"]),
        images(since=["~i:none"]),
        images(until=["1h"]),
        images(until=[NEVER]),
        pruned("images", dangling=["x"]),
        pruned("images", until=["x"]),
        pruned("images", dangling=["false"], until=["1h"], label=["~own"]),
        pruned("images", dangling=["false"], label=["~own"], no_label=["~own"]),
        images(),
    )
    try:
        await assert_same_finds(embedded_partner, docker_partner, (), calls)
    finally:
        for tag in ("old", "mid", "new"):
            await docker_partner.ask("DELETE", f"images/~i:{tag}")


async def test_logs_can_be_limited_to_a_time(partner: Partner) -> None:
    await partner.ask(
        "POST", "containers/create", {"Image": "aiodockmap-test", "Cmd": ["echo", "out"]}, name="~a"
    )
    await partner.ask("POST", "containers/~a/start")
    await partner.ask("POST", "containers/~a/wait")

    async def printed(**query: str) -> str:
        asked = {"stdout": "1", **query}
        _, output = await partner.ask_openly("GET", "containers/~a/logs", None, **asked)
        return bytes(output)[8:].decode()

    stamp = (await printed(timestamps="1")).split()[0]
    whole, _, fraction = stamp.removesuffix("Z").partition(".")
    second = int(datetime.fromisoformat(f"{whole}+00:00").timestamp())
    moment = f"{second}.{fraction or '0'}"

    assert await printed(since=moment) == await printed(until=moment) == "out\n"
    assert await printed(since=str(second + 1)) == await printed(until=str(second - 1)) == ""
    assert await printed(since="0", until="0") == "out\n"
    refused = await partner.ask("GET", "containers/~a/logs", stdout="1", since="10m")
    assert refused.message == 'strconv.ParseInt: parsing "10m": invalid syntax'
