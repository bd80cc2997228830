"""A replacement that its engine was killed over, whose old container the engine has started again since."""

from __future__ import annotations

import pytest
from anyio import sleep

from aiodockmap import ActionRunnerError, ContainerMap, MapClient
from aiodockmap.testing import EmbeddedEngine, KillDaemon

pytestmark = pytest.mark.virtual_time


def site(level: str) -> ContainerMap:
    web = {
        "image": "/site-example",
        "stop_timeout": 0,
        "create_options": {"environment": {"LEVEL": level}},
        "host_config": {"restart_policy": {"Name": "on-failure", "MaximumRetryCount": 3}},
    }
    return ContainerMap("site", {"web": web})


async def test_it_is_stopped_once_more_by_the_next_update() -> None:
    engine = EmbeddedEngine()
    async with MapClient(site("old"), default_client=engine.transport()) as client:
        await client.startup("web")
    old = (engine.container("site.web") or {})["Id"]
    engine.fail("POST /containers/*/start", KillDaemon(0.01, when="before"))

    async with MapClient(site("new"), default_client=engine.transport()) as client:
        with pytest.raises(ActionRunnerError):
            await client.update("web")
        engine.heal()
        await sleep(0.02)
        revived = engine.container(old) or {}
        await client.update("web")

    found = engine.container("site.web") or {}
    assert (revived["Name"], revived["State"]["Running"]) == ("/site.web.aiodockmap-old", True)
    assert found["Id"] != old
    assert found["State"]["Running"]
    assert "LEVEL=new" in found["Config"]["Env"]
    assert engine.container_names() == ["site.web"]
