"""The maps of the documentation, in all three forms: loaded, brought up, looked at, taken down."""

from __future__ import annotations

import io
import socket
import tarfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from example_maps import (
    EXAMPLES,
    Variant,
    bot_of_dicts,
    bot_of_objects,
    site_of_dicts,
    site_of_objects,
)
from raw_engine import RawEngine

from aiodockmap import (
    ClientConfiguration,
    ContainerMap,
    MapClient,
    load_clients_file,
    load_map,
    load_yaml,
)

PROMPT = "/aiodockmap-test:prompt"
"""The name of `prompt_image`, without the prefix of a repository (IMG-2)."""

WRITTEN_IN_PYTHON: dict[str, tuple[Callable[[Variant], ContainerMap], ...]] = {
    "site": (site_of_dicts, site_of_objects),
    "bot": (bot_of_dicts, bot_of_objects),
}


@pytest.fixture
def engine(docker_url: str, raw_engine: RawEngine, monkeypatch: pytest.MonkeyPatch) -> RawEngine:
    """The engine that a client finds by DOCKER_HOST."""
    monkeypatch.setenv("DOCKER_HOST", docker_url)
    return raw_engine


def free_ports() -> tuple[int, int]:
    """Two ports that nobody has at the moment."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(2)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        first, second = (each.getsockname()[1] for each in sockets)
    return first, second


def owner_and_mode(engine: RawEngine, container: str, path: str) -> tuple[int, int, str]:
    """User, group and mode of a path, as the container sees it."""
    status, archive = engine.call("GET", f"containers/{quote(container)}/archive", path=path)
    assert status == 200, f"{container}: {path}: {archive!r}"
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        member = opened.getmembers()[0]
    return member.uid, member.gid, oct(member.mode & 0o777)


def inspected(engine: RawEngine, name: str) -> dict[str, Any]:
    found = engine.container(name)
    assert found is not None, f"there is no container {name}"
    assert found["State"]["Running"], f"{name} does not run"
    return found


def everything(engine: RawEngine, prefix: str) -> tuple[list[str], list[str], list[str]]:
    """Containers (helpers have the name of a volume, too), volumes, networks."""
    return (
        engine.container_names(prefix),
        engine.volume_names(prefix),
        engine.network_names(prefix),
    )


@pytest.mark.parametrize("example", WRITTEN_IN_PYTHON)
def test_an_example_means_the_same_in_every_form(
    example: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """YAML, dict and attrs make equal maps, and so does what a map writes of itself (LOAD-7)."""
    variant = Variant(name=example)
    monkeypatch.setenv("SITE_ROOT", variant.root)

    loaded = load_map(variant.text(example))
    document = load_yaml(variant.text(example))

    assert isinstance(document, dict)
    name = document.pop("name")
    assert ContainerMap.from_dict(name, document) == loaded
    assert ContainerMap.from_dict(name, loaded.to_dict()) == loaded
    for build in WRITTEN_IN_PYTHON[example]:
        assert build(variant) == loaded


@pytest.mark.engine
async def test_the_site_comes_up_as_it_is_written_and_goes_down_without_a_trace(
    engine: RawEngine,
    prefix: str,
    prompt_image: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """ENG-1 to ENG-18, VOL-1 to VOL-27, EXEC-10, ACT-60."""
    assert PROMPT.endswith(prompt_image)
    root, ports = str(tmp_path / "root"), free_ports()
    monkeypatch.setenv("SITE_ROOT", root)
    variant = Variant(name=prefix, image=PROMPT, root=root, ports=ports)
    clients: dict[str, ClientConfiguration] = load_clients_file(EXAMPLES / "clients.yaml")

    async with MapClient(load_map(variant.text("site")), clients) as client:
        await client.startup("__all__")

        web, app = inspected(engine, f"{prefix}.web"), inspected(engine, f"{prefix}.app.one")
        assert web["Config"]["Image"] == prompt_image
        assert set(web["HostConfig"]["Binds"]) == {
            f"{root}/config/web:/etc/web:ro",
            f"{prefix}.socket:/run/app:rw",
            f"{prefix}.web_log:/var/log/web:rw",
        }
        assert web["HostConfig"]["PortBindings"] == {
            "80/tcp": [{"HostIp": "", "HostPort": str(ports[0])}],
            "443/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(ports[1])}],
        }
        assert set(app["HostConfig"]["Binds"]) == {
            f"{root}/config/one:/etc/app:ro",
            f"{root}/data/one:/var/lib/app:rw",
            f"{prefix}.socket:/run/app:rw",
            f"{prefix}.app_log:/var/log/app:rw",
        }
        assert (web["Config"]["User"], app["Config"]["User"]) == ("", "2000")
        for each in (web, app):
            assert each["Config"]["Hostname"] == each["Name"].strip("/").replace(".", "-")
            assert "TZ=UTC" in each["Config"]["Env"]
            assert each["Config"]["StopTimeout"] == 3
            assert each["HostConfig"]["Memory"] == 64 * 1024**2
            assert each["HostConfig"]["RestartPolicy"] == {
                "Name": "on-failure",
                "MaximumRetryCount": 3,
            }
            assert list(each["NetworkSettings"]["Networks"]) == ["bridge"]
        for name in (f"{prefix}.app.one", f"{prefix}.app.two"):
            assert owner_and_mode(engine, name, "/var/log/app") == (2000, 2000, "0o750")
            assert owner_and_mode(engine, name, "/run/app") == (2000, 2000, "0o750")
            assert owner_and_mode(engine, name, "/var/lib/app/started")[:2] == (0, 0)
        assert owner_and_mode(engine, f"{prefix}.web", "/var/log/web")[:2] == (0, 0)

        for build in (site_of_dicts, site_of_objects):
            async with MapClient(build(variant), clients) as other:
                assert (await other.plan("startup", "__all__")).is_empty

        await client.shutdown("__all__", remove_attached=True)

    assert everything(engine, prefix) == ([], [], [])


@pytest.mark.engine
async def test_the_bot_comes_up_as_it_is_written_and_goes_down_without_a_trace(
    engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """NET-1 to NET-12, NET-25, ACT-48, ACT-60, ENG-16."""
    variant = Variant(name=prefix, image=PROMPT)
    assert PROMPT.endswith(prompt_image)

    async with MapClient(load_map(variant.text("bot"))) as client:
        await client.startup("__all__")

        db, cache, bot = (inspected(engine, f"{prefix}.{name}") for name in ("db", "cache", "bot"))
        backend, frontend = (
            engine.get(f"networks/{prefix}.{name}") for name in ("backend", "frontend")
        )
        assert (backend["Internal"], frontend["Internal"]) == (True, False)
        assert frontend["Options"] == {"com.docker.network.bridge.enable_icc": "true"}
        assert {"postgres", "sql"} <= aliases(db, f"{prefix}.backend")
        assert "api" in aliases(bot, f"{prefix}.backend")
        assert set(bot["NetworkSettings"]["Networks"]) == {
            f"{prefix}.backend",
            f"{prefix}.frontend",
        }
        assert bot["Config"]["ExposedPorts"] == {"8080/tcp": {}}
        assert not bot["HostConfig"]["PortBindings"]
        assert db["Config"]["Healthcheck"] == {
            "Test": ["CMD", "/bin/true"],
            "Interval": 5_000_000_000,
            "Timeout": 2_000_000_000,
            "Retries": 5,
        }
        assert (db["Config"]["StopSignal"], db["Config"]["StopTimeout"]) == ("SIGINT", 30)
        assert owner_and_mode(engine, f"{prefix}.db", "/var/lib/postgresql") == (70, 70, "0o700")
        assert cache["HostConfig"]["Memory"] == 32 * 1024**2
        assert cache["HostConfig"]["Tmpfs"] == {"/data": ""}
        for instance in ("fast", "slow"):
            worker = inspected(engine, f"{prefix}.worker.{instance}")
            assert {"DATABASE=postgres", "CACHE=bot-cache", "WORKERS=4"} <= set(
                worker["Config"]["Env"]
            )
            assert worker["Config"]["Labels"]["role"] == "worker"
            assert worker["HostConfig"]["CpuShares"] == 512
            assert worker["HostConfig"]["PidsLimit"] == 100
            assert worker["HostConfig"]["Binds"] == [f"{prefix}.uploads:/srv/uploads:rw"]
        maintenance = inspected(engine, f"{prefix}.maintenance")
        assert maintenance["HostConfig"]["Binds"] == [f"{prefix}.uploads:/srv/uploads:ro"]
        sidecar = inspected(engine, f"{prefix}.sidecar")
        assert sidecar["HostConfig"]["NetworkMode"] == f"container:{bot['Id']}"

        for build in (bot_of_dicts, bot_of_objects):
            async with MapClient(build(variant)) as other:
                assert (await other.plan("startup", "__all__")).is_empty

        await client.shutdown("__all__", remove_attached=True)
        assert everything(engine, prefix) == ([], [], [f"{prefix}.backend", f"{prefix}.frontend"])

        await client.remove({"config_type": "network", "config_name": "__all__"})

    assert everything(engine, prefix) == ([], [], [])


def aliases(container: dict[str, Any], network: str) -> set[str]:
    return set(container["NetworkSettings"]["Networks"][network]["Aliases"])
