"""What containers are given, on a real engine: volumes with their owner and mode, networks, ports, time.

With table 6.4 (ACT-40 to ACT-61): what each action does with volumes, networks and images.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from engine_views import EngineEvent, EngineLog, FileView, file_in, free_ports, run_until_told
from raw_engine import RawEngine
from registry import Registry
from small_image import small_file_system

from aiodockmap import ActionRunnerError
from aiodockmap.errors import PreparationFailed
from aiodockmap.plan import Plan, PrepareVolume

pytestmark = pytest.mark.engine

NO_NETWORK: Final[Mapping[str, object]] = {"network_mode": "none"}


def steps_of(plan: Plan) -> list[str]:
    """The steps without their numbers and details."""
    return sorted(str(step).partition(" ")[2].partition(" (")[0] for step in plan.steps)


def events_about(log: EngineLog, start: str, *actions: str) -> list[EngineEvent]:
    return [event for event in log.of(start) if event.action in actions]


def made(engine: RawEngine, path: str, body: Mapping[str, Any], **query: str) -> Any:
    """Make something without anything of ours."""
    status, answer = engine.call("POST", path, body, **query)
    assert status < 400, f"POST /{path}: {status} {answer!r}"
    return answer


@pytest.fixture
def helper_image(raw_engine: RawEngine, prefix: str, test_image: str) -> Iterator[str]:
    """Another name of an image that is there: the one that prepares volumes."""
    name = f"{prefix}/helper"
    made(raw_engine, f"images/{test_image}/tag", {}, repo=name)
    yield f"{name}:latest"
    raw_engine.call("DELETE", f"images/{name}:latest")


@contextmanager
def image_with_folder(engine: RawEngine, name: str, folder: str, owner: int) -> Iterator[str]:
    """An image that has a folder with a file, both somebody's."""
    archive = io.BytesIO(small_file_system())
    with tarfile.open(fileobj=archive, mode="a") as tar:
        entry = tarfile.TarInfo(folder.strip("/"))
        entry.type, entry.mode, entry.uid, entry.gid = tarfile.DIRTYPE, 0o700, owner, owner
        tar.addfile(entry)
        file = tarfile.TarInfo(f"{folder.strip('/')}/file")
        file.mode, file.uid, file.gid, file.size = 0o600, owner, owner, 5
        tar.addfile(file, io.BytesIO(b"hello"))
    status, answer = engine.call(
        "POST",
        "images/create",
        archive.getvalue(),
        fromSrc="-",
        repo=name,
        tag="latest",
        changes=f"CMD {json.dumps(['/bin/sleep', '1000'])}",
    )
    assert status == 200, answer
    yield f"{name}:latest"
    engine.remove_all(name)
    engine.call("DELETE", f"images/{name}:latest", force="true")


# Table 6.4


WHOLE: Final = [
    "create container {0}.app",
    "create network {0}.net",
    "create volume {0}.data",
    "prepare volume {0}.data",
    "pull {1}",
]
START: Final = ["start container {0}.app"]


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        pytest.param("create", WHOLE, id="ACT-40"),
        pytest.param("startup", [*WHOLE, *START], id="ACT-42"),
        pytest.param("start", [], id="ACT-41-start"),
        pytest.param("restart", [], id="ACT-41-restart"),
        pytest.param("stop", [], id="ACT-41-stop"),
        pytest.param("signal", [], id="ACT-41-signal"),
        pytest.param("pull_images", ["pull {1}"], id="ACT-45"),
        pytest.param("remove", [], id="ACT-46-remove"),
        pytest.param("shutdown", [], id="ACT-46-shutdown"),
    ],
)
async def test_what_is_absent_is_had_by_those_actions_that_need_it(
    verb: str, expected: Sequence[str], client_of: Any, registry: Registry, prefix: str
) -> None:
    image = registry.publish(f"{prefix}/app", ["/bin/sleep", "1000"])
    landscape = {
        "volumes": {"data": {"default_path": "/data", "user": 2000}},
        "networks": {"net": None},
        "app": {"image": image, "attaches": "data", "networks": "net", "stop_timeout": 0},
    }
    async with client_of(landscape) as client:
        report = await getattr(client, verb)("app")
        again = await client.plan(verb, "app")

    assert steps_of(report.plan) == sorted(
        line.format(prefix, f"image {image}") for line in expected
    )
    assert report.ok
    if verb != "pull_images":
        assert again.is_empty


