"""What goes wrong is said clearly: the very texts of the page about errors, which is read here.

A case of the page is a map and, below it, what is said about it. On the page, the map is called `shop`, and
ports and addresses are round numbers; a test puts its own in, and takes them out of what is said.
"""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import SystemRandom

import anyio.to_thread
import pytest
from attrs import frozen
from click.testing import CliRunner, Result
from raw_engine import RawEngine

from aiodockmap import ContainerMap, MapClient, load_map, load_map_file, load_yaml
from aiodockmap.cli._commands import command_line
from aiodockmap.errors import (
    ActionRunnerError,
    AioDockMapError,
    ContainerFailed,
    EngineError,
    EngineUnreachable,
    ImagePullError,
    MapError,
    OptionError,
    PlanningError,
    ResourceConflict,
    SelectionError,
)

PAGE = Path(__file__).parents[2] / "docs/how-to/errors.md"

NOWHERE = "unix:///var/run/nowhere.sock"


@frozen
class Case:
    """A map of the page, and what the page says about it."""

    heading: str
    written: str
    said: str


def cases(chapter: str) -> list[Case]:
    """The cases of a chapter, in order."""
    (body,) = re.findall(
        rf"^## {chapter}\n(.*?)(?=^## |\Z)",
        PAGE.read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    found = []
    for section in re.split(r"^### ", body, flags=re.MULTILINE)[1:]:
        heading = section.partition("\n")[0]
        maps = section.count("```yaml\n")
        pairs = re.findall(r"```yaml\n(.*?)```\n\n```text\n(.*?)\n```", section, re.DOTALL)
        assert len(pairs) == maps, (
            f"{heading}: a map without a text, or with one that is not next to it"
        )
        found += [Case(heading, *pair) for pair in pairs]
    return found


def case(heading: str) -> Case:
    """The only case below a heading."""
    (found,) = [
        each
        for chapter in ("Wrong on the engine", "Wrong during a run")
        for each in cases(chapter)
        if each.heading == heading
    ]
    return found


def parameters(chapter: str) -> list[object]:
    return [
        pytest.param(each, id=f"{each.heading} {number}")
        for number, each in enumerate(cases(chapter), 1)
    ]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command_line, arguments)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which files have short names, and no engine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    return tmp_path


# What the map says wrongly


@pytest.mark.parametrize("wrong", parameters("Wrong in the map"))
def test_a_wrong_map_is_refused_when_it_is_loaded_with_the_text_of_the_page(
    wrong: Case, folder: Path
) -> None:
    (folder / "shop.yaml").write_text(wrong.written, encoding="utf-8")

    validated = run("validate", "shop.yaml")
    started = run("startup", "shop.yaml")
    with pytest.raises(MapError) as caught:
        load_map_file("shop.yaml")

    assert str(caught.value) == wrong.said
    assert validated.stderr == f"{wrong.said}\n"
    # The code of an engine that is not there is another: none was asked.
    assert started.stderr == f"error: {wrong.said}\n"
    assert (validated.exit_code, started.exit_code) == (2, 2)


@pytest.mark.parametrize("wrong", parameters("Wrong for an engine"))
async def test_what_no_engine_can_do_is_refused_before_one_is_asked(
    wrong: Case, folder: Path
) -> None:
    (folder / "shop.yaml").write_text(wrong.written, encoding="utf-8")
    (folder / "clients.yaml").write_text("{__default__: }\n", encoding="utf-8")

    validated = run("validate", "shop.yaml", "--clients", "clients.yaml")
    async with MapClient(load_map(wrong.written)) as client:
        with pytest.raises(MapError) as caught:
            await client.startup("__all__")

    assert str(caught.value).replace("map 'shop'", "shop.yaml", 1) == wrong.said
    assert validated.stderr == f"{wrong.said}\n"
    assert validated.exit_code == 2


ONLY_IN_YAML = (
    "No YAML",
    "Numbers that YAML reads in its own way",
    "A name that occurs twice",
    "Names that engines refuse",
)
"""What a dict cannot say; and the last is about the name of the map, too, which is no part of a dict."""


