"""Every form that behaviour 2.4 to 2.7, 4.1 and 6.7 write: read three ways, and on a real engine.

Each row is a container of one map, which is written with dicts (and tuples), in YAML, and with the
value types, in all the forms of the row.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from enum import Enum
from pathlib import Path
from random import SystemRandom
from typing import Any

import pytest
import yaml
from attrs import field, frozen
from raw_engine import RawEngine

from aiodockmap import (
    ClientConfiguration,
    ContainerConfiguration,
    ContainerLink,
    ContainerMap,
    ExecCommand,
    ExecPolicy,
    HealthCheck,
    HostVolume,
    HostVolumeConfiguration,
    MapClient,
    NetworkConfiguration,
    NetworkEndpoint,
    PortBinding,
    SharedVolume,
    UsedVolume,
    VolumeConfiguration,
    load_map,
)

PROMPT = "/aiodockmap-test:prompt"
"""The name of `prompt_image`, without the prefix of a repository (IMG-2)."""


@frozen(kw_only=True)
class Around:
    """What a fragment needs of its surroundings, so that many can be up at once."""

    volume: str = "a"
    """An alias of its own."""
    host_port: int = 8080
    """A port that nobody has."""
    host: str = "/h"
    """A folder of the host."""
    subnet: str = "10.80.80"
    """The first three parts of the addresses in the network `n`."""


@frozen
class Fragment:
    """A row of a table: the forms that it allows, and what they all mean."""

    attribute: str
    normal: Callable[[Around], object]
    """In value types."""
    forms: Callable[[Around], Sequence[object]]


def same(*forms: object) -> Callable[[Around], Sequence[object]]:
    return lambda _: forms


def rows() -> dict[str, Fragment]:
    """The tables of behaviour 2.4; `a`, `/h` and ports are the surroundings'."""
    shared, bound, used = SharedVolume, HostVolume, UsedVolume
    second = 1_000_000_000
    return {
        # binds
        "SHP-20": Fragment(
            "binds",
            lambda _: [shared("bound")],
            same("bound", ["bound"], [("bound",)], [{"name": "bound"}]),
        ),
        "SHP-21": Fragment(
            "binds",
            lambda _: [shared("bound", readonly=True)],
            same(
                [("bound", "ro")],
                [["bound", True]],
                [{"bound": "ro"}],
                [{"bound": ("ro",)}],
                [{"name": "bound", "readonly": True}],
            ),
        ),
        "SHP-22": Fragment(
            "binds",
            lambda it: [bound("/c", it.host)],
            lambda it: (
                [("/c", it.host)],
                [{"/c": it.host}],
                [{"/c": (it.host,)}],
                [("/c", [it.host])],
            ),
        ),
        "SHP-23": Fragment(
            "binds",
            lambda it: [bound("/c", it.host, readonly=True)],
            lambda it: (
                [("/c", it.host, "ro")],
                [{"/c": (it.host, "ro")}],
                [("/c", (it.host, True))],
                [{"path": "/c", "host_path": it.host, "readonly": True}],
            ),
        ),
        "SHP-24": Fragment(
            "binds",
            lambda it: [
                shared("bound"),
                shared("also", readonly=True),
                bound("/c", it.host, readonly=True),
            ],
            lambda it: ({"bound": "rw", "also": True, "/c": (it.host, "ro")},),
        ),
        "SHP-25": Fragment(
            "binds", lambda _: [shared("bound")], same([{"bound": None}], {"bound": None})
        ),
        # attaches
        "SHP-30": Fragment(
            "attaches",
            lambda it: [shared(it.volume)],
            lambda it: (
                it.volume,
                [(it.volume,)],
                [(it.volume, None)],
                [(it.volume, False)],
                [{"name": it.volume}],
                {it.volume: None},
            ),
        ),
        "SHP-31": Fragment(
            "attaches",
            lambda it: [used(it.volume, "/p")],
            lambda it: (
                [(it.volume, "/p")],
                [{it.volume: "/p"}],
                [{"name": it.volume, "path": "/p"}],
            ),
        ),
        "SHP-32": Fragment(
            "attaches",
            lambda it: [shared(it.volume)],
            lambda it: ([{it.volume: None}],),
        ),
        # uses
        "SHP-40": Fragment(
            "uses",
            lambda _: [shared("owned")],
            same("owned", [("owned",)], [{"name": "owned"}]),
        ),
        "SHP-41": Fragment(
            "uses",
            lambda _: [shared("owned", readonly=True)],
            same([("owned", "ro")], [{"owned": True}], [{"owned": ("ro",)}]),
        ),
        "SHP-42": Fragment(
            "uses",
            lambda _: [used("owned", "/p")],
            same([("owned", "/p")], {"owned": "/p"}, [("owned", ["/p"])]),
        ),
        "SHP-43": Fragment(
            "uses",
            lambda _: [used("owned", "/p", readonly=True)],
            same(
                [("owned", "/p", "ro")],
                [{"owned": ("/p", "ro")}],
                [{"name": "owned", "path": "/p", "readonly": True}],
            ),
        ),
        "SHP-44": Fragment("uses", lambda _: [shared("owned")], same([{"owned": None}])),
        "VOL-7": Fragment("uses", lambda _: [shared("sharer")], same("sharer", ["sharer"])),
        "VOL-8": Fragment(
            "uses", lambda _: [shared("sharer", readonly=True)], same({"sharer": "ro"})
        ),
        # links
        "SHP-50": Fragment(
            "links",
            lambda _: [ContainerLink("c")],
            same("c", [("c",)], [("c", None)], [{"container": "c"}], {"c": None}),
        ),
        "SHP-51": Fragment(
            "links",
            lambda _: [ContainerLink("i.one", "al")],
            same(
                [("i.one", "al")],
                [{"container": "i.one", "alias": "al"}],
                {"i.one": "al"},
                [{"i.one": "al"}],
            ),
        ),
        # exposes
        "SHP-60": Fragment(
            "exposes",
            lambda _: [PortBinding(80)],
            same("80", [80], [("80",)], [(80, None)], [{"exposed_port": 80}], {80: None}),
        ),
        "SHP-61": Fragment(
            "exposes",
            lambda it: [PortBinding(8080, it.host_port)],
            lambda it: ([(8080, it.host_port)], {8080: it.host_port}),
        ),
        "SHP-62": Fragment(
            "exposes",
            lambda it: [PortBinding(8080, it.host_port, "pub")],
            lambda it: (
                [(8080, it.host_port, "pub")],
                [(8080, (it.host_port, "pub"))],
                {8080: (it.host_port, "pub")},
            ),
        ),
        "SHP-63": Fragment(
            "exposes",
            lambda it: [PortBinding(8080, it.host_port, "pub", ipv6=True)],
            lambda it: (
                [(8080, it.host_port, "pub", True)],
                [(8080, (it.host_port, "pub", True))],
                [(8080, {"host_port": it.host_port, "interface": "pub", "ipv6": True})],
            ),
        ),
        "SHP-66": Fragment("exposes", lambda _: [PortBinding(80)], same(80)),
        "SHP-67": Fragment(
            "exposes",
            lambda _: [PortBinding("53/udp"), PortBinding(53)],
            same(["53/udp", 53], ["53/udp", "53/tcp"]),
        ),
        # networks
        "SHP-70": Fragment(
            "networks",
            lambda _: [NetworkEndpoint("n")],
            same("n", ["n"], [["n"]], [{"network_name": "n"}], {"n": None}, {"n": ""}),
        ),
        "SHP-71": Fragment(
            "networks",
            lambda _: [NetworkEndpoint("n", ["al"])],
            same([("n", "al")], [("n", ["al"])], [{"n": "al"}], {"n": "al"}),
        ),
        "SHP-72": Fragment(
            "networks",
            lambda _: [NetworkEndpoint("n", ["al1", "al2"], [ContainerLink("m", "em")])],
            same(
                [("n", {"aliases": ["al1", "al2"], "links": [("m", "em")]})],
                [{"n": {"aliases": ("al1", "al2"), "links": {"m": "em"}}}],
                [{"network_name": "n", "aliases": ["al1", "al2"], "links": [("m", "em")]}],
            ),
        ),
        "SHP-73": Fragment(
            "networks",
            lambda it: [NetworkEndpoint("n", ["al"], (), f"{it.subnet}.73")],
            lambda it: (
                [("n", "al", None, f"{it.subnet}.73")],
                [("n", "al", [], f"{it.subnet}.73", None, None)],
            ),
        ),
        "SHP-74 element": Fragment(
            "networks",
            lambda it: [NetworkEndpoint("n", ["al"], (), f"{it.subnet}.74")],
            lambda it: ([{"n": ("al", None, f"{it.subnet}.74")}],),
        ),
        "SHP-74 top": Fragment(
            "networks",
            lambda _: [NetworkEndpoint("n", ["al1", "al2"])],
            same({"n": ["al1", "al2"]}),
        ),
        "SHP-75": Fragment(
            "networks",
            lambda it: [NetworkEndpoint("n", ipv4_address=f"{it.subnet}.75")],
            lambda it: (
                {"n": {"ipv4": f"{it.subnet}.75"}},
                {"n": {"ipv4_address": f"{it.subnet}.75"}},
            ),
        ),
        "NET-6": Fragment(
            "networks",
            lambda _: [NetworkEndpoint("n"), NetworkEndpoint("bridge")],
            same(["n", "bridge"], {"n": None, "bridge": None}),
        ),
        # exec_commands
        "SHP-80": Fragment(
            "exec_commands",
            lambda _: [ExecCommand("/bin/touch /tmp/a")],
            same(
                "/bin/touch /tmp/a",
                [("/bin/touch /tmp/a",)],
                [("/bin/touch /tmp/a", None)],
                [{"cmd": "/bin/touch /tmp/a"}],
            ),
        ),
        "SHP-81": Fragment(
            "exec_commands",
            lambda _: [ExecCommand(["/bin/touch", "/tmp/a b"])],
            same([(["/bin/touch", "/tmp/a b"],)], [(["/bin/touch", "/tmp/a b"], None)]),
        ),
        "SHP-82": Fragment(
            "exec_commands",
            lambda _: [ExecCommand("/bin/touch /tmp/a", "7")],
            same([("/bin/touch /tmp/a", "7")], {"/bin/touch /tmp/a": "7"}),
        ),
        "SHP-83": Fragment(
            "exec_commands",
            lambda _: [ExecCommand("/bin/touch /tmp/a", "7", ExecPolicy.INITIAL)],
            same(
                [("/bin/touch /tmp/a", "7", "initial")],
                [("/bin/touch /tmp/a", "7", ExecPolicy.INITIAL)],
                [{"cmd": "/bin/touch /tmp/a", "user": "7", "policy": "initial"}],
            ),
        ),
        # healthcheck
        "SHP-90": Fragment("healthcheck", lambda _: HealthCheck("exit 0"), same("exit 0")),
        "SHP-91": Fragment(
            "healthcheck",
            lambda _: HealthCheck(("CMD", "/bin/true"), 10 * second),
            same([["/bin/true"], "10s"], (["/bin/true"], "10 s")),
        ),
        "SHP-92": Fragment(
            "healthcheck",
            lambda _: HealthCheck("exit 0", 2 * second, second, 3, 90 * second),
            same(
                {
                    "test": "exit 0",
                    "interval": "2s",
                    "timeout": "1000ms",
                    "retries": 3,
                    "start_period": "1.5m",
                }
            ),
        ),
        "SHP-93": Fragment(
            "healthcheck",
            lambda _: HealthCheck(("CMD", "/bin/true")),
            same({"test": ["/bin/true"]}, {"test": ["CMD", "/bin/true"]}),
        ),
        "SHP-94": Fragment(
            "healthcheck",
            lambda _: HealthCheck.disabled(),
            same(None, "", "NONE", ["NONE"], {"test": None}, [["NONE"]]),
        ),
        # network_mode
        "SHP-100": Fragment(
            "network_mode", lambda _: "none", same(*(None, "", False, "none", "disabled"))
        ),
        "SHP-101 bridge": Fragment("network_mode", lambda _: "bridge", same("bridge")),
        "SHP-101 host": Fragment("network_mode", lambda _: "host", same("host")),
        "SHP-104": Fragment("network_mode", lambda _: "c", same("c", ("c", None), ["c"])),
        "SHP-104 instance": Fragment(
            "network_mode", lambda _: "i.two", same("i.two", ["i", "two"], ("i", "two"))
        ),
        # plain lists, and what has one form only
        "SHP-2": Fragment(
            "shares", lambda _: ["/srv/data"], same("/srv/data", ["/srv/data"], ("/srv/data",))
        ),
        "SHP-3": Fragment("exposes", lambda _: [PortBinding(80)], same(PortBinding(80))),
    }


