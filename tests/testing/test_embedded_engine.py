"""What the embedded engine offers beside the Engine API, and what has no counterpart to compare with."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from anyio import create_task_group
from embedded_partners import Asker

from aiodockmap.engine import ApiRequest, Engine, Refused
from aiodockmap.testing import EmbeddedEngine

PORT = {
    "ExposedPorts": {"80/tcp": {}},
    "HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "8080"}]}},
}


async def test_ids_are_the_same_in_each_run() -> None:
    made = []
    for _ in range(2):
        ask = Asker(EmbeddedEngine().transport())
        made.append(await ask.create("web", Image="site-example:latest"))

    assert made[0] == made[1]


async def test_it_is_an_engine_for_the_library() -> None:
    async with Engine.over("engine", EmbeddedEngine(cpus=6).transport()) as engine:
        info = await engine.connect()

    assert info.api_version == (1, 41)
    assert info.cpus == 6


@pytest.mark.parametrize(
    ("release", "api_version"),
    [pytest.param("20.10", (1, 41), id="20.10"), pytest.param("28.5", (1, 51), id="28.5")],
)
async def test_it_is_the_release_that_was_asked_for(
    release: str, api_version: tuple[int, int]
) -> None:
    assert release in EmbeddedEngine.releases

    async with Engine.over("engine", EmbeddedEngine(release=release).transport()) as engine:
        info = await engine.connect()

    assert info.engine_version.startswith(f"{release}.")
    assert info.api_version == api_version


def test_a_release_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match=r"no embedded Docker 19\.03: ask for 20\.10 or 28\.5"):
        EmbeddedEngine(release="19.03")


async def test_a_port_that_somebody_else_has_is_refused(engine: EmbeddedEngine, ask: Asker) -> None:
    engine.occupy_port(8080)
    await ask.create("web", **PORT)

    with pytest.raises(Refused, match=r"listen tcp4 0\.0\.0\.0:8080: bind: address already in use"):
        await ask.start("web")

    engine.release_port(8080)
    assert (await ask.start("web")).status == 204


async def test_a_port_of_another_container_is_refused_until_that_ends(ask: Asker) -> None:
    await ask.create("one", **PORT)
    await ask.create("two", **PORT)
    await ask.start("one")

    with pytest.raises(Refused) as refusal:
        await ask.start("two")

    assert refusal.value.status == 500
    assert refusal.value.message.startswith(
        "driver failed programming external connectivity on endpoint two ("
    )
    assert refusal.value.message.endswith(
        "): Bind for 0.0.0.0:8080 failed: port is already allocated"
    )
    await ask("POST", "containers/one/kill")
    assert (await ask.start("two")).status == 204


async def test_networks_run_out_of_addresses(ask: Asker) -> None:
    for number in range(30):
        await ask("POST", "networks/create", {"Name": f"net{number}"})

    with pytest.raises(Refused, match="could not find an available") as refusal:
        await ask("POST", "networks/create", {"Name": "one-more"})

    assert refusal.value.status == 404


async def test_of_concurrent_creators_of_a_name_one_wins(
    engine: EmbeddedEngine, ask: Asker
) -> None:
    refused = []

    async def create() -> None:
        try:
            await ask.create("web")
        except Refused as refusal:
            refused.append(refusal.status)

    async with create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(create)

    assert refused == [409] * 4
    assert engine.container_names() == ["web"]


async def test_looking_at_it_is_no_call(engine: EmbeddedEngine, ask: Asker) -> None:
    await ask.create("web", HostConfig={"Binds": ["data:/data"]})
    await ask("POST", "networks/create", {"Name": "front"})
    before = len(engine.calls)

    assert engine.container("web") is not None
    assert engine.container("other") is None
    assert engine.volume_names() == ["data"]
    assert (engine.volume("data") or {})["Driver"] == "local"
    assert engine.network_names() == ["front"]
    assert (engine.network("front") or {})["Driver"] == "bridge"
    assert len(engine.calls) == before


async def test_what_is_looked_at_cannot_be_changed(engine: EmbeddedEngine, ask: Asker) -> None:
    await ask.create("web")

    (engine.container("web") or {})["Config"]["Labels"]["a"] = "b"

    assert (engine.container("web") or {})["Config"]["Labels"] == {}


async def test_a_folder_has_to_be_there_to_be_mounted(engine: EmbeddedEngine, ask: Asker) -> None:
    mounts = [{"Type": "bind", "Source": "/srv/x", "Target": "/x"}]
    with pytest.raises(Refused, match="bind source path does not exist: /srv/x"):
        await ask.create("web", HostConfig={"Mounts": mounts})

    engine.make_folder("/srv/x")

    await ask.create("web", HostConfig={"Mounts": mounts})


async def test_a_part_of_a_volume_has_to_be_there_to_be_mounted() -> None:
    engine = EmbeddedEngine(images=("app:1",), release="28.5")
    ask = Asker(engine.transport())
    options = {"Subpath": "a/b"}
    mount = {"Type": "volume", "Source": "data", "Target": "/x", "VolumeOptions": options}
    await ask.create("web", HostConfig={"Mounts": [mount]})
    part = "/var/lib/docker/volumes/data/_data/a"
    missing = f"cannot access path {part}/b: lstat {part}: no such file or directory"
    with pytest.raises(Refused, match=missing):
        await ask.start("web")

    engine.make_folder(f"{part}/b/c")

    assert (await ask.start("web")).status == 204


async def test_moments_are_counted_from_where_it_was_told() -> None:
    engine = EmbeddedEngine(started_at=datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC))
    await Asker(engine.transport()).create("web", Image="site-example:latest")

    assert (engine.container("web") or {})["Created"] == "2030-01-02T03:04:05Z"


async def test_mappings_and_tuples_are_sent_as_json(engine: EmbeddedEngine, ask: Asker) -> None:
    body = {"Image": "app:1", "Cmd": ("sleep", "5")}
    request = ApiRequest(method="POST", path="containers/create", body=body, query={"name": "web"})

    await ask.transport.request(request)

    assert (engine.container("web") or {})["Args"] == ["5"]
