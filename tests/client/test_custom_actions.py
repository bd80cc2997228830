"""Actions that a user registers: functions that plan, coroutines per container, compositions (CALL)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from textwrap import dedent
from typing import Any

import pytest
from anyio import Event, get_cancelled_exc_class, move_on_after
from raw_engine import RawEngine
from run_partners import Log, WatchedTransport, words

from aiodockmap import (
    ActionFailed,
    ActionRunnerError,
    ActionTypeError,
    CompositeAction,
    ContainerAction,
    ContainerHandle,
    ContainerMap,
    Direction,
    Interrupted,
    Landscape,
    Limits,
    MapClient,
    OptionError,
    PlannedAction,
    PlanningError,
    PlanOutdated,
    ProposedStep,
    StepProgressed,
    StepStarted,
    method_actions,
)
from aiodockmap.testing import Behaviour, EmbeddedEngine, Reject

pytestmark = pytest.mark.virtual_time

IMAGE = "site-example:latest"
SITE = ContainerMap.from_dict(
    "m",
    {
        "containers": {
            "db": {"image": IMAGE, "stop_timeout": 3},
            "web": {"image": IMAGE, "links": ["db"], "instances": ["a", "b"]},
        },
        "networks": {"front": {}},
    },
)


@pytest.fixture
def engine() -> EmbeddedEngine:
    return EmbeddedEngine()


def client_with(engine: EmbeddedEngine, actions: Mapping[str, Any], **settings: Any) -> MapClient:
    return MapClient(SITE, default_client=engine.transport(), actions=actions, **settings)


def rolling_restart(landscape: Landscape, *, pause: float = 0.0) -> Iterator[ProposedStep]:
    """Restart what runs, one container after the other."""
    before: tuple[ProposedStep, ...] = ()
    for container in landscape.selected:
        if container.is_up:
            yield landscape.stop(container, "it is its turn", after=before)
            yield landscape.start(container, "it was stopped")
            before = (landscape.wait(container, "before the next one", pause),)
            yield from before


ROLLING = {"rolling_restart": PlannedAction(rolling_restart)}


# A function that plans


async def test_a_function_plans_steps_like_any_others(engine: EmbeddedEngine) -> None:
    """CALL-2: order, reasons and ids are those of an ordinary plan."""
    async with client_with(engine, ROLLING) as client:
        await client.startup("web")
        plan = await client.plan("rolling_restart", "web", pause=2)

    assert plan.action == "rolling_restart"
    assert plan.render() == dedent("""\
        #1 stop container m.web.a: it is its turn
        #2 start container m.web.a: it was stopped [after #1]
        #3 wait 2 s for container m.web.a: before the next one [after #2]
        #4 stop container m.web.b: it is its turn [after #3]
        #5 start container m.web.b: it was stopped [after #4]
        #6 wait 2 s for container m.web.b: before the next one [after #5]""")
    assert plan.to_dict()["action"] == "rolling_restart"


async def test_it_is_carried_out_by_call_and_watched_by_stream(engine: EmbeddedEngine) -> None:
    """CALL-1: keyword arguments are handed on; events and reports are those of any run."""
    log = Log()
    async with client_with(engine, ROLLING, on_event=log) as client:
        await client.startup("web")
        log.events.clear()
        called = await client.call("rolling_restart", "web", pause=1)
        log.check_shape()
        async with client.stream("rolling_restart", "web", "a") as run:
            watched = [words(event.step) async for event in run if isinstance(event, StepStarted)]

    assert called.ok
    assert called.seconds >= 2
    assert [str(each) for each in called.changed] == ["container m.web.a", "container m.web.b"]
    assert called.to_dict()["action"] == "rolling_restart"
    assert watched == [
        "stop container m.web.a",
        "start container m.web.a",
        "wait 0 s for container m.web.a",
    ]
    assert run.report is not None
    assert run.report.ok


async def test_a_plan_of_a_function_is_applied_and_refused_when_the_world_moved(
    engine: EmbeddedEngine,
) -> None:
    async with client_with(engine, ROLLING) as client:
        await client.startup("web")
        plan = await client.plan("rolling_restart", "web")
        assert (await client.apply(plan)).ok
        await client.shutdown("web")
        await client.startup("web")

        with pytest.raises(PlanOutdated, match=r"m\.web\.a"):
            await client.apply(plan)


