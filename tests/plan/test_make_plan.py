"""What is planned, and in which order: values in, text out."""

from __future__ import annotations

from textwrap import dedent

import pytest
from landscapes import (
    container,
    container_id,
    desired,
    exited,
    initial,
    network_id,
    observed,
    plan,
    running,
    volume_id,
)

from aiodockmap.plan import Delay, Plan, Verb
from aiodockmap.state import (
    DesiredState,
    ExecSpec,
    RunState,
    StopPolicy,
    VolumeOwnership,
)

AS_2000 = VolumeOwnership(owner="2000:2000", mode="u=rwX")
HELLO = ExecSpec(argv=("echo", "hi"))
ONCE = ExecSpec(argv=("createdb", "--password=hidden"), user="root", only_initially=True)


def example() -> DesiredState:
    """The map of behaviour 6.7."""
    interrupt = StopPolicy(signal="SIGINT", grace=3)
    return desired(
        container("app.a", attaches=["sock"], stop=interrupt),
        container("app.b", attaches=["sock"], stop=interrupt),
        container(
            "web",
            uses={"sock": ["app.a", "app.b"]},
            links=["app.a"],
            attaches=["log"],
            execs=[HELLO],
        ),
        owners={"sock": AS_2000},
    )


def text(expected: str) -> str:
    return dedent(expected).strip()


def lines(made: Plan) -> list[str]:
    """The plan without numbers and reasons: what is done, in order."""
    return [str(step).partition(" ")[2] for step in made.steps]


def waits_for(made: Plan, step: str, before: str) -> bool:
    """Whether one step, told by its words, waits for another, directly or not."""
    by_id = {each.id: each for each in made.steps}
    start = next(each for each in made.steps if str(each).endswith(step))
    pending, seen = list(start.requires), set[int]()
    while pending:
        found = by_id[pending.pop()]
        if found.id in seen:
            continue
        seen.add(found.id)
        if str(found).endswith(before):
            return True
        pending += found.requires
    return False


def test_startup_of_nothing_creates_and_starts_all_that_is_needed() -> None:
    """EX-5, with what need not wait not waiting."""
    made = plan(Verb.STARTUP, example(), observed(), "web")

    assert made.render() == text("""
        #1 create volume m.sock: does not exist
        #2 pull image app.a:latest: does not exist
        #3 create container m.app.a: does not exist; needed by container m.web [after #1 #2]
        #4 pull image app.b:latest: does not exist
        #5 create container m.app.b: does not exist; needed by container m.web [after #1 #4]
        #6 create volume m.log: does not exist
        #7 pull image web:latest: does not exist
        #8 create container m.web: does not exist [after #1 #3 #6 #7]
        #9 prepare volume m.sock (owner 2000:2000, mode u=rwX; by app.a:latest): \
is new, and has no owner or mode yet [after #1 #2 #3 #5 #8]
        #10 start container m.app.a: was just created [after #3 #9]
        #11 start container m.app.b: was just created [after #5 #9]
        #12 start container m.web: was just created [after #8 #9 #10 #11]
        #13 exec echo in container m.web: runs at every start [after #12]
    """)


def test_create_makes_everything_and_starts_nothing() -> None:
    """EX-1."""
    made = plan(Verb.CREATE, example(), observed(images=["app.a", "app.b", "web"]), "web")

    assert lines(made) == [
        "create volume m.sock",
        "create container m.app.a",
        "create container m.app.b",
        "create volume m.log",
        "create container m.web",
        "prepare volume m.sock (owner 2000:2000, mode u=rwX; by app.a:latest)",
    ]


@pytest.mark.parametrize("verb", [Verb.CREATE, Verb.START, Verb.STARTUP])
def test_a_running_landscape_needs_nothing(verb: Verb) -> None:
    """EX-2, EX-4, EX-6."""
    seen = observed(
        running("app.a"),
        running("app.b"),
        running("web"),
        images=["app.a", "app.b", "web"],
        volumes=["sock", "log"],
    )

    made = plan(verb, example(), seen, "web")

    assert made.is_empty
    assert made.render() == "nothing to do"


