"""What holds of every run, read off what the engine saw: one function for each claim."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from strategies import Request, closure, needs, reverse
from trials import FOREIGN, GUEST, REVERSE, SUFFIXES, Span, Trial, own_name

from aiodockmap import RunReport
from aiodockmap.execute import Failed, Work

NOT_FOUND: Final = 404
REPLACING: Final = frozenset({"startup", "update"})


def assert_nothing_foreign_was_touched(trial: Trial) -> None:
    """What the map does not name is never touched (GEN-4), nor what is not on the path (ACT-65 to ACT-68)."""
    now = trial.look_at_foreign()
    for name, before in trial.foreign.items():
        if name != GUEST:
            assert now[name] == before, name
    path = trial.path
    for span in trial.changes:
        if span.received.status == NOT_FOUND:
            continue  # nobody had that name
        if (
            span.call.partition(" ")[2].startswith("/containers/")
            and ".aiodockmap-prepare" not in span.name
        ):
            assert own_name(span.name) in path, span.call
        assert span.name not in {*FOREIGN, "theirs", "m.their_data"}, span.call
        if span.name == GUEST:
            # Its network may be made anew, and it is connected to that again (UPD-48).
            assert span.is_a("connect", "disconnect")


def assert_guests_are_back(trial: Trial) -> None:
    """Who shares a network with the map is connected to it as before, also if it was made anew (UPD-48)."""
    assert trial.look_at_foreign().get(GUEST) == trial.foreign.get(GUEST)


def _effects(trial: Trial, *kinds: str) -> Iterator[Span]:
    return (span for span in trial.changes if span.is_a(*kinds) and span.was_done)


def assert_dependencies_start_first(trial: Trial, report: RunReport | None) -> None:
    """What a container needs has been started before its own start begins, if it is started at all.

    An old container that is brought back only needs what it held on to.
    """
    back = {resource.name for resource in (report.rescues if report else {})}
    ups = {own_name(span.name): span for span in _effects(trial, "start")}
    ups = {name: span for name, span in ups.items() if name not in back}
    edges = needs(trial.story.now)
    for name, span in ups.items():
        for other in closure(edges, {name.removeprefix("m.")}) - {name.removeprefix("m.")}:
            needed = ups.get(f"m.{other}")
            assert needed is None or _is_before(needed, span), f"{name} before {other}"


def assert_dependants_stop_first(trial: Trial) -> None:
    """What needs a container has been stopped before that one's stop begins, if it is stopped at all.

    An update that replaces containers stops each for itself: what only knows another one's name goes on.
    """
    if trial.story.request.verb not in REVERSE:
        return
    downs: dict[str, list[Span]] = {}
    for span in _effects(trial, "stop", "kill"):
        downs.setdefault(own_name(span.name), []).append(span)
    edges = reverse(needs(trial.story.now))
    for name, spans in downs.items():
        for other in closure(edges, {name.removeprefix("m.")}) - {name.removeprefix("m.")}:
            for dependant in downs.get(f"m.{other}", ()):
                assert _is_before(dependant, spans[0]), f"{name} before {other}"


def _is_before(one: Span, other: Span) -> bool:
    return one.ended is not None and one.ended < other.began


def assert_data_stays(trial: Trial) -> None:
    """Volumes go with consent only, and persistent containers stay where that was asked for."""
    request, services = trial.story.request, trial.story.now["containers"]
    options, now = request.keywords, frozenset(trial.engine.volume_names())
    gone = {name for name in trial.volumes - now if ".aiodockmap-" not in name}
    path = trial.path
    if request.verb in {"remove", "shutdown"}:
        if options.get("remove_attached"):
            gone -= {
                f"m.{alias}"
                for name, service in services.items()
                if any(each.split(".")[1] == name for each in path)
                for alias in service.get("attaches", ())
            }
        if options.get("v"):
            gone = {name for name in gone if len(name) != 64}  # anonymous ones
    assert not gone
    for name, was in trial.start.items():
        service = services.get(name.removeprefix("m.").partition(".")[0], {})
        if name.startswith("m.") and service.get("persistent") and _keeps_persistent(request):
            assert trial.way.snapshots[-1][name].id == was.id, name


def _keeps_persistent(request: Request) -> bool:
    """Whether no container that is persistent may go (ACT-16 to ACT-19, ACT-72)."""
    options = request.keywords
    match request.verb:
        case "remove" | "shutdown":
            return options.get("remove_persistent") is False
        case "update":
            return not options.get("update_persistent") and not options.get(
                "nonrecoverable_exit_codes"
            )
        case "startup":
            return False
        case _:
            return True


def assert_anonymous_data_is_carried_over(trial: Trial) -> None:
    """A container that was replaced has the anonymous volumes of the old one."""
    after = trial.look_at_mounts()
    for name, service in trial.story.now["containers"].items():
        for container in trial.start:
            if container.split(".")[:2] != ["m", name]:
                continue
            for path in service.get("shares", ()):
                if container in after and path in trial.mounts[container]:
                    assert after[container].get(path) == trial.mounts[container][path]


def assert_first_commands_have_run(trial: Trial) -> None:
    """In each container that runs and was made meanwhile, the commands of its first start (EXEC-10)."""
    services = trial.story.now["containers"]
    known = {was.id for was in trial.start.values()}
    for container in trial.engine.world.containers.values():
        service = services.get(container.name.removeprefix("m.").partition(".")[0], {})
        if container.id in known or not container.state.is_running or container.name in FOREIGN:
            continue
        ran = {
            " ".join(each.command)
            for each in trial.way.execs.values()
            if each.container_id == container.id and each.has_run
        }
        for command in service.get("exec_commands", ()):
            assert command["policy"] != "initial" or command["cmd"] in ran, container.name


def assert_never_fewer(trial: Trial, report: RunReport | None) -> None:
    """Of each container that is not to go, the old one or the new one exists at every moment.

    While the old one is gone, the new one runs if the old one did; what ran in the beginning runs in the
    end, unless nobody could be started any more, or the engine has ended it.
    """
    request = trial.story.request
    if request.verb in {"remove", "shutdown"}:
        return
    lost = {
        resource.name
        for resource, outcome in (report.rescues if report else {}).items()
        if isinstance(outcome, Failed)
    }
    for name, was in trial.start.items():
        if name.endswith(SUFFIXES):
            continue
        has_to_run = was.is_up and not trial.ends_by_itself
        for snapshot in trial.way.snapshots:
            is_old_there = was.id in {seen.id for seen in snapshot.values()}
            if is_old_there:
                continue
            assert name in snapshot, f"{name} is gone"
            assert snapshot[name].is_up or not has_to_run, f"{name} is down"
        last = trial.way.snapshots[-1]
        if request.verb in REPLACING and was.is_up and name not in lost and name in trial.path:
            found = last.get(name)
            if found is None and trial.is_late:
                # The next run gives back a name that an engine has changed when nobody waited for it.
                found = next((seen for seen in last.values() if seen.id == was.id), None)
            assert found is not None, f"{name} is gone in the end"
            assert found.is_up or not has_to_run, f"{name} is down in the end"


def assert_nothing_temporary(trial: Trial) -> None:
    """No container is left that only exists while a step runs, or a replacement."""
    assert trial.helpers == []
    path = trial.path
    names = trial.engine.container_names()
    assert [each for each in names if each.endswith(SUFFIXES) and own_name(each) in path] == []


def assert_within_limits(trial: Trial, report: RunReport | None) -> None:
    """Never more calls of a class under way than there are places (of starts, some are ways back)."""
    limits = trial.story.limits
    starts = limits.of(Work.START, trial.engine.world.cpus)
    # Ways back hold a place for a start while they remove the new container.
    rescues = starts if report is not None and report.rescues else 0
    for kinds, places in (
        (("start",), starts),
        (("stop",), limits.stop),
        (("create images",), limits.pull),
        (("create containers", "connect", "update"), limits.create),
        (("remove containers",), limits.remove + rescues),
        (("exec",), limits.exec),
        (("create networks", "remove networks", "disconnect"), limits.network),
        (("create volumes",), limits.volume),
    ):
        assert _most_at_once(trial, kinds) <= places, kinds


def _most_at_once(trial: Trial, kinds: tuple[str, ...]) -> int:
    moments: list[tuple[int, int]] = []
    for span in trial.changes:
        if span.is_a(*kinds) and (kinds == ("start",) or ".aiodockmap-prepare" not in span.name):
            moments.append((span.began, 1))
            if span.ended is not None:
                moments.append((span.ended, -1))
    most = count = 0
    for _, change in sorted(moments):
        count += change
        most = max(most, count)
    return most
