"""An update never leaves less than before: failing, killed or cancelled at any step."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import anyio
import pytest
from interrupted_updates import killed_after, never_absent
from raw_engine import RawEngine
from run_partners import READS, WatchedTransport, in_virtual_time

from aiodockmap import ActionRunnerError, ContainerMap, Event, MapClient, Patience, StepStarted
from aiodockmap.engine import ApiRequest
from aiodockmap.errors import EngineUnreachable
from aiodockmap.plan import StopContainer
from aiodockmap.testing import DropAfter, DropBefore, EmbeddedEngine, Reject

pytestmark = pytest.mark.virtual_time

Landscape = dict[str, Any]

CHANGES: Final = (
    "create",
    "connect",
    "stop",
    "rename",
    "rename",
    "start",
    "exec",
    "start",
    "DELETE",
)
"""What a replacement does to the engine, in order."""


def database(image: str, level: str) -> Landscape:
    return {
        "networks": {"one": {}, "two": {}},
        "db": {
            "image": image,
            "networks": ["one", "two"],
            "exec_commands": ["/bin/touch /tmp/touched"],
            "create_options": {"environment": {"LEVEL": level}},
        },
    }


def state(raw_engine: RawEngine, name: str) -> tuple[str, bool]:
    """The id, and whether it runs."""
    found = raw_engine.get(f"containers/{name}/json")
    return found["Id"], found["State"]["Running"]


@pytest.mark.engine
async def test_an_image_that_cannot_start_brings_the_old_container_back(
    client_of: Any, raw_engine: RawEngine, prefix: str, prompt_image: str, failing_image: str
) -> None:
    """The error says why, with the last lines of the log."""
    image = f"{prefix}img"
    raw_engine.call("POST", f"images/{prompt_image}/tag", None, repo=image, tag="latest")
    landscape: Landscape = {"db": {"image": f"/{image}"}}
    try:
        async with client_of(landscape) as client:
            await client.startup("db")
            before = state(raw_engine, f"{prefix}.db")
            raw_engine.call("POST", f"images/{failing_image}/tag", None, repo=image, tag="latest")

            with pytest.raises(ActionRunnerError) as caught:
                await client.update("db")
            after = state(raw_engine, f"{prefix}.db")
    finally:
        raw_engine.remove_all(prefix)
        raw_engine.call("DELETE", f"images/{image}:latest", force="true")

    message = str(caught.value)
    assert before[1]
    assert after == before
    for words in ("exit code 3", "nothing to serve", f"old container {prefix}.db is in its place"):
        assert words in message
    assert len(caught.value.report.rescues) == 1


@pytest.mark.engine
async def test_what_failed_is_the_old_one_and_all_else_is_new(
    client_of: Any, raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """Several replacements, of which one in the middle fails."""
    image = f"/{prompt_image}"
    landscape: Landscape = {
        "networks": {"net": {}},
        "first": {"image": image, "networks": "net"},
        "middle": {"image": image, "networks": {"net": {"links": "first"}}},
        "last": {"image": image, "networks": {"net": {"links": "middle"}}},
        "aside": {"image": image},
    }
    names = ("first", "middle", "last", "aside")
    wanted = {**landscape}
    for name in names:
        wanted[name] = {**landscape[name], "create_options": {"environment": {"LEVEL": "2"}}}
    wanted["middle"]["create_options"]["command"] = ["/bin/sh", "-c", "exit 3"]
    async with client_of(landscape) as client:
        await client.startup("__all__")
    before = {name: state(raw_engine, f"{prefix}.{name}") for name in names}

    async with client_of(wanted) as client:
        report = await client.update("__all__", raise_on_error=False)

    after = {name: state(raw_engine, f"{prefix}.{name}") for name in names}
    assert not report.ok
    assert all(is_running for _, is_running in after.values())
    # What depends on the one that failed is as it was.
    assert {name for name in names if before[name] == after[name]} == {"middle", "last"}
    assert raw_engine.container_names(prefix) == sorted(f"{prefix}.{name}" for name in names)


@pytest.mark.engine
@pytest.mark.parametrize("number", range(len(CHANGES) + 1))
async def test_an_update_that_was_killed_is_finished_by_the_next_one(
    client_of: Any,
    docker_url: str,
    raw_engine: RawEngine,
    prefix: str,
    prompt_image: str,
    number: int,
) -> None:
    """After each of its changes, by a real SIGKILL; and the container is there all the time."""
    name, wanted = f"{prefix}.db", database(f"/{prompt_image}", "new")
    async with client_of(database(f"/{prompt_image}", "old")) as client:
        await client.startup("db")

    with never_absent(docker_url, name):
        made, was_killed = await anyio.to_thread.run_sync(
            killed_after, number, docker_url, prefix, wanted
        )
        async with client_of(wanted, patience=Patience(others=0)) as client:
            await client.update("db")
            again = await client.plan("update", "db", check_exec_commands="none")

    assert was_killed
    assert len(made) == number
    assert all(word in call for word, call in zip(CHANGES, made, strict=False)), made
    assert raw_engine.container_names(prefix) == [name]
    found = raw_engine.get(f"containers/{name}/json")
    assert found["State"]["Running"]
    assert "LEVEL=new" in found["Config"]["Env"]
    assert set(found["NetworkSettings"]["Networks"]) == {f"{prefix}.one", f"{prefix}.two"}
    assert again.is_empty, again.render()


@pytest.mark.engine
async def test_a_killed_update_that_nobody_wants_any_more_is_undone(
    client_of: Any, docker_url: str, raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """The old container is as the map has it again: it comes back, with what ran in it."""
    name, wanted = f"{prefix}.db", database(f"/{prompt_image}", "old")
    async with client_of(wanted, patience=Patience(others=0)) as client:
        await client.startup("db")
        before, _ = state(raw_engine, name)
        new = database(f"/{prompt_image}", "new")
        await anyio.to_thread.run_sync(killed_after, 4, docker_url, prefix, new)

        report = await client.update("db")

    assert state(raw_engine, name) == (before, True)
    assert raw_engine.container_names(prefix) == [name]
    done = [str(step).partition(" ")[2].partition(" ")[0] for step in report.plan.steps]
    assert done == ["remove", "exec"]


# Cancellation, on the embedded engine, where it is cheap to try every step.


def followers(level: str) -> ContainerMap:
    image = "site-example:latest"
    return ContainerMap(
        "m",
        {
            "networks": {"net": {}},
            "owner": {
                "image": image,
                "networks": "net",
                "shares": "/scratch",
                "create_options": {"environment": {"LEVEL": level}},
            },
            "stack": {"image": image, "network_mode": "owner"},
            "user": {"image": image, "uses": "owner"},
        },
    )


def up(engine: EmbeddedEngine) -> dict[str, bool]:
    return {
        name: (engine.container(name) or {})["State"]["Running"]
        for name in engine.container_names()
    }


RELEASES = pytest.mark.parametrize("release", EmbeddedEngine.releases)


async def cancelled_at(number: int, release: str) -> bool:
    """Cancel an update as the step of that number begins; tells whether there is such a step."""
    engine = EmbeddedEngine(release=release)
    async with MapClient(followers("old"), default_client=engine.transport()) as client:
        await client.startup("__all__")
    all_up = up(engine)

    with anyio.CancelScope() as scope:

        def cancel_at_the_step(event: Event) -> None:
            if isinstance(event, StepStarted) and event.step.id == number:
                scope.cancel()

        async with MapClient(
            followers("new"), default_client=engine.transport(), on_event=cancel_at_the_step
        ) as client:
            await client.update("__all__")

    assert all(all_up.values())
    assert up(engine) == all_up, f"cancelled at step {number}"
    async with MapClient(followers("new"), default_client=engine.transport()) as client:
        await client.update("__all__")
        again = await client.plan("update", "__all__")
    assert up(engine) == all_up
    assert again.is_empty, again.render()
    return scope.cancelled_caught


def test_a_stop_that_was_cancelled_before_the_engine_was_asked_is_not_waited_for() -> None:
    """The container ignores SIGTERM, and would take all of its hour to end."""
    in_virtual_time(cancelled_before_the_stop)


async def cancelled_before_the_stop() -> None:
    engine = EmbeddedEngine()
    patience = Patience(interrupted_replacement=7200)
    old, new = (
        ContainerMap(
            "m",
            {
                "db": {
                    **database("site-example:latest", level)["db"],
                    "networks": [],
                    "stop_timeout": 3600,
                }
            },
        )
        for level in ("old", "new")
    )
    async with MapClient(old, default_client=engine.transport()) as client:
        await client.startup("__all__")
    before = up(engine)

    with anyio.CancelScope() as scope:

        def cancel_at_the_stop(event: Event) -> None:
            if isinstance(event, StepStarted) and isinstance(event.step.action, StopContainer):
                scope.cancel()

        async with MapClient(
            new, default_client=engine.transport(), on_event=cancel_at_the_stop, patience=patience
        ) as client:
            began = anyio.current_time()
            await client.update("__all__")

    assert scope.cancelled_caught
    assert up(engine) == before
    assert anyio.current_time() - began < 60


@pytest.mark.parametrize("name", ["m.owner", "m.stack", "m.user"])
def test_a_stop_that_fails_after_it_was_done_is_taken_back(name: str) -> None:
    """The answer is lost: nobody knows whether the container runs, and all of them do in the end."""
    in_virtual_time(partial(lost_answer_to_a_stop, name))


async def lost_answer_to_a_stop(name: str) -> None:
    engine = EmbeddedEngine()
    async with MapClient(followers("old"), default_client=engine.transport()) as client:
        await client.startup("__all__")
    before = up(engine)
    engine.fail("POST /containers/*/stop", DropAfter(), name=name, at=1)

    async with MapClient(followers("new"), default_client=engine.transport()) as client:
        report = await client.update("__all__", raise_on_error=False)

    assert [str(step.resource) for step in report.failed] == [f"container {name}"]
    assert all(before.values())
    assert up(engine) == before


@RELEASES
def test_an_update_that_is_cancelled_at_any_step_leaves_all_of_them_running(release: str) -> None:
    """Followers of a network stack and of volumes among them; the next one finishes the job."""
    number = 1
    while True:
        if not in_virtual_time(partial(cancelled_at, number, release)):
            break
        number += 1
    assert number > 15  # five steps for each of three replacements


@pytest.mark.parametrize("before", [(), ("/bin/sleep 500",)], ids=["without", "with"])
async def test_what_an_engine_set_aside_too_late_is_brought_back_and_has_its_command_once(
    before: tuple[str, ...],
) -> None:
    """As a change of names does that a cancelled run waited for no longer, and took back."""
    engine = EmbeddedEngine()
    transport = engine.transport()

    def landscape(*commands: str) -> ContainerMap:
        execs = [{"cmd": each, "detach": True, "policy": "restart"} for each in commands]
        return ContainerMap("m", {"web": {"image": "site-example", "exec_commands": execs}})

    async with MapClient(landscape(*before), default_client=transport) as client:
        await client.startup("web")
    await transport.request(
        ApiRequest(
            method="POST",
            path="containers/m.web/rename",
            query={"name": "m.web.aiodockmap-old"},
        )
    )
    async with MapClient(landscape("/bin/sleep 500"), default_client=engine.transport()) as client:
        await client.update("web")

    assert engine.container_names() == ["m.web"]
    assert [each.call.rpartition("/")[2] for each in engine.calls].count("exec") == 1


@RELEASES
async def test_a_container_that_is_removing_itself_is_replaced(release: str) -> None:
    """Docker 28.5 looks for the files of a container that it renames, and may have removed them already."""
    engine = EmbeddedEngine(release=release)

    def landscape(level: str) -> ContainerMap:
        web = {
            "image": "site-example:latest",
            "create_options": {"environment": {"LEVEL": level}},
            "host_config": {"auto_remove": True},
            "stop_timeout": 0,
        }
        return ContainerMap("m", {"web": web})

    async with MapClient(landscape("old"), default_client=engine.transport()) as client:
        await client.startup("web")
        old = engine.container("m.web")
    said = "invalid output path: stat /d/containers/7dedf31915e9: no such file or directory"
    refused = engine.fail("POST /containers/*/rename", Reject(500, said), at=1)

    async with MapClient(landscape("new"), default_client=engine.transport()) as client:
        await client.update("web")
        again = await client.plan("update", "web")

    new = engine.container("m.web")
    assert refused.hits == 1
    assert old is not None
    assert new is not None
    assert new["Id"] != old["Id"]
    assert engine.container_names() == ["m.web"]
    assert again.is_empty, again.render()


async def cut_off_after(changes: int, release: str) -> bool:
    """Let an update lose its engine after so many changes; tells whether there are so many."""
    engine = EmbeddedEngine(release=release)
    async with MapClient(followers("old"), default_client=engine.transport()) as client:
        await client.startup("__all__")
    all_up = up(engine)
    way = WatchedTransport(engine.transport())

    async def after(request: ApiRequest) -> None:
        if len(way.changes) >= changes and request.method not in READS:
            engine.fail("*", DropBefore())

    way.after = after
    async with MapClient(followers("new"), default_client=way) as client:
        try:
            report = await client.update("__all__", raise_on_error=False)
        except EngineUnreachable:
            is_cut_off = True
        else:
            is_cut_off = not report.ok
    engine.heal()

    async with MapClient(followers("new"), default_client=engine.transport()) as client:
        await client.update("__all__")
        again = await client.plan("update", "__all__")
    assert up(engine) == all_up, f"cut off after {changes} changes"
    assert again.is_empty, again.render()
    for name in all_up:
        is_new = "LEVEL=new" in ((engine.container(name) or {})["Config"]["Env"] or ())
        assert is_new == (name == "m.owner")
    return is_cut_off


@RELEASES
def test_an_update_that_was_cut_off_from_its_engine_is_finished_by_the_next_one(
    release: str,
) -> None:
    """After any change, with followers: what is half done is taken up in the right order."""
    changes = 1
    while True:
        if not in_virtual_time(partial(cut_off_after, changes, release)):
            break
        changes += 1
    assert changes > 15  # at least six for each of three replacements
