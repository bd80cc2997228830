"""Snapshots: how many calls they take, and what they make of the answers."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from anyio import Event
from attrs import frozen
from engine_partners import INFO, Names, ScriptedEngine, answer
from raw_engine import RawEngine
from run_partners import WatchedTransport

from aiodockmap.engine import ApiRequest, Engine, Interest, observe
from aiodockmap.engine._observed import container_from_details, container_from_entry
from aiodockmap.errors import EngineError, EngineUnreachable
from aiodockmap.model import DEFAULT_ENGINE, ResourceId, ResourceKind, object_at
from aiodockmap.state import HostPort, RunState
from aiodockmap.testing import EmbeddedEngine

ANYWHERE = "0.0.0.0"  # noqa: S104 (read, never bound)
NEVER = "0001-01-01T00:00:00Z"
ONCE = "2026-01-01T10:00:00.5Z"


def entry(name: str = "web", **fields: Any) -> dict[str, Any]:
    return {
        "Id": f"id-of-{name}",
        "Names": [f"/{name}"],
        "State": "running",
        "Status": "Up 2 minutes",
        "ImageID": "sha256:1",
        "Labels": {"a": "b"},
        "Mounts": [],
        "Ports": [],
        "NetworkSettings": {"Networks": {"bridge": {"NetworkID": "n1"}}},
        **fields,
    }


def details(name: str = "web", state: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "Id": f"id-of-{name}",
        "Name": f"/{name}",
        "Image": "sha256:1",
        "State": state or {"Running": True, "Pid": 7, "ExitCode": 0, "StartedAt": ONCE},
        "Config": {"Labels": {"a": "b"}},
        "Mounts": [
            {"Type": "volume", "Name": "v1"},
            {"Type": "bind", "Source": "/srv"},
        ],
        "NetworkSettings": {
            "Networks": {"app": {"NetworkID": "n2"}},
            "Ports": {
                "80/tcp": [
                    {"HostIp": ANYWHERE, "HostPort": "8080"},
                    {"HostIp": "::", "HostPort": "8080"},
                ],
                "53/udp": [{"HostIp": "127.0.0.1", "HostPort": "53"}],
                "90/tcp": None,
            },
        },
    }


@pytest.fixture
def populated(scripted: ScriptedEngine) -> ScriptedEngine:
    scripted.on("GET /containers/json", answer(body=[entry("web"), entry("db"), entry("other")]))
    scripted.on(
        "GET /networks",
        answer(
            body=[
                {"Name": "bridge", "Id": "n1", "Created": "2026-01-01T00:00:00Z"},
                {"Name": "app", "Id": "n3", "Created": "2026-01-03T00:00:00Z", "Driver": "bridge"},
                {
                    "Name": "app",
                    "Id": "n2",
                    "Created": "2026-01-02T00:00:00Z",
                    "Labels": {"a": "b"},
                },
            ]
        ),
    )
    scripted.on(
        "GET /volumes",
        answer(body={"Volumes": [{"Name": "v1", "Driver": "local"}], "Warnings": None}),
    )
    scripted.on(
        "GET /images/json",
        answer(
            body=[
                {
                    "Id": "sha256:1",
                    "RepoTags": ["web:1", "reg.test:5000/web:2"],
                    "RepoDigests": None,
                },
                {
                    "Id": "sha256:2",
                    "RepoTags": ["<none>:<none>"],
                    "RepoDigests": [f"db@sha256:{'a' * 64}", "<none>@<none>"],
                },
                {"Id": "sha256:3", "RepoTags": None},
            ]
        ),
    )
    scripted.on("GET /containers/id-of-web/json", answer(body=details("web")))
    scripted.on("GET /containers/id-of-db/json", answer(404, {"message": "No such container: db"}))
    return scripted


async def test_a_snapshot_is_four_lists_and_an_inspect_for_each_named_container(
    populated: ScriptedEngine, scripted_client: Engine
) -> None:
    """CACHE-2, CACHE-3."""
    state = await observe(scripted_client, ["web", "db", "absent"])

    assert sorted(populated.calls) == [
        "GET /v1.41/containers/id-of-db/json",
        "GET /v1.41/containers/id-of-web/json",
        "GET /v1.41/containers/json?all=1",
        "GET /v1.41/images/json",
        "GET /v1.41/info",
        "GET /v1.41/networks",
        "GET /v1.41/volumes",
        "HEAD /_ping",
    ]
    assert state.info.api_version == (1, 41)


@frozen
class Poster:
    """Somebody else at an engine."""

    engine: EmbeddedEngine

    async def __call__(self, path: str, body: dict[str, Any] | None = None, **query: str) -> None:
        request = ApiRequest(method="POST", path=path, query=query, body=body)
        assert (await self.engine.transport().request(request)).status < 300

    async def a_networked_container(self) -> None:
        await self("networks/create", {"Name": "front"})
        host = {"Binds": ["data:/data"], "NetworkMode": "front"}
        sent = {"Image": "site-example", "HostConfig": host}
        await self("containers/create", sent, name="web")


async def test_what_was_made_between_two_lists_is_listed_again() -> None:
    """Else a container of another process seems to use a volume, and a network, that are still to be made."""
    embedded = EmbeddedEngine()
    way, post = WatchedTransport(embedded.transport()), Poster(embedded)
    listed, others = Event(), {"networks", "volumes", "images/json"}

    async def wait_for_the_others(request: ApiRequest) -> None:
        if request.path == "containers/json":
            await listed.wait()

    async def make_more(request: ApiRequest) -> None:
        others.discard(request.path)
        if not (others or listed.is_set()):
            await post.a_networked_container()
            await post("containers/web/start")
            listed.set()

    way.before, way.after = wait_for_the_others, make_more
    state = await observe(Engine.over("main", way), [])

    assert state.containers["web"].volumes == {"data"} <= state.volumes.keys()
    [front] = state.networks["front"]
    assert state.containers["web"].networks == {"front": front.id}
    paths = Counter(call.path for call in way.calls)
    assert (paths["containers/json"], paths["volumes"], paths["networks"]) == (1, 2, 2)


@pytest.mark.parametrize(
    ("first", "change"),
    [("networks", "start"), ("networks", "restart"), ("containers", "restart")],
)
async def test_what_starts_between_two_looks_is_known_to_its_networks(
    first: str, change: str
) -> None:
    """UPD-31: else a container that has just been started seems to have a dead endpoint."""
    embedded = EmbeddedEngine()
    way, post = WatchedTransport(embedded.transport()), Poster(embedded)
    await post.a_networked_container()
    if change == "restart":
        await post("containers/web/start")
    looked = Event()

    def kind_of(request: ApiRequest) -> str | None:
        kind, _, rest = request.path.partition("/")
        return kind if rest not in {"", "json"} else None

    async def let_the_first_go_first(request: ApiRequest) -> None:
        if kind_of(request) in {"networks", "containers"} - {first}:
            await looked.wait()

    async def start_it(request: ApiRequest) -> None:
        if kind_of(request) == first and not looked.is_set():
            await post(f"containers/web/{change}", t="0")
            looked.set()

    way.before, way.after = let_the_first_go_first, start_it
    interest = Interest(networks=frozenset({"front"}))
    state = await observe(Engine.over("main", way), ["web"], interest)

    web = state.containers["web"]
    assert state.lost_endpoints(web) == frozenset()
    shown = object_at(object_at(web.details or {}, "NetworkSettings"), "Networks")
    [front] = state.networks["front"]
    assert state.endpoints[front.id] == {web.id: object_at(shown, "front")["EndpointID"]}
    looks = Counter(map(kind_of, way.calls))
    assert (looks["containers"], looks["networks"]) == (2, 2)


async def test_what_starts_after_it_was_listed_is_asked_for_its_processes() -> None:
    """UPD-60: else commands that it lacks are found by the next snapshot only."""
    embedded = EmbeddedEngine()
    way, post = WatchedTransport(embedded.transport()), Poster(embedded)
    await post.a_networked_container()

    async def start_it(request: ApiRequest) -> None:
        if request.path == "containers/json":
            await post("containers/web/start")

    way.after = start_it
    interest = Interest(processes=frozenset({"web"}))
    state = await observe(Engine.over("main", way), ["web"], interest)

    web = state.containers["web"]
    assert web.state is RunState.RUNNING
    assert web.processes
    [asked] = [call for call in way.calls if call.path.endswith("/top")]
    assert web.id in asked.path


async def test_a_second_snapshot_introduces_nobody_again(
    populated: ScriptedEngine, scripted_client: Engine
) -> None:
    await observe(scripted_client, [])
    populated.calls.clear()

    await observe(scripted_client, [])

    assert len(populated.calls) == 4


@pytest.mark.usefixtures("populated")
async def test_a_container_that_goes_away_meanwhile_is_absent(scripted_client: Engine) -> None:
    """CACHE-4."""
    state = await observe(scripted_client, ["web", "db"])

    assert set(state.containers) == {"web", "other"}
    assert state.containers["web"].details is not None
    assert state.containers["other"].details is None


@pytest.mark.usefixtures("populated")
async def test_namesakes_among_networks_are_listed_the_oldest_first(
    scripted_client: Engine,
) -> None:
    state = await observe(scripted_client, [])

    assert [network.id for network in state.networks["app"]] == ["n2", "n3"]
    assert state.networks["app"][0].labels == {"a": "b"}


@pytest.mark.usefixtures("populated")
async def test_images_are_known_by_every_tag_and_digest(scripted_client: Engine) -> None:
    state = await observe(scripted_client, [])

    assert state.images == {
        "docker.io/library/web:1": "sha256:1",
        "reg.test:5000/web:2": "sha256:1",
        f"docker.io/library/db@sha256:{'a' * 64}": "sha256:2",
    }


async def test_an_engine_without_volumes_has_none(
    populated: ScriptedEngine, scripted_client: Engine
) -> None:
    populated.on("GET /volumes", answer(body={"Volumes": None}))

    state = await observe(scripted_client, [])

    assert state.volumes == {}


async def test_the_first_failure_is_raised_by_itself(
    populated: ScriptedEngine, scripted_client: Engine
) -> None:
    populated.on("GET /networks", answer(500, {"message": "no networks today"}))

    with pytest.raises(EngineError, match="no networks today"):
        await observe(scripted_client, [])


async def test_an_absent_engine_is_one_error(
    populated: ScriptedEngine, scripted_client: Engine
) -> None:
    populated.path.unlink()

    with pytest.raises(EngineUnreachable, match="cannot reach the engine"):
        await observe(scripted_client, [])


@pytest.mark.parametrize(
    ("word", "status", "state", "code"),
    [
        pytest.param("created", "Created", RunState.INITIAL, None, id="STATE-3"),
        pytest.param("running", "Up 1 second (healthy)", RunState.RUNNING, None, id="STATE-2"),
        pytest.param("paused", "Up 2 minutes (Paused)", RunState.PAUSED, None, id="STATE-7"),
        pytest.param(
            "restarting", "Restarting (1) 2 seconds ago", RunState.RESTARTING, None, id="STATE-6"
        ),
        pytest.param("exited", "Exited (137) 2 days ago", RunState.EXITED, 137, id="STATE-5"),
        pytest.param("dead", "Dead", RunState.EXITED, None, id="STATE-8-dead"),
        pytest.param(
            "removing", "Removal In Progress", RunState.EXITED, None, id="STATE-8-removing"
        ),
    ],
)
def test_states_are_read_from_lists(
    word: str, status: str, state: RunState, code: int | None
) -> None:
    observed = container_from_entry(entry(State=word, Status=status))

    assert (observed.state, observed.exit_code) == (state, code)


@pytest.mark.parametrize(
    ("reported", "state", "code"),
    [
        pytest.param({"StartedAt": NEVER, "ExitCode": 0}, RunState.INITIAL, None, id="STATE-3"),
        pytest.param(
            {"StartedAt": NEVER, "ExitCode": 127}, RunState.INITIAL, None, id="STATE-3-failed-start"
        ),
        pytest.param(
            {"Running": True, "Pid": 7, "StartedAt": ONCE}, RunState.RUNNING, None, id="STATE-2"
        ),
        pytest.param(
            {"Running": True, "Paused": True, "StartedAt": ONCE},
            RunState.PAUSED,
            None,
            id="STATE-7",
        ),
        pytest.param(
            {"Running": True, "Restarting": True, "ExitCode": 1, "StartedAt": ONCE},
            RunState.RESTARTING,
            None,
            id="STATE-6",
        ),
        pytest.param(
            {"Running": False, "StartedAt": ONCE, "ExitCode": 137},
            RunState.EXITED,
            137,
            id="STATE-5",
        ),
        pytest.param(
            {"Dead": True, "StartedAt": ONCE, "ExitCode": 0}, RunState.EXITED, 0, id="STATE-8"
        ),
    ],
)
def test_states_are_read_from_details(
    reported: dict[str, Any], state: RunState, code: int | None
) -> None:
    observed = container_from_details(details(state=reported))

    assert (observed.state, observed.exit_code) == (state, code)


def test_names_of_links_are_not_names_of_the_container() -> None:
    """CACHE-1."""
    observed = container_from_entry(entry(Names=["/aaa/db", "/db", "/web/store"]))

    assert observed.name == "db"


def test_details_tell_networks_volumes_and_ports() -> None:
    observed = container_from_details(details())

    assert observed.networks == {"app": "n2"}
    assert observed.volumes == {"v1"}
    assert observed.host_ports == {
        HostPort(address=ANYWHERE, port=8080),
        HostPort(address="::", port=8080),
        HostPort(address="127.0.0.1", port=53, protocol="udp"),
    }
    assert observed.pid == 7
    assert observed.labels == {"a": "b"}


def test_lists_tell_the_same_ports() -> None:
    ports = [
        {"IP": ANYWHERE, "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
        {"PrivatePort": 90, "Type": "tcp"},
    ]

    observed = container_from_entry(entry(Ports=ports))

    assert observed.host_ports == {HostPort(address=ANYWHERE, port=8080)}


def test_lists_of_podman_are_read_despite_their_nulls() -> None:
    bare = {"Id": "1", "Names": ["/web"], "State": "stopped", "Labels": None, "Mounts": None}

    observed = container_from_entry({**bare, "NetworkSettings": None, "Ports": None})

    assert (observed.name, observed.state) == ("web", RunState.EXITED)


@pytest.mark.engine
async def test_a_real_engine_is_seen_the_same_way_in_lists_and_details(
    engine: Engine, names: Names, raw_engine: RawEngine, test_image: str, failing_image: str
) -> None:
    up, down, link = names.container("up"), names.container("down"), names.container("link")
    body = {
        "Image": test_image,
        "Labels": {"a": "b"},
        "ExposedPorts": {"80/tcp": {}},
        "HostConfig": {
            "Binds": [f"{names.volume().name}:/data"],
            "PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1"}]},
        },
    }
    await engine.create_container(up, body)
    await engine.start_container(up, up.name)
    await engine.create_container(down, {"Image": failing_image})
    async with engine.exit_of(down, down.name) as end:
        await engine.start_container(down, down.name)
        await end.code()
    linked = {"Links": [f"{up.name}:x"]}
    await engine.create_container(link, {"Image": test_image, "HostConfig": linked})
    raw_engine.call("POST", f"containers/{up.name}/pause")

    listed = await observe(engine, [])
    inspected = await observe(engine, [up.name, down.name, link.name])

    for resource, state in (
        (up, RunState.PAUSED),
        (down, RunState.EXITED),
        (link, RunState.INITIAL),
    ):
        brief, full = listed.containers[resource.name], inspected.containers[resource.name]
        assert (brief.state, full.state) == (state, state)
        assert (brief.id, brief.exit_code, brief.networks, brief.volumes, brief.labels) == (
            full.id,
            full.exit_code,
            full.networks,
            full.volumes,
            full.labels,
        )
        assert (brief.image_id, brief.host_ports) == (full.image_id, full.host_ports)
    assert inspected.containers[down.name].exit_code == 3
    assert listed.volumes[names.volume().name].driver == "local"
    assert "bridge" in listed.networks
    assert listed.images[f"docker.io/library/{test_image}"]


async def test_podman_tells_processes_by_itself(
    scripted: ScriptedEngine, scripted_client: Engine
) -> None:
    """As Podman 4.3.1 answers to names of columns; for options of `ps` it runs that of the container."""
    headers = {"Api-Version": "1.41", "Libpod-API-Version": "4.3.1"}
    scripted.on("HEAD /_ping", answer(headers=headers))
    rows = [["1", "root", "/bin/sleep 1000"], ["6", "root", "/bin/sleep 71"]]
    titles = ["PID", "USER", "COMMAND"]
    scripted.on("GET /containers/c/top", answer(body={"Processes": rows, "Titles": titles}))
    resource = ResourceId(DEFAULT_ENGINE, ResourceKind.CONTAINER, "c")

    processes = await scripted_client.list_processes(resource, "c")

    assert [each.command for each in processes or ()] == ["/bin/sleep 1000", "/bin/sleep 71"]
    assert scripted.calls[-1] == "GET /v1.41/containers/c/top?ps_args=pid,user,args"


async def test_users_of_an_engine_that_remaps_them_are_those_of_the_container(
    scripted: ScriptedEngine, scripted_client: Engine
) -> None:
    """UPD-62; as Docker 20.10 with `userns-remap` answers."""
    remapped = {
        "SecurityOptions": ["name=seccomp,profile=default", "name=userns"],
        "DockerRootDir": "/var/lib/docker/200000.200000",
    }
    scripted.on("GET /info", answer(body={**INFO, **remapped}))
    rows = [["1", "200000", "/bin/a"], ["2", "201000", "/bin/b"], ["3", "root", "/bin/c"]]
    scripted.on("GET /containers/c/top", answer(body={"Processes": rows}))
    resource = ResourceId(DEFAULT_ENGINE, ResourceKind.CONTAINER, "c")

    processes = await scripted_client.list_processes(resource, "c")

    assert [each.user for each in processes or ()] == ["0", "1000", "root"]


@pytest.mark.parametrize(
    "info",
    [
        pytest.param({}, id="nothing-said"),
        pytest.param({"DockerRootDir": "/data/1000.1000"}, id="not-remapped"),
        pytest.param(
            {"SecurityOptions": ["name=userns"], "DockerRootDir": "/var/lib/docker"}, id="not-told"
        ),
    ],
)
async def test_users_of_other_engines_are_told_as_they_are(
    scripted: ScriptedEngine, scripted_client: Engine, info: dict[str, object]
) -> None:
    scripted.on("GET /info", answer(body={**INFO, **info}))
    scripted.on("GET /containers/c/top", answer(body={"Processes": [["1", "1234", "/bin/a"]]}))
    resource = ResourceId(DEFAULT_ENGINE, ResourceKind.CONTAINER, "c")

    (process,) = await scripted_client.list_processes(resource, "c") or ()

    assert process.user == "1234"
