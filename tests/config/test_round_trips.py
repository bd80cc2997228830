"""What any map keeps on its way to a dict and back (LOAD-7), and through expansion (CFG-110)."""

from __future__ import annotations

import json

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from aiodockmap.config import ContainerMap, config_dependencies, load_map, select_items

NAMES = st.sampled_from(["web", "app", "db", "cache", "a.b", "x_1"])
ALIASES = st.sampled_from(["data", "log", "sock"])
NETWORKS = st.sampled_from(["front", "back"])
PATHS = st.sampled_from(["/a", "/b", "/c/d"])
FLAGS = st.sampled_from([True, False, "ro", "rw"])
PORTS = st.integers(1, 65_535) | st.sampled_from(["53/udp", "80", "9/sctp"])
TEXTS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=5)
DRIVER_OPTIONS = st.dictionaries(
    TEXTS, st.none() | st.booleans() | st.integers() | TEXTS, max_size=3
)
HOST_CONFIG = st.fixed_dictionaries(
    {},
    optional={
        "mem_limit": st.none() | st.integers(),
        "dns": TEXTS | st.lists(TEXTS, max_size=2),
        "ulimits": st.dictionaries(TEXTS, st.integers() | st.just({"soft": 1}), max_size=2),
        "LogConfig": st.fixed_dictionaries({"Type": TEXTS, "Config": DRIVER_OPTIONS}),
    },
)
CREATE_OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "tty": st.none() | st.booleans(),
        "environment": st.dictionaries(TEXTS, st.none() | st.integers() | TEXTS, max_size=2),
        "ports": st.lists(st.integers(1, 99) | st.tuples(st.integers(1, 99)), max_size=2),
        "host_config": HOST_CONFIG,
    },
)
DURATIONS = st.sampled_from(["5s", "1m30s", 7, None])


UNHURRIED = settings(deadline=None, max_examples=50)


def entries(*forms: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.lists(st.one_of(*forms), max_size=3)


CONTAINERS = st.fixed_dictionaries(
    {},
    optional={
        "abstract": st.booleans(),
        "image": TEXTS | st.none(),
        "instances": st.lists(st.sampled_from(["one", "two", "three"]), unique=True),
        "shares": st.lists(PATHS) | PATHS,
        "binds": entries(ALIASES, st.tuples(ALIASES, FLAGS), st.tuples(PATHS, PATHS, FLAGS)),
        "attaches": entries(ALIASES, st.tuples(ALIASES, PATHS)),
        "uses": entries(ALIASES, NAMES, st.tuples(ALIASES, PATHS, FLAGS)),
        "links": entries(NAMES, st.tuples(NAMES, TEXTS)),
        "exposes": entries(
            PORTS, st.tuples(PORTS, PORTS.filter(lambda port: isinstance(port, int)))
        ),
        "user": st.integers(0, 9) | TEXTS | st.tuples(TEXTS, TEXTS) | st.none(),
        "permissions": TEXTS,
        "stop_timeout": st.integers(0, 99) | st.none(),
        "stop_signal": st.sampled_from(["SIGINT", 2]),
        "start_delay": st.floats(0, 10, allow_nan=False),
        "network_mode": st.sampled_from(
            ["none", "bridge", "host", "container:x", "/x", None, "default"]
        )
        | NAMES
        | st.tuples(NAMES | st.just("host"), TEXTS | st.none()),
        "networks": entries(NETWORKS, st.tuples(NETWORKS, st.lists(TEXTS)))
        | st.dictionaries(
            NETWORKS,
            st.none()
            | st.fixed_dictionaries({}, optional={"ipv4": TEXTS, "links": st.lists(NAMES)}),
        ),
        "exec_commands": entries(
            TEXTS,
            st.tuples(st.lists(TEXTS, min_size=1), TEXTS, st.sampled_from(["initial", "restart"])),
        ),
        "healthcheck": st.none()
        | TEXTS
        | st.fixed_dictionaries(
            {},
            optional={"test": st.lists(TEXTS), "interval": DURATIONS, "retries": st.integers(0, 9)},
        ),
        "persistent": st.booleans() | st.none(),
        "create_options": CREATE_OPTIONS,
        "host_config": HOST_CONFIG,
    },
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, object]:
    """Maps as dicts; the forms are right, the names in them may mean nothing."""
    containers: dict[str, dict[str, object]] = draw(st.dictionaries(NAMES, CONTAINERS, max_size=4))
    names = list(containers)
    for index, name in enumerate(names):
        bases = names[:index]
        if bases:
            containers[name]["extends"] = draw(st.lists(st.sampled_from(bases), max_size=2))
    return {
        **containers,
        **draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "repository": TEXTS,
                    "default_tag": TEXTS,
                    "clients": st.lists(TEXTS, max_size=2),
                    "groups": st.dictionaries(TEXTS, st.lists(NAMES), max_size=2),
                    "set_hostname": st.booleans(),
                    "use_attached_parent_name": st.booleans(),
                    "volumes": st.dictionaries(
                        ALIASES,
                        PATHS
                        | st.none()
                        | st.fixed_dictionaries(
                            {},
                            optional={
                                "default_path": PATHS,
                                "driver": TEXTS,
                                "driver_options": DRIVER_OPTIONS,
                            },
                        ),
                    ),
                    "networks": st.dictionaries(
                        NETWORKS,
                        st.none()
                        | st.fixed_dictionaries(
                            {}, optional={"internal": st.booleans(), "driver": TEXTS}
                        ),
                    ),
                    "host": st.dictionaries(
                        ALIASES, PATHS | st.dictionaries(TEXTS, PATHS, min_size=1)
                    ),
                    "host_root": PATHS,
                },
            )
        ),
    }