def test_start_starts_dependencies_first_and_creates_nothing() -> None:
    """EX-3, ACT-22."""
    seen = observed(initial("app.a"), initial("web"))

    made = plan(Verb.START, example(), seen, "web")

    assert made.render() == text("""
        #1 start container m.app.a: was never started; needed by container m.web
        #2 start container m.web: was never started [after #1]
        #3 exec echo in container m.web: runs at every start [after #2]
    """)


def test_stop_takes_dependants_first_and_instances_at_the_same_time() -> None:
    """EX-7."""
    seen = observed(running("app.a"), running("app.b"), running("web"))

    made = plan(Verb.STOP, example(), seen, "app.a", "app.b")

    assert made.render() == text("""
        #1 stop container m.web: depends on container m.app.a
        #2 stop container m.app.a by SIGINT within 3 s: stop requested [after #1]
        #3 stop container m.app.b by SIGINT within 3 s: stop requested [after #1]
    """)


def test_the_timeout_keyword_wins_over_the_map_for_dependants_too() -> None:
    """KW-8, KW-10."""
    seen = observed(running("app.a"), running("web"))

    made = plan(Verb.STOP, example(), seen, "app.a", timeout=7)

    assert lines(made) == [
        "stop container m.web within 7 s",
        "stop container m.app.a by SIGINT within 7 s",
    ]


def test_restart_touches_the_selected_containers_only() -> None:
    """EX-9."""
    seen = observed(running("app.a"), running("app.b"), running("web"))

    made = plan(Verb.RESTART, example(), seen, "app.a", "app.b")

    assert lines(made) == [
        "stop container m.app.a by SIGINT within 3 s",
        "start container m.app.a",
        "stop container m.app.b by SIGINT within 3 s",
        "start container m.app.b",
    ]


def test_restarting_a_container_and_its_dependency_keeps_their_order() -> None:
    described = desired(container("db"), container("web", starts_after=["db"]))

    made = plan(Verb.RESTART, described, observed(running("db"), running("web")), "web", "db")

    assert waits_for(made, "stop container m.db", "stop container m.web")
    assert waits_for(made, "start container m.web", "start container m.db")


def test_shutdown_stops_and_removes_each_and_keeps_the_volumes() -> None:
    """EX-10."""
    seen = observed(
        running("app.a", volumes=["sock"]),
        running("app.b", volumes=["sock"]),
        running("web", volumes=["sock", "log"]),
        volumes=["sock", "log"],
    )

    made = plan(Verb.SHUTDOWN, example(), seen, "app.a", "app.b")

    assert lines(made) == [
        "stop container m.web",
        "remove container m.web",
        "stop container m.app.a by SIGINT within 3 s",
        "remove container m.app.a",
        "stop container m.app.b by SIGINT within 3 s",
        "remove container m.app.b",
    ]
    assert waits_for(made, "remove container m.app.a", "remove container m.web")
    assert not waits_for(made, "remove container m.app.b", "remove container m.app.a")


def test_shutdown_with_consent_removes_the_volumes_of_what_it_removed() -> None:
    """EX-11, ACT-60."""
    seen = observed(
        running("app.a", volumes=["sock"]),
        running("app.b", volumes=["sock"]),
        running("web", volumes=["sock", "log"]),
        volumes=["sock", "log"],
    )

    made = plan(Verb.SHUTDOWN, example(), seen, "app.a", "app.b", remove_attached=True)

    assert lines(made)[-2:] == ["remove volume m.log", "remove volume m.sock"]
    assert waits_for(made, "remove volume m.log", "remove container m.web")
    assert waits_for(made, "remove volume m.sock", "remove container m.app.b")


