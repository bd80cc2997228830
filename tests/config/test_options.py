"""What is wrong with options is told when a map is read, with everything else, and where it is written."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import attrs
import pytest

from aiodockmap import ContainerConfiguration, ContainerMap, MapClient, load_map, load_yaml
from aiodockmap.errors import MapError, MapIntegrityError
from aiodockmap.model import lazy, register_type, unregister_type


def problems_of(document: dict[str, object]) -> list[str]:
    with pytest.raises(MapError) as caught:
        ContainerMap("m", document)
    return [str(problem) for problem in caught.value.problems]


def test_wrong_options_are_told_with_the_other_problems() -> None:
    """OPT-4: nobody wants to learn of the next mistake only when the first is mended."""
    found = problems_of(
        {
            "web": {
                "links": "dbb",
                "create_options": {"comand": "x", "host_config": {"dsn": []}, "dns": ["::1", 1.5]},
                "host_config": {"mem_limt": 1, "tty": True, "Memory": "much"},
            },
            "db": {"create_options": lambda: {"late": True}, "host_config": {"Memory": 1}},
        }
    )

    assert found == [
        "$.containers.web.create_options.comand: there is no such option (did you mean 'command'?)",
        "$.containers.web.create_options.host_config.dsn: there is no such option (did you mean 'dns'?)",
        "$.containers.web.create_options.dns[1]: must be text, not a number (put it in quotes)",
        "$.containers.web.host_config.mem_limt: there is no such option (did you mean 'mem_limit'?)",
        "$.containers.web.host_config.tty: is no option of the host (it belongs in create_options)",
        (
            "$.containers.web.host_config.Memory: must be a number of bytes or a size such as '512m' or "
            "'3g', not 'much'"
        ),
        "$.containers.web.links[0]: this links to 'dbb', which is not there (did you mean 'db'?)",
    ]


def test_wrong_options_have_the_lines_of_their_document() -> None:
    with pytest.raises(MapError) as caught:
        load_map("""\
name: m
web:
  links: dbb
  host_config:
    mem_limt: 1
    port_bindings:
      80/tcp: 99999
  create_options:
    environment:
      my.level: 1.0