def unchecked(document: dict[str, object]) -> ContainerMap:
    return ContainerMap("m", document, check_integrity=False)


@given(documents())
@UNHURRIED
def test_a_map_survives_its_dict(document: dict[str, object]) -> None:
    container_map = unchecked(document)

    written = container_map.to_dict()
    restored = unchecked(written)

    assert restored == container_map
    assert restored.to_dict() == written


@given(documents())
@UNHURRIED
def test_a_map_survives_json_and_yaml(document: dict[str, object]) -> None:
    container_map = unchecked(document)

    written = container_map.to_dict()

    assert unchecked(json.loads(json.dumps(written))) == container_map
    assert load_map(yaml.safe_dump(written), "m", check_integrity=False) == container_map


@given(documents())
@UNHURRIED
def test_an_expanded_map_survives_its_dict(document: dict[str, object]) -> None:
    expanded = unchecked(document).expanded()

    restored = unchecked(expanded.to_dict())

    assert restored.expanded() == expanded
    assert restored.expanded().to_dict() == expanded.to_dict()


@given(documents())
@UNHURRIED
def test_a_map_is_its_own_source(document: dict[str, object]) -> None:
    container_map = unchecked(document)

    assert ContainerMap("m", container_map, check_integrity=False) == container_map


@given(documents())
@UNHURRIED
def test_merging_a_map_into_nothing_gives_its_own(document: dict[str, object]) -> None:
    container_map = unchecked(document)

    assert unchecked({}).merge(container_map, check_integrity=False) == container_map


@given(documents())
@UNHURRIED
def test_dependencies_and_selections_name_what_is_there(document: dict[str, object]) -> None:
    container_map = unchecked(document)
    expanded = container_map.expanded()

    selected = select_items({"m": container_map}, "__all__", default_map="m")

    assert {each.name for each in selected} == set(expanded.containers)
    for dependencies in config_dependencies(container_map).values():
        for dependency in dependencies:
            if dependency.target.kind.value == "container":
                assert dependency.target in selected