def test_a_volume_that_somebody_else_mounts_stays_with_a_note() -> None:
    """ACT-60."""
    seen = observed(
        running("web", volumes=["log"]), running("backup", volumes=["log"]), volumes=["log"]
    )

    made = plan(Verb.SHUTDOWN, example(), seen, "web", remove_attached=True)

    assert "remove volume m.log" not in lines(made)
    assert made.notes == ("volume m.log stays: still mounted by m.backup",)


def test_a_selected_volume_stays_without_consent() -> None:
    """ACT-49."""
    made = plan(Verb.REMOVE, example(), observed(volumes=["log"]), volume_id("log"))

    assert made.is_empty
    assert made.notes == ("volume m.log stays, with its data; remove_attached=True removes it",)


def test_remove_leaves_running_containers_alone() -> None:
    """EX-12, ACT-28."""
    seen = observed(running("app.a"), exited("app.b"), running("web"))

    made = plan(Verb.REMOVE, example(), seen, "app.a", "app.b")

    assert lines(made) == ["remove container m.app.b"]


def test_a_selected_network_loses_its_containers_first() -> None:
    """ACT-48, NET-11."""
    described = desired(container("web", networks=["net"]))
    seen = observed(
        exited("web", networks=["net"]), running("guest", networks=["net"]), networks=["net"]
    )

    made = plan(Verb.REMOVE, described, seen, network_id("net"))

    assert made.render() == text("""
        #1 remove container m.web: depends on network m.net
        #2 disconnect container m.guest from network m.net: is still connected to container m.guest
        #3 remove network m.net: requested [after #1 #2]
    """)


def test_only_the_first_network_is_needed_to_create_and_all_to_start() -> None:
    """NET-3."""
    described = desired(container("web", networks=["front", "back"]))

    made = plan(Verb.STARTUP, described, observed(images=["web"]), "web")

    assert made.render() == text("""
        #1 create network m.front: does not exist
        #2 create network m.back: does not exist
        #3 create container m.web: does not exist [after #1]
        #4 connect container m.web to network m.back: configured [after #2 #3]
        #5 start container m.web: was just created [after #4]
    """)


def test_a_creation_that_ended_half_way_is_finished_before_the_first_start() -> None:
    """Creating a container and connecting it to further networks are several calls (NET-3)."""
    described = desired(container("web", networks=["front", "middle", "back"]))
    half_made = running("web", RunState.INITIAL, networks=["front", "middle"])

    made = plan(
        Verb.STARTUP,
        described,
        observed(half_made, images=["web"], networks=["front", "middle"]),
        "web",
    )

    assert made.render() == text(
        """
        #1 create network m.back: does not exist
        #2 connect container m.web to network m.back: configured [after #1]
        #3 start container m.web: was never started [after #2]
        """
    )


def test_exec_commands_of_a_first_start_include_the_initial_ones() -> None:
    """EXEC-10, EXEC-11."""
    described = desired(container("db", execs=[ONCE, HELLO]))

    for seen in (observed(images=["db"]), observed(initial("db"), images=["db"])):
        made = plan(Verb.STARTUP, described, seen, "db")
        assert lines(made)[-2:] == [
            "exec createdb in container m.db as root",
            "exec echo in container m.db",
        ]


def test_exec_commands_of_a_later_start_are_the_others_only() -> None:
    """EXEC-12."""
    described = desired(container("db", execs=[ONCE, HELLO]))

    made = plan(Verb.STARTUP, described, observed(exited("db"), images=["db"]), "db")

    assert lines(made) == ["start container m.db", "exec echo in container m.db"]


def test_the_arguments_of_a_command_are_in_no_rendering() -> None:
    described = desired(container("db", execs=[ONCE]))

    made = plan(Verb.STARTUP, described, observed(), "db")

    for shown in (made.render(), repr(made), str(made.to_dict()), made.to_mermaid(), made.to_dot()):
        assert "hidden" not in shown