async def test_a_function_sees_what_its_direction_says(engine: EmbeddedEngine) -> None:
    """CALL-2, ACT-69: single items, dependencies, dependants; nothing else is touched."""
    seen: dict[str, tuple[list[str], list[str]]] = {}

    def look(landscape: Landscape) -> tuple[ProposedStep, ...]:
        seen[landscape.action] = (
            [each.id.name for each in landscape.containers],
            [each.id.name for each in landscape.selected],
        )
        return ()

    actions = {each.name.lower(): PlannedAction(look, each) for each in Direction}
    async with client_with(engine, actions) as client:
        assert (await client.plan("item", "db")).is_empty
        await client.plan("forward", "web", "a")
        await client.plan("reverse", "db")

    assert seen == {
        "item": (["m.db"], ["m.db"]),
        "forward": (["m.db", "m.web.a"], ["m.web.a"]),
        "reverse": (["m.web.a", "m.web.b", "m.db"], ["m.db"]),
    }


async def test_all_kinds_of_steps_can_be_asked_for(engine: EmbeddedEngine) -> None:
    def all_kinds(landscape: Landscape) -> Iterator[ProposedStep]:
        db, web = landscape.needed_by(landscape.selected[0])[0], landscape.selected[0]
        told = landscape.exec(web, "to tell it", ["/bin/true", "secret"], user="1000")
        signalled = landscape.signal(db, "to wake it up", signal="HUP", after=[told])
        yield landscape.stop(web, "because", timeout=1, after=[signalled])
        yield landscape.stop(db, "because")
        yield landscape.remove(web, "for good")

    actions = {"all_kinds": PlannedAction(all_kinds, Direction.FORWARD)}
    async with client_with(engine, actions) as client:
        await client.startup("web")
        plan = await client.plan("all_kinds", "web", "a")
        await client.apply(plan)

    assert plan.render() == dedent("""\
        #1 exec /bin/true in container m.web.a as 1000: to tell it
        #2 send HUP to container m.db: to wake it up [after #1]
        #3 stop container m.web.a within 1 s: because [after #1 #2]
        #4 stop container m.db within 3 s: because [after #2]
        #5 remove container m.web.a: for good [after #3]""")
    assert engine.container_names() == ["m.db", "m.web.b"]


async def test_a_failed_step_blocks_what_waits_for_it(engine: EmbeddedEngine) -> None:
    async with client_with(engine, ROLLING) as client:
        await client.startup("web")
        engine.fail("POST /containers/*/start", Reject(500, "no"), name="m.web.a")

        with pytest.raises(
            ActionRunnerError, match=r"rolling_restart: 1 of 6 steps failed, 4 blocked"
        ):
            await client.call("rolling_restart", "web")


@pytest.mark.parametrize(
    ("propose", "error", "said"),
    [
        pytest.param(
            lambda landscape: [landscape.stop(landscape.selected[0], "x")],
            PlanningError,
            "cannot stop container m.db: it does not exist",
            id="absent",
        ),
        pytest.param(
            lambda landscape: [
                landscape.wait(landscape.selected[0], "x", 1),
                landscape.stop("m.db", "x"),
            ],
            ActionTypeError,
            "for containers of the landscape, not for 'm.db'",
            id="text-as-container",
        ),
        pytest.param(
            lambda _: ["stop"], ActionTypeError, "returns steps, not a str", id="text-as-step"
        ),
        pytest.param(lambda _: None, ActionTypeError, "returns steps, not a NoneType", id="none"),
    ],
)
async def test_what_a_function_gets_wrong_is_an_error_of_ours(
    engine: EmbeddedEngine, propose: Any, error: type[Exception], said: str
) -> None:
    """ERR-10; nothing has been changed."""
    transport = WatchedTransport(engine.transport())
    async with MapClient(
        SITE, default_client=transport, actions={"odd": PlannedAction(propose)}
    ) as client:
        with pytest.raises(error, match=said):
            await client.call("odd", "db")

    assert transport.changes == []


