"""Maps put together: who needs whom, on which engine, and how far it is compiled (DEP, API, KW-5)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from cProfile import Profile

import pytest

from aiodockmap.compile import CompileRequest, NamingPolicy, Scope, compile_maps
from aiodockmap.config import ClientConfiguration, ContainerMap
from aiodockmap.errors import MapError, OptionError
from aiodockmap.model import (
    DEFAULT_ENGINE,
    DependencyKind,
    MapItem,
    ResourceId,
    ResourceKind,
    lazy,
)
from aiodockmap.state import DesiredState, StopPolicy

Compile = Callable[..., DesiredState]
CONTAINER, VOLUME, NETWORK, IMAGE = (
    ResourceKind.CONTAINER,
    ResourceKind.VOLUME,
    ResourceKind.NETWORK,
    ResourceKind.IMAGE,
)


def resource(name: str, kind: ResourceKind = CONTAINER, engine: str = DEFAULT_ENGINE) -> ResourceId:
    return ResourceId(engine, kind, name)


def problems_of(call: Callable[[], object]) -> list[str]:
    with pytest.raises(MapError) as caught:
        call()
    return [str(problem) for problem in caught.value.problems]


def refuse() -> str:
    raise AssertionError("a late value was evaluated")


EXAMPLE: Mapping[str, object] = {
    "app": {"instances": ["i1", "i2"], "attaches": ["log", "sock"]},
    "web": {"image": "nginx", "uses": "sock", "attaches": "weblog"},
    "volumes": {"log": "/log", "sock": "/sock", "weblog": "/weblog"},
}


def test_dependencies_come_in_the_order_of_dep_10(compile_map: Compile) -> None:
    state = compile_map(
        {
            "web": {
                "attaches": ["own"],
                "uses": ["sock", "data"],
                "links": ["linked"],
                "networks": {"back": {"links": ["friend.a"]}, "front": None, "bridge": None},
            },
            "side": {"network_mode": "web"},
            "app": {"instances": ["one", "two"], "attaches": ["sock"]},
            "data": {"shares": "/data"},
            "linked": {},
            "friend": {"instances": ["a", "b"]},
            "volumes": {"own": "/own", "sock": "/sock"},
            "networks": {"back": None, "front": None},
        }
    )

    web = state.containers[resource("m.web")]
    assert [(str(each.on), each.kind) for each in web.dependencies] == [
        ("network m.back", DependencyKind.NETWORK),
        ("container m.friend.a", DependencyKind.ENDPOINT_LINK),
        ("network m.front", DependencyKind.NETWORK),
        ("container m.app.one", DependencyKind.VOLUME_OWNER),
        ("container m.app.two", DependencyKind.VOLUME_OWNER),
        ("volume m.sock", DependencyKind.VOLUME),
        ("container m.data", DependencyKind.VOLUMES_FROM),
        ("container m.linked", DependencyKind.LINK),
        ("volume m.own", DependencyKind.VOLUME),
        ("image web:latest", DependencyKind.IMAGE),
    ]
    side = state.containers[resource("m.side")]
    assert [(str(each.on), each.kind) for each in side.dependencies] == [
        ("container m.web", DependencyKind.NETWORK_STACK),
        ("image side:latest", DependencyKind.IMAGE),
    ]
    assert web.attached == (resource("m.own", VOLUME),)


def test_only_what_the_selected_need_has_bodies(compile_map: Compile) -> None:
    container_map = {
        **EXAMPLE,
        "other": {"networks": "back", "create_options": refuse},
        "networks": {"back": {"driver": lazy(refuse)}},
    }

    state = compile_map(container_map, selected=("m.web",))

    specs = {each.name: table.spec is not None for each, table in state.containers.items()}
    assert specs == {"m.app.i1": True, "m.app.i2": True, "m.web": True, "m.other": False}
    assert all(volume.body for volume in state.volumes.values())
    assert state.networks[resource("m.back", NETWORK)].body is None
    assert [each.name for each in state.images] == ["app:latest", "nginx:latest"]


def test_names_alone_evaluate_nothing_and_make_no_bodies(compile_map: Compile) -> None:
    late = lazy(refuse)
    state = compile_map(
        {
            "repository": late,
            "default_tag": late,
            "default_domain": late,
            "web": {
                "user": late,
                "attaches": [("data", late)],
                "shares": [late],
                "exposes": [(80, late)],
                "binds": [("/c", late)],
                "networks": [("back", [late])],
                "exec_commands": [late],
                "create_options": {"environment": late},
                "host_config": refuse,
                "stop_signal": "INT",
            },
            "volumes": {"data": late},
            "networks": {"back": {"driver": late}},
        },
        client=ClientConfiguration(domainname=late),
        scope=Scope.NAMES,
        overrides={"environment": late},
    )

    web = state.containers[resource("m.web")]
    assert web.spec is None
    assert [str(each.on) for each in web.dependencies] == ["network m.back", "volume m.data"]
    assert web.stop == StopPolicy(signal="SIGINT")
    assert [volume.body for volume in state.volumes.values()] == [None]
    assert [network.body for network in state.networks.values()] == [None]
    assert state.images == {}


def test_instances_that_only_the_selection_names_are_added(compile_map: Compile) -> None:
    state = compile_map(EXAMPLE, selected=("m.app.i3",))

    assert state.containers[resource("m.app.i3")].spec is not None
    assert state.containers[resource("m.app.i1")].spec is None
    assert state.containers[resource("m.app.i3")].item == MapItem(CONTAINER, "m", "app", "i3")


@pytest.mark.parametrize(
    ("configuration", "client", "expected"),
    [
        pytest.param({}, {}, StopPolicy(), id="nothing"),
        pytest.param({}, {"stop_timeout": 5}, StopPolicy(grace=5), id="client"),
        pytest.param({"stop_timeout": 3}, {"stop_timeout": 5}, StopPolicy(grace=3), id="container"),
        pytest.param({"stop_timeout": 0}, {"stop_timeout": 5}, StopPolicy(grace=0), id="at-once"),
        pytest.param({"stop_timeout": None}, {"stop_timeout": 5}, StopPolicy(), id="explicit-null"),
        pytest.param({"stop_signal": "SIGTERM"}, {}, StopPolicy(), id="term"),
        pytest.param({"stop_signal": "term"}, {}, StopPolicy(), id="short-term"),
        pytest.param({"stop_signal": 15}, {}, StopPolicy(), id="number-of-term"),
        pytest.param({"stop_signal": "15"}, {}, StopPolicy(), id="number-of-term-as-text"),
        pytest.param({"stop_signal": "INT"}, {}, StopPolicy(signal="SIGINT"), id="short"),
        pytest.param({"stop_signal": 2}, {}, StopPolicy(signal="SIGINT"), id="number"),
        pytest.param({"stop_signal": "SIGRTMIN+3"}, {}, StopPolicy(signal="SIGRTMIN+3"), id="rt"),
        pytest.param({"stop_signal": 63}, {}, StopPolicy(signal="63"), id="no-name"),
    ],
)
def test_how_a_container_is_asked_to_stop(
    compile_map: Compile,
    configuration: Mapping[str, object],
    client: dict[str, int],
    expected: StopPolicy,
) -> None:
    state = compile_map({"web": configuration}, client=ClientConfiguration(**client))  # type: ignore[arg-type]

    assert state.containers[resource("m.web")].stop == expected


def test_persistence_and_delays_are_known(compile_map: Compile) -> None:
    state = compile_map({"db": {"persistent": True, "start_delay": 2}, "web": {}})

    assert state.containers[resource("m.db")].persistent
    assert state.containers[resource("m.db")].start_delay == 2.0
    assert not state.containers[resource("m.web")].persistent
    assert state.containers[resource("m.web")].start_delay == 0.0


# -- engines


def test_a_map_is_on_every_engine_that_it_lists(compile_map: Compile) -> None:
    state = compile_map(
        {
            "clients": ["a", "b"],
            "web": {"exposes": [(80, 80, "pub")], "networks": "n"},
            "networks": {"n": None},
        },
        clients={
            "a": ClientConfiguration(interfaces={"pub": "10.0.0.1"}, stop_timeout=1),
            "b": ClientConfiguration(interfaces={"pub": "10.0.0.2"}, stop_timeout=2),
        },
    )

    assert set(state.networks) == {resource("m.n", NETWORK, each) for each in ("a", "b")}
    for engine, address, grace in (("a", "10.0.0.1", 1), ("b", "10.0.0.2", 2)):
        web = state.containers[resource("m.web", engine=engine)]
        assert web.spec is not None
        assert web.spec.image == resource("web:latest", IMAGE, engine)
        assert web.spec.body["Hostname"] == f"m-web-{engine}"
        assert web.spec.host_ports[0].address == address
        assert web.stop.grace == grace
        assert web.dependencies[0].on == resource("m.n", NETWORK, engine)


def test_an_unknown_client_is_named(compile_map: Compile) -> None:
    call = {"clients": ["clent"], "web": {}}

    assert problems_of(lambda: compile_map(call, clients={"client": ClientConfiguration()})) == [
        "$.clients: there is no client 'clent' (did you mean 'client'?)"
    ]


def test_a_map_without_clients_needs_the_default_one() -> None:
    maps = {"m": ContainerMap("m", {"web": {}})}

    assert problems_of(lambda: compile_maps(maps, {}, CompileRequest())) == [
        (
            "$.clients: there is no client '__default__' (say where its engine is: "
            "in the file of clients, or in MapClient(clients=...))"
        )
    ]


def test_the_default_engine_can_have_another_name() -> None:
    maps = {"m": ContainerMap("m", {"web": {}})}
    request = CompileRequest(default_engine="here", naming=NamingPolicy(default_client_name="here"))

    state = compile_maps(maps, {"here": ClientConfiguration()}, request)

    assert list(state.containers) == [resource("m.web", engine="here")]


# -- several maps


def test_maps_on_one_engine_share_images(compile_map: Compile) -> None:
    one = ContainerMap("one", {"web": {"image": "nginx"}})
    two = ContainerMap("two", {"api": {"image": "docker.io/library/nginx:latest"}})

    state = compile_map(one, two)

    assert list(state.images) == [resource("nginx:latest", IMAGE)]
    for name in ("one.web", "two.api"):
        spec = state.containers[resource(name)].spec
        assert spec is not None
        assert spec.image == resource("nginx:latest", IMAGE)
        assert state.containers[resource(name)].dependencies[-1].on == spec.image
    assert state.images[resource("nginx:latest", IMAGE)].item == MapItem(
        IMAGE, "one", "nginx", "latest"
    )


def test_two_items_of_one_name_are_a_problem(compile_map: Compile) -> None:
    one = ContainerMap("a", {"b.c": {"image": "x"}})
    two = ContainerMap("a.b", {"c": {"image": "x"}})

    assert problems_of(lambda: compile_map(one, two)) == [
        "$.containers.c: a.b.c and a.b.c (maps 'a' and 'a.b') would both be the container a.b.c"
    ]


def test_one_given_name_for_two_instances_is_a_problem(compile_map: Compile) -> None:
    call = {"app": {"instances": ["a", "b"], "create_options": {"name": "x"}}}

    assert problems_of(lambda: compile_map(call)) == [
        "$.containers.app: m.app.b and m.app.a would both be the container x"
    ]


def test_problems_of_several_maps_come_together(compile_map: Compile) -> None:
    one = ContainerMap("one", {"web": {"host_config": lambda: {"x": 1}}})
    two = ContainerMap("two", {"api": {"host_config": lambda: {"y": 1}}})

    with pytest.raises(MapError) as caught:
        compile_map(one, two)

    assert caught.value.source == "maps 'one', 'two'"
    assert [problem.path for problem in caught.value.problems] == [
        "one:$.containers.web.host_config.x",
        "two:$.containers.api.host_config.y",
    ]


def test_a_problem_of_all_instances_is_told_once(compile_map: Compile) -> None:
    call = {"app": {"instances": ["a", "b"], "host_config": {"mem_limit": lazy(lambda: "x")}}}

    assert len(problems_of(lambda: compile_map(call))) == 1


# -- ports of the host


@pytest.mark.parametrize(
    ("first", "second", "collide"),
    [
        pytest.param((80, 8080), (81, 8080), True, id="same"),
        pytest.param((80, 8080), (81, 8081), False, id="other-port"),
        pytest.param((80, 8080, "a"), (81, 8080, "b"), False, id="other-address"),
        pytest.param((80, 8080), (81, 8080, "b"), True, id="all-addresses"),
        pytest.param(("80/udp", 8080), (81, 8080), False, id="other-protocol"),
        pytest.param((80, 0), (81, 0), False, id="the-engine-chooses"),
    ],
)
def test_containers_that_publish_the_same_port_are_a_problem(
    compile_map: Compile,
    first: tuple[object, ...],
    second: tuple[object, ...],
    collide: bool,  # noqa: FBT001
) -> None:
    client = ClientConfiguration(interfaces={"a": "10.0.0.1", "b": "10.0.0.2"})
    container_map = {"api": {"exposes": [first]}, "web": {"exposes": [second]}}

    if not collide:
        compile_map(container_map, client=client)
        return
    (problem,) = problems_of(lambda: compile_map(container_map, client=client))
    assert problem.startswith("$.containers.web: m.web and m.api are both published on port ")


def test_the_same_port_on_two_engines_is_none(compile_map: Compile) -> None:
    compile_map(
        {"clients": ["a", "b"], "web": {"exposes": [(80, 80)]}},
        clients={"a": ClientConfiguration(), "b": ClientConfiguration()},
    )


# -- arguments and defaults


def test_arguments_are_for_the_selected_containers_only(compile_map: Compile) -> None:
    state = compile_map(EXAMPLE, selected=("m.web",), overrides={"command": "true"})

    commands = {
        each.name: table.spec.body.get("Cmd")
        for each, table in state.containers.items()
        if table.spec
    }
    assert commands == {"m.app.i1": None, "m.app.i2": None, "m.web": ["true"]}


def test_a_name_as_argument_is_the_name_of_the_selected_container(compile_map: Compile) -> None:
    state = compile_map(EXAMPLE, selected=("m.web",), overrides={"name": "other"})

    assert state.containers[resource("other")].spec is not None
    assert resource("m.web") not in state.containers


def test_unknown_arguments_are_an_error_before_anything_else(compile_map: Compile) -> None:
    with pytest.raises(OptionError, match=r"comand: .*did you mean 'command'"):
        compile_map(EXAMPLE, overrides={"comand": "true"})


def test_defaults_are_for_maps_that_say_nothing(compile_map: Compile) -> None:
    defaults = {"repository": "reg.test", "default_tag": "stage", "set_hostname": False}

    silent = compile_map({"web": {}}, map_defaults=defaults)
    outspoken = compile_map(
        {"web": {}, "repository": "own.test", "set_hostname": True}, map_defaults=defaults
    )

    (one,), (other,) = silent.containers.values(), outspoken.containers.values()
    assert one.spec is not None
    assert other.spec is not None
    assert one.spec.body["Image"] == "reg.test/web:stage"
    assert "Hostname" not in one.spec.body
    assert other.spec.body["Image"] == "own.test/web:stage"
    assert other.spec.body["Hostname"] == "m-web"


def test_unknown_defaults_are_an_error(compile_map: Compile) -> None:
    with pytest.raises(OptionError, match="did you mean 'repository'"):
        compile_map({"web": {}}, map_defaults={"repositry": "x"})


# -- the whole


def test_everything_that_is_sent_is_json_and_comes_out_the_same_again(
    compile_map: Compile,
) -> None:
    container_map = {
        **EXAMPLE,
        "networks": {"back": {"create_options": {"labels": ("a",)}}},
        "more": {
            "networks": {"back": ("x", "y")},
            "create_options": {"environment": {"A": 1}, "command": ("a", "b")},
            "host_config": {"dns": ("::1",), "tmpfs": ["/t"]},
        },
    }

    once, again = compile_map(container_map), compile_map(container_map)

    assert once == again
    bodies = [
        *(each.spec and each.spec.body for each in once.containers.values()),
        *(each.body for each in once.volumes.values()),
        *(each.body for each in once.networks.values()),
    ]
    assert None not in bodies
    assert json.loads(json.dumps(bodies)) == bodies


def test_values_show_in_no_repr(compile_map: Compile) -> None:
    state = compile_map(
        {
            "web": {"create_options": {"environment": {"A": "hunter2"}}, "attaches": "v"},
            "volumes": {"v": {"default_path": "/v", "driver_options": {"password": "hunter2"}}},
        },
        overrides={"labels": {"a": "hunter2"}},
    )

    assert "hunter2" not in repr(state)


def test_the_work_for_a_container_does_not_grow_with_their_number(compile_map: Compile) -> None:
    def calls_for(number: int) -> int:
        """How many functions are called to compile a chain of containers."""
        container_map = ContainerMap(
            "m",
            {
                f"c{each}": {
                    "image": "app",
                    "links": [f"c{each - 1}"] if each else [],
                    "networks": "back",
                    "create_options": {"environment": {"NUMBER": each}},
                    "host_config": {"mem_limit": "64m"},
                }
                for each in range(number)
            }
            | {"networks": {"back": None}},
        )
        profile = Profile()
        state = profile.runcall(compile_map, container_map)
        assert len(state.containers) == number
        profile.create_stats()
        return sum(calls for _, calls, *_ in profile.stats.values())

    calls_for(1)

    assert calls_for(400) / calls_for(100) < 4.2