def test_the_same_problems_are_found_in_dicts(folder: Path) -> None:
    """A dict has no lines; all else is the same, and all of it comes at once."""
    assert folder.exists()
    for wrong in cases("Wrong in the map"):
        if wrong.heading in ONLY_IN_YAML:
            continue
        with pytest.raises(MapError) as of_yaml:
            load_map(wrong.written)
        with pytest.raises(MapError) as of_dict:
            ContainerMap.from_dict("shop", _as_dict(wrong.written))

        assert type(of_dict.value) is type(of_yaml.value)
        # A document tells them line by line, a dict part by part.
        assert sorted(str(each) for each in of_dict.value.problems) == sorted(
            re.sub(r" \(line \d+\)", "", str(each)) for each in of_yaml.value.problems
        )


def _as_dict(text: str) -> dict[str, object]:
    document = load_yaml(text)
    assert isinstance(document, dict)
    del document["name"]
    return document


# What the engine has, or lacks


@frozen(kw_only=True)
class Reader:
    """Somebody who does what the page shows, beside others who do the same."""

    folder: Path
    """Where the map is."""
    name: str
    """Instead of `shop`."""
    port: str
    """Instead of 8080, and of the 5000 of a registry."""
    network: str
    """Instead of 172.30."""
    engine: RawEngine | None = None

    def puts_in(self, text: str) -> str:
        for shown, own in self._exchanged.items():
            text = text.replace(shown, own)
        return text.replace("name: shop", f"name: {self.name}")

    def reads(self, text: str) -> str:
        for shown, own in self._exchanged.items():
            text = text.replace(own, shown)
        # The engine's own identity of what is at the end of a wire.
        return re.sub(r"\b[0-9a-f]{64}\b", "7d1ca4…", text.replace(self.name, "shop"))

    @property
    def _exchanged(self) -> Mapping[str, str]:
        return {
            "127.0.0.1:5000": f"127.0.0.1:{self.port}",
            "8080": self.port,
            "172.30": self.network,
        }


