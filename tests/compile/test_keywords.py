"""How options of several places combine (KW-1 to KW-6, OPT-7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from aiodockmap.config import ClientConfiguration
from aiodockmap.errors import MapError, OptionError
from aiodockmap.model import lazy
from aiodockmap.state import ContainerSpec

CompileContainer = Callable[..., ContainerSpec]
Options = Mapping[str, object]


def host(spec: ContainerSpec) -> Mapping[str, object]:
    found = spec.body["HostConfig"]
    assert isinstance(found, Mapping)
    return found


@pytest.mark.parametrize(
    ("configured", "argument", "field", "expected"),
    [
        pytest.param({"tty": True}, {"tty": None}, "Tty", True, id="null-never-overrides"),
        pytest.param({"working_dir": "/a"}, {"working_dir": "/b"}, "WorkingDir", "/b", id="scalar"),
        pytest.param(
            {"environment": ["A=1", "B=1"]}, {"environment": ["B=1", "C=1"]},
            "Env", ["A=1", "B=1", "C=1"], id="lists-append-what-is-missing",
        ),
        pytest.param(
            {"environment": {"A": 1, "B": 1}}, {"environment": {"B": 2, "C": 2}},
            "Env", ["A=1", "B=2", "C=2"], id="mappings-update",
        ),
        pytest.param(
            {"environment": {"A": 1}}, {"environment": ["B=1"]}, "Env", ["B=1"],
            id="list-replaces-mapping",
        ),
        pytest.param(
            {"environment": {"A": 1}}, {"Env": {"B": 1}}, "Env", ["A=1", "B=1"],
            id="spellings-are-one-option",
        ),
        pytest.param(
            {"command": ["a", "b"]}, {"command": ["c"]}, "Cmd", ["c"], id="command-replaces"
        ),
        pytest.param(
            {"entrypoint": ["a", "b"]}, {"entrypoint": ["c"]}, "Entrypoint", ["c"],
            id="entrypoint-replaces",
        ),
        pytest.param(
            {"labels": {"a": "1"}}, {"labels": {"b": "1"}}, "Labels", {"a": "1", "b": "1"},
            id="labels",
        ),
    ],
)  # fmt: skip
def test_arguments_win_over_create_options(
    compile_container: CompileContainer,
    configured: Options,
    argument: Options,
    field: str,
    expected: object,
) -> None:
    spec = compile_container({"create_options": configured}, overrides=argument)

    found = spec.body[field]
    if isinstance(found, Mapping):
        found = {key: value for key, value in found.items() if "aiodockmap" not in key}
    assert found == expected


def test_options_win_over_attributes(compile_container: CompileContainer) -> None:
    spec = compile_container(
        {
            "user": 1000,
            "stop_signal": "SIGINT",
            "image": "a",
            "exposes": 80,
            "shares": "/a",
            "healthcheck": {"test": "a", "interval": "1s"},
            "create_options": {
                "user": "web",
                "stop_signal": "SIGHUP",
                "image": "b",
                "hostname": "web",
                "ports": [81],
                "volumes": ["/b"],
                "healthcheck": {"test": "b"},
            },
        }
    )

    assert spec.body["User"] == "web"
    assert spec.body["StopSignal"] == "SIGHUP"
    assert spec.body["Image"] == spec.image.name == "b:latest"
    assert spec.body["Hostname"] == "web"
    assert spec.body["ExposedPorts"] == {"80/tcp": {}, "81/tcp": {}}
    assert spec.body["Volumes"] == {"/a": {}, "/b": {}}
    assert spec.body["Healthcheck"] == {"Test": ["CMD-SHELL", "b"], "Interval": 1_000_000_000}


@pytest.mark.parametrize(
    "overrides",
    [
        pytest.param({"mem_limit": "2m"}, id="direct"),
        pytest.param({"Memory": "2m"}, id="engine-style"),
        pytest.param({"host_config": {"mem_limit": "2m"}}, id="nested"),
        pytest.param({"HostConfig": {"Memory": "2m"}}, id="nested-engine-style"),
    ],
)
def test_host_options_can_be_given_directly_or_nested(
    compile_container: CompileContainer, overrides: Options
) -> None:
    spec = compile_container({"host_config": {"mem_limit": "1m"}}, overrides=overrides)

    assert host(spec)["Memory"] == 2 * 1024**2


def test_host_config_wins_over_create_options(compile_container: CompileContainer) -> None:
    """KW-1."""
    spec = compile_container(
        {"create_options": {"mem_limit": "1m"}, "host_config": {"mem_limit": "2m"}}
    )

    assert host(spec)["Memory"] == 2 * 1024**2


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        pytest.param(["m.c:ro"], ["m.c:ro"], id="same-container"),
        pytest.param(["m.c"], ["m.c"], id="same-without-mode"),
        pytest.param("other,m.c", ["m.c", "other"], id="text"),
    ],
)
def test_volumes_from_has_one_entry_per_container(
    compile_container: CompileContainer, option: object, expected: list[str]
) -> None:
    """KW-4."""
    spec = compile_container(
        {"uses": "c", "host_config": {"volumes_from": option}}, c={"shares": "/x"}
    )

    assert host(spec)["VolumesFrom"] == expected


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        pytest.param(["m.c:other"], ["m.c:c", "m.c:other"], id="another-alias-in-a-list"),
        pytest.param([("m.c", "c")], ["m.c:c"], id="the-same"),
        pytest.param({"m.c": "other"}, ["m.c:other"], id="mapping-overrides"),
        pytest.param({"m.d": "d"}, ["m.c:c", "m.d:d"], id="mapping-adds"),
    ],
)
def test_links_are_combined_by_container(
    compile_container: CompileContainer, option: object, expected: list[str]
) -> None:
    """KW-4."""
    spec = compile_container({"links": "c", "host_config": {"links": option}}, c={})

    assert host(spec)["Links"] == expected


def test_port_bindings_of_one_port_are_one_whatever_they_are_written_like(
    compile_container: CompileContainer,
) -> None:
    spec = compile_container(
        {"exposes": {80: 8080, 81: 8081}, "host_config": {"PortBindings": {80: 9090}}}
    )

    assert host(spec)["PortBindings"] == {
        "80/tcp": [{"HostIp": "", "HostPort": "9090"}],
        "81/tcp": [{"HostIp": "", "HostPort": "8081"}],
    }


def test_settings_of_a_network_combine_field_by_field(compile_container: CompileContainer) -> None:
    spec = compile_container(
        {
            "networks": {"back": ["db"]},
            "create_options": {
                "networking_config": {"EndpointsConfig": {"m.back": {"ipv4_address": "10.0.0.2"}}}
            },
        },
        networks={"back": None},
    )

    assert spec.body["NetworkingConfig"] == {
        "EndpointsConfig": {
            "m.back": {"Aliases": ["db"], "IPAMConfig": {"IPv4Address": "10.0.0.2"}}
        }
    }


def test_options_may_be_callables_and_late_values(compile_container: CompileContainer) -> None:
    spec = compile_container(
        {
            "create_options": lambda: {"environment": {"A": lazy(lambda: "late")}},
            "host_config": lambda: {"mem_limit": lazy(lambda: "1m"), "dns": [lazy(lambda: "::1")]},
        }
    )

    assert spec.body["Env"] == ["A=late"]
    assert host(spec)["Memory"] == 1024**2
    assert host(spec)["Dns"] == ["::1"]


def test_a_callable_that_gives_no_mapping_is_named(compile_container: CompileContainer) -> None:
    with pytest.raises(MapError) as caught:
        compile_container({"create_options": lambda: ["a"]})

    assert [str(problem) for problem in caught.value.problems] == [
        "$.containers.web.create_options: must be a mapping of options, not a list"
    ]


def test_what_is_wrong_with_options_that_a_callable_gives_is_told_at_use(
    compile_container: CompileContainer,
) -> None:
    """OPT-4, OPT-7: nobody can know before."""
    with pytest.raises(MapError) as caught:
        compile_container(
            {
                "create_options": lambda: {"comand": "x"},
                "host_config": lambda: {"mem_limt": 1, "dns": True},
            }
        )

    assert [str(problem) for problem in caught.value.problems] == [
        "$.containers.web.create_options.comand: there is no such option (did you mean 'command'?)",
        "$.containers.web.host_config.mem_limt: there is no such option (did you mean 'mem_limit'?)",
        "$.containers.web.host_config.dns[0]: must be text, not true or false (put it in quotes)",
    ]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        pytest.param(
            {"comand": "x"}, "comand: there is no such option (did you mean 'command'?)",
            id="unknown",
        ),
        pytest.param(
            {"mem_limit": "x"},
            "mem_limit: must be a number of bytes or a size such as '512m' or '3g', not 'x'",
            id="bad-value",
        ),
        pytest.param(
            {"comand": "x", "dns": [1.5, lazy(lambda: True)], "user": lazy(lambda: 1 / 0)},
            "comand: there is no such option (did you mean 'command'?); "
            "user: evaluating it raised ZeroDivisionError; "
            "dns[0]: must be text, not a number (put it in quotes); "
            "dns[1]: must be text, not true or false (put it in quotes)",
            id="all-at-once",
        ),
    ],
)  # fmt: skip
def test_bad_arguments_of_a_call_are_no_problem_of_the_map(
    compile_container: CompileContainer, overrides: Options, message: str
) -> None:
    with pytest.raises(OptionError) as caught:
        compile_container({}, overrides=overrides)

    assert str(caught.value) == message


def test_binds_of_options_append_to_those_of_attributes(
    compile_container: CompileContainer,
) -> None:
    spec = compile_container(
        {"attaches": "data", "host_config": {"binds": ["/h:/c:ro"]}}, volumes={"data": "/data"}
    )

    assert host(spec)["Binds"] == ["m.data:/data:rw", "/h:/c:ro"]


def test_a_mapping_of_binds_replaces_those_of_attributes(
    compile_container: CompileContainer,
) -> None:
    spec = compile_container(
        {"attaches": "data", "host_config": {"binds": {"/h": "/c"}}},
        client=ClientConfiguration(),
        volumes={"data": "/data"},
    )

    assert host(spec)["Binds"] == ["/h:/c:rw"]
    assert spec.volumes == ()
