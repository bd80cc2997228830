"""Late values that fail, or turn out to be something else, are problems with a place (ERR-10)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from aiodockmap.compile import CompileRequest, compile_maps
from aiodockmap.config import ClientConfiguration, ContainerMap
from aiodockmap.errors import MapError, OptionError
from aiodockmap.model import DEFAULT_ENGINE, MapItem, ResourceKind, lazy

SECRET = "k3y-of-the-vault"


def fail() -> str:
    raise KeyError(SECRET)


def compile_site(
    web: Mapping[str, object],
    sections: Mapping[str, object] | None = None,
    *,
    client: ClientConfiguration | None = None,
    overrides: Mapping[str, object] | None = None,
) -> None:
    site = ContainerMap("site", {"web": web, **(sections or {})})
    request = CompileRequest(
        selected=(MapItem(ResourceKind.CONTAINER, "site", "web"),), overrides=overrides or {}
    )
    compile_maps({"site": site}, {DEFAULT_ENGINE: client or ClientConfiguration()}, request)


@pytest.mark.parametrize(
    ("place", "web", "sections"),
    [
        pytest.param("$.containers.web.user", {"user": lazy(fail)}, {}, id="user"),
        pytest.param("$.containers.web.shares[0]", {"shares": [lazy(fail)]}, {}, id="share"),
        pytest.param(
            "$.containers.web.binds[0]", {"binds": [("/c", lazy(fail))]}, {}, id="host-path"
        ),
        pytest.param("$.containers.web.exposes[0]", {"exposes": [lazy(fail)]}, {}, id="port"),
        pytest.param(
            "$.containers.web.exec_commands[0].cmd", {"exec_commands": [lazy(fail)]}, {}, id="exec"
        ),
        pytest.param(
            "$.containers.web.create_options.environment",
            {"create_options": {"environment": {"KEY": lazy(fail)}}},
            {},
            id="environment",
        ),
        pytest.param(
            "$.containers.web.create_options", {"create_options": fail}, {}, id="callable-options"
        ),
        pytest.param("$.containers.web.image", {}, {"repository": lazy(fail)}, id="repository"),
        pytest.param(
            "$.containers.web.set_hostname", {}, {"default_domain": lazy(fail)}, id="domain"
        ),
        pytest.param(
            "$.host.root",
            {"binds": "data"},
            {"volumes": {"data": "/data"}, "host": {"root": lazy(fail), "data": "data"}},
            id="root",
        ),
        pytest.param(
            "$.host.root",
            {"binds": "data"},
            {"volumes": {"data": "/data"}, "host": {"root": lazy(lambda: 5), "data": "data"}},
            id="root-that-is-a-number",
        ),
        pytest.param(
            "$.volumes.data.permissions",
            {"attaches": "data"},
            {"volumes": {"data": {"default_path": "/data", "permissions": lazy(fail)}}},
            id="permissions",
        ),
        pytest.param(
            "$.volumes.data.permissions",
            {"attaches": "data"},
            {"volumes": {"data": {"default_path": "/data", "permissions": lazy(lambda: 0o750)}}},
            id="permissions-that-are-a-number",
        ),
        pytest.param(
            "$.networks.back.driver_options",
            {"networks": "back"},
            {"networks": {"back": {"driver_options": {"mtu": lazy(fail)}}}},
            id="driver-options",
        ),
    ],
)
def test_a_late_value_that_fails_is_a_problem_of_its_place(
    place: str, web: Mapping[str, object], sections: Mapping[str, object]
) -> None:
    with pytest.raises(MapError) as caught:
        compile_site(web, sections)

    assert place in {problem.path for problem in caught.value.problems}
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value.problems)


def test_what_a_late_value_raised_is_the_cause_of_the_error() -> None:
    with pytest.raises(MapError, match="evaluating it raised KeyError") as caught:
        compile_site({"user": lazy(fail)})

    assert isinstance(caught.value.__cause__, KeyError)


def test_a_late_argument_that_fails_is_an_option_error() -> None:
    with pytest.raises(OptionError, match="command: evaluating it raised KeyError") as caught:
        compile_site({}, overrides={"command": lazy(fail)})

    assert SECRET not in str(caught.value)


def test_a_late_address_that_fails_is_told_at_the_port() -> None:
    client = ClientConfiguration(interfaces={"public": lazy(fail)})

    with pytest.raises(MapError, match=r"\$\.containers\.web\.exposes\[0\]: evaluating"):
        compile_site({"exposes": [(80, 80, "public")]}, client=client)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"environment": {"A": b"\xff"}}, "not valid UTF-8", id="bytes"),
        pytest.param({"environment": {"A": "\ud800"}}, "not valid UTF-8", id="half-a-character"),
        pytest.param({"mem_limit": float("nan")}, "whole number", id="not-a-number"),
        pytest.param({"mem_limit": "9" * 5_000}, "number of bytes", id="enormous"),
        pytest.param({"ports": "9" * 5_000}, "port between", id="enormous-port"),
        pytest.param({"name": "a b"}, "cannot be the name of a container", id="name"),
        pytest.param({"name": "\ud800"}, "cannot be the name of a container|UTF-8", id="odd-name"),
    ],
)
def test_values_that_no_engine_could_read_are_problems(
    options: Mapping[str, object], message: str
) -> None:
    with pytest.raises(MapError, match=message):
        compile_site({"create_options": options})


@pytest.mark.parametrize(
    "attribute",
    [
        pytest.param({"healthcheck": [["CMD", "\ud800"]]}, id="healthcheck"),
        pytest.param({"user": "\ud800"}, id="user"),
        pytest.param({"binds": [("/c", "/\ud800")]}, id="binds"),
        pytest.param({"image": "\ud800"}, id="image"),
    ],
)
def test_so_are_attributes_with_halves_of_characters(attribute: Mapping[str, object]) -> None:
    with pytest.raises(MapError) as caught:
        compile_site(attribute)

    [name] = attribute
    assert [problem.path for problem in caught.value.problems if f"web.{name}" in problem.path]


@pytest.mark.parametrize(
    "web",
    [
        pytest.param({"binds": [("/c", "/h", lazy(fail))]}, id="binds"),
        pytest.param({"uses": [("data", "/c", lazy(fail))]}, id="uses"),
        pytest.param({"exec_commands": [("ls", "root", lazy(fail))]}, id="policy"),
    ],
)
def test_reading_a_map_evaluates_nothing(web: Mapping[str, object]) -> None:
    with pytest.raises(MapError, match="cannot be a late value"):
        ContainerMap("site", web=web, data={"shares": "/data"})