async def test_nothing_can_follow_a_removal(engine: EmbeddedEngine) -> None:
    def odd(landscape: Landscape) -> list[ProposedStep]:
        [db] = landscape.selected
        return [landscape.remove(db, "x"), landscape.start(db, "x")]

    async with client_with(engine, {"odd": PlannedAction(odd)}) as client:
        await client.create("db")
        with pytest.raises(PlanningError, match=r"comes after the removal of container m\.db"):
            await client.plan("odd", "db")


# A coroutine for each container


async def test_a_coroutine_runs_for_each_container_side_by_side(engine: EmbeddedEngine) -> None:
    """What it returns is in the results; what it tells of is an event; limits hold."""
    under_way: list[str] = []
    most: list[int] = []
    both = Event()

    async def backup(container: ContainerHandle, *, target: str) -> str:
        under_way.append(container.item.instance or "")
        most.append(len(under_way))
        container.progress(f"to {target}")
        if len(under_way) == 2:
            both.set()
        await both.wait()
        under_way.remove(container.item.instance or "")
        return f"{target}/{container.id.name}"

    log = Log()
    async with client_with(
        engine, {"backup": ContainerAction(backup)}, on_event=log, limits=Limits(custom=2)
    ) as client:
        await client.startup("__all__")
        report = await client.call("backup", "web", target="/mnt")
        plan = await client.plan("backup", ["web", "db"], target="/s3cret")

    assert {
        (each.action, each.item and each.item.instance, each.result) for each in report.results
    } == {
        ("backup", "a", "/mnt/m.web.a"),
        ("backup", "b", "/mnt/m.web.b"),
    }
    assert max(most) == 2
    assert [each.text for each in log.of(StepProgressed)] == ["to /mnt", "to /mnt"]
    assert "s3cret" not in f"{plan!r} {plan.render()} {plan.to_dict()}"


async def test_limits_hold_for_coroutines(engine: EmbeddedEngine) -> None:
    under_way: list[str] = []
    most: list[int] = []

    async def look(container: ContainerHandle) -> None:
        under_way.append(container.id.name)
        most.append(len(under_way))
        await container.inspect()
        under_way.remove(container.id.name)

    async with client_with(
        engine, {"look": ContainerAction(look)}, limits=Limits(custom=1)
    ) as client:
        await client.startup("__all__")
        assert (await client.call("look", "__all__")).results == ()

    assert max(most) == 1
    assert len(most) == 3


async def test_a_coroutine_that_raises_is_a_failed_step_and_holds_nobody_up(
    engine: EmbeddedEngine,
) -> None:
    """ERR-2: whatever it raises, what the others did is told along."""

    async def picky(container: ContainerHandle) -> str:
        if container.item.instance == "a":
            raise LookupError("nothing to find here")
        return "fine"

    async with client_with(engine, {"picky": ContainerAction(picky)}) as client:
        await client.startup("web")
        with pytest.raises(ActionRunnerError) as failure:
            await client.call("picky", "web")

    [cause] = failure.value.exceptions
    assert isinstance(cause, ActionFailed)
    assert str(cause) == "container m.web.a: picky raised LookupError: nothing to find here"
    assert isinstance(cause.__cause__, LookupError)
    assert [each.result for each in failure.value.report.results] == ["fine"]


async def test_what_a_coroutine_raises_is_quoted_without_the_arguments_of_the_call(
    engine: EmbeddedEngine,
) -> None:
    """Plans hide them as well, as they may be secrets; the cause stays what it is."""

    async def log_in(_: ContainerHandle, /, *, user: str, secrets: dict[str, list[str]]) -> None:
        raise RuntimeError(f"{user} cannot log in with {secrets['tokens'][0]!r}")

    async with client_with(engine, {"log_in": ContainerAction(log_in)}) as client:
        await client.startup("db")
        with pytest.raises(ActionRunnerError) as failure:
            await client.call("log_in", "db", user="me", secrets={"tokens": ["correct-horse"]})

    [cause] = failure.value.exceptions
    assert str(cause) == ("container m.db: log_in raised RuntimeError: me cannot log in with '***'")
    assert "correct-horse" not in f"{failure.value} {failure.value.report.to_dict()}"
    assert "correct-horse" in str(cause.__cause__)


