"""Arguments of the wrong kind are errors of ours, which do not show what was given (ERR-10)."""

from __future__ import annotations

from typing import Any

import pytest

from aiodockmap import ContainerMap, MapClient, OptionError, SelectionError
from aiodockmap.testing import EmbeddedEngine

SITE = ContainerMap("site", {"web": {"image": "site-example:latest"}})
SECRET = "s3cr3t-v4lue"


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        pytest.param("map_defaults", 5, id="map-defaults"),
        pytest.param("option_defaults", [SECRET], id="option-defaults"),
        pytest.param("option_defaults", {"core_image": "@"}, id="core-image"),
        pytest.param("option_defaults", {"core_image": 5}, id="core-image-as-number"),
        pytest.param("option_defaults", {"hostname_replace": 5}, id="replacements-as-number"),
        pytest.param("option_defaults", {"hostname_replace": "ab"}, id="replacements-as-text"),
        pytest.param("limits", 5, id="limits"),
        pytest.param("patience", 5, id="patience"),
        pytest.param("naming", 5, id="naming"),
        pytest.param("on_event", 5, id="listener"),
    ],
)
def test_an_argument_of_the_wrong_kind_is_an_option_error(argument: str, value: Any) -> None:
    with pytest.raises(
        OptionError, match=r"is (a|called with)|core_image|hostname_replace"
    ) as refusal:
        MapClient(SITE, **{argument: value})

    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"maps": {"site": {"web": {"environment": SECRET}}}}, id="map-as-dict"),
        pytest.param({"maps": [{"environment": SECRET}]}, id="maps-as-dicts"),
        pytest.param({"maps": 5}, id="number-as-map"),
        pytest.param({"maps": {"other": SITE}}, id="map-by-another-name"),
        pytest.param({"maps": [SITE, SITE]}, id="two-maps-of-one-name"),
        pytest.param({"maps": SITE, "clients": 5}, id="number-as-clients"),
        pytest.param({"maps": SITE, "clients": [SECRET]}, id="texts-as-clients"),
    ],
)
def test_maps_and_clients_of_the_wrong_kind_are_errors_of_ours_and_value_errors(
    arguments: dict[str, Any],
) -> None:
    """API-1."""
    with pytest.raises(OptionError, match=r"(maps|clients) are|use its own name") as refusal:
        MapClient(**arguments)

    assert isinstance(refusal.value, ValueError)
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        pytest.param("startup", {"containers": None}, id="nothing-selected"),
        pytest.param("startup", {"containers": 5}, id="number-as-selection"),
        pytest.param("stop", {"containers": "web", "instances": 5}, id="number-as-instances"),
        pytest.param("stop", {"containers": "web", "map_name": 5}, id="number-as-map-name"),
        pytest.param("update", {"containers": "web", "force_update": 3}, id="number-as-forced"),
    ],
)
async def test_a_selection_in_a_form_that_means_nothing_is_a_selection_error(
    action: str, arguments: dict[str, Any]
) -> None:
    """SEL-8."""
    engine = EmbeddedEngine()
    async with MapClient(SITE, default_client=engine.transport()) as client:
        with pytest.raises(SelectionError) as refusal:
            await client.call(action, **arguments)

    assert isinstance(refusal.value, ValueError)
    assert engine.container_names() == []


async def test_only_plans_are_applied() -> None:
    async with MapClient(SITE, default_client=EmbeddedEngine().transport()) as client:
        with pytest.raises(OptionError, match="plan is a Plan, not a str"):
            await client.apply("startup")  # type: ignore[arg-type]


async def test_a_map_can_be_replaced_while_the_client_is_in_use() -> None:
    """API-15."""
    engine = EmbeddedEngine(images=("app:1", "app:2"))
    image = {"app": {"image": "app:1", "stop_signal": "SIGKILL"}}
    async with MapClient(ContainerMap("site", image), default_client=engine.transport()) as client:
        await client.startup("app")
        client.set_map(ContainerMap("site", {"app": {"image": "app:2"}}))
        plan = await client.plan("update", "app")
        client.set_map(ContainerMap("other", {"db": {"image": "app:1"}}))

        assert "image" in plan.render()
        assert list(client.maps) == ["site", "other"]
        assert client.default_map == "site"
        with pytest.raises(OptionError, match="ContainerMap objects, not a dict"):
            client.set_map({})  # type: ignore[arg-type]