db:
""")

    assert [each.line for each in caught.value.problems] == [3, 5, 7, 10]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        pytest.param(
            {"environment": {"A": 1.5, "B": "b", "C": True}},
            ["environment.A", "environment.C"],
            id="mapping",
        ),
        pytest.param({"dns": [1.5, "::1", True]}, ["dns[0]", "dns[2]"], id="list"),
        pytest.param(
            {"ulimits": [{"name": "a", "soft": "x", "hart": 1}, {"soft": 1}]},
            ["ulimits[0].soft", "ulimits[0].hart", "ulimits[1]"],
            id="records",
        ),
        pytest.param(
            {"mem_limit": "x", "cpu_shares": "y"}, ["mem_limit", "cpu_shares"], id="options"
        ),
        pytest.param({"mem_limit": 1, "Memory": 2}, ["Memory"], id="the-same-option-twice"),
        pytest.param({"labels": {"io.aiodockmap.map": "m"}}, ["labels['io.aiodockmap.map']"],
                     id="labels-of-this-library"),
    ],
)  # fmt: skip
def test_all_that_is_wrong_in_a_value_is_told(options: dict[str, object], told: list[str]) -> None:
    with pytest.raises(MapError) as caught:
        ContainerMap("m", {"web": {"create_options": options}})

    places = [each.path for each in caught.value.problems]
    assert places == [f"$.containers.web.create_options.{each}" for each in told]


def test_a_wrong_option_of_a_base_is_told_once_where_it_is_written() -> None:
    found = problems_of(
        {
            "base": {"abstract": True, "create_options": {"comand": "x"}},
            "web": {"extends": "base", "instances": ["a", "b"]},
            "api": {"extends": "web"},
        }
    )

    assert found == [
        "$.containers.base.create_options.comand: there is no such option (did you mean 'command'?)"
    ]


def test_options_of_volumes_and_networks_are_looked_at_as_well() -> None:
    """OPT-5, OPT-6."""
    found = problems_of(
        {
            "volumes": {
                "data": {"create_options": {"lables": {}, "driver_opts": {"size": 1.5}}},
                "log": {"driver_options": {"a": []}},
            },
            "networks": {
                "back": {"create_options": {"attachabel": True, "ipam": {"Config": [{"Sub": 1}]}}},
                "front": {"driver_options": {"mtu": 1.5}},
            },
            "web": None,
        }
    )

    assert found == [
        "$.volumes.data.create_options.lables: there is no such option (did you mean 'labels'?)",
        "$.volumes.data.create_options.driver_opts.size: must be text, not a number (put it in quotes)",
        "$.volumes.log.driver_options.a: must be text, not a list",
        (
            "$.networks.back.create_options.attachabel: there is no such option (did you mean "
            "'attachable'?)"
        ),
        (
            "$.networks.back.create_options.ipam.Config[0].Sub: there is no such option (did you mean "
            "'Subnet'?)"
        ),
        "$.networks.front.driver_options.mtu: must be text, not a number (put it in quotes)",
    ]


class Secret(NamedTuple):
    name: str


class Late(str):
    """An object of a type that may be registered."""

    __slots__ = ()


def refuse() -> object:
    pytest.fail("a late value was evaluated")


@pytest.mark.parametrize("is_registered", [True, False])
def test_what_is_known_only_at_use_is_left_for_then(is_registered: bool) -> None:  # noqa: FBT001
    """LAZY-5, LAZY-6, OPT-7; types may be registered at any time before use (LAZY-2)."""
    if is_registered:
        register_type(Secret, lambda _: refuse())
        register_type(Late, lambda _: refuse())
    late = lazy(refuse)
    options = {
        "environment": {"A": late, "B": Secret("b")},
        "mem_limit": Late("much"),
        "dns": [1.5, late],
        "host_config": late,
    }
    try:
        ContainerMap(
            "m",
            {
                "web": {"create_options": options, "host_config": refuse},
                "api": {"create_options": {"host_config": refuse}, "host_config": late},
                "volumes": {
                    "data": {"driver_options": {"a": late}, "create_options": {"labels": late}}
                },
                "networks": {
                    "n": {"driver_options": {"a": late}, "create_options": {"ipam": late}}
                },
            },
        )
    finally:
        unregister_type(Secret)
        unregister_type(Late)


def test_the_name_of_an_option_is_known_even_if_its_value_is_late() -> None:
    assert problems_of({"web": {"host_config": {"mem_limt": lazy(refuse)}}}) == [
        "$.containers.web.host_config.mem_limt: there is no such option (did you mean 'mem_limit'?)"
    ]


def test_what_is_late_beside_it_hides_no_mistake() -> None:
    """Options of the host in a mapping of their own as well."""
    found = problems_of(
        {"web": {"create_options": {"host_config": {"dns": lazy(refuse), "mem_limit": "much"}}}}
    )

    assert [each.partition(":")[0] for each in found] == [
        "$.containers.web.create_options.host_config.mem_limit"
    ]


def test_dates_of_yaml_are_told_to_need_quotes() -> None:
    with pytest.raises(MapError) as caught:
        load_map("{name: m, web: {create_options: {labels: {built: 2026-11-27}}}}")

    assert [str(each) for each in caught.value.problems] == [
        "$.containers.web.create_options.labels.built (line 1): must be text, not a date (put it in quotes)"
    ]


def test_an_option_without_value_is_none() -> None:
    """KW-2: null never overrides, so that it need not be a value of the option."""
    ContainerMap("m", {"web": {"host_config": {"mem_limit": None, "dns": None, "ulimits": None}}})


def test_start_options_are_told_by_the_name_that_was_written() -> None:
    """CFG-43."""
    assert problems_of({"web": {"start_options": {"mem_limt": 1}}}) == [
        "$.containers.web.start_options.mem_limt: there is no such option (did you mean 'mem_limit'?)"
    ]


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(
            lambda: ContainerConfiguration(host_config={"mem_limt": 1}), id="configuration"
        ),
        pytest.param(
            lambda: attrs.evolve(ContainerConfiguration(), host_config={"mem_limt": 1}), id="evolve"
        ),
        pytest.param(
            lambda: ContainerMap("m").merge({"web": {"host_config": {"mem_limt": 1}}}), id="merge"
        ),
        pytest.param(
            lambda: ContainerMap("m", web={"host_config": {"mem_limt": 1}}, check_integrity=False),
            id="without-the-checks-of-references",
        ),
    ],
)
def test_no_map_of_any_origin_has_unknown_options(make: object) -> None:
    assert callable(make)
    with pytest.raises(MapError, match="mem_limt: there is no such option") as caught:
        make()

    assert not isinstance(caught.value, MapIntegrityError)


async def test_a_client_that_gets_a_wrong_map_keeps_the_one_that_it_has() -> None:
    """No wrong map comes so far as `MapClient`, nor as `set_map`."""
    right = ContainerMap("m", {"web": None})
    client = MapClient(right)

    with pytest.raises(MapError, match="mem_limt"):
        client.set_map(ContainerMap("m", {"web": {"host_config": {"mem_limt": 1}}}))

    assert client.maps == {"m": right}


def test_nesting_without_end_is_a_problem_of_its_place() -> None:
    deep: object = 1
    for _ in range(200):
        deep = [deep]

    found = problems_of({"web": {"create_options": {"mounts": deep}}})

    assert len(found) == 1
    assert found[0].startswith("$.containers.web.create_options.mounts")


EXAMPLES = sorted((Path(__file__).parents[2] / "docs/examples").glob("*.yaml"))


@pytest.mark.parametrize(
    "example",
    [each for each in EXAMPLES if each.name != "clients.yaml"],
    ids=lambda each: each.name,
)
def test_the_maps_of_the_documentation_load(example: Path) -> None:
    document = load_yaml(example.read_text(encoding="utf-8"))

    assert isinstance(document, dict)
    assert len(load_map(example.read_text(encoding="utf-8"), "m").containers) > 1
