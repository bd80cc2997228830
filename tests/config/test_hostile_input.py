"""Whatever somebody writes, there is an error of ours, or an object (ERR-10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aiodockmap import (
    ClientConfiguration,
    ContainerLink,
    ContainerMap,
    HealthCheck,
    MapError,
    NetworkEndpoint,
    SelectionError,
    load_clients,
    load_map,
)
from aiodockmap.config import MapLoader, select_items


def _bomb(levels: int) -> str:
    lines = [
        "name: site",
        "web: {attaches: [[data, /data]]}",
        "volumes: {data: {create_options: {cluster_volume_spec: {",
        "      level0: &a0 [x, x],",
    ]
    for level in range(1, levels):
        aliases = ", ".join([f"*a{level - 1}"] * 10)
        lines.append(f"      level{level}: &a{level} [{aliases}],")
    return "\n".join([*lines, "}}}}"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(_bomb(9), "anchors stand for more than 1,000,000 values", id="bomb"),
        pytest.param(
            "a: &a {b: 1, c: 2}\n"
            + "\n".join(
                f"x{n}: &x{n} {{<<: [{', '.join([f'*x{n - 1}' if n else '*a'] * 10)}]}}"
                for n in range(9)
            ),
            "anchors stand for",
            id="bomb-of-merge-keys",
        ),
        pytest.param(
            "web: {start_delay: " + "[" * 3_000 + "]" * 3_000 + "}", "too deeply", id="deep"
        ),
        pytest.param("web: {image: 2020-13-45}", "line 1, column 14.*timestamp", id="no-date"),
        pytest.param("web: {image: !!timestamp soon}", "type timestamp", id="no-timestamp"),
        pytest.param("web: {persistent: !!bool maybe}", "type bool", id="no-bool"),
        pytest.param("web: {stop_timeout: 0x_}", "column 21.*type int", id="no-number"),
        pytest.param("web: {stop_timeout: !!int ''}", "type int", id="empty-number"),
        pytest.param(
            f"web: {{stop_timeout: -{'9' * 6_000}}}", "is too large", id="enormous-number"
        ),
        pytest.param(
            f"name: site\nweb: {{stop_timeout: 0x{'f' * 6_000}}}",
            "not a number that is far too large",
            id="enormous-seconds",
        ),
        pytest.param(
            f"name: site\nweb: {{start_delay: {'9' * 400}}}",
            "not a number that is far too large",
            id="enormous-delay",
        ),
        pytest.param(
            f"name: site\nweb: {{stop_signal: -0x{'f' * 6_000}}}",
            "not a number that is far too large",
            id="enormous-signal",
        ),
        pytest.param(
            "name: 5\nweb:", r"name of a map is a text, not a number", id="number-as-name"
        ),
    ],
)
def test_a_document_that_nothing_can_read_is_a_problem_with_a_place(
    text: str, expected: str
) -> None:
    with pytest.raises(MapError, match=expected):
        load_map(text)


def test_what_is_too_long_to_read_is_cut() -> None:
    with pytest.raises(MapError) as caught:
        ContainerMap("site", {"x" * 70_000: 1, "web": {"image": ["y" * 70_000]}})

    assert len(caught.value.problems) == 2
    assert all(len(str(problem)) < 2_000 for problem in caught.value.problems)


def test_of_very_many_problems_the_first_are_told_and_all_are_kept() -> None:
    with pytest.raises(MapError, match="1000 problems") as caught:
        ContainerMap("site", {f"web{number}": {"imag": "x"} for number in range(1_000)})

    assert len(caught.value.problems) == 1_000
    assert str(caught.value).endswith("  and 900 more")


def test_anchors_that_share_a_little_are_fine() -> None:
    read = load_map(_bomb(4))

    assert "web" in read.containers


def test_a_mistake_in_a_tag_of_the_users_own_is_not_ours_to_hide() -> None:
    class Loader(MapLoader):
        pass

    def broken(*_: object) -> object:
        raise LookupError("the user's own")

    Loader.add_constructor("!broken", broken)

    with pytest.raises(LookupError, match="the user's own"):
        load_map("name: site\nweb: {image: !broken x}", loader=Loader)


_cyclic: dict[str, object] = {}
_cyclic["again"] = _cyclic


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: ContainerMap(5, {}), id="name"),  # type: ignore[arg-type]
        pytest.param(lambda: ContainerMap("site", 5), id="no-mapping"),  # type: ignore[arg-type]
        pytest.param(lambda: ContainerMap("site", "web"), id="text"),  # type: ignore[arg-type]
        pytest.param(lambda: ContainerMap("site").merge(5), id="merged"),  # type: ignore[arg-type]
        pytest.param(lambda: ContainerMap("site", web={"host_config": _cyclic}), id="in-itself"),
        pytest.param(
            lambda: ContainerMap("site", web={"exec_commands": [{"ls": []}]}), id="no-user"
        ),
        pytest.param(lambda: ContainerMap("site", web={"stop_timeout": "9" * 5_000}), id="huge"),
        pytest.param(
            lambda: ContainerMap("site", web={"stop_timeout": date(2020, 1, 1)}), id="date"
        ),
        pytest.param(lambda: ClientConfiguration(extra=5), id="extra"),  # type: ignore[arg-type]
        pytest.param(
            lambda: ClientConfiguration(command_runner=5),  # type: ignore[arg-type]
            id="runner",
        ),
        pytest.param(lambda: load_clients("main: {auth_configs: {reg.test: token}}"), id="auth"),
    ],
)
def test_what_means_nothing_is_a_map_error(make: Callable[[], object]) -> None:
    with pytest.raises(MapError):
        make()


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: NetworkEndpoint("n", links=[5]), id="number-as-link"),
        pytest.param(lambda: NetworkEndpoint("n", links=[[]]), id="empty-link"),
        pytest.param(lambda: NetworkEndpoint("n", links=[("a", "b", "c")]), id="long-link"),
        pytest.param(lambda: NetworkEndpoint("n", links=[{"x": "y"}]), id="field-of-a-link"),
    ],
)
def test_links_that_mean_nothing_are_value_errors(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="is no link"):
        make()


def test_a_link_may_be_given_by_its_fields() -> None:
    endpoint = NetworkEndpoint("n", links=[{"container": "db", "alias": "store"}])

    assert endpoint.links == (ContainerLink("db", "store"),)


def test_a_check_without_words_is_none() -> None:
    assert HealthCheck(range(0)).is_disabled


@pytest.mark.parametrize("load", [load_map, load_clients])
@pytest.mark.parametrize("source", [None, 5, ["name: site"], Path("site.yaml")])
def test_what_is_no_document_is_an_error_of_ours(
    load: Callable[[Any], object], source: object
) -> None:
    with pytest.raises(MapError, match="this is to be a text, or an open file, not "):
        load(source)


def test_a_selection_on_a_map_without_name_is_a_value_error() -> None:
    with pytest.raises(SelectionError, match="map_name is the name of a map"):
        select_items({}, "web", map_name=["site"])  # type: ignore[arg-type]


def test_settings_of_a_client_may_have_any_name() -> None:
    clients = load_clients("main: {self: 1, owner: [me]}")

    assert clients["main"]["self"] == 1
    assert clients["main"]["owner"] == ("me",)


@pytest.mark.parametrize("url", ["tcp://admin:s3cr3t@host:2375", "https://:s3cr3t@host"])
def test_the_password_of_an_address_is_not_shown(url: str) -> None:
    client = ClientConfiguration(base_url=url)

    assert client.base_url == url
    assert "cr3t" not in repr(client)
    assert "host" in repr(client)


@pytest.mark.parametrize(
    "url",
    ["ssh://admin:s3cr3t@host", "ssh://admin:s3/cr3t@host", "tcp://admin:s3/cr3t@host"],
)
def test_an_address_that_is_refused_is_not_quoted(url: str) -> None:
    with pytest.raises(MapError) as caught:
        ClientConfiguration(base_url=url)

    assert "cr3t" not in str(caught.value)
    assert "'s3'" not in str(caught.value)
