"""Calls that fail because a test wants them to."""

from __future__ import annotations

import pytest
from anyio import current_time, fail_after, move_on_after
from embedded_partners import Asker

from aiodockmap.engine import ApiRequest, ConnectionBroken, Refused
from aiodockmap.testing import Delay, DropAfter, DropBefore, EmbeddedEngine, Fault, Reject


async def test_a_rejected_call_has_no_effect(engine: EmbeddedEngine, ask: Asker) -> None:
    engine.fail("POST /containers/create", Reject(500, "no more"))

    with pytest.raises(Refused) as refusal:
        await ask.create("web")

    assert (refusal.value.status, refusal.value.message) == (500, "no more")
    assert engine.container_names() == []


@pytest.mark.parametrize(
    ("fault", "names"),
    [
        pytest.param(DropBefore(), [], id="before"),
        pytest.param(DropAfter(), ["web"], id="after"),
    ],
)
async def test_a_connection_breaks_before_or_after_the_effect(
    engine: EmbeddedEngine, ask: Asker, fault: Fault, names: list[str]
) -> None:
    engine.fail("POST /containers/create", fault)

    with pytest.raises(ConnectionBroken):
        await ask.create("web")

    assert engine.container_names() == names


async def test_a_pull_whose_connection_breaks_at_its_end_has_its_image(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    engine.registry.publish("reg.test/x:1")
    engine.fail("POST /images/create", DropAfter())

    with pytest.raises(ConnectionBroken):
        await ask("POST", "images/create", None, fromImage="reg.test/x", tag="1")

    assert (await ask("GET", "images/reg.test/x:1/json")).status == 200


async def test_a_delayed_call_takes_its_time(engine: EmbeddedEngine, ask: Asker) -> None:
    engine.fail("POST /containers/create", Delay(30))
    began = current_time()

    await ask.create("web")

    assert current_time() - began == pytest.approx(30)


async def test_a_delayed_call_happens_even_if_its_caller_hangs_up(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    engine.fail("POST /containers/create", Delay(30))

    with move_on_after(1):
        await ask.create("web")

    assert engine.container_names() == ["web"]


async def test_a_call_times_out_where_its_request_says_so(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    engine.fail("GET /version", Delay(30))

    with pytest.raises(TimeoutError):
        await ask.transport.request(ApiRequest(method="GET", path="version", timeout=2))

    assert current_time() < 30


async def test_only_the_call_with_the_given_number_fails(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    fault = engine.fail("POST /containers/create", Reject(500), at=2)

    await ask.create("one")
    with pytest.raises(Refused):
        await ask.create("two")
    await ask.create("three")

    assert (fault.matched, fault.hits) == (3, 1)


@pytest.mark.parametrize("by", ["name", "id"])
async def test_a_fault_of_a_container_is_found_by_its_name(
    engine: EmbeddedEngine, ask: Asker, by: str
) -> None:
    ids = {name: await ask.create(name) for name in ("web", "other")}
    engine.fail("POST /containers/*/start", Reject(500), name="we*")

    await ask.start(ids["other"])
    with pytest.raises(Refused):
        await ask.start(ids["web"] if by == "id" else "web")

    states = {name: (engine.container(name) or {})["State"]["Status"] for name in ids}
    assert states == {"web": "created", "other": "running"}


async def test_a_fault_of_a_connection_is_found_by_network_and_by_container(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    await ask("POST", "networks/create", {"Name": "front"})
    container_id = await ask.create("web")
    by_network = engine.fail("POST /networks/*/connect", Delay(0), name="front")
    by_container = engine.fail("POST /networks/*/connect", Delay(0), name="web")

    await ask("POST", "networks/front/connect", {"Container": container_id})

    assert (by_network.hits, by_container.hits) == (1, 1)


async def test_a_fault_of_a_pull_is_found_by_the_image(engine: EmbeddedEngine, ask: Asker) -> None:
    engine.registry.publish("reg.test/x:1")
    fault = engine.fail("POST /images/create", Reject(500), name="reg.test/x:1")

    with pytest.raises(Refused):
        await ask("POST", "images/create", None, fromImage="reg.test/x", tag="1")

    assert fault.hits == 1


async def test_healed_calls_work_again(engine: EmbeddedEngine, ask: Asker) -> None:
    engine.fail("*", Reject(500))

    engine.heal()

    await ask.create("web")


async def test_calls_are_recorded_with_names_and_times(engine: EmbeddedEngine, ask: Asker) -> None:
    container_id = await ask.create("web")
    await ask.start(container_id)
    await ask.stop(container_id, t="5")

    seen = [(call.call.rpartition("/")[2], call.name, call.status) for call in engine.calls]

    assert seen == [("create", "web", 201), ("start", "web", 204), ("stop", "web", 204)]
    assert engine.calls[-1].ended == pytest.approx(engine.calls[-1].began + 5)


async def test_a_closed_transport_reaches_nobody(engine: EmbeddedEngine, ask: Asker) -> None:
    await ask.transport.aclose()

    with pytest.raises(ConnectionBroken):
        await ask("GET", "version")

    assert engine.calls == []


async def test_other_transports_of_an_engine_stay_open(engine: EmbeddedEngine, ask: Asker) -> None:
    await engine.transport().aclose()

    with fail_after(1):
        assert (await ask("GET", "version")).status == 200
