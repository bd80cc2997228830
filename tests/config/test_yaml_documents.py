"""Maps and clients from YAML: YAML-1 to YAML-10, CLI-1 to CLI-12."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import attrs
import pytest
import yaml

from aiodockmap.config import (
    ClientConfiguration,
    ContainerMap,
    MapLoader,
    add_path_tags,
    load_clients,
    load_clients_file,
    load_map,
    load_map_file,
    load_yaml,
)
from aiodockmap.errors import CircularDependencyError, MapError, MapIntegrityError
from aiodockmap.model import UNSET, Lazy, LazyOnce, is_late, register_type, unregister_type


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROOT", "/srv")
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("TRICKY", "$ROOT")


def problems(document: str, **options: object) -> list[str]:
    with pytest.raises(MapError) as caught:
        load_map(dedent(document), **options)  # type: ignore[arg-type]
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("web: {image: a}", id="text"),
        pytest.param(b"web: {image: a}", id="bytes"),
        pytest.param(io.StringIO("web: {image: a}"), id="text-file"),
        pytest.param(io.BytesIO(b"web: {image: a}"), id="binary-file"),
    ],
)
def test_a_document_from_anywhere(source: str) -> None:
    """YAML-1."""
    assert load_map(source, "m") == ContainerMap("m", {"web": {"image": "a"}})


@pytest.mark.parametrize("document", ["[web]", "web", "5", "", "null"])
def test_a_document_that_is_no_mapping(document: str) -> None:
    """YAML-1."""
    assert problems(document, name="m")[0].startswith("$: a map is a mapping")


@pytest.mark.parametrize(
    ("document", "name", "chosen"),
    [
        pytest.param("name: m", None, "m", id="YAML-2-document"),
        pytest.param("name: m", "other", "other", id="YAML-3-argument"),
        pytest.param("name: m", "", "m", id="empty-argument"),
        pytest.param("{}", "other", "other", id="YAML-2-argument"),
    ],
)
def test_the_name_of_a_map(document: str, name: str | None, chosen: str) -> None:
    """YAML-2, YAML-3: docker-map takes the name for a container (BUG-36)."""
    container_map = load_map(document, name)

    assert container_map.name == chosen
    assert not container_map.containers


def test_a_map_without_a_name() -> None:
    """YAML-2."""
    assert problems("web: {exposse: 80}") == [
        "$.name: the map has no name (write it under 'name', or pass it)",
        "$.containers.web.exposse (line 1): unknown attribute 'exposse' (did you mean 'exposes'?)",
    ]


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        pytest.param(None, "written", id="document"),
        pytest.param("", "site", id="YAML-2-name-of-the-file"),
        pytest.param("given", "given", id="argument"),
    ],
)
def test_the_name_of_a_map_in_a_file(tmp_path: Path, name: str | None, chosen: str) -> None:
    file = tmp_path / "site.yaml"
    file.write_text("name: written\nweb:\n")

    assert load_map_file(file, name).name == chosen
    assert load_map_file(str(file), name).name == chosen


def test_problems_of_a_file_name_the_file(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text("name: m\nweb: {links: db}\n")

    with pytest.raises(MapIntegrityError) as caught:
        load_map_file(file)

    assert caught.value.source == str(file)


def test_a_circle_in_a_file_is_told_as_one(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text("name: m\na: {links: b}\nb: {links: a}\n")

    with pytest.raises(CircularDependencyError) as caught:
        load_map_file(file)

    assert caught.value.cycle == ("a", "b")


def test_checks_can_be_switched_off(tmp_path: Path) -> None:
    """YAML-4."""
    file = tmp_path / "site.yaml"
    duplicate = "{name: m, a: {attaches: {v: /v}}, b: {attaches: {v: /v}}}"
    file.write_text(duplicate)

    assert len(load_map(duplicate, check_duplicates=False).containers) == 2
    assert len(load_map_file(file, check_duplicates=False).containers) == 2
    assert len(load_map("{name: m, a: {links: b}}", check_integrity=False).containers) == 1


@pytest.mark.parametrize(
    ("document", "loaded"),
    [
        pytest.param("!path $ROOT/data", "/srv/data", id="variable"),
        pytest.param("!path ${ROOT}/data", "/srv/data", id="variable-in-braces"),
        pytest.param("!path ~/data", "/home/me/data", id="home"),
        pytest.param("!path $UNKNOWN/data", "$UNKNOWN/data", id="unknown-variable"),
        pytest.param("!path [$ROOT, plain]", ["/srv", "plain"], id="sequence"),
        pytest.param("!path {a: $ROOT, b: ~}", {"a": "/srv", "b": None}, id="mapping"),
        pytest.param("!path {$ROOT: '~'}", {"$ROOT": "/home/me"}, id="values-only"),
        pytest.param("!path [[$ROOT]]", [["$ROOT"]], id="first-level-only"),
        pytest.param("!path [!path $TRICKY, $TRICKY]", ["$ROOT", "$ROOT"], id="YAML-6-nested"),
        pytest.param("!path {a: !path {b: $ROOT}}", {"a": {"b": "/srv"}}, id="YAML-6-deeper"),
        pytest.param("!path [5, 1.5]", ["5", "1.5"], id="YAML-6-numbers"),
        pytest.param("!path 5", "5", id="YAML-6-number"),
        pytest.param("!path {<<: {a: $ROOT}}", {"a": "/srv"}, id="merge-key"),
    ],
)
def test_paths_are_expanded_at_loading(document: str, loaded: object) -> None:
    """YAML-5, YAML-6, YAML-10; docker-map fails on nested paths (BUG-36)."""
    assert load_yaml(document) == loaded


def test_late_paths_are_expanded_at_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """YAML-7."""
    loaded = load_yaml(
        "{one: !path_lazy $ROOT, several: !path_lazy [$ROOT], named: !path_lazy {a: $ROOT}}"
    )
    assert isinstance(loaded, dict)
    late = [loaded["one"], loaded["several"][0], loaded["named"]["a"]]
    assert all(isinstance(each, LazyOnce) for each in late)

    monkeypatch.setenv("ROOT", "/later")
    first = [each.value for each in late]
    monkeypatch.setenv("ROOT", "/much/later")

    assert first == ["/later"] * 3
    assert [each.value for each in late] == first


def test_late_paths_in_a_map() -> None:
    container_map = load_map("{name: m, host_root: !path_lazy $ROOT, host: {a: data}}")

    assert is_late(container_map.host.root)
    assert container_map.host.under_root("data") == "/srv/data"


class Setting:
    """What a tag of a user constructs: a late value by its type."""

    def __init__(self, key: str) -> None:
        self.key = key


@pytest.fixture
def setting_tag() -> Iterator[None]:
    """`!setting` on the loader that PyYAML users know."""
    yaml.SafeLoader.add_constructor("!setting", lambda _, node: Setting(str(node.value)))
    register_type(Setting, lambda setting: f"value of {setting.key}")
    yield
    unregister_type(Setting)
    del yaml.SafeLoader.yaml_constructors["!setting"]


@pytest.mark.usefixtures("setting_tag")
def test_tags_on_the_loader_of_pyyaml_work_in_maps() -> None:
    """YAML-8."""
    container_map = load_map("{name: m, web: {user: !setting a, exposes: {80: !setting b}}}")

    assert isinstance(container_map.containers.web.user, Setting)
    assert isinstance(container_map.containers.web.exposes[0].host_port, Setting)


def test_tags_on_a_subclass_of_the_loader() -> None:
    """YAML-8."""

    class Loader(MapLoader):
        pass

    Loader.add_constructor("!upper", lambda _, node: str(node.value).upper())

    assert load_yaml("[!upper a, !path $ROOT]", loader=Loader) == ["A", "/srv"]
    with pytest.raises(MapError, match="!upper"):
        load_yaml("!upper a")


def test_the_path_tags_can_be_put_on_a_loader_of_ones_own() -> None:
    """YAML-8."""

    class Loader(yaml.SafeLoader):
        pass

    add_path_tags(Loader)

    assert load_yaml("!path $ROOT", loader=Loader) == "/srv"
    with pytest.raises(yaml.YAMLError):
        yaml.safe_load("!path $ROOT")


@pytest.mark.parametrize("loader", [yaml.UnsafeLoader, yaml.FullLoader, yaml.Loader])
def test_loaders_that_construct_anything_are_refused(loader: type[yaml.SafeLoader]) -> None:
    """YAML-1."""
    with pytest.raises(TypeError, match="safe"):
        load_yaml("a", loader=loader)


def test_tags_of_python_are_unknown() -> None:
    """YAML-1."""
    assert "python/object/apply" in problems("!!python/object/apply:os.getcwd []", name="m")[0]


def test_a_key_that_is_there_twice() -> None:
    assert problems(
        """\
        name: m
        web:
          image: a
          exposes: 80
          image: b
        web: null
        """
    ) == [
        "$.web (line 2): 'web' is there twice, in line 2 and in line 6",
        "$.web.image (line 3): 'image' is there twice, in line 3 and in line 5",
    ]


def test_problems_have_the_lines_that_they_are_in() -> None:
    found = problems(
        """\
        name: m
        volumes:
          log:
            driver_option: {}
        web:
          exposes:
            80: x
          links:
          - app
          - dbb
        containers:
          db: {healthcheck: {interval: soon}}
        """
    )

    assert [each.partition(": ")[0] for each in found] == [
        "$.volumes.log.driver_option (line 4)",
        "$.containers.web.exposes['80'] (line 7)",
        "$.containers.web.links[0] (line 9)",
        "$.containers.web.links[1] (line 10)",
        "$.containers.db.healthcheck.interval (line 12)",
    ]


def test_keys_that_are_merged_in_may_be_overridden() -> None:
    container_map = load_map(
        dedent(
            """\
            name: m
            a: &a {image: x, stop_timeout: 5}
            b: {<<: *a, image: y}
            """
        )
    )

    assert container_map.containers.b.image == "y"
    assert container_map.containers.b.stop_timeout == 5


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        pytest.param("a: [1", "line 1, column 6: expected ',' or ']'", id="not-closed"),
        pytest.param("a:\n  b: 1\n c: 2\n", "line 3, column 2: ", id="indentation"),
        pytest.param("a: {b: 1}}", "line 1, column 10: ", id="too-many"),
        pytest.param("a: !unknown b", "line 1, column 4: could not determine", id="tag"),
        pytest.param("a: *b", "line 1, column 4: found undefined alias 'b'", id="alias"),
        pytest.param(
            "a: &a {b: *a}", "line 1, column 4: an anchor contains itself", id="recursion"
        ),
        pytest.param("{[a]: b}", "line 1, column 2: found unhashable key", id="key"),
        pytest.param("--- a\n--- b\n", "line 2, column 1: ", id="documents"),
        pytest.param("a\x00b", "$: this is no YAML text", id="binary"),
    ],
)
def test_what_is_no_yaml(document: str, problem: str) -> None:
    (found,) = problems(document, name="m")

    assert found.startswith(problem)


def test_problems_of_the_syntax_do_not_quote_the_document() -> None:
    with pytest.raises(MapError) as caught:
        load_map("{name: m, web: {create_options: {environment: {PASSWORD: 'hunter2'}}", "m")

    assert "hunter2" not in str(caught.value)


def test_numbers_as_names_are_texts() -> None:
    container_map = load_map("{name: m, 1: {instances: [1, 2]}, web: {links: '1.2'}}")

    assert container_map.containers["1"].instances == ("1", "2")


CLIENTS = """\
__default__:
local:
  base_url: unix:///run/docker.sock
  version: '1.41'
  timeout: 30
  tls: {ca_cert: ca.pem}
  interfaces: {public: 127.0.0.1}
  interfaces_ipv6: {public: '::1'}
  auth_configs: {registry.test: {username: me, password: hunter2}}
  domainname: null
  stop_timeout: 5
  wait_timeout: 7.5
  constraints: {cpus: 2}
  region: north