async def test_an_image_that_is_selected_by_itself_is_all_that_is_pulled(
    client_of: Any, registry: Registry, prefix: str
) -> None:
    """SEL-5, ACT-40 to ACT-50."""
    image = registry.publish(f"{prefix}/app", ["/bin/sleep", "1000"])
    landscape = {"app": {"image": image}, "web": {"image": f"{prefix}/absent", "links": "app"}}
    chosen = {"config_type": "image", "config_name": image}
    async with client_of(landscape) as client:
        planned = await client.plan("update", chosen)
        report = await client.startup(chosen)
        again = await client.plan("pull_images", chosen)
        rest = [await client.plan(verb, chosen) for verb in ("create", "update", "shutdown")]

    assert report.ok
    for plan in (planned, report.plan, again):
        assert steps_of(plan) == [f"pull image {image}"]
    assert all(plan.is_empty for plan in rest)


PRESENT: Final = ["remove container {0}.app"]


@pytest.mark.parametrize(
    ("verb", "options", "expected"),
    [
        pytest.param("create", {}, [], id="ACT-40"),
        pytest.param("start", {}, START, id="ACT-41"),
        pytest.param("startup", {}, START, id="ACT-42"),
        pytest.param("pull_images", {"pull_all_images": False}, [], id="ACT-45"),
        pytest.param("remove", {}, PRESENT, id="ACT-46-remove"),
        pytest.param("shutdown", {}, PRESENT, id="ACT-46-shutdown"),
        pytest.param(
            "shutdown",
            {"remove_attached": True},
            [*PRESENT, "remove volume {0}.data"],
            id="ACT-60",
        ),
    ],
)
async def test_what_is_present_stays_as_it_is(
    verb: str,
    options: Mapping[str, object],
    expected: Sequence[str],
    client_of: Any,
    raw_engine: RawEngine,
    prefix: str,
    test_image: str,
) -> None:
    """VOL-27 and ACT-61 besides: a volume that exists is not prepared again, and survives."""
    landscape = {
        "volumes": {"data": {"default_path": "/data", "user": 2000}},
        "networks": {"net": None},
        "app": {"image": test_image, "attaches": "data", "networks": "net"},
    }
    made(raw_engine, "volumes/create", {"Name": f"{prefix}.data"})
    network = made(raw_engine, "networks/create", {"Name": f"{prefix}.net"})["Id"]
    made(raw_engine, "containers/create", {"Image": test_image}, name=f"{prefix}.app")

    async with client_of(landscape) as client:
        report = await getattr(client, verb)("app", **options)

    assert steps_of(report.plan) == sorted(line.format(prefix) for line in expected)
    kept = [] if options.get("remove_attached") else [f"{prefix}.data"]
    assert raw_engine.volume_names(prefix) == kept
    assert raw_engine.get(f"networks/{prefix}.net")["Id"] == network
    assert raw_engine.call("GET", f"images/{test_image}/json")[0] == 200


