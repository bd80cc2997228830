"""Who gets a connection back, from what, and when; without an engine (UPD-48)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from attrs import evolve
from landscapes import container, desired, network_id, observed, running
from landscapes import plan as make

from aiodockmap.model import DEFAULT_ENGINE
from aiodockmap.plan import (
    ClearMark,
    ConnectNetwork,
    CreateNetwork,
    Plan,
    SetMark,
    StartContainer,
    Step,
    StopContainer,
    Verb,
)
from aiodockmap.state import (
    CONNECTIONS,
    HELPER_LABEL,
    DesiredState,
    ObservedContainer,
    ObservedNetwork,
    ObservedState,
    ObservedVolume,
    RunState,
)

LABEL = "io.aiodockmap.connections"
BODY = {
    "Image": "web:latest",
    "HostConfig": {"NetworkMode": "m.one"},
    "NetworkingConfig": {"EndpointsConfig": {"m.one": {}}},
}
WEB = desired(
    container("web", networks=["one"], body=BODY),
    network_bodies={"one": {"Options": {"mtu": "1400"}}},
)
OLD = ObservedNetwork(
    id="id-of-m.one",
    name="m.one",
    driver="bridge",
    labels={"kept": "label"},
    details={
        "Driver": "bridge",
        "Options": {"mtu": "1500"},
        "IPAM": {"Driver": "default", "Config": [{"Subnet": "10.9.0.0/24"}]},
        "Internal": False,
    },
)


def on_it(name: str, state: RunState = RunState.RUNNING, **settings: Any) -> ObservedContainer:
    """A container that is connected, by its own name if it is not `web`."""
    ends = {"m.one": {"NetworkID": OLD.id, **settings}}
    details = {
        "NetworkSettings": {"Networks": ends},
        "Config": {"Image": f"{name}:latest"},
        "HostConfig": {"NetworkMode": "m.one"},
    }
    seen = evolve(
        running(name, state, networks=["one"]), details=details, image_id=f"sha256:{name}"
    )
    return seen if name == "web" else evolve(seen, name=name)


def off_it(name: str) -> ObservedContainer:
    details = {
        "NetworkSettings": {"Networks": {}},
        "Config": {"Image": f"{name}:latest"},
        "HostConfig": {"NetworkMode": "m.one"},
    }
    seen = evolve(running(name), details=details, image_id=f"sha256:{name}")
    return seen if name == "web" else evolve(seen, name=name)


def seen_by(
    *containers: ObservedContainer,
    networks: Iterable[ObservedNetwork] = (OLD,),
    told: Mapping[str, object] | str | None = None,
) -> ObservedState:
    seen = observed(*containers, images=["web"], other_networks=networks)
    if told is None:
        return seen
    name = f"m.one{CONNECTIONS}123"
    text = told if isinstance(told, str) else json.dumps(told)
    labels = {HELPER_LABEL: "connections", LABEL: text}
    volume = ObservedVolume(name=name, driver="local", labels=labels)
    state = evolve(seen.engines[DEFAULT_ENGINE], volumes={name: volume})
    return ObservedState(engines={DEFAULT_ENGINE: state})


def connects(plan: Plan) -> dict[str | None, Any]:
    """By the container as the step names it: with which settings."""
    return {
        step.action.container: dict(step.action.settings)
        for step in plan.steps
        if isinstance(step.action, ConnectNetwork)
    }


def of(plan: Plan, *kinds: type) -> list[Step]:
    return [step for step in plan.steps if isinstance(step.action, kinds)]


def update(described: DesiredState, seen: ObservedState) -> Plan:
    return make(Verb.UPDATE, described, seen, "web")


def test_a_mark_holds_what_a_connection_can_be_made_from_and_no_more() -> None:
    full: dict[str, Any] = {
        "Aliases": ["store", "id-of-guest"],
        "Links": ["db:d"],
        "IPAMConfig": {"IPv4Address": "10.9.0.7"},
        "DriverOpts": {"key": "value"},
        "MacAddress": "02:42:0a:09:00:07",
        "IPAddress": "10.9.0.7",
        "EndpointID": "abc",
    }
    plan = update(WEB, seen_by(on_it("web"), on_it("guest", **full)))

    [mark] = of(plan, SetMark)
    assert isinstance(mark.action, SetMark)
    told = json.loads(mark.action.labels[LABEL])
    assert told["id-of-m.guest"] == {
        key: full[key] for key in ("Aliases", "Links", "IPAMConfig", "DriverOpts")
    }
    assert connects(plan)["id-of-m.guest"] == told["id-of-m.guest"]


def test_the_old_network_can_come_back_with_its_options_addresses_and_labels() -> None:
    plan = update(WEB, seen_by(on_it("web")))

    [create] = of(plan, CreateNetwork)
    assert isinstance(create.action, CreateNetwork)
    former = create.action.former or {}
    assert former["Options"] == {"mtu": "1500"}
    assert former["IPAM"] == OLD.details["IPAM"]
    assert former["Labels"] == {"kept": "label"}
    assert former["Internal"] is False
    assert "IPAM" not in create.action.body


def test_a_network_that_nobody_is_on_needs_no_mark() -> None:
    plan = make(
        Verb.UPDATE,
        WEB,
        seen_by(off_it("web")),
        "web",
    )

    assert of(plan, SetMark) == []
    assert of(plan, ClearMark) == []


def test_what_is_replaced_is_connected_again_before_it_stops() -> None:
    """Its replacement may not come up."""
    old = evolve(on_it("web", Aliases=["w"]), image_id="sha256:older")

    plan = update(WEB, seen_by(old))

    [back] = [step for step in of(plan, ConnectNetwork) if "again" in str(step)]
    [stop] = of(plan, StopContainer)
    assert isinstance(back.action, ConnectNetwork)
    assert back.action.container == old.id
    assert back.id in stop.follows


@pytest.mark.parametrize("verb", [Verb.START, Verb.STARTUP, Verb.UPDATE, Verb.CREATE])
def test_what_an_interrupted_run_owes_is_given_back(verb: Verb) -> None:
    told = {"id-of-m.guest": {"Aliases": ["g"]}, "long-gone": {}}

    new = evolve(OLD, details={**OLD.details, "Options": {"mtu": "1400"}})

    plan = make(verb, WEB, seen_by(on_it("web"), off_it("guest"), networks=[new], told=told), "web")

    assert connects(plan) == {"id-of-m.guest": {"Aliases": ["g"]}}
    assert of(plan, ClearMark)[0].requires == (of(plan, ConnectNetwork)[0].id,)
    assert len(plan.steps) == 2


@pytest.mark.parametrize("verb", [Verb.STOP, Verb.RESTART, Verb.SIGNAL, Verb.REMOVE])
def test_other_actions_leave_it_to_those(verb: Verb) -> None:
    seen = seen_by(on_it("web"), off_it("guest"), told={"id-of-m.guest": {}})

    plan = make(verb, WEB, seen, "web")

    assert connects(plan) == {}
    assert of(plan, ClearMark) == []


def test_where_the_network_is_absent_it_is_created_first() -> None:
    seen = seen_by(off_it("web"), off_it("guest"), networks=[], told={"id-of-m.guest": {}})

    plan = make(Verb.STARTUP, WEB, seen, "web")

    [create] = of(plan, CreateNetwork)
    [connect] = of(plan, ConnectNetwork)
    assert create.id in connect.requires


def test_what_does_not_create_networks_leaves_the_mark_of_an_absent_one() -> None:
    seen = seen_by(off_it("web"), off_it("guest"), networks=[], told={"id-of-m.guest": {}})

    assert make(Verb.START, WEB, seen, "web").is_empty


def test_an_update_knows_better_how_its_own_containers_are_connected() -> None:
    new = evolve(OLD, details={**OLD.details, "Options": {"mtu": "1400"}})
    seen = seen_by(off_it("web"), networks=[new], told={"id-of-m.web": {"Aliases": ["old"]}})

    plan = update(WEB, seen)

    assert connects(plan) == {None: {}}
    assert len(of(plan, ClearMark)) == 1


def test_what_is_started_is_connected_before() -> None:
    stopped = evolve(off_it("web"), state=RunState.EXITED, exit_code=0)
    seen = seen_by(stopped, told={"id-of-m.web": {}})

    plan = make(Verb.STARTUP, WEB, seen, "web")

    [connect], [start] = of(plan, ConnectNetwork), of(plan, StartContainer)
    assert connect.id in start.follows


@pytest.mark.parametrize("told", ["no JSON", "[]", "3", pytest.param("[" * 100_000, id="deep")])
def test_a_mark_that_cannot_be_read_is_taken_away(told: str) -> None:
    new = evolve(OLD, details={**OLD.details, "Options": {"mtu": "1400"}})
    plan = update(WEB, seen_by(on_it("web"), networks=[new], told=told))

    assert [type(step.action) for step in plan.steps] == [ClearMark]


def test_all_of_it_is_finished_once_the_first_is_disconnected() -> None:
    plan = update(WEB, seen_by(on_it("web"), on_it("guest")))

    [unstoppable] = plan.unstoppable
    [mark] = of(plan, SetMark)
    assert mark.id not in unstoppable.steps
    assert set(unstoppable.steps) == {step.id for step in plan.steps} - {mark.id}
    assert network_id("one") in plan.expected