def test_dependants_wait_for_the_start_delay_and_the_commands() -> None:
    """EXEC-1, EXEC-2."""
    described = desired(
        container("db", start_delay=0.5, execs=[HELLO]), container("web", starts_after=["db"])
    )

    made = plan(
        Verb.STARTUP,
        described,
        observed(initial("db"), initial("web"), images=["db", "web"]),
        "web",
    )

    assert [type(step.action) for step in made.steps].count(Delay) == 1
    assert lines(made) == [
        "start container m.db",
        "wait 0.5 s for container m.db",
        "exec echo in container m.db",
        "start container m.web",
    ]
    assert waits_for(made, "start container m.web", "exec echo in container m.db")


def test_order_holds_through_containers_without_a_step_of_their_own() -> None:
    """A waits for c although b, between them, runs already."""
    described = desired(
        container("c"), container("b", starts_after=["c"]), container("a", starts_after=["b"])
    )
    seen = observed(initial("a"), running("b"), exited("c"), images=["a", "b", "c"])

    made = plan(Verb.STARTUP, described, seen, "a")
    stopping = plan(Verb.STOP, described, observed(running("a"), exited("b"), running("c")), "c")

    assert waits_for(made, "start container m.a", "start container m.c")
    assert waits_for(stopping, "stop container m.c", "stop container m.a")


def test_order_holds_through_running_containers_that_need_each_other() -> None:
    """DEP-17: `c` needs the running `b` twice over, and `y` needs it through `c` alone."""
    described = desired(
        container("d"),
        container("b", starts_after=["d"]),
        container("c", starts_after=["b"]),
        container("r", starts_after=["b", "c"]),
        container("x", starts_after=["r"]),
        container("y", starts_after=["c"]),
    )
    seen = observed(exited("d"), running("b"), running("c"), running("r"), exited("x"), exited("y"))

    made = plan(Verb.START, described, seen, "x", "y")

    started = {step.resource.name: step for step in made.steps}
    assert started.keys() == {"m.d", "m.x", "m.y"}
    assert started["m.x"].requires == (started["m.d"].id,)
    assert started["m.y"].requires == (started["m.d"].id,)


def test_a_new_volume_re_creates_its_owner_and_not_its_users() -> None:
    """ACT-7, ACT-33."""
    described = desired(container("db", attaches=["data"]), container("web", uses={"data": ["db"]}))
    seen = observed(running("db"), running("web"), images=["db", "web"])

    made = plan(Verb.STARTUP, described, seen, "web")

    assert made.render() == text("""
        #1 create volume m.data: does not exist
        #2 create container m.db as m.db.aiodockmap-new: its volume m.data is new [after #1]
        #3 stop container m.db: its volume m.data is new [after #2]
        #4 rename container m.db to m.db.aiodockmap-old, and its replacement to m.db: \
its volume m.data is new [after #3]
        #5 start container m.db: was just created [after #4]
        #6 remove the old container m.db: was replaced [after #5]
        #7, if #2 to #5 do not all succeed: remove m.db.aiodockmap-new, \
give the old container m.db its name back, and start it
    """)


def test_a_container_that_ended_beyond_recovery_is_re_created() -> None:
    """ACT-6, STATE-4."""
    described = desired(container("db"))

    made = plan(
        Verb.STARTUP,
        described,
        observed(exited("db", 127), images=["db"]),
        "db",
        nonrecoverable_exit_codes=127,
    )

    assert made.render() == text("""
        #1 create container m.db as m.db.aiodockmap-new: has exited beyond recovery (exit code 127)
        #2 rename container m.db to m.db.aiodockmap-old, and its replacement to m.db: \
has exited beyond recovery (exit code 127) [after #1]
        #3 start container m.db: was just created [after #2]
        #4 remove the old container m.db: was replaced [after #3]
        #5, if #1 to #3 do not all succeed: remove m.db.aiodockmap-new, \
give the old container m.db its name back
    """)


