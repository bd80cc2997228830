"""The worked sequences EX-1 to EX-17, EX-20 and EX-21 of behaviour 6.7, on a real engine.

They are partial orders: what an engine needs first comes first, in the plan and in the engine's own
log; and what need not wait does not. One difference is wanted: a volume is prepared after the
containers that mount it are created, and before any of them starts. Were it prepared right after its
creation, as 6.7 has it, the engine would undo that: it copies the image's folder into an empty volume,
owner and mode included, when a container is created.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve, frozen
from engine_views import EngineEvent, EngineLog, file_in, free_ports, run_until_told
from raw_engine import RawEngine
from registry import Registry

from aiodockmap.plan import (
    Action,
    CreateContainer,
    CreateVolume,
    Plan,
    PrepareVolume,
    PullImage,
    RemoveContainer,
    RemoveVolume,
    RunExec,
    SignalContainer,
    StartContainer,
    StopContainer,
)

pytestmark = pytest.mark.engine

SIGINT, SIGHUP, SIGKILL, SIGTERM = "2", "1", "9", "15"

VERBS: Final[Mapping[type[Action], str]] = {
    PullImage: "pull",
    CreateVolume: "create",
    PrepareVolume: "prepare",
    CreateContainer: "create",
    StartContainer: "start",
    RunExec: "exec",
    StopContainer: "stop",
    SignalContainer: "signal",
    RemoveContainer: "remove",
    RemoveVolume: "remove",
}

CREATION: Final = """
    create sock < create app.a       pull app < create app.a
    create sock < create app.b       pull app < create app.b
    create app.a < prepare sock      create app.b < prepare sock      create web < prepare sock
    create app.a < create web        create sock < create web
    create log < create web          pull nginx < create web
"""
"""What creating the landscape on an empty engine has to keep to (EX-1)."""

START: Final = """
    start app.a < start web          start app.b < start web          start web < exec web