ROWS = rows()


@frozen(kw_only=True)
class Surroundings:
    """The map around the fragments: what they mount, link to and connect to."""

    name: str = "fragments"
    image: str = PROMPT
    host: str = "/h"
    subnet: str = "10.80.80"
    ports: Mapping[str, int] = field(factory=dict)

    def around(self, row: str) -> Around:
        return Around(
            volume=f"own-{_word(row)}",
            host_port=self.ports.get(row, 8080),
            host=self.host,
            subnet=self.subnet,
        )

    def written(self, forms: Mapping[str, object]) -> dict[str, object]:
        """A map with a container for each row, in plain data."""
        aliases = {self.around(row).volume: f"/own/{_word(row)}" for row in ROWS}
        return {
            "volumes": {"bound": "/bound", "also": "/also", "owned": "/owned", **aliases},
            "host": {"root": self.host, "bound": "bound", "also": f"{self.host}/also"},
            "networks": {"n": {"create_options": self._ipam()}},
            "base": {"abstract": True, "image": self.image, "stop_timeout": 3},
            "c": {"extends": "base"},
            "i": {"extends": "base", "instances": ["one", "two"]},
            "m": {"extends": "base", "networks": "n"},
            "owner": {"extends": "base", "attaches": "owned"},
            "sharer": {"extends": "base", "shares": "/shared"},
            **{
                _word(row): {"extends": "base", ROWS[row].attribute: form}
                for row, form in forms.items()
            },
        }

    def of_objects(self) -> ContainerMap:
        """The same map in attrs objects, every row in its normal form."""
        base = ContainerConfiguration(abstract=True, image=self.image, stop_timeout=3)
        extending: dict[str, Any] = {"extends": ["base"]}
        paths = {self.around(row).volume: f"/own/{_word(row)}" for row in ROWS}
        paths |= {"bound": "/bound", "also": "/also", "owned": "/owned"}
        return ContainerMap(
            self.name,
            volumes={
                alias: VolumeConfiguration(default_path=path) for alias, path in paths.items()
            },
            host=HostVolumeConfiguration(
                {"bound": "bound", "also": f"{self.host}/also"}, root=self.host
            ),
            networks={"n": NetworkConfiguration(create_options=self._ipam())},
            containers={
                "base": base,
                "c": ContainerConfiguration(**extending),
                "i": ContainerConfiguration(**extending, instances=("one", "two")),
                "m": ContainerConfiguration(**extending, networks=[NetworkEndpoint("n")]),
                "owner": ContainerConfiguration(**extending, attaches=[SharedVolume("owned")]),
                "sharer": ContainerConfiguration(**extending, shares=["/shared"]),
                **{
                    _word(row): ContainerConfiguration(
                        **extending, **{fragment.attribute: fragment.normal(self.around(row))}
                    )
                    for row, fragment in ROWS.items()
                },
            },
        )

    def _ipam(self) -> dict[str, object]:
        return {"ipam": {"Config": [{"Subnet": f"{self.subnet}.0/24"}]}}

    def forms(self, number: int) -> dict[str, object]:
        """The form of each row with that number; the last one of rows that have fewer."""
        chosen = {}
        for row, fragment in ROWS.items():
            forms = fragment.forms(self.around(row))
            chosen[row] = forms[min(number, len(forms) - 1)]
        return chosen


