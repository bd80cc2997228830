"""What the attributes of a configuration come to (ENG, VOL-4 to VOL-11, NET-3 to NET-27, EXEC)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from aiodockmap.config import ClientConfiguration, ContainerMap
from aiodockmap.errors import MapError
from aiodockmap.model import (
    DEFAULT_ENGINE,
    ContainerLink,
    HealthCheck,
    NetworkEndpoint,
    ResourceId,
    ResourceKind,
    lazy,
)
from aiodockmap.state import ContainerSpec, DesiredState, ExecSpec, HostPort

CompileContainer = Callable[..., ContainerSpec]
Compile = Callable[..., DesiredState]

# The map of behaviour 6.7.
WORKED: Mapping[str, object] = {
    "app": {
        "instances": ["a", "b"],
        "attaches": "sock",
        "user": 2000,
        "permissions": "u=rwX",
        "binds": {"cfg": "ro"},
        "stop_signal": "SIGINT",
        "stop_timeout": 3,
    },
    "web": {
        "image": "nginx",
        "uses": "sock",
        "attaches": "log",
        "links": "app.a",
        "exposes": {80: 80, 443: (443, "priv")},
        "exec_commands": "echo hi",
    },
    "volumes": {"sock": "/var/sock", "log": "/var/log", "cfg": "/etc/cfg"},
    "host": {"cfg": "/h/cfg"},
}
WORKED_CLIENT = ClientConfiguration(interfaces={"priv": "10.0.0.1"})


def resource(name: str, kind: ResourceKind = ResourceKind.CONTAINER) -> ResourceId:
    return ResourceId(DEFAULT_ENGINE, kind, name)


def asked(spec: ContainerSpec | None) -> Mapping[str, object]:
    """The body without the labels of the library."""
    assert spec is not None
    labels = spec.body["Labels"]
    assert isinstance(labels, Mapping)
    own = {name: text for name, text in labels.items() if not name.startswith("io.aiodockmap.")}
    body = {name: value for name, value in spec.body.items() if name != "Labels"}
    return {**body, "Labels": own} if own else body


def host(spec: ContainerSpec) -> Mapping[str, object]:
    found = spec.body["HostConfig"]
    assert isinstance(found, Mapping)
    return found


def problems_of(call: Callable[[], object]) -> list[str]:
    with pytest.raises(MapError) as caught:
        call()
    return [str(problem) for problem in caught.value.problems]


def test_ex_20_is_the_body_of_an_instance(compile_map: Compile) -> None:
    state = compile_map(WORKED, client=WORKED_CLIENT)

    assert asked(state.containers[resource("m.app.a")].spec) == {
        "Image": "app:latest",
        "User": "2000",
        "Hostname": "m-app-a",
        "StopSignal": "SIGINT",
        "StopTimeout": 3,
        "Volumes": {"/etc/cfg": {}, "/var/sock": {}},
        "HostConfig": {
            "NetworkMode": "default",
            "Binds": ["/h/cfg:/etc/cfg:ro", "m.sock:/var/sock:rw"],
        },
    }


def test_ex_21_is_the_body_of_what_uses_and_links_it(compile_map: Compile) -> None:
    state = compile_map(WORKED, client=WORKED_CLIENT)

    web = state.containers[resource("m.web")].spec
    assert asked(web) == {
        "Image": "nginx:latest",
        "Hostname": "m-web",
        "ExposedPorts": {"80/tcp": {}, "443/tcp": {}},
        "Volumes": {"/var/log": {}, "/var/sock": {}},
        "HostConfig": {
            "NetworkMode": "default",
            "Binds": ["m.log:/var/log:rw", "m.sock:/var/sock:rw"],
            "Links": ["m.app.a:app-a"],
            "PortBindings": {
                "80/tcp": [{"HostIp": "", "HostPort": "80"}],
                "443/tcp": [{"HostIp": "10.0.0.1", "HostPort": "443"}],
            },
        },
    }
    assert web is not None
    assert web.exec_commands == (ExecSpec(argv=("echo", "hi")),)
    assert web.volumes == tuple(resource(name, ResourceKind.VOLUME) for name in ("m.log", "m.sock"))
    assert web.host_ports == (HostPort(port=80), HostPort(address="10.0.0.1", port=443))


@pytest.mark.parametrize(
    ("configuration", "field", "expected"),
    [
        pytest.param({"user": 0}, "User", "0", id="ENG-3-root"),
        pytest.param({"user": "web:www"}, "User", "web:www", id="ENG-3-group"),
        pytest.param({"user": ["web", "www"]}, "User", "web:www", id="ENG-3-pair"),
        pytest.param({"user": (1000, 2000)}, "User", "1000:2000", id="ENG-3-numbers"),
        pytest.param({"user": lazy(lambda: 1000)}, "User", "1000", id="ENG-3-late"),
        pytest.param(
            {"exposes": [80, "53/udp"]}, "ExposedPorts", {"80/tcp": {}, "53/udp": {}}, id="ENG-5"
        ),
        pytest.param(
            {"exposes": [lazy(lambda: 80)]}, "ExposedPorts", {"80/tcp": {}}, id="ENG-5-late"
        ),
        pytest.param({"stop_signal": 2}, "StopSignal", "2", id="ENG-14"),
        pytest.param({"stop_timeout": 7}, "StopTimeout", 7, id="ENG-15"),
        pytest.param(
            {"healthcheck": ["curl x", "10s", "5s", 3, "1m"]},
            "Healthcheck",
            {
                "Test": ["CMD-SHELL", "curl x"],
                "Interval": 10_000_000_000,
                "Timeout": 5_000_000_000,
                "Retries": 3,
                "StartPeriod": 60_000_000_000,
            },
            id="ENG-16",
        ),
        pytest.param(
            {"healthcheck": None}, "Healthcheck", {"Test": ["NONE"]}, id="ENG-16-disabled"
        ),
        pytest.param(
            {"healthcheck": HealthCheck(interval=5)},
            "Healthcheck",
            {"Interval": 5},
            id="ENG-16-the-images-test",
        ),
        pytest.param(
            {"shares": ["/a", lazy(lambda: "/b")]}, "Volumes", {"/a": {}, "/b": {}}, id="VOL-11"
        ),
        pytest.param({"network_mode": "none"}, "NetworkDisabled", True, id="ENG-12"),
    ],
)
def test_an_attribute_is_a_field_of_the_body(
    compile_container: CompileContainer,
    configuration: Mapping[str, object],
    field: str,
    expected: object,
) -> None:
    assert compile_container(configuration).body[field] == expected


@pytest.mark.parametrize(
    "configuration",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"user": None}, id="null-user"),
        pytest.param({"user": ""}, id="empty-user"),
        pytest.param({"stop_timeout": 0, "stop_signal": None}, id="no-stop"),
    ],
)
def test_what_is_not_set_is_not_sent(
    compile_container: CompileContainer, configuration: Mapping[str, object]
) -> None:
    assert asked(compile_container(configuration)) == {
        "Image": "web:latest",
        "Hostname": "m-web",
        "HostConfig": {"NetworkMode": "default"},
    }


# -- names


@pytest.mark.parametrize(
    ("client", "sections", "expected"),
    [
        pytest.param({}, {}, None, id="nothing"),
        pytest.param({}, {"default_domain": "map.test"}, "map.test", id="map"),
        pytest.param({}, {"default_domain": lazy(lambda: "map.test")}, "map.test", id="late-map"),
        pytest.param(
            {"domainname": "client.test"},
            {"default_domain": "map.test"},
            "client.test",
            id="client",
        ),
        pytest.param(
            {"domainname": lazy(lambda: "client.test")}, {}, "client.test", id="late-client"
        ),
        pytest.param(
            {"domainname": None}, {"default_domain": "map.test"}, None, id="client-says-none"
        ),
    ],
)
def test_the_clients_domain_wins_over_the_maps(
    compile_container: CompileContainer,
    client: dict[str, object],
    sections: dict[str, object],
    expected: str | None,
) -> None:
    spec = compile_container({}, ClientConfiguration(**client), **sections)  # type: ignore[arg-type]

    assert spec.body.get("Domainname") == expected


def test_host_names_can_be_left_to_the_engine(compile_container: CompileContainer) -> None:
    assert "Hostname" not in compile_container({}, set_hostname=False).body


def test_a_host_name_that_is_too_long_is_a_problem_before_any_engine_says_so(
    compile_map: Compile,
) -> None:
    long = "w" * 62

    assert problems_of(lambda: compile_map({long: {"image": "web"}})) == [
        (
            f"$.containers.{long}: its host name 'm-{long}' has 64 characters; 63 fit "
            "(shorten the names, or give it a `hostname` in create_options)"
        )
    ]
    compile_map({long: {"image": "web", "create_options": {"hostname": "short"}}})
    compile_map({long: {"image": "web"}, "set_hostname": False})


def test_an_image_name_that_no_engine_takes_is_a_problem(compile_map: Compile) -> None:
    assert problems_of(lambda: compile_map({"Web": {}})) == [
        "$.containers.Web.image: 'Web' is no name of an image; write it in lower case letters"
    ]


# -- ports


def test_addresses_come_from_the_interfaces_of_the_client(
    compile_container: CompileContainer,
) -> None:
    client = ClientConfiguration(
        interfaces={"pub": lazy(lambda: "10.0.0.1")}, interfaces_ipv6={"pub": "fd00::1"}
    )

    spec = compile_container(
        {
            "exposes": [
                (80, lazy(lambda: 8080), "pub"),
                (81, 8081, "pub", True),
                (82, None, "pub"),
                (83, 0),
                ("53/udp", 53),
                (84, "8000-8010"),
            ]
        },
        client,
    )

    assert host(spec)["PortBindings"] == {
        "80/tcp": [{"HostIp": "10.0.0.1", "HostPort": "8080"}],
        "81/tcp": [{"HostIp": "fd00::1", "HostPort": "8081"}],
        "83/tcp": [{"HostIp": "", "HostPort": "0"}],
        "53/udp": [{"HostIp": "", "HostPort": "53"}],
        "84/tcp": [{"HostIp": "", "HostPort": "8000-8010"}],
    }
    assert spec.host_ports == (
        HostPort(address="10.0.0.1", port=8080),
        HostPort(address="fd00::1", port=8081),
        HostPort(port=53, protocol="udp"),
    )


def test_an_unknown_interface_is_named(compile_container: CompileContainer) -> None:
    client = ClientConfiguration(interfaces={"public": "10.0.0.1"})

    assert problems_of(lambda: compile_container({"exposes": [(80, 80, "publik")]}, client)) == [
        (
            "$.containers.web.exposes[0]: the client '__default__' has no address for 'publik' in "
            "`interfaces` (did you mean 'public'?)"
        )
    ]


# -- volumes


def test_volumes_are_bound_in_the_order_host_own_others(
    compile_container: CompileContainer,
) -> None:
    spec = compile_container(
        {
            "uses": {"shared": "ro", "other": "/mine"},
            "attaches": [("own", "/own")],
            "binds": [("/direct", "relative"), {"cfg": True}],
        },
        host={"cfg": lazy(lambda: "conf"), "root": lazy(lambda: "/srv")},
        volumes={"cfg": lazy(lambda: "/etc/cfg"), "shared": "/shared", "other": "/other"},
        owner={"attaches": [("shared", "/theirs"), "other"]},
    )

    assert host(spec)["Binds"] == [
        "/srv/relative:/direct:rw",
        "/srv/conf:/etc/cfg:ro",
        "m.own:/own:rw",
        "m.shared:/theirs:ro",
        "m.other:/mine:rw",
    ]
    assert list(spec.body["Volumes"]) == ["/direct", "/etc/cfg", "/own", "/theirs", "/mine"]  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("path", "settings"),
    [
        pytest.param(lazy(lambda: "conf"), {}, id="late-path"),
        pytest.param("conf", {"root": lazy(lambda: "")}, id="late-root"),
    ],
)
def test_a_late_path_that_turns_out_to_be_relative_gives_a_warning(
    compile_container: CompileContainer,
    caplog: pytest.LogCaptureFixture,
    path: object,
    settings: Mapping[str, object],
) -> None:
    """CFG-72: it is used unchanged, and an engine takes it for the name of a volume."""
    spec = compile_container({"binds": [("/direct", path)]}, host=settings)

    assert host(spec)["Binds"] == ["conf:/direct:rw"]
    [record] = caplog.records
    assert record.getMessage() == (
        "map 'm': $.containers.web.binds[0]: 'conf' is relative, and engines take it for the name of a"
        " volume: begin it with '/', or give `host` a `root`"
    )


def test_host_paths_are_those_of_the_instance(compile_map: Compile) -> None:
    state = compile_map(
        {
            "app": {"instances": ["a", "b"], "binds": "cfg"},
            "web": {"binds": "cfg"},
            "volumes": {"cfg": "/etc"},
            "host": {"cfg": {"a": "/h/a", "b": "/h/b", "default": "/h/default"}},
        }
    )

    binds = {
        name.name: host(container.spec)["Binds"]
        for name, container in state.containers.items()
        if container.spec
    }
    assert binds == {
        "m.app.a": ["/h/a:/etc:rw"],
        "m.app.b": ["/h/b:/etc:rw"],
        "m.web": ["/h/default:/etc:rw"],
    }


def test_a_missing_host_path_is_named_with_the_instance(compile_map: Compile) -> None:
    container_map = {
        "app": {"instances": ["a", "b"], "binds": "cfg"},
        "volumes": {"cfg": "/etc"},
        "host": {"cfg": {"a": "/h/a"}},
    }

    assert problems_of(lambda: compile_map(container_map)) == [
        "$.containers.app.binds[0]: host volume 'cfg' has no path for the instance 'b'"
    ]


def test_volumes_of_a_container_are_taken_over_whole(compile_map: Compile) -> None:
    state = compile_map(
        {
            "app": {"instances": ["a"], "shares": "/s"},
            "c": {"shares": "/s"},
            "web": {"uses": ["c", ("app.a", "ro")]},
        }
    )

    spec = state.containers[resource("m.web")].spec
    assert spec is not None
    assert host(spec)["VolumesFrom"] == ["m.c", "m.app.a:ro"]
    assert "Volumes" not in spec.body
    assert "Binds" not in host(spec)


def test_parent_names_are_part_of_volume_names_and_of_lookups(compile_map: Compile) -> None:
    state = compile_map(
        {
            "use_attached_parent_name": True,
            "app": {"attaches": [("log", "/own"), "sock"]},
            "web": {"uses": ["app.log", "app.sock"]},
            "volumes": {"log": "/plain", "app.sock": "/with-owner", "sock": "/without"},
        }
    )

    spec = state.containers[resource("m.web")].spec
    assert spec is not None
    assert host(spec)["Binds"] == ["m.app.log:/own:rw", "m.app.sock:/with-owner:rw"]


def test_two_volumes_at_one_path_are_a_problem(compile_container: CompileContainer) -> None:
    call = {"attaches": [("a", "/x")], "host_config": {"binds": ["/h:/x/:ro"]}}

    assert problems_of(lambda: compile_container(call, volumes={"a": "/a"})) == [
        "$.containers.web: several volumes are mounted at '/x'"
    ]


# -- networks


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        pytest.param(None, "none", id="NET-23"),
        pytest.param("bridge", "bridge", id="NET-21"),
        pytest.param("host", "host", id="NET-22"),
        pytest.param("container:x", "container:x", id="NET-24"),
        pytest.param("/x", "container:x", id="NET-24-slash"),
        pytest.param("c", "container:m.c", id="NET-25"),
        pytest.param("app.a", "container:m.app.a", id="NET-26"),
        pytest.param("default", "default", id="Q-17"),
    ],
)
def test_network_modes(
    compile_container: CompileContainer, mode: str | None, expected: str
) -> None:
    spec = compile_container({"network_mode": mode}, c={}, app={"instances": ["a"]})

    assert host(spec)["NetworkMode"] == expected
    assert "NetworkingConfig" not in spec.body
    assert spec.further_endpoints == ()


def test_only_the_first_network_is_part_of_the_body(compile_container: CompileContainer) -> None:
    spec = compile_container(
        {
            "networks": [
                NetworkEndpoint(
                    "back",
                    (lazy(lambda: "db"), "sql"),
                    (ContainerLink("c"), ContainerLink("app.a", "x")),
                    lazy(lambda: "10.0.0.2"),
                    "fd00::2",
                    ("169.254.1.1",),
                ),
                "bridge",
                ("front", "api"),
            ]
        },
        networks={"back": None, "front": None},
        c={},
        app={"instances": ["a"]},
    )

    assert host(spec)["NetworkMode"] == "default"
    assert spec.body["NetworkingConfig"] == {
        "EndpointsConfig": {
            "m.back": {
                "Aliases": ["db", "sql"],
                "Links": ["m.app.a:x", "m.c:c"],
                "IPAMConfig": {
                    "IPv4Address": "10.0.0.2",
                    "IPv6Address": "fd00::2",
                    "LinkLocalIPs": ["169.254.1.1"],
                },
            }
        }
    }
    assert [(each.network.name, each.settings) for each in spec.further_endpoints] == [
        ("bridge", {}),
        ("m.front", {"Aliases": ["api"]}),
    ]


def test_what_shares_a_network_stack_has_no_host_name_and_exposes_nothing(
    compile_container: CompileContainer,
) -> None:
    spec = compile_container(
        {"network_mode": "c", "exposes": 80}, c={}, default_domain="example.org"
    )

    assert asked(spec) == {"Image": "web:latest", "HostConfig": {"NetworkMode": "container:m.c"}}


def test_the_host_name_of_the_host_cannot_be_set(compile_container: CompileContainer) -> None:
    assert "Hostname" not in compile_container({"host_config": {"uts_mode": "host"}}).body


@pytest.mark.parametrize(
    ("mode", "options", "field"),
    [
        pytest.param("host", {"port_bindings": {80: 80}}, "PortBindings", id="ENG-20"),
        pytest.param("host", {"links": ["m.c:c"]}, "Links", id="host-links"),
        pytest.param("container:x", {"port_bindings": {80: 80}}, "PortBindings", id="ENG-19-ports"),
        pytest.param("container:x", {"links": ["m.c:c"]}, "Links", id="ENG-19-links"),
        pytest.param("container:x", {"dns": "::1"}, "Dns", id="ENG-19-dns"),
        pytest.param("container:x", {"extra_hosts": {"a": "::1"}}, "ExtraHosts", id="ENG-19-hosts"),
        pytest.param(
            "container:x", {"publish_all_ports": True}, "PublishAllPorts", id="ENG-19-all"
        ),
    ],
)
def test_what_a_network_mode_rules_out_is_a_problem(
    compile_container: CompileContainer, mode: str, options: Mapping[str, object], field: str
) -> None:
    call = {"host_config": {"network_mode": mode, **options}}

    (problem,) = problems_of(lambda: compile_container(call))
    assert f"`{field}` cannot go with network mode '{mode}'" in problem


def test_networks_of_options_do_not_go_with_a_foreign_stack(
    compile_container: CompileContainer,
) -> None:
    call = {
        "network_mode": "host",
        "create_options": {"networking_config": {"EndpointsConfig": {"x": None}}},
    }

    assert problems_of(lambda: compile_container(call)) == [
        (
            "$.containers.web.networks: no networks can be connected with network mode 'host' "
            "(remove one of the two)"
        )
    ]


def test_a_mac_address_is_for_the_first_network(compile_container: CompileContainer) -> None:
    spec = compile_container(
        {"networks": "back", "create_options": {"mac_address": "02:42:ac:11:00:02"}},
        networks={"back": None},
    )

    assert host(spec)["NetworkMode"] == "m.back"


# -- exec commands


def test_exec_commands_are_argument_vectors_with_a_user(
    compile_container: CompileContainer,
) -> None:
    spec = compile_container(
        {
            "user": "web:www",
            "exec_commands": [
                "echo 'a b'",
                (["touch", "/x y"], "root", "initial"),
                (lazy(lambda: "ls /"), lazy(lambda: 1000)),
                {"cmd": "serve", "detach": True},
            ],
        }
    )

    assert spec.exec_commands == (
        ExecSpec(argv=("echo", "a b"), user="web:www"),
        ExecSpec(argv=("touch", "/x y"), user="root", only_initially=True),
        ExecSpec(argv=("ls", "/"), user="1000"),
        ExecSpec(argv=("serve",), user="web:www", detach=True),
    )


def test_exec_commands_of_containers_without_user_have_none(
    compile_container: CompileContainer,
) -> None:
    (command,) = compile_container({"exec_commands": "ls"}).exec_commands

    assert command.user is None


def test_a_broken_exec_command_is_named(compile_container: CompileContainer) -> None:
    assert problems_of(lambda: compile_container({"exec_commands": ["ls", "echo 'a"]})) == [
        "$.containers.web.exec_commands[1].cmd: is no command line: no closing quotation"
    ]


# -- images, names and platforms of options


def test_an_image_without_tag_is_never_sent_without_one(
    compile_container: CompileContainer,
) -> None:
    spec = compile_container({"create_options": {"image": "reg.test:5000/web"}})

    assert spec.body["Image"] == "reg.test:5000/web:latest"


def test_the_platform_is_no_part_of_the_body(compile_container: CompileContainer) -> None:
    spec = compile_container({"create_options": {"platform": "linux/amd64"}})

    assert spec.platform == "linux/amd64"
    assert "platform" not in str(spec.body)


def test_a_name_in_the_options_is_the_name_everywhere(compile_map: Compile) -> None:
    state = compile_map({"db": {"create_options": {"name": "database"}}, "web": {"links": "db"}})

    web = state.containers[resource("m.web")]
    assert resource("database") in state.containers
    assert web.dependencies[0].on == resource("database")
    assert web.spec is not None
    assert host(web.spec)["Links"] == ["database:db"]


def test_a_late_name_is_a_problem(compile_container: CompileContainer) -> None:
    call = {"create_options": {"name": lazy(lambda: "x")}}

    assert problems_of(lambda: compile_container(call)) == [
        (
            "$.containers.web.create_options.name: the name of a container has to be known before "
            "anything is evaluated (write it as plain text)"
        )
    ]


def test_a_label_that_would_pass_for_the_librarys_own_is_a_problem(
    compile_container: CompileContainer,
) -> None:
    call = {"create_options": {"labels": lazy(lambda: {"io.aiodockmap.map": "x"})}}

    assert problems_of(lambda: compile_container(call)) == [
        (
            "$.containers.web.create_options.labels['io.aiodockmap.map']: labels that start with "
            "'io.aiodockmap.' are written by this library (choose another prefix)"
        )
    ]


def test_the_map_itself_is_not_changed(compile_map: Compile) -> None:
    container_map = ContainerMap("m", WORKED)
    before = container_map.to_dict()

    compile_map(container_map, client=WORKED_CLIENT)

    assert container_map.to_dict() == before