"""
"""What starting it has to keep to (EX-3)."""


@frozen(kw_only=True)
class Site:
    """The map of 6.7, with free ports and an address that this machine has."""

    map_name: str
    repository: str
    """Where its images `app` and `nginx` are."""
    configuration: Path
    """The folder on the host that `app` mounts."""
    ports: Sequence[int]

    def landscape(self, *, ignores_sigint: bool = False) -> dict[str, object]:
        """`app` may ignore its stop signal, to show what is done at the same time."""
        first, second = self.ports
        return {
            "repository": self.repository,
            "app": {
                "instances": ["a", "b"],
                "attaches": "sock",
                "user": 2000,
                "permissions": "u=rwX",
                "binds": {"cfg": "ro"},
                "stop_signal": "SIGINT",
                "stop_timeout": 1 if ignores_sigint else 3,
                "create_options": {
                    "command": run_until_told(ignored="INT" if ignores_sigint else "")
                },
            },
            "web": {
                "image": "nginx",
                "uses": "sock",
                "attaches": "log",
                "links": "app.a",
                "exposes": {80: first, 443: (second, "priv")},
                "exec_commands": ["echo hi"],
                "create_options": {"command": run_until_told()},
            },
            "volumes": {"sock": "/var/sock", "log": "/var/log", "cfg": "/etc/cfg"},
            "host": {"cfg": str(self.configuration)},
        }


@pytest.fixture
def absent_site(registry: Registry, prefix: str, tmp_path: Path) -> Site:
    """A site whose images are in a registry, and not on the engine."""
    for name in ("app", "nginx"):
        registry.publish(f"{prefix}/{name}", ["/bin/sleep", "1000"])
    return site_of(prefix, f"{registry.address}/{prefix}", tmp_path)


@pytest.fixture
def site(raw_engine: RawEngine, test_image: str, prefix: str, tmp_path: Path) -> Iterator[Site]:
    """A site whose images are on the engine already."""
    names = (f"{prefix}/app", f"{prefix}/nginx")
    for name in names:
        status, answer = raw_engine.call("POST", f"images/{test_image}/tag", None, repo=name)
        assert status == 201, answer
    yield site_of(prefix, prefix, tmp_path)
    raw_engine.remove_all(prefix)
    for name in names:
        raw_engine.call("DELETE", f"images/{name}:latest")


def site_of(map_name: str, repository: str, folder: Path) -> Site:
    # Everybody's, as its users in the containers are not root.
    folder.chmod(0o755)
    return Site(map_name=map_name, repository=repository, configuration=folder, ports=free_ports(2))


def pairs(order: str) -> list[tuple[str, str]]:
    """`"pull app < create app.a"`, several spaces or lines between the pairs."""
    entries = (entry for line in order.splitlines() for entry in line.split("  "))
    return [
        (before.strip(), after.strip())
        for before, _, after in (entry.partition(" < ") for entry in entries if entry.strip())
    ]


@frozen(kw_only=True)
class Steps:
    """A plan by the words of this module: `"create app.a"`."""

    before: Mapping[str, frozenset[str]]
    """All that each step waits for, directly or not."""

    @classmethod
    def of(cls, plan: Plan) -> Steps:
        labels: dict[int, str] = {}
        before: dict[str, frozenset[str]] = {}
        for step in plan.steps:
            name = step.resource.name.rpartition("/")[2].removesuffix(":latest")
            name = name.partition(".")[2] or name
            labels[step.id] = label = f"{VERBS[type(step.action)]} {name}"
            assert label not in before, f"{label} is planned twice"
            direct = {labels[number] for number in step.before}
            before[label] = frozenset(direct.union(*(before[each] for each in direct)))
        return cls(before=before)

    def assert_order(self, order: str) -> None:
        missing = [
            f"{after} does not wait for {before}"
            for before, after in pairs(order)
            if before not in self.before[after]
        ]
        assert not missing

    def assert_independent(self, *groups: Iterable[str]) -> None:
        """In each group, no step waits for another one."""
        needless = [
            f"{one} waits for {other}"
            for group in groups
            for one in group
            for other in group
            if other in self.before[one]
        ]
        assert not needless


@frozen(kw_only=True)
class Happened:
    """What an engine wrote down about the site, by the words of this module, in the order of time."""

    entries: Sequence[str]

    @classmethod
    def since(cls, log: EngineLog, site: Site, order: str = "") -> Happened:
        """Look until everything of an order is there: an engine may write an end down a little late."""
        wanted = {entry for pair in pairs(order) for entry in pair}
        entries: list[str] = []
        for _ in range(500):
            events = log.of(site.map_name, site.repository)
            entries = list(_words(events, site.map_name))
            if wanted <= set(entries):
                return cls(entries=entries)
        pytest.fail(f"these did not happen: {wanted - set(entries)}; these did: {entries}")

    def assert_order(self, order: str) -> None:
        """Every first of these is over before the first second."""
        wrong = [
            f"{before} < {after}"
            for before, after in pairs(order)
            if self._last(before) > self.entries.index(after)
        ]
        assert not wrong, self.entries

    def _last(self, entry: str) -> int:
        return len(self.entries) - 1 - self.entries[::-1].index(entry)


def _words(events: Iterable[EngineEvent], map_name: str) -> Iterator[str]:
    volumes: set[str] = set()
    for event in events:
        word = _word(event, map_name)
        if word is None:
            continue
        if event.kind == "volume":
            # Written down again for every container that mounts it.
            if word in volumes:
                continue
            volumes.add(word)
        yield word


def _word(event: EngineEvent, map_name: str) -> str | None:
    name = event.name.removeprefix(f"{map_name}.")
    if name.endswith(".aiodockmap-unprepared"):
        # Says that a volume is to be prepared, and goes when it is; the sequences know no such thing.
        return None
    if event.kind == "image" and event.action == "pull":
        return f"pull {event.name.rpartition('/')[2].removesuffix(':latest')}"
    if event.kind == "volume" and event.action in {"create", "destroy"}:
        return f"{event.action} {name}".replace("destroy", "remove")
    if event.kind != "container":
        return None
    volume, is_helper, _ = name.partition(".aiodockmap-prepare")
    if is_helper:
        # It has done its work when it ends.
        return f"prepare {volume}" if event.action == "die" else None
    if event.action == "kill":
        return f"kill {event.attributes['signal']} {name}"
    if event.action.startswith("exec_create"):
        return f"exec {name}"
    if event.action in {"create", "start", "stop", "die", "destroy"}:
        return f"{event.action} {name}".replace("destroy", "remove")
    return None


def runs(engine: RawEngine, site: Site) -> dict[str, bool | None]:
    """Which containers of the site run; None for those that are not there."""
    found = {
        name: engine.container(f"{site.map_name}.{name}") for name in ("app.a", "app.b", "web")
    }
    return {name: each["State"]["Running"] if each else None for name, each in found.items()}


ALL_RUN: Final = {"app.a": True, "app.b": True, "web": True}


PRIVATE: Final = {"interfaces": {"priv": "127.0.0.1"}}


async def test_create_on_an_empty_engine(
    absent_site: Site, client_of: Any, raw_engine: RawEngine
) -> None:
    """EX-1 and EX-2; ACT-40, VOL-12, VOL-20, VOL-22."""
    site = absent_site
    log = EngineLog.from_now(raw_engine)

    async with client_of(site.landscape(), engine=PRIVATE) as client:
        report = await client.create("web")
        again = await client.create("web")

    steps = Steps.of(report.plan)
    assert set(steps.before) == {
        "create sock",
        "prepare sock",
        "pull app",
        "create app.a",
        "create app.b",
        "create log",
        "pull nginx",
        "create web",
    }
    steps.assert_order(CREATION)
    steps.assert_independent(
        ["pull app", "pull nginx", "create sock", "create log"],
        ["create app.a", "create app.b", "pull nginx", "create log"],
    )
    happened = Happened.since(log, site)
    assert sorted(happened.entries) == sorted(steps.before)
    happened.assert_order(CREATION)
    assert runs(raw_engine, site) == dict.fromkeys(ALL_RUN, False)
    assert again.plan.is_empty
    socket = file_in(raw_engine, f"{site.map_name}.app.a", "/var/sock")
    assert socket is not None
    assert (socket.owner, socket.mode & 0o700) == ("2000:2000", 0o700)


async def test_start_after_create(site: Site, client_of: Any, raw_engine: RawEngine) -> None:
    """EX-3 and EX-4."""
    async with client_of(site.landscape(), engine=PRIVATE) as client:
        await client.create("web")
        log = EngineLog.from_now(raw_engine)

        report = await client.start("web")
        happened = Happened.since(log, site)
        again = await client.start("web")

    steps = Steps.of(report.plan)
    assert set(steps.before) == {"start app.a", "start app.b", "start web", "exec web"}
    steps.assert_order(START)
    steps.assert_independent(["start app.a", "start app.b"])
    assert sorted(happened.entries) == sorted(steps.before)
    happened.assert_order(START)
    assert runs(raw_engine, site) == ALL_RUN
    assert again.plan.is_empty


async def test_startup_on_an_empty_engine(
    absent_site: Site, client_of: Any, raw_engine: RawEngine
) -> None:
    """EX-5 and EX-6; ACT-42, EXEC-2, EXEC-10."""
    site = absent_site
    log = EngineLog.from_now(raw_engine)

    async with client_of(site.landscape(), engine=PRIVATE) as client:
        report = await client.startup("web")
        happened = Happened.since(log, site)
        again = await client.startup("web")

    order = f"""{CREATION}{START}
        prepare sock < start app.a       prepare sock < start app.b       prepare sock < start web
        create app.a < start app.a       create app.b < start app.b       create web < start web
    """
    steps = Steps.of(report.plan)
    steps.assert_order(order)
    steps.assert_independent(
        ["pull app", "pull nginx", "create sock", "create log"],
        ["create app.a", "create app.b", "pull nginx", "create log"],
        ["start app.a", "start app.b"],
    )
    assert sorted(happened.entries) == sorted(steps.before)
    happened.assert_order(order)
    assert runs(raw_engine, site) == ALL_RUN
    assert again.plan.is_empty


async def test_stop_goes_from_the_outside_in_and_by_the_own_signal(
    site: Site, client_of: Any, raw_engine: RawEngine
) -> None:
    """EX-7; STOP-3. Neither instance waits for the other, however long that one takes."""
    async with client_of(site.landscape(ignores_sigint=True), engine=PRIVATE) as client:
        await client.startup("web")
        log = EngineLog.from_now(raw_engine)

        report = await client.stop("app")

    steps = Steps.of(report.plan)
    assert set(steps.before) == {"stop web", "stop app.a", "stop app.b"}
    steps.assert_order("stop web < stop app.a  stop web < stop app.b")
    steps.assert_independent(["stop app.a", "stop app.b"])
    order = f"""
        stop web < kill {SIGINT} app.a                 stop web < kill {SIGINT} app.b
        kill {SIGINT} app.a < die app.b                kill {SIGINT} app.b < die app.a
        kill {SIGINT} app.a < kill {SIGKILL} app.a     kill {SIGINT} app.b < kill {SIGKILL} app.b
    """
    Happened.since(log, site, order).assert_order(order)
    assert runs(raw_engine, site) == dict.fromkeys(ALL_RUN, False)


async def test_stop_of_one_instance_leaves_the_others(
    site: Site, client_of: Any, raw_engine: RawEngine
) -> None:
    """EX-8, DEP-34."""
    async with client_of(site.landscape(), engine=PRIVATE) as client:
        await client.startup("web")
        log = EngineLog.from_now(raw_engine)

        report = await client.stop("app", instances="a")

    assert set(Steps.of(report.plan).before) == {"stop web", "stop app.a"}
    order = f"stop web < kill {SIGINT} app.a  kill {SIGINT} app.a < die app.a"
    happened = Happened.since(log, site, order)
    happened.assert_order(order)
    assert f"kill {SIGKILL} app.a" not in happened.entries
    assert runs(raw_engine, site) == {"app.a": False, "app.b": True, "web": False}


async def test_restart_touches_the_selected_ones_only(
    site: Site, client_of: Any, raw_engine: RawEngine
) -> None:
    """EX-9; ACT-24, STOP-6."""
    async with client_of(site.landscape(), engine=PRIVATE) as client:
        await client.startup("web")
        log = EngineLog.from_now(raw_engine)

        report = await client.restart("app")

    steps = Steps.of(report.plan)
    assert set(steps.before) == {"stop app.a", "start app.a", "stop app.b", "start app.b"}
    steps.assert_independent(["stop app.a", "stop app.b"], ["start app.a", "start app.b"])
    order = f"""
        kill {SIGINT} app.a < die app.a     die app.a < start app.a
        kill {SIGINT} app.b < die app.b     die app.b < start app.b
    """
    happened = Happened.since(log, site, order)
    happened.assert_order(order)
    assert not [entry for entry in happened.entries if entry.endswith("web")]
    assert runs(raw_engine, site) == ALL_RUN


REMOVAL: Final = """
    die web < remove web             die app.a < remove app.a         die app.b < remove app.b
    stop web < die app.a             stop web < die app.b             remove web < remove app.a