async def test_a_coroutine_is_cancelled_with_its_run(engine: EmbeddedEngine) -> None:
    cleaned_up: list[str] = []

    async def endless(container: ContainerHandle) -> None:
        try:
            await Event().wait()
        except get_cancelled_exc_class():
            cleaned_up.append(container.id.name)
            raise

    log = Log()
    async with client_with(engine, {"endless": ContainerAction(endless)}, on_event=log) as client:
        await client.startup("db")
        log.events.clear()
        with move_on_after(5) as scope:
            await client.call("endless", "db")

    assert scope.cancelled_caught
    assert cleaned_up == ["m.db"]
    assert [type(each) for each in log.report.outcomes.values()] == [Interrupted]


async def test_containers_that_do_not_exist_are_left_out_with_a_note(
    engine: EmbeddedEngine,
) -> None:
    async def look(container: ContainerHandle) -> str:
        return container.id.name

    async with client_with(engine, {"look": ContainerAction(look)}) as client:
        await client.startup("db")
        report = await client.call("look", "__all__")

    assert [each.result for each in report.results] == ["m.db"]
    assert report.plan.notes == (
        "container m.web.a does not exist: nothing to do",
        "container m.web.b does not exist: nothing to do",
    )


async def test_a_coroutine_can_carry_out_actions_on_its_own_container(
    engine: EmbeddedEngine,
) -> None:
    """Its step holds the container, so that others wait; actions of its own do not."""
    clients: list[MapClient] = []

    async def bounce(container: ContainerHandle) -> bool:
        report = await clients[0].restart(container.item)
        await container.stop()
        return report.ok and await container.start()

    async with client_with(engine, {"bounce": ContainerAction(bounce)}) as client:
        clients.append(client)
        await client.startup("db")
        report = await client.call("bounce", "db")

    assert [each.result for each in report.results] == [True]


@pytest.mark.parametrize("seconds", [0.4, 1])
async def test_a_part_of_a_second_of_grace_is_grace(engine: EmbeddedEngine, seconds: float) -> None:
    async def halt(container: ContainerHandle) -> bool:
        return await container.stop(timeout=seconds)

    engine.behaviour(Behaviour(handles={"SIGTERM": 0}, stop_delay=0.3), container="m.db")
    async with client_with(engine, {"halt": ContainerAction(halt)}) as client:
        await client.startup("db")
        await client.call("halt", "db")

    assert (engine.container("m.db") or {})["State"]["ExitCode"] == 0


async def test_what_is_no_signal_and_no_time_is_not_sent(engine: EmbeddedEngine) -> None:
    refused: list[str] = []

    async def try_all(container: ContainerHandle) -> None:
        attempts: tuple[Callable[[], Awaitable[bool]], ...] = (
            lambda: container.signal(""),
            lambda: container.signal("FOO"),
            lambda: container.stop(timeout=float("nan")),
        )
        for attempt in attempts:
            with pytest.raises(OptionError) as error:
                await attempt()
            refused.append(str(error.value))

    async with client_with(engine, {"try": ContainerAction(try_all)}) as client:
        await client.startup("db")
        await client.call("try", "db")

    assert [text.partition(":")[0] for text in refused] == ["signal", "signal", "stop"]
    assert (engine.container("m.db") or {})["State"]["Running"]


@pytest.mark.engine
async def test_a_coroutine_works_with_a_real_container(
    client_of: Any, test_image: str, raw_engine: RawEngine, prefix: str
) -> None:
    async def visit(container: ContainerHandle) -> dict[str, object]:
        ran = await container.exec(["/bin/sh", "-c", "echo out; echo err >&2; exit 3"])
        who = await container.exec(["/bin/id", "-u"], user="1000")
        stopped, again = await container.stop(timeout=0), await container.signal("HUP")
        started = await container.start()
        details = await container.inspect()
        assert details is not None
        return {
            "exit_code": ran.exit_code,
            "output": (ran.stdout, ran.stderr),
            "user": who.stdout.strip(),
            "flags": (stopped, again, started),
            "name": str(details["Name"]).lstrip("/"),
        }

    site = {"containers": {"web": {"image": test_image}}}
    async with client_of(site, actions={"visit": ContainerAction(visit)}) as client:
        await client.startup("web")
        report = await client.call("visit", "web")

    [visited] = report.results
    assert visited.result == {
        "exit_code": 3,
        "output": ("out\n", "err\n"),
        "user": "1000",
        "flags": (True, False, True),
        "name": f"{prefix}.web",
    }
    assert raw_engine.get(f"containers/{prefix}.web/json")["State"]["Running"]