MOST_FORMS = max(len(fragment.forms(Around())) for fragment in ROWS.values())


def _word(row: str) -> str:
    return row.lower().replace(" ", "-")


def plain(value: object) -> object:
    """What YAML can say: lists for tuples, values for enums."""
    match value:
        case Enum():
            return value.value
        case PortBinding(exposed_port=port):
            return port
        case dict():
            return {key: plain(each) for key, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
        case _:
            return value


def of_yaml(name: str, written: Mapping[str, object]) -> ContainerMap:
    return load_map(yaml.safe_dump(plain({"name": name, **written}), sort_keys=False))


def test_no_form_of_a_row_is_passed_over() -> None:
    surroundings = Surroundings()

    for row, fragment in ROWS.items():
        forms = fragment.forms(surroundings.around(row))
        assert [surroundings.forms(number)[row] for number in range(len(forms))] == list(forms)


@pytest.mark.parametrize("number", range(MOST_FORMS))
def test_every_form_of_every_row_means_the_same_in_python_and_in_yaml(number: int) -> None:
    """SHP-1 to SHP-104: the dict, the YAML and the attrs map are equal."""
    surroundings = Surroundings()
    expected = surroundings.of_objects()
    written = surroundings.written(surroundings.forms(number))

    of_dict = ContainerMap.from_dict(surroundings.name, written)

    for name, configuration in expected.containers.items():
        assert of_dict.containers[name] == configuration, name
    assert of_dict == expected
    assert of_yaml(surroundings.name, written) == expected


def free_ports(count: int) -> list[int]:
    """Ports that nobody has at the moment."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("", 0))
        return [each.getsockname()[1] for each in sockets]


@frozen(kw_only=True)
class Landscape:
    """What became of the rows on the engine."""

    engine: RawEngine
    surroundings: Surroundings

    @property
    def prefix(self) -> str:
        return self.surroundings.name

    def found(self, row: str) -> dict[str, Any]:
        container = self.engine.container(f"{self.prefix}.{_word(row)}")
        assert container is not None, row
        assert container["State"]["Running"], row
        return container

    def id_of(self, name: str) -> str:
        return str(self.engine.get(f"containers/{self.prefix}.{name}/json")["Id"])

    def binds(self, row: str) -> list[str]:
        return sorted(self.found(row)["HostConfig"]["Binds"])

    def bindings(self, row: str) -> dict[str, Any]:
        return dict(self.found(row)["HostConfig"]["PortBindings"] or {})

    def exposed(self, row: str) -> set[str]:
        return set(self.found(row)["Config"]["ExposedPorts"])

    def networks(self, row: str) -> dict[str, Any]:
        return dict(self.found(row)["NetworkSettings"]["Networks"])

    def endpoint(self, row: str) -> dict[str, Any]:
        return dict(self.networks(row)[f"{self.prefix}.n"])

    def health(self, row: str) -> dict[str, Any]:
        return dict(self.found(row)["Config"]["Healthcheck"])

    def has_file(self, row: str, path: str) -> bool:
        name = f"containers/{self.prefix}.{_word(row)}/archive"
        return self.engine.call("HEAD", name, path=path)[0] == 200


PUBLISHED = {"SHP-61": "", "SHP-62": "127.0.0.1", "SHP-63": "127.0.0.1"}
"""The address that each row publishes on."""


def check_volumes(up: Landscape) -> None:
    prefix, host = up.prefix, up.surroundings.host
    assert up.binds("SHP-20") == up.binds("SHP-25") == [f"{host}/bound:/bound:rw"]
    assert up.binds("SHP-21") == [f"{host}/bound:/bound:ro"]
    assert up.binds("SHP-22") == [f"{host}:/c:rw"]
    assert up.binds("SHP-23") == [f"{host}:/c:ro"]
    assert up.binds("SHP-24") == [
        f"{host}/also:/also:ro",
        f"{host}/bound:/bound:rw",
        f"{host}:/c:ro",
    ]
    assert up.binds("SHP-30") == [f"{prefix}.own-shp-30:/own/shp-30:rw"]
    assert up.binds("SHP-31") == [f"{prefix}.own-shp-31:/p:rw"]
    assert up.binds("SHP-32") == [f"{prefix}.own-shp-32:/own/shp-32:rw"]
    assert up.binds("SHP-40") == up.binds("SHP-44") == [f"{prefix}.owned:/owned:rw"]
    assert up.binds("SHP-41") == [f"{prefix}.owned:/owned:ro"]
    assert up.binds("SHP-42") == [f"{prefix}.owned:/p:rw"]
    assert up.binds("SHP-43") == [f"{prefix}.owned:/p:ro"]
    assert up.found("VOL-7")["HostConfig"]["VolumesFrom"] == [f"{prefix}.sharer"]
    assert up.found("VOL-8")["HostConfig"]["VolumesFrom"] == [f"{prefix}.sharer:ro"]
    assert "/srv/data" in up.found("SHP-2")["Config"]["Volumes"]


def check_links_and_ports(up: Landscape) -> None:
    prefix = up.prefix
    assert up.found("SHP-50")["HostConfig"]["Links"] == [f"/{prefix}.c:/{prefix}.shp-50/c"]
    assert up.found("SHP-51")["HostConfig"]["Links"] == [f"/{prefix}.i.one:/{prefix}.shp-51/al"]
    for row in ("SHP-60", "SHP-66", "SHP-3"):
        assert up.exposed(row) == {"80/tcp"}
        assert up.bindings(row) == {}
    for row, address in PUBLISHED.items():
        port = str(up.surroundings.ports[row])
        assert up.bindings(row) == {"8080/tcp": [{"HostIp": address, "HostPort": port}]}
    assert up.exposed("SHP-67") == {"53/tcp", "53/udp"}


def check_networks(up: Landscape) -> None:
    prefix, subnet = up.prefix, up.surroundings.subnet
    for row in ("SHP-70", "SHP-71", "SHP-72", "SHP-73", "SHP-74 top", "SHP-75"):
        assert set(up.networks(row)) == {f"{prefix}.n"}
    assert set(up.networks("NET-6")) == {"bridge", f"{prefix}.n"}
    assert "al" in up.endpoint("SHP-71")["Aliases"]
    assert {"al1", "al2"} <= set(up.endpoint("SHP-72")["Aliases"])
    assert {"al1", "al2"} <= set(up.endpoint("SHP-74 top")["Aliases"])
    assert up.endpoint("SHP-72")["Links"] == [f"{prefix}.m:em"]
    for row, last in (("SHP-73", 73), ("SHP-74 element", 74), ("SHP-75", 75)):
        assert up.endpoint(row)["IPAddress"] == f"{subnet}.{last}"
    for row, mode in (
        ("SHP-100", "none"),
        ("SHP-101 bridge", "bridge"),
        ("SHP-101 host", "host"),
        ("SHP-104", f"container:{up.id_of('c')}"),
        ("SHP-104 instance", f"container:{up.id_of('i.two')}"),
    ):
        assert up.found(row)["HostConfig"]["NetworkMode"] == mode


def check_commands_and_health(up: Landscape) -> None:
    for row in ("SHP-80", "SHP-82", "SHP-83"):
        assert up.has_file(row, "/tmp/a")
    assert up.has_file("SHP-81", "/tmp/a b")
    assert up.health("SHP-90") == {"Test": ["CMD-SHELL", "exit 0"]}
    assert up.health("SHP-91") == {"Test": ["CMD", "/bin/true"], "Interval": 10_000_000_000}
    assert up.health("SHP-92") == {
        "Test": ["CMD-SHELL", "exit 0"],
        "Interval": 2_000_000_000,
        "Timeout": 1_000_000_000,
        "Retries": 3,
        "StartPeriod": 90_000_000_000,
    }
    assert up.health("SHP-93") == {"Test": ["CMD", "/bin/true"]}
    assert up.health("SHP-94") == {"Test": ["NONE"]}


@pytest.mark.engine
async def test_every_row_comes_up_in_one_landscape_and_goes_down_without_a_trace(
    docker_url: str, raw_engine: RawEngine, prefix: str, prompt_image: str, tmp_path: Path
) -> None:
    assert PROMPT.endswith(prompt_image)
    random = SystemRandom()
    surroundings = Surroundings(
        name=prefix,
        host=str(tmp_path),
        subnet=f"10.{random.randrange(200, 250)}.{random.randrange(250)}",
        ports=dict(zip(PUBLISHED, free_ports(len(PUBLISHED)), strict=True)),
    )
    engine = ClientConfiguration(
        base_url=docker_url,
        interfaces={"pub": "127.0.0.1"},
        interfaces_ipv6={"pub": "127.0.0.1"},  # the engine may lack IPv6; an address is an address
    )
    written = surroundings.written(surroundings.forms(0))
    up = Landscape(engine=raw_engine, surroundings=surroundings)

    async with MapClient(of_yaml(prefix, written), default_client=engine) as client:
        await client.startup("__all__")

        for row in ROWS:
            assert up.found(row)
        check_volumes(up)
        check_links_and_ports(up)
        check_networks(up)
        check_commands_and_health(up)
        for other in (ContainerMap.from_dict(prefix, written), surroundings.of_objects()):
            async with MapClient(other, default_client=engine) as again:
                assert (await again.plan("startup", "__all__")).is_empty

        anonymous = {
            mount["Name"]
            for row in ("SHP-2", "VOL-7")
            for mount in up.found(row)["Mounts"]
            if mount["Destination"] in {"/srv/data", "/shared"}
        }
        await client.stop("__all__")
        # `remove` rather than `shutdown`: it takes anonymous volumes along, if asked to (KW-9).
        await client.remove(
            ["__all__", {"config_type": "network", "config_name": "__all__"}],
            remove_attached=True,
            v=True,
        )

    assert len(anonymous) == 2
    assert anonymous.isdisjoint(raw_engine.volume_names(""))
    assert raw_engine.container_names(prefix) == []
    assert raw_engine.volume_names(prefix) == []
    assert raw_engine.network_names(prefix) == []


EXAMPLE_OF_DEPENDENCIES = """
name: m
volumes: {log: /var/log/app, sock: /run/app, weblog: /var/log/web}
app: {instances: [i1, i2], attaches: [log, sock]}
web: {image: nginx, uses: sock, attaches: weblog}
"""
"""The example of behaviour 4.1, with paths."""

EXAMPLE_OF_SEQUENCES = """
name: m
volumes: {sock: /var/sock, log: /var/log, cfg: /etc/cfg}
host: {cfg: /h/cfg}
app:
  instances: [a, b]
  attaches: sock
  user: 2000
  permissions: u=rwX
  binds: {cfg: ro}
  stop_signal: SIGINT
  stop_timeout: 3
web:
  image: nginx
  uses: sock
  attaches: log
  links: app.a
  exposes: {80: 80, 443: [443, priv]}
  exec_commands: [echo hi]
"""
"""The map of behaviour 6.7."""


def example_of_dependencies(name: str, app: str, web: str) -> ContainerMap:
    return ContainerMap(
        name,
        volumes={
            "log": VolumeConfiguration(default_path="/var/log/app"),
            "sock": VolumeConfiguration(default_path="/run/app"),
            "weblog": VolumeConfiguration(default_path="/var/log/web"),
        },
        containers={
            "app": ContainerConfiguration(
                **({"image": app} if app else {}),
                instances=["i1", "i2"],
                attaches=[SharedVolume("log"), SharedVolume("sock")],
            ),
            "web": ContainerConfiguration(
                image=web, uses=[SharedVolume("sock")], attaches=[SharedVolume("weblog")]
            ),
        },
    )


def example_of_sequences(
    name: str, app: str, web: str, host: str, ports: Sequence[int]
) -> ContainerMap:
    return ContainerMap(
        name,
        volumes={
            "sock": VolumeConfiguration(default_path="/var/sock"),
            "log": VolumeConfiguration(default_path="/var/log"),
            "cfg": VolumeConfiguration(default_path="/etc/cfg"),
        },
        host=HostVolumeConfiguration({"cfg": f"{host}/cfg"}),
        containers={
            "app": ContainerConfiguration(
                **({"image": app} if app else {}),
                instances=["a", "b"],
                attaches=[SharedVolume("sock")],
                user=2000,
                permissions="u=rwX",
                binds=[SharedVolume("cfg", readonly=True)],
                stop_signal="SIGINT",
                stop_timeout=3,
            ),
            "web": ContainerConfiguration(
                image=web,
                uses=[SharedVolume("sock")],
                attaches=[SharedVolume("log")],
                links=[ContainerLink("app.a")],
                exposes=[PortBinding(80, ports[0]), PortBinding(443, ports[1], "priv")],
                exec_commands=[ExecCommand("echo hi")],
            ),
        },
    )


@pytest.mark.parametrize(
    ("text", "of_objects"),
    [
        pytest.param(
            EXAMPLE_OF_DEPENDENCIES,
            lambda: example_of_dependencies("m", "", "nginx"),
            id="4.1",
        ),
        pytest.param(
            EXAMPLE_OF_SEQUENCES,
            lambda: example_of_sequences("m", "", "nginx", "/h", (80, 443)),
            id="6.7",
        ),
    ],
)
def test_the_maps_of_the_examples_are_equal_in_every_form(
    text: str, of_objects: Callable[[], ContainerMap]
) -> None:
    document = yaml.safe_load(text)
    name = document.pop("name")

    assert load_map(text) == ContainerMap.from_dict(name, document) == of_objects()


@pytest.mark.engine
async def test_the_example_of_dependencies_comes_up_in_order_and_goes_down_in_reverse(
    docker_url: str, raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """DEP-30 to DEP-34: the order holds on the engine, not only in the plan."""
    assert PROMPT.endswith(prompt_image)
    example = example_of_dependencies(prefix, PROMPT, PROMPT)
    engine = ClientConfiguration(base_url=docker_url)

    async with MapClient(example, default_client=engine) as client:
        await client.startup("web")
        started = {
            name: raw_engine.get(f"containers/{prefix}.{name}/json")["State"]["StartedAt"]
            for name in ("app.i1", "app.i2", "web")
        }
        volumes = raw_engine.volume_names(prefix)
        await client.stop("app", instances="i1")
        running = [
            name
            for name in started
            if raw_engine.get(f"containers/{prefix}.{name}/json")["State"]["Running"]
        ]
        await client.shutdown("app", remove_attached=True)

    assert started["web"] > max(started["app.i1"], started["app.i2"])
    assert volumes == [f"{prefix}.log", f"{prefix}.sock", f"{prefix}.weblog"]
    assert running == ["app.i2"]
    assert raw_engine.container_names(prefix) == []
    assert raw_engine.volume_names(prefix) == []


@pytest.mark.engine
async def test_the_example_of_sequences_makes_the_bodies_that_are_written(
    docker_url: str, raw_engine: RawEngine, prefix: str, prompt_image: str, tmp_path: Path
) -> None:
    """EX-5, EX-6, EX-11, EX-20, EX-21."""
    assert PROMPT.endswith(prompt_image)
    ports = free_ports(2)
    example = example_of_sequences(prefix, PROMPT, PROMPT, str(tmp_path), ports)
    engine = ClientConfiguration(base_url=docker_url, interfaces={"priv": "127.0.0.1"})

    async with MapClient(example, default_client=engine) as client:
        await client.startup("web")
        app = raw_engine.get(f"containers/{prefix}.app.a/json")
        web = raw_engine.get(f"containers/{prefix}.web/json")
        again = await client.plan("startup", "web")
        await client.shutdown("app", remove_attached=True)

    assert (app["Config"]["User"], app["Config"]["Hostname"]) == ("2000", f"{prefix}-app-a")
    assert (app["Config"]["StopSignal"], app["Config"]["StopTimeout"]) == ("SIGINT", 3)
    assert set(app["Config"]["Volumes"]) == {"/etc/cfg", "/var/sock"}
    assert app["HostConfig"]["NetworkMode"] == "default"
    assert app["HostConfig"]["Binds"] == [
        f"{tmp_path}/cfg:/etc/cfg:ro",
        f"{prefix}.sock:/var/sock:rw",
    ]
    assert web["Config"]["Hostname"] == f"{prefix}-web"
    assert set(web["Config"]["ExposedPorts"]) == {"80/tcp", "443/tcp"}
    assert set(web["Config"]["Volumes"]) == {"/var/log", "/var/sock"}
    assert web["HostConfig"]["NetworkMode"] == "default"
    assert web["HostConfig"]["Binds"] == [
        f"{prefix}.log:/var/log:rw",
        f"{prefix}.sock:/var/sock:rw",
    ]
    assert web["HostConfig"]["Links"] == [f"/{prefix}.app.a:/{prefix}.web/app-a"]
    assert web["HostConfig"]["PortBindings"] == {
        "80/tcp": [{"HostIp": "", "HostPort": str(ports[0])}],
        "443/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(ports[1])}],
    }
    assert again.is_empty
    assert raw_engine.container_names(prefix) == []
    assert raw_engine.volume_names(prefix) == []


@pytest.mark.engine
async def test_volumes_host_paths_and_networks_are_made_as_their_tables_say(
    docker_url: str, raw_engine: RawEngine, prefix: str, prompt_image: str, tmp_path: Path
) -> None:
    """CFG-60 to CFG-84, each in its short forms as well."""
    assert PROMPT.endswith(prompt_image)
    written = {
        "host_root": str(tmp_path),
        "volumes": {
            "short": "/short",
            "long": {
                "default_path": "/long",
                "driver": "local",
                "driver_options": {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"},
                "create_options": {"labels": {"made": "here"}},
                "user": [70, 71],
                "permissions": "u=rwx,g=rx,o=",
            },
            "empty": None,
            "config": "/config",
            "shared": "/all",
        },
        "host": {"config": {"one": "1", "default": "/dev/shm"}, "shared": "shared"},
        "networks": {
            "plain": None,
            "closed": {"internal": True},
            "named": {
                "driver": "bridge",
                "driver_options": {"com.docker.network.bridge.enable_icc": "false"},
                "create_options": {"labels": {"made": "here"}, "attachable": True},
            },
        },
        "web": {
            "image": PROMPT,
            "attaches": ["short", "long", {"empty": "/empty"}],
            "binds": ["config", ("/direct", "direct"), "shared"],
            "networks": ["plain", "closed", "named"],
        },
        "app": {"image": PROMPT, "instances": "one", "binds": {"config": "ro"}},
    }
    engine = ClientConfiguration(base_url=docker_url)

    async with MapClient(of_yaml(prefix, written), default_client=engine) as client:
        await client.startup("__all__")
        web = raw_engine.get(f"containers/{prefix}.web/json")
        app = raw_engine.get(f"containers/{prefix}.app.one/json")
        volume = raw_engine.get(f"volumes/{prefix}.long")
        networks = {
            name: raw_engine.get(f"networks/{prefix}.{name}")
            for name in ("plain", "closed", "named")
        }
        async with MapClient(
            ContainerMap.from_dict(prefix, written), default_client=engine
        ) as other:
            again = await other.plan("startup", "__all__")
        await client.shutdown(
            ["__all__", {"config_type": "network", "config_name": "__all__"}],
            remove_attached=True,
        )

    assert web["HostConfig"]["Binds"] == [
        "/dev/shm:/config:rw",
        f"{tmp_path}/direct:/direct:rw",
        f"{tmp_path}/shared:/all:rw",
        f"{prefix}.short:/short:rw",
        f"{prefix}.long:/long:rw",
        f"{prefix}.empty:/empty:rw",
    ]
    assert app["HostConfig"]["Binds"] == [f"{tmp_path}/1:/config:ro"]
    assert volume["Driver"] == "local"
    assert volume["Options"] == {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"}
    assert volume["Labels"]["made"] == "here"
    assert set(web["NetworkSettings"]["Networks"]) == {f"{prefix}.{name}" for name in networks}
    assert [each["Internal"] for each in networks.values()] == [False, True, False]
    assert networks["named"]["Options"] == {"com.docker.network.bridge.enable_icc": "false"}
    assert networks["named"]["Labels"]["made"] == "here"
    assert networks["named"]["Attachable"] is True
    assert again.is_empty
    assert raw_engine.container_names(prefix) == []
    assert raw_engine.volume_names(prefix) == []
    assert raw_engine.network_names(prefix) == []
