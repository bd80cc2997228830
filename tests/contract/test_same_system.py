"""What engines say about themselves."""

from __future__ import annotations

import pytest
from contract_partners import Partner

from aiodockmap.engine import ApiRequest


@pytest.mark.parametrize(
    ("method", "content"),
    [pytest.param("GET", b"OK", id="get"), pytest.param("HEAD", b"", id="head")],
)
async def test_a_ping_says_which_api_is_spoken(
    partner: Partner, method: str, content: bytes
) -> None:
    request = ApiRequest(method=method, path="_ping", versioned=False, timeout=10)

    answer = await partner.transport.request(request)

    assert answer.status == 200
    assert answer.body == content
    assert answer.headers["api-version"] == partner.either("1.41", on_28="1.51")
    assert answer.headers.get("swarm") == partner.either(None, on_28="inactive")
    assert answer.headers.get("builder-version") == partner.either(None, on_28="2")
    assert answer.headers["ostype"] == "linux"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


async def test_the_version_says_what_is_spoken(partner: Partner) -> None:
    _, version = await partner.ask_openly("GET", "version")

    assert version["ApiVersion"] == partner.either("1.41", on_28="1.51")
    assert version["MinAPIVersion"] == partner.either("1.12", on_28="1.24")
    assert version["Version"].startswith(f"{partner.release}.")
    assert {"Os", "Arch", "KernelVersion", "Components", "Platform"} <= version.keys()


async def test_containers_are_counted_by_their_state(partner: Partner) -> None:
    _, before = await partner.ask_openly("GET", "info")
    sent = {"Image": "aiodockmap-test:latest"}
    for name in ("~a", "~b", "~c"):
        await partner.ask("POST", "containers/create", sent, name=name)
    await partner.ask("POST", "containers/~a/start")
    await partner.ask("POST", "containers/~b/start")
    await partner.ask("POST", "containers/~b/pause")

    _, after = await partner.ask_openly("GET", "info")

    # Others may use the engine at the same time.
    assert after["Containers"] >= 3
    assert after["ContainersRunning"] >= 1
    assert after["ContainersPaused"] >= 1
    assert after["ContainersStopped"] >= 1
    assert after["NCPU"] == before["NCPU"] > 0


@pytest.mark.engine
async def test_the_embedded_engine_says_nothing_that_a_real_one_does_not(
    embedded_partner: Partner, docker_partner: Partner
) -> None:
    for path in ("version", "info"):
        _, embedded = await embedded_partner.ask_openly("GET", path)
        _, real = await docker_partner.ask_openly("GET", path)

        assert embedded.keys() <= real.keys()
        assert {key: type(embedded[key]) for key in embedded} == {
            key: type(real[key]) for key in embedded
        }


async def test_there_are_no_plugins(partner: Partner) -> None:
    """`docker inspect` looks there, too, for a name that nothing has."""
    assert await partner.ask_openly("GET", "plugins") == (200, [])
    assert await partner.ask_openly("GET", "plugins/a/json") == (
        404,
        {"message": 'plugin "a" not found'},
    )
