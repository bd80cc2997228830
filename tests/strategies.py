"""Maps, what happens to them and to engines, requests and faults, for Hypothesis to draw.

A map is drawn as the data that `ContainerMap.from_dict` takes, in one spelling, so that what needs what
can be read off it without any code of the library.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, Final, TypeAlias

from attrs import frozen
from hypothesis import strategies as st

from aiodockmap import ContainerMap, Limits
from aiodockmap.testing import (
    CutPower,
    Delay,
    DropAfter,
    DropBefore,
    EmbeddedEngine,
    Fault,
    KillDaemon,
    Reject,
    RestartDaemon,
)

Described: TypeAlias = dict[str, Any]
"""A map as data."""
Draw: TypeAlias = st.DrawFn

PRESENT: Final = ("app:1", "app:2")
PULLED: Final = "pulled:1"
SERVICES: Final = tuple(f"c{number}" for number in range(6))
NETWORKS: Final = ("n1", "n2")
BY_HAND: Final = "-by-hand"
"""The end of the name that somebody gives to a container."""


@st.composite
def maps(draw: Draw) -> Described:
    """Up to six services, some with two instances, in everything that makes one need another."""
    names = SERVICES[: draw(st.integers(min_value=1, max_value=len(SERVICES)))]
    described: Described = {
        "containers": {},
        "volumes": {},
        "networks": {name: {"internal": True} if draw(st.booleans()) else {} for name in NETWORKS},
        "groups": {},
    }
    for name in names:
        described["containers"][name] = _service(draw, described, name)
    if draw(st.booleans()):
        described["groups"]["some"] = draw(_some(names))
    return described


def _some(names: Sequence[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)


def _service(draw: Draw, described: Described, name: str) -> dict[str, Any]:
    service: dict[str, Any] = {"image": draw(st.sampled_from([*PRESENT, PRESENT[0], PULLED]))}
    if draw(st.integers(0, 3)) == 0:
        service["instances"] = ["a", "b"]
    _place(draw, described, service, name)
    _volumes(draw, described, service, name)
    _process(draw, service)
    _limits(draw, service)
    if draw(st.booleans()):
        service["create_options"] = {"environment": {"COLOUR": draw(_COLOURS)}}
    if draw(st.integers(0, 4)) == 0:
        service["persistent"] = True
    return service


_COLOURS: Final = st.sampled_from(["red", "blue"])


def _place(draw: Draw, described: Described, service: dict[str, Any], name: str) -> None:
    """On the default network, on networks of its own, without any, or with that of another one."""
    below = described["containers"]
    kind = draw(st.sampled_from(["default", "networks", "networks", "stack", "none"]))
    on_default = [each for each in below if _place_of(below[each]) == "default"]
    if kind == "networks":
        on_networks = [each for each in below if below[each].get("networks")]
        service["networks"] = [
            {"network_name": network, **_endpoint(draw, name, on_networks, below, network)}
            for network in draw(st.lists(st.sampled_from(NETWORKS), min_size=1, unique=True))
        ]
    elif kind == "stack" and (owners := [e for e in below if _place_of(below[e]) != "stack"]):
        service["network_mode"] = draw(st.sampled_from(_containers_of(below, owners)))
        return
    elif kind == "none":
        service["network_mode"] = "none"
        return
    elif draw(st.booleans()) and on_default:
        targets = draw(_some(_containers_of(below, on_default)))
        service["links"] = [{"container": target} for target in targets]
    if "instances" not in service and draw(st.integers(0, 2)) == 0:
        service["exposes"] = [(80, 18000 + int(name[1:]))]


def _place_of(service: Mapping[str, Any]) -> str:
    mode = service.get("network_mode")
    if mode is None:
        return "networks" if service.get("networks") else "default"
    return "none" if mode == "none" else "stack"


def _endpoint(
    draw: Draw, name: str, on_networks: list[str], below: Described, network: str
) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    if draw(st.integers(0, 3)) == 0:
        settings["aliases"] = [f"{name}-too"]
    there = [
        each
        for each in on_networks
        if any(other["network_name"] == network for other in below[each]["networks"])
    ]
    if draw(st.booleans()) and there:
        settings["links"] = draw(_some(_containers_of(below, there)))
    return settings


def _volumes(draw: Draw, described: Described, service: dict[str, Any], name: str) -> None:
    below, known = described["containers"], list(described["volumes"])
    if draw(st.booleans()) and known:
        service["uses"] = draw(_some(known))
    sharing = [
        each for each in _containers_of(below, below) if below[each.partition(".")[0]].get("shares")
    ]
    if draw(st.booleans()) and sharing:
        service["uses"] = [*service.get("uses", []), *draw(_some(sharing))]
    if draw(st.integers(0, 2)) == 0:
        service["shares"] = [f"/shared/{name}"]
    if draw(st.booleans()):
        alias = f"v{name}"
        described["volumes"][alias] = {"default_path": f"/data/{alias}"}
        service["attaches"] = [alias]
        if draw(st.booleans()):
            service["user"] = "1000:1000"


def _process(draw: Draw, service: dict[str, Any]) -> None:
    service["stop_timeout"] = draw(st.sampled_from([0, 1, 3]))
    if draw(st.integers(0, 3)) == 0:
        service["stop_signal"] = draw(st.sampled_from(["SIGINT", "SIGTERM"]))
    if draw(st.integers(0, 5)) == 0:
        service["start_delay"] = 0.05
    if draw(st.integers(0, 3)) == 0:
        service["healthcheck"] = {"test": "true", "interval": "1s"}
    if draw(st.integers(0, 2)) == 0:
        stays = {"cmd": "/bin/sleep 500", "detach": True, "policy": "restart"}
        once = {"cmd": "/bin/true", "policy": "initial"}
        service["exec_commands"] = draw(st.sampled_from([[stays], [once], [stays, once]]))


def _limits(draw: Draw, service: dict[str, Any]) -> None:
    limits: dict[str, Any] = {}
    if draw(st.integers(0, 2)) == 0:
        limits["mem_limit"] = draw(st.sampled_from(["32m", "64m"]))
    if draw(st.integers(0, 3)) == 0:
        limits["cpu_shares"] = draw(st.sampled_from([256, 512]))
    if draw(st.integers(0, 4)) == 0:
        limits["restart_policy"] = {"Name": "on-failure", "MaximumRetryCount": 3}
    if limits:
        service["host_config"] = limits


def _containers_of(services: Mapping[str, Any], names: object) -> list[str]:
    """The containers of some services, as other services name them."""
    assert isinstance(names, list | Mapping)
    return [
        each
        for name in names
        for each in (
            [f"{name}.{instance}" for instance in services[name].get("instances", ())] or [name]
        )
    ]


# What follows from a map


def every_container(described: Described) -> list[str]:
    """The containers of a map, as services name them."""
    return _containers_of(described["containers"], described["containers"])


def needs(described: Described) -> dict[str, set[str]]:
    """For each container those that it needs itself (DEP-1 to DEP-6)."""
    services = described["containers"]
    owners = {alias: name for name in services for alias in services[name].get("attaches", ())}
    found: dict[str, set[str]] = {}
    for name, service in services.items():
        wanted = {
            *(owners.get(used, used) for used in service.get("uses", ())),
            *(link["container"] for link in service.get("links", ())),
            *(link for each in service.get("networks", ()) for link in each.get("links", ())),
        }
        if _place_of(service) == "stack":
            wanted.add(service["network_mode"])
        containers = set()
        for each in wanted:
            containers |= set(_containers_of(services, [each])) if each in services else {each}
        for container in _containers_of(services, [name]):
            found[container] = containers
    return found


def closure(edges: Mapping[str, set[str]], roots: set[str]) -> set[str]:
    """The roots, and all that can be reached from them."""
    reached, pending = set(roots), list(roots)
    while pending:
        for other in edges.get(pending.pop(), ()):
            if other not in reached:
                reached.add(other)
                pending.append(other)
    return reached


def reverse(edges: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """For each container those that need it."""
    turned: dict[str, set[str]] = {name: set() for name in edges}
    for name, others in edges.items():
        for other in others:
            turned[other].add(name)
    return turned


def as_map(described: Described) -> ContainerMap:
    """The map itself."""
    return ContainerMap.from_dict("m", deepcopy(described))


# What happens to a map


@st.composite
def changed(draw: Draw, described: Described) -> Described:
    """The map some days later: up to three changes."""
    after = deepcopy(described)
    for _ in range(draw(st.integers(0, 3))):
        name = draw(st.sampled_from(sorted(after["containers"])))
        change = draw(st.sampled_from(_CHANGES))
        change(draw, after, name)
    return after


def _change_colour(draw: Draw, described: Described, name: str) -> None:
    options = described["containers"][name].setdefault("create_options", {})
    options["environment"] = {"COLOUR": draw(st.sampled_from(["green", "yellow"]))}


def _change_image(draw: Draw, described: Described, name: str) -> None:
    described["containers"][name]["image"] = draw(st.sampled_from([*PRESENT, PULLED]))


def _change_memory(draw: Draw, described: Described, name: str) -> None:
    options = described["containers"][name].setdefault("host_config", {})
    options["mem_limit"] = draw(st.sampled_from(["48m", "96m"]))


def _lift_limits(_: Draw, described: Described, name: str) -> None:
    described["containers"][name].pop("host_config", None)


def _add_network(_: Draw, described: Described, name: str) -> None:
    service = described["containers"][name]
    joined = {each["network_name"] for each in service.get("networks", ())}
    if joined:
        for network in sorted({*NETWORKS} - joined):
            service["networks"].append({"network_name": network})


def _leave_network(_: Draw, described: Described, name: str) -> None:
    service = described["containers"][name]
    if len(service.get("networks", ())) > 1:
        service["networks"].pop()


def _change_network(draw: Draw, described: Described, _: str) -> None:
    network = draw(st.sampled_from(NETWORKS))
    was = bool(described["networks"][network])
    described["networks"][network] = {} if was else {"internal": True}


def _remove_service(_: Draw, described: Described, name: str) -> None:
    """It stays on the engine, and nobody names it any more."""
    removed = set(_containers_of(described["containers"], [name]))
    if len(described["containers"]) == 1 or any(
        removed & wanted for each, wanted in needs(described).items() if each not in removed
    ):
        return
    service = described["containers"].pop(name)
    for alias in service.get("attaches", ()):
        del described["volumes"][alias]
    members = [each for each in described["groups"].get("some", ()) if each != name]
    described["groups"] = {"some": members} if members else {}


_CHANGES: Final = [
    _change_colour,
    _change_image,
    _change_memory,
    _lift_limits,
    _add_network,
    _leave_network,
    _change_network,
    _remove_service,
]


# What happens to an engine


@frozen
class ByHand:
    """Something that somebody does to an engine, past the library."""

    what: str
    container: str
    network: str

    def happens_to(self, engine: EmbeddedEngine) -> bool:
        """Let it happen to the engine itself, if it is about that; it is back after a second."""
        match self.what:
            case "restart engine":
                engine.restart_daemon(1)
            case "kill engine":
                engine.kill_daemon(1)
            case "cut power":
                engine.cut_power(1)
            case _:
                return False
        return True

    def calls(self, engine: EmbeddedEngine) -> Iterator[tuple[str, str, Any]]:
        """The calls that do it, as far as it can be done: method, path, body."""
        document = engine.container(self.container)
        if document is not None:
            yield from self._to_container(f"containers/{self.container}", document)
        if self.what == "remove network" and (found := engine.network(self.network)) is not None:
            for member in found["Containers"]:
                body = {"Container": member, "Force": True}
                yield "POST", f"networks/{self.network}/disconnect", body
            yield "DELETE", f"networks/{self.network}", None

    def _to_container(self, path: str, document: Any) -> Iterator[tuple[str, str, Any]]:
        match self.what:
            case "pause" if document["State"]["Paused"]:
                pass
            case "stop" | "kill" | "pause" if document["State"]["Running"]:
                yield "POST", f"{path}/{self.what}", None
            case "rename":
                yield "POST", f"{path}/rename?name={self.container}{BY_HAND}", None
            case "remove":
                yield "DELETE", f"{path}?force=1", None
            case "disconnect" if self.network in document["NetworkSettings"]["Networks"]:
                body = {"Container": self.container, "Force": True}
                yield "POST", f"networks/{self.network}/disconnect", body
            case _:
                pass


_BY_HAND: Final = (
    "stop",
    "stop",
    "kill",
    "pause",
    "rename",
    "remove",
    "disconnect",
    "remove network",
    "restart engine",
    "kill engine",
    "cut power",
)


def done_by_hand(described: Described) -> st.SearchStrategy[list[ByHand]]:
    """Up to two things that somebody does."""
    one = st.builds(
        ByHand,
        st.sampled_from(_BY_HAND),
        st.sampled_from([f"m.{name}" for name in every_container(described)]),
        st.sampled_from([f"m.{name}" for name in NETWORKS]),
    )
    return st.lists(one, max_size=2)


# What is asked for


@frozen
class Request:
    """An action, with what it is about and its options."""

    verb: str
    selection: tuple[str, ...]
    options: tuple[tuple[str, Any], ...] = ()

    @property
    def keywords(self) -> dict[str, Any]:
        return dict(self.options)


_OPTIONS: Final[Mapping[str, Mapping[str, Sequence[Any]]]] = {
    "create": {},
    "start": {},
    "restart": {"timeout": (0, 2), "restart_exec_commands": (True, False)},
    "stop": {"timeout": (0, 2, None), "raise_not_found": (True, False)},
    "remove": {
        "remove_persistent": (True, False),
        "remove_attached": (True, False),
        "v": (True, False),
        "force": (True, False),
        "raise_not_found": (True, False),
    },
    "startup": {"nonrecoverable_exit_codes": ((137,), (0,), (137, 143))},
    "shutdown": {"remove_persistent": (True, False), "remove_attached": (True, False)},
    "update": {
        "pull_before_update": (True, False),
        "skip_limit_reset": (True, False),
        "update_persistent": (True, False),
        "check_exec_commands": ("full", "partial", "none"),
        "nonrecoverable_exit_codes": ((137,), (0,), (137, 143)),
    },
    "signal": {"signal": ("SIGHUP", "SIGKILL", "SIGTERM")},
    "pull_images": {"pull_all_images": (True, False)},
}
VERBS: Final = (*_OPTIONS, "update", "update", "update", "startup", "startup", "shutdown")
"""What is asked for, the more often the more it does."""


@st.composite
def requests(draw: Draw, described: Described, verbs: Sequence[str] = VERBS) -> Request:
    """An action with any of its options, about some of the map or all of it."""
    verb = draw(st.sampled_from(verbs))
    names = [*described["containers"], *described["groups"]]
    instances = [f"m.{each}" for each in every_container(described)]
    selection = draw(st.one_of(st.just(["__all__"]), _some(names), _some(instances)))
    options = [
        (name, draw(st.sampled_from(values)))
        for name, values in _OPTIONS[verb].items()
        if draw(st.booleans())
    ]
    return Request(verb, tuple(selection), tuple(options))


def selected(described: Described, request: Request) -> set[str]:
    """The containers that a request names."""
    services, found = described["containers"], set[str]()
    for each in request.selection:
        name = each.removeprefix("m.")
        if name == "__all__":
            names = list(services)
        elif name in described["groups"]:
            names = described["groups"][name]
        else:
            names = [name]
        for one in names:
            found |= set(_containers_of(services, [one])) if one in services else {one}
    return found


# What goes wrong


_FAULTS: Final[st.SearchStrategy[Fault]] = st.one_of(
    st.builds(Reject, st.sampled_from([500, 503])),
    st.just(DropBefore()),
    st.just(DropAfter()),
    st.builds(Delay, st.sampled_from([0.02, 0.5, 12.0])),
)
_CALLS: Final = (
    "* *",
    "POST *",
    "GET *",
    "POST /containers/create",
    "POST /containers/*/start",
    "POST /containers/*/stop",
    "POST /containers/*/kill",
    "POST /containers/*/rename",
    "POST /containers/*/update",
    "DELETE /containers/*",
    "POST /networks/*",
    "DELETE /networks/*",
    "POST /volumes/create",
    "DELETE /volumes/*",
    "POST /images/create",
    "POST /*exec*",
)


@frozen
class Trouble:
    """A fault, and the calls that it is for."""

    call: str
    fault: Fault
    at: int | None

    def begin(self, engine: EmbeddedEngine) -> None:
        engine.fail(self.call, self.fault, at=self.at)


def troubles() -> st.SearchStrategy[list[Trouble]]:
    """One to three faults at the n-th call of a kind; or at every one of it."""
    at = st.one_of(st.integers(1, 12), st.integers(1, 60), st.none())
    one = st.builds(Trouble, st.sampled_from(_CALLS), _FAULTS, at)
    return st.lists(one, min_size=1, max_size=3)


_AWAY: Final = st.sampled_from([0.001, 0.1, 1.0, 20.0])
"""Seconds until a daemon is back."""
_WHEN: Final = st.sampled_from(["before", "within", "after"])
_ENDS: Final = st.one_of(
    st.builds(RestartDaemon, _AWAY, _WHEN, st.booleans()),
    st.builds(KillDaemon, _AWAY, _WHEN, st.booleans()),
    st.builds(CutPower, _AWAY, _WHEN),
)


@frozen
class Absence:
    """A daemon that goes away in the middle of a run, and comes back."""

    fault: RestartDaemon | KillDaemon | CutPower
    at: int
    """In thousandths of the run."""
    is_at_call: bool
    """Whether at one of its changes, counted as they come; if not, between two turns of the loop."""

    @property
    def ends_containers(self) -> bool:
        return not getattr(self.fault, "keeps_containers", False)


def absences() -> st.SearchStrategy[Absence]:
    """One that goes away at any change, or at any other moment, while calls are under way or not."""
    return st.builds(Absence, _ENDS, st.integers(0, 999), st.sampled_from([True, True, False]))


def limits() -> st.SearchStrategy[Limits]:
    """The usual limits, or few places."""
    few = st.integers(1, 3)
    return st.one_of(
        st.just(Limits()),
        st.builds(
            Limits,
            pull=few,
            create=few,
            start=few,
            stop=few,
            remove=few,
            exec=few,
            network=few,
            volume=few,
        ),
    )


# The whole


@frozen
class Story:
    """A map, how its engine came to be as it is, and what is asked for now."""

    before: Described
    """What was started up first; without containers if nothing was."""
    by_hand: tuple[ByHand, ...]
    now: Described
    request: Request
    limits: Limits
    seed: int
    """Of the time that calls take."""
    release: str = EmbeddedEngine.releases[0]
    """The Docker that the engine behaves as."""


@st.composite
def stories(draw: Draw, verbs: Sequence[str] = VERBS) -> Story:
    """Any of them."""
    before = draw(maps())
    is_new = draw(st.integers(0, 4)) == 0
    now = before if is_new else draw(changed(before))
    return Story(
        before={} if is_new else before,
        by_hand=() if is_new else tuple(draw(done_by_hand(before))),
        now=now,
        request=draw(requests(now, verbs)),
        limits=draw(limits()),
        seed=draw(st.integers(0, 7)),
        release=draw(st.sampled_from(EmbeddedEngine.releases)),
    )
