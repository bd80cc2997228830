"""An engine without space: what cannot be made is an error, what runs goes on, and nothing is lost."""

from __future__ import annotations

import pytest
from own_engine import OwnEngine
from trouble import act, check, site

from aiodockmap import ActionRunnerError, ClientConfiguration, MapClient

pytestmark = pytest.mark.engine
NO_SPACE = "no space left on device"


@pytest.mark.timeout(600)
async def test_the_run_says_so_and_the_next_one_reaches_the_goal(small_engine: OwnEngine) -> None:
    here = ClientConfiguration(base_url=small_engine.url)
    async with MapClient(site("full", "startup"), default_client=here) as client:
        small_engine.fill_disk()
        with pytest.raises(ActionRunnerError) as failure:
            await act(client, "startup")
        small_engine.free_disk()
        await act(client, "startup")
        await check(client, small_engine.raw, "full", "startup")

    assert failure.value.report.blocked
    assert all(NO_SPACE in str(error) for error in failure.value.exceptions)


@pytest.mark.timeout(600)
async def test_a_replacement_that_does_not_fit_leaves_what_runs(small_engine: OwnEngine) -> None:
    here = ClientConfiguration(base_url=small_engine.url)
    async with MapClient(site("full", "startup"), default_client=here) as client:
        await act(client, "startup")
    names = small_engine.raw.container_names("full")
    before = {name: small_engine.raw.get(f"containers/{name}/json") for name in names}

    async with MapClient(site("full", "update"), default_client=here) as client:
        small_engine.fill_disk()
        with pytest.raises(ActionRunnerError) as failure:
            await act(client, "update")
        after = {name: small_engine.raw.get(f"containers/{name}/json") for name in names}
        small_engine.free_disk()
        await act(client, "update")
        await check(client, small_engine.raw, "full", "update")

    assert all(NO_SPACE in str(error) for error in failure.value.exceptions)
    assert {name: each["Id"] for name, each in after.items()} == {
        name: each["Id"] for name, each in before.items()
    }
    assert all(each["State"]["Running"] for each in after.values())
