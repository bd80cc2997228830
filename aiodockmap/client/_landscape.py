"""What a registered action sees of the containers that it is about, and the steps that it can ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs
from attrs import field, frozen

from ..errors import ActionTypeError, OptionError, PlanningError
from ..model import ResourceId, ResourceKind
from ..plan import (
    Action,
    ContainerCoroutine,
    Delay,
    ProposedStep,
    RemoveContainer,
    RunCoroutine,
    RunExec,
    SignalContainer,
    StartContainer,
    StopContainer,
)
from ..state import DesiredContainer, DesiredState, ExecSpec
from ._status import ContainerStatus

After = Iterable[ProposedStep]


@frozen(kw_only=True)
class Landscape:
    """The containers that an action is about, as they were seen; makes steps for them.

    Steps on one container happen in the order in which they are proposed, those on different ones side by
    side; `after` names steps that have to succeed first. `why` is shown with the step.
    """

    action: str
    """The name of the action that asks."""
    containers: tuple[ContainerStatus, ...]
    """All on the path of the action, in the order in which they come; absent ones are among them."""
    selected: tuple[ContainerStatus, ...]
    """Those of them that the caller selected."""
    _desired: DesiredState = field(repr=False)

    def needed_by(self, container: ContainerStatus) -> tuple[ContainerStatus, ...]:
        """The containers on the path that a container depends on directly."""
        needed = {each.on for each in self._desired.dependencies(self._known(container).id)}
        return tuple(each for each in self.containers if each.id in needed)

    def start(self, container: ContainerStatus, why: str, *, after: After = ()) -> ProposedStep:
        """Start it; the step fails if it dies at once."""
        action = StartContainer(id=self._existing(container, "start"))
        return self._step(container, action, why, after)

    def stop(
        self,
        container: ContainerStatus,
        why: str,
        *,
        timeout: int | None = None,
        after: After = (),
    ) -> ProposedStep:
        """Stop it as the map says, or with so many seconds of grace."""
        policy = self._known(container).stop
        if timeout is not None:
            policy = attrs.evolve(policy, grace=timeout)
        action = StopContainer(id=self._existing(container, "stop"), policy=policy)
        return self._step(container, action, why, after)

    def signal(
        self,
        container: ContainerStatus,
        why: str,
        *,
        signal: str | None = None,
        after: After = (),
    ) -> ProposedStep:
        """Send it a signal, SIGKILL if None."""
        action = SignalContainer(id=self._existing(container, "signal"), signal=signal)
        return self._step(container, action, why, after)

    def exec(
        self,
        container: ContainerStatus,
        why: str,
        command: Sequence[str],
        *,
        user: str | None = None,
        after: After = (),
    ) -> ProposedStep:
        """Run a command inside it, to its end, whatever its exit code is."""
        if isinstance(command, str):
            raise OptionError(f"{self.action}: a command is a sequence of arguments, not one text")
        self._existing(container, "exec")
        action = RunExec(command=ExecSpec(argv=tuple(command), user=user))
        return self._step(container, action, why, after)

    def wait(
        self, container: ContainerStatus, why: str, seconds: float, *, after: After = ()
    ) -> ProposedStep:
        """Wait for so many seconds, after what is done to the container before."""
        return self._step(container, Delay(seconds=seconds), why, after)

    def remove(self, container: ContainerStatus, why: str, *, after: After = ()) -> ProposedStep:
        """Remove it; it must not run by then. Its volumes stay."""
        action = RemoveContainer(id=self._existing(container, "remove"))
        return self._step(container, action, why, after)

    def run(
        self,
        container: ContainerStatus,
        why: str,
        coroutine: ContainerCoroutine,
        *,
        options: Mapping[str, object] | None = None,
        after: After = (),
    ) -> ProposedStep:
        """Run a coroutine of your own, which gets a `ContainerHandle`; also if there is no container."""
        known = self._known(container)
        action = RunCoroutine(
            name=self.action,
            run=coroutine,
            item=known.item,
            stop=known.stop,
            options=dict(options or {}),
        )
        return self._step(container, action, why, after)

    def _step(
        self, container: ContainerStatus, action: Action, why: str, after: After
    ) -> ProposedStep:
        resource = self._known(container).id
        earlier = (after,) if isinstance(after, ProposedStep) else tuple(after)
        return ProposedStep(resource=resource, action=action, why=why, after=earlier)

    def _known(self, container: ContainerStatus) -> DesiredContainer:
        if not isinstance(container, ContainerStatus):
            raise ActionTypeError(
                f"{self.action}: steps are for containers of the landscape, not for {container!r}"
            )
        return self._desired.containers[container.id]

    def _existing(self, container: ContainerStatus, step: str) -> str:
        self._known(container)
        if container.container_id is None:
            raise PlanningError(f"{self.action}: cannot {step} {container.id}: it does not exist")
        return container.container_id


def only_containers(action: str, resources: Iterable[ResourceId]) -> None:
    """Make sure that an action is asked of containers only.

    Raises:
        ActionTypeError: naming the action and what it was asked of (ERR-5).
    """
    others = [each for each in resources if each.kind is not ResourceKind.CONTAINER]
    if others:
        raise ActionTypeError(
            f"{action!r} is an action on containers, not on {', '.join(map(str, others))}"
        )