# Several actions, one after the other


REDEPLOY = {
    **ROLLING,
    "redeploy": CompositeAction(
        [
            ("pull_images", {"pull_all_images": False}),
            "startup",
            ("rolling_restart", {"pause": 1}),
        ]
    ),
}


async def test_a_composition_carries_out_its_parts_in_order(engine: EmbeddedEngine) -> None:
    async with client_with(engine, REDEPLOY) as client:
        report = await client.call("redeploy", "web")
        async with client.stream("redeploy", "web") as run:
            actions = [event.plan.action async for event in run if hasattr(event, "plan")]

    assert report.plan.action == "rolling_restart"
    assert [each.plan.action for each in report.rounds] == ["pull_images", "startup"]
    assert [each.action for each in report.results][:1] == ["create"]
    assert len(report.changed) == 3
    assert actions == ["pull_images", "startup", "rolling_restart"]
    assert run.report is not None
    assert len(run.report.rounds) == 2


@pytest.mark.parametrize("raise_on_error", [True, False])
async def test_a_composition_ends_with_the_part_that_fails(
    engine: EmbeddedEngine, *, raise_on_error: bool
) -> None:
    """ERR-1: what was done before is in the report."""
    async with client_with(engine, REDEPLOY) as client:
        await client.create("web")
        engine.fail("POST /containers/*/start", Reject(500, "no"), name="m.web.b")
        try:
            report = await client.call("redeploy", "web", raise_on_error=raise_on_error)
        except ActionRunnerError as error:
            assert raise_on_error
            report = error.report

    assert not report.ok
    assert report.plan.action == "startup"
    assert [each.plan.action for each in report.rounds] == ["pull_images"]


async def test_a_composition_has_no_plan_of_its_own(engine: EmbeddedEngine) -> None:
    async with client_with(engine, REDEPLOY) as client:
        with pytest.raises(OptionError, match="each with a plan of its own: pull_images, startup"):
            await client.plan("redeploy", "web")
        with pytest.raises(OptionError, match="takes no option 'pause'"):
            await client.call("redeploy", "web", pause=3)


# Methods of a policy class