def test_a_volume_whose_preparation_did_not_happen_is_prepared_by_the_next_run() -> None:
    """What a failure, a cancellation or a kill left undone is remembered on the engine."""
    described = desired(container("db", attaches=["data"]), owners={"data": AS_2000})
    marked = observed(initial("db"), images=["db"], volumes=["data", "data.aiodockmap-unprepared"])

    made = plan(Verb.STARTUP, described, marked, "db")

    assert made.render() == text("""
        #1 prepare volume m.data (owner 2000:2000, mode u=rwX; by db:latest): \
was never given its owner and mode
        #2 start container m.db: was never started [after #1]
    """)


def test_a_volume_without_a_mark_is_not_prepared_again() -> None:
    """VOL-27."""
    described = desired(container("db", attaches=["data"]), owners={"data": AS_2000})
    seen = observed(initial("db"), images=["db"], volumes=["data"])

    made = plan(Verb.STARTUP, described, seen, "db")

    assert lines(made) == ["start container m.db"]


def test_the_core_image_prepares_a_volume_if_the_engine_has_it() -> None:
    """VOL-23: never a pull of an image that the map does not name."""
    described = desired(container("db", attaches=["data"]), owners={"data": AS_2000})

    made = plan(Verb.CREATE, described, observed(images=["db", "busybox"]), "db")

    assert lines(made)[-1].endswith("by busybox:latest)")


@pytest.mark.parametrize(
    ("always", "expected"),
    [
        pytest.param(True, ["pull image db:latest", "pull image web:latest"], id="all"),
        pytest.param(False, ["pull image web:latest"], id="absent"),
    ],
)
def test_pull_images_pulls_along_the_path(always: bool, expected: list[str]) -> None:  # noqa: FBT001
    """EX-17, ACT-45, PUL-1."""
    described = desired(container("db"), container("web", starts_after=["db"]))

    made = plan(Verb.PULL_IMAGES, described, observed(images=["db"]), "web", pull_all_images=always)

    assert lines(made) == expected
    assert all(not step.requires for step in made.steps)


def test_an_option_that_engines_have_no_use_for_any_more_is_told_to_have_no_effect() -> None:
    """OPTN-7, PULL-6."""
    described = desired(container("db"))

    made = plan(Verb.PULL_IMAGES, described, observed(), "db", pull_insecure_registry=True)

    assert lines(made) == ["pull image db:latest"]
    assert [note.partition(":")[0] for note in made.notes] == [
        "pull_insecure_registry has no effect"
    ]


def test_signal_goes_to_running_containers_only() -> None:
    """EX-13, SIG-2."""
    seen = observed(running("app.a"), exited("app.b"), running("web"))

    made = plan(Verb.SIGNAL, example(), seen, "app.a", "app.b", signal="HUP")

    assert lines(made) == ["send HUP to container m.app.a"]


def test_paused_and_restarting_containers_are_stopped() -> None:
    """STATE-6, STATE-7."""
    seen = observed(running("app.a", RunState.PAUSED), running("app.b", RunState.RESTARTING))

    made = plan(Verb.STOP, example(), seen, "app.a", "app.b")

    assert len(made.steps) == 2


def test_equal_inputs_in_another_order_give_the_same_text() -> None:
    """USR-4, GEN-6."""
    described = example()
    shuffled = DesiredState(
        containers=dict(reversed(list(described.containers.items()))),
        volumes=dict(reversed(list(described.volumes.items()))),
        networks=described.networks,
        images=dict(reversed(list(described.images.items()))),
    )

    first = plan(Verb.STARTUP, described, observed(), "web")
    second = plan(Verb.STARTUP, shuffled, observed(), "web")

    assert first.render() == second.render()
    assert first == plan(Verb.STARTUP, described, observed(), "web")


def test_a_plan_remembers_what_it_was_made_for() -> None:
    described = desired(container("db", attaches=["data"]))

    made = plan(Verb.STARTUP, described, observed(exited("db"), images=["db"]), "db")

    assert made.expected == {container_id("db"): "id-of-m.db", volume_id("data"): None}
