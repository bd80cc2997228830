"""What a client is told once: defaults of maps and options, names on engines (API-9 to API-12, NAME-15)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from aiodockmap import ContainerMap, MapClient, NamingPolicy
from aiodockmap.errors import OptionError
from aiodockmap.testing import EmbeddedEngine

IMAGE = "site-example:latest"
SITE = ContainerMap("m_site", {"web_app": {"image": IMAGE}}, clients=["north"])


def config_of(engine: EmbeddedEngine, name: str) -> dict[str, Any]:
    found = engine.container(name)
    assert found is not None, engine.container_names()
    return dict(found["Config"])


async def test_defaults_can_be_read() -> None:
    """API-9; what is handed out changes nothing."""
    client = MapClient(SITE, map_defaults={"repository": "r"}, option_defaults={"timeout": 3})

    dict(client.option_defaults).clear()

    assert client.map_defaults == {"repository": "r"}
    assert client.option_defaults == {"timeout": 3}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        pytest.param("timeuot", "did you mean 'timeout'?", id="misspelt"),
        pytest.param("force_update", "each call names what it makes anew", id="of-a-call"),
    ],
)
def test_a_default_that_cannot_be_one_is_refused(name: str, says: str) -> None:
    """API-11."""
    with pytest.raises(OptionError, match=re.escape(says)):
        MapClient(SITE, option_defaults={name: "web_app"})


@pytest.mark.parametrize(
    ("defaults", "hostname"),
    [
        pytest.param({}, "m-site-web-app-north", id="built-in"),
        pytest.param(
            {"hostname_replace": [("_", "0")]}, "m0site.web0app-north", id="hostname_replace"
        ),
        pytest.param({"default_client_name": "north"}, "m-site-web-app", id="default_client_name"),
    ],
)
async def test_settings_of_host_names_take_effect(
    defaults: dict[str, object], hostname: str
) -> None:
    """API-12, NAME-10: docker-map ignores both (BUG-33)."""
    engine = EmbeddedEngine()
    async with MapClient(SITE, {"north": engine.transport()}, option_defaults=defaults) as client:
        await client.create("web_app")

    assert config_of(engine, "m_site.web_app")["Hostname"] == hostname


async def test_map_defaults_are_for_maps_that_do_not_say_otherwise() -> None:
    """API-10: docker-map overwrites them with what the map does not say (BUG-33)."""
    engine = EmbeddedEngine(["r.test/own:1", "r.test/other:2"])
    maps = [
        ContainerMap("own", {"own": {}}, default_tag="1"),
        ContainerMap("other", {"other": {}}),
    ]
    async with MapClient(
        maps,
        default_client=engine.transport(),
        map_defaults={"repository": "r.test", "default_tag": "2"},
    ) as client:
        await client.create("own.own")
        await client.create("other.other")

    assert config_of(engine, "own.own")["Image"] == "r.test/own:1"
    assert config_of(engine, "other.other")["Image"] == "r.test/other:2"


async def test_a_keyword_wins_over_an_option_default_and_that_over_the_built_in_one() -> None:
    """API-11."""
    engine = EmbeddedEngine()
    async with MapClient(
        ContainerMap("m", {"web": {"image": IMAGE, "persistent": True}}),
        default_client=engine.transport(),
        option_defaults={"remove_persistent": False},
    ) as client:
        await client.create("web")
        kept = await client.plan("remove", "web")
        removed = await client.plan("remove", "web", remove_persistent=True)

    assert kept.is_empty
    assert not removed.is_empty


async def test_keywords_of_create_are_for_the_selected_containers_only() -> None:
    """KW-1, KW-5."""
    engine = EmbeddedEngine()
    site = ContainerMap(
        "m",
        {
            "db": {"image": IMAGE},
            "web": {"image": IMAGE, "links": "db", "create_options": {"working_dir": "/map"}},
        },
    )
    async with MapClient(site, default_client=engine.transport()) as client:
        await client.create("web", working_dir="/call", environment={"A": "1"})

    assert config_of(engine, "m.web")["WorkingDir"] == "/call"
    assert "A=1" in config_of(engine, "m.web")["Env"]
    assert config_of(engine, "m.db")["WorkingDir"] == ""
    assert "A=1" not in (config_of(engine, "m.db")["Env"] or [])


class DashedNames(NamingPolicy):
    """Other names for everything."""

    def container_name(self, map_name: str, configuration: str, instance: str | None = None) -> str:
        return "-".join(part for part in (map_name, configuration, instance) if part)

    def volume_name(self, map_name: str, alias: str, owner: str | None = None) -> str:
        return "-".join(part for part in ("vol", map_name, owner, alias) if part)

    def network_name(self, map_name: str, network: str) -> str:
        return f"net-{map_name}-{network}"

    def hostname(self, container_name: str, client_name: str) -> str:
        return f"{container_name}.{client_name.strip('_')}"

    def link_alias(self, target: str) -> str:
        return f"to-{target}"


async def test_names_and_host_names_are_replaced_in_one_place() -> None:
    """NAME-15, CALL-5: what is made is found again, too."""
    engine = EmbeddedEngine()
    site = ContainerMap(
        "m",
        {
            "db": {"image": IMAGE, "attaches": ["data"], "networks": ["back"]},
            "web": {"image": IMAGE, "links": "db", "uses": "data", "stop_timeout": 1},
            "volumes": {"data": "/data"},
            "networks": {"back": {}},
        },
    )
    async with MapClient(site, default_client=engine.transport(), naming=DashedNames()) as client:
        await client.startup("web")
        settled = await client.plan("update", "web")

    assert settled.is_empty
    assert engine.container_names() == ["m-db", "m-web"]
    assert engine.volume_names() == ["vol-m-data"]
    assert engine.network_names() == ["net-m-back"]
    web = engine.container("m-web") or {}
    assert web["Config"]["Hostname"] == "m-web.default"
    assert web["HostConfig"]["Links"] == ["/m-db:/m-web/to-db"]
