"""What takes space, and what nobody uses: both engines say the same, on an engine that nobody else uses.

And what the embedded engine does not do, it says so.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from contract_calls import Ask, assert_same_answers, create, drop, look
from contract_partners import PREFIX, Partner, Said, embedded_partner_of, release_of
from own_engine import OwnEngine

from aiodockmap.config import ClientConfiguration
from aiodockmap.engine import open_engine
from aiodockmap.testing import EmbeddedEngine
from aiodockmap.testing._unmodelled import REASONS

IMAGE = "images/aiodockmap-test"


def commit(**names: str) -> Ask:
    return Ask("POST", "commit", {}, {"container": "~a", **names})


def prune(kind: str, filters: str = "{}") -> Ask:
    return Ask("POST", f"{kind}/prune", None, {"filters": filters})


@pytest.fixture
async def own_partner(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Partner]:
    engine = OwnEngine.begun_in(tmp_path_factory.mktemp("engine"))
    try:
        engine.raw.import_image("aiodockmap-test", "latest", ("/bin/sleep", "1000"))
        async with open_engine("docker", ClientConfiguration(base_url=engine.url)) as own:
            await own.connect()
            yield Partner(own._connection.transport, PREFIX, release_of(engine.raw))
    finally:
        engine.end()


@pytest.mark.engine
async def test_what_takes_space_and_what_is_pruned(own_partner: Partner) -> None:
    embedded = embedded_partner_of(own_partner.release)
    assert embedded.embedded is not None
    embedded.embedded.world.images.discard(
        embedded.embedded.world.images.tags.pop("aiodockmap-test:rich")
    )

    await assert_same_answers(
        embedded,
        own_partner,
        (
            look(f"{IMAGE}/history"),
            look("images/missing/history"),
            create("~a", Volumes={"/data": {}}),
            look("system/df"),
            prune("images", '{"dangling":["false"]}'),
            commit(repo="~x", tag="1"),
            drop("images/~x:1"),
            commit(repo="~x", tag="1"),
            prune("images"),
            prune("images", '{"dangling":["false"],"label":["nobody"]}'),
            drop("containers/~a", v="1"),
            prune("build"),
            prune("containers"),
            prune("networks"),
            drop("images/~x:1"),
            look("system/df"),
        ),
    )
    # Real ones name the layers as well.
    unused = prune("images", '{"dangling":["false"]}')
    said = [
        await partner.ask(unused.method, unused.path, None, **unused.query)
        for partner in (embedded, own_partner)
    ]
    assert said[0].body["ImagesDeleted"] == said[1].body["ImagesDeleted"][:2]
    assert [await partner.ask("GET", "images/json") for partner in (embedded, own_partner)] == [
        Said(200, []),
        Said(200, []),
    ]


CALLS = {
    "build": "POST /build",
    "save": "GET /images/app/get",
    "search": "GET /images/search",
    "cp-from": "GET /containers/web/archive",
    "stats": "GET /containers/web/stats",
    "diff": "GET /containers/web/changes",
    "swarm": "POST /swarm/init",
    "plugins": "POST /plugins/a/enable",
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("release", EmbeddedEngine.releases)
async def test_what_is_not_modelled_is_refused_with_the_reason(call: str, release: str) -> None:
    method, _, path = call.partition(" /")
    said = await embedded_partner_of(release).ask(method, path)

    assert said.status == 501
    assert said.message.startswith(f"the embedded engine does not answer {call}: ")
    assert said.message.partition(": ")[2] in {reason for _, _, reason in REASONS}