async def test_a_selected_network_is_removed_after_everything_has_left_it(
    client_of: Any, raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """ACT-48, NET-11, NET-12, DEP-15: containers of the map go, a stranger is disconnected."""
    landscape = {
        "networks": {"net": None, "other": None},
        "app": {"image": prompt_image, "networks": ["net", "other"]},
    }
    selection = {"config_type": "network", "config_name": "net"}
    async with client_of(landscape) as client:
        await client.startup("app")
        body = {"Image": prompt_image, "HostConfig": {"NetworkMode": f"{prefix}.net"}}
        made(raw_engine, "containers/create", body, name=f"{prefix}stranger")
        made(raw_engine, f"containers/{prefix}stranger/start", {})

        report = await client.shutdown(selection)
        again = await client.plan("shutdown", selection)

    assert steps_of(report.plan) == sorted(
        [
            f"stop container {prefix}.app",
            f"remove container {prefix}.app",
            f"disconnect container {prefix}stranger from network {prefix}.net",
            f"remove network {prefix}.net",
        ]
    )
    assert again.is_empty
    assert raw_engine.network_names(prefix) == [f"{prefix}.other"]
    stranger = raw_engine.container(f"{prefix}stranger")
    assert stranger is not None
    assert stranger["State"]["Running"]
    assert stranger["NetworkSettings"]["Networks"] == {}


@pytest.mark.parametrize(
    ("options", "left"),
    [
        pytest.param({}, ["data"], id="ACT-49"),
        pytest.param({"remove_attached": True}, [], id="ACT-60"),
    ],
)
async def test_a_selected_volume_is_removed_by_consent_only(
    options: Mapping[str, object],
    left: Sequence[str],
    client_of: Any,
    raw_engine: RawEngine,
    prefix: str,
    test_image: str,
) -> None:
    landscape = {"app": {"image": test_image, "attaches": {"data": "/data"}, **NO_NETWORK}}
    selection = {"config_type": "volume", "config_name": "app", "instance_names": "data"}
    async with client_of(landscape) as client:
        await client.create("app")

        report = await client.remove(selection, **options)

    assert raw_engine.container_names(prefix) == []
    assert raw_engine.volume_names(prefix) == [f"{prefix}.{name}" for name in left]
    assert len(report.plan.notes) == len(left)


async def test_a_volume_in_use_elsewhere_is_left_alone(
    client_of: Any, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """ACT-60, GEN-4."""
    landscape = {
        "app": {"image": test_image, "attaches": {"data": "/data", "free": "/free"}, **NO_NETWORK}
    }
    async with client_of(landscape) as client:
        await client.create("app")
        body = {"Image": test_image, "HostConfig": {"Binds": [f"{prefix}.data:/data"]}}
        made(raw_engine, "containers/create", body, name=f"{prefix}stranger")

        report = await client.shutdown("app", remove_attached=True)

    assert report.ok
    assert raw_engine.volume_names(prefix) == [f"{prefix}.data"]
    assert report.plan.notes == (f"volume {prefix}.data stays: still mounted by {prefix}stranger",)


# Owner and mode


@pytest.mark.parametrize(
    ("volume", "container", "expected"),
    [
        pytest.param({}, {"user": 2000, "permissions": "750"}, ("2000:2000", 0o750), id="VOL-20"),
        pytest.param(
            {"user": [2001, 2002], "permissions": "u=rwx,g=rx,o="},
            {"user": 2000, "permissions": "700"},
            ("2001:2002", 0o750),
            id="VOL-20-own",
        ),
        pytest.param({"user": "nobody"}, {}, ("65534:65534", 0o755), id="VOL-21-name"),
        pytest.param({"permissions": "a+rwx"}, {}, ("0:0", 0o777), id="VOL-21-mode"),
    ],
)
async def test_a_new_volume_belongs_to_whom_the_map_says(
    volume: Mapping[str, object],
    container: Mapping[str, object],
    expected: tuple[str, int],
    client_of: Any,
    raw_engine: RawEngine,
    prefix: str,
    test_image: str,
) -> None:
    landscape = {
        "volumes": {"data": {"default_path": "/data", **volume}},
        "app": {"image": test_image, "attaches": "data", **container, **NO_NETWORK},
    }
    async with client_of(landscape) as client:
        await client.create("app")

    data = file_in(raw_engine, f"{prefix}.app", "/data")
    assert data is not None
    assert (data.owner, data.mode) == expected
    assert raw_engine.container_names(prefix) == [f"{prefix}.app"]


async def test_what_the_image_has_at_the_mount_point_does_not_win_over_the_map(
    client_of: Any, raw_engine: RawEngine, prefix: str
) -> None:
    """VOL-20, VOL-22: an engine copies that folder into the volume, owner and mode included.

    So a volume is prepared when all that mount it are created, and before any of them starts; also one
    that only uses it.
    """
    with (
        image_with_folder(raw_engine, f"{prefix}owner", "/var/data", 3000) as owner,
        image_with_folder(raw_engine, f"{prefix}user", "/var/data", 4000) as user,
    ):
        landscape = {
            "app": {
                "image": owner,
                "attaches": {"data": "/var/data"},
                "user": 2000,
                "permissions": "u=rwX,g=rX,o=",
                **NO_NETWORK,
            },
            "web": {"image": user, "uses": "data", **NO_NETWORK},
        }
        log = EngineLog.from_now(raw_engine)
        async with client_of(landscape) as client:
            report = await client.startup("web")

        happened = [
            (event.action, event.name.partition(".aiodockmap-")[0])
            for event in log.of(f"{prefix}.")
            if event.kind == "container" and event.action in {"create", "die", "start"}
        ]
        shown = {
            path: file_in(raw_engine, f"{prefix}.{name}", path)
            for path in ("/var/data", "/var/data/file")
            for name in ("app", "web")
        }
        # Only while the images are there.
        raw_engine.remove_all(prefix)
    (preparation,) = (step for step in report.plan.steps if isinstance(step.action, PrepareVolume))
    steps = {step.id: step for step in report.plan.steps}
    assert {f"{prefix}.app", f"{prefix}.web"} <= {
        steps[number].resource.name for number in preparation.before
    }
    prepared = happened.index(("die", f"{prefix}.data"))
    assert {("create", f"{prefix}.app"), ("create", f"{prefix}.web")} <= set(happened[:prepared])
    assert {("start", f"{prefix}.app"), ("start", f"{prefix}.web")} <= set(happened[prepared:])
    assert shown == {
        "/var/data": FileView(owner="2000:2000", mode=0o750, content=None),
        "/var/data/file": FileView(owner="2000:2000", mode=0o640, content="hello"),
    }


@pytest.mark.parametrize("has_core_image", [True, False], ids=["core-image", "owner-image"])
async def test_volumes_are_prepared_by_an_image_that_is_there(
    has_core_image: bool,  # noqa: FBT001  # a parameter
    client_of: Any,
    raw_engine: RawEngine,
    prefix: str,
    test_image: str,
    helper_image: str,
) -> None:
    """OPTN-15, VOL-23; never a silent pull of a stranger's image: without core, the owner's does it."""
    core = helper_image if has_core_image else f"{prefix}.example/absent:latest"
    landscape = {
        "app": {"image": test_image, "attaches": {"data": "/data"}, "user": 2000, **NO_NETWORK}
    }
    log = EngineLog.from_now(raw_engine)
    async with client_of(landscape, option_defaults={"core_image": core}) as client:
        await client.create("app")

    helpers = events_about(log, f"{prefix}.data.aiodockmap-prepare", "create")
    assert [event.attributes["image"] for event in helpers if event.kind == "container"] == [
        core if has_core_image else test_image
    ]
    assert raw_engine.call("GET", f"images/{prefix}.example/absent:latest/json")[0] == 404


async def test_a_failed_preparation_says_why_and_starts_nothing(
    client_of: Any, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """VOL-25."""
    landscape = {
        "volumes": {"data": {"default_path": "/data", "user": "nosuchuser"}},
        "app": {"image": test_image, "attaches": "data", **NO_NETWORK},
        "web": {"image": test_image, "uses": "data", **NO_NETWORK},
    }
    async with client_of(landscape) as client:
        with pytest.raises(ActionRunnerError) as caught:
            await client.startup("web")

    (cause,) = caught.value.exceptions
    assert isinstance(cause, PreparationFailed)
    assert "nosuchuser" in str(cause)
    assert cause.resource is not None
    assert cause.resource.name == f"{prefix}.data"
    assert steps_of(caught.value.report.plan)[-2:] == [
        f"start container {prefix}.app",
        f"start container {prefix}.web",
    ]
    assert {step.resource.name for step in caught.value.report.not_run} == {
        f"{prefix}.app",
        f"{prefix}.web",
    }
    assert raw_engine.container_names(prefix) == [f"{prefix}.app", f"{prefix}.web"]
    for name in ("app", "web"):
        found = raw_engine.container(f"{prefix}.{name}")
        assert found is not None
        assert found["State"]["Status"] == "created"


@pytest.mark.parametrize("locally", [True, False], ids=["by-the-runner", "switched-off"])
async def test_a_command_runner_prepares_on_the_host(
    locally: bool,  # noqa: FBT001  # a parameter
    client_of: Any,
    raw_engine: RawEngine,
    prefix: str,
    test_image: str,
) -> None:
    """VOL-26, OPTN-8."""
    asked: list[tuple[list[list[str]], str]] = []

    async def runner(commands: Sequence[Sequence[str]], mount_point: str) -> str:
        asked.append(([list(command) for command in commands], mount_point))
        return "done"

    landscape = {
        "app": {
            "image": test_image,
            "attaches": {"data": "/data"},
            "user": 2000,
            "permissions": "u=rwX",
            **NO_NETWORK,
        }
    }
    async with client_of(landscape, engine={"command_runner": runner}) as client:
        report = await client.create("app", prepare_local=locally)

    mount_point = raw_engine.get(f"volumes/{prefix}.data")["Mountpoint"]
    commands = [
        ["chown", "-R", "--", "2000:2000", mount_point],
        ["chmod", "-R", "--", "u=rwX", mount_point],
    ]
    assert asked == ([(commands, mount_point)] if locally else [])
    results = [result.result for result in report.results if result.action == "prepare"]
    assert results == (["done"] if locally else [])


async def test_drivers_options_and_labels_of_a_volume_arrive(
    client_of: Any, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """VOL-2, OPT-6: by the alias, not by the container's name."""
    landscape = {
        "volumes": {
            "data": {
                "default_path": "/data",
                "driver_options": {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"},
                "create_options": {"labels": {"purpose": "cache"}},
            }
        },
        "app": {"image": test_image, "attaches": "data", "user": 2000, **NO_NETWORK},
    }
    async with client_of(landscape) as client:
        await client.create("app")

    volume = raw_engine.get(f"volumes/{prefix}.data")
    assert volume["Driver"] == "local"
    assert volume["Options"] == {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"}
    assert volume["Labels"]["purpose"] == "cache"


# Instances, host volumes, ports


async def test_instances_share_volumes_and_have_their_own_host_folders(
    client_of: Any, raw_engine: RawEngine, prefix: str, test_image: str, tmp_path: Path
) -> None:
    """CFG-70 to CFG-73, VOL-1, VOL-8, VOL-9, ENG-8."""
    landscape = {
        "volumes": {"data": "/data", "conf": "/etc/conf", "extra": "/extra"},
        "host": {"root": str(tmp_path), "conf": {"a": "of_a", "b": "/srv"}, "extra": "everybody"},
        "app": {
            "image": test_image,
            "instances": ["a", "b"],
            "attaches": "data",
            "binds": [{"conf": "ro"}, "extra"],
            **NO_NETWORK,
        },
        "web": {"image": test_image, "uses": [["data", "ro"]], **NO_NETWORK},
    }
    async with client_of(landscape) as client:
        await client.create("web")

    binds = {
        name: raw_engine.get(f"containers/{prefix}.{name}/json")["HostConfig"]["Binds"]
        for name in ("app.a", "app.b", "web")
    }
    assert binds == {
        "app.a": [
            f"{tmp_path}/of_a:/etc/conf:ro",
            f"{tmp_path}/everybody:/extra:rw",
            f"{prefix}.data:/data:rw",
        ],
        "app.b": [
            "/srv:/etc/conf:ro",
            f"{tmp_path}/everybody:/extra:rw",
            f"{prefix}.data:/data:rw",
        ],
        "web": [f"{prefix}.data:/data:ro"],
    }


async def test_ports_are_published_where_the_client_has_the_interface(
    client_of: Any, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """ENG-6, CLI-2; checked on the running container."""
    first, second, third = free_ports(3)
    landscape = {
        "app": {
            "image": test_image,
            "exposes": [[80, first], [443, second, "private"], ["53/udp", third, "private"], 9000],
            "stop_timeout": 0,
        }
    }
    async with client_of(landscape, engine={"interfaces": {"private": "127.0.0.1"}}) as client:
        await client.startup("app")

    ports = raw_engine.get(f"containers/{prefix}.app/json")["NetworkSettings"]["Ports"]
    assert ports["443/tcp"] == [{"HostIp": "127.0.0.1", "HostPort": str(second)}]
    assert ports["53/udp"] == [{"HostIp": "127.0.0.1", "HostPort": str(third)}]
    assert {"HostIp": "0.0.0.0", "HostPort": str(first)} in ports["80/tcp"]  # noqa: S104
    assert ports["9000/tcp"] is None


# Networks


async def test_every_endpoint_arrives_before_the_start(
    client_of: Any, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """NET-1, NET-3, NET-4, OPT-5: aliases, links and addresses, on one network and on further ones."""
    subnet = _free_subnet(raw_engine)
    ipam = {"Config": [{"Subnet": f"{subnet}.0/24", "Gateway": f"{subnet}.1"}]}
    landscape = {
        "networks": {
            "front": {"driver_options": {"com.docker.network.bridge.enable_icc": "true"}},
            "back": {"internal": True, "create_options": {"ipam": ipam}},
        },
        "db": {"image": test_image, "networks": {"back": ["store", "data"]}, "stop_timeout": 0},
        "app": {
            "image": test_image,
            "networks": [
                {"front": "www"},
                {"back": {"links": [["db", "database"]], "ipv4_address": f"{subnet}.77"}},
                "bridge",
            ],
            "stop_timeout": 0,
        },
    }
    async with client_of(landscape) as client:
        report = await client.startup("app")

    assert report.ok
    app = raw_engine.get(f"containers/{prefix}.app/json")["NetworkSettings"]["Networks"]
    db = raw_engine.get(f"containers/{prefix}.db/json")["NetworkSettings"]["Networks"]
    assert set(app) == {f"{prefix}.front", f"{prefix}.back", "bridge"}
    assert set(db) == {f"{prefix}.back"}
    assert "www" in app[f"{prefix}.front"]["Aliases"]
    assert {"store", "data"} <= set(db[f"{prefix}.back"]["Aliases"])
    assert app[f"{prefix}.back"]["IPAddress"] == f"{subnet}.77"
    assert app[f"{prefix}.back"]["Links"] == [f"{prefix}.db:database"]
    back = raw_engine.get(f"networks/{prefix}.back")
    assert back["Internal"]
    front = raw_engine.get(f"networks/{prefix}.front")
    assert front["Options"] == {"com.docker.network.bridge.enable_icc": "true"}
    assert not front["Internal"]
    verbs = [
        str(step).split()[1] for step in report.plan.steps if step.resource.name == f"{prefix}.app"
    ]
    assert verbs == ["create", "connect", "connect", "start"]


def _free_subnet(engine: RawEngine) -> str:
    """The first three bytes of a range of addresses that no network has."""
    taken = {
        str(pool.get("Subnet", ""))
        for network in engine.get("networks")
        for pool in (network["IPAM"]["Config"] or ())
    }
    return next(f"10.218.{number}" for number in range(256) if f"10.218.{number}.0/24" not in taken)


@pytest.mark.parametrize(
    ("mode", "networks"), [("none", set()), ("host", {"host"}), ("bridge", {"bridge"})]
)
async def test_preset_network_modes_arrive(
    mode: str,
    networks: set[str],
    client_of: Any,
    raw_engine: RawEngine,
    prefix: str,
    test_image: str,
) -> None:
    """NET-8, NET-21 to NET-23."""
    landscape = {"app": {"image": test_image, "network_mode": mode, "stop_timeout": 0}}
    async with client_of(landscape) as client:
        await client.startup("app")

    app = raw_engine.get(f"containers/{prefix}.app/json")
    assert app["HostConfig"]["NetworkMode"] == mode
    assert set(app["NetworkSettings"]["Networks"]) == networks


async def test_a_container_shares_the_network_of_another(
    client_of: Any, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """NET-25, NET-26, ENG-19, DEP-1."""
    common = {"image": test_image, "stop_timeout": 0}
    landscape = {
        "app": {**common, "instances": ["a"], "exposes": [80]},
        "side": {**common, "network_mode": "app.a"},
    }
    async with client_of(landscape) as client:
        await client.startup("side")

    app = raw_engine.get(f"containers/{prefix}.app.a/json")
    side = raw_engine.get(f"containers/{prefix}.side/json")
    assert side["State"]["Running"]
    assert side["HostConfig"]["NetworkMode"] == f"container:{app['Id']}"


# Time and signals


async def test_dependants_wait_for_the_start_delay_and_the_commands(
    client_of: Any, raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    """USR-6, EXEC-1 and EXEC-2: the delay, then the commands one after the other, then the dependants."""
    landscape = {
        "db": {
            "image": test_image,
            "attaches": {"data": "/data"},
            "start_delay": 0.4,
            "exec_commands": ["/bin/true first", "/bin/true second"],
            **NO_NETWORK,
        },
        "web": {"image": test_image, "uses": "data", **NO_NETWORK},
    }
    log = EngineLog.from_now(raw_engine)
    async with client_of(landscape) as client:
        await client.startup("web")

    happened = [
        event
        for event in log.of(f"{prefix}.")
        if event.action == "start" or event.action.startswith("exec_create")
    ]
    assert [event.action for event in happened] == [
        "start",
        "exec_create: /bin/true first",
        "exec_create: /bin/true second",
        "start",
    ]
    assert happened[-1].name == f"{prefix}.web"
    assert happened[1].seconds - happened[0].seconds >= 0.4


@pytest.mark.parametrize(
    ("signal", "grace", "ignored", "keywords", "exit_code"),
    [
        pytest.param(None, 5, "", {}, 0, id="STOP-2"),
        pytest.param("SIGINT", 5, "", {}, 0, id="STOP-3"),
        pytest.param("INT", 5, "TERM", {}, 0, id="STOP-3-not-SIGTERM"),
        pytest.param(2, 5, "TERM", {}, 0, id="STOP-5"),
        pytest.param("SIGINT", 1, "INT", {}, 137, id="STOP-3-killed"),
        pytest.param(None, 1, "TERM", {}, 137, id="STOP-1"),
        pytest.param("SIGINT", 50, "INT", {"timeout": 0}, 137, id="KW-8"),
        pytest.param(None, 50, "TERM", {"timeout": 0}, 137, id="KW-8-SIGTERM"),
    ],
)
async def test_containers_stop_by_their_signal_or_are_killed_after_the_grace(
    signal: str | int | None,
    grace: int,
    ignored: str,
    keywords: Mapping[str, int],
    exit_code: int,
    client_of: Any,
    raw_engine: RawEngine,
    prefix: str,
    test_image: str,
) -> None:
    landscape = {
        "app": {
            "image": test_image,
            "stop_timeout": grace,
            "create_options": {"command": run_until_told(ignored=ignored)},
            # The traps are there when this has found the file.
            "exec_commands": ["/bin/sh -c 'while [ ! -e /tmp/ready ]; do :; done'"],
            **({} if signal is None else {"stop_signal": signal}),
            **NO_NETWORK,
        }
    }
    async with client_of(landscape) as client:
        await client.startup("app")

        report = await client.stop("app", **keywords)

    assert report.ok
    state = raw_engine.get(f"containers/{prefix}.app/json")["State"]
    assert (state["Running"], state["ExitCode"]) == (False, exit_code)
