"""`update` on a real engine: what differs is mended by the least means, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from raw_engine import RawEngine
from registry import Registry

from aiodockmap.execute import RunReport
from aiodockmap.model import MapItem, ResourceKind
from aiodockmap.plan import Plan

pytestmark = pytest.mark.engine

RUN_UNTIL_ASKED = [
    "/bin/sh",
    "-c",
    "trap 'exit 0' TERM INT; while :; do sleep 1000 & wait $!; done",
]

Landscape = dict[str, Any]


@pytest.fixture
def moving_image(raw_engine: RawEngine, prompt_image: str, prefix: str) -> Any:
    """An image with a tag of its own, which may come to mean another one."""
    name = f"{prefix}img"
    raw_engine.call("POST", f"images/{prompt_image}/tag", None, repo=name, tag="latest")
    yield name
    raw_engine.remove_all(prefix)
    raw_engine.call("DELETE", f"images/{name}:latest", force="true")


def move(raw_engine: RawEngine, name: str) -> None:
    """Let a tag mean another image."""
    raw_engine.import_image(name, "latest", [*RUN_UNTIL_ASKED, "moved"])


def words(plan: Plan, prefix: str) -> list[str]:
    """The steps in words, without numbers and without the name of the map."""
    return [str(step).partition(" ")[2].replace(f"{prefix}.", "") for step in plan.steps]


def replaced(report: RunReport, prefix: str) -> list[str]:
    """What got another container, in the order of the plan."""
    return [rescue.step.resource.name.removeprefix(f"{prefix}.") for rescue in report.plan.rescues]


def ids(raw_engine: RawEngine, prefix: str) -> Mapping[str, str]:
    return {
        name.removeprefix(f"{prefix}."): raw_engine.get(f"containers/{name}/json")["Id"]
        for name in raw_engine.container_names(prefix)
    }


def assert_all_run(raw_engine: RawEngine, prefix: str, *names: str) -> None:
    """These run, and nothing else exists."""
    found = {
        name: raw_engine.get(f"containers/{name}/json")["State"]["Running"]
        for name in raw_engine.container_names(prefix)
    }
    assert found == {f"{prefix}.{name}": True for name in names}


def networks_of(raw_engine: RawEngine, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = raw_engine.get(f"containers/{name}/json")["NetworkSettings"][
        "Networks"
    ]
    return found


def changed(landscape: Landscape, container: str, **properties: Any) -> Landscape:
    return {**landscape, container: {**landscape[container], **properties}}


def with_environment(landscape: Landscape, container: str, value: str) -> Landscape:
    return changed(landscape, container, create_options={"environment": {"LEVEL": value}})


async def started(client_of: Any, landscape: Landscape) -> None:
    async with client_of(landscape) as client:
        await client.startup("__all__")


# Worked sequences


def worked(image: str, moving: str) -> Landscape:
    """The landscape of 6.7 as far as updates look at it."""
    return {
        "volumes": {"sock": "/var/sock", "log": "/var/log"},
        "app": {
            "image": moving,
            "instances": ["a", "b"],
            "attaches": "sock",
            "stop_signal": "SIGINT",
        },
        "web": {
            "image": image,
            "uses": "sock",
            "attaches": "log",
            "links": "app.a",
            "exec_commands": ["echo hi"],
        },
    }


async def test_only_the_command_that_has_ended_is_run_again(
    client_of: Any, raw_engine: RawEngine, prefix: str, prompt_image: str, moving_image: str
) -> None:
    """EX-14; UPD-1, UPD-60, UPD-63."""
    landscape = worked(f"/{prompt_image}", f"/{moving_image}")
    await started(client_of, landscape)
    before = ids(raw_engine, prefix)

    async with client_of(landscape) as client:
        report = await client.update("web")

    assert words(report.plan, prefix) == ["exec echo in container web"]
    assert ids(raw_engine, prefix) == before


@pytest.mark.parametrize("way", ["image", "force"])
async def test_what_is_linked_to_a_replaced_container_is_replaced_after_it(
    client_of: Any,
    raw_engine: RawEngine,
    prefix: str,
    prompt_image: str,
    moving_image: str,
    way: str,
) -> None:
    """EX-15, EX-16; UPD-2, UPD-5, UPD-10, UPD-16, UPD-82."""
    landscape = worked(f"/{prompt_image}", f"/{moving_image}")
    await started(client_of, landscape)
    before = ids(raw_engine, prefix)
    if way == "image":
        move(raw_engine, moving_image)
    options = {"force_update": "app"} if way == "force" else {}

    async with client_of(landscape) as client:
        report = await client.update("web", instances=None, **options)
        again = await client.plan("update", "web", check_exec_commands="none")

    assert replaced(report, prefix) == ["app.a", "app.b", "web"]
    assert set(before.values()).isdisjoint(ids(raw_engine, prefix).values())
    assert "exec echo in container web" in words(report.plan, prefix)
    links = raw_engine.get(f"containers/{prefix}.web/json")["HostConfig"]["Links"]
    assert links == [f"/{prefix}.app.a:/{prefix}.web/app-a"]
    assert_all_run(raw_engine, prefix, "app.a", "app.b", "web")
    assert again.is_empty, again.render()


# The path


async def test_dependencies_are_mended_and_dependants_are_not_touched(
    client_of: Any, prefix: str, prompt_image: str
) -> None:
    """UPD-6."""
    image = f"/{prompt_image}"
    landscape: Landscape = {
        "networks": {"net": {}},
        "db": {"image": image, "networks": "net"},
        "app": {"image": image, "networks": {"net": {"links": "db"}}},
        "web": {"image": image, "networks": {"net": {"links": "app"}}},
    }
    await started(client_of, landscape)
    wanted = landscape
    for name in ("db", "web"):
        wanted = with_environment(wanted, name, "2")

    async with client_of(wanted) as client:
        report = await client.update("app")
        again = await client.plan("update", "app")
        rest = await client.plan("update", "web")

    assert replaced(report, prefix) == ["db"]
    assert again.is_empty, again.render()
    assert [rescue.step.resource.name for rescue in rest.rescues] == [f"{prefix}.web"]


async def test_a_stopped_container_that_is_as_it_should_be_is_just_started(
    client_of: Any, raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """UPD-7, UPD-35."""
    landscape: Landscape = {
        "networks": {"net": {}},
        "db": {"image": f"/{prompt_image}", "networks": {"net": {"aliases": "base"}}},
        "solo": {"image": f"/{prompt_image}"},
    }
    await started(client_of, landscape)
    for name in ("db", "solo"):
        raw_engine.call("POST", f"containers/{prefix}.{name}/stop")

    async with client_of(landscape) as client:
        report = await client.update("__all__")

    assert sorted(words(report.plan, prefix)) == ["start container db", "start container solo"]


async def test_all_differences_are_told_and_one_replacement_mends_them(
    client_of: Any, prompt_image: str
) -> None:
    """UPD-3."""
    landscape: Landscape = {"db": {"image": f"/{prompt_image}"}}
    await started(client_of, landscape)
    wanted = changed(
        landscape,
        "db",
        create_options={"environment": {"LEVEL": "2"}},
        host_config={"mem_limit": "64m"},
        user=1000,
    )

    async with client_of(wanted) as client:
        plan = await client.plan("update", "db")

    assert len(plan.rescues) == 1
    assert not [step for step in plan.steps if "limits" in str(step)]
    reasons = "; ".join(str(reason) for reason in plan.steps[0].reasons)
    for what in ("LEVEL", "memory", "user"):
        assert what in reasons


async def test_an_explanation_names_every_field_and_no_value(
    client_of: Any, prefix: str, prompt_image: str
) -> None:
    landscape: Landscape = {
        "db": {
            "image": f"/{prompt_image}",
            "create_options": {"environment": {"TOKEN": "hidden-one"}},
        },
        "web": {"image": f"/{prompt_image}"},
    }
    await started(client_of, landscape)
    wanted = changed(
        landscape, "db", create_options={"environment": {"TOKEN": "hidden-two"}}, user=1000
    )
    wanted = changed(wanted, "web", host_config={"cpu_shares": 512})

    async with client_of(wanted) as client:
        explanation = await client.explain("__all__")

    text = explanation.render().replace(f"{prefix}.", "")
    assert [each.remedy for each in explanation.containers] == [
        "would be replaced",
        "would be changed as it runs",
    ]
    for what in ("environment: TOKEN changed", "user", "CPU shares"):
        assert what in text
    assert "hidden" not in text


# Followers


def followers(image: str) -> Landscape:
    return {
        "networks": {"net": {}},
        "owner": {"image": image, "networks": "net", "shares": "/scratch"},
        "stack": {"image": image, "network_mode": "owner"},
        "volumes_user": {"image": image, "uses": "owner"},
        "linker": {"image": image, "links": "plain"},
        "plain": {"image": image},
        "bystander": {"image": image, "networks": {"net": {"links": "owner"}}},
    }


async def test_followers_are_replaced_with_the_container_that_they_hold_on_to(
    client_of: Any, raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """UPD-15, UPD-22, UPD-81, UPD-82, UPD-83, UPD-84."""
    landscape = followers(f"/{prompt_image}")
    await started(client_of, landscape)
    before = ids(raw_engine, prefix)
    scratch = raw_engine.get(f"containers/{prefix}.owner/json")["Mounts"]
    wanted = with_environment(with_environment(landscape, "owner", "2"), "plain", "2")

    async with client_of(wanted) as client:
        report = await client.update("__all__")
        again = await client.plan("update", "__all__")

    after = ids(raw_engine, prefix)
    assert sorted(replaced(report, prefix)) == ["linker", "owner", "plain", "stack", "volumes_user"]
    assert {name for name in before if before[name] == after[name]} == {"bystander"}
    assert again.is_empty, again.render()
    stack = raw_engine.get(f"containers/{prefix}.stack/json")
    assert stack["HostConfig"]["NetworkMode"] == f"container:{after['owner']}"
    user = raw_engine.get(f"containers/{prefix}.volumes_user/json")
    assert [mount["Name"] for mount in user["Mounts"]] == [mount["Name"] for mount in scratch]


@pytest.mark.parametrize(
    ("owner", "follower"),
    [
        pytest.param("owner", "stack", id="network_stack"),
        pytest.param("owner", "volumes_user", id="volumes_from"),
        pytest.param("plain", "linker", id="legacy_link"),
    ],
)
async def test_a_follower_that_was_left_behind_is_replaced_later(
    client_of: Any,
    raw_engine: RawEngine,
    prefix: str,
    prompt_image: str,
    owner: str,
    follower: str,
) -> None:
    """What a follower holds on to was made anew by somebody else (UPD-14, UPD-16, UPD-22)."""
    landscape = followers(f"/{prompt_image}")
    await started(client_of, landscape)
    raw_engine.call("DELETE", f"containers/{prefix}.{owner}", force="true", v="true")
    before = ids(raw_engine, prefix)

    async with client_of(landscape) as client:
        await client.startup(owner)
        report = await client.update("__all__")
        again = await client.plan("update", "__all__")

    expected = {"stack", "volumes_user"} if owner == "owner" else {follower}
    assert set(replaced(report, prefix)) == expected
    assert ids(raw_engine, prefix)[follower] != before[follower]
    assert again.is_empty, again.render()


async def test_what_cannot_be_created_stops_nothing_that_follows_it(
    client_of: Any, raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """A refused owner costs nothing: its followers run on, never stopped."""
    landscape = followers(f"/{prompt_image}")
    await started(client_of, landscape)
    before = {
        name: raw_engine.get(f"containers/{name}/json")["State"]
        for name in raw_engine.container_names(prefix)
    }
    wanted = changed(landscape, "owner", host_config={"mem_limit": "1m"}, user=1)

    async with client_of(wanted) as client:
        report = await client.update("__all__", raise_on_error=False)

    assert not report.ok
    assert {
        name: raw_engine.get(f"containers/{name}/json")["State"]
        for name in raw_engine.container_names(prefix)
    } == before


async def test_followers_come_back_with_an_owner_that_comes_back(
    client_of: Any, raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """The owner first: nothing can join the network stack of what is down."""
    landscape = followers(f"/{prompt_image}")
    await started(client_of, landscape)
    before = ids(raw_engine, prefix)
    dying = ["/bin/sh", "-c", "echo no luck >&2; exit 3"]
    wanted = changed(landscape, "owner", create_options={"command": dying})

    async with client_of(wanted) as client:
        report = await client.update("__all__", raise_on_error=False)

    assert not report.ok
    assert ids(raw_engine, prefix) == before
    assert_all_run(raw_engine, prefix, *before)


@pytest.mark.parametrize(
    ("owner", "follower"),
    [
        pytest.param("owner", "stack", id="network_stack"),
        pytest.param("plain", "linker", id="legacy_link"),
    ],
)
async def test_a_follower_that_does_not_come_up_takes_its_owner_back(
    client_of: Any,
    raw_engine: RawEngine,
    prefix: str,
    prompt_image: str,
    owner: str,
    follower: str,
) -> None:
    """The old follower cannot start beside the new owner: both are old again, and run."""
    landscape = followers(f"/{prompt_image}")
    await started(client_of, landscape)
    before = ids(raw_engine, prefix)
    dying = ["/bin/sh", "-c", "echo no luck >&2; exit 3"]
    wanted = changed(
        with_environment(landscape, owner, "2"), follower, create_options={"command": dying}
    )

    async with client_of(wanted) as client:
        report = await client.update("__all__", raise_on_error=False)

    assert not report.ok
    after = ids(raw_engine, prefix)
    assert {name for name in before if before[name] == after[name]} >= {owner, follower}
    assert_all_run(raw_engine, prefix, *before)


# Connections and networks


async def test_connections_are_mended_without_a_restart(
    client_of: Any, raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """UPD-4, UPD-30, UPD-33, UPD-34, UPD-36."""
    image = f"/{prompt_image}"
    landscape: Landscape = {
        "networks": {"one": {}, "two": {}, "three": {}},
        "db": {"image": image, "networks": ["one", {"two": {"aliases": "old"}}]},
        "linked": {"image": image, "networks": {"one": {"links": "db"}}},
    }
    await started(client_of, landscape)
    raw_engine.call(
        "POST", f"networks/{prefix}.one/disconnect", {"Container": f"{prefix}.db", "Force": True}
    )
    raw_engine.call("POST", f"networks/{prefix}.three/connect", {"Container": f"{prefix}.db"})
    before = raw_engine.get(f"containers/{prefix}.db/json")
    wanted = changed(landscape, "db", networks=["one", {"two": {"aliases": "new"}}])

    async with client_of(wanted) as client:
        report = await client.update("__all__")
        again = await client.plan("update", "__all__")

    after = raw_engine.get(f"containers/{prefix}.db/json")
    assert not report.plan.rescues
    assert (after["Id"], after["State"]["StartedAt"]) == (
        before["Id"],
        before["State"]["StartedAt"],
    )
    assert set(after["NetworkSettings"]["Networks"]) == {f"{prefix}.one", f"{prefix}.two"}
    assert "new" in after["NetworkSettings"]["Networks"][f"{prefix}.two"]["Aliases"]
    assert again.is_empty, again.render()


async def test_a_running_container_gets_back_into_the_default_network(
    client_of: Any, raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """UPD-32."""
    landscape: Landscape = {"solo": {"image": f"/{prompt_image}"}}
    await started(client_of, landscape)
    raw_engine.call("POST", "networks/bridge/disconnect", {"Container": f"{prefix}.solo"})
    assert not networks_of(raw_engine, f"{prefix}.solo")

    async with client_of(landscape) as client:
        report = await client.update("solo")
        again = await client.plan("update", "solo")

    assert not report.plan.rescues
    assert set(networks_of(raw_engine, f"{prefix}.solo")) == {"bridge"}
    assert again.is_empty, again.render()


async def test_a_stopped_container_is_connected_before_it_starts(
    client_of: Any, raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """UPD-35: with the settings of the endpoint."""
    image = f"/{prompt_image}"
    landscape: Landscape = {
        "networks": {"one": {}, "two": {}},
        "db": {"image": image, "networks": ["one", {"two": {"aliases": "base"}}]},
    }
    await started(client_of, landscape)
    raw_engine.call("POST", f"containers/{prefix}.db/stop")
    raw_engine.call("POST", f"networks/{prefix}.two/disconnect", {"Container": f"{prefix}.db"})

    async with client_of(landscape) as client:
        report = await client.update("db")
        again = await client.plan("update", "db")

    assert [each.split()[0] for each in words(report.plan, prefix)] == ["connect", "start"]
    assert "base" in networks_of(raw_engine, f"{prefix}.db")[f"{prefix}.two"]["Aliases"]
    assert again.is_empty, again.render()


@pytest.mark.parametrize("state", ["running", "stopped"])
async def test_a_network_that_was_made_anew_is_connected_again(
    client_of: Any, raw_engine: RawEngine, prefix: str, prompt_image: str, state: str
) -> None:
    """By somebody else, under the same name (UPD-31)."""
    landscape: Landscape = {
        "networks": {"net": {}},
        "db": {"image": f"/{prompt_image}", "networks": "net"},
    }
    await started(client_of, landscape)
    before = ids(raw_engine, prefix)
    net, db = f"{prefix}.net", f"{prefix}.db"
    if state == "stopped":
        # An engine lets go of the network of a container that does not run.
        raw_engine.call("POST", f"containers/{db}/stop")
    else:
        raw_engine.call("POST", f"networks/{net}/disconnect", {"Container": db, "Force": True})
    assert raw_engine.call("DELETE", f"networks/{net}")[0] == 204
    made = raw_engine.call("POST", "networks/create", {"Name": net, "CheckDuplicate": True})
    assert made[0] == 201

    async with client_of(landscape) as client:
        await client.update("db")
        again = await client.plan("update", "db")

    assert ids(raw_engine, prefix) == before
    assert_all_run(raw_engine, prefix, "db")
    assert networks_of(raw_engine, db)[net]["NetworkID"] == made[1]["Id"]
    assert again.is_empty, again.render()


@pytest.mark.parametrize(
    ("configuration", "is_forced"),
    [
        pytest.param(
            {"driver_options": {"com.docker.network.bridge.enable_icc": "false"}},
            False,
            id="option",
        ),
        pytest.param({"internal": True}, False, id="internal"),
        pytest.param({}, True, id="force"),
    ],
)
async def test_a_network_that_differs_is_made_anew_and_all_are_connected_again(
    client_of: Any,
    raw_engine: RawEngine,
    prefix: str,
    prompt_image: str,
    configuration: Mapping[str, Any],
    is_forced: bool,  # noqa: FBT001  # a column of the table
) -> None:
    """UPD-42 to UPD-44, UPD-47, UPD-48, UPD-87: on the path, off it, and strangers."""
    image = f"/{prompt_image}"
    landscape: Landscape = {
        "networks": {"net": {}},
        "db": {"image": image, "networks": {"net": {"aliases": "base"}}},
        "off": {"image": image, "networks": {"net": {"aliases": "aside"}}},
        "halted": {"image": image, "networks": "net"},
    }
    await started(client_of, landscape)
    net = f"{prefix}.net"
    raw_engine.call("POST", f"containers/{prefix}.halted/stop")
    _, stranger = raw_engine.call(
        "POST",
        f"containers/create?name={prefix}stranger",
        {"Image": prompt_image, "HostConfig": {"NetworkMode": net}},
    )
    raw_engine.call("POST", f"containers/{stranger['Id']}/start")
    before, old = ids(raw_engine, prefix), raw_engine.get(f"networks/{net}")["Id"]
    wanted = {**landscape, "networks": {"net": dict(configuration)}}
    forced = MapItem(ResourceKind.NETWORK, prefix, "net") if is_forced else None

    async with client_of(wanted) as client:
        report = await client.update(["db", "halted"], force_update=forced)
        again = await client.plan("update", "__all__")

    assert report.ok
    assert ids(raw_engine, prefix) == before
    new = raw_engine.get(f"networks/{net}")
    assert new["Id"] != old
    assert set(new["Containers"]) == set(before.values())
    for name, alias in (("db", "base"), ("off", "aside")):
        assert alias in networks_of(raw_engine, f"{prefix}.{name}")[net]["Aliases"]
    assert again.is_empty, again.render()


# Persistence, exit codes, force


async def test_a_persistent_container_is_replaced_only_on_request(
    client_of: Any, raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """OPTN-12, UPD-70: live changes go on, the rest is told and left alone."""
    landscape: Landscape = {
        "networks": {"net": {}},
        "db": {"image": f"/{prompt_image}", "persistent": True, "networks": "net"},
    }
    await started(client_of, landscape)
    before = ids(raw_engine, prefix)
    wanted = changed(
        with_environment(landscape, "db", "2"),
        "db",
        host_config={"cpu_shares": 512},
        networks={"net": {"aliases": "base"}},
    )

    async with client_of(wanted) as client:
        first = await client.update("db")
        kept = ids(raw_engine, prefix)
        later = await client.plan("update", "db")
        second = await client.update("db", update_persistent=True)
        again = await client.plan("update", "db")

    assert kept == before
    assert [each.split()[0] for each in words(first.plan, prefix)] == [
        "disconnect",
        "connect",
        "update",
    ]
    assert later.is_empty, later.render()
    assert any("update_persistent=True" in note for note in later.notes)
    assert replaced(second, prefix) == ["db"]
    assert again.is_empty
    assert not again.notes


async def test_force_update_replaces_without_comparing(
    client_of: Any, raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """OPTN-10, UPD-2, UPD-70: persistent ones, too; and the selection only."""
    landscape: Landscape = {
        "db": {"image": f"/{prompt_image}", "persistent": True},
        "web": {"image": f"/{prompt_image}"},
    }
    await started(client_of, landscape)
    before = ids(raw_engine, prefix)

    async with client_of(landscape) as client:
        report = await client.update(["db", "web"], force_update="db")

    after = ids(raw_engine, prefix)
    assert replaced(report, prefix) == ["db"]
    assert after["db"] != before["db"]
    assert after["web"] == before["web"]


async def test_a_container_beyond_recovery_is_replaced(
    client_of: Any, raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """UPD-2, OPTN-9."""
    command = ["/bin/sh", "-c", "trap 'exit 7' TERM; while :; do sleep 1000 & wait $!; done"]
    landscape: Landscape = {
        "db": {"image": f"/{prompt_image}", "create_options": {"command": command}}
    }
    await started(client_of, landscape)
    before = ids(raw_engine, prefix)
    raw_engine.call("POST", f"containers/{prefix}.db/stop")

    async with client_of(landscape) as client:
        report = await client.update("db", nonrecoverable_exit_codes=[7])

    assert replaced(report, prefix) == ["db"]
    assert ids(raw_engine, prefix) != before
    assert_all_run(raw_engine, prefix, "db")


@pytest.mark.parametrize("skips", [False, True], ids=["reset", "skipped"])
async def test_a_limit_that_cannot_be_lifted_live_replaces_the_container_or_stays(
    client_of: Any,
    raw_engine: RawEngine,
    prefix: str,
    prompt_image: str,
    *,
    skips: bool,
) -> None:
    """UPD-55, OPTN-11."""
    landscape: Landscape = {"db": {"image": f"/{prompt_image}"}}
    await started(
        client_of, changed(landscape, "db", host_config={"cpuset_cpus": "0", "cpu_shares": 512})
    )
    before = ids(raw_engine, prefix)

    async with client_of(landscape) as client:
        report = await client.update("db", skip_limit_reset=skips)
        again = await client.plan("update", "db", skip_limit_reset=skips)

    assert (ids(raw_engine, prefix) == before) is skips
    found = raw_engine.get(f"containers/{prefix}.db/json")["HostConfig"]
    assert found["CpusetCpus"] == ("0" if skips else "")
    # What can be lifted live is, in either case.
    assert found["CpuShares"] in {0, 1024}
    assert bool(report.plan.rescues) is not skips
    assert again.is_empty, again.render()


# Exec commands


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        pytest.param("full", ["/bin/sleep"], id="full"),
        pytest.param("partial", [], id="partial"),
        pytest.param("none", [], id="none"),
    ],
)
async def test_commands_that_do_not_run_any_more_are_run_again(
    client_of: Any,
    raw_engine: RawEngine,
    prefix: str,
    prompt_image: str,
    check: str,
    expected: Sequence[str],
) -> None:
    """OPTN-13, UPD-60 to UPD-64, UPD-66: one runs, one has more arguments, one is for the first start."""
    detached = {"detach": True}
    landscape: Landscape = {
        "db": {
            "image": f"/{prompt_image}",
            "user": "1000",
            "exec_commands": [
                {"cmd": "/bin/sleep 1001", **detached},
                {"cmd": "/bin/sleep 2002", **detached},
                {"cmd": "/bin/sleep 3003", "policy": "initial", **detached},
            ],
        }
    }
    await started(client_of, {"db": {"image": f"/{prompt_image}", "user": "1000"}})
    for argument in (["/bin/sleep", "1001"], ["/bin/sleep", "2002", "1"]):
        _, made = raw_engine.call("POST", f"containers/{prefix}.db/exec", {"Cmd": argument})
        raw_engine.call("POST", f"exec/{made['Id']}/start", {"Detach": True})

    async with client_of(landscape) as client:
        report = await client.update("db", check_exec_commands=check)

    assert words(report.plan, prefix) == [
        f"exec {command} in container db as 1000" for command in expected
    ]


# Images


async def test_a_tag_that_was_moved_replaces_its_containers_and_their_followers(
    client_of: Any, raw_engine: RawEngine, prefix: str, registry: Registry
) -> None:
    """GEN-2, OPTN-6, UPD-10, UPD-45, UPD-80, UPD-83: pull, then look, then plan."""
    registry.publish(f"{prefix}/app", RUN_UNTIL_ASKED)
    registry.publish(f"{prefix}/other", RUN_UNTIL_ASKED)
    landscape: Landscape = {
        "repository": f"{registry.address}/{prefix}",
        "app": {},
        "sidecar": {"image": "other", "network_mode": "app"},
        "other": {},
    }
    await started(client_of, landscape)
    before = ids(raw_engine, prefix)
    registry.publish(f"{prefix}/app", [*RUN_UNTIL_ASKED, "moved"])

    async with client_of(landscape) as client:
        unasked = await client.plan("update", "__all__")
        report = await client.update("__all__", pull_before_update=True)
        again = await client.plan("update", "__all__")
        second = await client.update("__all__", pull_before_update=True)

    assert unasked.is_empty
    assert replaced(report, prefix) == ["app", "sidecar"]
    after = ids(raw_engine, prefix)
    assert {name for name in before if before[name] == after[name]} == {"other"}
    assert again.is_empty, again.render()
    assert second.plan.is_empty
    assert_all_run(raw_engine, prefix, "app", "sidecar", "other")


async def test_an_absent_image_is_pulled_and_nothing_else_changes(
    client_of: Any, raw_engine: RawEngine, prefix: str, registry: Registry
) -> None:
    """UPD-45: the same image is the same, however it came."""
    name = registry.publish(f"{prefix}/app", RUN_UNTIL_ASKED)
    landscape: Landscape = {"repository": f"{registry.address}/{prefix}", "app": {}}
    await started(client_of, landscape)
    before = ids(raw_engine, prefix)
    raw_engine.call("POST", f"images/{name}/tag", None, repo=f"{prefix}kept", tag="latest")
    raw_engine.call("DELETE", f"images/{name}")

    async with client_of(landscape) as client:
        report = await client.update("app")

    raw_engine.call("DELETE", f"images/{prefix}kept:latest")
    assert len(report.rounds) == 1
    assert report.plan.is_empty, report.plan.render()
    assert ids(raw_engine, prefix) == before
