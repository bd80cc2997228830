"""Actions that a caller registers: a function that plans, a coroutine per container, a composition (CALL)."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final, TypeAlias

from attrs import field, frozen

from ..errors import OptionError
from ..model import MapItem, nearest
from ..plan import ContainerCoroutine, Direction, ProposedStep, Verb, parse_options

Planner: TypeAlias = Callable[..., Iterable[ProposedStep]]
"""A pure function of a `Landscape`, and keyword arguments of its own."""


Part: TypeAlias = tuple[str, Mapping[str, object]]
"""An action by its name, and its options."""


def _parts(written: Iterable[object]) -> tuple[Part, ...]:
    return tuple(_part(each) for each in written)


def _part(written: object) -> Part:
    match written:
        case str(name):
            return name, {}
        case (str(name), Mapping() as options):
            return name, dict(options)
        case _:
            raise OptionError("a part of a CompositeAction is a name, or a name and its options")


@frozen
class PlannedAction:
    """An action that is one function from the states of containers to steps (CALL-2).

    The function looks at nothing but what it is given, and changes nothing: it is called for plans that are
    merely shown as well. Keyword arguments of the call are its own.
    """

    propose: Planner
    direction: Direction = Direction.ITEM
    """Which containers it sees: the selected ones, also those that they need, or that need them."""


@frozen
class ContainerAction:
    """An action that is a coroutine for each selected container that exists, side by side (CALL-2).

    It gets a `ContainerHandle`, and the keyword arguments of the call. What it returns is in
    `report.results`; what it raises is a failed step, and holds nobody else up. `Limits.custom` says how
    many may be under way on an engine. It may carry out other actions of the client, which work on its own
    container, too; it does not count as under way while it waits for them. Two that wait for each other's
    containers are a failed step (`ResourceConflict`), as neither would ever get there.
    """

    run: ContainerCoroutine


@frozen
class CompositeAction:
    """Several actions, carried out one after the other; each looks at the engines when it is its turn.

    A part is a name, or a name and its options: `CompositeAction(["pull_images", ("update", {...})])`. The
    first part that fails is the last one that is begun.
    """

    parts: tuple[Part, ...] = field(converter=_parts)


@frozen
class ConfigurationAction:
    """A method `(map name, configuration name, instances, **keywords)`, for each selected configuration.

    That is the form of docker-map's policy classes (CALL-3), as a coroutine; `method_actions` finds them.
    `instances` are the selected ones, or None for a configuration without.
    """

    run: Callable[..., Awaitable[object]]


CustomAction: TypeAlias = PlannedAction | ContainerAction | CompositeAction | ConfigurationAction


_SUFFIX: Final = "_action"


def method_actions(policy: object) -> dict[str, CustomAction]:
    """The actions that an object has as methods `<name>_action`, for `MapClient(actions=...)` (CALL-3).

    Raises:
        OptionError: for such a method that is no coroutine.
    """
    return {
        name.removesuffix(_SUFFIX): ConfigurationAction(_coroutine(name, getattr(policy, name)))
        for name in dir(policy)
        if name.endswith(_SUFFIX) and not name.startswith("_") and callable(getattr(policy, name))
    }


@frozen(kw_only=True)
class KnownActions:
    """The actions of a client: the built-in ones, and those that were registered."""

    custom: Mapping[str, CustomAction] = field(factory=dict)

    @classmethod
    def of(cls, actions: Mapping[str, CustomAction] | None) -> KnownActions:
        """Check what is registered.

        Raises:
            OptionError: with everything that is wrong.
        """
        if not isinstance(actions or {}, Mapping):
            raise OptionError(f"actions is a mapping, not a {type(actions).__name__}")
        known = cls(custom=dict(actions or {}))
        problems = [
            f"actions[{name!r}]: {problem}"
            for name, action in known.custom.items()
            for problem in known._problems(name, action)
        ]
        if problems:
            raise OptionError("\n".join(problems))
        return known

    def find(self, name: object) -> Verb | CustomAction:
        """What is meant by a name.

        Raises:
            OptionError: naming all that there are (CALL-4).
        """
        if isinstance(name, str) and name in self.custom:
            return self.custom[name]
        try:
            return Verb(name)
        except ValueError:
            guess = nearest(str(name), self._names())
            hint = f" (did you mean {guess!r}?)" if guess else ""
            known = ", ".join(self._names())
            raise OptionError(f"no action is named {name!r}; known: {known}{hint}") from None

    def _names(self) -> tuple[str, ...]:
        return (*(verb.value for verb in Verb), *sorted(self.custom))

    def _problems(self, name: object, action: object) -> Iterable[str]:
        if not isinstance(name, str) or not name:
            yield "the name of an action is a text"
        elif name in {verb.value for verb in Verb}:
            yield "is a built-in action, which others rely on; choose another name"
        match action:
            case ContainerAction(run=run) | ConfigurationAction(run=run):
                if not _is_coroutine(run):
                    yield f"{_named(run)} is no coroutine function"
            case PlannedAction(propose=propose):
                if _is_coroutine(propose) or not callable(propose):
                    yield f"{_named(propose)} is no plain function"
            case CompositeAction(parts=parts):
                yield from self._problems_of_parts(str(name), parts)
            case _:
                yield (
                    "wrap it into PlannedAction, ContainerAction or CompositeAction; "
                    f"a {type(action).__name__} does not say which it is"
                )

    def _problems_of_parts(self, name: str, parts: tuple[Part, ...]) -> Iterable[str]:
        if not parts:
            yield "has no parts"
        for part, options in parts:
            try:
                found = self.find(part)
                if isinstance(found, Verb):
                    check_keywords(found, options)
                else:
                    bind_options(part, found, options)
            except OptionError as wrong:
                yield str(wrong)
        if self._reaches(name, name):
            yield "is a part of itself"

    def _reaches(self, start: str, target: str) -> bool:
        pending, seen = [start], set[str]()
        while pending:
            action = self.custom.get(pending.pop())
            for part, _ in action.parts if isinstance(action, CompositeAction) else ():
                if part == target:
                    return True
                if part not in seen:
                    seen.add(part)
                    pending.append(part)
        return False


def check_keywords(verb: Verb, options: Mapping[str, object]) -> None:
    """Check the options of a built-in action as far as that goes without a map.

    Raises:
        OptionError: for one that the action does not take.
    """
    if verb not in {Verb.CREATE, Verb.START}:
        rest = {name: value for name, value in options.items() if name != "force_update"}
        parse_options(verb, rest if verb is Verb.UPDATE else options)


def bind_options(name: str, action: CustomAction, options: Mapping[str, object]) -> None:
    """Make sure that a registered function takes these keyword arguments, before anything is done.

    Raises:
        OptionError: if it does not, or lacks some.
    """
    match action:
        case PlannedAction(propose=function):
            positional = 1
        case ContainerAction(run=function):
            positional = 1
        case ConfigurationAction(run=function):
            positional = 3
        case CompositeAction():
            if options:
                raise OptionError(
                    f"{name!r} takes no option {next(iter(options))!r}: "
                    "those of its parts are given where it is registered"
                )
            return
    try:
        inspect.signature(function).bind(*[None] * positional, **options)
    except TypeError as wrong:
        raise OptionError(f"{name!r}: {wrong}") from None


def by_configuration(
    items: Iterable[MapItem],
) -> dict[tuple[str, str], tuple[str, ...] | None]:
    """The selected instances of each configuration; None for one without instances."""
    found: dict[tuple[str, str], list[str]] = {}
    for item in items:
        instances = found.setdefault((item.map_name, item.name), [])
        if item.instance is not None and item.instance not in instances:
            instances.append(item.instance)
    return {key: tuple(instances) or None for key, instances in found.items()}


def _is_coroutine(function: object) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004  # to look at it, not to ask whether it is there
    )


def _coroutine(
    name: str, function: Callable[..., Awaitable[object]]
) -> Callable[..., Awaitable[object]]:
    if not _is_coroutine(function):
        raise OptionError(f"{name} is no coroutine: write `async def {name}(...)`")
    return function


def _named(function: object) -> str:
    return getattr(function, "__qualname__", type(function).__name__)
