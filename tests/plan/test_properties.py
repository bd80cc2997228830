"""What holds for every map and every state, tried on generated ones."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from landscapes import container, desired, exited, initial, observed, plan, running

from aiodockmap.model import DEFAULT_ENGINE, ImageReference, ResourceKind
from aiodockmap.plan import (
    CreateContainer,
    CreateNetwork,
    CreateVolume,
    Plan,
    PullImage,
    RemoveContainer,
    RemoveVolume,
    StartContainer,
    StopContainer,
    TakeOver,
    Verb,
)
from aiodockmap.state import (
    DesiredContainer,
    DesiredState,
    ObservedContainer,
    ObservedNetwork,
    ObservedState,
    ObservedVolume,
    RunState,
)

NAMES = [f"c{number}" for number in range(6)]
STATES: dict[str, Callable[[str], ObservedContainer]] = {
    "running": running,
    "paused": lambda name: running(name, RunState.PAUSED),
    "initial": initial,
    "exited": exited,
    "dead": lambda name: exited(name, 127),
}


@st.composite
def landscapes(draw: st.DrawFn) -> tuple[DesiredState, ObservedState]:
    """Up to six containers that need earlier ones, in any state, with any part of their needs there."""
    containers: list[DesiredContainer] = []
    names = NAMES[: draw(st.integers(min_value=1, max_value=len(NAMES)))]
    for index, name in enumerate(names):
        below = names[:index]
        some = st.lists(st.sampled_from(below), max_size=2, unique=True) if below else st.just([])
        owner = draw(st.sampled_from([None, *below]))
        containers.append(
            container(
                name,
                starts_after=draw(some),
                links=draw(some),
                attaches=[f"v{name}"] if draw(st.booleans()) else [],
                uses={f"v{owner}": [owner]} if owner and _owns(containers, owner) else {},
                networks=draw(st.lists(st.sampled_from(["n1", "n2"]), max_size=2, unique=True)),
                persistent=draw(st.booleans()),
            )
        )
    described = desired(*containers)
    seen = observed(
        *[
            STATES[state](name)
            for name in names
            if (state := draw(st.sampled_from(["absent", *STATES]))) != "absent"
        ],
        images=[name for name in names if draw(st.booleans())],
        volumes=[
            volume.name.removeprefix("m.") for volume in described.volumes if draw(st.booleans())
        ],
        networks=[
            network.name.removeprefix("m.") for network in described.networks if draw(st.booleans())
        ],
    )
    return described, seen


def _owns(containers: list[DesiredContainer], name: str) -> bool:
    return any(each.item.name == name and each.attached for each in containers)


def carried_out(made: Plan, seen: ObservedState) -> ObservedState:  # noqa: C901  # a case per action
    """The state after all steps of a plan; asserts that an engine would have accepted each."""
    state = seen.engines[DEFAULT_ENGINE]
    containers, volumes = dict(state.containers), dict(state.volumes)
    networks, images = dict(state.networks), dict(state.images)
    for step in made.steps:
        name = step.resource.name
        match step.action:
            case PullImage():
                images[ImageReference.parse(name).canonical] = name
            case CreateNetwork():
                assert name not in networks
                networks[name] = (ObservedNetwork(id=name, name=name),)
            case CreateVolume():
                assert name not in volumes
                volumes[name] = ObservedVolume(name=name)
            case RemoveVolume():
                assert not any(name in each.volumes for each in containers.values())
                del volumes[name]
            case CreateContainer(name=other):
                name = other or name
                assert name not in containers
                spec = made.desired.containers[step.resource].spec
                assert spec is not None
                assert ImageReference.parse(spec.image.name).canonical in images
                assert all(volume.name in volumes for volume in spec.volumes)
                containers[name] = ObservedContainer(
                    id=name,
                    name=name,
                    state=RunState.INITIAL,
                    volumes=frozenset(volume.name for volume in spec.volumes),
                )
            case TakeOver(old_id=old, aside=aside, replacement=replacement):
                assert containers[name].id == old
                containers[aside] = containers.pop(name)
                containers[name] = containers.pop(replacement)
            case StartContainer():
                assert not containers[name].state.is_up
                containers[name] = evolve(containers[name], state=RunState.RUNNING)
            case StopContainer():
                assert containers[name].state.is_up
                containers[name] = evolve(containers[name], state=RunState.EXITED, exit_code=0)
            case RemoveContainer(id=gone):
                held = next(each for each, found in containers.items() if found.id == gone)
                assert not containers[held].state.is_up
                del containers[held]
            case _:
                pass
    after = evolve(state, containers=containers, volumes=volumes, networks=networks, images=images)
    return ObservedState(engines={DEFAULT_ENGINE: after})


def every_name(described: DesiredState) -> list[str]:
    return [each.name.removeprefix("m.") for each in described.containers]


@given(landscapes())
def test_a_startup_that_was_carried_out_leaves_nothing_to_do(
    landscape: tuple[DesiredState, ObservedState],
) -> None:
    described, seen = landscape
    options = {"nonrecoverable_exit_codes": 127}
    made = plan(Verb.STARTUP, described, seen, *every_name(described), **options)

    again = plan(
        Verb.STARTUP, described, carried_out(made, seen), *every_name(described), **options
    )

    assert again.is_empty, again.render()


@given(landscapes())
def test_a_shutdown_that_was_carried_out_leaves_no_container(
    landscape: tuple[DesiredState, ObservedState],
) -> None:
    described, seen = landscape
    made = plan(Verb.SHUTDOWN, described, seen, *every_name(described), remove_attached=True)

    after = carried_out(made, seen).engines[DEFAULT_ENGINE]

    assert not after.containers
    assert not after.volumes


@given(landscapes(), st.sampled_from(list(Verb)), st.data())
def test_a_plan_is_ordered_explained_and_about_the_path_only(
    landscape: tuple[DesiredState, ObservedState], verb: Verb, data: st.DataObject
) -> None:
    described, seen = landscape
    names = every_name(described)
    most = 1 if verb is Verb.SCRIPT else len(names)  # a script runs in one configuration
    chosen = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=most, unique=True))

    removing = {"remove_existing_before": True} if verb is Verb.SCRIPT else {}
    made = plan(verb, described, seen, *chosen, **removing)

    assert [step.id for step in made.steps] == list(range(1, len(made.steps) + 1))
    for step in made.steps:
        assert step.reasons
        assert all(before < step.id for before in step.before)
        assert described.item(step.resource) is not None


@given(landscapes())
def test_a_dependant_starts_after_and_stops_before_all_that_it_needs(
    landscape: tuple[DesiredState, ObservedState],
) -> None:
    described, seen = landscape
    for verb in (Verb.STARTUP, Verb.SHUTDOWN):
        made = plan(verb, described, seen, *every_name(described))
        earlier: dict[int, set[int]] = {}
        for step in made.steps:
            earlier[step.id] = set(step.before).union(*(earlier[each] for each in step.before))
        kind = StartContainer if verb is Verb.STARTUP else StopContainer
        steps = {step.resource: step.id for step in made.steps if isinstance(step.action, kind)}
        for resource, number in steps.items():
            below = described.forward([resource])
            for other in below:
                if other == resource or other.kind is not ResourceKind.CONTAINER:
                    continue
                if other in steps and verb is Verb.STARTUP:
                    assert steps[other] in earlier[number]
                if other in steps and verb is Verb.SHUTDOWN:
                    assert number in earlier[steps[other]]