"""


async def test_shutdown_keeps_the_volumes(
    site: Site, client_of: Any, raw_engine: RawEngine
) -> None:
    """EX-10; ACT-34, ACT-46, ACT-61."""
    async with client_of(site.landscape(), engine=PRIVATE) as client:
        await client.startup("web")
        log = EngineLog.from_now(raw_engine)

        report = await client.shutdown("app")

    steps = Steps.of(report.plan)
    assert set(steps.before) == {
        f"{verb} {name}" for verb in ("stop", "remove") for name in ("web", "app.a", "app.b")
    }
    steps.assert_order("stop web < stop app.a  stop web < stop app.b  remove web < remove app.a")
    steps.assert_independent(["stop app.a", "stop app.b"], ["remove app.a", "remove app.b"])
    Happened.since(log, site, REMOVAL).assert_order(REMOVAL)
    assert raw_engine.container_names(site.map_name) == []
    assert raw_engine.volume_names(site.map_name) == [
        f"{site.map_name}.log",
        f"{site.map_name}.sock",
    ]


async def test_shutdown_takes_the_volumes_along_where_that_is_asked_for(
    site: Site, client_of: Any, raw_engine: RawEngine
) -> None:
    """OPTN-4, EX-11; ACT-60."""
    async with client_of(site.landscape(), engine=PRIVATE) as client:
        await client.startup("web")
        log = EngineLog.from_now(raw_engine)

        report = await client.shutdown("app", remove_attached=True)

    steps = Steps.of(report.plan)
    order = """
        remove web < remove log      remove web < remove sock
        remove app.a < remove sock   remove app.b < remove sock
    """
    steps.assert_order(order)
    steps.assert_independent(["remove log", "stop app.a", "stop app.b"])
    Happened.since(log, site, REMOVAL + order).assert_order(REMOVAL + order)
    assert raw_engine.container_names(site.map_name) == []
    assert raw_engine.volume_names(site.map_name) == []


async def test_remove_leaves_what_runs_and_signal_leaves_it_running(
    site: Site, client_of: Any, raw_engine: RawEngine
) -> None:
    """EX-12 and EX-13; ACT-28, SIG-1."""
    async with client_of(site.landscape(), engine=PRIVATE) as client:
        await client.startup("web")
        log = EngineLog.from_now(raw_engine)

        removal = await client.remove("app")
        signalling = await client.signal("app", signal="HUP")

    assert removal.plan.is_empty
    steps = Steps.of(signalling.plan)
    assert set(steps.before) == {"signal app.a", "signal app.b"}
    steps.assert_independent(["signal app.a", "signal app.b"])
    assert sorted(Happened.since(log, site).entries) == [
        f"kill {SIGHUP} app.a",
        f"kill {SIGHUP} app.b",
    ]
    assert runs(raw_engine, site) == ALL_RUN


async def test_update_runs_the_command_again_and_nothing_else_happens(
    site: Site, client_of: Any, raw_engine: RawEngine
) -> None:
    """EX-14; UPD-60."""
    async with client_of(site.landscape(), engine=PRIVATE) as client:
        await client.startup("web")
        log = EngineLog.from_now(raw_engine)

        await client.update("web")

    assert Happened.since(log, site, "exec web < exec web").entries == ["exec web"]
    assert runs(raw_engine, site) == ALL_RUN


def replacement(name: str, signal: str) -> str:
    return f"""
        create {name}.aiodockmap-new < start {name}      kill {signal} {name} < die {name}
        die {name} < start {name}      start {name} < remove {name}.aiodockmap-old
    """


@pytest.mark.parametrize("way", ["image", "force"])
async def test_update_resets_the_instances_then_what_is_linked_to_them(
    site: Site, client_of: Any, raw_engine: RawEngine, way: str
) -> None:
    """EX-15 and EX-16; UPD-10, UPD-16, UPD-82.

    What is linked stops first, and its replacement is created when the new target has its name.
    """
    options = {"force_update": "app"} if way == "force" else {}
    async with client_of(site.landscape(), engine=PRIVATE) as client:
        await client.startup("web")
        if way == "image":
            raw_engine.import_image(f"{site.repository}/app", "latest", ["/bin/sleep", "1001"])
        log = EngineLog.from_now(raw_engine)

        await client.update("web", instances=None, **options)

    order = f"""
        {replacement("app.a", SIGINT)}{replacement("app.b", SIGINT)}{replacement("web", SIGTERM)}
        create app.a.aiodockmap-new < kill {SIGINT} app.a
        create app.b.aiodockmap-new < kill {SIGINT} app.b
        die web < kill {SIGINT} app.a      die app.a < create web.aiodockmap-new
        start app.b < start web      start web < exec web
    """
    happened = Happened.since(log, site, order)
    happened.assert_order(order)
    made = [entry for entry in happened.entries if entry.startswith(("create", "exec", "prepare"))]
    # That a volume is mounted is written down as its creation.
    assert sorted(set(made) - {"create sock", "create log"}) == [
        "create app.a.aiodockmap-new",
        "create app.b.aiodockmap-new",
        "create web.aiodockmap-new",
        "exec web",
    ]
    assert raw_engine.container_names(site.map_name) == [
        f"{site.map_name}.{name}" for name in ALL_RUN
    ]
    assert runs(raw_engine, site) == ALL_RUN


async def test_pull_images_pulls_each_image_of_the_path_once(
    absent_site: Site, client_of: Any, raw_engine: RawEngine
) -> None:
    """OPTN-5, EX-17; ACT-45, PUL-1, PUL-2, PUL-5."""
    site = absent_site
    log = EngineLog.from_now(raw_engine)

    async with client_of(site.landscape(), engine=PRIVATE) as client:
        first = await client.pull_images("web")
        only_absent = await client.pull_images("web", pull_all_images=False)
        all_again = await client.pull_images("web")

    steps = Steps.of(first.plan)
    assert set(steps.before) == {"pull app", "pull nginx"}
    steps.assert_independent(["pull app", "pull nginx"])
    assert only_absent.plan.is_empty
    assert set(Steps.of(all_again.plan).before) == {"pull app", "pull nginx"}
    happened = Happened.since(log, site)
    assert sorted(happened.entries) == ["pull app", "pull app", "pull nginx", "pull nginx"]
    assert raw_engine.container_names(site.map_name) == []


async def test_the_bodies_of_new_containers(
    site: Site, client_of: Any, raw_engine: RawEngine
) -> None:
    """EX-20 and EX-21, as the engine shows them; created only, so the real ports are free."""
    site = evolve(site, ports=(80, 443))

    engine = {"interfaces": {"priv": "10.0.0.1"}}
    async with client_of(site.landscape(), engine=engine) as client:
        await client.create("web")

    name = site.map_name
    app = raw_engine.get(f"containers/{name}.app.a/json")
    assert _values(app["Config"], "Image", "User", "Hostname", "StopSignal", "StopTimeout") == [
        f"{name}/app:latest",
        "2000",
        f"{name}-app-a",
        "SIGINT",
        3,
    ]
    assert set(app["Config"]["Volumes"]) == {"/etc/cfg", "/var/sock"}
    assert _values(app["HostConfig"], "NetworkMode", "Binds", "Links", "PortBindings") == [
        "default",
        [f"{site.configuration}:/etc/cfg:ro", f"{name}.sock:/var/sock:rw"],
        None,
        None,
    ]
    web = raw_engine.get(f"containers/{name}.web/json")
    assert _values(web["Config"], "Image", "User", "Hostname") == [
        f"{name}/nginx:latest",
        "",
        f"{name}-web",
    ]
    assert set(web["Config"]["ExposedPorts"]) == {"80/tcp", "443/tcp"}
    assert set(web["Config"]["Volumes"]) == {"/var/log", "/var/sock"}
    assert _values(web["HostConfig"], "NetworkMode", "Binds", "Links", "PortBindings") == [
        "default",
        [f"{name}.log:/var/log:rw", f"{name}.sock:/var/sock:rw"],
        [f"/{name}.app.a:/{name}.web/app-a"],
        {
            "80/tcp": [{"HostIp": "", "HostPort": "80"}],
            "443/tcp": [{"HostIp": "10.0.0.1", "HostPort": "443"}],
        },
    ]


def _values(document: Mapping[str, Any], *keys: str) -> list[Any]:
    return [document[key] for key in keys]