"""


def test_clients() -> None:
    """YAML-9, CLI-1 to CLI-11."""
    clients = load_clients(CLIENTS)

    local = clients["local"]
    assert list(clients) == ["__default__", "local"]
    assert clients["__default__"] == ClientConfiguration()
    assert local.base_url == "unix:///run/docker.sock"
    assert local.version == "1.41"
    assert local.timeout == 30
    assert local.tls == {"ca_cert": "ca.pem"}
    assert local.interfaces == {"public": "127.0.0.1"}
    assert local.interfaces_ipv6 == {"public": "::1"}
    assert local.auth_configs == {"registry.test": {"username": "me", "password": "hunter2"}}
    assert local.domainname is None
    assert local.stop_timeout == 5
    assert local.wait_timeout == 7.5
    assert local.constraints == {"cpus": 2}


def test_the_domain_name_of_a_client_may_be_unset() -> None:
    """CLI-5, NAME-12: being null is not the same."""
    assert ClientConfiguration().domainname is UNSET
    assert ClientConfiguration(domainname=None).domainname is None


def test_other_keys_are_kept() -> None:
    """CLI-10."""
    local = load_clients(CLIENTS)["local"]

    assert local.extra == {"region": "north"}
    assert local["region"] == local.region == "north"
    assert local["timeout"] == 30
    assert "region" in local
    assert "timeout" in local
    assert "zone" not in local
    with pytest.raises(KeyError):
        local["zone"]
    with pytest.raises(AttributeError, match="zone"):
        _ = local.zone


def test_all_problems_of_a_client_file_come_at_once(tmp_path: Path) -> None:
    file = tmp_path / "clients.yaml"
    file.write_text(
        "a:\n  base_url: fd://x\n  tls: {ca: x}\nb:\n  version: newest\n  timeout: 0\n"
        "  interfaces: {public: 5}\n  interfaces_ipv6: {public: }\n"
    )

    with pytest.raises(MapError) as caught:
        load_clients_file(file)

    assert caught.value.source == str(file)
    assert [(each.path, each.line) for each in caught.value.problems] == [
        ("$.a.base_url", 2),
        ("$.a.tls.ca", 3),
        ("$.b.version", 5),
        ("$.b.timeout", 6),
        ("$.b.interfaces.public", 7),
        ("$.b.interfaces_ipv6.public", 8),
    ]


def test_a_misspelt_setting_is_kept_and_told(caplog: pytest.LogCaptureFixture) -> None:
    """CLI-10."""
    clients = load_clients("a:\n  auth_confgs: {r: {password: hunter2}}\n  region: north\n")
    made = ClientConfiguration(base_ulr="unix:///x", region="north")

    assert clients["a"].extra == {"auth_confgs": {"r": {"password": "hunter2"}}, "region": "north"}
    assert made.extra == {"base_ulr": "unix:///x", "region": "north"}
    assert [each.getMessage() for each in caplog.records] == [
        (
            "clients: $.a.auth_confgs (line 2): this is kept, but has no effect (did you mean"
            " 'auth_configs'?)"
        ),
        "client setting 'base_ulr': this is kept, but has no effect (did you mean 'base_url'?)",
    ]


def test_clients_can_be_evolved() -> None:
    local = load_clients(CLIENTS)["local"]

    changed = attrs.evolve(local, timeout=5)

    assert changed.timeout == 5
    assert changed.extra == local.extra
    assert attrs.evolve(changed, timeout=30) == local


@pytest.mark.parametrize(
    ("written", "reading"),
    [
        *((each, "to the base of 60, for its colon") for each in ("22:22", "-1:30", "1:30:45.5")),
        *((each, "to the base of 8, for its leading zero") for each in ("010", "-0755", "00")),
        *((each, "without its underscores") for each in ("1_0", "0_17", "1_0.5", "0x1_F")),
    ],
)
def test_numbers_that_yaml_reads_as_others_need_quotes(written: str, reading: str) -> None:
    found = problems(
        f"""\
        name: m
        web:
          {written}: 1
          create_options: {{environment: {{A: {written}}}}}
        """
    )

    assert [problem.partition(" (line ")[2] for problem in found] == [
        f"3): YAML reads this number (column 3) {reading} (put it in quotes)",
        f"4): YAML reads this number (column 37) {reading} (put it in quotes)",
    ]


def test_such_numbers_are_told_together_and_with_everything_else() -> None:
    found = problems(
        """\
        name: m
        web: {exposes: [22:22, 8080], instances: [010], permissions: 0755, stop_timeout: soon}
        """
    )

    assert [problem.partition(" (line 2): ")[0] for problem in found] == [
        "$.web.exposes[0]",
        "$.web.instances[0]",
        "$.web.permissions",
        "$.containers.web.stop_timeout",
    ]


def test_such_numbers_are_told_of_clients_and_other_documents() -> None:
    place = r"\$\.a\.timeout \(line 1\): YAML reads this number \(column 14\) to the base of 60"
    with pytest.raises(MapError, match=place):
        load_clients("a: {timeout: 1:30}")
    with pytest.raises(MapError, match="to the base of 8"):
        load_yaml("[010]")


def test_other_numbers_are_read_as_they_are_written() -> None:
    written = (
        "[0, -0, 10, 0x1F, 0o17, 08, 0.5, 1e3, 1.5e+3, '010', !!str 22:22, \"1_0\", 1_a, 0:30]"
    )

    assert load_yaml(written) == [
        *(0, 0, 10, 31, "0o17", "08", 0.5, "1e3", 1500.0, "010", "22:22", "1_0", "1_a", "0:30")
    ]


def test_credentials_of_clients_are_not_shown() -> None:
    assert "hunter2" not in repr(load_clients(CLIENTS))


def test_late_values_of_clients_are_kept() -> None:
    """LAZY-7."""
    clients = load_clients("{a: {interfaces: {b: !path_lazy $ROOT}, domainname: !path_lazy $ROOT}}")

    assert isinstance(clients["a"].interfaces["b"], Lazy)
    assert isinstance(clients["a"].domainname, Lazy)


def test_clients_of_another_class(tmp_path: Path) -> None:
    """YAML-9."""
    file = tmp_path / "clients.yaml"
    file.write_text("a: {b: 1}\n")

    assert load_clients_file(file, configuration=dict) == {"a": {"b": 1}}


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ("[a]", "$: clients are a mapping of names to settings, not a list"),
        ("a: [b]", "$.a (line 1): a client is a mapping of settings, not a list"),
        (
            "a: {version: 1.40}",
            "$.a.version (line 1): the number 1.4 is not clear as a text (put it in quotes)",
        ),
        (
            "a: {timeout: soon}",
            "$.a.timeout (line 1): this is to be a number of seconds above 0, not 'soon'",
        ),
        (
            "a: {version: new}",
            (
                "$.a.version (line 1): 'new' is no version of the Engine API (write '1.41',"
                " or leave it unset, so that it is negotiated)"
            ),
        ),
        (
            "a: {base_url: 'fd://'}",
            (
                "$.a.base_url (line 1): engines cannot be reached by 'fd' (write unix:///…,"
                " tcp://host:2375, https://host:2376 or ssh://user@host)"
            ),
        ),
        (
            "a: {tls: {ca_crt: x}}",
            "$.a.tls.ca_crt (line 1): unknown setting of tls 'ca_crt' (did you mean 'ca_cert'?)",
        ),
        (
            "a: {tls: [x]}",
            "$.a.tls (line 1): this is to be true, false, or a mapping of files, not a list",
        ),
        (
            "a: {constraints: {SwapLimt: true}}",
            (
                "$.a.constraints.SwapLimt (line 1): unknown constraint"
                " 'SwapLimt' (did you mean 'SwapLimit'?)"
            ),
        ),
        (
            "a: {constraints: {cpus: many}}",
            "$.a.constraints.cpus (line 1): this is to be a number of processors, not a text",
        ),
        (
            "a: {constraints: {SwapLimit: 1}}",
            "$.a.constraints.SwapLimit (line 1): this is to be true or false, not a number",
        ),
        (
            "a: {docker_config: 5}",
            "$.a.docker_config (line 1): this is to be true, false or a path, not a number",
        ),
        ("a: {base_url: 5}", "$.a.base_url (line 1): this is to be a text, not a number"),
        ("a: {interfaces: [a]}", "$.a.interfaces (line 1): this is to be a mapping, not a list"),
        ("a:\na:\n", "$.a (line 1): 'a' is there twice, in line 1 and in line 2"),
    ],
)
def test_clients_that_mean_nothing(document: str, problem: str) -> None:
    with pytest.raises(MapError) as caught:
        load_clients(document)

    assert [str(each) for each in caught.value.problems] == [problem]


@pytest.mark.parametrize("tag", ["!path", "!path_lazy"])
def test_variables_that_are_not_set_are_told(tag: str, caplog: pytest.LogCaptureFixture) -> None:
    loaded = load_yaml(f"[{tag} '$ROOT/${{UNKNOWN}}/a', {tag} $ROOT]")
    assert isinstance(loaded, list)

    assert [str(path) for path in loaded] == ["/srv/${UNKNOWN}/a", "/srv"]
    assert [record.getMessage() for record in caplog.records] == [
        "the environment variable 'UNKNOWN' in the path '$ROOT/${UNKNOWN}/a' is not set"
    ]
