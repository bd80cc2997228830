"""What `update` decides, without an engine (behaviour 7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
from attrs import evolve
from landscapes import (
    container,
    container_id,
    desired,
    image_id,
    network_id,
    observed,
    running,
    volume_id,
)
from landscapes import plan as make

from aiodockmap.errors import PlanningError
from aiodockmap.model import DEFAULT_ENGINE, CmdCheck, DependencyKind
from aiodockmap.plan import (
    BringBack,
    ClearMark,
    ConnectNetwork,
    CreateContainer,
    CreateNetwork,
    DiscardHelper,
    DisconnectNetwork,
    LeaveNetwork,
    Plan,
    PlanOptions,
    PlanRequest,
    PullImage,
    RemoveContainer,
    RenewVolume,
    RunExec,
    SetMark,
    StartContainer,
    StopContainer,
    TryContainer,
    UpdateContainer,
    Verb,
    describe,
    explain,
    make_plan,
    only_pulls,
)
from aiodockmap.state import (
    Dependency,
    DesiredContainer,
    DesiredState,
    ExecSpec,
    ObservedContainer,
    ObservedNetwork,
    ObservedState,
    ObservedVolume,
    Process,
    RunState,
)

OLD_IMAGE = "sha256:older"


def exists(
    name: str,
    state: RunState = RunState.RUNNING,
    *,
    image: str = "",
    created: str = "2024-01-01T00:00:00Z",
    networks: Mapping[str, Mapping[str, Any]] | None = None,
    mounts: Mapping[str, str] | None = None,
    mode: str = "",
    **more: Any,
) -> ObservedContainer:
    """An inspected container that was made as it is asked for."""
    connections = {f"m.{key}": settings for key, settings in (networks or {}).items()}
    details = {
        "Created": created,
        "Config": {"Image": f"{name}:latest", "Labels": {}},
        "HostConfig": {"NetworkMode": mode},
        "Mounts": [
            {"Type": "volume", "Name": source, "Destination": target, "RW": True}
            for target, source in (mounts or {}).items()
        ],
        "NetworkSettings": {"Networks": connections},
    }
    return evolve(
        running(name, state, networks=networks or ()),
        image_id=image or f"sha256:{name}",
        details=details,
        **more,
    )


def connection(network: str, **settings: object) -> dict[str, object]:
    return {"NetworkID": f"id-of-m.{network}", "EndpointID": "", **settings}


def following(name: str, owner: str, kind: DependencyKind) -> DesiredContainer:
    """A container that holds on to another one."""
    plain = container(name)
    dependencies = (Dependency(container_id(owner), kind), *plain.dependencies)
    return evolve(plain, dependencies=dependencies)


def update(described: DesiredState, seen: ObservedState, *selected: str, **options: object) -> Plan:
    return make(Verb.UPDATE, described, seen, *selected, **options)


def kinds(plan: Plan, *names: str) -> list[str]:
    """The kinds of the steps, of some containers or of all."""
    wanted = {container_id(name) for name in names}
    return [
        type(step.action).__name__ for step in plan.steps if not wanted or step.resource in wanted
    ]


def numbers(plan: Plan, action: type, *names: str) -> list[int]:
    wanted = {container_id(name) for name in names}
    return [
        step.id
        for step in plan.steps
        if isinstance(step.action, action) and (not wanted or step.resource in wanted)
    ]


REPLACEMENT = ["CreateContainer", "StopContainer", "TakeOver", "StartContainer", "RemoveContainer"]


def test_nothing_is_done_to_what_is_as_it_should_be() -> None:
    """UPD-1."""
    plan = update(desired(container("web")), observed(exists("web"), images=["web"]), "web")

    assert plan.is_empty
    assert plan.notes == ()


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(RunState.RUNNING, REPLACEMENT, id="running"),
        pytest.param(
            RunState.EXITED, [kind for kind in REPLACEMENT if "Stop" not in kind], id="exited"
        ),
        pytest.param(
            RunState.INITIAL, [kind for kind in REPLACEMENT if "Stop" not in kind], id="initial"
        ),
    ],
)
def test_another_image_replaces_the_container(state: RunState, expected: list[str]) -> None:
    """UPD-5, UPD-10."""
    seen = observed(exists("web", state, image=OLD_IMAGE), images=["web"])

    plan = update(desired(container("web")), seen, "web")

    assert kinds(plan) == expected


def test_an_absent_container_is_created_and_started() -> None:
    """UPD-2."""
    plan = update(desired(container("web")), observed(images=["web"]), "web")

    assert kinds(plan) == ["CreateContainer", "StartContainer"]


def test_a_pull_is_a_round_of_its_own() -> None:
    """UPD-45, OPTN-6: containers are looked at after it."""
    seen = observed(exists("web", image=OLD_IMAGE), images=["web"])

    plan = update(desired(container("web")), seen, "web", pull_before_update=True)
    pulls = only_pulls(plan)

    assert kinds(plan) == ["PullImage"]
    assert pulls is not None
    assert [step.resource for step in pulls.steps] == [image_id("web")]
    assert isinstance(pulls.steps[0].action, PullImage)
    assert any("after the pull" in note for note in plan.notes)


@pytest.mark.parametrize(
    "kind",
    [DependencyKind.VOLUMES_FROM, DependencyKind.LINK, DependencyKind.NETWORK_STACK],
    ids=lambda kind: kind.name.lower(),
)
def test_what_holds_on_to_a_replaced_container_is_replaced_after_it(kind: DependencyKind) -> None:
    """UPD-15, UPD-81 to UPD-83: stopped before its owner, created when that has its name."""
    described = desired(container("owner"), following("web", "owner", kind))
    seen = observed(exists("owner", image=OLD_IMAGE), exists("web"), images=["owner", "web"])

    plan = update(described, seen, "web")

    [stop_web], [stop_owner] = (
        numbers(plan, StopContainer, "web"),
        numbers(plan, StopContainer, "owner"),
    )
    [create_web], [create_owner] = (
        numbers(plan, CreateContainer, "web"),
        numbers(plan, CreateContainer, "owner"),
    )
    assert create_owner < stop_web < stop_owner < create_web
    # A refused owner stops nothing.
    assert create_owner in plan.steps[stop_web - 1].requires


@pytest.mark.parametrize(
    ("kind", "is_joined"),
    [
        pytest.param(DependencyKind.NETWORK_STACK, True, id="network_stack"),
        pytest.param(DependencyKind.LINK, True, id="link"),
        pytest.param(DependencyKind.VOLUMES_FROM, False, id="volumes_from"),
    ],
)
def test_replacements_stand_together_where_the_old_ones_need_each_other_to_start(
    *, kind: DependencyKind, is_joined: bool
) -> None:
    described = desired(container("owner"), following("web", "owner", kind))
    seen = observed(exists("owner", image=OLD_IMAGE), exists("web"), images=["owner", "web"])

    plan = update(described, seen, "web")

    owner, web = plan.rescues
    starts = tuple(sorted(numbers(plan, StartContainer)))
    assert (owner.last == starts) is is_joined
    assert (web.last == starts) is is_joined
    assert web.follows == (owner.step.id,)
    assert isinstance(plan.steps[web.first - 1].action, StopContainer)
    [discard] = numbers(plan, RemoveContainer, "owner")
    needed = set(plan.steps[discard - 1].requires)
    assert needed == (set(starts) if is_joined else set(owner.last))


@pytest.mark.parametrize(
    ("target_created", "is_stale"),
    [
        pytest.param("2024-01-01T00:00:00Z", False, id="older"),
        pytest.param("2024-01-02T00:00:00.12Z", False, id="same"),
        pytest.param("2024-01-02T00:00:00.1Z", False, id="older_with_fewer_digits"),
        pytest.param("2024-01-02T00:00:00.123Z", True, id="newer_with_more_digits"),
        pytest.param("2024-01-03T00:00:00Z", True, id="newer"),
    ],
)
def test_a_link_to_a_younger_container_is_stale(*, target_created: str, is_stale: bool) -> None:
    """UPD-16."""
    described = desired(container("app"), container("web", links=["app"]))
    seen = observed(
        exists("app", created=target_created),
        exists("web", created="2024-01-02T00:00:00.12Z"),
        images=["app", "web"],
    )

    plan = update(described, seen, "web")

    assert bool(plan.rescues) is is_stale


@pytest.mark.parametrize(
    ("mode", "is_lost"),
    [
        pytest.param("container:id-of-m.owner", False, id="by_id"),
        pytest.param("container:m.owner", False, id="by_name"),
        pytest.param("container:id-of-another-one", True, id="another_one"),
    ],
)
def test_the_network_stack_of_a_container_that_was_made_anew_is_lost(
    *, mode: str, is_lost: bool
) -> None:
    """UPD-22."""
    described = desired(container("owner"), following("web", "owner", DependencyKind.NETWORK_STACK))
    seen = observed(exists("owner"), exists("web", mode=mode), images=["owner", "web"])

    assert bool(update(described, seen, "web").rescues) is is_lost


@pytest.mark.parametrize(
    ("mounts", "differ"),
    [
        pytest.param({"/scratch": "one"}, False, id="same"),
        pytest.param({"/scratch": "one", "/more": "two"}, False, id="more_of_its_own"),
        pytest.param({"/scratch": "two"}, True, id="another_volume"),
        pytest.param({}, True, id="absent"),
    ],
)
def test_the_volumes_of_a_used_container_are_compared(
    *, mounts: Mapping[str, str], differ: bool
) -> None:
    """UPD-14."""
    described = desired(container("owner"), following("web", "owner", DependencyKind.VOLUMES_FROM))
    seen = observed(
        exists("owner", mounts={"/scratch": "one"}),
        exists("web", mounts=mounts),
        images=["owner", "web"],
    )

    assert bool(update(described, seen, "web").rescues) is differ


@pytest.mark.parametrize(
    ("is_forced", "options", "is_replaced"),
    [
        pytest.param(False, {}, False, id="stays"),
        pytest.param(False, {"update_persistent": True}, True, id="update_persistent"),
        pytest.param(True, {}, True, id="forced"),
    ],
)
def test_a_persistent_container_is_replaced_on_request_only(
    *, is_forced: bool, options: Mapping[str, object], is_replaced: bool
) -> None:
    """UPD-70."""
    described = desired(container("db", persistent=True))
    seen = observed(exists("db", image=OLD_IMAGE), images=["db"])
    request = PlanRequest(
        verb=Verb.UPDATE,
        selected=(container_id("db"),),
        options=PlanOptions(**options),  # type: ignore[arg-type]
        forced=frozenset({container_id("db")} if is_forced else ()),
    )

    plan = make_plan(described, seen, request)

    assert bool(plan.rescues) is is_replaced
    assert any("it is persistent and stays" in note for note in plan.notes) is not is_replaced


# Connections


def networked(*networks: str) -> DesiredContainer:
    """Its first network is part of its creation."""
    body = {
        "Image": "web:latest",
        "HostConfig": {"NetworkMode": f"m.{networks[0]}"},
        "NetworkingConfig": {"EndpointsConfig": {f"m.{networks[0]}": {}}},
    }
    return container("web", networks=networks, body=body)


def seen_with(
    current: ObservedContainer,
    networks: Iterable[str],
    endpoints: Mapping[str, Mapping[str, str]] | None = None,
) -> ObservedState:
    state = observed(current, images=["web"], networks=networks)
    engine = state.engines[DEFAULT_ENGINE]
    by_id = {f"id-of-m.{name}": ends for name, ends in (endpoints or {}).items()}
    return ObservedState(engines={DEFAULT_ENGINE: evolve(engine, endpoints=by_id)})


def test_live_changes_connect_reconnect_disconnect() -> None:
    """UPD-4, UPD-30, UPD-33, UPD-34."""
    current = exists(
        "web",
        mode="m.one",
        networks={
            "two": connection("two", Aliases=["surplus"]),
            "three": connection("three"),
        },
    )

    plan = update(
        desired(networked("one", "two")), seen_with(current, ["one", "two", "three"]), "web"
    )

    assert [str(step).partition(" ")[2] for step in plan.steps] == [
        "connect container m.web to network m.one",
        "disconnect container m.web from network m.two",
        "connect container m.web to network m.two",
        "disconnect container m.web from network m.three",
    ]


@pytest.mark.parametrize(
    ("state", "endpoint", "expected"),
    [
        pytest.param(RunState.RUNNING, "end", [], id="alive"),
        pytest.param(RunState.RUNNING, "other", [LeaveNetwork, ConnectNetwork], id="another"),
        pytest.param(RunState.RUNNING, None, [LeaveNetwork, ConnectNetwork], id="dead"),
        pytest.param(RunState.PAUSED, None, [LeaveNetwork, ConnectNetwork], id="dead_and_paused"),
        pytest.param(RunState.RESTARTING, None, [], id="between_two_runs"),
        pytest.param(RunState.EXITED, None, [StartContainer], id="down"),
    ],
)
def test_endpoints_have_to_live_while_the_container_runs(
    state: RunState, endpoint: str | None, expected: list[type]
) -> None:
    """UPD-31, UPD-35."""
    current = exists(
        "web", state, mode="m.one", networks={"one": connection("one", EndpointID="end")}
    )
    endpoints = {"one": {current.id: endpoint} if endpoint else {}}

    plan = update(desired(networked("one")), seen_with(current, ["one"], endpoints), "web")

    assert [type(step.action) for step in plan.steps] == expected


@pytest.mark.parametrize(
    ("state", "networks", "expected"),
    [
        pytest.param(RunState.RUNNING, {}, ["connect"], id="nowhere"),
        pytest.param(RunState.RUNNING, {"bridge": {}}, [], id="there"),
        pytest.param(RunState.EXITED, {}, ["start"], id="down"),
    ],
)
def test_a_container_without_networks_belongs_to_the_default_one(
    state: RunState, networks: Mapping[str, Any], expected: list[str]
) -> None:
    """UPD-32."""
    current = exists("web", state)
    details = {**(current.details or {}), "NetworkSettings": {"Networks": networks}}
    bridge = ObservedNetwork(id="b", name="bridge", driver="bridge")
    seen = observed(evolve(current, details=details), images=["web"], other_networks=[bridge])

    plan = update(desired(container("web")), seen, "web")

    assert [str(step).split()[1] for step in plan.steps] == expected


def on_podman(seen: ObservedState) -> ObservedState:
    engine = seen.engines[DEFAULT_ENGINE]
    return ObservedState(
        engines={DEFAULT_ENGINE: evolve(engine, info=evolve(engine.info, flavour="podman"))}
    )


@pytest.mark.parametrize(
    ("networks", "expected"),
    [
        pytest.param({"podman": {"NetworkID": "podman", "EndpointID": ""}}, [], id="there"),
        pytest.param({}, ["connect container m.web to network bridge"], id="nowhere"),
        pytest.param(
            {"podman": {"NetworkID": "podman"}, "other": {"NetworkID": "other"}},
            ["disconnect container m.web from network other"],
            id="there_and_elsewhere",
        ),
    ],
)
def test_the_default_network_of_podman_has_two_names(
    networks: Mapping[str, Any], expected: list[str]
) -> None:
    """UPD-32: Podman 4.3.1 lists it as `bridge`, and the connections of its containers as `podman`."""
    current = exists("web")
    details = {**(current.details or {}), "NetworkSettings": {"Networks": networks}}
    bridge = ObservedNetwork(id="2f259bab93aa", name="bridge", driver="bridge")
    seen = observed(evolve(current, details=details), images=["web"], other_networks=[bridge])

    plan = update(desired(container("web")), on_podman(seen), "web")

    assert [str(step).partition(" ")[2] for step in plan.steps] == expected


def test_a_network_of_that_name_is_another_one_elsewhere() -> None:
    current = exists("web")
    networks = {"podman": {"NetworkID": "p"}, "bridge": {"NetworkID": "b"}}
    details = {**(current.details or {}), "NetworkSettings": {"Networks": networks}}
    others = [ObservedNetwork(id=name[0], name=name, driver="bridge") for name in networks]
    seen = observed(evolve(current, details=details), images=["web"], other_networks=others)

    plan = update(desired(container("web")), seen, "web")

    assert [str(step).partition(" ")[2] for step in plan.steps] == [
        "disconnect container m.web from network podman"
    ]


def limited(
    state: RunState, *, asked: int, shown: int, on: Callable[[ObservedState], ObservedState]
) -> tuple[DesiredState, ObservedState]:
    """A container with a memory limit, and one that is asked for."""
    host = {"Memory": asked, "MemorySwap": 2 * asked}
    current = exists("web", state)
    details = {
        **(current.details or {}),
        "HostConfig": {"NetworkMode": "", "Memory": shown, "MemorySwap": 2 * shown},
    }
    seen = observed(evolve(current, details=details), images=["web"])
    body = {"Image": "web:latest", "HostConfig": host}
    return desired(container("web", body=body)), on(seen)


def test_a_limit_replaces_the_container_where_the_engine_cannot_change_it() -> None:
    """Podman answers 404 to `POST /containers/{id}/update`; the plan says so."""
    described, seen = limited(RunState.EXITED, asked=2**26, shown=2**25, on=on_podman)

    replaced = update(described, seen, "web")
    left = update(described, seen, "web", skip_limit_reset=True)

    assert [str(reason) for reason in replaced.steps[0].reasons] == [
        "memory limit changed, which this engine cannot do live",
        "swap limit changed, which this engine cannot do live",
    ]
    assert "CreateContainer" in kinds(replaced)
    assert not {"UpdateContainer", "CreateContainer"} & {*kinds(left)}
    assert left.notes[0].endswith("memory limit changed, which this engine cannot do live")


def test_start_says_that_the_engine_cannot_set_limits() -> None:
    described, seen = limited(RunState.EXITED, asked=2**26, shown=2**25, on=on_podman)
    request = PlanRequest(
        verb=Verb.START,
        selected=(container_id("web"),),
        live_fields=frozenset({"HostConfig.Memory"}),
    )

    with pytest.raises(PlanningError, match=r"\(podman\) cannot set the memory limit"):
        make_plan(described, seen, request)


def test_everything_leaves_a_network_that_is_made_anew_and_comes_back() -> None:
    """UPD-42, UPD-47, UPD-48, UPD-87: in this order, and nothing is replaced."""
    stranger = evolve(
        exists("stranger", networks={"one": connection("one", Aliases=["kept"])}), name="stranger"
    )
    current = exists("web", mode="m.one", networks={"one": connection("one")})
    seen = observed(current, stranger, images=["web"], networks=["one"])
    described = desired(networked("one"), network_bodies={"one": {"Driver": "macvlan"}})

    plan = update(described, seen, "web")

    [create] = [step for step in plan.steps if isinstance(step.action, CreateNetwork)]
    assert not plan.rescues
    mark, *before = plan.steps[: create.id - 1]
    after = plan.steps[create.id :]
    assert isinstance(mark.action, SetMark)
    assert isinstance(after[-1].action, ClearMark)
    assert {type(step.action) for step in before[:-1]} == {DisconnectNetwork}
    assert len(before) == 3  # both of them, and the removal
    assert isinstance(create.action, CreateNetwork)
    assert create.action.former is not None
    assert {
        step.resource.name: step.action.settings.get("Aliases")
        for step in after
        if isinstance(step.action, ConnectNetwork)
    } == {"m.web": None, "stranger": ["kept"]}
    assert create.resource == network_id("one")


@pytest.mark.parametrize(
    ("driver", "options", "what"),
    [
        pytest.param("local", {"type": "tmpfs"}, None, id="same"),
        pytest.param("other", {"type": "tmpfs"}, "driver", id="driver"),
        pytest.param("local", {}, "driver options", id="options"),
    ],
)
def test_a_volume_that_differs_is_told_and_its_data_left_alone(
    driver: str, options: Mapping[str, str], what: str | None
) -> None:
    """UPD-40, UPD-41, UPD-46: never reset on its own."""
    described = desired(container("web", attaches=["data"]))
    volume = volume_id("data")
    body = {"Name": volume.name, "Driver": "local", "DriverOpts": {"type": "tmpfs"}}
    described = evolve(described, volumes={volume: evolve(described.volumes[volume], body=body)})
    seen = observed(exists("web"), images=["web"])
    existing = ObservedVolume(name=volume.name, driver=driver, details={"Options": options})
    engine = evolve(seen.engines[DEFAULT_ENGINE], volumes={volume.name: existing})

    plan = update(described, ObservedState(engines={DEFAULT_ENGINE: engine}), "web")

    told = [note for note in plan.notes if note.startswith(str(volume))]
    assert not plan.rescues
    assert [what is not None and f"{what} differ" in note for note in told] == [True] * bool(what)


def test_a_volume_is_created_anew_after_all_that_can_fail_without_loss() -> None:
    """UPD-46, UPD-86: each container is tried, all stop, all go, then the volume, then they come back."""
    described = desired(
        container("db", attaches=["data"]),
        container("web", uses={"data": ["db"]}, networks=["front"]),
    )
    seen = observed(
        exists("db", volumes=frozenset({"m.data"})),
        exists("web", volumes=frozenset({"m.data"})),
        images=["db", "web"],
        volumes=["data"],
    )
    request = PlanRequest(
        verb=Verb.UPDATE,
        selected=(container_id("web"),),
        forced=frozenset({volume_id("data")}),
    )

    plan = make_plan(described, seen, request)

    [renew] = [step.id for step in plan.steps if isinstance(step.action, RenewVolume)]
    trials, stops = numbers(plan, TryContainer), numbers(plan, StopContainer)
    removals, creations = numbers(plan, RemoveContainer), numbers(plan, CreateContainer)
    networks = [int(step.id) for step in plan.steps if isinstance(step.action, CreateNetwork)]
    assert len(trials) == len(stops) == len(removals) == len(creations) == 2
    assert max(trials + networks) < min(stops)
    assert max(stops) < min(removals)
    assert max(removals) < renew < min(creations)
    [unstoppable] = plan.unstoppable
    assert set(unstoppable.begun_by) == set(removals)
    assert {renew, *creations} <= set(unstoppable.steps)
    assert "all data in it is lost" in plan.render()
    # Once it is removed, nothing of the old container can be brought back.
    assert {rescue.last for rescue in plan.rescues} == {(number,) for number in removals}


def test_a_volume_that_strangers_mount_is_not_created_anew() -> None:
    """UPD-46: named before anything changes; what prepares it for an interrupted run is no stranger."""
    described = desired(container("web", attaches=["data"]))
    stranger = evolve(running("x", volumes=["data"]), name="stranger")
    helper = evolve(
        running("y", RunState.EXITED, volumes=["data"]),
        name="m.data.aiodockmap-prepare",
        labels={"io.aiodockmap.helper": "prepare"},
    )
    request = PlanRequest(
        verb=Verb.UPDATE,
        selected=(container_id("web"),),
        forced=frozenset({volume_id("data")}),
    )

    with pytest.raises(PlanningError, match="mount it, stranger;"):
        make_plan(described, observed(stranger, helper, volumes=["data"]), request)
    plan = make_plan(described, observed(helper, volumes=["data"], images=["web"]), request)

    kinds_of_volume = [
        type(step.action) for step in plan.steps if step.resource == volume_id("data")
    ]
    assert kinds_of_volume == [DiscardHelper, RenewVolume]


# Exec commands


@pytest.mark.parametrize(
    ("processes", "check", "expected"),
    [
        pytest.param(["root: serve all"], "full", [], id="found"),
        pytest.param(["root: serve all --now"], "full", ["serve all"], id="longer_line"),
        pytest.param(["root: serve all --now"], "partial", [], id="partial"),
        pytest.param(["0: serve all"], "full", [], id="root_as_number"),
        pytest.param(["bob: serve all"], "full", ["serve all"], id="another_user"),
        pytest.param([], "full", ["serve all"], id="no_process"),
        pytest.param([], "none", [], id="no_check"),
    ],
)
def test_commands_are_run_again_whose_process_is_not_found(
    processes: list[str], check: str, expected: list[str]
) -> None:
    """UPD-60 to UPD-66; those for the first start never."""
    commands = [
        ExecSpec(argv=("serve", "all"), user="root"),
        ExecSpec(argv=("prepare",), user="root", only_initially=True),
    ]
    seen_processes = tuple(
        Process(user=user, command=line)
        for user, _, line in (each.partition(": ") for each in processes)
    )
    seen = observed(exists("web", processes=seen_processes), images=["web"])

    plan = update(
        desired(container("web", execs=commands)),
        seen,
        "web",
        check_exec_commands=CmdCheck(check),
    )

    run = [step.action.command.argv for step in plan.steps if isinstance(step.action, RunExec)]
    assert [" ".join(argv) for argv in run] == expected
    assert not plan.rescues


@pytest.mark.parametrize(
    ("wanted", "seen_user", "is_same"),
    [
        pytest.param("2000", "2000", True, id="number"),
        pytest.param("2000", "bob", True, id="name_on_the_host"),
        pytest.param("bob", "2000", True, id="number_on_the_host"),
        pytest.param("bob", "eve", False, id="another_name"),
        pytest.param("2000", "root", False, id="root"),
        pytest.param("bob:staff", "bob", True, id="with_group"),
    ],
)
def test_users_are_compared_as_far_as_the_host_shows_them(
    *, wanted: str, seen_user: str, is_same: bool
) -> None:
    """UPD-62."""
    seen = observed(
        exists("web", processes=(Process(user=seen_user, command="serve"),)), images=["web"]
    )

    plan = update(
        desired(container("web", execs=[ExecSpec(argv=("serve",), user=wanted)])), seen, "web"
    )

    assert plan.is_empty is is_same


# What an interrupted run left


def aside(image: str) -> ObservedContainer:
    """The old container, set aside and stopped."""
    return evolve(
        exists("web", RunState.EXITED, image=image), name="m.web.aiodockmap-old", exit_code=137
    )


def test_what_is_brought_back_runs_with_its_commands() -> None:
    seen = observed(aside("sha256:web"), images=["web"])
    commands = [ExecSpec(argv=("serve",), user="root")]

    plan = update(desired(container("web", execs=commands)), seen, "web")

    assert kinds(plan) == ["BringBack", "RunExec"]
    [way_back] = [step.action for step in plan.steps if isinstance(step.action, BringBack)]
    assert way_back.was_up


def test_what_is_replaced_anyway_is_not_started_before() -> None:
    """But its way back starts it, if even the creation of the new one fails."""
    seen = observed(aside(OLD_IMAGE), images=["web"])

    plan = update(desired(container("web")), seen, "web")

    assert kinds(plan) == ["BringBack", *(kind for kind in REPLACEMENT if "Stop" not in kind)]
    first, [rescue] = plan.steps[0].action, plan.rescues
    assert isinstance(first, BringBack)
    assert not first.was_up
    assert rescue.first == 1
    assert isinstance(rescue.step.action, BringBack)
    assert rescue.step.action.was_up


def test_what_was_set_aside_late_and_runs_is_stopped_before_it_is_replaced() -> None:
    """Two of it must not run at the same time."""
    seen = observed(evolve(aside(OLD_IMAGE), state=RunState.RUNNING), images=["web"])

    plan = update(desired(container("web")), seen, "web")

    assert kinds(plan) == ["BringBack", *REPLACEMENT]


def test_what_was_set_aside_late_and_runs_goes_on_with_its_commands() -> None:
    runs = evolve(
        aside("sha256:web"),
        state=RunState.RUNNING,
        processes=(Process(user="root", command="serve"),),
    )
    commands = [ExecSpec(argv=("serve",), user="root")]

    plan = update(desired(container("web", execs=commands)), observed(runs, images=["web"]), "web")

    assert kinds(plan) == ["BringBack"]


def held_by_what_is_brought_back(
    verb: Verb, code: int, *, is_persistent: bool
) -> tuple[Plan, BringBack]:
    """A plan that makes the owner anew for its exit code, and the way back of what has a link to it."""
    seen = observed(
        exists("owner", RunState.EXITED, exit_code=137),
        evolve(aside("sha256:web"), exit_code=code),
        images=["owner", "web"],
    )
    web = evolve(following("web", "owner", DependencyKind.LINK), persistent=is_persistent)
    described = desired(container("owner"), web)

    plan = make(verb, described, seen, "web", nonrecoverable_exit_codes=[137])

    assert kinds(plan, "owner")[0] == "CreateContainer"
    [way_back] = [step.action for step in plan.steps if isinstance(step.action, BringBack)]
    return plan, way_back


@pytest.mark.parametrize("is_persistent", [False, True])
@pytest.mark.parametrize("verb", [Verb.STARTUP, Verb.UPDATE])
def test_what_cannot_be_started_any_more_is_replaced_without(
    verb: Verb, *, is_persistent: bool
) -> None:
    """ACT-6, ACT-16, ACT-17: as if the first run had not been interrupted."""
    plan, way_back = held_by_what_is_brought_back(verb, 137, is_persistent=is_persistent)

    replacement = [kind for kind in REPLACEMENT if "Stop" not in kind]
    assert kinds(plan, "web") == ["BringBack", *replacement]
    assert not way_back.was_up
    assert plan.notes == ()


@pytest.mark.parametrize("verb", [Verb.STARTUP, Verb.UPDATE])
def test_what_has_ended_beyond_recovery_is_replaced_when_it_is_brought_back(verb: Verb) -> None:
    """Nothing tells whether it had ended so before the first run; if this one fails, it is started again."""
    described = desired(container("web", persistent=True))

    plan = make(
        verb,
        described,
        observed(aside("sha256:web"), images=["web"]),
        "web",
        nonrecoverable_exit_codes=[137],
    )

    assert kinds(plan) == ["BringBack", *(kind for kind in REPLACEMENT if "Stop" not in kind)]
    assert [str(reason) for reason in plan.steps[1].reasons] == [
        "has exited beyond recovery (exit code 137)"
    ]
    [rescue] = plan.rescues
    assert isinstance(rescue.step.action, BringBack)
    assert rescue.step.action.was_up


@pytest.mark.parametrize("verb", [Verb.STARTUP, Verb.UPDATE])
def test_what_is_known_to_have_run_is_brought_back_however_it_was_stopped(verb: Verb) -> None:
    seen = observed(half_done("web"), aside("sha256:web"), images=["web"])

    plan = make(verb, desired(container("web")), seen, "web", nonrecoverable_exit_codes=[137])

    assert kinds(plan) == ["BringBack"]


@pytest.mark.parametrize("verb", [Verb.STARTUP, Verb.UPDATE])
def test_what_is_in_a_persistent_one_stays_as_it_is_brought_back(verb: Verb) -> None:
    """If it cannot be started, the run says so."""
    plan, way_back = held_by_what_is_brought_back(verb, 0, is_persistent=True)

    assert kinds(plan, "web") == ["BringBack"]
    assert way_back.was_up


def test_what_never_ran_is_started_for_the_first_time_after_its_way_back() -> None:
    """EXEC-10: with the commands of a first start, and where the verb says so."""
    never_ran = evolve(aside("sha256:web"), state=RunState.INITIAL, exit_code=None)
    commands = [ExecSpec(argv=("serve",), user="root", only_initially=True)]
    described, seen = desired(container("web", execs=commands)), observed(never_ran, images=["web"])

    assert kinds(make(Verb.CREATE, described, seen, "web")) == ["BringBack"]
    plan = make(Verb.STARTUP, described, seen, "web")
    assert kinds(plan)[:3] == ["BringBack", "StartContainer", "RunExec"]
    [way_back] = [step.action for step in plan.steps if isinstance(step.action, BringBack)]
    assert not way_back.was_up


def half_done(name: str) -> ObservedContainer:
    """The new container, which has the name already, and was not started yet."""
    made = exists(
        name, RunState.INITIAL, created="2025-01-01T00:00:00Z", mounts={"/data": "another"}
    )
    replaces = {"io.aiodockmap.replaces": f"id-of-m.{name} up"}
    return evolve(made, id="id-of-the-new-one", labels=replaces)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        pytest.param(DependencyKind.LINK, "", id="link"),
        pytest.param(DependencyKind.NETWORK_STACK, "container:id-of-m.web", id="network-stack"),
        pytest.param(DependencyKind.VOLUMES_FROM, "", id="volumes"),
    ],
)
def test_who_holds_on_to_what_is_brought_back_stays_and_starts_after_it(
    kind: DependencyKind, mode: str
) -> None:
    """The new container has the name still, is newer, and has other volumes; it is about to go."""
    seen = observed(
        half_done("web"),
        aside("sha256:web"),
        exists("other", RunState.EXITED, mode=mode),
        images=["web", "other"],
    )
    described = desired(container("web"), following("other", "web", kind))

    made = update(described, seen, "other")

    assert kinds(made) == ["BringBack", "StartContainer"]
    assert made.steps[1].requires == (1,)


@pytest.mark.parametrize("verb", [Verb.START, Verb.STARTUP, Verb.UPDATE])
def test_what_is_brought_back_starts_after_what_it_needs(verb: Verb) -> None:
    """As whatever is started; it comes back also if the other one cannot be started."""
    seen = observed(exists("owner", RunState.EXITED), aside("sha256:web"), images=["owner", "web"])
    described = desired(container("owner"), container("web", starts_after=["owner"]))

    made = make(verb, described, seen, "web")

    assert kinds(made) == ["StartContainer", "BringBack"]
    assert (made.steps[1].requires, made.steps[1].follows) == ((), (1,))


def test_what_is_brought_back_does_not_wait_for_what_waits_for_its_name() -> None:
    """The owner stops after the user, which is created anew first, and for that needs the name."""
    seen = observed(
        exists("owner", image=OLD_IMAGE),
        aside("sha256:web"),
        exists("user", image=OLD_IMAGE),
        images=["owner", "web", "user"],
    )
    described = desired(
        container("owner"),
        container("web", starts_after=["owner"]),
        following("user", "web", DependencyKind.LINK),
    )

    made = update(described, seen, "user")

    [way_back] = numbers(made, BringBack)
    [start] = numbers(made, StartContainer, "owner")
    assert way_back < start


@pytest.mark.parametrize(
    "kind", [DependencyKind.LINK, DependencyKind.NETWORK_STACK, DependencyKind.VOLUMES_FROM]
)
def test_what_is_created_for_one_that_is_brought_back_waits_for_it(kind: DependencyKind) -> None:
    """Before that, the name is still that of the container which goes."""
    seen = observed(
        half_done("web"),
        aside("sha256:web"),
        images=["web", "other"],
    )
    described = desired(container("web"), following("other", "web", kind))

    made = make(Verb.STARTUP, described, seen, "other")

    assert kinds(made) == ["BringBack", "CreateContainer", "StartContainer"]
    assert made.steps[1].requires == (1,)


# Explanations


def test_an_explanation_says_what_the_plan_would_do_and_why() -> None:
    """By the same verdicts, without what follows from them."""
    described = desired(
        container("owner"),
        following("web", "owner", DependencyKind.LINK),
        container("db", persistent=True),
        container("job"),
    )
    seen = observed(
        exists("owner", image=OLD_IMAGE),
        exists("web"),
        exists("db", image=OLD_IMAGE),
        exists("job"),
        images=["owner", "web", "db", "job"],
    )
    names = ("owner", "web", "db", "job")

    explanation = explain(update(described, seen, *names), map(container_id, names))

    stays = "it is persistent and stays, update_persistent=True replaces it"
    assert explanation.render().splitlines() == [
        "container m.owner would be replaced",
        "  because: its image is another one by now",
        "container m.web would be replaced",
        "  because: container m.owner is replaced, and this one holds on to it",
        "container m.db would be left alone",
        f"  left alone: its image is another one by now; {stays}",
        "container m.job is as it should be",
    ]
    assert [each.would_change for each in explanation.containers] == [True, True, False, False]


def test_a_swap_limit_of_zero_is_sent_as_the_one_that_an_engine_derives() -> None:
    """UPD-53: a zero would leave the old one, which may be lower than the new memory limit."""
    host = {"Memory": 2**26, "MemorySwap": 0}
    described = desired(container("web", body={"Image": "web:latest", "HostConfig": host}))
    current = exists("web")
    assert current.details is not None
    limited = {"NetworkMode": "", "Memory": 2**25, "MemorySwap": 2**26}
    seen = observed(
        evolve(current, details={**current.details, "HostConfig": limited}), images=["web"]
    )

    made = update(described, seen, "web")

    (changed,) = [step.action for step in made.steps if isinstance(step.action, UpdateContainer)]
    assert changed.body == {"Memory": 2**26, "MemorySwap": 2**27}


@pytest.mark.parametrize("name", ["owner", "user"])
def test_a_container_that_mounts_a_volume_by_the_right_name_stays_when_that_is_absent(
    name: str,
) -> None:
    """UPD-85: the volume is created, and nobody is created anew for it."""
    described = desired(
        container("owner", attaches=["data"]), container("user", uses={"data": ["owner"]})
    )
    mounts = {"/data": "m.data"}
    seen = observed(
        exists("owner", mounts=mounts), exists("user", mounts=mounts), images=["owner", "user"]
    )

    plan = update(described, seen, name)

    assert [describe(step.action, step.resource) for step in plan.steps] == ["create volume m.data"]
