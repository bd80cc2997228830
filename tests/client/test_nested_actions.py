"""Coroutines of registered actions that begin runs of their own: places, circles, cancellation (CALL-2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import pytest
from anyio import Event, create_task_group, fail_after, move_on_after, sleep

from aiodockmap import (
    ActionFailed,
    ActionRunnerError,
    ContainerAction,
    ContainerHandle,
    ContainerMap,
    Limits,
    MapClient,
)
from aiodockmap.testing import EmbeddedEngine

pytestmark = pytest.mark.virtual_time

IMAGE = "site-example:latest"
SITE = ContainerMap.from_dict(
    "m",
    {
        "containers": {
            "db": {"image": IMAGE},
            "web": {"image": IMAGE, "instances": ["a", "b", "c"]},
        }
    },
)
LONG = 3600
"""Seconds of virtual time: whoever has not ended by then never will."""


class Working:
    """How many coroutines work, and do not wait for others, at the same time."""

    def __init__(self) -> None:
        self.now = self.most = 0

    async def work(self, seconds: float = 1.0) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await sleep(seconds)
        self.now -= 1


def client_with(
    custom: int,
    actions: Mapping[str, Callable[..., Awaitable[object]]],
    landscape: ContainerMap = SITE,
) -> MapClient:
    return MapClient(
        landscape,
        default_client=EmbeddedEngine().transport(),
        actions={name: ContainerAction(run) for name, run in actions.items()},
        limits=Limits(custom=custom),
    )


@pytest.mark.parametrize("custom", [1, 2])
async def test_actions_that_call_each_other_end_with_one_place(custom: int) -> None:
    """Two levels deep, for more containers than there are places; the limit holds for those that work."""
    working = Working()

    async def outer(container: ContainerHandle) -> list[object]:
        await working.work()
        report = await client.call("middle", "web", container.item.instance)
        await working.work()
        return [each.result for each in report.results]

    async def middle(_: ContainerHandle) -> int:
        await working.work()
        report = await client.call("inner", "db")
        await working.work()
        return len(report.results)

    async def inner(container: ContainerHandle) -> str:
        await working.work()
        return container.id.name

    client = client_with(custom, {"outer": outer, "middle": middle, "inner": inner})
    async with client:
        await client.startup("__all__")
        with fail_after(LONG):
            report = await client.call("outer", "web")

    assert [each.result for each in report.results] == [[1]] * 3
    assert working.most == custom


async def test_one_coroutine_may_begin_several_runs_at_once() -> None:
    """Its place is given back once, and it has one again when the last of them is over."""
    working = Working()

    async def outer(_: ContainerHandle) -> None:
        async with create_task_group() as tasks:
            for name in "abc":
                tasks.start_soon(call_inner, name)
        await working.work()

    async def call_inner(name: str) -> None:
        await client.call("inner", "web", name)

    async def inner(_: ContainerHandle) -> None:
        await working.work()

    client = client_with(1, {"outer": outer, "inner": inner})
    async with client:
        await client.startup("__all__")
        with fail_after(LONG):
            await client.call("outer", "db")
            await client.call("inner", "__all__")

    assert working.most == 1


async def test_a_nested_run_that_fails_is_the_outer_ones_to_judge() -> None:
    working = Working()

    async def outer(_: ContainerHandle) -> str:
        with pytest.raises(ActionRunnerError):
            await client.call("inner", "db")
        await working.work()
        return "went on"

    async def inner(_: ContainerHandle) -> None:
        raise LookupError("nothing here")

    client = client_with(1, {"outer": outer, "inner": inner})
    async with client:
        await client.startup("__all__")
        with fail_after(LONG):
            report = await client.call("outer", "web")

    assert [each.result for each in report.results] == ["went on"] * 3
    assert working.most == 1


@pytest.mark.parametrize("levels", [1, 2])
async def test_places_are_free_again_after_nested_runs_were_cancelled(levels: int) -> None:
    """From outside, or by the coroutine itself, which goes on."""
    working = Working()
    waits = Event()

    async def outer(_: ContainerHandle) -> None:
        await client.call("endless" if levels == 1 else "middle", "db")

    async def middle(_: ContainerHandle) -> None:
        await client.call("endless", "web", "a")

    async def endless(_: ContainerHandle) -> None:
        waits.set()
        await Event().wait()

    async def impatient(_: ContainerHandle) -> str:
        with move_on_after(1):
            await client.call("endless", "db")
        return "went on"

    async def short(_: ContainerHandle) -> None:
        await working.work()

    actions = {
        "outer": outer,
        "middle": middle,
        "endless": endless,
        "impatient": impatient,
        "short": short,
    }
    client = client_with(1, actions)
    async with client:
        await client.startup("__all__")
        with fail_after(LONG):
            async with create_task_group() as tasks:
                tasks.start_soon(client.call, "outer", "web")
                await waits.wait()
                tasks.cancel_scope.cancel()
            left_alone = await client.call("impatient", "web")
            await client.call("short", "__all__")

    assert [each.result for each in left_alone.results] == ["went on"] * 3
    assert working.most == 1


@pytest.mark.parametrize("circle", [2, 3])
async def test_actions_that_wait_for_each_others_containers_are_an_error(circle: int) -> None:
    """The one that closes the circle fails, and the others go on."""
    names = "abc"[:circle]
    all_begun, begun = Event(), list[str]()

    async def restart_next(container: ContainerHandle) -> str:
        instance = container.item.instance or ""
        begun.append(instance)
        if len(begun) == circle:
            all_begun.set()
        await all_begun.wait()
        following = names[(names.index(instance) + 1) % circle]
        report = await client.restart("web", following)
        return "restarted" if report.ok else "?"

    client = client_with(8, {"restart_next": restart_next})
    async with client:
        await client.startup("__all__")
        with fail_after(LONG), pytest.raises(ActionRunnerError) as failure:
            await client.call("restart_next", "web", list(names))

    [cause] = failure.value.exceptions
    assert isinstance(cause, ActionFailed)
    assert "an action that is working on it waits for container m.web." in str(cause)
    assert [each.result for each in failure.value.report.results] == ["restarted"] * (circle - 1)


async def test_two_runs_that_want_one_container_take_turns() -> None:
    """Waiting for a container whose action waits for nothing of ours is no circle."""
    working = Working()

    async def bounce_db(_: ContainerHandle) -> bool:
        report = await client.call("slow", "db")
        return report.ok

    async def slow(_: ContainerHandle) -> None:
        await working.work()

    client = client_with(8, {"bounce_db": bounce_db, "slow": slow})
    async with client:
        await client.startup("__all__")
        with fail_after(LONG):
            report = await client.call("bounce_db", "web")

    assert [each.result for each in report.results] == [True] * 3
    assert working.most == 1
