"""What is late comes to the same as what is written plainly, wherever it may stand (LAZY)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from aiodockmap.config import ClientConfiguration
from aiodockmap.model import lazy, lazy_once, register_type, unregister_type

Late = Callable[[Any], Any]


class Boxed:
    """A value of a type that is registered."""

    def __init__(self, value: Any) -> None:
        self.value = value


@pytest.fixture
def boxes() -> Iterator[None]:
    register_type(Boxed, lambda box: box.value)
    yield
    unregister_type(Boxed)


def landscape(late: Late) -> dict[str, object]:
    """A map with `late` around everything that may be late."""
    return {
        "repository": late("reg.test"),
        "default_tag": late("stable"),
        "default_domain": late("example.org"),
        "volumes": {
            "data": {
                "default_path": late("/data"),
                "user": late("app"),
                "permissions": late("u=rwX"),
                "driver": late("nfs"),
                "driver_options": {"addr": late("nas")},
                "create_options": {"labels": {"role": late("data")}},
            },
            "conf": late("/etc/conf"),
            "log": late("/log"),
        },
        "host": {
            "root": late("/srv"),
            "conf": late("conf"),
            "log": {"default": late("log"), "b": late("log/b")},
        },
        "networks": {
            "back": {
                "driver": late("overlay"),
                "internal": late(True),  # noqa: FBT003  # the value of a setting
                "driver_options": {"encrypted": late("yes")},
                "create_options": {"labels": {"role": late("back")}},
            }
        },
        "app": {
            "image": "app",
            "user": late(1000),
            "permissions": late("u=rwX"),
            "shares": [late("/shared")],
            "binds": [(late("/c"), late("/h")), "conf", "log"],
            "attaches": ["data", ("own", late("/own"))],
            "exposes": [(late(80), late(8080), late("public"), late(False))],  # noqa: FBT003
            "networks": {
                "back": {
                    "aliases": [late("store")],
                    "ipv4_address": late("10.0.0.5"),
                    "ipv6_address": late("fd00::5"),
                    "link_local_ips": [late("169.254.1.1")],
                }
            },
            "exec_commands": [(late("echo a"), late("root"))],
            "create_options": {
                "environment": {"KEY": late("v"), late("NAME"): "w"},
                "labels": late({"a": "b"}),
                "command": [late("run"), late("it")],
            },
            "host_config": {"mem_limit": late("64m"), "dns": [late("10.0.0.1")]},
        },
        "web": {"uses": [("data", late("/elsewhere"))]},
    }


@pytest.mark.parametrize(
    "late",
    [
        pytest.param(lambda value: lazy(lambda: value), id="lazy"),
        pytest.param(lambda value: lazy_once(lambda: value), id="lazy-once"),
        pytest.param(Boxed, id="registered"),
    ],
)
@pytest.mark.usefixtures("boxes")
def test_late_values_come_to_the_same_as_plain_ones(compile_map: Any, late: Late) -> None:
    """LAZY-3, LAZY-5 to LAZY-7; with the digests in labels, by which an update compares (LAZY-8)."""

    def compiled(wrap: Late) -> object:
        client = ClientConfiguration(
            interfaces={"public": wrap("10.0.0.9")}, domainname=wrap("of.client")
        )
        return compile_map(landscape(wrap), client=client)

    assert compiled(late) == compiled(lambda value: value)


def test_options_that_a_callable_gives_are_options_like_others(compile_map: Any) -> None:
    """OPT-7; inherited ones, too."""
    plain = {"environment": {"A": "1"}, "mem_limit": "64m"}

    late = compile_map(
        {
            "base": {"abstract": True, "create_options": lambda: plain},
            "web": {"extends": "base", "host_config": lambda: {"init": True}},
        }
    )

    assert late == compile_map({"web": {"create_options": plain, "host_config": {"init": True}}})


def test_what_is_late_is_evaluated_for_each_plan(compile_map: Any) -> None:
    """LAZY-1: `lazy` each time, `lazy_once` the first time only."""
    numbers = iter(range(100))
    counted = {"each": lazy(lambda: f"{next(numbers)}"), "once": lazy_once(lambda: "first")}
    described = {"web": {"create_options": {"environment": counted}}}

    found = [
        next(iter(compile_map(described).containers.values())).spec.body["Env"] for _ in range(2)
    ]

    assert [each[1] for each in found] == ["once=first", "once=first"]
    assert found[0][0] != found[1][0]