class Policy:
    """In the form of docker-map."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    async def dump_action(
        self, map_name: str, config_name: str, instances: object, *, level: int = 0
    ) -> str:
        self.calls.append((map_name, config_name, instances, level))
        return f"dumped {config_name}"

    def helper(self) -> None:
        """No action."""


async def test_methods_of_a_policy_class_are_actions(engine: EmbeddedEngine) -> None:
    """CALL-3; once for each configuration, whether or not its containers exist."""
    policy = Policy()
    async with client_with(engine, method_actions(policy)) as client:
        report = await client.call("dump", "__all__", level=2)
        await client.call("dump", "web", "b")

    assert policy.calls == [
        ("m", "db", None, 2),
        ("m", "web", ("a", "b"), 2),
        ("m", "web", ("b",), 0),
    ]
    assert [each.result for each in report.results] == ["dumped db", "dumped web"]


async def test_a_registered_action_wins_over_a_method(engine: EmbeddedEngine) -> None:
    """CALL-3."""
    policy = Policy()
    actions = {**method_actions(policy), "dump": PlannedAction(lambda _: ())}
    async with client_with(engine, actions) as client:
        await client.call("dump", "db")

    assert policy.calls == []


def test_a_method_that_is_no_coroutine_is_refused() -> None:
    class Old:
        def dump_action(self, map_name: str, config_name: str, instances: object) -> None:
            """It would block the loop."""

    with pytest.raises(OptionError, match="write `async def dump_action"):
        method_actions(Old())


# Names


async def test_built_in_actions_can_be_called_by_name(engine: EmbeddedEngine) -> None:
    """CALL-1."""
    async with client_with(engine, {}) as client:
        assert (await client.call("startup", "db")).ok
        assert (await client.call("shutdown", ["db"], None, "m")).ok

    assert engine.container_names() == []


async def test_an_unknown_name_lists_all_that_there_are(engine: EmbeddedEngine) -> None:
    """CALL-4."""
    async with client_with(engine, ROLLING) as client:
        with pytest.raises(OptionError) as refusal:
            await client.call("roling_restart", "web")

    assert str(refusal.value) == (
        "no action is named 'roling_restart'; known: create, start, restart, stop, remove, startup, "
        "shutdown, update, signal, pull_images, script, rolling_restart "
        "(did you mean 'rolling_restart'?)"
    )


async def test_options_that_a_function_does_not_take_are_refused(engine: EmbeddedEngine) -> None:
    transport = WatchedTransport(engine.transport())
    async with MapClient(SITE, default_client=transport, actions=ROLLING) as client:
        with pytest.raises(OptionError, match="'rolling_restart': got an unexpected keyword"):
            await client.call("rolling_restart", "web", paus=3)

    assert transport.calls == []


async def test_only_containers_can_be_selected(engine: EmbeddedEngine) -> None:
    """ERR-5: naming the action and the kind of thing."""
    everything = {"config_type": "network", "config_name": "front"}
    async with client_with(engine, ROLLING) as client:
        with pytest.raises(ActionTypeError, match=r"'rolling_restart' .* not on network m\.front"):
            await client.call("rolling_restart", ["web", everything])


async def coroutine(container: ContainerHandle, *, needed: int) -> int:
    """Return what it is given."""
    return needed + len(container.id.name)


def test_all_that_is_registered_wrongly_is_told_at_once() -> None:
    actions: Any = {
        "update": PlannedAction(rolling_restart),
        "bare": rolling_restart,
        "blocking": ContainerAction(rolling_restart),  # type: ignore[arg-type]  # that is the point
        "async": PlannedAction(coroutine),  # type: ignore[arg-type]  # that is the point
        "empty": CompositeAction([]),
        "loop": CompositeAction(["knot"]),
        "knot": CompositeAction(["loop"]),
        "needs": ContainerAction(coroutine),
        "parts": CompositeAction(["needs", "nothing", ("stop", {"tiemout": 3})]),
    }

    with pytest.raises(OptionError) as refusal:
        MapClient(SITE, actions=actions)

    problems = str(refusal.value).splitlines()
    assert [line.partition(": ")[0] for line in problems] == [
        "actions['update']",
        "actions['bare']",
        "actions['blocking']",
        "actions['async']",
        "actions['empty']",
        "actions['loop']",
        "actions['knot']",
        "actions['parts']",
        "actions['parts']",
        "actions['parts']",
    ]
    assert "choose another name" in problems[0]
    assert "missing a required argument: 'needed'" in problems[-3]
    assert "did you mean 'timeout'?" in problems[-1]


async def test_a_step_is_described_without_its_arguments(engine: EmbeddedEngine) -> None:
    async with client_with(engine, {"count": ContainerAction(coroutine)}) as client:
        await client.create("db")
        plan = await client.plan("count", "db", needed=4)

    assert [words(step) for step in plan.steps] == ["count container m.db"]
    assert plan.render() == "#1 count container m.db: requested"


async def test_an_engine_that_does_not_answer_is_left_out(engine: EmbeddedEngine) -> None:
    gone = EmbeddedEngine(name="gone")
    gone.fail("*", Reject(500, "no"))
    site = ContainerMap("m", {"web": {"image": IMAGE}}, clients=["here", "gone"])
    clients = {"here": engine.transport(), "gone": gone.transport()}

    async def look(container: ContainerHandle) -> str:
        return container.id.engine

    async with MapClient(site, clients, actions={"look": ContainerAction(look)}) as client:
        await client.startup("web", raise_on_error=False)
        with pytest.raises(ActionRunnerError, match="left out: gone") as failure:
            await client.call("look", "web")

    assert [each.result for each in failure.value.report.results] == ["here"]