@pytest.fixture
def reader(
    docker_url: str,
    raw_engine: RawEngine,
    prefix: str,
    example_image: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Reader:
    """A reader with an engine, and with the image of the page."""
    assert example_image == "site-example:latest"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCKER_HOST", docker_url)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    network = f"10.{SystemRandom().randrange(160, 200)}"
    return Reader(folder=tmp_path, name=prefix, port=str(port), network=network, engine=raw_engine)


async def said_by_both(
    shown: Case, reader: Reader, error: type[AioDockMapError]
) -> tuple[AioDockMapError, int]:
    """Do it by the API and by the command, and compare what they say with the page."""
    text = reader.puts_in(shown.written)
    (reader.folder / "shop.yaml").write_text(text, encoding="utf-8")
    async with MapClient(load_map(text)) as client:
        with pytest.raises(error) as caught:
            await client.startup("__all__")
    if reader.engine is not None:  # the command finds what the API found
        reader.engine.call("DELETE", f"containers/{reader.name}.web", force="true")
    commanded = await anyio.to_thread.run_sync(run, "startup", "shop.yaml")

    assert reader.reads(str(caught.value)) == shown.said
    assert reader.reads(commanded.stderr).endswith(f"error: {shown.said}\n")
    return caught.value, commanded.exit_code


async def test_an_engine_that_is_not_there_is_told_with_its_address(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", NOWHERE)
    reader = Reader(folder=folder, name="shop", port="8080", network="172.30")

    error, code = await said_by_both(case("No engine"), reader, EngineUnreachable)

    assert code == 3
    assert isinstance(error, EngineError)


@pytest.mark.engine
async def test_a_port_that_a_container_has_is_told_before_anything_is_changed(
    reader: Reader, raw_engine: RawEngine
) -> None:
    holder = f"{reader.name}-other"
    ports = {"80/tcp": [{"HostPort": reader.port}]}
    status, _ = raw_engine.call(
        "POST",
        "containers/create",
        {
            "Image": "site-example",
            "ExposedPorts": {"80/tcp": {}},
            "HostConfig": {"PortBindings": ports},
        },
        name=holder,
    )
    assert status == 201
    assert raw_engine.call("POST", f"containers/{holder}/start")[0] == 204

    _, code = await said_by_both(case("A port that another container has"), reader, PlanningError)

    assert code == 2
    assert raw_engine.container_names(reader.name) == [holder]


@pytest.mark.engine
async def test_a_range_of_addresses_that_overlaps_is_told_before_anything_is_changed(
    reader: Reader, raw_engine: RawEngine
) -> None:
    other = f"{reader.name}-other"
    ipam = {"Config": [{"Subnet": f"{reader.network}.5.0/24"}]}
    assert raw_engine.call("POST", "networks/create", {"Name": other, "IPAM": ipam})[0] == 201

    _, code = await said_by_both(case("A range of addresses that overlaps"), reader, PlanningError)

    assert code == 2
    assert raw_engine.container_names(reader.name) == []
    assert raw_engine.network_names(reader.name) == [other]


@pytest.mark.engine
async def test_an_image_that_is_not_there_is_told_and_nothing_is_made_of_it(
    reader: Reader, raw_engine: RawEngine
) -> None:
    with empty_registry(int(reader.port)):
        error, code = await said_by_both(
            case("An image that is not there"), reader, ActionRunnerError
        )

    assert isinstance(error, ActionRunnerError)
    assert [type(cause) for cause in error.exceptions] == [ImagePullError]
    assert code == 1
    assert raw_engine.container_names(reader.name) == []


@pytest.mark.engine
async def test_a_port_that_a_process_has_is_told_with_the_way_out(
    reader: Reader, raw_engine: RawEngine
) -> None:
    with socket.socket() as process:
        process.bind(("127.0.0.1", int(reader.port)))
        process.listen()
        error, code = await said_by_both(
            case("A port that a process has"), reader, ActionRunnerError
        )

    assert isinstance(error, ActionRunnerError)
    assert [type(cause) for cause in error.exceptions] == [ResourceConflict]
    assert code == 1
    assert raw_engine.container_names(reader.name) == [f"{reader.name}.web"]


@pytest.mark.engine
async def test_a_container_that_dies_is_told_with_its_last_words(reader: Reader) -> None:
    error, code = await said_by_both(case("A container that dies"), reader, ActionRunnerError)

    assert isinstance(error, ActionRunnerError)
    assert [type(cause) for cause in error.exceptions] == [ContainerFailed]
    assert code == 1


class _EmptyRegistry(BaseHTTPRequestHandler):
    """What a registry answers that has no image."""

    def do_GET(self) -> None:
        found = self.path == "/v2/"
        errors = [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]
        body = json.dumps({} if found else {"errors": errors}).encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815  # the names of the base class

    def log_message(self, *_: object) -> None: ...


@contextmanager
def empty_registry(port: int) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", port), _EmptyRegistry) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


# What is asked for wrongly


SHOP = "{name: shop, groups: {front: [web]}, web: {image: nginx}, app: {image: nginx, instances: [one]}}"


@pytest.mark.parametrize(
    ("ask", "error", "said"),
    [
        pytest.param(
            lambda client: client.startup("wep"),
            SelectionError,
            "no container 'wep' on map 'shop'; did you mean 'web'?",
            id="container",
        ),
        pytest.param(
            lambda client: client.startup("database"),
            SelectionError,
            "no container 'database' on map 'shop'; there are 'web', 'app', 'front'",
            id="container-unlike-any",
        ),
        pytest.param(
            lambda client: client.startup("app.one"),
            SelectionError,
            "no map 'app' (for 'one'); for an instance write 'shop.app.one'",
            id="instance-without-map",
        ),
        pytest.param(
            lambda client: client.shutdown("web", remove_atached=True),
            OptionError,
            "shutdown() takes no option 'remove_atached'; did you mean 'remove_attached'?",
            id="option",
        ),
        pytest.param(
            lambda client: client.create("web", enviroment={}),
            OptionError,
            "enviroment: there is no such option (did you mean 'environment'?)",
            id="create-keyword",
        ),
        pytest.param(
            lambda client: client.plan("strat", "web"),
            OptionError,
            "no action is named 'strat'; known: create, start, restart, stop, remove, startup, shutdown, "
            "update, signal, pull_images, script (did you mean 'start'?)",
            id="action",
        ),
    ],
)
async def test_what_is_asked_for_wrongly_is_told_with_what_was_meant(
    ask: Callable[[MapClient], Awaitable[object]],
    error: type[AioDockMapError],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", NOWHERE)
    async with MapClient(load_map(SHOP)) as client:
        with pytest.raises(error) as caught:
            await ask(client)

    assert str(caught.value) == said
